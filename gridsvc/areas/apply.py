"""Applying a draft: the one way in which areas change."""

from dataclasses import dataclass
from datetime import UTC, datetime

from gridsvc.errors import ConflictError, InputError, NotFoundError
from gridsvc.store import areas, components
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

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
    conn: Connection, city: City, draft_id: int, valid_from: datetime | None = None, *, reassign: bool = True
) -> Applied:
    """The draft's areas replace those of its kind; components get their new areas in the same transaction."""
    with conn.transaction():
        draft = areas.find_draft(conn, draft_id)
        if draft is None:
            raise NotFoundError(f"draft {draft_id} does not exist")
        last = areas.last_change_of_kind(conn, draft.kind)
        _check(draft, last)
        revision = areas.apply_draft(conn, draft, valid_from or (datetime.now(UTC) if last else ALWAYS))
        locator = areas.SqlLocator(conn, city.srid)
        reassigned = components.assign_all(conn, locator, datetime.now(UTC)) if reassign else 0
    return Applied(draft_id=draft_id, kind=draft.kind, revision=revision, areas=draft.areas, reassigned=reassigned)


def _check(draft: areas.Draft, last_change: int) -> None:
    if draft.applied_revision is not None:
        raise ConflictError(f"draft {draft.id} was applied already, as revision {draft.applied_revision}")
    if last_change > draft.base_revision:
        raise ConflictError(
            f"draft {draft.id} of {draft.kind} was made at revision {draft.base_revision}, "
            f"but revision {last_change} changed these areas since: make it again"
        )
    if draft.areas == 0:
        raise InputError(f"draft {draft.id} holds no areas")
