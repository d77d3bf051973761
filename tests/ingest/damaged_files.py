"""Files whose text, tables or coordinates are not what they seem: those that can be read, and those that are not."""

import json
import sqlite3
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pyogrio
import shapely
from pyproj import CRS

from gridsvc.domain.crs import project, unproject
from gridsvc.ingest.layers import Layer
from tests.ingest.damage import features, place
from tests.ingest.damaged import Damaged, Expected, spot
from tests.ingest.layers import lamps, write, zipped
from tests.ingest.sources.made import Field, dbf, packed, workbook
from tests.ingest.sources.made import points as shp_and_shx
from tests.sketch import SRID, frame, to_degrees

PRJ = CRS.from_epsg(SRID).to_wkt("WKT1_ESRI").encode()
NAMES = ("东街路口", "西街路口", "公园北门")
PLACED = lamps(fields={"position": "NAME"})
CODED = lamps(fields={"code": "NAME"})


def shapefile(
    cells: Sequence[bytes], *, cpg: str = "", ldid: int = 0, fields: Sequence[Field] = ((b"NAME", "C", 24, 0),),
    deleted: Sequence[int] = (),
) -> Callable[[Path], Path]:  # fmt: skip
    """Zipped, of lamps that stand apart, with these bytes in its table."""
    shp, shx = shp_and_shx([spot(n).coords[0] for n in range(1, len(cells) + 1)])
    table = bytearray(dbf(fields, [[cell] for cell in cells], deleted))
    table[29] = ldid
    parts = {".shp": shp, ".shx": shx, ".dbf": bytes(table), ".prj": PRJ} | ({".cpg": cpg.encode()} if cpg else {})
    return lambda folder: packed(folder / "lamps.zip", {f"lamps{suffix}": part for suffix, part in parts.items()})


def coded(encoding: str, names: Sequence[str] = NAMES) -> list[bytes]:
    return [name.encode(encoding) for name in names]


def noted(
    damage: str, words: str, make: Callable[[Path], Path], layer: Layer = PLACED, reads: tuple[str, ...] = ()
) -> Damaged:
    found = Expected(damage=damage, rule="reading", severity="note", words=words)
    return Damaged(name=damage.replace(" ", "-"), make=make, layer=layer, found=(found, *UNNAMED), reads=reads)


def written(damage: str, words: str, encoding: str, names: tuple[str, ...] = NAMES, **declared: Any) -> Damaged:
    """A shapefile in an encoding; what it declares is another thing."""
    return noted(damage, words, shapefile(coded(encoding, names), **declared), reads=names)


UNNAMED = (Expected(damage="no authority", rule="attributes_given", severity="warning", words="authority"),)
UNPLACED = (*UNNAMED, Expected(damage="no position", rule="attributes_given", severity="warning", words="position"))


def stray_table(folder: Path) -> Path:
    file = shapefile(coded("utf-8"), cpg="UTF-8")(folder)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("others.dbf", dbf([(b"NAME", "C", 10, 0)], [[b"x"]]))
    return file


def table_without_shapes(folder: Path) -> Path:
    frame([spot(1)], NAME=["东街"]).to_file(folder / "town.gpkg", layer="lamps")
    pyogrio.write_dataframe(pandas.DataFrame({"NAME": ["东街"]}), folder / "town.gpkg", layer="list")
    return folder / "town.gpkg"


def table(name: str, *lines: str, encoding: str = "utf-8") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_text("\n".join(lines), encoding=encoding)
        return folder / name

    return make


def sheet(*lines: Sequence[Any]) -> Callable[[Path], Path]:
    return lambda folder: workbook(folder / "lamps.xlsx", 灯=lines)


def remarked(*remarks: str) -> Callable[[Path], Path]:
    """A GeoPackage with a column that nobody maps."""
    spots = [spot(n) for n in range(1, len(remarks) + 1)]
    return lambda folder: write(folder / "lamps.gpkg", spots, NAME=["东街"] * len(spots), DESCRIPTIO=list(remarks))


def spoilt(damage: str, rule: str, words: str, *remarks: str) -> Damaged:
    found = Expected(damage=damage, rule=rule, severity="warning", words=words)
    make = remarked(*remarks)
    return Damaged(name=damage.replace(" ", "-"), make=make, layer=PLACED, found=(found, *UNNAMED))


IN_METRES = lamps(fields={"position": "NAME"}, crs=f"EPSG:{SRID}")
X, Y = (round(number, 2) for number in spot(1).coords[0])

