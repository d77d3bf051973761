"""Moves as data: from which states to which, in which lanes, who may, and what must be given."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any

from gridsvc.domain.access import Role
from gridsvc.domain.duties import LANES
from gridsvc.errors import ForbiddenError, InputError, one_of

SAME, BEFORE = "(same)", "(before)"
"""As target of a move: the state stays; it is again what it was before it was put aside or linked."""
SYSTEM = "system"
"""Among roles: the service itself."""

INSPECTORS = frozenset({Role.INSPECTOR})
SUPERVISION = frozenset({Role.INTAKE_CLERK, Role.SHIFT_LEADER})
"""The supervision centre takes in, registers, verifies and closes."""
COMMAND = frozenset({Role.DISPATCHER})
"""The command centre dispatches."""
CENTRES = SUPERVISION | COMMAND
LEADERS = frozenset({Role.SHIFT_LEADER})
HANDLERS = frozenset({Role.DEPARTMENT_HANDLER})
GRID = frozenset({Role.GRID_HEAD, Role.GRID_MEMBER})


@unique
class Need(StrEnum):
    """What a move may be given."""

    NOTE = "note"
    REPLY = "reply"
    CONDITION = "condition"
    DEPARTMENT = "department"
    LANE = "lane"
    PHOTOS_BEFORE = "photos_before"
    PHOTOS_AFTER = "photos_after"
    LIMIT = "limit"
    FILE_NUMBER = "file_number"
    STATUTORY_DUE = "statutory_due"
    REVIEW_AT = "review_at"
    INTO = "into"
    SOLVED = "solved"
    SATISFACTION = "satisfaction"
    CHANNEL_DUE_AT = "channel_due_at"


def check_lane(lane: str) -> str:
    if lane not in LANES:
        raise one_of("lane", lane, list(LANES), zh="处置方式")
    return lane


def check_satisfaction(given: int) -> None:
    if not 1 <= int(given) <= 5:
        raise InputError("satisfaction is 1 to 5", zh="满意度须为 1 至 5")


@dataclass(frozen=True, kw_only=True)
class Move:
    name: str
    zh: str
    en: str
    sources: frozenset[str]
    target: str
    """A state, SAME or BEFORE."""
    roles: frozenset[str]
    needs: frozenset[Need] = frozenset()
    may: frozenset[Need] = frozenset({Need.NOTE})
    lanes: frozenset[str] = frozenset(LANES)

    def as_json(self) -> dict[str, Any]:
        return {
            "move": self.name,
            "name_zh": self.zh,
            "name_en": self.en,
            "from": sorted(self.sources),
            "to": self.target,
            "lanes": sorted(self.lanes),
            "who": sorted(self.roles),
            "needs": sorted(self.needs),
            "may": sorted(self.may - self.needs),
        }


class Moves:
    """All states and moves of one thing."""

    def __init__(self, what: tuple[str, str], states: Mapping[str, tuple[str, str]], moves: Iterable[Move]) -> None:
        """`what`: in Chinese and English. `states`: their names, likewise."""
        self.what, self.states = what, states
        self.by_name = {move.name: move for move in moves}

    def named(self, name: str) -> Move:
        if name not in self.by_name:
            raise one_of("move", name, list(self.by_name), zh="操作")
        return self.by_name[name]

    def possible(self, state: str, lane: str | None, roles: Collection[str] | None = None) -> list[Move]:
        """Those that lead on from a state, for anybody or for somebody with these roles."""
        return [
            move
            for move in self.by_name.values()
            if state in move.sources
            and (lane is None or lane in move.lanes)
            and (roles is None or not move.roles.isdisjoint(roles))
        ]

    def check(self, name: str, state: str, lane: str | None, roles: Collection[str], given: Mapping[str, Any]) -> Move:
        """Raises InputError for a move that is not possible or lacks something, ForbiddenError for who may not."""
        move = self.named(name)
        allowed = self.possible(state, lane)
        if move not in allowed:
            raise self._not_allowed(move, state, lane, allowed)
        if move.roles.isdisjoint(roles):
            raise ForbiddenError(
                f"{move.name} is for {', '.join(sorted(move.roles))}, not for {', '.join(sorted(roles)) or 'nobody'}",
                zh=f"“{move.zh}”须由 {'、'.join(sorted(move.roles))} 操作",
            )
        self._check_given(move, given)
        return move

    def _not_allowed(self, move: Move, state: str, lane: str | None, allowed: list[Move]) -> InputError:
        zh, en = self.what
        in_lane = f" in lane {lane}" if lane else ""
        return InputError(
            f"{move.name} is not possible for a {en} that is {state}{in_lane}; possible are: "
            f"{', '.join(one.name for one in allowed) or 'none'}",
            zh=f"{zh}处于“{self.states[state][0]}”状态，不能“{move.zh}”；可以："
            f"{'、'.join(one.zh for one in allowed) or '（无）'}",
        )

    def _check_given(self, move: Move, given: Mapping[str, Any]) -> None:
        present = {name for name, value in given.items() if value not in (None, "", [], ())}
        if missing := sorted(move.needs - present):
            raise InputError(f"{move.name} needs: {', '.join(missing)}", zh=f"“{move.zh}”须填写：{'、'.join(missing)}")
        if surplus := sorted(present - move.needs - move.may):
            raise InputError(
                f"{move.name} does not take: {', '.join(surplus)}; it takes "
                f"{', '.join(sorted(move.needs | move.may)) or 'nothing'}",
                zh=f"“{move.zh}”不接受：{'、'.join(surplus)}",
            )

    def as_json(self) -> dict[str, Any]:
        return {
            "states": [{"state": state, "name_zh": zh, "name_en": en} for state, (zh, en) in self.states.items()],
            "moves": [move.as_json() for move in self.by_name.values()],
        }
