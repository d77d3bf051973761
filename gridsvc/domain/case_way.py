"""What moves do to a case on its way: dispatch, transfer, return, disposal, verification. Pure functions."""

from dataclasses import replace

from gridsvc.domain.case_states import ORDERED
from gridsvc.domain.cases import Actor, Asked, Case, Effect, Hop, World
from gridsvc.domain.limits import Stage
from gridsvc.domain.moves import SYSTEM
from gridsvc.errors import ForbiddenError, InputError


def _give(case: Case, department: str, world: World, above: int | None = None) -> Case:
    limit = case.clock.limit if case.clock else None
    return case.given_to(department, world.at, above, world.clocks.stage_due(Stage.ACCEPT, limit, world.at))


def _lane(case: Case, asked: Asked) -> str:
    lane = asked.given.get("lane") or ("dispatched" if case.lane == "self" else case.lane)
    if lane not in ORDERED:
        raise InputError(
            f"a department is dispatched to in the lanes {', '.join(sorted(ORDERED))}, not in {lane!r}",
            zh=f"派遣只能采用派单处置或执法处置，不能是“{lane}”",
        )
    return str(lane)


def _dispatch(case: Case, asked: Asked, actor: Actor, world: World) -> Case:
    lead = asked.given.get("department") or case.lead
    if SYSTEM not in actor.roles:
        world.check_takes_orders(lead)
    return _give(replace(case, lead=lead, lane=_lane(case, asked)), lead, world)


def _redispatch(case: Case, asked: Asked, actor: Actor, world: World) -> Case:
    """The new department has the whole limit."""
    ended = case.without_hops(world.at, asked.move)
    clock = replace(case.clock, begin=world.at, extensions=(), pauses=()) if case.clock else None
    ended = replace(ended, extension_asked=None, warned_at=None).timed(clock, world.clocks)
    return _dispatch(ended, asked, actor, world)


def _accept(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001  one signature for all
    return case.with_hop(replace(_hop(case), accepted_at=world.at))


def _hop(case: Case) -> Hop:
    if case.hop is None:
        raise InputError(f"case {case.id} is with no department", zh=f"案件 {case.id} 目前不在任何部门")
    return case.hop


def _transfer(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    here, to = _hop(case), str(asked.given["department"])
    world.check_takes_orders(to)
    if not world.tree.is_below(to, here.department):
        below = ", ".join(world.tree.below(here.department)) or "none"
        raise InputError(
            f"department {to} does not stand below {here.department}; below it: {below}",
            zh=f"{to} 不是 {here.department} 的下级部门；其下级：{below}",
        )
    return _give(case, to, world, above=here.hop)


def _check_in_time(hop: Hop, world: World) -> None:
    if not world.clocks.may_return(hop.given_at, world.at):
        minutes = world.clocks.rules.return_minutes
        raise InputError(
            f"a case is returned within {minutes} working minutes, and it was given at {hop.given_at:%Y-%m-%d %H:%M}Z; "
            "ask the command centre to dispatch it to another department",
            zh=f"须在派遣后 {minutes} 个工作分钟内退回，现已超过；请联系指挥中心改派",
        )


def _return(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    hop = _hop(case)
    if hop.above is not None:
        raise InputError(
            f"case {case.id} was transferred by a department: hand_up gives it back to that one",
            zh=f"案件 {case.id} 由上级部门转派，请“退回上级”",
        )
    _check_in_time(hop, world)
    return case.with_hop(replace(hop, ended_at=world.at, how=asked.move))


def _hand_up(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    hop = _hop(case)
    if hop.above is None:
        raise InputError(
            f"case {case.id} was dispatched by the command centre: return gives it back",
            zh=f"案件 {case.id} 由指挥中心派遣，请“退回”",
        )
    _check_in_time(hop, world)
    return case.with_hop(replace(hop, ended_at=world.at, how=asked.move))


def _begin_enforcement(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    due = asked.given["statutory_due"]
    if due < case.registered_at.date():
        raise InputError(
            f"the statutory due date {due} lies before the case was registered", zh=f"法定期限 {due} 早于立案日期"
        )
    return replace(case, file_number=str(asked.given["file_number"]), statutory_due=due)


def _feed_back(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    """Its department is done, and the one that transferred has it again, until nobody is left."""
    return case.with_hop(replace(_hop(case), ended_at=world.at, how=asked.move))


def _dispose(case: Case, asked: Asked, actor: Actor, world: World) -> Case:
    return _disposed_by(_feed_back(case, asked, actor, world), actor)


def _self_dispose(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    return _disposed_by(case, actor)


def _disposed_by(case: Case, actor: Actor) -> Case:
    departments = case.disposing_departments | ({actor.department} if actor.department else set())
    return replace(case, disposers=case.disposers | {actor.name}, disposing_departments=departments)


def _ask_verification(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    if case.hop:
        raise InputError(
            f"department {case.hop.department} has not fed back yet", zh=f"{case.hop.department} 尚未逐级反馈"
        )
    return case


def _verify(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    if case.was_disposed_by(actor):
        raise ForbiddenError(
            f"whoever disposed of case {case.id} does not verify it, nor does the same department",
            zh=f"案件 {case.id} 由该账号或其部门处置，不能自行核查",
        )
    return case


def _fail(case: Case, asked: Asked, actor: Actor, world: World) -> Case:
    """Back to whom it was with, the same way down."""
    _verify(case, asked, actor, world)
    clock = case.clock.after_rework(world.at, world.clocks.rules.rework) if case.clock else None
    again = replace(case.timed(clock, world.clocks), extension_asked=None, warned_at=None)
    above = None
    for department in _way_down(case):
        again = again.given_to(department, world.at, above, None)
        above = len(again.hops)
        again = again.with_hop(replace(again.hops[-1], accepted_at=world.at))
    return again


def _way_down(case: Case) -> list[str]:
    """The departments from the command centre to the one that disposed last."""
    by_number = {hop.hop: hop for hop in case.hops}
    hop = next((hop for hop in reversed(case.hops) if hop.how == "dispose"), None)
    way: list[str] = []
    while hop is not None:
        way.insert(0, hop.department)
        hop = by_number[hop.above] if hop.above else None
    return way


def _relead(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    return replace(case, lead=str(asked.given["department"]))


WAY: dict[str, Effect] = {
    "dispatch": _dispatch, "redispatch": _redispatch, "reroute": _redispatch, "relead": _relead, "accept": _accept,
    "transfer": _transfer, "return": _return, "hand_up": _hand_up, "begin_enforcement": _begin_enforcement,
    "dispose": _dispose, "feed_back": _feed_back, "self_dispose": _self_dispose,
    "ask_verification": _ask_verification, "verify": _verify, "fail": _fail,
}  # fmt: skip
