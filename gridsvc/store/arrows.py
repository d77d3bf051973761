"""Arrow arrays into and out of the database, column by column: hundreds of thousands of rows without a Python loop."""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any, LiteralString

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from gridsvc.store.connection import Connection
from gridsvc.store.queries import sql

LOT = 100_000
"""Rows made text in one go."""
ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
"""Of COPY's text format; the backslash first."""
ESCAPED = r"[\\\t\n\r]"


def copy_arrow(conn: Connection, statement: LiteralString, columns: Sequence[Any]) -> None:
    """Arrays of equal length as rows of a COPY … FROM STDIN in text format; arrays of text hold what the column's type
    reads (JSON, hexadecimal EWKB, `{1,2}`)."""
    begins = range(0, len(columns[0]), LOT)
    copy_rows(conn, statement, (rows_of([column.slice(begin, LOT) for column in columns]) for begin in begins))


def copy_rows(conn: Connection, statement: LiteralString, lots: Iterable[bytes]) -> None:
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for lot in lots:
            copy.write(lot)


def rows_of(columns: Sequence[Any]) -> bytes:
    """Tab-separated lines."""
    texts = [_text(column) for column in columns]
    if not len(texts[0]):
        return b""
    tab, line_end, nothing = (pa.scalar(text, pa.large_string()) for text in ("\t", "\n", ""))
    lines = pc.binary_join_element_wise(pc.binary_join_element_wise(*texts, tab), nothing, line_end)
    return bytes(lines.buffers()[2])


def _text(column: Any) -> Any:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        return array.cast(pa.large_string()).fill_null("\\N")
    array = array.cast(pa.large_string())
    if pc.any(pc.match_substring_regex(array, ESCAPED)).as_py():
        for letter, escaped in ESCAPES:
            array = pc.replace_substring(array, letter, escaped)
    return array.fill_null("\\N")


def array_texts(ids: NDArray[np.int64]) -> pa.Array:
    """Each row of ids as an array of the database, `{1,2}`, in order; negative ones are left out."""
    unique, inverse = np.unique(np.sort(ids, axis=1), axis=0, return_inverse=True)
    texts = ["{" + ",".join(str(one) for one in row if one >= 0) + "}" for row in unique.tolist()]
    return pa.array(texts, pa.string()).take(pa.array(inverse.ravel()))


def read_numbers(conn: Connection, name: str, types: Mapping[str, str], /, **given: Any) -> dict[str, NDArray[Any]]:
    """Columns of big-endian numbers that a named query sends row after row as bytes: a million are read at once."""
    content = b"".join(block for (block,) in conn.execute(sql(name), given, binary=True))
    rows = np.frombuffer(content, np.dtype(list(types.items())))
    return {column: rows[column].astype(kind[1:]) for column, kind in types.items()}


def read_arrow(conn: Connection, name: str, types: Mapping[str, Any], /, **given: Any) -> pa.Table:
    """What a named COPY … TO STDOUT WITH (FORMAT csv, HEADER) writes; an empty cell that is not quoted is null."""
    with conn.cursor() as cursor, cursor.copy(sql(name), given) as copy:
        content = BytesIO(b"".join(bytes(block) for block in copy))
    options = csv.ConvertOptions(
        column_types=types, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    return csv.read_csv(content, parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=options)
