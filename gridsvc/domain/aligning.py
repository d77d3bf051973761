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

from gridsvc.domain.aligning_faces import NONE, Borders, Faces, alike, borders_of, faces_between
from gridsvc.domain.coverage_faces import Rows, Shapes
from gridsvc.domain.coverage_pairs import overlapping
from gridsvc.domain.crs import BoolArray, FloatArray
from gridsvc.domain.mosaics import array, parts_of
from gridsvc.domain.splitting import SEAM, fit_seams
from gridsvc.errors import InputError

SLANT = 0.5
"""Least length of the border of a thin face to that of its utility edge."""
TRIFLE = 0.1
"""Of a face so small, in squares of the tolerance, that does not matter."""
KEPT = 0.5
"""Least share of its ground that an area keeps."""
ROUNDS = 5
"""Moved edges may bring others near; as a rule the second round finds nothing more."""


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
    around, moved, least = borders_of(areas, tolerance), 0.0, KEPT * shapely.area(layer)
    for _ in range(ROUNDS):
        faces = faces_between(layer, around)
        owner = _decided(faces, _proposed(faces, around), least)
        changed = owner != faces.owner
        if not changed.any():
            break
        moved += float(faces.size[changed].sum())
        layer = _redrawn(layer, faces, owner)
    return Aligned(shapes=list(layer), moved_m2=moved, loose=_loose(faces, owner, around))


def _redrawn(layer: Shapes, faces: Faces, owner: Rows) -> Shapes:
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


def _proposed(faces: Faces, borders: Borders) -> Rows:
    """The owner of each face if all thin faces went to the area beyond their utility edge."""
    owner = faces.owner.copy()
    zone = np.append(borders.cover(faces.shapes), False)
    pending = set(_thin(faces, zone, TRIFLE * borders.tolerance**2).tolist())
    while True:
        found = {face: best for face in sorted(pending) if (best := _beyond(faces, face, pending, owner)) is not None}
        if not found:
            return _without_crumbs(faces, owner, zone)
        for face, best in found.items():
            owner[face] = best
        pending -= found.keys()


def _without_crumbs(faces: Faces, owner: Rows, zone: BoolArray) -> Rows:
    """What would be torn off and lies near a border goes to the neighbour with the longest edge."""
    changed = owner != faces.owner
    while True:
        crumbs = [part for part in alike(faces, owner, faces.owner) if zone[part].all() and not changed[part].any()]
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


def _beyond(faces: Faces, face: int, pending: set[int], owner: Rows) -> int | None:
    """The area that has most of the edge of a face, within the same administrative area, if that is known."""
    edges: dict[int, float] = {}
    for other, length in faces.near[face].items():
        if faces.area[other] == faces.area[face] and faces.owner[other] != faces.owner[face] and other not in pending:
            edges[int(owner[other])] = edges.get(int(owner[other]), 0.0) + length
    return max(edges, key=lambda row: (edges[row], -row)) if edges else None


def _thin(faces: Faces, zone: BoolArray, trifle: float) -> Rows:
    """Faces that lie between a border and a utility edge near it, or are a trifle."""
    border, edge = np.zeros(len(faces.size)), np.zeros(len(faces.size))
    same_area = faces.area[faces.first] == faces.area[faces.second]
    same_owner = faces.owner[faces.first] == faces.owner[faces.second]
    for side in (faces.first, faces.second):
        np.add.at(border, side, faces.length * (~same_area & same_owner))
        np.add.at(edge, side, faces.length * (same_area & ~same_owner))
    return np.flatnonzero(zone & (edge > 0) & (border > 0) & ((border >= SLANT * edge) | (faces.size < trifle)))


def _decided(faces: Faces, proposed: Rows, least: FloatArray) -> Rows:
    """The owner of each face after the changes that leave less edge loose and neither swallow nor tear an area."""
    owner, grounds = faces.owner.copy(), _Grounds(faces, least)
    groups = [group for group in alike(faces, proposed, owner) if proposed[group[0]] != owner[group[0]]]
    while True:
        refused = []
        for group in groups:
            old, new = int(owner[group[0]]), int(proposed[group[0]])
            shorter = _edge_beyond(faces, owner, group, new) < _edge_beyond(faces, owner, group, old) - SEAM
            if shorter and grounds.changed(set(group.tolist()), old, new):
                owner[group] = new
            else:
                refused.append(group)
        if len(refused) in (0, len(groups)):
            return owner
        groups = refused


class _Grounds:
    """The faces of each area, while they change."""

    def __init__(self, faces: Faces, least: FloatArray) -> None:
        self._faces, self._least = faces, least
        self._of: dict[int, set[int]] = {row: set() for row in range(len(least))}
        for face, row in enumerate(faces.owner.tolist()):
            self._of.setdefault(row, set()).add(face)
        self._parts = [parts_of(faces.near, self._of[row]) for row in range(len(least))]

    def changed(self, group: set[int], old: int, new: int) -> bool:
        """Whether a group of faces changed: both areas keep enough ground, in no more parts than before."""
        self._of[old] -= group
        self._of[new] |= group
        sound = all(self._is_sound(row) for row in (old, new) if row != NONE)
        if not sound:
            self._of[old] |= group
            self._of[new] -= group
        return sound

    def _is_sound(self, row: int) -> bool:
        members = self._of[row]
        size = self._faces.size[list(members)].sum()
        return bool(size >= self._least[row]) and parts_of(self._faces.near, members) <= self._parts[row]


def _edge_beyond(faces: Faces, owner: Rows, group: Rows, new: int) -> float:
    """How much edge of the group would lie on no border if it belonged to an area."""
    inside = set(group.tolist())
    return math.fsum(
        length
        for face in inside
        for other, length in faces.near[face].items()
        if other not in inside and owner[other] != new and faces.area[other] == faces.area[face]
    )


def _loose(faces: Faces, owner: Rows, borders: Borders) -> list[Loose]:
    one, other = owner[faces.first], owner[faces.second]
    off = (one != other) & (faces.area[faces.first] == faces.area[faces.second])
    if not off.any():
        return []
    pairs, pair = np.unique(np.sort(np.column_stack([one, other])[off], axis=1), axis=0, return_inverse=True)
    order = np.argsort(pair, kind="stable")
    stretches: Any = shapely.linestrings(faces.ends[off][order].reshape(-1, 2, 2))
    lines, which = shapely.get_parts(
        shapely.line_merge(shapely.multilinestrings(stretches, indices=pair[order])), return_index=True
    )
    places = np.where(pairs[:, 0] != NONE, pairs[:, 0], pairs[:, 1])[which].tolist()
    distances = borders.distance(lines).tolist()
    found = [Loose(place=n, geom=line, distance=far) for n, line, far in zip(places, lines, distances, strict=True)]
    return sorted(found, key=lambda stretch: stretch.place)
