"""The duty matrix checked as a whole, together with the rules of lanes: what nobody answers for, what contradicts, what
never counts, and what names something that is not there."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.departments import Department
from gridsvc.domain.duties import Areas, DutyRule, LaneRule, Rule
from gridsvc.domain.duty_walk import Group, Signature, Spans, Subclass, Walk, Walked, Where, joined

SEVERITIES = {
    "contradiction": "error", "subclass_unknown": "error", "area_unknown": "error", "department_unknown": "error",
    "department_retired": "error", "hole": "warning", "shadowed": "warning", "twice": "warning",
    "area_ended": "warning", "lead_off_platform": "warning", "nowhere": "warning", "over": "note",
}  # fmt: skip
"""What is found, gravest first."""
Part = tuple[tuple[str, str], ...]
"""The ground that some areas have in common: kind and code of each; '' for a kind of which none is there."""
Key = TypeVar("Key")
MOST_SHADOWS = 5
"""Rules named that shadow another one."""


@dataclass(frozen=True, kw_only=True)
class World:
    """What the rules are held against."""

    kinds: Sequence[AreaKind]
    subclasses: Sequence[Subclass]
    places: Sequence[Areas]
    """The areas of places: one at least for each combination of areas that there is."""
    in_force: AbstractSet[tuple[str, str]]
    """Kind and code of each area."""
    ended: AbstractSet[tuple[str, str]]
    """Areas that there were, and that nobody took over from."""
    departments: Mapping[str, Department]
    day: date
    """From this day on."""


@dataclass(frozen=True, kw_only=True)
class DutyFinding:
    what: str
    """Of SEVERITIES."""
    rules: tuple[Rule, ...] = ()
    """Those that it is about."""
    by: tuple[Rule | str, ...] = ()
    """Rules that stand before it, or the lane that is decided instead where no rule of lanes is about it."""
    groups: tuple[Group, ...] = ()
    parts: tuple[Part, ...] = ()
    """Where, as coarse as it can be said; none: the whole city, or wherever the rule is about."""
    lane: str | None = None
    spans: Spans = ()
    thing: str | None = None
    """The department, area or subclass that it names."""
    day: date | None = None
    """The first day that was looked at."""

    @property
    def severity(self) -> str:
        return SEVERITIES[self.what]

    @property
    def always(self) -> bool:
        """From the first day on, and for good."""
        return self.spans == ((self.day, None),)


def check_duties(duties: Sequence[DutyRule], lanes: Sequence[LaneRule], world: World) -> list[DutyFinding]:
    """All that is wrong, gravest first. The rules include what heirs of ended areas inherit."""
    ground = _Ground(world, (*duties, *lanes))
    walked = Walk(world.kinds, duties, lanes, world.day).go(world.subclasses, ground.signatures)
    found = [
        *_contradictions(walked, ground),
        *_holes(walked, ground),
        *_losers(duties, lanes, walked, world),
        *_twice(duties),
        *_twice(lanes),
        *_names(duties, lanes, world),
    ]
    order = list(SEVERITIES)
    return sorted(found, key=lambda one: (order.index(one.what), [rule.id for rule in one.rules]))


class _Ground:
    """The places of the city, by the areas that rules name."""

    def __init__(self, world: World, rules: Iterable[Rule]) -> None:
        named = {(rule.area_kind, rule.area_code) for rule in rules}
        self.day, self._places, self._kinds = (
            world.day,
            world.places,
            sorted(world.kinds, key=lambda kind: kind.specificity),
        )
        self.signatures: dict[Signature, set[int]] = defaultdict(set)
        self._inside: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._used = {kind for areas in world.places for kind in areas}
        for n, areas in enumerate(world.places):
            self.signatures[frozenset(areas.items() & named)].add(n)
            for pair in areas.items():
                self._inside[pair].add(n)
        if not world.places:
            self.signatures[frozenset()] = set()

    def parts(self, signatures: Iterable[Signature]) -> tuple[Part, ...]:
        """The coarsest areas that are these places; none: the whole city."""
        hit = set[int]().union(*(self.signatures[one] for one in signatures))
        if len(hit) == len(self._places):
            return ()
        found, left = list[Part](), set(hit)
        for kind in self._kinds:
            for code in sorted({code for n in left if (code := self._places[n].get(kind.kind)) is not None}):
                inside = self._inside[kind.kind, code]
                if inside <= hit and inside & left:
                    found.append(((kind.kind, code),))
                    left -= inside
        return tuple(dict.fromkeys([*found, *(self._exactly(n) for n in sorted(left))]))

    def _exactly(self, place: int) -> Part:
        """All areas of a place, and the kinds that it has none of."""
        areas = self._places[place]
        return tuple((kind.kind, areas.get(kind.kind, "")) for kind in self._kinds if kind.kind in self._used)


def _contradictions(walked: Walked, ground: _Ground) -> Iterator[DutyFinding]:
    for pair, groups, spans, parts in _alike(walked.clashes, ground):
        yield DutyFinding(
            what="contradiction", rules=pair, groups=groups, parts=parts, lane=pair[0].lane, spans=spans,
            day=ground.day,
        )  # fmt: skip


def _holes(walked: Walked, ground: _Ground) -> Iterator[DutyFinding]:
    for lane, groups, spans, parts in _alike(walked.holes, ground):
        yield DutyFinding(what="hole", groups=groups, parts=parts, lane=lane, spans=spans, day=ground.day)


def _alike(
    found: Mapping[tuple[Group, Key], Where], ground: _Ground
) -> Iterator[tuple[Key, tuple[Group, ...], Spans, tuple[Part, ...]]]:
    """Groups of a class for which the same holds at the same places and days are told together."""
    alike: dict[tuple[Key, str, str, Spans, tuple[Part, ...]], list[Group]] = defaultdict(list)
    for (group, key), where in found.items():
        at: dict[Spans, list[Signature]] = defaultdict(list)
        for signature, days in where.items():
            at[joined(days)].append(signature)
        for spans, signatures in at.items():
            alike[key, group.kind, group.class_code, spans, ground.parts(signatures)].append(group)
    for (key, _, _, spans, parts), groups in alike.items():
        yield key, _sorted(groups), spans, parts


def _sorted(groups: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(sorted(groups, key=lambda group: (group.kind, group.subclass_codes)))


def _losers(
    duties: Sequence[DutyRule], lanes: Sequence[LaneRule], walked: Walked, world: World
) -> Iterator[DutyFinding]:
    """Rules that never win, and those that are over."""
    known = {(kind, class_code, code) for kind, class_code, code in world.subclasses}
    classes = {subject[:2] for subject in known}
    for of_lanes, rules in ((False, duties), (True, lanes)):
        for rule in _own(rules):
            key = of_lanes, rule.id
            about = (rule.kind, rule.class_code)
            there = about in classes and (rule.subclass_code is None or (*about, rule.subclass_code) in known)
            if rule.valid_to is not None and rule.valid_to < world.day:
                yield DutyFinding(what="over", rules=(rule,))
            elif key in walked.won or not there:
                continue
            elif key in walked.beaten:
                by = tuple(other for other, _ in walked.beaten[key].most_common(MOST_SHADOWS))
                yield DutyFinding(what="shadowed", rules=(rule,), by=by)
            elif rule.area_kind is None or (rule.area_kind, rule.area_code) in world.in_force:
                yield DutyFinding(what="nowhere", rules=(rule,))


def _own(rules: Iterable[Rule]) -> list[Rule]:
    """As they are written, without what heirs inherit."""
    return [rule for rule in rules if rule.inherited is None]


def _twice(rules: Sequence[Rule]) -> Iterator[DutyFinding]:
    """The same rule again, of days that both count on."""
    for one, other in repeats(_own(rules)):
        yield DutyFinding(what="twice", rules=(one, other))


def repeats(rules: Iterable[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Pairs that say the same of the same, with the same priority, on some day."""
    alike: dict[object, list[Rule]] = defaultdict(list)
    for rule in rules:
        subject = rule.kind, rule.class_code, rule.subclass_code
        alike[subject, rule.area_kind, rule.area_code, rule.priority, rule.says].append(rule)
    for same in alike.values():
        for one, other in itertools.combinations(same, 2):
            if _meet(one, other):
                yield one, other


