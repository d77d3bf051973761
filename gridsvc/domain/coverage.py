"""How the areas of one kind fit together: what overlaps, what is left open, and which shared edges differ.

All lengths are metres in the city's CRS. Areas that fit share their edges vertex for vertex. A place where they do not
is told once: edges that run at most REACH apart are meant to be one edge (a moved vertex is one such place, though it
leaves a thin gap and a thin overlap); what is wider, yet nowhere SLIVER wide, is a sliver; the rest are overlaps and
gaps.
"""

from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.coverage_faces import (
    REACH,
    SLIVER,
    Borders,
    Face,
    Rows,
    Shapes,
    clumps,
    mean_width,
    pieces,
    polygonal,
)
from gridsvc.domain.coverage_pairs import Pairs, overlapping
from gridsvc.domain.coverage_seams import Strays, split_moved, strays
from gridsvc.domain.crs import FloatArray
from gridsvc.domain.location import TOLERANCE

OVERLAP, GAP, MISSING, HOLE = "overlap", "gap", "missing", "hole"
SLIVERS, EDGES, RIM, VERTICES = "slivers", "edges", "rim", "vertices"

Key = tuple[str, tuple[int, ...]]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong between areas; `kind` is one of:

    OVERLAP   two areas share ground; the later one stands first
    GAP       ground inside the layer, or inside its target, that no area covers
    MISSING   a gap as wide as a cell
    HOLE      a hole of one area that nothing fills
    SLIVERS   thin overlaps or gaps between edges
    EDGES     edges meant to be one that differ: moved vertices
    RIM       the edge of the layer differs a little from that of its target
    VERTICES  the first area has no vertex where the others have one on its edge
    """

    kind: str
    areas: tuple[int, ...]
    """Rows. Of EDGES and SLIVERS the first is the one that differs from all others, where there is one."""
    geom: Any
    overlap: float = 0.0
    """Square metres covered twice; of RIM, covered beyond the target."""
    gap: float = 0.0
    """Square metres not covered."""
    width: float = 0.0
    """Greatest width (how far edges are apart); of what is wider than SLIVER on average, that average."""
    length: float = 0.0
    """How long the edges are that differ."""
    places: int = 1
    on_rim: bool = False
    """Of GAP or MISSING: it lies outside of all areas together, at the edge of the target."""


@dataclass(frozen=True, kw_only=True)
class Beyond:
    """A child reaches out of its parent."""

    row: int
    geom: Any
    area: float
    share: float
    """Of the child's own area."""
    distance: float
    """How far it reaches out."""


def faults(shapes: Shapes, target: Any = None) -> list[Fault]:
    """All faults of a layer. `target`: the ground it should cover; None: no more than its own outline.

    Invalid shapes count with what can be made valid of them; None and empty shapes cover nothing.
    """
    shapes = polygonal(shapes)
    invalid = shapely.coverage_invalid_edges(shapes, gap_width=REACH)
    flagged = np.flatnonzero(~shapely.is_empty(invalid))
    borders, pairs = Borders(shapes), overlapping(shapes, flagged)
    wide, thin = _overlaps(pairs, borders)
    misfits = np.unique(np.concatenate([flagged, pairs.left, pairs.right]))
    wide_gaps, thin_gaps = _gaps(shapes, _union(shapes, misfits), target, borders)
    found, thin = wide + wide_gaps, thin + thin_gaps
    wide_places, thin_places = [fault.geom for fault in found], [face.geom for face in thin]
    moved, missing = split_moved(strays(shapes, invalid, flagged, wide_places, thin_places))
    return found + _told(thin + moved) + _lacking(missing)


def union(shapes: Shapes) -> Any:
    """The ground that areas cover together; fast where they fit."""
    shapes = polygonal(shapes)
    flagged = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes, gap_width=REACH)))
    pairs = overlapping(shapes, flagged)
    return _union(shapes, np.unique(np.concatenate([flagged, pairs.left, pairs.right])))


