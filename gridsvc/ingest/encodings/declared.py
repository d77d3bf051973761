"""What a shapefile says of its own encoding: the text of its .cpg, or the language byte (LDID) of its DBF."""

import codecs
import re
from pathlib import Path

from gridsvc.errors import InputError
from gridsvc.ingest.encodings.values import codec_of

CPG, LDID = ".cpg", "LDID"
LONGEST = 40
"""Characters of a .cpg that are repeated to the user."""

LDIDS = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x08: "cp865", 0x13: "cp932", 0x1D: "cp850", 0x1F: "cp852",
    0x26: "cp866", 0x4D: "gbk", 0x4E: "cp949", 0x4F: "big5", 0x50: "cp874", 0x58: "cp1252", 0x59: "cp1252",
    0x64: "cp852", 0x65: "cp866", 0x78: "big5", 0x79: "cp949", 0x7A: "gbk", 0x7B: "cp932", 0x7C: "cp874",
    0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip
ANSI = 0x57
"""The code page of the system that wrote the table, whichever that was; GDAL and QGIS write it whatever they write."""

PAGES = {"65001": "utf-8", "936": "gbk", "54936": "gb18030", "950": "big5", "932": "cp932", "949": "cp949"}


def declared(cpg: Path | None, ldid: int) -> tuple[str | None, str | None]:
    """What is said and where: a codec's name if one is named, else the text itself; (None, None) if nothing is."""
    text = _text(cpg)
    if text and known(text):
        return known(text), CPG
    if ldid in LDIDS:
        return LDIDS[ldid], LDID
    if text:
        return text, CPG
    return ("ANSI", LDID) if ldid == ANSI else (None, None)


def known(text: str) -> str | None:
    """The codec that a text such as `ANSI 1252`, `ISO88591`, `65001` or `GBK` names; None if it names none."""
    plain = re.sub(r"[\s_-]|^ansi|^oem|^windows", "", text.strip().lower())
    if plain in PAGES:
        return PAGES[plain]
    if latin := re.fullmatch(r"(?:iso)?8859(\d{1,2})", plain):
        return _codec(f"iso8859-{latin[1]}")
    return _codec(f"cp{plain}" if plain.isdecimal() else plain) or _codec(text.strip())


def _codec(name: str) -> str | None:
    try:
        codec_of(name)
        return codecs.lookup(name).name
    except InputError:
        return None


def _text(cpg: Path | None) -> str:
    """The first line of it without control characters."""
    if cpg is None or not cpg.is_file():
        return ""
    with cpg.open("rb") as source:
        lines = source.read(1000).removeprefix(b"\xef\xbb\xbf").decode("latin-1").strip().splitlines()
    return "".join(one for one in lines[0] if one.isprintable())[:LONGEST].strip() if lines else ""