READ = [
    written("UTF-8 that says GBK", "the bytes are UTF-8", "utf-8", cpg="GBK"),
    written("GBK that says UTF-8", "the bytes are GB18030", "gbk", cpg="UTF-8"),
    written("UTF-8 with the language byte of GBK", "the bytes are UTF-8", "utf-8", ldid=0x4D),
    written("GBK that says nothing", "No encoding is declared", "gbk"),
    written("Big5 that says nothing", "Big5", "big5", ("東街路口照明燈", "公園北門廣場", "國際機場")),
    written("an encoding that does not exist", "names no encoding", "utf-8", cpg="KLINGON"),
    noted("rows marked as deleted", "1 rows of the table are marked as deleted",
          shapefile(coded("utf-8"), cpg="UTF-8", deleted=[1])),
    noted("characters cut at the width of a column", "2 texts of the column 'NAME' end in the midst of a character",
          shapefile([name.encode()[:10] for name in NAMES[:2]], cpg="UTF-8", fields=[(b"NAME", "C", 10, 0)]),
          reads=tuple(name[:3] for name in NAMES[:2])),
    noted("a table that belongs to no shapefile", "others.dbf", stray_table),
    noted("a table without shapes in a GeoPackage", "list", table_without_shapes),
    noted("northings under X", "holds northings", table("lamps.csv", "NAME,X,Y", f"东街,{Y},{X}"), IN_METRES),
    spoilt("HTML in a column that is not mapped", "text_plain", "the column 'DESCRIPTIO' holds HTML in 1 of",
           "fine", "Hydrant<p align=center><b>Not In Service</b>"),
    spoilt("UTF-8 read as GBK before", "text_misread", "2 of the features", "涓滆璺彛", "鍏洯鍖楅棬"),
    spoilt("UTF-8 read as Latin-1 before", "text_misread", "'CafÃ©'", "CafÃ©", "Café"),
    spoilt("question marks in a column that is not mapped", "text_lost", "'????'", "????", "why?"),
    spoilt("bytes of no character in a column that is not mapped", "rest_readable", "the column", "东\ufffd街", "好"),
    Damaged(
        name="codes-in-a-number-column", make=shapefile([b"5107030137000001"], fields=[(b"NAME", "N", 18, 0)]),
        layer=CODED,
        found=(Expected(damage="codes in a number column", rule="reading", severity="note", words="wide enough"),
               *UNPLACED),
    ),
    Damaged(
        name="words-in-a-number-column", make=shapefile([b"12", b"twelve"], fields=[(b"NAME", "N", 8, 0)]), layer=CODED,
        found=(Expected(damage="words in a number column", rule="reading", severity="note", words="are no numbers"),
               *UNPLACED),
    ),
    Damaged(
        name="codes-rounded-by-a-spreadsheet",
        make=shapefile([b"510703013700%d000" % n for n in range(100, 106)]), layer=CODED,
        found=(Expected(damage="codes rounded by a spreadsheet", rule="code_rounded", severity="error", words="all 6"),
               *UNPLACED),
    ),
    Damaged(
        name="no-coordinates",
        make=table("lamps.csv", "NAME,X,Y", f"东街,{X},{Y}", "西街,,", "南街,unknown,31°28′"), layer=IN_METRES,
        found=(Expected(damage="row without coordinates", rule="has_shape", severity="error", feature=2),
               Expected(damage="coordinates that are no numbers", rule="has_shape", severity="error", feature=3),
               *UNNAMED),
    ),
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A file that nobody can use before something is said about it; `words` is a regular expression."""

    damage: str
    make: Callable[[Path], Path]
    words: str
    layer: Layer = PLACED


def in_numbers(name: str, turn: Callable[[Any], Any], declared: int | None = SRID) -> Callable[[Path], Path]:
    """Lamps all over the town, whose coordinates are not in what the file declares."""
    spots = shapely.transform(np.array([spot(n) for n in range(1, 61)]), turn)

    def make(folder: Path) -> Path:
        made = frame(spots, NAME=[f"第{n}盏" for n in range(60)]).set_crs(declared, allow_override=True)
        made.to_file(folder / name, encoding="utf-8")
        return folder / name

    return make


def to(srid: int) -> Callable[[Any], Any]:
    return lambda xy: np.column_stack(project(srid, *unproject(SRID, *xy.T)))


def times(factor: float) -> Callable[[Any], Any]:
    return lambda xy: np.asarray(xy) * factor


def without_prj(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        file = make(folder)
        file.with_suffix(".prj").unlink()
        return file

    return made


def of_systems(lamps: int, signs: int | None, astray: float = 0) -> Callable[[Path], Path]:
    """Two layers in one zip: the signs without a .prj where no system is given, and so many metres away."""

    def make(folder: Path) -> Path:
        (folder / "both").mkdir()
        write(folder / "both" / "lamps.shp", [spot(1)], lamps, NAME=["东街"])
        east = shapely.transform(spot(1), lambda xy: np.add(xy, (astray, 0)))
        file = write(folder / "both" / "signs.shp", [east], signs, NAME=["东街"])
        if signs is None:
            file.with_suffix(".prj").unlink()
        return zipped(folder / "both.zip", folder / "both")

    return make


def nested(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "outer.zip", "w") as archive:
        archive.write(shapefile(coded("utf-8"))(folder), "inner/lamps.zip")
    return folder / "outer.zip"


def view(folder: Path) -> Path:
    """Its only layer is a question to another table."""
    file = folder / "town.gpkg"
    frame([spot(1)], NAME=["东街"]).to_file(file, layer="lamps")
    with sqlite3.connect(file) as store:
        store.executescript(
            "CREATE VIEW seen AS SELECT * FROM lamps;"
            "PRAGMA legacy_alter_table = ON;"
            "UPDATE gpkg_contents SET table_name = 'seen', identifier = 'seen';"
            "UPDATE gpkg_geometry_columns SET table_name = 'seen'"
        )
    store.close()
    return file


LON, LAT = to_degrees(X, Y)
ZONE_108, BEIJING, WEB = 4545, 2432, 3857
REFUSED = [
    Refused(
        damage="prj of another zone", make=in_numbers("x.shp", times(1.0), ZONE_108),
        words=r"declared zone seems to be wrong: central meridian 108° where the data is in 105°.*--crs EPSG:4544",
    ),
    Refused(
        damage="no prj, and numbers of the neighbouring zone", make=without_prj(in_numbers("x.shp", to(ZONE_108))),
        words=r"x\.prj is missing or empty: .* It may be: CGCS2000 3° Gauss-Krüger, CM 108°E \(EPSG:4545\)",
    ),
    Refused(
        damage="no prj, and numbers of the web's maps", make=without_prj(in_numbers("x.shp", to(WEB))),
        words=r"x\.prj is missing or empty: .*Pseudo-Mercator \(EPSG:3857\).*--crs EPSG:3857",
    ),
    Refused(
        damage="feet read as metres", make=in_numbers("x.gpkg", times(1 / 0.3048)),
        words=r"numbers in international feet .*--crs EPSG:4544 --turn feet",
    ),
    Refused(
        damage="feet of the US survey", make=in_numbers("x.gpkg", times(3937 / 1200)),
        words=r"--crs EPSG:4544 --turn us-feet",
    ),
    Refused(
        damage="metres that say degrees", make=in_numbers("x.gpkg", times(1.0), 4490),
        words=r"It may be: CGCS2000 3° Gauss-Krüger, CM 105°E \(EPSG:4544\) \(--crs EPSG:4544\)",
    ),
    Refused(
        damage="degrees that say metres", make=in_numbers("x.gpkg", to(4490)),
        words=r"3,511 km away; .*It may be: .*--crs EPSG:4490",
    ),
    Refused(
        damage="eastings with the number of the zone, which the prj lacks",
        make=in_numbers("x.gpkg", lambda xy: np.add(xy, (35_000_000.0, 0.0))), words=r"--crs EPSG:4523",
    ),
    Refused(
        damage="layers in different systems", make=of_systems(SRID, 4490),
        words=r"in different coordinate systems \(CGCS2000_3_Degree_GK_CM_105E: lamps; "
        r"GCS_China_Geodetic_Coordinate_System_2000: signs\)",
    ),
    Refused(
        damage="layers of which one does not say its system", make=of_systems(SRID, None),
        words=r"in different coordinate systems \(CGCS2000_3_Degree_GK_CM_105E: lamps; not said: signs\)",
    ),
    Refused(
        damage="layers of which one is elsewhere", make=of_systems(SRID, SRID, astray=30_000),
        words=r"layer signs: 0% of 1 sampled points lie in the city",
    ),
    Refused(
        damage="table that does not say its system", make=table("x.csv", "NAME,经度,纬度", f"东街,{LON},{LAT}"),
        words=r"does not say its coordinate system.*It may be: .*--crs EPSG:4490",
    ),
    Refused(
        damage="table without coordinates", make=table("x.csv", "NAME,街道", "东街,城厢街道"),
        words="coordinate",
    ),
    Refused(
        damage="Excel codes rounded",
        make=sheet(["NAME", "X", "Y"], *([5107030137000000 + n * 10, X, Y] for n in (1, 7))),
        words="a long code that Excel rounded to 15 digits", layer=CODED,
    ),
    Refused(
        damage="codes as powers of ten in a CSV", make=table("x.csv", "NAME,X,Y", f"5.10703E+15,{X},{Y}"),
        words=r"holds 5\.10703E\+15, a long code that Excel rounded", layer=CODED,
    ),
    Refused(
        damage="row with more values than columns", make=table("x.csv", "NAME,X,Y", f"东街,{X},{Y}", f"西,街,{X},{Y}"),
        words="line 3 has 4 values where the header has 3",
    ),
    Refused(
        damage="table with bytes of no text", make=table("x.csv", "NAME,X,Y", f"东\0街,{X},{Y}"),
        words="NUL, which no text",
    ),
    Refused(damage="table of nothing", make=table("x.csv", "", ""), words="no header and no rows"),
    Refused(
        damage="geometry of nothing", make=table("x.geojson", json.dumps(place(LON, LAT))),
        words=r"it is a bare geometry \(Point\) without properties",
    ),
    Refused(damage="zip in a zip", make=nested, words="the archive holds another archive"),
    Refused(damage="layer that is a question to others", make=view, words="it holds no layer with shapes"),
    Refused(
        damage="part of a server's answer",
        make=table("x.geojson", features(place(LON, LAT))[:-1] + ', "exceededTransferLimit": true}'),
        words="sent only part of the features",
    ),
]  # fmt: skip
