"""Map files in Chromium: what a person sees, and that nothing happens behind their back."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from gridsvc.maps.drawing import grid_map, heat_map
from gridsvc.maps.features import HeatCells
from tests.browser import Window
from tests.maps import made

SHAPES = "path.shape"


def _point_at(page: Page, shape: str) -> None:
    """Move the mouse onto the middle of a shape."""
    box = page.locator(shape).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_every_cell_is_drawn_and_no_host_is_asked(window: Window, tmp_path: Path) -> None:
    html = heat_map(made.cells(400, size=90), made.caption(), outlines=made.areas(3, 2))
    page = window.open(html, tmp_path)
    assert page.locator(SHAPES).count() == 400
    assert page.locator("path.outline").count() == 6
    assert page.locator(".leaflet-control-scale-line").is_visible()
    window.watch.assert_quiet()
    assert all(url.startswith(("file:", "data:")) for url in window.watch.requests)


def test_the_tooltip_tells_the_count(window: Window, tmp_path: Path) -> None:
    one = HeatCells(
        x=np.array([made.EAST]), y=np.array([made.NORTH]), count=np.array([1234]), size=250.0, srid=made.SRID
    )
    page = window.open(heat_map(one, made.caption(total=1234), outlines=None), tmp_path)
    _point_at(page, SHAPES)
    assert page.locator(".leaflet-tooltip").inner_text().split() == ["上报", "1,234"]


def test_the_language_changes_on_the_map(window: Window, tmp_path: Path) -> None:
    page = window.open(grid_map(made.areas(2, 2), made.caption(title_zh="网格图", title_en="Grid map")), tmp_path)
    assert page.locator("h1").inner_text() == "网格图"
    assert "未结" in page.locator(".legend").inner_text()
    page.get_by_role("button", name="English").click()
    assert page.locator("h1").inner_text() == "Grid map"
    assert page.title() == "Grid map · Trial City"
    assert page.locator("html").get_attribute("lang") == "en"
    _point_at(page, f"{SHAPES} >> nth=0")
    assert page.locator(".leaflet-tooltip strong").inner_text() == "Area 0"
    page.get_by_role("button", name="中文").click()
    assert page.locator("h1").inner_text() == "网格图"
    window.watch.assert_quiet()


def test_a_map_can_start_in_english(window: Window, tmp_path: Path) -> None:
    page = window.open(heat_map(made.cells(5), made.caption(), outlines=None, lang="en"), tmp_path)
    assert page.locator("h1").inner_text() == "Heat map of reports"
    assert "Synthetic city" in page.locator(".title").inner_text()


def test_hostile_names_are_shown_and_do_not_run(window: Window, tmp_path: Path) -> None:
    name = (
        "<img src=x onerror=\"document.title='run'\"></script><script>document.title='run'</script>{{ 7 * 7 }}'\"&amp;"
    )
    areas = made.areas(1, 1, names=[name])
    caption = made.caption(
        city_zh=name, city_en=name, title_zh=name, filter_zh=name, revision_zh=name, total=int(areas.count[0])
    )
    page = window.open(grid_map(areas, caption, outlines=areas, value_zh=name), tmp_path)
    _point_at(page, SHAPES)
    assert name in page.locator(".leaflet-tooltip strong").inner_text()
    assert page.locator("h1").inner_text() == name
    assert page.locator("img").count() == 0
    assert page.title() == f"{name} · {name}"
    window.watch.assert_quiet()


@pytest.mark.parametrize("total", [0, 3])
def test_a_map_of_nothing_says_so(window: Window, tmp_path: Path, total: int) -> None:
    none = HeatCells(x=np.empty(0), y=np.empty(0), count=np.empty(0, dtype=np.int64), size=250.0, srid=made.SRID)
    page = window.open(heat_map(none, made.caption(total=total, unplaced=total), outlines=None), tmp_path)
    expected = "没有可以画在图上的记录" if total else "没有符合条件的记录"
    assert expected in page.get_by_role("status").inner_text()
    window.watch.assert_quiet()


def test_the_keyboard_reaches_the_button_first_then_the_areas(window: Window, tmp_path: Path) -> None:
    page = window.open(grid_map(made.areas(2, 2), made.caption()), tmp_path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "language"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert "Area 0" in str(page.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert page.locator(".leaflet-tooltip").is_visible()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080), (390, 844)])
def test_panels_leave_the_data_in_sight(window: Window, tmp_path: Path, width: int, height: int) -> None:
    window.page.set_viewport_size({"width": width, "height": height})
    page = window.open(grid_map(made.areas(4, 4), made.caption()), tmp_path)
    boxes = [page.locator(SHAPES).nth(i).bounding_box() for i in range(16)]
    for panel in (".title", ".legend"):
        card = page.locator(panel).bounding_box()
        assert card is not None
        for box in boxes:
            assert box is not None
            apart = box["x"] >= card["x"] + card["width"] or card["y"] + card["height"] <= box["y"] + 1
            assert apart or box["y"] + box["height"] <= card["y"] + 1
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_map_that_starts_out_of_sight_fits_once_it_is_shown(window: Window, tmp_path: Path) -> None:
    (tmp_path / "map.html").write_text(grid_map(made.areas(4, 4), made.caption()), encoding="utf-8")
    html = (
        "<iframe src='map.html' style='display:none;position:fixed;inset:0;width:100%;height:100%;border:0'></iframe>"
    )
    page = window.open(html, tmp_path)
    page.locator("iframe").evaluate("frame => { frame.style.display = 'block' }")
    shape = page.frame_locator("iframe").locator(SHAPES).first
    shape.wait_for()
    page.wait_for_timeout(200)
    box = shape.bounding_box()
    assert box is not None
    assert 80 < box["width"] < 260
    window.watch.assert_quiet()


def test_a_map_keeps_its_view_once_it_was_moved(window: Window, tmp_path: Path) -> None:
    page = window.open(grid_map(made.areas(4, 4), made.caption()), tmp_path)
    page.locator(".leaflet-control-zoom-in").click()
    page.wait_for_timeout(400)
    wide = page.locator(SHAPES).first.bounding_box()
    page.set_viewport_size({"width": 1000, "height": 700})
    page.wait_for_timeout(200)
    after = page.locator(SHAPES).first.bounding_box()
    assert wide is not None
    assert after is not None
    assert after["width"] == pytest.approx(wide["width"], abs=1)
