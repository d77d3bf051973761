"""Rows of a roster's file read against what there is: areas, posts of the team template, departments, accounts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from gridsvc.areas.roster_words import (
    LONGEST,
    by_words,
    day,
    nearest,
    posts_by_words,
    services_by_words,
    spelled,
    word,
)
from gridsvc.domain.access import account_name
from gridsvc.domain.rosters import Team
from gridsvc.errors import InputError
from gridsvc.store import areas, rosters
from gridsvc.store import city as store
from gridsvc.store.connection import Connection

Found = TypeVar("Found")
MOST_GUESSES = 20
"""Unknown codes for which the nearest known one is looked for: each takes a while."""


class GivenRow(Protocol):
    """A row of a file; `cells` by field."""

    @property
    def number(self) -> int: ...
    @property
    def cells(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with a row of a file."""

    row: int
    en: str
    zh: str


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Somebody on a post, as a row says it."""

    row: int
    area_kind: str
    area_code: str
    post: str
    service: str
    person: str
    phone: str | None
    department: str | None
    account: str | None
    first: date | None
    last: date | None


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a row may name."""

    kinds: Mapping[str, str]
    """Kinds of area with a team template, by word."""
    teams: Mapping[str, Team]
    """By kind."""
    codes: Mapping[str, Sequence[str]]
    """Of the areas in force, by kind."""
    departments: Mapping[str, str]
    accounts: frozenset[str]


def known_to(conn: Connection, rows: Iterable[GivenRow]) -> Known:
    teams = teams_in_use(conn)
    kinds = [kind for kind in areas.kinds(conn) if kind.kind in teams]
    departments = [(one.code, (one.code, one.name_zh, one.name_en)) for one in store.departments(conn)]
    named = {row.cells.get("account", "").casefold() for row in rows}
    return Known(
        kinds=by_words((kind.kind, (kind.kind, kind.name_zh, kind.name_en)) for kind in kinds),
        teams=teams,
        codes={kind.kind: rosters.area_codes(conn, kind.kind) for kind in kinds},
        departments=by_words(departments) | {spelled(code): code for code, _ in departments},
        accounts=frozenset(rosters.accounts_named(conn, named)),
    )


def teams_in_use(conn: Connection) -> dict[str, Team]:
    """The template that holds for each kind of area that the city has."""
    teams, kinds = rosters.teams(conn), {kind.kind for kind in areas.kinds(conn)}
    return {kind: teams[template] for kind, template in rosters.team_uses(conn).items() if kind in kinds}


