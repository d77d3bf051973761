"""A town whose database has a queue, somebody who may import, and ways to ask and to look."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from gridsvc.config import Settings
from gridsvc.ingest.desk import the_batch
from gridsvc.jobs import desk, worker
from gridsvc.jobs.tasks import Site
from gridsvc.store import batches, jobs
from gridsvc.store.callers import Origin
from gridsvc.store.connection import Connection, connect
from tests.accounts import put_account
from tests.database import as_service

ORIGIN = Origin(source="web", address="192.0.2.7", request_id="r-1")


@dataclass(frozen=True, kw_only=True)
class Queue:
    """What tests ask of background work, each in a transaction of its own."""

    database: str
    site: Site

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with connect(self.database) as conn, conn.transaction():
            yield conn

    def batch(self, name: str = "lamps.zip") -> int:
        with self.transaction() as conn:
            return batches.add_batch(conn, layer="0599", target="components", file_name=name, sha256=name)

    def ask(self, batch_id: int, step: str = "check", account: str = "gis") -> dict[str, Any]:
        with self.transaction() as conn:
            return desk.request(conn, batch_id, step, account, ORIGIN)

    def cancel(self, batch_id: int) -> dict[str, Any]:
        with self.transaction() as conn:
            return desk.cancel(conn, batch_id)

    def work(self, batch_id: int) -> dict[str, Any]:
        with self.transaction() as conn:
            return desk.state_of(conn, the_batch(conn, batch_id)) or {}

    def found(self, batch_id: int) -> dict[str, Any]:
        with self.transaction() as conn:
            return the_batch(conn, batch_id)

    def until(self, batch_id: int, *states: str, seconds: float = 25) -> dict[str, Any]:
        """The work on a batch, once it has one of these states."""
        end = time.monotonic() + seconds
        while (work := self.work(batch_id))["state"] not in states:
            assert time.monotonic() < end, f"it is {work}, and should be {' or '.join(states)}"
            time.sleep(0.1)
        return work

    def working(self, prepare: Callable[[], None]) -> AbstractContextManager[None]:
        return worker.beside(self.site, prepare)


def worker_process(seconds: float = 20) -> psutil.Process:
    """The process of the worker that was begun last."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for child in psutil.Process().children():
            if "multiprocessing.spawn" in " ".join(child.cmdline()):
                return child
        time.sleep(0.05)
    raise AssertionError("there is no worker")


@pytest.fixture
def queue(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    monkeypatch.setattr(jobs, "PATIENCE", 5.0)
    with connect(database) as conn:
        put_account(conn, "gis", "gis_staff", whole_city=True)
    site = Site(address=as_service(database), settings=Settings(data_folder=tmp_path), demo=False)
    yield Queue(database=database, site=site)
    with connect(database) as conn:
        conn.execute("TRUNCATE procrastinate.procrastinate_jobs, procrastinate.procrastinate_workers CASCADE")
