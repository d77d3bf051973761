"""Where points lie: asked of PostGIS; and the areas that the index in memory is made of."""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.crs import FloatArray
from gridsvc.domain.grid_index import GridIndex, KindAreas, KindIndex
from gridsvc.domain.location import TOLERANCE, AreaHit, Location, NearestArea
from gridsvc.store.areas import current_revision, kinds_in_use
from gridsvc.store.connection import Connection
from gridsvc.store.queries import sql
from gridsvc.store.rows import tuples

Box = tuple[float, float, float, float]
"""Least x, least y, greatest x, greatest y in the city's CRS."""
Times = Sequence[datetime]
"""For each point the time whose areas count."""


def kind_areas(conn: Connection, kind: str, at: datetime | None = None, box: Box | None = None) -> KindAreas:
    """The areas of a kind that are in force today, or were at a time, as the index wants them; those near a box."""
    sides = dict(zip(("xmin", "ymin", "xmax", "ymax"), box or (None,) * 4, strict=True))
    with conn.cursor(binary=True) as cursor:
        rows = cursor.execute(sql("areas_to_index"), {"kind": kind, "at": at, **sides}).fetchall()
    ids, codes, names_zh, names_en, shapes = zip(*rows, strict=True) if rows else ([], [], [], [], [])
    return KindAreas(
        ids=np.array(ids, dtype=np.int64), codes=np.array(codes, dtype=object),
        names_zh=np.array(names_zh, dtype=object), names_en=np.array(names_en, dtype=object),
        shapes=np.asarray(shapely.from_wkb(np.array(shapes, dtype=object))),
    )  # fmt: skip


def kind_index(conn: Connection, kind: str) -> KindIndex:
    return KindIndex.build(kind, kind_areas(conn, kind))


def grid_index(
    conn: Connection, at: datetime | None = None, kinds: Sequence[str] | None = None, box: Box | None = None
) -> GridIndex:
    """The areas of today, or of a time, of all kinds in use or of these; with a box it is good for points in it.

    No areas may be applied meanwhile: the caller holds `lock_promotion` or `keep_areas`, or reads one snapshot.
    """
    wanted = [kind.kind for kind in kinds_in_use(conn)] if kinds is None else kinds
    return GridIndex(
        revision=current_revision(conn),
        kinds={kind: KindIndex.build(kind, kind_areas(conn, kind, at, box)) for kind in wanted},
    )  # fmt: skip


class SqlLocator:
    """Locates points by PostGIS; holds one connection and the kinds in use at its making."""

    def __init__(self, conn: Connection, srid: int) -> None:
        self._conn, self._srid = conn, srid
        self.kinds = [kind.kind for kind in kinds_in_use(conn)]

    def locate(self, x: FloatArray, y: FloatArray, at: Times, *, most_nearest: int | None = None) -> list[Location]:
        """One location per point; x and y in the city's CRS and finite.

        The nearest areas, which cost far more, are looked for at most for the first `most_nearest` points outside.
        """
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
        return [Location(hits=hits[n], outside=nearest[n], unmeasured=left.get(n, ())) for n in range(len(x))]

    def areas(self, x: FloatArray, y: FloatArray, at: Times) -> list[dict[str, tuple[int, str]]]:
        """Only the id and code of the area of each kind, by the same rule: edges are not measured, so it is quicker."""
        found: list[dict[str, tuple[int, str]]] = [{} for _ in x]
        for n, kind, area_id, code, *_ in self._rows(x, y, at, False):
            found[n][kind] = (area_id, code)
        return found

    def _rows(self, x: FloatArray, y: FloatArray, at: Times, measure: bool) -> list[tuple[Any, ...]]:
        return tuples(
            self._conn, "locate_points", x=x.tolist(), y=y.tolist(), at=list(at), srid=self._srid,
            tolerance=TOLERANCE, measure=measure,
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
            at=[at[n] for n in points], kind=[kind for _, kind in missing], srid=self._srid,
        )  # fmt: skip
        for row, kind, code, name_zh, name_en, distance in rows:
            n = missing[row][0]
            found[n][kind] = NearestArea(kind=kind, code=code, name_zh=name_zh, name_en=name_en, distance=distance)
        return found
