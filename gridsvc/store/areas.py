"""Areas: kinds, drafts, revisions, and where points lie."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import shapely

from gridsvc.domain.areas import AreaKind
from gridsvc.store.arrows import copy_arrow
from gridsvc.store.connection import Connection
from gridsvc.store.rows import copy_in, dicts, execute, execute_many, objects, value


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
