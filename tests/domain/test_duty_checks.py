"""The matrix checked as a whole, against `route()` asked for everything."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsvc.domain.departments import Department
from gridsvc.domain.duties import Areas, DutyRule, LaneRule, Problem
from gridsvc.domain.duty_checks import DutyFinding, World, check_duties
from gridsvc.domain.location import AreaHit, Location
from gridsvc.domain.routing import RuleBook, Situation, route
from tests import made

DAY = date(2026, 6, 1)
KINDS = [
    made.kind("district", specificity=10),
    made.kind("street", specificity=20),
    made.kind("beat", specificity=20, must_tile=False),
]
SUBCLASSES = [("event", "01", "0101"), ("event", "01", "0102"), ("event", "02", "0201")]
PLACES: list[Areas] = [
    {"district": "A", "street": "A1", "beat": "x"},
    {"district": "A", "street": "A1"},
    {"district": "A", "street": "A2", "beat": "y"},
    {"district": "B", "street": "B1", "beat": "y"},
    {"district": "B", "street": "B2"},
]
IN_FORCE = {pair for place in PLACES for pair in place.items()}


def department(code: str, **given: Any) -> Department:
    given = {"parent": None, "level": "unit", "on_platform": True, **given}
    return Department(code=code, name_zh=code, name_en=code, **given)


WORLD = World(
    kinds=KINDS, subclasses=SUBCLASSES, places=PLACES, in_force=IN_FORCE, ended={("street", "C1")},
    departments={code: department(code) for code in "abc"}, day=DAY,
)  # fmt: skip


def duty(lead: str, subclass: str | None = "0101", area: tuple[str, str] | None = None, **given: Any) -> DutyRule:
    kind, code = area or (None, None)
    return made.rule(lead, subclass_code=subclass, area_kind=kind, area_code=code, **given)


def lane(into: str, subclass: str | None = "0101", area: tuple[str, str] | None = None, **given: Any) -> LaneRule:
    kind, code = area or (None, None)
    about = {"kind": "event", "class_code": "01", "subclass_code": subclass, "area_kind": kind, "area_code": code}
    return LaneRule(**{"id": 0, **about, "lane": into, **given})


def checked(*duties: DutyRule, lanes: Sequence[LaneRule] = (), world: World = WORLD) -> list[DutyFinding]:
    """Rules of duty are numbered from 1, those of lanes from 101."""
    numbered = [replace(rule, id=n) for n, rule in enumerate(duties, start=1)]
    return check_duties(numbered, [replace(rule, id=n) for n, rule in enumerate(lanes, start=101)], world)


def of(what: str, found: Iterable[DutyFinding]) -> list[tuple[int, ...]]:
    return [tuple(rule.id for rule in one.rules) for one in found if one.what == what]


BASE = (duty("a", None), duty("a", None, class_code="02"))
"""Somebody answers for everything."""


def test_nothing_is_wrong_with_a_matrix_that_answers_everything() -> None:
    assert checked(*BASE) == []


def test_holes_are_told_by_the_coarsest_areas() -> None:
    found = checked(duty("a", "0101", ("district", "A")), duty("a", "0101", ("street", "B1")), BASE[1])
    holes = {codes(one): (one.parts, one.lane, one.spans) for one in found if one.what == "hole"}
    always = ((DAY, None),)
    assert holes == {
        ("0101",): (((("street", "B2"),),), "dispatched", always),
        ("0102",): ((), "dispatched", always),
    }
    found = checked(duty("a", None, ("street", "B1")), BASE[1])
    assert [(codes(one), one.parts) for one in found] == [
        (("0101", "0102"), ((("district", "A"),), (("street", "B2"),)))
    ]


def codes(one: DutyFinding) -> tuple[str, ...]:
    return tuple(code for group in one.groups for code in group.subclass_codes)


def test_a_hole_may_be_of_a_part_of_an_area_and_of_some_days() -> None:
    rule = duty("a", None, ("beat", "x"), valid_to=date(2026, 6, 30))
    found = [one for one in checked(rule, BASE[1]) if one.what == "hole"]
    assert {one.spans: one.parts for one in found} == {
        ((DAY, None),): (
            (("district", "B"),), (("street", "A2"),), (("district", "A"), ("street", "A1"), ("beat", "")),
        ),
        ((date(2026, 7, 1), None),): ((("beat", "x"),),),
    }  # fmt: skip


def test_contradictions_name_both_rules_and_where() -> None:
    found = checked(*BASE, duty("b", area=("street", "A2")), duty("c", area=("beat", "y")))
    (clash,) = [one for one in found if one.what == "contradiction"]
    assert ([rule.id for rule in clash.rules], clash.parts) == ([3, 4], ((("street", "A2"),),))
    assert clash.severity == "error"
    better = checked(*BASE, duty("b", None), duty("c"))
    assert [(codes(one)) for one in better if one.what == "contradiction"] == [("0102",)]


def test_what_heirs_of_ended_areas_inherit_contradicts_too() -> None:
    heirs = [duty(lead, area=("street", "B1"), inherited=old) for lead, old in (("b", "C2"), ("c", "C3"))]
    written = [replace(one, area_code=one.inherited, inherited=None) for one in heirs]
    numbered = [replace(rule, id=n) for n, rule in enumerate(BASE, start=1)]
    numbered += [replace(rule, id=n) for rules in (heirs, written) for n, rule in enumerate(rules, start=3)]
    found = check_duties(numbered, [], WORLD)
    assert [(one.what, one.parts) for one in found] == [("contradiction", ((("street", "B1"),),))]


def test_rules_that_never_win_name_those_that_stand_before_them() -> None:
    low, high = duty("b", priority=1), duty("c", priority=2)
    (found,) = checked(*BASE, low, high)
    assert (found.what, [rule.id for rule in found.rules], [getattr(one, "id", one) for one in found.by]) == (
        "shadowed", [3], [4],
    )  # fmt: skip
    halves = [duty("b", area=("district", code)) for code in "AB"]
    (found,) = checked(*BASE, duty("c"), *halves)
    assert ([rule.id for rule in found.rules], {rule.id for rule in found.by}) == ([3], {4, 5})  # type: ignore[union-attr]
    assert of("shadowed", checked(*BASE, low, replace(high, valid_to=date(2026, 6, 3)))) == []


def test_a_lane_that_is_never_decided_shadows_the_duties_in_it() -> None:
    (found,) = checked(*BASE, duty("b", lane="self"))
    assert (found.what, found.by) == ("shadowed", ("dispatched",))
    found = next(one for one in checked(*BASE, duty("b"), lanes=[lane("self")]) if one.what == "shadowed")
    assert [getattr(one, "id", one) for one in found.by] == [101]
    everywhere = [lane("self", area=("district", code)) for code in "AB"]
    found = checked(*BASE, duty("b", lane="self"), lanes=[lane("enforcement"), *everywhere])
    assert of("shadowed", found) == [(101,)]


def test_lanes_that_contradict_one_another() -> None:
    found = checked(*BASE, lanes=[lane("self"), lane("enforcement")])
    assert of("contradiction", found) == [(101, 102)]
    assert of("hole", found) == []


@pytest.mark.parametrize(
    ("rule", "what", "thing"),
    [
        (duty("a", "0999"), "subclass_unknown", "event 0999"),
        (duty("a", area=("street", "Z9")), "area_unknown", "street Z9"),
        (duty("a", area=("street", "C1")), "area_ended", "street C1"),
        (duty("d"), "department_unknown", "d"),
        (duty("a", co_operating=("gone",)), "department_retired", "gone"),
        (duty("off"), "lead_off_platform", "off"),
    ],
)
def test_what_is_named_and_not_there(rule: DutyRule, what: str, thing: str) -> None:
    more = {"gone": department("gone", retired_on=DAY), "off": department("off", on_platform=False)}
    found = checked(*BASE, rule, world=replace(WORLD, departments={**WORLD.departments, **more}))
    assert [(one.what, one.thing) for one in found if one.thing] == [(what, thing)]


def test_a_department_may_retire_after_the_rule_does() -> None:
    world = replace(WORLD, departments={**WORLD.departments, "b": department("b", retired_on=date(2027, 1, 1))})
    ends = duty("b", valid_to=date(2026, 12, 31))
    assert checked(*BASE, ends, world=world) == []
    assert of("department_retired", checked(*BASE, replace(ends, valid_to=date(2027, 1, 1)), world=world)) == [(3,)]


def test_the_same_rule_again_and_rules_that_are_over() -> None:
    rule = duty("b")
    apart = [replace(rule, valid_to=date(2026, 6, 5)), replace(rule, valid_from=date(2026, 6, 6))]
    assert checked(*BASE, *apart) == []
    assert of("twice", checked(*BASE, apart[0], replace(apart[1], valid_from=date(2026, 6, 5)))) == [(3, 4)]
    found = checked(*BASE, replace(rule, valid_to=DAY - timedelta(days=1)))
    assert [(one.what, one.severity) for one in found] == [("over", "note")]


def test_a_city_without_areas_is_checked_too() -> None:
    world = replace(WORLD, places=[], in_force=set())
    found = checked(BASE[0], world=world)
    assert [(one.what, codes(one), one.parts) for one in found] == [("hole", ("0201",), ())]


GROUNDS = [None, ("district", "A"), ("district", "B"), ("street", "A1"), ("street", "B2"), ("beat", "x"), ("beat", "y")]
DAYS = st.sampled_from([None, DAY - timedelta(days=1), DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)])
ABOUT = st.fixed_dictionaries(
    {"subclass": st.sampled_from(["0101", "0102", None]), "area": st.sampled_from(GROUNDS),
     "priority": st.integers(0, 1), "valid_from": DAYS, "valid_to": DAYS}
)  # fmt: skip
LANES = st.sampled_from(["self", "dispatched"])
DUTIES = st.lists(
    st.builds(lambda lead, into, about: duty(lead, lane=into, **about), st.sampled_from("abc"), LANES, ABOUT),
    max_size=7,
)


@settings(deadline=None)
@given(DUTIES, st.lists(st.builds(lambda into, about: lane(into, **about), LANES, ABOUT), max_size=3))
def test_holes_and_contradictions_are_those_that_routing_meets(duties: list[DutyRule], lanes: list[LaneRule]) -> None:
    numbered = [replace(rule, id=n) for n, rule in enumerate(duties, start=1)]
    lanes = [replace(rule, id=n) for n, rule in enumerate(lanes, start=101)]
    found = check_duties(numbered, lanes, WORLD)
    book = RuleBook(KINDS, numbered, lanes)
    wins: set[int] = set()
    for day in (DAY + timedelta(days=n) for n in range(5)):
        for kind, class_code, code in SUBCLASSES:
            for areas in PLACES:
                problem = Problem(kind=kind, class_code=class_code, subclass_code=code, day=day)
                decision = route(problem, Situation(location=_at(areas)), book)
                assert _told(found, "hole", areas, code, day) == (decision.manual_reason == "nobody")
                assert _told(found, "contradiction", areas, code, day) == (decision.manual_reason == "contradiction")
                wins |= {decision.rule_id} if decision.rule_id else set()
    never = {one.rules[0].id for one in found if one.what in ("shadowed", "over", "nowhere")}
    assert not never & wins


def _at(areas: Areas) -> Location:
    hits = {
        kind: AreaHit(
            kind=kind, area_id=0, code=code, name_zh="", name_en="", edge_distance=9.0, on_boundary=False, overlap=False
        )
        for kind, code in areas.items()
    }  # fmt: skip
    return Location(hits=hits)


def _told(found: list[DutyFinding], what: str, areas: Areas, code: str, day: date) -> bool:
    """Whether a finding is about this place, subclass and day."""
    return any(
        one.what == what
        and code in codes(one)
        and any(first <= day and (last is None or day <= last) for first, last in one.spans)
        and (not one.parts or any(all(areas.get(kind, "") == code for kind, code in part) for part in one.parts))
        for one in found
    )
