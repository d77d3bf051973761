"""The queue, as those who put jobs in see it and as the worker does."""

import logging
from dataclasses import asdict, dataclass

import procrastinate
from procrastinate import SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

from gridsvc.errors import ConflictError
from gridsvc.store import jobs
from gridsvc.store.callers import Origin
from gridsvc.store.connection import OPTIONS, Connection
from gridsvc.store.jobs import QUEUE
from gridsvc.store.permissions import SYSTEM

TASK = "import_step"
SOONER = {"inspect": 10}
"""Steps that somebody watches go first."""
logging.getLogger("procrastinate").setLevel(logging.WARNING)  # its lines hold what jobs are told, addresses too


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a job is told: the step of a batch, and who asked for it from where."""

    batch_id: int
    step: str
    account: str
    source: str
    address: str
    request_id: str


def order(batch_id: int, step: str, account: str, origin: Origin) -> Order:
    return Order(
        batch_id=batch_id, step=step, account=account, source=origin.source, address=origin.address,
        request_id=origin.request_id,
    )  # fmt: skip


def put(conn: Connection, given: Order) -> int:
    """The job's id. It counts once the transaction of the connection does; needs the system's rights."""
    lock = f"batch-{given.batch_id}"
    app = procrastinate.App(connector=SyncPsycopgConnector())
    try:
        with conn.transaction():
            jobs.find_queue(conn)
            deferrer = app.configure_task(
                TASK, queue=QUEUE, lock=lock, queueing_lock=lock, priority=SOONER.get(given.step, 0), connection=conn
            )
            return deferrer.defer(**asdict(given))
    except AlreadyEnqueued as error:
        raise at_work(given.batch_id) from error


def take_back(conn: Connection, job_id: int) -> None:
    """A waiting job is gone; a running one is told to stop."""
    app = procrastinate.App(connector=SyncPsycopgConnector())
    with conn.transaction():
        jobs.find_queue(conn)
        app.job_manager.cancel_job_by_id(job_id, abort=True, delete_job=True, connection=conn)


def at_work(batch_id: int) -> ConflictError:
    return ConflictError(
        f"batch {batch_id} is being worked on at this moment; wait for it, or cancel it",
        zh=f"批次 {batch_id} 正在处理中，请等待完成或先取消",
    )


def worker_app(address: str) -> procrastinate.App:
    """As the worker uses it: connections of its own, which find the queue's tables and have the system's rights."""
    options = f"{OPTIONS} -c search_path=procrastinate -c role={SYSTEM}"
    connector = procrastinate.PsycopgConnector(
        conninfo=address, min_size=1, max_size=4, timeout=15, kwargs={"options": options, "connect_timeout": 10}
    )
    return procrastinate.App(connector=connector)
