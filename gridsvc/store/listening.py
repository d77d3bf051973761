"""A connection that is told when the areas have a new revision."""

import selectors
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import IsolationLevel

from gridsvc.store.callers import read_for_good
from gridsvc.store.connection import Connection, connect
from gridsvc.store.rows import execute


@contextmanager
def listening(url: str) -> Iterator[Connection]:
    """It reads what everybody may know; each of its transactions reads one snapshot."""
    with connect(url) as conn:
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        read_for_good(conn)
        execute(conn, "listen")
        yield conn


def wait_for_news(conn: Connection, bell: socket.socket, seconds: float) -> None:
    """Until something is told, the bell is rung, or the time is over; OperationalError if the connection broke."""
    if _told(conn):  # it came together with an answer, and the line is silent since
        return
    with selectors.DefaultSelector() as waiting:
        waiting.register(conn, selectors.EVENT_READ)
        waiting.register(bell, selectors.EVENT_READ)
        waiting.select(seconds)
    _told(conn)


def _told(conn: Connection) -> bool:
    return len(list(conn.notifies(timeout=0))) > 0
