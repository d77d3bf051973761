"""Reports become cases: at once where their channel confirms them and a lead is known, else after confirmation."""

from collections.abc import Sequence
from datetime import UTC, datetime

from gridsvc.domain.limits import Stage
from gridsvc.domain.reports import Report
from gridsvc.domain.timing import Clocks
from gridsvc.store import cases
from gridsvc.store.cases import NewCase
from gridsvc.store.casework import Routed
from gridsvc.store.connection import Connection

ACTOR = "intake"


def register(conn: Connection, clocks: Clocks, routed: Sequence[Routed], *, confirmed: Sequence[bool]) -> None:
    """New reports with their decisions: the cases of those that are registered, and who is to confirm which others.

    `confirmed`: whether each came confirmed. What a channel closed long ago is not confirmed any more.
    """
    now = datetime.now(UTC)
    new = [_new_case(clocks, one, now) for one in routed if one.registered]
    if new:
        cases.add_cases(conn, new, ACTOR)
    unsure = [one for one, sure in zip(routed, confirmed, strict=True) if awaits_confirmation(one, confirmed=sure)]
    if unsure:
        ask_confirmations(conn, clocks, unsure)
    stuck = [one.report for one, sure in zip(routed, confirmed, strict=True) if sure and _awaits_person(one)]
    if stuck:
        await_registration(conn, clocks, stuck, now)


def ask_confirmations(conn: Connection, clocks: Clocks, routed: Sequence[Routed]) -> None:
    now = datetime.now(UTC)
    due = {one.report.id: _stage_due(clocks, Stage.CONFIRM, one.report, now) for one in routed}
    cases.ask_confirmations(conn, due, now, ACTOR)


def await_registration(conn: Connection, clocks: Clocks, reports: Sequence[Report], now: datetime) -> None:
    """Confirmed ones: registered or rejected by a person until then, unless that happens at once."""
    cases.await_registration(conn, {one.id: _stage_due(clocks, Stage.REGISTER, one, now) for one in reports})


def _awaits_person(one: Routed) -> bool:
    return not one.registered and one.report.closed_at is None and one.linked_to is None


def awaits_confirmation(one: Routed, *, confirmed: bool) -> bool:
    return not confirmed and one.report.closed_at is None and one.linked_to is None


def _new_case(clocks: Clocks, one: Routed, now: datetime) -> NewCase:
    assert one.decision.lead is not None
    assert one.decision.lane is not None
    return new_case(clocks, one.report, one.decision.lead, one.decision.lane, now)


def new_case(
    clocks: Clocks, report: Report, lead: str, lane: str, now: datetime, *, split_from: int | None = None
) -> NewCase:
    """Limits run from now, however late the report came in; history began when it was reported."""
    at = report.reported_at if report.closed_at else now
    timing = clocks.start(report.kind, report.subclass_code, report.condition, at)
    accept_due = None if report.closed_at else clocks.stage_due(Stage.ACCEPT, timing.limit, at)
    return NewCase(
        report_id=report.id, lead=lead, lane=lane, registered_at=at, closed_at=report.closed_at, timing=timing,
        split_from=split_from, stage_due_at=accept_due,
    )  # fmt: skip


def _stage_due(clocks: Clocks, stage: Stage, report: Report, now: datetime) -> datetime | None:
    return clocks.stage_due(stage, clocks.limit(report.kind, report.subclass_code, report.condition), now)
