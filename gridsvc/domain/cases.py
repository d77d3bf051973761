"""A case as it stands, who moves it, and what is known around it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from gridsvc.domain.case_states import ASIDE, CASE_MOVES
from gridsvc.domain.clock import Clock, Limit
from gridsvc.domain.departments import Department
from gridsvc.domain.limits import Stage
from gridsvc.domain.moves import HANDLERS, SYSTEM, Move
from gridsvc.domain.timing import STAGE_OF, Clocks, Timing
from gridsvc.errors import ForbiddenError, InputError, one_of

OF_OTHERS = frozenset({"verify", "fail"})
"""Moves that are not for whoever disposed."""


@dataclass(frozen=True, kw_only=True)
class Hop:
    """A case with a department, until it is passed on, given back or done."""

    hop: int
    department: str
    above: int | None
    """The hop that transferred; None: the command centre dispatched."""
    given_at: datetime
    accept_due_at: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    how: str | None = None
    """The move that ended it."""


@dataclass(frozen=True, kw_only=True)
class Case:
    id: int
    report_id: UUID
    kind: str | None
    subclass_code: str | None
    lead: str
    lane: str
    state: str
    registered_at: datetime
    closed_at: datetime | None = None
    version: int = 0
    """Number of its last step."""
    department: str | None = None
    """With whom it is now."""
    held_state: str | None = None
    """To which it returns when it was put aside."""
    condition: str | None = None
    clock: Clock | None = None
    due_at: datetime | None = None
    due_provisional: bool = False
    due_reason: str | None = None
    stage: str | None = None
    stage_due_at: datetime | None = None
    extension_asked: Limit | None = None
    review_at: datetime | None = None
    warned_at: datetime | None = None
    merged_into: int | None = None
    file_number: str | None = None
    statutory_due: date | None = None
    hops: tuple[Hop, ...] = ()
    disposers: frozenset[str] = frozenset()
    """Accounts that disposed of it."""
    disposing_departments: frozenset[str] = frozenset()
    """Of those accounts."""

    @property
    def hop(self) -> Hop | None:
        """The last that has not ended: with that department it is now."""
        return next((hop for hop in reversed(self.hops) if hop.ended_at is None), None)

    def with_hop(self, changed: Hop) -> "Case":
        hops = tuple(changed if hop.hop == changed.hop else hop for hop in self.hops)
        return replace(self, hops=hops)._with_department()

    def given_to(self, department: str, at: datetime, above: int | None, accept_due_at: datetime | None) -> "Case":
        hop = Hop(hop=len(self.hops) + 1, department=department, above=above, given_at=at, accept_due_at=accept_due_at)
        return replace(self, hops=(*self.hops, hop))._with_department()

    def without_hops(self, at: datetime, how: str) -> "Case":
        """All that are open end."""
        hops = tuple(hop if hop.ended_at else replace(hop, ended_at=at, how=how) for hop in self.hops)
        return replace(self, hops=hops)._with_department()

    def _with_department(self) -> "Case":
        return replace(self, department=self.hop.department if self.hop else None)

    def was_disposed_by(self, actor: "Actor") -> bool:
        """Or by somebody of the same department."""
        return actor.name in self.disposers or actor.department in self.disposing_departments

    def timed(self, clock: Clock | None, clocks: Clocks) -> "Case":
        """With another clock of disposal, and when it is due by it."""
        if clock is None:
            return self
        due, reason = clocks.due(clock)
        return replace(self, clock=clock, due_at=due, due_reason=reason)

    def started(self, timing: Timing) -> "Case":
        """With a clock that could not be set when it was registered."""
        return replace(
            self,
            condition=timing.condition,
            clock=timing.clock,
            due_at=timing.due_at,
            due_provisional=timing.provisional,
            due_reason=timing.reason,
        )

    def standing(self, clock: Clock | None, at: datetime) -> Clock | None:
        """A first clock stands from its first moment while the case is put aside."""
        return clock.stopped(at) if clock and self.state in ASIDE else clock

    def staged(self, at: datetime, clocks: Clocks, *, anew: bool) -> "Case":
        """What is to happen next, within a time that begins now if it is another stage, or `anew`."""
        stage = STAGE_OF.get(self.state) if self.lane != "self" or self.state != "registered" else None
        if self.state == "disposed" and self.hop:
            stage = None
        if stage is None:
            return replace(self, stage=None, stage_due_at=None)
        if stage.value == self.stage and not anew:
            return self
        limit = self.clock.limit if self.clock else None
        due = clocks.stage_due(stage, limit, at)
        staged = replace(self, stage=stage.value, stage_due_at=due)
        return staged.with_hop(replace(self.hop, accept_due_at=due)) if stage is Stage.ACCEPT and self.hop else staged


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who moves a case, and in which of its roles this case is the actor's."""

    name: str
    department: str | None = None
    roles: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    """The own one and those below it, if the actor disposes for them."""
    by_area: bool = False
    """The case lies in the actor's areas of duty."""

    def roles_for(self, department: str | None) -> frozenset[str]:
        """Those that count for a case which is with this department."""
        theirs = self.roles & HANDLERS if department in self.departments else frozenset()
        return theirs | (self.roles - HANDLERS if self.by_area else frozenset())


