"""Cutting a polygon into parts of nearly equal area by straight lines, and making the parts of neighbours fit."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry import box

from gridsvc.domain.coverage_faces import Rows, Shapes
from gridsvc.domain.crs import FloatArray
from gridsvc.domain.numbering import reading_order
from gridsvc.errors import InputError

ANGLES = range(0, 180, 15)
"""Directions in degrees that a cut is tried in."""
SEAM = 1e-6
"""Metres within which a cut's end on a neighbour's edge becomes a vertex of that edge."""


def split(polygon: Any, parts: int) -> list[Any]:
    """Parts of nearly equal area that cover the polygon exactly, in reading order."""
    return _in_order(_split(polygon, parts, None))


def divide_area(polygon: Any, parts: int, points: Any = None) -> list[Any]:
    """Parts that cover the polygon exactly, in reading order: of nearly equal area, or with as many points each.

    `points`: shape (n, 2); those outside do not count. Raises InputError if there are fewer inside than parts.
    """
    if points is None:
        return split(polygon, parts)
    places = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    inside = places[shapely.intersects_xy(polygon, *places.T)]
    if len(inside) < parts:
        raise InputError(
            f"{len(inside)} points inside the area cannot be divided among {parts} parts: each needs at least one",
            zh=f"区域内只有 {len(inside)} 个点，分不成 {parts} 份：每份至少要有一个点",
        )
    return _in_order(_split(polygon, parts, inside))


def _in_order(parts: list[Any]) -> list[Any]:
    return [parts[n] for n in reading_order(parts)]


def _split(polygon: Any, parts: int, points: FloatArray | None) -> list[Any]:
    if parts == 1:
        return [polygon]
    first = parts // 2
    cuts = [_cut(polygon, first, parts, angle, points) for angle in ANGLES]
    one, other = min(cuts, key=lambda pair: (_pieces(pair), _seam(polygon, pair)))
    inside = (None, None) if points is None else [points[shapely.intersects_xy(s, *points.T)] for s in (one, other)]
    return [*_split(one, first, inside[0]), *_split(other, parts - first, inside[1])]


def _pieces(pair: tuple[Any, Any]) -> int:
    return int(shapely.get_num_geometries(pair[0]) + shapely.get_num_geometries(pair[1]))


def _seam(polygon: Any, pair: tuple[Any, Any]) -> float:
    return float((pair[0].length + pair[1].length - polygon.length) / 2)


def _cut(polygon: Any, first: int, parts: int, angle: float, points: FloatArray | None) -> tuple[Any, Any]:
    """Two sides of a line in a direction, the first with its share of the area or of the points."""
    centre = polygon.centroid
    turned = affinity.rotate(polygon, angle, origin=centre)
    at = _by_area(turned, first / parts) if points is None else _by_count(points, centre, angle, first, parts)
    left, bottom, _, top = turned.bounds
    blade = affinity.rotate(box(left - 1, bottom - 1, at, top + 1), -angle, origin=centre)
    return polygon.intersection(blade), polygon.difference(blade)


def _by_area(turned: Any, share: float) -> float:
    """How far east a share of the area reaches."""
    left, bottom, right, top = turned.bounds
    low, high = left, right
    for _ in range(24):
        middle = (low + high) / 2
        area = shapely.clip_by_rect(turned, left - 1, bottom - 1, middle, top + 1).area
        low, high = (middle, high) if area < share * turned.area else (low, middle)
    return float(low)


def _by_count(points: FloatArray, centre: Any, angle: float, first: int, parts: int) -> float:
    """Halfway between two points, a share of them to the west; of the turned ground."""
    turn = np.radians(angle)
    x = np.sort((points - (centre.x, centre.y)) @ (np.cos(turn), -np.sin(turn))) + centre.x
    count = min(max(round(len(x) * first / parts), first), len(x) - (parts - first))
    return float((x[count - 1] + x[count]) / 2)


def fit_seams(parts: Sequence[Any] | Shapes) -> list[Any]:
    """The same polygons with every corner that lies on a neighbour's edge made a vertex of that edge too.

    Afterwards shared edges are shared vertex for vertex, as a coverage asks.
    """
    shapes = _welded(np.array(parts, dtype=object))
    return list(with_vertices(shapes, _corners(shapes)[0]))


def with_vertices(shapes: Shapes, places: NDArray[np.complex128]) -> Shapes:
    """The same lines or polygons with a vertex at every place (a complex number) that lies on one of their edges.

    Of a polygon that doubles back on itself the spike is left out.
    """
    own, corner, owner = _corners(shapes)
    starts, ends, shape_of = _edges(shapes)
    edges: Any = shapely.linestrings(np.stack([starts, ends], axis=1))
    points: Any = shapely.points(places.real, places.imag)
    point, edge = shapely.STRtree(edges).query(points, predicate="dwithin", distance=SEAM)
    at = shapely.get_coordinates(points)[point]
    inner = (at != starts[edge]).any(axis=1) & (at != ends[edge]).any(axis=1)
    shape, point = np.unique(np.column_stack([shape_of[edge], point])[inner], axis=0).T
    place = np.minimum(np.searchsorted(own, places[point]), len(own) - 1)
    is_own = np.isin(shape * len(own) + place, owner * len(own) + corner) & (own[place] == places[point])
    fitted = shapes.copy()
    rows, row = np.unique(shape[~is_own], return_inverse=True)
    if len(rows):
        lacking: Any = shapely.multipoints(points[point[~is_own]], indices=row)
        fitted[rows] = shapely.snap(shapes[rows], lacking, SEAM)
    for n in np.unique(shape[is_own]).tolist():
        fitted[n] = _without_spikes(shapes[n], points[point[shape == n]])
    return fitted


def _edges(shapes: Shapes) -> tuple[FloatArray, FloatArray, Rows]:
    """Start and end of each edge, and the row of its shape."""
    lines = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
    parts, row = shapely.get_parts(lines, return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    inside = part[:-1] == part[1:]
    return points[:-1][inside], points[1:][inside], row[part[:-1][inside]]


def _without_spikes(shape: Any, corners: Any) -> Any:
    """With corners, some of them its own, made vertices of every edge that they lie on."""
    if shapely.get_dimensions(shape) == 1:
        return shapely.LineString(_through(shape, corners))
    parts = [
        shapely.Polygon(_through(part.exterior, corners), [_through(hole, corners) for hole in part.interiors])
        for part in shapely.get_parts(shape)
    ]
    whole = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return shapely.make_valid(whole, method="structure", keep_collapsed=False)


def _through(line: Any, corners: Any) -> FloatArray:
    """Vertices of a line or ring, those corners among them that lie on its edges, each as often as it does."""
    points = shapely.get_coordinates(line)
    found = [points[:1]]
    for start, end in pairwise(points):
        edge = shapely.LineString([start, end])
        on = shapely.get_coordinates(corners[shapely.dwithin(corners, edge, SEAM)])
        on = on[(on != start).any(axis=1) & (on != end).any(axis=1)]
        found += [on[np.argsort(np.hypot(*(on - start).T))], end[None]]
    return np.concatenate(found)


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
    places, corner = np.unique(points @ np.array([1, 1j]), return_inverse=True)
    return places, corner, owner.astype(np.int64)
