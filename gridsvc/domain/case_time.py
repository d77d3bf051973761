"""What moves do to the clock of a case, and to its end. Pure functions."""

from dataclasses import replace
from datetime import datetime

from gridsvc.domain.cases import Actor, Asked, Case, Effect, World
from gridsvc.domain.clock import Limit
from gridsvc.domain.moves import check_satisfaction
from gridsvc.domain.timing import limit_of
from gridsvc.errors import InputError


def _reopen(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    clock = replace(case.clock, begin=world.at, extensions=(), pauses=()) if case.clock else None
    fresh = replace(case, closed_at=None, merged_into=None, held_state=None, extension_asked=None, warned_at=None)
    return replace(fresh, review_at=None).timed(clock, world.clocks)


def _set_condition(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    chosen = world.clocks.chosen(case.kind, case.subclass_code, str(asked.given["condition"]))
    timing = world.clocks.start(case.kind, case.subclass_code, chosen.limit.condition_zh, case.registered_at)
    clock = replace(case.clock, limit=chosen.runs) if case.clock else case.standing(timing.clock, world.at)
    timed = case.timed(clock, world.clocks)
    return replace(timed, condition=chosen.limit.condition_zh, due_provisional=False, warned_at=None)


def _ask_extension(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    return replace(case, extension_asked=limit_of(asked.given["limit"]))


def _extend(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    given, limit = asked.given.get("limit"), _asked_for(case)
    limit = limit_of(given) if given else limit
    if case.clock is None:
        raise InputError(f"case {case.id} has no limit: {case.due_reason}", zh=f"案件 {case.id} 未设时限，无从延期")
    clock = replace(case.clock, extensions=(*case.clock.extensions, limit))
    return replace(case, extension_asked=None, warned_at=None).timed(clock, world.clocks)


def _asked_for(case: Case) -> Limit:
    if case.extension_asked is None:
        raise InputError(f"nobody asked for an extension of case {case.id}", zh=f"案件 {case.id} 没有待审批的延期申请")
    return case.extension_asked


def _refuse_extension(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    _asked_for(case)
    return replace(case, extension_asked=None)


def _put_aside(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    held = replace(case, held_state=case.state, review_at=_review_at(asked, world))
    return held.timed(case.clock and case.clock.stopped(world.at), world.clocks)


def _take_up(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    going = replace(case, held_state=None, review_at=None, warned_at=None)
    return going.timed(case.clock and case.clock.resumed(world.at), world.clocks)


def _review_at(asked: Asked, world: World) -> datetime | None:
    at: datetime | None = asked.given.get("review_at")
    if at is not None and at <= world.at:
        raise InputError(f"review_at {at.isoformat()} is not yet to come", zh="复核时间须晚于当前时间")
    return at


def _review(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    return replace(case, review_at=_review_at(asked, world))


def _warn(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    return replace(case, warned_at=world.at)


def _tell_due(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    """After a year's calendar was loaded, or limits were."""
    if case.clock is not None:
        return case.timed(case.clock, world.clocks)
    timing = world.clocks.start(case.kind, case.subclass_code, case.condition, case.registered_at)
    return case.started(timing).timed(case.standing(timing.clock, world.at), world.clocks)


def _merge(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    return replace(case, merged_into=int(asked.given["into"]))


def _follow_up(case: Case, asked: Asked, actor: Actor, world: World) -> Case:  # noqa: ARG001
    check_satisfaction(asked.given["satisfaction"])
    return case


TIME: dict[str, Effect] = {
    "reopen": _reopen, "set_condition": _set_condition, "ask_extension": _ask_extension, "extend": _extend,
    "refuse_extension": _refuse_extension, "suspend": _put_aside, "put_on_backlog": _put_aside, "resume": _take_up,
    "take_up": _take_up, "review": _review, "warn": _warn, "tell_due": _tell_due, "merge": _merge,
    "follow_up": _follow_up,
}  # fmt: skip
