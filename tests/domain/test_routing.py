"""Who is responsible: the order of the duty matrix, and every reason for the manual desk."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridsvc.domain.location import AreaHit, Location, NearestArea
from gridsvc.domain.routing import Decision, DutyMatrix, DutyRule, Problem, route
from gridsvc.errors import InputError
from tests import made

KINDS = [
    made.kind("district", specificity=0),
    made.kind("subdistrict", specificity=10),
    made.kind("grid", specificity=30),
    made.kind("patrol", specificity=40, must_tile=False),
]
PROBLEM = Problem(kind="event", class_code="01", subclass_code="0110", day=date(2026, 6, 1))


def hit(kind: str, code: str, **given: Any) -> AreaHit:
    values = {"area_id": 1, "name_zh": code, "name_en": code, "edge_distance": 5.0, "on_boundary": False}
    return AreaHit(**{**values, "kind": kind, "code": code, "overlap": False, **given})


def near(kind: str) -> NearestArea:
    return NearestArea(kind=kind, code="n", name_zh="n", name_en="n", distance=7.0)


def at(*hits: AreaHit, outside: tuple[str, ...] = ()) -> Location:
    return Location(hits={h.kind: h for h in hits}, outside={kind: near(kind) for kind in outside})


HERE = at(hit("district", "d"), hit("subdistrict", "s"), hit("grid", "g"), outside=("patrol",))


def decide(*rules: DutyRule, problem: Problem = PROBLEM, location: Location | None = HERE) -> Decision:
    numbered = [replace(rule, id=n) for n, rule in enumerate(rules, start=1)]
    return route(problem, location, DutyMatrix(numbered, KINDS))


def in_area(lead: str, kind: str, code: str, **given: Any) -> DutyRule:
    return made.rule(lead, area_kind=kind, area_code=code, **given)


def test_subclass_before_class_whatever_the_area() -> None:
    of_class = in_area("class", "grid", "g", subclass_code=None, priority=9)
    assert decide(of_class, made.rule("subclass")).lead == "subclass"
    assert decide(of_class, made.rule("other", subclass_code="0111")).lead == "class"


def test_the_more_specific_area_before_priority() -> None:
    rules = [made.rule("city", priority=9), in_area("street", "subdistrict", "s", priority=5)]
    assert decide(*rules).lead == "street"
    assert decide(*rules, in_area("grid", "grid", "g")).lead == "grid"


def test_any_area_is_more_specific_than_the_whole_city() -> None:
    assert decide(made.rule("city", priority=9), in_area("district", "district", "d")).lead == "district"


def test_priority_decides_between_equals() -> None:
    assert decide(made.rule("low"), made.rule("high", priority=1)).lead == "high"


def test_rules_of_other_areas_and_other_problems_do_not_count() -> None:
    others = [in_area("x", "grid", "h"), made.rule("x", kind="component"), in_area("x", "patrol", "n")]
    assert decide(*others).manual_reason == "nobody"


@pytest.mark.parametrize(
    ("first", "last", "counts"),
    [("2026-06-01", None, True), ("2026-06-02", None, False), (None, "2026-06-01", True), (None, "2026-05-31", False)],
)
def test_a_rule_counts_on_its_days(first: str | None, last: str | None, counts: bool) -> None:
    days = {"valid_from": first, "valid_to": last}
    rule = made.rule("x", **{name: date.fromisoformat(day) if day else None for name, day in days.items()})
    assert (decide(rule).lead == "x") is counts


def test_equal_rules_that_agree_are_one() -> None:
    found = decide(made.rule("x", co_operating=("a", "b")), made.rule("x", co_operating=("b", "a"), source="again"))
    assert (found.lead, found.rule_id) == ("x", 1)


@pytest.mark.parametrize("other", [{"lead": "y"}, {"lane": "self"}, {"co_operating": ("a",)}, {"supervising": ("a",)}])
def test_equal_rules_that_disagree_are_a_contradiction(other: dict[str, Any]) -> None:
    found = decide(made.rule("x"), made.rule(**{"lead": "x", **other}))
    assert (found.lead, found.manual_reason) == (None, "contradiction")
    assert [proposal["rule"] for proposal in found.explanation["proposals"]] == [1, 2]


def test_a_contradiction_below_the_winner_does_not_matter() -> None:
    assert decide(made.rule("x"), made.rule("y"), in_area("z", "grid", "g")).lead == "z"


@pytest.mark.parametrize(
    ("reason", "given"),
    [
        ("no_location", {"location": None}),
        ("outside", {"location": at(outside=("district", "subdistrict", "grid"))}),
        ("outside", {"location": at()}),
        ("gap", {"location": at(hit("district", "d"), hit("subdistrict", "s"), outside=("grid",))}),
        ("overlap", {"location": at(hit("district", "d"), hit("subdistrict", "s", overlap=True), hit("grid", "g"))}),
        ("unmapped", {"problem": replace(PROBLEM, kind=None, class_code=None, subclass_code=None)}),
        ("unmapped", {"problem": replace(PROBLEM, class_code=None, subclass_code="0xxx")}),
        ("nobody", {"problem": replace(PROBLEM, class_code="02", subclass_code="0201")}),
    ],
)
def test_what_has_no_single_answer_goes_to_the_manual_desk(reason: str, given: dict[str, Any]) -> None:
    found = decide(made.rule("x"), **given)
    assert (found.lead, found.lane, found.rule_id) == (None, None, None)
    assert found.manual_reason == found.explanation["manual_reason"] == reason
    assert found.explanation["winner"] is found.explanation["runner_up"] is None


def test_kinds_that_need_not_tile_may_be_missing_or_overlap() -> None:
    location = at(hit("district", "d"), hit("subdistrict", "s"), hit("grid", "g"), hit("patrol", "p", overlap=True))
    assert decide(made.rule("x"), location=location).lead == "x"
    assert decide(made.rule("x"), location=HERE).lead == "x"


def test_the_explanation_tells_winner_and_runner_up() -> None:
    found = decide(made.rule("city"), in_area("grid", "grid", "g", source="office note 7")).explanation
    assert found["winner"] == {
        "rule": 2, "lead": "grid", "lane": "dispatched", "about": "event 0110", "area": "grid g", "priority": 0,
        "source": "office note 7",
    }  # fmt: skip
    assert (found["runner_up"]["lead"], found["runner_up"]["area"]) == ("city", "whole city")
    assert [area["edge_distance_m"] for area in found["areas"]] == [5.0, 5.0, 5.0]
    assert found["outside"] == [
        {"kind": "patrol", "nearest_code": "n", "name_zh": "n", "name_en": "n", "distance_m": 7.0}
    ]


def test_the_manual_desk_sees_who_would_come_into_question() -> None:
    gap = at(hit("district", "d"), hit("subdistrict", "s"), outside=("grid",))
    found = decide(made.rule("city"), in_area("street", "subdistrict", "s"), location=gap).explanation
    assert [proposal["lead"] for proposal in found["proposals"]] == ["street", "city"]


RULES = st.builds(
    lambda lead, subclass, area, priority: made.rule(
        lead, subclass_code=subclass, area_kind=area[0], area_code=area[1], priority=priority
    ),
    st.sampled_from("abc"),
    st.sampled_from(["0110", None]),
    st.sampled_from([(None, None), ("district", "d"), ("subdistrict", "s"), ("grid", "g"), ("grid", "h")]),
    st.integers(0, 1),
)


@given(st.lists(RULES, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_the_rules_never_matters(rules: list[DutyRule], random: Any) -> None:
    numbered = [replace(rule, id=n) for n, rule in enumerate(rules, start=1)]
    shuffled = random.sample(numbered, len(numbered))
    found = route(PROBLEM, HERE, DutyMatrix(numbered, KINDS))
    assert found == route(PROBLEM, HERE, DutyMatrix(shuffled, KINDS))
    assert (found.lead is None) != (found.manual_reason is None)
    assert (found.lead is None) == (found.rule_id is None) == (found.lane is None)


@pytest.mark.parametrize(
    ("wrong", "message"), [({"lane": "fast"}, "lane is one of self"), ({"area_kind": "grid"}, "go together")]
)
def test_a_rule_that_cannot_be_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        made.rule("x", **wrong)
