"""Tables without places, such as rosters: rows of a CSV file or a workbook by what their columns are called."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridsvc.ingest.exported import ESCAPED
from gridsvc.ingest.sources import FEATURE, LAYER, Choice, Limits, reading
from gridsvc.ingest.sources.coordinates import plain
from gridsvc.ingest.sources.wording import line, listed, refusal

ENDINGS = (".csv", ".txt", ".xlsx")
LIMITS = Limits(bytes_unpacked=1 << 30, memory_mb=2048, seconds=60)
MOST_ROWS = 100_000


@dataclass(frozen=True, kw_only=True)
class HeadedRow:
    number: int
    """As the file numbers its rows, from 1, its header among them."""
    sheet: str
    """Of a workbook; the name of the file otherwise."""
    cells: Mapping[str, str]
    """By field; a field without a column is not there."""


def read_headed(
    file: Path, name: str, words: Mapping[str, Sequence[str]], needed: Sequence[str], limits: Limits = LIMITS
) -> list[HeadedRow]:
    """The rows that are not empty. FileError if the file cannot be read, or lacks a column that is `needed`.

    `name` is what its sender calls it. `words`: what the column of each field may be called; other columns are left.
    """
    if file.suffix.lower() not in ENDINGS:
        raise refusal(name, "give a CSV file or an Excel workbook (.xlsx)", "请提供 CSV 或 Excel（.xlsx）文件")
    headings = tuple(word for field, each in words.items() for word in (field, *each))
    rows: list[HeadedRow] = []
    with reading(file, name, Choice(headings=headings), limits) as found:
        columns = _columns(found.schema.names, name, words, needed)
        for batch in found:
            rows += _rows(batch, columns)
            if len(rows) > MOST_ROWS:
                raise refusal(name, f"it has more than {MOST_ROWS} rows", f"超过 {MOST_ROWS} 行")
    if not rows:
        raise refusal(name, "it has a header and no rows", "只有表头，没有数据行")
    return rows


def _columns(
    header: Iterable[str], name: str, words: Mapping[str, Sequence[str]], needed: Sequence[str]
) -> dict[str, str]:
    """The column of each field."""
    fields = {plain(word): field for field, each in words.items() for word in (field, *each)}
    found: dict[str, str] = {}
    for column in header:
        field = fields.get(plain(column))
        if field and found.setdefault(field, column) != column:
            both = f"{line(found[field])}, {line(column)}"
            raise refusal(name, f"two columns mean the same: {both}", f"有两个含义相同的列：{both}")
    for field in needed:
        if field not in found:
            called = listed(list(words[field]))
            raise refusal(
                name, f"it has no column {field} (or: {called}); its columns are: {listed(_own(header), 40)}",
                f"缺少列“{words[field][0]}”；文件的列有：{listed(_own(header), 40)}",
            )  # fmt: skip
    return found


def _own(header: Iterable[str]) -> list[str]:
    return [column for column in header if not column.startswith("(")]


def _rows(batch: Any, columns: Mapping[str, str]) -> Iterable[HeadedRow]:
    numbers, sheets = batch.column(FEATURE).to_pylist(), batch.column(LAYER).to_pylist()
    texts = [batch.column(column).to_pylist() for column in columns.values()]
    for number, sheet, *given in zip(numbers, sheets, *texts, strict=True):
        cells = {field: _text(text) for field, text in zip(columns, given, strict=True)}
        if any(cells.values()):
            yield HeadedRow(number=number, sheet=sheet, cells=cells)


def _text(given: str | None) -> str:
    """Without what was put before it so that no spreadsheet takes it for a formula."""
    return re.sub(ESCAPED, r"\1", given or "").strip()
