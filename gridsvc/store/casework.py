"""Channels, duty rules, reports, decisions and cases."""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from gridsvc.domain.crs import FloatArray
from gridsvc.domain.grid_index import GridIndex
from gridsvc.domain.reports import Report
from gridsvc.domain.routing import Decision
from gridsvc.store.arrows import array_texts
from gridsvc.store.boxes import Box, box_sides
from gridsvc.store.connection import Connection
from gridsvc.store.queries import sql
from gridsvc.store.rows import dicts, execute, objects, tuples, value, values

LINKED = "linked"
"""State of a report that repeats another."""
LOT = 5_000
"""Reports assigned to their areas in one go."""


@dataclass(frozen=True, kw_only=True)
class Revisions:
    """What a decision was based on."""

    area: int
    duty: int
    inventory: int
    rules: int
    """Of the rule book: all that routing follows besides areas and components."""
    areas_since: datetime | None
    """From when the areas of now count; None if there are none."""


Place = tuple[float, float]
"""x, y in the city's CRS."""


@dataclass(frozen=True, kw_only=True)
class Routed:
    """A report with the decision about it."""

    report: Report
    place: Place | None
    area_ids: list[int]
    """The areas that held it at its own time."""
    current_area_ids: list[int]
    """The areas that hold its place today."""
    decision: Decision
    registered: bool
    matched_component: str | None = None
    """The component that it means, if that is certain."""
    linked_to: UUID | None = None
    """The open report that it repeats: nobody need decide about it, and no case comes of it."""
    repeats: bool = False
    """Whether it surely repeats an open report, linked or not: later ones are compared with that one, not with it."""

    @property
    def state(self) -> str:
        return LINKED if self.linked_to else "registered" if self.registered else "reported"

    @property
    def manual_reason(self) -> str | None:
        return None if self.linked_to else self.decision.manual_reason


def current_revisions(conn: Connection) -> Revisions:
    return objects(conn, Revisions, "current_revisions")[0]


def add_reports(
    conn: Connection, routed: Sequence[Routed], revisions: Revisions, *, srid: int, batch_id: int | None
) -> set[int]:
    """Store those reports of the lot that are new, what was decided about them, and the
    others as repeats; positions of the new ones. Runs in the caller's transaction.
    """
    rows = [{"n": n, **_row(r)} for n, r in enumerate(routed)]
    given = {"area": revisions.area, "duty": revisions.duty, "inventory": revisions.inventory, "srid": srid}
    new = set(values(conn, "add_reports", reports=_json(rows), batch_id=batch_id, **given))
    if len(new) < len(rows):
        again = [row for row in rows if row["n"] not in new]
        execute(conn, "add_repeats", reports=_json(again), batch_id=batch_id)
    return new


def _row(routed: Routed) -> dict[str, Any]:
    report = routed.report
    x, y = routed.place or (None, None)
    told = (
        "id", "channel", "external_id", "category", "kind", "subclass_code", "reported_at", "accuracy_m",
        "component_code", "condition", "channel_due_at", "address", "description", "reporter_name", "reporter_phone",
    )  # fmt: skip
    return {
        **{name: getattr(report, name) for name in told}, "recorded": _recorded(report), "x": x, "y": y,
        "area_ids": routed.area_ids, "current_area_ids": routed.current_area_ids,
        "departments": routed.decision.departments, "state": routed.state, "linked_to": routed.linked_to,
        "repeats": routed.repeats, "matched_component": routed.matched_component, **_decided(routed.decision),
        "waits_for": routed.manual_reason, "explanation": routed.decision.explanation,
    }  # fmt: skip


def _recorded(report: Report) -> dict[str, str]:
    """What the channel says became of it, the time of closing included: kept whether or not a case comes of it."""
    closed = {"closed_at": report.closed_at.isoformat()} if report.closed_at else {}
    return {**report.recorded, **closed}


def _decided(decision: Decision) -> dict[str, Any]:
    names = ("lead", "co_operating", "supervising", "lane", "rule", "rule_id", "manual_reason")
    found = {name: getattr(decision, name) for name in names}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _json(rows: list[dict[str, Any]]) -> str:
    """Ids and times as text."""
    return json.dumps(rows, ensure_ascii=False, default=str)


def assign_reports(conn: Connection, index: GridIndex, box: Box) -> list[UUID]:
    """Give the reports in a box the areas that hold their places today, after these changed; whose areas changed."""
    changed: list[UUID] = []
    with conn.cursor(name="places") as cursor:
        cursor.execute(sql("places_of_reports"), box_sides(box))
        while lot := cursor.fetchmany(LOT):
            ids, x, y = zip(*lot, strict=True)
            texts = array_texts(index.area_ids(np.array(x), np.array(y))).to_pylist()
            changed += values(conn, "assign_reports", ids=list(ids), area_ids=texts)
    return changed


def places_of_reports(conn: Connection, box: Box) -> FloatArray:
    """Places of the reports in a box, shape (n, 2)."""
    rows = tuples(conn, "places_of_reports", **box_sides(box))
    return np.array([(x, y) for _, x, y in rows], dtype=np.float64).reshape(-1, 2)


@dataclass(frozen=True, kw_only=True)
class OpenCase:
    """An open case with what its report says; x and y in the city's CRS."""

    case_id: int
    lead: str
    lane: str
    state: str
    report_id: UUID
    channel: str
    external_id: str
    kind: str | None
    subclass_code: str | None
    category: str | None
    x: float
    y: float


