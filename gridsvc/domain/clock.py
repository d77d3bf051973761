"""Clocks of cases: when something is due, and how long it took. Exact to the minute; seconds are cut off.

Times come with their zone and go in UTC: Python compares two times of one zone by the wall, which errs where the clock
is put back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum, unique

from gridsvc.domain.calendar import MINUTE, Calendar, Span, next_day
from gridsvc.errors import InputError


@unique
class Unit(StrEnum):
    """Of a limit: urgent and natural ones run always, the others while the city works."""

    URGENT_MINUTES = "urgent_minutes"
    URGENT_HOURS = "urgent_hours"
    WORK_MINUTES = "work_minutes"
    WORK_HOURS = "work_hours"
    WORK_DAYS = "work_days"
    NATURAL_HOURS = "natural_hours"
    NATURAL_DAYS = "natural_days"

    @property
    def works(self) -> bool:
        return self in (Unit.WORK_MINUTES, Unit.WORK_HOURS, Unit.WORK_DAYS)

    @property
    def urgent(self) -> bool:
        return self in (Unit.URGENT_MINUTES, Unit.URGENT_HOURS)


MINUTES = {
    Unit.URGENT_MINUTES: 1, Unit.URGENT_HOURS: 60, Unit.WORK_MINUTES: 1, Unit.WORK_HOURS: 60, Unit.NATURAL_HOURS: 60,
}  # fmt: skip
"""Of units that are always as long."""
LONGEST = 10_000
"""Of any unit."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    value: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 0 < self.value <= LONGEST:
            raise InputError(
                f"a limit of {self.value} {self.unit} is not between 1 and {LONGEST}", zh=f"时限须为 1 至 {LONGEST}"
            )


@dataclass(frozen=True, kw_only=True)
class Pause:
    """The clock stands (挂起). `end` None: still."""

    begin: datetime
    end: datetime | None = None


