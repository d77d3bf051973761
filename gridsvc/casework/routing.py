"""Locating and routing reports with what the store knows at one moment."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from gridsvc.domain.crs import project
from gridsvc.domain.location import Location
from gridsvc.domain.reports import Report, check_position
from gridsvc.domain.routing import Decision, DutyMatrix, Problem, route
from gridsvc.errors import InputError
from gridsvc.store import areas, casework
from gridsvc.store.city import City, subclasses
from gridsvc.store.connection import Connection

Place = tuple[float, float]
"""x, y in the city's CRS."""


class Router:
    """Rules, taxonomy and areas as they are when it is made; good for one transaction or one lot of reports."""

    def __init__(self, conn: Connection, city: City) -> None:
        self.city = city
        self.revisions = casework.current_revisions(conn)
        self.channels = casework.channels(conn)
        self._categories = casework.categories(conn)
        self._classes = {(s.kind, s.subclass_code): s.class_code for s in subclasses(conn)}
        self._matrix = DutyMatrix(casework.duty_rules(conn), areas.kinds(conn))
        self._locator = areas.SqlLocator(conn, city.srid)
        self._zone = ZoneInfo(city.time_zone)

    def places(self, reports: Sequence[Report]) -> list[Place | None]:
        """Where the reports lie in the city's CRS; None for those without a place."""
        lon = np.array([math.nan if r.lon is None else r.lon for r in reports])
        lat = np.array([math.nan if r.lat is None else r.lat for r in reports])
        x, y = project(self.city.srid, lon, lat)
        for report, east in zip(reports, x, strict=True):
            if report.lon is not None and not math.isfinite(east):
                raise InputError(
                    f"report {report.channel}/{report.external_id}: longitude {report.lon}, latitude {report.lat} "
                    "cannot be projected into the city's coordinate system (swapped?)"
                )
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

    def problem(self, report: Report) -> Problem:
        """What the report is about, by its own words or by the taxonomy of its channel; no class if that is unknown."""
        kind, subclass = report.kind, report.subclass_code
        if kind is None and report.category is not None:
            mapped = self._categories.get((report.channel, report.category))
            kind, subclass = (mapped.kind, mapped.subclass_code) if mapped else (None, None)
        class_code = self._classes.get((kind, subclass)) if kind and subclass else None
        day = report.reported_at.astimezone(self._zone).date()
        return Problem(kind=kind, class_code=class_code, subclass_code=subclass, day=day, category=report.category)

    def check_known(self, report: Report) -> None:
        """Refuse a subclass that the catalogue lacks, for callers who can correct it at once."""
        if report.kind is not None and (report.kind, report.subclass_code) not in self._classes:
            raise InputError(
                f"report {report.channel}/{report.external_id}: {report.kind} subclass {report.subclass_code!r} "
                "is not in the catalogue"
            )

    def decide(self, problem: Problem, location: Location | None) -> Decision:
        return route(problem, location, self._matrix)

    def check_channel(self, report: Report) -> None:
        if report.channel not in self.channels:
            known = ", ".join(sorted(self.channels)) or "(none exist yet)"
            raise InputError(f"report {report.external_id}: channel {report.channel!r} is not known; known: {known}")


def locate_point(
    conn: Connection,
    city: City,
    lon: float,
    lat: float,
    *,
    kind: str | None = None,
    subclass_code: str | None = None,
    at: datetime | None = None,
) -> tuple[Location, Decision | None]:
    """The areas of one place, and who would be responsible there if a problem is named."""
    check_position("locate", lon, lat)
    router = Router(conn, city)
    report = Report(
        channel="-", external_id="-", reported_at=at or datetime.now(UTC), kind=kind, subclass_code=subclass_code,
        lon=lon, lat=lat,
    )  # fmt: skip
    router.check_known(report)
    problem = router.problem(report)
    (location,) = router.locate(router.places([report]), [report.reported_at])
    assert location is not None
    return location, router.decide(problem, location) if kind else None


def locate_points(
    conn: Connection, city: City, points: Sequence[tuple[float, float]], at: datetime | None = None
) -> list[Location]:
    """The areas of many places (longitude, latitude); an error names the first point that is not on the earth."""
    for n, (lon, lat) in enumerate(points, start=1):
        check_position(f"point {n}", lon, lat)
    x, y = project(city.srid, np.array([lon for lon, _ in points]), np.array([lat for _, lat in points]))
    lost = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    if len(lost):
        raise InputError(
            f"point {lost[0] + 1}: {points[lost[0]]} cannot be projected into the city's coordinate system"
        )
    return areas.SqlLocator(conn, city.srid).locate(x, y, [at or datetime.now(UTC)] * len(points))
