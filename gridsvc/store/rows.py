"""One query in, typed rows out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, LiteralString, TypeVar

from psycopg.rows import class_row, dict_row

from gridsvc.store.connection import Connection
from gridsvc.store.queries import sql

Row = TypeVar("Row")
Values = Mapping[str, Any]


def execute(conn: Connection, name: str, /, **values: Any) -> int:
    """Run a named query; how many rows it touched."""
    return conn.execute(sql(name), values).rowcount


def execute_many(conn: Connection, name: str, rows: Iterable[Values]) -> None:
    with conn.cursor() as cursor:
        cursor.executemany(sql(name), list(rows))


def value(conn: Connection, name: str, /, **values: Any) -> Any:
    """The first column of the first row; None if there is no row."""
    row = conn.execute(sql(name), values).fetchone()
    return None if row is None else row[0]


def values(conn: Connection, name: str, /, **given: Any) -> list[Any]:
    """The first column of all rows."""
    return [row[0] for row in conn.execute(sql(name), given)]


def tuples(conn: Connection, name: str, /, **given: Any) -> list[tuple[Any, ...]]:
    return conn.execute(sql(name), given).fetchall()


def binary_tuples(conn: Connection, name: str, /, **given: Any) -> list[tuple[Any, ...]]:
    """The same for rows with shapes."""
    return conn.execute(sql(name), given, binary=True).fetchall()


def dicts(conn: Connection, name: str, /, **given: Any) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql(name), given).fetchall()


def binary_dicts(conn: Connection, name: str, /, **given: Any) -> list[dict[str, Any]]:
    """The same for rows with shapes, whose bytes would be twice as many as text."""
    with conn.cursor(row_factory=dict_row, binary=True) as cursor:
        return cursor.execute(sql(name), given).fetchall()


def objects(conn: Connection, row: type[Row], name: str, /, **given: Any) -> list[Row]:
    """Rows as instances of a dataclass whose fields are named as the columns."""
    with conn.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(sql(name), given).fetchall()


def script(conn: Connection, name: str, /) -> None:
    """A named query that is more than one statement, and has no parameters."""
    conn.execute(sql(name))


def copy_in(conn: Connection, statement: LiteralString, rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a table."""
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


BYTE_ORDER_MARK = "\ufeff".encode()
"""Without it spreadsheets take UTF-8 for the system's encoding."""


def csv_out(conn: Connection, name: str, /, **given: Any) -> Iterator[bytes]:
    """A named COPY … TO STDOUT as blocks of a CSV file in UTF-8."""
    yield BYTE_ORDER_MARK
    with conn.cursor() as cursor, cursor.copy(sql(name), given) as copy:
        for block in copy:
            yield bytes(block)


def array_text(ids: list[int]) -> str:
    """A PostgreSQL array as text: arrays of arrays of unequal length cannot be parameters."""
    return "{" + ",".join(map(str, ids)) + "}"
