"""Where points lie: asked of PostGIS, or of the index in memory where that is about the areas of the time."""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import shapely

from gridsvc.domain.crs import FloatArray
from gridsvc.domain.grid_index import GridIndex, KindAreas, KindIndex
from gridsvc.domain.location import TOLERANCE, AreaHit, Location, NearestArea
from gridsvc.store.areas import NOW, AsOf, current_revision, kinds_in_use
from gridsvc.store.boxes import Box, box_sides
from gridsvc.store.connection import Connection
from gridsvc.store.queries import sql
from gridsvc.store.rows import tuples, values

Times = Sequence[datetime]
"""For each point the time whose areas count."""


class Locator(Protocol):
    """x and y are in the city's CRS and finite."""

    def locate(self, x: FloatArray, y: FloatArray, at: Times, *, most_nearest: int | None = None) -> list[Location]:
        """One location per point.

        The nearest areas, which cost far more, are looked for at most for the first `most_nearest` points outside.
        """

    def areas(self, x: FloatArray, y: FloatArray, at: Times) -> list[dict[str, tuple[int, str]]]:
        """Only the id and code of the area of each kind, by the same rule: edges are not measured, so it is quicker."""


def locator(conn: Connection, srid: int, index: GridIndex | None, revision: int) -> Locator:
    """By the index if it is of the revision that the transaction sees; if not, and for other times, by PostGIS."""
    postgis = SqlLocator(conn, srid)
    return IndexLocator(index, postgis) if index is not None and index.revision == revision else postgis


def kind_areas(conn: Connection, kind: str, when: AsOf = NOW, box: Box | None = None) -> KindAreas:
    """Areas of a kind as the index wants them; with a box those near it."""
    given = {"kind": kind, **when.values(), **box_sides(box)}
    with conn.cursor(binary=True) as cursor:
        rows = cursor.execute(sql("areas_to_index"), given).fetchall()
    ids, codes, names_zh, names_en, shapes = zip(*rows, strict=True) if rows else ([], [], [], [], [])
    return KindAreas(
        ids=np.array(ids, dtype=np.int64), codes=np.array(codes, dtype=object),
        names_zh=np.array(names_zh, dtype=object), names_en=np.array(names_en, dtype=object),
        shapes=np.asarray(shapely.from_wkb(np.array(shapes, dtype=object))),
    )  # fmt: skip


def kind_index(
    conn: Connection, kind: str, when: AsOf = NOW, known: Sequence[KindIndex] = (), box: Box | None = None
) -> KindIndex:
    """One of those that are known, if it is of the same areas: an area never changes."""
    if known:
        ids = values(conn, "ids_to_index", kind=kind, **when.values())
        same = [index for index in known if np.array_equal(index.ids, ids)]
        if same:
            return same[0]
    return KindIndex.build(kind, kind_areas(conn, kind, when, box))


