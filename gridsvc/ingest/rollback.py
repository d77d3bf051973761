"""Taking a promoted batch back: components become what they were, as long as nothing later rests on them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from gridsvc.errors import ConflictError
from gridsvc.ingest.desk import Desk, the_batch
from gridsvc.ingest.layers import COMPONENTS
from gridsvc.store import areas, audit, batches, components, drafts, photos
from gridsvc.store.connection import Connection
from gridsvc.store.locating import SqlLocator


@dataclass(frozen=True, kw_only=True)
class RolledBack:
    batch_id: int
    removed: int
    """Components that the batch had added."""
    restored: int
    """Components that it had changed or retired."""


def roll_back(conn: Connection, desk: Desk, batch_id: int) -> RolledBack:
    """History, audit and counters only grow, and codes that were issued stay burnt."""
    with conn.transaction():
        batches.lock_promotion(conn)
        batch = the_batch(conn, batch_id)
        _refuse_unfit(conn, batch)
        batches.lock_batch(conn, batch_id)
        if batch["target"] == COMPONENTS:
            _refuse_depended_upon(conn, batch_id)
            photos.forget_component_photos(conn, batch_id)
            removed, restored = components.undo_batch(conn, batch_id)
            if restored and components.areas_changed_since(conn, batch_id):
                components.assign(conn, SqlLocator(conn, desk.city.srid), datetime.now(UTC), restored)
        else:
            removed, restored = _drop_draft(conn, batch_id), []
        batches.finish_undone(conn, batch_id, {"removed": removed, "restored": len(restored)})
        after = {"file": batch["file_name"], "removed": removed, "restored": len(restored)}
        audit.record(conn, "import.rollback", f"batch {batch_id}", after=after)
    return RolledBack(batch_id=batch_id, removed=removed, restored=len(restored))


def _refuse_unfit(conn: Connection, batch: dict[str, object]) -> None:
    if batch["state"] != "promoted":
        raise ConflictError(
            f"batch {batch['id']} ({batch['file_name']}) is {batch['state']}; only a promoted one can be rolled back",
            zh=f"批次 {batch['id']}（{batch['file_name']}）未入库或已回滚，不能回滚",
        )
    if batch["target"] not in {COMPONENTS, *(kind.kind for kind in areas.kinds(conn))}:
        raise ConflictError(
            f"batch {batch['id']} ({batch['file_name']}) brought {batch['target']}; only components and areas go back",
            zh=f"批次 {batch['id']}（{batch['file_name']}）既非部件也非区域（{batch['target']}），不能回滚",
        )


def _refuse_depended_upon(conn: Connection, batch_id: int) -> None:
    later = components.later_batches(conn, batch_id)
    if later:
        named = ", ".join(f"batch {one['batch_id']} ({one['components']} of them)" for one in later[:5])
        named_zh = "、".join(f"批次 {one['batch_id']}（{one['components']} 个）" for one in later[:5])
        raise ConflictError(
            f"batch {batch_id} cannot be rolled back: components that it added or changed were changed again since, by "
            f"{named}; roll these back first",
            zh=f"批次 {batch_id} 不能回滚：其部件此后又被{named_zh}修改，请先回滚这些批次",
        )
    reports = components.reports_of_added(conn, batch_id)
    if reports:
        raise ConflictError(
            f"batch {batch_id} cannot be rolled back: {reports} reports name components that it added",
            zh=f"批次 {batch_id} 不能回滚：已有 {reports} 件上报指向其新增的部件",
        )


def _drop_draft(conn: Connection, batch_id: int) -> int:
    """The draft of an area layer, unless it was applied; how many areas it had."""
    draft = drafts.draft_of_batch(conn, batch_id)
    if draft is None:
        return 0
    if draft.applied_revision is not None:
        raise ConflictError(
            f"batch {batch_id} cannot be rolled back: its draft {draft.id} of {draft.kind} is in force as revision "
            f"{draft.applied_revision}; areas are changed by applying another draft",
            zh=f"批次 {batch_id} 不能回滚：其草案 {draft.id} 已生效（第 {draft.applied_revision} 版），请以新草案变更",
        )
    drafts.drop_draft(conn, draft.id)
    return draft.areas
