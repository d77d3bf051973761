"""Whole unit grids are divided among parts that hang together and carry about the same load."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsvc.domain.dividing import divide_units
from gridsvc.domain.drawing import draw_unit_grids
from gridsvc.errors import InputError
from tests.domain.grounds import town
from tests.ingest.rules.wholes import tiling_of


def squares(drawing: str) -> list[Any]:
    """A unit of ten metres at each `x`."""
    rows = drawing.split()
    return [
        shapely.box(10 * x, -10 * y, 10 * x + 10, 10 - 10 * y)
        for y, row in enumerate(rows)
        for x, mark in enumerate(row)
        if mark == "x"
    ]


def hangs_together(units: Any, label: Any, part: int) -> bool:
    whole = shapely.union_all(np.array(units, dtype=object)[label == part])
    return bool(whole.buffer(-0.01).geom_type == "Polygon")


def test_a_row_is_divided_from_west_to_east() -> None:
    assert divide_units(squares("xxxxxxxx"), np.ones(8), 4).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_heavy_unit_makes_a_part_of_its_own() -> None:
    assert divide_units(squares("xxxxx"), [1, 1, 1, 1, 4], 2).tolist() == [0, 0, 0, 0, 1]


def test_parts_go_round_a_lake() -> None:
    ring = squares("xxxx x..x x..x xxxx")
    label = divide_units(ring, np.ones(12), 3)
    assert np.bincount(label).tolist() == [4, 4, 4]
    assert all(hangs_together(ring, label, part) for part in range(3))


def test_islands_are_kept_whole_where_they_balance() -> None:
    islands = squares("xx..xx xx..xx")
    assert divide_units(islands, np.ones(8), 2).tolist() == [0, 0, 1, 1, 0, 0, 1, 1]


def test_without_any_load_units_count_alike() -> None:
    assert np.bincount(divide_units(squares("xxx xxx"), np.zeros(6), 3)).tolist() == [2, 2, 2]


@pytest.mark.parametrize(
    ("weights", "parts", "cause"),
    [
        ([1, 1], 3, "2 unit grids cannot make 3 parts"),
        ([1, 1], 0, "1 part or more, not 0"),
        ([1], 2, "weights must be one number of 0 or more for each of the 2 unit grids"),
        ([1, -1], 2, "weights must be one number of 0 or more"),
        ([1, float("nan")], 2, "weights must be one number of 0 or more"),
    ],
)
def test_what_cannot_be_divided(weights: list[float], parts: int, cause: str) -> None:
    with pytest.raises(InputError, match=cause):
        divide_units(squares("xx"), weights, parts)


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 8), st.integers(2, 7), st.integers(0, 10_000), st.integers(2, 6))
def test_parts_hang_together_and_none_is_empty(columns: int, rows: int, seed: int, parts: int) -> None:
    cells = tiling_of(columns, rows, seed)
    weights = np.random.default_rng(seed).integers(0, 9, len(cells))
    label = divide_units(cells, weights, parts)
    assert sorted(set(label.tolist())) == list(range(parts))
    assert all(hangs_together(cells, label, part) for part in range(parts))
    assert (label == divide_units(cells, weights, parts)).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(6, 8), st.integers(5, 7), st.integers(0, 10_000), st.integers(2, 5))
def test_about_forty_even_units_are_divided_to_within_a_tenth(columns: int, rows: int, seed: int, parts: int) -> None:
    cells = tiling_of(columns, rows, seed)
    weights = shapely.area(cells)
    load = np.bincount(divide_units(cells, weights, parts), weights)
    assert abs(load / load.mean() - 1).max() < 0.1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4))
def test_grids_that_were_drawn_are_divided(seed: int, parts: int) -> None:
    place = town(seed)
    grids = draw_unit_grids(place["whole"], lines=place["lines"], target_m2=max(place["whole"].area / 40, 500))
    label = divide_units(grids, shapely.area(grids), parts)
    if place["whole"].geom_type == "Polygon":
        assert all(hangs_together(grids, label, part) for part in range(parts))
    assert len(set(label.tolist())) == parts
