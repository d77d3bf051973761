"""Cutting a polygon into parts of nearly equal area by straight lines, and making the parts of neighbours fit."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry import box

from gridsvc.domain.coverage_faces import Rows, Shapes
from gridsvc.domain.mosaics import array

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


def fit_seams(parts: Sequence[Any]) -> list[Any]:
    """The same polygons with every corner that lies on a neighbour's edge made a vertex of that edge too.

    Afterwards shared edges are shared vertex for vertex, as a coverage asks.
    """
    shapes = _welded(array(parts))
    places, corner, owner = _corners(shapes)
    points: Any = shapely.points(places.real, places.imag)
    shape, near = shapely.STRtree(points).query(shapely.boundary(shapes), predicate="dwithin", distance=SEAM)
    foreign = ~np.isin(shape * len(places) + near, owner * len(places) + corner)
    shape, near = shape[foreign], near[foreign]
    rows = np.unique(shape)
    lacking: Any = shapely.multipoints(points[near], indices=np.searchsorted(rows, shape)) if len(rows) else shape
    shapes[rows] = shapely.snap(shapes[rows], lacking, SEAM)
    return list(shapes)


def _welded(shapes: Shapes) -> Shapes:
    """Corners that only rounding keeps apart made one: the one that most shapes have."""
    places, corner, _ = _corners(shapes)
    points: Any = shapely.points(places.real, places.imag)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=SEAM)
    apart = one != other
    if not apart.any():
        return shapes
    uses, kept = np.bincount(corner), np.arange(len(places))
    for this, that in zip(one[apart].tolist(), other[apart].tolist(), strict=True):
        if (uses[that], -that) > (uses[kept[this]], -kept[this]):
            kept[this] = that
    moved = places[kept[corner]]
    same = shapely.set_coordinates(shapes.copy(), np.column_stack([moved.real, moved.imag]))
    return np.asarray(shapely.remove_repeated_points(same))


def _corners(shapes: Shapes) -> tuple[NDArray[np.complex128], Rows, Rows]:
    """The different vertices as complex numbers; of each vertex of each shape, which of these, and the row."""
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    places, corner = np.unique(points @ [1, 1j], return_inverse=True)
    return places, corner, owner
