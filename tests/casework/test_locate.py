"""Where a point lies: the 1 mm rule drawn by hand, and against a brute force over random tilings."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.affinity import translate

from gridsvc.areas.apply import ALWAYS
from gridsvc.domain.location import TOLERANCE, Location
from gridsvc.store.areas import AsOf
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.locating import SqlLocator, grid_index
from gridsvc.store.queries import sql
from tests import made
from tests.sketch import ORIGIN, SRID, Sketch
from tests.tilings import agrees, places, tilings

TOWN = Sketch("""
    a . . b . . c
    . 1 . 5 . 2 .
    . . . . . . .
    d . . e . . f . . 7
    . . . . . . .
    . 3 . . . 4 .
    g . . h . . i . . 8
""")
QUARTERS = {"nw": "abed", "ne": "bcfe", "sw": "dehg", "se": "efih"}


def quarters(**changed: Any) -> dict[str, Any]:
    """Four areas of 30 m around e; those given are put in their place, None takes one away."""
    drawn = {code: TOWN.polygon(marks) for code, marks in QUARTERS.items()} | changed
    return {code: shape for code, shape in drawn.items() if shape is not None}


def located(
    conn: Connection, xy: tuple[float, float], east: float = 0, north: float = 0, at: datetime = made.NOON
) -> Location:
    """By PostGIS; the index of that time says the same."""
    x, y = np.array([xy[0] + east]), np.array([xy[1] + north])
    found = SqlLocator(conn, SRID).locate(x, y, [at])[0]
    same(grid_index(conn, AsOf(at=at)).at(float(x[0]), float(y[0])), found)
    return found


def same(index: Location, postgis: Location) -> None:
    """All but the last digits of distances."""
    assert index.hits.keys() == postgis.hits.keys()
    assert index.outside.keys() == postgis.outside.keys()
    for kind, hit in postgis.hits.items():
        distance = pytest.approx(hit.edge_distance, abs=1e-9)
        assert index.hits[kind] == dataclasses.replace(hit, edge_distance=distance)
    for kind, near in postgis.outside.items():
        assert index.outside[kind] == dataclasses.replace(near, distance=pytest.approx(near.distance, abs=1e-9))


def grid_of(conn: Connection, xy: tuple[float, float], east: float = 0, north: float = 0) -> Any:
    return located(conn, xy, east, north).hits["grid"]


def put(conn: Connection, town: City, shapes: dict[str, Any]) -> None:
    made.put_areas(conn, town, made.kind("grid"), shapes)


def test_inside(conn: Connection, town: City) -> None:
    put(conn, town, quarters())
    hit = grid_of(conn, TOWN.xy("1"))
    assert (hit.code, hit.name_zh, hit.name_en) == ("nw", "nw区", "Area nw")
    assert hit.edge_distance == pytest.approx(10)
    assert (hit.on_boundary, hit.overlap) == (False, False)


def test_on_a_shared_edge_the_lowest_code_wins(conn: Connection, town: City) -> None:
    put(conn, town, quarters())
    hit = grid_of(conn, TOWN.xy("5"))
    assert (hit.code, hit.on_boundary, hit.overlap, hit.edge_distance) == ("ne", True, False, 0)


def test_on_a_corner_of_four(conn: Connection, town: City) -> None:
    put(conn, town, quarters())
    hit = grid_of(conn, TOWN.xy("e"))
    assert (hit.code, hit.on_boundary, hit.overlap) == ("ne", True, False)


@pytest.mark.parametrize(("millimetres", "code", "edge"), [(0.9, "ne", True), (1.1, "nw", False)])
def test_an_edge_is_a_millimetre_wide(conn: Connection, town: City, millimetres: float, code: str, edge: bool) -> None:
    put(conn, town, quarters())
    hit = grid_of(conn, TOWN.xy("5"), east=-millimetres / 1000)
    assert (hit.code, hit.on_boundary) == (code, edge)
    assert hit.edge_distance == pytest.approx(millimetres / 1000, abs=1e-8)


@pytest.mark.parametrize(("millimetres", "inside"), [(0.9, True), (1.1, False)])
def test_the_outer_edge_is_a_millimetre_wide_too(
    conn: Connection, town: City, millimetres: float, inside: bool
) -> None:
    put(conn, town, quarters())
    found = located(conn, TOWN.xy("f"), east=millimetres / 1000, north=5)
    assert ("grid" in found.hits) is inside
    assert ("grid" in found.outside) is not inside


def test_a_gap_is_outside_with_the_nearest_area(conn: Connection, town: City) -> None:
    put(conn, town, quarters(se=None))
    found = located(conn, TOWN.xy("4"), north=-5)
    assert found.hits == {}
    assert (found.outside["grid"].code, found.outside["grid"].name_zh) == ("sw", "sw区")
    assert found.outside["grid"].distance == pytest.approx(20)


def test_outside_every_area(conn: Connection, town: City) -> None:
    put(conn, town, quarters())
    near = located(conn, TOWN.xy("8")).outside["grid"]
    assert (near.code, near.distance) == ("se", pytest.approx(30))
    between = located(conn, TOWN.xy("7")).outside["grid"]
    assert (between.code, between.distance) == ("ne", pytest.approx(30))


def test_an_overlap_is_flagged_and_the_lowest_code_wins(conn: Connection, town: City) -> None:
    put(conn, town, quarters(nw=TOWN.polygon("acfd")))
    hit = grid_of(conn, TOWN.xy("2"))
    assert (hit.code, hit.overlap, hit.on_boundary) == ("ne", True, False)
    assert not grid_of(conn, TOWN.xy("1")).overlap


def test_a_hole_is_outside_and_has_an_edge(conn: Connection, town: City) -> None:
    hole = shapely.box(*np.subtract(TOWN.xy("1"), 3), *np.add(TOWN.xy("1"), 3))
    put(conn, town, quarters(nw=TOWN.polygon("abed").difference(hole)))
    assert located(conn, TOWN.xy("1")).outside["grid"].distance == pytest.approx(3)
    assert grid_of(conn, TOWN.xy("1"), east=4).edge_distance == pytest.approx(1)
    assert grid_of(conn, TOWN.xy("1"), east=3).on_boundary


def test_a_multipart_area_is_one_area(conn: Connection, town: City) -> None:
    both = shapely.union_all([TOWN.polygon("abed"), translate(TOWN.polygon("efih"), 100)])
    put(conn, town, quarters(nw=both, se=None))
    assert grid_of(conn, TOWN.xy("1")).code == grid_of(conn, TOWN.xy("4"), east=100).code == "nw"


def test_areas_that_touch_at_a_point(conn: Connection, town: City) -> None:
    put(conn, town, quarters(ne=None, sw=None))
    hit = grid_of(conn, TOWN.xy("e"))
    assert (hit.code, hit.on_boundary, hit.overlap) == ("nw", True, False)
    near = located(conn, TOWN.xy("e"), east=3, north=3).outside["grid"]
    assert (near.code, near.distance) == ("nw", pytest.approx(3))


def test_the_areas_of_the_time_count_and_the_last_moment_is_the_next_ones(conn: Connection, town: City) -> None:
    change = datetime(2026, 3, 1, tzinfo=UTC)
    put(conn, town, {"1 old": TOWN.polygon("acig")})
    made.put_areas(conn, town, made.kind("grid"), {"2 new": TOWN.polygon("acig")}, valid_from=change)
    for at, code in [(ALWAYS, "1 old"), (change.replace(month=2), "1 old"), (change, "2 new"), (made.NOON, "2 new")]:
        assert located(conn, TOWN.xy("1"), at=at).hits["grid"].code == code


def test_before_its_first_day_an_area_is_not_even_near(conn: Connection, town: City) -> None:
    made.put_areas(conn, town, made.kind("grid"), quarters(), valid_from=made.NOON)
    found = located(conn, TOWN.xy("1"), at=made.NOON.replace(year=2025))
    assert (found.hits, found.outside) == ({}, {})


def test_one_area_per_kind(conn: Connection, town: City) -> None:
    put(conn, town, quarters())
    made.put_areas(conn, town, made.kind("district"), {"all": TOWN.polygon("acig")})
    found = located(conn, TOWN.xy("e"))
    assert {kind: hit.code for kind, hit in found.hits.items()} == {"grid": "ne", "district": "all"}
    assert not found.hits["district"].on_boundary


def test_no_points_and_no_areas(conn: Connection) -> None:
    locator = SqlLocator(conn, SRID)
    assert locator.locate(np.array([]), np.array([]), []) == []
    assert locator.locate(np.array([1.0]), np.array([1.0]), [made.NOON]) == [Location()]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shapes=tilings(), seed=st.integers(0, 2**32 - 1))
def test_postgis_the_index_and_shapely_agree(conn: Connection, town: City, shapes: dict[str, Any], seed: int) -> None:
    if not shapes:
        return
    with conn.transaction(force_rollback=True):
        put(conn, town, shapes)
        xy = places(shapes, np.random.default_rng(seed))
        locator, times = SqlLocator(conn, SRID), [made.NOON] * len(xy)
        found = locator.locate(xy[:, 0], xy[:, 1], times)
        codes = locator.areas(xy[:, 0], xy[:, 1], times)
        index = grid_index(conn)
        for (x, y), location, code in zip(xy, found, codes, strict=True):
            agrees(shapes, shapely.Point(x, y), location)
            same(index.at(x, y), location)
            assert code == {kind: (hit.area_id, hit.code) for kind, hit in location.hits.items()}


def test_locating_uses_the_indexes(conn: Connection, town: City) -> None:
    x, y = (np.arange(60) * 40.0 + start for start in ORIGIN)
    shapes = {f"{i:02d}{j:02d}": shapely.box(east, north, east + 40, north + 40)
              for i, east in enumerate(x) for j, north in enumerate(y)}  # fmt: skip
    put(conn, town, shapes)
    conn.execute("ANALYZE area, area_piece, area_edge")
    given: dict[str, Any] = {
        "x": (x + 7).tolist(), "y": (y + 7).tolist(), "at": [made.NOON] * 60, "srid": SRID, "tolerance": TOLERANCE,
        "measure": True, "revision": None,
    }  # fmt: skip
    row = conn.execute(b"EXPLAIN (FORMAT JSON) " + sql("locate_points").encode(), given).fetchone()
    assert row is not None
    used, scanned = set(), set()
    for node in _nodes(row[0][0]["Plan"]):
        used.add(node.get("Index Name"))
        scanned.add(node.get("Relation Name") if node["Node Type"] == "Seq Scan" else None)
    assert {"area_piece_geom", "area_edge_near"} <= used, json.dumps(row[0], indent=1)
    assert not scanned & {"area_piece", "area_edge"}


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in _nodes(child))]


def test_the_lowest_code_is_the_same_whatever_the_collation_of_the_server(conn: Connection, town: City) -> None:
    shapes = {"a": TOWN.polygon("abed"), "B": TOWN.polygon("bcfe")}
    put(conn, town, shapes)
    conn.execute('ALTER TABLE area ALTER COLUMN code TYPE text COLLATE "und-x-icu"')
    assert conn.execute("SELECT code FROM area ORDER BY code LIMIT 1").fetchone() == ("a",)
    assert grid_of(conn, TOWN.xy("e")).code == "B"
    north_of_b = located(conn, TOWN.xy("b"), north=5).outside["grid"]
    assert (north_of_b.code, north_of_b.distance) == ("B", pytest.approx(5))
