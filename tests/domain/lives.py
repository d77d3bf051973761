"""Cases on paper: a town of departments, its people, and what a case must have had when it is closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from gridsvc.domain.access import Role
from gridsvc.domain.calendar import Calendar
from gridsvc.domain.case_life import Moved, moved, next_by_itself
from gridsvc.domain.case_states import CASE_MOVES
from gridsvc.domain.cases import Actor, Asked, Case, Tree, World, service
from gridsvc.domain.catalogue import TimeLimit
from gridsvc.domain.departments import Department
from gridsvc.domain.limits import ClockRules
from gridsvc.domain.moves import Move, Need
from gridsvc.domain.timing import Clocks

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 6, 1, 9, 0, tzinfo=ZONE)
REPORT = UUID(int=1)
PHOTO = UUID(int=2)
PARENTS = {"city": None, "district": "city", "street": "district", "owner": "street", "other": "city"}
TREE = Tree(
    Department(code=code, name_zh=code, name_en=code, parent=parent, level="unit", on_platform=True)
    for code, parent in PARENTS.items()
)
ITSELF = service("test")


def limit(condition: str, value: int, unit: str) -> TimeLimit:
    return TimeLimit(
        kind="event", subclass_code="0110", condition_zh=condition, condition_en=condition.upper(), limit_value=value,
        limit_unit=unit, source="test", closing_zh="clean",
    )  # fmt: skip


CLOCKS = Clocks(
    Calendar(zone=ZONE), ClockRules(), {("event", "0110"): [limit("a", 4, "work_hours"), limit("b", 2, "work_days")]}
)


def person(name: str, role: Role, department: str | None = None) -> Actor:
    """With the whole city as area of duty; a handler for the department and those below it."""
    below = {code for code in PARENTS if department and (code == department or TREE.is_below(code, department))}
    handles = role is Role.DEPARTMENT_HANDLER
    return Actor(
        name=name, department=department, roles=frozenset({role}),
        departments=frozenset(below if handles else ()), by_area=not handles,
    )  # fmt: skip


CLERK = person("clerk", Role.INTAKE_CLERK)
LEADER = person("leader", Role.SHIFT_LEADER)
DISPATCHER = person("dispatcher", Role.DISPATCHER)
INSPECTOR = person("inspector", Role.INSPECTOR)
MEMBER = person("member", Role.GRID_MEMBER, "street")
HEAD = person("head", Role.DEPARTMENT_HANDLER, "city")
STREET = person("street", Role.DEPARTMENT_HANDLER, "street")
DISTRICT = person("district", Role.DEPARTMENT_HANDLER, "district")
OWNER = person("owner", Role.DEPARTMENT_HANDLER, "owner")
OTHER = person("other", Role.DEPARTMENT_HANDLER, "other")
PEOPLE = (CLERK, LEADER, DISPATCHER, INSPECTOR, MEMBER, HEAD, DISTRICT, STREET, OWNER, OTHER)


def new_case(lane: str = "dispatched", number: int = 1, at: datetime = MONDAY) -> Case:
    """As registration leaves it."""
    timing = CLOCKS.start("event", "0110", None, at)
    case = Case(
        id=number, report_id=REPORT, kind="event", subclass_code="0110", lead="district", lane=lane, version=1,
        state="registered", registered_at=at,
    ).started(timing)  # fmt: skip
    if lane == "self":
        return case
    world = World(clocks=CLOCKS, tree=TREE, at=at)
    return moved(case, Asked(move="dispatch"), ITSELF, world).case


GIVEN: Mapping[Need, Any] = {
    Need.NOTE: "because", Need.REPLY: "thank you", Need.CONDITION: "b", Need.DEPARTMENT: "street",
    Need.LANE: "dispatched", Need.PHOTOS_BEFORE: [PHOTO], Need.PHOTOS_AFTER: [PHOTO],
    Need.LIMIT: {"value": 1, "unit": "work_days"}, Need.FILE_NUMBER: "2026-7", Need.STATUTORY_DUE: date(2026, 9, 1),
    Need.REVIEW_AT: datetime(2030, 1, 1, tzinfo=ZONE), Need.INTO: 99, Need.SOLVED: True, Need.SATISFACTION: 4,
}  # fmt: skip


def needed(move: Move, **given: Any) -> Asked:
    """What the move needs, and what else is given."""
    return Asked(move=move.name, given={**{need.value: GIVEN[need] for need in move.needs}, **given})


@dataclass
class Life:
    """A case and what was done to it, one minute after the other."""

    case: Case
    at: datetime = MONDAY
    clocks: Clocks = CLOCKS

    def __post_init__(self) -> None:
        self.done: list[tuple[Moved, Asked, Actor]] = []

    def go(self, move: str, actor: Actor, *, minutes: int = 1, **given: Any) -> Case:
        self.at += timedelta(minutes=minutes)
        self.make(needed(CASE_MOVES.named(move), **given), actor)
        following = next_by_itself(self.case, self.clocks)
        if following:
            self.make(Asked(move=following), ITSELF)
        return self.case

    def make(self, asked: Asked, actor: Actor) -> None:
        done = moved(self.case, asked, actor, World(clocks=self.clocks, tree=TREE, at=self.at))
        self.case = done.case
        self.done.append((done, asked, actor))


def lacking(steps: Sequence[tuple[str, str, str | None, Mapping[str, Any]]], lane: str, *, sampled: bool) -> list[str]:
    """What a closed case lacks, told from its steps alone: move, actor, department of the actor, what was given."""
    since = max((n for n, step in enumerate(steps) if step[0] == "reopen"), default=-1) + 1
    life = steps[since:]
    last, faults = life[-1], []
    ended = [step for step in life if step[0] in ("close", "close_self", "close_by_notice", "take_over")]
    how = ended[-1][0] if ended else "nothing"
    work = [n for n, step in enumerate(life) if step[0] in ("dispose", "self_dispose")]
    if how == "close_by_notice":
        return [] if ended[-1][3].get("note") else ["a reason for the notice"]
    if how == "take_over":
        return []
    if not work:
        faults.append("disposal")
    checks = [step for n, step in enumerate(life) if step[0] == "verify" and work and n > work[-1]]
    if how == "close" and not checks:
        faults.append("verification after the last disposal")
    doers = {name for step in steps if step[0] in ("dispose", "self_dispose") for name in step[1:3] if name}
    if any(step[1] in doers or step[2] in doers for step in checks):
        faults.append("verification by somebody else")
    if how == "close_self" and (sampled or lane != "self"):
        faults.append("verification of the sample")
    if any(step[0] == "self_dispose" and not (step[3].get("photos_before") and step[3].get("photos_after"))
           for step in life):  # fmt: skip
        faults.append("pictures before and after")
    if how == "nothing":
        faults.append(f"closing: {last[0]}")
    return faults


def with_rules(**given: Any) -> Clocks:
    """The same limits and days with other rules."""
    return Clocks(CLOCKS.calendar, replace(CLOCKS.rules, **given), CLOCKS._limits)
