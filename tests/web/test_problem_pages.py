"""What is wrong, in the language of the page, with the way on for whoever looks."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from gridsvc.api.problems import STATUS
from gridsvc.domain.access import Role
from gridsvc.errors import FileError, GridsvcError, InputError, PasswordFirstError, TooManyError, one_of
from gridsvc.store.connection import connect
from gridsvc.web.names import STATUSES
from gridsvc.web.render import told
from tests.accounts import PASSWORD, put_account
from tests.service import running
from tests.web.browsing import hidden, send, sign_in, signed_in, visiting

ENGLISH = re.compile(r"[A-Za-z]{2,} [A-Za-z']+ [A-Za-z]{2,}")
"""Three words in a row."""
PROVIDER: dict[str, Any] = {
    "oidc_issuer": "https://id.invalid", "oidc_client_id": "g", "public_url": "https://g.test", "oidc_title": "市民卡",
}  # fmt: skip


@pytest.fixture(scope="module")
def host(database: str) -> Iterator[str]:
    with connect(database) as conn:
        put_account(conn, "boss", Role.ADMINISTRATOR, whole_city=True, password=PASSWORD)
        put_account(conn, "seer", Role.ANALYST, password=PASSWORD)
    with running(database, sign_ins_per_address=10_000, **PROVIDER) as found:
        yield found


@pytest.fixture
def boss(host: str) -> Iterator[httpx.Client]:
    with signed_in(host, "boss") as browser:
        yield browser


def complaint(answer: httpx.Response) -> str:
    """What stands where the page complains."""
    begun = answer.text[answer.text.index('role="alert"') :]
    whole = begun[: begun.index("</article>" if "<article" in answer.text else "</p>")]
    return unescape(re.sub(r"<[^>]*>", " ", whole.partition(">")[2]))


FORMS: list[tuple[str, dict[str, object]]] = [
    ("/account/password", {"present": "x", "new": "a", "again": "b"}),
    ("/account/password", {"present": "x", "new": "a", "again": "a"}),
    ("/account/password", {"present": PASSWORD, "new": "short", "again": "short"}),
    ("/account/password", {"present": PASSWORD, "new": "a" * 20, "again": "a" * 20}),
    ("/account/password", {"present": PASSWORD, "new": PASSWORD, "again": PASSWORD}),
    ("/account/password", {"present": "x" * 201}),
    ("/account/totp/on", {"code": "1"}),
    ("/account/totp/off", {"code": "1"}),
    ("/account/tokens", {"title": "", "days": "1", "scopes": ["see_reports"]}),
    ("/account/tokens", {"title": "t", "days": "soon", "scopes": ["see_reports"]}),
    ("/account/tokens", {"title": "t", "days": "999", "scopes": ["see_reports"]}),
    ("/account/tokens", {"title": "t", "days": "1", "scopes": []}),
    ("/account/tokens", {"title": "t", "days": "1", "scopes": ["none"]}),
    ("/account/tokens/999/revoke", {}),
    ("/accounts/new", {"name": "a b", "display_name": "x"}),
    ("/accounts/new", {"name": "boss", "display_name": "x"}),
    ("/accounts/new", {"name": "n", "display_name": ""}),
    ("/accounts/new", {"name": "n", "display_name": "x", "roles": ["none"]}),
    ("/accounts/new", {"name": "n", "display_name": "x", "roles": ["department_handler"]}),
    ("/accounts/new", {"name": "n", "display_name": "x", "department": "none"}),
    ("/accounts/new", {"name": "n", "display_name": "x", "areas": "grid:none"}),
    ("/accounts/new", {"name": "n" * 61}),
    ("/accounts/1/enable", {}),
    ("/accounts/1", {"display_name": "x", "roles": []}),
    ("/accounts/1/disable", {}),
    ("/accounts/9999/disable", {}),
    ("/audit", {}),
    ("/absent", {}),
]
ADDRESSES = [
    "/absent", "/accounts/9999", "/accounts?page=none", "/audit?account=x", "/audit?from=soon", "/maps/heat?by=no",
    "/maps/heat?from=soon", "/maps/heat?from=2026-06-02&to=2026-06-01", "/maps/heat?to=9999-12-31",
    "/maps/heat?kind=no", "/maps/heat?subclass=event-9999", "/maps/heat?kind=component&subclass=event-0110",
    "/maps/heat/frame?by=no", "/maps/grid", "/maps/grid?by=no", "/sign-in/oidc/callback",
]  # fmt: skip


@pytest.mark.parametrize(("path", "fields"), FORMS)
def test_bad_forms_are_explained_in_chinese(boss: httpx.Client, path: str, fields: dict[str, object]) -> None:
    answer = send(boss, path, **fields)
    assert answer.status_code >= 400
    assert re.search("[一-鿿]", complaint(answer))
    assert not ENGLISH.search(complaint(answer))


@pytest.mark.parametrize("path", ADDRESSES)
def test_bad_addresses_are_explained_in_chinese(boss: httpx.Client, path: str) -> None:
    answer = boss.get(path)
    assert answer.status_code >= 400
    assert not ENGLISH.search(complaint(answer))


def test_who_may_not_or_too_often_reads_it_in_chinese(host: str, database: str) -> None:
    with visiting(host) as nobody:
        wrong = sign_in(nobody, "boss", "a guess")
        forged = nobody.post("/account/password")
    with signed_in(host, "seer") as browser:
        forbidden, old = browser.get("/accounts"), browser.post("/account/password", data={"csrf": "x"})
    with running(database, anonymous_requests_per_minute=1, sign_ins_per_address=1) as slow, visiting(slow) as nobody:
        nobody.get("/docs")
        often = nobody.get("/docs")
    answers = [wrong, forged, forbidden, old, often]
    assert [answer.status_code for answer in answers] == [401, 401, 403, 403, 429]
    for answer in answers:
        assert not ENGLISH.search(complaint(answer))
    assert "<h1>没有权限</h1>" in forbidden.text
    assert "<h1>操作过于频繁</h1>" in often.text


def test_an_unknown_address_keeps_navigation_and_languages(boss: httpx.Client, host: str) -> None:
    page = boss.get("/absent?x=1&lang=en").text
    assert 'href="/accounts?lang=en"' in page
    assert 'href="/absent?x=1&amp;lang=zh"' in page
    assert hidden(page, "csrf")
    with visiting(host) as nobody:
        page = nobody.get("/absent").text
        assert "/accounts" not in page
        assert 'href="/absent?lang=en"' in page
        assert 'href="//' not in nobody.get("//other.example/?a").text
        nobody.cookies.set("gridsvc", "made-up")
        assert nobody.get("/absent").status_code == 404


def test_what_the_provider_refuses_leads_back_to_signing_in(host: str) -> None:
    with visiting(host) as nobody:
        page = nobody.get("/sign-in/oidc/callback?state=a&code=secret")
    assert page.status_code == 401
    assert '<a class="button" href="/sign-in?lang=zh">登录</a>' in page.text
    assert "secret" not in page.text


def test_an_account_without_a_password_is_made_where_there_is_a_provider(boss: httpx.Client, database: str) -> None:
    assert 'name="no_password"' in boss.get("/accounts/new").text
    answer = send(boss, "/accounts/new", name="card", display_name="x", no_password="yes")
    assert answer.status_code == 200
    assert "账号已创建" in answer.text
    assert 'class="secret"' not in answer.text
    with running(database) as without, signed_in(without, "boss") as browser:
        assert 'name="no_password"' not in browser.get("/accounts/new").text
        assert 'class="secret"' in send(browser, "/accounts/new", name="key", display_name="x", no_password="y").text


def test_every_status_has_a_title_in_both_languages() -> None:
    assert STATUSES["zh"].keys() == STATUSES["en"].keys() >= {int(status) for status in STATUS.values()} | {405, 500}


def test_errors_keep_their_english_text() -> None:
    errors: list[GridsvcError] = [
        InputError("bad", zh="有误"), FileError("f.csv", "bad", 3, zh="有误"), TooManyError("bad", 3, zh="有误"),
        PasswordFirstError(), one_of("kind", "x", ["a", "b"], zh="类型"),
    ]  # fmt: skip
    assert [str(error) for error in errors] == [
        "bad", "f.csv, feature 3: bad", "bad", "change the password first: it was set by somebody else",
        "kind 'x' is not known; choose one of: a, b",
    ]  # fmt: skip
    assert [told(error, "en") for error in errors] == [str(error) for error in errors]
    assert [told(error, "zh") for error in errors] == [
        "有误", "有误", "有误", "密码由他人设定，请先修改密码", "没有这样的类型：“x”。可选：a、b",
    ]  # fmt: skip
    assert told(InputError("bad"), "zh") == "bad"
