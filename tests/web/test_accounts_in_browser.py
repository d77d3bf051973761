"""The pages of accounts in Chromium: no script, nothing complained about, and as wide as the window."""

import time
from collections.abc import Iterator

import httpx
import pyotp
import pytest
from playwright.sync_api import Page

from gridsvc.domain.access import Role
from gridsvc.store.connection import connect
from tests.accounts import CHIEF, PASSWORD, put_account, put_token
from tests.api import town
from tests.browser import Window
from tests.service import asking, running

NEW = "another good password"
WORDS = {
    "zh": {
        "sign_in": "登录", "sign_out": "退出", "change": "修改密码", "changed": "密码已修改", "begin": "启用动态码",
        "on": "确认启用", "is_on": "动态码已启用", "make": "生成令牌", "revoke": "吊销", "sure": "确认",
        "revoked": "令牌已吊销", "new": "新建账号", "create": "创建账号", "disable": "停用账号",
        "disabled": "账号已停用", "clerk": "受理员", "reports": "查看上报", "see": "网格图",
    },
    "en": {
        "sign_in": "Sign in", "sign_out": "Sign out", "change": "Change password", "changed": "The password is changed",
        "begin": "Switch on one-time codes", "on": "Switch on", "is_on": "One-time codes are on", "make": "Make token",
        "revoke": "Revoke", "sure": "Confirm", "revoked": "The token is revoked", "new": "New account",
        "create": "Create account", "disable": "Disable account", "disabled": "The account is disabled",
        "clerk": "Intake clerk", "reports": "See reports", "see": "Grid map",
    },
}  # fmt: skip
LANGUAGES = pytest.mark.parametrize("lang", WORDS)


@pytest.fixture(scope="module")
def host(database: str) -> Iterator[str]:
    town.build(database)
    with connect(database) as conn:
        for lang in WORDS:
            put_account(conn, f"worker-{lang}", *CHIEF, areas=("grid:w",), department="west", password=PASSWORD)
        boss = put_account(conn, "boss", Role.ADMINISTRATOR, whole_city=True, password=PASSWORD)
        put_token(conn, boss)
        put_account(conn, "w" * 60, Role.GRID_HEAD, areas=("grid:w", "grid:e"), password=PASSWORD)
    with running(database, sign_ins_per_address=1_000) as found:
        yield found


def sign_in(page: Page, host: str, name: str, lang: str = "zh", *, path: str = "/", password: str = PASSWORD) -> None:
    """As a person does who opened a page."""
    page.goto(f"http://{host}{path}?lang={lang}")
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name=WORDS[lang]["sign_in"], exact=True).click()
    page.wait_for_url(f"http://{host}{path}?lang={lang}")


def press(page: Page, section: str, button: str) -> None:
    page.locator(f"[aria-labelledby={section}]").get_by_role("button", name=button, exact=True).click()


@LANGUAGES
def test_a_person_keeps_the_own_account(window: Window, host: str, lang: str) -> None:
    page, words, name = window.page, WORDS[lang], f"worker-{lang}"
    sign_in(page, host, name, lang)
    assert page.get_by_role("link", name=words["see"]).get_attribute("aria-current") == "page"
    page.frame_locator("iframe.map").locator("path.shape").first.wait_for()
    page.get_by_role("link", name=name).click()
    page.locator("[name=present]").fill(PASSWORD)
    page.locator("[name=new]").fill(NEW)
    page.locator("[name=again]").fill(NEW)
    press(page, "password", words["change"])
    page.get_by_role("status").filter(has_text=words["changed"]).wait_for()
    codes = switch_codes_on(page, words)
    make_and_revoke_a_token(page, host, words)
    page.get_by_role("button", name=words["sign_out"]).click()
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(NEW)
    page.locator("[name=code]").fill(codes)
    page.get_by_role("button", name=words["sign_in"], exact=True).click()
    page.frame_locator("iframe.map").locator("path.shape").first.wait_for()
    window.watch.assert_quiet(own=host)


def switch_codes_on(page: Page, words: dict[str, str]) -> str:
    """Reads the secret from the page as an authenticator app would; the code that comes next."""
    page.get_by_role("link", name=words["begin"]).click()
    assert page.locator(".qr svg path").count() == 1
    codes = pyotp.TOTP(page.locator("#secret").inner_text().replace(" ", ""))
    page.locator("[name=code]").fill(codes.now())
    press(page, "totp", words["on"])
    page.get_by_role("status").filter(has_text=words["is_on"]).wait_for()
    return codes.at(int(time.time()) + 30)


