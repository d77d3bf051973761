"""Areas taken out as files: those of today, and those that were."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely

from gridsvc.areas.export import areas_layer, chosen_areas
from gridsvc.errors import GridsvcError
from gridsvc.files import SpooledLayer, write
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.files.exported import recorded, rows_of
from tests.sketch import Sketch

TOWN = Sketch(
    """
    a . . b . . c
    . . . . . . .
    d . . e . . f
    """
)
CHANGE = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def redrawn(conn: Connection, town: City) -> Connection:
    """Two wards, then one; revision 2 is of another kind."""
    made.put_areas(conn, town, made.kind("ward"), {"w": TOWN.polygon("abed"), "e": TOWN.polygon("bcfe")})
    made.put_areas(conn, town, made.kind("beat"), {"x": TOWN.polygon("acfd")})
    made.put_areas(conn, town, made.kind("ward"), {"all": TOWN.polygon("acfd")}, valid_from=CHANGE)
    return conn


def exported(conn: Connection, town: City, folder: Path, **given: Any) -> SpooledLayer:
    return areas_layer(conn, town, chosen_areas(conn, "ward", **given), folder)


def test_an_area_is_its_code_names_parent_and_size(redrawn: Connection, town: City, tmp_path: Path) -> None:
    layer = exported(redrawn, town, tmp_path)
    assert rows_of(layer) == [
        {"code": "all", "name_zh": "all区", "name_en": "Area all", "parent_code": None, "area_m2": 1200.0}
    ]
    found = pyogrio.read_dataframe(write(layer, tmp_path / "o.gpkg", "gpkg").path)
    assert found.geometry[0].geom_type == "MultiPolygon"
    assert shapely.equals(found.geometry[0], TOWN.polygon("acfd"))


@pytest.mark.parametrize(("given", "codes"), [
    ({}, ["all"]), ({"revision": 1}, ["e", "w"]), ({"revision": 2}, ["e", "w"]), ({"revision": 3}, ["all"]),
    ({"at": datetime(2026, 2, 1, tzinfo=UTC)}, ["e", "w"]), ({"at": CHANGE}, ["all"]),
])  # fmt: skip
def test_areas_of_another_time(
    redrawn: Connection, town: City, tmp_path: Path, given: dict[str, Any], codes: list[str]
) -> None:
    assert [row["code"] for row in rows_of(exported(redrawn, town, tmp_path, **given))] == codes


@pytest.mark.parametrize(("kind", "given", "cause"), [
    ("park", {}, "area kind 'park' is not known; choose one of: beat, ward"),
    ("ward", {"revision": 9}, "areas have no revision 9; the newest is 3"),
    ("ward", {"revision": 1, "at": CHANGE}, "a revision or a moment, not both"),
    ("ward", {"at": datetime(1950, 1, 1, tzinfo=UTC)}, "is not between 1970 and 2200"),
])  # fmt: skip
def test_areas_that_there_never_were(redrawn: Connection, kind: str, given: dict[str, Any], cause: str) -> None:
    with pytest.raises(GridsvcError, match=cause):
        chosen_areas(redrawn, kind, **given)


def test_that_they_were_taken_out_is_recorded(redrawn: Connection, town: City, tmp_path: Path) -> None:
    exported(redrawn, town, tmp_path, revision=1)
    row = recorded(redrawn)
    assert row["action"] == "export.areas"
    assert (row["after"]["kind"], row["after"]["revision"], row["after"]["rows"]) == ("ward", 1, 2)
