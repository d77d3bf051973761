"""Parts cover their parent exactly, are nearly equal, and fit those of the neighbours vertex for vertex."""

from functools import cache
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gridsvc import resources
from gridsvc.domain.splitting import divide_area, fit_seams, split
from gridsvc.errors import InputError
from tests.domain.grounds import polygons

SMDS = resources.folder("geodata") / "samples/washington-dc/smds.zip"


@settings(max_examples=150, deadline=None)
@given(polygons(), st.integers(2, 7))
def test_parts_cover_their_parent_and_are_nearly_equal(polygon: Any, count: int) -> None:
    parts = split(polygon, count)
    assert len(parts) == count
    assert all(part.geom_type in ("Polygon", "MultiPolygon") and part.is_valid for part in parts)
    together = shapely.union_all(np.array(parts, dtype=object))
    assert shapely.symmetric_difference(together, polygon).area < 1e-6 * max(1.0, polygon.area * 1e-3)
    assert sum(part.area for part in parts) == pytest.approx(polygon.area, rel=1e-9)
    assert balance(parts) < 1.001


def balance(parts: Any) -> float:
    sizes = shapely.area(np.array(parts, dtype=object))
    return float(sizes.max() / sizes.min())


@pytest.mark.parametrize(
    "shape",
    [
        "POLYGON((0 0, 90 0, 90 10, 10 10, 10 80, 90 80, 90 90, 0 90, 0 0))",
        "MULTIPOLYGON(((0 0, 10 0, 10 10, 0 10, 0 0)), ((20 0, 60 0, 60 10, 20 10, 20 0)))",
        "POLYGON((0 0, 100 0, 100 1, 0 1, 0 0))",
    ],
)
def test_bent_torn_and_thin_shapes(shape: str) -> None:
    whole = shapely.from_wkt(shape)
    parts = split(whole, 4)
    assert shapely.symmetric_difference(shapely.union_all(parts), whole).area < 1e-6
    assert balance(parts) < 1.001


def test_parts_are_counted_from_west_to_east_and_north_to_south() -> None:
    parts = split(shapely.box(0, 0, 40, 10), 4)
    assert [round(part.centroid.x) for part in parts] == [5, 15, 25, 35]


@cache
def washington() -> tuple[Any, list[list[Any]]]:
    """The 296 single-member districts and the four parts of each."""
    whole = shapely.force_2d(geopandas.read_file(SMDS).to_crs(26985).geometry.values)
    return whole, [split(district, 4) for district in whole]


def test_every_part_of_a_real_city_is_one_piece_and_a_quarter() -> None:
    whole, parts = washington()
    assert len(whole) == 296
    assert max(balance(four) for four in parts) < 1.0001
    assert {part.geom_type for four in parts for part in four} == {"Polygon"}


def test_parts_of_a_real_city_are_one_coverage() -> None:
    whole, parts = washington()
    fitted = np.array(fit_seams([part for four in parts for part in four]), dtype=object)
    assert shapely.is_valid(fitted).all()
    assert shapely.coverage_is_valid(fitted)
    apart = shapely.symmetric_difference(shapely.union_all(fitted), shapely.union_all(whole))
    assert apart.area < 1e-4
    for four, district in zip(fitted.reshape(-1, 4), whole, strict=True):
        assert shapely.symmetric_difference(shapely.union_all(four), district).area < 1e-4


@settings(max_examples=100, deadline=None)
@given(polygons(), st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_parts_have_as_many_points_each(polygon: Any, count: int, seed: int) -> None:
    west, south, east, north = polygon.bounds
    points = np.random.default_rng(seed).uniform((west, south), (east, north), (300, 2))
    inside = points[shapely.contains_xy(polygon, *points.T)]
    assume(len(inside) >= count)
    parts = divide_area(polygon, count, points)
    assert shapely.symmetric_difference(shapely.union_all(parts), polygon).area < 1e-6 * max(1.0, polygon.area * 1e-3)
    held = [int(shapely.contains_xy(part, *inside.T).sum()) for part in parts]
    assert sum(held) == len(inside)
    assert max(held) - min(held) <= 2  # rounded at each of the cuts, one after the other


def test_too_few_points_to_divide() -> None:
    with pytest.raises(InputError, match="2 points inside the area cannot be divided among 3 parts"):
        divide_area(shapely.box(0, 0, 10, 10), 3, [(1, 1), (5, 5), (20, 5)])


def test_corners_that_only_rounding_keeps_apart_become_one() -> None:
    left = shapely.Polygon([(0, 0), (10, 0), (10, 5), (10, 10), (0, 10)])
    right = shapely.Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10, 5 + 1e-9)])
    assert not shapely.coverage_is_valid([left, right])
    assert shapely.coverage_is_valid(fit_seams([left, right]))
