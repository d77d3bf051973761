"""Pages in Chromium under their policies: maps run in their sandbox, nothing is asked of another host."""

import json
from collections.abc import Iterator

import pytest

from gridsvc.maps.drawing import grid_map, heat_map
from gridsvc.maps.policy import frame_policy
from gridsvc.web.policy import DOCS_POLICY, PAGE_POLICY
from gridsvc.web.render import HeatFilter, render_docs, render_home, render_problem
from tests.browser import Window
from tests.maps import made
from tests.web import test_render as given
from tests.web.served import Pages, served

OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "gridsvc", "version": "1"},
    "paths": {"/api/v1/locate": {"get": {"summary": "Locate a point", "responses": {"200": {"description": "ok"}}}}},
}


def _pages() -> Pages:
    grid = grid_map(made.areas(4, 3), made.caption(), outlines=made.areas(2, 2))
    heat = heat_map(made.cells(60), made.caption(), outlines=None)
    return {
        "/": (render_home(given.VISITOR, given.SUMMARY), PAGE_POLICY),
        "/maps/heat": (given.heat(HeatFilter()), PAGE_POLICY),
        "/maps/grid": (grid, frame_policy(grid)),
        "/maps/heat/frame": (heat, frame_policy(heat)),
        "/docs": (render_docs(given.VISITOR, lang="en"), DOCS_POLICY),
        "/openapi.json": (json.dumps(OPENAPI), ""),
        "/absent": (render_problem(404, "/absent", visitor=given.VISITOR), PAGE_POLICY),
    }


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(_pages()) as host:
        yield host


@pytest.mark.parametrize(("path", "shapes"), [("/", 12), ("/maps/heat", 60)])
def test_the_map_runs_inside_its_sandbox(window: Window, address: str, path: str, shapes: int) -> None:
    window.page.goto(f"http://{address}{path}")
    frame = window.page.frame_locator("iframe.map")
    frame.locator("path.shape").first.wait_for()
    assert frame.locator("path.shape").count() == shapes
    frame.get_by_role("button", name="English").click()
    assert "Heat map" in frame.locator("h1").inner_text()
    window.watch.assert_quiet(own=address)


def test_the_filter_is_sent_with_no_script(window: Window, address: str) -> None:
    page = window.page
    page.goto(f"http://{address}/maps/heat")
    page.get_by_label("统计方式").select_option("district")
    page.get_by_label("问题类型").select_option("event")
    page.get_by_label("起始日期").fill("2016-07-08")
    page.get_by_role("button", name="显示").click()
    asked = "lang=zh&by=district&kind=event&subclass=&from=2016-07-08&to=&at=&revision="
    assert page.url.endswith(f"/maps/heat?{asked}")


def test_the_api_description_opens_from_our_own_files(window: Window, address: str) -> None:
    window.page.goto(f"http://{address}/docs")
    window.page.get_by_text("Locate a point").click()
    window.page.get_by_role("button", name="Try it out").click()
    window.page.get_by_role("button", name="Execute").wait_for()
    window.watch.assert_quiet(own=address)


@pytest.mark.parametrize("path", ["/", "/maps/heat", "/docs", "/absent"])
@pytest.mark.parametrize("width", [1920, 1280, 390])
def test_no_page_is_wider_than_its_window(window: Window, address: str, path: str, width: int) -> None:
    window.page.set_viewport_size({"width": width, "height": 800})
    window.page.goto(f"http://{address}{path}")
    assert window.page.evaluate("document.documentElement.scrollWidth") == width


def test_the_map_fills_the_rest_of_the_first_page(window: Window, address: str) -> None:
    window.page.goto(f"http://{address}/")
    box = window.page.locator("iframe.map").bounding_box()
    assert box is not None
    assert box["width"] == 1280
    assert box["y"] + box["height"] == pytest.approx(800, abs=1)
    assert box["height"] > 600
