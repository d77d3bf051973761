"""Drafts of areas, what they change, and the revisions that they become."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import shapely

from gridsvc.store.arrows import copy_arrow
from gridsvc.store.boxes import Box
from gridsvc.store.connection import Connection
from gridsvc.store.rows import (
    binary_dicts,
    binary_tuples,
    copy_in,
    dicts,
    execute,
    objects,
    script,
    tuples,
    value,
    values,
)

Rows = Iterable[tuple[str, str, str, str | None, Any]]
"""Code, name_zh, name_en, parent code, and a shapely polygon in the city's CRS; None: the area ends."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    id: int
    kind: str
    """What was asked for; it may change kinds that are made of this one, too."""
    base_revision: int
    batch_id: int | None
    note: str
    deed: str
    whole: bool
    """Areas of its kind that it does not name end."""
    reverses: int | None
    remarks: list[dict[str, Any]]
    made_at: datetime
    applied_revision: int | None
    areas: int


@dataclass(frozen=True, kw_only=True)
class Change:
    """One area as it is and as it becomes; no old or no new shape: it begins or ends."""

    kind: str
    code: str
    old_id: int | None
    redrawn: bool
    old_name_zh: str | None
    old_name_en: str | None
    old_geom: Any
    name_zh: str | None
    name_en: str | None
    parent_code: str | None
    new_geom: Any


@dataclass(frozen=True, kw_only=True)
class Revision:
    revision: int
    draft_id: int
    valid_from: datetime
    applied_at: datetime
    began_at: datetime | None
    called_off_at: datetime | None
    cases: str


def add_draft(
    conn: Connection, kind: str, batch_id: int | None, note: str, *, deed: str = "import", whole: bool = True,
    reverses: int | None = None,
) -> int:  # fmt: skip
    given = {"kind": kind, "batch_id": batch_id, "note": note, "deed": deed, "whole": whole, "reverses": reverses}
    return int(value(conn, "add_draft", **given))


def fill_draft_from_rows(conn: Connection, draft_id: int, kind: str, columns: list[Any]) -> int:
    """Columns are code, name_zh, name_en, parent_code, attributes as JSON text and EWKB in hex of multipolygons."""
    count = len(columns[0])
    copy_arrow(
        conn,
        "COPY area_draft_row (draft_id, kind, code, name_zh, name_en, parent_code, attributes, geom) FROM STDIN",
        [pa.array([draft_id] * count, pa.int64()), pa.array([kind] * count, pa.string()), *columns],
    )
    return count


def fill_draft(conn: Connection, draft_id: int, srid: int, rows: Rows, kind: str | None = None) -> None:
    """Areas of the draft's own kind, or of another."""
    kind = kind or the_draft(conn, draft_id).kind
    copy_in(
        conn,
        "COPY area_draft_row (draft_id, kind, code, name_zh, name_en, parent_code, geom) FROM STDIN",
        (
            (draft_id, kind, code, name_zh, name_en, parent, None if shape is None else _multi_wkb(shape, srid))
            for code, name_zh, name_en, parent, shape in rows
        ),
    )


def fill_redrawn(conn: Connection, draft_id: int, srid: int, kind: str, rows: Rows) -> None:
    """Areas of a kind that is made of what the draft changes."""
    fill_draft(conn, draft_id, srid, rows, kind)
    execute(conn, "mark_redrawn", draft_id=draft_id, kind=kind)


def drop_redrawn(conn: Connection, draft_id: int) -> None:
    execute(conn, "drop_redrawn", draft_id=draft_id)


def _multi_wkb(shape: Any, srid: int) -> str:
    multi = shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])
    return str(shapely.to_wkb(shapely.set_srid(multi, srid), hex=True, include_srid=True))


def keep_remarks(conn: Connection, draft_id: int, remarks: Sequence[Mapping[str, Any]]) -> None:
    execute(conn, "keep_remarks", draft_id=draft_id, remarks=json.dumps(list(remarks), ensure_ascii=False))


