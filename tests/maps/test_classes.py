"""Classes: every count has exactly one, zero stands alone, none is empty."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gridsvc.maps.classes import MOST, classify


@given(st.lists(st.one_of(st.integers(0, 20), st.integers(0, 10**9)), max_size=200))
def test_each_count_falls_into_one_class(values: list[int]) -> None:
    counts = np.array(values, dtype=np.int64)
    classes = classify(counts)
    kinds = classes.of(counts)
    for count, kind in zip(values, kinds.tolist(), strict=True):
        if count == 0:
            assert kind == 0
        else:
            assert classes.lower[kind - 1] <= count <= classes.upper[kind - 1]


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=300))
def test_classes_follow_one_another_and_none_is_empty(values: list[int]) -> None:
    counts = np.array(values, dtype=np.int64)
    classes = classify(counts)
    assert 1 <= len(classes.lower) <= MOST
    assert classes.lower[0] == min(values)
    assert classes.upper[-1] == max(values)
    assert [n - 1 for n in classes.lower[1:]] == list(classes.upper[:-1])
    assert set(classes.of(counts).tolist()) == set(range(1, len(classes.lower) + 1))


def test_skewed_counts_get_bounds_that_are_easy_to_read() -> None:
    counts = np.random.default_rng(3).lognormal(2.2, 1.1, 4000).astype(np.int64)
    classes = classify(counts)
    assert len(classes.lower) == MOST
    assert all(
        n < 10 or str(n).rstrip("0") in {"1", "12", "15", "2", "25", "3", "4", "5", "6", "8"} for n in classes.lower
    )


def test_nothing_counted_has_no_class_but_zero() -> None:
    classes = classify(np.zeros(5, dtype=np.int64))
    assert classes.lower == ()
    assert classes.of(np.zeros(5, dtype=np.int64)).tolist() == [0] * 5
