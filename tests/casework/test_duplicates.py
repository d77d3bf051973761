"""Reports that repeat others: proposed, linked by a person, or folded at once where their channel does so."""

import math
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pyproj import Transformer

from gridsvc.casework import duplicates_desk
from gridsvc.casework.intake import LOT, find_report, take_in, take_one
from gridsvc.domain.reports import Report
from gridsvc.errors import ConflictError, InputError, NotFoundError
from gridsvc.store import duplicates
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect
from tests import made
from tests.sketch import SRID, Sketch

FIELD = Sketch(
    """
    a . . . . . . . . b
    . . . . . . . . . .
    d . . . . . . . . e
""",
    step=500,
)
"""One grid of 4.5 km by 1 km."""
LAMP = {"kind": "component", "subclass_code": "0111"}
DEGREES = Transformer.from_crs(SRID, 4326, always_xy=True)


def prepare(conn: Connection) -> City:
    town = the_city(conn)
    made.put_areas(conn, town, made.kind("grid"), {"w": FIELD.polygon("abed")})
    made.put_departments(conn, "west", "owner")
    made.put_channel(conn)
    made.put_channel(conn, "public", confirmed=False)
    made.put_channel(conn, "camera", folds=True)
    made.put_rules(conn, made.rule("west", area_kind="grid", area_code="w"))
    return town


@pytest.fixture
def field(conn: Connection) -> City:
    return prepare(conn)


def report(name: str, east: float, north: float = 0.0, **given: Any) -> Report:
    """So many metres from a point in the middle."""
    corner = FIELD.point("d")
    return made.report(name, DEGREES.transform(corner.x + 1_000 + east, corner.y + 300 + north), **given)


def put(conn: Connection, town: City, *reports: Report) -> list[dict[str, Any]]:
    """One by one, as they are stored."""
    for each in reports:
        take_one(conn, town, each)
    return [stored(conn, each) for each in reports]


def stored(conn: Connection, each: Report) -> dict[str, Any]:
    found = find_report(conn, each.id)
    assert found is not None
    return found


def told(conn: Connection) -> list[tuple[str, str, str, int, str]]:
    """Report, the other, by what, whole metres, state."""
    rows = conn.execute(
        "SELECT a.external_id, b.external_id, by, round(distance_m)::int, said.state FROM report_duplicate AS said"
        " JOIN report AS a ON a.id = report_id JOIN report AS b ON b.id = of_report_id ORDER BY 1, 2"
    )
    return rows.fetchall()


def test_what_is_near_and_soon_is_proposed_and_nothing_is_dropped(conn: Connection, field: City) -> None:
    first, near, far, late = put(
        conn, field,
        report("first", 0), report("near", 40), report("far", -60),
        report("late", 0, reported_at=made.NOON + timedelta(hours=25)),
    )  # fmt: skip
    assert told(conn) == [("near", "first", "place", 40, "proposed")]
    assert {found["case_state"] for found in (first, near, far, late)} == {"dispatched"}


def test_a_channel_that_folds_links_what_is_sure_and_proposes_the_rest(conn: Connection, field: City) -> None:
    first, sure, unsure = put(
        conn, field, report("first", 0), report("sure", 20, channel="camera"), report("unsure", 40, channel="camera")
    )
    assert told(conn) == [("sure", "first", "place", 20, "linked"), ("unsure", "first", "place", 40, "proposed")]
    assert (sure["state"], sure["linked_to"], sure["case_id"]) == ("linked", first["id"], None)
    assert (unsure["state"], unsure["linked_to"]) == ("registered", None)
    assert stored(conn, report("first", 0))["duplicates"] == 1
    assert sure["lead"] == "west"  # it was decided all the same


def test_what_needs_a_person_is_not_asked_again_for_what_repeats_it(conn: Connection, field: City) -> None:
    put(conn, field, report("first", 0, 5_000, channel="camera"), report("again", 5, 5_000, channel="camera"))
    assert [stored(conn, report(name, 0, channel="camera"))["manual_reason"] for name in ("first", "again")] == [
        "outside", None,
    ]  # fmt: skip


def test_a_rule_of_the_subclass_overrules_what_is_usual(conn: Connection, field: City) -> None:
    rule = {"kind": "event", "subclass_code": "0110", "radius_m": 100.0, "fold_m": 5.0, "minutes": 10}
    duplicates.declare_duplicate_rules(conn, [rule])
    put(
        conn, field, report("first", 0), report("near", 80), report("also", 10, channel="camera"),
        report("late", 0, reported_at=made.NOON + timedelta(minutes=11)),
    )  # fmt: skip
    assert told(conn) == [("also", "first", "place", 10, "proposed"), ("near", "first", "place", 80, "proposed")]


