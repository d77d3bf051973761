"""Areas: kinds, drafts, revisions, and where points lie."""

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.crs import FloatArray
from gridsvc.domain.grid_index import GridIndex, KindAreas, KindIndex
from gridsvc.domain.location import TOLERANCE, AreaHit, Location, NearestArea
from gridsvc.store.arrows import copy_arrow
from gridsvc.store.connection import Connection
from gridsvc.store.queries import sql
from gridsvc.store.rows import copy_in, dicts, execute, execute_many, objects, tuples, value


@dataclass(frozen=True, kw_only=True)
class Draft:
    id: int
    kind: str
    base_revision: int
    batch_id: int | None
    note: str
    applied_revision: int | None
    areas: int


@dataclass(frozen=True, kw_only=True)
class Area:
    id: int
    kind: str
    code: str
    name_zh: str
    name_en: str
    parent_code: str | None
    area_m2: float
    geom: Any
    """Shapely MultiPolygon in the city's CRS."""


def kinds(conn: Connection) -> list[AreaKind]:
    return objects(conn, AreaKind, "area_kinds")


def kinds_in_use(conn: Connection) -> list[AreaKind]:
    return objects(conn, AreaKind, "kinds_in_use")


def declare_kinds(conn: Connection, rows: Iterable[AreaKind]) -> None:
    execute_many(conn, "declare_area_kind", map(dataclasses.asdict, rows))


def current_revision(conn: Connection) -> int:
    return int(value(conn, "current_revision"))


def areas_in_force(conn: Connection, kind: str) -> list[Area]:
    rows = dicts(conn, "areas_in_force", kind=kind)
    shapes = shapely.from_wkb([row.pop("geom") for row in rows])
    return [Area(**row, geom=shape) for row, shape in zip(rows, shapes, strict=True)]


def kind_areas(conn: Connection, kind: str) -> KindAreas:
    """The areas in force of a kind, as the index wants them."""
    with conn.cursor(binary=True) as cursor:
        rows = cursor.execute(sql("areas_to_index"), {"kind": kind}).fetchall()
    ids, codes, names_zh, names_en, shapes = zip(*rows, strict=True) if rows else ([], [], [], [], [])
    return KindAreas(
        ids=np.array(ids, dtype=np.int64), codes=np.array(codes, dtype=object),
        names_zh=np.array(names_zh, dtype=object), names_en=np.array(names_en, dtype=object),
        shapes=np.asarray(shapely.from_wkb(np.array(shapes, dtype=object))),
    )  # fmt: skip


def kind_index(conn: Connection, kind: str) -> KindIndex:
    return KindIndex.build(kind, kind_areas(conn, kind))


def grid_index(conn: Connection) -> GridIndex:
    """The areas of today, of all kinds in use, at one revision: needs a transaction that reads one state."""
    kinds = {kind.kind: kind_index(conn, kind.kind) for kind in kinds_in_use(conn)}
    return GridIndex(revision=current_revision(conn), kinds=kinds)


def add_draft(conn: Connection, kind: str, batch_id: int | None, note: str) -> int:
    return int(value(conn, "add_draft", kind=kind, batch_id=batch_id, note=note))


def fill_draft_from_rows(conn: Connection, draft_id: int, columns: list[Any]) -> int:
    """Columns are code, name_zh, name_en, parent_code, attributes as JSON text and EWKB in hex of multipolygons."""
    count = len(columns[0])
    copy_arrow(
        conn,
        "COPY area_draft_row (draft_id, code, name_zh, name_en, parent_code, attributes, geom) FROM STDIN",
        [pa.array([draft_id] * count, pa.int64()), *columns],
    )
    return count


def fill_draft(
    conn: Connection, draft_id: int, srid: int, rows: Iterable[tuple[str, str, str, str | None, Any]]
) -> None:
    """Rows are code, name_zh, name_en, parent_code and a shapely polygon in the city's CRS."""
    copy_in(
        conn,
        "COPY area_draft_row (draft_id, code, name_zh, name_en, parent_code, geom) FROM STDIN",
        (
            (draft_id, code, name_zh, name_en, parent, _multi_wkb(shape, srid))
            for code, name_zh, name_en, parent, shape in rows
        ),
    )


