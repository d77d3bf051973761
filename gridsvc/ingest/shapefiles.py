"""A shapefile on disk: whether its parts are all there and whole, and how its text is encoded."""

import codecs
from pathlib import Path

from gridsvc.errors import FileError

NEEDS = {".shx": "the index of the shapes", ".dbf": "the attributes", ".prj": "the coordinate system"}
BLOCK = 1 << 20
"""Bytes of a .dbf looked at in one go."""


def check_whole(shapefile: Path, name: str, file_name: str) -> None:
    """Refuse a shapefile with missing, cut or mixed-up parts; `name` is what its sender called it."""
    for suffix, what in NEEDS.items():
        if not shapefile.with_suffix(suffix).exists():
            raise FileError(
                file_name,
                f"{name}{suffix} is missing ({what}); a shapefile is .shp, .shx, .dbf and .prj together, "
                "ask the sender for the missing part",
            )
    for suffix in (".shp", ".shx"):
        part = shapefile.with_suffix(suffix)
        _check_length(part, f"{name}{suffix}", _shape_length(part), file_name)
    rows, length = _table(shapefile.with_suffix(".dbf"))
    _check_length(shapefile.with_suffix(".dbf"), f"{name}.dbf", length, file_name)
    shapes = (_shape_length(shapefile.with_suffix(".shx")) - 100) // 8
    if shapes != rows:
        raise FileError(
            file_name,
            f"{name}.shx counts {shapes} shapes and {name}.dbf {rows} rows: these parts do not belong together",
        )


def encoding(shapefile: Path) -> tuple[str | None, str | None]:
    """Declared by .cpg; otherwise UTF-8 if the bytes are that, else GB18030, and a note says so."""
    if shapefile.with_suffix(".cpg").exists():
        return None, None
    try:
        ascii_only = _is_ascii(shapefile.with_suffix(".dbf"))
        return "utf-8", None if ascii_only else "no .cpg names the encoding of the text; its bytes are UTF-8"
    except UnicodeDecodeError:
        return "gb18030", "no .cpg names the encoding of the text; its bytes are not UTF-8 and were read as GB18030"


def _is_ascii(table: Path) -> bool:
    """Whether the rows of a .dbf are ASCII; UnicodeDecodeError if they are not even UTF-8."""
    begin = int.from_bytes(_head(table, 12)[8:10], "little")
    decoder, ascii_only = codecs.getincrementaldecoder("utf-8")(), True
    with table.open("rb") as source:
        source.seek(begin)
        while block := source.read(BLOCK):
            ascii_only = ascii_only and block.isascii()
            decoder.decode(block)
    decoder.decode(b"", final=True)
    return ascii_only


def _head(part: Path, size: int) -> bytes:
    with part.open("rb") as source:
        return source.read(size)


def _shape_length(part: Path) -> int:
    """Bytes that a .shp or .shx says it has (its header counts words of 16 bits)."""
    return 2 * int.from_bytes(_head(part, 28)[24:28], "big")


def _table(part: Path) -> tuple[int, int]:
    """Rows of a .dbf, and the bytes that they take with its header."""
    head = _head(part, 12)
    rows = int.from_bytes(head[4:8], "little")
    return rows, int.from_bytes(head[8:10], "little") + rows * int.from_bytes(head[10:12], "little")


def _check_length(part: Path, name: str, declared: int, file_name: str) -> None:
    size = part.stat().st_size
    if size < max(declared, 32):
        raise FileError(file_name, f"{name} has {size} of {max(declared, 32)} bytes: it was cut off")