def test_the_same_lamp_counts_at_any_time_and_another_lamp_never(conn: Connection, field: City) -> None:
    town = replace(field, fallback_department="west")
    corner = FIELD.point("d")
    for name, east in (("a", 0), ("b", 10)):
        place = type(corner)(corner.x + 1_000 + east, corner.y + 300)
        made.put_component(conn, town, name, "0111", place, owner="owner")
    put(
        conn, town, report("first", 0, **LAMP), report("other", 10, **LAMP),
        report("named", 300, component_code="a", reported_at=made.NOON + timedelta(days=9), **LAMP),
        report("either", 5, accuracy_m=20.0, **LAMP),
    )  # fmt: skip
    assert told(conn) == [("either", "first", "place", 5, "proposed"), ("named", "first", "component", 300, "proposed")]


def test_a_code_that_does_not_exist_makes_the_nearest_lamp_not_sure(conn: Connection, field: City) -> None:
    town = replace(field, fallback_department="west")
    corner = FIELD.point("d")
    made.put_component(conn, town, "a", "0111", type(corner)(corner.x + 1_000, corner.y + 300), owner="owner")
    later = made.NOON + timedelta(days=9)
    put(
        conn, town, report("first", 0, **LAMP), report("typo", 1, component_code="z", reported_at=later, **LAMP),
        report("again", 1, reported_at=later, **LAMP),
    )  # fmt: skip
    assert told(conn)[0] == ("again", "first", "component", 1, "proposed")
    assert "typo" not in {each[0] for each in told(conn)}


def test_what_is_closed_is_repeated_by_nobody(conn: Connection, field: City) -> None:
    closed = report("first", 0, closed_at=made.NOON + timedelta(hours=1))
    put(conn, field, closed, report("again", 1), report("history", 2, closed_at=made.NOON + timedelta(hours=1)))
    assert told(conn) == []
    assert take_in(conn, field, [report("x", 200, closed_at=made.NOON), report("y", 200)]).new == 2
    assert told(conn) == []


def test_what_has_no_place_repeats_nothing(conn: Connection, field: City) -> None:
    put(conn, field, made.report("nowhere"), made.report("nowhere too"))
    assert told(conn) == []


