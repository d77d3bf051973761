"""A person's own account over HTTP: password, one-time codes, tokens."""

import time
from collections.abc import Iterator
from html import unescape

import httpx
import pyotp
import pytest

from gridsvc.access.accounts import reset_account
from gridsvc.store import accounts, credentials
from gridsvc.store.connection import connect
from tests import made
from tests.accounts import PASSWORD, put_account, put_token
from tests.service import asking, running
from tests.web.browsing import csrf, in_english, me, secret, send, sign_in, signed_in, told, visiting

NEW = "another good password"
HOSTILE = "<script>alert(1)</script>\"'{{ 7 * 7 }}"


@pytest.fixture(scope="module")
def host(database: str) -> Iterator[str]:
    with running(database, sign_ins_per_address=10_000) as found:
        yield found


def person(database: str, name: str, *roles: str) -> int:
    with connect(database) as conn:
        return put_account(conn, name, *(roles or ("analyst",)), password=PASSWORD)


def change(browser: httpx.Client, present: str, new: str, again: str | None = None) -> httpx.Response:
    return send(browser, "/account/password", present=present, new=new, again=new if again is None else again)


def test_the_page_says_who_i_am_in_both_languages(host: str, database: str) -> None:
    with connect(database) as conn:
        made.put_departments(conn, "parks")
        account_id = put_account(conn, "mei", "analyst", "grid_head", department="parks", password=PASSWORD)
        accounts.change_account(conn, account_id, display_name="梅 <b>", department="parks", whole_city=True)
    with signed_in(host, "mei") as browser:
        zh, en = browser.get("/account?lang=zh").text, browser.get("/account?lang=en").text
    for text in ("我的账号", "梅 &lt;b&gt;", "分析员", "网格长", "parks", "全市"):
        assert text in zh
    for text in ("My account", "Analyst", "Grid head", "Whole city"):
        assert text in en


def test_the_page_is_for_persons_who_are_signed_in(host: str, database: str) -> None:
    person(database, "program")
    with connect(database) as conn:
        token = put_token(conn, put_account(conn, "program"))
    with visiting(host) as browser:
        assert browser.get("/account").headers["location"] == "/sign-in?next=%2Faccount"
        assert browser.post("/account/password").status_code == 401
    with asking(host, token) as found:
        for path in ("/account/password", "/account/totp/on", "/account/totp/off", "/account/tokens"):
            answer = found.post(path, data={"present": PASSWORD, "new": NEW, "again": NEW})
            assert answer.status_code == 403
            assert "an API token changes no passwords" in answer.json()["detail"]
        assert found.get("/account").status_code == 403
        assert found.post("/account/tokens/1/revoke").status_code == 403


def test_a_changed_password_ends_every_other_session(host: str, database: str) -> None:
    person(database, "hua")
    with signed_in(host, "hua") as here, signed_in(host, "hua") as elsewhere:
        answer = change(here, PASSWORD, NEW)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=password&lang=zh")
        assert "密码已修改" in here.get(answer.headers["location"]).text
        assert me(here) == "hua"
        assert me(elsewhere) is None
    with visiting(host) as browser:
        assert sign_in(browser, "hua", PASSWORD).status_code == 401
        assert sign_in(browser, "hua", NEW).status_code == 303


