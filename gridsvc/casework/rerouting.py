"""Open cases after the areas changed: who would have them now, and what is done about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from gridsvc.casework.life import make
from gridsvc.casework.routing import Router
from gridsvc.domain.case_states import CASE_MOVES
from gridsvc.domain.cases import Asked, Case, Tree, World, service
from gridsvc.domain.location import Location
from gridsvc.domain.matching import Match
from gridsvc.domain.routing import DESK, Decision, Situation
from gridsvc.store import cases, casework
from gridsvc.store.casework import LastDecision, OpenCase
from gridsvc.store.city import City, departments
from gridsvc.store.connection import Connection

ACTOR = service("areas")
STAY = "stay"
BY_CHOICE, STANDS = ("按选择", "by choice"), ("因其状态或处置方式", "as its state or lane demands")
BY_HAND = ("按人工决定", "as somebody decided by hand")


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """An open case that the rules would give to somebody else, or to nobody, by the areas of today."""

    case: OpenCase
    decision: Decision
    by_hand: bool
    """Somebody decided who has it: whatever the rules say, it stays."""


@dataclass(frozen=True, kw_only=True)
class Rerouted:
    passed_on: int
    kept: int
    to_desk: int
    """Nobody can be named for them any more."""


def proposals(
    conn: Connection, router: Router, open_cases: Sequence[OpenCase], places: Sequence[Location], now: datetime
) -> list[Proposal]:
    """`places`: where each case lies by the areas that are to count.

    The component that a case is about stays what it was. How exact its place is was judged when it came in. Where the
    rules say what they said before, the change does not concern the case.
    """
    told = casework.last_decisions(conn, [case.report_id for case in open_cases])
    found = []
    for case, place in zip(open_cases, places, strict=True):
        last = told.get(case.report_id)
        match = last.component if last else None
        situation = Situation(location=place, match=Match.of_json(match) if match else None)
        decision = router.decide(router.problem_of(case, now), situation)
        before = [(case.lead, case.lane), *([(last.lead, last.lane)] if last else [])]
        if (decision.lead, decision.lane) not in before:
            found.append(Proposal(case=case, decision=decision, by_hand=last is not None and _by_hand(case, last)))
    return found


def _by_hand(case: OpenCase, last: LastDecision) -> bool:
    """At the desk, or by dispatching it to somebody whom the rules did not name."""
    if last.lead is None:
        return not last.waits
    return last.rule == DESK or (case.lead, case.lane) != (last.lead, last.lane)


def reroute(conn: Connection, city: City, reports: Sequence[UUID], revision: int, *, keep: bool) -> Rerouted:
    """Cases of reports whose areas changed go to whom the rules name now, or are kept where they are by choice.

    Each case that the change concerns gets a step that says so. In the transaction that changes the areas.
    """
    locked = {case.id: case for case in cases.lock_cases_of(conn, reports)} if reports else {}
    if not locked:
        return Rerouted(passed_on=0, kept=0, to_desk=0)
    found, router, now = casework.open_cases(conn, reports=reports), Router(conn, city), datetime.now(UTC)
    world = World(clocks=router.clocks, tree=Tree(departments(conn)), at=now)
    places = [place or Location() for place in router.locate([(case.x, case.y) for case in found], [now] * len(found))]
    passed_on = kept = to_desk = 0
    for proposal in proposals(conn, router, found, places, now):
        case, decision = proposal.case, proposal.decision
        asked = _asked(locked[case.case_id], decision, keep=keep or proposal.by_hand)
        why = None if asked.move != STAY else BY_HAND if proposal.by_hand else BY_CHOICE if keep else STANDS
        note = _note(revision, case, decision, why)
        make(conn, locked[case.case_id], replace(asked, given={**asked.given, "note": note}), ACTOR, world)
        asks_desk = decision.lead is None and not proposal.by_hand
        if asks_desk or asked.move != STAY:
            casework.decide_again(conn, case.report_id, decision, router.revisions)
        to_desk += asks_desk
        kept += asked.move == STAY and not asks_desk
        passed_on += asked.move != STAY
    return Rerouted(passed_on=passed_on, kept=kept, to_desk=to_desk)


def _asked(case: Case, decision: Decision, *, keep: bool) -> Asked:
    """Work that is done, or stands still, stays where it is, and so does what would become a matter of the grid."""
    movable = case.state in CASE_MOVES.named("reroute").sources
    if keep or decision.lead is None or not movable:
        return Asked(move=STAY)
    if decision.lane != "self":
        return Asked(move="reroute", given={"department": decision.lead, "lane": decision.lane})
    return Asked(move="relead", given={"department": decision.lead}) if case.lane == "self" else Asked(move=STAY)


def _note(revision: int, case: OpenCase, decision: Decision, kept: tuple[str, str] | None) -> str:
    """In both languages: steps are read by everybody. `kept`: why it stays where it is."""
    if decision.lead is None and kept == BY_HAND:
        return (
            f"区域第 {revision} 版后规则无法确定责任部门（{decision.manual_reason}），{kept[0]}仍留 {case.lead} / "
            f"areas, revision {revision}: nobody can be named ({decision.manual_reason}); kept with {case.lead} "
            f"{kept[1]}"
        )
    if decision.lead is None:
        return (
            f"区域第 {revision} 版后无法确定责任部门（{decision.manual_reason}），暂留 {case.lead}，待人工处理 / "
            f"areas, revision {revision}: nobody can be named ({decision.manual_reason}); stays with {case.lead} until "
            "somebody decides"
        )
    if kept:
        return (
            f"区域第 {revision} 版后应由 {decision.lead} 处置，{kept[0]}仍留 {case.lead} / areas, revision {revision}: "
            f"it would be {decision.lead}'s; kept with {case.lead} {kept[1]}"
        )
    return (
        f"因区域第 {revision} 版变更，由 {case.lead} 改派 {decision.lead} / areas, revision {revision}: from "
        f"{case.lead} to {decision.lead}"
    )
