"""The life of a case: one move, one transaction, one step. Two who move the same case do it one after the other."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from gridsvc.casework.registration import new_case
from gridsvc.domain.access import Right
from gridsvc.domain.case_life import Moved, moved, next_by_itself
from gridsvc.domain.case_states import CASE_MOVES, ENDED
from gridsvc.domain.cases import Actor, Asked, Case, Tree, World, service
from gridsvc.domain.moves import Need, check_lane
from gridsvc.domain.reports import Report, check_moment
from gridsvc.errors import InputError, NotFoundError, StaleError
from gridsvc.store import audit, cases, casework
from gridsvc.store.callers import Caller, acting
from gridsvc.store.cases import Part, Step
from gridsvc.store.city import City, departments
from gridsvc.store.clocks import the_clocks
from gridsvc.store.connection import Connection

ITSELF = service("gridsvc")
BY_HAND = ("dispatch", "redispatch")
"""Moves by which a person decides what rules could not: the manual desk need not ask any more."""


def move_case(conn: Connection, city: City, caller: Caller, case_id: int, asked: Asked, version: int) -> None:
    """`version`: number of the last step that the caller saw.

    Raises StaleError if there are more, InputError for a move that is not possible, ForbiddenError for whom it is not.
    """
    CASE_MOVES.named(asked.move)
    with conn.transaction():
        access = cases.case_access(conn, case_id)
        if access is None:
            raise NotFoundError(f"case {case_id} does not exist", zh=f"案件 {case_id} 不存在")
        _check_into(conn, case_id, asked.given.get(Need.INTO))
        right = right_to_work(caller)
        actor = actor_of(caller, by_area=access.by_area, departments=access.departments)
        with acting(conn, right):
            casework.keep_areas(conn)  # before the case is locked: areas that come into force lock in this order
            _move(conn, city, case_id, asked, actor, version)


def _check_into(conn: Connection, case_id: int, into: int | None) -> None:
    """Another case that the caller sees and that is open."""
    if into is None:
        return
    found = cases.case_by_id(conn, into)
    if found is None or into == case_id or found["state"] in ENDED:
        raise InputError(
            f"case {case_id} can only be merged into another case that is open, and {into} is none",
            zh=f"只能并入另一件在办案件，案件 {into} 不符合",
        )


def actor_of(caller: Caller, *, by_area: bool, departments: Sequence[str]) -> Actor:
    return Actor(
        name=caller.name or "",
        department=caller.department,
        roles=frozenset(caller.roles),
        departments=frozenset(departments),
        by_area=by_area,
    )


def right_to_work(caller: Caller) -> Right:
    """Of the centres and the people of the grids, or of departments. Raises ForbiddenError for who has neither."""
    right = Right.DISPOSE if caller.may(Right.DISPOSE) and not caller.may(Right.WORK_CASES) else Right.WORK_CASES
    caller.check(right)
    return right


def _move(conn: Connection, city: City, case_id: int, asked: Asked, actor: Actor, version: int) -> None:
    """With the system's rights."""
    into = asked.given.get(Need.INTO)
    found = {case.id: case for case in cases.lock_cases(conn, [case_id, *([into] if into else [])])}
    case = found[case_id]
    check_version(case.version, version, cases.case_steps(conn, case_id, after=version), f"case {case_id}")
    world = World(clocks=the_clocks(conn, city), tree=Tree(departments(conn)), at=datetime.now(UTC))
    check_photos(conn, case.report_id, asked.given)
    if due := asked.given.get(Need.CHANNEL_DUE_AT):
        check_moment("channel_due_at", due)
        cases.save_channel_due(conn, case.report_id, due)
    done = make(conn, case, asked, actor, world)
    after = {"move": done.move, "step": done.case.version, "state": done.case.state}
    audit.record(conn, "case.move", f"case {case.id}", before={"state": case.state}, after=after)
    if asked.move in BY_HAND:
        casework.ask_desk(conn, case.report_id, None)
    if into:
        note = f"并入案件 {case_id} / case {case_id} is merged into this one"
        make(conn, found[into], Asked(move="absorb", given={"note": note}), ITSELF, world)
    if asked.move == "split":
        _split(conn, case, asked, actor, world)
    by_itself = next_by_itself(done.case, world.clocks)
    if by_itself:
        make(conn, done.case, Asked(move=by_itself), ITSELF, world)


