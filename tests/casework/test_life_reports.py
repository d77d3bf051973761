"""Reports until they are registered, moved in the real store: asked for again, settled, linked, followed up."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gridsvc.casework import duplicates_desk
from gridsvc.casework.intake import take_in
from gridsvc.casework.life_looking import confirmations, show_report
from gridsvc.casework.placing import Chosen, place_report
from gridsvc.casework.taxonomy import map_word
from gridsvc.errors import InputError, StaleError
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.taxonomies import Word
from tests import made
from tests.casework.lives import TOWN, become, build, go_report, owner_again, put_report

NOW = datetime.now(UTC)


@pytest.fixture
def ready(conn: Connection, town: City) -> Iterator[Connection]:
    build(conn, town)
    yield conn
    owner_again(conn)


def shown(conn: Connection, report: UUID) -> dict[str, Any]:
    owner_again(conn)
    return show_report(conn, become(conn, "clerk"), report)


def test_what_is_placed_later_goes_to_the_inspector_on_duty_there(ready: Connection, town: City) -> None:
    report = put_report(ready, town, mark=None)
    assert (shown(ready, report)["state"], shown(ready, report)["confirmer"]) == ("confirming", None)
    for mark in ("9", "1", "1"):
        owner_again(ready)
        lon, lat = TOWN.lonlat(mark)
        place_report(ready, town, report, Chosen(lon=lon, lat=lat), "clerk")
    mine = confirmations(ready, become(ready, "inspector"), "mine", limit=10, offset=0)
    assert [one["id"] for one in mine["reports"]] == [report]
    assert [step["move"] for step in shown(ready, report)["steps"]] == [
        "ask_confirmation", "place", "place", "ask_confirmation", "place",
    ]  # fmt: skip
    go_report(ready, town, report, "confirm", "inspector")
    assert shown(ready, report)["state"] == "registered"


@pytest.mark.parametrize(
    ("move", "given"),
    [("register", {}), ("decide", {"note": "ours", "department": "city", "lane": "dispatched"})],
)
def test_what_a_report_is_about_is_kept_when_it_is_registered(
    ready: Connection, town: City, move: str, given: dict[str, str]
) -> None:
    report = put_report(ready, town, kind=None, subclass_code=None, category="LAMP")
    go_report(ready, town, report, "confirm", "inspector")
    assert (shown(ready, report)["state"], shown(ready, report)["manual_reason"]) == ("confirmed", "unmapped")
    owner_again(ready)
    made.put_component(ready, town, "lamp 1", "0111", TOWN.point("1"), owner="owner")
    map_word(
        ready,
        Word(channel="app", category="LAMP", name_zh="路灯", name_en="lamp", kind="component", subclass_code="0111"),
    )
    go_report(ready, town, report, move, "clerk", **given)
    owner_again(ready)
    row = ready.execute("SELECT kind, subclass_code, matched_component FROM report").fetchone()
    assert row == ("component", "0111", "lamp 1")


def test_history_decided_by_hand_is_closed_after_it_was_registered(ready: Connection, town: City) -> None:
    closed = made.NOON + timedelta(days=2)
    report = made.report("old", TOWN.lonlat("1"), subclass_code="0111", closed_at=closed)
    take_in(ready, town, [report])
    go_report(ready, town, report.id, "decide", "clerk", note="ours", department="city", lane="dispatched")
    owner_again(ready)
    row = ready.execute("SELECT state, registered_at, closed_at FROM cases").fetchone()
    assert row == ("closed", made.NOON, closed)
    assert ready.execute("SELECT at FROM case_step ORDER BY step").fetchall() == [(made.NOON,)] * 2 + [(closed,)]


def test_nobody_need_decide_about_what_is_rejected(ready: Connection, town: City) -> None:
    report = put_report(ready, town, subclass_code="0111")
    assert shown(ready, report)["manual_reason"] == "nobody"
    go_report(ready, town, report, "reject", "leader", note="not ours", reply="ask the railway")
    assert shown(ready, report)["manual_reason"] is None


def test_who_reported_is_asked_afterwards_although_no_case_came_of_it(ready: Connection, town: City) -> None:
    report = put_report(ready, town)
    with pytest.raises(InputError, match="follow_up is not possible for a report that is confirming"):
        go_report(ready, town, report, "follow_up", "clerk", solved=False, satisfaction=2)
    go_report(ready, town, report, "reject", "leader", note="not ours", reply="ask the railway")
    with pytest.raises(InputError, match="satisfaction is 1 to 5"):
        go_report(ready, town, report, "follow_up", "clerk", solved=False, satisfaction=6)
    go_report(ready, town, report, "follow_up", "clerk", solved=False, satisfaction=2)
    found = shown(ready, report)
    assert (found["state"], found["steps"][-1]["details"]) == ("rejected", {"solved": False, "satisfaction": 2})


def test_a_refused_link_is_what_it_was(ready: Connection, town: City) -> None:
    one, other = (put_report(ready, town, name, subclass_code="0111") for name in "ab")
    go_report(ready, town, one, "confirm", "inspector")
    for report, of, state in ((one, other, "confirmed"), (other, one, "confirming")):
        owner_again(ready)
        duplicates_desk.link(ready, report, of, "clerk")
        assert shown(ready, report)["state"] == "linked"
        owner_again(ready)
        duplicates_desk.refuse(ready, town, report, of, "clerk")
        assert shown(ready, report)["state"] == state


def test_whoever_links_or_places_is_told_of_what_happened_meanwhile(ready: Connection, town: City) -> None:
    one, other = (put_report(ready, town, name, mark=None) for name in "ab")
    lon, lat = TOWN.lonlat("1")
    place_report(ready, town, one, Chosen(lon=lon, lat=lat), "clerk", seen=1)
    for late in (
        lambda: place_report(ready, town, one, Chosen(lon=lon, lat=lat), "leader", seen=1),
        lambda: duplicates_desk.link(ready, one, other, "leader", seen=1),
    ):
        with pytest.raises(StaleError, match=r"\(version 1, now 3\): place by clerk, ask_confirmation by intake"):
            late()
    duplicates_desk.link(ready, one, other, "leader", seen=3)
    with pytest.raises(StaleError, match=r"\(version 3, now 4\): link by leader"):
        duplicates_desk.refuse(ready, town, one, other, "clerk", seen=3)
    duplicates_desk.refuse(ready, town, one, other, "clerk", seen=4)
    steps = [(step["move"], step["actor"], step["state"]) for step in shown(ready, one)["steps"]]
    assert steps[1:2] + steps[3:] == [
        ("place", "clerk", "confirming"), ("link", "leader", "linked"), ("unlink", "clerk", "reported"),
        ("ask_confirmation", "intake", "confirming"),
    ]  # fmt: skip


def test_what_waits_for_a_person_is_to_be_registered_within_a_time(ready: Connection, town: City) -> None:
    """15 working minutes from when it came in confirmed, or was confirmed; the first of these holds."""
    owner_again(ready)
    nobodys = {"subclass_code": "0111", "reported_at": NOW}
    came, at_once, past = (
        made.report("came", TOWN.lonlat("1"), **nobodys),
        made.report("at once", TOWN.lonlat("1"), reported_at=NOW),
        made.report("past", TOWN.lonlat("1"), closed_at=NOW, **nobodys),
    )
    take_in(ready, town, [came, at_once, past])
    asked = put_report(ready, town, "asked", subclass_code="0111")
    due = {name: shown(ready, one)["register_due_at"] for name, one in (
        ("came", came.id), ("at once", at_once.id), ("past", past.id), ("asked", asked),
    )}  # fmt: skip
    assert (due["at once"], due["past"], due["asked"]) == (None, None, None)
    assert due["came"] > NOW
    go_report(ready, town, asked, "confirm", "inspector")
    confirmed = shown(ready, asked)
    assert (confirmed["state"], confirmed["register_due_at"] >= due["came"]) == ("confirmed", True)
    owner_again(ready)
    lon, lat = TOWN.lonlat("1")
    place_report(ready, town, came.id, Chosen(lon=lon, lat=lat), "clerk")
    assert shown(ready, came.id)["register_due_at"] == due["came"]
