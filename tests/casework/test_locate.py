"""Where a point lies: the 1 mm rule drawn by hand, and against a brute force over random tilings."""

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
from gridsvc.store import areas
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.queries import sql
from tests import made
from tests.sketch import ORIGIN, SRID, Sketch

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
    x, y = np.array([xy[0] + east]), np.array([xy[1] + north])
    return areas.SqlLocator(conn, SRID).locate(x, y, [at])[0]


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
    locator = areas.SqlLocator(conn, SRID)
    assert locator.locate(np.array([]), np.array([]), []) == []
    assert locator.locate(np.array([1.0]), np.array([1.0]), [made.NOON]) == [Location()]


# The same rule by brute force over shapely, to compare with.


def expected(shapes: dict[str, Any], point: Any) -> tuple[str, bool, bool, float] | None:
    """Code, on_boundary, overlap and distance to the edge; None outside."""
    near = sorted(code for code, shape in shapes.items() if shapely.distance(shape, point) <= TOLERANCE)
    edges = {code: shapely.distance(shapely.boundary(shapes[code]), point) for code in near}
    if not near:
        return None
    inside = [code for code in near if edges[code] > TOLERANCE]
    return near[0], len(inside) < len(near), len(inside) > 1, edges[near[0]]


@st.composite
def tilings(draw: Any) -> dict[str, Any]:
    """A jittered grid of quadrangles with many vertices; some lost, some with a hole, some grown over a neighbour."""
    columns, rows = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    corners = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1), indexing="ij"), -1) * 100.0
    corners += rng.uniform(-25, 25, corners.shape) + ORIGIN
    shapes = {}
    for i in range(columns):
        for j in range(rows):
            ring = [corners[i, j], corners[i + 1, j], corners[i + 1, j + 1], corners[i, j + 1]]
            shapes[f"{rng.integers(100):02d}-{i}{j}"] = _changed(shapely.Polygon(ring), rng.random(), rng)
    return {code: shape for code, shape in shapes.items() if not shape.is_empty}


def _changed(shape: Any, chance: float, rng: Any) -> Any:
    if chance < 0.1:
        return shapely.Polygon()
    if chance < 0.3:
        return shape.difference(shape.centroid.buffer(rng.uniform(2, 15), quad_segs=40))
    if chance < 0.4:
        return shape.buffer(rng.uniform(0.5, 20), quad_segs=30)
    if chance < 0.6:
        return shapely.segmentize(shape, 1.5)
    return shape


def places(shapes: dict[str, Any], rng: Any) -> Any:
    """Points anywhere, on vertices, on edges, and a little beside edges."""
    whole = shapely.union_all(list(shapes.values())).bounds if shapes else (*ORIGIN, *ORIGIN)
    anywhere = rng.uniform(np.subtract(whole[:2], 30), np.add(whole[2:], 30), (20, 2))
    if not shapes:
        return anywhere
    edges = shapely.boundary(list(shapes.values()))
    vertices = shapely.get_coordinates(edges)
    chosen = edges[rng.integers(len(edges), size=20)]
    on_edge = shapely.get_coordinates(shapely.line_interpolate_point(chosen, rng.random(20), normalized=True))
    beside = on_edge + rng.choice([-1, 1], (20, 2)) * rng.choice([0.0003, 0.0006, 0.0008, 0.002, 0.1], (20, 1))
    return np.concatenate([anywhere, vertices[rng.integers(len(vertices), size=20)], on_edge, beside])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shapes=tilings(), seed=st.integers(0, 2**32 - 1))
def test_postgis_and_shapely_agree(conn: Connection, town: City, shapes: dict[str, Any], seed: int) -> None:
    if not shapes:
        return
    with conn.transaction(force_rollback=True):
        put(conn, town, shapes)
        xy = places(shapes, np.random.default_rng(seed))
        locator, times = areas.SqlLocator(conn, SRID), [made.NOON] * len(xy)
        found = locator.locate(xy[:, 0], xy[:, 1], times)
        codes = locator.areas(xy[:, 0], xy[:, 1], times)
        for (x, y), location, code in zip(xy, found, codes, strict=True):
            _agrees(shapes, shapely.Point(x, y), location)
            assert code == {kind: (hit.area_id, hit.code) for kind, hit in location.hits.items()}


def _agrees(shapes: dict[str, Any], point: Any, location: Location) -> None:
    right = expected(shapes, point)
    if right is None:
        nearest = min(shapely.distance(shape, point) for shape in shapes.values())
        assert location.hits == {}
        assert location.outside["grid"].distance == pytest.approx(nearest, abs=1e-6)
        assert shapely.distance(shapes[location.outside["grid"].code], point) == pytest.approx(nearest, abs=1e-6)
        return
    hit = location.hits["grid"]
    assert (hit.code, hit.on_boundary, hit.overlap) == right[:3]
    assert hit.edge_distance == pytest.approx(right[3], abs=1e-6)
    assert location.outside == {}


def test_locating_uses_the_indexes(conn: Connection, town: City) -> None:
    x, y = (np.arange(60) * 40.0 + start for start in ORIGIN)
    shapes = {f"{i:02d}{j:02d}": shapely.box(east, north, east + 40, north + 40)
              for i, east in enumerate(x) for j, north in enumerate(y)}  # fmt: skip
    put(conn, town, shapes)
    conn.execute("ANALYZE area, area_piece, area_edge")
    given: dict[str, Any] = {
        "x": (x + 7).tolist(), "y": (y + 7).tolist(), "at": [made.NOON] * 60, "srid": SRID, "tolerance": TOLERANCE,
        "measure": True,
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