def drafts(conn: Connection) -> list[Draft]:
    return objects(conn, Draft, "drafts")


def find_draft(conn: Connection, draft_id: int) -> Draft | None:
    rows = objects(conn, Draft, "draft", draft_id=draft_id)
    return rows[0] if rows else None


def the_draft(conn: Connection, draft_id: int) -> Draft:
    """One that is known to exist."""
    found = find_draft(conn, draft_id)
    assert found is not None
    return found


def lock_draft(conn: Connection, draft_id: int) -> None:
    """Until the transaction ends."""
    execute(conn, "lock_draft", draft_id=draft_id)


def draft_of_batch(conn: Connection, batch_id: int) -> Draft | None:
    """The draft that an area layer became, locked until the transaction ends; None if it is dropped."""
    found = value(conn, "draft_of_batch", batch_id=batch_id)
    return None if found is None else the_draft(conn, found)


def drop_draft(conn: Connection, draft_id: int) -> None:
    execute(conn, "drop_draft", draft_id=draft_id)


def kinds_of_draft(conn: Connection, draft_id: int, *, redrawn: bool = True) -> list[str]:
    """With those that are only drawn anew because of it, or without."""
    return values(conn, "kinds_of_draft", draft_id=draft_id, redrawn=redrawn)


def newest_begin(conn: Connection, kind: str) -> datetime | None:
    """From when the newest areas of a kind count, begun or not; None if there are none."""
    return value(conn, "newest_begin", kind=kind)  # type: ignore[no-any-return]


def stage_changes(conn: Connection, draft_id: int) -> None:
    """Compare a draft with the newest areas, until the transaction ends."""
    script(conn, "make_changes_of_areas")
    execute(conn, "stage_changes", draft_id=draft_id)
    execute(conn, "measure_changes")


def changed_areas(conn: Connection, draft_id: int) -> list[Change]:
    """What was staged, by kind and code."""
    rows = binary_dicts(conn, "changed_areas", draft_id=draft_id)
    for side in ("old_geom", "new_geom"):
        for row, shape in zip(rows, shapely.from_wkb([row[side] for row in rows]), strict=True):
            row[side] = shape
    return [Change(**row) for row in rows]


def neighbours_of_changes(conn: Connection, draft_id: int, kind: str) -> list[tuple[int, str, str, str, Any]]:
    """Id, code, names and shape of areas that stay as they are beside those that are staged as changed."""
    rows = binary_tuples(conn, "neighbours_of_changes", draft_id=draft_id, kind=kind)
    shapes = shapely.from_wkb([row[-1] for row in rows])
    return [(*row[:-1], shape) for row, shape in zip(rows, shapes, strict=True)]


def burnt_codes(conn: Connection, draft_id: int) -> list[tuple[str, str, int]]:
    """Kind, code, and the revision that ended the area that had it before; of what was staged."""
    return [(kind, code, revision) for kind, code, revision in tuples(conn, "burnt_codes", draft_id=draft_id)]


def draft_tile(conn: Connection, srid: int, draft: Draft, z: int, x: int, y: int) -> bytes:
    """A vector tile of what the draft changes, or changed when it was applied."""
    given = {"draft_id": draft.id, "revision": draft.applied_revision, "srid": srid, "z": z, "x": x, "y": y}
    return bytes(value(conn, "draft_tile", **given))


def box_of_draft(conn: Connection, srid: int, draft_id: int) -> tuple[float, float, float, float] | None:
    """Least longitude and latitude, greatest longitude and latitude; None if it names no area."""
    rows = tuples(conn, "box_of_draft", draft_id=draft_id, srid=srid)
    return rows[0] if rows else None


