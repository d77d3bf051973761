"""Connections to the one database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from gridsvc.errors import SetupError

Connection = psycopg.Connection[TupleRow]
WAIT = 5.0
"""Seconds that a request waits for a connection of the pool before it is told that the database does not answer."""
OPTIONS = "-c timezone=UTC -c application_name=gridsvc"


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    """One connection in autocommit: whoever uses it opens the transactions."""
    try:
        connection = psycopg.connect(url, autocommit=True, options=OPTIONS, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise SetupError(f"database {without_password(url)} does not answer: {str(error).strip()}") from error
    try:
        with connection:
            yield connection
    except psycopg.OperationalError as error:
        raise SetupError(f"database {without_password(url)} failed: {str(error).strip()}") from error


def open_pool(url: str, size: int = 8) -> ConnectionPool[Connection]:
    pool = ConnectionPool(
        url,
        min_size=1,
        max_size=size,
        kwargs={"autocommit": True, "options": OPTIONS, "connect_timeout": 10},
        timeout=WAIT,
        open=False,
    )
    try:
        pool.open(wait=True, timeout=15)
    except Exception as error:
        pool.close()
        raise SetupError(f"database {without_password(url)} does not answer: {error}") from error
    return pool


def without_password(url: str) -> str:
    """Where an address points, fit to be shown."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "(an address that cannot be read)"
    shown: dict[str, Any] = {key: parts[key] for key in ("host", "port", "dbname", "user") if key in parts}
    return make_conninfo("", **shown) or "(default address)"
