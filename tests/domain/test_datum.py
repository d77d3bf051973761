"""GCJ-02 and BD-09: there, and exactly back."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridsvc.domain import datum

METRE = 1 / 111_000
"""In degrees, roughly; of longitude it is less."""

THERE_AND_BACK = [
    (datum.gcj02_from_wgs84, datum.wgs84_from_gcj02),
    (datum.bd09_from_gcj02, datum.gcj02_from_bd09),
    (datum.bd09_from_wgs84, datum.wgs84_from_bd09),
]
places = st.tuples(st.floats(74, 134), st.floats(3, 53))


def metres_apart(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return np.hypot((a[0] - b[0]) * np.cos(np.radians(b[1])), a[1] - b[1]) * 111_320


@pytest.mark.parametrize(("there", "back"), THERE_AND_BACK)
@given(st.lists(places, min_size=1, max_size=20))
def test_the_way_back_ends_within_a_hundredth_of_a_millimetre(
    there: Callable[..., datum.Pair], back: Callable[..., datum.Pair], points: list[tuple[float, float]]
) -> None:
    lon, lat = np.array(points).T
    assert metres_apart(back(*there(lon, lat)), (lon, lat)).max() < 1e-5
    assert metres_apart(there(*back(lon, lat)), (lon, lat)).max() < 1e-5


def test_the_forbidden_city_stands_where_map_apps_show_it() -> None:
    lon, lat = np.array([116.404]), np.array([39.915])
    assert np.column_stack(datum.gcj02_from_wgs84(lon, lat)) == pytest.approx(
        np.array([[116.41024449916938, 39.91640428150164]]), abs=1e-9
    )
    assert np.column_stack(datum.bd09_from_gcj02(lon, lat)) == pytest.approx(
        np.array([[116.41036949371029, 39.92133699351021]]), abs=1e-9
    )


@given(places)
def test_gcj02_is_some_hundred_metres_away_and_bd09_further(place: tuple[float, float]) -> None:
    lon, lat = np.array([place[0]]), np.array([place[1]])
    assert metres_apart(datum.gcj02_from_wgs84(lon, lat), (lon, lat))[0] < 1_100
    assert 300 < metres_apart(datum.bd09_from_gcj02(lon, lat), (lon, lat))[0] < 1_100


@pytest.mark.parametrize("shift", [each for pair in THERE_AND_BACK for each in pair])
def test_places_outside_china_and_what_is_no_place_come_back_as_they_are(shift: Callable[..., datum.Pair]) -> None:
    lon = np.array([-77.03, 139.7, 104.7, np.nan, 104.7, np.inf])
    lat = np.array([38.9, 35.7, -31.4, 31.4, np.nan, 31.4])
    moved = shift(lon, lat)
    np.testing.assert_array_equal(moved, (lon, lat))


def test_one_point_in_china_among_others_is_shifted_alone_and_the_arrays_given_stay() -> None:
    lon, lat = np.array([-77.03, 104.7]), np.array([38.9, 31.4])
    moved = datum.gcj02_from_wgs84(lon, lat)
    assert moved[0][0] == -77.03
    assert abs(moved[0][1] - 104.7) > 100 * METRE
    assert lon.tolist() == [-77.03, 104.7]


def test_nothing_is_shifted_to_nothing() -> None:
    lon, lat = datum.wgs84_from_bd09(np.empty(0), np.empty(0))
    assert lon.shape == lat.shape == (0,)
