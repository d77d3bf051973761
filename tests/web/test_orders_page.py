"""The three orders of a case: one sheet of A4 whatever a case holds, with everything escaped, in both languages."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page

from gridsvc.access.passwords import hashed
from gridsvc.casework.orders import Orders
from gridsvc.store import accounts, credentials
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from gridsvc.web.orders import MOST_HOPS, cut, render_orders
from gridsvc.web.policy import PAGE_POLICY
from gridsvc.web.render import Visitor
from tests.accounts import PASSWORD
from tests.browser import Window
from tests.casework.lives import build, owner_again, put_case
from tests.service import running
from tests.web.browsing import signed_in
from tests.web.served import Pages, served

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
VISITOR = Visitor(city_zh="青川市", city_en="Qingchuan", synthetic=True, name="li", display_name="李派遣")
HOP = {
    "hop": 1, "department": "D1", "above": None, "given_at": NOON, "accept_due_at": NOON, "accepted_at": NOON,
    "ended_at": None, "how": None,
}  # fmt: skip
CASE: dict[str, Any] = {
    "id": 10234, "state": "in_disposal", "lane": "dispatched", "lead": "D1", "department": "D1", "kind": "component",
    "subclass_code": "0101", "registered_at": NOON, "due_at": NOON, "due_provisional": True, "file_number": None,
    "statutory_due": None,
}  # fmt: skip
REPORT: dict[str, Any] = {
    "address": "青川大道 128 号东侧人行道，近公交站", "lon": 105.238811, "lat": 32.585623, "reported_at": NOON,
    "worked_on": True, "description": "井盖松动，行人踩上会响，旁边已放临时围挡。", "co_operating": ["D2"],
    "supervising": ["D3"], "rule": "component:maintainer",
}  # fmt: skip
NAMES = {
    "D1": ("市政设施养护中心", "Municipal Facilities Maintenance Centre"),
    "D2": ("供水公司", "Water Supply Company"),
    "D3": ("住房和城乡建设局", "Bureau of Housing and Urban-Rural Development"),
}


def usual() -> Orders:
    whistle = {
        "at": NOON, "reason": "管网漏水，需现场会商",
        "calls": [{"name_zh": "供水公司", "name_en": "Water Supply Company", "arrived_at": NOON}],
    }  # fmt: skip
    return Orders(
        case=CASE, report=REPORT, subclass=("上水井盖", "Water supply cover"), closing_zh="更换或修复",
        condition=("井盖松动、异响，无安全风险", "Rattling or tilting cover"), lane=("派单处置", "dispatched"),
        areas=[
            (("区", "District"), ("利州区", "Lizhou"), "510802"),
            (("街道", "Subdistrict"), ("东坝街道", "Dongba"), "510802001"),
            (("社区", "Community"), ("滨河社区", "Binhe"), "510802001003"),
            (("单元网格", "Unit grid"), ("510802001003007", "510802001003007"), "510802001003007"),
        ],
        names=NAMES, component={
            "component_code": "5108020101000123", "authority": "D3", "owner": "自来水厂", "maintainer": "D1",
        },
        guide={
            "text_zh": "先围挡，再更换井盖或垫圈；当日不能修复的，设置警示标志。",
            "text_en": "Fence it off, then replace cover or gasket.",
        },
        dispatches=[{"move": "dispatch", "at": NOON, "actor": "intake", "department": None}], hops=[HOP],
        whistles=[whistle], whistles_total=1,
    )  # fmt: skip


def crammed() -> Orders:
    """Everything as long as it can be, in letters that cannot be broken."""
    evil, found = "<script>alert(1)</script>&\"'", usual()
    long_name = (evil + "很长的部门名称" * 40, evil + "W" * 400)
    codes = [f"X{n}" for n in range(30)]
    hop = {**HOP, "department": "X1", "ended_at": NOON, "how": "redispatch"}
    call = {"name_zh": long_name[0], "name_en": long_name[1], "arrived_at": None}
    return dataclasses.replace(
        found,
        case={**CASE, "lead": "X1", "department": "X1", "file_number": "文" * 300, "statutory_due": date(2026, 9, 1)},
        report={
            **REPORT, "address": "街" * 2_000, "description": evil + "字" * 4_000, "rule": "R" * 500,
            "co_operating": codes, "supervising": codes,
        },
        subclass=long_name, condition=long_name, areas=[(long_name, long_name, "1")] * 20, closing_zh="结" * 900,
        names=dict.fromkeys(codes, long_name), guide={"text_zh": "指" * 5_000, "text_en": "W" * 9_000},
        component={"component_code": "1" * 60, "authority": "X1", "owner": "X2", "maintainer": "X3"},
        hops=[hop] * 40, whistles=[{"at": NOON, "reason": "哨" * 900, "calls": [call] * 20}] * 2, whistles_total=12,
    )  # fmt: skip


def when(at: datetime | None) -> str:
    return at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M") if at else ""


def page_of(found: Orders, lang: str) -> str:
    return render_orders(found, VISITOR, when, "https://grid.example/", lang)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    pages: Pages = {
        f"/{name}/{lang}": (page_of(found, lang), PAGE_POLICY)
        for name, found in (("usual", usual()), ("crammed", crammed()))
        for lang in ("zh", "en")
    }
    with served(pages) as host:
        yield host


def sheets(page: Page) -> int:
    """Pages of paper that it takes."""
    return page.pdf(prefer_css_page_size=True, print_background=True).count(b"/Type /Page\n")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["usual", "crammed"])
def test_it_fits_one_sheet(window: Window, address: str, name: str, lang: str) -> None:
    window.page.set_viewport_size({"width": 794, "height": 1123})
    window.page.goto(f"http://{address}/{name}/{lang}")
    assert sheets(window.page) == 1
    window.page.emulate_media(media="print")
    wide = window.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
    assert window.page.locator(".top").is_hidden()
    window.watch.assert_quiet(own=address)


def test_a_long_page_takes_more_than_one_sheet(window: Window) -> None:
    """So that the count of sheets means something."""
    window.page.set_content("<p>" + "行<br>" * 400)
    assert sheets(window.page) > 1


def test_what_users_wrote_is_escaped_and_cut() -> None:
    html = page_of(crammed(), "zh")
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "另有 25 项，见系统" in html
    assert f"另有 {40 - MOST_HOPS} 项，见系统" in html
    assert (cut("一二三四", 3), cut("abcdefg", 3), cut(" a \n b ", 9)) == ("一二三…", "abcdef…", "a b")


def test_both_languages_say_the_same() -> None:
    zh, en = page_of(usual(), "zh"), page_of(usual(), "en")
    for text in (
        "任务单",
        "责任单",
        "调度单",
        "市政设施养护中心",
        "上水井盖",
        "2026-06-01 12:00（暂定）",
        "部件的养护单位",
        "系统自动",
    ):
        assert text in zh, text
    for text in ("Task order", "Responsibility order", "Coordination order", "Water supply cover", "the service"):
        assert text in en, text
    assert zh.count("<svg") == en.count("<svg") == 2  # the mark of the product, and the code


def test_a_case_of_the_service(database: str) -> None:
    """As its dispatcher sees it, signed in; the address of the code is the one that the browser knows."""
    with connect(database) as conn:
        with conn.transaction():
            town = the_city(conn)
            build(conn, town)
            case = put_case(conn, town, address="滨河路 <1> 号")
            owner_again(conn)
            for name in ("dispatcher", "easterner"):
                account = accounts.account_by_name(conn, name)
                assert account
                credentials.set_password(conn, account.id, hashed(PASSWORD), must_change=False)
        with running(database) as host, signed_in(host, "dispatcher") as browser:
            shown = browser.get(f"/cases/{case}/orders", params={"lang": "zh"})
            assert shown.status_code == 200, shown.text
            assert shown.headers["content-security-policy"] == PAGE_POLICY
            for text in ("滨河路 &lt;1&gt; 号", "district", "派遣", "系统自动"):
                assert text in shown.text, text
            assert browser.get("/cases/999999/orders").status_code == 404
            with signed_in(host, "easterner") as other:
                assert other.get(f"/cases/{case}/orders").status_code == 404
