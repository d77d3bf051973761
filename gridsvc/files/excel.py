"""Excel: a sheet with a head that stays in view, every text a text cell, and what did not fit on a second sheet."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from pyproj import CRS

from gridsvc.errors import InputError
from gridsvc.files.layers import Note, RowLayer
from gridsvc.files.table import located, renamed, with_coordinates

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 1_048_575, 16_384, 32_767
EXACT_INT = 10**15
"""Excel keeps 15 digits of a number."""
NARROWEST, WIDEST = 8, 50
TEXT = "@"
NOTES_SHEET = "说明 notes"


def write(layer: RowLayer, to: Path, crs: CRS | None) -> list[Note]:
    """`crs`: of the coordinates that are added; None: none are."""
    schema = with_coordinates(layer.schema, crs)
    _check_size(len(layer), len(schema))
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(layer.name))
    sheet.freeze_panes = "A2"
    cells = [_Cells(sheet, field, is_shape=crs is not None and n == len(schema) - 1) for n, field in enumerate(schema)]
    for n, rows in enumerate(located(layer, crs, schema)):
        columns = rows.to_pydict()
        if n == 0:
            _begin(sheet, schema, columns)
        for values in zip(*columns.values(), strict=True):
            sheet.append([each.cell(value) for each, value in zip(cells, values, strict=True)])
    if not len(layer):
        _begin(sheet, schema, {name: [] for name in schema.names})
    notes = [*renamed(layer.schema, schema), *(note for each in cells for note in each.notes())]
    _append_notes(book, [*layer.notes, *notes])
    book.save(to)
    return notes


class _Cells:
    """The cells of one column. A row is written as soon as it is appended, so one cell serves them all."""

    def __init__(self, sheet: Any, field: pa.Field, *, is_shape: bool) -> None:
        self._name, self._is_text, self._is_shape = field.name, pa.types.is_string(field.type), is_shape
        self._text = WriteOnlyCell(sheet)
        self._text.number_format = TEXT
        self._faults: Counter[str] = Counter()

    def cell(self, value: Any) -> Any:
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return None
        if self._is_text:
            return self._fitting(value)
        if isinstance(value, int) and abs(value) >= EXACT_INT:
            return self._fitting(str(value))
        return value

    def _fitting(self, text: str) -> Any:
        if ILLEGAL_CHARACTERS_RE.search(text):
            self._faults["replaced"] += 1
            text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
        if len(text) > LONGEST_CELL:
            self._faults["left out" if self._is_shape else "cut"] += 1
            if self._is_shape:
                return None
            text = text[:LONGEST_CELL]
        self._text.value = text
        self._text.data_type = "s"  # never a formula, a number or an error, whatever it looks like
        return self._text

    def notes(self) -> list[Note]:
        says = {
            "replaced": ("处含控制字符，已替换为 \ufffd", "values hold control characters; \ufffd stands for each"),
            "cut": (f"处超过 {LONGEST_CELL} 个字符，已截断", f"values are longer than {LONGEST_CELL} characters; cut"),
            "left out": (
                f"个图形的 WKT 超过 {LONGEST_CELL} 个字符，单元格留空；请改用 GeoPackage",
                f"shapes take more than {LONGEST_CELL} characters; their cells are empty, use GeoPackage",
            ),
        }
        return [
            Note(column=self._name, zh=f"{count} {says[fault][0]}", en=f"{count} {says[fault][1]}")
            for fault, count in self._faults.items()
        ]


def _check_size(rows: int, columns: int) -> None:
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        raise InputError(
            f"an Excel sheet holds {MOST_ROWS} rows and {MOST_COLUMNS} columns, and this has {rows} and {columns}; "
            "choose less, or CSV or GeoPackage",
            zh=f"Excel 工作表最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列，所选内容有 {rows} 行、{columns} 列；"
            "请缩小范围，或改用 CSV、GeoPackage",
        )


def _begin(sheet: Any, schema: pa.Schema, columns: dict[str, list[Any]]) -> None:
    for number, name in enumerate(schema.names, start=1):
        widest = max(map(_width, [name, *columns[name][:1_000]]))
        sheet.column_dimensions[get_column_letter(number)].width = min(max(widest + 2, NARROWEST), WIDEST)
    sheet.append([_head(sheet, name) for name in schema.names])


def _head(sheet: Any, name: str) -> Any:
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", name))
    cell.data_type, cell.number_format, cell.font = "s", TEXT, Font(bold=True)
    return cell


def _width(value: Any) -> int:
    """Columns of a fixed-width letter; Chinese characters take two."""
    text = "" if value is None else str(value)[:WIDEST]
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _append_notes(book: Any, notes: Sequence[Note]) -> None:
    if notes:
        sheet = book.create_sheet(NOTES_SHEET)
        for note in notes:
            sheet.append([_head(sheet, text) for text in (note.column, note.zh, note.en)])


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", name).strip("'")[:31] or "Sheet"
