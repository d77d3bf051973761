"""The bytes of text that speak for an encoding, taken from all over a DBF table or a text file."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from gridsvc.errors import FileError

ENOUGH = 2000
"""Different values looked at, at most."""
FEW = 200
"""With fewer values than this from the stripes, the whole table is looked through."""
STRIPES, STRIPE_ROWS = 64, 300
BLOCK = 1 << 22
"""Bytes of a file in memory at a time."""
LONGEST, BEFORE = 64, 24
"""Bytes of one value looked at, and how many of them stand before the first that is not ASCII."""
_FOREIGN = re.compile(rb"[\x80-\xff]")
SEPARATORS = re.compile(rb'[\t\n\r,;"]+')
"""None of them is ever a part of a character of several bytes."""


T = TypeVar("T")


class Cell(NamedTuple):
    """Bytes without NUL and outer spaces; `full`: up to the last byte of the column, so that more may be cut off."""

    raw: bytes
    full: bool


@dataclass(frozen=True, kw_only=True)
class Table:
    """The head of a DBF."""

    ldid: int
    names: tuple[bytes, ...]
    columns: tuple[tuple[int, int], ...]
    """Offset in the record and width of the character columns."""
    begin: int
    record: int
    rows: int
    """As many as there are in the file, whatever its head counts."""


def head_of(dbf: Path) -> Table:
    """FileError if it is no DBF."""
    with dbf.open("rb") as source:
        head = source.read(32)
        begin, record = (int.from_bytes(head[at : at + 2], "little") for at in (8, 10))
        if len(head) < 32 or begin < 33 or record < 1:
            raise FileError(
                dbf.name, "it is not a DBF table: its head is damaged", zh=f"{dbf.name} 不是 DBF 表：文件头已损坏"
            )
        described = source.read(begin - 32)
    names, columns, offset = [], [], 1
    for at in range(0, len(described) - 31, 32):
        field = described[at : at + 32]
        if field[0] == 0x0D:
            break
        names.append(field[:11].split(b"\0")[0].strip())
        if field[11:12] in b"Cc":
            columns.append((offset, field[16]))
        offset += field[16]
    counted, there = int.from_bytes(head[4:8], "little"), (dbf.stat().st_size - begin) // record
    return Table(
        ldid=head[29], names=tuple(names), columns=tuple(one for one in columns if sum(one) <= record),
        begin=begin, record=record, rows=max(0, min(counted, there)),
    )  # fmt: skip


def cells_of(dbf: Path, table: Table) -> list[Cell]:
    """Different values with bytes beyond ASCII, names of columns among them; none only if the whole table has none.

    Stripes all over the table do where text is plentiful. Otherwise all of it is read, so that one street name in five
    million rows is not missed; blocks of plain ASCII are passed over at the speed of reading.
    """
    named = (Cell(name, len(name) >= 10) for name in table.names if not name.isascii())
    found = dict(_gather(dbf, table, _stripes(table)))
    if len(found) < FEW:
        found |= dict(_gather(dbf, table, _blocks(table)))
    return [*dict.fromkeys(named), *_thinned([Cell(*one) for one in found.items()])]


def cells_of_text(source: BinaryIO) -> list[Cell]:
    """The same of a text file: what stands between line ends, commas, semicolons, tabs and quotes."""
    found: dict[bytes, None] = {}
    tail = b""
    while block := source.read(BLOCK):
        pieces = SEPARATORS.split(tail + block)
        tail = pieces.pop()[-BLOCK:]
        if not block.isascii():
            found.update(dict.fromkeys(_evenly([one for one in pieces if not one.isascii()], FEW)))
    found.update({} if tail.isascii() else {tail: None})
    return _thinned([_cell(one, width=None) for one in found])


def cells_of_values(values: Iterable[bytes]) -> list[Cell]:
    pieces = (piece for value in values for piece in SEPARATORS.split(value) if not piece.isascii())
    return _thinned([_cell(one, width=None) for one in dict.fromkeys(pieces)])


def _stripes(table: Table) -> list[tuple[int, int]]:
    """First row and number of rows of each."""
    if table.rows <= STRIPES * STRIPE_ROWS:
        return _blocks(table)
    return [(int(first), STRIPE_ROWS) for first in np.linspace(0, table.rows - STRIPE_ROWS, STRIPES)]


def _blocks(table: Table) -> list[tuple[int, int]]:
    rows = max(1, BLOCK // table.record)
    return [(first, min(rows, table.rows - first)) for first in range(0, table.rows, rows)]


def _gather(dbf: Path, table: Table, parts: list[tuple[int, int]]) -> Iterator[tuple[bytes, bool]]:
    quota = max(4, ENOUGH // max(1, len(parts)))
    with dbf.open("rb") as source:
        for first, rows in parts:
            source.seek(table.begin + first * table.record)
            block = source.read(rows * table.record)
            if not block.isascii():
                yield from _cells(np.frombuffer(block, dtype=np.uint8).reshape(-1, table.record), table, quota)


def _cells(records: NDArray[np.uint8], table: Table, quota: int) -> Iterator[Cell]:
    for offset, width in table.columns:
        column = records[:, offset : offset + width]
        foreign = np.flatnonzero((column >= 0x80).any(axis=1)).tolist()
        yield from (_cell(column[row].tobytes(), width) for row in _evenly(foreign, quota))


def _cell(raw: bytes, width: int | None) -> Cell:
    kept = raw.split(b"\0")[0].rstrip(b" ")
    foreign = _FOREIGN.search(kept)
    window = kept[max(0, foreign.start() - BEFORE) :][:LONGEST] if foreign else b""
    return Cell(window.strip(b" "), len(kept) == width or len(window) == LONGEST)


def _thinned(cells: list[Cell]) -> list[Cell]:
    return _evenly([one for one in cells if not one.raw.isascii()], ENOUGH)


def _evenly(values: list[T], most: int) -> list[T]:
    """At most `most` of them, from all over the list."""
    return values[:: -(-len(values) // most)] if len(values) > most else values
