"""Straight cuts through a block: where they lie, how long they are, what they would leave. Metres in the city's CRS."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.crs import FloatArray

CLEAR = 0.5
"""Metres that a cut keeps from components, where there is room."""
THICKNESS = 1e-4
"""Metres of a building's rim that a cut may be in: rounding."""
TRIED = 64
"""Places along a direction at which a cut is tried."""
PROPOSED = 6
ALIKE = np.radians(8)
"""Directions no farther apart are tried once."""
UNEVEN, NARROW, LONG, ONE_SIDED, TOUCHED, CROSSED = 1.0, 1.5, 0.3, 0.4, 0.05, 0.15
"""What counts against a cut: parts of uneven size and sides narrower than a square part (logarithms of the ratios), its
length (to the side of a square), how far from the middle it is, each component near it, and each building that it would
have to go round."""


@dataclass(frozen=True, kw_only=True)
class Obstacles:
    """What a cut keeps clear of."""

    points: NDArray[Any]
    places: NDArray[np.complex128]
    """Of the points."""
    wholes: NDArray[Any]
    """Polygons that are not cut."""
    cores: NDArray[Any]
    """The same without a thin rim: a cut may run along their edge."""

    def within(self, polygon: Any) -> "Obstacles":
        west, south, east, north = shapely.bounds(polygon)
        x, y = self.places.real, self.places.imag
        inside = (x > west - CLEAR) & (x < east + CLEAR) & (y > south - CLEAR) & (y < north + CLEAR)
        left, bottom, right, top = shapely.bounds(self.wholes).reshape(-1, 4).T
        near = (right > west) & (left < east) & (top > south) & (bottom < north)
        return Obstacles(
            points=self.points[inside], places=self.places[inside], wholes=self.wholes[near], cores=self.cores[near]
        )

    def at(self, line: Any) -> NDArray[Any]:
        """Polygons that the line should go round: those it crosses, and places of points that it comes too near."""
        shapely.prepare(line)
        crossed = self.wholes[shapely.intersects(line, self.cores)]
        near = self.points[shapely.dwithin(line, self.points, CLEAR)]
        return np.append(crossed, shapely.buffer(near, 1.2 * CLEAR, quad_segs=2)) if len(near) else crossed


def obstacles_of(points: NDArray[Any], wholes: NDArray[Any]) -> Obstacles:
    places = _places(shapely.get_coordinates(points))
    return Obstacles(points=points, places=places, wholes=wholes, cores=np.asarray(shapely.buffer(wholes, -THICKNESS)))


def _places(points: FloatArray) -> NDArray[np.complex128]:
    return points[:, 0] + 1j * points[:, 1]


def cuts(polygon: Any, parts: int, obstacles: Obstacles) -> list[Any]:
    """Lines across the polygon that may divide it for so many parts in the end, the best first."""
    centre = complex(*shapely.get_coordinates(shapely.centroid(polygon))[0])
    edges = _edges(polygon) - centre
    turns = np.exp(-1j * _directions(polygon, edges))
    turned = edges * turns[:, None, None]
    profile = _Profile(turned)
    cost = profile.cost(shapely.area(polygon), parts) + _crossed(profile.at, obstacles, centre, turns)
    best = sorted((cost[way, n], way, n) for way in range(len(turns)) for n in _best(cost[way]))[:PROPOSED]
    ends = [turned.imag.min(axis=(1, 2)) - 1, turned.imag.max(axis=(1, 2)) + 1]
    lines = [[(profile.at[way, n] + 1j * end[way]) / turns[way] + centre for end in ends] for _, way, n in best]
    return [shapely.LineString([(place.real, place.imag) for place in line]) for line in lines]


def _edges(polygon: Any) -> NDArray[np.complex128]:
    """Start and end of each edge as complex numbers, ground to the left."""
    rings = shapely.get_rings(shapely.orient_polygons(polygon))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    places = _places(points)
    edges = np.stack([places[:-1], places[1:]], axis=1)
    return np.asarray(edges[(ring[:-1] == ring[1:]) & (places[:-1] != places[1:])])


