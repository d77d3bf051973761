"""GCJ-02 and BD-09, the shifted longitudes and latitudes of map apps in China, and WGS 84.

Both are published nowhere officially; the formulas are those in common use. They are functions of the place, 100 to
700 m long, without EPSG code. Here the way back is iterated until it is exact to well under a millimetre: the usual
single step is off by up to a metre or two. CGCS2000 and WGS 84 are not told apart (under 1 m).

All functions take and give degrees, longitude first, as arrays of one shape. Outside the usual rough bounds of China
nothing is shifted; within a shift's length of those bounds the way there and back is therefore not exact. What is not
finite stays so.
"""

from collections.abc import Callable

import numpy as np

from gridsvc.domain.crs import BoolArray, FloatArray

BOUNDS = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north of where the map apps shift."""

AXIS = 6378245.0
ECCENTRICITY = 0.00669342162296594323
"""Krasovsky's ellipsoid: half its longer axis in metres, and its first eccentricity, squared."""
BAIDU_WAVE = np.pi * 3000.0 / 180.0
BAIDU_STEP = (0.0065, 0.006)

EXACT = 1e-11
"""Degrees, about a thousandth of a millimetre."""
ROUNDS = 30
"""More than ever needed: each round makes the error at least ten times smaller."""

Pair = tuple[FloatArray, FloatArray]


def in_china(lon: FloatArray, lat: FloatArray) -> BoolArray:
    west, south, east, north = BOUNDS
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def gcj02_from_wgs84(lon: FloatArray, lat: FloatArray) -> Pair:
    return _within(lon, lat, _to_gcj02)


def wgs84_from_gcj02(lon: FloatArray, lat: FloatArray) -> Pair:
    return _within(lon, lat, lambda x, y: _inverse(_to_gcj02, x, y))


def bd09_from_gcj02(lon: FloatArray, lat: FloatArray) -> Pair:
    return _within(lon, lat, _to_bd09)


def gcj02_from_bd09(lon: FloatArray, lat: FloatArray) -> Pair:
    return _within(lon, lat, lambda x, y: _inverse(_to_bd09, x, y))


def bd09_from_wgs84(lon: FloatArray, lat: FloatArray) -> Pair:
    return _within(lon, lat, lambda x, y: _to_bd09(*_to_gcj02(x, y)))


def wgs84_from_bd09(lon: FloatArray, lat: FloatArray) -> Pair:
    return _within(lon, lat, lambda x, y: _inverse(_to_gcj02, *_inverse(_to_bd09, x, y)))


def _within(lon: FloatArray, lat: FloatArray, shift: Callable[[FloatArray, FloatArray], Pair]) -> Pair:
    """Shift what lies in China; the rest comes back as it is. The arrays given are not touched."""
    moved_lon, moved_lat = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    inside = in_china(moved_lon, moved_lat)
    moved_lon[inside], moved_lat[inside] = shift(moved_lon[inside], moved_lat[inside])
    return moved_lon, moved_lat


def _to_gcj02(lon: FloatArray, lat: FloatArray) -> Pair:
    east, north = _metres_east(lon - 105.0, lat - 35.0), _metres_north(lon - 105.0, lat - 35.0)
    phi = np.radians(lat)
    flat = 1 - ECCENTRICITY * np.sin(phi) ** 2
    across = AXIS / np.sqrt(flat) * np.cos(phi)
    along = AXIS * (1 - ECCENTRICITY) / flat**1.5
    return lon + np.degrees(east / across), lat + np.degrees(north / along)


def _metres_east(x: FloatArray, y: FloatArray) -> FloatArray:
    smooth = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    return np.asarray(smooth + _ripple(x) + _waves(x, (20, 1), (40, 3), (150, 12), (300, 30)))


def _metres_north(x: FloatArray, y: FloatArray) -> FloatArray:
    smooth = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    return np.asarray(smooth + _ripple(x) + _waves(y, (20, 1), (40, 3), (160, 12), (320, 30)))


def _ripple(x: FloatArray) -> FloatArray:
    return np.asarray((np.sin(6 * np.pi * x) + np.sin(2 * np.pi * x)) * 40 / 3)


def _waves(at: FloatArray, *waves: tuple[float, float]) -> FloatArray:
    """Sum of waves, each given by its height in metres and half its length in degrees."""
    return np.asarray(sum(height * np.sin(np.pi * at / length) for height, length in waves) * 2 / 3)


def _to_bd09(lon: FloatArray, lat: FloatArray) -> Pair:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BAIDU_WAVE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BAIDU_WAVE)
    return radius * np.cos(angle) + BAIDU_STEP[0], radius * np.sin(angle) + BAIDU_STEP[1]


def _inverse(shift: Callable[[FloatArray, FloatArray], Pair], lon: FloatArray, lat: FloatArray) -> Pair:
    """The place that `shift` moves to `lon`, `lat`: step back by what is missed until nothing is."""
    x, y = lon, lat
    for _ in range(ROUNDS):
        moved = shift(x, y)
        missed_x, missed_y = lon - moved[0], lat - moved[1]
        x, y = x + missed_x, y + missed_y
        if not x.size or max(np.abs(missed_x).max(), np.abs(missed_y).max()) < EXACT:
            break
    return x, y


TO_WGS84 = {"gcj02": wgs84_from_gcj02, "bd09": wgs84_from_bd09}
"""By the names that people give for them."""