@pytest.mark.parametrize(
    ("present", "new", "again", "message"),
    [
        ("not this one", NEW, NEW, "the current password is wrong"),
        (PASSWORD, "short", "short", "a password has 12 to 128 characters"),
        (PASSWORD, "aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "at least 5 different characters"),
        (PASSWORD, NEW, NEW + "?", "the new password was typed in two different ways"),
        (PASSWORD, PASSWORD, PASSWORD, "the new password is the old one"),
        ("", "", "", "the current password is wrong"),
    ],
)
def test_a_password_that_cannot_be_is_explained(
    host: str, database: str, present: str, new: str, again: str, message: str
) -> None:
    person(database, "yun")
    with signed_in(host, "yun") as browser:
        answer = change(in_english(browser), present, new, again)
        assert answer.status_code == 422
        assert message in told(answer)
        assert PASSWORD not in answer.text
        assert NEW not in answer.text


def test_guessing_the_present_password_is_slowed_down(database: str) -> None:
    person(database, "fang")
    with running(database, sign_ins_per_address=3) as host, signed_in(host, "fang") as browser:
        assert [change(browser, "a guess", NEW).status_code for _ in range(4)] == [422, 422, 422, 429]
        assert int(change(browser, PASSWORD, NEW).headers["retry-after"]) > 0


def test_a_password_of_somebody_else_is_changed_before_anything(host: str, database: str) -> None:
    account_id = person(database, "gang", "administrator")
    with connect(database) as conn:
        first = reset_account(conn, account_id)
    assert first is not None
    with signed_in(host, "gang", first, next="/accounts") as browser:
        for path in ("/", "/maps/heat", "/accounts", "/accounts/new", "/audit", "/docs"):
            answer = browser.get(f"{path}?lang=en")
            assert (answer.status_code, answer.headers["location"]) == (303, "/account?lang=en"), path
        assert browser.get("/maps/grid").status_code == 403
        page = browser.get("/account")
        assert page.status_code == 200
        assert "请先修改密码" in page.text
        assert "API" not in page.text.split("<main")[1]
        for path in ("/account/totp/on", "/account/totp/off", "/account/tokens", "/accounts/new"):
            assert send(browser, path).status_code == 403
        assert browser.get("/api/v1/statistics").status_code == 403
        assert change(browser, first, NEW).status_code == 303
        assert browser.get("/accounts").status_code == 200


def switch_on(browser: httpx.Client) -> tuple[str, str]:
    """The secret, and the code that switched it on."""
    page = browser.get("/account?totp=on")
    key = secret(page, "secret").replace(" ", "")
    code = pyotp.TOTP(key).now()
    assert send(browser, "/account/totp/on", code=code).headers["location"] == "/account?done=totp_on&lang=zh"
    return key, code


def test_a_secret_is_only_made_for_whoever_asks_and_stays_the_same(host: str, database: str) -> None:
    account_id = person(database, "ning")
    with signed_in(host, "ning") as browser:
        browser.get("/account")
        with connect(database) as conn:
            assert credentials.totp(conn, account_id) == (None, False)
        page = browser.get("/account?totp=on")
        assert '<svg width="' in page.text
        key = secret(page, "secret")
        assert [len(group) for group in key.split()] == [4] * 8
        assert secret(browser.get("/account?totp=on"), "secret") == key
        answer = send(browser, "/account/totp/on?lang=en", code="000000")
        assert answer.status_code == 422
        assert "the code is wrong" in told(answer)
        assert secret(answer, "secret") == key
    with visiting(host) as browser:
        assert sign_in(browser, "ning").status_code == 303


def test_with_codes_on_each_code_signs_in_once(host: str, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    person(database, "tao")
    now = time.time()
    with signed_in(host, "tao") as browser:
        monkeypatch.setattr(time, "time", lambda: now - 30)
        key, used = switch_on(browser)
        assert "已启用" in browser.get("/account").text
        monkeypatch.undo()
        code = pyotp.TOTP(key).at(int(now))
        with visiting(host) as another:
            assert sign_in(another, "tao").status_code == 401
            assert sign_in(another, "tao", code=used).status_code == 401
            assert sign_in(another, "tao", code=code).status_code == 303
        with visiting(host) as thief:
            assert sign_in(thief, "tao", code=code).status_code == 401
        assert send(browser, "/account/totp/off", code=code).status_code == 422
        assert send(browser, "/account/totp/on", code=code).status_code == 409
        later = pyotp.TOTP(key).at(int(now) + 30)
        assert send(browser, "/account/totp/off", code=later).headers["location"] == "/account?done=totp_off&lang=zh"
        with visiting(host) as another:
            assert sign_in(another, "tao").status_code == 303


def make_token(browser: httpx.Client, **given: object) -> httpx.Response:
    fields = {"title": "nightly", "days": "30", "scopes": ["see_reports"], **given}
    return send(browser, "/account/tokens", **fields)


def test_a_token_is_shown_once_and_works_until_it_is_revoked(host: str, database: str) -> None:
    account_id = person(database, "ping")
    with signed_in(host, "ping") as browser:
        answer = make_token(browser)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        token = secret(answer, "token")
        assert token.startswith("gsv_")
        assert token not in browser.get("/account").text
        with asking(host, token) as program:
            known = program.get("/api/v1/account").json()
            assert (known["name"], known["rights"]) == ("ping", ["see_reports"])
            with connect(database) as conn:
                (row,) = credentials.api_tokens(conn, account_id)
            assert send(browser, f"/account/tokens/{row['id']}/revoke").status_code == 303
            assert program.get("/api/v1/account").status_code == 401
        page = browser.get("/account").text
        assert "已吊销" in page
        assert "/revoke" not in page


def test_only_ones_own_tokens_can_be_revoked(host: str, database: str) -> None:
    person(database, "qiu")
    with connect(database) as conn:
        other = put_account(conn, "owner", "analyst")
        token = put_token(conn, other)
        token_id = credentials.api_tokens(conn, other)[0]["id"]
    with signed_in(host, "qiu") as browser:
        assert send(browser, f"/account/tokens/{token_id}/revoke").status_code == 404
    with asking(host, token) as program:
        assert program.get("/api/v1/account").status_code == 200


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"title": ""}, "a token's name has 1 to 60 characters"),
        ({"days": "0"}, "a token counts for 1 to 366 days, not 0"),
        ({"days": "367"}, "a token counts for 1 to 366 days, not 367"),
        ({"days": "-1"}, "a token counts for 1 to 366 days, not '-1'"),
        ({"days": "soon"}, "a token counts for 1 to 366 days, not 'soon'"),
        ({"scopes": []}, "a token needs at least one right"),
        ({"scopes": ["manage_accounts"]}, "right 'manage_accounts' is not known"),
        ({"title": HOSTILE, "scopes": [HOSTILE]}, "is not known; choose one of"),
    ],
)
def test_a_token_that_cannot_be_is_explained_and_the_form_kept(
    host: str, database: str, given: dict[str, object], message: str
) -> None:
    person(database, "shu")
    with signed_in(host, "shu") as browser:
        answer = make_token(in_english(browser), **given)
        assert answer.status_code == 422
        assert message in told(answer)
        assert "<script" not in answer.text
        assert f'name="title" value="{given.get("title", "nightly")}"' in unescape(answer.text)


