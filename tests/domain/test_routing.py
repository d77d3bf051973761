"""Who is responsible: lane, component, duty matrix, accuracy, and every reason for the manual desk."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridsvc.domain.departments import Department
from gridsvc.domain.duties import DutyRule, LaneRule, Problem
from gridsvc.domain.explaining import in_words
from gridsvc.domain.location import AreaHit, Location, NearestArea
from gridsvc.domain.matching import Match, NearComponent
from gridsvc.domain.routing import Decision, RuleBook, Situation, route
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


PLATFORM = {"keeper": True, "owner": True, "bureau": True, "street": True, "fallback": True, "firm": False, "hq": False}
"""Whether each department works in the system."""


def book(*rules: DutyRule, lanes: Sequence[LaneRule] = (), fallback: str | None = "fallback") -> RuleBook:
    numbered = [replace(rule, id=n) for n, rule in enumerate(rules, start=1)]
    return RuleBook(KINDS, numbered, lanes, departments(), fallback)


def departments(**retired_on: date) -> list[Department]:
    return [
        Department(
            code=code, name_zh=code, name_en=code, parent=None, level="unit", on_platform=on,
            retired_on=retired_on.get(code),
        )
        for code, on in PLATFORM.items()
    ]  # fmt: skip


def decide(
    *rules: DutyRule,
    problem: Problem = PROBLEM,
    location: Location | None = HERE,
    lanes: Sequence[LaneRule] = (),
    **situation: Any,
) -> Decision:
    return route(problem, Situation(location=location, **situation), book(*rules, lanes=lanes))


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


@pytest.mark.parametrize("other", [{"lead": "y"}, {"co_operating": ("a",)}, {"supervising": ("a",)}])
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
        ("no_location", {"location": None, "problem": replace(PROBLEM, class_code=None, subclass_code=None)}),
        ("outside", {"location": at(outside=("district", "subdistrict", "grid"))}),
        ("outside", {"location": at()}),
        ("gap", {"location": at(hit("district", "d"), hit("subdistrict", "s"), outside=("grid",))}),
        ("overlap", {"location": at(hit("district", "d"), hit("subdistrict", "s", overlap=True), hit("grid", "g"))}),
        ("unmapped", {"problem": replace(PROBLEM, kind=None, class_code=None, subclass_code=None)}),
        ("unmapped", {"problem": replace(PROBLEM, class_code=None, subclass_code="0xxx")}),
        ("unmapped", {"problem": replace(PROBLEM, class_code=None, subclass_code="0xxx"), "location": None}),
        ("nobody", {"problem": replace(PROBLEM, class_code="02", subclass_code="0201")}),
    ],
)
def test_what_has_no_single_answer_goes_to_the_manual_desk(reason: str, given: dict[str, Any]) -> None:
    found = decide(made.rule("x"), **given)
    assert (found.lead, found.rule, found.rule_id, found.departments) == (None, None, None, ())
    assert found.lane == ("dispatched" if reason in ("gap", "overlap", "nobody") else None)
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
    assert found["proposal"] == {"rule": "2", "lead": "street", "co_operating": [], "supervising": []}


def test_outside_the_parties_of_the_nearest_areas_are_proposed() -> None:
    outside = at(outside=("district", "subdistrict", "grid"))
    rules = [made.rule("city"), in_area("nearest", "grid", "n", supervising=("bureau",)), in_area("other", "grid", "g")]
    found = decide(*rules, location=outside)
    assert (found.lead, found.lane, found.rule_id, found.manual_reason) == (None, None, None, "outside")
    assert found.proposal is not None
    assert (found.proposal.lead, found.proposal.supervising) == ("nearest", ("bureau",))
    assert [proposal["lead"] for proposal in found.explanation["proposals"]] == ["nearest", "city"]
    assert "If the nearest areas had it, nearest would lead." in in_words(found.explanation)["en"]
    assert decide(*rules, location=at()).proposal is None
    of_lamp = meant(lamp(), location=outside)
    assert (of_lamp.proposal and of_lamp.proposal.lead, of_lamp.lead) == ("keeper", None)


def test_where_nobody_answers_in_the_lane_those_of_other_lanes_are_proposed() -> None:
    duties = [made.rule("crew", lane="self"), in_area("street", "grid", "g")]
    found = decide(*duties, lanes=[lane("enforcement")])
    assert (found.manual_reason, found.lead, found.proposal, found.lane) == ("nobody", None, None, "enforcement")
    proposed = [(proposal["lead"], proposal["lane"]) for proposal in found.explanation["proposals"]]
    assert proposed == [("street", "dispatched"), ("crew", "self")]
    assert any(line.endswith("lead crew (lane self-handled).") for line in in_words(found.explanation)["en"])


def test_a_gap_in_areas_made_of_others_counts_too() -> None:
    kinds = [*KINDS, made.kind("sub_grid", specificity=40, must_tile=False, made_of="grid")]
    for location, reason in (
        (at(*HERE.hits.values(), outside=("sub_grid",)), "gap"),
        (at(*HERE.hits.values(), hit("sub_grid", "q", overlap=True)), "overlap"),
        (at(*HERE.hits.values(), hit("sub_grid", "q")), None),
    ):
        found = route(PROBLEM, Situation(location=location), RuleBook(kinds, [made.rule("city")]))
        assert found.manual_reason == reason
        assert (found.lead, found.proposal and found.proposal.lead) in [("city", None), (None, "city")]


# Lanes


def lane(into: str, **given: Any) -> LaneRule:
    """For event 0110 in the whole city, unless something else is said."""
    about = {"kind": "event", "class_code": "01", "subclass_code": "0110", "area_kind": None, "area_code": None}
    return LaneRule(**{"id": 0, **about, "lane": into, **given})


def test_the_lane_is_decided_first_and_filters_the_duties() -> None:
    duties = [made.rule("crew", lane="self"), in_area("street", "grid", "g")]
    assert (decide(*duties).lead, decide(*duties).lane) == ("street", "dispatched")
    found = decide(*duties, lanes=[lane("self", name="L1")])
    assert (found.lead, found.lane) == ("crew", "self")
    assert found.explanation["lane"]["rule"]["name"] == "L1"
    assert decide(*duties, lanes=[lane("enforcement")]).manual_reason == "nobody"


def test_lanes_have_the_order_of_duties() -> None:
    duties = [made.rule(name, lane=name) for name in ("self", "dispatched", "enforcement")]
    of_class, of_grid = lane("self", subclass_code=None), lane("enforcement", area_kind="grid", area_code="g")
    assert decide(*duties, lanes=[of_class]).lead == "self"
    assert decide(*duties, lanes=[of_class, lane("dispatched"), of_grid]).lead == "enforcement"
    assert decide(*duties, lanes=[lane("self", area_kind="grid", area_code="h")]).lead == "dispatched"
    assert decide(*duties, lanes=[lane("self", valid_to=date(2026, 5, 31))]).lead == "dispatched"


def test_lanes_that_contradict_one_another_are_left_to_a_person() -> None:
    found = decide(made.rule("x"), lanes=[lane("self"), lane("enforcement")])
    assert (found.manual_reason, found.lane) == ("contradiction", None)


# Components


LAMP = Problem(kind="component", class_code="01", subclass_code="0111", day=date(2026, 6, 1))
BY_MATRIX = made.rule("matrix", kind="component", subclass_code="0111")


def lamp(code: str = "1", distance: float = 1.0, **given: str | None) -> NearComponent:
    parties = {"authority": "bureau", "owner": "owner", "maintainer": "keeper", **given}
    return NearComponent(component_code=code, subclass_code="0111", state="intact", distance_m=distance, **parties)


def meant(*found: NearComponent, named: str | None = None, **given: Any) -> Decision:
    return decide(BY_MATRIX, problem=LAMP, match=Match(named=named, radius_m=7.0, found=found), **given)


@pytest.mark.parametrize(
    ("parties", "rule", "lead", "co_operating"),
    [
        ({}, "maintainer", "keeper", ("owner",)),
        ({"maintainer": "firm"}, "owner", "owner", ("firm",)),
        ({"maintainer": None}, "owner", "owner", ()),
        ({"maintainer": "firm", "owner": "hq"}, "authority", "bureau", ("firm", "hq")),
        ({"maintainer": "firm", "owner": "hq", "authority": "hq"}, "authority", "hq", ("firm",)),
        ({"maintainer": "owner"}, "maintainer", "owner", ()),
        ({"maintainer": "bureau"}, "maintainer", "bureau", ("owner",)),
        ({"owner": None}, "fallback", "fallback", ()),
        ({"owner": "不明"}, "fallback", "fallback", ()),
        ({"owner": "hq", "maintainer": "firm", "authority": None}, "fallback", "fallback", ("firm", "hq")),
    ],
)
def test_who_answers_for_a_component(
    parties: dict[str, str | None], rule: str, lead: str, co_operating: tuple[str, ...]
) -> None:
    found = meant(lamp(**parties))
    assert (found.rule, found.lead, found.co_operating) == (f"component:{rule}", lead, co_operating)
    authority = {"authority": "bureau", **parties}["authority"]
    assert found.supervising == ((authority,) if authority else ())
    assert (found.rule_id, found.lane, found.explanation["component"]["matched"]) == (None, "dispatched", "1")


def test_the_lane_of_a_component_comes_from_the_rules_of_lanes() -> None:
    rule = lane("self", kind="component", subclass_code="0111")
    assert (meant(lamp(), lanes=[rule]).lane, meant(lamp(), lanes=[rule]).lead) == ("self", "keeper")


def test_two_components_that_differ_are_ambiguous_and_two_that_agree_are_not() -> None:
    found = meant(lamp("1"), lamp("2", 2.5, owner="hq"))
    assert (found.manual_reason, found.lead, found.lane) == ("ambiguous", None, "dispatched")
    assert found.explanation["component"]["matched"] is None
    assert [(option["about"], option["distance_m"]) for option in found.explanation["proposals"]] == [
        ("component 1", 1.0),
        ("component 2", 2.5),
    ]
    same = meant(lamp("1"), lamp("2", 2.5))
    assert (same.lead, same.explanation["winner"]["about"]) == ("keeper", "component 1")
    assert (same.explanation["runner_up"]["about"], same.explanation["runner_up"]["distance_m"]) == ("component 2", 2.5)
    third = meant(lamp("1"), lamp("2"), lamp("3", owner=None))
    assert third.manual_reason == "ambiguous"


def test_without_a_component_the_matrix_decides() -> None:
    found = meant()
    assert (found.lead, found.rule, found.rule_id) == ("matrix", "1", 1)
    assert found.explanation["component"] == {"named": None, "radius_m": 7.0, "found": [], "matched": None}


def test_without_a_fallback_department_the_matrix_decides_about_ownerless_components() -> None:
    situation = Situation(location=HERE, match=Match(named=None, radius_m=7.0, found=(lamp(owner=None),)))
    assert route(LAMP, situation, book(BY_MATRIX, fallback=None)).lead == "matrix"


def test_a_component_is_not_overruled_by_accuracy() -> None:
    elsewhere = ({"district": "e"},)
    split = [made.rule("a", kind="component", subclass_code="0111", area_kind="district", area_code="d")]
    match = Match(named=None, radius_m=7.0, found=(lamp(),))
    assert decide(*split, problem=LAMP, match=match, elsewhere=elsewhere).lead == "keeper"
    assert decide(*split, problem=LAMP, elsewhere=elsewhere).manual_reason == "ambiguous"


def test_a_match_can_be_read_from_its_explanation() -> None:
    match = Match(named="9", radius_m=7.0, found=(lamp("1"), lamp("2", 2.5, owner=None)))
    assert Match.of_json(json.loads(json.dumps(match.as_json()))) == match


# Departments that retire


def decided_when_retired(
    problem: Problem, *rules: DutyRule, match: Match | None = None, **retired_on: date
) -> Decision:
    numbered = [replace(rule, id=n) for n, rule in enumerate(rules, start=1)]
    held = RuleBook(KINDS, numbered, (), departments(**retired_on), "fallback")
    return route(problem, Situation(location=HERE, match=match), held)


def test_nothing_is_sent_to_a_department_from_the_day_on_which_it_retires() -> None:
    rule = made.rule("keeper", co_operating=("owner", "street"), supervising=("bureau",))
    tomorrow, today = date(2026, 6, 2), PROBLEM.day
    assert decided_when_retired(PROBLEM, rule, keeper=tomorrow).lead == "keeper"
    gone = decided_when_retired(PROBLEM, rule, keeper=today)
    assert (gone.lead, gone.proposal, gone.manual_reason, gone.lane) == (None, None, "retired", "dispatched")
    others = decided_when_retired(PROBLEM, rule, owner=today, bureau=today, street=tomorrow)
    assert (others.lead, others.co_operating, others.supervising) == ("keeper", ("street",), ())


def test_a_retired_department_answers_for_no_component() -> None:
    match, today = Match(named=None, radius_m=7.0, found=(lamp(),)), LAMP.day
    for retired, lead, rule in (
        ({"keeper": today}, "owner", "component:owner"),
        ({"owner": today}, "fallback", "component:fallback"),
        ({"owner": today, "fallback": today}, "matrix", "1"),
        ({"keeper": date(2026, 6, 2)}, "keeper", "component:maintainer"),
    ):
        found = decided_when_retired(LAMP, BY_MATRIX, match=match, **retired)
        assert (found.lead, found.rule) == (lead, rule)


# Accuracy


def test_other_answers_within_the_accuracy_are_ambiguous() -> None:
    rules = [in_area("here", "district", "d"), in_area("there", "district", "e")]
    found = decide(*rules, elsewhere=({"district": "d", "grid": "h"}, {"district": "e", "grid": "i"}), accuracy_m=12.0)
    assert (found.manual_reason, found.lead, found.lane) == ("ambiguous", None, "dispatched")
    assert found.explanation["accuracy_m"] == 12.0
    assert found.explanation["other"] == {
        "areas": {"district": "e", "grid": "i"}, "lead": "there", "lane": "dispatched", "manual_reason": None,
    }  # fmt: skip
    assert [proposal["lead"] for proposal in found.explanation["proposals"]] == ["here"]


@pytest.mark.parametrize("there", [{"lead": "x", "supervising": ("s",)}, {"lead": "x", "co_operating": ("c",)}])
def test_every_party_counts_for_ambiguity(there: dict[str, Any]) -> None:
    rules = [made.rule("x"), in_area(**{"kind": "district", "code": "e", **there})]
    assert decide(*rules, elsewhere=({"district": "e"},)).manual_reason == "ambiguous"


def test_another_lane_or_nobody_elsewhere_is_ambiguous_and_the_same_answer_is_not() -> None:
    elsewhere = ({"district": "e"},)
    both = [made.rule("x"), made.rule("x", lane="self")]
    by_district = lane("self", area_kind="district", area_code="e")
    assert decide(*both, lanes=[by_district], elsewhere=elsewhere).manual_reason == "ambiguous"
    assert decide(in_area("x", "district", "d"), elsewhere=elsewhere).manual_reason == "ambiguous"
    agreeing = [in_area("x", "district", "d"), in_area("x", "district", "e")]
    assert decide(*agreeing, elsewhere=elsewhere).lead == "x"


def test_where_nobody_answers_accuracy_does_not_matter() -> None:
    assert decide(in_area("x", "district", "e"), elsewhere=({"district": "e"},)).manual_reason == "nobody"


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
    found = route(PROBLEM, Situation(location=HERE), RuleBook(KINDS, numbered))
    assert found == route(PROBLEM, Situation(location=HERE), RuleBook(KINDS, shuffled))
    assert (found.lead is None) != (found.manual_reason is None)
    assert (found.lead is None) == (found.rule_id is None) == (found.rule is None)


@pytest.mark.parametrize(
    ("wrong", "message"), [({"lane": "fast"}, "lane is one of self"), ({"area_kind": "grid"}, "go together")]
)
def test_a_rule_that_cannot_be_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        made.rule("x", **wrong)


# Confidence


def test_how_sure_an_answer_is() -> None:
    everywhere = made.rule("x")
    assert decide(everywhere, accuracy_m=4.0).confidence == "high"
    assert decide(everywhere).confidence == "medium", "nobody knows how exact the place is"
    assert decide(everywhere, accuracy_m=9.0, elsewhere=({"grid": "h"},)).confidence == "medium"
    on_boundary = at(hit("district", "d", on_boundary=True, edge_distance=0.0))
    assert decide(everywhere, location=on_boundary, accuracy_m=4.0).confidence == "low"
    assert (meant(lamp()).confidence, meant(lamp(), named="1").confidence) == ("high", "high")
    assert meant(lamp(), named="9").confidence == "medium", "another one was named"
    assert meant(lamp("1"), lamp("2", 2.5)).confidence == "medium"
    assert meant(lamp(owner=None)).confidence == "low"
    desk = decide()
    assert (desk.confidence, desk.explanation["confidence"]) == (None, None)
