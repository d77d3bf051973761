"""When the city works, what it decides on clocks, and the limits of its profile."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from gridsvc.domain.calendar import (
    USUAL_WEEK,
    Calendar,
    CalendarDay,
    Hours,
    chinese,
    read_hours,
    undecided,
    write_hours,
)
from gridsvc.domain.catalogue import TimeLimit
from gridsvc.domain.clock import Rework
from gridsvc.domain.limits import (
    DEFAULT_PROFILE,
    RETURN_MINUTES,
    SAMPLE_PERCENT,
    WARN_MINUTES,
    WHISTLE_MINUTES,
    ClockRules,
    Stage,
)
from gridsvc.domain.timing import Clocks
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.rows import dicts, execute, execute_many, tuples, values

HOLIDAYS = {"cn": chinese, "own": undecided}
"""Where official days come from."""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What a city decides on clocks, as it is kept."""

    profile: str = DEFAULT_PROFILE
    holidays: str = "cn"
    rework: str = Rework.FIRST_LIMIT
    return_minutes: int = RETURN_MINUTES
    sample_percent: int = SAMPLE_PERCENT
    warn_minutes: int = WARN_MINUTES
    whistle_minutes: int = WHISTLE_MINUTES


def clocks(conn: Connection, city: City) -> tuple[Calendar, ClockRules]:
    """When the city works, and what it decides on clocks."""
    (found,) = dicts(conn, "clocks")
    rules = Decided(**(found["rules"] or {}))
    week = {int(weekday): read_hours(hours) for weekday, hours in (found["week"] or {}).items()}
    calendar = Calendar(
        zone=ZoneInfo(city.time_zone),
        week=week or USUAL_WEEK,
        days={one.day: one for one in map(_day, found["days"] or [])},
        years=frozenset(found["years"]),
        official=HOLIDAYS[rules.holidays],
    )
    stages = {Stage(stage): minutes for stage, minutes in (found["stages"] or {}).items()}
    return calendar, ClockRules(
        profile=rules.profile, rework=Rework(rules.rework), stages=stages, return_minutes=rules.return_minutes,
        sample_percent=rules.sample_percent, warn_minutes=rules.warn_minutes, whistle_minutes=rules.whistle_minutes,
    )  # fmt: skip


def _day(row: Mapping[str, Any]) -> CalendarDay:
    hours = read_hours(row["hours"]) if row["hours"] else None
    return CalendarDay(**{**row, "day": date.fromisoformat(row["day"]), "hours": hours})


def decide(conn: Connection, rules: Decided, stages: Mapping[Stage, int]) -> None:
    """Stages that are not named stay as they are."""
    execute(conn, "set_clock_rules", **vars(rules))
    execute_many(conn, "set_stage_limit", [{"stage": stage, "minutes": m} for stage, m in stages.items()])


def replace_days(conn: Connection, days: Collection[CalendarDay], whole_years: Iterable[int]) -> None:
    """The days of all years that they lie in, instead of those that were there."""
    years = sorted({one.day.year for one in days})
    execute(conn, "clear_calendar_years", years=years)
    execute(conn, "clear_whole_years", years=years)
    rows = [{**vars(one), "hours": write_hours(one.hours) if one.hours else None} for one in days]
    execute_many(conn, "add_calendar_day", rows)
    execute_many(conn, "add_whole_year", [{"year": year} for year in whole_years])


def set_week(conn: Connection, week: Mapping[int, Hours]) -> None:
    execute(conn, "clear_work_week")
    rows = [{"weekday": weekday, "hours": write_hours(hours)} for weekday, hours in week.items()]
    execute_many(conn, "add_work_hours", rows)


def limit_profiles(conn: Connection) -> list[str]:
    return values(conn, "limit_profiles")


def subclass_names(conn: Connection, kind: str, subclass_code: str) -> tuple[str, str] | None:
    """In Chinese and English; None if the catalogue in force has no such subclass."""
    found = tuples(conn, "subclass_names", kind=kind, subclass_code=subclass_code)
    return found[0] if found else None


def limits_of(conn: Connection, kind: str, subclass_code: str, profile: str) -> tuple[str, list[TimeLimit]]:
    """Of a subclass in the catalogue in force, and the profile that they are of: the default one if this has none."""
    asked = {"kind": kind, "subclass_code": subclass_code, "profile": profile, "otherwise": DEFAULT_PROFILE}
    found = dicts(conn, "limits_of", **asked)
    profiles = [row.pop("profile") for row in found]
    return (profiles[0] if profiles else profile), [TimeLimit(**row) for row in found]


def the_clocks(conn: Connection, city: City) -> Clocks:
    """All that says when cases are due, to be held as long as catalogue, calendar and rules stay as they are."""
    calendar, rules = clocks(conn, city)
    limits: dict[tuple[str, str], list[TimeLimit]] = defaultdict(list)
    for row in dicts(conn, "limits_of_profile", profile=rules.profile, otherwise=DEFAULT_PROFILE):
        limit = TimeLimit(**row)
        limits[limit.kind, limit.subclass_code].append(limit)
    return Clocks(calendar, rules, limits)
