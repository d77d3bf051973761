"""What was exported and comes back is nothing to do, in every form, with all that the forms cannot hold as it is."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import shapely

from gridsvc.areas.export import areas_layer, chosen_areas
from gridsvc.domain.access import Right
from gridsvc.errors import FileError
from gridsvc.files import ENDINGS, RowLayer, write
from gridsvc.files.dbf import fields_csv
from gridsvc.ingest import staging
from gridsvc.ingest.check import check_batch
from gridsvc.ingest.comparing import same_shape, same_value
from gridsvc.ingest.desk import Desk, decide, receive
from gridsvc.ingest.diff import ACTIONS
from gridsvc.ingest.layers import Layer, find_layer, with_choices
from gridsvc.ingest.promote import Promoted, promote_batch
from gridsvc.ingest.sources.contents import OWN_HEAD
from gridsvc.inventory.export import components_layer
from gridsvc.inventory.listing import selected
from gridsvc.store import areas, batches, components
from gridsvc.store.accounts import set_visibility
from gridsvc.store.callers import act_for_good, name_caller
from gridsvc.store.city import City, subclasses
from gridsvc.store.connection import Connection
from tests import made
from tests.accounts import put_account
from tests.ingest.layers import CAR_PARK, FLOOD_WALL, LAMP, TOWN, bring, desk

FORMS = [
    ("shapefile", "gbk"),
    ("shapefile", "utf-8"),
    *((form, "utf-8") for form in ("gpkg", "geojson", "csv", "xlsx")),
]
LAMP_CODE, WALL_CODE, PARK_CODE, GONE_CODE = "5107030137000001", "防洪墙-1", "P/1", "0007"
ATTRIBUTES: dict[str, dict[str, Any]] = {
    LAMP_CODE: {
        "材质": "铸铁，带“双”引号", "权属单位联系电话": "0816-1", "权属单位联系人": "张三", "height": 7, "load": 2.5,
        "lit": True, "formula": "=SUM(1)", "minus": "-5", "@home": "+86", "zeros": "007", "serial": 123456789012345678,
        "quoted": "'=SUM(1)", "nothing": None, "mixed": 5, "lines": "一\n二", "date": "2024-05-01", "unit_grid": "G9",
        "surveyed_at": "2024-05-01", "changed_at": "2024年5月2日", "data_source": "实测", "note": "旧",
    },
    WALL_CODE: {"mixed": "六", "load": 3.0, "Note": "一处", "NOTE": "另一处", "ObjID": "甲-7", "lon": 1.5, "X": "东"},
    PARK_CODE: {"nested": {"a": [1, "二"]}, "lit": False, "DeptName1": "老名字", "fid": 12, "geom": "x", "Z_1": "a"},
    GONE_CODE: {},
}  # fmt: skip


@pytest.fixture
def full(ready: Connection, town: City) -> Connection:
    """A lamp, a wall, a car park, and a lamp that was removed."""
    made.put_departments(ready, "A", "B")
    shapes = {LAMP_CODE: (LAMP, TOWN.point("1")), WALL_CODE: (FLOOD_WALL, TOWN.line("257")),
              PARK_CODE: (CAR_PARK, TOWN.polygon("1265")), GONE_CODE: (LAMP, TOWN.point("8"))}  # fmt: skip
    for code, (subclass, shape) in shapes.items():
        made.put_component(ready, town, code, subclass, shape, owner="A", position="人民路1号（东）")
        ready.execute(
            "UPDATE component SET attributes = %s, authority = 'B', state = %s WHERE component_code = %s",
            (json.dumps(ATTRIBUTES[code]), "removed" if code == GONE_CODE else "damaged", code),
        )
    put_account(ready, "gis", "gis_staff", whole_city=True)
    return ready


def exported(conn: Connection, name: str = "exported") -> Layer:
    return find_layer(name, {}, areas.kinds(conn), subclasses(conn))


def written(layer: RowLayer, folder: Path, form: str, **given: Any) -> Path:
    return write(layer, folder / f"导出{ENDINGS[form]}", form, **given).path


@contextmanager
def acting_for(conn: Connection, account: str) -> Iterator[None]:
    """Who may take out what it sees; `gis` sees everything."""
    act_for_good(conn, name_caller(conn, account, "local", "r"), Right.EXPORT, as_system=False)
    yield
    conn.execute("RESET ROLE")


def taken_out(
    conn: Connection, town: City, folder: Path, form: str, *, national: bool = False, account: str = "gis", **given: Any
) -> Path:
    with acting_for(conn, account):
        layer = components_layer(conn, town, selected(conn, town, retired=True), folder, national_codes=national)
    return written(layer, folder, form, **given)


def told(at: Desk, batch_id: int) -> dict[str, str]:
    """What would change of which component."""
    rows = staging.changes(at.folder(batch_id), [ACTIONS.index("changed"), ACTIONS.index("added")])
    return {row["code"]: row["fields"] for row in rows.to_pylist()}


def comes_back(conn: Connection, town: City, file: Path, layer: Layer) -> Promoted:
    """Nothing is told of it before it is promoted."""
    at = desk(town, file.parent)
    batch_id = receive(conn, at, file)
    decide(conn, at, batch_id, layer)
    check_batch(conn, at, batch_id)
    assert told(at, batch_id) == {}
    return promote_batch(conn, at, batch_id)


@pytest.mark.parametrize("national", [False, True], ids=["own codes", "national codes"])
@pytest.mark.parametrize(("form", "encoding"), FORMS)
def test_components_that_come_back_are_nothing_to_do(
    full: Connection, town: City, tmp_path: Path, form: str, encoding: str, national: bool
) -> None:
    before = components.current_checksum(full)
    file = taken_out(full, town, tmp_path, form, national=national, encoding=encoding)
    done = comes_back(full, town, file, exported(full))
    assert (done.nothing_to_do, done.unchanged) == (True, 4)
    assert components.current_checksum(full) == before


def test_a_table_in_metres_comes_back_once_its_system_is_said(full: Connection, town: City, tmp_path: Path) -> None:
    file = taken_out(full, town, tmp_path, "csv", crs="EPSG:4547")
    with pytest.raises(FileError, match=r"nothing is assumed\. It may be: .*EPSG:4547"):
        bring(full, town, file, exported(full))
    said = with_choices(exported(full), {}, crs="EPSG:4547")
    assert comes_back(full, town, file, said).unchanged == 4


def test_what_was_changed_in_a_table_is_all_that_changes(full: Connection, town: City, tmp_path: Path) -> None:
    """Numbers and truths of the store stay what they are, though a table holds nothing but texts."""
    file = taken_out(full, town, tmp_path, "csv")
    file.write_text(file.read_text("utf-8").replace("铸铁", "球墨铸铁").replace(",7,", ",8,"), "utf-8")
    done = bring(full, town, file, exported(full))
    assert (done.changed, done.unchanged) == (1, 3)
    lamp = full.execute("SELECT attributes FROM component WHERE component_code = %s", [LAMP_CODE]).fetchall()[0][0]
    assert lamp == {**ATTRIBUTES[LAMP_CODE], "材质": "球墨铸铁，带“双”引号", "height": "8"}


def test_what_is_not_read_back_is_said(full: Connection, town: City, tmp_path: Path) -> None:
    done = bring(full, town, taken_out(full, town, tmp_path, "gpkg", national=True), exported(full))
    notes = [finding.message for finding in batches.findings_of(full, done.batch_id, severity="note")]
    assert (
        "columns that follow from others were not read: BGID, ClassCode, ClassName, CodeBasis, DeptName1 (exported), "
        "DeptName2, DeptName3, subclass"
    ) in notes


def test_a_file_of_ours_holds_nothing_that_is_not_read(full: Connection, town: City, tmp_path: Path) -> None:
    done = bring(full, town, taken_out(full, town, tmp_path, "shapefile"), exported(full))
    notes = [finding.message for finding in batches.findings_of(full, done.batch_id, rule="reading")]
    assert not [one for one in notes if "fields.csv" in one]
    assert fields_csv({}, []) == OWN_HEAD


@pytest.mark.parametrize("national", [False, True], ids=["own codes", "national codes"])
@pytest.mark.parametrize(("form", "encoding"), FORMS)
def test_what_an_account_may_not_see_stays_when_its_file_comes_back(
    full: Connection, town: City, tmp_path: Path, form: str, encoding: str, national: bool
) -> None:
    """The file has no columns for what is hidden, so that it does not say that it is empty."""
    put_account(full, "reader", "analyst", whole_city=True)
    full.execute("DELETE FROM role_right WHERE role = 'analyst' AND right_name = 'see_details'")
    for subclass in (LAMP, FLOOD_WALL, CAR_PARK):
        set_visibility(full, subclass, 0)
    before = components.current_checksum(full)
    file = taken_out(full, town, tmp_path, form, national=national, account="reader", encoding=encoding)
    done = comes_back(full, town, file, exported(full))
    assert (done.nothing_to_do, done.unchanged) == (True, 4)
    assert components.current_checksum(full) == before


def test_a_list_of_names_that_is_none_of_ours_is_refused(full: Connection, town: City, tmp_path: Path) -> None:
    file = taken_out(full, town, tmp_path, "shapefile")
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(other, "w") as target:
        for name in source.namelist():
            target.writestr(name, b"a,b\n1,2\n" if name == "fields.csv" else source.read(name))
    with pytest.raises(FileError, match=r"its fields\.csv is not what this system writes"):
        bring(full, town, other, exported(full))


@pytest.mark.parametrize(("form", "encoding"), FORMS)
def test_areas_that_come_back_are_a_draft_of_the_same(
    ready: Connection, town: City, tmp_path: Path, form: str, encoding: str
) -> None:
    ready.execute(
        "UPDATE area SET name_zh = '涪城区' || code, name_en = 'Grid, the ' || code, parent_code = '510703',"
        " attributes = %s WHERE kind = 'responsibility_grid'",
        [json.dumps({"head": "李四", "户籍人口数量（人）": 1200, "patrol": "=A1"})],
    )
    layer = areas_layer(ready, town, chosen_areas(ready, "responsibility_grid"), tmp_path)
    file = written(layer, tmp_path, form, encoding=encoding)
    done = bring(ready, town, file, exported(ready, "exported:responsibility_grid"))
    columns = "SELECT code, name_zh, name_en, parent_code, attributes, ST_AsBinary(geom) FROM"
    was = ready.execute(f"{columns} area WHERE kind = 'responsibility_grid' ORDER BY code").fetchall()  # type: ignore[call-overload]
    now = ready.execute(f"{columns} area_draft_row WHERE draft_id = %s ORDER BY code", [done.draft_id]).fetchall()  # type: ignore[call-overload]
    assert len(was) == 2
    for (*texts, attributes, shape), (*said, given, drawn) in zip(was, now, strict=True):
        assert texts == said
        assert attributes.keys() == given.keys()
        assert all(same_value(given[key], value) for key, value in attributes.items())
        assert same_shape(shapely.from_wkb(drawn), shapely.from_wkb(shape))


def test_a_layer_of_a_city_may_be_called_so_too(ready: Connection) -> None:
    own = Layer(layer="exported", target="components", fields={"code": "X"})
    named = {"exported": own.definition()}
    assert find_layer("exported", named, areas.kinds(ready), subclasses(ready)) == own
