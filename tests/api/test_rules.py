"""`/api/v1/rules`, `/departments`, `/taxonomies`, `/components/ownership`: who may, what is answered, files."""

import io
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import openpyxl
import pytest

from gridsvc.casework.intake import take_in
from gridsvc.store.connection import connect
from tests import made
from tests.accounts import put_account, put_token
from tests.casework.matrix import TOWN, build
from tests.service import asking, running

RULES = "/api/v1/rules"
LAMP = {"kind": "component", "subclass_code": "0150"}
"""A surveillance camera, which is sensitive."""
EVERYBODY = {"dispatcher": "dispatcher", "clerk": "intake_clerk", "gis": "gis_staff"}


@pytest.fixture(scope="module")
def clients(database: str) -> Iterator[dict[str, httpx.Client]]:
    with connect(database) as conn, conn.transaction():
        town = build(conn)
        made.put_rules(conn, made.rule("west", name="R1"), made.rule("east", area_kind="grid", area_code="e"))
        made.put_component(conn, town, "camera", "0150", TOWN.point("1"), owner="owner", authority="bureau")
        unmapped = {"kind": None, "subclass_code": None, "category": "NOISE/X"}
        take_in(conn, town, [made.report("camera", TOWN.lonlat("1"), **LAMP, component_code="camera")])
        take_in(conn, town, [made.report("noise", TOWN.lonlat("1"), **unmapped)])
        tokens = {
            name: put_token(conn, put_account(conn, name, role, whole_city=True)) for name, role in EVERYBODY.items()
        }
        tokens["west"] = put_token(conn, put_account(conn, "west", "dispatcher", areas=("grid:w",)))
    with running(database) as host, ExitStack() as stack:
        yield {name: stack.enter_context(asking(host, token)) for name, token in tokens.items()}


def table(clients: dict[str, httpx.Client], **given: Any) -> tuple[int, list[dict[str, Any]]]:
    """The revision of duties.csv, and its rules."""
    found = clients["clerk"].get(RULES, params={"table": "duties.csv", **given}).json()
    return found["tables"]["duties.csv"], found["rules"]


def test_rules_are_listed_filtered_and_paged(clients: dict[str, httpx.Client]) -> None:
    _, rules = table(clients)
    assert [(rule["rule"], rule["lead"]) for rule in rules] == [("R1", "west"), (None, "east")]
    assert [rule["lead"] for rule in table(clients, department="east")[1]] == ["east"]
    assert [rule["lead"] for rule in table(clients, area_kind="grid", area_code="e", day="2026-06-01")[1]] == ["east"]
    page = clients["clerk"].get(RULES, params={"limit": 1, "offset": 1}).json()
    assert (page["total"], len(page["rules"])) == (2, 1)
    assert clients["clerk"].get(RULES, params={"of": "lanes"}).json()["total"] == 0
    assert clients["clerk"].get(RULES, params={"revision": 99}).status_code == 404
    assert clients["clerk"].get(RULES, params={"table": "x"}).status_code == 422


def test_rules_are_changed_by_those_who_may(clients: dict[str, httpx.Client]) -> None:
    revision, (first, _) = table(clients)
    dispatcher, new = clients["dispatcher"], {"kind": "event", "subclass_code": "0201", "lead": "owner"}
    assert clients["clerk"].post(RULES, json=new).status_code == 403
    partly = clients["west"].post(RULES, json=new)
    assert (partly.status_code, "whole city" in partly.json()["detail"]) == (403, True)
    added = dispatcher.post(RULES, json={**new, "table": "duties.csv", "revision": revision, "level": "district"})
    assert (added.status_code, added.json()["revision"]) == (201, revision + 1)
    stale = dispatcher.patch(f"{RULES}/{first['id']}", json={"revision": revision, "lead": "bureau"})
    assert stale.status_code == 409
    assert "changed meanwhile: 0 rules gone or changed, 1 new or changed" in stale.json()["detail"]
    now, (first, *_) = table(clients)
    said = {"revision": now, "lead": "bureau", "valid_to": "2027-01-01", "co_operating": ["east", "owner"]}
    changed = dispatcher.patch(f"{RULES}/{first['id']}", json={**said, "reason": "moved"}).json()
    _, rules = table(clients)
    assert {name: rules[0][name] for name in ("id", "lead", "valid_to", "co_operating", "rule")} == {
        "id": changed["rule"], "lead": "bureau", "valid_to": "2027-01-01", "co_operating": ["east", "owner"],
        "rule": "R1",
    }  # fmt: skip
    gone = dispatcher.delete(f"{RULES}/{changed['rule']}", params={"revision": changed["revision"]})
    assert (gone.status_code, len(table(clients)[1])) == (200, 2)
    told = clients["clerk"].get(f"{RULES}/revisions", params={"table": "duties.csv"}).json()
    assert [one["reason"] for one in told["revisions"]] == [None, "moved", None, None]
    compared = (
        clients["clerk"]
        .get(f"{RULES}/difference", params={"table": "duties.csv", "before": revision, "after": changed["revision"]})
        .json()
    )
    assert (len(compared["added"]), len(compared["removed"])) == (2, 1)
    wrong = dispatcher.post(RULES, json={**new, "lead": "x", "lane": "fast"})
    assert wrong.status_code == 422
    assert wrong.json()["detail_zh"].startswith("没有这样的处置方式：“fast”")


