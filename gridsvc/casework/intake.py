"""Reports in: stored once, located, routed, and registered where their channel confirms them."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from gridsvc.casework import duplicates
from gridsvc.casework.deciding import decided
from gridsvc.casework.live_rules import LiveRules
from gridsvc.casework.registration import awaits_confirmation, register
from gridsvc.casework.routing import ReportError, Router, swapped_hint
from gridsvc.domain.grid_index import GridIndex
from gridsvc.domain.reports import Report, check_not_to_come
from gridsvc.domain.routing import Decision
from gridsvc.store import audit, casework
from gridsvc.store.areas import AsOf
from gridsvc.store.casework import Routed
from gridsvc.store.city import City
from gridsvc.store.connection import Connection, in_transaction
from gridsvc.store.duplicates import add_duplicates
from gridsvc.store.locating import grid_index

LOT = 2_000
"""Reports that are held in memory at a time."""


@dataclass(kw_only=True)
class Taken:
    """What became of the reports."""

    read: int = 0
    new: int = 0
    repeated: int = 0
    registered: int = 0
    linked: int = 0
    """Folded at once into the reports that they repeat."""
    manual: Counter[str] = field(default_factory=Counter)
    unknown_conditions: int = 0
    """New ones with a condition that their subclass has not: their limit is that of no condition."""

    def add(self, reports: int, routed: Sequence[Routed]) -> None:
        self.read += reports
        self.new += len(routed)
        self.repeated += reports - len(routed)
        self.registered += sum(r.registered for r in routed)
        self.linked += sum(r.linked_to is not None for r in routed)
        self.manual.update(r.manual_reason for r in routed if r.manual_reason)

    def add_one(self, decision: Decision, registered: bool) -> None:
        """One that was decided anew."""
        self.read += 1
        self.new += 1
        self.registered += registered
        self.manual.update([decision.manual_reason] if decision.manual_reason else [])


def take_in(
    conn: Connection,
    city: City,
    reports: Iterable[Report],
    batch_id: int | None = None,
    *,
    index: GridIndex | None = None,
) -> Taken:
    """Store, locate and route any number of reports in one transaction, lot by lot; by the index, unless it is old.

    Without one, an index is made if the first lot is full: PostGIS takes longer for more than that.

    One with an unknown subclass is kept and goes to the manual desk: the others need not wait for it. One with an
    unknown condition is kept too, and counted.
    """
    taken = Taken()
    with conn.transaction():
        casework.keep_areas(conn)
        router = None
        for lot in _lots(reports):
            if router is None:
                many = index is None and len(lot) == LOT
                router = Router(conn, city, grid_index(conn) if many else index)
            try:
                new = _take_lot(conn, router, lot, batch_id)
                taken.add(len(lot), new)
                taken.unknown_conditions += sum(not router.knows_condition(one.report) for one in new)
            except ReportError as error:
                raise ReportError(taken.read + error.number, str(error)) from error
    return taken


@dataclass(frozen=True, kw_only=True)
class TakenOne:
    """What became of one report."""

    id: UUID
    new: bool
    state: str
    hint: str | None
    """If its place looks wrong."""
    differs: dict[str, Any] | None
    """What a repeat says differently from what is stored; None for a new report."""


def take_one(
    conn: Connection, city: City, report: Report, *, index: GridIndex | None = None, rules: LiveRules | None = None
) -> TakenOne:
    """Store, locate and route one report; by the index and the rules that are held, unless they are old.

    The report's subclass must be known.
    """
    check_not_to_come("reported_at", report.reported_at, datetime.now(UTC))
    with in_transaction(conn):
        casework.keep_areas(conn)
        router = Router(conn, city, index, rules)
        router.check_known(report.kind, report.subclass_code)
        router.check_condition(report)
        (routed,) = _routed(router, [report])
        new = _store(conn, router, [routed], None)
        audit.record(conn, "report.take_in" if new else "report.repeat", f"report {report.id}")
        stored = None if new else casework.report_receipt(conn, report.id)
        return TakenOne(
            id=report.id, new=bool(new), state=stored["state"] if stored else _state(router, new[0]),
            hint=_hint(conn, city, report, routed.decision.explanation),
            differs=None if new else _told(casework.last_repeat(conn), report),
        )  # fmt: skip


def _state(router: Router, routed: Routed) -> str:
    """Of a new report."""
    confirmed = router.channels[routed.report.channel].confirmed
    return "confirming" if awaits_confirmation(routed, confirmed=confirmed) else routed.state


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
    """The new ones of them."""
    return _store(conn, router, _routed(router, reports), batch_id)


def _routed(router: Router, reports: Sequence[Report]) -> list[Routed]:
    """Located and decided; nothing is stored yet."""
    for n, report in enumerate(reports, start=1):
        router.check_channel(n, report)
    return decided(router, reports, router.places(reports))


def _store(conn: Connection, router: Router, routed: Sequence[Routed], batch_id: int | None) -> list[Routed]:
    """The new ones, linked to what they repeat, or registered as far as they can be."""
    duplicates.take_turns(conn, router.channels, [one.report for one in routed])
    compared, found = duplicates.compare(conn, router.city.srid, router.channels, routed)
    known = casework.add_reports(conn, compared, router.revisions, srid=router.city.srid, batch_id=batch_id)
    new = [compared[n] for n in sorted(known)]
    add_duplicates(conn, new, found)
    register(conn, router.clocks, new, confirmed=[router.channels[one.report.channel].confirmed for one in new])
    return new
