"""Moving the edges of a utility layer onto administrative borders that run beside them. Metres in the city's CRS.

All edges of both and the "rungs" between them are cut into faces, each of one utility area and one administrative area
(or none). A thin face between a utility edge and a border changes to the utility area beyond that edge.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.coverage_faces import Rows, Shapes
from gridsvc.domain.coverage_pairs import overlapping
from gridsvc.domain.crs import BoolArray, FloatArray
from gridsvc.domain.mosaics import Graph, array, inner_points, linked, parts_of, polygonized, segments
from gridsvc.domain.splitting import SEAM, fit_seams, with_vertices
from gridsvc.errors import InputError

LONG = 4.0
"""A part of an edge runs along a border if it is near it for so many tolerances; what is shorter crosses it."""
SLANT = 0.5
"""Least length of the border of a thin face to that of its utility edge."""
TRIFLE = 0.1
"""Of a face so small, in squares of the tolerance, that does not matter."""
KEPT = 0.5
"""Least share of its ground that an area keeps."""
ROUNDS = 5
"""Moved edges may bring others near; as a rule the second round finds nothing more."""
NONE = -1


@dataclass(frozen=True, kw_only=True)
class Loose:
    """A stretch of the edge of a utility area that lies on no administrative border."""

    place: int
    """Of the area in the layer; of two, the first."""
    geom: Any
    distance: float
    """Of its farthest point from the borders; within the tolerance where moving it would have swallowed or torn an
    area, or where it only crosses a border."""


@dataclass(frozen=True, kw_only=True)
class Aligned:
    shapes: list[Any]
    """In the order given; areas that nothing was changed in have at most a vertex more."""
    moved_m2: float
    """Ground that changed from one area to another, to none, or from none."""
    loose: list[Loose]


def align(shapes: Sequence[Any], borders: Sequence[Any], tolerance: float) -> Aligned:
    """The layer with its edges on the borders of areas, where they run within `tolerance` metres of these.

    Stays one coverage. Raises InputError for areas that overlap and for a tolerance of 0 or less.
    """
    layer, areas = array(shapes), array(borders)
    _check(layer, tolerance)
    if not len(layer):
        return Aligned(shapes=[], moved_m2=0.0, loose=[])
    lines = shapely.union_all(shapely.boundary(areas))
    moved, least = 0.0, KEPT * shapely.area(layer)
    for _ in range(ROUNDS):
        faces = _Faces(layer, areas, _linework(layer, lines, tolerance))
        owner = _decided(faces, _proposed(faces, lines, tolerance), least)
        changed = owner != faces.owner
        if not changed.any():
            break
        moved += float(faces.size[changed].sum())
        layer = _redrawn(layer, faces, owner)
    return Aligned(shapes=list(layer), moved_m2=moved, loose=_loose(faces, owner, lines, tolerance))


def _redrawn(layer: Shapes, faces: "_Faces", owner: Rows) -> Shapes:
    changed = owner != faces.owner
    touched = np.unique(np.concatenate([owner[changed], faces.owner[changed]]))
    for row in touched[touched != NONE].tolist():
        layer[row] = shapely.coverage_union_all(faces.shapes[owner[:-1] == row])
    return array(fit_seams(layer))


def _check(layer: Shapes, tolerance: float) -> None:
    if not 0 < tolerance < np.inf:
        raise InputError(
            f"the tolerance must be a number of metres above 0, not {tolerance:g}",
            zh=f"容差必须是大于 0 的米数，不能是 {tolerance:g}",
        )
    pairs = overlapping(layer, np.arange(len(layer)))
    if len(pairs.left):
        one, other = int(pairs.left[0]) + 1, int(pairs.right[0]) + 1
        raise InputError(
            f"areas {one} and {other} of the layer overlap ({len(pairs.left)} pairs do): check the layer first",
            zh=f"图层中第 {one} 与第 {other} 个区域重叠（共 {len(pairs.left)} 对），请先检查图层再对齐",
        )


def _linework(layer: Shapes, lines: Any, tolerance: float) -> Any:
    """Edges, borders and rungs, noded."""
    edges = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.boundary(layer))))
    ends = _run_ends(edges, lines, tolerance)
    rungs = shapely.shortest_line(ends, lines)
    rungs = rungs[~shapely.is_missing(rungs) & (shapely.length(rungs) > SEAM)]
    places = np.unique(shapely.get_coordinates(rungs) @ np.array([1, 1j]))
    both = np.append(edges, shapely.get_parts(lines))
    return shapely.union_all(np.append(with_vertices(both, places), rungs))


def _run_ends(edges: Shapes, lines: Any, tolerance: float) -> Shapes:
    """The ends of the parts of edges that run along a border: at these, rungs lead to it."""
    near = shapely.line_merge(shapely.intersection(edges, shapely.buffer(lines, tolerance)))
    runs, edge = shapely.get_parts(near, return_index=True)
    whole = shapely.length(runs) > shapely.length(edges)[edge] - SEAM
    runs = runs[(shapely.get_dimensions(runs) == 1) & (whole | (shapely.length(runs) > LONG * tolerance))]
    return np.concatenate([shapely.get_point(runs, 0), shapely.get_point(runs, -1)])


class _Faces:
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


def _proposed(faces: _Faces, lines: Any, tolerance: float) -> Rows:
    """The owner of each face if all thin faces went to the area beyond their utility edge."""
    owner = faces.owner.copy()
    zone = _inside_zone(faces, lines, tolerance)
    pending = set(_thin(faces, zone, TRIFLE * tolerance**2).tolist())
    while True:
        found = {face: best for face in sorted(pending) if (best := _beyond(faces, face, pending, owner)) is not None}
        if not found:
            return _without_crumbs(faces, owner, zone)
        for face, best in found.items():
            owner[face] = best
        pending -= found.keys()


def _without_crumbs(faces: _Faces, owner: Rows, zone: BoolArray) -> Rows:
    """What would be torn off and lies near a border goes to the neighbour with the longest edge."""
    changed = owner != faces.owner
    while True:
        crumbs = [part for part in _alike(faces, owner, faces.owner) if zone[part].all() and not changed[part].any()]
        crumbs = [part for part in crumbs if any(changed[other] for face in part for other in faces.near[face])]
        if not crumbs:
            return owner
        for part in crumbs:
            edges: dict[int, float] = {}
            for face in part.tolist():
                for other, length in faces.near[face].items():
                    if owner[other] != owner[face]:
                        edges[int(owner[other])] = edges.get(int(owner[other]), 0.0) + length
            owner[part] = max(edges, key=lambda row: (edges[row], -row))
            changed[part] = True


def _alike(faces: _Faces, owner: Rows, before: Rows) -> list[NDArray[np.int64]]:
    """Faces that touch and have the same owner, and had the same before; in groups."""
    same = (owner[faces.first] == owner[faces.second]) & (before[faces.first] == before[faces.second])
    lowest = linked(len(owner), faces.first[same], faces.second[same])
    order = np.argsort(lowest, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(lowest[order])) + 1)


def _beyond(faces: _Faces, face: int, pending: set[int], owner: Rows) -> int | None:
    """The area that has most of the edge of a face, within the same administrative area, if that is known."""
    edges: dict[int, float] = {}
    for other, length in faces.near[face].items():
        if faces.area[other] == faces.area[face] and faces.owner[other] != faces.owner[face] and other not in pending:
            edges[int(owner[other])] = edges.get(int(owner[other]), 0.0) + length
    return max(edges, key=lambda row: (edges[row], -row)) if edges else None


def _thin(faces: _Faces, zone: BoolArray, trifle: float) -> Rows:
    """Faces that lie between a border and a utility edge near it, or are a trifle."""
    border, edge = np.zeros(len(faces.size)), np.zeros(len(faces.size))
    same_area = faces.area[faces.first] == faces.area[faces.second]
    same_owner = faces.owner[faces.first] == faces.owner[faces.second]
    for side in (faces.first, faces.second):
        np.add.at(border, side, faces.length * (~same_area & same_owner))
        np.add.at(edge, side, faces.length * (same_area & ~same_owner))
    return np.flatnonzero(zone & (edge > 0) & (border > 0) & ((border >= SLANT * edge) | (faces.size < trifle)))


def _inside_zone(faces: _Faces, lines: Any, tolerance: float) -> BoolArray:
    """Which faces lie wholly near borders."""
    zone = shapely.buffer(lines, tolerance * 1.02)
    shapely.prepare(zone)
    return np.append(shapely.covers(zone, faces.shapes), False)


def _decided(faces: _Faces, proposed: Rows, least: FloatArray) -> Rows:
    """The owner of each face after the changes that leave less edge loose and neither swallow nor tear an area."""
    owner = faces.owner.copy()
    groups = [group for group in _alike(faces, proposed, owner) if proposed[group[0]] != owner[group[0]]]
    while True:
        refused = []
        for group in groups:
            old, new = int(owner[group[0]]), int(proposed[group[0]])
            shorter = _edge_beyond(faces, owner, group, new) < _edge_beyond(faces, owner, group, old) - SEAM
            owner[group] = new
            if not shorter or not all(_is_sound(faces, owner, row, least) for row in (old, new) if row != NONE):
                owner[group] = old
                refused.append(group)
        if len(refused) in (0, len(groups)):
            return owner
        groups = refused


def _edge_beyond(faces: _Faces, owner: Rows, group: Rows, new: int) -> float:
    """How much edge of the group would lie on no border if it belonged to an area."""
    inside = set(group.tolist())
    return math.fsum(
        length
        for face in inside
        for other, length in faces.near[face].items()
        if other not in inside and owner[other] != new and faces.area[other] == faces.area[face]
    )


def _is_sound(faces: _Faces, owner: Rows, row: int, least: FloatArray) -> bool:
    """Whether an area keeps enough ground, in no more parts than before."""
    now, before = np.flatnonzero(owner == row), np.flatnonzero(faces.owner == row)
    return bool(faces.size[now].sum() >= least[row]) and parts_of(faces.near, now) <= parts_of(faces.near, before)


def _loose(faces: _Faces, owner: Rows, lines: Any, tolerance: float) -> list[Loose]:
    one, other = owner[faces.first], owner[faces.second]
    off = (one != other) & (faces.area[faces.first] == faces.area[faces.second])
    pairs = np.sort(np.column_stack([one, other])[off], axis=1)
    stretches: Any = shapely.linestrings(faces.ends[off].reshape(-1, 2, 2))
    found = []
    for low, high in np.unique(pairs, axis=0).tolist():
        own = stretches[(pairs == (low, high)).all(axis=1)]
        for line in shapely.get_parts(shapely.line_merge(shapely.multilinestrings(own))):
            places = shapely.points(shapely.get_coordinates(shapely.segmentize(line, tolerance)))
            farthest = float(shapely.distance(places, lines).max())
            found.append(Loose(place=low if low != NONE else high, geom=line, distance=farthest))
    return sorted(found, key=lambda stretch: stretch.place)
