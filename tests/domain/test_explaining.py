"""Explanations in words: every step of a decision, in both languages."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridsvc.domain.duty_words import Names
from gridsvc.domain.explaining import in_words, without_components
from gridsvc.domain.matching import Match
from gridsvc.domain.routing import Decision
from tests.domain.test_routing import HERE, RULES, at, decide, hit, in_area, lamp, lane, made, meant

REVISIONS = {"area_revision": 3, "duty_revision": 2, "inventory_batch": 5}


def words(decision: Decision, **revisions: int) -> dict[str, list[str]]:
    """As it is stored."""
    return in_words(json.loads(json.dumps(decision.explanation)), revisions or None)


def test_areas_rules_and_revisions_are_told() -> None:
    rules = [made.rule("city"), in_area("street", "grid", "g", name="R7", source="office note 7")]
    told = words(decide(*rules), **REVISIONS)
    assert told["en"] == [
        "Problem: event 0110.",
        "In district d d, 5.0 m from its edge.",
        "In subdistrict s s, 5.0 m from its edge.",
        "In grid g g, 5.0 m from its edge.",
        "In no patrol; the nearest is n n, 7.0 m away.",
        "Lane: dispatched, since no rule of lanes is about it.",
        "Decided by: rule R7 (event 0110, grid g, priority 0, office note 7), lead street.",
        "Runner-up: rule 1 (event 0110, whole city, priority 0), lead city.",
        "By revision 3 of the areas, revision 2 of the rules, batch 5 of the inventory.",
    ]
    assert told["zh"][1] == "位于 district d d，距边界 5.0 米。"
    assert told["zh"][-3:] == [
        "采用：规则 R7（event 0110，grid g，优先级 0，office note 7），牵头 street。",
        "其次：规则 1（event 0110，全市，优先级 0），牵头 city。",
        "依据区划第 3 版、规则第 2 版、部件批次 5。",
    ]


def test_names_stand_beside_codes() -> None:
    rules = [in_area("street", "grid", "g"), in_area("other", "district", "e")]
    names = Names(
        kinds={"grid": ("网格", "grid cell"), "district": ("区", "borough")},
        departments={"street": ("街道办", "Street office"), "other": ("other", "other")},
        subclasses={("event", "0110"): ("暴露垃圾", "Litter")}, areas={("district", "e"): ("东区", "East")},
    )  # fmt: skip
    found = decide(*rules, elsewhere=({"grid": "h", "district": "e"},), accuracy_m=9.0)
    told = in_words(found.explanation, names=names)
    assert told["zh"][0] == "问题：事件 0110 暴露垃圾。"
    assert "In grid cell g g, 5.0 m from its edge." in told["en"]
    assert "定位精度 9 米大于到边界的距离，也可能位于：网格 h, 区 e 东区。" in told["zh"]
    assert "There other would be responsible (lane dispatched), which is another answer." in told["en"]
    assert told["zh"][-1] == "可选：规则 1（event 0110，网格 g，优先级 0），牵头 street 街道办。"
    two = words(meant(lamp("1"), lamp("2", 2.5, owner="hq", maintainer=None)))
    assert two["en"][-1] == "Proposed: 2, its authority, lead bureau."


def test_the_component_and_the_second_best_are_told() -> None:
    told = words(meant(lamp("1"), lamp("2", 2.5), named="1"))
    assert "Component 1: named by the report, 1.0 m away." in told["en"]
    assert "Second: component 2, 2.5 m away." in told["en"]
    assert "Decided by: its maintainer, lead keeper." in told["en"]
    assert "部件 1：上报指明，相距 1.0 米。" in told["zh"]
    assert "采用：部件的养护单位，牵头 keeper。" in told["zh"]
    assert "No such component stands within 7.0 m." in words(meant())["en"]
    unowned = words(meant(lamp(owner=None)))
    assert "Decided by: the fallback department, since its owner is not known, lead fallback." in unowned["en"]


def test_why_a_person_decides_and_what_is_proposed() -> None:
    gap = at(hit("district", "d"), hit("subdistrict", "s", on_boundary=True), outside=("grid",))
    told = words(decide(made.rule("city"), location=gap))["en"]
    assert "On the edge of subdistrict s s (within 1 mm): the lowest code has it." in told
    assert told[-3:] == [
        "A person has to decide: its place lies in a gap between areas.",
        "Were the areas in order, city would lead.",
        "Proposed: rule 1 (event 0110, whole city, priority 0), lead city.",
    ]
    rules = [in_area("here", "district", "d"), in_area("there", "district", "e")]
    told = words(decide(*rules, elsewhere=({"district": "e"},), accuracy_m=12.0))["en"]
    assert "The place may be off by 12 m, farther than the edge is; it may also lie in: district e." in told
    assert "There there would be responsible (lane dispatched), which is another answer." in told
    ruled = words(decide(made.rule("x", lane="self"), lanes=[lane("self", name="L1")]))
    assert "Lane: self-handled, by rule L1 (event 0110, whole city, priority 0)." in ruled["en"]


@pytest.mark.parametrize("hidden", [lamp("1"), lamp("1", owner=None)])
def test_components_can_be_left_out(hidden: Any) -> None:
    decisions = [meant(hidden), meant(hidden, lamp("2", 2.0, owner="hq", maintainer=None))]
    for decision in decisions:
        told = without_components(decision.explanation)
        text = json.dumps([told, in_words(told)])
        for secret in ("keeper", "lead owner", "bureau", "component 1", '"1"', "hq", "lead fallback", '"lead": "'):
            assert secret not in text, secret
        assert "1.0 m away" in text
    plain = decide(made.rule("x")).explanation
    assert without_components(plain) == plain


@given(st.lists(RULES, max_size=6), st.sampled_from([None, Match(named=None, radius_m=3.0, found=(lamp(),))]))
def test_every_decision_can_be_told_in_both_languages(rules: list[Any], match: Match | None) -> None:
    told = words(decide(*rules, location=HERE, match=match))
    assert len(told["zh"]) == len(told["en"]) >= 6
    assert all(told["zh"])
    assert all(told["en"])