def service(name: str) -> Actor:
    """A part of the service itself."""
    return Actor(name=name, roles=frozenset({SYSTEM}), by_area=True)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A move that somebody wants to make; what is not given is None or empty."""

    move: str
    given: Mapping[str, Any] = field(default_factory=dict)
    """By Need."""

    @property
    def note(self) -> str | None:
        return self.given.get("note")


class Tree:
    """The departments."""

    def __init__(self, departments: Iterable[Department]) -> None:
        self._known = {one.code: one for one in departments}

    def check_takes_orders(self, code: str, day: date) -> None:
        """`day`: in the city's time. Raises InputError for a department that does not, or not any more."""
        found = self._known.get(code)
        if found is None:
            able = sorted(c for c, d in self._known.items() if d.on_platform and not d.is_retired(day))
            raise one_of("department", code, able, zh="部门")
        if found.is_retired(day):
            raise InputError(
                f"department {code} retired on {found.retired_on}", zh=f"{found.name_zh}已于 {found.retired_on} 撤销"
            )
        if not found.on_platform:
            raise InputError(
                f"department {code} takes no orders in the system", zh=f"{found.name_zh}未接入平台，不能接收派遣"
            )

    def is_below(self, code: str, above: str) -> bool:
        """Not the same one."""
        parent = self._known[code].parent
        while parent is not None:
            if parent == above:
                return True
            parent = self._known[parent].parent
        return False

    def below(self, above: str) -> list[str]:
        return sorted(code for code in self._known if self.is_below(code, above))


def allowed(case: Case, actor: Actor) -> list[Move]:
    """The moves that this actor may make now, as far as states, roles and who disposed say."""
    found = CASE_MOVES.possible(case.state, case.lane, actor.roles_for(case.department))
    return [move for move in found if not (move.name in OF_OTHERS and case.was_disposed_by(actor))]


def check_may(case: Case, asked: Asked, actor: Actor) -> Move:
    """Raises InputError for what is not possible, ForbiddenError for whom it is not, in general or for this case."""
    move = CASE_MOVES.check(asked.move, case.state, case.lane, actor.roles, asked.given)
    if move.roles.isdisjoint(actor.roles_for(case.department)):
        raise ForbiddenError(
            f"case {case.id} is with {case.department or 'no department'}: {move.name} is for that department or those "
            "above, or for whoever has the areas where it lies",
            zh=f"案件 {case.id} 目前在 {case.department or '（无部门）'}，不归该账号的部门或责任区域，不能“{move.zh}”",
        )
    return move


@dataclass(frozen=True, kw_only=True)
class World:
    """What moves follow beside the case itself."""

    clocks: Clocks
    tree: Tree
    at: datetime

    def check_takes_orders(self, code: str) -> None:
        self.tree.check_takes_orders(code, self.clocks.calendar.day_of(self.at))


Effect = Callable[[Case, Asked, Actor, World], Case]
"""What a move does to a case beside its state."""