def check_version(now: int, seen: int, since: list[dict[str, Any]], what: str) -> None:
    if seen == now:
        return
    if seen > now:
        raise InputError(f"{what} has only {now} steps, not {seen}", zh=f"只有 {now} 个步骤，没有第 {seen} 步")
    by = ", ".join(f"{step['move']} by {step['actor']}" for step in since)
    raise StaleError(
        f"{what} was changed since you looked at it (version {seen}, now {now}): {by}",
        since,
        zh=f"您查看之后已有变更（第 {seen} 步，现为第 {now} 步），请重新打开后再操作",
    )


def make(conn: Connection, case: Case, asked: Asked, actor: Actor, world: World) -> Moved:
    """The move itself: the case, its hops and its step are written."""
    done = moved(case, asked, actor, world)
    cases.save_case(conn, case, done.case)
    step = step_of(done.case.version, done.move, done.case.state, asked, actor, world.at, done.details)
    cases.add_case_step(conn, case.id, step)
    if done.case.department and done.case.department != case.department:
        cases.show_also_to(conn, case.report_id, done.case.department)
    if done.case.state in ENDED:
        casework.ask_desk(conn, case.report_id, None)
    return done


def step_of(
    number: int, move: str, state: str, asked: Asked, actor: Actor, at: datetime, details: Mapping[str, Any]
) -> Step:
    pictures = {name: list(asked.given.get(name) or ()) for name in (Need.PHOTOS_BEFORE, Need.PHOTOS_AFTER)}
    named = {name.value: [str(each) for each in ids] for name, ids in pictures.items() if ids}
    return Step(
        step=number,
        move=move,
        state=state,
        at=at,
        actor=actor.name,
        department=actor.department,
        note=asked.note,
        photos=[each for ids in pictures.values() for each in ids],
        details={**details, **named},
    )


def check_photos(conn: Connection, report_id: UUID, given: Mapping[str, Any]) -> None:
    named = {each for name in (Need.PHOTOS_BEFORE, Need.PHOTOS_AFTER) for each in given.get(name) or ()}
    if named and (strange := named - cases.photos_of_case(conn, report_id, named)):
        listed = ", ".join(sorted(map(str, strange)))
        raise InputError(
            f"not pictures of report {report_id}: {listed}; send them to /api/v1/reports/{report_id}/photos first",
            zh=f"以下照片不属于该上报：{listed}",
        )


def _split(conn: Connection, case: Case, asked: Asked, actor: Actor, world: World) -> None:
    """A part becomes a case of its own, with a report of its own: one report is never two cases."""
    lead, lane = str(asked.given.get("department") or case.lead), check_lane(str(asked.given.get("lane") or case.lane))
    world.check_takes_orders(lead)
    channel, external_id = cases.name_of_report(conn, case.report_id)
    name = f"{external_id[:150]}/split-{case.id}-{case.version + 1}-{uuid4().hex[:8]}"
    condition = asked.given.get("condition") or case.condition
    if asked.given.get("condition"):
        world.clocks.chosen(case.kind, case.subclass_code, str(condition))
    report = Report(
        channel=channel, external_id=name, reported_at=world.at, kind=case.kind, subclass_code=case.subclass_code,
        condition=condition,
    )  # fmt: skip
    cases.copy_report(
        conn,
        Part(
            case_id=case.id, report_id=case.report_id, new_id=report.id, external_id=name, condition=condition,
            lead=lead, lane=lane, actor=actor, note=asked.note or "",
        ),
    )  # fmt: skip
    cases.show_also_to(conn, report.id, lead)
    part = new_case(world.clocks, report, lead, lane, world.at, split_from=case.id)
    cases.add_cases(conn, [part], actor.name)