def grid_index(
    conn: Connection,
    when: AsOf = NOW,
    kinds: Sequence[str] | None = None,
    known: Sequence[GridIndex] = (),
    box: Box | None = None,
) -> GridIndex:
    """The areas of all kinds in use or of these; what the known ones have of them is taken over.

    With a box it is good for points in it only.

    No areas may be applied meanwhile: the caller holds `lock_promotion` or `keep_areas`, or reads one snapshot.
    """
    if when.is_now:
        when = AsOf(at=datetime.now(UTC))
    wanted = [kind.kind for kind in kinds_in_use(conn)] if kinds is None else kinds
    since, until = tuples(conn, "span_of_areas", at=when.at)[0] if when.at else (None, None)
    return GridIndex(
        revision=current_revision(conn), since=since, until=until,
        kinds={
            kind: kind_index(conn, kind, when, [index.kinds[kind] for index in known if kind in index.kinds], box)
            for kind in wanted
        },
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Everywhere within so many metres of a place, in the areas of a kind at a time; x and y in the city's CRS."""

    kind: str
    x: float
    y: float
    metres: float
    at: datetime


def areas_in_reach(conn: Connection, srid: int, reaches: Sequence[Reach]) -> list[tuple[int, tuple[float, float]]]:
    """Each area in reach: the position of the reach that it is of, and a place inside the area."""
    given = {name: [getattr(reach, name) for reach in reaches] for name in ("kind", "x", "y", "metres", "at")}
    return [(n, (x, y)) for n, x, y in tuples(conn, "areas_in_reach", srid=srid, **given)]


class SqlLocator:
    """By PostGIS, in the areas of each point's time, or as a revision left them; holds one connection."""

    def __init__(self, conn: Connection, srid: int, revision: int | None = None) -> None:
        self._conn, self._srid, self._revision = conn, srid, revision

    @cached_property
    def kinds(self) -> list[str]:
        """In use when they are first asked for, least specific first."""
        return [kind.kind for kind in kinds_in_use(self._conn)]

    def locate(self, x: FloatArray, y: FloatArray, at: Times, *, most_nearest: int | None = None) -> list[Location]:
        hits: dict[int, dict[str, AreaHit]] = defaultdict(dict)
        for n, kind, area_id, code, name_zh, name_en, distance, on_boundary, overlap in self._rows(x, y, at, True):
            hits[n][kind] = AreaHit(
                kind=kind, area_id=area_id, code=code, name_zh=name_zh, name_en=name_en,
                edge_distance=distance, on_boundary=on_boundary, overlap=overlap,
            )  # fmt: skip
        missing = {n: lacking for n in range(len(x)) if (lacking := [k for k in self.kinds if k not in hits[n]])}
        measured = dict(itertools.islice(missing.items(), most_nearest))
        nearest = self._nearest(x, y, at, measured)
        left = {n: tuple(kinds) for n, kinds in missing.items() if n not in measured}
        return [
            Location(
                hits={kind: hits[n][kind] for kind in self.kinds if kind in hits[n]},
                outside=nearest[n], unmeasured=left.get(n, ()),
            )
            for n in range(len(x))
        ]  # fmt: skip

    def areas(self, x: FloatArray, y: FloatArray, at: Times) -> list[dict[str, tuple[int, str]]]:
        found: list[dict[str, tuple[int, str]]] = [{} for _ in x]
        for n, kind, area_id, code, *_ in self._rows(x, y, at, False):
            found[n][kind] = (area_id, code)
        return found

    def _rows(self, x: FloatArray, y: FloatArray, at: Times, measure: bool) -> list[tuple[Any, ...]]:
        return tuples(
            self._conn, "locate_points", x=x.tolist(), y=y.tolist(), at=list(at), srid=self._srid,
            tolerance=TOLERANCE, measure=measure, revision=self._revision,
        )  # fmt: skip

    def _nearest(
        self, x: FloatArray, y: FloatArray, at: Times, lacking: dict[int, list[str]]
    ) -> dict[int, dict[str, NearestArea]]:
        found: dict[int, dict[str, NearestArea]] = defaultdict(dict)
        missing = [(n, kind) for n, kinds in lacking.items() for kind in kinds]
        if not missing:
            return found
        points = np.array([n for n, _ in missing])
        rows = tuples(
            self._conn, "nearest_areas", x=x[points].tolist(), y=y[points].tolist(),
            at=[at[n] for n in points], kind=[kind for _, kind in missing], srid=self._srid, revision=self._revision,
        )  # fmt: skip
        for row, kind, code, name_zh, name_en, distance in rows:
            n = missing[row][0]
            found[n][kind] = NearestArea(kind=kind, code=code, name_zh=name_zh, name_en=name_en, distance=distance)
        return found


class IndexLocator:
    """By the index where it covers the time of a point, by PostGIS for other times."""

    def __init__(self, index: GridIndex, postgis: SqlLocator) -> None:
        self._index, self._postgis = index, postgis

    def locate(self, x: FloatArray, y: FloatArray, at: Times, *, most_nearest: int | None = None) -> list[Location]:
        ours, other = self._parted(at)
        if len(x) == len(ours) == 1:
            return [self._index.at(x[0], y[0])]
        found = dict(zip(ours, self._index.locate(x[ours], y[ours], most_nearest=most_nearest), strict=True))
        if len(other):
            rest = self._postgis.locate(x[other], y[other], [at[n] for n in other], most_nearest=most_nearest)
            found |= dict(zip(other, rest, strict=True))
        return [found[n] for n in range(len(x))]

    def areas(self, x: FloatArray, y: FloatArray, at: Times) -> list[dict[str, tuple[int, str]]]:
        ours, other = self._parted(at)
        found = dict(zip(ours, self._index.held(x[ours], y[ours]), strict=True))
        if len(other):
            rest = self._postgis.areas(x[other], y[other], [at[n] for n in other])
            found |= dict(zip(other, rest, strict=True))
        return [found[n] for n in range(len(x))]

    def _parted(self, at: Times) -> tuple[Any, Any]:
        """Which points are of the index's time, and which of another."""
        covered = np.array([self._index.covers(moment) for moment in at], dtype=bool)
        return np.flatnonzero(covered), np.flatnonzero(~covered)
