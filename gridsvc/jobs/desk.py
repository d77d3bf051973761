"""What the edges ask of background work: to do a step of a batch, how far it is, to stop it.

All of it in a transaction with the system's rights, which the caller was checked for.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gridsvc.config import Settings
from gridsvc.errors import ConflictError, one_of
from gridsvc.ingest.desk import Desk, the_batch
from gridsvc.jobs import queue
from gridsvc.store import audit, batches, jobs
from gridsvc.store.callers import Origin
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.jobs import Job

STEPS = {
    "inspect": ("received",),
    "check": ("received", "inspected", "checked"),
    "promote": ("checked",),
    "rollback": ("promoted",),
}
"""Steps, and the states of a batch that they begin in."""
ENDS = {"promote": "promoted", "rollback": "rolled_back"}
"""Steps that change the state for good: whoever finds the batch in it knows that the step was done."""
Work = dict[str, Any]
"""step, state (waiting, working, done, failed, cancelled, lost), phase, features done and total, seconds, stopping."""


def desk_of(settings: Settings, city: City) -> Desk:
    return Desk(
        city=city, uploads=settings.uploads, staging=settings.staging, photos=settings.photos,
        limits=settings.import_limits,
    )  # fmt: skip


def request(conn: Connection, batch_id: int, step: str, account: str, origin: Origin) -> Work:
    """The step waits in the queue from the end of the transaction on; refused while the batch is at work."""
    if step not in STEPS:
        raise one_of("step", step, list(STEPS), zh="步骤")
    check_free(conn, batch_id)  # before the lock, which a step at work may hold for long
    batches.lock_batch(conn, batch_id)
    batch = the_batch(conn, batch_id)
    check_free(conn, batch_id)
    _refuse_unfit(batch, step)
    jobs.bury_lost(conn)
    work = {"step": step, "state": "waiting", "phase": step, "done": 0, "total": _total(batch), "by": account}
    batches.keep_work(conn, batch_id, work)
    batches.keep_error(conn, batch_id, "", "")
    queue.put(conn, queue.order(batch_id, step, account, origin))
    return shown(work)


def check_free(conn: Connection, batch_id: int) -> None:
    """Nothing waits or works for the batch, here or on a command line."""
    job = jobs.active_jobs(conn).get(batch_id)
    if (job is not None and job.alive) or batches.is_held(conn, batch_id):
        raise queue.at_work(batch_id)


def state_of(conn: Connection, batch: Mapping[str, Any]) -> Work | None:
    """Of the step that was asked for last; None before the first."""
    return _state(batch, jobs.active_jobs(conn))


def states_of(conn: Connection, found: Sequence[Mapping[str, Any]]) -> list[Work | None]:
    active = jobs.active_jobs(conn)
    return [_state(batch, active) for batch in found]


def cancel(conn: Connection, batch_id: int) -> Work:
    """What waits is taken out of the queue; what runs is told to stop, and the batch then stands as before.

    The row of a batch at work is not touched, for its step may have it locked.
    """
    batch = the_batch(conn, batch_id)
    job, work = jobs.active_jobs(conn).get(batch_id), state_of(conn, batch)
    if work is None or work["state"] not in ("waiting", "working", "lost"):
        raise ConflictError(
            f"nothing is at work on batch {batch_id}", zh=f"批次 {batch_id} 没有正在进行的处理，无需取消"
        )
    if job is not None and job.alive:
        queue.take_back(conn, job.id)
    jobs.bury_lost(conn)
    if job is None or job.waiting or not job.alive:
        batches.keep_work(conn, batch_id, batch["work"] | {"state": "cancelled"})
    audit.record(conn, "import.cancel", f"batch {batch_id}", before={"file": batch["file_name"], "step": work["step"]})
    return state_of(conn, the_batch(conn, batch_id)) or work


def _state(batch: Mapping[str, Any], active: Mapping[int, Job]) -> Work | None:
    work, job = batch["work"], active.get(batch["id"])
    if not work:
        return None
    state, stopping = work["state"], job is not None and job.stopping
    if state in ("waiting", "working"):
        if job is not None and job.alive:
            state = "waiting" if job.waiting else "working"
        elif ENDS.get(work["step"]) == batch["state"]:
            state = "done"
        else:
            state = "lost"
    return shown({**work, "state": state, "stopping": stopping and state == "working"})


def shown(work: Work) -> Work:
    """Without what is kept for later."""
    told = {name: value for name, value in work.items() if name not in ("by", "begun")}
    return {"stopping": False, "seconds": _seconds(work)} | told


def _seconds(work: Work) -> int | None:
    """For how long a step has been at work, by the clock of the service: those of browsers differ."""
    if work["state"] != "working" or "begun" not in work:
        return None
    return max(0, round((datetime.now(UTC) - datetime.fromisoformat(work["begun"])).total_seconds()))


def _refuse_unfit(batch: Mapping[str, Any], step: str) -> None:
    number = batch["id"]
    if batch["kind"] != "file" and step != "rollback":
        raise ConflictError(f"batch {number} has no file", zh=f"批次 {number} 没有文件，不能执行此步骤")
    if batch["state"] not in STEPS[step]:
        raise ConflictError(
            f"batch {number} is {batch['state']}; the step {step} begins with one that is {' or '.join(STEPS[step])}",
            zh=f"批次 {number} 的当前状态不允许执行此步骤",
        )
    if step == "check" and not batch["target"]:
        raise ConflictError(
            f"batch {number}: say first what the file means (its definition)", zh=f"批次 {number} 尚未确定字段映射"
        )


def _total(batch: Mapping[str, Any]) -> int | None:
    """Features of the layers that are meant, as far as inspection knows."""
    layers = batch["inspection"].get("layers", [])
    meant = batch["definition"].get("source_layers") or [layer["name"] for layer in layers]
    return sum(layer["count"] for layer in layers if layer["name"] in meant) if layers else None
