"""Codes that Excel rounded to 15 digits: what is lost cannot be had back, so the file is refused by the cell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc

from gridsvc.ingest.sources.wording import line, refusal

KEPT = 15
"""Digits that Excel keeps of a number."""
SCIENTIFIC = r"^\s*[+]?[0-9](?:\.[0-9]+)?[Ee]\+?(?:1[1-9]|[2-9][0-9])\s*$"
"""Numbers of 12 and more digits as Excel shows them, and saves them to CSV."""
LONG = r"^[0-9]{16,}$"
ZEROS = re.compile(r"[0-9]{15}0+")
ENOUGH = 4
"""Zeros beyond the 15th digit, in different codes, that are no accident: one in ten thousand."""


@dataclass(kw_only=True)
class Rounded:
    """Watches the texts of a table as they pass by."""

    file_name: str
    place: str = ""
    """Sheet, for messages."""
    first_line: int = 2
    """Line of the first row of data."""
    _long: dict[str, dict[str, int]] = field(default_factory=dict)
    _exact: set[str] = field(default_factory=set)

    def see(self, names: Sequence[str], columns: Sequence[Any], rows_before: int) -> None:
        for name, column in zip(names, columns, strict=True):
            hit = pc.index(pc.fill_null(pc.match_substring_regex(column, SCIENTIFIC), False), True).as_py()
            if hit >= 0:
                raise self.refused(name, rows_before + hit, column[hit].as_py())
            self._see_long(name, column, rows_before)

    def _see_long(self, name: str, column: Any, rows_before: int) -> None:
        if name in self._exact:
            return
        long = pc.fill_null(pc.match_substring_regex(column, LONG), False)
        if not pc.any(long).as_py():
            return
        for text in column.filter(long).unique().to_pylist():
            if not ZEROS.fullmatch(text):
                self._exact.add(name)
                return
            row = pc.index(column, text).as_py() if len(self._long.get(name, {})) < ENOUGH else 0
            self._long.setdefault(name, {}).setdefault(text, rows_before + row)

    def end(self) -> None:
        """FileError if all long codes of a column end as rounded ones do."""
        for name, seen in self._long.items():
            if name not in self._exact and sum(len(text) - KEPT for text in seen) >= ENOUGH:
                text, row = next(iter(seen.items()))
                raise self.refused(name, row, text)

    def refused(self, name: str, row: int, text: str) -> Exception:
        number = row + self.first_line
        where = f"{self.place}column {name!r}, line {number}"
        where_zh = f"{self.place}“{name}”列第 {number} 行"
        return rounded(self.file_name, where, where_zh, text)


def rounded(file_name: str, where: str, where_zh: str, text: str) -> Exception:
    return refusal(
        file_name,
        f"{where} holds {line(text)}, a long code that Excel rounded to {KEPT} digits: the others are lost. "
        "Get the codes from the source again, in a column formatted as text",
        f"{where_zh}为 {line(text)}：长编码已被 Excel 舍入到 {KEPT} 位有效数字，其余数字已丢失。"
        "请将该列设为文本格式后，从原始数据重新导出",
    )
