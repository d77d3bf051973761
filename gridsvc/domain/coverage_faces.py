"""The pieces of ground between areas that do not fit, and how wide they are. Metres in the city's CRS."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.crs import FloatArray
from gridsvc.domain.location import TOLERANCE

REACH = 0.5
"""Edges that run at most so far apart are meant to be one edge."""
SLIVER = 1.0
"""What is nowhere so wide is a sliver."""
ROUNDING = 1e-5
"""Computed points on an edge are no farther from it."""

Shapes = NDArray[Any]
Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Face:
    """A piece of ground covered twice or not at all."""

    geom: Any
    width: float
    is_gap: bool = True
    lengths: dict[int, float] = field(default_factory=dict)
    """How much of its edge is edge of an area, by row."""
    on_rim: bool = False
    """It lies at the edge of what the areas should cover, not between them."""

    @property
    def run(self) -> float:
        """How long the edges are that enclose it."""
        return float(self.geom.length) / (2 if self.geom.area else 1)

    @property
    def by_length(self) -> tuple[int, ...]:
        return tuple(sorted(self.lengths, key=lambda row: (-self.lengths[row], row)))


def polygonal(shapes: Shapes) -> Shapes:
    """The same number of shapes; what is not polygonal and valid is made so, or is empty."""
    sound = np.array(shapes, dtype=object)
    sound[shapely.is_missing(sound)] = shapely.Polygon()
    for row in np.flatnonzero(~shapely.is_valid(sound)):
        parts = shapely.get_parts(shapely.make_valid(sound[row]))
        sound[row] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    sound[shapely.get_dimensions(sound) != 2] = shapely.Polygon()
    return sound


def mean_width(polygons: Any) -> Any:
    """Of a long strip its width, of a square half a side."""
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(2 * shapely.area(polygons) / shapely.length(polygons))


def pieces(geometries: Shapes) -> tuple[Shapes, Rows, FloatArray]:
    """Their polygons wider than 1 mm somewhere, which geometry each comes from, and the greatest width of each.

    Of a polygon narrower than that on average only the wider places are left: two edges of a city, digitised twice,
    may enclose one sliver of many kilometres.
    """
    parts, origin = _polygons(geometries, np.arange(len(geometries)))
    hair = mean_width(parts) < TOLERANCE
    core = shapely.buffer(parts[hair], -TOLERANCE / 2)
    opened = shapely.intersection(shapely.buffer(core, TOLERANCE), parts[hair])
    wider, wider_origin = _polygons(opened, origin[hair])
    parts, origin = np.append(parts[~hair], wider), np.append(origin[~hair], wider_origin)
    widths = _greatest_width(parts)
    kept = widths >= TOLERANCE
    return parts[kept], origin[kept], widths[kept]


def _polygons(geometries: Shapes, origin: Rows) -> tuple[Shapes, Rows]:
    parts, index = shapely.get_parts(geometries, return_index=True)
    polygons = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > 0)
    return parts[polygons], origin[index[polygons]]


def _greatest_width(polygons: Shapes) -> FloatArray:
    """To a millimetre, by how far each can be eroded before nothing is left; SLIVER, or the average, of wider ones.

    (Searching the largest circle inside takes minutes for one sliver of kilometres.)
    """
    low: FloatArray = np.asarray(mean_width(polygons))
    high: FloatArray = np.maximum(low, SLIVER)
    _halve(polygons, low, high, np.minimum(2 * low + TOLERANCE, SLIVER))  # none that is convex is wider
    while (high - low > TOLERANCE).any():
        _halve(polygons, low, high, (low + high) / 2)
    return high


def _halve(polygons: Shapes, low: FloatArray, high: FloatArray, tried: FloatArray) -> None:
    """Move one of the bounds of each width that is not known yet to the width that is tried."""
    some = np.flatnonzero(high - low > TOLERANCE)
    gone = shapely.is_empty(shapely.buffer(polygons[some], -tried[some] / 2, quad_segs=2))
    high[some[gone]] = tried[some[gone]]
    low[some[~gone]] = tried[some[~gone]]


class Borders:
    """The edges of all areas, to be asked which of them a face lies at."""

    def __init__(self, shapes: Shapes) -> None:
        self._tree = shapely.STRtree(shapely.boundary(shapes))

    def lengths(self, polygons: Shapes) -> list[dict[int, float]]:
        """For each polygon the length of its edge by area."""
        middles, lengths, owner = _segments(polygons)
        segment, area = self._tree.query(middles, predicate="dwithin", distance=ROUNDING)
        shared: list[dict[int, float]] = [{} for _ in polygons]
        for face, row, length in zip(owner[segment].tolist(), area.tolist(), lengths[segment].tolist(), strict=True):
            shared[face][row] = shared[face].get(row, 0.0) + length
        return shared


def _segments(polygons: Shapes) -> tuple[Shapes, FloatArray, Rows]:
    """Middle and length of each edge segment, and which polygon it is of."""
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[:-1] == ring[1:]
    start, end = points[:-1][inside], points[1:][inside]
    lengths = np.hypot(*(end - start).T)
    return shapely.points((start + end) / 2), lengths, polygon[ring[:-1][inside]]


def clumps(geometries: Any, apart: float) -> list[Rows]:
    """Those that hang together: each is at most `apart` from another of its clump."""
    one, other = shapely.STRtree(geometries).query(geometries, predicate="dwithin", distance=apart)
    lowest, before = np.arange(len(geometries)), None
    while before is None or (lowest != before).any():
        before = lowest.copy()
        np.minimum.at(lowest, one, before[other])
        lowest = lowest[lowest]
    order = np.argsort(lowest, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(lowest[order])) + 1) if len(order) else []
