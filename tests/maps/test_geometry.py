"""Hexagons lie where PostGIS puts them, neighbours stay neighbours when simplified, labels lie inside."""

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from gridsvc.errors import InputError
from gridsvc.maps import geometry
from gridsvc.maps.features import AreaCounts
from tests.maps import made


def _metres(lonlat: np.ndarray) -> np.ndarray:
    x, y = Transformer.from_crs(4326, made.SRID, always_xy=True).transform(lonlat[..., 0], lonlat[..., 1])
    return np.stack([x, y], axis=-1)


def test_hexagons_are_flat_topped_with_the_edge_that_was_given() -> None:
    cells = made.cells(7, size=300.0)
    rings = _metres(geometry.hexagons(cells))
    assert np.allclose(np.hypot(*np.moveaxis(np.diff(rings, axis=1), -1, 0)), 300.0, atol=0.2)
    assert np.allclose(rings[:, 0], np.stack([cells.x + 300.0, cells.y], axis=-1), atol=0.2)


def test_neighbouring_hexagons_meet() -> None:
    polygons = shapely.polygons(_metres(geometry.hexagons(made.cells(100))))
    assert shapely.union_all(shapely.buffer(polygons, 0.2)).geom_type == "Polygon"
    assert float(shapely.area(shapely.union_all(polygons))) == pytest.approx(shapely.area(polygons).sum(), rel=1e-3)


def test_simplified_areas_fit_the_budget_and_still_tile() -> None:
    areas = made.areas(6, 5, points=400)
    light = geometry.lightened(areas, 60_000)
    assert shapely.get_num_coordinates(light).sum() * 23 <= 60_000
    assert bool(shapely.coverage_is_valid(light))
    assert float(shapely.area(shapely.union_all(light))) == pytest.approx(float(shapely.area(light).sum()), rel=1e-9)


def test_more_areas_than_fit_are_refused_by_number() -> None:
    with pytest.raises(InputError, match="400 areas are too many"):
        geometry.lightened(made.areas(20, 20), 5_000)


def test_a_label_lies_inside_its_area_with_the_room_it_claims() -> None:
    areas = made.areas(3, 3, points=40)
    for (lon, lat, radius), shape in zip(
        geometry.label_places(areas.geometry, areas.srid), areas.geometry, strict=True
    ):
        middle = shapely.points(_metres(np.array([[lon, lat]]))[0])
        assert shape.contains(middle)
        assert shapely.distance(middle, shape.exterior) == pytest.approx(radius, abs=1.5)


def test_an_unknown_crs_is_named() -> None:
    areas = made.areas(1, 1)
    strange = AreaCounts(**{**vars(areas), "srid": 999_999})
    with pytest.raises(InputError, match="999999"):
        geometry.degrees(strange.geometry, strange.srid)
