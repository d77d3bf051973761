"""The life of a report until it is registered or rejected: confirmation, registration, the manual desk."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from gridsvc.casework import duplicates
from gridsvc.casework.deciding import decided
from gridsvc.casework.life import ITSELF, actor_of, check_photos, check_version, step_of
from gridsvc.casework.registration import ask_confirmations, await_registration, awaits_confirmation, new_case
from gridsvc.casework.routing import Router
from gridsvc.domain.access import Right
from gridsvc.domain.cases import Actor, Asked, Tree
from gridsvc.domain.moves import INSPECTORS, SAME, SUPERVISION, Need, check_lane, check_satisfaction
from gridsvc.domain.report_states import REPORT_MOVES
from gridsvc.domain.reports import Report, check_moment
from gridsvc.domain.routing import DESK, Decision
from gridsvc.errors import ForbiddenError, InputError, NotFoundError
from gridsvc.store import audit, cases, casework
from gridsvc.store.callers import Caller, acting
from gridsvc.store.cases import Step
from gridsvc.store.casework import Routed
from gridsvc.store.city import City, departments
from gridsvc.store.clocks import the_clocks
from gridsvc.store.connection import Connection
from gridsvc.store.duplicates import add_duplicates

SAID = ("reply", "condition", "solved", "satisfaction")
"""What a step keeps as it was given."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A report as it stands while it is moved."""

    report: Report
    id: UUID
    state: str
    version: int
    confirmer: str | None
    place: tuple[float, float] | None
    """In the city's CRS."""


def move_report(conn: Connection, city: City, caller: Caller, report_id: UUID, asked: Asked, version: int) -> None:
    """`version`: number of the last step that the caller saw, 0 before the first.

    A report that is confirmed is registered at once if the rules name a lead; else it waits at the manual desk.
    Raises StaleError, InputError and ForbiddenError as the move of a case does.
    """
    REPORT_MOVES.named(asked.move)
    with conn.transaction():
        by_area = cases.report_by_area(conn, report_id)
        if by_area is None:
            raise NotFoundError(f"report {report_id} does not exist", zh=f"上报 {report_id} 不存在")
        caller.check(Right.WORK_CASES)
        actor = actor_of(caller, by_area=by_area, departments=())
        with acting(conn, Right.WORK_CASES):
            casework.keep_areas(conn)
            standing = _standing(lock_seen(conn, report_id, version))
            _check_may(standing, asked, actor)
            check_photos(conn, report_id, asked.given)
            _move(conn, city, standing, asked, actor)


def _standing(row: Mapping[str, Any]) -> Standing:
    names = (
        "channel", "external_id", "category", "kind", "subclass_code", "reported_at", "accuracy_m", "component_code",
        "condition",
    )  # fmt: skip
    closed = datetime.fromisoformat(row["closed_at"]) if row["closed_at"] else None
    return Standing(
        report=Report(**{name: row[name] for name in names}, closed_at=closed),
        id=row["id"],
        state=row["state"],
        version=row["version"],
        confirmer=row["confirmer"],
        place=None if row["x"] is None else (row["x"], row["y"]),
    )


def _check_may(standing: Standing, asked: Asked, actor: Actor) -> None:
    move = REPORT_MOVES.check(asked.move, standing.state, None, actor.roles, asked.given)
    if not actor.by_area:
        raise ForbiddenError(f"report {standing.id} lies outside of your areas of duty", zh="该上报不在您的责任区域内")
    theirs = actor.roles & move.roles
    if theirs <= INSPECTORS and standing.confirmer not in (None, actor.name):
        raise ForbiddenError(
            f"report {standing.id} is to be confirmed by {standing.confirmer}, who is on duty in its patrol grid, or "
            f"by {', '.join(sorted(SUPERVISION))}",
            zh=f"该上报由当班监督员 {standing.confirmer} 核实",
        )


def _move(conn: Connection, city: City, standing: Standing, asked: Asked, actor: Actor) -> None:
    at, report = datetime.now(UTC), standing.report
    if condition := asked.given.get(Need.CONDITION):
        the_clocks(conn, city).chosen(report.kind, report.subclass_code, str(condition))
        standing = replace(standing, report=replace(report, condition=str(condition)))
    match asked.move:
        case "confirm":
            confirmed = _write(conn, standing, asked, actor, at)
            await_registration(conn, the_clocks(conn, city), [confirmed.report], at)
            _register(conn, city, confirmed, Asked(move="register"), ITSELF, at)
        case "register":
            _register(conn, city, standing, asked, actor, at)
        case "decide":
            _decide(conn, city, standing, asked, actor, at)
        case _:
            _write(conn, standing, asked, actor, at)


def _write(conn: Connection, standing: Standing, asked: Asked, actor: Actor, at: datetime, **details: Any) -> Standing:
    """The report after the move; its step is written."""
    move = REPORT_MOVES.named(asked.move)
    after = replace(
        standing, state=standing.state if move.target == SAME else move.target, version=standing.version + 1
    )
    due = asked.given.get(Need.CHANNEL_DUE_AT)
    if due is not None:
        check_moment("channel_due_at", due)
    cases.save_report(conn, standing.id, after.state, after.report.condition, due)
    if asked.given.get(Need.SATISFACTION) is not None:
        check_satisfaction(asked.given[Need.SATISFACTION])
    said = {name: asked.given[name] for name in SAID if asked.given.get(name) not in (None, "")}
    said |= {"channel_due_at": due.isoformat()} if due else {}
    step = step_of(after.version, asked.move, after.state, asked, actor, at, {**said, **details})
    cases.add_report_step(conn, standing.id, step)
    told = {"move": asked.move, "step": after.version, "state": after.state}
    audit.record(conn, "report.move", f"report {standing.id}", before={"state": standing.state}, after=told)
    return after


