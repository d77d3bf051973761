"""Who is responsible: one pure function over rules and what is known about a problem and its place.

The lane comes first, from its own rules; then the component that the report means, whose parties answer wherever it
stands; else the duty matrix, in that lane. Whatever has no single answer goes to the manual desk with its reason;
nothing is guessed. The order of the steps is that of `geodata/synthetic/README.md`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.departments import Department
from gridsvc.domain.duties import DEFAULT_LANE, Areas, DutyRule, LaneRule, Problem, RuleTable
from gridsvc.domain.location import Location
from gridsvc.domain.matching import FALLBACK_RULE, Match, NearComponent, Parties, parties_of


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What is known about where a problem is."""

    location: Location | None
    accuracy_m: float | None = None
    """Metres by which the place may be wrong."""
    elsewhere: tuple[Areas, ...] = ()
    """The areas of other places where the problem may be, since its place is not exact."""
    match: Match | None = None
    """The components that may be meant; None for events."""


class RuleBook:
    """Everything that decisions follow; immutable once built."""

    def __init__(
        self,
        kinds: Iterable[AreaKind],
        duties: Iterable[DutyRule],
        lanes: Iterable[LaneRule] = (),
        departments: Iterable[Department] = (),
        fallback: str | None = None,
    ) -> None:
        kinds = tuple(kinds)
        self.duties, self.lanes = RuleTable(duties, kinds), RuleTable(lanes, kinds)
        self.area_kinds = self.duties.area_kinds | self.lanes.area_kinds
        self.tiling = [kind.kind for kind in sorted(kinds, key=lambda kind: kind.specificity) if kind.must_tile]
        self.covering = [kind.kind for kind in kinds if kind.must_tile or kind.made_of]
        """Kinds that have exactly one area everywhere in the city; where they do not, a person decides."""
        self._departments, self._fallback = {one.code: one for one in departments}, fallback
        self._on_platform = {code: one.on_platform for code, one in self._departments.items()}
        self._first_retired = min(
            (one.retired_on for one in self._departments.values() if one.retired_on), default=None
        )

    def finest(self, location: Location) -> str | None:
        """The most specific kind that covers the city, of those in use."""
        used = [kind for kind in self.tiling if kind in location.hits or kind in location.outside]
        return used[-1] if used else None

    def is_retired(self, code: str, day: date) -> bool:
        """Departments retire on days to come, so a rule book that is held outlives that."""
        found = self._departments.get(code)
        return found is not None and found.is_retired(day)

    def parties_of(self, component: NearComponent, day: date) -> Parties | None:
        """A department that has retired by the day counts as unknown."""
        known, fallback = self._on_platform, self._fallback
        if self._first_retired is not None and self._first_retired <= day:
            known = {code: on for code, on in known.items() if not self.is_retired(code, day)}
            fallback = None if fallback is None or self.is_retired(fallback, day) else fallback
        return parties_of(component, known, fallback)