def _union(shapes: Shapes, misfits: Rows) -> Any:
    """`coverage_union_all` takes only those that fit, and is many times as fast."""
    fitting = np.delete(shapes, misfits)
    together = shapely.coverage_union_all(fitting[~shapely.is_empty(fitting)])
    return shapely.union_all([*shapes[misfits], together]) if len(misfits) else together


def _overlaps(pairs: Pairs, borders: Borders) -> tuple[list[Fault], list[Face]]:
    """Pairs that overlap somewhere for more than a sliver, whole; and the slivers of other pairs."""
    parts, pair, widths = pieces(pairs.common)
    real = np.unique(pair[widths >= SLIVER])
    found = [_overlap(int(pairs.left[one]), int(pairs.right[one]), parts[pair == one]) for one in real]
    thin = np.flatnonzero(~np.isin(pair, real))
    owners = np.column_stack([pairs.left, pairs.right])[pair[thin]].tolist()
    return found, [
        Face(geom=parts[n], width=float(widths[n]), is_gap=False, lengths={row: near.get(row, 0.0) for row in two})
        for n, near, two in zip(thin, borders.lengths(parts[thin]), owners, strict=True)
    ]


def _overlap(first: int, second: int, parts: Shapes) -> Fault:
    return Fault(kind=OVERLAP, areas=(second, first), geom=_one(parts), overlap=float(shapely.area(parts).sum()))


def _gaps(shapes: Shapes, covered: Any, target: Any, borders: Borders) -> tuple[list[Fault], list[Face]]:
    enclosed = _enclosed(covered)
    faces = _faces(enclosed if target is None else shapely.difference(target, covered), enclosed, borders)
    typical = float(np.median(mean_width(shapes))) if len(shapes) else 0.0
    found = [_gap(face, typical) for face in faces if face.width >= SLIVER or _is_hole(face)]
    thin = [face for face in faces if face.width < SLIVER and not _is_hole(face)]
    if target is not None:
        over = _faces(shapely.difference(covered, target), None, borders)
        thin += [face for face in over if face.width <= REACH]
    return found, thin


def _enclosed(covered: Any) -> Any:
    """Ground around which areas close, be it only at points where their corners touch."""
    shells = shapely.get_exterior_ring(shapely.get_parts(covered))
    filled: Any = shapely.polygons(shells)
    if len(shells) > 1:
        filled = np.append(filled, shapely.get_parts(shapely.polygonize([shapely.union_all(shells)])))
    return shapely.difference(shapely.union_all(filled), covered)


def _faces(ground: Any, enclosed: Any, borders: Borders) -> list[Face]:
    """Gaps, of which some are `enclosed`; without that, ground covered beyond the rim."""
    parts, _, widths = pieces(np.array([ground]))
    shapely.prepare(enclosed)
    inside = shapely.contains(enclosed, shapely.point_on_surface(parts))
    return [
        Face(
            geom=geom, width=float(width), is_gap=enclosed is not None, lengths=near,
            on_rim=not within and not _is_mouth(geom, near),
        )
        for geom, width, near, within in zip(parts, widths, borders.lengths(parts), inside, strict=True)
    ]  # fmt: skip


def _is_mouth(geom: Any, lengths: dict[int, float]) -> bool:
    """It lies between areas, and only its mouth is open to the outside."""
    return len(lengths) > 1 and geom.length - sum(lengths.values()) <= SLIVER


def _is_hole(face: Face) -> bool:
    return len(face.lengths) == 1 and not face.on_rim


def _gap(face: Face, typical: float) -> Fault:
    as_wide = mean_width(face.geom) >= typical / 2
    kind = HOLE if _is_hole(face) else MISSING if as_wide else GAP
    return Fault(
        kind=kind, areas=face.by_length, geom=face.geom, gap=face.geom.area, width=face.width, on_rim=face.on_rim
    )


