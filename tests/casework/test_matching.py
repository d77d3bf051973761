"""Reports of components, and reports whose places are not exact: what the database finds around them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gridsvc.casework.intake import find_report, take_in, take_one
from gridsvc.casework.rerouting import proposals
from gridsvc.casework.routing import Router, locate_point
from gridsvc.casework.simulate import simulate
from gridsvc.store import casework
from gridsvc.store.casework import ReportFilter
from gridsvc.store.city import City, the_city, update_city
from gridsvc.store.connection import Connection
from gridsvc.store.matching import matches_by_subclass
from tests import made
from tests.sketch import Sketch

STREET = Sketch("""
    a . . . . b . . . . c
    . 1 2 3 . . . . . . .
    . . . . 4 . . . 5 . .
    . . . . . 6 . . . . .
    d . . . . e . . . . f
""")
"""Two grids side by side, ten metres a step."""
LAMP = {"kind": "component", "subclass_code": "0111"}
"""Of accuracy class A or B: two sigma are one or two metres."""


@pytest.fixture
def street(conn: Connection) -> City:
    town = replace(the_city(conn), fallback_department="fallback")
    update_city(conn, town)
    made.put_areas(conn, town, made.kind("grid"), {"w": STREET.polygon("abed"), "e": STREET.polygon("bcfe")})
    made.put_departments(conn, "west", "east", "owner", "bureau", "fallback")
    made.put_channel(conn)
    for code, lead in (("w", "west"), ("e", "east")):
        for about in ({}, {**LAMP, "class_code": "01"}):
            made.put_rules(
                conn, made.rule(lead, area_kind="grid", area_code=code, **about), origin=f"{code}{len(about)}.csv"
            )
    return town


def put_lamp(conn: Connection, town: City, mark: str, **given: Any) -> None:
    parties = {"owner": "owner", "authority": "bureau", **given}
    made.put_component(conn, town, f"lamp {mark}", "0111", STREET.point(mark), **parties)


def decided(conn: Connection, town: City, mark: str, **given: Any) -> dict[str, Any]:
    report = made.report(f"{mark} {given}", STREET.lonlat(mark), **given)
    found = find_report(conn, take_one(conn, town, report).id)
    assert found is not None
    return found


def component(found: dict[str, Any]) -> dict[str, Any]:
    told = found["explanation"]["component"]
    assert isinstance(told, dict)
    return told


def test_the_nearest_lamp_within_reach_answers_wherever_it_stands(conn: Connection, street: City) -> None:
    put_lamp(conn, street, "1")
    put_lamp(conn, street, "3", owner="east")
    found = decided(conn, street, "2", **LAMP, accuracy_m=5.0)
    assert (found["lead"], component(found)["found"]) == ("west", [])  # both are ten metres away
    found = decided(conn, street, "1", **LAMP, accuracy_m=5.0)
    assert (found["lead"], found["supervising"], found["rule"]) == ("owner", ["bureau"], "component:owner")
    assert component(found)["matched"] == "lamp 1"
    assert [near["distance_m"] for near in component(found)["found"]] == [pytest.approx(0, abs=0.001)]


def test_two_lamps_of_different_owners_within_reach_are_ambiguous(conn: Connection, street: City) -> None:
    put_lamp(conn, street, "1")
    put_lamp(conn, street, "2")
    put_lamp(conn, street, "3", owner="east")
    found = decided(conn, street, "1", **LAMP, accuracy_m=12.0)
    assert (found["lead"], [near["component_code"] for near in component(found)["found"]]) == (
        "owner",
        ["lamp 1", "lamp 2"],
    )
    found = decided(conn, street, "2", **LAMP, accuracy_m=12.0)
    assert (found["manual_reason"], found["lead"], found["state"]) == ("ambiguous", None, "reported")
    assert {near["owner"] for near in component(found)["found"]} == {"owner", "east"}
    named = decided(conn, street, "2", **LAMP, accuracy_m=12.0, component_code="lamp 3")
    assert (named["lead"], component(named)["named"], component(named)["matched"]) == ("east", "lamp 3", "lamp 3")


def test_it_is_counted_how_many_found_one_and_how_far_off(conn: Connection, street: City) -> None:
    """At 1 and 5 stand lamps, at 2 two are ten metres off, near 6 there is none; one has no place."""
    for mark in "135":
        put_lamp(conn, street, mark, owner="east" if mark == "3" else "owner")
    for mark in "1256":
        decided(conn, street, mark, **LAMP, accuracy_m=9.5)
    take_one(conn, street, made.report("nowhere", **LAMP))
    take_one(conn, street, made.report("litter", STREET.lonlat("1")))
    (counted,) = matches_by_subclass(conn, None, ReportFilter())
    assert [counted[name] for name in ("subclass_code", "reports", "named", "near", "certain")] == ["0111", 4, 0, 3, 2]
    distances = [counted[name] for name in ("median_m", "p90_m", "farthest_m", "widest_m")]
    assert distances == pytest.approx([0.0, 8.0, 10.0, 10.5], abs=0.01)
    assert matches_by_subclass(conn, "fax", ReportFilter()) == []


def test_a_lamp_that_is_gone_is_no_match_but_may_be_named(conn: Connection, street: City) -> None:
    put_lamp(conn, street, "1", state="removed")
    put_lamp(conn, street, "5", state="lost")
    assert decided(conn, street, "1", **LAMP)["lead"] == "west"
    assert decided(conn, street, "5", **LAMP)["lead"] == "owner"
    assert decided(conn, street, "5", **LAMP, component_code="lamp 1")["lead"] == "owner"
    unknown = decided(conn, street, "5", **LAMP, component_code="lamp 99")
    assert (unknown["lead"], component(unknown)["named"], component(unknown)["matched"]) == (
        "owner",
        "lamp 99",
        "lamp 5",
    )


def test_the_fallback_department_acts_first_while_the_owner_is_unknown(conn: Connection, street: City) -> None:
    put_lamp(conn, street, "5", owner=None)
    found = decided(conn, street, "5", **LAMP)
    assert (found["lead"], found["supervising"], found["rule"]) == ("fallback", ["bureau"], "component:fallback")


def test_an_event_is_no_matter_of_components(conn: Connection, street: City) -> None:
    put_lamp(conn, street, "5")
    found = decided(conn, street, "5", component_code="lamp 5")
    assert (found["lead"], found["explanation"]["component"]) == ("east", None)


def test_a_place_that_may_lie_in_another_grid_is_ambiguous_if_that_has_another_answer(
    conn: Connection, street: City
) -> None:
    assert decided(conn, street, "4", accuracy_m=9.9)["lead"] == "west"
    found = decided(conn, street, "4", accuracy_m=10.1)
    assert (found["manual_reason"], found["lane"]) == ("ambiguous", "dispatched")
    assert found["explanation"]["elsewhere"] == [{"grid": "e"}]
    assert (found["explanation"]["other"]["lead"], found["explanation"]["proposals"][0]["lead"]) == ("east", "west")
    made.put_rules(conn, made.rule("west", area_kind="grid", area_code="e"), origin="e0.csv")
    assert decided(conn, street, "4", accuracy_m=10.2)["lead"] == "west"


def test_what_was_found_is_replayed_and_many_are_decided_as_one_by_one(conn: Connection, street: City) -> None:
    put_lamp(conn, street, "1")
    put_lamp(conn, street, "2", owner="east")
    given = [(mark, about, metres) for mark in "12456" for about in ({}, LAMP) for metres in (None, 5.0, 11.0, 2000.0)]
    reports = [
        made.report(f"lot {n}", STREET.lonlat(mark), accuracy_m=metres, **about)
        for n, (mark, about, metres) in enumerate(given)
    ]
    taken = take_in(conn, street, reports)
    for report, (mark, about, metres) in zip(reports, given, strict=True):
        together, alone = find_report(conn, report.id), decided(conn, street, mark, **about, accuracy_m=metres)
        assert together is not None
        assert together["explanation"] == alone["explanation"]
    again = simulate(conn, street, "hotline", ReportFilter())
    assert again.reports == 2 * taken.new
    assert again.manual == {reason: 2 * count for reason, count in taken.manual.items()}
    assert set(taken.manual) == {"ambiguous"}


def test_a_case_keeps_its_component_when_its_areas_change(conn: Connection, street: City) -> None:
    put_lamp(conn, street, "1")
    events, lamps = decided(conn, street, "1"), decided(conn, street, "1", **LAMP)
    assert (events["lead"], lamps["lead"]) == ("west", "owner")
    router = Router(conn, street)
    cases = casework.open_cases(conn, reports=[events["id"], lamps["id"]])
    at = [datetime.now(UTC)] * 2
    (there,) = router.locate([STREET.xy("5")], at[:1])
    assert there is not None
    found = proposals(conn, router, cases, [there, there], at[0])
    assert [(proposal.case.report_id, proposal.decision.lead) for proposal in found] == [(events["id"], "east")]


def test_locate_tells_whose_component_stands_there_to_those_who_may_know(conn: Connection, street: City) -> None:
    put_lamp(conn, street, "5")
    for match, lead in ((True, "owner"), (False, "east")):
        found = locate_point(conn, street, *STREET.lonlat("5"), **LAMP, match=match)
        assert found.decision is not None
        assert found.decision.lead == lead
