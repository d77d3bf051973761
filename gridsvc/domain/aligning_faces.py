"""Edges of a utility layer and administrative borders cut into faces, each of one area of both, or of none. Metres."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.coverage_faces import Rows, Shapes
from gridsvc.domain.crs import BoolArray, FloatArray
from gridsvc.domain.mosaics import Graph, array, inner_points, linked, polygonized, segments
from gridsvc.domain.splitting import SEAM, with_vertices

LONG = 4.0
"""A part of an edge runs along a border if it is near it for so many tolerances; what is shorter crosses it."""
NONE = -1
"""No area."""


@dataclass(frozen=True)
class Borders:
    areas: Shapes
    lines: Any
    tolerance: float
    zone: Any
    """What is near the lines."""
    around: Any
    """A little more, so that what lies in the zone is covered in spite of rounding."""

    def cover(self, shapes: Shapes) -> BoolArray:
        return np.asarray(shapely.covers(self.around, shapes))

    def distance(self, lines: Shapes) -> FloatArray:
        """How far the farthest point of each line is."""
        places, line = shapely.get_coordinates(shapely.segmentize(lines, self.tolerance), return_index=True)
        tree = shapely.STRtree(array(shapely.get_parts(self.lines)))
        farthest = np.zeros(len(lines)) if len(tree) else np.full(len(lines), np.inf)
        if len(tree):
            (place, _), apart = tree.query_nearest(shapely.points(places), return_distance=True, all_matches=False)
            np.maximum.at(farthest, line[place], apart)
        return farthest


def borders_of(areas: Shapes, tolerance: float) -> Borders:
    lines = shapely.union_all(shapely.boundary(areas))
    parts = shapely.get_parts(lines)
    zone, around = (shapely.union_all(shapely.buffer(parts, tolerance * by)) for by in (1, 1.02))
    shapely.prepare(around)
    return Borders(areas, lines, tolerance, zone, around)


def faces_between(layer: Shapes, borders: Borders) -> "Faces":
    """Of the edges, the borders, and the rungs that lead from one to the other where edges run along borders."""
    edges = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.boundary(layer))))
    rungs = shapely.shortest_line(_run_ends(edges, borders), borders.lines)
    rungs = rungs[~shapely.is_missing(rungs) & (shapely.length(rungs) > SEAM)]
    places = np.unique(shapely.get_coordinates(rungs) @ np.array([1, 1j]))
    both = np.append(edges, shapely.get_parts(borders.lines))
    return Faces(layer, borders.areas, shapely.union_all(np.append(with_vertices(both, places), rungs)))


def _run_ends(edges: Shapes, borders: Borders) -> Shapes:
    """The ends of the parts of edges that run along a border."""
    near = shapely.get_parts(shapely.intersection(shapely.multilinestrings(edges), borders.zone))
    near = near[(shapely.get_dimensions(near) == 1) & (shapely.length(near) > 0)]
    middles = shapely.line_interpolate_point(near, 0.5, normalized=True)
    run, edge = shapely.STRtree(edges).query(middles, predicate="dwithin", distance=SEAM)
    order = np.lexsort((run, edge))
    rows, row = np.unique(edge[order], return_inverse=True)
    if not len(rows):
        return rows
    joined = shapely.line_merge(shapely.multilinestrings(near[run[order]], indices=row))
    runs, own = shapely.get_parts(joined, return_index=True)
    whole = shapely.length(runs) > shapely.length(edges)[rows[own]] - SEAM
    runs = runs[whole | (shapely.length(runs) > LONG * borders.tolerance)]
    return np.concatenate([shapely.get_point(runs, 0), shapely.get_point(runs, -1)])


class Faces:
    """Faces and how they meet; the ground outside of all is one more of them."""

    def __init__(self, layer: Shapes, areas: Shapes, linework: Any) -> None:
        self.shapes = polygonized(linework)
        inner = shapely.STRtree(inner_points(self.shapes))
        self.owner = _labels(inner, layer, len(self.shapes) + 1)
        self.area = _labels(inner, areas, len(self.shapes) + 1)
        self.size = np.append(shapely.area(self.shapes), 0.0)
        self.ends, self.first, self.second = _sides(self.shapes)
        self.length = np.hypot(*(self.ends[:, 2:] - self.ends[:, :2]).T)
        self.near: Graph = [{} for _ in self.size]
        for one, other, length in zip(self.first.tolist(), self.second.tolist(), self.length.tolist(), strict=True):
            self.near[one][other] = self.near[other][one] = self.near[one].get(other, 0.0) + length


def _labels(inner: shapely.STRtree, areas: Shapes, count: int) -> Rows:
    """For each face, by its inner point, the first of the areas that it lies in."""
    label = np.full(count, NONE)
    area, face = inner.query(areas, predicate="contains")
    label[face[::-1]] = area[::-1]
    return label


def _sides(shapes: Shapes) -> tuple[FloatArray, Rows, Rows]:
    """Each edge segment once, with the faces at its two sides."""
    ends, owner = segments(shapes)
    unique, which = np.unique(ends, axis=0, return_inverse=True)
    sides = np.full((len(unique), 2), len(shapes))
    order = np.argsort(which, kind="stable")
    begins = np.diff(which[order], prepend=NONE) > 0
    sides[which[order][begins], 0] = owner[order][begins]
    sides[which[order][~begins], 1] = owner[order][~begins]
    return unique, sides[:, 0], sides[:, 1]


def alike(faces: Faces, owner: Rows, before: Rows) -> list[NDArray[np.int64]]:
    """Faces that touch and have the same owner, and had the same before; in groups."""
    same = (owner[faces.first] == owner[faces.second]) & (before[faces.first] == before[faces.second])
    lowest = linked(len(owner), faces.first[same], faces.second[same])
    order = np.argsort(lowest, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(lowest[order])) + 1)
