"""GeoPackage and GeoJSON, forms and CRS, and attributes that become columns."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsvc.domain.crs import project
from gridsvc.errors import InputError
from gridsvc.files import ATTRIBUTES, GEOMETRY, SpooledLayer, form_of, spool, write
from gridsvc.files.attributes import Keys, flattened
from tests.files.made import TOWN, layer, points
from tests.sketch import SRID


def test_geopackage_holds_everything_as_it_is(tmp_path: Path) -> None:
    shapes = [TOWN.point("1"), TOWN.line("12"), TOWN.polygon("abed"), None]
    columns: dict[str, list[Any]] = {
        "fid": ["a", "b", "c", "d"], "Geom": ["㙍䶮𠮷", "长" * 300, "=1", None], "n": [1, None, 2**60, 4],
        "f": [0.1, 1e-20, None, 3.0], "yes": [True, False, None, True],
    }  # fmt: skip
    written = write(layer(shapes, **columns), tmp_path / "out.gpkg", "gpkg")
    (name,) = (each for each, _ in pyogrio.list_layers(written.path))
    assert (name, written.notes) == ("部件", ())
    table = pyogrio.read_arrow(written.path)[1].to_pydict()
    assert {column: table[column] for column in columns} == columns
    found = pyogrio.read_dataframe(written.path)
    assert found.crs.to_epsg() == SRID
    assert shapely.to_wkb(found.geometry.to_numpy()).tolist() == shapely.to_wkb(np.array(shapes)).tolist()


def test_geojson_is_in_degrees_and_its_texts_stay_texts(tmp_path: Path) -> None:
    texts = ['{"a": 1}', "[1, 2]", "plain"]
    shapes = [TOWN.point("1"), TOWN.polygon("abed"), None]
    file = write(layer(shapes, t=texts), tmp_path / "out.geojson", "geojson", crs="EPSG:4544").path
    found = json.loads(file.read_text(encoding="utf-8"))
    assert "crs" not in found
    assert [feature["properties"]["t"] for feature in found["features"]] == texts
    assert found["features"][0]["geometry"]["coordinates"] == pytest.approx(TOWN.lonlat("1"), abs=1e-9)
    assert shapely.LinearRing(found["features"][1]["geometry"]["coordinates"][0]).is_ccw
    assert found["features"][2]["geometry"] is None


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.floats(-20_000, 20_000), st.floats(-20_000, 20_000)), min_size=1, max_size=200))
def test_what_comes_back_from_degrees_has_not_moved_a_millimetre(
    tmp_path_factory: pytest.TempPathFactory, offsets: list[tuple[float, float]]
) -> None:
    places = np.array(offsets) + TOWN.xy("1")
    of = layer(list(shapely.points(places)), n=list(range(len(places))))
    folder = tmp_path_factory.mktemp("back")
    geojson = pyogrio.read_dataframe(write(of, folder / "o.geojson", "geojson").path)
    tabled = pyogrio.read_dataframe(write(of, folder / "o.csv", "csv").path)
    for lon, lat in (
        (geojson.geometry.x.to_numpy(), geojson.geometry.y.to_numpy()),
        (tabled["lon"].astype(float).to_numpy(), tabled["lat"].astype(float).to_numpy()),
    ):
        back = np.column_stack(project(SRID, lon, lat))
        assert np.abs(back - places).max() < 0.001


@pytest.mark.parametrize(("crs", "cause"), [
    ("EPSG:1", "CRS 'EPSG:1' is not known"), ("nonsense", "is not known: give an EPSG code"),
])  # fmt: skip
def test_a_crs_that_does_not_exist(tmp_path: Path, crs: str, cause: str) -> None:
    with pytest.raises(InputError, match=cause):
        write(layer(points("1"), a=["x"]), tmp_path / "o.gpkg", "gpkg", crs=crs)


def test_a_crs_that_does_not_reach_the_city(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not reach"):
        write(layer([shapely.Point(1e9, 1e9)], a=["x"]), tmp_path / "o.gpkg", "gpkg", crs="EPSG:4326")
    assert list(tmp_path.iterdir()) == []


def test_the_form_by_the_ending() -> None:
    endings = ["a.zip", "a.gpkg", "a.GeoJSON", "a.json", "a.csv", "a.xlsx"]
    assert [form_of(Path(name)) for name in endings] == ["shapefile", "gpkg", "geojson", "geojson", "csv", "xlsx"]
    assert form_of(Path("a.csv"), "gpkg") == "gpkg"
    with pytest.raises(InputError, match="form of file 'dwg' is not known"):
        form_of(Path("a.csv"), "dwg")
    with pytest.raises(InputError, match=r"ending of a file to write '\.dwg' is not known"):
        form_of(Path("a.dwg"))


def spooled(folder: Path, *objects: dict[str, Any]) -> SpooledLayer:
    plain = pa.schema([("code", pa.string())])
    count = len(objects)
    batch = pa.RecordBatch.from_arrays(
        [
            pa.array([str(n) for n in range(count)]),
            pa.array([json.dumps(each, ensure_ascii=False) for each in objects], pa.string()),
            pa.array(shapely.to_wkb(shapely.points(np.zeros((count, 2)))), pa.binary()),
        ],
        names=["code", ATTRIBUTES, GEOMETRY],
    )
    return spool("x", SRID, plain, [batch.slice(0, 1), batch.slice(1)], folder)


def test_attributes_become_columns_of_their_own_type(tmp_path: Path) -> None:
    of = spooled(
        tmp_path,
        {"n": 1, "f": 1, "t": "a", "yes": True, "mixed": 1, "deep": {"k": "值"}, "none": None},
        {"n": 2, "f": 1.5, "mixed": "one", "new": "b"},
        {},
    )
    types = {field.name: str(field.type) for field in of.schema}
    assert types == {
        "code": "string", "n": "int64", "f": "double", "t": "string", "yes": "bool", "mixed": "string",
        "deep": "string", "none": "string", "new": "string",
    }  # fmt: skip
    rows = [row for lot in of.lots() for row in lot.rows.to_pylist()]
    assert rows[0] == {
        "code": "0", "n": 1, "f": 1.0, "t": "a", "yes": True, "mixed": "1", "deep": '{"k": "值"}', "none": None,
        "new": None,
    }  # fmt: skip
    assert (rows[1]["mixed"], rows[1]["new"], rows[2]["n"]) == ("one", "b", None)


def test_an_attribute_called_as_a_column_gets_another_name_and_a_note(tmp_path: Path) -> None:
    of = spooled(tmp_path, {"Code": "x", "code_1": "y", "": "z"})
    assert of.schema.names == ["code", "Code_1", "code_1_1", "_"]
    assert [note.zh for note in of.notes] == [
        "属性“Code”与另一列同名，写为“Code_1”",
        "属性“code_1”与另一列同名，写为“code_1_1”",
        "属性“”与另一列同名，写为“_”",
    ]


@pytest.mark.parametrize(
    "values", [[2**53, 1], [2**62, -(2**62)], [1, 0.5], [True], [2**64], [2**53 + 1, 0.5], ["1", 1]]
)
def test_no_number_loses_a_digit(values: list[Any]) -> None:
    lines = [json.dumps({"k": value}) for value in values]
    keys = Keys()
    keys.see(lines)
    (array,) = flattened(lines, keys.columns(()))
    assert [json.loads(str(v).lower()) if isinstance(v, str) else v for v in array.to_pylist()] == [
        json.loads(v) if isinstance(v, str) else v for v in values
    ]


@pytest.mark.parametrize("form", ["shapefile", "gpkg", "geojson", "csv", "xlsx"])
def test_a_hundred_thousand_rows(tmp_path: Path, form: str) -> None:
    count = 100_000
    places = list(shapely.points(np.arange(2 * count).reshape(-1, 2) % 9_973 + TOWN.xy("1")))
    of = layer(places, ObjID=[f"{n:016d}" for n in range(count)], 位置=[f"人民路{n}号" for n in range(count)])
    write(of, tmp_path / "o", form, encoding="gbk")
    assert (tmp_path / "o").stat().st_size > 1_000_000
