"""The page `/imports` in Chromium, with an API that is played: every step, in both languages and at each width."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page

from gridsvc.ingest.layers import AREA_FIELDS, COMPONENT_FIELDS
from gridsvc.web.import_messages import TEXTS
from gridsvc.web.import_names import NAMES as GROUPS
from gridsvc.web.imports import render_imports
from gridsvc.web.policy import SCRIPTED_POLICY
from gridsvc.web.render import Visitor
from tests.browser import Window
from tests.web.imports_fake import Fake
from tests.web.imports_made import BOUNDS, FILE, NAMES, batch, checked, layer, promoted
from tests.web.served import Pages, served

VISITOR = Visitor(
    city_zh="绵阳市", city_en="Mianyang", name="chen", display_name="陈晓燕", rights=("import_data", "see_reports"),
    csrf="proof", whole_city=True,
)  # fmt: skip
WORDS = {
    "zh": {"next": "下一步：字段对应", "check": "下一步：检查", "doing": "正在检查", "fit": "可以入库",
           "again": "重新开始", "compare": "下一步：比对", "promote": "下一步：入库", "now": "确认入库",
           "done": "已于 2026-06-30 10:02 入库。",
           "back": "回滚", "sure": "确认回滚", "undone": "已于 2026-06-30 11:00 回滚。"},
    "en": {"next": "Next: map", "check": "Next: check", "doing": "Checking", "fit": "Fit to be promoted",
           "again": "Start again", "compare": "Next: compare", "promote": "Next: promote", "now": "Promote now",
           "done": "Promoted on 2026-06-30 10:02.", "back": "Roll back", "sure": "Yes, roll back",
           "undone": "Rolled back on 2026-06-30 11:00."},
}  # fmt: skip
LANGUAGES = pytest.mark.parametrize("lang", WORDS)


def given(lang: str, number: int | None) -> dict[str, Any]:
    return {
        "batch": number,
        "megabytes": 500,
        "city": {"zone": "Asia/Shanghai", "ground": {"bounds": BOUNDS, "kinds": []}},
        "kinds": [{"kind": "unit_grid", "name": "单元网格" if lang == "zh" else "Unit grid", "parent": None}],
        "subclasses": [{"code": code, "name": name, "name_zh": name} for code, name in NAMES.items()],
        "fields": {"areas": AREA_FIELDS, "components": COMPONENT_FIELDS},
        "departments": [],
        "states": ["intact"],
        "rules": [{"rule": "duplicate_code", "title": "编码唯一", "severity": "error", "targets": "all"}],
    }


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    pages: Pages = {}
    for lang in WORDS:
        pages[f"/{lang}/imports"] = (render_imports(VISITOR, given(lang, None), lang=lang), SCRIPTED_POLICY)
        pages[f"/{lang}/imports/7"] = (render_imports(VISITOR, given(lang, 7), lang=lang), SCRIPTED_POLICY)
    with served(pages) as address:
        yield address


def opened(window: Window, host: str, fake: Fake, lang: str = "zh", path: str = "/imports/7", step: str = "") -> Page:
    fake.serve(window.page)
    window.page.goto(f"http://{host}/{lang}{path}{step and '#' + step}")
    return window.page


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


@LANGUAGES
def test_a_file_goes_through_all_five_steps_and_back(window: Window, host: str, lang: str) -> None:
    words, fake = WORDS[lang], Fake()
    page = opened(window, host, fake, lang)
    press(page, words["next"])
    press(page, words["check"])
    page.get_by_role("heading", name=words["doing"]).wait_for()
    page.get_by_text(words["fit"]).wait_for()
    page.locator(".maplibregl-canvas").wait_for()
    press(page, words["compare"])
    assert "227,402" in page.locator(".summary").inner_text()
    press(page, words["promote"])
    press(page, words["now"])
    page.get_by_text(words["done"]).wait_for()
    page.locator("summary", has_text=words["back"]).click()
    press(page, words["sure"])
    page.get_by_text(words["undone"]).wait_for()
    said = fake.told[0][2]
    assert [path for _, path, _ in fake.told] == ["/7/definition", "/7/promote", "/7/rollback"]
    assert said["fields"]["code"] == "ObjID"
    assert said["values"]["subclass_name"] == {"雨篦子(个)": "雨水箅子", "消防栓": "消防设施"}
    assert (said["crs"], said["encoding"], said["scope"], said["gone"]) == (None, None, None, "keep")
    window.watch.assert_quiet(own=host)


def test_nothing_goes_on_before_an_unproved_coordinate_system_is_chosen(window: Window, host: str) -> None:
    found = {"kind": "shapefile", "layers": [layer(proved=False)], "notes": [], "photos": []}
    page = opened(window, host, Fake(batch(inspection=found)))
    onward = page.get_by_role("button", name="下一步：字段对应")
    assert onward.is_disabled()
    page.get_by_label("西安80").check()
    assert onward.is_enabled()
    page.get_by_label("自行指定").check()
    assert onward.is_disabled()
    page.get_by_label("EPSG 代码、WKT 或 PROJ 参数").fill("+proj=tmerc +lon_0=104.5")
    page.keyboard.press("Tab")
    assert onward.is_enabled()


def test_another_encoding_and_a_fixed_subclass_are_sent_as_chosen(window: Window, host: str) -> None:
    fake = Fake()
    page = opened(window, host, fake)
    page.get_by_label("BIG5").check()
    press(page, "下一步：字段对应")
    page.get_by_label("“小类名称”的源字段", exact=True).select_option("")
    page.get_by_label("“小类”的源字段", exact=True).select_option(label="固定值……")
    page.get_by_label("“小类”的固定值", exact=True).select_option("0124")
    page.get_by_label("注销").check()
    page.reload()
    press(page, "下一步：检查")
    page.get_by_text("可以入库").wait_for()
    said = fake.told[0][2]
    assert (said["encoding"], said["constants"], said["gone"]) == ("big5", {"subclass": "0124"}, "retire")
    assert "subclass_name" not in said["fields"] | said["values"]


def test_a_scope_of_ones_own_is_not_empty(window: Window, host: str) -> None:
    fake = Fake()
    page = opened(window, host, fake, step="map")
    page.get_by_label("自行指定").check()
    press(page, "下一步：检查")
    page.get_by_text("范围为空").wait_for()
    page.get_by_label("0124 消防设施").check()
    press(page, "下一步：检查")
    page.get_by_text("可以入库").wait_for()
    assert fake.told[0][2]["scope"] == {"kind": None, "areas": [], "subclasses": ["0124"]}


def test_whoever_chooses_by_keyboard_stays_where_they_are(window: Window, host: str) -> None:
    page = opened(window, host, Fake(), step="map")
    field = page.get_by_label("“位置描述”的源字段", exact=True)
    field.focus()
    page.keyboard.press("ArrowDown")
    assert field.evaluate("node => node === document.activeElement")


def test_text_of_a_file_is_never_markup(window: Window, host: str) -> None:
    page = opened(window, host, Fake(batch(file_name="<img src=x onerror=alert(1)>.zip")))
    page.get_by_text("<b>井盖松动</b><script>alert(1)</script>").wait_for()
    assert page.locator("h1").inner_text() == "<img src=x onerror=alert(1)>.zip"
    assert page.locator("#desk img, #desk script").count() == 0
    window.watch.assert_quiet(own=host)


def test_an_error_that_stands_is_the_reason_not_to_promote(window: Window, host: str) -> None:
    fake = Fake(checked(5))
    page = opened(window, host, fake, step="promote")
    page.get_by_text("有 5 个错误未处理").wait_for()
    assert "编码 5107030124000001 重复" in page.locator(".trouble").inner_text()
    assert page.get_by_role("button", name="确认入库").count() == 0
    page.locator("summary", has_text="搁置出错的行").click()
    press(page, "搁置并重新检查")
    page.get_by_text("可以入库").wait_for()
    assert fake.told[0][2]["set_aside"] == ["duplicate_code", "outside_city"]


def test_rows_with_errors_are_set_aside_where_they_are_listed(window: Window, host: str) -> None:
    fake = Fake(checked(5))
    page = opened(window, host, fake, step="check")
    page.locator(".summary summary", has_text="搁置出错的行").click()
    press(page, "搁置并重新检查")
    page.get_by_text("可以入库").wait_for()
    assert fake.told[0][2]["set_aside"] == ["duplicate_code", "outside_city"]


@LANGUAGES
@pytest.mark.parametrize("step", ["promote", "rollback"])
def test_work_says_what_is_done_and_for_how_long_already(window: Window, host: str, lang: str, step: str) -> None:
    work = {"step": step, "state": "working", "phase": step, "done": 0, "total": None, "seconds": 75}
    batch = checked(work=work) if step == "promote" else promoted(work=work)
    page = opened(window, host, Fake(batch), lang)
    told = page.locator(".working").inner_text()
    assert re.search("已用时 1 分 1[5-9] 秒" if lang == "zh" else "for 1 min 1[5-9] s", told)
    words = {"promote": ("新增 1,204 个", "Adds 1,204"), "rollback": ("变更、注销的 3,804 个", "restores the 3,804")}
    assert words[step][lang == "en"] in told


def test_areas_in_force_and_reports_have_no_way_back(window: Window, host: str) -> None:
    counts = {"read": 42, "areas": 42, "draft": 6}
    fake = Fake(promoted(target="unit_grid", counts=counts, in_force=4))
    page = opened(window, host, fake)
    page.get_by_text("草案 6 已生效（区划第 4 版），不能回滚").wait_for()
    assert page.locator("summary", has_text="回滚").count() == 0
    fake.batch = promoted(target="unit_grid", counts=counts, in_force=None)
    page.reload()
    page.get_by_text("gridsvc areas apply 6").wait_for()
    page.locator("summary", has_text="回滚").click()
    page.get_by_text("删除由").wait_for()
    fake.listed = [promoted(target="unit_grid", counts=counts, in_force=4), promoted(target="reports"), promoted()]
    page.goto(f"http://{host}/zh/imports")
    rows = page.locator("table.history tbody tr")
    rows.first.get_by_text("已生效").wait_for()
    assert [rows.nth(place).locator("summary", has_text="回滚").count() for place in range(3)] == [0, 0, 1]
    assert "上报" in rows.nth(1).inner_text()


@LANGUAGES
def test_photos_of_a_survey_are_counted_in_every_step(window: Window, host: str, lang: str) -> None:
    fake = Fake(checked(inspection={**batch()["inspection"], "photos": 26}))
    page = opened(window, host, fake, lang, step="check")
    photos = page.locator(".figures div", has_text=re.compile("照片|photos"))
    assert photos.locator("dd").inner_text() == "26"
    press(page, WORDS[lang]["compare"])
    press(page, WORDS[lang]["promote"])
    page.get_by_text("随文件附带 26 张照片" if lang == "zh" else "26 photos came with it").wait_for()
    fake.batch = promoted(counts={**promoted()["counts"], "photos": 25})
    page.reload()
    assert photos.locator("dd").inner_text() == "25"
    fake.listed = [fake.batch]
    page.goto(f"http://{host}/{lang}/imports")
    page.get_by_text("照片 25" if lang == "zh" else "photos 25").wait_for()


def test_the_legend_takes_rows_off_the_map(window: Window, host: str) -> None:
    page = opened(window, host, Fake(checked()), step="compare")
    page.locator(".maplibregl-canvas").wait_for()
    gone = page.locator(".legend").get_by_role("button", name="消失")
    gone.click()
    assert gone.get_attribute("aria-pressed") == "false"
    gone.click()
    assert gone.get_attribute("aria-pressed") == "true"
    window.watch.assert_quiet(own=host)


def test_a_scope_of_ones_own_is_ticked_at_once(window: Window, host: str) -> None:
    fake = Fake()
    page = opened(window, host, fake, step="map")
    page.get_by_label("自行指定").check()
    press(page, "全选")
    page.get_by_label("0301 行道树").uncheck()
    press(page, "下一步：检查")
    page.get_by_text("可以入库").wait_for()
    assert fake.told[0][2]["scope"]["subclasses"] == [code for code in NAMES if code != "0301"]


def test_readings_that_are_hardly_likely_are_folded_away(window: Window, host: str) -> None:
    page = opened(window, host, Fake(), step="inspect")
    assert page.get_by_label("BIG5").is_visible()
    assert not page.get_by_label("WINDOWS-1252").is_visible()
    page.locator("summary", has_text="可能性极小").click()
    page.get_by_label("WINDOWS-1252").check()
    assert page.get_by_label("WINDOWS-1252").is_visible()


@LANGUAGES
@pytest.mark.parametrize("state", ["lost", "failed", "cancelled"])
def test_work_that_did_not_end_is_told_and_can_be_begun_again(window: Window, host: str, lang: str, state: str) -> None:
    fake = Fake(checked(work={"step": "check", "state": state}, error="no room", error_zh="空间不足"))
    page = opened(window, host, fake, lang)
    assert ("空间不足" if lang == "zh" else "no room") in page.locator(".trouble").inner_text()
    press(page, WORDS[lang]["again"])
    page.get_by_role("heading", name=WORDS[lang]["doing"]).wait_for()
    assert fake.told == [("POST", "/7/check", None)]


def test_work_can_be_cancelled(window: Window, host: str) -> None:
    fake = Fake(checked(work={"step": "check", "state": "waiting"}))
    page = opened(window, host, fake)
    page.locator(".figure", has_text="排队等待中").wait_for()
    press(page, "取消")
    page.get_by_text("检查：已取消").wait_for()


def test_findings_are_filtered_paged_pointed_at_and_taken_home(window: Window, host: str) -> None:
    page = opened(window, host, Fake(checked(5)), step="check")
    table = page.locator(".findings")
    table.get_by_text("共 5 条").wait_for()
    page.get_by_label("级别").select_option("")
    table.get_by_text("共 1,715 条").wait_for()
    press(page, "下一页")
    table.get_by_text("第 2 / 115 页").wait_for()
    page.get_by_label("级别").select_option("error")
    table.get_by_text("共 5 条").wait_for()
    page.get_by_label("检查项").select_option("outside_city")
    table.get_by_text("共 2 条").wait_for()
    with page.expect_request(lambda request: "/features?" in request.url and "zoom=18" in request.url):
        table.locator("tr.usable").first.press("Enter")
    link = table.get_by_role("link", name="Excel").get_attribute("href")
    assert link == "/api/v1/imports/7/findings/file?form=xlsx&language=zh"


def test_changes_are_listed_by_what_they_are(window: Window, host: str) -> None:
    page = opened(window, host, Fake(checked()), step="compare")
    page.get_by_text("共 3,318 个").wait_for()
    page.get_by_role("combobox", name="变化").select_option("gone")
    page.get_by_text("共 486 个").wait_for()
    assert page.locator(".legend li").count() == 6


def test_a_file_is_sent_and_opened(window: Window, host: str) -> None:
    fake = Fake()
    page = opened(window, host, fake, path="/imports")
    page.route("**/imports/7?lang=zh", lambda route: route.fulfill(body="opened"))
    page.locator("#files").set_input_files({"name": FILE, "mimeType": "application/zip", "buffer": b"x" * 1000})
    page.wait_for_url("**/imports/7?lang=zh")
    assert fake.told == [("POST", "", None)]


def test_loose_parts_are_dropped_in_together(window: Window, host: str) -> None:
    page = opened(window, host, Fake(refuses={"": (422, "缺少 .dbf 文件")}), path="/imports")
    page.locator(".drop").wait_for()
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            for (const name of ["井盖.shp", "井盖.shx"]) data.items.add(new File(["x"], name));
            document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: data }));
        }"""
    )
    page.locator(".trouble", has_text="缺少 .dbf 文件").wait_for()
    assert "井盖.shp、井盖.shx" in page.locator(".trouble").inner_text()


