"""Good files come in whole: text, shapes and areas as they were surveyed."""

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridsvc.errors import FileError
from gridsvc.ingest.layers import COMPONENTS, LAYER_COLUMN, Layer
from gridsvc.ingest.promote import Promoted
from gridsvc.ingest.rules.contract import UNREADABLE
from gridsvc.ingest.texts import CONTROL, json_rows
from gridsvc.store import areas, batches, drafts
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests.ingest.layers import CAR_PARK, FLOOD_WALL, TOWN, bring, lamps, points, write, zipped
from tests.ingest.sources.made import workbook
from tests.sketch import frame


def inventory(conn: Connection) -> list[tuple[Any, ...]]:
    """Code, codes of the areas, and shape of each component."""
    rows = conn.execute(
        "SELECT component_code, ARRAY(SELECT code FROM area WHERE id = ANY(area_ids) ORDER BY code), ST_AsBinary(geom)"
        " FROM component ORDER BY id"
    )
    return [(code, codes, shapely.from_wkb(shape)) for code, codes, shape in rows]


def said(conn: Connection, done: Promoted, rule: str) -> list[str]:
    return [finding.message for finding in batches.findings_of(conn, done.batch_id, rule=rule)]


def attributes(conn: Connection) -> list[dict[str, Any]]:
    return [row[0] for row in conn.execute("SELECT attributes FROM component ORDER BY id")]


@pytest.mark.parametrize("name", ["lamps.zip", "lamps.shp", "lamps.gpkg", "lamps.geojson"])
def test_every_kind_of_file(ready: Connection, town: City, tmp_path: Path, name: str) -> None:
    done = bring(ready, town, write(tmp_path / name, points("138"), NOTE=["东街1号", "a", None]), lamps())
    assert (done.read, done.added, done.issued, done.set_aside) == (3, 3, 3, 0)
    found = inventory(ready)
    assert [codes for _, codes, _ in found] == [["510703", "G1"], ["510703", "G2"], ["510703", "G2"]]
    assert shapely.distance([shape for *_, shape in found], points("138")).max() < (
        1e-6 if "json" not in name else 0.02
    )
    assert attributes(ready) == [{"NOTE": "东街1号"}, {"NOTE": "a"}, {}]
    (batch,) = batches.batches(ready)
    assert (batch["state"], batch["file_name"], batch["layer"]) == ("promoted", name, "0599")
    assert batch["counts"]["added"] == 3


def test_a_file_in_another_projected_crs(ready: Connection, town: City, tmp_path: Path) -> None:
    bring(ready, town, write(tmp_path / "lamps.zip", points("13"), crs=32648), lamps())
    found = inventory(ready)
    assert shapely.distance([shape for *_, shape in found], points("13")).max() < 0.001
    assert [codes for _, codes, _ in found] == [["510703", "G1"], ["510703", "G2"]]


def test_lines_belong_where_their_middle_is_and_polygons_where_a_point_inside_is(
    ready: Connection, town: City, tmp_path: Path
) -> None:
    walls = Layer(layer=FLOOD_WALL, target=COMPONENTS, constants={"subclass": FLOOD_WALL})
    parks = Layer(layer=CAR_PARK, target=COMPONENTS, constants={"subclass": CAR_PARK})
    bring(ready, town, write(tmp_path / "walls.zip", [TOWN.line("13"), TOWN.line("24")]), walls)
    bring(ready, town, write(tmp_path / "parks.zip", [TOWN.polygon("1265"), TOWN.polygon("3487")]), parks)
    assert [codes[1] for _, codes, _ in inventory(ready)] == ["G1", "G2", "G1", "G2"]


def test_shapes_of_one_and_of_many_parts_in_one_file(ready: Connection, town: City, tmp_path: Path) -> None:
    shapes = [TOWN.point("1"), shapely.MultiPoint(points("2")), shapely.MultiPoint(points("37"))]
    file = write(tmp_path / "x.geojson", shapes)
    bring(ready, town, file, lamps())
    assert [shape.geom_type for *_, shape in inventory(ready)] == ["Point", "Point", "MultiPoint"]


def test_heights_are_left_out_and_noted(ready: Connection, town: City, tmp_path: Path) -> None:
    done = bring(ready, town, write(tmp_path / "x.gpkg", [shapely.Point(*TOWN.xy("1"), 512.5)]), lamps())
    assert [shape.has_z for *_, shape in inventory(ready)] == [False]
    assert said(ready, done, "flat") == [
        "heights (Z) stand in 1 of the features 1 to 1 and are left out (such as feature 1 of layer x)"
    ]


def test_polygons_reduced_to_points_where_the_layer_says_so(ready: Connection, town: City, tmp_path: Path) -> None:
    outline = TOWN.polygon("126")
    done = bring(ready, town, write(tmp_path / "x.zip", [outline]), lamps(to_point=True))
    ((_, _, shape),) = inventory(ready)
    assert shape.geom_type == "Point"
    assert outline.contains(shape)
    assert any("reduced to a point" in line for line in said(ready, done, "reading"))