def _meet(one: Rule, other: Rule) -> bool:
    first = max(one.valid_from or date.min, other.valid_from or date.min)
    return first <= min(one.valid_to or date.max, other.valid_to or date.max)


def _names(duties: Sequence[DutyRule], lanes: Sequence[LaneRule], world: World) -> Iterator[DutyFinding]:
    """What rules that are not over name and is not there any more."""
    known = {subject[0::2] for subject in world.subclasses}
    passed_on = {(type(rule), rule.id) for rule in (*duties, *lanes) if rule.inherited is not None}
    for rule in _own((*duties, *lanes)):
        if rule.valid_to is not None and rule.valid_to < world.day:
            continue
        if rule.subclass_code is not None and (rule.kind, rule.subclass_code) not in known:
            yield DutyFinding(what="subclass_unknown", rules=(rule,), thing=f"{rule.kind} {rule.subclass_code}")
        area = rule.area_kind, rule.area_code
        if area in world.ended:
            yield DutyFinding(what="area_ended", rules=(rule,), thing=f"{rule.area_kind} {rule.area_code}")
        elif rule.area_kind and area not in world.in_force and (type(rule), rule.id) not in passed_on:
            yield DutyFinding(what="area_unknown", rules=(rule,), thing=f"{rule.area_kind} {rule.area_code}")
        if isinstance(rule, DutyRule):
            yield from _departments(rule, world)


def _departments(rule: DutyRule, world: World) -> Iterator[DutyFinding]:
    for code in rule.departments:
        department = world.departments.get(code)
        if department is None:
            yield DutyFinding(what="department_unknown", rules=(rule,), thing=code)
        elif department.retired_on is not None and (rule.valid_to is None or department.retired_on <= rule.valid_to):
            yield DutyFinding(what="department_retired", rules=(rule,), thing=code)
        elif code == rule.lead and not department.on_platform:
            yield DutyFinding(what="lead_off_platform", rules=(rule,), thing=code)
