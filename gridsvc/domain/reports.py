"""A report: somebody's claim that a problem exists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from uuid import UUID, uuid5

from gridsvc.errors import InputError

NAMESPACE = UUID("6f0f9c0e-2f0c-5d0e-9f5a-3f1d0a8d7c11")
MAX_ACCURACY = 2_000.0
"""Metres; a worse position of a phone is no position."""
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Times outside are slips of a clock or a pen, and some cannot be told in every time zone."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """`(channel, external_id)` names it: the same one sent twice is one report."""

    channel: str
    external_id: str
    reported_at: datetime
    category: str | None = None
    """The channel's own word for the problem, mapped by the taxonomy when kind and subclass are not given."""
    kind: str | None = None
    subclass_code: str | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    component_code: str | None = None
    """The component that the reporter named."""
    condition: str | None = None
    """Which of its subclass: it says how long disposal may take."""
    address: str | None = None
    description: str | None = None
    reporter_name: str | None = None
    reporter_phone: str | None = None
    """Personal: shown to those who work on the report, erased by retention."""
    closed_at: datetime | None = None
    """When the channel itself recorded the matter as closed (history)."""
    channel_due_at: datetime | None = None
    """By when the channel itself wants an answer; kept beside the limits of the city."""
    recorded: Mapping[str, str] = field(default_factory=dict)
    """What the channel recorded of department and areas, to compare with; never used for routing."""

    def __post_init__(self) -> None:
        place = f"report {self.channel}/{self.external_id}"
        if not self.external_id or len(self.external_id) > 200:
            raise InputError(f"{place}: an external id has 1 to 200 characters")
        check_moment(f"{place}: reported_at", self.reported_at)
        for name in ("closed_at", "channel_due_at"):
            if getattr(self, name) is not None:
                check_moment(f"{place}: {name}", getattr(self, name))
        if (self.kind is None) != (self.subclass_code is None):
            raise InputError(f"{place}: kind and subclass_code are given together")
        check_position(place, self.lon, self.lat, self.accuracy_m)

    @cached_property
    def id(self) -> UUID:
        return uuid5(NAMESPACE, f"{self.channel}\n{self.external_id}")


def check_moment(what: str, at: datetime) -> None:
    if at.tzinfo is None:
        raise InputError(f"{what} {at.isoformat()} is a time without its zone; write 2016-07-08T08:00:00+08:00")
    if not EARLIEST <= at < LATEST:
        raise InputError(f"{what} {at.isoformat()} is not between {EARLIEST.year} and {LATEST.year}")


def check_not_to_come(what: str, at: datetime, now: datetime) -> None:
    """Nobody reports what is yet to come; a day is left for clocks that go wrong."""
    if at > now + timedelta(days=1):
        raise InputError(f"{what} {at.isoformat()} is yet to come")


def days_between(first: date | None, last: date | None, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """From the first day to the last, both included, as times of a zone; the second time is exclusive.

    Raises InputError for a day that no report can have, or when the last day comes before the first.
    """
    for day in (first, last):
        if day and not EARLIEST.date() <= day < LATEST.date():
            raise InputError(
                f"the day {day} is not between {EARLIEST.year} and {LATEST.year}",
                zh=f"日期 {day} 不在 {EARLIEST.year} 年至 {LATEST.year} 年之间",
            )
    if first and last and last < first:
        raise InputError(
            f"the last day {last} is before the first day {first}", zh=f"截止日期 {last} 早于起始日期 {first}"
        )
    begin = datetime.combine(first, time(), zone) if first else None
    return begin, datetime.combine(last + timedelta(days=1), time(), zone) if last else None


def check_position(place: str, lon: float | None, lat: float | None, accuracy_m: float | None = None) -> None:
    if (lon is None) != (lat is None):
        raise InputError(f"{place}: longitude and latitude are given together", zh="经度和纬度须一并给出")
    if lon is not None and lat is not None and not (-180 <= lon <= 180 and -90 <= lat <= 90):
        swapped = " (longitude and latitude swapped?)" if -90 <= lon <= 90 and -180 <= lat <= 180 else ""
        raise InputError(
            f"{place}: longitude {lon}, latitude {lat} is not on the earth{swapped}",
            zh=f"经度 {lon}、纬度 {lat} 不是有效坐标{'（经纬度颠倒？）' if swapped else ''}",
        )
    if accuracy_m is not None and not 0 <= accuracy_m <= MAX_ACCURACY:
        raise InputError(f"{place}: accuracy {accuracy_m} m is not between 0 and {MAX_ACCURACY:.0f} m")
