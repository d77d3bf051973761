"""The table of a shapefile: its columns as they are written, and how their texts become values.

GDAL makes 0 of a number that is none, 1970-01-01 of a date that is none, and rounds numbers of 19 digits. So all
columns are read as the text that stands in them, and nothing becomes a value that is not one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from gridsvc.domain.crs import BoolArray
from gridsvc.ingest.sources.values import integers, reals

BLOCK = 4 << 20
EXACT = 18
"""Digits that a column of whole numbers may have: int64 holds all of them. Wider columns are text."""
OVERFLOW = r"^\*+$"
DELETED = 0x2A


@dataclass(frozen=True, kw_only=True)
class Column:
    raw: bytes
    letter: str
    width: int
    decimals: int

    @property
    def type(self) -> str:
        if self.letter == "D":
            return "date"
        if self.letter == "L":
            return "bool"
        if self.letter not in "NF":
            return "text"
        if self.decimals or self.letter == "F":
            return "real"
        return "integer" if self.width <= EXACT else "text"

    @property
    def digits(self) -> bool:
        """A column of whole numbers that is wide enough for codes."""
        return self.letter == "N" and not self.decimals and self.width > 15


@dataclass(frozen=True, kw_only=True)
class Head:
    columns: tuple[Column, ...]
    rows: int
    begin: int
    record: int

    @property
    def length(self) -> int:
        """Bytes of the file that the head speaks of."""
        return self.begin + self.rows * self.record


def head_of(dbf: Path) -> Head:
    with dbf.open("rb") as source:
        head = source.read(32)
        begin, record = (int.from_bytes(head[at : at + 2], "little") for at in (8, 10))
        described = source.read(max(0, begin - 32))
    columns = []
    for at in range(0, len(described) - 31, 32):
        one = described[at : at + 32]
        if one[0] == 0x0D:
            break
        columns.append(
            Column(raw=one[:11].split(b"\0")[0], letter=chr(one[11]).upper(), width=one[16], decimals=one[17])
        )
    return Head(columns=tuple(columns), rows=int.from_bytes(head[4:8], "little"), begin=begin, record=record)


def as_text(dbf: Path, head: Head) -> None:
    """Declare numbers and dates as text, in this copy of ours, so that GDAL hands out what stands there."""
    with dbf.open("r+b") as table:
        for number, column in enumerate(head.columns):
            if column.letter in "NFD":
                table.seek(32 + 32 * number + 11)
                table.write(b"C")
                table.seek(32 + 32 * number + 17)
                table.write(b"\0")


def deleted(dbf: Path, head: Head) -> BoolArray:
    """Whether each row is marked as deleted."""
    marks = [block[:, 0] == DELETED for block in _records(dbf, head)]
    return np.concatenate([np.zeros(0, dtype=np.bool_), *marks])


def _records(dbf: Path, head: Head) -> Iterator[np.ndarray[Any, np.dtype[np.uint8]]]:
    rows = max(1, BLOCK // head.record)
    with dbf.open("rb") as source:
        source.seek(head.begin)
        for first in range(0, head.rows, rows):
            count = min(rows, head.rows - first)
            block = np.frombuffer(source.read(count * head.record), dtype=np.uint8)
            yield block[: len(block) // head.record * head.record].reshape(-1, head.record)


def value_of(column: Column, texts: Any) -> tuple[Any, int]:
    """The values of a column's texts (text, int64, float64; dates are ISO text), and how many of them are none."""
    if column.letter == "D":
        return _dates(texts), 0
    if column.type == "integer":
        return integers(texts)
    if column.type == "real":
        return reals(texts)
    if column.letter == "N":
        stars = pc.fill_null(pc.match_substring_regex(texts, OVERFLOW), False)
        return pc.if_else(stars, None, texts), pc.sum(stars).as_py() or 0
    return texts, 0


def _dates(texts: Any) -> Any:
    """What is no date stays as it is, for somebody to see."""
    nothing = pc.match_substring_regex(texts, r"^[0\s]*$")
    return pc.replace_substring_regex(
        pc.if_else(pc.fill_null(nothing, True), None, texts),
        r"^([0-9]{4})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$", r"\1-\2-\3",
    )  # fmt: skip
