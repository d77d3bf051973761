"""Applying a draft: the one way in which areas change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from gridsvc.areas.changes import prepared
from gridsvc.areas.checking import check_changes
from gridsvc.areas.remapping import remap
from gridsvc.errors import ConflictError, InputError, NotFoundError, one_of
from gridsvc.store import areas, audit, batches, casework, components, drafts
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection
from gridsvc.store.drafts import Draft
from gridsvc.store.locating import grid_index

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""From when the first areas of a kind count, unless another day is given."""
REROUTE, KEEP = "reroute", "keep"
"""What becomes of open cases that another department would have now."""


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What the beginning of a revision changed."""

    revision: int
    cases: str
    """REROUTE or KEEP."""
    components: int
    """That other areas hold than before."""
    reports: Sequence[UUID]
    """The same."""


Follow = Callable[[Connection, Begun], None]
"""What else follows in the same transaction: the edge hands in what another room does about open cases."""


@dataclass(frozen=True, kw_only=True)
class Applied:
    draft_id: int
    kind: str
    revision: int
    areas: int
    """That the draft names."""
    changed: int
    """That it changes."""
    valid_from: datetime
    begun: bool
    """False: its time is yet to come."""
    reassigned: int
    """Components whose areas changed."""


def apply_draft(
    conn: Connection, draft_id: int, valid_from: datetime | None = None, *, reassign: bool = True,
    cases: str = REROUTE, follow: Follow | None = None,
) -> Applied:  # fmt: skip
    """The areas that the draft changes end, its own begin; all that depends on them follows, now or at its time."""
    if cases not in (REROUTE, KEEP):
        raise one_of("cases", cases, [REROUTE, KEEP], zh="在办案件的处理方式")
    with conn.transaction():
        batches.lock_promotion(conn)
        draft = waiting_draft(conn, draft_id)
        changes = prepared(conn, draft, the_city(conn).srid)
        begin = _begin(conn, draft, valid_from)
        check_changes(conn, draft, changes)
        revision = drafts.add_revision(conn, draft.id, begin, cases)
        now = begin <= datetime.now(UTC)
        begun = begin_revision(conn, revision, reassign=reassign, follow=follow) if now else None
        after = {
            "kind": draft.kind, "areas": draft.areas, "changed": len(changes), "valid_from": begin.isoformat(),
            "reassigned": begun.components if begun else None, "cases": cases,
        }  # fmt: skip
        audit.record(conn, "areas.apply", f"revision {revision}", before={"draft": draft_id}, after=after)
    return Applied(
        draft_id=draft_id, kind=draft.kind, revision=revision, areas=draft.areas, changed=len(changes),
        valid_from=begin, begun=begun is not None, reassigned=begun.components if begun else 0,
    )  # fmt: skip


def begin_revision(conn: Connection, revision: int, *, reassign: bool = True, follow: Follow | None = None) -> Begun:
    """Its areas are those of today: components, reports, duties and areas of duty follow.

    In the caller's transaction, which holds `lock_promotion`.
    """
    found = drafts.find_revision(conn, revision)
    assert found is not None
    drafts.enter_force(conn, revision)
    moved, reports = _reassign(conn, revision) if reassign else (0, [])
    remap(conn, revision, found.valid_from)
    begun = Begun(revision=revision, cases=found.cases, components=moved, reports=reports)
    if follow is not None:
        follow(conn, begun)
    return begun


def begin_due(conn: Connection, follow: Follow) -> Begun | None:
    """The first revision whose time has come begins, if there is one."""
    with conn.transaction():
        if drafts.due_revision(conn) is None:
            return None
        batches.lock_promotion(conn)
        due = drafts.due_revision(conn)
        if due is None:  # somebody else was quicker
            return None
        begun = begin_revision(conn, due, follow=follow)
        after = {"reassigned": begun.components, "cases": begun.cases}
        audit.record(conn, "areas.begin", f"revision {due}", after=after)
        return begun


def call_off(conn: Connection, revision: int) -> None:
    """A revision whose time is yet to come does not come."""
    with conn.transaction():
        batches.lock_promotion(conn)
        found = drafts.find_revision(conn, revision)
        if found is None:
            raise NotFoundError(f"areas have no revision {revision}", zh=f"没有版本 {revision}")
        if found.began_at is not None or found.called_off_at is not None:
            raise ConflictError(
                f"revision {revision} has begun or was called off: take it back by a draft",
                zh=f"第 {revision} 版已生效或已取消，请以撤销草案变更",
            )
        later = drafts.later_revision(conn, revision, drafts.kinds_of_draft(conn, found.draft_id))
        if later is not None:
            raise ConflictError(
                f"revision {revision} cannot be called off before revision {later}, which builds on it",
                zh=f"第 {later} 版以第 {revision} 版为基础，请先取消第 {later} 版",
            )
        drafts.call_off(conn, revision)
        audit.record(conn, "areas.call_off", f"revision {revision}", before={"valid_from": str(found.valid_from)})


def _reassign(conn: Connection, revision: int) -> tuple[int, list[UUID]]:
    """Components, and reports for the maps and figures of today, get the areas that hold them: which changed."""
    box = drafts.box_of_revision(conn, revision)
    if box is None:
        return 0, []
    index = grid_index(conn, box=box)
    reports = casework.assign_reports(conn, index, box)
    return components.assign_all(conn, index, the_city(conn).srid, box), reports


def waiting_draft(conn: Connection, draft_id: int) -> Draft:
    """A draft that can be previewed and applied, locked until the transaction ends."""
    drafts.lock_draft(conn, draft_id)
    draft = drafts.find_draft(conn, draft_id)
    if draft is None:
        raise NotFoundError(
            f"draft {draft_id} does not exist; `gridsvc areas list` shows those that wait",
            zh=f"草案 {draft_id} 不存在；`gridsvc areas list` 列出待生效的草案",
        )
    if draft.applied_revision is not None:
        raise ConflictError(
            f"draft {draft.id} was applied already, as revision {draft.applied_revision}",
            zh=f"草案 {draft.id} 已生效（第 {draft.applied_revision} 版）",
        )
    if draft.areas == 0:
        raise InputError(f"draft {draft.id} holds no areas", zh=f"草案 {draft.id} 不含任何区域")
    _check_base(conn, draft)
    return draft


def _check_base(conn: Connection, draft: Draft) -> None:
    """Neither the areas themselves nor those that they lie in or are made of changed since."""
    named = drafts.kinds_of_draft(conn, draft.id, redrawn=False)
    kinds = [kind for kind in areas.kinds(conn) if kind.kind in named]
    for basis in (basis for kind in kinds for basis in (kind.kind, kind.parent, kind.made_of)):
        last_change = areas.last_change_of_kind(conn, basis) if basis else 0
        if last_change > draft.base_revision:
            raise ConflictError(
                f"draft {draft.id} of {draft.kind} was made at revision {draft.base_revision}, "
                f"but revision {last_change} changed {basis} since: make it again",
                zh=f"草案 {draft.id} 基于第 {draft.base_revision} 版制作，此后第 {last_change} 版已变更 {basis}，"
                "请重新制作",
            )


def _begin(conn: Connection, draft: Draft, wanted: datetime | None) -> datetime:
    """After what the draft replaces."""
    newest = [begin for kind in drafts.kinds_of_draft(conn, draft.id) if (begin := drafts.newest_begin(conn, kind))]
    begin = wanted or (datetime.now(UTC) if newest else ALWAYS)
    if newest and begin <= max(newest):
        raise InputError(
            f"draft {draft.id} cannot count from {begin:%Y-%m-%d %H:%M %Z}: "
            f"the {draft.kind} areas that it replaces count from {max(newest):%Y-%m-%d %H:%M} UTC",
            zh=f"草案 {draft.id} 不能自 {begin:%Y-%m-%d %H:%M %Z} 起生效：被替换的区域自 {max(newest):%Y-%m-%d %H:%M} "
            "UTC 起生效",
        )
    return begin