def open_cases(conn: Connection, *, reports: Sequence[UUID] | None = None, box: Box | None = None) -> list[OpenCase]:
    """Those of some reports, or with places in a box."""
    return objects(conn, OpenCase, "open_cases", reports=None if reports is None else list(reports), **box_sides(box))


def settle_report(conn: Connection, routed: Routed) -> None:
    """Where a stored report lies by now, what it is about, what it means and repeats."""
    execute(
        conn, "settle_report", id=routed.report.id, kind=routed.report.kind, subclass_code=routed.report.subclass_code,
        area_ids=routed.area_ids, current_area_ids=routed.current_area_ids,
        matched_component=routed.matched_component, linked_to=routed.linked_to, repeats=routed.repeats,
    )  # fmt: skip


def decide_again(
    conn: Connection, report_id: UUID, decision: Decision, revisions: Revisions, *, linked: bool = False
) -> None:
    """Another decision about a report, which shows it to those who have a part in it, or to the manual desk."""
    execute(
        conn, "decide_again", report_id=report_id, **_decided(decision), area=revisions.area, duty=revisions.duty,
        inventory=revisions.inventory, explanation=Jsonb(decision.explanation), departments=list(decision.departments),
        waits_for=None if linked else decision.manual_reason,
    )  # fmt: skip


def ask_desk(conn: Connection, report_id: UUID, manual_reason: str | None) -> None:
    """Why somebody must decide about a report again; None: nobody need."""
    execute(conn, "ask_desk", report_id=report_id, manual_reason=manual_reason)


@dataclass(frozen=True, kw_only=True)
class LastDecision:
    """The newest one about a report."""

    report_id: UUID
    component: dict[str, Any] | None
    """What it says of the components that the report may mean."""
    rule: str | None
    lead: str | None
    lane: str | None
    waits: bool
    """Whether somebody is to decide by hand and has not yet."""


def last_decisions(conn: Connection, reports: Sequence[UUID]) -> dict[UUID, LastDecision]:
    return {one.report_id: one for one in objects(conn, LastDecision, "last_decisions", reports=list(reports))}


def lock_reports(conn: Connection) -> None:
    """One file of reports at a time: two with the same reports in another order would wait for one another."""
    execute(conn, "lock_reports")


def keep_areas(conn: Connection) -> None:
    """No areas change until the caller's transaction ends, so that a decision names the areas it was based on."""
    execute(conn, "keep_areas")


def last_repeat(conn: Connection) -> dict[str, Any]:
    """What the repeat that this connection stored last says differently."""
    return dict(value(conn, "last_repeat"))


def report_by_id(conn: Connection, report_id: UUID) -> dict[str, Any] | None:
    rows = dicts(conn, "report_by_id", id=report_id)
    return rows[0] if rows else None


def report_receipt(conn: Connection, report_id: UUID) -> dict[str, Any] | None:
    """Its id and state."""
    rows = dicts(conn, "report_receipt", id=report_id)
    return rows[0] if rows else None


def receipts(conn: Connection, report_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """State, manual_reason and linked_to by id."""
    return {row.pop("id"): row for row in dicts(conn, "receipts", ids=list(report_ids))}


def known_reports(conn: Connection, report_ids: Sequence[UUID]) -> set[UUID]:
    """Those that are stored already."""
    return set(values(conn, "known_reports", ids=list(report_ids)))


@dataclass(frozen=True, kw_only=True)
class ReportFilter:
    """Which reports; `to_time` is exclusive."""

    kind: str | None = None
    subclass_code: str | None = None
    from_time: datetime | None = None
    to_time: datetime | None = None

    def values(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def reports_page(
    conn: Connection, chosen: ReportFilter, *, manual: bool | None, limit: int, offset: int
) -> tuple[int, list[dict[str, Any]]]:
    """How many reports there are in all, and one page of them, newest first."""
    total = int(value(conn, "reports_total", manual=manual, **chosen.values()))
    return total, dicts(conn, "reports_page", manual=manual, limit=limit, offset=offset, **chosen.values())


def decided_reports(conn: Connection, channel: str | None, chosen: ReportFilter) -> Iterator[dict[str, Any]]:
    """Reports of a channel, or of all, with their newest decision, streamed; needs an open transaction."""
    given = {"channel": channel, "from_time": chosen.from_time, "to_time": chosen.to_time}
    with conn.cursor(name="decided", row_factory=dict_row) as cursor:
        cursor.itersize = 2_000
        yield from cursor.execute(sql("decided_reports"), given)


def recorded_areas(conn: Connection, channel: str, kind: str, chosen: ReportFilter) -> tuple[int, int, int, int]:
    """How many located areas could be compared with the channel's record, are the same, have no record, and how many
    records have no located area."""
    given = {"channel": channel, "kind": kind, "from_time": chosen.from_time, "to_time": chosen.to_time}
    ((compared, same, not_recorded, not_located),) = tuples(conn, "recorded_areas_compared", **given)
    return compared, same, not_recorded, not_located


def recorded_areas_differ(conn: Connection, channel: str, kind: str, chosen: ReportFilter) -> list[dict[str, Any]]:
    given = {"channel": channel, "kind": kind, "from_time": chosen.from_time, "to_time": chosen.to_time}
    return dicts(conn, "recorded_areas_differ", **given)
