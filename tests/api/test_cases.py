"""Cases over HTTP: looked at, moved, refused; two who edit one case."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests import made
from tests.accounts import put_token
from tests.casework.lives import TOWN, build
from tests.service import asking, running

MERIDIAN = {"kind": "event", "subclass_code": "0110"}


@pytest.fixture(scope="module")
def people(database: str) -> Any:
    """A client of the service for everybody, by name."""
    with connect(database) as conn, conn.transaction():
        build(conn, the_city(conn))
        rows = conn.execute("SELECT name, id FROM account").fetchall()
        tokens = {name: put_token(conn, account_id) for name, account_id in rows}
    with running(database) as host:
        clients = {name: asking(host, token) for name, token in tokens.items()}
        yield clients
        for client in clients.values():
            client.close()


def send(client: httpx.Client, external_id: str, channel: str = "hotline") -> dict[str, Any]:
    lon, lat = TOWN.lonlat("1")
    now = datetime.now(UTC).isoformat()
    body = {**MERIDIAN, "channel": channel, "external_id": external_id, "reported_at": now, "lon": lon, "lat": lat}
    answer = client.post("/api/v1/reports", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def move(client: httpx.Client, case: int, name: str, version: int, **given: Any) -> httpx.Response:
    return client.post(f"/api/v1/cases/{case}/moves", json={"move": name, "version": version, **given})


def test_from_report_to_closing(people: dict[str, httpx.Client]) -> None:
    report = send(people["clerk"], "whole way", "app")
    assert (report["state"], report["case_id"], report["confirmer"]) == ("confirming", None, "inspector")
    (waiting,) = people["inspector"].get("/api/v1/confirmations").json()["reports"]
    assert waiting["id"] == report["id"]
    confirmed = people["inspector"].post(
        f"/api/v1/reports/{report['id']}/moves", json={"move": "confirm", "version": report["version"]}
    )
    case = confirmed.json()["case_id"]
    version = 2
    for who, name, given in (
        ("district", "accept", {}), ("district", "begin", {}), ("district", "dispose", {"note": "swept"}),
        ("clerk", "ask_verification", {}), ("inspector", "verify", {}), ("leader", "close", {}),
    ):  # fmt: skip
        answer = move(people[who], case, name, version, **given)
        assert answer.status_code == 200, answer.text
        version = answer.json()["version"]
    shown = people["clerk"].get(f"/api/v1/cases/{case}").json()
    assert (shown["state"], len(shown["steps"]), shown["overdue"]) == ("closed", 8, False)
    assert [step["move"] for step in shown["report_steps"]] == ["ask_confirmation", "confirm", "register"]
    assert shown["report"]["explanation"]["winner"]["lead"] == "district"


def test_two_edit_one_case(people: dict[str, httpx.Client]) -> None:
    case = send(people["clerk"], "two")["case_id"]
    assert move(people["district"], case, "accept", 2).status_code == 200
    late = move(people["dispatcher"], case, "suspend", 2, note="wait")
    assert late.status_code == 409
    problem = late.json()
    assert [(step["step"], step["move"], step["actor"]) for step in problem["changes"]] == [(3, "accept", "district")]
    assert "第 2 步" in problem["detail_zh"]


@pytest.mark.parametrize(
    ("who", "body", "status", "says"),
    [
        ("leader", {"move": "close"}, 422, "possible are: redispatch"),
        ("dispatcher", {"move": "void", "note": "x"}, 403, "void is for shift_leader"),
        ("other", {"move": "accept"}, 404, "does not exist"),
        ("analyst", {"move": "comment", "note": "x"}, 403, "the right work_cases is needed"),
        ("leader", {"move": "void"}, 422, "void needs: note"),
        ("leader", {"move": "fly"}, 422, "move 'fly' is not known"),
        ("leader", {"move": "void", "note": "x", "colour": "red"}, 422, "colour"),
        ("clerk", {"move": "follow_up", "solved": True, "satisfaction": 6}, 422, "satisfaction"),
    ],
)
def test_what_is_refused_says_why(
    people: dict[str, httpx.Client], who: str, body: dict[str, Any], status: int, says: str
) -> None:
    case = send(people["clerk"], f"refused {who} {body['move']} {len(body)}")["case_id"]
    answer = people[who].post(f"/api/v1/cases/{case}/moves", json={"version": 2, **body})
    assert (answer.status_code, says in answer.text) == (status, True), answer.text
    assert people["clerk"].get(f"/api/v1/cases/{case}").json()["version"] == 2


def test_the_tables_are_data(people: dict[str, httpx.Client]) -> None:
    found = people["analyst"].get("/api/v1/cases/moves").json()
    transfer = next(one for one in found["cases"]["moves"] if one["move"] == "transfer")
    assert transfer == {
        "move": "transfer", "name_zh": "转派", "name_en": "transfer", "from": ["accepted"], "to": "dispatched",
        "lanes": ["dispatched", "enforcement"], "who": ["department_handler"], "needs": ["department"], "may": ["note"],
    }  # fmt: skip
    assert {one["state"] for one in found["reports"]["states"]} == {
        "reported", "confirming", "confirmed", "registered", "rejected", "linked",
    }  # fmt: skip


def test_lists_tell_how_many_there_are(people: dict[str, httpx.Client]) -> None:
    for number in range(3):
        send(people["clerk"], f"list {number}")
    found = people["clerk"].get("/api/v1/cases", params={"state": "dispatched", "limit": 2}).json()
    assert (len(found["cases"]), found["total"] >= 3) == (2, True)
    assert people["other"].get("/api/v1/cases").json()["total"] == 0
    assert people["clerk"].get("/api/v1/cases", params={"review_due": True}).json()["total"] == 0
    assert people["clerk"].get("/api/v1/cases", params={"area_kind": "patrol_grid"}).status_code == 422
    assert people["clerk"].get("/api/v1/cases", params={"lane": "air"}).status_code == 422


def test_a_condition_says_the_limit(people: dict[str, httpx.Client]) -> None:
    lon, lat = TOWN.lonlat("1")
    body = {
        **MERIDIAN, "channel": "hotline", "external_id": "condition", "reported_at": made.NOON.isoformat(), "lon": lon,
        "lat": lat, "condition": "no such thing",
    }  # fmt: skip
    refused = people["clerk"].post("/api/v1/reports", json=body)
    assert (refused.status_code, "condition 'no such thing' is not known" in refused.text) == (422, True)
