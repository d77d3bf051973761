"""Whatever is wrong with a file, one message names file, feature and cause, and the current rows stay as they were."""

import math
from pathlib import Path

import pytest
import shapely

from gridsvc.errors import ConflictError, FileError, GridsvcError, InputError
from gridsvc.ingest.layers import COMPONENTS, Layer, find_layer, with_choices
from gridsvc.store import areas, batches, components
from gridsvc.store.city import City, subclasses
from gridsvc.store.connection import Connection
from tests.ingest.damage import (
    Make,
    broken_bytes,
    column_twice,
    cut_part,
    docx,
    empty_prj,
    features,
    lamp_files,
    layers_in_one,
    local_crs,
    locked,
    named_in_gbk,
    no_spatial_layer,
    other_table,
    place,
    pointing_elsewhere,
    scratched,
    shapes,
    text,
    two_in_one,
)
from tests.ingest.layers import CAR_PARK, FLOOD_WALL, TOWN, bring, cut, lamps, points, without, write, zipped
from tests.sketch import to_degrees

CODED = lamps(fields={"code": "CODE"})
WALLS = Layer(layer=FLOOD_WALL, target=COMPONENTS, constants={"subclass": FLOOD_WALL})
GRIDS = Layer(layer="responsibility_grid", target="responsibility_grid", fields={"code": "CODE"})
BOW_TIE = TOWN.polygon("1627")


LON, LAT = to_degrees(*TOWN.xy("1"))
HERE = place(LON, LAT)
NO_PRJ = r"lamps\.prj is missing or empty: .*It may be: CGCS2000 3° Gauss-Krüger, CM 105°E .*\(--crs EPSG:4544\); Xi'an"
FILES = [
    pytest.param(lambda f: without(lamp_files("lamps.zip")(f), ".shx"), r"lamps\.shx is missing", id="no-shx-zip"),
    pytest.param(lambda f: without(lamp_files("lamps.shp")(f), ".shx"), r"lamps\.shx is missing", id="no-shx"),
    pytest.param(lambda f: without(lamp_files("lamps.zip")(f), ".prj"), NO_PRJ, id="no-prj-zip"),
    pytest.param(lambda f: without(lamp_files("lamps.shp")(f), ".prj"), NO_PRJ, id="no-prj"),
    pytest.param(lambda f: without(lamp_files("lamps.zip")(f), ".dbf"), r"lamps\.dbf is missing", id="no-dbf-zip"),
    pytest.param(lambda f: without(lamp_files("lamps.shp")(f), ".dbf"), r"lamps\.dbf is missing", id="no-dbf"),
    pytest.param(named_in_gbk, r"路灯\.shx is missing", id="names-in-gbk"),
    pytest.param(column_twice, "it has more than one column 'NAMEA'", id="column-twice"),
    pytest.param(empty_prj, NO_PRJ, id="empty-prj"),
    pytest.param(local_crs, "site is a local system .*: it needs its PROJ string", id="local-crs"),
    pytest.param(cut_part(".shp"), r"lamps\.shp has \d+ of 324 bytes: it was cut off", id="cut-shp"),
    pytest.param(cut_part(".shx"), r"lamps\.shx has \d+ of 164 bytes", id="cut-shx"),
    pytest.param(cut_part(".dbf"), r"lamps\.dbf has \d+ of \d+ bytes", id="cut-dbf"),
    pytest.param(other_table, r"2 shapes and lamps\.dbf 3 rows: these parts do not belong together", id="other-dbf"),
    pytest.param(text("lamps.zip", b""), r"the file is empty \(0 bytes\)", id="no-bytes"),
    pytest.param(text("lamps.geojson", features()), "it holds no features", id="no-features-geojson"),
    pytest.param(shapes("lamps.gpkg", []), "it holds no features", id="no-features-gpkg"),
    pytest.param(lambda f: cut(lamp_files("lamps.zip")(f)), "not a complete zip archive", id="cut-zip"),
    pytest.param(scratched, "the zip archive is damaged", id="scratched-zip"),
    pytest.param(locked, "locked with a password", id="locked-zip"),
    pytest.param(text("lamps.zip", "not a zip at all"), "not a complete zip archive", id="text-as-zip"),
    pytest.param(docx, r"holds 0 shapefiles .* it holds \[Content_Types\]\.xml", id="docx-as-zip"),
    pytest.param(text("report.docx", b"PK\x03\x04"), r"files that end in \.docx cannot be imported", id="docx"),
    pytest.param(text("lamps", b"abc"), r"files that end in \(nothing\) cannot", id="no-suffix"),
    pytest.param(text("lamps.gpkg", b"%PDF-1.7 ..."), r"it is not a \.gpkg file, .*PDF", id="pdf-as-gpkg"),
    pytest.param(text("lamps.geojson", b"\x89PNG\r\n\x1a\n..."), r"it is not a \.geojson file", id="png-as-geojson"),
    pytest.param(text("lamps.geojson", '{"name": "x"}'), "its type is not named", id="other-json"),
    pytest.param(pointing_elsewhere, r"it is not a \.geojson file", id="file-that-points-at-another"),
    pytest.param(lambda f: cut(lamp_files("lamps.gpkg")(f)), "cannot be opened as .gpkg", id="cut-gpkg"),
    pytest.param(lambda f: cut(lamp_files("lamps.geojson")(f)), "cannot be opened|cut off", id="cut-geojson"),
    pytest.param(layers_in_one, "it holds 2 layers, name one of them .*: lamps, signs", id="two-layers"),
    pytest.param(no_spatial_layer, "it holds no layer with shapes", id="no-spatial-layer"),
    pytest.param(
        text("x.geojson", features(place(LON + 1, LAT))),
        "the others 94 km away; .* nothing is assumed$",
        id="elsewhere",
    ),
    pytest.param(
        text("x.geojson", features(place(LAT, LON))),
        r"WGS 84 \(EPSG:4326\), its two numbers swapped .*"
        r"\(--crs EPSG:4326 --turn swapped\)",
        id="all-swapped",
    ),
    pytest.param(
        lambda f: write(f / "x.gpkg", [shapely.Point(TOWN.xy("1")[::-1])]),
        r"CM 105°E \(EPSG:4544\), its two numbers swapped .*\(--crs EPSG:4544 --turn swapped\)",
        id="all-swapped-metres",
    ),
]


