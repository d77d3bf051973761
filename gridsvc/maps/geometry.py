"""City metres into what a browser draws: hexagons, simplified areas, places for labels. Coordinates become WGS 84."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.crs import unproject
from gridsvc.errors import InputError
from gridsvc.maps.features import AreaCounts, HeatCells

DECIMALS = 6
"""Of a degree: a tenth of a metre."""
FIRST_TOLERANCE = 2.0
"""Metres: what no screen shows before the closest zoom."""
_CORNERS = np.array([[1, 0], [0.5, 0.75**0.5], [-0.5, 0.75**0.5], [-1, 0], [-0.5, -(0.75**0.5)], [0.5, -(0.75**0.5)]])
_BYTES_PER_VERTEX, _BYTES_PER_RING = 23, 8


def hexagons(cells: HeatCells) -> NDArray[np.float64]:
    """The rings of the cells, shape (cells, 7, 2): longitude, latitude; first corner due east and repeated."""
    corners = np.vstack([_CORNERS, _CORNERS[:1]]) * cells.size
    x, y = cells.x[:, None] + corners[:, 0], cells.y[:, None] + corners[:, 1]
    lon, lat = unproject(cells.srid, x, y)
    return np.stack([lon, lat], axis=-1).round(DECIMALS)


def lightened(areas: AreaCounts, budget: int) -> NDArray[np.object_]:
    """The polygons, still in metres, simplified until they fit into `budget` bytes of JSON.

    Edges that two areas share stay shared. Raises InputError when even the simplest shapes do not fit.
    """
    shapes = shapely.coverage_simplify(shapely.force_2d(areas.geometry), FIRST_TOLERANCE)
    tolerance = FIRST_TOLERANCE
    while _size(shapes) > budget:
        before, tolerance = _size(shapes), tolerance * 1.6
        shapes = shapely.coverage_simplify(shapes, tolerance)
        if tolerance > 10_000 and _size(shapes) == before:
            raise InputError(
                f"{len(shapes):,} areas are too many for one map; choose a coarser kind of area, or cells",
                zh=f"{len(shapes):,} 个区域无法画在一张图上，请选择更大的区域类型或六边形",
            )
    return np.asarray(shapes, dtype=np.object_)


def _size(shapes: Any) -> int:
    rings = int(shapely.get_num_interior_rings(shapely.get_parts(shapes)).sum()) + len(shapes)
    return int(shapely.get_num_coordinates(shapes).sum()) * _BYTES_PER_VERTEX + rings * _BYTES_PER_RING


def degrees(shapes: NDArray[np.object_], srid: int) -> NDArray[np.object_]:
    """The shapes in longitude and latitude, rounded."""

    def rounded(points: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = unproject(srid, points[:, 0], points[:, 1])
        return np.stack([lon, lat], axis=-1).round(DECIMALS)

    return np.asarray(shapely.transform(shapes, rounded), dtype=np.object_)


def label_places(shapes: NDArray[np.object_], srid: int) -> list[tuple[float, float, float]]:
    """For each shape the middle of its largest inner circle: longitude, latitude, and the circle's radius in metres."""
    lines = np.asarray(shapely.maximum_inscribed_circle(shapes, tolerance=_tolerances(shapes)))
    middle = shapely.get_point(lines, 0)
    lon, lat = unproject(srid, shapely.get_x(middle), shapely.get_y(middle))
    found = np.stack([np.round(lon, DECIMALS), np.round(lat, DECIMALS), np.round(shapely.length(lines))], axis=-1)
    return [(row[0], row[1], row[2]) for row in found.tolist()]


def _tolerances(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    return np.maximum(np.sqrt(shapely.area(shapes)) / 40, 0.1)
