"""Components taken out as files: who sees what, which columns, national codes; and what comes back is the same."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from gridsvc.domain.access import Right
from gridsvc.domain.crs import project
from gridsvc.errors import InputError, NotFoundError
from gridsvc.files import SpooledLayer, write
from gridsvc.files.names import COMPONENT_FIELDS, DERIVED
from gridsvc.inventory.export import NATIONAL, OWN, components_layer
from gridsvc.inventory.listing import selected
from gridsvc.store.callers import act_for_good, name_caller
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.accounts import put_account
from tests.files.exported import recorded, rows_of
from tests.sketch import SRID, Sketch

TOWN = Sketch(
    """
    a . . . b . . . c
    . 1 . 2 . 3 . 4 .
    d . . . e . . . f
    """
)
LAMP, COVER, ATM = "0599", "0101", "0141"
"""Nationally 0137, 0101, and nothing."""


@pytest.fixture
def full(conn: Connection, town: City) -> Connection:
    """Two unit grids with a lamp, a cover, a telephone box as a line, and a lamp that was removed."""
    made.put_departments(conn, "D1", "D2")
    grids = {"510799001001001": TOWN.polygon("abed"), "510799001001002": TOWN.polygon("bcfe")}
    made.put_areas(conn, town, made.kind("unit_grid", code_scheme="unit_grid"), grids)
    made.put_component(conn, town, "5107990137000001", LAMP, TOWN.point("1"), owner="D1", position="人民路1号")
    made.put_component(conn, town, "5107990101000001", COVER, TOWN.point("3"))
    made.put_component(conn, town, "foreign-1", ATM, TOWN.line("13"))
    made.put_component(conn, town, "5107990599000002", LAMP, TOWN.point("2"))
    describe(conn, "5107990599000002", state="removed")
    return conn


def describe(conn: Connection, code: str, state: str = "intact", **attributes: Any) -> None:
    conn.execute(
        "UPDATE component SET state = %s, attributes = %s WHERE component_code = %s",
        (state, json.dumps(attributes), code),
    )


def seen_by(conn: Connection, *areas: str) -> None:
    """From here on as somebody of the GIS staff, of these areas or of the whole city."""
    put_account(conn, "gis", "gis_staff", areas=areas, whole_city=not areas)
    act_for_good(conn, name_caller(conn, "gis", "local", "r"), Right.EXPORT, as_system=False)


def by_code(layer: SpooledLayer) -> dict[str, dict[str, Any]]:
    return {row["ObjID"]: row for row in rows_of(layer)}


def exported(conn: Connection, town: City, folder: Path, *, national_codes: bool = False, **given: Any) -> SpooledLayer:
    return components_layer(conn, town, selected(conn, town, **given), folder, national_codes=national_codes)


def test_columns_are_those_of_the_standard(full: Connection, town: City, tmp_path: Path) -> None:
    describe(
        full, "5107990137000001", "damaged", unit_grid="G9", surveyed_at="2024-05-01", note="旧", 材质="钢", height=7
    )
    seen_by(full)
    layer = exported(full, town, tmp_path)
    assert by_code(layer)["5107990137000001"] == {
        "ObjID": "5107990137000001", "ObjName": "路灯", "subclass": LAMP, "DeptCode1": None, "DeptName1": None,
        "DeptCode2": "D1", "DeptName2": "D1", "DeptCode3": None, "DeptName3": None, "BGID": "G9", "ObjPos": "人民路1号",
        "ObjState": "破损", "ORDate": "2024-05-01", "CHDate": None, "DataSource": None, "Note": "旧", "材质": "钢",
        "height": 7,
    }  # fmt: skip
    assert set(layer.schema.names) - {"材质", "height"} <= set(COMPONENT_FIELDS) | DERIVED
    assert [len(name.encode()) for name in COMPONENT_FIELDS if len(name.encode()) > 10] == []


@pytest.mark.parametrize(("given", "codes"), [
    ({}, {"5107990137000001", "5107990101000001", "foreign-1"}),
    ({"subclass_code": LAMP}, {"5107990137000001"}),
    ({"subclass_code": LAMP, "retired": True}, {"5107990137000001", "5107990599000002"}),
    ({"within": ["unit_grid:510799001001002"]}, {"5107990101000001"}),
    ({"within": ["unit_grid:510799001001001", "unit_grid:510799001001002"]},
     {"5107990137000001", "5107990101000001", "foreign-1"}),
])  # fmt: skip
def test_what_is_chosen(full: Connection, town: City, tmp_path: Path, given: dict[str, Any], codes: set[str]) -> None:
    assert set(by_code(exported(full, town, tmp_path, **given))) == codes


def test_a_box(full: Connection, town: City, tmp_path: Path) -> None:
    lon, lat = TOWN.lonlat("1")
    box = f"{lon - 1e-5},{lat - 1e-5},{lon + 1e-5},{lat + 1e-5}"
    assert set(by_code(exported(full, town, tmp_path, bbox=box))) == {"5107990137000001", "foreign-1"}


@pytest.mark.parametrize(("given", "error", "cause"), [
    ({"within": ["unit_grid"]}, InputError, "write KIND:CODE, with a kind of: unit_grid"),
    ({"within": ["ward:1"]}, InputError, "write KIND:CODE"),
    ({"within": ["unit_grid:9"]}, NotFoundError, "no area 9 of kind unit_grid is in force"),
    ({"subclass_code": "9999"}, InputError, "component subclass '9999' is not known"),
])  # fmt: skip
def test_what_cannot_be_chosen(
    full: Connection, town: City, given: dict[str, Any], error: type[Exception], cause: str
) -> None:
    with pytest.raises(error, match=cause):
        selected(full, town, **given)


def test_only_what_the_account_sees(full: Connection, town: City, tmp_path: Path) -> None:
    seen_by(full, "unit_grid:510799001001002")
    layer = exported(full, town, tmp_path, retired=True)
    assert (set(by_code(layer)), layer.attributes) == ({"5107990101000001"}, ())


def test_national_codes(full: Connection, town: City, tmp_path: Path) -> None:
    seen_by(full)
    layer = exported(full, town, tmp_path, national_codes=True, retired=True)
    rows = by_code(layer)
    lamp, cover, box = rows["5107990137000001"], rows["5107990101000001"], rows["foreign-1"]
    names = ("subclass", "OwnCode", "CodeBasis", "ClassCode", "ClassName", "BGID")
    assert [lamp[name] for name in names] == ["0137", LAMP, NATIONAL, "01", "公用设施", "510799001001001"]
    assert [cover[name] for name in names] == [COVER, COVER, NATIONAL, "01", "公用设施", "510799001001002"]
    assert [box[name] for name in names[:4]] == [ATM, ATM, OWN, "01"]
    without, foreign = layer.notes
    assert (without.column, without.zh) == ("subclass", "1 个部件的小类没有国家标准代码，仍用本市代码：0141 电话亭")
    assert foreign.zh == "1 个部件标识码的第 7—10 位不是国家标准小类代码；标识码保持原样"


def test_that_they_were_taken_out_is_recorded(full: Connection, town: City, tmp_path: Path) -> None:
    exported(full, town, tmp_path, within=["unit_grid:510799001001002"])
    row = recorded(full)
    assert row["action"] == "export.components"
    assert (row["after"]["areas"], row["after"]["rows"]) == (["unit_grid:510799001001002"], 1)


@pytest.mark.parametrize("form", ["shapefile", "gpkg", "geojson", "csv"])
def test_what_is_written_is_what_is_read(full: Connection, town: City, tmp_path: Path, form: str) -> None:
    """Each attribute under its own name and type, each place where it was."""
    attributes = {"material": "铸铁", "height": 7, "load": 2.5, "权属单位联系电话": "0816-1"}
    describe(full, "5107990101000001", **attributes)
    seen_by(full)
    layer = exported(full, town, tmp_path, subclass_code=COVER)
    written = write(layer, tmp_path / f"out{'.zip' if form == 'shapefile' else '.' + form}", form)
    found = pyogrio.read_dataframe(written.path)
    row = found.iloc[0].to_dict()
    assert (row["ObjID"], row["subclass"], row["ObjName"], row["ObjState"]) == (
        "5107990101000001", COVER, "上水井盖", "完好",
    )  # fmt: skip
    name = "权属单" if form == "shapefile" else "权属单位联系电话"
    assert row[name] == "0816-1"
    assert (row["material"], float(row["height"]), float(row["load"])) == ("铸铁", 7, 2.5)
    x, y = shapely.get_x(found.geometry.to_numpy()), shapely.get_y(found.geometry.to_numpy())
    if form in ("geojson", "csv"):
        x, y = project(SRID, x, y)
    assert np.hypot(x - TOWN.xy("3")[0], y - TOWN.xy("3")[1]).max() < 0.001


def test_a_city_of_many_components_in_lots(full: Connection, town: City, tmp_path: Path) -> None:
    full.execute(
        "INSERT INTO component (component_code, code_scheme, subclass_code, state, attributes, batch_id, geom)"
        " SELECT 'many-' || n, 'x', '0599', 'intact', jsonb_build_object('n', n), batch_id, geom"
        "   FROM component, generate_series(1, 25000) AS n WHERE component_code = 'foreign-1'"
    )
    seen_by(full)
    layer = exported(full, town, tmp_path, subclass_code=LAMP)
    assert len(layer) == 25_001
    assert [len(lot.shapes) for lot in layer.lots()] == [10_000, 10_000, 5_001]
    numbers = [row["n"] for row in rows_of(layer)]
    assert sorted(n for n in numbers if n) == list(range(1, 25_001))
