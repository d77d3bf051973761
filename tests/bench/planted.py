"""Faults planted into a clean layer of unit grids, each with the finding that it must lead to, and no other."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.findings import Finding

UNIT_GRID = re.compile(r"\b\d{15}\b")
NEAR = 0.5
"""Metres from the planted place within which the place of a finding is right."""
SAME = 0.02
"""Share by which the ground that a finding shows may differ from what was planted."""
INNER = 11
"""Vertices of an edge that two grids of the synthetic city share, its corners included."""


@dataclass(frozen=True, kw_only=True)
class Planted:
    fault: str
    rule: str
    names: frozenset[str]
    """All unit grids that the finding names, its own among them."""
    place: Any
    area: float | None = None
    """Square metres of the finding's shape, where it is the ground that is wrong."""

    def is_told_by(self, finding: Finding) -> bool:
        named = {*UNIT_GRID.findall(finding.message), *([finding.code] if finding.code else [])}
        there = finding.geom is not None and shapely.distance(finding.geom, self.place) <= NEAR
        same = self.area is None or abs(finding.geom.area - self.area) <= SAME * self.area
        return bool(self.rule == finding.rule and named == self.names and there and same)


@dataclass(kw_only=True)
class Layer:
    """Unit grids by row; faults change `shapes`, take rows away (None) and add others."""

    codes: list[str]
    parents: list[str]
    shapes: list[Any]
    planted: list[Planted] = field(default_factory=list)

    def add(self, like: int, shape: Any, serial: int) -> str:
        """Another grid of the same parent."""
        self.codes.append(f"{self.parents[like]}{serial:03d}")
        self.parents.append(self.parents[like])
        self.shapes.append(shape)
        return self.codes[-1]

    def note(self, fault: str, rule: str, rows: Iterable[int], place: Any, area: float | None = None) -> None:
        names = frozenset(self.codes[row] for row in rows)
        self.planted.append(Planted(fault=fault, rule=rule, names=names, place=place, area=area))


class Sites:
    """Grids whose blocks (they and all that touch them) share nothing, in a random but repeatable order."""

    def __init__(self, layer: Layer, seed: int) -> None:
        self._layer, self._shapes = layer, np.array(layer.shapes, dtype=object)
        one, other = shapely.STRtree(self._shapes).query(self._shapes, predicate="touches")
        self._around = np.split(other[np.argsort(one, kind="stable")], np.cumsum(np.bincount(one))[:-1])
        self._taken = np.zeros(len(self._shapes), dtype=np.bool_)
        self._order = np.random.default_rng(seed).permutation(len(self._shapes)).tolist()
        self._parents = set[str]()

    def inside(self) -> tuple[int, list[int]]:
        """A grid amid eight others of its parent, and the four of them that share an edge with it."""
        row = self._next(lambda row, near: len(near) == 8 and len(self._of(row, near)) == 1)
        return row, self._beside(row)

    def at_parents_edge(self) -> tuple[int, list[int]]:
        """A grid amid eight others, and its neighbours of another parent."""
        row = self._next(lambda row, near: len(near) == 8 and len(self._of(row, self._beside(row))) == 2)
        return row, [one for one in self._beside(row) if self._layer.parents[one] != self._layer.parents[row]]

    def at_citys_edge(self) -> tuple[int, list[Any]]:
        """A grid with one edge that is the city's, of a parent that was not given before, and the shapes around it."""

        def fits(row: int, near: Any) -> bool:
            return len(near) == 5 and len(self._beside(row)) == 3 and self._layer.parents[row] not in self._parents

        row = self._next(fits)
        self._parents.add(self._layer.parents[row])
        return row, [self._shapes[one] for one in self._around[row]]

    def _next(self, fits: Callable[[int, Any], bool]) -> int:
        for row in self._order:
            near = self._around[row]
            if not self._taken[[row, *near]].any() and fits(row, near):
                self._taken[[row, *near]] = True
                return int(row)
        raise ValueError("the layer is too small for so many faults")

    def _of(self, row: int, near: Iterable[int]) -> set[str]:
        return {self._layer.parents[one] for one in (row, *near)}

    def _beside(self, row: int) -> list[int]:
        """Those that share a whole edge."""
        return [int(one) for one in self._around[row] if len(shared(self._shapes[row], self._shapes[one])) == INNER]


def shared(one: Any, other: Any) -> NDArray[np.int64]:
    """Places in the ring of `one` of the vertices that it shares with `other`, in order along their edge."""
    mine, theirs = corners(one), corners(other)
    same = np.flatnonzero((mine[:, None, :] == theirs[None, :, :]).all(axis=2).any(axis=1))
    gap = np.flatnonzero(np.diff(same) > 1)
    return np.roll(same, -(gap[0] + 1)) if len(gap) == 1 else same


def lone(shape: Any, neighbours: Iterable[Any]) -> NDArray[np.int64]:
    """The same of the vertices at the edge that it shares with none, corners included."""
    free = np.ones(len(corners(shape)), dtype=np.bool_)
    for other in neighbours:
        free[shared(shape, other)] = False
    inner = np.flatnonzero(free)
    gap = np.flatnonzero(np.diff(inner) > 1)
    inner = np.roll(inner, -(gap[0] + 1)) if len(gap) else inner
    return np.array([(inner[0] - 1) % len(free), *inner, (inner[-1] + 1) % len(free)])


