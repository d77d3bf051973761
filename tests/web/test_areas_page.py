"""The grid desk in Chromium, with the service behind it: areas are looked at, changed, put in force and taken back."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import Locator, Page

from gridsvc.api.dependencies import COOKIE
from gridsvc.domain.access import Role
from gridsvc.store import areas, drafts
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from gridsvc.web.area_messages import AREA_NAMES, AREA_TEXTS, SHARED
from tests import made
from tests.accounts import put_account, put_session
from tests.areas.desk import COMMUNITY, KINDS, TOWN, put_case, put_desk, put_duties, put_lamp, unit
from tests.browser import Window
from tests.service import running

WORDS = {
    "zh": {
        "merge": "合并", "split": "拆分", "draw": "重新绘制", "make": "生成草案", "apply": "生效……",
        "sure": "确认生效", "history": "历史", "back": "撤销", "back_sure": "生成撤销草案", "drop": "删除草案",
        "drop_sure": "确认删除", "areas": "区域", "moved": "2 个部件改变归属",
        "will": "将立即生效：新设 1 个区域，终止 2 个，2 个部件改变归属，没有在办案件改派。",
    },
    "en": {
        "merge": "Merge", "split": "Split", "draw": "Draw anew", "make": "Make the draft", "apply": "Apply…",
        "sure": "Yes, apply it", "history": "History", "back": "Take back", "back_sure": "Make that draft",
        "drop": "Drop the draft", "drop_sure": "Yes, drop it", "areas": "Areas", "moved": "2 components moved",
        "will": "takes force now: 1 area begins, 2 end, 2 components move to another area, "
                "no open case goes to another department.",
    },
}  # fmt: skip
LANGUAGES = pytest.mark.parametrize("lang", WORDS)
PATIENCE = 30_000
NAMES = {
    "community": ("社区", "Community"), "unit_grid": ("单元网格", "Unit grid"),
    "patrol_grid": ("巡查网格", "Patrol grid"), "responsibility_grid": ("责任网格", "Responsibility grid"),
    "sub_grid": ("子网格", "Sub-grid"),
}  # fmt: skip


SESSIONS: dict[str, str] = {}
"""Tokens by account: that people sign in is tried elsewhere."""


@pytest.fixture(scope="module")
def host(database: str) -> Iterator[str]:
    with connect(database) as conn, conn.transaction():
        city = the_city(conn)
        put_desk(conn, city)
        areas.declare_kinds(conn, [replace(KINDS[kind], name_zh=zh, name_en=en) for kind, (zh, en) in NAMES.items()])
        made.put_channel(conn)
        put_duties(conn, W="WEST", E="EAST")
        for mark in "1256":
            put_lamp(conn, city, mark)
        put_case(conn, city, "4")
        for name, role in (("gis", Role.GIS_STAFF), ("clerk", Role.INTAKE_CLERK)):
            SESSIONS[name], _ = put_session(conn, put_account(conn, name, role, whole_city=True))
        east = put_account(conn, "gis-east", Role.GIS_STAFF, areas=("patrol_grid:E",))
        SESSIONS["gis-east"], _ = put_session(conn, east)
    with running(database) as found:
        yield found


def opened(window: Window, host: str, lang: str = "zh", name: str = "gis") -> Page:
    window.page.set_default_timeout(PATIENCE)
    known_as(window.page, host, name)
    window.page.goto(f"http://{host}/areas?lang={lang}")
    window.page.locator("table.listing").wait_for()
    return window.page


def known_as(page: Page, host: str, name: str) -> None:
    page.context.add_cookies([{"name": COOKIE, "value": SESSIONS[name], "url": f"http://{host}"}])


def choose_kind(page: Page, kind: str) -> None:
    with page.expect_response(lambda answer: f"figures?kind={kind}" in answer.url):
        page.locator(".choosing select").first.select_option(kind)


def press(place: Page | Locator, words: str) -> None:
    place.get_by_role("button", name=words, exact=True).click()


def tick(page: Page, *codes: str) -> None:
    for code in codes:
        page.locator(f"input[data-code='{code}']").check()


def make(page: Page, lang: str, deed: str) -> None:
    """Of what the form of the deed holds."""
    press(page.locator(".deeds-panel"), WORDS[lang][deed])
    press(page.locator(".deed-form"), WORDS[lang]["make"])


def apply(page: Page, lang: str = "zh") -> str:
    """What was asked before."""
    press(page.locator(".apply"), WORDS[lang]["apply"])
    told = page.locator("dialog .sentence").inner_text()
    press(page.locator("dialog"), WORDS[lang]["sure"])
    return told


def drop(page: Page, lang: str = "zh") -> None:
    page.locator(".draft-head summary", has_text=WORDS[lang]["drop"]).click()
    press(page.locator(".draft-head"), WORDS[lang]["drop_sure"])
    page.wait_for_url("**#drafts")


def codes_of(page: Page) -> list[str]:
    return page.locator("table.listing td.code-cell button").all_inner_texts()


@LANGUAGES
def test_two_grids_become_one_and_two_again(window: Window, host: str, lang: str) -> None:
    page, words = opened(window, host, lang), WORDS[lang]
    codes = codes_of(page)
    assert codes == [unit(n) for n in range(1, 9)]
    tick(page, codes[0], codes[1])
    make(page, lang, "merge")
    page.locator(".apply").wait_for()
    assert unit(1) in page.locator(".draft-head").inner_text()
    assert words["will"] in apply(page, lang)
    assert words["moved"] in page.locator(".result").inner_text()
    press(page.locator(".tabs"), words["history"])
    newest = page.locator("table.revisions tbody tr").first
    assert words["merge"] in newest.inner_text()
    newest.locator("summary", has_text=words["back"]).click()
    press(newest, words["back_sure"])
    page.locator(".apply").wait_for()
    apply(page, lang)
    page.locator(".result").wait_for()
    press(page.locator(".tabs"), words["areas"])
    page.locator("table.listing").wait_for()
    assert codes_of(page) == codes
    window.watch.assert_quiet(own=host)


@LANGUAGES
def test_no_identifier_of_ours_is_shown(window: Window, host: str, lang: str) -> None:
    page = opened(window, host, lang)
    choose_kind(page, "responsibility_grid")
    tick(page, "Z1")
    press(page.locator(".deeds-panel"), WORDS[lang]["split"])
    page.locator(".deed-form select").first.select_option("sub_grid")
    page.locator(".deed-form select").last.select_option("components")
    press(page.locator(".deed-form"), WORDS[lang]["make"])
    page.locator(".apply").wait_for()
    told = page.locator("#desk").inner_text()
    assert ("按部件数均衡" if lang == "zh" else "balanced by number of components") in told
    assert not re.search(r"[a-z]_[a-z]|undefined|\{|NaN", told)
    drop(page, lang)
    window.watch.assert_quiet(own=host)


def test_parts_are_balanced_by_components(window: Window, host: str) -> None:
    page = opened(window, host)
    choose_kind(page, "responsibility_grid")
    tick(page, "Z1")
    press(page.locator(".deeds-panel"), "拆分")
    page.get_by_label("份数").fill("2")
    page.get_by_label("拆分为").select_option("sub_grid")
    page.get_by_label("均衡依据").select_option("components")
    press(page.locator(".deed-form"), "生成草案")
    rows = page.locator(".panel[aria-label=子网格] table.inner").first.locator("tbody tr")
    rows.first.wait_for()
    parts = [rows.nth(n).locator("td").nth(3).inner_text() for n in range(rows.count())]
    assert parts == ["2", "2"]
    with page.expect_download() as download:
        page.locator(".downloads").first.get_by_role("link", name="GeoPackage").click()
    assert download.value.path().stat().st_size > 10_000
    drop(page)


def test_a_draft_counts_from_its_time(window: Window, host: str) -> None:
    page = opened(window, host)
    choose_kind(page, "patrol_grid")
    tick(page, "E", "W")
    make(page, "zh", "merge")
    page.get_by_label("到指定时间生效").check()
    time = page.locator(".apply input[type=datetime-local]")
    time.fill("2020-01-01T08:00")
    apply(page)
    trouble = page.locator(".told-apply .trouble")
    trouble.wait_for()
    assert "区划不能在过去的时间生效" in trouble.inner_text()
    begins = (datetime.now(UTC) + timedelta(days=3, hours=8)).strftime("%Y-%m-%d 06:30")
    time.fill(begins.replace(" ", "T"))
    page.get_by_label("仍由原部门办理").check()
    assert f"将于 {begins} 生效" in apply(page)
    assert f"将于 {begins} 生效" in page.locator(".result").inner_text()
    press(page.locator(".tabs"), "历史")
    newest = page.locator("table.revisions tbody tr").first
    assert "待生效" in newest.inner_text()
    press(newest, "查看")
    page.locator("table.listing tbody tr").nth(0).wait_for()
    assert codes_of(page) == ["E"]
    page.locator(".choosing select").nth(1).select_option("now")
    page.locator("input[data-code=W]").wait_for()
    assert codes_of(page) == ["E", "W"]


def test_what_the_service_refuses_is_told_in_words(window: Window, host: str) -> None:
    page = opened(window, host)
    tick(page, unit(1), unit(8))
    make(page, "zh", "merge")
    trouble = page.locator(".told-deed .trouble")
    trouble.wait_for()
    assert re.search("[一-龥]", trouble.inner_text())
    assert "unit_grid" not in trouble.inner_text()
    assert page.locator("input[data-code]:checked").count() == 2
    page.goto(f"http://{host}/areas?lang=zh#draft/4000")
    page.reload()
    page.get_by_text("草案 4000 不存在").wait_for()


def test_an_error_forbids_to_apply(window: Window, host: str, database: str) -> None:
    with connect(database) as conn, conn.transaction():
        draft = drafts.add_draft(conn, "unit_grid", None, "plan", deed="import", whole=False)
        drafts.fill_draft(conn, draft, the_city(conn).srid, [("A1", "一号", "One", COMMUNITY, TOWN.polygon("abgf"))])
    page = opened(window, host)
    page.locator(".tabs button").nth(1).click()
    press(page.locator("table.drafts"), f"草案 {draft}")
    page.locator(".forbids").wait_for()
    assert "编码 A1 不符合" in page.locator(".forbids").inner_text()
    assert page.get_by_role("button", name="生效……").is_disabled()
    drop(page)


def test_streets_of_a_file_are_read_in_the_browser(window: Window, host: str, tmp_path: Path) -> None:
    street = shapely.LineString([TOWN.lonlat("f"), TOWN.lonlat("j")])
    good, bad = tmp_path / "streets.geojson", tmp_path / "streets.json"
    good.write_text(json.dumps(shapely.geometry.mapping(street)))
    bad.write_text("PK")
    page = opened(window, host)
    press(page.locator(".deeds-panel"), "重新绘制")
    file = page.locator(".deed-form input[type=file]").first
    file.set_input_files(bad)
    press(page.locator(".deed-form"), "生成草案")
    page.get_by_text("streets.json 不是 GeoJSON 文件").wait_for()
    file.set_input_files(good)
    with page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/drafts")) as sent:
        press(page.locator(".deed-form"), "生成草案")
    said = json.loads(sent.value.post_data or "")
    assert (said["deed"], said["within"], said["lines"]["type"]) == ("draw", None, "LineString")
    page.locator(".apply").wait_for()
    drop(page)


def test_an_area_is_looked_at_and_chosen_by_keyboard(window: Window, host: str) -> None:
    page = opened(window, host)
    page.locator("table.listing td.code-cell button").nth(2).focus()
    page.keyboard.press("Enter")
    page.locator(".panel.one").wait_for()
    assert unit(3) in page.locator(".panel.one h2").inner_text()
    assert page.evaluate("document.activeElement.id") == "part"
    page.get_by_role("button", name="选择此区域").press("Enter")
    page.get_by_role("button", name="处理已选的 1 个区域").press("Enter")
    page.locator("table.listing").wait_for()
    box = page.locator(f"input[data-code='{unit(4)}']")
    box.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="合并", exact=True).press("Enter")
    page.keyboard.type("")
    page.keyboard.press("Enter")
    page.locator(".apply").wait_for()
    page.get_by_role("button", name="生效……").press("Enter")
    page.locator("dialog").wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="detached")
    assert page.locator(".result").count() == 0
    drop(page)


def test_areas_are_chosen_on_the_map(window: Window, host: str) -> None:
    page = opened(window, host)
    page.locator(".map[data-ready]").wait_for()
    box = page.locator(".map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.keyboard.down("Shift")
    page.mouse.click(x - 30, y - 20)
    page.keyboard.up("Shift")
    page.get_by_text("已选 1 个").wait_for()
    press(page.locator(".preview"), "多选")
    page.mouse.click(x + 30, y - 20)
    page.get_by_text("已选 2 个").wait_for()
    assert page.locator("input[data-code]:checked").count() == 2
    press(page.locator(".preview"), "多选")
    page.mouse.click(x + 30, y - 20)
    page.locator(".panel.one").wait_for()
    window.watch.assert_quiet(own=host)


def test_areas_are_searched_and_sorted(window: Window, host: str) -> None:
    page = opened(window, host)
    press(page.locator("table.listing"), "部件")
    page.locator("th[aria-sort=descending]").wait_for()
    assert codes_of(page)[:4] == [unit(n) for n in (1, 2, 5, 6)]
    page.get_by_label("查找").fill("003")
    page.get_by_text("共 1 个").wait_for()
    assert codes_of(page) == [unit(3)]
    page.get_by_label("查找").fill("没有的")
    page.get_by_text("没有符合条件的区域。").wait_for()


def test_areas_are_checked(window: Window, host: str) -> None:
    page = opened(window, host)
    press(page.locator(".tabs"), "检查")
    page.locator(".panel[aria-label=检查结果] h2").wait_for()
    window.watch.assert_quiet(own=host)


def test_others_may_not(window: Window, host: str) -> None:
    page = opened(window, host, name="gis-east")
    tick(page, unit(1), unit(2))
    make(page, "zh", "merge")
    page.locator(".apply").wait_for()
    assert page.get_by_role("button", name="生效……").is_disabled()
    assert "区划只能由可查看全市的账号生效" in page.locator(".apply").inner_text()
    drop(page)
    known_as(page, host, "clerk")
    page.goto(f"http://{host}/?lang=zh")
    assert page.locator("nav.pages a[href^='/areas']").count() == 0
    refused = page.goto(f"http://{host}/areas?lang=zh")
    assert refused is not None
    assert refused.status == 403


@LANGUAGES
def test_no_part_is_wider_than_the_window(window: Window, host: str, lang: str) -> None:
    page = opened(window, host, lang)
    for width, height in ((1440, 900), (1024, 768), (720, 900)):
        page.set_viewport_size({"width": width, "height": height})
        for tab in range(4):
            page.locator(".tabs button").nth(tab).click()
            page.locator(".desk-left .panel").first.wait_for()
            assert page.evaluate("document.documentElement.scrollWidth") == width, tab


def test_every_text_is_used_and_every_text_used_exists() -> None:
    folder = files("gridsvc.web") / "assets"
    own = "".join(file.read_text(encoding="utf-8") for file in (folder / "areas").iterdir())
    made_up = {"tab", "when_is", "about", "side", "part", "none", "will"}
    words = set(re.findall(r'"([a-z0-9_]+)"', own))
    shared = {key for key in SHARED if f'"{key}"' in own or key in ("no_answer", "signed_out", "minutes", "seconds")}
    paging = {"pages", "page_of", "previous", "following"}
    assert shared | paging == set(SHARED)
    for key in set(AREA_TEXTS["zh"]) - set(SHARED):
        stem = re.sub("_(one|none)$", "", key)
        assert key in words or stem in words or any(key.startswith(f"{start}_") for start in made_up), key
    used = set(re.findall(r'\b(?:t|many)\("([a-z0-9_]+)"', own))
    assert used <= set(AREA_TEXTS["zh"])
    assert AREA_TEXTS["zh"].keys() == AREA_TEXTS["en"].keys()
    assert set(re.findall(r'\bname\("([a-z_]+)"', own)) | {"statuses"} == set(AREA_NAMES["zh"])
