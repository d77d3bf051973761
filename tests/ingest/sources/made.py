"""Files written byte by byte, and what reading makes of them in this very process."""

import io
import struct
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from pyarrow import ipc

from gridsvc.ingest.sources import Choice, Inspection, Limits, tasks
from gridsvc.ingest.sources.received import inspection_of

LIMITS = Limits()
Field = tuple[bytes, str, int, int]
"""Name, letter, width, decimals."""


def looked(file: Path, limits: Limits = LIMITS) -> Inspection:
    with tempfile.TemporaryDirectory() as folder:
        return inspection_of(tasks.inspected(file, file.name, limits, Path(folder)))


def rows(file: Path, **choice: Any) -> list[dict[str, Any]]:
    return read(file, **choice)[0]


def read(file: Path, **choice: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows, and the notes in English."""
    target = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        notes = tasks.streamed(file, file.name, Choice(**choice), LIMITS, Path(folder), target)
    return ipc.open_stream(target.getvalue()).read_all().to_pylist(), [note.en for note in notes]


def dbf(fields: Sequence[Field], records: Sequence[Sequence[bytes]], deleted: Sequence[int] = ()) -> bytes:
    size = 1 + sum(width for _, _, width, _ in fields)
    head = struct.pack("<B3BIHH20x", 3, 124, 1, 1, len(records), 33 + 32 * len(fields), size)
    for name, letter, width, decimals in fields:
        head += struct.pack("<11sc4xBB14x", name, letter.encode(), width, decimals)
    body = io.BytesIO()
    for number, record in enumerate(records):
        body.write(b"*" if number in deleted else b" ")
        for (_, letter, width, _), value in zip(fields, record, strict=True):
            body.write(value.rjust(width) if letter in "NF" else value.ljust(width))
    return head + b"\r" + body.getvalue() + b"\x1a"


def points(places: Sequence[tuple[float, float] | None]) -> tuple[bytes, bytes]:
    """A .shp and a .shx; None is a shape that is none."""
    records, index, at = io.BytesIO(), io.BytesIO(), 50
    for number, place in enumerate(places, start=1):
        content = struct.pack("<i", 0) if place is None else struct.pack("<idd", 1, *place)
        records.write(struct.pack(">ii", number, len(content) // 2) + content)
        index.write(struct.pack(">ii", at, len(content) // 2))
        at += 4 + len(content) // 2
    known = [place for place in places if place is not None] or [(0.0, 0.0)]
    box = (min(x for x, _ in known), min(y for _, y in known), max(x for x, _ in known), max(y for _, y in known))

    def head(length: int) -> bytes:
        return struct.pack(">i20xi", 9994, length // 2) + struct.pack("<ii4d32x", 1000, 1, *box)

    shp, shx = records.getvalue(), index.getvalue()
    return head(100 + len(shp)) + shp, head(100 + len(shx)) + shx


def shapefile(
    fields: Sequence[Field],
    records: Sequence[Sequence[bytes]],
    deleted: Sequence[int] = (),
    prj: str = "",
    cpg: str = "",
) -> dict[str, bytes]:
    shp, shx = points([(470_000.0 + n, 3_480_000.0 + n) for n in range(len(records))])
    parts = {".shp": shp, ".shx": shx, ".dbf": dbf(fields, records, deleted)}
    return parts | ({".prj": prj.encode()} if prj else {}) | ({".cpg": cpg.encode()} if cpg else {})


def packed(file: Path, entries: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file


def zipped(file: Path, parts: Mapping[str, bytes], stem: str = "lamps") -> Path:
    return packed(file, {f"{stem}{suffix}": content for suffix, content in parts.items()})


NAME: list[Field] = [(b"NAME", "C", 10, 0)]


def lamps(*names: str, encoding: str = "gbk") -> dict[str, bytes]:
    return shapefile(NAME, [[name.encode(encoding)] for name in names])


def workbook(file: Path, **sheets: Sequence[Sequence[Any]]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(list(line))
    book.save(file)
    return file
