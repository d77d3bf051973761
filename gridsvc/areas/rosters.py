"""Rosters: a file replaces the rosters of the areas that it names, whole or not at all; what was stays as history."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from gridsvc.areas.roster_reading import Known, RowReader, Wanted, known_to
from gridsvc.areas.roster_words import begin_of, days_of, end_of
from gridsvc.domain.cells import GivenRow, Problem, refused
from gridsvc.domain.rosters import Conflict, Seat, conflicts
from gridsvc.errors import one_of
from gridsvc.store import areas, audit, rosters
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.rosters import NewEntry, RosterEntry


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """What became of a file, or would."""

    rows: int
    areas: int
    """Whose roster the file is."""
    added: int
    ended: int
    unchanged: int
    later: int
    """Added ones that begin now and not when the file says: what was is not rewritten."""
    applied: bool
    problems: list[Problem]


@dataclass(kw_only=True)
class _Plan:
    added: list[NewEntry] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    areas: int = 0
    unchanged: int = 0
    later: int = 0


def replace_rosters(
    conn: Connection, city: City, file_name: str, rows: Sequence[GivenRow], *, kind: str | None = None,
    whole: bool = False, dry_run: bool = False, at: datetime | None = None,
) -> Replaced:  # fmt: skip
    """The rows are the rosters of the areas that they name from `at` (now) on. Needs the system's rights.

    `kind`: of the rows that name none. `whole`: areas of these kinds that the file does not name lose theirs.
    InputError names what is wrong with which rows, and nothing is changed; a `dry_run` returns it.
    """
    begin, zone = at or datetime.now(UTC), ZoneInfo(city.time_zone)
    with conn.transaction():
        rosters.lock_rosters(conn)
        known = known_to(conn, rows)
        _check_kind(conn, kind)
        reader = RowReader(known=known, kind=kind, today=begin.astimezone(zone).date())
        wanted = [one for row in rows if (one := reader.read(row))]
        plan, problems = _planned(conn, known, wanted, file_name, begin, zone, whole=whole)
        problems = sorted([*reader.problems.told, *problems], key=lambda one: one.row)
        if problems and not dry_run:
            raise refused(file_name, problems)
        if not dry_run:
            _carry_out(conn, plan, file_name, begin)
    return Replaced(
        rows=len(rows), areas=plan.areas, added=len(plan.added), ended=len(plan.ended), unchanged=plan.unchanged,
        later=plan.later, applied=not dry_run, problems=problems,
    )  # fmt: skip


def _check_kind(conn: Connection, kind: str | None) -> None:
    known = [each.kind for each in areas.kinds(conn)]
    if kind is not None and kind not in known:
        raise one_of("area kind", kind, known, zh="区域类型")


def _carry_out(conn: Connection, plan: _Plan, file_name: str, at: datetime) -> None:
    rosters.end_entries(conn, plan.ended, at)
    rosters.add_entries(conn, plan.added)
    counts = {"areas": plan.areas, "added": len(plan.added), "ended": len(plan.ended), "unchanged": plan.unchanged}
    audit.record(conn, "roster.import", "rosters", after={"file": file_name, **counts})


def _planned(
    conn: Connection, known: Known, wanted: Sequence[Wanted], file_name: str, at: datetime, zone: ZoneInfo,
    *, whole: bool,
) -> tuple[_Plan, list[Problem]]:  # fmt: skip
    plan, problems = _Plan(), list[Problem]()
    by_kind: dict[str, list[Wanted]] = defaultdict(list)
    for one in wanted:
        by_kind[one.area_kind].append(one)
    for kind, own in by_kind.items():
        there = rosters.entries_of(conn, kind, None, at)
        named = {one.area_code for one in own}
        replaced = [entry for entry in there if whole or entry.area_code in named]
        others = [entry for entry in there if not (whole or entry.area_code in named)]
        seats = [*map(_seat_of, others), *(_seat(one, at, zone) for one in own)]
        problems += {
            (found.seat.row, found.what): _told(found) for found in conflicts(known.teams[kind], seats)
        }.values()
        plan.areas += len(named | {entry.area_code for entry in replaced})
        _compare(plan, own, replaced, rosters.areas_with_roster(conn, kind), file_name, at, zone)
    return plan, problems


def _compare(
    plan: _Plan, own: Sequence[Wanted], replaced: Iterable[RosterEntry], known_areas: set[str], file_name: str,
    at: datetime, zone: ZoneInfo,
) -> None:  # fmt: skip
    """Who is there already stays; the others end, and those who are new begin."""
    there: dict[object, list[RosterEntry]] = defaultdict(list)
    for entry in replaced:
        there[_key(entry)].append(entry)
    for one in own:
        same = next((entry for entry in there[_key(one)] if _same_days(one, entry, zone)), None)
        if same:
            there[_key(one)].remove(same)
            plan.unchanged += 1
        else:
            new, later = _entry(one, one.area_code in known_areas, file_name, at, zone)
            plan.added.append(new)
            plan.later += later
    plan.ended += [entry.id for entries in there.values() for entry in entries]


def _key(one: Wanted | NewEntry) -> object:
    return one.area_code, one.post, one.service, one.person, one.phone, one.department, one.account


def _same_days(one: Wanted, entry: RosterEntry, zone: ZoneInfo) -> bool:
    """A row that does not say when somebody began leaves that as it is."""
    first, last = days_of(entry.valid_from, entry.valid_to, zone)
    return (one.first is None or one.first == first) and one.last == last


def _entry(one: Wanted, had_roster: bool, source: str, at: datetime, zone: ZoneInfo) -> tuple[NewEntry, bool]:
    """The new entry, and whether it begins later than its row says."""
    begin = begin_of(one.first, zone) if one.first else at
    later = had_roster and begin < at
    told: date | None = one.first if later else None
    entry = NewEntry(
        area_kind=one.area_kind, area_code=one.area_code, post=one.post, service=one.service, person=one.person,
        phone=one.phone, department=one.department, account=one.account, valid_from=at if later else begin,
        valid_to=end_of(one.last, zone) if one.last else None, source=source,
    )  # fmt: skip
    return entry, told is not None and told < at.astimezone(zone).date()


def _seat(one: Wanted, at: datetime, zone: ZoneInfo) -> Seat:
    return Seat(
        area_code=one.area_code, post=one.post, service=one.service, person=one.person, phone=one.phone or "",
        begin=begin_of(one.first, zone) if one.first else at, end=end_of(one.last, zone) if one.last else None,
        row=one.row,
    )  # fmt: skip


def _seat_of(entry: RosterEntry) -> Seat:
    return Seat(
        area_code=entry.area_code, post=entry.post, service=entry.service, person=entry.person,
        phone=entry.phone or "", begin=entry.valid_from, end=entry.valid_to, row=None,
    )  # fmt: skip


def _told(found: Conflict) -> Problem:
    seat, other = found.seat, found.other
    at, at_zh = (f" (row {other.row})", f"（第 {other.row} 行）") if other.row is not None else ("", "")
    post = f"{seat.post} {seat.service}".strip()
    match found.what:
        case "twice":
            en = f"{seat.person} is {post} of {seat.area_code} already{at}; telephone numbers tell namesakes apart"
            zh = f"{seat.person} 在 {seat.area_code} 重复担任同一岗位{at_zh}；同名者请填写电话以区分"
        case "leads":
            en = f"{seat.area_code} has two with the post {seat.post}: {other.person}{at} and {seat.person}"
            zh = f"{seat.area_code} 有两位 {seat.post}：{other.person}{at_zh}、{seat.person}"
        case _:
            en = (
                f"{seat.person} is {seat.post} of {other.area_code} too{at}, and the template allows one; telephone "
                "numbers tell namesakes apart"
            )
            zh = f"{seat.person} 已是 {other.area_code} 的 {seat.post}{at_zh}，模板不允许兼任；同名者请填写电话以区分"
    assert seat.row is not None
    return Problem(row=seat.row, en=en, zh=zh)
