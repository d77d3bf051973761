"""DBF tables written byte by byte, so that they can hold what no library would write."""

import struct
from pathlib import Path

import pyarrow as pa

GBK_LDID, BIG5_LDID, ANSI_LDID, WESTERN_LDID = 0x4D, 0x4F, 0x57, 0x03


def write_dbf(
    file: Path, values: list[bytes], *, ldid: int = 0, width: int = 40, name: bytes = b"name", before: int = 0
) -> Path:
    """A table of one character column; `before`: rows of plain ASCII that come first."""
    rows = [b"plain"] * before + values
    head = struct.pack("<B3BIHH17xB2x", 3, 124, 1, 1, len(rows), 32 + 32 + 1, 1 + width, ldid)
    column = struct.pack("<11sc4xBB14x", name, b"C", width, 0)
    cells = b"".join(b" " + one[:width].ljust(width) for one in rows)
    file.write_bytes(head + column + b"\r" + cells + b"\x1a")
    return file


def latin(values: list[bytes | None]) -> pa.StringArray:
    """As the reader hands them over."""
    return pa.array([None if one is None else one.decode("latin-1") for one in values], pa.string())
