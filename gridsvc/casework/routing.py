"""Locating and routing reports with what the store knows at one moment."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from gridsvc.casework.live_rules import LiveRules
from gridsvc.casework.situations import Claim, Situations
from gridsvc.domain.crs import project
from gridsvc.domain.duties import Problem
from gridsvc.domain.grid_index import GridIndex
from gridsvc.domain.location import Location
from gridsvc.domain.reports import Report, check_position
from gridsvc.domain.routing import Decision, Situation, route
from gridsvc.domain.timing import Timing
from gridsvc.errors import InputError, NotFoundError, one_of
from gridsvc.store.areas import NOW, AsOf
from gridsvc.store.casework import OpenCase, Place
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.locating import SqlLocator, locator

Degrees = tuple[float, float]
"""Longitude, latitude."""


class ReportError(InputError):
    """One of many reports is wrong: the `number` of it, from 1."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


class Router:
    """Rules, taxonomy and areas as they are when it is made; good for one transaction or one lot of reports.

    Points are looked up in the index if it is of the newest revision, which the transaction keeps. The rules are those
    that the service holds, if it does and they are still true.
    """

    def __init__(
        self, conn: Connection, city: City, index: GridIndex | None = None, rules: LiveRules | None = None
    ) -> None:
        self.city = city
        self.revisions, found = (rules or LiveRules()).now(conn)
        self.channels = found.channels
        self._categories, self._classes, self._book = found.categories, found.classes, found.book
        self._locator = locator(conn, city.srid, index, self.revisions.area)
        self._situations = Situations(conn, city.srid, self._locator, found.book, found.accuracy_classes)
        self._zone = ZoneInfo(city.time_zone)
        self.clocks = found.clocks

    def places(self, reports: Sequence[Report]) -> list[Place | None]:
        """Where the reports lie in the city's CRS; None for those without a place."""
        lon = np.array([math.nan if r.lon is None else r.lon for r in reports])
        lat = np.array([math.nan if r.lat is None else r.lat for r in reports])
        x, y = project(self.city.srid, lon, lat)
        for n, (report, east, north) in enumerate(zip(reports, x, y, strict=True), start=1):
            if report.lon is not None and not (math.isfinite(east) and math.isfinite(north)):
                name = f"report {report.channel}/{report.external_id}"
                raise ReportError(n, str(_unprojectable(name, report.lon, report.lat)))
        return [
            None if report.lon is None else (float(east), float(north))
            for report, east, north in zip(reports, x, y, strict=True)
        ]

    def locate(self, places: Sequence[Place | None], at: Sequence[datetime]) -> list[Location | None]:
        placed = [n for n, place in enumerate(places) if place is not None]
        xy = np.array([places[n] for n in placed], dtype=float).reshape(-1, 2)
        found = self._locator.locate(xy[:, 0], xy[:, 1], [at[n] for n in placed])
        locations: list[Location | None] = [None] * len(places)
        for n, location in zip(placed, found, strict=True):
            locations[n] = location
        return locations

    def current_areas(
        self, places: Sequence[Place | None], at: Sequence[datetime], then: Sequence[Location | None]
    ) -> list[list[int]]:
        """The areas that hold the places today: those of `then`, unless areas changed since."""
        found = [location.area_ids if location else [] for location in then]
        change = self.revisions.areas_since
        older = [n for n, place in enumerate(places) if place is not None and change is not None and at[n] < change]
        if change is None or not older:
            return found
        xy = np.array([places[n] for n in older], dtype=float).reshape(-1, 2)
        for n, kinds in zip(older, self._locator.areas(xy[:, 0], xy[:, 1], [change] * len(older)), strict=True):
            found[n] = sorted(area_id for area_id, _ in kinds.values())
        return found

    def accuracy(self, report: Report) -> float | None:
        """Metres by which the report's place may be wrong, as it says or else its channel; None: nobody knows."""
        return self.channels[report.channel].accuracy_m if report.accuracy_m is None else report.accuracy_m

    def problem(self, report: Report) -> Problem:
        """What the report is about, by its own words or by the taxonomy of its channel; no class if that is unknown."""
        kind, subclass = report.kind, report.subclass_code
        if kind is None and report.category is not None:
            mapped = self._categories.get((report.channel, report.category))
            kind, subclass = (mapped.kind, mapped.subclass_code) if mapped else (None, None)
        class_code = self._classes.get((kind, subclass)) if kind and subclass else None
        day = self._day(report.reported_at)
        return Problem(kind=kind, class_code=class_code, subclass_code=subclass, day=day, category=report.category)

    def problem_of(self, case: OpenCase, at: datetime) -> Problem:
        """What an open case is about, judged by the duties of a time."""
        class_code = self._classes.get((case.kind, case.subclass_code)) if case.kind and case.subclass_code else None
        return Problem(
            kind=case.kind, class_code=class_code, subclass_code=case.subclass_code, day=self._day(at),
            category=case.category,
        )  # fmt: skip

    def subject(self, kind: str | None, subclass_code: str | None, at: datetime) -> Problem | None:
        """A problem named by kind and subclass, or neither; refused if the catalogue lacks it."""
        self.check_known(kind, subclass_code)
        if kind is None:
            return None
        class_code = self._classes[kind, subclass_code or ""]
        return Problem(kind=kind, class_code=class_code, subclass_code=subclass_code, day=self._day(at))

    def check_known(self, kind: str | None, subclass_code: str | None) -> None:
        """Refuse what the catalogue lacks, naming what it has, for callers who can correct it at once."""
        kinds = sorted({known for known, _ in self._classes})
        if kind is not None and kind not in kinds:
            raise one_of("kind", kind, kinds)
        if (kind is None) != (subclass_code is None):
            raise InputError("kind and subclass_code are given together: component and event codes overlap")
        if kind is not None and (kind, subclass_code) not in self._classes:
            codes = sorted(code for known, code in self._classes if known == kind)
            raise one_of(f"{kind} subclass", str(subclass_code), codes)

    def check_condition(self, report: Report) -> None:
        """Refuse a condition that the report's subclass has not, also where the channel's word says the subclass."""
        problem = self.problem(report)
        if not report.condition or problem.class_code is None:
            return
        try:
            self.clocks.chosen(problem.kind, problem.subclass_code, report.condition)
        except NotFoundError as error:
            raise InputError(f"{error}, so it has no conditions", zh=error.zh) from error

    def knows_condition(self, report: Report) -> bool:
        try:
            self.check_condition(report)
        except InputError:
            return False
        return True

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def situations(self, claims: Sequence[Claim]) -> list[Situation]:
        return self._situations.of(claims)

    def decide(self, problem: Problem, situation: Situation) -> Decision:
        return route(problem, situation, self._book)

    def check_channel(self, number: int, report: Report) -> None:
        if report.channel not in self.channels:
            known = ", ".join(sorted(self.channels)) or "(none exist yet)"
            raise ReportError(
                number, f"report {report.external_id}: channel {report.channel!r} is not known; known: {known}"
            )


