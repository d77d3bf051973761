"""Excel workbooks: each sheet with rows is a layer, numbers are text again, codes that Excel rounded are refused."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import openpyxl
import pyarrow as pa
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from gridsvc.ingest.sources.archives import Archive, opened
from gridsvc.ingest.sources.headers import LOOKED_AT, Header, header_of
from gridsvc.ingest.sources.look import Look, Named
from gridsvc.ingest.sources.model import Choice, Limits, Note, SourceLayer
from gridsvc.ingest.sources.rounding import rounded
from gridsvc.ingest.sources.tables import TableLayer
from gridsvc.ingest.sources.wording import line, listed, note, refusal

OLE = b"\xd0\xcf\x11\xe0"
"""Old .xls workbooks and those with a password begin so."""
MOST_COLUMNS = 2000
LOSSY = 10**15
LOT = 16_384
ZEROS = re.compile(r"0{2,}")
"""A number format that shows codes with their zeros: 0000."""
DOCTYPE = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"))
UNSOLVED = re.compile(
    rb"<c\b(?![^>]*\bt=[\"']str)[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
"""A cell with a formula and no value: programs that write workbooks leave the computing to Excel."""
CELL = re.compile(rb"\br=[\"']([A-Z]{1,3}[0-9]{1,7})")
FOLDER = re.compile(r" from /\S+")
"""Where the workbook lies on the server is nobody's business."""
OVERLAP = 1 << 14
"""Bytes of the block before in which something may begin."""
UNREADABLE = (ParseError, InvalidFileException, BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError)
"""What openpyxl raises of workbooks that are not what they should be."""


@dataclass(kw_only=True)
class Sheet(TableLayer):
    workbook: Path
    title: str
    head: Header
    kinds: list[Counter[str]] = field(default_factory=list)
    """Kinds of cells, by column."""

    def texts(self) -> Iterator[list[Any]]:
        self.kinds = [Counter() for _ in self.header]
        lot: list[list[str | None]] = []
        with rows_of(self.workbook, self.title, self.file_name) as rows:
            for number, row in enumerate(rows, start=1):
                if number >= self.first_line and (self.headings or any(cell not in (None, "") for cell in row)):
                    lot.append(self._row(row, number))
                    if len(lot) == LOT:
                        yield self._arrays(lot)
                        lot = []
        if lot:
            yield self._arrays(lot)

    def _row(self, row: tuple[Any, ...], number: int) -> list[str | None]:
        cells = (*row, *[None] * len(self.header))
        return [self._text(cells[at], number, n, at) for n, at in enumerate(self.head.places)]

    def _text(self, cell: Any, number: int, column: int, at: int) -> str | None:
        if cell is None:
            return None
        if isinstance(cell, str):
            self.kinds[column]["text"] += 1
            return cell
        if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= LOSSY:
            name = f"{get_column_letter(at + 1)}{number}"
            raise rounded(self.file_name, f"{self.place}cell {name}", f"{self.place}单元格 {name}", repr(cell))
        kind, text = text_of(cell)
        self.kinds[column][kind] += 1
        return text

    def _arrays(self, lot: list[list[str | None]]) -> list[Any]:
        return [pa.array(column, pa.string()) for column in zip(*lot, strict=True)]

    def seen(self, look: Look) -> SourceLayer:
        kinds = dict(zip(self.header, self.kinds, strict=True))
        look.columns = [Named(name=one.name, type=_kind(kinds[one.name])) for one in self.columns]
        return super().seen(look)


def text_of(cell: Any) -> tuple[str, str]:
    """Kind and text of a cell that is not text."""
    if isinstance(cell, bool):
        return "bool", str(cell).lower()
    if isinstance(cell, int):
        return "integer", str(cell)
    if isinstance(cell, float):
        return ("integer", str(int(cell))) if cell.is_integer() else ("real", repr(cell))
    if isinstance(cell, datetime):
        whole = cell.time() == time()
        return ("date", cell.date().isoformat()) if whole else ("datetime", cell.isoformat())
    if isinstance(cell, date):
        return "date", cell.isoformat()
    return "text", str(cell)


def _kind(kinds: Counter[str]) -> str:
    found = set(kinds)
    if found <= {"date", "datetime"} and found:
        return "datetime" if "datetime" in found else "date"
    if found <= {"integer", "real"} and found:
        return "real" if "real" in found else "integer"
    return found.pop() if len(found) == 1 else "text"


@contextmanager
def rows_of(workbook: Path, title: str, file_name: str) -> Iterator[Iterator[tuple[Any, ...]]]:
    """The rows of a sheet as tuples of values, while the workbook is open."""
    with _loaded(workbook, file_name) as book:
        yield _rows(book[title], title, file_name)


