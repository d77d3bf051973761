"""Straight cuts through a block: where they lie, how long they are, what they would leave. Metres in the city's CRS."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.crs import FloatArray
from gridsvc.domain.mosaics import spots

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

    points: FloatArray
    """Shape (n, 2)."""
    wholes: NDArray[Any]
    """Polygons that are not cut."""
    cores: NDArray[Any]
    """The same without a thin rim: a cut may run along their edge."""

    def within(self, polygon: Any) -> "Obstacles":
        west, south, east, north = shapely.bounds(polygon)
        x, y = self.points.T
        points = self.points[(x > west - CLEAR) & (x < east + CLEAR) & (y > south - CLEAR) & (y < north + CLEAR)]
        left, bottom, right, top = shapely.bounds(self.wholes).reshape(-1, 4).T
        near = (right > west) & (left < east) & (top > south) & (bottom < north)
        return Obstacles(points=points, wholes=self.wholes[near], cores=self.cores[near])

    def at(self, line: Any) -> NDArray[Any]:
        """Polygons that the line should go round: those it crosses, and places of points that it comes too near."""
        shapely.prepare(line)
        crossed = self.wholes[shapely.intersects(line, self.cores)]
        near = self._near(line)
        return np.append(crossed, shapely.buffer(near, 1.2 * CLEAR, quad_segs=2)) if len(near) else crossed

    def _near(self, line: Any) -> NDArray[Any]:
        if not len(self.points):
            return self.points[:, 0]
        points = spots(self.points)
        return points[shapely.dwithin(line, points, CLEAR)]


def obstacles_of(points: FloatArray, wholes: NDArray[Any]) -> Obstacles:
    return Obstacles(points=points, wholes=wholes, cores=np.asarray(shapely.buffer(wholes, -THICKNESS)))


def directions(polygon: Any) -> list[float]:
    """Angles of the cuts to try: along and across most of the edges, and along and across the narrowest box."""
    edges = _edges(polygon)
    along = edges[:, 1] - edges[:, 0]
    main = _quarter(np.angle(np.sum(np.abs(along) * (along / np.abs(along)) ** 4)) / 4)
    ends = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))
    side = complex(*(ends[1] - ends[0])) if len(ends) == 5 else 1 + 0j
    box = _quarter(np.angle(side))
    found = [main] if abs(_quarter(main - box)) < ALIKE else [main, box]
    return [angle + turn for angle in found for turn in (0.0, np.pi / 2)]


def _quarter(angle: float) -> float:
    """The same direction or the one across, within 45 degrees of east."""
    return float((angle + np.pi / 4) % (np.pi / 2) - np.pi / 4)


def _edges(polygon: Any) -> NDArray[np.complex128]:
    """Start and end of each edge as complex numbers, ground to the left."""
    rings = shapely.get_rings(shapely.orient_polygons(polygon))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    places = points[:, 0] + 1j * points[:, 1]
    edges = np.column_stack([places[:-1], places[1:]])
    return np.asarray(edges[(ring[:-1] == ring[1:]) & (places[:-1] != places[1:])])


def cuts(polygon: Any, parts: int, obstacles: Obstacles) -> list[Any]:
    """Lines across the polygon that may divide it for so many parts in the end, the best first."""
    ground = shapely.area(polygon)
    centre = complex(*shapely.get_coordinates(shapely.centroid(polygon))[0])
    edges = _edges(polygon) - centre
    proposed: list[tuple[float, float, complex, complex]] = []
    for angle in directions(polygon):
        turn = np.exp(-1j * angle)
        turned = edges * turn
        profile = _Profile(turned)
        cost = profile.cost(ground, parts) + profile.crossed(obstacles, centre, turn)
        ends = 1j * np.array([turned.imag.min() - 1, turned.imag.max() + 1])
        proposed += [(float(cost[n]), angle, *((profile.at[n] + ends) / turn + centre)) for n in _best(cost)]
    proposed.sort(key=lambda one: one[0])
    return [shapely.LineString([(a.real, a.imag), (b.real, b.imag)]) for _, _, a, b in proposed[:PROPOSED]]


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
    """Upright cuts through turned edges: places, ground and edge to the left of each, length of each."""

    def __init__(self, edges: NDArray[np.complex128]) -> None:
        x = edges.real
        self.at = np.linspace(x.min(), x.max(), TRIED + 2)[1:-1]
        low, high = np.sort(x, axis=1).T
        high = np.maximum(high, low + 1e-6)  # an upright edge has a slope all the same
        rise = (edges[:, 1].imag - edges[:, 0].imag) / (high - low)
        before = np.maximum(self.at - low[:, None], 0)
        after = np.maximum(self.at - high[:, None], 0)
        self.left = -rise @ ((before - after) * (before + after)) / 2
        self.length = -rise @ (before - after)
        lengths = abs(edges[:, 1] - edges[:, 0])
        self.rim, self.left_rim = lengths.sum(), lengths / (high - low) @ (before - after)

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

    def crossed(self, obstacles: Obstacles, centre: complex, turn: complex) -> FloatArray:
        x = np.sort(((obstacles.points @ [1, 1j] - centre) * turn).real)
        touched = np.searchsorted(x, self.at + CLEAR) - np.searchsorted(x, self.at - CLEAR)
        count: FloatArray = TOUCHED * touched.astype(np.float64)
        if len(obstacles.wholes):
            points, owner = shapely.get_coordinates(obstacles.wholes, return_index=True)
            x = ((points @ [1, 1j] - centre) * turn).real
            begin = np.flatnonzero(np.diff(owner, prepend=-1))
            low, high = np.minimum.reduceat(x, begin), np.maximum.reduceat(x, begin)
            count = count + CROSSED * ((low[:, None] < self.at) & (high[:, None] > self.at)).sum(axis=0)
        return count
