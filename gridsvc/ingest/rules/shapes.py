"""What rules ask of the shapes of a lot."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.components import anchors
from gridsvc.domain.crs import BoolArray, FloatArray
from gridsvc.ingest.rules.columns import Rows
from gridsvc.ingest.rules.contract import Lot
from gridsvc.ingest.rules.wording import Both

NAMES_ZH = {
    "Point": "点", "MultiPoint": "多点", "LineString": "线", "MultiLineString": "多线", "Polygon": "面",
    "MultiPolygon": "多面", "GeometryCollection": "几何集合", "LinearRing": "环",
}  # fmt: skip


def missing(shapes: NDArray[Any]) -> BoolArray:
    return np.asarray(shapely.is_missing(shapes) | shapely.is_empty(shapes))


def drawn(lot: Lot) -> Rows:
    """Rows whose shape can be used and is no point; a point has no size and is always valid."""
    return np.flatnonzero(lot.usable & (shapely.get_dimensions(lot.shapes) != 0))


def type_name(shape: Any) -> Both:
    return Both(NAMES_ZH.get(shape.geom_type, shape.geom_type), shape.geom_type)


def anchors_of(lot: Lot) -> tuple[Rows, FloatArray, FloatArray]:
    """Rows with a valid shape, and x and y of the point that decides the areas of each."""
    rows = np.flatnonzero(lot.usable)
    x, y = shapely.get_x(lot.shapes[rows]), shapely.get_y(lot.shapes[rows])
    others = np.flatnonzero(np.isnan(x))  # those that are no points
    fine = np.ones(len(rows), dtype=np.bool_)
    fine[others] = shapely.is_valid(lot.shapes[rows[others]])
    others = others[fine[others]]
    if len(others):
        with endless():
            x[others], y[others] = anchors(lot.shapes[rows[others]])
    return rows[fine], x[fine], y[fine]


def metres_between(one: Any, other: Any) -> FloatArray:
    """Distances of shapes."""
    with endless():
        return np.asarray(shapely.distance(one, other))


def endless() -> np.errstate:
    """Coordinates may be numbers too large to be squared: lengths are infinite then, which is what rules need."""
    return np.errstate(over="ignore", invalid="ignore")
