"""CSV: the delimiter and the encoding are found out, every value stays the text that it is."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from gridsvc.ingest.encodings.deciding import EncodingReading, codec_of, of_text
from gridsvc.ingest.sources.headers import LOOKED_AT, names, names_places
from gridsvc.ingest.sources.model import BATCH, Choice
from gridsvc.ingest.sources.tables import TableLayer
from gridsvc.ingest.sources.wording import line, note, refusal

DELIMITERS = (",", ";", "\t", "|")
HEAD = 1 << 16
"""Characters that the delimiter is told by."""
LINES = 30
BLOCK = 8 << 20
"""Bytes parsed in one go; a single row may not be longer."""
MOST_COLUMNS = 2000
SEPARATOR_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)
WRONG_ROW = re.compile(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)")


@dataclass(kw_only=True)
class CsvLayer(TableLayer):
    file: Path
    codec: str
    delimiter: str
    header_lines: int

    def texts(self) -> Iterator[list[Any]]:
        with text_of(self.file, self.codec) as text:
            for _ in range(self.header_lines):
                text.readline()
            try:
                yield from self._batches(Transcoded(text))
            except pa.ArrowInvalid as error:
                if "Empty CSV file" in str(error):
                    return
                raise self._explained(str(error)) from error

    def _batches(self, source: "Transcoded") -> Iterator[list[Any]]:
        reader = arrow_csv.open_csv(
            source,
            read_options=arrow_csv.ReadOptions(column_names=self.header, block_size=BLOCK, use_threads=False),
            parse_options=arrow_csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(self.header, pa.string()), null_values=[""], strings_can_be_null=True
            ),
        )
        for batch in reader:
            filled = batch if self.headings else batch.filter(_says_something(batch))
            for first in range(0, filled.num_rows, BATCH):
                yield list(filled.slice(first, BATCH).columns)

    def _explained(self, words: str) -> Exception:
        if found := WRONG_ROW.search(words):
            number = int(found[1]) + self.first_line - 1 if found[1] else None
            where, where_zh = (f"line {number}", f"第 {number} 行") if number else ("a line", "某一行")
            return refusal(
                self.file_name,
                f"{where} has {found[3]} values where the header has {found[2]} (a delimiter inside a value without "
                "quotes?)",
                f"{where_zh}有 {found[3]} 个值，而表头有 {found[2]} 列（值中是否含未加引号的分隔符？）",
            )
        if "straddl" in words:
            megabytes = BLOCK >> 20
            return refusal(
                self.file_name,
                f"a row of it is longer than {megabytes} MB (a quotation mark that is never closed?)",
                f"有一行超过 {megabytes} MB（是否有未闭合的引号？）",
            )
        return refusal(self.file_name, f"it cannot be read as CSV: {line(words)}", f"无法作为 CSV 读取：{line(words)}")


def _says_something(batch: Any) -> Any:
    """Spreadsheets write rows of delimiters alone where a row was emptied."""
    return reduce(pc.or_, (column.is_valid() for column in batch.columns))


class Transcoded(io.RawIOBase):
    """The rest of a text as UTF-8."""

    def __init__(self, text: IO[str]) -> None:
        self._text, self._left = text, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._left:
            self._left = self._text.read(1 << 20).encode("utf-8", "replace")
        given, self._left = (self._left[:size], self._left[size:]) if size >= 0 else (self._left, b"")
        return given


def text_of(file: Path, codec: str) -> IO[str]:
    """Bytes that are no character become U+FFFD, for somebody to see."""
    return file.open(encoding=codec, errors="replace", newline="")


def open_csv(file: Path, path: str, title: str, file_name: str, choice: Choice) -> CsvLayer:
    encoding, headings = choice.encoding, choice.headings
    with file.open("rb") as source:
        reading = of_text(source)
    codec = codecs.lookup(codec_of(encoding or reading.chosen)).name
    codec = "utf-8-sig" if codec == "utf-8" else codec
    check_text(file, file_name, codec)
    with text_of(file, codec) as text:
        head = text.read(HEAD)
    delimiter, skipped = _delimiter(head)
    header, lines, titles = _header(head, delimiter, skipped, file_name, headings)
    layer = CsvLayer(
        name=title, path=path, file=file, file_name=file_name, codec=codec, delimiter=delimiter, header=header,
        header_lines=lines, first_line=lines + 1, chosen_columns=choice.coordinate_columns, headings=headings,
        encoding=reading,
    )  # fmt: skip
    layer.prepare()
    layer.notes += _encoding_note(reading, encoding) + ([] if headings else _titles_note(titles, lines))
    return layer


def _encoding_note(reading: EncodingReading, encoding: str | None) -> list[Any]:
    return [note(reading.note, reading.note_zh)] if reading.note and encoding is None else []


def _titles_note(titles: int, lines: int) -> list[Any]:
    if not titles:
        return []
    return [note(f"line {lines} is taken for the header, as it names coordinates; {titles} rows before it are titles",
                 f"第 {lines} 行含有坐标列名，作为表头；其前的 {titles} 行视为标题，未读取")]  # fmt: skip


def check_text(file: Path, file_name: str, codec: str) -> None:
    """No text holds NUL; a workbook or a picture that is called .csv does."""
    if codec.startswith(("utf-16", "utf-32")):
        return
    read = 0
    with file.open("rb") as source:
        while block := source.read(BLOCK):
            if (at := block.find(b"\0")) >= 0:
                raise refusal(
                    file_name,
                    f"it is not a .csv file, whatever its name says: byte {read + at + 1} is NUL, which no text holds",
                    f"内容不是 CSV 文本：第 {read + at + 1} 字节是 NUL 字符",
                )  # fmt: skip
            read += len(block)


def _delimiter(head: str) -> tuple[str, int]:
    """The delimiter, and lines before the header: Excel's `sep=;`. Titles before the header have none."""
    if found := SEPARATOR_LINE.match(head):
        return found[1], 1
    lines = head.splitlines(keepends=True)
    for first in range(min(len(lines), LOOKED_AT)):
        rest = "".join(lines[first : first + LINES])
        best = max(DELIMITERS, key=lambda one: _evenness(rest, one))
        if _evenness(rest, best) > (0, 0):
            return best, 0
    return DELIMITERS[0], 0


