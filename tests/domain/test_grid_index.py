"""The grid index answers as brute force over shapely does, of whatever valid areas and wherever the points."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate

from gridsvc.domain import grid_index
from gridsvc.domain.grid_cells import OUTSIDE
from gridsvc.domain.grid_index import GridIndex, KindAreas, KindIndex
from tests.sketch import ORIGIN, Sketch
from tests.tilings import agrees, places, tilings

TOWN = Sketch("""
    a . . b . . c
    . 1 . 5 . 2 .
    . . . . . . .
    d . . e . . f
    . . . . . . .
    . 3 . . . 4 .
    g . . h . . i
""")
seeds = st.integers(0, 2**32 - 1)


def index_of(shapes: dict[str, Any]) -> KindIndex:
    codes = np.array(sorted(shapes), dtype=object)
    drawn = np.array([shapes[code] for code in codes], dtype=object)
    ids = np.arange(len(codes)) + 100
    return KindIndex.build("grid", KindAreas(ids=ids, codes=codes, names_zh=codes, names_en=codes, shapes=drawn))


def check(shapes: dict[str, Any], xy: Any) -> None:
    """One by one and all at once, against brute force."""
    index = index_of(shapes)
    whole = GridIndex(revision=1, kinds={"grid": index})
    found = index.find(xy[:, 0], xy[:, 1])
    distances = index.edge_distances(found.places, xy[:, 0], xy[:, 1])
    for n, (x, y) in enumerate(xy):
        location = whole.at(x, y)
        agrees(shapes, shapely.Point(x, y), location)
        hit = location.hits.get("grid")
        if hit is None:
            assert (found.places[n], found.flags[n]) == (OUTSIDE, 0)
            assert np.isnan(distances[n])
        else:
            assert index.codes[found.places[n]] == hit.code
            assert (found.on_boundary[n], found.overlap[n]) == (hit.on_boundary, hit.overlap)
            assert distances[n] == hit.edge_distance


@settings(max_examples=150, deadline=None)
@given(shapes=tilings(), seed=seeds)
def test_of_tilings_with_holes_overlaps_and_lost_areas(shapes: dict[str, Any], seed: int) -> None:
    if shapes:
        check(shapes, places(shapes, np.random.default_rng(seed)))


@st.composite
def lattices(draw: Any) -> dict[str, Any]:
    """Areas on a lattice of 1 m, so that edges, corners and the sides of cells meet exactly; islands, areas of many
    parts that touch at points, overlaps."""
    rng = np.random.default_rng(draw(seeds))
    cells = [shapely.box(i, j, i + 1, j + 1) for i in range(6) for j in range(6)]
    owners = rng.integers(0, draw(st.integers(1, 9)), len(cells))
    shapes = {f"{n}": shapely.union_all([cells[k] for k in np.flatnonzero(owners == n)]) for n in set(owners.tolist())}
    if draw(st.booleans()):
        shapes["0 over"] = shapely.union_all([cells[k] for k in rng.integers(0, len(cells), 3)])
    return {code: translate(shape, *ORIGIN) for code, shape in shapes.items()}


@settings(max_examples=150, deadline=None)
@given(shapes=lattices(), seed=seeds)
def test_of_areas_on_a_lattice(shapes: dict[str, Any], seed: int) -> None:
    rng = np.random.default_rng(seed)
    halves = rng.integers(-2, 15, (60, 2)) / 2
    check(shapes, np.add(halves + rng.choice([-0.002, -0.0004, 0, 0.0004, 0.002], (60, 2)), ORIGIN))


@settings(max_examples=50, deadline=None)
@given(seed=seeds, slope=st.floats(-3, 3), thin=st.floats(0.003, 3))
def test_of_slivers_that_cross_many_cells(seed: int, slope: float, thin: float) -> None:
    x = np.linspace(0, 500, 400)
    line = np.column_stack([x, slope * x + np.sin(x / 7)])
    shapes = {
        code: translate(
            shapely.Polygon(np.concatenate([np.add(line, (0, low)), np.add(line[::-1], (0, high))])), *ORIGIN
        )
        for code, low, high in [("a", 0, thin), ("b", thin, 2 * thin), ("c", 2 * thin, 9)]
    }
    check(shapes, places(shapes, np.random.default_rng(seed)))


@pytest.mark.parametrize("cells", [1, 2, 16, 1_000_000])
def test_however_many_cells(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridsvc.domain.grid_building.LEAST", cells)
    monkeypatch.setattr("gridsvc.domain.grid_building.MOST", cells)
    shapes = {code: TOWN.polygon(marks) for code, marks in {"nw": "abed", "ne": "bcfe", "s": "dfig"}.items()}
    check(shapes, places(shapes, np.random.default_rng(cells)))
    check(shapes, np.array([TOWN.xy(mark) for mark in "abcdefghi12345"]))


@pytest.mark.parametrize("place", [(np.nan, 0), (0, np.nan), (np.inf, 0), (0, -np.inf), (1e300, 1e300), (117.0, 31.4)])
def test_no_place_and_places_of_another_world_are_outside(place: tuple[float, float]) -> None:
    index = index_of({"a": TOWN.polygon("acig")})
    x, y = np.array([place[0], TOWN.xy("1")[0]]), np.array([place[1], TOWN.xy("1")[1]])
    assert index.find(x, y).places.tolist() == [OUTSIDE, 0]


def test_many_points_are_found_as_few() -> None:
    shapes = {f"{n:03d}": translate(shapely.box(0, 0, 90, 90), 100 * (n % 20), 100 * (n // 20)) for n in range(400)}
    index = index_of({code: translate(shape, *ORIGIN) for code, shape in shapes.items()})
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-50, 2_100, (2, 250_000)).round(1) + np.array(ORIGIN)[:, None]
    x[::1000], y[5::1000] = np.nan, np.inf
    found = index.find(x, y)
    few = [index.find(x[n : n + 50_000], y[n : n + 50_000]) for n in range(0, len(x), 50_000)]
    assert np.array_equal(found.places, np.concatenate([each.places for each in few]))
    assert np.array_equal(found.flags, np.concatenate([each.flags for each in few]))
    assert (found.places == OUTSIDE).any()
    assert found.on_boundary.any()


def test_no_areas_and_no_points() -> None:
    empty, whole = index_of({}), index_of({"a": TOWN.polygon("acig")})
    x, y = (np.array([at]) for at in TOWN.xy("1"))
    assert empty.find(x, y).places.tolist() == [OUTSIDE]
    assert empty.at(*TOWN.xy("1")) is None
    assert empty.held_ids(np.array([OUTSIDE], np.int32)).tolist() == [OUTSIDE]
    assert len(whole.find(x[:0], y[:0]).places) == 0
    assert GridIndex(revision=0).area_ids(x, y).shape == (1, 0)


def test_of_equally_near_areas_the_first_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_index, "LEAST", 3)
    index = index_of({"b": TOWN.polygon("abed"), "a": TOWN.polygon("efih")})
    near = index.at(*np.add(TOWN.xy("e"), 3))
    assert (near.code, near.distance) == ("a", pytest.approx(3)) if near else False
    x, y = np.array([TOWN.xy(mark) for mark in "1e2341e4"]).T
    assert index.held_ids(index.find(x, y).places).tolist() == [101, 100, -1, -1, 100, 101, 100, 100]
