"""Areas are numbered from west to east within a row, and rows from north to south."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsvc.domain.numbering import reading_order
from tests.ingest.rules.wholes import tiling_of
from tests.sketch import Sketch

TOWN = Sketch(
    """
    a . . b . . c . . d
    . . . . . . . . . .
    e . . f . . g . . h
    . . . . . . . . . .
    i . . j . . k . . l
    """
)


def test_rows_are_read_from_the_north_and_each_from_the_west() -> None:
    rings = ["efji", "bcgf", "gklh", "abfe", "fgkj", "cghd"]
    order = reading_order([TOWN.polygon(ring) for ring in rings])
    assert [rings[n] for n in order] == ["abfe", "bcgf", "cghd", "efji", "fgkj", "gklh"]


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 6), st.integers(2, 6), st.integers(0, 10_000), st.randoms())
def test_rows_of_a_bent_tiling_stay_rows_in_any_order_of_input(columns: int, rows: int, seed: int, mix: object) -> None:
    cells = tiling_of(columns, rows, seed)  # row by row from the south
    right = np.arange(columns * rows).reshape(rows, columns)[::-1].ravel()
    assert (reading_order(cells) == right).all()
    shuffled = list(range(len(cells)))
    mix.shuffle(shuffled)  # type: ignore[attr-defined]
    assert [shuffled[n] for n in reading_order(cells[shuffled])] == right.tolist()


def test_the_height_of_a_row_may_be_said() -> None:
    houses = [shapely.box(x, y, x + 1, y + 1) for x, y in ((0, 0), (5, 4), (10, 8))]
    assert reading_order(houses).tolist() == [2, 1, 0]
    assert reading_order(houses, row_height=20).tolist() == [0, 1, 2]


def test_nothing_is_in_no_order() -> None:
    assert reading_order([]).tolist() == []
