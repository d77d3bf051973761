"""The queue of background work as far as batches are concerned. The queue's own tables are procrastinate's."""

from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from gridsvc.store.connection import Connection
from gridsvc.store.rows import execute, objects

SCHEMA = "procrastinate"
QUEUE = "imports"
PATIENCE = 15.0
"""Seconds without a sign of life after which a worker is taken for gone."""


@dataclass(frozen=True, kw_only=True)
class Job:
    batch_id: int
    id: int
    waiting: bool
    stopping: bool
    """It was told to stop."""
    alive: bool
    """False: it was begun, and nobody is at work on it any more."""


def find_queue(conn: Connection) -> None:
    """Needed before statements of procrastinate's own; holds for the transaction."""
    execute(conn, "find_queue")


def active_jobs(conn: Connection) -> dict[int, Job]:
    """By batch; needs the system's rights."""
    return {job.batch_id: job for job in objects(conn, Job, "active_jobs", queue=QUEUE, patience=PATIENCE)}


def bury_lost(conn: Connection) -> None:
    """Jobs whose worker is gone stand in nobody's way any more."""
    with conn.transaction():
        find_queue(conn)
        for job in objects(conn, Job, "active_jobs", queue=QUEUE, patience=PATIENCE):
            if not job.alive:
                execute(conn, "bury_job", job_id=job.id)


def note_progress(conn: Connection, batch_id: int, work: dict[str, Any]) -> None:
    """Best effort: it never waits for the step."""
    execute(conn, "note_progress", batch_id=batch_id, work=Jsonb(work))


def name_source(conn: Connection, source: str) -> None:
    """After `callers.name_caller`."""
    execute(conn, "name_source", source=source)


def end_when_left(conn: Connection) -> None:
    execute(conn, "end_when_left")
