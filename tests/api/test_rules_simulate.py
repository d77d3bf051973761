"""`/api/v1/rules/simulate`: what other rules would do, for those reports that the caller may see."""

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from gridsvc.store import drafts
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests.accounts import put_account, put_token
from tests.api import town
from tests.service import asking, running

SIMULATE = "/api/v1/rules/simulate"
RULE = {"kind": "event", "subclass_code": "0110", "lead": "east"}
ALL_EAST = {"duties": {"duties.csv": [RULE]}}
ACCOUNTS: dict[str, dict[str, Any]] = {
    "gis": {"roles": ("gis_staff",), "whole_city": True},
    "gis-west": {"roles": ("gis_staff",), "areas": ("grid:w",)},
    "analyst-west": {"roles": ("analyst",), "areas": ("grid:w",)},
    "inspector": {"roles": ("inspector",), "whole_city": True},
}


@pytest.fixture(scope="module")
def clients(database: str) -> Iterator[dict[str, httpx.Client]]:
    town.build(database)
    with connect(database) as conn:
        tokens = {}
        for name, who in ACCOUNTS.items():
            roles, rest = who["roles"], {key: value for key, value in who.items() if key != "roles"}
            tokens[name] = put_token(conn, put_account(conn, name, *roles, **rest))
    with running(database) as host, ExitStack() as stack:
        yield {name: stack.enter_context(asking(host, token)) for name, token in tokens.items()}


def tried(client: httpx.Client, **given: Any) -> dict[str, Any]:
    answer = client.post(SIMULATE, json=given)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_what_would_move_is_counted_and_listed(clients: dict[str, httpx.Client]) -> None:
    found = tried(clients["gis"], **ALL_EAST)
    assert (found["reports"], found["moved"]) == (town.REPORTS, 10)
    assert found["moves"] == [{"from": "west", "to": "east", "count": 10}]
    assert len(found["list"]) == 10
    assert {(row["lead_before"], row["lead_after"], row["channel"]) for row in found["list"]} == {
        ("west", "east", "hotline")
    }
    assert tried(clients["gis"])["moved"] == 0


def test_only_the_reports_that_one_sees_are_tried(clients: dict[str, httpx.Client]) -> None:
    found = tried(clients["analyst-west"], **ALL_EAST)
    assert (found["reports"], found["moved"]) == (11, 10), "its own ten, and the one that no rule is about"


def test_the_list_is_a_file_and_taking_it_is_recorded(database: str, clients: dict[str, httpx.Client]) -> None:
    answer = clients["gis"].post(f"{SIMULATE}/export", json=ALL_EAST, params={"form": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["lead_before"], row["lead_after"]) for row in rows] == [("west", "east")] * 10
    assert clients["inspector"].post(f"{SIMULATE}/export", json={}).status_code == 403
    with connect(database) as conn:
        found = conn.execute(
            "SELECT payload -> 'after' FROM audit JOIN audit_payload ON audit_id = id"
            " WHERE action = 'export.simulation'"
        ).fetchall()
        assert found == [({"rows": 10},)]


def test_a_draft_is_tried_by_those_who_may_see_all_that_it_moves(
    database: str, clients: dict[str, httpx.Client]
) -> None:
    with connect(database) as conn:
        draft = drafts.add_draft(conn, "grid", None, "merge")
        merged = [("e", "东", "East", None, town.TOWN.polygon("acfd"))]
        drafts.fill_draft(conn, draft, the_city(conn).srid, merged)
    east = {"duties": {"duties.csv": [{**RULE, "area_kind": "grid", "area_code": "e"}]}}
    assert tried(clients["gis"], draft=draft, **east)["moves"] == [{"from": "west", "to": "east", "count": 10}]
    for name in ("gis-west", "inspector"):
        assert clients[name].post(SIMULATE, json={"draft": draft}).status_code == 403
    assert tried(clients["analyst-west"], revision=1)["moved"] == 0


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"channel": "fax"}, 422, "channel 'fax' is not known"),
        ({"without": ["x"]}, 422, "table of rules 'x' is not known"),
        ({"duties": {"new": [RULE, {**RULE, "lead": "nobody"}]}}, 422, "new: row 2: department nobody does not exist"),
        ({"duties": {"new": [{**RULE, "subclass_code": "9999"}]}}, 422, "new: row 1: "),
        ({"lanes": {"new": [{"kind": "event", "subclass_code": "0110", "lane": "fast"}]}}, 422, "lane is one of"),
        ({"duties": {"new": [{**RULE, "priority": "high"}]}}, 422, "new: row 1: "),
        ({"revision": 99}, 404, "areas have no revision 99"),
        ({"revision": 1, "draft": 1}, 422, "a revision or a draft of areas, not both"),
        ({"draft": 99}, 404, "draft 99 does not exist"),
        ({"from": "2026-06-02", "to": "2026-06-01"}, 422, "is before the first day"),
    ],
)
def test_what_is_wrong_is_named(
    clients: dict[str, httpx.Client], given: dict[str, Any], status: int, said: str
) -> None:
    answer = clients["gis"].post(SIMULATE, json=given)
    assert (answer.status_code, said in answer.json()["detail"]) == (status, True), answer.text
