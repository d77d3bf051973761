"""Steps that take their time, for a worker in a process of its own: each is a `prepare` of `worker.beside`."""

import time
from typing import Any

from gridsvc.domain.findings import Finding
from gridsvc.errors import InputError
from gridsvc.ingest.desk import Desk
from gridsvc.jobs import tasks
from gridsvc.store import audit, batches
from gridsvc.store.connection import Connection


def _count(conn: Connection, desk: Desk, batch_id: int) -> None:
    """Up to half a minute; what it wrote counts at its end."""
    with conn.transaction():
        batches.add_findings(conn, batch_id, [Finding(rule="test", severity="note", message="seen")], 4544)
        for done in range(300):
            desk.progress("check", done)
            time.sleep(0.1)


def _wait_for_database(conn: Connection, _desk: Desk, batch_id: int) -> None:
    with conn.transaction():
        conn.execute("UPDATE import_batch SET counts = '{\"read\": 1}' WHERE id = %s", (batch_id,))
        conn.execute("SELECT pg_sleep(60)")


def _write(conn: Connection, _desk: Desk, batch_id: int) -> None:
    with conn.transaction():
        audit.record(conn, "import.test", f"batch {batch_id}")
        batches.keep_checked(conn, batch_id, {"read": 7}, {})


def _refuse(_conn: Connection, _desk: Desk, _batch_id: int) -> None:
    raise InputError("the file is wrong", zh="文件有误")


def _fall_over(_conn: Connection, _desk: Desk, _batch_id: int) -> None:
    raise ZeroDivisionError


def _use(check: Any) -> None:
    tasks.STEPS = {**tasks.STEPS, "check": check}


def counting() -> None:
    _use(_count)


def waiting_for_database() -> None:
    _use(_wait_for_database)


def writing() -> None:
    _use(_write)


def refusing() -> None:
    _use(_refuse)


def falling_over() -> None:
    _use(_fall_over)


def as_they_are() -> None:
    """The steps of the product."""
