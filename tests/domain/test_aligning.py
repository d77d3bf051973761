"""Edges of a utility layer move onto the borders that they run along; the rest stays and is listed."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gridsvc.domain.aligning import align
from gridsvc.domain.coverage import faults
from gridsvc.domain.splitting import fit_seams
from gridsvc.errors import InputError
from tests.ingest.rules.wholes import array, tiling_of
from tests.sketch import ORIGIN, Sketch

TOWN = Sketch(
    """
    a . . . . b . . . . c
    . . . . . . . . . . .
    . . . . . . . . . . .
    d . . . . e . . . . f
    . . . . . . . . . . .
    . . . . . . . . . . .
    g . . . . h . . . . i
    """,
    step=40,
)
BORDERS = [TOWN.polygon(ring) for ring in ("abed", "bcfe", "dehg", "efih")]
NORTH, SOUTH = TOWN.polygon("acfd"), TOWN.polygon("dfig")


def bent(shapes: Any, seed: int, by: float) -> Any:
    """Moved by at most so many metres, here this way and there that."""
    rng = np.random.default_rng(seed)
    waves, phases = rng.uniform(0.01, 0.06, (2, 2)), rng.uniform(0, 6, 2)

    def moved(at: Any) -> Any:
        return at + by * 0.7 * np.sin((at - ORIGIN) @ waves + phases)

    dense = array(fit_seams(shapely.segmentize(array(fit_seams(shapes)), 5)))
    return array(fit_seams([shapely.transform(shape, moved) for shape in dense]))


def same(shapes: Any, others: Any) -> bool:
    apart = shapely.area(shapely.symmetric_difference(array(shapes), array(others)))
    return bool((apart < 1e-6).all())


def test_a_wavy_edge_beside_a_border_moves_onto_it_and_so_does_the_rim() -> None:
    layer = bent([NORTH, SOUTH], 1, 4)
    assert not same(layer, [NORTH, SOUTH])
    found = align(layer, BORDERS, 10)
    assert same(found.shapes, [NORTH, SOUTH])
    assert shapely.coverage_is_valid(found.shapes)
    assert found.loose == []
    assert found.moved_m2 > 100


def test_vertices_of_the_border_become_vertices_of_the_edge() -> None:
    found = align(bent([NORTH, SOUTH], 1, 4), BORDERS, 10)
    corners = {tuple(xy) for xy in shapely.get_coordinates(found.shapes[0])}
    assert {TOWN.xy(mark) for mark in "abcdef"} <= corners


def test_an_edge_far_from_any_border_stays_and_is_listed() -> None:
    middle = shapely.LineString([(ORIGIN[0], ORIGIN[1] - 60), (ORIGIN[0] + 400, ORIGIN[1] - 60)])
    layer = [shapely.box(ORIGIN[0], y - 60, ORIGIN[0] + 400, y) for y in (ORIGIN[1], ORIGIN[1] - 60)]
    found = align(layer, [NORTH], 10)
    assert same(found.shapes, layer)
    assert found.moved_m2 == 0
    (loose,) = found.loose
    assert (loose.place, loose.distance) == (0, pytest.approx(60))
    assert loose.geom.equals(middle)


def test_an_edge_that_only_crosses_a_border_stays() -> None:
    layer = [
        shapely.box(*ORIGIN, ORIGIN[0] + 150, ORIGIN[1] - 240),
        shapely.box(ORIGIN[0] + 150, ORIGIN[1] - 240, ORIGIN[0] + 400, ORIGIN[1]),
    ]
    found = align(layer, BORDERS, 10)
    assert same(found.shapes, layer)
    assert [round(one.geom.length) for one in found.loose] == [240]


def test_an_edge_that_follows_a_border_and_then_leaves_it_moves_as_far_as_it_follows() -> None:
    x, y = ORIGIN
    path = [(x, y - 124), (x + 250, y - 124), (x + 330, y - 60), (x + 400, y - 60)]
    upper = shapely.Polygon([*path, (x + 400, y), (x, y)])
    lower = shapely.Polygon([*path, (x + 400, y - 240), (x, y - 240)])
    found = align([upper, lower], BORDERS, 10)
    assert shapely.coverage_is_valid(found.shapes)
    edge = shapely.intersection(*[shape.boundary for shape in found.shapes])
    border = shapely.LineString([TOWN.xy("d"), TOWN.xy("f")])
    assert shapely.intersection(edge, border).length == pytest.approx(260, abs=10)
    (loose,) = found.loose
    assert loose.distance == pytest.approx(60)
    assert loose.geom.length < 190


def test_a_strip_narrower_than_the_tolerance_is_not_swallowed() -> None:
    x, y = ORIGIN
    layer = [
        shapely.box(x, y - 117, x + 400, y),
        shapely.box(x, y - 123, x + 400, y - 117),
        shapely.box(x, y - 240, x + 400, y - 123),
    ]
    found = align(layer, BORDERS, 10)
    assert shapely.coverage_is_valid(found.shapes)
    assert found.shapes[1].area >= layer[1].area / 2
    assert any(0 < one.distance <= 10 for one in found.loose)


def test_what_cannot_be_aligned() -> None:
    with pytest.raises(InputError, match="areas 1 and 2 of the layer overlap"):
        align([NORTH, TOWN.polygon("abed")], BORDERS, 10)
    for tolerance in (0, -1, float("nan"), float("inf")):
        with pytest.raises(InputError, match="the tolerance must be a number of metres above 0"):
            align([NORTH], BORDERS, tolerance)


def test_nothing_to_align_or_to_align_to() -> None:
    assert align([], BORDERS, 10).shapes == []
    found = align([NORTH], [], 10)
    assert (found.shapes, found.moved_m2) == ([NORTH], 0)
    assert [one.geom.length for one in found.loose] == [pytest.approx(NORTH.length)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(1, 6), st.integers(2, 6))
def test_a_layer_made_of_whole_areas_is_found_again(seed: int, by: float, count: int) -> None:
    borders = tiling_of(4, 4, seed, between=3)
    assume(shapely.coverage_is_valid(borders))
    group = np.sort(np.random.default_rng(seed).integers(0, count, 16))
    wholes = [shapely.coverage_union_all(borders[group == n]) for n in np.unique(group)]
    assume(all(whole.geom_type == "Polygon" for whole in wholes))
    layer = bent(wholes, seed, by)
    assume(shapely.is_valid(layer).all() and shapely.coverage_is_valid(layer))
    found = align(layer, borders, 12)
    assert faults(array(found.shapes)) == []
    outside = shapely.symmetric_difference(shapely.union_all(found.shapes), shapely.union_all(borders))
    assert outside.area < 0.02 * shapely.area(layer).sum()
    assert all(one.distance >= 0 for one in found.loose)
    before = shapely.area(shapely.symmetric_difference(layer, array(wholes))).sum()
    after = shapely.area(shapely.symmetric_difference(array(found.shapes), array(wholes))).sum()
    assert after < 0.2 * before + 1e-6


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(2, 25))
def test_any_layer_stays_a_coverage_and_loses_no_area(seed: int, tolerance: float) -> None:
    layer, borders = tiling_of(3, 3, seed), tiling_of(3, 4, seed + 1)
    assume(shapely.coverage_is_valid(layer) and shapely.coverage_is_valid(borders))
    found = align(layer, borders, tolerance)
    assert shapely.is_valid(found.shapes).all()
    assert shapely.coverage_is_valid(found.shapes)
    assert (shapely.get_num_geometries(found.shapes) == 1).all()
    assert (shapely.area(found.shapes) >= 0.5 * shapely.area(layer)).all()
    moved = shapely.area(shapely.symmetric_difference(array(found.shapes), layer)).sum()
    assert moved <= 2 * found.moved_m2 + 1e-3
    again = align(found.shapes, borders, tolerance)
    assert again.moved_m2 < 1e-6
    assert same(again.shapes, found.shapes)