@LANGUAGES
def test_what_is_too_large_is_said_in_the_language_of_the_page(window: Window, host: str, lang: str) -> None:
    fake = Fake(refuses={"": (413, "")})
    page = opened(window, host, fake, lang, path="/imports")
    page.locator("#files").set_input_files({"name": "a.zip", "mimeType": "application/zip", "buffer": b"x"})
    told = page.locator(".trouble").inner_text()
    assert ("文件超过大小上限" if lang == "zh" else "refused") in told


@LANGUAGES
def test_the_history_says_who_brought_what_when(window: Window, host: str, lang: str) -> None:
    page = opened(window, host, Fake(), lang, path="/imports")
    rows = page.locator("table.history tbody tr")
    rows.first.wait_for()
    told = rows.nth(1).inner_text()
    assert all(part in told for part in (FILE, "陈晓燕", "2026-06-30 10:02", "232,417", "1,204"))
    assert ("中断" if lang == "zh" else "Lost") in rows.nth(3).inner_text()
    press(page, "下一页" if lang == "zh" else "Next")
    page.get_by_text("第 2 / 3 页" if lang == "zh" else "Page 2 of 3").wait_for()


STEPS = ["inspect", "map", "check", "compare", "promote"]


@LANGUAGES
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1024, 768), (768, 1024), (390, 800)])
def test_no_step_is_wider_than_its_window(window: Window, host: str, lang: str, width: int, height: int) -> None:
    window.page.set_viewport_size({"width": width, "height": height})
    fake = Fake(promoted())
    page = opened(window, host, fake, lang, path="/imports")
    page.locator("table.history").wait_for()
    widths = {"history": page.evaluate("document.documentElement.scrollWidth")}
    for step in STEPS:
        page.goto(f"http://{host}/{lang}/imports/7#{step}")
        page.locator(".step > *").last.wait_for()
        widths[step] = page.evaluate("document.documentElement.scrollWidth")
    assert widths == dict.fromkeys(["history", *STEPS], width)


@LANGUAGES
@pytest.mark.parametrize(("width", "lines"), [(1280, 1), (1024, 2), (768, 2)])
def test_the_head_of_the_page_is_no_taller_than_it_must_be(
    window: Window, host: str, lang: str, width: int, lines: int
) -> None:
    window.page.set_viewport_size({"width": width, "height": 1024})
    page = opened(window, host, Fake(), lang, path="/imports")
    page.locator("table.history").wait_for()
    assert page.locator("header.top").evaluate("top => top.offsetHeight") < 50 * lines + 5


def test_every_text_is_used_and_every_text_used_exists() -> None:
    scripts = "".join(
        file.read_text(encoding="utf-8") for file in (files("gridsvc.web") / "assets" / "imports").iterdir()
    )
    said = re.findall(r"\bt\(([^()]*?)[,)]", scripts)
    used = set(re.findall(r'"([a-z_]+)"', " ".join(said))) - {"lost", "retire"}
    assert used | {"encoding_other_none"} == set(TEXTS["zh"]) == set(TEXTS["en"])
    named = set(re.findall(r'\bname\("([a-z_]+)"', scripts)) | {"severities", "actions", "area_actions"}
    assert named == set(GROUPS["zh"])
