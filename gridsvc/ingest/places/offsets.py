"""Whether data stands beside its place as GCJ-02 or BD-09 would have it: too little for the city's outline to show.

It is seen against what the data claims to be: areas against the known ones of the same code, points against the grid
that their rows name. An offset is reported only if undoing the shift of that very place makes both agree far better.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.crs import BoolArray, FloatArray
from gridsvc.domain.datum import TO_WGS84
from gridsvc.domain.location import TOLERANCE
from gridsvc.ingest.places.coordinates import transform
from gridsvc.ingest.places.readings import Reading
from gridsvc.ingest.places.whereabouts import Proposal

PAIRS = 500
"""Areas looked at, evenly over the file."""
BORDER = 4_000
"""Points of their borders, evenly over all."""
SAMPLE = 2_000
"""Points with a grid that are looked at."""
ALIKE = 0.3
"""Share of the expected shift by which the measured one may differ, and at least LEAST metres."""
LEAST = 60.0
BETTER = 0.6
"""Undoing the shift must bring the median distance between borders below this share of what it was."""
OVERLAP = 0.3
"""Of both areas together: so much must two areas share to be partners without a code."""
FEWEST = 5
"""Points that name their grid: with fewer, chance may put them there."""
MOST, MORE = 0.5, 0.3
"""Share of points that must lie in their grids without the shift, and how many more than with it."""


@dataclass(frozen=True, kw_only=True)
class Offset:
    """What was measured of areas; all lengths in metres of the city's CRS."""

    turn: str
    """`gcj02` or `bd09`; nothing: the offset is neither."""
    east: float
    north: float
    """Median offset of the given areas from the known ones."""
    before: float
    after: float
    """Median distance of the given border from the known one, as it is, and with the likelier shift undone."""
    closer: float
    """Share of the border that this brings closer."""
    pairs: int


def measure(
    shapes: NDArray[Any], codes: Sequence[str], known_shapes: NDArray[Any], known_codes: Sequence[str], srid: int
) -> Offset | None:
    """None where no given area has a known partner."""
    given, known = _partners(shapes, codes, known_shapes, known_codes)
    if not len(given):
        return None
    centre, border, owner = _xy(shapely.centroid(given)), *_border(given)
    off = np.median(centre - _xy(shapely.centroid(known)), axis=0)
    edges = shapely.boundary(known)
    shapely.prepare(edges)
    apart = {
        turn: shapely.distance(edges[owner], shapely.points(_turned(border, turn, srid))) for turn in ("", *TO_WGS84)
    }
    turn = min(TO_WGS84, key=lambda each: float(np.median(apart[each])))
    before, after = float(np.median(apart[""])), float(np.median(apart[turn]))
    expected = np.median(centre - _turned(centre, turn, srid), axis=0)
    equal = np.hypot(*(off - expected)) <= max(ALIKE * np.hypot(*expected), LEAST) < np.hypot(*off)
    return Offset(
        turn=turn if equal and after < BETTER * before else "",
        east=float(off[0]),
        north=float(off[1]),
        before=before,
        after=after,
        closer=float((apart[turn] < apart[""]).mean()),
        pairs=len(given),
    )


def _turned(xy: FloatArray, turn: str, srid: int) -> FloatArray:
    return transform(xy, f"EPSG:{srid}", turn, srid)


def _xy(points: NDArray[Any]) -> FloatArray:
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def _partners(
    shapes: NDArray[Any], codes: Sequence[str], known_shapes: NDArray[Any], known_codes: Sequence[str]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Given areas and the known area of each, by code, else by overlap."""
    fine = np.flatnonzero(_usable(shapes))
    fine = fine[np.linspace(0, len(fine) - 1, min(len(fine), PAIRS)).astype(np.int64)]
    known = _usable(known_shapes)
    index = {code: n for n, code in enumerate(known_codes) if known[n]}
    partner = np.array([index.get(codes[int(row)], -1) for row in fine], dtype=np.int64)
    alone = np.flatnonzero(partner < 0)
    partner[alone] = _overlapping(shapes[fine[alone]], known_shapes, known)
    has = partner >= 0
    return shapes[fine[has]], known_shapes[partner[has]]


def _usable(shapes: NDArray[Any]) -> BoolArray:
    areal = np.isin(shapely.get_type_id(shapes), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    return np.asarray(areal & shapely.is_valid(shapes) & (shapely.area(shapes) > 0))


def _overlapping(shapes: NDArray[Any], known_shapes: NDArray[Any], known: BoolArray) -> NDArray[np.int64]:
    """Number of the known area that each shares most with; -1 where that is too little."""
    given, other = shapely.STRtree(known_shapes).query(shapes, predicate="intersects")
    given, other = given[known[other]], other[known[other]]
    common = shapely.area(shapely.intersection(shapes[given], known_shapes[other]))
    share = common / (shapely.area(shapes[given]) + shapely.area(known_shapes[other]) - common)
    best = np.full(len(shapes), -1, dtype=np.int64)
    order = np.argsort(share)
    best[given[order]] = np.where(share[order] >= OVERLAP, other[order], -1)
    return best


def _border(shapes: NDArray[Any]) -> tuple[FloatArray, NDArray[np.int64]]:
    """Points at equal steps along the border of each shape, and the shape of each point."""
    each = int(np.clip(BORDER // len(shapes), 8, 400))
    owner = np.repeat(np.arange(len(shapes)), each)
    steps = np.tile(np.arange(each) / each, len(shapes))
    return _xy(shapely.line_interpolate_point(shapely.boundary(shapes)[owner], steps, normalized=True)), owner


def offset_of_points(points: FloatArray, grids: NDArray[Any], srid: int, crs: str = "") -> Proposal | None:
    """A proposal to undo GCJ-02 or BD-09, if only that brings most points into the grids that their rows name.

    `points`: (n, 2) in the city's CRS, read under `crs` (nothing: the city's own); `grids`: for each point the polygon
    of the grid that its row names, None where it names none that is known. The proposal's `share_inside` is the share
    of points in their own grid, its `distance` the median distance of the others.
    """
    rows = np.flatnonzero(np.isfinite(points).all(axis=1) & ~shapely.is_missing(grids))
    rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), SAMPLE)).astype(np.int64)]
    if len(rows) < FEWEST:
        return None
    apart = {t: shapely.distance(grids[rows], shapely.points(_turned(points[rows], t, srid))) for t in ("", *TO_WGS84)}
    share = {turn: float((away <= TOLERANCE).mean()) for turn, away in apart.items()}
    turn = max(TO_WGS84, key=lambda each: share[each])
    if share[turn] < MOST or share[turn] < share[""] + MORE:
        return None
    reading = Reading(crs=crs or f"EPSG:{srid}", turn=turn)
    others = apart[turn][apart[turn] > TOLERANCE]
    return Proposal(
        crs=reading.crs,
        turn=turn,
        share_inside=share[turn],
        distance=float(np.median(others)) if len(others) else 0.0,
        title=f"{reading.title}: {share['']:.0%} of points lie in the grid they name, {share[turn]:.0%} once undone",
        title_zh=f"{reading.title_zh}：{share['']:.0%}的点位于所填网格内，纠偏后为{share[turn]:.0%}",
    )