def test_only_the_rules_that_a_layer_names_set_rows_aside(ready: Connection, town: City, tmp_path: Path) -> None:
    away = shapely.Point(480_000, 3_480_000)
    done = bring(ready, town, write(tmp_path / "x.zip", [*points("1"), away]), lamps(set_aside=("inside_city",)))
    assert (done.read, done.added, done.set_aside, done.issued) == (2, 1, 1, 1)
    (finding,) = batches.findings_of(ready, done.batch_id, rule="inside_city")
    assert (finding.feature, finding.message) == (2, "it lies 9.2 km outside the city")
    file, layer = write(tmp_path / "y.zip", [*points("2"), away]), lamps(set_aside=("inside_city",), constants={})
    with pytest.raises(FileError, match="feature 1: it names no subclass"):
        bring(ready, town, file, layer)


def chinese(folder: Path, *, declared: str | None) -> Path:
    """A GBK shapefile with a .cpg that says so, or without one."""
    (folder / "gbk").mkdir()
    frame(points("1"), 名称=["涪城路灯杆"]).to_file(folder / "gbk" / "lamps.shp", encoding="gbk")
    (folder / "gbk" / "lamps.cpg").unlink(missing_ok=True)
    if declared:
        (folder / "gbk" / "lamps.cpg").write_text(declared)
    return zipped(folder / "lamps.zip", folder / "gbk")


@pytest.mark.parametrize("declared", [None, "GBK", "936", "GB18030", "GB2312"])
def test_chinese_text_with_and_without_a_declared_encoding(
    ready: Connection, town: City, tmp_path: Path, declared: str | None
) -> None:
    done = bring(ready, town, chinese(tmp_path, declared=declared), lamps())
    assert attributes(ready) == [{"名称": "涪城路灯杆"}]
    assert ["GB18030" in line for line in said(ready, done, "reading")] == ([] if declared else [True])


def test_a_zip_as_people_make_them(ready: Connection, town: City, tmp_path: Path) -> None:
    """Folders, the leavings of a Mac, capitals and Windows slashes."""
    write(tmp_path / "lamps.shp", points("1"))
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("data/", "")
        for part in tmp_path.glob("lamps.*"):
            archive.write(part, f"data\\Lamps{part.suffix.upper()}")
            archive.writestr(f"__MACOSX/data/._lamps{part.suffix}", "leavings")
        archive.writestr("README.txt", "read me")
    assert bring(ready, town, tmp_path / "x.zip", lamps()).added == 1


def test_styles_of_gis_programs_are_no_layer(ready: Connection, town: City, tmp_path: Path) -> None:
    import pandas as pd
    import pyogrio

    file = write(tmp_path / "town.gpkg", points("1"))
    pyogrio.write_dataframe(pd.DataFrame({"qml": ["<qgis/>"]}), file, layer="layer_styles")
    assert bring(ready, town, file, lamps()).added == 1


@pytest.mark.parametrize(
    ("name", "column", "codes"),
    [
        ("x.gpkg", [7.0, 12.0], ["7", "12"]),
        ("x.zip", [5107030137000001, 5107030137000002], ["5107030137000001", "5107030137000002"]),
        ("x.gpkg", [5107030137000001.0, None], ["5107030137000001", None]),
        ("x.gpkg", [1.0, 2.5], ["1", "2.5"]),
        ("x.zip", ["0007", " 12 "], ["0007", "12"]),
        ("x.geojson", ["007", "1e3"], ["007", "1e3"]),
    ],
)
def test_codes_keep_their_zeros_and_get_no_decimals(
    ready: Connection, town: City, tmp_path: Path, name: str, column: list[Any], codes: list[str | None]
) -> None:
    done = bring(ready, town, write(tmp_path / name, points("12"), CODE=column), lamps(fields={"code": "CODE"}))
    assert done.issued == codes.count(None)
    assert [code for code, *_ in inventory(ready)][: 2 - done.issued] == [code for code in codes if code]


def test_states_of_a_survey_are_translated(ready: Connection, town: City, tmp_path: Path) -> None:
    file = write(tmp_path / "x.zip", points("123"), STATE=["完好", "移除", None])
    bring(ready, town, file, lamps(fields={"state": "STATE"}))
    states = ready.execute("SELECT state FROM component ORDER BY id").fetchall()
    assert states == [("intact",), ("removed",), ("intact",)]


def in_a_geopackage(folder: Path) -> Path:
    for name, marks in {"0599": "12", "污水井盖": "3"}.items():
        frame(points(marks), NOTE=[name] * len(marks)).to_file(folder / "town.gpkg", layer=name)
    return folder / "town.gpkg"


