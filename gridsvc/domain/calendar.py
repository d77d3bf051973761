"""The working calendar of a city: which minutes are working minutes."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import chinese_calendar

from gridsvc.errors import InputError

DAY = 24 * 60
MINUTE = timedelta(minutes=1)
Hours = tuple[tuple[int, int], ...]
"""Of a day: spans of its minutes since midnight by the clock on the wall, in order, apart from one another."""
Span = tuple[datetime, datetime]
"""From and until, in UTC."""
USUAL_HOURS: Hours = ((8 * 60, 12 * 60), (14 * 60, 18 * 60))
USUAL_WEEK: Mapping[int, Hours] = dict.fromkeys(range(1, 6), USUAL_HOURS)
"""By ISO weekday: Monday is 1."""
_SPAN = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])-([01]?[0-9]|2[0-4]):([0-5][0-9])")


@dataclass(frozen=True, kw_only=True)
class CalendarDay:
    """A day that is not as its weekday: a holiday or a make-up workday. `hours`: its own; None: as on other days."""

    day: date
    workday: bool
    name_zh: str
    name_en: str
    hours: Hours | None = None

    def __post_init__(self) -> None:
        if self.hours is not None and not (self.workday and self.hours):
            raise InputError(f"{self.day}: hours are given for a workday, and are at least one span")
        check_hours(self.hours or ())


Official = Callable[[date], CalendarDay | None]
"""What a day is by decree; None where it is as its weekday. Raises InputError for a year that is not known."""


def read_hours(text: str) -> Hours:
    """`08:00-12:00 14:00-18:00`; midnight at the end is 24:00."""
    spans = []
    for part in text.split():
        found = _SPAN.fullmatch(part)
        if found is None:
            raise InputError(f"hours {part!r} are not written as 08:00-12:00")
        h1, m1, h2, m2 = map(int, found.groups())
        spans.append((60 * h1 + m1, 60 * h2 + m2))
    check_hours(tuple(spans))
    return tuple(spans)


def write_hours(hours: Hours) -> str:
    return " ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in hours)


def check_hours(hours: Hours) -> None:
    at = 0
    for begin, end in hours:
        if not at <= begin < end <= DAY:
            raise InputError(
                f"hours {write_hours(hours)}: each span begins after the one before it, ends after it begins, and at "
                "24:00 at the latest; write a night shift as two spans, 00:00-06:00 22:00-24:00"
            )
        at = end


def check_week(week: Mapping[int, Hours]) -> None:
    if not any(week.values()):
        raise InputError("the working week has no hours at all", zh="工作周未设置任何工作时间")
    for hours in week.values():
        check_hours(hours)


def chinese(day: date) -> CalendarDay | None:
    """Public holidays and make-up workdays (调休) by the State Council; InputError where they are not known yet."""
    try:
        rests, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError as error:
        raise _unknown_year(day.year) from error
    if name is None:
        return None
    zh = chinese_calendar.Holiday(name).chinese
    if rests:
        return CalendarDay(day=day, workday=False, name_zh=zh, name_en=name)
    return CalendarDay(day=day, workday=True, name_zh=f"{zh}调休", name_en=f"make-up for {name}")


def undecided(day: date) -> CalendarDay | None:
    """For cities whose holidays all stand among their own days: no year is known but by those."""
    raise _unknown_year(day.year)


def _unknown_year(year: int) -> InputError:
    return InputError(
        f"the holidays and make-up workdays of {year} are not known: add its days to the city's calendar and name the "
        "year as whole (`gridsvc calendar load FILE --whole-year YEAR`, or [work] years in city.toml), or install a "
        "newer chinesecalendar",
        zh=f"尚无 {year} 年的法定节假日及调休数据：请在城市日历中补充该年的日期并声明该年完整，或升级 chinesecalendar",
    )


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """A day is what the city says of it, else what is official, else as its weekday."""

    zone: ZoneInfo
    week: Mapping[int, Hours] = field(default_factory=lambda: USUAL_WEEK)
    """Hours by ISO weekday; a make-up workday on a weekday without any has those of the first one that has."""
    days: Mapping[date, CalendarDay] = field(default_factory=dict)
    years: frozenset[int] = frozenset()
    """Whose days stand whole among `days`, for want of official ones."""
    official: Official = chinese
    _spans: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _minutes: dict[date, int] = field(default_factory=dict, init=False, repr=False, compare=False)
    _later: dict[tuple[date, int], date] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_week(self.week)

    def decided(self, day: date) -> CalendarDay | None:
        """What the day is, unless it is as its weekday. Raises InputError for a day of a year that is not known."""
        official = None if day.year in self.years else self.official(day)
        return self.days.get(day, official)

    def hours(self, day: date) -> Hours:
        decided, hours = self.decided(day), self.week.get(day.isoweekday(), ())
        if decided is None:
            return hours
        return (decided.hours or hours or self.usual_hours) if decided.workday else ()

    @property
    def usual_hours(self) -> Hours:
        return next(self.week[weekday] for weekday in sorted(self.week) if self.week[weekday])

    def spans(self, day: date) -> tuple[Span, ...]:
        """The working time of a day."""
        if day not in self._spans:
            self._spans[day] = tuple(_spans(day, self.hours(day), self.zone))
        return self._spans[day]

    def minutes(self, day: date) -> int:
        """How long the day is worked."""
        if day not in self._minutes:
            self._minutes[day] = sum((end - begin) // MINUTE for begin, end in self.spans(day))
        return self._minutes[day]

    def workday_after(self, day: date, number: int) -> date:
        """So many working days later; the day itself for 0."""
        key = day, number
        if key not in self._later:
            while number > 0:
                day = next_day(day)
                number -= self.minutes(day) > 0
            self._later[key] = day
        return self._later[key]

    def spans_since(self, begin: datetime) -> Iterator[Span]:
        """Working time from a moment on, without end; InputError when it comes to a year that is not known."""
        day = self.day_of(begin)
        while True:
            for first, last in self.spans(day):
                if last > begin:
                    yield max(first, begin), last
            day = next_day(day)

    def day_of(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()


def next_day(day: date) -> date:
    return day + timedelta(days=1)


def _spans(day: date, hours: Hours, zone: ZoneInfo) -> Iterator[Span]:
    """Where the clock is put forward or back, hours on the wall may not come at all, or come twice."""
    begin, end = (datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, next_day(day)))
    if end - begin == timedelta(days=1):
        yield from ((begin + first * MINUTE, begin + last * MINUTE) for first, last in hours)
        return
    moments = [begin + n * MINUTE for n in range((end - begin) // MINUTE)]
    for works, run in groupby(moments, lambda at: _works(at.astimezone(zone), hours)):
        if works:
            minutes = list(run)
            yield minutes[0], minutes[-1] + MINUTE


def _works(at: datetime, hours: Hours) -> bool:
    minute = at.hour * 60 + at.minute
    return any(begin <= minute < end for begin, end in hours)
