"""Pieces that fill a piece of ground and share their edges vertex for vertex. Metres in the city's CRS."""

import heapq
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.coverage_faces import Rows, Shapes, mean_width
from gridsvc.domain.crs import FloatArray
from gridsvc.domain.splitting import fit_seams

LOST = 1e-4
"""Square metres: if more is missing, lines were not noded well."""
TRIES = 3
HAIR = 1e-7
"""Mean width in metres of what only rounding can have left between lines."""

Graph = list[dict[int, float]]
"""For each piece its neighbours and the length of the edge shared with each."""
Small = Callable[[float, float], bool]
"""Whether a piece of an area and a perimeter is to be given to a neighbour."""


def array(shapes: Sequence[Any] | Shapes) -> Shapes:
    """An array of objects, also where numpy would take the shapes apart."""
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def spots(places: FloatArray) -> Shapes:
    """Points from an array of shape (n, 2)."""
    return np.asarray(shapely.points(places), dtype=object)


def pieces(ground: Any, lines: Sequence[Any] | Shapes, wholes: Sequence[Any] | Shapes = ()) -> Shapes:
    """The polygons that lines cut the ground into; none of them is cut within one of the `wholes`.

    Lines may cross, run outside and end anywhere: what bounds no piece cuts nothing.
    """
    edges = [shapely.boundary(ground), *lines, *(shapely.boundary(whole) for whole in wholes)]
    linework = shapely.union_all(edges)
    shapely.prepare(ground)
    for _ in range(TRIES):
        found = polygonized(linework)
        inner = inner_points(found)
        kept = shapely.contains(ground, inner)
        found, inner = found[kept], inner[kept]
        if abs(shapely.area(found).sum() - ground.area) < LOST:
            break
        linework = _tightened(linework)
    if not len(wholes):
        return found
    label = np.arange(len(found))
    row, whole = shapely.STRtree(inner).query(array(wholes), predicate="contains")[::-1]
    label[row[::-1]] = len(found) + whole[::-1]  # the first of several
    return dissolved(found, label)


def polygonized(linework: Any) -> Shapes:
    """The polygons that lines enclose, but for slivers of rounding: lines that nearly coincide are made to."""
    for _ in range(TRIES):
        found = shapely.get_parts(shapely.polygonize([linework]))
        hair = mean_width(found) < HAIR
        if not hair.any():
            break
        linework = _tightened(linework)
    return np.asarray(found[~hair])


def _tightened(linework: Any) -> Any:
    """The same lines, with those that only rounding keeps apart made one."""
    lines = array(fit_seams(shapely.get_parts(linework)))
    return shapely.union_all(lines[shapely.length(lines) > 0])


def inner_points(polygons: Shapes) -> Shapes:
    """A point inside each. (`point_on_surface` gives a corner of some triangles.)"""
    inner = shapely.point_on_surface(polygons)
    for row in np.flatnonzero(~shapely.contains_properly(polygons, inner)).tolist():
        triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(polygons[row]))
        inner[row] = shapely.centroid(triangles[np.argmax(shapely.area(triangles))])
    return inner


def dissolved(shapes: Shapes, label: Rows) -> Shapes:
    """One polygon for all that have the same label and hang together, in the order of labels."""
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    return array([part for group in groups for part in _together(shapes[group])])


def _together(shapes: Shapes) -> Any:
    return shapes if len(shapes) == 1 else shapely.get_parts(shapely.coverage_union_all(shapes))


def linked(count: int, one: Rows, other: Rows) -> Rows:
    """For each of `count` things the lowest that it hangs together with through pairs."""
    lowest, before = np.arange(count), None
    while before is None or (lowest != before).any():
        before = lowest.copy()
        np.minimum.at(lowest, one, before[other])
        np.minimum.at(lowest, other, before[one])
        lowest = lowest[lowest]
    return lowest


def shared_edges(shapes: Shapes) -> tuple[Rows, Rows, FloatArray]:
    """Rows of shapes that share an edge vertex for vertex, the lower one first, and its length."""
    ends, owner = segments(shapes)
    count = np.int64(len(shapes))
    order = np.lexsort((owner, *ends.T))
    ends, owner = ends[order], owner[order]
    same = np.flatnonzero((ends[1:] == ends[:-1]).all(axis=1) & (owner[1:] != owner[:-1]))
    pair = owner[same] * count + owner[same + 1]
    lengths = np.hypot(*(ends[same, 2:] - ends[same, :2]).T)
    pairs, which = np.unique(pair, return_inverse=True)
    total = np.bincount(which, lengths, minlength=len(pairs)).astype(np.float64)
    return pairs // count, pairs % count, total


def segments(shapes: Shapes) -> tuple[FloatArray, Rows]:
    """x, y of both ends of each edge segment, the western one first, and the row of its shape."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[:-1] == ring[1:]
    ends = np.hstack([points[:-1], points[1:]])[inside]
    turned = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[turned] = ends[turned][:, [2, 3, 0, 1]]
    return ends, row[part[ring[:-1][inside]]]


def graph(shapes: Shapes) -> Graph:
    near: Graph = [{} for _ in shapes]
    for one, other, length in zip(*(column.tolist() for column in shared_edges(shapes)), strict=True):
        near[one][other] = near[other][one] = length
    return near


def absorbed(shapes: Shapes, is_small: Small, most: float = np.inf) -> Shapes:
    """Small pieces given to the neighbour with the longest shared edge, the smallest first.

    None grows beyond `most` square metres. A small piece that no neighbour can take stays.
    """
    areas, lengths = shapely.area(shapes).tolist(), shapely.length(shapes).tolist()
    heap = [(area, row) for row, area in enumerate(areas) if is_small(area, lengths[row])]
    if not heap:
        return shapes
    near, label = graph(shapes), list(range(len(shapes)))
    heapq.heapify(heap)
    while heap:
        area, row = heapq.heappop(heap)
        takers = {other: edge for other, edge in near[row].items() if area + areas[other] <= most}
        if label[row] != row or area != areas[row] or not takers:
            continue
        taker = max(takers, key=lambda other: (takers[other], -other))
        lengths[taker] += lengths[row] - 2 * takers[taker]
        areas[taker] += area
        label[row] = taker
        _hand_over(near, row, taker)
        if is_small(areas[taker], lengths[taker]):
            heapq.heappush(heap, (areas[taker], taker))
    return dissolved(shapes, np.array([_root(label, row) for row in range(len(label))], dtype=np.int64))


def _hand_over(near: Graph, row: int, taker: int) -> None:
    for other, edge in near[row].items():
        del near[other][row]
        if other != taker:
            near[other][taker] = near[taker][other] = near[taker].get(other, 0.0) + edge


def _root(label: list[int], row: int) -> int:
    while label[row] != row:
        row = label[row]
    return row


def parts_of(near: Graph, members: set[int]) -> int:
    """How many parts these pieces hang together in."""
    left, count = set(members), 0
    while left:
        todo = [left.pop()]
        count += 1
        while todo:
            fresh = near[todo.pop()].keys() & left
            left -= fresh
            todo.extend(fresh)
    return count
