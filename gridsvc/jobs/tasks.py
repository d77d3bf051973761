"""Steps of imports as jobs: each by the rights of whoever asked for it, with its progress and its error kept."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import procrastinate
from procrastinate.exceptions import JobAborted
from procrastinate.job_context import AbortReason, JobContext

from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import ForbiddenError, GridsvcError, NotFoundError
from gridsvc.ingest.check import check_batch
from gridsvc.ingest.desk import Desk, look, the_batch
from gridsvc.ingest.pipeline import holding
from gridsvc.ingest.promote import promote_batch
from gridsvc.ingest.rollback import roll_back
from gridsvc.jobs.desk import ENDS, desk_of
from gridsvc.jobs.queue import TASK, Order
from gridsvc.jobs.stopping import StoppedError, stoppable
from gridsvc.store import batches, jobs
from gridsvc.store.callers import Origin, act_for_good, name_caller, name_origin, take_role
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection, connect
from gridsvc.store.jobs import QUEUE
from gridsvc.store.permissions import SYSTEM

SITE = "site"
"""Name of the Site in a job's context."""
OFTEN = 0.5
"""Seconds between two notes of progress."""
EACH_MINUTE = "* * * * *"
UNEXPECTED = ("an unexpected error; the log of the service tells more", "发生意外错误，详情见服务日志")
logger = logging.getLogger("gridsvc.jobs")


@dataclass(frozen=True, kw_only=True)
class Site:
    """The installation that a worker works for."""

    address: str
    """Of the database, as the service."""
    settings: Settings
    demo: bool
    """Demo accounts may ask for something."""


STEPS: Mapping[str, Callable[[Connection, Desk, int], Any]] = {
    "inspect": look,
    "check": check_batch,
    "promote": promote_batch,
    "rollback": roll_back,
}


def register(app: procrastinate.App) -> None:
    """A step that the end of the worker cut short begins again with the next worker; nothing else is tried again."""
    after_shutdown = procrastinate.RetryStrategy(retry_exceptions=[JobAborted])
    app.task(name=TASK, queue=QUEUE, pass_context=True, retry=after_shutdown)(_job)
    app.periodic(cron=EACH_MINUTE)(app.task(name="bury_lost", queue=QUEUE, pass_context=True)(_bury))


def _bury(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  for which minute it is
    site: Site = context.additional_context[SITE]
    with connect(site.address) as conn, _as_service(conn):
        jobs.bury_lost(conn)


def _job(context: JobContext, /, **told: Any) -> None:
    """Raises JobAborted if the step was stopped; whatever else goes wrong is kept with its batch."""
    site: Site = context.additional_context[SITE]
    order = Order(**told)
    with connect(site.address) as conn:
        log = Logbook(conn, order, context.should_abort)
        log.begin()
        try:
            do(site, order, log)
        except StoppedError:
            _stopped(log, context)
        except GridsvcError as error:
            log.fail(str(error), error.zh)
        except Exception:
            logger.exception("step %s of batch %s failed", order.step, order.batch_id)
            log.fail(*UNEXPECTED)
        else:
            log.end("done")


def _stopped(log: "Logbook", context: JobContext) -> None:
    """It may have been done all the same, when it was told too late."""
    if log.is_carried_out():
        log.end("done")
        return
    log.end("waiting" if context.abort_reason() is AbortReason.SHUTDOWN else "cancelled")
    raise JobAborted


def do(site: Site, order: Order, log: "Logbook") -> None:
    """The step, as the account that asked for it; StoppedError if it was told to stop meanwhile."""
    with connect(site.address) as conn, stoppable(conn, log.stopped):
        jobs.end_when_left(conn)
        _act_as(conn, site, order)
        desk = desk_of(site.settings, the_city(conn)).watched_by(log.tell)
        with holding(conn, order.batch_id):
            STEPS[order.step](conn, desk, order.batch_id)


def _act_as(conn: Connection, site: Site, order: Order) -> None:
    """Rights are those of now, not of when it was asked for."""
    try:
        caller = name_caller(conn, order.account, order.address, order.request_id, demo=site.demo)
    except NotFoundError as error:
        raise ForbiddenError(
            f"account {order.account}, which asked for this, was disabled meanwhile",
            zh=f"提交此操作的账号 {order.account} 已停用",
        ) from error
    jobs.name_source(conn, order.source)
    act_for_good(conn, caller, Right.IMPORT_DATA, as_system=True)


class Logbook:
    """Keeps how far a step is, by a connection of its own, as the service itself."""

    def __init__(self, conn: Connection, order: Order, stopped: Callable[[], bool]) -> None:
        self.stopped = stopped
        self._conn, self._order, self._told = conn, order, 0.0

    def begin(self) -> None:
        self._note({"state": "working", "done": 0, "begun": datetime.now(UTC).isoformat()})

    def tell(self, phase: str, done: int) -> None:
        """Progress, which is kept at most twice a second."""
        if self.stopped():
            raise StoppedError
        if time.monotonic() - self._told >= OFTEN:
            self._told = time.monotonic()
            self._note({"phase": phase, "done": done})

    def end(self, state: str) -> None:
        with _as_service(self._conn):
            work = the_batch(self._conn, self._order.batch_id)["work"]
            whole = {"done": work.get("total")} if state == "done" and work.get("total") is not None else {}
            batches.keep_work(self._conn, self._order.batch_id, {**work, "state": state, **whole})

    def fail(self, error: str, error_zh: str) -> None:
        with _as_service(self._conn):
            batches.keep_error(self._conn, self._order.batch_id, error, error_zh)
        self.end("failed")

    def is_carried_out(self) -> bool:
        with _as_service(self._conn):
            return ENDS.get(self._order.step) == str(the_batch(self._conn, self._order.batch_id)["state"])

    def _note(self, work: dict[str, Any]) -> None:
        with _as_service(self._conn):
            jobs.note_progress(self._conn, self._order.batch_id, work)


@contextmanager
def _as_service(conn: Connection) -> Iterator[None]:
    with conn.transaction():
        name_origin(conn, Origin(source="service", address="", request_id=""))
        take_role(conn, SYSTEM)
        yield
