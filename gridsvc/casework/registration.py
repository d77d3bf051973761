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
    new = [_new_case(clocks, one) for one in routed if one.registered]
    if new:
        cases.add_cases(conn, new, ACTOR)
    now = datetime.now(UTC)
    unsure = [one for one, sure in zip(routed, confirmed, strict=True) if not sure and one.report.closed_at is None]
    if unsure:
        due = {one.report.id: _confirm_due(clocks, one.report, now) for one in unsure}
        cases.ask_confirmations(conn, due, now, ACTOR)


def _new_case(clocks: Clocks, one: Routed) -> NewCase:
    assert one.decision.lead is not None
    assert one.decision.lane is not None
    return new_case(clocks, one.report, one.decision.lead, one.decision.lane, one.report.reported_at)


def new_case(
    clocks: Clocks, report: Report, lead: str, lane: str, at: datetime, *, split_from: int | None = None
) -> NewCase:
    timing = clocks.start(report.kind, report.subclass_code, report.condition, at)
    accept_due = None if report.closed_at else clocks.stage_due(Stage.ACCEPT, timing.limit, at)
    return NewCase(
        report_id=report.id, lead=lead, lane=lane, registered_at=at, closed_at=report.closed_at, timing=timing,
        split_from=split_from, stage_due_at=accept_due,
    )  # fmt: skip


def _confirm_due(clocks: Clocks, report: Report, now: datetime) -> datetime | None:
    return clocks.stage_due(Stage.CONFIRM, clocks.limit(report.kind, report.subclass_code, report.condition), now)