def _directions(polygon: Any, edges: NDArray[np.complex128]) -> FloatArray:
    """Angles of the cuts to try: along and across most of the edges, and along and across the narrowest box."""
    along = edges[:, 1] - edges[:, 0]
    main = _quarter(np.angle(np.sum(along**4 / np.abs(along) ** 3)) / 4)
    ends = _places(shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon)))
    box = _quarter(np.angle(ends[1] - ends[0])) if len(ends) == 5 else main
    found = [main] if abs(_quarter(main - box)) < ALIKE else [main, box]
    return np.array([angle + turn for angle in found for turn in (0.0, np.pi / 2)])


def _quarter(angle: float) -> float:
    """The same direction or the one across, within 45 degrees of east."""
    return float((angle + np.pi / 4) % (np.pi / 2) - np.pi / 4)


def _best(cost: FloatArray) -> list[int]:
    """The best place, and the best that are not near it."""
    found: list[int] = []
    for n in np.argsort(cost, kind="stable").tolist():
        if len(found) == PROPOSED // 2:
            break
        if all(abs(n - other) > TRIED // 16 for other in found):
            found.append(n)
    return found


class _Profile:
    """Upright cuts through edges turned in several ways: where they are, ground and edge to the left of each, length.

    All of shape (ways, TRIED); the edges of shape (ways, edges, 2).
    """

    def __init__(self, edges: NDArray[np.complex128]) -> None:
        x = edges.real
        steps = np.arange(1, TRIED + 1) / (TRIED + 1)
        west, east = x.min(axis=(1, 2))[:, None], x.max(axis=(1, 2))[:, None]
        self.at = west + (east - west) * steps
        low, high = x.min(axis=2), x.max(axis=2)
        width = np.maximum(high - low, 1e-6)  # an upright edge has a slope all the same
        rise = (edges[:, :, 0].imag - edges[:, :, 1].imag) / width
        before = np.maximum(self.at[:, None] - low[:, :, None], 0)
        after = np.maximum(self.at[:, None] - (low + width)[:, :, None], 0)
        part = before - after
        lengths = abs(edges[:, :, 1] - edges[:, :, 0])
        self.left = _summed(rise, part * (before + after)) / 2
        self.length = _summed(rise, part)
        self.rim, self.left_rim = lengths[0].sum(), _summed(lengths / width, part)

    def cost(self, ground: float, parts: int) -> FloatArray:
        share = np.clip(self.left / ground, 1e-9, 1 - 1e-9)
        first = np.clip(np.rint(share * parts), 1, parts - 1)
        uneven = np.maximum(abs(np.log(share * parts / first)), abs(np.log((1 - share) * parts / (parts - first))))
        side = np.sqrt(ground / parts)
        left = 2 * self.left / (self.left_rim + self.length)
        right = 2 * (ground - self.left) / (self.rim - self.left_rim + self.length)
        narrow = sum(np.maximum(np.log(side / 2 / np.maximum(width, 1e-3)), 0) for width in (left, right))
        long = self.length / side / np.sqrt(parts)
        total: FloatArray = UNEVEN * uneven + NARROW * narrow + LONG * long + ONE_SIDED * abs(first / parts - 0.5)
        return total


def _summed(weights: FloatArray, values: FloatArray) -> FloatArray:
    return np.asarray((weights[:, None] @ values)[:, 0])


def _crossed(at: FloatArray, obstacles: Obstacles, centre: complex, turns: NDArray[np.complex128]) -> FloatArray:
    """What counts against cuts because of what stands in their way."""
    x = np.sort(((obstacles.places - centre) * turns[:, None]).real, axis=1)
    near = [np.subtract(*np.searchsorted(one, [cut + CLEAR, cut - CLEAR])) for one, cut in zip(x, at, strict=True)]
    count: FloatArray = TOUCHED * np.array(near, dtype=np.float64)
    if len(obstacles.wholes):
        points, owner = shapely.get_coordinates(obstacles.wholes, return_index=True)
        x = ((_places(points) - centre) * turns[:, None]).real
        begin = np.flatnonzero(np.diff(owner, prepend=-1))
        low, high = np.minimum.reduceat(x, begin, axis=1), np.maximum.reduceat(x, begin, axis=1)
        between = (low[:, :, None] < at[:, None]) & (high[:, :, None] > at[:, None])
        count = count + CROSSED * between.sum(axis=1)
    return count
