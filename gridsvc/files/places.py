"""Shapes in the CRS of the file, and the columns that say a place where a file holds no shapes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from gridsvc.errors import InputError

WGS84 = 4326
DEGREES, METRES = 9, 4
"""Decimals: a tenth of a millimetre in both units, so that a file that comes back has moved nothing."""
Move = Callable[[NDArray[Any]], NDArray[Any]]


def target_crs(text: str | None, default: int) -> CRS:
    """The CRS that was asked for as `EPSG:n`, or the usual one."""
    try:
        return CRS.from_user_input(text if text is not None else default)
    except CRSError as error:
        raise InputError(
            f"CRS {text or default!r} is not known: give an EPSG code such as EPSG:4544 or EPSG:4326",
            zh=f"没有这样的坐标系：“{text or default}”。请填写 EPSG 代码，如 EPSG:4544 或 EPSG:4326",
        ) from error


def moved(srid: int, target: CRS) -> Move:
    """Shapes of one CRS into another, east before north on both sides."""
    source = CRS.from_user_input(srid)
    if source == target or source.to_epsg() == target.to_epsg() is not None:
        return lambda shapes: shapes
    try:
        there = Transformer.from_crs(source, target, always_xy=True)
    except ProjError as error:
        raise InputError(
            f"there is no way from EPSG:{srid} to {target.name}; choose another CRS for the file",
            zh=f"无法从 EPSG:{srid} 转换到 {target.name}，请选择其他坐标系",
        ) from error
    return lambda shapes: _finite(
        shapely.transform(shapes, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1]))), target
    )


def _finite(shapes: Any, target: CRS) -> Any:
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise InputError(
            f"some of the shapes lie where {target.name} does not reach; choose another CRS for the file",
            zh=f"部分图形超出 {target.name} 的适用范围，请选择其他坐标系",
        )
    return shapes


def coordinate_names(crs: CRS) -> tuple[str, str, str]:
    """Of the two columns that say a point of each shape, and of the one with the whole shape."""
    return ("lon", "lat", "wkt") if crs.is_geographic else ("x", "y", "wkt")


def coordinate_columns(shapes: NDArray[Any], crs: CRS) -> list[pa.Array]:
    """x, y and WKT of each shape (already in this CRS); null where there is none."""
    decimals = DEGREES if crs.is_geographic else METRES
    points = one_point(shapes)
    numbers = [np.round(get(points), decimals) for get in (shapely.get_x, shapely.get_y)]
    wkt = shapely.to_wkt(shapes, rounding_precision=decimals, trim=True)
    return [*(pa.array(xs, from_pandas=True) for xs in numbers), pa.array(wkt, pa.string())]


def one_point(shapes: NDArray[Any]) -> NDArray[Any]:
    """A point on each shape; of invalid ones, which GEOS may refuse, the centre. None and empty shapes have none."""
    points = np.asarray(shapely.centroid(shapes))
    fine = shapely.is_valid(shapes)
    points[fine] = shapely.point_on_surface(shapes[fine])
    points[shapely.is_empty(points)] = None
    return points
