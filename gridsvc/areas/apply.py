"""Applying a draft: the one way in which areas change."""

from dataclasses import dataclass
from datetime import UTC, datetime

from gridsvc.errors import ConflictError, InputError, NotFoundError
from gridsvc.store import areas, audit, batches, casework, components
from gridsvc.store.connection import Connection
from gridsvc.store.locating import grid_index

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""From when the first areas of a kind count, unless another day is given."""


@dataclass(frozen=True, kw_only=True)
class Applied:
    draft_id: int
    kind: str
    revision: int
    areas: int
    reassigned: int
    """Components whose areas changed."""


def apply_draft(
    conn: Connection, draft_id: int, valid_from: datetime | None = None, *, reassign: bool = True
) -> Applied:
    """The draft's areas replace those of its kind; components and reports get theirs in the same transaction."""
    with conn.transaction():
        batches.lock_promotion(conn)
        draft = areas.find_draft(conn, draft_id)
        if draft is None:
            raise NotFoundError(f"draft {draft_id} does not exist; `gridsvc areas list` shows those that wait")
        _check(draft)
        _check_base(conn, draft)
        newest = areas.newest_begin(conn, draft.kind)
        begin = valid_from or (datetime.now(UTC) if newest else ALWAYS)
        _check_begin(draft, begin, newest)
        revision = areas.apply_draft(conn, draft, begin)
        reassigned = _reassign(conn) if reassign else 0
        after = {"kind": draft.kind, "areas": draft.areas, "valid_from": begin.isoformat(), "reassigned": reassigned}
        audit.record(conn, "areas.apply", f"revision {revision}", before={"draft": draft_id}, after=after)
    return Applied(draft_id=draft_id, kind=draft.kind, revision=revision, areas=draft.areas, reassigned=reassigned)


def _reassign(conn: Connection) -> int:
    """Components, and reports for the maps and figures of today, get the areas that hold them; components changed."""
    index = grid_index(conn)
    casework.assign_reports(conn, index)
    return components.assign_all(conn, index)


def _check(draft: areas.Draft) -> None:
    if draft.applied_revision is not None:
        raise ConflictError(f"draft {draft.id} was applied already, as revision {draft.applied_revision}")
    if draft.areas == 0:
        raise InputError(f"draft {draft.id} holds no areas")


def _check_base(conn: Connection, draft: areas.Draft) -> None:
    """Neither the areas themselves nor those that they lie in or are made of changed since."""
    kind = next(kind for kind in areas.kinds(conn) if kind.kind == draft.kind)
    for basis in (kind.kind, kind.parent, kind.made_of):
        last_change = areas.last_change_of_kind(conn, basis) if basis else 0
        if last_change > draft.base_revision:
            raise ConflictError(
                f"draft {draft.id} of {draft.kind} was made at revision {draft.base_revision}, "
                f"but revision {last_change} changed {basis} since: make it again"
            )


def _check_begin(draft: areas.Draft, begin: datetime, newest: datetime | None) -> None:
    """After the areas that it replaces, and not later than now: the inventory shows the areas of today."""
    if begin > datetime.now(UTC):
        raise InputError(f"draft {draft.id} cannot count from {begin:%Y-%m-%d %H:%M %Z}: that is yet to come")
    if newest is not None and begin <= newest:
        raise InputError(
            f"draft {draft.id} cannot count from {begin:%Y-%m-%d %H:%M %Z}: "
            f"the {draft.kind} areas that it replaces count from {newest:%Y-%m-%d %H:%M} UTC"
        )