def _rows(sheet: Any, title: str, file_name: str) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # what a sheet says of its size may be wrong
    try:
        for cells in sheet.iter_rows():
            row = tuple(map(_shown, cells))
            if len(row) > MOST_COLUMNS:
                raise refusal(
                    file_name,
                    f"sheet {title!r} has more than {MOST_COLUMNS} columns",
                    f"工作表“{title}”超过 {MOST_COLUMNS} 列",
                )
            yield row
    except UNREADABLE as error:
        raise _damaged(file_name, error) from error


def _shown(cell: Any) -> Any:
    """The value of a cell; a number of a code with the zeros that the sheet shows before it."""
    value = cell.value
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value // 1 or not 0 <= value < LOSSY:
        return value
    form = ZEROS.fullmatch(cell.number_format.partition(";")[0])
    return f"{int(value):0{len(form[0])}d}" if form else value


def open_xlsx(file: Path, path: str, file_name: str, limits: Limits, choice: Choice) -> tuple[list[Sheet], list[Note]]:
    notes = _check(file, file_name, limits)
    with _loaded(file, file_name) as book:
        titles = [sheet.title for sheet in book.worksheets]
    layers = [sheet for title in titles if (sheet := _sheet(file, title, path, file_name, choice, len(titles)))]
    empty = [title for title in titles if title not in [layer.title for layer in layers]]
    if empty and layers:
        notes.append(
            note(f"sheets without a table were not read: {listed(empty)}", f"没有表格的工作表未读取：{listed(empty)}")
        )
    if not layers:
        raise refusal(
            file_name, "it holds no features: no sheet has a header and rows", "没有要素：工作表中没有表头和数据行"
        )
    return layers, notes


def _sheet(file: Path, title: str, path: str, file_name: str, choice: Choice, sheets: int) -> Sheet | None:
    with rows_of(file, title, file_name) as rows:
        head = header_of([row for row, _ in zip(rows, range(LOOKED_AT), strict=False)], choice.headings)
    if head is None:
        return None
    sheet = Sheet(
        name=line(title), path=f"{path} · {title}", workbook=file, title=title, head=head, file_name=file_name,
        header=head.names, first_line=head.first_row + 1, place=f"sheet {title!r}, " if sheets > 1 else "",
        chosen_columns=choice.coordinate_columns, headings=choice.headings,
    )  # fmt: skip
    sheet.prepare()
    return sheet


def _check(file: Path, file_name: str, limits: Limits) -> list[Note]:
    with file.open("rb") as source:
        if source.read(4) == OLE:
            raise refusal(
                file_name, "it is an old .xls workbook or locked with a password; save it as .xlsx without one",
                "这是旧版 .xls 工作簿，或设有密码；请另存为不带密码的 .xlsx",
            )  # fmt: skip
    with opened(file, file_name, limits) as archive:
        names = {str(member.path) for member in archive.members}
        if "xl/workbook.xml" not in names:
            raise refusal(
                file_name, "it is not a .xlsx file, whatever its name says: it holds no workbook",
                "内容不是 .xlsx 文件：其中没有工作簿",
            )  # fmt: skip
        _check_parts(archive)
    if any("vbaProject" in name or "externalLinks" in name for name in names):
        return [note("macros and links to other workbooks in it are not followed", "其中的宏和外部链接不会执行或读取")]
    return []


def _check_parts(archive: Archive) -> None:
    """A document type can define texts that grow without end; no workbook has one. No part is larger than it says."""
    for member in archive.members:
        before = b""
        for block in archive.blocks(member):
            piece = before + block
            if member.suffix in (".xml", ".rels", ".vml") and any(mark in piece for mark in DOCTYPE):
                raise refusal(
                    archive.file_name,
                    f"its part {line(str(member.path))} defines a document type, which no workbook does",
                    f"其中的 {line(str(member.path))} 含有 DOCTYPE 定义，不是正常的工作簿",
                )  # fmt: skip
            if "worksheets" in member.path.parts and b"<f" in piece and (unsolved := UNSOLVED.search(piece)):
                raise _unsolved(archive.file_name, unsolved[0])
            before = piece[-OVERLAP:]


def _unsolved(file_name: str, cell: bytes) -> Exception:
    """It would be read as an empty cell, and a code that is computed would be given anew."""
    name = found[1].decode() if (found := CELL.search(cell)) else "?"
    return refusal(
        file_name,
        f"cell {name} holds a formula that was never computed, so it has no value: open the workbook in Excel or WPS, "
        "save it, and send it again",
        f"单元格 {name} 的公式没有计算结果：请用 Excel 或 WPS 打开并保存后重新上传",
    )


@contextmanager
def _loaded(file: Path, file_name: str) -> Iterator[Any]:
    with file.open("rb") as source:
        try:
            book = openpyxl.load_workbook(source, read_only=True, data_only=True, keep_links=False)
        except UNREADABLE as error:
            raise _damaged(file_name, error) from error
        try:
            yield book
        finally:
            book.close()


def _damaged(file_name: str, error: Exception) -> Exception:
    words = line(" ".join(FOLDER.sub("", str(error)).split()))
    return refusal(file_name, f"its workbook is damaged: {words}", f"工作簿已损坏：{words}")