def test_a_title_is_escaped_in_the_list(host: str, database: str) -> None:
    person(database, "wen")
    with signed_in(host, "wen") as browser:
        assert make_token(browser, title=HOSTILE).status_code == 200
        page = browser.get("/account").text
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_what_is_done_at_the_account_is_recorded_as_its_deed(host: str, database: str) -> None:
    account_id = person(database, "zhi")
    with signed_in(host, "zhi") as browser:
        make_token(browser)
        change(browser, PASSWORD, NEW)
        switch_on(browser)
        browser.post("/sign-out", data={"csrf": csrf(browser)})
    with connect(database) as conn:
        rows = conn.execute(
            "SELECT action, account_id, source, payload ->> 'name' FROM audit JOIN audit_payload ON audit_id = id"
            " WHERE account_id = %s ORDER BY id",
            (account_id,),
        ).fetchall()
    assert [row[0] for row in rows] == ["sign_in", "token.add", "account.password", "account.totp_on", "sign_out"]
    assert {row[1:] for row in rows} == {(account_id, "web", "zhi")}


def test_no_request_holds_a_connection_while_it_waits_for_another(database: str) -> None:
    person(database, "solo")
    with running(database, pool_size=1) as host, signed_in(host, "solo") as browser:
        with connect(database) as conn:
            conn.execute("UPDATE session SET seen_at = now() - interval '5 min'")
        assert make_token(browser).status_code == 200
        assert change(browser, PASSWORD, NEW).status_code == 303
        with connect(database) as conn:
            conn.execute("UPDATE session SET seen_at = now() - interval '5 min'")
        assert send(browser, "/sign-out").status_code == 303


def test_an_account_without_a_password_has_no_form_for_one(host: str, database: str) -> None:
    with connect(database) as conn:
        account_id = put_account(conn, "outside", "analyst")
        credentials.set_password(conn, account_id, None, must_change=False)
        credentials.add_session(conn, account_id, b"session-of-outside", "token-of-forms", 1)
    with visiting(host) as browser:
        browser.cookies.set("gridsvc", "session-of-outside")
        page = browser.get("/account?totp=on")
    assert page.status_code == 200
    assert "没有密码" in page.text
    assert "/account/password" not in page.text
    assert "/account/totp" not in page.text
