"""Connections for requests: none may keep one of the pool for long."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg_pool import ConnectionPool

from gridsvc.store.connection import Connection
from gridsvc.store.rows import execute

LONGEST = 30
"""Seconds that one statement of a request may take."""


@contextmanager
def request_connection(pool: ConnectionPool[Connection]) -> Iterator[Connection]:
    """A connection of the pool whose statements end with QueryCanceled after LONGEST seconds."""
    with pool.connection() as conn:
        execute(conn, "limit_time", limit=f"{LONGEST}s")
        yield conn
