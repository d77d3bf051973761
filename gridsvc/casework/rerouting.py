"""Open cases after the areas changed: who would have them now, and what is done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from gridsvc.casework.routing import Router
from gridsvc.domain.location import Location
from gridsvc.domain.matching import Match
from gridsvc.domain.routing import Decision, Situation
from gridsvc.store import casework
from gridsvc.store.casework import OpenCase
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

ACTOR = "areas"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """An open case that the rules would give to somebody else, or to nobody, by the areas of today."""

    case: OpenCase
    decision: Decision


@dataclass(frozen=True, kw_only=True)
class Rerouted:
    passed_on: int
    kept: int
    to_desk: int
    """Nobody can be named for them any more."""


def proposals(
    conn: Connection, router: Router, cases: Sequence[OpenCase], places: Sequence[Location], now: datetime
) -> list[Proposal]:
    """`places`: where each case lies by the areas that are to count.

    The component that a case is about stays what it was. How exact its place is was judged when it came in.
    """
    told = casework.components_decided(conn, [case.report_id for case in cases])
    found = []
    for case, place in zip(cases, places, strict=True):
        match = told.get(case.report_id)
        situation = Situation(location=place, match=Match.of_json(match) if match else None)
        decision = router.decide(router.problem_of(case, now), situation)
        if (decision.lead, decision.lane) != (case.lead, case.lane):
            found.append(Proposal(case=case, decision=decision))
    return found


def reroute(conn: Connection, city: City, reports: Sequence[UUID], revision: int, *, keep: bool) -> Rerouted:
    """Cases of reports whose areas changed go to whom the rules name now, or are kept where they are by choice.

    Each case that the change concerns gets a step that says so. In the transaction that changes the areas.
    """
    cases = casework.open_cases(conn, reports=reports) if reports else []
    if not cases:
        return Rerouted(passed_on=0, kept=0, to_desk=0)
    router, now = Router(conn, city), datetime.now(UTC)
    places = [place or Location() for place in router.locate([(case.x, case.y) for case in cases], [now] * len(cases))]
    passed_on = kept = to_desk = 0
    for proposal in proposals(conn, router, cases, places, now):
        case, decision = proposal.case, proposal.decision
        if decision.lead is None:
            casework.ask_desk(conn, case, decision, router.revisions)
            to_desk += 1
        elif keep:
            kept += 1
        else:
            casework.pass_on(conn, case, decision, router.revisions)
            passed_on += 1
        casework.note_case(conn, case.case_id, ACTOR, _note(revision, case, decision, keep))
    return Rerouted(passed_on=passed_on, kept=kept, to_desk=to_desk)


def _note(revision: int, case: OpenCase, decision: Decision, keep: bool) -> str:
    """In both languages: steps are read by everybody."""
    if decision.lead is None:
        return (
            f"区域第 {revision} 版后无法确定责任部门（{decision.manual_reason}），暂留 {case.lead}，待人工处理 / "
            f"areas, revision {revision}: nobody can be named ({decision.manual_reason}); stays with {case.lead} until "
            "somebody decides"
        )
    if keep:
        return (
            f"区域第 {revision} 版后应由 {decision.lead} 处置，按选择仍留 {case.lead} / areas, revision {revision}: it "
            f"would be {decision.lead}'s; kept with {case.lead} by choice"
        )
    return (
        f"因区域第 {revision} 版变更，由 {case.lead} 改派 {decision.lead} / areas, revision {revision}: from "
        f"{case.lead} to {decision.lead}"
    )
