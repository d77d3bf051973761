"""What has to be done again and again: what is due and sealing every second, erasing once a day."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from gridsvc.access.retention import Erased, anonymise_lot, erase_files, erase_payloads, erase_rosters
from gridsvc.access.sealing import grows_from, keep_head, kept_head, seal_waiting
from gridsvc.store import credentials
from gridsvc.store.callers import Origin, as_service
from gridsvc.store.connection import Connection

ORIGIN = Origin(source="service", address="", request_id="")
SECOND, DAY = 1.0, 86_400.0
logger = logging.getLogger("gridsvc.work")

Pool = ConnectionPool[Connection]
Task = Callable[[Pool], None]
"""What other rooms have to do each second; the edge hands it in."""


@dataclass(frozen=True, kw_only=True)
class Folders:
    """Where the head of the audit, pictures and uploads lie."""

    data: Path
    photos: Path
    uploads: Path


def seal_now(pool: Pool, folder: Path) -> None:
    """All that waits, with the head kept outside of the database once it is committed."""
    while True:
        with as_service(pool, ORIGIN) as conn:
            whole = grows_from(conn, kept_head(folder))
            head = seal_waiting(conn)
        if head is None:
            return
        if whole:
            keep_head(head, folder)
        else:
            logger.error("the record of who did what was cut or forged: run `gridsvc doctor`")


def erase_now(pool: Pool, folders: Folders, idle_minutes: int) -> Erased:
    with as_service(pool, ORIGIN) as conn:
        credentials.end_old_sessions(conn, idle_minutes)
    reports, lot = 0, 1
    while lot:
        with as_service(pool, ORIGIN) as conn:
            reports += (lot := anonymise_lot(conn))
    with as_service(pool, ORIGIN) as conn:
        return Erased(
            reports=reports, payloads=erase_payloads(conn), files=erase_files(conn, folders.photos, folders.uploads),
            rosters=erase_rosters(conn),
        )  # fmt: skip


@contextmanager
def working(pool: Pool, folders: Folders, idle_minutes: int, every_second: Task) -> Iterator[None]:
    """A thread that works until the block ends; what waits then is sealed before it does."""
    stop = Event()
    thread = Thread(target=work, args=(pool, folders, idle_minutes, every_second, stop.wait), daemon=True, name="work")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=30)


def work(pool: Pool, folders: Folders, idle_minutes: int, every_second: Task, wait: Callable[[float], bool]) -> None:
    """Until `wait` says so. A database that does not answer is asked again."""
    next_erasing = time.monotonic()
    while True:
        stopping = wait(SECOND)
        try:
            every_second(pool)
            seal_now(pool, folders.data)
            if time.monotonic() >= next_erasing and not stopping:
                next_erasing = time.monotonic() + DAY
                logger.info("erased", extra=asdict(erase_now(pool, folders, idle_minutes)))
        except (psycopg.Error, PoolTimeout, OSError) as error:
            logger.error("the work of this second was not done: %s", type(error).__name__)
        if stopping:
            return
