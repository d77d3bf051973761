"""One move of a case, as a pure function: the table says who may and which state follows, the effect what else."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gridsvc.domain.case_states import ENDED
from gridsvc.domain.case_time import TIME
from gridsvc.domain.case_way import WAY
from gridsvc.domain.cases import Actor, Asked, Case, Effect, World, check_may
from gridsvc.domain.moves import BEFORE, SAME
from gridsvc.domain.timing import Clocks

EFFECTS: Mapping[str, Effect] = {**WAY, **TIME}
"""Of moves that do more than lead from state to state."""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """The case afterwards, its version counted on, and what the step says of it."""

    case: Case
    move: str
    details: Mapping[str, Any]


def moved(case: Case, asked: Asked, actor: Actor, world: World) -> Moved:
    """Raises InputError, NotFoundError or ForbiddenError; the case itself is never changed."""
    move = check_may(case, asked, actor)
    state = {SAME: case.state, BEFORE: case.held_state or case.state}.get(move.target, move.target)
    before = replace(case, version=case.version + 1)
    after = EFFECTS[move.name](before, asked, actor, world) if move.name in EFFECTS else before
    anew = len(after.hops) > len(case.hops)
    after = replace(after, state=state).staged(world.at, world.clocks, anew=anew)
    if state in ENDED:
        after = replace(after.without_hops(world.at, move.name), closed_at=case.closed_at or world.at)
    return Moved(case=after, move=move.name, details=_details(case, after, asked) | _stage_ended(case, after))


def next_by_itself(case: Case, clocks: Clocks) -> str | None:
    """The move that the service makes at once: a self-disposed case is closed, or verified if it is of the sample."""
    if case.state != "self_disposed":
        return None
    return "ask_verification" if clocks.sampled(case.id) else "close_self"


def _details(before: Case, after: Case, asked: Asked) -> dict[str, Any]:
    """What was given beside note and pictures, and what changed of lead, lane, department and time."""
    given = {name: _plain(value) for name, value in asked.given.items() if name in _SAID and value is not None}
    changed = {
        name: _plain(getattr(after, name))
        for name in ("lead", "lane", "department", "condition", "due_at")
        if getattr(before, name) != getattr(after, name)
    }
    return changed | given


def _stage_ended(before: Case, after: Case) -> dict[str, str]:
    """What was to happen, and until when: whether it came in time can be told for good."""
    ended = (before.stage, before.stage_due_at) != (after.stage, after.stage_due_at)
    if before.stage is None or before.stage_due_at is None or not ended:
        return {}
    return {"stage": before.stage, "stage_due_at": before.stage_due_at.isoformat()}


_SAID = (
    "reply", "limit", "file_number", "statutory_due", "review_at", "into", "solved", "satisfaction", "channel_due_at",
)  # fmt: skip


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
