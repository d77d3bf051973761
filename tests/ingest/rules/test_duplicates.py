from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gridsvc.ingest.rules import proximity
from gridsvc.ingest.rules.proximity import earlier
from tests.ingest.rules.lots import COVER, LAMP, check, context, points, said, whole
from tests.sketch import ORIGIN, Sketch

STREET = Sketch(
    """
    1 2 . 3 . . . . . . . . 4
    """,
    step=1.0,
)
"""Lamps along a street, a metre from mark to mark."""


def lamps(marks: str) -> list[object]:
    return [STREET.point(mark) for mark in marks]


def test_the_same_thing_twice_is_an_error() -> None:
    data = whole(points("1213"), identity=[7, 8, 7, 7])
    (found,) = check("duplicate", data)
    assert (found.severity, found.feature, found.geom) == ("error", 3, points("1")[0])
    assert found.message == "it stands at the place of feature 1 and has the same attributes"
    assert check("same_place", data) == []


def test_two_things_at_one_place_are_a_warning_to_each_but_the_first() -> None:
    data = whole(points("1211"), identity=[1, 2, 3, 1], source_layers=["a", "b", "b", "a"])
    assert said("same_place", data) == [
        (3, "it stands at the place of feature 1 of layer a of the same subclass, with other attributes")
    ]
    assert said("duplicate", data) == [(4, "it stands at the place of feature 1 and has the same attributes")]


def test_different_subclasses_may_share_a_post() -> None:
    assert check("same_place", whole(points("11"), subclass_code=[LAMP, COVER])) == []
    assert check("same_place", whole(points("11"), subclass_code=[LAMP, None])) == []


@pytest.mark.parametrize(("apart", "same"), [(0.0, True), (0.0009, True), (0.0011, False)])
def test_a_place_is_a_millimetre_wide(apart: float, same: bool) -> None:
    x, y = ORIGIN
    data = whole([shapely.Point(x, y), shapely.Point(x + apart, y)])
    assert bool(check("same_place", data)) == same


def test_near_each_other_by_the_distance_of_the_subclass() -> None:
    data = whole(lamps("1234"))
    known = context(near={LAMP: 1.5})
    assert said("near", data, known) == [
        (2, "it stands 1.0 m from feature 1 of the same subclass, less than the 1.5 m that are usual")
    ]
    assert check("near", data, known)[0].message_zh == "与同一小类的要素 1 相距 1.0 米，小于该小类的间距 1.5 米"
    assert [feature for feature, _ in said("near", data, context(near={LAMP: 2.0}))] == [2, 3]


def test_nothing_is_near_where_the_distance_is_nought_or_not_said() -> None:
    for near in ({}, {LAMP: 0.0}, {COVER: 5.0}):
        assert check("near", whole(lamps("1123")), context(near=near)) == []


def test_each_subclass_has_its_own_distance() -> None:
    data = whole(lamps("1212"), subclass_code=[LAMP, LAMP, COVER, COVER])
    assert [feature for feature, _ in said("near", data, context(near={LAMP: 0.5, COVER: 1.0}))] == [4]


def test_what_stands_at_one_place_is_not_near_as_well() -> None:
    data = whole(lamps("1121"))
    known = context(near={LAMP: 1.5})
    assert [feature for feature, _ in said("near", data, known)] == [3]
    assert [feature for feature, _ in said("same_place", data)] == [2, 4]


def test_places_that_are_none_are_passed_over() -> None:
    data = whole([None, None, shapely.Point(1e300, 1e300), shapely.Point(1e300, 1e300)], identity=[1, 1, 1, 1])
    for rule in ("duplicate", "same_place", "near"):
        assert check(rule, data, context(near={LAMP: 5.0})) == []


def test_fewer_than_two_things() -> None:
    for shapes in ([], points("1")):
        assert check("duplicate", whole(shapes, identity=[1] * len(shapes))) == []


PLACES = st.lists(st.tuples(st.integers(-6, 6), st.integers(-6, 6), st.integers(0, 2)), max_size=40)
"""In quarters of a distance, so that borders of cells and exact distances are met; and a group."""


@settings(deadline=None)
@given(places=PLACES, distance=st.sampled_from([0.001, 0.5, 2.0, 10.0]), jitter=st.integers(0, 2**32 - 1))
def test_every_point_with_an_earlier_one_nearby_is_found_and_no_other(
    places: list[tuple[int, int, int]], distance: float, jitter: int
) -> None:
    random = np.random.default_rng(jitter)
    step = random.choice([0.25, 0.2501, 0.33])
    x = np.array([ORIGIN[0] + column * distance * step for column, _, _ in places])
    y = np.array([ORIGIN[1] + row * distance * step for _, row, _ in places])
    group = np.array([number for _, _, number in places], dtype=np.int64)
    within = np.full(len(places), distance)
    _is_exact(x, y, group, within, earlier(x, y, group, within, np.arange(len(x))))


def test_many_points_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proximity, "MOST_QUERIES", 50)
    monkeypatch.setattr(proximity, "MOST_PAIRS", 20)
    random = np.random.default_rng(3)
    x, y = random.uniform(0, 12, (2, 600)) + np.array(ORIGIN)[:, None]
    group = random.integers(0, 3, 600)
    within = np.array([0.2, 0.5, 1.0])[group]
    _is_exact(x, y, group, within, earlier(x, y, group, within, np.arange(600)))


def test_only_points_that_are_asked_for_count() -> None:
    x, y = np.array([0.0, 0.0, 0.0, 50.0]), np.zeros(4)
    partners = earlier(x, y, np.zeros(4), np.ones(4), np.array([1, 2, 3]))
    assert partners.tolist() == [-1, -1, 1, -1]


def test_a_whole_city_at_one_spot_takes_no_longer() -> None:
    """Metres taken for degrees: everything lies near everything."""
    x, y = np.random.default_rng(1).uniform(0, 0.4, (2, 100_000))
    partners = earlier(x, y, np.zeros(100_000), np.ones(100_000), np.arange(100_000))
    assert np.flatnonzero(partners < 0).tolist() == [0]


def _is_exact(
    x: NDArray[np.float64], y: NDArray[np.float64], group: NDArray[np.int64], within: NDArray[np.float64],
    partners: NDArray[np.int64],
) -> None:  # fmt: skip
    """Against every pair."""
    for row in range(len(x)):
        near = (np.hypot(x[:row] - x[row], y[:row] - y[row]) <= within[row]) & (group[:row] == group[row])
        assert partners[row] in (np.flatnonzero(near) if near.any() else [-1])
    assert all(first < second for first, second in pairwise(np.flatnonzero(partners < 0)))