@unique
class Rework(StrEnum):
    """What a failed verification does to the limit of disposal."""

    FIRST_LIMIT = "first_limit"
    """It keeps running."""
    NEW_LIMIT = "new_limit"
    """It begins anew."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """One limit that runs. Pauses come in order and apart from one another."""

    begin: datetime
    limit: Limit
    extensions: tuple[Limit, ...] = ()
    pauses: tuple[Pause, ...] = ()

    def __post_init__(self) -> None:
        at = self.begin
        for number, pause in enumerate(self.pauses, start=1):
            is_open = pause.end is None and number == len(self.pauses)
            if pause.begin < at or not (is_open or (pause.end and pause.end >= pause.begin)):
                raise InputError(
                    f"pause {number} begins before the clock or the pause before it ended, or ends before it begins",
                    zh=f"第 {number} 次挂起的起止时间有误",
                )
            at = pause.end or pause.begin

    def after_rework(self, at: datetime, rule: Rework) -> "Clock":
        """Extensions and pauses of the first limit end with it."""
        return self if rule is Rework.FIRST_LIMIT else Clock(begin=at, limit=self.limit)

    def stopped(self, at: datetime) -> "Clock":
        return replace(self, pauses=(*self.pauses, Pause(begin=max(at, self.begin))))

    def resumed(self, at: datetime) -> "Clock":
        """One that runs already stays as it is."""
        if not self.pauses or self.pauses[-1].end:
            return self
        *before, last = self.pauses
        return replace(self, pauses=(*before, replace(last, end=max(at, last.begin))))

    def due_at(self, calendar: Calendar) -> datetime | None:
        """None while the clock stands."""
        due = due_at(self.begin, self.limit, calendar)
        for extension in self.extensions:
            due = due_at(due, extension, calendar)
        for pause in self.pauses:
            if _minute(pause.begin) >= due:
                break
            if pause.end is None:
                return None
            due = _advance(due, self._minutes(pause.begin, pause.end, calendar), calendar, works=self.limit.unit.works)
        return due

    def is_overdue(self, at: datetime, calendar: Calendar) -> bool:
        """Not within the minute in which it is due; never while the clock stands."""
        due = self.due_at(calendar)
        return due is not None and _minute(at) > due

    def overdue_minutes(self, at: datetime, calendar: Calendar) -> int:
        """By how many minutes that count the limit was passed: none on Saturday for what was due on Friday evening."""
        due = self.due_at(calendar)
        return 0 if due is None else self._minutes(due, at, calendar)

    def _minutes(self, begin: datetime, end: datetime, calendar: Calendar) -> int:
        if self.limit.unit.works:
            return working_minutes(begin, end, calendar)
        return max(0, (_minute(end) - _minute(begin)) // MINUTE)


def due_at(begin: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """The first moment at which the limit has run: eight hours from 8:00 are due at 18:00, when the day's work ends,
    not at 8:00 of the next day.

    Raises InputError when it comes to a year whose holidays are not known.
    """
    start = _minute(begin)
    if limit.unit is Unit.WORK_DAYS:
        return _after_work_days(start, limit.value, calendar)
    if limit.unit is Unit.NATURAL_DAYS:
        return (start.astimezone(calendar.zone) + timedelta(days=limit.value)).astimezone(UTC)
    return _advance(start, limit.value * MINUTES[limit.unit], calendar, works=limit.unit.works)


def working_minutes(begin: datetime, end: datetime, calendar: Calendar) -> int:
    """Between two moments; 0 if the second is not later."""
    return sum((last - first) // MINUTE for first, last in working_spans(begin, end, calendar))


def working_spans(begin: datetime, end: datetime, calendar: Calendar) -> list[Span]:
    """The working time between two moments, in UTC."""
    begin, end, found = _minute(begin), _minute(end), list[Span]()
    if end <= begin:
        return found
    day, last_day = calendar.day_of(begin), calendar.day_of(end - MINUTE)
    while day <= last_day:
        cut = ((max(first, begin), min(last, end)) for first, last in calendar.spans(day))
        found += [(first, last) for first, last in cut if first < last]
        day = next_day(day)
    return found


def running_spans(begin: datetime, end: datetime, unit: Unit, calendar: Calendar) -> Sequence[Span]:
    """When a limit of this unit ran between two moments, without pauses."""
    return working_spans(begin, end, calendar) if unit.works else [(_minute(begin), _minute(end))]


def _advance(begin: datetime, minutes: int, calendar: Calendar, *, works: bool) -> datetime:
    """The first moment after so many minutes that count."""
    if minutes == 0 or not works:
        return _minute(begin) + minutes * MINUTE
    return _within(calendar.spans_since(_minute(begin)), minutes)


def _within(spans: Iterable[Span], minutes: int) -> datetime:
    """The first moment at which so many minutes of these spans have passed; ValueError if they hold fewer."""
    for first, last in spans:
        here = (last - first) // MINUTE
        if here >= minutes:
            return first + minutes * MINUTE
        minutes -= here
    raise ValueError(f"{minutes} minutes are left when the spans end")


def _after_work_days(begin: datetime, days: int, calendar: Calendar) -> datetime:
    """At the same working minute so many working days later; when that day is shorter, when its work ends.

    Who begins before the first minute of a day has that day in whole.
    """
    day = calendar.day_of(begin)
    if not calendar.spans(day):
        day = calendar.day_of(next(calendar.spans_since(begin))[0])
    first = calendar.spans(day)[0][0]
    done = working_minutes(first, max(begin, first), calendar)
    day = calendar.workday_after(day, days - (done == 0))
    whole = calendar.minutes(day)
    return _within(calendar.spans(day), min(done or whole, whole))


def _minute(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise InputError(f"{at.isoformat()} is a time without its zone", zh=f"时间 {at.isoformat()} 未注明时区")
    return at.astimezone(UTC).replace(second=0, microsecond=0)
