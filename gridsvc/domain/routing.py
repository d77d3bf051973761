"""Who is responsible: the duty matrix, and one pure function over it.

Order of the matrix: subclass before class, then the specificity of the area's kind (a rule for the whole city is the
least specific), then priority; higher wins. Rules that are equal in all three and disagree are a contradiction.
Whatever has no single answer goes to the manual desk with its reason; nothing is guessed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.location import Location
from gridsvc.errors import InputError

LANES = ("self", "dispatched", "enforcement")


@dataclass(frozen=True, kw_only=True)
class DutyRule:
    """One row of the duty matrix. `subclass_code` None: the whole class; `area_code` None: the whole city."""

    id: int
    kind: str
    class_code: str
    subclass_code: str | None
    area_kind: str | None
    area_code: str | None
    lane: str
    lead: str
    co_operating: tuple[str, ...] = ()
    supervising: tuple[str, ...] = ()
    priority: int = 0
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""
    """Where the duty is written down."""
    origin: str = ""
    """The table that the rule was loaded from."""
    inherited: str | None = field(default=None, repr=False)
    """The code that the rule names, of an area that ended: `area_code` is one that took over from it."""

    def __post_init__(self) -> None:
        if self.lane not in LANES:
            raise InputError(f"duty rule for {self.kind} {self.subclass_code}: lane is one of {', '.join(LANES)}")
        if (self.area_kind is None) != (self.area_code is None):
            raise InputError(f"duty rule for {self.kind} {self.subclass_code}: area_kind and area_code go together")

    @property
    def parties(self) -> tuple[str, str, frozenset[str], frozenset[str]]:
        """What the rule says; two rules that say the same do not contradict one another."""
        return self.lane, self.lead, frozenset(self.co_operating), frozenset(self.supervising)

    def in_force(self, day: date) -> bool:
        """From `valid_from` to `valid_to`, both days included."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is to be routed; no `class_code` when the category is not mapped or the subclass not in the catalogue."""

    kind: str | None
    class_code: str | None
    subclass_code: str | None
    day: date
    category: str | None = None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Either a lead department or the reason for the manual desk, never both, and why."""

    lead: str | None
    co_operating: tuple[str, ...]
    supervising: tuple[str, ...]
    lane: str | None
    rule_id: int | None
    manual_reason: str | None
    explanation: Mapping[str, Any]

    @property
    def departments(self) -> tuple[str, ...]:
        """Everybody who has a part in it."""
        lead = (self.lead,) if self.lead else ()
        return tuple(dict.fromkeys((*lead, *self.co_operating, *self.supervising)))


Subject = tuple[str, str, str | None]
"""Kind, class and subclass (None: the whole class)."""
Ground = tuple[str | None, str | None]
"""Kind and code of an area; None twice: the whole city."""


class DutyMatrix:
    """Duty rules found by what they are about; immutable once built."""

    def __init__(self, rules: Iterable[DutyRule], kinds: Iterable[AreaKind]) -> None:
        self.kinds = {kind.kind: kind for kind in kinds}
        self._rules: dict[tuple[Subject, Ground], list[DutyRule]] = defaultdict(list)
        for rule in rules:
            subject = rule.kind, rule.class_code, rule.subclass_code
            self._rules[subject, (rule.area_kind, rule.area_code)].append(rule)

    def rank(self, rule: DutyRule) -> tuple[bool, bool, int, int, bool]:
        """A rule that names the area itself stands before one that names what it came from."""
        specificity = 0 if rule.area_kind is None else self.kinds[rule.area_kind].specificity
        named = rule.inherited is None
        return rule.subclass_code is not None, rule.area_kind is not None, specificity, rule.priority, named

    def candidates(self, problem: Problem, location: Location) -> list[DutyRule]:
        """Rules in force for the problem at the place, best first."""
        if problem.kind is None or problem.class_code is None:
            return []
        subjects: list[Subject] = [(problem.kind, problem.class_code, code) for code in (problem.subclass_code, None)]
        grounds: list[Ground] = [(None, None), *((kind, hit.code) for kind, hit in location.hits.items())]
        asked = [self._rules.get((subject, ground), ()) for subject in subjects for ground in grounds]
        found = [rule for rules in asked for rule in rules if rule.in_force(problem.day)]
        return sorted(found, key=lambda rule: (self.rank(rule), -rule.id), reverse=True)


def route(problem: Problem, location: Location | None, matrix: DutyMatrix) -> Decision:
    """The departments responsible for a problem at a place, or the reason why a person must decide."""
    candidates = matrix.candidates(problem, location) if location else []
    reason = _manual_reason(problem, location, matrix, candidates)
    winner = candidates[0] if candidates and reason is None else None
    return Decision(
        lead=winner.lead if winner else None,
        co_operating=winner.co_operating if winner else (),
        supervising=winner.supervising if winner else (),
        lane=winner.lane if winner else None,
        rule_id=winner.id if winner else None,
        manual_reason=reason,
        explanation=_explain(problem, location, candidates, reason),
    )


def _manual_reason(
    problem: Problem, location: Location | None, matrix: DutyMatrix, candidates: list[DutyRule]
) -> str | None:
    if location is None:
        return "no_location"
    if (place := _place_reason(location, matrix)) is not None:
        return place
    if problem.class_code is None:
        return "unmapped"
    if not candidates:
        return "nobody"
    equal = [rule for rule in candidates if matrix.rank(rule) == matrix.rank(candidates[0])]
    return "contradiction" if len({rule.parties for rule in equal}) > 1 else None


def _place_reason(location: Location, matrix: DutyMatrix) -> str | None:
    """Kinds that must tile have exactly one area everywhere in the city; where they do not, a person decides."""
    tiling = [kind.kind for kind in matrix.kinds.values() if kind.must_tile]
    if tiling and not any(kind in location.hits for kind in tiling):
        return "outside"
    if any(kind in location.outside for kind in tiling):
        return "gap"
    if any(location.hits[kind].overlap for kind in tiling if kind in location.hits):
        return "overlap"
    return None


def _explain(
    problem: Problem, location: Location | None, candidates: list[DutyRule], reason: str | None
) -> dict[str, Any]:
    place = location.as_json() if location else {"areas": [], "outside": []}
    return {
        "kind": problem.kind,
        "subclass_code": problem.subclass_code,
        "category": problem.category,
        **place,
        "winner": _rule_json(candidates[0]) if candidates and reason is None else None,
        "runner_up": _rule_json(candidates[1]) if len(candidates) > 1 and reason is None else None,
        "proposals": [_rule_json(rule) for rule in candidates[:5]] if reason else [],
        "manual_reason": reason,
    }


def _rule_json(rule: DutyRule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "lead": rule.lead,
        "lane": rule.lane,
        "about": f"{rule.kind} {rule.subclass_code or rule.class_code}",
        "area": f"{rule.area_kind} {rule.area_code}" if rule.area_kind else "whole city",
        **({"inherited_from": rule.inherited} if rule.inherited else {}),
        "priority": rule.priority,
        "source": rule.source,
    }