class WrongCellError(Exception):
    """What is wrong with a cell, in English and in Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en, self.zh = en, zh


@dataclass(kw_only=True)
class RowReader:
    known: Known
    kind: str | None
    """Of the rows that name none."""
    today: date
    problems: list[Problem] = field(default_factory=list)
    _guesses: int = 0
    _sets: dict[str, frozenset[str]] = field(default_factory=dict)

    def read(self, row: GivenRow) -> Wanted | None:
        """None if anything is wrong with it; all that is, is among the problems."""
        before = len(self.problems)
        kind = self._tried(row, self._kind)
        code = self._tried(row, lambda cells: self._code(kind, cells)) if kind else None
        post = self._tried(row, lambda cells: self._post(kind, cells)) if kind else None
        service = self._tried(row, lambda cells: self._service(kind, post, cells)) if kind and post else None
        person = self._tried(row, _person)
        rest = [self._tried(row, each) for each in (_phone, self._department, self._account)]
        days = self._tried(row, self._days) or (None, None)
        if len(self.problems) > before or kind is None or code is None or post is None or person is None:
            return None
        return Wanted(
            row=row.number, area_kind=kind, area_code=code, post=post, service=service or "", person=person,
            phone=rest[0], department=rest[1], account=rest[2], first=days[0], last=days[1],
        )  # fmt: skip

    def _tried(self, row: GivenRow, read: Callable[[Mapping[str, str]], Found]) -> Found | None:
        try:
            return read(row.cells)
        except WrongCellError as error:
            self.problems.append(Problem(row=row.number, en=error.en, zh=error.zh))
            return None

    def _kind(self, cells: Mapping[str, str]) -> str:
        given = cells.get("area_kind", "") or self.kind or ""
        kind = word(self.known.kinds, given)
        if kind is None:
            raise _one_of("kind of area with a team template", "区域类型", given, sorted(self.known.codes))
        return kind

    def _code(self, kind: str, cells: Mapping[str, str]) -> str:
        code, known = _filled("area_code", "区域编码", cells), self.known.codes[kind]
        if kind not in self._sets:
            self._sets[kind] = frozenset(known)
        if code in self._sets[kind]:
            return code
        self._guesses += 1
        like = nearest(code, known) if self._guesses <= MOST_GUESSES else None
        en, zh = (f"; the nearest is {like}", f"；最接近的是 {like}") if like else ("", "")
        raise WrongCellError(f"no {kind} {code!r} is in force{en}", f"没有编码为“{code}”的现行区域（{kind}）{zh}")

    def _post(self, kind: str, cells: Mapping[str, str]) -> str:
        team, given = self.known.teams[kind], _filled("post", "岗位", cells)
        post = word(posts_by_words(team), given)
        if post is None:
            posts = {one.post: one.name_zh for one in team.posts}
            raise _one_of(f"post of {team.template} for {kind}", "岗位", given, list(posts), list(posts.values()))
        return post

    def _service(self, kind: str, post: str, cells: Mapping[str, str]) -> str:
        team, given = self.known.teams[kind], cells.get("service", "")
        service = word(services_by_words(team, post), given)
        if service is None:
            named = {one.service: one.service_zh for one in team.posts if one.post == post}
            raise _one_of(f"service of a {post}", "服务", given, list(named), list(named.values()))
        return service

    def _department(self, cells: Mapping[str, str]) -> str | None:
        given = cells.get("department", "")
        if not given:
            return None
        code = word(self.known.departments, given)
        if code is None:
            raise WrongCellError(f"no department is called {given!r}", f"没有部门“{given}”")
        return code

    def _account(self, cells: Mapping[str, str]) -> str | None:
        given = cells.get("account", "")
        try:
            name = account_name(given) if given else None
        except InputError:
            name = ""
        if name is not None and name not in self.known.accounts:
            raise WrongCellError(f"no account is called {given!r}", f"没有账号“{given}”")
        return name

    def _days(self, cells: Mapping[str, str]) -> tuple[date | None, date | None]:
        first, last = (_day(name, zh, cells) for name, zh in (("valid_from", "开始日期"), ("valid_to", "结束日期")))
        if first and last and last < first:
            raise WrongCellError(
                f"it ends before it begins ({first} to {last})", f"结束日期 {last} 早于开始日期 {first}"
            )
        if last and last < self.today:
            raise WrongCellError(f"it ended already, on {last}", f"已于 {last} 结束")
        return first, last


def _person(cells: Mapping[str, str]) -> str:
    return _filled("person", "姓名", cells)


def _phone(cells: Mapping[str, str]) -> str | None:
    return _fit("phone", "电话", cells.get("phone", "")) or None


def _filled(name: str, zh: str, cells: Mapping[str, str]) -> str:
    given = _fit(name, zh, cells.get(name, ""))
    if not given:
        raise WrongCellError(f"{name} is empty", f"“{zh}”为空")
    return given


def _fit(name: str, zh: str, given: str) -> str:
    if len(given) > LONGEST or not given.isprintable():
        raise WrongCellError(
            f"{name} is longer than {LONGEST} characters, or holds some that cannot be shown",
            f"“{zh}”超过 {LONGEST} 个字符，或含有不可显示的字符",
        )
    return given


def _day(name: str, zh: str, cells: Mapping[str, str]) -> date | None:
    given = cells.get(name, "")
    try:
        return day(given) if given else None
    except (ValueError, OverflowError):
        raise WrongCellError(f"{name} {given!r} is no day such as 2026-03-01", f"“{zh}”{given} 不是日期") from None


def _one_of(what: str, zh: str, given: str, allowed: Sequence[str], allowed_zh: Sequence[str] = ()) -> WrongCellError:
    shown, shown_zh = given[:LONGEST], "、".join(filter(None, allowed_zh or allowed)) or "（无）"
    return WrongCellError(
        f"{what} {shown!r} is not known; choose one of: {', '.join(filter(None, allowed)) or '(none)'}",
        f"没有这样的{zh}：“{shown}”。可选：{shown_zh}",
    )