def test_rules_go_out_and_come_in_again(clients: dict[str, httpx.Client]) -> None:
    dispatcher = clients["dispatcher"]
    for form, lang in (("xlsx", "zh"), ("csv", "en")):
        answer = dispatcher.get(f"{RULES}/export", params={"form": form, "lang": lang, "table": "duties.csv"})
        sent = {"files": {"file": (f"r.{form}", answer.content)}, "params": {"table": "duties.csv"}}
        again = dispatcher.post(f"{RULES}/import", **sent).json()
        assert (again["added"], again["removed"], again["unchanged"], again["problems"]) == (0, 0, 2, [])
        if form == "xlsx":
            sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
            header = [cell.value for cell in next(sheet.iter_rows())]
            assert header[:4] == ["规则编号", "问题类型", "大类", "小类"]
    bad = {"file": ("r.csv", "问题类型,小类,牵头部门\n事件,0110,nobody\n".encode("gbk"))}
    tried = dispatcher.post(f"{RULES}/import", files=bad, params={"dry_run": True}).json()
    assert [one["row"] for one in tried["problems"]] == [2]
    assert dispatcher.post(f"{RULES}/import", files=bad).status_code == 422
    assert clients["clerk"].get(f"{RULES}/export").status_code == 403


def test_the_matrix_is_checked(clients: dict[str, httpx.Client]) -> None:
    found = clients["dispatcher"].get(f"{RULES}/check", params={"limit": 1, "offset": 1}).json()
    assert found["counts"].keys() == {"hole"}
    assert (found["total"], len(found["findings"])) == (found["counts"]["hole"], 1)
    assert found["findings"][0]["message_zh"].startswith("部件 01")
    assert clients["dispatcher"].get(f"{RULES}/check", params={"what": "x"}).status_code == 422


def test_departments(clients: dict[str, httpx.Client]) -> None:
    about = {"name_zh": "新局", "name_en": "New", "level": "district", "on_platform": True}
    dispatcher, place = clients["dispatcher"], "/api/v1/departments"
    assert dispatcher.put(f"{place}/new", json=about).status_code == 201
    assert dispatcher.put(f"{place}/new", json={**about, "parent": "west"}).status_code == 200
    tops = {one["code"]: one for one in clients["clerk"].get(place).json()["departments"]}
    assert [child["code"] for child in tops["west"]["children"]] == ["new"]
    assert dispatcher.put(f"{place}/west", json={**about, "parent": "new"}).status_code == 422
    refused = dispatcher.post(f"{place}/owner/retire", json={"retired_on": "2030-01-01"})
    assert refused.status_code == 409
    assert "duties.csv" in refused.json()["detail_zh"]
    assert dispatcher.post(f"{place}/new/retire", json={"retired_on": "2030-01-01"}).json()["applied"]
    file = {"file": ("d.csv", "部门编码,部门名称,层级\nD1,一局,市级\n".encode())}
    assert dispatcher.post(f"{place}/import", files=file).json()["added"] == 1
    assert clients["gis"].post(f"{place}/import", files=file).status_code == 403


def test_taxonomies(clients: dict[str, httpx.Client]) -> None:
    dispatcher, place = clients["dispatcher"], "/api/v1/taxonomies"
    assert dispatcher.get(f"{place}/todo").json()["groups"][0]["category"] == "NOISE/X"
    mapped = dispatcher.put(f"{place}/hotline/NOISE/X", json={"kind": "event", "subclass_code": "0201"})
    assert (mapped.status_code, mapped.json()["category"]) == (200, "NOISE/X")
    again = dispatcher.post(f"{place}/route", json={"channel": "hotline", "category": "NOISE/X"}).json()
    assert again == {"reports": 1, "registered": 1, "manual": {}}
    assert clients["clerk"].get(place).json()["mapped"] == 1
    file = {"file": ("t.csv", b"channel,category\nhotline,A\n")}
    assert dispatcher.post(f"{place}/import", files=file).json()["added"] == 1


