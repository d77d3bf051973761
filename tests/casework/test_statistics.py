"""Counts of reports that came to nothing, or that repeat others."""

from uuid import UUID

import pytest

from gridsvc.casework import duplicates_desk
from gridsvc.casework.intake import find_report, take_one
from gridsvc.store import statistics
from gridsvc.store.areas import AsOf
from gridsvc.store.casework import ReportFilter
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.casework.matrix import TOWN, build

ALL = ReportFilter()


@pytest.fixture
def town(conn: Connection) -> City:
    town = build(conn)
    made.put_rules(conn, made.rule("west", area_kind="grid", area_code="w"))
    return town


def put(conn: Connection, town: City, name: str, point: str = "1") -> UUID:
    return take_one(conn, town, made.report(name, TOWN.lonlat(point))).id


def counted_open(conn: Connection) -> set[int]:
    """By every way of counting open reports."""
    cells = statistics.heat_cells(conn, ALL, 100.0, only_open=True)[2]
    areas = statistics.area_counts(conn, ALL, "grid", only_open=True)
    past = statistics.area_counts(conn, ALL, "grid", AsOf(at=made.NOON), only_open=True)
    return {
        statistics.report_totals(conn, ALL)["open"],
        statistics.report_totals(conn, ALL, only_open=True)["total"],
        int(cells.sum()), *(sum(row["count"] for row in rows) for rows in (areas, past)),
    }  # fmt: skip


def reject(conn: Connection, report_id: UUID) -> None:
    conn.execute("UPDATE report SET state = 'rejected' WHERE id = %s", [report_id])


def test_rejected_reports_are_not_open_and_linked_ones_as_open_as_what_they_repeat(
    conn: Connection, town: City
) -> None:
    put(conn, town, "open")
    first, again, nothing, nothing_too = (put(conn, town, name, "2") for name in ("a", "b", "c", "d"))
    duplicates_desk.link(conn, again, first, None)
    duplicates_desk.link(conn, nothing_too, nothing, None)
    assert counted_open(conn) == {5}
    reject(conn, nothing)
    assert counted_open(conn) == {3}
    conn.execute(
        "INSERT INTO cases (report_id, lead, lane, state, registered_at, closed_at, version,"
        " due_provisional) VALUES (%s, 'east', 'dispatched', 'closed', now(), now(), 1, false)",
        [first],
    )
    assert counted_open(conn) == {1}


def test_what_repeats_another_needs_no_person_and_is_with_whoever_has_that(conn: Connection, town: City) -> None:
    first, again = put(conn, town, "first"), put(conn, town, "again", "2")
    assert find_report(conn, again)["manual_reason"] == "nobody"  # type: ignore[index]
    duplicates_desk.link(conn, again, first, None)
    conn.execute("UPDATE report SET manual_reason = 'nobody' WHERE id = %s", [again])
    by = {group: statistics.statistics(conn, ALL, group, None) for group in ("department", "subclass", "day")}
    (row,) = by["department"]
    assert (row["key"], row["reports"], row["cases"], row["closed"], row["manual"]) == ("west", 2, 1, 0, 0)
    by["area"] = statistics.statistics(conn, ALL, "area", "grid")
    by["past"] = statistics.statistics(conn, ALL, "area", "grid", AsOf(at=made.NOON))
    for rows in by.values():
        assert [sum(row[name] for row in rows) for name in ("reports", "cases", "manual")] == [2, 1, 0]
    assert statistics.overview(conn)["manual"] == 0
