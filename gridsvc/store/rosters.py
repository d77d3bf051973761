"""Rosters and team templates."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gridsvc.domain.rosters import Post, Team
from gridsvc.store.connection import Connection
from gridsvc.store.rows import copy_in, dicts, execute, execute_many, objects, tuples, value, values


@dataclass(frozen=True, kw_only=True)
class NewEntry:
    """Somebody on a post in an area, which is named by its code."""

    area_kind: str
    area_code: str
    post: str
    service: str
    """'' where the post has none."""
    person: str
    phone: str | None
    department: str | None
    account: str | None
    """Name of an account."""
    valid_from: datetime
    valid_to: datetime | None
    source: str


@dataclass(frozen=True, kw_only=True)
class RosterEntry(NewEntry):
    id: int


def lock_rosters(conn: Connection) -> None:
    execute(conn, "lock_rosters")


def declare_teams(conn: Connection, teams: Iterable[Team]) -> None:
    """Add the templates, or bring them up to date."""
    for team in teams:
        named = {name: getattr(team, name) for name in ("template", "name_zh", "name_en", "source")}
        execute(conn, "declare_team", **named)
        execute(conn, "clear_team_posts", template=team.template)
        rows = [{**dataclasses.asdict(p), "template": team.template, "place": n} for n, p in enumerate(team.posts)]
        execute_many(conn, "add_team_post", rows)


def use_team(conn: Connection, area_kind: str, template: str, *, first: bool = False) -> None:
    """The template holds for this kind of area; `first`: unless another does already."""
    execute(conn, "use_team_first" if first else "use_team", area_kind=area_kind, template=template)


def teams(conn: Connection) -> dict[str, Team]:
    """All templates by their code."""
    posts: dict[str, list[Post]] = defaultdict(list)
    for row in dicts(conn, "team_posts"):
        posts[row.pop("template")].append(Post(**row))
    return {row["template"]: Team(**row, posts=tuple(posts[row["template"]])) for row in dicts(conn, "teams")}


def team_uses(conn: Connection) -> dict[str, str]:
    """The template of each kind of area that has one."""
    return dict(tuples(conn, "team_uses"))


def page(
    conn: Connection, *, kind: str | None, area_code: str | None, at: datetime, limit: int | None, offset: int = 0
) -> list[dict[str, Any]]:
    """Who is on duty at a time, as far as the caller sees it; `limit` None: all of them."""
    return dicts(conn, "roster_page", kind=kind, area_code=area_code, at=at, limit=limit, offset=offset)


def count(conn: Connection, *, kind: str | None, area_code: str | None, at: datetime) -> int:
    return int(value(conn, "roster_count", kind=kind, area_code=area_code, at=at))


def posts_held(conn: Connection, kind: str, at: datetime) -> dict[str, list[tuple[str, str]]]:
    """Post and service of each entry, by area."""
    held: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for code, post, service in tuples(conn, "roster_posts", kind=kind, at=at):
        held[code].append((post, service))
    return held


def areas_seen(conn: Connection, kind: str, at: datetime) -> list[tuple[str, str, str]]:
    """Code, Chinese and English name of the areas whose rosters the caller sees."""
    return tuples(conn, "roster_areas", kind=kind, at=at)


def area_codes(conn: Connection, kind: str) -> list[str]:
    return values(conn, "area_codes", kind=kind)


def entries_of(
    conn: Connection, kind: str, codes: Sequence[str] | None, at: datetime | None = None
) -> list[RosterEntry]:
    """Entries that have not ended (at `at`, or now), those yet to begin among them; `codes` None: of all areas."""
    given = None if codes is None else list(codes)
    return objects(conn, RosterEntry, "roster_entries", kind=kind, codes=given, at=at or datetime.now(UTC))


def areas_with_roster(conn: Connection, kind: str) -> set[str]:
    """Areas that ever had somebody."""
    return set(values(conn, "areas_with_roster", kind=kind))


def accounts_named(conn: Connection, names: Iterable[str]) -> set[str]:
    """Which of these accounts there are; needs the system's rights."""
    return set(values(conn, "accounts_named", names=list(names)))


def end_entries(conn: Connection, ids: Sequence[int], at: datetime) -> None:
    execute(conn, "end_roster_entries", ids=list(ids), at=at)


def add_entries(conn: Connection, entries: Iterable[NewEntry]) -> None:
    copy_in(
        conn,
        "COPY roster_entry (area_kind, area_code, post, service, person, phone, department, account, valid_from,"
        " valid_to, source) FROM STDIN",
        (
            (
                one.area_kind, one.area_code, one.post, one.service, one.person, one.phone, one.department, one.account,
                one.valid_from, one.valid_to, one.source,
            )
            for one in entries
        ),
    )  # fmt: skip


def remap(conn: Connection, kind: str, successors: Mapping[str, Sequence[str]], at: datetime) -> int:
    """Areas of these codes are retired: their entries end at `at` and go on under each successor.

    A code among its own successors keeps its entries. Who comes to an area from two retired ones, or is there already,
    comes once. How many entries ended or began. Needs the system's rights; the caller records it.
    """
    pairs = [(code, successor) for code, each in successors.items() for successor in each]
    return int(
        value(
            conn, "remap_rosters", kind=kind, at=at, retired=list(successors), codes=[code for code, _ in pairs],
            successors=[successor for _, successor in pairs],
        )
    )  # fmt: skip


def erase(conn: Connection) -> int:
    """How many entries no longer tell who it was, by the rule of retention for rosters."""
    return execute(conn, "erase_rosters")
