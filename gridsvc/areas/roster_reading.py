"""Rows of a roster's file read against what there is: areas, posts of the team template, departments, accounts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from gridsvc.areas.roster_words import posts_by_words, services_by_words
from gridsvc.domain.access import account_name
from gridsvc.domain.cells import (
    GivenRow,
    Problems,
    WrongCellError,
    by_words,
    filled,
    first_and_last,
    fit,
    nearest,
    no_such,
    spelled,
    word,
)
from gridsvc.domain.rosters import Team
from gridsvc.errors import InputError
from gridsvc.store import areas, rosters
from gridsvc.store import city as store
from gridsvc.store.connection import Connection

MOST_GUESSES = 20
"""Unknown codes for which the nearest known one is looked for: each takes a while."""


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


@dataclass(kw_only=True)
class RowReader:
    known: Known
    kind: str | None
    """Of the rows that name none."""
    today: date
    problems: Problems = field(default_factory=Problems)
    _guesses: int = 0
    _sets: dict[str, frozenset[str]] = field(default_factory=dict)

    def read(self, row: GivenRow) -> Wanted | None:
        """None if anything is wrong with it; all that is, is among the problems."""
        before, tried = len(self.problems.told), self.problems.tried
        kind = tried(row, self._kind)
        code = tried(row, lambda cells: self._code(kind, cells)) if kind else None
        post = tried(row, lambda cells: self._post(kind, cells)) if kind else None
        service = tried(row, lambda cells: self._service(kind, post, cells)) if kind and post else None
        person = tried(row, _person)
        rest = [tried(row, each) for each in (_phone, self._department, self._account)]
        days = tried(row, self._days) or (None, None)
        if len(self.problems.told) > before or kind is None or code is None or post is None or person is None:
            return None
        return Wanted(
            row=row.number, area_kind=kind, area_code=code, post=post, service=service or "", person=person,
            phone=rest[0], department=rest[1], account=rest[2], first=days[0], last=days[1],
        )  # fmt: skip

    def _kind(self, cells: Mapping[str, str]) -> str:
        given = cells.get("area_kind", "") or self.kind or ""
        kind = word(self.known.kinds, given)
        if kind is None:
            raise no_such("kind of area with a team template", "区域类型", given, sorted(self.known.codes))
        return kind

    def _code(self, kind: str, cells: Mapping[str, str]) -> str:
        code, known = filled("area_code", "区域编码", cells), self.known.codes[kind]
        if kind not in self._sets:
            self._sets[kind] = frozenset(known)
        if code in self._sets[kind]:
            return code
        self._guesses += 1
        like = nearest(code, known) if self._guesses <= MOST_GUESSES else None
        en, zh = (f"; the nearest is {like}", f"；最接近的是 {like}") if like else ("", "")
        raise WrongCellError(f"no {kind} {code!r} is in force{en}", f"没有编码为“{code}”的现行区域（{kind}）{zh}")

    def _post(self, kind: str, cells: Mapping[str, str]) -> str:
        team, given = self.known.teams[kind], filled("post", "岗位", cells)
        post = word(posts_by_words(team), given)
        if post is None:
            posts = {one.post: one.name_zh for one in team.posts}
            raise no_such(f"post of {team.template} for {kind}", "岗位", given, list(posts), list(posts.values()))
        return post

    def _service(self, kind: str, post: str, cells: Mapping[str, str]) -> str:
        team, given = self.known.teams[kind], cells.get("service", "")
        service = word(services_by_words(team, post), given)
        if service is None:
            named = {one.service: one.service_zh for one in team.posts if one.post == post}
            raise no_such(f"service of a {post}", "服务", given, list(named), list(named.values()))
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
        first, last = first_and_last(cells)
        if last and last < self.today:
            raise WrongCellError(f"it ended already, on {last}", f"已于 {last} 结束")
        return first, last


def _person(cells: Mapping[str, str]) -> str:
    return filled("person", "姓名", cells)


def _phone(cells: Mapping[str, str]) -> str | None:
    return fit("phone", "电话", cells.get("phone", "")) or None