def test_a_report_explains_itself_to_each_as_far_as_allowed(clients: dict[str, httpx.Client]) -> None:
    (report,) = [
        one for one in clients["clerk"].get("/api/v1/reports").json()["reports"] if one["external_id"] == "camera"
    ]
    texts = {name: clients[name].get(f"/api/v1/reports/{report['id']}") for name in EVERYBODY}
    seen = texts["dispatcher"].json()
    assert "Component camera: named by the report, 0.0 m away." in seen["explanation_text"]["en"]
    assert "采用：部件的权属单位，牵头 owner。" in seen["explanation_text"]["zh"]
    hidden = texts["clerk"].json()
    assert hidden["component_code"] is hidden["explanation"]["component"]["matched"] is None
    assert "Component (not for you to see): the nearest, 0.0 m away." in hidden["explanation_text"]["en"]
    for secret in ('"component_code":"camera"', "component camera", "Component camera", '"owner":"owner"'):
        assert secret not in texts["clerk"].text
    case = hidden["case_id"]
    for path in (f"/api/v1/cases/{case}", f"/cases/{case}/orders"):
        shown, told = clients["dispatcher"].get(path), clients["clerk"].get(path)
        assert (shown.status_code, told.status_code) == (200, 200)
        assert "camera" in shown.text.replace(f"hotline/{report['external_id']}", "")
        for secret in ('"component_code":"camera"', "component camera", "Component camera", '"owner":"owner"'):
            assert secret not in told.text
    again = clients["clerk"].get(f"/api/v1/reports/{report['id']}/replay").json()
    assert (again["same"], again["differs"]) == (True, {})
    lon, lat = TOWN.lonlat("1")
    asked = {"lon": lon, "lat": lat, "kind": "event", "subclass_code": "0201"}
    told = clients["clerk"].get("/api/v1/locate", params=asked).json()["decision"]["explanation_text"]
    assert told["en"][-1].startswith("Decided by: rule")


def test_simulations_leave_out_what_their_caller_may_not_see(clients: dict[str, httpx.Client]) -> None:
    found = {name: clients[name].post(f"{RULES}/simulate", json={}).json() for name in ("dispatcher", "clerk")}
    assert {name: (one["withheld"], one["reports"]) for name, one in found.items()} == {
        "dispatcher": (0, 2), "clerk": (1, 1),
    }  # fmt: skip


def test_what_reports_about_components_found_is_counted(clients: dict[str, httpx.Client]) -> None:
    (counted,) = clients["clerk"].get("/api/v1/reports/matches").json()["subclasses"]
    told = {name: counted[name] for name in ("subclass_code", "reports", "named", "near", "certain", "median_m")}
    assert told == {"subclass_code": "0150", "reports": 1, "named": 1, "near": 1, "certain": 1, "median_m": 0.0}
    assert clients["clerk"].get("/api/v1/reports/matches", params={"kind": "event"}).json() == {"subclasses": []}


def test_ownership(clients: dict[str, httpx.Client], database: str) -> None:
    place, gis = "/api/v1/components/ownership", clients["gis"]
    with connect(database) as conn, conn.transaction():
        conn.execute("UPDATE component SET owner = NULL")
        conn.execute("UPDATE routing_decision SET rule = 'component:fallback' WHERE rule LIKE 'component:%%'")
    (one,) = gis.get(place).json()["components"]
    assert (one["component_code"], one["reports"], one["open_cases"]) == ("camera", 1, 1)
    answer = gis.get(f"{place}/export", params={"form": "csv"})
    assert "camera" in answer.content.decode("utf-8-sig")
    given = {"component_code": "camera", "owner": "owner", "version": one["version"]}
    assert clients["clerk"].post(place, json=given).status_code == 403
    assert gis.post(place, json={**given, "version": one["version"] + 1}).status_code == 409
    assert gis.post(place, json=given).json() == {"confirmed": 1, "unchanged": 0}
    assert gis.get(place).json()["total"] == 0
    (newest, *_) = gis.get("/api/v1/components/camera/history").json()["versions"]
    assert newest["batch"]["account"] == "gis"
    file = {"file": ("o.csv", "部件标识码,权属单位\ncamera,owner\n".encode())}
    assert gis.post(f"{place}/import", files=file).json() == {"confirmed": 0, "unchanged": 1}
