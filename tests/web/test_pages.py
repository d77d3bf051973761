"""The pages as they are served, in Chromium: nothing from another host, nothing complained about, true totals."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import httpx
import pytest
from playwright.sync_api import FrameLocator

from gridsvc.store.connection import connect
from tests.accounts import CHIEF, put_account, put_token
from tests.api import town
from tests.browser import Window
from tests.service import asking, running

CELLS = 3
"""Hexagons of the town's reports: west, east, outside."""


@pytest.fixture(scope="module")
def host(database: str) -> Iterator[str]:
    town.build(database)
    with running(database) as found:
        yield found


@pytest.fixture(scope="module")
def token(database: str) -> str:
    """Of an account that may do everything."""
    return chief(database)


@pytest.fixture
def window(window: Window, token: str) -> Window:
    """A browser of that account."""
    return with_token(window, token)


@pytest.fixture
def client(host: str, token: str) -> Iterator[httpx.Client]:
    with asking(host, token) as found:
        yield found


def chief(database: str) -> str:
    with connect(database) as conn:
        return put_token(conn, put_account(conn, "chief", *CHIEF, whole_city=True))


def with_token(window: Window, token: str) -> Window:
    window.page.context.set_extra_http_headers({"Authorization": f"Bearer {token}"})
    return window


def test_a_browser_keeps_scripts_and_asks_only_whether_they_changed(client: httpx.Client) -> None:
    path = "/assets/vendor/maplibre-gl/maplibre-gl.mjs"
    first = client.get(path)
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    again = client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["cache-control"]) == (304, b"", "no-cache")
    assert again.headers["x-content-type-options"] == first.headers["x-content-type-options"] == "nosniff"
    assert client.get("/assets/nothing.js").headers["cache-control"] == "no-store"


def total(client: httpx.Client, **asked: str) -> int:
    """What the API counts."""
    answer = client.get("/api/v1/statistics", params=asked)
    return int(answer.raise_for_status().json()["total"])


def opened(window: Window, host: str, path: str) -> FrameLocator:
    """The map in the frame of a page, once it is drawn."""
    answer = window.page.goto(f"http://{host}{path}")
    assert answer is not None
    assert answer.status == 200
    frame = window.page.frame_locator("iframe.map")
    frame.locator("path.shape").first.wait_for()
    return frame


def figure(frame: FrameLocator) -> int:
    """The total that stands on a map."""
    return int(frame.locator(".title .total .figure").inner_text().replace(",", ""))


FIRST_PAGE = {
    "zh": ("网格图：未结上报", "区划第 1 版 制图于 "),
    "en": ("Grid map of open reports", "Areas revision 1 drawn "),
}


@pytest.mark.parametrize("lang", FIRST_PAGE)
def test_the_first_page_shows_open_reports_by_grid(window: Window, host: str, lang: str) -> None:
    title, revision = FIRST_PAGE[lang]
    frame = opened(window, host, f"/?lang={lang}")
    assert frame.locator("path.shape").count() == 2
    assert figure(frame) == town.REPORTS - 5
    assert frame.locator("h1").inner_text() == title
    assert " ".join(frame.locator(".revision").inner_text().split()).startswith(revision)
    assert window.page.locator("dd").all_inner_texts() == ["2", "0", "25", "80.0%", "5"]
    window.watch.assert_quiet(own=host)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("query", "asked", "shapes"),
    [
        ("", {}, CELLS),
        ("by=grid&", {}, 2),
        ("kind=event&subclass=event-0110&", {"kind": "event", "subclass_code": "0110"}, CELLS),
        ("from=2026-06-02&to=2026-06-05&", {"from": "2026-06-02", "to": "2026-06-05"}, 1),
    ],
)
def test_the_heat_map_counts_what_the_api_counts(
    window: Window, host: str, client: httpx.Client, lang: str, query: str, asked: dict[str, str], shapes: int
) -> None:
    frame = opened(window, host, f"/maps/heat?{query}lang={lang}")
    assert frame.locator("path.shape").count() == shapes
    right = total(client, **asked)
    assert figure(frame) == right > 0
    assert str(right) in window.page.get_by_role("status").first.inner_text()
    assert frame.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[lang]
    window.watch.assert_quiet(own=host)


def test_what_is_not_drawn_is_said_on_the_map(window: Window, host: str) -> None:
    frame = opened(window, host, "/maps/heat?by=grid&lang=en")
    remarks = frame.locator(".title .remark").all_inner_texts()
    assert remarks == ["1 of these has no place and is not drawn", "3 of these lie in no area shown here"]


@pytest.mark.parametrize("query", ["at=2026-06-03", "revision=1"])
def test_the_heat_map_shows_the_areas_of_a_day_or_a_revision(window: Window, host: str, query: str) -> None:
    frame = opened(window, host, f"/maps/heat?by=grid&{query}&lang=en")
    told = {"at=2026-06-03": "Areas of 2026-06-03 23:59", "revision=1": "Areas revision 1"}[query]
    assert frame.locator(".revision").inner_text().startswith(told)
    assert frame.locator("path.shape").count() == 2
    assert window.page.locator(f"input[name={query.partition('=')[0]}]").input_value() == query.partition("=")[2]