def _evenness(head: str, delimiter: str) -> tuple[int, int]:
    """How many of the first lines are as long as the first, and how long that is; (0, 0) if it does not part them."""
    lines = [
        row for row, _ in zip(csv.reader(io.StringIO(head), delimiter=delimiter), range(LINES), strict=False) if row
    ]
    if not lines or len(lines[0]) < 2:
        return 0, 0
    return sum(len(row) == len(lines[0]) for row in lines), len(lines[0])


def _header(
    head: str, delimiter: str, skipped: int, file_name: str, headings: tuple[str, ...]
) -> tuple[list[str], int, int]:
    """Names of the columns, lines of the file that they and what stands before them take, and rows of titles."""
    reader = csv.reader(io.StringIO(head), delimiter=delimiter)
    rows: list[tuple[list[str], int]] = []
    try:
        found = ((row, reader.line_num) for row in islice(reader, skipped, skipped + LOOKED_AT))
        rows.extend((row, number) for row, number in found if any(cell.strip() for cell in row))
    except csv.Error as error:
        if not rows:
            raise refusal(file_name, f"it cannot be read as CSV: {error}", f"无法作为 CSV 读取：{error}") from error
    if not rows:
        raise refusal(file_name, "it holds no header and no rows", "文件中没有表头，也没有数据行")
    titles = next(
        (n for n, (row, _) in enumerate(rows) if (names(row, headings) if headings else names_places(row))), 0
    )
    row, lines = rows[titles]
    return _named(row, file_name), lines, titles


def _named(row: list[str], file_name: str) -> list[str]:
    if len(row) > MOST_COLUMNS:
        raise refusal(
            file_name,
            f"it has {len(row)} columns, more than {MOST_COLUMNS}",
            f"有 {len(row)} 列，超过 {MOST_COLUMNS} 列的上限",
        )
    return [line(cell.strip()) or f"column {n}" for n, cell in enumerate(row, start=1)]