def _told(thin: list[Face]) -> list[Fault]:
    """Faces that touch are one place; places between the same areas are one fault."""
    collected: dict[Key, list[list[Face]]] = {}
    geometries = np.array([face.geom for face in thin], dtype=object)
    for clump in clumps(geometries, TOLERANCE):
        for key, faces in _parties([thin[n] for n in clump]).items():
            collected.setdefault(key, []).append(faces)
    return [_thin(key, places) for key, places in collected.items()]


def _parties(place: list[Face]) -> dict[Key, list[Face]]:
    """The whole place, if one area is party to all of it; else its faces by the areas that are party to each."""
    if all(face.on_rim for face in place):
        return {(RIM, tuple(sorted({row for face in place for row in face.lengths}))): place}
    kind = EDGES if max(face.width for face in place) <= REACH else SLIVERS
    common = set[int].intersection(*(set(face.lengths) for face in place))
    if common:
        return {(kind, _subject_first(place, common)): place}
    parties: dict[Key, list[Face]] = {}
    for face in place:
        key = (RIM if face.on_rim else kind, tuple(sorted(face.lengths)))
        parties.setdefault(key, []).append(face)
    return parties


def _subject_first(place: list[Face], common: set[int]) -> tuple[int, ...]:
    """Among several areas the one with most of the edge is the one that differs; of two that cannot be told."""
    everyone = sorted({row for face in place for row in face.lengths})
    if len(everyone) < 3:
        return tuple(everyone)
    subject = max(sorted(common), key=lambda row: sum(face.lengths[row] for face in place))
    return (subject, *(row for row in everyone if row != subject))


def _thin(key: Key, places: list[list[Face]]) -> Fault:
    faces = list(chain.from_iterable(places))
    areas = [(face.geom.area, face.is_gap) for face in faces]
    return Fault(
        kind=key[0],
        areas=key[1],
        geom=_one([face.geom for face in faces]),
        overlap=sum(area for area, is_gap in areas if not is_gap),
        gap=sum(area for area, is_gap in areas if is_gap),
        width=max(face.width for face in faces),
        length=sum(face.run for face in faces),
        places=len(places),
    )


def _lacking(vertices: Strays) -> list[Fault]:
    found = []
    for row in np.unique(vertices.lacking):
        own = vertices.some(vertices.lacking == row)
        points = shapely.union_all(own.points)
        others = np.unique(own.having).tolist()
        count = int(shapely.get_num_geometries(points))
        found.append(Fault(kind=VERTICES, areas=(int(row), *others), geom=points, places=count))
    return found


def _one(parts: Any) -> Any:
    """Of parts that at most touch (as a rule) one valid shape."""
    if len(parts) == 1:
        return parts[0]
    together = shapely.multipolygons(parts) if all(part.geom_type == "Polygon" for part in parts) else None
    return together if together is not None and together.is_valid else shapely.union_all(parts)


def beyond_parents(shapes: Shapes, parents: Shapes, parent: Rows) -> list[Beyond]:
    """Children that reach more than REACH out of their parent. `parent`: its index by row, -1 where there is none."""
    shapes = polygonal(shapes)
    shapely.prepare(parents)
    rows = np.flatnonzero((parent >= 0) & ~shapely.is_empty(shapes))
    rows = rows[~shapely.covers(parents[parent[rows]], shapes[rows])]
    outside = shapely.difference(shapes[rows], parents[parent[rows]])
    distances = _reach(outside, parents[parent[rows]])
    shares = shapely.area(outside) / shapely.area(shapes[rows])
    return [
        Beyond(row=int(row), geom=geom, area=geom.area, share=float(share), distance=float(distance))
        for row, geom, share, distance in zip(rows, outside, shares, distances, strict=True)
        if distance > REACH
    ]


def _reach(outside: Shapes, parents: Shapes) -> FloatArray:
    """How far each reaches from its parent: the farthest vertex is the farthest point."""
    points, owner = shapely.get_coordinates(outside, return_index=True)
    farthest = np.zeros(len(outside))
    np.maximum.at(farthest, owner, shapely.distance(shapely.points(points), parents[owner]))
    return farthest
