"""Files that are damaged in one way each; a `Make` writes one into a folder."""

import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.ingest.layers import cut, points, write, zipped
from tests.sketch import frame

Make = Callable[[Path], Path]


def features(*geometries: Any, **properties: Any) -> str:
    found = [{"type": "Feature", "properties": properties, "geometry": geometry} for geometry in geometries]
    return json.dumps({"type": "FeatureCollection", "features": found})


def place(*lonlat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": lonlat}


def text(name: str, content: str | bytes) -> Make:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder / name

    return make


def shapes(name: str, found: list[Any], crs: int | None = None, **columns: list[Any]) -> Make:
    return lambda folder: write(folder / name, found, crs, **columns)


def lamp_files(name: str, marks: str = "13") -> Make:
    return shapes(name, points(marks), CODE=[f"L{mark}" for mark in marks])


def two_in_one(folder: Path) -> Path:
    for name in ("lamps.shp", "signs.shp"):
        (folder / "both").mkdir(exist_ok=True)
        write(folder / "both" / name, points("13"))
    return zipped(folder / "both.zip", folder / "both")


def layers_in_one(folder: Path) -> Path:
    for layer in ("lamps", "signs"):
        frame(points("13")).to_file(folder / "town.gpkg", layer=layer)
    return folder / "town.gpkg"


def docx(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "report.zip", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    return folder / "report.zip"


def locked(folder: Path) -> Path:
    """The first file's bit 0 of the flags says that it is encrypted, in both headers."""
    file = lamp_files("lamps.zip")(folder)
    content = bytearray(file.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := content.find(mark, start + 1)) >= 0:
            content[start + at] |= 1
    file.write_bytes(content)
    return file


def scratched(folder: Path) -> Path:
    """Bytes in the midst of a zip's first member are wrong."""
    file = lamp_files("lamps.zip", "12345678")(folder)
    content = bytearray(file.read_bytes())
    content[60:80] = bytes(20)
    file.write_bytes(content)
    return file


def other_table(folder: Path) -> Path:
    file = lamp_files("lamps.zip")(folder)
    write(folder / "others.shp", points("135"), CODE=["A", "B", "C"])
    (folder / "others.dbf").replace(folder / "lamps" / "lamps.dbf")
    return zipped(file, folder / "lamps")


def cut_part(suffix: str) -> Make:
    def make(folder: Path) -> Path:
        file = lamp_files("lamps.shp", "12345678")(folder)
        cut(file.with_suffix(suffix), 0.5)
        return file

    return make


class GbkInfo(zipfile.ZipInfo):
    """A member whose name is written as Chinese Windows does."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  the name that zipfile gives it
        return self.filename.encode("gbk"), self.flag_bits


def named_in_gbk(folder: Path) -> Path:
    write(folder / "lamps.shp", points("1"))
    with zipfile.ZipFile(folder / "lamps.zip", "w") as archive:
        for suffix in (".shp", ".dbf", ".prj"):
            archive.writestr(GbkInfo(f"涪城区/路灯{suffix}"), (folder / f"lamps{suffix}").read_bytes())
    return folder / "lamps.zip"


def column_twice(folder: Path) -> Path:
    file = shapes("lamps.shp", points("1"), NAMEA=["a"], NAMEB=["b"])(folder)
    table = file.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace(b"NAMEB", b"NAMEA"))
    return file


def empty_prj(folder: Path) -> Path:
    file = lamp_files("lamps.shp")(folder)
    file.with_suffix(".prj").write_text("")
    return file


def local_crs(folder: Path) -> Path:
    file = lamp_files("lamps.shp")(folder)
    file.with_suffix(".prj").write_text('LOCAL_CS["site",UNIT["metre",1],AXIS["x",EAST],AXIS["y",NORTH]]')
    return file


def no_spatial_layer(folder: Path) -> Path:
    file = layers_in_one(folder)
    with sqlite3.connect(file) as store:
        store.execute("UPDATE gpkg_contents SET data_type = 'attributes'")
        store.execute("DELETE FROM gpkg_geometry_columns")
    store.close()
    return file


def broken_bytes(folder: Path) -> Path:
    """In UTF-8, but for a byte in the second name that belongs to no character."""
    file = shapes("lamps.shp", points("123"), NAME=["东街路口", "西街路口", "南街路口"])(folder)
    table = file.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace("西".encode(), b"\xe8\xff\xbf"))
    return file


def pointing_elsewhere(folder: Path) -> Path:
    write(folder / "secret.gpkg", points("1"))
    vrt = (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{folder}/secret.gpkg</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    return text("lamps.geojson", vrt)(folder)
