"""Of a tiling with planted faults exactly those are found, and nothing of a clean one."""

import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gridsvc.domain.coverage import (
    EDGES,
    GAP,
    HOLE,
    MISSING,
    OVERLAP,
    RIM,
    SLIVERS,
    VERTICES,
    Fault,
    beyond_parents,
    faults,
    union,
)
from tests.ingest.rules.wholes import array, changed, tiling_of
from tests.sketch import Sketch

MIDDLE = 4
"""Of three by three cells."""
SECONDS = 5.0
"""Generous: it takes about a fifth of a second."""

tilings = st.builds(tiling_of, st.just(3), st.just(3), st.integers(0, 10_000), st.integers(0, 4)).filter(
    shapely.coverage_is_valid
)
cells = st.integers(0, 8)
BLOCK = Sketch("""
    a . . . b . . . c
    . . . . . . . . .
    . . 1 . 2 . 3 . .
    . . . . . . . . .
    d . . . e . . . f
""")


def kinds(found: list[Fault]) -> list[str]:
    return [fault.kind for fault in found]


def moved(cell: Any, vertex: int, by: Any) -> Any:
    points = shapely.get_coordinates(cell)[:-1]
    points[vertex % len(points)] += by
    return shapely.Polygon(points)


def shared_segments(shapes: Any, row: int) -> list[tuple[int, Any]]:
    """Segments of the edge of a cell that are long enough to plant a fault at, each with the neighbour there."""
    points = shapely.get_coordinates(shapes[row])
    segments = [shapely.LineString(pair) for pair in pairwise(points)]
    return [
        (other, segment)
        for segment in segments
        for other in range(len(shapes))
        if other != row and segment.length > 12 and segment.covered_by(shapes[other].boundary)
    ]


@st.composite
def seams(draw: st.DrawFn) -> tuple[Any, int, int, Any]:
    """A tiling, a cell, a neighbour, and a segment of the edge between them that is far from all others."""
    shapes, row = draw(tilings), draw(cells)
    choice = shared_segments(shapes, row)
    assume(choice)
    other, segment = draw(st.sampled_from(choice))
    middle = segment.interpolate(0.5, normalized=True)
    assume(all(middle.distance(shapes[n]) > 8 for n in range(len(shapes)) if n not in (row, other)))
    edges = shapely.get_coordinates(shapes[[row, other]])
    ends = shapely.get_coordinates(segment)
    strangers = edges[(edges[:, None] != ends).any(axis=2).all(axis=1)]
    assume(segment.distance(shapely.MultiPoint(strangers)) > 4)
    return shapes, row, other, segment


def inner(segment: Any) -> Any:
    return shapely.LineString(segment.interpolate([0.2, 0.8], normalized=True))


@settings(max_examples=60, deadline=None)
@given(tilings, st.lists(st.integers(0, 5), max_size=2, unique=True))
def test_a_clean_tiling_has_no_faults(shapes: Any, joined: list[int]) -> None:
    for row in sorted(joined, reverse=True):  # with the cell above it
        shapes = changed(shapes, row, shapely.coverage_union_all(shapes[[row, row + 3]]))
        shapes = np.delete(shapes, row + 3) if row + 3 not in joined else shapes
    assume(shapely.coverage_is_valid(shapes))
    assert faults(shapes) == []
    assert faults(shapes, shapely.union_all(shapes)) == []


@settings(max_examples=300, deadline=None)
@given(tilings, cells, st.integers(0, 19), st.floats(0.01, 0.3), st.floats(0, 2 * np.pi), st.booleans())
def test_a_moved_vertex_is_one_fault_at_its_place(
    shapes: Any, row: int, vertex: int, far: float, angle: float, in_city: bool
) -> None:
    cell = moved(shapes[row], vertex, far * np.array([np.cos(angle), np.sin(angle)]))
    points = shapely.get_coordinates(shapes[row])[:-1]
    place = shapely.Point(points[vertex % len(points)])
    owners = np.flatnonzero(shapely.dwithin(shapes, place, 1e-6))
    city = shapely.union_all(shapes)
    stays = shapely.hausdorff_distance(cell.boundary, shapes[row].boundary) < 0.01  # it moved along the city's edge
    assume(len(owners) > 1 or (in_city and not stays))
    (fault,) = faults(changed(shapes, row, cell), city if in_city else None)
    on_rim = in_city and shapely.dwithin(city.boundary, place, 1e-6)
    assert fault.kind in ((EDGES, RIM) if on_rim and len(owners) > 1 else (RIM,) if on_rim else (EDGES,))
    assert row in fault.areas
    assert set(fault.areas) <= set(owners.tolist())
    assert fault.width <= far + 0.0011
    assert shapely.dwithin(fault.geom, place, far + 0.001)


