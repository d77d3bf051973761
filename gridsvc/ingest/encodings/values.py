"""Text that was read as Latin-1, byte by byte, becomes what it is.

GDAL keeps every byte of a DBF cell when it is told that the table is ISO-8859-1 (0x80-0x9f too; it ends a cell at the
first NUL and strips spaces at both ends), and decoding each different value once costs less than letting it recode all.
"""

import codecs
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gridsvc.domain.crs import BoolArray
from gridsvc.errors import InputError

BROKEN, CUT = "\ufffd", "\ufffe"
"""Stand for bytes that are no character, and for the beginning of a character whose end was cut off."""

CODECS = {
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp936": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "euc_kr": "cp949",
    "iso8859-1": "latin-1",
}
"""Python codecs that read all that is written under a name, where they have another one."""

LOT = 500
"""Values decoded in one go."""
_OF_FILES = re.compile(
    r"utf-8(-sig)?|utf-16(-[bl]e)?|ascii|cp\d+|iso8859-\d+|latin-1|gb\w+|big5\w*|shift_jis\w*|euc_\w+|koi8-\w|mac-\w+|johab"
)
"""Leaves out what Python also calls codecs, such as punycode and unicode_escape."""


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """`broken` and `cut` by row: values with bytes that are no character, and values whose last character was cut."""

    values: Any
    """pyarrow StringArray."""
    broken: BoolArray
    cut: BoolArray


def codec_of(encoding: str) -> str:
    """The Python codec that reads `encoding`; InputError if it is not an encoding that files are written in."""
    try:
        codec = codecs.lookup(CODECS.get(encoding.lower(), encoding)).name
    except (LookupError, ValueError):
        codec = ""
    if not _OF_FILES.fullmatch(codec):
        raise InputError(f"{encoding!r} is not the name of a text encoding", zh=f"“{encoding}”不是文本编码的名称")
    return CODECS.get(codec, codec)


def decode_cell(raw: bytes, codec: str) -> str:
    """Never an exception; each broken sequence becomes BROKEN, a character cut off at the end becomes CUT."""
    return raw.decode(codec, _MARKING)


def decode_values(values: Any, encoding: str) -> Any:
    """pyarrow StringArray of what was read as Latin-1 (a StringArray or ChunkedArray); see `decode_marked`."""
    return decode_marked(values, encoding).values


def decode_marked(values: Any, encoding: str) -> Decoded:
    """The same, and which rows are damaged. Broken bytes become U+FFFD, the beginning of a cut character is dropped."""
    codec = codec_of(encoding)
    flat = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    coded = flat.cast(pa.string()).dictionary_encode()
    texts = np.asarray(coded.dictionary, dtype=object)
    foreign = np.flatnonzero(~np.asarray(pc.string_is_ascii(coded.dictionary), dtype=np.bool_))
    broken, cut = np.zeros((2, len(texts)), dtype=np.bool_)
    for first in range(0, len(foreign), LOT):
        rows = foreign[first : first + LOT]
        found = _decoded(texts[rows].tolist(), codec)
        broken[rows] = [BROKEN in text for text in found]
        cut[rows] = [text.endswith(CUT) for text in found]
        texts[rows] = found
    for row in np.flatnonzero(cut):
        texts[row] = texts[row].removesuffix(CUT).rstrip(" ")
    return Decoded(
        values=pa.array(texts, pa.string()).take(coded.indices),
        broken=_by_row(broken, coded.indices),
        cut=_by_row(cut, coded.indices),
    )


def _decoded(latin: list[str], codec: str) -> list[str]:
    """All in one go where none is damaged; one by one otherwise."""
    try:
        together = "\n".join(latin).encode("latin-1").decode(codec).split("\n")
    except UnicodeDecodeError:
        together = []
    if len(together) == len(latin):
        return together
    return [decode_cell(text.encode("latin-1"), codec) for text in latin]


def decode_field_names(raw: list[bytes], encoding: str) -> list[str]:
    """Names of columns: the beginning of a cut character is dropped, and names that are then the same get _1, _2."""
    codec, names, taken = codec_of(encoding), [], set()
    for number, one in enumerate(raw, start=1):
        wanted = decode_cell(one.split(b"\0")[0].strip(), codec).removesuffix(CUT) or f"field_{number}"
        name, copy = wanted, 0
        while name in taken:
            copy += 1
            name = f"{wanted}_{copy}"
        taken.add(name)
        names.append(name)
    return names


def _by_row(flags: BoolArray, indices: Any) -> BoolArray:
    """False where the row is null."""
    if not flags.any():
        return np.zeros(len(indices), dtype=np.bool_)
    by_row: BoolArray = np.append(flags, False)[np.asarray(indices.fill_null(len(flags)))]
    return by_row


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    unfinished = error.reason in ("incomplete multibyte sequence", "unexpected end of data")
    return (CUT if unfinished else BROKEN), error.end


_MARKING = "gridsvc.marking"
codecs.register_error(_MARKING, _mark)
