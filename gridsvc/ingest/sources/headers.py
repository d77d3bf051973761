"""Where the header of a sheet is: below titles, and in several rows where cells are merged.

Of a merged cell only the first cell has the text. So a header is anchored on the row that names coordinates (or,
without such, on the row before the first numbers); rows above it fill its blanks and tell equal names apart, rows below
it do where they name what it leaves open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gridsvc.ingest.sources.coordinates import AMBIGUOUS, PAIRS, WKT_NAMES, plain
from gridsvc.ingest.sources.wording import line

LOOKED_AT = 60
ANCHORS = {one for pair in PAIRS for names in pair for one in names} | {one for pair in AMBIGUOUS for one in pair}
Row = Sequence[Any]


@dataclass(frozen=True, kw_only=True)
class Header:
    names: list[str]
    places: list[int]
    """0-based column of the sheet of each name."""
    first_row: int
    """0-based row of the sheet with which the data begin."""


def header_of(rows: Sequence[Row], headings: Sequence[str] = ()) -> Header | None:
    """None where a sheet has no table. `headings`: the header is the one row that has some of them."""
    if headings:
        anchor = next((n for n, row in enumerate(rows) if names(row, headings)), None)
        return None if anchor is None else _header(rows, anchor, anchor)
    anchor = _anchor(rows)
    if anchor is None:
        return None
    bottom = anchor
    while bottom + 1 < len(rows) and _continues(rows[bottom], rows[bottom + 1]):
        bottom += 1
    top = anchor
    while top > 0 and _needs(rows, top, bottom) and _heads(rows[top - 1]):
        top -= 1
    return _header(rows, top, bottom)


def _header(rows: Sequence[Row], top: int, bottom: int) -> Header | None:
    width = max(len(row) for row in rows[top : bottom + 1])
    names = _names([_padded(row, width) for row in rows[top : bottom + 1]])
    places = [n for n, name in enumerate(names) if name or _used(rows[bottom + 1 :], n)]
    shown = [line(names[n]) or f"column {n + 1}" for n in places]
    return Header(names=shown, places=places, first_row=bottom + 1) if len(rows) > bottom + 1 else None


def _anchor(rows: Sequence[Row]) -> int | None:
    for number, row in enumerate(rows):
        if names_places(row):
            return number
    for number, row in enumerate(rows):
        if len(_filled(row)) >= 2 and not _all_text(row):
            before = [n for n in range(number) if len(_filled(rows[n])) >= 2]
            return before[-1] if before else None
    return next((n for n, row in enumerate(rows) if len(_filled(row)) >= 2), None)


def names(row: Row, headings: Sequence[str]) -> bool:
    """Whether it is the header of a table whose columns may be called so."""
    return len({plain(text) for text in _texts(row)} & set(map(plain, headings))) >= 2


def names_places(row: Row) -> bool:
    """Whether it names coordinates, so that it is the header and no row before it."""
    called = {plain(text) for text in _texts(row)}
    return _all_text(row) and (len(called & ANCHORS) >= 2 or (len(called) >= 2 and bool(called & set(WKT_NAMES))))


def _continues(header: Row, below: Row) -> bool:
    """Whether the row below names what the header leaves open, and nothing else."""
    if not _filled(below) or not _all_text(below):
        return False
    named = {n for n in _filled(header) if plain(str(header[n])) in ANCHORS}
    return not named & set(_filled(below)) and bool(set(_filled(below)) - set(_filled(header)))


def _needs(rows: Sequence[Row], top: int, bottom: int) -> bool:
    width = max(len(row) for row in rows[top : bottom + 1])
    names = _names([_padded(row, width) for row in rows[top : bottom + 1]])
    last = max((n for n, name in enumerate(names) if name), default=-1)
    used = [names[n] for n in range(last + 1)]
    return "" in used or len(set(used)) < len(used)


def _heads(row: Row) -> bool:
    return _all_text(row) and len(_filled(row)) >= 2


def _names(rows: list[list[str]]) -> list[str]:
    """The lowest text of each column; names that are then the same get the text over them before them."""
    width = len(rows[0])
    lowest = [next((row[n] for row in reversed(rows) if row[n]), "") for n in range(width)]
    if len(rows) == 1:
        return lowest
    spread = _spread(rows[0])
    return [
        f"{spread[n]} {name}" if name and lowest.count(name) > 1 and spread[n] != name else name
        for n, name in enumerate(lowest)
    ]


def _spread(row: list[str]) -> list[str]:
    """The text of a merged cell over all columns that it may reach."""
    found, last = [], ""
    for text in row:
        last = text or last
        found.append(last)
    return found


def _padded(row: Row, width: int) -> list[str]:
    texts = ["" if cell is None else " ".join(str(cell).split()) for cell in row]
    return texts + [""] * (width - len(texts))


def _filled(row: Row) -> list[int]:
    return [n for n, cell in enumerate(row) if cell is not None and str(cell).strip()]


def _texts(row: Row) -> list[str]:
    return [cell for cell in row if isinstance(cell, str) and cell.strip()]


def _all_text(row: Row) -> bool:
    return all(isinstance(row[n], str) and not _number(row[n]) for n in _filled(row))


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _used(rows: Sequence[Row], column: int) -> bool:
    return any(column in _filled(row) for row in rows)
