"""Every problem asked at every kind of place, from a day on: where nobody answers, who disagrees, which rules ever win.

Places that no rule tells apart are asked once, and so are subclasses that no rule names.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.duties import DEFAULT_LANE, AnyRule, Areas, DutyRule, LaneRule, Problem, Rule, RuleTable

Signature = frozenset[tuple[str, str]]
"""The areas of a place that rules name: kind and code."""
Subclass = tuple[str, str, str]
"""Kind, class and subclass."""
Spans = tuple[tuple[date, date | None], ...]
"""First and last day of each; None: for good."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Subclasses of one class that all rules treat alike."""

    kind: str
    class_code: str
    subclass_codes: tuple[str, ...]


Pair = tuple[Rule, Rule]
"""Two rules that are equal in rank, both apply and disagree."""
Where = dict[Signature, list[tuple[date, date | None]]]
"""At which places, and there on which days."""


@dataclass(kw_only=True)
class Walked:
    """What was found on the way; rules are known by (whether of lanes, id)."""

    holes: dict[tuple[Group, str], Where] = field(default_factory=dict)
    """Where nobody answers, by group and lane."""
    clashes: dict[tuple[Group, Pair], Where] = field(default_factory=dict)
    won: set[tuple[bool, int]] = field(default_factory=set)
    beaten: dict[tuple[bool, int], "Counter[Rule | str]"] = field(default_factory=lambda: defaultdict(Counter))
    """Rules that applied somewhere and stood back: by which others, or because the lane is another one."""


class Walk:
    def __init__(
        self, kinds: Sequence[AreaKind], duties: Sequence[DutyRule], lanes: Sequence[LaneRule], day: date
    ) -> None:
        self._duties, self._lanes, self._day = RuleTable(duties, kinds), RuleTable(lanes, kinds), day
        self._by_class: dict[tuple[str, str], list[Rule]] = defaultdict(list)
        for rule in (*duties, *lanes):
            self._by_class[rule.kind, rule.class_code].append(rule)
        self.found = Walked()

    def go(self, subclasses: Iterable[Subclass], signatures: Iterable[Signature]) -> Walked:
        whole = list(signatures)
        for group in groups_of(subclasses, self._by_class):
            rules = self._rules_of(group)
            named = {(rule.area_kind, rule.area_code) for rule in rules}
            alike: dict[Signature, list[Signature]] = defaultdict(list)
            for signature in whole:
                alike[signature & named].append(signature)
            for (first, last), (ground, places) in itertools.product(spans_of(rules, self._day), alike.items()):
                self._ask(group, dict(ground), places, first, last)
        return self.found

    def _rules_of(self, group: Group) -> list[Rule]:
        of_class = self._by_class[group.kind, group.class_code]
        return [rule for rule in of_class if rule.subclass_code in (None, group.subclass_codes[0])]

    def _ask(self, group: Group, areas: Areas, places: list[Signature], first: date, last: date | None) -> None:
        problem = Problem(
            kind=group.kind, class_code=group.class_code, subclass_code=group.subclass_codes[0], day=first
        )
        lanes = self._lanes.candidates(problem, areas)
        best_lanes = self._weighed(self._lanes, lanes, of_lanes=True)
        if self._lanes.contradict(lanes):
            self._clash(best_lanes, group, places, (first, last))
            return
        lane = best_lanes[0].lane if best_lanes else DEFAULT_LANE
        every = self._duties.candidates(problem, areas)
        for rule in every:
            if rule.lane != lane:
                self.found.beaten[False, rule.id][best_lanes[0] if best_lanes else lane] += 1
        duties = [rule for rule in every if rule.lane == lane]
        best = self._weighed(self._duties, duties, of_lanes=False)
        if not duties:
            _note(self.found.holes.setdefault((group, lane), {}), places, (first, last))
        elif self._duties.contradict(duties):
            self._clash(best, group, places, (first, last))

    def _weighed(self, table: RuleTable[AnyRule], candidates: list[AnyRule], *, of_lanes: bool) -> list[AnyRule]:
        """The best of them; the others stand back."""
        best = table.equals(candidates) if candidates else []
        self.found.won |= {(of_lanes, rule.id) for rule in best}
        for rule in candidates[len(best) :]:
            self.found.beaten[of_lanes, rule.id][best[0]] += 1
        return best

    def _clash(
        self, best: Sequence[Rule], group: Group, places: list[Signature], days: tuple[date, date | None]
    ) -> None:
        for one, other in itertools.combinations(sorted(best, key=lambda rule: rule.id), 2):
            if one.says != other.says:
                _note(self.found.clashes.setdefault((group, (one, other)), {}), places, days)


def _note(where: Where, places: Iterable[Signature], days: tuple[date, date | None]) -> None:
    for signature in places:
        where.setdefault(signature, []).append(days)


def groups_of(subclasses: Iterable[Subclass], rules: Mapping[tuple[str, str], Sequence[Rule]]) -> Iterator[Group]:
    """Those that no rule names stand together, by class; each other one alone."""
    unnamed: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, class_code, code in subclasses:
        if any(rule.subclass_code == code for rule in rules.get((kind, class_code), ())):
            yield Group(kind=kind, class_code=class_code, subclass_codes=(code,))
        else:
            unnamed[kind, class_code].append(code)
    for (kind, class_code), codes in unnamed.items():
        yield Group(kind=kind, class_code=class_code, subclass_codes=tuple(codes))


def spans_of(rules: Iterable[Rule], day: date) -> Spans:
    """From a day on: the spans of days in which the same ones of them are in force."""
    begins = {day}
    for rule in rules:
        if rule.valid_from is not None and rule.valid_from > day:
            begins.add(rule.valid_from)
        if rule.valid_to is not None and day <= rule.valid_to < date.max:
            begins.add(rule.valid_to + timedelta(days=1))
    firsts = sorted(begins)
    lasts = [*(first - timedelta(days=1) for first in firsts[1:]), None]
    return tuple(zip(firsts, lasts, strict=True))


def joined(spans: Iterable[tuple[date, date | None]]) -> Spans:
    """Spans in their order; those that follow one another at once are one."""
    found: list[tuple[date, date | None]] = []
    for first, last in spans:
        if found and found[-1][1] == first - timedelta(days=1):
            found[-1] = found[-1][0], last
        else:
            found.append((first, last))
    return tuple(found)