@dataclass(frozen=True, kw_only=True)
class Located:
    """The areas of one place; who would be responsible there, if a problem is named; a hint if it looks wrong."""

    location: Location
    decision: Decision | None
    timing: Timing | None
    """Until when it would have to be disposed of, if it were registered at that moment."""
    hint: str | None


def locate_point(
    conn: Connection,
    city: City,
    lon: float,
    lat: float,
    *,
    kind: str | None = None,
    subclass_code: str | None = None,
    when: AsOf = NOW,
    index: GridIndex | None = None,
    rules: LiveRules | None = None,
    match: bool = True,
) -> Located:
    """Where a place lies, and who would be responsible there if a problem is named by kind and subclass.

    `index`: answers in PostGIS's place. It covers the moment, and is of the revision that the transaction sees.
    `match`: whether the component that stands there counts; not for callers who may not know whose it is.
    """
    moment = when.at or datetime.now(UTC)
    router = Router(conn, city, rules=rules) if kind or subclass_code else None
    problem = router.subject(kind, subclass_code, moment) if router else None
    (location,) = locate_points(conn, city, [(lon, lat)], when, index=index)
    outside = not location.hits and bool(location.outside)
    decision = timing = None
    if router and problem:
        timing = router.clocks.start(problem.kind, problem.subclass_code, None, moment)
        place = _projected(city, lon, lat) if match else None
        (situation,) = router.situations([Claim(problem=problem, place=place, location=location, at=moment)])
        decision = router.decide(problem, situation)
    return Located(
        location=location,
        decision=decision,
        timing=timing,
        hint=swapped_hint(conn, city, (lon, lat), when, index=index) if outside else None,
    )


def locate_points(
    conn: Connection,
    city: City,
    points: Sequence[Degrees],
    when: AsOf = NOW,
    *,
    index: GridIndex | None = None,
    most_nearest: int | None = None,
) -> list[Location]:
    """The areas of many places, by the index as in `locate_point`.

    An error names the first point that is not on the earth. With `most_nearest` only so many of the places outside get
    their nearest areas.
    """
    names = ["the point" if len(points) == 1 else f"point {n}" for n in range(1, len(points) + 1)]
    for name, (lon, lat) in zip(names, points, strict=True):
        check_position(name, lon, lat)
    x, y = project(city.srid, np.array([lon for lon, _ in points]), np.array([lat for _, lat in points]))
    for name, (lon, lat), known in zip(names, points, np.isfinite(x) & np.isfinite(y), strict=True):
        if not known:
            raise _unprojectable(name, lon, lat)
    if index is not None:
        return [index.at(x[0], y[0])] if len(points) == 1 else index.locate(x, y, most_nearest=most_nearest)
    times = [when.at or datetime.now(UTC)] * len(points)
    return SqlLocator(conn, city.srid, when.revision).locate(x, y, times, most_nearest=most_nearest)


def swapped_hint(
    conn: Connection, city: City, place: Degrees, when: AsOf, *, index: GridIndex | None = None
) -> str | None:
    """For a place outside every area: whether longitude and latitude seem to be exchanged."""
    lon, lat = place
    try:
        (exchanged,) = locate_points(conn, city, [(lat, lon)], when, index=index)
    except InputError:
        return None
    return (
        f"longitude {lon}, latitude {lat} lies outside every area, but longitude {lat}, latitude {lon} lies inside "
        "the city: are the two swapped?"
        if exchanged.hits
        else None
    )


def _projected(city: City, lon: float, lat: float) -> Place:
    x, y = project(city.srid, np.array([lon]), np.array([lat]))
    return float(x[0]), float(y[0])


def _unprojectable(what: str, lon: float, lat: float | None) -> InputError:
    return InputError(
        f"{what}: longitude {lon}, latitude {lat} cannot be projected into the city's coordinate system (swapped?)"
    )
