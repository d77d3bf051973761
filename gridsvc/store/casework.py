"""Channels, duty rules, reports, decisions and cases."""

import dataclasses
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from psycopg.rows import dict_row

from gridsvc.domain.crs import FloatArray
from gridsvc.domain.grid_index import GridIndex
from gridsvc.domain.reports import Report
from gridsvc.domain.routing import Decision
from gridsvc.errors import one_of
from gridsvc.store.arrows import array_texts
from gridsvc.store.boxes import Box, box_sides
from gridsvc.store.connection import Connection
from gridsvc.store.queries import sql
from gridsvc.store.rows import (
    array_text,
    copy_in,
    dicts,
    execute,
    execute_many,
    objects,
    text_array,
    tuples,
    value,
    values,
)

LOT = 5_000
"""Reports assigned to their areas in one go."""


@dataclass(frozen=True, kw_only=True)
class Channel:
    channel: str
    name_zh: str
    name_en: str
    confirmed: bool
    """Its reports arrive confirmed, so they are registered at once."""
    open_to_public: bool = False
    """Whoever has no account may report by it."""


@dataclass(frozen=True, kw_only=True)
class Category:
    channel: str
    category: str
    kind: str
    subclass_code: str


@dataclass(frozen=True, kw_only=True)
class Revisions:
    """What a decision was based on."""

    area: int
    duty: int
    inventory: int


@dataclass(frozen=True, kw_only=True)
class Routed:
    """A report with the decision about it; x and y in the city's CRS."""

    report: Report
    area_ids: list[int]
    """The areas that held it at its own time."""
    current_area_ids: list[int]
    """The areas that hold its place today."""
    decision: Decision
    registered: bool


def channels(conn: Connection) -> dict[str, Channel]:
    return {row.channel: row for row in objects(conn, Channel, "channels")}


def check_channel(conn: Connection, channel: str) -> None:
    known = sorted(channels(conn))
    if channel not in known:
        raise one_of("channel", channel, known)


def declare_channels(conn: Connection, rows: Iterable[Channel]) -> None:
    execute_many(conn, "declare_channel", map(dataclasses.asdict, rows))


def categories(conn: Connection) -> dict[tuple[str, str], Category]:
    return {(row.channel, row.category): row for row in objects(conn, Category, "categories")}


def declare_categories(conn: Connection, rows: Iterable[dict[str, str]]) -> None:
    execute_many(conn, "declare_category", rows)


def current_revisions(conn: Connection) -> Revisions:
    return Revisions(
        area=value(conn, "current_revision"),
        duty=value(conn, "current_duty_revision"),
        inventory=value(conn, "newest_batch"),
    )


def add_reports(
    conn: Connection,
    reports: Sequence[Report],
    xy: Sequence[tuple[float, float] | None],
    *,
    srid: int,
    batch_id: int | None,
) -> set[int]:
    """Store those reports of the lot that are new, and the others as repeats; positions of the new ones.

    `xy` are the places in the city's CRS. Runs in the caller's transaction.
    """
    execute(conn, "make_report_stage")
    execute(conn, "empty_report_stage")
    copy_in(
        conn,
        "COPY report_stage (n, id, channel, external_id, category, kind, subclass_code, reported_at, closed_at,"
        " accuracy_m, component_code, condition, channel_due_at, address, description, recorded, reporter_name,"
        " reporter_phone, x, y) FROM STDIN",
        (
            (n, r.id, r.channel, r.external_id, r.category, r.kind, r.subclass_code, r.reported_at, r.closed_at,
             r.accuracy_m, r.component_code, r.condition, r.channel_due_at, r.address, r.description, _recorded(r),
             r.reporter_name, r.reporter_phone, *(place or (None, None)))
            for n, (r, place) in enumerate(zip(reports, xy, strict=True))
        ),
    )  # fmt: skip
    new = set(values(conn, "add_reports", batch_id=batch_id, srid=srid))
    first: dict[UUID, int] = {}
    for n, report in enumerate(reports):
        if report.id in new:
            first.setdefault(report.id, n)
    execute(conn, "add_reporters", first=list(first.values()))
    execute(conn, "add_repeats", batch_id=batch_id, first=list(first.values()))
    return set(first.values())


def _recorded(report: Report) -> str:
    """What the channel says became of it, the time of closing included: kept whether or not a case comes of it."""
    closed = {"closed_at": report.closed_at.isoformat()} if report.closed_at else {}
    return json.dumps({**report.recorded, **closed}, ensure_ascii=False)


def add_decisions(conn: Connection, routed: Sequence[Routed], revisions: Revisions) -> None:
    """Store the decisions of new reports."""
    _write_decisions(conn, ((r.report.id, r.decision) for r in routed), revisions)
    execute(
        conn,
        "set_proposals",
        ids=[r.report.id for r in routed],
        area_ids=[array_text(r.area_ids) for r in routed],
        current_area_ids=[array_text(r.current_area_ids) for r in routed],
        departments=[text_array(r.decision.departments) for r in routed],
        manual_reasons=[r.decision.manual_reason for r in routed],
        states=["registered" if r.registered else "reported" for r in routed],
    )


def _write_decisions(conn: Connection, decided: Iterable[tuple[UUID, Decision]], revisions: Revisions) -> None:
    copy_in(
        conn,
        "COPY routing_decision (report_id, lead, co_operating, supervising, lane, rule, rule_id, manual_reason,"
        " area_revision, duty_revision, inventory_batch, explanation) FROM STDIN",
        (
            (report_id, d.lead, list(d.co_operating), list(d.supervising), d.lane, d.rule, d.rule_id,
             d.manual_reason, revisions.area, revisions.duty, revisions.inventory,
             json.dumps(d.explanation, ensure_ascii=False))
            for report_id, d in decided
        ),
    )  # fmt: skip


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


def decide_again(conn: Connection, report_id: UUID, decision: Decision, revisions: Revisions) -> None:
    """Another decision about a report, which shows it to those who have a part in it, or to the manual desk."""
    if decision.lead is not None:
        execute(conn, "show_to", report_id=report_id, departments=list(decision.departments))
    ask_desk(conn, report_id, decision.manual_reason)
    _write_decisions(conn, [(report_id, decision)], revisions)


def ask_desk(conn: Connection, report_id: UUID, manual_reason: str | None) -> None:
    """Why somebody must decide about a report again; None: nobody need."""
    execute(conn, "ask_desk", report_id=report_id, manual_reason=manual_reason)


def components_decided(conn: Connection, reports: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What the newest decisions about reports say of the components that they mean."""
    return dict(tuples(conn, "components_decided", reports=list(reports)))


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


def channel_open(conn: Connection, channel: str) -> bool:
    """Whether there is such a channel and the public may report by it."""
    return bool(value(conn, "channel_open", channel=channel))


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


def decided_reports(conn: Connection, channel: str, chosen: ReportFilter) -> Iterator[dict[str, Any]]:
    """Reports with their newest decision, streamed; needs an open transaction."""
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