def in_a_workbook(folder: Path) -> Path:
    sheets = {"0599": "12", "污水井盖": "3"}
    rows = {name: [[name, *map(float, TOWN.xy(mark))] for mark in marks] for name, marks in sheets.items()}
    return workbook(folder / "town.xlsx", **{name: [["NOTE", "X", "Y"], *lines] for name, lines in rows.items()})


@pytest.mark.parametrize("make", [in_a_geopackage, in_a_workbook])
def test_layers_named_by_subclass_come_in_as_a_whole(
    ready: Connection, town: City, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    layer = Layer(layer="town", target=COMPONENTS, fields={"subclass": LAYER_COLUMN}, crs=f"EPSG:{town.srid}",
                  values={"subclass": {"污水井盖": "0102"}})  # fmt: skip
    assert bring(ready, town, make(tmp_path), layer).added == 3
    found = ready.execute("SELECT subclass_code, attributes ->> 'NOTE' FROM component ORDER BY id").fetchall()
    assert found == [("0599", "0599"), ("0599", "0599"), ("0102", "污水井盖")]


def test_a_polygon_of_two_hundred_thousand_vertices(ready: Connection, town: City, tmp_path: Path) -> None:
    turn = np.linspace(0, 2 * np.pi, 200_000, endpoint=False)
    ring = shapely.Polygon(np.column_stack([np.cos(turn), np.sin(turn)]) * 90 + TOWN.xy("2"))
    parks = Layer(layer=CAR_PARK, target=COMPONENTS, constants={"subclass": CAR_PARK})
    assert bring(ready, town, write(tmp_path / "x.gpkg", [ring]), parks).added == 1


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)

NUMBERS = st.floats(-1e300, 1e300) | st.sampled_from([np.nan, np.inf])


@given(st.lists(st.tuples(TEXTS, NUMBERS, st.none() | st.binary(max_size=3)), min_size=1, max_size=5))
def test_any_attributes_become_one_json_object_per_row(rows: list[tuple[str, float, bytes | None]]) -> None:
    """Line separators inside a text must not tear rows apart, nor may NUL reach the store; nothing is left out."""
    texts, numbers, raws = zip(*rows, strict=True)
    types = {"text": pa.string(), "number": pa.float64(), "bytes": pa.binary()}
    given_columns = zip(types.items(), (texts, numbers, raws), strict=True)
    columns = {name: pa.array(column, of) for (name, of), column in given_columns}
    found = [json.loads(line) for line in json_rows(columns, len(rows)).to_pylist()]
    assert len(found) == len(rows)
    for (text, number, raw), row in zip(rows, found, strict=True):
        assert "\0" not in row.get("text", "")
        assert len(row.get("text", "")) == len(CONTROL.sub(UNREADABLE, text).strip())
        assert row.get("bytes") == (None if raw is None else raw.hex())
        assert row.get("number") == (pytest.approx(number) if np.isfinite(number) else None)


def test_an_area_layer_becomes_a_draft(ready: Connection, town: City, tmp_path: Path) -> None:
    layer = Layer(layer="grids", target="responsibility_grid", fields={"code": "CODE", "name_zh": "NAME"})
    file = write(tmp_path / "x.zip", [TOWN.polygon("acfd")], CODE=["G9"], NAME=["全城"])
    done = bring(ready, town, file, layer)
    assert (done.areas, done.added, done.issued) == (1, 0, 0)
    draft = next(draft for draft in drafts.drafts(ready) if draft.id == done.draft_id)
    assert (draft.kind, draft.batch_id, draft.areas, draft.applied_revision) == (
        "responsibility_grid",
        done.batch_id,
        1,
        None,
    )
    assert {area.code for area in areas.areas_in_force(ready, "responsibility_grid")} == {"G1", "G2"}


def test_areas_that_must_tile_and_overlap_are_refused(ready: Connection, town: City, tmp_path: Path) -> None:
    layer = Layer(layer="grids", target="responsibility_grid", fields={"code": "CODE"})
    file = write(tmp_path / "x.zip", [TOWN.polygon("abed"), TOWN.polygon("2cfe")], CODE=["A", "B"])
    with pytest.raises(FileError, match="it and A overlap by"):
        bring(ready, town, file, layer)


def test_what_was_read_is_kept_once(ready: Connection, town: City, tmp_path: Path) -> None:
    done = bring(ready, town, write(tmp_path / "lamps.shp", points("1")), lamps())
    batch = batches.batch(ready, done.batch_id)
    assert batch is not None
    kept = [file for file in (tmp_path / "uploads").rglob("*") if file.is_file()]
    assert [file.name for file in kept] == [f"{batch['sha256']}.zip"]
    program = shutil.which("unzip")
    if program:
        subprocess.run([program, "-tq", str(kept[0])], check=True, capture_output=True)
