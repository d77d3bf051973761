"""Vertices in which neighbours differ though no ground is enclosed between their edges. Metres in the city's CRS."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.coverage_faces import REACH, Face, Rows, Shapes, clumps
from gridsvc.domain.crs import BoolArray, FloatArray
from gridsvc.domain.location import TOLERANCE


@dataclass(frozen=True, kw_only=True)
class Strays:
    """Vertices of one area where another has none, on its edge or near it; arrays of equal length."""

    points: Shapes
    edges: Shapes
    """The one or two segments of the first area's invalid edge at the vertex."""
    having: Rows
    lacking: Rows
    apart: FloatArray
    """How far the vertex is from the edge of the area that lacks it."""

    def some(self, chosen: Any) -> "Strays":
        return Strays(**{column.name: getattr(self, column.name)[chosen] for column in fields(self)})


def strays(shapes: Shapes, invalid: Shapes, flagged: Rows, wide: Sequence[Any], thin: Sequence[Any]) -> Strays:
    """Vertices of edges that GEOS calls invalid, at no `wide` fault and not within REACH of a `thin` one.

    They lie on another area's edge, which has no vertex there; or at no other area's edge, but within REACH of one:
    edges that run apart where the layer ends enclose nothing. Where an area tapers off, its far edge is near another's
    across its own ground: that is no fault, unless there is one beside it.
    """
    lines, origin = shapely.get_parts(shapely.line_merge(invalid[flagged]), return_index=True)
    ends, line = shapely.get_coordinates(lines, return_index=True)
    points: Any = shapely.points(ends)
    edges = shapely.boundary(shapes[flagged])
    at, other = shapely.STRtree(edges).query(points, predicate="dwithin", distance=REACH)
    told = _near(points, wide, 2 * TOLERANCE) | _near(points, thin, REACH)
    foreign = (origin[line[at]] != other) & ~told[at]
    at, other = at[foreign], other[foreign]
    apart: Any = shapely.distance(points[at], edges[other])
    on_edge = apart <= TOLERANCE
    has_vertex = shapely.distance(points[at], _vertices(edges)[other]) <= TOLERANCE
    stray = np.where(on_edge, ~has_vertex, ~np.isin(at, at[on_edge]))
    own = origin[line[at]]
    across = stray & ~on_edge & _across(edges[own], shapes[flagged[own]], points[at], edges[other])
    stray &= ~across | _near(points[at], points[at][stray & ~across], REACH)
    at, other, apart = at[stray], other[stray], apart[stray]
    around = _around(ends, line, at)
    return Strays(
        points=points[at], edges=around, having=flagged[origin[line[at]]], lacking=flagged[other], apart=apart
    )


def _across(own: Shapes, areas: Shapes, points: Shapes, edges: Shapes) -> BoolArray:
    """Whether the way from a point to an edge leads through the point's own area to where the two edges are one."""
    ways = shapely.shortest_line(points, edges)
    inside = shapely.contains_properly(areas, shapely.line_interpolate_point(ways, 0.5, normalized=True))
    return np.asarray(inside & (shapely.distance(shapely.get_point(ways, -1), own) <= TOLERANCE))


def _around(ends: FloatArray, line: Rows, at: Rows) -> Shapes:
    segments = np.empty(len(at), dtype=object)
    for n, point in enumerate(at):
        near = np.arange(max(point - 1, 0), min(point + 2, len(ends)))
        segments[n] = shapely.LineString(ends[near[line[near] == line[point]]])
    return segments


def _vertices(edges: Shapes) -> Shapes:
    points, owner = shapely.get_coordinates(edges, return_index=True)
    empty = np.full(len(edges), shapely.MultiPoint(), dtype=object)
    corners: Any = shapely.points(points)
    return np.asarray(shapely.multipoints(corners, indices=owner, out=empty))


def _near(geometries: Shapes, places: Sequence[Any], distance: float) -> BoolArray:
    near = np.zeros(len(geometries), dtype=np.bool_)
    found, _ = shapely.STRtree(places).query(geometries, predicate="dwithin", distance=distance)
    near[found] = True
    return near


def split_moved(found: Strays) -> tuple[list[Face], Strays]:
    """Places where a vertex was moved, and the vertices that are only missing.

    It was moved where it lies off the other edge, or where near it each of two areas lacks a vertex of the other.
    """
    faces, moved = [], np.zeros(len(found.points), dtype=np.bool_)
    for clump in clumps(found.points, REACH):
        near = found.some(clump)
        pairs = set(zip(near.lacking.tolist(), near.having.tolist(), strict=True))
        if near.apart.max() > TOLERANCE or any(pair[::-1] in pairs for pair in pairs):
            moved[clump] = True
            faces.append(_moved(near))
    return faces, found.some(~moved)


def _moved(near: Strays) -> Face:
    west, south, east, north = shapely.total_bounds(near.points)
    rows = np.unique(np.concatenate([near.lacking, near.having])).tolist()
    farthest = float(near.apart.max())
    width = farthest if farthest > TOLERANCE else float(np.hypot(east - west, north - south))
    return Face(geom=shapely.union_all(near.edges), width=width, lengths=dict.fromkeys(rows, 0.0))