def add_revision(conn: Connection, draft_id: int, valid_from: datetime, cases: str) -> int:
    """What was staged becomes a revision that has not begun, told to who listens: nothing is assigned to it yet."""
    revision = int(value(conn, "add_revision", draft_id=draft_id, valid_from=valid_from, cases=cases))
    execute(conn, "end_areas", valid_from=valid_from, revision=revision)
    execute(conn, "areas_from_draft", draft_id=draft_id, valid_from=valid_from, revision=revision)
    execute(conn, "add_pieces", revision=revision)
    execute(conn, "add_edges", revision=revision)
    execute(conn, "mark_applied", draft_id=draft_id, revision=revision)
    execute(conn, "tell_revision", revision=revision)
    return revision


def enter_force(conn: Connection, revision: int) -> None:
    """Its areas are those of today from the end of the transaction on."""
    execute(conn, "leave_force", revision=revision)
    execute(conn, "enter_force", revision=revision)
    execute(conn, "mark_begun", revision=revision)


def find_revision(conn: Connection, revision: int) -> Revision | None:
    rows = objects(conn, Revision, "revision", revision=revision)
    return rows[0] if rows else None


def box_of_revision(conn: Connection, revision: int) -> Box | None:
    """Around all that it changes, with a metre to spare; None if it changes nothing."""
    rows = tuples(conn, "box_of_revision", revision=revision)
    if not rows:
        return None
    ((xmin, ymin, xmax, ymax),) = rows
    return xmin - 1, ymin - 1, xmax + 1, ymax + 1


def ended_for_good(conn: Connection, revision: int) -> dict[str, list[tuple[str, Any]]]:
    """By kind: code and shape of areas that a revision ended and whose codes no area has any more."""
    found: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for kind, code, shape in tuples(conn, "ended_for_good", revision=revision):
        found[kind].append((code, shapely.from_wkb(shape)))
    return found


def add_succession(conn: Connection, revision: int, kind: str, heirs: Mapping[str, Sequence[str]]) -> None:
    pairs = [(code, successor) for code, successors in heirs.items() for successor in successors]
    codes, successors = [code for code, _ in pairs], [successor for _, successor in pairs]
    execute(conn, "add_succession", kind=kind, codes=codes, successors=successors, revision=revision)


def pass_on_duty_areas(conn: Connection, revision: int, kind: str, ended: Sequence[str]) -> None:
    """Accounts get the areas that took over from their areas of duty, which they lose."""
    execute(conn, "pass_on_duty_areas", revision=revision)
    execute(conn, "end_duty_areas", revision=revision, kind=kind, codes=list(ended))


def accounts_on_duty(conn: Connection, kind: str, codes: Sequence[str]) -> list[dict[str, Any]]:
    """Name, display name and code of the area of duty."""
    return dicts(conn, "accounts_on_duty", kind=kind, codes=list(codes))


def due_revision(conn: Connection) -> int | None:
    """The first whose time has come and that has not begun."""
    return value(conn, "due_revision")  # type: ignore[no-any-return]


def revisions(conn: Connection, *, limit: int, offset: int) -> list[dict[str, Any]]:
    return dicts(conn, "revisions", limit=limit, offset=offset)


def later_revision(conn: Connection, revision: int, kinds: Sequence[str]) -> int | None:
    """The first one after it that changed one of these kinds."""
    return value(conn, "later_revision", revision=revision, kinds=list(kinds))  # type: ignore[no-any-return]


def call_off(conn: Connection, revision: int) -> None:
    """A revision that has not begun never does: its areas never were, and those that it would have ended go on."""
    execute(conn, "drop_areas_to_come", revision=revision)
    execute(conn, "go_on", revision=revision)
    execute(conn, "call_off", revision=revision)
    execute(conn, "tell_revision", revision=revision)


def overtaken(conn: Connection, revision: int) -> tuple[str, str, int] | None:
    """Kind and code of an area that a revision made and a later one ended, and that one."""
    rows = tuples(conn, "overtaken", revision=revision)
    return rows[0] if rows else None


def draft_reverse(conn: Connection, draft_id: int, revision: int) -> int:
    """The draft takes back what a revision changed."""
    return execute(conn, "draft_reverse", draft_id=draft_id, revision=revision)