def make_and_revoke_a_token(page: Page, host: str, words: dict[str, str]) -> None:
    page.locator("[name=title]").fill("nightly")
    page.get_by_label(words["reports"]).check()
    press(page, "tokens", words["make"])
    with asking(host, page.locator("#token").inner_text()) as program:
        assert program.get("/api/v1/statistics").status_code == 200
        page.locator("summary", has_text=words["revoke"]).click()
        press(page, "tokens", words["sure"])
        page.get_by_role("status").filter(has_text=words["revoked"]).wait_for()
        assert program.get("/api/v1/statistics").status_code == 401


@LANGUAGES
def test_an_administrator_makes_an_account_and_disables_it(window: Window, host: str, lang: str) -> None:
    page, words, name = window.page, WORDS[lang], f"clerk-{lang}"
    sign_in(page, host, "boss", lang, path="/accounts")
    page.get_by_role("link", name=words["new"]).click()
    page.locator("[name=name]").fill(name)
    page.locator("[name=display_name]").fill("王五")
    page.get_by_label(words["clerk"]).check()
    page.locator("[name=department]").select_option("east")
    page.locator("[name=areas]").fill("grid:e\ngrid:w")
    page.get_by_role("button", name=words["create"]).click()
    assert len(page.locator("#password.secret").inner_text()) == 23
    page.locator("summary", has_text=words["disable"]).click()
    page.locator("details[open]").get_by_role("button", name=words["sure"]).click()
    page.get_by_role("status").filter(has_text=words["disabled"]).wait_for()
    page.goto(f"http://{host}/accounts?search={name}&lang={lang}")
    row = page.locator("tbody tr").inner_text()
    assert name in row
    assert words["clerk"] in row
    window.watch.assert_quiet(own=host)


def test_a_first_password_leads_to_the_form_that_changes_it(window: Window, host: str, database: str) -> None:
    with connect(database) as conn:
        account_id = put_account(conn, "fresh", Role.ANALYST, password=PASSWORD)
        conn.execute("UPDATE credential SET must_change = true WHERE account_id = %s", (account_id,))
    page = window.page
    page.goto(f"http://{host}/?lang=en")
    page.locator("[name=name]").fill("fresh")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Change the password first").wait_for()
    page.locator("[name=present]").fill(PASSWORD)
    page.locator("[name=new]").fill(NEW)
    page.locator("[name=again]").fill(NEW)
    press(page, "password", "Change password")
    page.get_by_role("link", name="Grid map").click()
    page.frame_locator("iframe.map").locator("path.shape").first.wait_for()
    window.watch.assert_quiet(own=host)


def test_the_api_description_sends_the_token_of_the_session(window: Window, host: str) -> None:
    page = window.page
    sign_in(page, host, "boss", "en")
    page.goto(f"http://{host}/docs?lang=en")
    block = page.locator(".opblock-post", has_text="/api/v1/locate").first
    block.locator(".opblock-summary").click()
    block.get_by_role("button", name="Try it out").click()
    block.locator("textarea").fill('{"points": []}')
    with page.expect_response(lambda answer: answer.request.method == "POST") as found:
        block.get_by_role("button", name="Execute").click()
    assert found.value.request.headers["x-csrf-token"]
    assert found.value.status != 403


PAGES = ["/account", "/accounts", "/accounts/new", "/accounts/{boss}", "/audit", "/docs", "/accounts/0", "/sign-in"]


@pytest.fixture(scope="module")
def session(host: str) -> str:
    """The cookie of the administrator, with a secret for codes on offer."""
    with httpx.Client(base_url=f"http://{host}", trust_env=False, verify=False) as client:
        client.get("/sign-in")
        given = {"form": client.cookies["gridsvc-form"], "name": "boss", "password": PASSWORD}
        client.post("/sign-in", data=given)
        return client.cookies["gridsvc"]


@LANGUAGES
@pytest.mark.parametrize("width", [1920, 1280, 390])
def test_no_page_is_wider_than_its_window(
    window: Window, host: str, database: str, session: str, lang: str, width: int
) -> None:
    with connect(database) as conn:
        boss = put_account(conn, "boss")
    window.page.set_viewport_size({"width": width, "height": 800})
    for path in PAGES:
        if path != "/sign-in":
            window.page.context.add_cookies([{"name": "gridsvc", "value": session, "url": f"http://{host}"}])
        else:
            window.page.context.clear_cookies()
        window.page.goto(f"http://{host}{path.format(boss=boss)}?totp=on&lang={lang}")
        assert window.page.evaluate("document.documentElement.scrollWidth") == width, path
    assert window.watch.strangers(own=host) == []
