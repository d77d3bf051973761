"""Connections to the one database."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import PipelineStatus, TransactionStatus
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from gridsvc.errors import SetupError

Connection = psycopg.Connection[TupleRow]
WAIT = 5.0
"""Seconds that a request waits for a connection of the pool before it is told that the database does not answer."""
OPTIONS = "-c timezone=UTC -c application_name=gridsvc -c client_connection_check_interval=5000"
"""The last: a statement ends when whoever asked for it is gone, killed importers among them (milliseconds)."""


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    """One connection in autocommit: whoever uses it opens the transactions."""
    check_address(url)
    try:
        connection = psycopg.connect(url, autocommit=True, options=OPTIONS, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise SetupError(f"database {without_password(url)} does not answer: {first_line(error)}") from error
    try:
        with connection:
            yield connection
    except psycopg.OperationalError as error:
        raise SetupError(f"database {without_password(url)} failed: {first_line(error)}") from error


@contextmanager
def in_haste(conn: Connection) -> Iterator[None]:
    """A transaction in few round trips: a statement waits for the next one whose rows are asked for, and goes with it.

    Nothing may be copied in it, and nothing caught: an error ends it. Whoever lent the connection rolls it back.
    Plans are made once: the statements of one report took half of their time to be planned anew.
    """
    with conn.pipeline():
        conn.execute("BEGIN")
        conn.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        yield
        conn.execute("COMMIT")


def is_in_haste(conn: Connection) -> bool:
    return conn.info.pipeline_status is not PipelineStatus.OFF


def in_transaction(conn: Connection) -> AbstractContextManager[Any]:
    """The transaction that the caller has begun, or else one of its own; what fails ends either."""
    begun = is_in_haste(conn) or conn.info.transaction_status is not TransactionStatus.IDLE
    return nullcontext() if begun else conn.transaction()


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


def check_address(url: str) -> None:
    """Refuse an address that cannot be read without quoting it: it may hold a password."""
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise SetupError(
            "GRIDSVC_DATABASE_URL or GRIDSVC_ADMIN_URL cannot be read as an address: write "
            "postgresql://user:password@host:port/database, with % codes for special characters"
        ) from None


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def without_password(url: str) -> str:
    """Where an address points, fit to be shown."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "(an address that cannot be read)"
    shown: dict[str, Any] = {key: parts[key] for key in ("host", "port", "dbname", "user") if key in parts}
    return make_conninfo("", **shown) or "(default address)"
