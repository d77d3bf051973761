"""Which encoding the text of a file is in, decided from its bytes; what the file declares is a hint and never proof."""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from gridsvc.ingest.encodings.declared import declared as declared_in
from gridsvc.ingest.encodings.declared import known
from gridsvc.ingest.encodings.notes import note
from gridsvc.ingest.encodings.samples import Cell, cells_of, cells_of_text, cells_of_values, head_of
from gridsvc.ingest.encodings.scoring import Reading, readings
from gridsvc.ingest.encodings.values import (
    BROKEN,
    CODECS,
    CUT,
    Decoded,
    codec_of,
    decode_cell,
    decode_field_names,
    decode_marked,
    decode_values,
)

__all__ = [
    "SURE", "Candidate", "Decoded", "EncodingReading", "codec_of", "decode_field_names", "decode_marked",
    "decode_values", "of_bytes", "of_dbf", "of_text",
]  # fmt: skip

SURE = 0.8
"""Confidence below which a person should look at the samples and choose."""
DOUBT = 0.05
"""Confidence from which the second encoding is named beside the first, where that is not sure."""
LISTED, SAMPLES, SAMPLE_LENGTH = 6, 5, 24
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""Byte-order marks at the beginning of a text."""
UNMARKED = ("utf-16-le", "utf-16-be")
HEAD = 4096
"""Bytes by which a text without a mark is told to be one of UNMARKED; an even number."""
MANY = 0.2
"""Share of its characters that are ASCII, as a table's delimiters and digits are."""
FAMILIES = {"gb18030": "gb18030", "big5hkscs": "big5", "cp932": "shift_jis", "cp949": "euc-kr"}
"""Our names of encodings by the codec that reads them."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    encoding: str
    """Name that says what it is; `codec_of` gives the Python codec that reads it."""
    confidence: float
    samples: tuple[str, ...]
    """Up to 5 values beyond ASCII as this encoding reads them, the same values for each candidate."""


@dataclass(frozen=True, kw_only=True)
class EncodingReading:
    chosen: str
    confidence: float
    declared: str | None
    """A codec's name if one is declared, else the text that stands there."""
    declared_by: str | None
    """`.cpg` or `LDID`."""
    contradicted: bool
    """The bytes say something else than what is declared."""
    candidates: tuple[Candidate, ...]
    """Best first; empty where all is ASCII."""
    note: str
    note_zh: str
    """A sentence for the user; empty where there is nothing to say."""


def of_dbf(dbf: Path, cpg: Path | None) -> EncodingReading:
    """FileError if `dbf` is no DBF table."""
    table = head_of(dbf)
    declared, declared_by = declared_in(cpg, table.ldid)
    return _decided(cells_of(dbf, table), declared, declared_by, expected=True)


def of_text(source: BinaryIO) -> EncodingReading:
    """Of a text file such as a CSV, open at its beginning; with a byte-order mark there is nothing to decide."""
    head = source.read(HEAD)
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            return _plain(encoding, None, None)
    for encoding in UNMARKED:
        if _is_utf16(head, encoding):
            return replace(
                _plain(encoding, None, None), note="The text is UTF-16 without a byte-order mark",
                note_zh="文本为 UTF-16 编码，没有字节顺序标记",
            )  # fmt: skip
    source.seek(0)
    return _decided(cells_of_text(source), None, None, expected=False)


def _is_utf16(head: bytes, encoding: str) -> bool:
    """Every second byte of ASCII is NUL then, and no character is one."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    ascii_ = sum(letter.isascii() for letter in text)
    return "\0" not in text and BROKEN not in text and ascii_ > MANY * len(text)


def of_bytes(sample: Iterable[bytes], declared: str | None = None, declared_by: str | None = None) -> EncodingReading:
    """Of values, lines or parts of a text; parts are best cut where lines end."""
    codec = known(declared) if declared else None
    return _decided(cells_of_values(sample), codec or declared, declared_by, expected=declared_by is not None)


def _decided(cells: list[Cell], declared: str | None, declared_by: str | None, *, expected: bool) -> EncodingReading:
    """`expected`: files of this kind should say how they are encoded, so that it is worth a note if one does not."""
    if not cells:
        return _plain("utf-8", declared, declared_by)
    family = _family(declared)
    ranked = readings(cells, family)
    best, confidence = ranked[0]
    same = family is not None and _same(cells, best, family)
    contradicted = family is not None and not same
    silent = same or (not expected and declared is None and best.encoding == "utf-8")
    written, written_zh = note(
        [one.encoding for one, share in ranked if one is best or share >= DOUBT][:2], declared, declared_by,
        known=family is not None, sure=confidence >= SURE, silent=silent, broken=best.broken, looked_at=len(cells),
    )  # fmt: skip
    return EncodingReading(
        chosen=best.encoding, confidence=confidence, declared=declared, declared_by=declared_by,
        contradicted=contradicted, candidates=_candidates(ranked, len(cells)), note=written, note_zh=written_zh,
    )  # fmt: skip


def _plain(encoding: str, declared: str | None, declared_by: str | None) -> EncodingReading:
    """All is ASCII, or the text says by its mark what it is."""
    return EncodingReading(
        chosen=encoding, confidence=1.0, declared=declared, declared_by=declared_by,
        contradicted=False, candidates=(), note="", note_zh="",
    )  # fmt: skip


def _family(declared: str | None) -> str | None:
    codec = known(declared) if declared else None
    return None if codec is None else FAMILIES.get(CODECS.get(codec, codec), CODECS.get(codec, codec))


def _same(cells: list[Cell], best: Reading, family: str) -> bool:
    """Whether what is declared reads all values as the best encoding does."""
    codec = codec_of(family)
    return best.encoding == family or all(
        decode_cell(cell.raw, codec) == text for cell, text in zip(cells, best.texts, strict=True)
    )


def _candidates(ranked: list[tuple[Reading, float]], cells: int) -> tuple[Candidate, ...]:
    """The best, and others that can read at least half of the values."""
    listed = [ranked[0], *(one for one in ranked[1:] if one[0].broken <= cells / 2)][:LISTED]
    return tuple(
        Candidate(encoding=one.encoding, confidence=confidence, samples=_samples(one.texts))
        for one, confidence in listed
    )


def _samples(texts: tuple[str, ...]) -> tuple[str, ...]:
    """From all over the sample."""
    some = texts[:: max(1, len(texts) // SAMPLES)][:SAMPLES]
    return tuple(dict.fromkeys(_shown(one) for one in some))


def _shown(text: str) -> str:
    kept = text.removesuffix(CUT)
    short = kept if len(kept) <= SAMPLE_LENGTH else f"{kept[:SAMPLE_LENGTH]}…"
    return "".join(one if one.isprintable() else BROKEN for one in short)