@settings(max_examples=60, deadline=None)
@given(seams())
def test_an_overlap_is_one_fault_of_its_pair(seam: tuple[Any, int, int, Any]) -> None:
    shapes, row, other, segment = seam
    disc = segment.interpolate(0.5, normalized=True).buffer(3)
    (fault,) = faults(changed(shapes, row, shapes[row].union(disc)))
    assert (fault.kind, fault.areas) == (OVERLAP, (max(row, other), min(row, other)))
    assert fault.overlap == pytest.approx(disc.intersection(shapes[other]).area, abs=1e-6)
    assert shapely.symmetric_difference(fault.geom, disc.intersection(shapes[other])).area < 1e-6


@settings(max_examples=60, deadline=None)
@given(seams())
def test_a_gap_is_one_fault_between_its_areas(seam: tuple[Any, int, int, Any]) -> None:
    shapes, row, other, segment = seam
    disc = segment.interpolate(0.5, normalized=True).buffer(3)
    (fault,) = faults(changed(shapes, row, shapes[row].difference(disc)))
    assert (fault.kind, set(fault.areas)) == (GAP, {row, other})
    assert fault.gap == pytest.approx(disc.intersection(shapes[row]).area, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(seams(), st.floats(0.6, 0.95), st.booleans())
def test_what_is_thin_is_a_sliver(seam: tuple[Any, int, int, Any], width: float, covered: bool) -> None:
    shapes, row, other, segment = seam
    strip = inner(segment).buffer(width, cap_style="flat")
    cell = shapes[row].union(strip) if covered else shapes[row].difference(strip)
    (fault,) = faults(changed(shapes, row, cell))
    assert (fault.kind, fault.areas) == (SLIVERS, (min(row, other), max(row, other)))
    assert fault.width == pytest.approx(width, abs=0.002)
    expected = strip.intersection(shapes[other if covered else row]).area
    assert (fault.overlap, fault.gap) == pytest.approx((expected, 0) if covered else (0, expected), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(tilings, cells, st.booleans())
def test_a_missing_cell_is_found_inside_and_at_the_edge_of_the_city(shapes: Any, row: int, in_city: bool) -> None:
    rest, city = np.delete(shapes, row), shapely.union_all(shapes)
    found = faults(rest, city if in_city else None)
    if row != MIDDLE and not in_city:
        assert found == []
        return
    (fault,) = found
    assert (fault.kind, fault.on_rim) == (MISSING, row != MIDDLE)
    assert fault.gap == pytest.approx(shapes[row].area, abs=1e-6)
    assert shapely.symmetric_difference(fault.geom, shapes[row]).area < 1e-6


@settings(max_examples=40, deadline=None)
@given(tilings, cells)
def test_a_hole_that_nothing_fills_is_told_of_its_area(shapes: Any, row: int) -> None:
    hole = shapes[row].centroid.buffer(5)
    (fault,) = faults(changed(shapes, row, shapes[row].difference(hole)))
    assert (fault.kind, fault.areas) == (HOLE, (row,))
    assert fault.gap == pytest.approx(hole.area, abs=1e-6)
    filled = array([*changed(shapes, row, shapes[row].difference(hole)), hole])
    assert faults(filled) == []


@settings(max_examples=40, deadline=None)
@given(tilings, cells)
def test_a_cell_that_stands_twice_overlaps_itself_only(shapes: Any, row: int) -> None:
    (fault,) = faults(array([*shapes, shapes[row]]))
    assert (fault.kind, fault.areas) == (OVERLAP, (9, row))
    assert fault.overlap == pytest.approx(shapes[row].area)


@settings(max_examples=60, deadline=None)
@given(seams())
def test_a_vertex_on_an_edge_is_missing_in_the_neighbour(seam: tuple[Any, int, int, Any]) -> None:
    shapes, row, other, segment = seam
    points = shapely.get_coordinates(shapes[row])
    at = next(n for n in range(len(points)) if shapely.equals(shapely.LineString(points[n : n + 2]), segment))
    middle = segment.interpolate(0.5, normalized=True)
    cell = shapely.Polygon(np.insert(points, at + 1, middle.coords[0], axis=0))
    (fault,) = faults(changed(shapes, row, cell))
    assert (fault.kind, fault.areas, fault.places) == (VERTICES, (other, row), 1)
    assert fault.geom.equals(middle)


def test_two_tilings_of_the_same_ground_overlap_everywhere() -> None:
    first, second = tiling_of(5, 5, 1), tiling_of(5, 5, 2)
    found = [fault for fault in faults(array([*first, *second])) if fault.kind == OVERLAP]
    pairs = {(b + 25, a) for a in range(25) for b in range(25) if first[a].intersection(second[b]).buffer(-0.5).area}
    assert {fault.areas for fault in found} == pairs


@pytest.mark.parametrize(("width", "in_city", "kind"), [(0.2, False, EDGES), (0.2, True, EDGES), (0.8, True, SLIVERS)])
def test_a_slot_that_opens_to_the_outside_lies_between_its_areas(width: float, in_city: bool, kind: str) -> None:
    west, east = BLOCK.polygon("abed"), BLOCK.polygon("bcfe")
    slot = BLOCK.line("b2").buffer(width, cap_style="flat")
    city = shapely.union_all([west, east])
    (fault,) = faults(array([west, east.difference(slot)]), city if in_city else None)
    assert (fault.kind, fault.areas, round(fault.width, 2)) == (kind, (0, 1), width)


def test_areas_that_touch_at_a_point_islands_and_enclaves_are_as_they_should_be() -> None:
    sketch = Sketch("""
        a . b . c . .
        . . . . . . .
        d . e . f . g
        . . . 1 . 2 .
        h . i . j . k
        . . . 3 . 4 .
    """)
    corner = [sketch.polygon("abed"), sketch.polygon("efji")]
    assert faults(array(corner)) == []
    island = shapely.union_all([sketch.polygon("abed"), sketch.polygon("fgkj")])
    assert faults(array([island, sketch.polygon("deih")])) == []
    inside = sketch.polygon("1243")
    around = sketch.polygon("abed").buffer(200).difference(inside)
    assert faults(array([around, inside])) == []


def test_a_target_with_a_lake_leaves_the_lake_out() -> None:
    west, east = BLOCK.polygon("abed"), BLOCK.polygon("bcfe")
    lake = BLOCK.point("2").buffer(3)
    shapes = array([west.difference(lake), east.difference(lake)])
    assert kinds(faults(shapes)) == [GAP]
    assert faults(shapes, shapely.union_all([west, east]).difference(lake)) == []


def test_edges_that_differ_by_less_than_a_millimetre_fit() -> None:
    west, east = BLOCK.polygon("abed"), BLOCK.polygon("bcfe")
    assert faults(array([west, shapely.transform(east, lambda xy: xy + 0.0004)])) == []


def test_a_layer_digitised_anew_is_told_once_for_each_pair() -> None:
    shapes = tiling_of(4, 4, 5)
    random = np.random.default_rng(1)
    rings = [shapely.get_coordinates(shape)[:-1] for shape in shapes]
    redrawn = array(shapely.Polygon(ring + random.uniform(-0.05, 0.05, ring.shape)) for ring in rings)
    found = faults(redrawn)
    assert set(kinds(found)) <= {EDGES, VERTICES}
    parties = [fault.areas for fault in found if fault.kind == EDGES]
    assert len(parties) == len(set(parties))
    assert {(row, row + 4) for row in range(12)} <= {tuple(sorted(areas)) for areas in parties}


def test_a_shape_that_is_missing_covers_nothing_and_one_that_is_not_valid_what_it_shows() -> None:
    west, east = BLOCK.polygon("abed"), BLOCK.polygon("bcfe")
    assert faults(array([west, None, east, shapely.Polygon()])) == []
    bow = BLOCK.polygon("abde")
    assert not bow.is_valid
    (fault,) = faults(array([bow, east]))
    assert fault.gap == pytest.approx(BLOCK.polygon("abed").area / 4)
    assert faults(array([])) == []
    assert kinds(faults(array([]), west)) == [MISSING]


def test_union_is_what_areas_cover_together_whether_they_fit_or_not() -> None:
    shapes = tiling_of(3, 3, 3)
    for given_shapes in (shapes, changed(shapes, MIDDLE, shapes[MIDDLE].buffer(5)), shapes[:0]):
        assert shapely.symmetric_difference(union(given_shapes), shapely.union_all(given_shapes)).area < 1e-6


def test_a_child_beyond_its_parent_is_measured() -> None:
    parents = array([BLOCK.polygon("abed"), BLOCK.polygon("bcfe")])
    shapely.prepare(parents)
    inside, across = BLOCK.point("1").buffer(5), BLOCK.point("2").buffer(5)
    children = array([inside, across, BLOCK.point("3").buffer(5), None, across])
    found = beyond_parents(children, parents, np.array([0, 0, 0, 0, -1]))
    assert [(one.row, round(one.share, 3), round(one.distance, 2)) for one in found] == [(1, 0.5, 5.0), (2, 1.0, 25.0)]
    assert found[0].area == pytest.approx(across.area / 2)


def test_a_child_that_follows_its_parents_edge_loosely_is_inside() -> None:
    parent = BLOCK.polygon("abed")
    assert beyond_parents(array([parent.buffer(0.3)]), array([parent]), np.array([0])) == []


def test_seven_thousand_cells_take_less_than_a_second_or_so() -> None:
    shapes = tiling_of(84, 84, 7, between=9, jitter=4)
    city = union(shapes)
    began = time.process_time()
    assert faults(shapes, city) == []
    assert time.process_time() - began < SECONDS
