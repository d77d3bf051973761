"""The page of one component: a form that works without a script, and a map that sets its place."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from gridsvc.domain.access import Role
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests import made
from tests.accounts import PASSWORD, put_account
from tests.browser import Window
from tests.ingest.layers import FLOOD_WALL, LAMP, TOWN, put_town
from tests.service import running
from tests.sketch import SRID, to_degrees
from tests.web.browsing import in_english, send, signed_in, told

WORDS = {
    "zh": {"sign_in": "登录", "save": "保存", "added": "部件已新增。", "saved": "修改已保存。", "retire": "注销部件",
           "sure": "确认", "retired": "部件已注销。", "accept": "已核对，仍然保存", "open": "打开"},
    "en": {"sign_in": "Sign in", "save": "Save", "added": "The component is added.",
           "saved": "The changes are saved.", "retire": "Retire", "sure": "Confirm",
           "retired": "The component is retired.", "accept": "Checked, save it nevertheless", "open": "Open"},
}  # fmt: skip
LANGUAGES = pytest.mark.parametrize("lang", WORDS)
HOSTILE = "<script>alert(1)</script>\"'{{ 7 * 7 }}</textarea>"


@pytest.fixture(scope="module")
def filled(database: str) -> str:
    with connect(database) as conn, conn.transaction():
        put_town(conn, the_city(conn))
        made.put_departments(conn, "lights", "roads")
        put_account(conn, "gis", Role.GIS_STAFF, whole_city=True, password=PASSWORD)
    return database


@pytest.fixture(scope="module")
def host(filled: str) -> Iterator[str]:
    with running(filled, sign_ins_per_address=1_000) as found:
        yield found


@pytest.fixture
def gis(host: str) -> Iterator[httpx.Client]:
    with signed_in(host, "gis") as browser:
        yield browser


_serial = iter(range(10**6))


def lamp(mark: str = "1", **given: Any) -> dict[str, Any]:
    x, y = TOWN.xy(mark)
    return {
        "subclass": LAMP, "state": "intact", "authority": "lights", "position": f"东街{next(_serial)}号", "lon": x,
        "lat": y, "system": "city", "accept_warnings": "yes", **given,
    }  # fmt: skip


def put(gis: httpx.Client, mark: str = "1", **given: Any) -> str:
    answer = send(gis, "/components/new", **lamp(mark, **given))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix("/components/").partition("?")[0]


def fields(html: str) -> dict[str, Any]:
    """What the form of a page holds, as a browser would send it."""
    form = html[html.index('<form id="component"') : html.index("</form>", html.index('<form id="component"'))]
    found: dict[str, Any] = {"key": [], "value": []}
    for tag in re.findall(r"<input ([^>]*)>", form):
        name, value = (re.search(rf'\b{word}="([^"]*)"', tag) for word in ("name", "value"))
        if name and name[1] in found and isinstance(found[name[1]], list):
            found[name[1]].append(unescape(value[1]) if value else "")
        elif name and "checkbox" not in tag:
            found[name[1]] = unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select name="(\w+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    area = re.search(r'<textarea name="shape"[^>]*>(.*?)</textarea>', form, re.DOTALL)
    return {**found, "shape": unescape(area[1]) if area else ""}


def test_a_form_sent_back_as_it_was_changes_nothing(gis: httpx.Client) -> None:
    code = put(gis, key=["高度", "lit"], value=["8", "yes"], surveyed_at="2024-03-05", note="x")
    given = fields(gis.get(f"/components/{code}").text)
    assert (given["version"], given["subclass"], given["surveyed_at"]) == ("1", f"{LAMP} 路灯", "2024-03-05")
    answer = gis.post(f"/components/{code}", data=given)
    assert answer.headers["location"] == f"/components/{code}?done=unchanged&lang=zh"
    assert "内容没有变化" in gis.get(answer.headers["location"]).text


def test_attributes_are_changed_added_and_taken_away(gis: httpx.Client) -> None:
    code = put(gis, key=["a", "b", "c"], value=["1", "2", "3"])
    given = fields(gis.get(f"/components/{code}").text)
    given |= {"key": ["a", "", "c", "d"], "value": ["1", "2", "4", "5"]}
    assert gis.post(f"/components/{code}", data=given).status_code == 303
    found = gis.get(f"/api/v1/components/{code}").json()
    assert (found["version"], found["attributes"]) == (2, {"a": "1", "c": "4", "d": "5"})


def test_numbers_stay_numbers_in_the_form(gis: httpx.Client, filled: str) -> None:
    code = put(gis)
    with connect(filled) as conn:
        conn.execute(
            'UPDATE component SET attributes = \'{"n": 8, "b": true, "list": [1, 2]}\' WHERE component_code = %s',
            [code],
        )
    given = fields(gis.get(f"/components/{code}").text)
    assert dict(zip(given["key"], given["value"], strict=True)) == {"b": "true", "list": "[1, 2]", "n": "8", "": ""}
    given |= {"key": ["b", "list", "n"], "value": ["true", "[1, 2]", "9.5"]}
    gis.post(f"/components/{code}", data=given)
    assert gis.get(f"/api/v1/components/{code}").json()["attributes"] == {"b": True, "list": [1, 2], "n": 9.5}


def test_photos_are_on_the_page(gis: httpx.Client, filled: str) -> None:
    code = put(gis)
    assert "component-photos" not in gis.get(f"/components/{code}").text
    with connect(filled) as conn:
        conn.execute(
            "INSERT INTO component_photo (component_id, batch_id, sha256)"
            " SELECT id, batch_id, 'none' FROM component WHERE component_code = %s",
            [code],
        )
    (photo,) = gis.get(f"/api/v1/components/{code}").json()["photos"]
    assert f'<img src="/api/v1/component-photos/{photo}" alt="照片 1"' in gis.get(f"/components/{code}").text
    assert gis.get(f"/api/v1/component-photos/{photo}").status_code == 404  # its file is not there


def test_what_the_checks_refuse_is_told_and_the_form_keeps_what_was_typed(gis: httpx.Client) -> None:
    answer = send(gis, "/components/new", **lamp(surveyed_at="soon", note="kept", owner="roads"))
    assert answer.status_code == 422
    assert "初始日期“soon”不是可识别的日期" in unescape(answer.text)
    given = fields(answer.text)
    assert (given["note"], given["owner"], given["surveyed_at"], given["system"]) == ("kept", "roads", "soon", "city")
    assert "is not a date" in send(in_english(gis), "/components/new", **lamp(surveyed_at="soon")).text


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"lon": "", "lat": ""}, "请给出部件的位置"),
        ({"lon": "east"}, "坐标“east”不是数字"),
        ({"shape": "LINE (1 2)"}, "图形无法识别"),
        ({"shape": "{"}, "图形无法识别"),
        ({"system": "x"}, "请从列表中选择坐标系"),
        ({"key": ["note"], "value": ["x"]}, "属性不能命名为“note”"),
        ({"key": ["x"]}, "每个属性都要有名称和值"),
    ],
)
def test_what_cannot_be_read_is_told(gis: httpx.Client, wrong: dict[str, Any], message: str) -> None:
    answer = send(gis, "/components/new", **lamp(**wrong))
    assert answer.status_code == 422
    assert message in unescape(answer.text)


def test_warnings_are_to_be_confirmed(gis: httpx.Client) -> None:
    answer = send(gis, "/components/new", **lamp("5", authority="", accept_warnings=""))
    assert answer.status_code == 200
    assert "未满足“填写了主管部门和位置描述”：主管部门" in unescape(answer.text)
    given = fields(answer.text)
    answer = gis.post("/components/new", data={**given, "accept_warnings": "yes"})
    assert answer.status_code == 303


def test_who_comes_second_is_told_and_can_open_it_again(gis: httpx.Client) -> None:
    code = put(gis)
    given = fields(gis.get(f"/components/{code}").text)
    gis.post(f"/components/{code}", data={**given, "note": "first"})
    answer = gis.post(f"/components/{code}", data={**given, "note": "second"})
    assert answer.status_code == 409
    assert told(answer) == f"部件 {code} 已由 gis 被修改：备注（现为第 2 版，您看到的是第 1 版），请重新打开"
    assert (fields(answer.text)["version"], fields(answer.text)["note"]) == ("1", "second")
    late = send(gis, f"/components/{code}/retire", version=1, reason="x")
    assert (late.status_code, "请重新打开" in told(late)) == (409, True)


def test_retiring_needs_a_reason_and_shows_in_the_history(gis: httpx.Client) -> None:
    code = put(gis)
    assert send(gis, f"/components/{code}/retire", version=1, reason=" ").status_code == 422
    assert send(gis, f"/components/{code}/retire", version=1, reason="道路拓宽").status_code == 303
    page = unescape(gis.get(f"/components/{code}").text)
    assert "道路拓宽" in page
    assert "<del>完好</del> → <ins>移除</ins>" in page
    assert f'action="/components/{code}/retire' not in page


def test_a_search_leads_to_the_component(gis: httpx.Client) -> None:
    code = put(gis, code="灯/7 x")
    assert code == "%E7%81%AF%2F7%20x"
    answer = gis.get("/components", params={"code": " 灯/7 x "})
    assert answer.headers["location"] == f"/components/{code}?lang=zh"
    assert gis.get(answer.headers["location"]).status_code == 200
    missing = gis.get("/components", params={"code": HOSTILE[:60]})
    assert (missing.status_code, "没有编码为" in missing.text) == (404, True)
    assert "<script>alert" not in missing.text
    assert gis.get("/components/never").status_code == 404


def test_no_text_of_a_component_is_markup(gis: httpx.Client) -> None:
    hostile: dict[str, Any] = {
        "position": HOSTILE,
        "note": HOSTILE,
        "key": ["k<b>"],
        "value": [HOSTILE],
        "reason": HOSTILE,
    }
    code = put(gis, **hostile)
    page = gis.get(f"/components/{code}").text
    assert "<script>alert" not in page
    assert "k<b>" not in page
    given = fields(page)
    assert (given["note"], given["value"][0]) == (HOSTILE, HOSTILE)


def enter(page: Page, host: str, lang: str, path: str) -> None:
    page.goto(f"http://{host}{path}?lang={lang}")
    if page.locator("[name=password]").count():
        page.locator("[name=name]").fill("gis")
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name=WORDS[lang]["sign_in"], exact=True).click()
    page.locator("#map[data-ready]").wait_for()


def save(page: Page, lang: str) -> None:
    page.locator(".save").get_by_role("button", name=WORDS[lang]["save"], exact=True).click()


def place(page: Page) -> tuple[float, float]:
    return float(page.locator("[name=lon]").input_value()), float(page.locator("[name=lat]").input_value())


@LANGUAGES
def test_a_component_is_set_on_the_map_moved_and_retired(window: Window, host: str, lang: str) -> None:
    page, words = window.page, WORDS[lang]
    enter(page, host, lang, "/components/new")
    page.locator("[name=subclass]").fill(f"{LAMP} x")
    page.locator("[name=authority]").select_option("lights")
    page.locator("[name=position]").fill(f"by map {lang}")
    page.locator("#map canvas").click(position={"x": 200, "y": 200})
    page.locator(".maplibregl-marker").wait_for()
    first = place(page)
    save(page, lang)
    page.get_by_role("status").filter(has_text=words["added"]).wait_for()
    page.locator("#map[data-ready]").wait_for()
    assert place(page) == pytest.approx(first, abs=2e-9)
    drag(page, page.locator(".maplibregl-marker"), 60, 40)
    assert place(page)[0] > first[0]
    assert place(page)[1] < first[1]
    save(page, lang)
    page.get_by_role("status").filter(has_text=words["saved"]).wait_for()
    page.locator("summary", has_text=words["retire"]).click()
    page.locator("[aria-labelledby=retire] [name=reason]").fill("stolen")
    page.locator("details[open]").get_by_role("button", name=words["sure"]).click()
    page.get_by_role("status").filter(has_text=words["retired"]).wait_for()
    page.locator("#map[data-ready]").wait_for()
    assert page.locator(".history tbody tr").count() == 3
    window.watch.assert_quiet(own=host)


def drag(page: Page, what: Any, right: int, down: int) -> None:
    box = what.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y + down / 2, steps=4)
    page.mouse.move(x + right, y + down, steps=4)
    page.mouse.up()


def test_a_line_is_carried_as_a_whole(window: Window, host: str, gis: httpx.Client) -> None:
    middle = [(TOWN.xy("1")[n] + TOWN.xy("2")[n]) / 2 for n in (0, 1)]
    ends = " , ".join(f"{x} {y}" for x, y in (TOWN.xy("1"), middle, TOWN.xy("2")))
    code = put(gis, subclass=FLOOD_WALL, shape=f"LINESTRING ({ends})", system="city")
    page = window.page
    enter(page, host, "en", f"/components/{code}")
    before = gis.get(f"/api/v1/components/{code}").json()["geometry"]["coordinates"]
    page.wait_for_timeout(300)
    drag(page, page.locator("#map canvas"), 0, 40)
    save(page, "en")
    page.get_by_role("status").filter(has_text=WORDS["en"]["saved"]).wait_for()
    after = gis.get(f"/api/v1/components/{code}").json()["geometry"]["coordinates"]
    assert all(was[1] > now[1] + 1e-6 for was, now in zip(before, after, strict=True))
    assert [now[0] for now in after] == pytest.approx([was[0] for was in before], abs=1e-6)


def left_of(page: Page) -> float:
    """Where the mark stands in the window."""
    return float(page.locator(".maplibregl-marker").evaluate("mark => mark.getBoundingClientRect().left"))


def test_coordinates_that_are_typed_move_the_mark(window: Window, host: str, gis: httpx.Client) -> None:
    code, page = put(gis), window.page
    enter(page, host, "zh", f"/components/{code}")
    lon, _ = to_degrees(*TOWN.xy("1"))
    before = left_of(page)
    page.locator("[name=lon]").fill(f"{lon + 0.0003:.6f}")
    assert left_of(page) > before
    page.locator("[name=system]").select_option("city")
    assert page.locator(".maplibregl-marker").count() == 0


@LANGUAGES
@pytest.mark.parametrize("width", [1280, 768, 390])
def test_the_page_is_as_wide_as_its_window(window: Window, host: str, gis: httpx.Client, lang: str, width: int) -> None:
    code, page = put(gis, key=["高度"], value=["8"]), window.page
    page.set_viewport_size({"width": width, "height": 1024})
    for path in ("/components/new", f"/components/{code}"):
        enter(page, host, lang, path)
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.goto(f"http://{host}/components?lang={lang}")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    window.watch.assert_quiet(own=host)


def test_city_coordinates_are_named_in_the_list(gis: httpx.Client) -> None:
    assert f"(EPSG:{SRID})" in gis.get("/components/new").text
