"""Due times: by hand where a reader can count along, and against a clock that looks at every minute."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsvc.domain.calendar import MINUTE, USUAL_WEEK, Calendar, CalendarDay, Hours, read_hours, undecided
from gridsvc.domain.clock import Clock, Limit, Pause, Rework, Unit, due_at, running_spans, working_minutes
from gridsvc.errors import InputError
from tests.domain.minutes import MAKE_UP, RESTS, SHANGHAI, WASHINGTON, SlowClock, known_until_2026

CHINA = Calendar(zone=SHANGHAI, official=known_until_2026)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def limit(text: str) -> Limit:
    value, unit = text.split()
    return Limit(value=int(value), unit=Unit(unit))


@pytest.mark.parametrize(("begin", "length", "due"), [
    # two hours are left of Monday the 27th; the 28th to 4 February is Spring Festival; six hours of the 5th
    ("2025-01-27 16:00", "8 work_hours", "2025-02-05 16:00"),
    # Sunday the 26th is worked for it
    ("2025-01-26 16:00", "8 work_hours", "2025-01-27 16:00"),
    ("2025-01-25 16:00", "8 work_hours", "2025-01-26 18:00"),
    # Friday; Saturday the 14th is worked, the 15th to 23rd is Spring Festival
    ("2026-02-13 16:00", "2 work_days", "2026-02-24 16:00"),
    ("2026-02-13 16:00", "1 work_days", "2026-02-14 16:00"),
    # National Day and Mid-Autumn 2025: rest from 1 to 8 October, Sunday 28 September and Saturday the 11th are worked
    ("2025-09-30 17:00", "2 work_hours", "2025-10-09 09:00"),
    ("2025-09-27 09:00", "1 work_days", "2025-09-28 18:00"),
    ("2025-10-10 11:00", "1 work_days", "2025-10-11 11:00"),
    # a whole day from its first minute ends with it; from lunch, from the evening
    ("2026-03-02 08:00", "1 work_days", "2026-03-02 18:00"),
    ("2026-03-02 08:00", "8 work_hours", "2026-03-02 18:00"),
    ("2026-03-02 07:00", "1 work_days", "2026-03-02 18:00"),
    ("2026-03-02 12:30", "1 work_days", "2026-03-03 12:00"),
    ("2026-03-02 12:30", "1 work_hours", "2026-03-02 15:00"),
    ("2026-03-06 20:00", "1 work_days", "2026-03-09 18:00"),
    ("2026-03-06 17:59", "2 work_minutes", "2026-03-09 08:01"),
    # what is urgent runs through night and holiday
    ("2026-02-16 23:30", "2 urgent_hours", "2026-02-17 01:30"),
    ("2026-02-16 23:50", "15 urgent_minutes", "2026-02-17 00:05"),
    ("2026-02-16 23:30", "3 natural_days", "2026-02-19 23:30"),
    ("2026-02-16 23:30", "24 natural_hours", "2026-02-17 23:30"),
    # seconds are cut off
    ("2026-03-02 09:00:59", "1 work_hours", "2026-03-02 10:00"),
])  # fmt: skip
def test_by_hand(begin: str, length: str, due: str) -> None:
    found = due_at(at(begin), limit(length), CHINA)
    assert found == at(due)
    assert found.tzinfo is UTC


def test_the_official_days_are_those_of_the_notices() -> None:
    day = date(2025, 1, 1)
    while day.year < 2027:
        usual = day.isoweekday() < 6
        expected = day in MAKE_UP or (usual and day not in RESTS)
        assert bool(CHINA.hours(day)) is expected, day
        day += timedelta(days=1)


def test_a_year_that_is_not_known_is_named_and_never_assumed() -> None:
    assert due_at(at("2026-12-31 17:00"), limit("1 work_hours"), CHINA) == at("2026-12-31 18:00")
    for length in ("2 work_hours", "1 work_days"):
        with pytest.raises(InputError, match="make-up workdays of 2027 are not known: add its days") as caught:
            due_at(at("2026-12-31 17:00"), limit(length), CHINA)
        assert "2027 年" in caught.value.zh
    assert due_at(at("2026-12-31 23:00"), limit("2 urgent_hours"), CHINA) == at("2027-01-01 01:00")
    with pytest.raises(InputError, match="of 2027 are not known"):
        working_minutes(at("2026-12-31 17:00"), at("2027-01-04 09:00"), CHINA)


def test_days_of_the_city_come_before_official_ones() -> None:
    own = [
        CalendarDay(day=date(2026, 2, 14), workday=False, name_zh="停工", name_en="Closed"),
        CalendarDay(
            day=date(2026, 2, 24), workday=True, name_zh="半天", name_en="Half", hours=read_hours("8:00-12:00")
        ),
        CalendarDay(day=date(2027, 1, 1), workday=False, name_zh="元旦", name_en="New Year"),
    ]
    days = {one.day: one for one in own}
    calendar = Calendar(zone=SHANGHAI, days=days, official=known_until_2026)
    assert due_at(at("2026-02-13 16:00"), limit("4 work_hours"), calendar) == at("2026-02-24 10:00")
    assert due_at(at("2026-02-13 16:00"), limit("1 work_days"), calendar) == at("2026-02-24 12:00"), "a shorter day"
    with pytest.raises(InputError, match="of 2027 are not known"):
        due_at(at("2026-12-31 16:00"), limit("1 work_days"), calendar)
    whole = Calendar(zone=SHANGHAI, days=days, years=frozenset({2027}), official=known_until_2026)
    assert due_at(at("2026-12-31 16:00"), limit("1 work_days"), whole) == at("2027-01-04 16:00")


def test_pauses_extensions_and_rework() -> None:
    clock = Clock(begin=at("2026-03-02 16:00"), limit=limit("1 work_days"))
    assert clock.due_at(CHINA) == at("2026-03-03 16:00")
    stands = Clock(begin=clock.begin, limit=clock.limit, pauses=(Pause(begin=at("2026-03-03 10:00")),))
    assert stands.due_at(CHINA) is None
    assert not stands.is_overdue(at("2026-03-09 10:00"), CHINA)
    goes_on = Clock(
        begin=clock.begin, limit=clock.limit,
        pauses=(Pause(begin=at("2026-03-03 10:00"), end=at("2026-03-06 09:00")),),
    )  # fmt: skip
    assert goes_on.due_at(CHINA) == at("2026-03-06 15:00"), "five hours were left at 10:00 (two, three after lunch)"
    late = Clock(begin=clock.begin, limit=clock.limit, pauses=(Pause(begin=at("2026-03-03 16:00")),))
    assert late.due_at(CHINA) == at("2026-03-03 16:00"), "what is due cannot be suspended any more"
    longer = Clock(begin=clock.begin, limit=clock.limit, extensions=(limit("2 work_days"), limit("1 natural_days")))
    assert longer.due_at(CHINA) == at("2026-03-06 16:00")
    again = at("2026-03-04 09:00")
    assert longer.after_rework(again, Rework.FIRST_LIMIT) == longer
    assert longer.after_rework(again, Rework.NEW_LIMIT).due_at(CHINA) == at("2026-03-05 09:00")


def test_overdue_to_the_minute() -> None:
    clock = Clock(begin=at("2026-03-06 16:00"), limit=limit("2 work_hours"))
    due = at("2026-03-06 18:00")
    assert clock.due_at(CHINA) == due
    assert not clock.is_overdue(due + timedelta(seconds=59), CHINA)
    assert clock.is_overdue(due + MINUTE, CHINA)
    assert clock.overdue_minutes(at("2026-03-07 12:00"), CHINA) == 0, "nobody works on Saturday"
    assert clock.overdue_minutes(at("2026-03-09 08:01"), CHINA) == 1
    assert (
        Clock(begin=clock.begin, limit=limit("2 urgent_hours")).overdue_minutes(at("2026-03-07 18:00"), CHINA) == 1440
    )


@pytest.mark.parametrize("pauses", [
    (Pause(begin=at("2026-03-01 10:00"), end=at("2026-03-03 10:00")),),
    (Pause(begin=at("2026-03-03 10:00"), end=at("2026-03-03 09:00")),),
    (Pause(begin=at("2026-03-03 10:00")), Pause(begin=at("2026-03-04 10:00"))),
    (Pause(begin=at("2026-03-03 10:00"), end=at("2026-03-05 10:00")), Pause(begin=at("2026-03-04 10:00"))),
])  # fmt: skip
def test_pauses_that_cannot_be(pauses: tuple[Pause, ...]) -> None:
    with pytest.raises(InputError, match="begins before the clock or the pause before it ended"):
        Clock(begin=at("2026-03-02 16:00"), limit=limit("1 work_days"), pauses=pauses)


@pytest.mark.parametrize("value", [0, -1, 10_001])
def test_limits_that_cannot_be(value: int) -> None:
    with pytest.raises(InputError, match="is not between 1 and 10000"):
        Limit(value=value, unit=Unit.WORK_DAYS)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(InputError, match="is a time without its zone"):
        due_at(datetime(2026, 3, 2, 9), limit("1 work_hours"), CHINA)


@pytest.mark.parametrize(("text", "cause"), [
    ("8-12", "not written as 08:00-12:00"), ("08:00-25:00", "not written as"), ("12:00-08:00", "two spans"),
    ("08:00-12:00 11:00-13:00", "begins after the one before"), ("20:00-24:30", "at the latest"),
])  # fmt: skip
def test_hours_that_cannot_be(text: str, cause: str) -> None:
    with pytest.raises(InputError, match=cause):
        read_hours(text)


def test_a_week_without_work_is_refused() -> None:
    with pytest.raises(InputError, match="no hours at all"):
        Calendar(zone=SHANGHAI, week={1: ()})


# The clock of a city with daylight saving, whose crews work at night

DC_RESTS = {date(2026, 3, 9), date(2026, 11, 2)}
NIGHT: Mapping[int, Hours] = dict.fromkeys(range(1, 8), read_hours("00:00-02:30 08:00-12:00 22:00-24:00"))
DC = Calendar(
    zone=WASHINGTON,
    week=NIGHT,
    days={day: CalendarDay(day=day, workday=False, name_zh="休", name_en="Rest") for day in DC_RESTS},
    years=frozenset({2026}),
    official=undecided,
)


@pytest.mark.parametrize(("begin", "hours", "due"), [
    # 8 March 2026: 2:00 to 3:00 does not come, so two hours before four in the morning, then from 8:00
    ("2026-03-08 00:00", 3, "2026-03-08 09:00"),
    # 1 November 2026: 1:00 to 2:00 comes twice, so three and a half hours by 2:30
    ("2026-11-01 00:00", 3, "2026-11-01 02:00"),
])  # fmt: skip
def test_by_hand_where_the_clock_changes(begin: str, hours: int, due: str) -> None:
    start = datetime.fromisoformat(begin).replace(tzinfo=WASHINGTON)
    found = due_at(start, limit(f"{hours} work_hours"), DC).astimezone(WASHINGTON)
    assert found.isoformat()[:16].replace("T", " ") == due


def test_natural_days_keep_the_time_on_the_wall() -> None:
    start = datetime(2026, 3, 7, 16, 30, tzinfo=WASHINGTON)
    assert due_at(start, limit("1 natural_days"), DC) == datetime(2026, 3, 8, 16, 30, tzinfo=WASHINGTON)
    assert due_at(start, limit("24 natural_hours"), DC) == datetime(2026, 3, 8, 17, 30, tzinfo=WASHINGTON)


@dataclass(frozen=True)
class Both:
    """The same calendar twice: as it is used, and by the minute."""

    quick: Calendar
    slow: SlowClock


HALF_FRIDAY = {**USUAL_WEEK, 5: read_hours("08:30-12:00")}
SIX_DAYS = {**USUAL_WEEK, 6: read_hours("09:00-12:00"), 2: read_hours("00:00-06:00 22:00-24:00")}
CHINESE = [
    Both(Calendar(zone=SHANGHAI, week=week), SlowClock(SHANGHAI, week, RESTS, MAKE_UP))
    for week in (USUAL_WEEK, HALF_FRIDAY, SIX_DAYS)
]
AMERICAN = Both(DC, SlowClock(WASHINGTON, NIGHT, DC_RESTS, set()))
SEASONS = [
    (CHINESE, "2025-01-22", "2025-02-10"),  # Spring Festival
    (CHINESE, "2026-02-10", "2026-03-02"),
    (CHINESE, "2025-09-25", "2025-10-13"),  # National Day
    (CHINESE, "2026-09-17", "2026-10-12"),
    ([AMERICAN], "2026-03-06", "2026-03-11"),
    ([AMERICAN], "2026-10-30", "2026-11-04"),
]


@st.composite
def moments(draw: Any) -> tuple[Both, datetime]:
    calendars, first, last = draw(st.sampled_from(SEASONS))
    both: Both = draw(st.sampled_from(calendars))
    begin, end = (datetime.fromisoformat(day).replace(tzinfo=both.slow.zone) for day in (first, last))
    minutes = draw(st.integers(0, (end - begin) // MINUTE))
    return both, begin.astimezone(UTC) + timedelta(minutes=minutes, seconds=draw(st.integers(0, 59)))


MINUTES = {Unit.URGENT_MINUTES: 1, Unit.URGENT_HOURS: 60, Unit.WORK_MINUTES: 1, Unit.WORK_HOURS: 60}
FEW = settings(max_examples=60, deadline=None)


@FEW
@given(moments(), st.sampled_from(list(MINUTES)), st.integers(1, 30))
def test_due_as_the_slow_clock_says(moment: tuple[Both, datetime], unit: Unit, value: int) -> None:
    both, begin = moment
    found = due_at(begin, Limit(value=value, unit=unit), both.quick)
    assert found == both.slow.due(begin, value * MINUTES[unit], works=unit.works)
    spans = running_spans(begin, found, unit, both.quick)
    assert sum((last - first) // MINUTE for first, last in spans) == value * MINUTES[unit]


@FEW
@given(moments(), st.integers(1, 4))
def test_work_days_as_the_slow_clock_says(moment: tuple[Both, datetime], value: int) -> None:
    both, begin = moment
    assert due_at(begin, Limit(value=value, unit=Unit.WORK_DAYS), both.quick) == both.slow.due_days(begin, value)


@FEW
@given(moments(), st.integers(1, 5))
def test_a_work_day_is_its_hours_where_days_are_alike(moment: tuple[Both, datetime], value: int) -> None:
    begin = moment[1]
    days, hours = Limit(value=value, unit=Unit.WORK_DAYS), Limit(value=8 * value, unit=Unit.WORK_HOURS)
    if begin.astimezone(SHANGHAI).year < 2027:
        assert due_at(begin, days, CHINA) == due_at(begin, hours, CHINA)


@FEW
@given(moments(), st.integers(0, 12_000))
def test_working_minutes_as_the_slow_clock_says(moment: tuple[Both, datetime], minutes: int) -> None:
    both, begin = moment
    end = begin + minutes * MINUTE
    assert working_minutes(begin, end, both.quick) == both.slow.worked(begin, end)
    assert working_minutes(end, begin, both.quick) == 0


@FEW
@given(moments(), st.sampled_from(list(MINUTES)), st.integers(1, 20),
       st.lists(st.tuples(st.integers(0, 1_500), st.integers(0, 3_000)), max_size=3))  # fmt: skip
def test_pause_and_resume_as_the_slow_clock_says(
    moment: tuple[Both, datetime], unit: Unit, value: int, gaps: list[tuple[int, int]]
) -> None:
    both, begin = moment
    pauses, last = [], begin
    for wait, length in gaps:
        pauses.append(Pause(begin=last + wait * MINUTE, end=last + (wait + length) * MINUTE))
        last = pauses[-1].end or last
    clock = Clock(begin=begin, limit=Limit(value=value, unit=unit), pauses=tuple(pauses))
    assert clock.due_at(both.quick) == both.slow.due(begin, value * MINUTES[unit], works=unit.works, pauses=pauses)