def _register(conn: Connection, city: City, standing: Standing, asked: Asked, actor: Actor, at: datetime) -> None:
    """Routed again; the case, or the reason for the manual desk. A person who registers is told that reason."""
    router = Router(conn, city)
    decision = _settled(conn, router, standing)
    if decision.lead is None and actor is not ITSELF:
        raise InputError(
            f"nobody can be named for report {standing.id} ({decision.manual_reason}): decide names the department by "
            "hand",
            zh=f"规则无法确定责任部门（{decision.manual_reason}），请人工分派",
        )
    casework.decide_again(conn, standing.id, decision, router.revisions)
    if decision.lead is not None and decision.lane is not None:
        _open(conn, router, standing, decision.lead, decision.lane, asked, actor, at)


def lock_seen(conn: Connection, report_id: UUID, seen: int | None) -> dict[str, Any]:
    """The report, which nobody else changes now. `seen`: the last step that the caller saw; None: never mind.

    Raises StaleError with what happened since, if somebody was quicker.
    """
    found = cases.lock_report(conn, report_id)
    if seen is not None:
        since = cases.report_steps(conn, report_id, after=seen)
        check_version(found["version"], seen, since, f"report {report_id}")
    return found


def note_step(
    conn: Connection, report_id: UUID, move: str, account: str | None, details: Mapping[str, Any], seen: int | None
) -> None:
    """What was just done to a report besides its moves, as its next step; `seen` as in `lock_seen`."""
    found = lock_seen(conn, report_id, seen)
    step = Step(
        step=found["version"] + 1, move=REPORT_MOVES.named(move).name, state=found["state"], at=datetime.now(UTC),
        actor=account or ITSELF.name, department=None, note=None, photos=[], details=details,
    )  # fmt: skip
    cases.add_report_step(conn, report_id, step)


def decide_anew(conn: Connection, router: Router, report_id: UUID) -> tuple[Decision, bool]:
    """A report that waits, by what is known of it now; whether it is registered, since nothing else is missing.

    In the transaction of the caller, with the system's rights. What a channel closed long ago becomes history.
    """
    standing = _standing(cases.lock_report(conn, report_id))
    duplicates.take_turns(conn, router.channels, [standing.report])
    compared, found = duplicates.compare(
        conn, router.city.srid, router.channels, [_routed(router, standing)], stored=True
    )
    add_duplicates(conn, compared, found)
    (routed,) = compared
    casework.settle_report(conn, routed)
    casework.decide_again(conn, report_id, routed.decision, router.revisions, linked=routed.linked_to is not None)
    return routed.decision, routed.linked_to is None and _go_on(conn, router, standing, routed)


def _go_on(conn: Connection, router: Router, standing: Standing, routed: Routed) -> bool:
    """Whether it is registered; if it came unconfirmed and no inspector was asked yet, whoever is on duty is."""
    confirmed = router.channels[standing.report.channel].confirmed
    unasked = standing.state == "reported" or (standing.state == "confirming" and standing.confirmer is None)
    if unasked and awaits_confirmation(routed, confirmed=confirmed):
        ask_confirmations(conn, router.clocks, [routed])
    decision = routed.decision
    ready, now = standing.state == "confirmed" or (standing.state == "reported" and confirmed), datetime.now(UTC)
    if not ready:
        return False
    if decision.lead is None or decision.lane is None:
        if standing.report.closed_at is None:
            await_registration(conn, router.clocks, [routed.report], now)
        return False
    _open(conn, router, standing, decision.lead, decision.lane, Asked(move="register"), ITSELF, now)
    return True


def _decide(conn: Connection, city: City, standing: Standing, asked: Asked, actor: Actor, at: datetime) -> None:
    """By hand, with the reason; what the rules said stays in the explanation."""
    router = Router(conn, city)
    lead, lane = str(asked.given[Need.DEPARTMENT]), check_lane(str(asked.given[Need.LANE]))
    Tree(departments(conn)).check_takes_orders(lead, router.clocks.calendar.day_of(at))
    ruled = _settled(conn, router, standing)
    winner = {"rule": DESK, "lead": lead, "lane": lane, "by": actor.name, "reason": asked.note}
    explanation = {**ruled.explanation, "winner": winner, "runner_up": ruled.explanation["winner"]}
    decision = replace(
        ruled, lead=lead, lane=lane, rule=DESK, rule_id=None, manual_reason=None, proposal=None, explanation=explanation
    )
    casework.decide_again(conn, standing.id, decision, router.revisions)
    _open(conn, router, standing, lead, lane, asked, actor, at)


def _settled(conn: Connection, router: Router, standing: Standing) -> Decision:
    """By the rules of now; what the report is about and which component it surely means is kept with it."""
    routed = _routed(router, standing)
    casework.settle_report(conn, replace(routed, matched_component=duplicates.surely_meant(routed.decision)))
    return routed.decision


def _routed(router: Router, standing: Standing) -> Routed:
    (routed,) = decided(router, [standing.report], [standing.place])
    return routed


def _open(
    conn: Connection, router: Router, standing: Standing, lead: str, lane: str, asked: Asked, actor: Actor, at: datetime
) -> None:
    problem = router.problem(standing.report)
    known = replace(standing.report, kind=problem.kind, subclass_code=problem.subclass_code)
    made = cases.add_cases(conn, [new_case(router.clocks, known, lead, lane, at)], actor.name)
    _write(conn, standing, asked, actor, at, case=made[standing.id])
