"""A file's whole way in Chromium: uploaded, inspected, mapped, checked, compared, promoted, rolled back."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from playwright.sync_api import Page

from gridsvc.api import logs
from gridsvc.config import Settings
from gridsvc.domain.access import Role
from gridsvc.jobs import worker
from gridsvc.jobs.tasks import Site
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests.accounts import PASSWORD, put_account
from tests.browser import Window
from tests.database import as_service
from tests.ingest.layers import TOWN, put_town, zipped
from tests.service import running
from tests.sketch import frame
from tests.web.test_accounts_in_browser import sign_in

HYDRANTS = 600
WORDS = {
    "zh": {
        "map": "下一步：字段对应", "check": "下一步：检查", "fit": "可以入库", "refused": "不能入库",
        "compare": "下一步：比对", "promote": "下一步：入库", "now": "确认入库", "back": "回滚", "sure": "确认回滚",
        "promoted": "已入库", "rolled_back": "已回滚", "added": f"将新增 {HYDRANTS} 个、变更 0 个部件，0 个不变。",
        "listed": f"共 {HYDRANTS} 个",
    },
    "en": {
        "map": "Next: map", "check": "Next: check", "fit": "Fit to be promoted", "refused": "Cannot be promoted",
        "compare": "Next: compare", "promote": "Next: promote", "now": "Promote now", "back": "Roll back",
        "sure": "Yes, roll back", "promoted": "Promoted", "rolled_back": "Rolled back",
        "added": f"Adds {HYDRANTS} components, changes 0 and leaves 0 as they are.",
        "listed": f"Components: {HYDRANTS}",
    },
}  # fmt: skip
PATIENCE = 60_000
"""Milliseconds for a step of the worker, which shares the machine with others."""


@pytest.fixture(scope="module")
def host(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("data")
    with connect(database) as conn, conn.transaction():
        put_town(conn, the_city(conn))
        put_account(conn, "gis", Role.GIS_STAFF, whole_city=True, password=PASSWORD)
    site = Site(address=as_service(database), settings=Settings(data_folder=folder), demo=False)
    with running(database, data_folder=folder) as found, worker.beside(site, logs.to_stderr):
        yield found


def survey(folder: Path, name: str, codes: list[str]) -> Path:
    """Hydrants all over the town as a zipped shapefile in GBK that says nothing of it."""
    west, south, east, north = TOWN.polygon("acfd").buffer(-5).bounds
    at = np.random.default_rng(4).uniform((west, south), (east, north), (len(codes), 2))
    loose = folder / name
    loose.mkdir()
    columns = {"ObjID": codes, "ObjName": ["消防设施"] * len(codes), "ObjPos": ["临园路东段，人行道"] * len(codes)}
    frame(shapely.points(at), **columns).to_file(loose / f"{name}.shp", encoding="gb18030")
    (loose / f"{name}.cpg").unlink()
    return zipped(folder / f"{name}.zip", loose)


def hydrants(first: int) -> list[str]:
    return [f"5107030124{first + n:06d}" for n in range(HYDRANTS)]


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click(timeout=PATIENCE)


def bring(page: Page, host: str, lang: str, file: Path) -> None:
    """To the step of the mapping."""
    sign_in(page, host, "gis", lang, path="/imports")
    page.locator("#files").set_input_files(file)
    page.wait_for_url(f"**/imports/*?lang={lang}")
    press(page, WORDS[lang]["map"])


@pytest.mark.parametrize(("lang", "width", "height"), [("zh", 1280, 800), ("en", 1024, 768)])
def test_a_survey_comes_in_and_goes_again(
    window: Window, host: str, tmp_path: Path, lang: str, width: int, height: int
) -> None:
    page, words = window.page, WORDS[lang]
    page.set_viewport_size({"width": width, "height": height})
    name = f"涪城区消火栓普查_{lang}"
    bring(page, host, lang, survey(tmp_path, name, hydrants(1 if lang == "zh" else 10_001)))
    press(page, words["check"])
    page.get_by_text(words["fit"]).wait_for(timeout=PATIENCE)
    page.locator(".maplibregl-canvas").wait_for()
    press(page, words["compare"])
    press(page, words["promote"])
    page.get_by_text(words["added"]).wait_for()
    press(page, words["now"])
    page.locator(".badge", has_text=words["promoted"]).wait_for(timeout=PATIENCE)
    page.locator("nav.steps").get_by_role("button").nth(3).click()
    page.get_by_text(words["listed"]).wait_for()
    page.locator("nav.steps").get_by_role("button").nth(4).click()
    page.locator("summary", has_text=words["back"]).click()
    press(page, words["sure"])
    page.locator(".badge", has_text=words["rolled_back"]).wait_for(timeout=PATIENCE)
    page.goto(f"http://{host}/imports?lang={lang}")
    told = page.locator("table.history tbody tr").first.inner_text()
    assert all(part in told for part in (f"{name}.zip", words["rolled_back"], "gis", str(HYDRANTS)))
    window.watch.assert_quiet(own=host)


def test_a_code_that_stands_twice_is_shown_and_the_file_refused(window: Window, host: str, tmp_path: Path) -> None:
    page, words = window.page, WORDS["zh"]
    codes = hydrants(20_001)
    bring(page, host, "zh", survey(tmp_path, "重复编码", [*codes[:-1], codes[0]]))
    press(page, words["check"])
    page.get_by_text(words["refused"]).wait_for(timeout=PATIENCE)
    page.get_by_label("级别").select_option("error")
    row = page.locator(".findings tr.usable").first
    assert codes[0] in row.inner_text()
    with page.expect_request(lambda request: "/features?" in request.url):
        row.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="GeoPackage").click()
    assert download.value.path().stat().st_size > 10_000
    window.watch.assert_quiet(own=host)


def test_borders_of_the_city_are_drawn_as_tiles(window: Window, host: str) -> None:
    answer = window.page.request.get(f"http://{host}/tiles/areas/district/14/12949/6683.mvt")
    assert answer.status == 200
    assert window.page.request.get(f"http://{host}/tiles/areas/nothing/14/12949/6683.mvt").status == 404


def test_whoever_may_not_import_is_told_so(window: Window, host: str) -> None:
    page = window.page
    page.goto(f"http://{host}/imports?lang=zh")
    assert "/sign-in" in page.url