def test_before_the_first_area_the_heat_map_has_none(client: httpx.Client) -> None:
    then = client.get("/maps/heat/frame", params={"by": "grid", "at": "1999-12-31"})
    assert then.status_code == 200
    assert 'class="shape' not in then.text


def test_a_filter_without_a_match_says_so(window: Window, host: str) -> None:
    window.page.goto(f"http://{host}/maps/heat?kind=component&lang=en")
    assert window.page.locator(".filter .total").inner_text() == "No reports match"
    assert "Nothing matches" in window.page.frame_locator("iframe.map").get_by_role("status").inner_text()
    window.watch.assert_quiet(own=host)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("by=street", "map by 'street' is not known; choose one of: cell, grid"),
        ("kind=object", "kind 'object' is not known; choose one of: component, event"),
        ("subclass=event-9999", "event subclass '9999' is not known"),
        ("subclass=0110", "kind '0110' is not known; choose one of: component, event"),
        ("kind=component&subclass=event-0110", "subclass event-0110 is not of the kind component"),
        ("from=2026-06-02&to=2026-06-01", "the last day 2026-06-01 is before the first day 2026-06-02"),
        ("from=yesterday", "'yesterday' is not a day such as 2016-07-08"),
        ("to=9999-12-31", "the day 9999-12-31 is not between 1970 and 2200"),
        ("at=soon", "'soon' is not a day such as 2016-07-08"),
        ("revision=-1", "'-1' is not the number of a revision"),
        ("revision=1&at=2026-06-01", "say a revision or a moment, not both"),
        ("by=%3Cscript%3Ealert(1)%3C/script%3E", "map by '<script>alert(1)</script>' is not known"),
    ],
)
def test_a_bad_filter_is_explained(window: Window, host: str, query: str, message: str) -> None:
    answer = window.page.goto(f"http://{host}/maps/heat?{query}&lang=en")
    assert answer is not None
    assert answer.status == 422
    assert answer.headers["content-security-policy"]
    assert message in window.page.get_by_role("alert").inner_text()
    assert window.page.locator("form.filter").count() == 1
    assert window.page.locator("iframe").count() == 0
    assert window.watch.strangers(own=host) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_api_description_opens(window: Window, host: str, lang: str) -> None:
    window.page.goto(f"http://{host}/docs?lang={lang}")
    window.page.get_by_text("/api/v1/components/nearby").first.wait_for()
    paths = httpx.get(f"http://{host}/openapi.json", trust_env=False, verify=False).json()["paths"]
    assert window.page.locator(".opblock").count() == sum(len(methods) for methods in paths.values()) >= 10
    window.watch.assert_quiet(own=host)


@pytest.mark.parametrize(
    "path",
    ["/", "/maps/heat", "/maps/heat?by=no", "/docs", "/absent", "/maps/grid?by=no", "/accounts", "/audit"],
)
def test_every_page_has_a_policy_without_unsafe_parts(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"accept": "text/html"})
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/maps/heat/frame?by=no", "/maps/heat/frame?from=soon", "/maps/grid?by=no"])
def test_what_is_wrong_in_a_frame_is_told_in_a_few_words(client: httpx.Client, host: str, path: str) -> None:
    answer = client.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 422
    assert 'role="alert"><strong>内容有误</strong>' in answer.text
    with httpx.Client(
        base_url=f"http://{host}", trust_env=False, verify=False, headers={"accept": "text/html"}
    ) as nobody:
        refused = nobody.get(path)
    assert refused.status_code in (401, 422)
    for page in (answer, refused):
        assert not re.search("<nav|<a |<link|<script|<style|style=", page.text)
        assert page.headers["content-security-policy"].endswith("frame-ancestors 'self'")


@pytest.mark.parametrize("path", ["/maps/heat/frame", "/maps/heat/frame?by=grid", "/maps/grid"])
def test_a_map_may_only_stand_in_a_frame_of_ours(client: httpx.Client, path: str) -> None:
    policy = client.get(path).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert policy.endswith("frame-ancestors 'self'")


@pytest.mark.parametrize("path", ["/", "/absent"])
def test_the_browser_chooses_the_language_unless_it_is_said(client: httpx.Client, path: str) -> None:
    def tag(accepts: str, query: str = "") -> str:
        answer = client.get(f"{path}{query}", headers={"accept-language": accepts, "accept": "text/html"})
        return answer.text.split('<html lang="')[1].split('"')[0]

    assert [tag("en-GB,zh;q=0.5"), tag("fr"), tag("en", "?lang=zh"), tag("zh", "?lang=fr")] == [
        "en", "zh-CN", "zh-CN", "zh-CN",
    ]  # fmt: skip


def test_a_town_without_areas_or_reports_has_pages_too(
    window: Window, cloned: Callable[[str], AbstractContextManager[str]]
) -> None:
    with cloned("pages_empty") as url, running(url) as host:
        with_token(window, chief(url))
        window.page.goto(f"http://{host}/maps/heat?lang=en")
        assert "Nothing matches" in window.page.frame_locator("iframe.map").get_by_role("status").inner_text()
        window.watch.assert_quiet(own=host)
        window.page.goto(f"http://{host}/?lang=en")
        assert window.page.locator("iframe").count() == 0
        assert window.page.locator(".trouble").inner_text() == "No areas yet: import a layer first."
        window.watch.assert_quiet(own=host)
