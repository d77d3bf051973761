"""Rows of a re-survey without codes, and the components that they are."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsvc.ingest.matching import Matched, Points, match, radius_of
from tests.sketch import Sketch

BEFORE = Sketch(
    """
    a . . . b . . . c . .
    """,
    step=1,
)


def points(at: list[tuple[float, float]], digests: list[int] | None = None) -> Points:
    x, y = np.array(at, dtype=float).reshape(-1, 2).T
    return Points(x=x, y=y, digest=np.array(digests or [0] * len(at)))


def pairs(found: Matched) -> set[tuple[int, int]]:
    return set(zip(found.rows.tolist(), found.stored.tolist(), strict=True))


def spots(marks: str, by: float = 0.0) -> list[tuple[float, float]]:
    return [(BEFORE.point(mark).x + by, BEFORE.point(mark).y) for mark in marks]


def test_what_moved_a_little_is_the_same_thing() -> None:
    found = match(points(spots("abc", by=0.3)), points(spots("abc")), radius=1.0)
    assert pairs(found) == {(0, 0), (1, 1), (2, 2)}
    assert not len(found.ambiguous)


def test_what_stands_farther_than_surveys_err_is_another_thing() -> None:
    found = match(points(spots("a", by=1.5)), points(spots("a")), radius=1.0)
    assert pairs(found) == set()
    assert not len(found.ambiguous)


def test_a_row_between_two_things_is_anybodys_guess() -> None:
    found = match(points([(0.5, 0)]), points([(0, 0), (1, 0)]), radius=1.0)
    assert pairs(found) == set()
    assert found.ambiguous.tolist() == [0]
    assert found.claimed.tolist() == [0, 1]


def test_two_rows_at_one_thing_are_anybodys_guess() -> None:
    found = match(points([(0, 0), (0, 0)]), points([(0, 0)]), radius=1.0)
    assert found.ambiguous.tolist() == [0, 1]
    assert found.claimed.tolist() == [0]


def test_the_clearly_nearer_of_two_things_is_it() -> None:
    found = match(points([(0.1, 0)]), points([(0, 0), (0.9, 0)]), radius=1.0)
    assert pairs(found) == {(0, 0)}


def test_twins_of_which_nothing_changed_are_told_apart_by_their_order() -> None:
    twins = points([(0, 0), (0, 0)], digests=[7, 7])
    assert pairs(match(twins, twins, radius=1.0)) == {(0, 0), (1, 1)}


def test_an_unchanged_twin_leaves_the_other_to_the_changed_one() -> None:
    found = match(points([(0, 0), (0, 0)], [7, 9]), points([(0, 0), (0, 0)], [7, 8]), radius=1.0)
    assert pairs(found) == {(0, 0), (1, 1)}


def test_a_row_without_a_place_is_nothing_that_is_there() -> None:
    found = match(points([(np.nan, np.nan)]), points([(0, 0)]), radius=1.0)
    assert pairs(found) == set()


@pytest.mark.parametrize(("accuracy", "metres"), [("A", 1.0), ("B", 2.0), ("C", 20.0), (None, 2.0)])
def test_surveys_may_differ_by_twice_their_mean_error(accuracy: str | None, metres: float) -> None:
    assert radius_of(accuracy) == metres


place = st.tuples(st.integers(0, 12), st.integers(0, 3)).map(lambda p: (p[0] / 2, p[1] / 2))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(place, st.integers(0, 4)), max_size=12),
    st.lists(st.tuples(place, st.integers(0, 4)), max_size=12),
)
def test_nothing_is_matched_twice_or_lost(rows: list[Any], stored: list[Any]) -> None:
    given_rows = points([at for at, _ in rows], [digest for _, digest in rows])
    given_stored = points([at for at, _ in stored], [digest for _, digest in stored])
    found = match(given_rows, given_stored, radius=1.0)
    assert len(set(found.rows.tolist())) == len(found.rows)
    assert len(set(found.stored.tolist())) == len(found.stored)
    assert not set(found.rows.tolist()) & set(found.ambiguous.tolist())
    assert not set(found.stored.tolist()) & set(found.claimed.tolist())
    for row, component in pairs(found):
        (x, y), digest = rows[row]
        (u, v), known = stored[component]
        assert np.hypot(x - u, y - v) <= 1.0 or (digest and digest == known)
