"""What a city.toml says of working time, limits and stages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gridsvc.domain.calendar import USUAL_WEEK, Hours, check_week, read_hours
from gridsvc.domain.clock import Rework
from gridsvc.domain.limits import DEFAULT_PROFILE, ClockRules, Stage
from gridsvc.errors import InputError, one_of
from gridsvc.store import clocks
from gridsvc.store.clocks import HOLIDAYS, Decided
from gridsvc.store.connection import Connection

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NUMBERS = ("return_minutes", "sample_percent", "warn_minutes", "whistle_minutes")
KEYS = {"work": ("hours", "holidays", "years"), "limits": ("profile", "rework", "stages", *NUMBERS)}


@dataclass(frozen=True, kw_only=True)
class CityClocks:
    week: Mapping[int, Hours]
    rules: Decided = field(default_factory=Decided)
    stages: Mapping[Stage, int] = field(default_factory=dict)
    whole_years: tuple[int, ...] = ()


def city_clocks(given: Mapping[str, Any]) -> CityClocks:
    """Of the sections [work] and [limits]."""
    work, limits = given.get("work", {}), given.get("limits", {})
    rules = Decided(
        profile=limits.get("profile", DEFAULT_PROFILE),
        holidays=_one(work.get("holidays", "cn"), "holidays of [work]", list(HOLIDAYS)),
        rework=_one(limits.get("rework", Rework.FIRST_LIMIT.value), "rework of [limits]", [r.value for r in Rework]),
        **{name: limits[name] for name in NUMBERS if name in limits},
    )
    names = [stage.value for stage in Stage]
    stages = {Stage(_one(name, "stage", names)): minutes for name, minutes in limits.get("stages", {}).items()}
    ClockRules(stages=stages, **{name: getattr(rules, name) for name in NUMBERS})
    return CityClocks(
        week=_week(work["hours"]) if "hours" in work else USUAL_WEEK,
        rules=rules,
        stages=stages,
        whole_years=tuple(_year(year) for year in work.get("years", [])),
    )


def keep_clocks(conn: Connection, found: CityClocks) -> None:
    profiles = clocks.limit_profiles(conn)
    _one(found.rules.profile, "limit profile", profiles)
    clocks.set_week(conn, found.week)
    clocks.decide(conn, found.rules, found.stages)


def _week(given: object) -> Mapping[int, Hours]:
    """One text for Monday to Friday, or a table by weekday."""
    table = given if isinstance(given, dict) else dict.fromkeys(WEEKDAYS[:5], given)
    week = {}
    for name, hours in table.items():
        if not isinstance(hours, str):
            raise InputError(f"hours of {name} are not a text such as 08:00-12:00 14:00-18:00")
        week[WEEKDAYS.index(_one(name, "weekday", list(WEEKDAYS))) + 1] = read_hours(hours)
    check_week(week)
    return week


def _year(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 1970 <= given < 2200:
        raise InputError(f"years of [work]: {given!r} is not a year")
    return given


def _one(given: str, what: str, allowed: list[str]) -> str:
    if given not in allowed:
        raise one_of(what, given, allowed)
    return given