DESK = "desk"
"""The rule of a decision that a person made."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Either a lead department or the reason for the manual desk, never both, and why."""

    lead: str | None
    co_operating: tuple[str, ...]
    supervising: tuple[str, ...]
    lane: str | None
    """Also known for the manual desk, if there is a subject and a place in the city."""
    rule: str | None
    """Of a component: `component:maintainer`, `:owner`, `:authority` or `:fallback`; else the label of a duty rule."""
    rule_id: int | None
    """Of the duty rule."""
    manual_reason: str | None
    proposal: Parties | None
    """What would be decided if the areas were in order, or if the nearest areas held a place outside."""
    confidence: str | None
    """How sure the answer is: high, medium or low; None for the manual desk."""
    explanation: Mapping[str, Any]

    @property
    def departments(self) -> tuple[str, ...]:
        """Everybody who has a part in it."""
        lead = (self.lead,) if self.lead else ()
        return tuple(dict.fromkeys((*lead, *self.co_operating, *self.supervising)))


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What lanes, components and duties say, leaving faults of the areas aside."""

    lane: str | None = None
    lane_rule: LaneRule | None = None
    parties: Parties | None = None
    rule_id: int | None = None
    reason: str | None = None
    component_code: str | None = None
    """Of the component whose parties answer."""
    options: tuple[Mapping[str, Any], ...] = ()
    """The rules or components that come into question, best first; if there are none, rules of other lanes."""
    other: Mapping[str, Any] | None = None
    """The first other place where the answer is another one."""

    @property
    def who(self) -> tuple[object, ...]:
        return self.lane, self.reason, self.parties.who if self.parties else None


def route(problem: Problem, situation: Situation, book: RuleBook) -> Decision:
    """The departments responsible for a problem at a place, or the reason why a person must decide."""
    location = situation.location
    reason = _unroutable(problem, location, book)
    if reason == "outside" and location is not None and location.outside:
        by_nearest = _answer(problem, situation, location.nearest_codes, book)
        return _decision(problem, situation, replace(by_nearest, reason=reason, lane=None, lane_rule=None))
    if reason is not None or location is None:
        return _decision(problem, situation, _Answer(reason=reason))
    answer = _answer(problem, situation, location.codes, book)
    fault = _fault(location, book) if answer.reason is None else None
    return _decision(problem, situation, replace(answer, reason=answer.reason or fault))


def _unroutable(problem: Problem, location: Location | None, book: RuleBook) -> str | None:
    if problem.class_code is None and problem.named:
        return "unmapped"
    if location is None:
        return "no_location"
    if book.tiling and not any(kind in location.hits for kind in book.tiling):
        return "outside"
    return "unmapped" if problem.class_code is None else None


def _fault(location: Location, book: RuleBook) -> str | None:
    if any(kind in location.outside or kind in location.unmeasured for kind in book.covering):
        return "gap"
    overlapping = (location.hits[kind].overlap for kind in book.covering if kind in location.hits)
    return "overlap" if any(overlapping) else None


def _answer(problem: Problem, situation: Situation, areas: Areas, book: RuleBook) -> _Answer:
    here = _by_duty(problem, areas, book)
    match = situation.match
    by_component = _by_component(here, match, problem.day, book) if match and here.lane else None
    if by_component is not None:
        return by_component
    for reached in situation.elsewhere if here.reason is None else ():
        there = _by_duty(problem, reached, book)
        if there.who != here.who:
            lead = there.parties.lead if there.parties else None
            other = {"areas": dict(reached), "lead": lead, "lane": there.lane, "manual_reason": there.reason}
            return replace(here, reason="ambiguous", parties=None, rule_id=None, other=other)
    return here


def _by_duty(problem: Problem, areas: Areas, book: RuleBook) -> _Answer:
    lanes = book.lanes.candidates(problem, areas)
    if book.lanes.contradict(lanes):
        return _Answer(reason="contradiction", options=tuple(rule.as_json() for rule in lanes))
    lane_rule = lanes[0] if lanes else None
    lane = lane_rule.lane if lane_rule else DEFAULT_LANE
    rules = book.duties.candidates(problem, areas, lane)
    reason = _unsettled(rules, problem.day, book)
    best = rules[0] if reason is None else None
    options = rules or book.duties.candidates(problem, areas)
    return _Answer(
        lane=lane, lane_rule=lane_rule, parties=_parties(best, problem.day, book) if best else None,
        rule_id=best.id if best else None, reason=reason, options=tuple(rule.as_json() for rule in options),
    )  # fmt: skip


def _unsettled(rules: Sequence[DutyRule], day: date, book: RuleBook) -> str | None:
    if not rules:
        return "nobody"
    if book.duties.contradict(rules):
        return "contradiction"
    return "retired" if book.is_retired(rules[0].lead, day) else None


def _parties(rule: DutyRule, day: date, book: RuleBook) -> Parties:
    """Those who are still there on the day."""
    co_operating, supervising = (
        tuple(code for code in codes if not book.is_retired(code, day))
        for codes in (rule.co_operating, rule.supervising)
    )
    return Parties(lead=rule.lead, co_operating=co_operating, supervising=supervising, rule=rule.label)


def _by_component(here: _Answer, match: Match, day: date, book: RuleBook) -> _Answer | None:
    """None if no component is meant, or nobody answers for it: then the duty matrix decides."""
    answers = [book.parties_of(component, day) for component in match.found]
    if not any(answers):
        return None
    found = zip(match.found, answers, strict=True)
    options = tuple(_option(component, parties, here.lane) for component, parties in found)
    answer = replace(here, options=options, parties=None, rule_id=None)
    if len({parties.who if parties else None for parties in answers}) > 1:
        return replace(answer, reason="ambiguous")
    return replace(answer, reason=None, parties=answers[0], component_code=match.found[0].component_code)


def _option(component: NearComponent, parties: Parties | None, lane: str | None) -> dict[str, Any]:
    told = parties.as_json() if parties else {"rule": None, "lead": None, "co_operating": (), "supervising": ()}
    distance = round(component.distance_m, 3)
    return {**told, "lane": lane, "about": f"component {component.component_code}", "distance_m": distance}


def _decision(problem: Problem, situation: Situation, answer: _Answer) -> Decision:
    settled = answer.parties if answer.reason is None else None
    confidence = _confidence(situation, answer) if settled else None
    return Decision(
        lead=settled.lead if settled else None,
        co_operating=settled.co_operating if settled else (),
        supervising=settled.supervising if settled else (),
        lane=answer.lane,
        rule=settled.rule if settled else None,
        rule_id=answer.rule_id if settled else None,
        manual_reason=answer.reason,
        proposal=answer.parties if answer.reason else None,
        confidence=confidence,
        explanation={**_explain(problem, situation, answer), "confidence": confidence},
    )


def _confidence(situation: Situation, answer: _Answer) -> str:
    """Low: the owner of the component is unknown, or the place is on a boundary, where the lowest code decides.

    Medium: several components or areas may be meant, with one answer, another component is named, or nobody knows how
    exact the place is.
    """
    match, location = situation.match, situation.location
    if answer.component_code is not None and match is not None:
        if answer.parties is not None and answer.parties.rule == FALLBACK_RULE:
            return "low"
        return "high" if match.sure else "medium"
    if location is not None and any(hit.on_boundary for hit in location.hits.values()):
        return "low"
    return "medium" if situation.elsewhere or situation.accuracy_m is None else "high"


def _explain(problem: Problem, situation: Situation, answer: _Answer) -> dict[str, Any]:
    place = situation.location.as_json() if situation.location else {"areas": [], "outside": []}
    settled = answer.reason is None
    match = situation.match.as_json() if situation.match else None
    proposed = answer.parties is not None and not settled
    return {
        "kind": problem.kind,
        "subclass_code": problem.subclass_code,
        "category": problem.category,
        "day": problem.day.isoformat(),
        **place,
        "accuracy_m": situation.accuracy_m,
        "elsewhere": [dict(areas) for areas in situation.elsewhere],
        "other": answer.other,
        "lane": answer.lane and {"lane": answer.lane, "rule": answer.lane_rule and answer.lane_rule.as_json()},
        "component": match and {**match, "matched": answer.component_code},
        "winner": answer.options[0] if settled else None,
        "runner_up": answer.options[1] if settled and len(answer.options) > 1 else None,
        "proposal": answer.parties.as_json() if answer.parties and proposed else None,
        "proposals": [] if settled else list(answer.options[:5]),
        "manual_reason": answer.reason,
    }
