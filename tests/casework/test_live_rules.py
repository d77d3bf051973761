"""Rules that a service holds: true as long as it holds them, whoever changes what."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from typing import Any

import pytest

from gridsvc.casework.intake import find_report, take_in, take_one
from gridsvc.casework.live_rules import LiveRules
from gridsvc.domain.departments import Department
from gridsvc.store import channels, city
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection, connect
from gridsvc.store.duties import Rules
from tests import made
from tests.casework.test_intake import TOWN, count, prepare

WORD = {"channel": "hotline", "category": "NEW", "name_zh": "新", "name_en": "New", "kind": "event"}


def another_fallback(conn: Connection) -> None:
    city.update_city(conn, replace(the_city(conn), fallback_department="west"))


def another_department(conn: Connection) -> None:
    known = Department(code="west", name_zh="", name_en="", parent=None, level="unit", on_platform=False)
    city.declare_departments(conn, [known])


CHANGES: dict[str, tuple[Callable[[Connection], object], Callable[[Rules], object]]] = {
    "duties": (lambda conn: made.put_rules(conn, made.rule("east")), lambda rules: rules.book.duties),
    "channel": (lambda conn: made.put_channel(conn, "fax"), lambda rules: sorted(rules.channels)),
    "taxonomy": (
        lambda conn: channels.declare_categories(conn, [{**WORD, "subclass_code": "0110"}]),
        lambda rules: sorted(rules.categories),
    ),
    "kind of area": (
        lambda conn: made.put_areas(conn, the_city(conn), made.kind("block"), {"b": TOWN.polygon("abed")}),
        lambda rules: rules.book.tiling,
    ),
    "fallback": (another_fallback, lambda rules: vars(rules.book)["_fallback"]),
    "department": (another_department, lambda rules: dict(vars(rules.book)["_on_platform"])),
}


@pytest.fixture
def ready(conn: Connection) -> Connection:
    prepare(conn)
    return conn


def test_rules_are_read_once_while_nothing_changes(ready: Connection) -> None:
    live = LiveRules()
    before, rules = live.now(ready)
    made.put_component(ready, the_city(ready), "lamp", "0111", TOWN.point("1"))
    after, again = live.now(ready)
    assert again is rules
    assert (before.rules, after.rules) == (rules.revision, rules.revision)
    assert after.inventory > before.inventory


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_gives_other_rules(ready: Connection, what: str) -> None:
    change, seen = CHANGES[what]
    live = LiveRules()
    _, before = live.now(ready)
    change(ready)
    _, after = live.now(ready)
    assert after.revision != before.revision
    assert seen(after) != seen(before)


def test_a_change_that_was_taken_back_leaves_no_number_to_be_given_again(ready: Connection) -> None:
    live, numbers = LiveRules(), []
    for lead in ("east", "west"):
        with ready.transaction(force_rollback=True):
            made.put_rules(ready, made.rule(lead, priority=9))
            numbers.append(live.now(ready)[0].rules)
    assert len({*numbers, live.now(ready)[0].rules}) == 3


@pytest.fixture
def committed(cloned: Callable[[str], Any]) -> Iterator[str]:
    with cloned("live_rules") as url:
        with connect(url) as conn, conn.transaction():
            prepare(conn)
        yield url


def test_one_id_sent_twenty_times_at_once_is_one_report_whoever_holds_the_rules(committed: str) -> None:
    live = LiveRules()

    def send(n: int) -> bool:
        with connect(committed) as conn:
            report = made.report("same", TOWN.lonlat("1"), description=str(n))
            if n % 2:
                return bool(take_in(conn, the_city(conn), [made.report(f"own {n}"), report, report]).new - 1)
            return take_one(conn, the_city(conn), report, rules=live).new

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(send, range(20))) == 1
    with connect(committed) as conn:
        found = find_report(conn, made.report("same").id)
        assert found is not None
        assert found["case_id"] is not None
        assert [count(conn, table) for table in ("report", "routing_decision", "cases")] == [11, 11, 1]
        assert count(conn, "report_repeat") == 29


def test_no_answer_comes_from_rules_that_were_replaced(committed: str) -> None:
    """While tables of duties follow one another, each report is decided by the one whose number its decision tells."""
    live, one_at_a_time = LiveRules(), Lock()

    def replace_rules(n: int) -> None:
        with one_at_a_time, connect(committed) as conn, conn.transaction():
            made.put_rules(conn, made.rule(("west", "east")[n % 2], source=str(n)))

    def send(n: int) -> None:
        with connect(committed) as conn:
            take_one(conn, the_city(conn), made.report(f"r{n}", TOWN.lonlat("1")), rules=live)

    with ThreadPoolExecutor(8) as pool:
        tasks = [pool.submit(replace_rules if n % 5 == 0 else send, n) for n in range(100)]
        for task in tasks:
            task.result()
    with connect(committed) as conn:
        ((wrong, decided, revisions),) = conn.execute(
            "SELECT count(*) FILTER (WHERE duty_rule.revision <> routing_decision.duty_revision), count(*),"
            "       count(DISTINCT duty_revision)"
            "  FROM routing_decision JOIN duty_rule ON duty_rule.id = rule_id"
        ).fetchall()
        assert (wrong, decided) == (0, 80)
        assert revisions > 1
