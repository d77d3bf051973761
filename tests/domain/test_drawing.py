"""Unit grids cover their community exactly, follow streets, keep clear of components and buildings, and are compact."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gridsvc.domain.coverage import faults
from gridsvc.domain.cutting import CLEAR
from gridsvc.domain.drawing import draw_city, draw_unit_grids
from gridsvc.domain.drawing_remarks import BUILDING, COMPONENT, LONG, TOO_LARGE, TOO_SMALL, compactness, remarks
from gridsvc.errors import InputError
from tests.domain.grounds import town
from tests.ingest.rules.wholes import array, tiling_of
from tests.sketch import Sketch

QUARTER = Sketch(
    """
    a . . . b . . . . c
    . . . . . . . . . .
    . . . . . . 5 . . .
    d . 2 . e . 6 . . f
    . . . . . . . . . .
    . . . . 3 . . . . .
    g . . . h . . . . i
    """,
    step=20,
)


def apart(grids: Any, whole: Any) -> float:
    return float(shapely.symmetric_difference(shapely.union_all(grids), whole).area)


def is_sound(grids: Any, whole: Any) -> None:
    assert all(grid.geom_type == "Polygon" for grid in grids)
    assert shapely.is_valid(grids).all()
    assert shapely.coverage_is_valid(grids)
    assert apart(grids, whole) < 1e-6
    assert faults(array(grids), whole) == []


def drawn_edges(grids: Any, whole: Any, lines: Any) -> Any:
    """Edges that neither the community nor a line gave."""
    given_edges = shapely.union_all([whole.boundary, *lines])
    return shapely.difference(shapely.union_all(shapely.boundary(grids)), shapely.buffer(given_edges, 1e-3))


def test_blocks_between_streets_are_unit_grids() -> None:
    streets = [QUARTER.line("bh"), QUARTER.line("df")]
    grids = draw_unit_grids(QUARTER.polygon("acig"), lines=streets, target_m2=5_500)
    blocks = [QUARTER.polygon(corners) for corners in ("abed", "bcfe", "dehg", "efih")]
    assert len(grids) == 4
    assert all(any(grid.equals(block) for grid in grids) for block in blocks)


def test_a_street_that_ends_inside_cuts_nothing() -> None:
    grids = draw_unit_grids(QUARTER.polygon("acig"), lines=[QUARTER.line("d2")], target_m2=21_600)
    assert len(grids) == 1
    assert grids[0].equals(QUARTER.polygon("acig"))


def test_a_street_may_end_a_little_short_of_the_edge() -> None:
    whole = QUARTER.polygon("acig")
    (west, south), (east, north) = QUARTER.xy("h"), QUARTER.xy("b")
    grids = draw_unit_grids(whole, lines=[shapely.LineString([(west, south + 0.4), (east, north - 0.4)])])
    assert sorted(round(grid.area) for grid in grids) == [9600, 12000]
    is_sound(grids, whole)


def test_what_is_too_small_joins_the_neighbour_with_the_longest_edge() -> None:
    grids = draw_unit_grids(QUARTER.polygon("acig"), lines=[QUARTER.line("bh"), QUARTER.line("2d"), QUARTER.line("e2")])
    assert sorted(round(grid.area) for grid in grids) == [9600, 12000]


def test_a_strip_between_a_street_and_the_edge_joins_the_blocks_beside_it() -> None:
    whole = shapely.box(0, 0, 400, 120)
    along = shapely.LineString([(0, 10), (400, 10)])
    across = [shapely.LineString([(x, 0), (x, 120)]) for x in (100, 200, 300)]
    grids = draw_unit_grids(whole, lines=[along, *across])
    assert sorted(round(grid.bounds[0]) for grid in grids) == [0, 100, 200, 300]
    assert {round(grid.area) for grid in grids} == {12_000}


def test_a_cut_keeps_away_from_components_in_its_way() -> None:
    whole = shapely.box(0, 0, 200, 100)
    row = np.column_stack([np.full(50, 100.0), np.linspace(1, 99, 50)])
    assert draw_unit_grids(whole)[0].bounds[2] == pytest.approx(100, abs=2)
    grids = draw_unit_grids(whole, points=row)
    edge = drawn_edges(grids, whole, [])
    assert len(grids) == 2
    assert shapely.distance(edge, shapely.MultiPoint(row)) >= CLEAR
    assert min(grid.area for grid in grids) > 9_000


def test_a_cut_goes_round_a_building_that_stands_in_every_way() -> None:
    whole, hall = shapely.box(0, 0, 200, 100), shapely.box(20, 40, 180, 60)
    grids = draw_unit_grids(whole, keep_whole=[hall])
    assert len(grids) == 2
    assert BUILDING not in {remark.kind for remark in remarks(grids, keep_whole=[hall])}


def test_a_compound_larger_than_the_target_stays_whole() -> None:
    whole, compound = shapely.box(0, 0, 300, 200), shapely.box(0, 0, 200, 150)
    grids = draw_unit_grids(whole, keep_whole=[compound])
    (around,) = [grid for grid in grids if shapely.intersection(grid, compound).area > 1e-6]
    assert around.area >= compound.area
    is_sound(grids, whole)


def test_open_ground_is_cut_into_compact_grids_of_the_target() -> None:
    whole = shapely.Point(0, 0).buffer(400)
    grids = draw_unit_grids(whole)
    areas = shapely.area(grids)
    assert len(grids) == pytest.approx(whole.area / 10_000, rel=0.05)
    assert ((areas > 7_000) & (areas < 13_000)).all()
    assert compactness(grids).min() > 0.5
    is_sound(grids, whole)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([2_000.0, 10_000.0, 30_000.0]))
@example(187, 2_000.0)  # grids that taper off along the edge of the community
@example(50_264, 2_000.0)
def test_grids_of_any_town_are_sound(seed: int, target: float) -> None:
    place = town(seed)
    grids = draw_unit_grids(
        place["whole"], **{name: place[name] for name in place if name != "whole"}, target_m2=target
    )
    is_sound(grids, place["whole"])
    edges = drawn_edges(grids, place["whole"], place["lines"])
    houses = shapely.buffer(array(place["keep_whole"]), -1e-3)
    assert shapely.length(shapely.intersection(edges, houses)).sum() == 0
    again = draw_unit_grids(
        place["whole"], **{name: place[name] for name in place if name != "whole"}, target_m2=target
    )
    assert all(one.equals_exact(other, 0) for one, other in zip(grids, again, strict=True))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_cut_comes_near_a_component(seed: int) -> None:
    place = town(seed)
    grids = draw_unit_grids(place["whole"], lines=place["lines"], points=place["points"])
    edges = drawn_edges(grids, place["whole"], place["lines"])
    fixed = shapely.union_all([place["whole"].boundary, *place["lines"]])
    points = shapely.points(place["points"])
    free = points[shapely.distance(points, fixed) > 2 * CLEAR]
    assert not shapely.dwithin(free, edges, CLEAR - 1e-6).any()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_grids_of_neighbouring_communities_fit(seed: int) -> None:
    communities = [shapely.transform(cell, lambda at: at * 4) for cell in tiling_of(3, 2, seed, between=3)]
    rng = np.random.default_rng(seed)
    bounds = shapely.total_bounds(communities)
    points = rng.uniform(bounds[:2], bounds[2:], (2_000, 2))
    lines = [shapely.LineString(rng.uniform(bounds[:2], bounds[2:], (2, 2))) for _ in range(10)]
    drawn = draw_city(communities, lines=lines, points=points)
    is_sound([grid for grids in drawn for grid in grids], shapely.union_all(communities))
    assert all(apart(grids, community) < 1e-6 for grids, community in zip(drawn, communities, strict=True))


def test_neighbours_cut_at_the_same_place_share_the_corner() -> None:
    communities = [shapely.box(470_000 + x, 3_480_000.1, 470_100.3 + x, 3_480_300.3) for x in (0, 100.3)]
    drawn = draw_city(communities)
    assert [len(grids) for grids in drawn] == [3, 3]
    assert shapely.coverage_is_valid([grid for grids in drawn for grid in grids])


def test_no_communities() -> None:
    assert draw_city([]) == []


def test_what_somebody_should_look_at_is_said() -> None:
    grids = [shapely.box(0, 0, 100, 60), shapely.box(100, 0, 300, 100), shapely.box(0, 100, 500, 120)]
    house = shapely.box(90, 20, 110, 30)
    found = remarks(grids, points=[(100.2, 5), (50, 30)], keep_whole=[house, shapely.box(10, 10, 20, 20)])
    assert [(one.kind, one.place) for one in found] == [
        (TOO_SMALL, 0), (TOO_LARGE, 1), (LONG, 2), (COMPONENT, 0), (BUILDING, 0),
    ]  # fmt: skip
    assert [one.value for one in found] == pytest.approx([6_000, 20_000, 0.116, 0.2, 10], abs=0.01)


@pytest.mark.parametrize(
    ("communities", "options", "cause"),
    [
        ([shapely.box(0, 0, 9, 9)], {"target_m2": 0}, "unit grids of 0 m² cannot be drawn"),
        ([shapely.box(0, 0, 9, 9)], {"target_m2": float("nan")}, "unit grids of nan m² cannot be drawn"),
        ([shapely.box(0, 0, 9, 9)], {"points": [(1, 2), (np.nan, 1)]}, "point 2 has no finite coordinates"),
        ([shapely.box(0, 0, 9, 9), shapely.Polygon()], {}, r"area 2 of 2 is not a valid polygon"),
        ([None], {}, r"area 1 of 1 is not a valid polygon \(no shape\)"),
        ([shapely.from_wkt("POLYGON((0 0, 9 9, 9 0, 0 9, 0 0))")], {}, r"area 1 of 1 .*Self-intersection"),
        ([shapely.LineString([(0, 0), (9, 9)])], {}, r"area 1 of 1 is not a valid polygon"),
    ],
)
def test_what_cannot_be_drawn(communities: Any, options: Any, cause: str) -> None:
    with pytest.raises(InputError, match=cause):
        draw_city(communities, **options)
