"""What the words of channels mean: mapped one by one or by a file, and reports that waited for it routed again."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from gridsvc.casework.intake import LOT, Taken
from gridsvc.casework.life_reports import decide_anew
from gridsvc.casework.matrix_words import KINDS_BY_WORD
from gridsvc.casework.routing import Router
from gridsvc.domain.cells import (
    GivenRow,
    Problem,
    Problems,
    WrongCellError,
    by_words,
    filled,
    fit,
    no_such,
    refused,
    word,
)
from gridsvc.domain.grid_index import GridIndex
from gridsvc.domain.reports import Report
from gridsvc.errors import InputError, NotFoundError, one_of
from gridsvc.store import audit, casework, channels, duplicates, taxonomies
from gridsvc.store.city import City, subclasses
from gridsvc.store.connection import Connection
from gridsvc.store.taxonomies import Unmapped, Word

COLUMNS: dict[str, tuple[str, ...]] = {
    "channel": ("渠道", "来源", "source"),
    "category": ("类别", "类别代码", "类别编码", "code", "category code"),
    "parent_category": ("上级类别", "上级代码", "parent", "parent category"),
    "name_zh": ("类别名称", "中文名称", "名称", "name"),
    "name_en": ("英文名称", "english name"),
    "kind": ("问题类型", "类型"),
    "subclass_code": ("小类", "小类代码", "小类编码", "subclass"),
}
"""Of each field what its column may be called, the usual Chinese and English name first."""
NEEDED = ("channel", "category")
Told = dict[str, Any]
Cells = Mapping[str, str]
Key = tuple[str, str]
"""Channel and category."""


@dataclass(frozen=True, kw_only=True)
class Imported:
    rows: int
    added: int
    changed: int
    unchanged: int
    applied: bool
    problems: list[Problem]


def todo(conn: Connection, channel: str | None = None) -> Told:
    """Words that nobody has mapped, by how many reports wait for them, under their topmost ancestors.

    `unknown`: reports that name a subclass which the catalogue lacks. Needs the system's rights.
    """
    if channel is not None:
        channels.check_channel(conn, channel)
    words = {(one.channel, one.category): one for one in taxonomies.taxonomy(conn, channel)}
    found = taxonomies.unmapped_words(conn, channel)
    waiting = sorted(found, key=lambda one: (-one.reports, one.channel, one.category))
    groups: dict[Key, list[Unmapped]] = defaultdict(list)
    for one in waiting:
        groups[one.channel, [*_above(words, one), one.category][0]].append(one)
    return {
        "reports": sum(one.reports for one in waiting),
        "groups": [
            {
                "channel": channel, "category": top, **_names(words, (channel, top)),
                "reports": sum(one.reports for one in each),
                "categories": [_waiting(words, one) for one in each],
            }
            for (channel, top), each in sorted(groups.items(), key=lambda pair: -sum(one.reports for one in pair[1]))
        ],
        "unknown": taxonomies.unknown_subjects(conn, channel),
    }  # fmt: skip


def _above(words: Mapping[Key, Word], one: Unmapped) -> list[str]:
    """Its ancestors, topmost first."""
    found: list[str] = []
    known = words.get((one.channel, one.category))
    while known and known.parent_category and known.parent_category not in found:
        found.insert(0, known.parent_category)
        known = words.get((one.channel, known.parent_category))
    return found


def _waiting(words: Mapping[Key, Word], one: Unmapped) -> Told:
    known = words.get((one.channel, one.category))
    mapped = known is not None and known.subclass_code is not None
    names = _names(words, (one.channel, one.category))
    return {**asdict(one), **names, "above": _above(words, one), "mapped": mapped}


def _names(words: Mapping[Key, Word], key: Key) -> Told:
    known = words.get(key)
    return {"name_zh": known.name_zh if known else None, "name_en": known.name_en if known else None}


def words_page(conn: Connection, channel: str | None, *, limit: int | None = None, offset: int = 0) -> Told:
    """Words with what they mean."""
    if channel is not None:
        channels.check_channel(conn, channel)
    found = taxonomies.taxonomy(conn, channel)
    stop = None if limit is None else offset + limit
    mapped = sum(one.subclass_code is not None for one in found)
    return {"total": len(found), "mapped": mapped, "categories": [asdict(one) for one in found[offset:stop]]}


def map_word(conn: Connection, given: Word) -> Word:
    """What a word means from now on. Names and parent that are not said stay as they are ('' for names).

    InputError if the catalogue lacks it. Needs the system's rights.
    """
    with conn.transaction():
        channels.check_channel(conn, given.channel)
        words = {one.category: one for one in taxonomies.taxonomy(conn, given.channel)}
        old = words.get(given.category)
        new = replace(
            given,
            name_zh=given.name_zh or (old.name_zh if old else given.category),
            name_en=given.name_en or (old.name_en if old else given.category),
            parent_category=given.parent_category or (old.parent_category if old else None),
        )
        _check_meaning(conn, new)
        _check_parents({**words, new.category: new}, new)
        taxonomies.put_words(conn, [new])
        before, after = (_meaning(one) for one in (old, new))
        audit.record(conn, "taxonomy.map", f"{new.channel} {new.category}", before=before, after=after)
    return new


def _meaning(one: Word | None) -> Told:
    return {"kind": one.kind, "subclass_code": one.subclass_code} if one else {}


def _check_meaning(conn: Connection, given: Word) -> None:
    if (given.kind is None) != (given.subclass_code is None):
        raise InputError("kind and subclass_code are given together", zh="问题类型与小类须同时填写")
    known = {(s.kind, s.subclass_code) for s in subclasses(conn)}
    if given.kind is not None and (given.kind, given.subclass_code) not in known:
        codes = sorted(code for kind, code in known if kind == given.kind)
        raise one_of(f"{given.kind} subclass", str(given.subclass_code), codes, zh="小类")


def _check_parents(words: Mapping[str, Word], given: Word) -> None:
    """Every parent is known, and none stands above itself."""
    seen, parent = {given.category}, given.parent_category
    while parent is not None:
        if parent not in words:
            raise InputError(f"its parent {parent} is not a word of the channel", zh=f"渠道没有上级类别“{parent}”")
        if parent in seen:
            raise InputError(f"{given.category} stands above itself", zh=f"类别“{given.category}”的上级形成循环")
        seen.add(parent)
        parent = words[parent].parent_category


def import_words(conn: Connection, file_name: str, rows: Sequence[GivenRow], *, dry_run: bool = False) -> Imported:
    """Words of a file are added or changed, all or none; others stay. One without a subclass is there, not mapped.

    InputError names what is wrong with which rows; a `dry_run` returns it.
    """
    with conn.transaction():
        known = {(one.channel, one.category): one for one in taxonomies.taxonomy(conn)}
        reader = _reader(conn)
        read = [(row.number, one) for row in rows if (one := reader.read(row))]
        problems = sorted([*reader.problems.told, *_wrong_parents(known, read)], key=lambda one: one.row)
        if problems and not dry_run:
            raise refused(file_name, problems)
        new = [one for _, one in read if (one.channel, one.category) not in known]
        changed = [one for _, one in read if known.get((one.channel, one.category), one) != one]
        if not dry_run and (new or changed):
            taxonomies.put_words(conn, [*new, *changed])
            counts = {"added": len(new), "changed": len(changed)}
            audit.record(conn, "taxonomy.import", "taxonomies", after={"file": file_name, **counts})
    return Imported(
        rows=len(rows), added=len(new), changed=len(changed), unchanged=len(read) - len(new) - len(changed),
        applied=not dry_run, problems=problems,
    )  # fmt: skip


def _wrong_parents(known: Mapping[Key, Word], read: Sequence[tuple[int, Word]]) -> list[Problem]:
    found, counts = [], Counter((one.channel, one.category) for _, one in read)
    merged = {**known, **{(one.channel, one.category): one for _, one in read}}
    for number, one in read:
        if counts[one.channel, one.category] > 1:
            found.append(Problem(row=number, en=f"{one.category} stands in it twice", zh=f"类别“{one.category}”重复"))
        try:
            own = {category: each for (channel, category), each in merged.items() if channel == one.channel}
            _check_parents(own, one)
        except InputError as error:
            found.append(Problem(row=number, en=str(error), zh=error.zh))
    return found


@dataclass(kw_only=True)
class _Reader:
    channels: Mapping[str, str]
    subclasses: Mapping[str, Mapping[str, str]]
    """By word, by kind."""
    problems: Problems = field(default_factory=Problems)

    def read(self, row: GivenRow) -> Word | None:
        before, tried = len(self.problems.told), self.problems.tried
        channel = tried(row, self._channel)
        category = tried(row, lambda cells: filled("category", "类别", cells))
        kind, subclass = tried(row, self._meaning) or (None, None)
        fits: list[Callable[[Cells], str]] = [
            lambda cells: fit("name_zh", "类别名称", cells.get("name_zh", "")),
            lambda cells: fit("name_en", "英文名称", cells.get("name_en", "")),
            lambda cells: fit("parent_category", "上级类别", cells.get("parent_category", "")),
        ]
        names = [tried(row, each) for each in fits]
        if len(self.problems.told) > before or channel is None or category is None:
            return None
        return Word(
            channel=channel, category=category, name_zh=names[0] or category, name_en=names[1] or names[0] or category,
            kind=kind, subclass_code=subclass, parent_category=names[2] or None,
        )  # fmt: skip

    def _channel(self, cells: Cells) -> str:
        channel = word(self.channels, cells.get("channel", ""))
        if channel is None:
            raise no_such("channel", "渠道", cells.get("channel", ""), sorted(set(self.channels.values())))
        return channel

    def _meaning(self, cells: Cells) -> tuple[str | None, str | None]:
        given, code = cells.get("kind", ""), cells.get("subclass_code", "")
        if not (given or code):
            return None, None
        kind = word(KINDS_BY_WORD, given)
        if kind is None:
            raise no_such("kind", "问题类型", given, ["component", "event"], ["部件", "事件"])
        subclass = word(self.subclasses[kind], code)
        if subclass is None:
            raise WrongCellError(f"{kind} subclass {code!r} is not in the catalogue", f"目录中没有小类“{code}”")
        return kind, subclass


def _reader(conn: Connection) -> _Reader:
    named: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for s in subclasses(conn):
        named[s.kind].append((s.subclass_code, (s.subclass_code, s.subclass_zh, s.subclass_en)))
    known = channels.channels(conn).values()
    return _Reader(
        channels=by_words((one.channel, (one.channel, one.name_zh, one.name_en)) for one in known),
        subclasses={kind: by_words(each) for kind, each in named.items()},
    )


def route_waiting(
    conn: Connection, city: City, channel: str, category: str | None = None, *, index: GridIndex | None = None
) -> Taken:
    """Decide those reports anew that waited because a word was not mapped which is by now; `category`: only this one.

    Those that have a case are left alone. What each comes to is as if it came in now; its time stays.
    """
    with conn.transaction():
        casework.keep_areas(conn)
        channels.check_channel(conn, channel)
        _check_word(conn, channel, category)
        router, taken, after = Router(conn, city, index), Taken(), None
        if router.channels[channel].folds:
            duplicates.take_turns(conn)  # before any report is locked, as whoever takes in reports does
        while lot := taxonomies.reports_waiting(conn, channel, category, after, LOT):
            after = lot[-1]
            taxonomies.set_subjects(conn, [_subject(router, report) for report in lot])
            for report in lot:
                taken.add_one(*decide_anew(conn, router, report.id))
        audit.record(conn, "taxonomy.route", f"{channel} {category or ''}".strip(), after={"reports": taken.read})
    return taken


def _subject(router: Router, report: Report) -> Report:
    problem = router.problem(report)
    return replace(report, kind=problem.kind, subclass_code=problem.subclass_code)


def _check_word(conn: Connection, channel: str, category: str | None) -> None:
    known = {one.category: one for one in taxonomies.taxonomy(conn, channel)}
    if category is not None and (category not in known or known[category].subclass_code is None):
        raise NotFoundError(
            f"the word {category!r} of {channel} is not mapped yet", zh=f"渠道 {channel} 的类别“{category}”尚未对应"
        )
