"""What the name of a column may mean: the known names, whole or as a shapefile cuts them to ten bytes."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gridsvc.ingest.meanings.names import (
    AREA_NAMES,
    CHINESE,
    COMPONENT_NAMES,
    ENGLISH,
    LEVEL_CODE,
    LEVEL_NAME,
    LEVELS,
    LIKELY,
    PARTY_NAME_MEANINGS,
    PINYIN,
    REASONS,
    STANDARD,
    STRENGTH,
    VAGUE,
)

LONGEST_COLUMN = 10
"""Bytes of a column's name that a shapefile keeps."""
CUT_COST, NUMBERED_COST, PART_COST = 0.08, 0.07, 0.03


def plain(text: str) -> str:
    """Letters, digits and Chinese characters only, in one case and width."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())


@dataclass(frozen=True, kw_only=True)
class Called:
    """How surely a column's name says its meaning, and why."""

    meaning: str
    confidence: float
    reason: str
    reason_zh: str


Known = dict[str, dict[str, list[str]]]
"""Meaning → sort of name → names."""


def component_meanings() -> Known:
    return _split(COMPONENT_NAMES)


def area_meanings(kind: str, parent: str | None, own_names: Mapping[str, tuple[str, str]]) -> Known:
    """Of areas of a kind below a parent kind. `own_names`: what the city calls its kinds, in Chinese and English."""
    known = _split(AREA_NAMES)
    _add_level(known, _level(kind, own_names), "code", "name_zh")
    if parent is not None:
        _add_level(known, _level(parent, own_names), "parent_code", None)
    if kind == "unit_grid":
        known["code"][STANDARD] = ["BGID", "BGCODE"]
    return known


def _split(table: Mapping[str, Mapping[str, str]]) -> Known:
    return {meaning: {sort: names.split() for sort, names in sorts.items()} for meaning, sorts in table.items()}


def _level(kind: str, own_names: Mapping[str, tuple[str, str]]) -> list[list[str]]:
    """Words for a kind in Chinese, English and pinyin, the city's own among them."""
    chinese, english, pinyin = (words.split() for words in LEVELS.get(kind, ("", kind, "")))
    own_zh, own_en = own_names.get(kind, ("", ""))
    return [[*chinese, *own_zh.split()], [*english, *filter(None, [own_en.replace(" ", "_")])], pinyin]


def _add_level(known: Known, level: list[list[str]], code: str, name: str | None) -> None:
    """`街道代码`, `street_id` and `JDDM` are codes, `街道名称` is a name; `街道` alone may be either."""
    for sort, words, codes, names in zip((CHINESE, ENGLISH, PINYIN), level, LEVEL_CODE, LEVEL_NAME, strict=True):
        joint = "_" if sort == ENGLISH else ""
        known[code].setdefault(sort, []).extend(word + joint + end for word in words for end in codes.split())
        known[code].setdefault(VAGUE, []).extend(words)
        if name is not None:
            known[name].setdefault(sort, []).extend(word + joint + end for word in words for end in names.split())
            known[name].setdefault(LIKELY if sort == CHINESE else VAGUE, []).extend(words)


def called(column: str, known: Known) -> dict[str, Called]:
    """What the name of a column may mean, each meaning with its best reason."""
    best: dict[str, Called] = {}
    for part, cost in _parts(column):
        for one in _matches(part, known, cost):
            if one.meaning not in best or one.confidence > best[one.meaning].confidence:
                best[one.meaning] = one
    return best


def _parts(column: str) -> Iterator[tuple[str, float]]:
    """The whole name, and what stands before, between and after brackets and strokes: `ObjID（部件标识码）`."""
    yield column, 0.0
    pieces = [piece for piece in re.split(r"[()（）\[\]【】/|\n:：]", column) if plain(piece)]
    if len(pieces) > 1:
        yield from ((piece, PART_COST) for piece in pieces)


def _matches(column: str, known: Known, cost: float) -> Iterator[Called]:
    for meaning, sorts in known.items():
        for sort, names in sorts.items():
            for name in names:
                if plain(column) == plain(name):
                    en, zh = REASONS[sort]
                    yield Called(
                        meaning=meaning,
                        confidence=STRENGTH[sort] - cost,
                        reason=f"{en} ({name})",
                        reason_zh=f"{zh}（{name}）",
                    )  # fmt: skip
                elif (cut := cut_of(column, name)) is not None:
                    yield _cut(meaning, STRENGTH[sort] - cost - CUT_COST, name, cut)


def _cut(meaning: str, strength: float, name: str, number: int) -> Called:
    """A numbered one is a second column of the same beginning: more likely the name that follows the code."""
    second = meaning in PARTY_NAME_MEANINGS
    less = NUMBERED_COST if bool(number) != second else 0.0
    return Called(
        meaning=meaning,
        confidence=strength - less,
        reason=f"{name}, cut to ten bytes" + (f" and numbered {number}" if number else ""),
        reason_zh=f"“{name}”被截断至 10 字节" + (f"并编号为 {number}" if number else ""),
    )


NUMBERED = re.compile(r"(?P<base>.*?[^0-9_])_?(?P<number>[0-9]{1,2})")


def cut_of(column: str, name: str) -> int | None:
    """Whether a column is what a shapefile leaves of a name: ten bytes in GBK or UTF-8, or eight to ten before a number
    where several columns begin alike. That number, or 0; None if it is not.
    """
    if (numbered := NUMBERED.fullmatch(column)) is not None and _is_cut(numbered["base"], name, (8, 9, LONGEST_COLUMN)):
        return int(numbered["number"])
    return 0 if _is_cut(column, name, (LONGEST_COLUMN,)) else None


def _is_cut(column: str, name: str, lengths: tuple[int, ...]) -> bool:
    """Half a character at the end, which decoding leaves as U+FFFD, is no part of the name."""
    kept, whole = column.rstrip("\ufffd?"), plain(name)
    begin = plain(kept)
    if len(begin) < 2 or not whole.startswith(begin) or begin == whole:
        return False
    following = whole[len(begin)]
    for encoding in ("gb18030", "utf-8"):
        size, more = len(kept.encode(encoding, "replace")), len(following.encode(encoding))
        if len(name.encode(encoding)) > LONGEST_COLUMN and any(0 <= length - size < more for length in lengths):
            return True
    return False
