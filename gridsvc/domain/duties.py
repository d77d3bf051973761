"""Rules of duty and of lane, and which of them apply to a problem in some areas.

Order: subclass before class, then the specificity of the area's kind (a rule for the whole city is the least specific),
then priority; higher wins. Rules that are equal in all three and disagree are a contradiction.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Generic, TypeVar

from gridsvc.domain.areas import AreaKind
from gridsvc.errors import InputError

LANES = {
    "self": ("自行处置", "self-handled"),
    "dispatched": ("派单处置", "dispatched"),
    "enforcement": ("执法处置", "enforcement"),
}
"""In Chinese and English."""
DEFAULT_LANE = "dispatched"
"""Of problems that no rule of lanes is about."""
RULE_LEVELS = ("city", "district", "subdistrict", "community")
"""On which level a duty lies."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row of a table of rules. `subclass_code` None: the whole class; `area_code` None: the whole city."""

    id: int
    kind: str
    class_code: str
    subclass_code: str | None
    area_kind: str | None
    area_code: str | None
    lane: str
    priority: int = 0
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""
    """Where it is written down."""
    name: str | None = None
    """What the city calls it."""
    origin: str = ""
    """The table that the rule was loaded from."""
    inherited: str | None = field(default=None, repr=False)
    """The code that the rule names, of an area that ended: `area_code` is one that took over from it."""

    def __post_init__(self) -> None:
        if self.lane not in LANES:
            raise InputError(f"rule for {self.kind} {self.subclass_code}: lane is one of {', '.join(LANES)}")
        if (self.area_kind is None) != (self.area_code is None):
            raise InputError(f"rule for {self.kind} {self.subclass_code}: area_kind and area_code go together")

    @property
    def says(self) -> tuple[Any, ...]:
        """Two rules that say the same do not contradict one another."""
        return (self.lane,)

    @property
    def label(self) -> str:
        """The city's name for it, or else its number."""
        return self.name or str(self.id)

    def in_force(self, day: date) -> bool:
        """From `valid_from` to `valid_to`, both days included."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.id,
            **({"name": self.name} if self.name else {}),
            "lane": self.lane,
            "about": f"{self.kind} {self.subclass_code or self.class_code}",
            "area": f"{self.area_kind} {self.area_code}" if self.area_kind else "whole city",
            **({"inherited_from": self.inherited} if self.inherited else {}),
            "priority": self.priority,
            "source": self.source,
        }


class LaneRule(Rule):
    """In which lane a problem is disposed of, whoever does it."""


@dataclass(frozen=True, kw_only=True)
class DutyRule(Rule):
    """One row of the duty matrix: who is responsible for problems of a lane."""

    lead: str
    co_operating: tuple[str, ...] = ()
    supervising: tuple[str, ...] = ()
    level: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.level is not None and self.level not in RULE_LEVELS:
            raise InputError(f"rule for {self.kind} {self.subclass_code}: level is one of {', '.join(RULE_LEVELS)}")

    @property
    def departments(self) -> tuple[str, ...]:
        """Everybody whom it names."""
        return tuple(dict.fromkeys((self.lead, *self.co_operating, *self.supervising)))

    @property
    def says(self) -> tuple[Any, ...]:
        return self.lane, self.lead, frozenset(self.co_operating), frozenset(self.supervising)

    def as_json(self) -> dict[str, Any]:
        return {**super().as_json(), "lead": self.lead, **({"level": self.level} if self.level else {})}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is to be routed; no `class_code` when the category is not mapped or the subclass not in the catalogue."""

    kind: str | None
    class_code: str | None
    subclass_code: str | None
    day: date
    category: str | None = None

    @property
    def named(self) -> bool:
        """Whether anything was said of what it is."""
        return self.subclass_code is not None or self.category is not None


Areas = Mapping[str, str]
"""Code of the area of each kind that holds a place."""
Subject = tuple[str, str, str | None]
"""Kind, class and subclass (None: the whole class)."""
Ground = tuple[str | None, str | None]
"""Kind and code of an area; None twice: the whole city."""
Heirs = Mapping[Ground, Sequence[str]]
"""For areas that end: codes of those that take over, of the same kind."""
AnyRule = TypeVar("AnyRule", bound=Rule)


def with_heirs(rules: Iterable[AnyRule], heirs: Heirs) -> Iterator[AnyRule]:
    """The rules, and those about areas that end once more for each of their heirs."""
    for rule in rules:
        yield rule
        for code in heirs.get((rule.area_kind, rule.area_code), ()):
            yield replace(rule, area_code=code, inherited=rule.inherited or rule.area_code)


class RuleTable(Generic[AnyRule]):
    """Rules found by what they are about; immutable once built."""

    def __init__(self, rules: Iterable[AnyRule], kinds: Iterable[AreaKind]) -> None:
        self._specificity = {kind.kind: kind.specificity for kind in kinds}
        self._rules: dict[tuple[Subject, Ground], list[AnyRule]] = defaultdict(list)
        for rule in rules:
            subject = rule.kind, rule.class_code, rule.subclass_code
            self._rules[subject, (rule.area_kind, rule.area_code)].append(rule)
        self.area_kinds = {kind for _, (kind, _) in self._rules if kind is not None}
        """Kinds of area on which anything depends."""

    def candidates(self, problem: Problem, areas: Areas, lane: str | None = None) -> list[AnyRule]:
        """Rules in force for the problem in the areas, of one lane or of all, best first."""
        if problem.kind is None or problem.class_code is None:
            return []
        subjects: list[Subject] = [(problem.kind, problem.class_code, code) for code in (problem.subclass_code, None)]
        grounds: list[Ground] = [(None, None), *areas.items()]
        asked = [self._rules.get((subject, ground), ()) for subject in subjects for ground in grounds]
        found = [rule for rules in asked for rule in rules if rule.in_force(problem.day) and lane in (None, rule.lane)]
        return sorted(found, key=lambda rule: (self._rank(rule), -rule.id), reverse=True)

    def contradict(self, candidates: Sequence[AnyRule]) -> bool:
        """Whether the best of them are equals that disagree."""
        return len({rule.says for rule in self.equals(candidates)}) > 1

    def equals(self, candidates: Sequence[AnyRule]) -> list[AnyRule]:
        """Those that rank as the best of them does."""
        return [rule for rule in candidates if self._rank(rule) == self._rank(candidates[0])]

    def _rank(self, rule: AnyRule) -> tuple[bool, bool, int, int, bool]:
        """A rule that names the area itself stands before one that names what it came from."""
        specificity = 0 if rule.area_kind is None else self._specificity[rule.area_kind]
        named = rule.inherited is None
        return rule.subclass_code is not None, rule.area_kind is not None, specificity, rule.priority, named
