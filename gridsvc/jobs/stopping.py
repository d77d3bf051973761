"""Ending a step in the middle: at its next sign of progress, or by cancelling the statement that it waits for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import psycopg

from gridsvc.store.connection import Connection

LOOK, AGAIN = 0.2, 1.0
"""Seconds between looks whether the step was told to stop, and between attempts to cancel its statement."""


class StoppedError(Exception):
    """The step was told to stop."""


@contextmanager
def stoppable(conn: Connection, stopped: Callable[[], bool]) -> Iterator[None]:
    """While the block runs, statements of the connection are cancelled once `stopped` says so: StoppedError."""
    over = Event()
    watching = Thread(target=_watch, args=(conn, stopped, over), daemon=True, name="stopping")
    watching.start()
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        if stopped():
            raise StoppedError from error
        raise
    finally:
        over.set()
        watching.join()


def _watch(conn: Connection, stopped: Callable[[], bool], over: Event) -> None:
    wait = LOOK
    while not over.wait(wait):
        if stopped() and not conn.closed:
            wait = AGAIN
            try:
                conn.cancel_safe(timeout=AGAIN)
            except psycopg.Error:  # the connection broke: the step finds out by itself
                return