def flood(problems: int, detections: int, chance: random.Random) -> tuple[list[Report], list[int]]:
    """Detections of a camera car along streets of problems 60 m apart, each 5 to 10 m off; and which it saw."""
    seen = [chance.randrange(problems) for _ in range(detections)]
    reports = []
    for n, problem in enumerate(seen):
        angle, off = chance.uniform(0, 2 * math.pi), chance.uniform(5, 10)
        east, north = 60 * (problem % 25) + off * math.cos(angle), 60 * (problem // 25) + off * math.sin(angle)
        at = made.NOON + timedelta(seconds=0.36 * n)
        reports.append(report(f"{n}", east, north, channel="camera", reported_at=at))
    return reports, seen


def test_a_flood_becomes_one_case_for_each_planted_problem(conn: Connection, field: City) -> None:
    reports, seen = flood(200, 10_000, random.Random(7))
    taken = take_in(conn, field, reports)
    assert len(reports) > 2 * LOT  # within lots and between them
    assert (taken.new, taken.registered, taken.linked, taken.manual.total()) == (10_000, 200, 9_800, 0)
    counts = conn.execute(
        "SELECT external_id::int, (SELECT count(*) FROM report AS other WHERE linked_to = report.id)"
        " FROM cases JOIN report ON report.id = report_id"
    ).fetchall()
    assert {seen[name]: count + 1 for name, count in counts} == Counter(seen)
    wrong = [
        (first, name)
        for first, name in conn.execute(
            "SELECT a.external_id::int, b.external_id::int FROM report AS b JOIN report AS a ON a.id = b.linked_to"
        )
        if seen[first] != seen[name]
    ]
    assert wrong == []


def test_a_lot_ends_as_its_reports_one_by_one(conn: Connection, field: City) -> None:
    reports, _ = flood(6, 60, random.Random(3))
    mixed = [replace(each, channel=("camera", "hotline")[n % 5 == 0]) for n, each in enumerate(reports)]
    with conn.transaction(force_rollback=True):
        take_in(conn, field, mixed)
        at_once = told(conn)
    put(conn, field, *mixed)
    assert told(conn) == at_once


def test_a_person_links_and_the_first_counts_it(conn: Connection, field: City) -> None:
    first, second, third = (report(name, 0, channel="public") for name in ("first", "second", "third"))
    put(conn, field, first, second, third)
    duplicates_desk.link(conn, third.id, second.id, None)
    duplicates_desk.link(conn, second.id, first.id, None)
    duplicates_desk.link(conn, second.id, first.id, None)
    assert [stored(conn, each)["linked_to"] for each in (second, third)] == [first.id, first.id]
    assert (stored(conn, first)["duplicates"], stored(conn, second)["state"]) == (2, "linked")
    total, found = duplicates.what_repeats_it(conn, first.id, limit=1, offset=0)
    assert (total, len(found)) == (2, 1)


def test_a_link_that_was_passed_on_is_refused_where_it_is_now(conn: Connection, field: City) -> None:
    """X repeats R, and R repeats O: then X repeats O, and that it does not repeat R changes nothing."""
    o, r, x = (report(name, 0, channel="public") for name in "orx")
    put(conn, field, o, r, x)
    duplicates_desk.link(conn, x.id, r.id, None)
    duplicates_desk.link(conn, r.id, o.id, None)
    assert [each for each in told(conn) if each[-1] == "linked"] == [
        ("r", "o", "place", 0, "linked"), ("x", "o", "place", 0, "linked"),
    ]  # fmt: skip
    with pytest.raises(NotFoundError, match="nobody proposed"):
        duplicates_desk.refuse(conn, field, x.id, r.id, None)
    conn.execute(
        "INSERT INTO report_duplicate (report_id, of_report_id, by, minutes, state)"
        " VALUES (%s, %s, 'desk', 0, 'linked')",
        [x.id, r.id],
    )  # as links that were passed on earlier are told
    duplicates_desk.refuse(conn, field, x.id, r.id, None)
    assert (stored(conn, x)["state"], stored(conn, x)["linked_to"]) == ("linked", o.id)
    duplicates_desk.refuse(conn, field, x.id, o.id, None)
    assert (stored(conn, x)["state"], stored(conn, x)["linked_to"]) == ("confirming", None)


def test_what_cannot_be_linked_says_what_to_do(conn: Connection, field: City) -> None:
    case, first, second, third = put(
        conn, field, report("case", 0), *(report(name, 100, channel="public") for name in ("first", "second", "third"))
    )
    closed = put(conn, field, report("closed", 0, closed_at=made.NOON))[0]
    duplicates_desk.link(conn, second["id"], first["id"], None)
    for one, other, error, words in (
        (first, first, InputError, "does not repeat itself"),
        (case, first, ConflictError, f"is case {case['case_id']} already: merge"),
        (third, second, ConflictError, "itself repeats another report: link to that one"),
        (second, third, ConflictError, f"linked to {first['id']} already: refuse that first"),
        (third, closed, ConflictError, "is settled"),
    ):
        with pytest.raises(error, match=words):
            duplicates_desk.link(conn, one["id"], other["id"], None)
    with pytest.raises(NotFoundError, match="nobody proposed"):
        duplicates_desk.refuse(conn, field, case["id"], third["id"], None)


def test_a_refused_link_stands_for_itself_again_and_is_not_folded_anew(conn: Connection, field: City) -> None:
    first, second = report("first", 0, channel="camera"), report("second", 3, channel="camera")
    put(conn, field, first, second)
    assert stored(conn, second)["state"] == "linked"
    duplicates_desk.refuse(conn, field, second.id, first.id, None)
    found = stored(conn, second)
    assert (found["state"], found["linked_to"], found["case_state"]) == ("registered", None, "dispatched")
    assert told(conn) == [("second", "first", "place", 3, "refused")]
    decided = conn.execute("SELECT count(*) FROM routing_decision WHERE report_id = %s", [second.id]).fetchone()
    assert decided == (2,)


def test_two_lots_at_once_open_one_case(cloned: "Callable[[str], contextmanager[str]]") -> None:
    with cloned("folding") as url:
        with connect(url) as conn, conn.transaction():
            town = prepare(conn)

        def send(sender: int) -> None:
            with connect(url) as conn:
                take_in(conn, town, [report(f"{sender}-{n}", 100.0 * n + sender, channel="camera") for n in range(5)])

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(send, range(8)))
        with connect(url) as conn:
            assert conn.execute("SELECT count(*) FROM cases").fetchone() == (5,)
            counts = conn.execute("SELECT count(*) FROM report WHERE linked_to IS NOT NULL GROUP BY linked_to")
            assert [count for (count,) in counts] == [7] * 5