def _multi_wkb(shape: Any, srid: int) -> str:
    multi = shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])
    return str(shapely.to_wkb(shapely.set_srid(multi, srid), hex=True, include_srid=True))


def drafts(conn: Connection) -> list[Draft]:
    return objects(conn, Draft, "drafts")


def area_count(conn: Connection, kind: str) -> int:
    return int(value(conn, "area_count", kind=kind))


def areas_page(conn: Connection, kind: str, *, limit: int, offset: int) -> list[dict[str, Any]]:
    return dicts(conn, "areas_page", kind=kind, limit=limit, offset=offset)


def area_tile(conn: Connection, srid: int, kind: str, z: int, x: int, y: int) -> bytes:
    """A vector tile of the areas in force of a kind."""
    return bytes(value(conn, "area_tile", srid=srid, kind=kind, z=z, x=x, y=y))


def find_draft(conn: Connection, draft_id: int) -> Draft | None:
    """The draft, locked until the transaction ends."""
    rows = objects(conn, Draft, "draft", draft_id=draft_id)
    return rows[0] if rows else None


def draft_of_batch(conn: Connection, batch_id: int) -> Draft | None:
    """The draft that an area layer became, locked until the transaction ends; None if it is dropped."""
    rows = objects(conn, Draft, "draft_of_batch", batch_id=batch_id)
    return rows[0] if rows else None


def drop_draft(conn: Connection, draft_id: int) -> None:
    execute(conn, "drop_draft", draft_id=draft_id)


def last_change_of_kind(conn: Connection, kind: str) -> int:
    return int(value(conn, "last_change_of_kind", kind=kind))


def newest_begin(conn: Connection, kind: str) -> datetime | None:
    """From when the newest areas of a kind count; None if there are none."""
    return value(conn, "newest_begin", kind=kind)  # type: ignore[no-any-return]


def newest_change(conn: Connection) -> datetime | None:
    """From when the newest areas of any kind count: since then those of today hold; None if there are none."""
    return value(conn, "newest_change")  # type: ignore[no-any-return]


def apply_draft(conn: Connection, draft: Draft, valid_from: datetime) -> int:
    """The draft's areas replace those of its kind; the new revision of the whole set."""
    revision = int(value(conn, "add_revision", draft_id=draft.id, valid_from=valid_from))
    execute(conn, "retire_areas", kind=draft.kind, valid_from=valid_from)
    execute(conn, "areas_from_draft", draft_id=draft.id, kind=draft.kind, valid_from=valid_from, revision=revision)
    execute(conn, "add_pieces", revision=revision)
    execute(conn, "add_edges", revision=revision)
    execute(conn, "mark_applied", draft_id=draft.id, revision=revision)
    return revision


class SqlLocator:
    """Locates points by PostGIS; holds one connection and the kinds in use at its making."""

    def __init__(self, conn: Connection, srid: int) -> None:
        self._conn, self._srid = conn, srid
        self.kinds = [kind.kind for kind in kinds_in_use(conn)]

    def locate(
        self, x: FloatArray, y: FloatArray, at: Sequence[datetime], *, most_nearest: int | None = None
    ) -> list[Location]:
        """One location per point; x and y in the city's CRS and finite, `at` the time whose areas count.

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

    def areas(self, x: FloatArray, y: FloatArray, at: Sequence[datetime]) -> list[dict[str, tuple[int, str]]]:
        """Only the id and code of the area of each kind, by the same rule: edges are not measured, so it is quicker."""
        found: list[dict[str, tuple[int, str]]] = [{} for _ in x]
        for n, kind, area_id, code, *_ in self._rows(x, y, at, False):
            found[n][kind] = (area_id, code)
        return found

    def _rows(self, x: FloatArray, y: FloatArray, at: Sequence[datetime], measure: bool) -> list[tuple[Any, ...]]:
        return tuples(
            self._conn, "locate_points", x=x.tolist(), y=y.tolist(), at=list(at), srid=self._srid,
            tolerance=TOLERANCE, measure=measure,
        )  # fmt: skip

    def _nearest(
        self, x: FloatArray, y: FloatArray, at: Sequence[datetime], lacking: dict[int, list[str]]
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
