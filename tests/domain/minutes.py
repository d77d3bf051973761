"""A slow clock that looks at every single minute, and days written down by hand: what the quick one is held to."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from gridsvc.domain.calendar import MINUTE, CalendarDay, Hours, chinese, undecided
from gridsvc.domain.clock import Pause

SHANGHAI, WASHINGTON = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def days(text: str) -> set[date]:
    """`2025-01-28/02-04` from the one to the other, both included."""
    found = set()
    for part in text.split():
        first, _, last = part.partition("/")
        day, end = date.fromisoformat(first), date.fromisoformat(f"{first[:5]}{last or first[5:]}")
        while day <= end:
            found.add(day)
            day += timedelta(days=1)
    return found


RESTS = days(
    "2025-01-01 2025-01-28/02-04 2025-04-04/04-06 2025-05-01/05-05 2025-05-31/06-02 2025-10-01/10-08"
    " 2026-01-01/01-03 2026-02-15/02-23 2026-04-04/04-06 2026-05-01/05-05 2026-06-19/06-21 2026-09-25/09-27"
    " 2026-10-01/10-07"
)
MAKE_UP = days(
    "2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11 2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20"
    " 2026-10-10"
)
"""Notices of the State Council of November 2024 and November 2025."""


def known_until_2026(day: date) -> CalendarDay | None:
    """Official days as they are known late in 2026, whatever a later release of the library knows."""
    return chinese(day) if day.year < 2027 else undecided(day)


class SlowClock:
    """Knows one rule: whether a minute is worked."""

    def __init__(self, zone: ZoneInfo, week: Mapping[int, Hours], rests: set[date], make_up: set[date]) -> None:
        self.zone, self.week, self.rests, self.make_up = zone, week, rests, make_up

    def works(self, at: datetime) -> bool:
        wall = at.astimezone(self.zone)
        day = wall.date()
        hours = self.week.get(day.isoweekday(), ())
        if day in self.rests:
            return False
        if day in self.make_up and not hours:
            hours = next(self.week[n] for n in range(1, 8) if self.week.get(n))
        return any(first <= wall.hour * 60 + wall.minute < last for first, last in hours)

    def counting(self, begin: datetime, *, works: bool, pauses: Sequence[Pause] = ()) -> Iterator[datetime]:
        """Every minute that counts from a moment on."""
        at = cut(begin)
        while True:
            paused = any(cut(p.begin) <= at and (p.end is None or at < cut(p.end)) for p in pauses)
            if not paused and (not works or self.works(at)):
                yield at
            at += MINUTE

    def due(self, begin: datetime, minutes: int, *, works: bool, pauses: Sequence[Pause] = ()) -> datetime:
        counting = self.counting(begin, works=works, pauses=pauses)
        for _ in range(minutes - 1):
            next(counting)
        return next(counting) + MINUTE

    def due_days(self, begin: datetime, days: int) -> datetime:
        """At the same working minute of the day so many working days later."""
        start = cut(begin)
        today = self.minutes_of(start.astimezone(self.zone).date())
        day = start.astimezone(self.zone).date()
        while not today:
            day += timedelta(days=1)
            today = self.minutes_of(day)
        done = sum(at < start for at in today)
        left = days if done else days - 1
        while left:
            day += timedelta(days=1)
            today = self.minutes_of(day)
            left -= bool(today)
        return today[min(done or len(today), len(today)) - 1] + MINUTE

    def minutes_of(self, day: date) -> list[datetime]:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=self.zone).astimezone(UTC)
        near = (noon + n * MINUTE for n in range(-14 * 60, 14 * 60))
        return [at for at in near if at.astimezone(self.zone).date() == day and self.works(at)]

    def worked(self, begin: datetime, end: datetime) -> int:
        span = (cut(end) - cut(begin)) // MINUTE
        return sum(self.works(cut(begin) + n * MINUTE) for n in range(span))


def cut(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)
