"""`/api/v1/rosters`: who sees whom, files in and out."""

import io
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import openpyxl
import pytest

from gridsvc.areas.rosters import replace_rosters
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests.accounts import put_account, put_token
from tests.areas.rosters import full, put_grids
from tests.service import asking, running

ROSTERS = "/api/v1/rosters"
EVERYBODY: dict[str, dict[str, Any]] = {
    "gis": {"roles": ("gis_staff",), "whole_city": True},
    "head-1": {"roles": ("grid_head",), "areas": ("responsibility_grid:G1",)},
    "sub-2": {"roles": ("grid_member",), "areas": ("sub_grid:G2-1",)},
    "nobody": {"roles": ()},
}


@pytest.fixture(scope="module")
def clients(database: str) -> Iterator[dict[str, httpx.Client]]:
    """One for each of them, and `public`; both grids have their people, and sub-grids a head each."""
    with connect(database) as conn, conn.transaction():
        city = the_city(conn)
        put_grids(conn, city)
        replace_rosters(conn, city, "all.xlsx", [*full("G1"), *full("G2", 11)])
        tokens = {}
        for name, who in EVERYBODY.items():
            roles, rest = who["roles"], {key: value for key, value in who.items() if key != "roles"}
            tokens[name] = put_token(conn, put_account(conn, name, *roles, **rest))
    with running(database) as host, asking(host) as public:
        found = {"public": public}
        with ExitStack() as stack:
            yield found | {name: stack.enter_context(asking(host, token)) for name, token in tokens.items()}


def sent(name: str, content: str | bytes) -> dict[str, Any]:
    return {"file": (name, content.encode() if isinstance(content, str) else content)}


def people(client: httpx.Client, **given: Any) -> list[str]:
    answer = client.get(ROSTERS, params=given)
    assert answer.status_code == 200, answer.text
    return [one["person"] for one in answer.json()["entries"]]


def test_people_are_seen_in_areas_of_duty_and_below(clients: dict[str, httpx.Client]) -> None:
    file = "kind,code,post,name\n" + "".join(
        f"sub_grid,{code},head,{code}\n" for code in ("G1-1", "G1-2", "G2-1", "G2-2")
    )
    assert clients["gis"].post(ROSTERS, files=sent("sub.csv", file)).json()["added"] == 4
    assert len(people(clients["gis"])) == 22
    assert people(clients["head-1"], kind="sub_grid") == ["G1-1", "G1-2"]
    assert {one[:2] for one in people(clients["head-1"])} == {"G1"}
    assert people(clients["sub-2"]) == ["G2-1"]
    assert clients["nobody"].get(ROSTERS).status_code == 403
    assert clients["public"].get(ROSTERS).status_code == 401


def test_what_is_missing_is_told_of_areas_that_one_sees(clients: dict[str, httpx.Client]) -> None:
    own = clients["head-1"].get(f"{ROSTERS}/check").json()["kinds"]
    assert {one["kind"]: one["areas"] for one in own} == {"patrol_grid": 0, "responsibility_grid": 1, "sub_grid": 2}
    whole = clients["gis"].get(f"{ROSTERS}/check", params={"kind": "patrol_grid"}).json()["kinds"]
    assert whole[0]["incomplete"][0]["missing"][0]["post_zh"] == "监督员"
    assert whole[0]["without_anybody"] == 1


def test_entries_are_told_in_full_and_in_pages(clients: dict[str, httpx.Client]) -> None:
    answer = clients["head-1"].get(ROSTERS, params={"area_code": "G1", "limit": 1}).json()
    assert answer["total"] == 9
    (entry,) = answer["entries"]
    assert entry.pop("valid_from")
    assert entry == {
        "area_kind": "responsibility_grid", "area_code": "G1", "post": "head", "post_zh": "网格长",
        "post_en": "grid head", "service": "", "service_zh": "", "service_en": "", "person": "G1长", "phone": "1G1",
        "department": None, "account": None, "valid_to": None, "source": "all.xlsx",
    }  # fmt: skip
    assert people(clients["gis"], at="2000-01-01T00:00:00Z") == []
    wrong = clients["gis"].get(ROSTERS, params={"kind": "park"})
    assert (wrong.status_code, wrong.json()["detail_zh"][:16]) == (422, "没有这样的区域类型：“park”")


def test_templates(clients: dict[str, httpx.Client]) -> None:
    found = clients["sub-2"].get(f"{ROSTERS}/templates").json()
    assert found["in_use"]["patrol_grid"] == "patrol"
    (shenzhen,) = [one for one in found["templates"] if one["template"] == "shenzhen"]
    assert [post["name_zh"] for post in shenzhen["posts"]] == ["街区长", "环境长"]
    assert "Shenzhen" in shenzhen["source"]


def test_a_file_is_tried_first_and_refused_whole(clients: dict[str, httpx.Client]) -> None:
    gis, bad = clients["gis"], "code,post,name\nP1,inspector,王\nP7,inspector,李\n"
    tried = gis.post(ROSTERS, params={"dry_run": True, "kind": "patrol_grid"}, files=sent("p.csv", bad)).json()
    assert (tried["applied"], tried["added"]) == (False, 1)
    assert [(one["row"], one["zh"]) for one in tried["problems"]] == [
        (3, "没有编码为“P7”的现行区域（patrol_grid）；最接近的是 P1")
    ]
    answer = gis.post(ROSTERS, params={"kind": "patrol_grid"}, files=sent("p.csv", bad))
    assert answer.status_code == 422
    assert "row 3: no patrol_grid 'P7' is in force; the nearest is P1" in answer.json()["detail"]
    assert "p.csv：未作任何更改，共 1 个问题：第 3 行：" in answer.json()["detail_zh"]
    assert people(gis, kind="patrol_grid") == []


@pytest.mark.parametrize(("files", "status", "detail"), [
    ([("file", ("a.csv", b"x")), ("file", ("b.csv", b"y"))], 422, "upload: send one file"),
    ([("file", ("a.zip", b"x"))], 422, "a.zip: give a CSV file or an Excel workbook"),
    ([("file", ("a.xlsx", b"x"))], 422, "a.xlsx"),
    ([("file", ("a.csv", b"\0"))], 422, "NUL"),
])  # fmt: skip
def test_files_that_are_none(clients: dict[str, httpx.Client], files: Any, status: int, detail: str) -> None:
    answer = clients["gis"].post(ROSTERS, files=files)
    assert (answer.status_code, detail in answer.json()["detail"]) == (status, True), answer.text


def test_who_may_not_change_rosters(clients: dict[str, httpx.Client]) -> None:
    for name, status in (("head-1", 403), ("public", 401)):
        assert clients[name].post(ROSTERS, files=sent("p.csv", "x")).status_code == status


def test_out_as_a_workbook_and_in_again(clients: dict[str, httpx.Client]) -> None:
    gis = clients["gis"]
    answer = gis.get(f"{ROSTERS}/export", params={"kind": "responsibility_grid"})
    assert "rosters.xlsx" in answer.headers["content-disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet.max_row == 19
    again = gis.post(ROSTERS, params={"whole": True}, files=sent("r.xlsx", answer.content)).json()
    assert (again["unchanged"], again["added"], again["ended"]) == (18, 0, 0)
    assert clients["head-1"].get(f"{ROSTERS}/export").status_code == 403
    text = gis.get(f"{ROSTERS}/export", params={"form": "csv", "lang": "en"}).content.decode("utf-8-sig")
    assert text.splitlines()[0].startswith('"area_kind","area_code","post","service","person","phone"')
