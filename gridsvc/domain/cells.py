"""Rows of tables that people fill in: words as they spell them, days as they write them, what is wrong with a cell."""

import difflib
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from gridsvc.errors import FileError

Found = TypeVar("Found")
LONGEST = 200
"""Characters of a name, a telephone number or a code."""
LIKE = 0.5
MOST_COMPARED = 30_000
"""Codes among which the nearest is looked for."""
MOST_TOLD = 20
"""Problems that an error names; a dry run names all."""


class GivenRow(Protocol):
    """A row of a file; `cells` by field."""

    @property
    def number(self) -> int: ...
    @property
    def cells(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, kw_only=True)
class Cells:
    """A row that is not of a file."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with a row of a file."""

    row: int
    en: str
    zh: str


class WrongCellError(Exception):
    """What is wrong with a cell, in English and in Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en, self.zh = en, zh


@dataclass(kw_only=True)
class Problems:
    """What is wrong with the rows that were read so far."""

    told: list[Problem] = field(default_factory=list)

    def tried(self, row: GivenRow, read: Callable[[Mapping[str, str]], Found]) -> Found | None:
        """None if the cells that it reads are wrong."""
        try:
            return read(row.cells)
        except WrongCellError as error:
            self.told.append(Problem(row=row.number, en=error.en, zh=error.zh))
            return None


def refused(file_name: str, problems: Sequence[Problem]) -> FileError:
    told = problems[:MOST_TOLD]
    more = len(problems) - len(told)
    en = "; ".join(f"row {one.row}: {one.en}" for one in told) + (f"; and {more} more" if more else "")
    zh = "；".join(f"第 {one.row} 行：{one.zh}" for one in told) + (f"；另有 {more} 个问题" if more else "")
    return FileError(
        file_name, f"nothing was changed, {len(problems)} things are wrong: {en}",
        zh=f"{file_name}：未作任何更改，共 {len(problems)} 个问题：{zh}",
    )  # fmt: skip


def spelled(text: str) -> str:
    """The one spelling of a word: case, full width and spaces do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).replace("_", "")


def by_words(named: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    """Code by each of its names; a name that two have means neither."""
    found: dict[str, str | None] = {}
    pairs = [(spelled(word), code) for code, words in named for word in words if word]
    for word, code in pairs:
        found[word] = code if found.get(word, code) == code else None
    return {word: code for word, code in found.items() if code is not None}


def word(words: Mapping[str, str], given: str) -> str | None:
    return words.get(spelled(given))


def nearest(code: str, known: Collection[str]) -> str | None:
    """The known code that is most like it."""
    if len(known) > MOST_COMPARED:
        return None
    found = difflib.get_close_matches(code, known, n=1, cutoff=LIKE)
    return found[0] if found else None


def day(text: str) -> date:
    """2026-03-01, 2026/3/1, 2026.3.1, 2026年3月1日 or 20260301. ValueError for anything else."""
    plain = text.strip().rstrip("日")
    for sign in "/.年月":
        plain = plain.replace(sign, "-")
    parts = plain.partition("T")[0].split("-")
    return date(*map(int, parts)) if len(parts) == 3 else date.fromisoformat(plain)


def filled(name: str, zh: str, cells: Mapping[str, str]) -> str:
    given = fit(name, zh, cells.get(name, ""))
    if not given:
        raise WrongCellError(f"{name} is empty", f"“{zh}”为空")
    return given


def fit(name: str, zh: str, given: str) -> str:
    if len(given) > LONGEST or not given.isprintable():
        raise WrongCellError(
            f"{name} is longer than {LONGEST} characters, or holds some that cannot be shown",
            f"“{zh}”超过 {LONGEST} 个字符，或含有不可显示的字符",
        )
    return given


def day_of(name: str, zh: str, cells: Mapping[str, str]) -> date | None:
    given = cells.get(name, "")
    try:
        return day(given) if given else None
    except (ValueError, OverflowError):
        raise WrongCellError(f"{name} {given!r} is no day such as 2026-03-01", f"“{zh}”{given} 不是日期") from None


def first_and_last(cells: Mapping[str, str]) -> tuple[date | None, date | None]:
    """First and last day."""
    first, last = (day_of(name, zh, cells) for name, zh in (("valid_from", "开始日期"), ("valid_to", "结束日期")))
    if first and last and last < first:
        raise WrongCellError(f"it ends before it begins ({first} to {last})", f"结束日期 {last} 早于开始日期 {first}")
    return first, last


def no_such(what: str, zh: str, given: str, allowed: Sequence[str], allowed_zh: Sequence[str] = ()) -> WrongCellError:
    shown, shown_zh = given[:LONGEST], "、".join(filter(None, allowed_zh or allowed)) or "（无）"
    return WrongCellError(
        f"{what} {shown!r} is not known; choose one of: {', '.join(filter(None, allowed)) or '(none)'}",
        f"没有这样的{zh}：“{shown}”。可选：{shown_zh}",
    )
