"""What somebody should look at in unit grids that were drawn. Metres in the city's CRS."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.coverage_faces import ROUNDING
from gridsvc.domain.cutting import CLEAR
from gridsvc.domain.drawing import FAIR, SMALL, TARGET
from gridsvc.domain.mosaics import array, spots

TOO_SMALL, TOO_LARGE, LONG, COMPONENT, BUILDING = "too_small", "too_large", "long", "component", "building"
COMPACT = 0.35
"""Least isoperimetric quotient (1 of a circle, 0.79 of a square, 0.35 of a strip eight times as long as wide)."""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """`kind` is one of:

    TOO_SMALL, TOO_LARGE  a grid that is not within 30 % of the target; `value` is its square metres
    LONG       a grid that is not compact; `value` is its isoperimetric quotient
    COMPONENT  a point less than CLEAR metres from the edge of a grid; `value` is its distance
    BUILDING   a building that an edge crosses; `value` is how many metres of edge lie in it
    """

    kind: str
    place: int
    """Of the grid, the point or the building."""
    value: float


def compactness(shapes: Sequence[Any] | Any) -> Any:
    """Isoperimetric quotient of each shape: 1 of a circle."""
    return 4 * np.pi * shapely.area(shapes) / shapely.length(shapes) ** 2


def remarks(
    grids: Sequence[Any], *, target_m2: float = TARGET, points: Any = None, keep_whole: Sequence[Any] = ()
) -> list[Remark]:
    """All that is not as it should be; given lines and the edges of communities count as edges too."""
    shapes = array(grids)
    areas, quotients = shapely.area(shapes), compactness(shapes)
    edges = shapely.STRtree(shapely.boundary(shapes))
    places = np.empty((0, 2)) if points is None else np.asarray(points, dtype=np.float64).reshape(-1, 2)
    near, distance = _nearest(edges, spots(places))
    crossed, metres = _crossed(edges, array(keep_whole))
    found = [
        (TOO_SMALL, np.flatnonzero(areas < SMALL * target_m2), areas),
        (TOO_LARGE, np.flatnonzero(areas > FAIR * target_m2), areas),
        (LONG, np.flatnonzero(quotients < COMPACT), quotients),
        (COMPONENT, near, distance),
        (BUILDING, crossed, metres),
    ]
    return [Remark(kind=kind, place=n, value=float(value[n])) for kind, rows, value in found for n in rows.tolist()]


def _nearest(edges: shapely.STRtree, points: Any) -> tuple[Any, Any]:
    (point, _), found = edges.query_nearest(points, max_distance=CLEAR, return_distance=True, all_matches=False)
    distance = np.full(len(points), np.inf)
    distance[point] = found
    return np.flatnonzero(distance < CLEAR), distance


def _crossed(edges: shapely.STRtree, buildings: Any) -> tuple[Any, Any]:
    """Buildings with edges in their inside, an edge of two grids counted once."""
    inside = shapely.buffer(buildings, -ROUNDING)
    building, edge = edges.query(inside, predicate="intersects")
    rows = np.unique(building)
    metres = np.zeros(len(buildings))
    for row in rows.tolist():
        lines = shapely.union_all(edges.geometries[edge[building == row]])
        metres[row] = shapely.length(shapely.intersection(lines, inside[row]))
    return rows[metres[rows] > 0], metres
