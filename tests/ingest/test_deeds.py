"""What a batch did stays known once it was promoted, without its staged rows."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from gridsvc.errors import InputError
from gridsvc.ingest import deeds, preview
from gridsvc.ingest.desk import the_batch
from gridsvc.ingest.layers import Layer
from gridsvc.ingest.rollback import roll_back
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.ingest.layers import LAMP, TOWN, bring, desk, lamps, points, write

CODED = lamps(fields={"code": "CODE", "owner": "OWNER"})
SRID = 4544


def lines(conn: Connection, city: City, batch_id: int, action: str | None = None) -> list[tuple[Any, ...]]:
    total, found = deeds.changes_page(conn, the_batch(conn, batch_id), city.srid, action, 100, 0)
    assert total == len(found)
    return [(one["action"], one["code"], one["fields"], one["moved_m"]) for one in found]


def drawn(conn: Connection, city: City, batch_id: int, **given: Any) -> list[dict[str, Any]]:
    found = deeds.features(conn, the_batch(conn, batch_id), city.srid, given.get("seen"), given.get("zoom"))
    return list(found["features"])


@pytest.fixture
def promoted(ready: Connection, town: City, tmp_path: Path) -> tuple[int, int]:
    """A first survey of four lamps, and a second one that changes two, adds one and retires one."""
    made.put_departments(ready, "A", "B")
    first = write(tmp_path / "first.gpkg", points("1234"), CODE=list("1234"), OWNER=["A"] * 4, NOTE=["x"] * 4)
    one = bring(ready, town, first, CODED)
    shapes = [TOWN.point("1"), shapely.Point(TOWN.xy("2")[0] + 3, TOWN.xy("2")[1] + 4), *points("35")]
    columns = {"CODE": list("1235"), "OWNER": ["B", "A", "A", "A"], "NOTE": ["x", "y", "x", "x"]}
    two = bring(ready, town, write(tmp_path / "again.gpkg", shapes, **columns), CODED, gone="retire")
    shutil.rmtree(tmp_path / "staging", ignore_errors=True)
    return one.batch_id, two.batch_id


def test_what_a_batch_did_is_listed(ready: Connection, town: City, promoted: tuple[int, int]) -> None:
    first, second = promoted
    assert lines(ready, town, first) == [("added", code, [], 0.0) for code in "1234"]
    assert lines(ready, town, second) == [
        ("changed", "1", ["owner"], 0.0), ("changed", "2", ["attributes.NOTE", "geometry"], 5.0),
        ("retired", "4", [], 0.0), ("added", "5", [], 0.0),
    ]  # fmt: skip
    assert [code for _, code, *_ in lines(ready, town, second, "changed")] == ["1", "2"]
    total, some = deeds.changes_page(ready, the_batch(ready, second), town.srid, None, 2, 2)
    assert (total, [one["code"] for one in some]) == (4, ["4", "5"])
    assert (some[0]["lon"], some[0]["lat"]) == pytest.approx(TOWN.lonlat("4"), abs=1e-6)
    with pytest.raises(InputError, match="action 'gone' is not known"):
        deeds.changes_page(ready, the_batch(ready, second), town.srid, "gone", 1, 0)


def test_it_stays_so_when_batches_are_taken_back(
    ready: Connection, town: City, promoted: tuple[int, int], tmp_path: Path
) -> None:
    before = [lines(ready, town, batch_id) for batch_id in promoted]
    roll_back(ready, desk(town, tmp_path), promoted[1])
    assert [lines(ready, town, batch_id) for batch_id in promoted] == before
    roll_back(ready, desk(town, tmp_path), promoted[0])
    assert [lines(ready, town, batch_id) for batch_id in promoted] == before


def test_it_is_drawn(ready: Connection, town: City, promoted: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    told = [one["properties"] for one in drawn(ready, town, promoted[1])]
    assert [(one["action"], one["code"], one["subclass_code"]) for one in told] == [
        ("changed", "1", LAMP), ("changed", "2", LAMP), ("retired", "4", LAMP), ("added", "5", LAMP),
    ]  # fmt: skip
    lon, lat = TOWN.lonlat("4")
    assert [
        one["properties"]["code"]
        for one in drawn(ready, town, promoted[1], seen=(lon - 1e-4, lat - 1e-4, lon + 1e-4, lat + 1e-4), zoom=18)
    ] == ["4"]
    monkeypatch.setattr(preview, "MOST", 3)
    counted = [one["properties"]["counts"] for one in drawn(ready, town, promoted[1], zoom=3)]
    assert counted == [{"added": 1, "changed": 2, "retired": 1}]


def test_the_areas_of_a_draft_are_drawn(ready: Connection, town: City, tmp_path: Path) -> None:
    layer = Layer(layer="responsibility_grid", target="responsibility_grid", fields={"code": "CODE"})
    file = write(tmp_path / "grids.gpkg", [TOWN.polygon("abed"), TOWN.polygon("bcfe")], CODE=["G7", "G8"])
    batch_id = bring(ready, town, file, layer).batch_id
    found = drawn(ready, town, batch_id)
    assert [(one["properties"]["code"], one["geometry"]["type"]) for one in found] == [
        ("G7", "MultiPolygon"), ("G8", "MultiPolygon"),
    ]  # fmt: skip
    roll_back(ready, desk(town, tmp_path), batch_id)
    assert drawn(ready, town, batch_id) == []


def test_a_whole_city_is_counted_in_cells(ready: Connection, town: City, tmp_path: Path) -> None:
    west, south, east, north = TOWN.polygon("acfd").buffer(-5).bounds
    at = np.random.default_rng(1).uniform((west, south), (east, north), (6_000, 2))
    many = lamps(fields={"code": "CODE"})
    file = write(tmp_path / "many.gpkg", shapely.points(at), CODE=[f"L{n}" for n in range(6_000)])
    batch_id = bring(ready, town, file, many).batch_id
    found = drawn(ready, town, batch_id, zoom=12)
    assert sum(one["properties"]["counts"]["added"] for one in found) == 6_000
