"""Cutting a polygon into parts of nearly equal area by straight lines, and making the parts of neighbours fit."""

from typing import Any

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry import box

ANGLES = range(0, 180, 15)
"""Directions in degrees that a cut is tried in."""
SEAM = 1e-6
"""Metres within which a cut's end on a neighbour's edge becomes a vertex of that edge."""


def split(polygon: Any, parts: int) -> list[Any]:
    """Parts of nearly equal area that cover the polygon exactly, west to east, then north to south."""
    return sorted(_split(polygon, parts), key=_reading_order)


def _split(polygon: Any, parts: int) -> list[Any]:
    if parts == 1:
        return [polygon]
    first = parts // 2
    one, other = _best_cut(polygon, first / parts)
    return [*_split(one, first), *_split(other, parts - first)]


def _reading_order(part: Any) -> tuple[float, float]:
    centre = part.centroid
    return centre.x, -centre.y


def _best_cut(polygon: Any, share: float) -> tuple[Any, Any]:
    """The cut with the fewest pieces and then the shortest seam among all directions."""
    cuts = [_cut(polygon, share, angle) for angle in ANGLES]
    return min(cuts, key=lambda pair: (_pieces(pair), _seam(polygon, pair)))


def _pieces(pair: tuple[Any, Any]) -> int:
    return int(shapely.get_num_geometries(pair[0]) + shapely.get_num_geometries(pair[1]))


def _seam(polygon: Any, pair: tuple[Any, Any]) -> float:
    return float((pair[0].length + pair[1].length - polygon.length) / 2)


def _cut(polygon: Any, share: float, angle: float) -> tuple[Any, Any]:
    """Two sides of a line in a direction, the first with `share` of the area."""
    centre = polygon.centroid
    turned = affinity.rotate(polygon, angle, origin=centre)
    left, bottom, right, top = turned.bounds
    low, high = left, right
    for _ in range(24):
        middle = (low + high) / 2
        area = shapely.clip_by_rect(turned, left - 1, bottom - 1, middle, top + 1).area
        low, high = (middle, high) if area < share * turned.area else (low, middle)
    blade = affinity.rotate(box(left - 1, bottom - 1, low, top + 1), -angle, origin=centre)
    return polygon.intersection(blade), polygon.difference(blade)


def fit_seams(parts: list[Any]) -> list[Any]:
    """The same polygons with every corner that lies on a neighbour's edge made a vertex of that edge too.

    Afterwards shared edges are shared vertex for vertex, as a coverage asks.
    """
    shapes = np.array(parts, dtype=object)
    tree = shapely.STRtree(shapes)
    fitted = []
    for shape in shapes:
        near = shapes[tree.query(shape, predicate="dwithin", distance=SEAM)]
        corners = shapely.multipoints(np.unique(shapely.get_coordinates(near), axis=0))
        fitted.append(shapely.snap(shape, corners, SEAM))
    return fitted