def corners(shape: Any) -> NDArray[np.float64]:
    """Vertices of the outer ring, the first not repeated."""
    return shapely.get_coordinates(shape.exterior)[:-1]


def redrawn(shape: Any, places: Any, to: Any) -> Any:
    ring = corners(shape)
    ring[places] = to
    return shapely.Polygon(np.round(ring, 3))


def inwards(shape: Any, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """The direction across an edge into the shape."""
    ring = corners(shape)
    along = ring[places[-1]] - ring[places[0]]
    across = np.array([-along[1], along[0]]) / np.hypot(*along)
    sign = np.sign(across @ (shapely.get_coordinates(shape.centroid)[0] - ring[places[len(places) // 2]]))
    return np.asarray(sign * across)


def bent(shape: Any, edge: NDArray[np.int64], some: slice, metres: float) -> tuple[Any, Any]:
    """The shape with vertices of an edge moved so far inwards (outwards if negative), and the first of these moved."""
    some_places = edge[some]
    to = corners(shape)[some_places] + metres * inwards(shape, edge)
    changed = redrawn(shape, some_places, to)
    return changed, shapely.Point(corners(changed)[some_places[len(some_places) // 2]])


def plant(layer: Layer, each: int, seed: int = 1) -> None:
    """`each` faults of every sort, none within a grid of another."""
    sites = Sites(layer, seed)
    for sort in SORTS:
        for n in range(each):
            sort(layer, sites, n)


def gap(layer: Layer, sites: Sites, n: int) -> None:
    row, beside = sites.inside()
    _bend(layer, row, beside[0], (20.0, 5.0, 1.5)[n % 3], "tiles_gap")


def overlap(layer: Layer, sites: Sites, n: int) -> None:
    row, beside = sites.inside()
    _bend(layer, row, beside[0], (-20.0, -5.0, -1.5)[n % 3], "tiles_overlap")


def _bend(layer: Layer, row: int, other: int, metres: float, rule: str) -> None:
    """Five vertices of the edge that it shares with the other."""
    before = layer.shapes[row]
    layer.shapes[row], _ = bent(before, shared(before, layer.shapes[other]), slice(3, 8), metres)
    ground = shapely.symmetric_difference(before, layer.shapes[row])
    assert before.union(layer.shapes[other]).buffer(NEAR / 1_000).covers(ground), "it reached a third grid"
    layer.note(f"{rule} by {abs(metres):g} m", rule, [row, other], ground.centroid, ground.area)


def sliver(layer: Layer, sites: Sites, n: int) -> None:
    """A thin gap or a thin overlap."""
    row, beside = sites.inside()
    before = layer.shapes[row]
    layer.shapes[row], place = bent(before, shared(before, layer.shapes[beside[0]]), slice(3, 8), 0.8 * (-1) ** n)
    layer.note("sliver", "no_slivers", [row, beside[0]], place)


def missing(layer: Layer, sites: Sites, _n: int) -> None:
    row, beside = sites.inside()
    layer.note("missing cell", "tile_missing", beside, layer.shapes[row].centroid, layer.shapes[row].area)
    layer.shapes[row] = None


def hole(layer: Layer, sites: Sites, n: int) -> None:
    row, _ = sites.inside()
    middle = shapely.point_on_surface(layer.shapes[row])
    side = (20.0, 10.0, 2.0)[n % 3]
    square = shapely.box(middle.x - side / 2, middle.y - side / 2, middle.x + side / 2, middle.y + side / 2)
    layer.shapes[row] = shapely.difference(layer.shapes[row], square)
    layer.note("hole", "hole_filled", [row], middle, side**2)


def shifted(layer: Layer, sites: Sites, n: int) -> None:
    row, beside = sites.inside()
    before = layer.shapes[row]
    metres = (0.3, 0.05, 0.01)[n % 3] * (-1) ** (n // 3)
    layer.shapes[row], place = bent(before, shared(before, layer.shapes[beside[0]]), slice(5, 6), metres)
    layer.note(f"vertex shifted by {abs(metres):g} m", "edges_match", [row, beside[0]], place)


def shifted_corner(layer: Layer, sites: Sites, _n: int) -> None:
    """Of one grid, away from the corner of three others, one of which it still touches nowhere else."""
    row, beside = sites.inside()
    before = layer.shapes[row]
    corner = shared(before, layer.shapes[beside[0]])[0]
    at = corners(before)[corner]
    towards = shapely.get_coordinates(before.centroid)[0] - at
    layer.shapes[row] = redrawn(before, [corner], at + 0.3 * towards / np.hypot(*towards))
    near = [one for one in beside if shapely.distance(layer.shapes[one], shapely.Point(at)) == 0]
    layer.note("corner shifted", "edges_match", [row, *near], shapely.Point(at))


def drawn_twice(layer: Layer, sites: Sites, _n: int) -> None:
    """An edge that was digitised once for each of its two grids."""
    row, beside = sites.inside()
    before = layer.shapes[row]
    edge = shared(before, layer.shapes[beside[0]])
    line = shapely.LineString(corners(before)[edge])
    steps = np.arange(1, 8) / 8
    drawn = shapely.get_coordinates(shapely.line_interpolate_point(line, steps, normalized=True))
    drawn += np.where(np.arange(7) % 2, 0.2, -0.2)[:, None] * inwards(before, edge)
    ring = np.roll(corners(before), -edge[-1], axis=0)  # from the edge's end all the way to its beginning
    rest = ring[: len(ring) - (INNER - 2)]
    layer.shapes[row] = shapely.Polygon(np.round(np.concatenate([rest, drawn]), 3))
    layer.note("edge drawn twice", "edges_match", [row, beside[0]], line.interpolate(0.5, normalized=True))


def unshared_vertices(layer: Layer, sites: Sites, n: int) -> None:
    """Vertices on the edge that the neighbour has not."""
    row, beside = sites.inside()
    before = layer.shapes[row]
    edge = shared(before, layer.shapes[beside[0]])
    ring = np.roll(corners(before), -edge[0], axis=0)
    count = 1 + n % 3
    middles = (ring[4 : 4 + count] + ring[5 : 5 + count]) / 2
    layer.shapes[row] = shapely.Polygon(np.insert(ring, np.arange(5, 5 + count), middles, axis=0))
    layer.note("vertices of one only", "vertices_shared", [row, beside[0]], shapely.Point(middles[0]))


def grid_twice(layer: Layer, sites: Sites, n: int) -> None:
    row, _ = sites.inside()
    shape = layer.shapes[row]
    layer.add(row, shape, 999 - n)
    layer.note("grid twice", "tiles_overlap", [row, len(layer.codes) - 1], shape.centroid, shape.area)


def beyond_parent(layer: Layer, sites: Sites, _n: int) -> None:
    """It overlaps a grid of another parent, and so reaches out of its own."""
    row, beside = sites.at_parents_edge()
    _bend(layer, row, beside[0], -5.0, "tiles_overlap")
    last = layer.planted[-1]
    layer.note("out of its parent", "inside_parent", [row], last.place, last.area)


def two_parts(layer: Layer, sites: Sites, _n: int) -> None:
    """A piece amid the neighbour belongs to it."""
    row, beside = sites.inside()
    middle = shapely.point_on_surface(layer.shapes[beside[0]])
    piece = middle.buffer(10, quad_segs=4)
    layer.shapes[beside[0]] = shapely.difference(layer.shapes[beside[0]], piece)
    layer.shapes[row] = shapely.multipolygons([layer.shapes[row], piece])
    layer.note("two parts", "one_part", [row], middle)


def small(layer: Layer, sites: Sites, n: int) -> None:
    """A corner is cut off as a grid of its own."""
    row, beside = sites.inside()
    before = layer.shapes[row]
    edge = shared(before, layer.shapes[beside[0]])
    ring = np.roll(corners(before), -edge[0], axis=0)
    layer.shapes[row] = shapely.Polygon(ring[2:-2])
    layer.add(row, shapely.Polygon(np.concatenate([ring[-3:], ring[:3]])), 949 - n)
    layer.note("too small", "usual_size", [len(layer.codes) - 1], layer.shapes[-1].centroid, layer.shapes[-1].area)


def gap_at_citys_edge(layer: Layer, sites: Sites, _n: int) -> None:
    row, around = sites.at_citys_edge()
    before = layer.shapes[row]
    layer.shapes[row], _ = bent(before, lone(before, around), slice(3, 8), 20.0)
    ground = shapely.difference(before, layer.shapes[row])
    layer.note("gap at the city's edge", "tiles_gap", [row], ground.centroid, ground.area)


def shifted_at_citys_edge(layer: Layer, sites: Sites, n: int) -> None:
    row, around = sites.at_citys_edge()
    before = layer.shapes[row]
    layer.shapes[row], place = bent(before, lone(before, around), slice(5, 6), 0.3 * (-1) ** n)
    layer.note("vertex shifted at the city's edge", "rim_matches", [], place)


SORTS: tuple[Callable[[Layer, Sites, int], None], ...] = (
    gap, overlap, sliver, missing, hole, shifted, shifted_corner, drawn_twice, unshared_vertices, grid_twice,
    beyond_parent, two_parts, small, gap_at_citys_edge, shifted_at_citys_edge,
)  # fmt: skip


def differences(planted: Iterable[Planted], findings: Iterable[Finding]) -> list[str]:
    """What was planted and not found, and found and not planted."""
    left, lacking = list(findings), []
    for one in planted:
        told = next((finding for finding in left if one.is_told_by(finding)), None)
        if told is None:
            lacking.append(f"not found: {one.fault} at {one.place}, {sorted(one.names)} ({one.rule})")
        else:
            left.remove(told)
    return [*lacking, *(f"not planted: {one.rule} {one.code}: {one.message} at {one.geom}"[:600] for one in left)]
