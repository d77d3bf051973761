"""Reports in: stored once, located, routed, and registered where their channel confirms them."""

import dataclasses
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from gridsvc.casework.registration import register
from gridsvc.casework.routing import ReportError, Router, swapped_hint
from gridsvc.casework.situations import Claim
from gridsvc.domain.grid_index import GridIndex
from gridsvc.domain.reports import Report, check_not_to_come
from gridsvc.store import audit, casework
from gridsvc.store.areas import AsOf
from gridsvc.store.casework import Routed
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

LOT = 2_000
"""Reports that are held in memory at a time."""


@dataclass(kw_only=True)
class Taken:
    """What became of the reports."""

    read: int = 0
    new: int = 0
    repeated: int = 0
    registered: int = 0
    manual: Counter[str] = field(default_factory=Counter)

    def add(self, reports: int, routed: Sequence[Routed]) -> None:
        self.read += reports
        self.new += len(routed)
        self.repeated += reports - len(routed)
        self.registered += sum(r.registered for r in routed)
        self.manual.update(r.decision.manual_reason for r in routed if r.decision.manual_reason)


def take_in(
    conn: Connection,
    city: City,
    reports: Iterable[Report],
    batch_id: int | None = None,
    *,
    index: GridIndex | None = None,
) -> Taken:
    """Store, locate and route any number of reports in one transaction, lot by lot; by the index, unless it is old.

    One with an unknown subclass is kept and goes to the manual desk: the others need not wait for it.
    """
    taken = Taken()
    with conn.transaction():
        casework.keep_areas(conn)
        router = Router(conn, city, index)
        for lot in _lots(reports):
            try:
                taken.add(len(lot), _take_lot(conn, router, lot, batch_id))
            except ReportError as error:
                raise ReportError(taken.read + error.number, str(error)) from error
    return taken


@dataclass(frozen=True, kw_only=True)
class TakenOne:
    """What became of one report."""

    id: UUID
    new: bool
    hint: str | None
    """If its place looks wrong."""
    differs: dict[str, Any] | None
    """What a repeat says differently from what is stored; None for a new report."""


def take_one(conn: Connection, city: City, report: Report, *, index: GridIndex | None = None) -> TakenOne:
    """Store, locate and route one report; by the index, unless it is old. The report's subclass must be known."""
    check_not_to_come("reported_at", report.reported_at, datetime.now(UTC))
    router = Router(conn, city)
    router.check_known(report.kind, report.subclass_code)
    if report.condition and report.kind:
        router.clocks.chosen(report.kind, report.subclass_code, report.condition)
    with conn.transaction():
        taken = take_in(conn, city, [report], index=index)
        differs = None if taken.new else _told(casework.last_repeat(conn), report)
        audit.record(conn, "report.take_in" if taken.new else "report.repeat", f"report {report.id}")
    stored = casework.report_by_id(conn, report.id)
    assert stored is not None
    hint = _hint(conn, city, report, stored["explanation"])
    return TakenOne(id=report.id, new=taken.new == 1, hint=hint, differs=differs)


def _hint(conn: Connection, city: City, report: Report, explanation: Mapping[str, Any]) -> str | None:
    if report.lon is None or report.lat is None or explanation["areas"] or not explanation["outside"]:
        return None
    return swapped_hint(conn, city, (report.lon, report.lat), AsOf(at=report.reported_at))


def _told(differs: dict[str, Any], report: Report) -> dict[str, Any]:
    """What a repeat says differently, its place in degrees as it was told."""
    place = {"lon": report.lon, "lat": report.lat} if differs.keys() & {"x", "y"} else {}
    return {name: value for name, value in differs.items() if name not in ("x", "y")} | place


def find_report(conn: Connection, report_id: UUID) -> dict[str, Any] | None:
    return casework.report_by_id(conn, report_id)


def _lots(reports: Iterable[Report]) -> Iterator[list[Report]]:
    waiting = iter(reports)
    while lot := list(itertools.islice(waiting, LOT)):
        yield lot


def _take_lot(conn: Connection, router: Router, reports: list[Report], batch_id: int | None) -> list[Routed]:
    for n, report in enumerate(reports, start=1):
        router.check_channel(n, report)
    problems = [router.problem(report) for report in reports]
    known = [
        dataclasses.replace(report, kind=problem.kind, subclass_code=problem.subclass_code)
        for report, problem in zip(reports, problems, strict=True)
    ]
    places = router.places(known)
    new = sorted(casework.add_reports(conn, known, places, srid=router.city.srid, batch_id=batch_id))
    new_places, times = [places[n] for n in new], [known[n].reported_at for n in new]
    locations = router.locate(new_places, times)
    routed = []
    situations = router.situations(
        [
            Claim(
                problem=problems[n], place=places[n], location=location, at=known[n].reported_at,
                accuracy_m=known[n].accuracy_m, component_code=known[n].component_code,
            )
            for n, location in zip(new, locations, strict=True)
        ]
    )  # fmt: skip
    current = router.current_areas(new_places, times, locations)
    for n, situation, today in zip(new, situations, current, strict=True):
        decision, location = router.decide(problems[n], situation), situation.location
        confirmed = router.channels[known[n].channel].confirmed
        routed.append(
            Routed(
                report=known[n],
                area_ids=location.area_ids if location else [],
                current_area_ids=today,
                decision=decision,
                registered=confirmed and decision.lead is not None,
            )
        )
    casework.add_decisions(conn, routed, router.revisions)
    register(conn, router.clocks, routed, confirmed=[router.channels[one.report.channel].confirmed for one in routed])
    return routed