@pytest.mark.parametrize(("make", "cause"), FILES)
def test_a_file_that_cannot_be_used(ready: Connection, town: City, tmp_path: Path, make: Make, cause: str) -> None:
    refused(ready, town, make(tmp_path), lamps(), cause)


FEATURES = [
    pytest.param(shapes("x.zip", [TOWN.polygon("126")]), lamps(), 1, "it is a Polygon, .* asks for point", id="type"),
    pytest.param(shapes("x.zip", points("12")), GRIDS, None, "no column 'CODE' for code", id="no-column"),
    pytest.param(shapes("x.zip", points("12")), CODED, None, "its columns are: FID", id="wrong-column"),
    pytest.param(
        shapes("x.zip", points("12"), CODE=["A", "B"]), GRIDS, 1, "it is a Point, .* for polygon", id="area-of-points"
    ),
    pytest.param(
        shapes("x.gpkg", [TOWN.line("12"), TOWN.polygon("126")]),
        WALLS,
        2,
        "it is a Polygon, where the layer asks for point or line",
        id="one-of-another-type",
    ),
    pytest.param(
        shapes("x.gpkg", [shapely.GeometryCollection(points("12"))]), lamps(), 1, "is a Geom", id="collection"
    ),
    pytest.param(
        shapes("x.zip", points("12")), lamps(constants={"subclass": "9999"}), 1, "'9999' is not one of the 124",
        id="subclass",
    ),
    pytest.param(
        shapes("x.zip", points("12")), Layer(layer=COMPONENTS, target=COMPONENTS), 1, "it names no subclass",
        id="no-subclass",
    ),
    pytest.param(
        text("x.geojson", features(HERE, place(LON + 1, LAT))), lamps(), 2, "lies 94 km outside the city$", id="outside"
    ),
    pytest.param(
        text("x.geojson", features(HERE, place(LAT, LON))), lamps(), 2,
        r"EPSG:4544 cannot show \(latitude and longitude swapped\?\)", id="swapped",
    ),
    pytest.param(
        lambda f: write(f / "x.gpkg", [*points("1"), shapely.Point(TOWN.xy("2")[::-1])]), lamps(), 2,
        r"outside the city \(x \(east\) and y \(north\) swapped\?\)", id="swapped-metres",
    ),
    pytest.param(
        two_in_one, lamps(), 1, "at the place of feature 1 of layer lamps and has the same attributes",
        id="two-shapefiles-of-the-same",
    ),
    pytest.param(broken_bytes, lamps(fields={"position": "NAME"}), 2, "text that could not be read", id="broken-bytes"),
    pytest.param(text("x.geojson", features(HERE, None)), lamps(), 2, "it has no geometry", id="null"),
    pytest.param(shapes("x.gpkg", [*points("12"), shapely.Point()]), lamps(), 3, "it has no geometry", id="empty"),
    pytest.param(
        text("x.geojson", features({"type": "LineString", "coordinates": [[LON, LAT], [math.nan, LAT], [LON, LAT]]})),
        WALLS, 1, "a coordinate of it is not a number", id="nan",
    ),
    pytest.param(
        shapes("x.gpkg", [shapely.LineString([TOWN.xy("1"), (math.inf, 0)])]), WALLS, 1,
        "a coordinate of it is not a number", id="infinite",
    ),
    pytest.param(
        text("x.geojson", features({"type": "Polygon", "coordinates": [[[LON, LAT], [LON, LAT + 1], [LON + 1, LAT]]]})),
        lamps(), 1, r"cannot be read \(such as a ring that is not closed\)", id="open-ring",
    ),
    pytest.param(
        shapes("x.gpkg", [TOWN.polygon("126"), BOW_TIE]), lamps(constants={"subclass": CAR_PARK}), 2,
        "its geometry is not valid: Self-intersection", id="bow-tie",
    ),
    pytest.param(shapes("x.zip", [BOW_TIE], CODE=["G9"]), GRIDS, 1, "not valid: Self-intersection", id="bow-tie-area"),
    pytest.param(
        shapes("x.zip", points("123"), CODE=["A", "B", "A"]), CODED, 3, "code A stands at feature 1 already",
        id="code-twice",
    ),
    pytest.param(
        text("x.geojson", features(HERE, CODE="A\0B")), CODED, 1, "a text of it holds a NUL", id="nul",
    ),
    pytest.param(
        text("x.geojson", features(HERE, CODE="A\1B")), CODED, 1,
        "its code 'A\ufffdB' holds control characters", id="control",
    ),
    pytest.param(
        shapes("x.zip", points("1"), CODE=["x" * 65]), CODED, 1, "longer than 64 characters", id="long-code"
    ),
    pytest.param(
        shapes("x.zip", points("12"), CODE=["A", "B"], STATE=["完好", "坏"]), lamps(fields={"state": "STATE"}), 2,
        "state '坏' is not one of", id="state",
    ),
    pytest.param(
        shapes("x.zip", [TOWN.polygon("126")], CODE=["51070"]),
        Layer(layer="district", target="district", fields={"code": "CODE"}), 1, "does not follow the scheme district",
        id="area-code",
    ),
    pytest.param(
        shapes("x.zip", [TOWN.polygon("126"), TOWN.polygon("126")], CODE=["A", ""]), GRIDS, 2, "it has no code",
        id="area-without-code",
    ),
    pytest.param(
        shapes("x.zip", [TOWN.polygon("126")]), Layer(layer="district", target="district"), None,
        "which column holds the area code", id="area-code-column",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("make", "layer", "feature", "cause"), FEATURES)
def test_a_feature_that_cannot_be_used(
    ready: Connection,
    town: City,
    tmp_path: Path,
    make: Make,
    layer: Layer,
    feature: int | None,
    cause: str,
) -> None:
    error = refused(ready, town, make(tmp_path), layer, cause)
    assert error.feature == feature
    assert feature is None or f", feature {feature}: " in str(error)


def refused(conn: Connection, city: City, file: Path, layer: Layer, cause: str) -> FileError:
    before = components.current_checksum(conn)
    with pytest.raises(FileError, match=cause) as caught:
        bring(conn, city, file, layer)
    assert str(caught.value).startswith(file.name), str(caught.value)
    assert "\n" not in str(caught.value)
    assert components.current_checksum(conn) == before
    assert {batch["state"] for batch in batches.batches(conn)} <= {"refused"}
    return caught.value


def test_a_refused_batch_keeps_all_that_was_found(ready: Connection, town: City, tmp_path: Path) -> None:
    file = write(tmp_path / "lamps.zip", points("1123"), CODE=["A", "A", "A", "B"])
    with pytest.raises(FileError, match=r"feature 2: .* \(3 errors in all: `gridsvc batch show \d+`\)"):
        bring(ready, town, file, CODED)
    (batch,) = batches.batches(ready)
    assert (batch["state"], batch["counts"]["read"], batch["counts"]["refusals"]) == ("refused", 4, 3)
    assert batch["error"].startswith("lamps.zip, feature 2: ")
    found = batches.findings_of(ready, batch["id"], severity="error")
    assert [(f.rule, f.feature) for f in found] == [("code_once", 2), ("code_once", 3), ("duplicate", 2)]


def test_the_same_file_again_however_it_is_packed(ready: Connection, town: City, tmp_path: Path) -> None:
    loose = write(tmp_path / "lamps.shp", points("12"))
    bring(ready, town, loose, lamps())
    before = components.current_checksum(ready)
    (tmp_path / "parts").mkdir()
    for part in tmp_path.glob("lamps.*"):
        (tmp_path / "parts" / part.name).write_bytes(part.read_bytes())
    packed = zipped(tmp_path / "again.zip", tmp_path / "parts", prefix="2026/")
    renamed = write(tmp_path / "renamed.shp", points("12"))
    for file in (loose, packed, renamed):
        with pytest.raises(ConflictError, match=rf"{file.name}: this very file was imported into layer 0599 .* batch"):
            bring(ready, town, file, lamps())
    assert components.current_checksum(ready) == before
    assert len(batches.batches(ready)) == 1


@pytest.mark.parametrize("name", ["nowhere.zip", "."])
def test_no_file(ready: Connection, town: City, tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError, match=r"there is no such file|this is a folder, not a file"):
        bring(ready, town, tmp_path / name, lamps())


def test_a_layer_inside_the_file_that_is_not_there(ready: Connection, town: City, tmp_path: Path) -> None:
    file = layers_in_one(tmp_path)
    refused(ready, town, file, lamps(source_layers=("trees",)), "no layer 'trees'; it holds: lamps, signs")
    file = write(tmp_path / "lamps.zip", points("1"))
    refused(ready, town, file, lamps(source_layers=("trees",)), "no layer 'trees'; it holds: lamps")


def test_a_layer_that_nobody_declared(ready: Connection) -> None:
    kinds, known = areas.kinds(ready), subclasses(ready)
    with pytest.raises(InputError, match=r"layer 'trees' is not known; choose one of: lamps, district, .*components"):
        find_layer("trees", {"lamps": {}}, kinds, known)
    with pytest.raises(InputError, match="field of layer 0599 'name' is not known; choose one of: code, subclass"):
        with_choices(lamps(), {"name": "NAME"}, None, None)
    with pytest.raises(InputError, match="holds areas"):
        with_choices(find_layer("district", {}, kinds, known), {}, "0599", None)


def test_serials_that_ran_out(ready: Connection, town: City, tmp_path: Path) -> None:
    last = write(tmp_path / "last.zip", points("1"), CODE=["5107030137999999"])
    bring(ready, town, last, CODED)
    with pytest.raises(GridsvcError, match="no codes are left for district 510703, subclass 0137"):
        bring(ready, town, write(tmp_path / "more.zip", points("2")), lamps())
    assert batches.batches(ready)[0]["state"] == "refused"
