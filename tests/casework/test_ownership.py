"""Components without an owner: those that reports came for, and owners that are found; decisions made again."""

from dataclasses import replace
from datetime import date

import pytest

from gridsvc.casework import matrix
from gridsvc.casework.intake import find_report, take_one
from gridsvc.casework.matrix_looking import RuleFilter, rules_page
from gridsvc.casework.ownership import ownership_page, read_owners
from gridsvc.casework.replaying import replay
from gridsvc.errors import ConflictError, FileError
from gridsvc.jobs.ownership import confirm_owner, confirm_owners
from gridsvc.store.city import City, update_city
from gridsvc.store.connection import Connection
from tests import made
from tests.casework.matrix import TOWN, build, given, rows

LAMP = {"kind": "component", "subclass_code": "0111"}


@pytest.fixture
def town(conn: Connection) -> City:
    town = replace(build(conn), fallback_department="fallback")
    update_city(conn, town)
    made.put_component(conn, town, "lamp 1", "0111", TOWN.point("1"), owner="不明", authority="bureau")
    made.put_component(conn, town, "lamp 2", "0111", TOWN.point("2"), owner="owner", authority="bureau")
    made.put_rules(conn, made.rule("west"))
    return town


def test_the_owner_that_is_found_leads_from_then_on(conn: Connection, town: City) -> None:
    for n, mark in enumerate("112"):
        take_one(conn, town, made.report(str(n), TOWN.lonlat(mark), **LAMP))
    found = ownership_page(conn)
    assert (found["total"], found["reports"], found["open_cases"]) == (1, 2, 2)
    (one,) = found["components"]
    assert (one["component_code"], one["owner"], one["reports"]) == ("lamp 1", "不明", 2)
    (owner,) = read_owners(
        conn, "x.csv", rows({"component_code": "lamp 1", "owner": "OWNER"}, {"component_code": "lamp 2"})
    )
    with pytest.raises(ConflictError, match="was changed meanwhile"):
        confirm_owner(conn, town, owner, one["version"] + 1)
    assert confirm_owner(conn, town, owner, one["version"], "deed of 1998").confirmed == 1
    assert ownership_page(conn)["total"] == 0
    assert confirm_owners(conn, town, [owner]).unchanged == 1
    later = take_one(conn, town, made.report("9", TOWN.lonlat("1"), **LAMP))
    assert (find_report(conn, later.id) or {})["lead"] == "owner"


@pytest.mark.usefixtures("town")
def test_wrong_owners_are_refused_by_row(conn: Connection) -> None:
    pairs = [("lamp 1", "x"), ("", "owner"), ("lamp 2", "owner"), ("lamp 2", "west")]
    bad = rows(*({"component_code": code, "owner": owner} for code, owner in pairs))
    with pytest.raises(FileError) as error:
        read_owners(conn, "确权.csv", bad)
    for words in ("row 2: owner: no department", "row 3: component_code is empty", "row 5: lamp 2 stands in row 4"):
        assert words in str(error.value)


def test_a_decision_is_made_again_by_the_rules_of_its_time(conn: Connection, town: City) -> None:
    reports = [
        take_one(conn, town, made.report("event", TOWN.lonlat("1"))).id,
        take_one(conn, town, made.report("lamp", TOWN.lonlat("1"), **LAMP)).id,
        take_one(conn, town, made.report("nowhere")).id,
        take_one(conn, town, made.report("nobody", TOWN.lonlat("2"), subclass_code="0201")).id,
    ]
    (rule,) = rules_page(conn, RuleFilter())["rules"]
    matrix.change_rule(conn, town, rule["id"], {"lead": "east"}, of_lanes=False, base=rule["revision"])
    matrix.add_rule(conn, town, "duties.csv", given("east", subclass_code="0201"), of_lanes=False, base=None)
    for report in reports:
        done = replay(conn, town, report)
        assert (done.differs, done.same, done.duty_revision) == ({}, True, rule["revision"])
        assert done.day == date(2026, 6, 1)
    conn.execute("UPDATE routing_decision SET lead = 'bureau' WHERE report_id = %s", [reports[0]])
    assert replay(conn, town, reports[0]).differs == {"lead": {"stored": "bureau", "replayed": "west"}}
