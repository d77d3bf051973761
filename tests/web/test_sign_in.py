"""Signing in and out over HTTP: cookies, sessions, forged forms, guessed passwords, and where one is led."""

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest

from gridsvc.store import accounts
from gridsvc.store.connection import connect
from tests.accounts import PASSWORD, put_account
from tests.service import running
from tests.web.browsing import csrf, hidden, me, send, sign_in, signed_in, told, visiting

PLENTY: dict[str, Any] = {"sign_ins_per_address": 10_000}


@pytest.fixture(scope="module")
def people(database: str) -> str:
    with connect(database) as conn:
        put_account(conn, "lin", "analyst", whole_city=True, password=PASSWORD)
        put_account(conn, "chen", "analyst", whole_city=True, password=PASSWORD)
        put_account(conn, "idle", password=PASSWORD)
        put_account(conn, "try-out", "analyst", password=PASSWORD, demo=True)
    return database


@pytest.fixture(scope="module")
def host(people: str) -> Iterator[str]:
    with running(people, **PLENTY) as found:
        yield found


def cookie(answer: httpx.Response, name: str) -> str:
    """The line that sets it."""
    (found,) = [line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{name}=")]
    return found


def test_a_session_over_plain_http_has_a_cookie_that_no_script_reads(host: str) -> None:
    with visiting(host) as browser:
        page = browser.get("/sign-in")
        form = cookie(page, "gridsvc-form").lower()
        line = cookie(sign_in(browser, "lin"), "gridsvc").lower()
    assert "httponly" in line
    assert "samesite=lax" in line
    assert "path=/" in line
    assert "max-age=43200" in line
    assert "secure" not in line
    assert "domain" not in line
    assert "httponly" in form
    assert "samesite=strict" in form
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'; ")
    assert page.headers["cache-control"] == "no-store"


def test_behind_a_trusted_proxy_with_tls_the_cookie_is_bound_to_the_host(people: str) -> None:
    with running(people, trusted_proxies="127.0.0.1") as host, visiting(host, **{"x-forwarded-proto": "https"}) as page:
        opened = page.get("/sign-in")
        form = hidden(opened.text, "form")
        sent = SimpleCookie(cookie(opened, "__Host-gridsvc-form"))["__Host-gridsvc-form"].value
        answer = page.post(
            "/sign-in",
            data={"form": form, "name": "lin", "password": PASSWORD},
            headers={"cookie": f"__Host-gridsvc-form={sent}"},
        )
        line = cookie(answer, "__Host-gridsvc")
        token = SimpleCookie(line)["__Host-gridsvc"].value
        there = page.get("/api/v1/account", headers={"cookie": f"__Host-gridsvc={token}"})
        by_the_plain_name = page.get("/api/v1/account", headers={"cookie": f"gridsvc={token}"})
    assert answer.status_code == 303
    assert "; secure" in line.lower()
    assert "path=/" in line.lower()
    assert "domain" not in line.lower()
    assert there.json()["name"] == "lin"
    assert by_the_plain_name.status_code == 401


def test_what_an_untrusted_proxy_says_does_not_count(host: str) -> None:
    with visiting(host, **{"x-forwarded-proto": "https"}) as browser:
        assert "gridsvc=" in cookie(sign_in(browser, "lin"), "gridsvc")


def test_signing_in_again_ends_the_session_before(host: str) -> None:
    with signed_in(host, "lin") as browser:
        before = browser.cookies["gridsvc"]
        assert browser.get("/sign-in").headers["location"] == "/"
        form = browser.cookies["gridsvc-form"]
        answer = browser.post("/sign-in", data={"form": form, "name": "chen", "password": PASSWORD})
        assert answer.status_code == 303
        assert browser.cookies["gridsvc"] != before
        assert me(browser) == "chen"
    with visiting(host) as thief:
        thief.cookies.set("gridsvc", before)
        assert me(thief) is None


def test_a_session_that_somebody_else_chose_never_counts(host: str) -> None:
    with visiting(host) as browser:
        browser.cookies.set("gridsvc", "chosen-by-an-attacker", domain=host.split(":")[0])
        assert me(browser) is None
        answer = sign_in(browser, "lin")
        assert answer.status_code == 303
        assert "chosen-by-an-attacker" not in cookie(answer, "gridsvc")
    with visiting(host) as attacker:
        attacker.cookies.set("gridsvc", "chosen-by-an-attacker")
        assert me(attacker) is None


@pytest.mark.parametrize("given", [{}, {"form": ""}, {"form": "x" * 43}])
def test_another_site_cannot_sign_a_browser_in(host: str, given: dict[str, str]) -> None:
    with visiting(host) as browser:
        browser.get("/sign-in")
        answer = browser.post("/sign-in", data={"name": "lin", "password": PASSWORD, **given})
        assert answer.status_code == 403
        assert "gridsvc" not in browser.cookies
        assert hidden(answer.text, "form") == browser.cookies["gridsvc-form"]
        assert "请重新填写" in answer.text
    with visiting(host) as bare:
        assert bare.post("/sign-in", data={"name": "lin", "password": PASSWORD, **given}).status_code == 403


def test_two_tabs_with_the_form_both_work(host: str) -> None:
    with visiting(host) as browser:
        first = hidden(browser.get("/sign-in").text, "form")
        browser.get("/sign-in?lang=en")
        assert browser.post("/sign-in", data={"form": first, "name": "lin", "password": PASSWORD}).status_code == 303


def test_forms_without_the_token_of_this_very_session_are_refused(host: str) -> None:
    with signed_in(host, "lin") as browser, signed_in(host, "chen") as other:
        wrong = [None, "", csrf(other)]
        ended = csrf(browser)
        sign_in_again(browser, "lin")
        for token in [*wrong, ended]:
            data = {} if token is None else {"csrf": token}
            for path in ("/sign-out", "/account/password", "/account/totp/on", "/account/tokens"):
                answer = browser.post(path, data=data)
                assert answer.status_code == 403
                assert "请重新打开页面" in answer.text
        assert me(browser) == "lin"


def sign_in_again(browser: httpx.Client, name: str) -> None:
    given = {"form": browser.cookies["gridsvc-form"], "name": name, "password": PASSWORD}
    assert browser.post("/sign-in", data=given).status_code == 303


ELSEWHERE = [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil",
    "javascript:alert(1)", "evil.example", "http:/evil.example", " //evil.example", "/sign-in?next=/", "/sign-out",
    "/\r\nSet-Cookie: a=b", "/%0d" + "x" * 3_000,
]  # fmt: skip


@pytest.mark.parametrize("wanted", ELSEWHERE)
@pytest.mark.parametrize("query", ["", "?lang=en"])
def test_nobody_is_sent_on_to_another_host(host: str, wanted: str, query: str) -> None:
    home = f"/{query}"
    with visiting(host) as browser:
        form = hidden(browser.get("/sign-in", params={"next": wanted}).text, "form")
        given = {"form": form, "name": "lin", "password": PASSWORD, "next": wanted}
        assert browser.post(f"/sign-in{query}", data=given).headers["location"] == home
        there = browser.get("/sign-in", params={"next": wanted, **({"lang": "en"} if query else {})})
        assert (there.status_code, there.headers["location"]) == (303, home)


def test_a_person_is_led_to_the_page_that_was_wanted(host: str) -> None:
    with visiting(host) as browser:
        asked = browser.get("/maps/heat?by=cell&subclass=event-0110")
        assert asked.status_code == 303
        form = browser.get(asked.headers["location"])
        wanted = hidden(form.text, "next")
        assert wanted == "/maps/heat?by=cell&subclass=event-0110"
        assert sign_in(browser, "lin", next=wanted).headers["location"] == wanted


def test_the_language_stays(host: str) -> None:
    with visiting(host) as browser:
        form = browser.get("/?lang=en", follow_redirects=True)
        assert '<html lang="en">' in form.text
        given = {"form": hidden(form.text, "form"), "name": "lin", "password": PASSWORD, "next": "/maps/heat?by=grid"}
        assert browser.post("/sign-in?lang=en", data=given).headers["location"] == "/maps/heat?by=grid&lang=en"
        assert send(browser, "/sign-out?lang=en").headers["location"] == "/sign-in?lang=en"


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(host: str) -> None:
    bodies = []
    for name, password in [("lin", "not the password"), ("nobody", PASSWORD), ("try-out", PASSWORD), ("", "")]:
        with visiting(host) as browser:
            answer = sign_in(browser, name, password)
            assert answer.status_code == 401
            assert f'name="name" value="{name}"' in answer.text
            form = browser.cookies["gridsvc-form"]
            bodies.append(answer.text.replace(f'value="{name}"', "").replace(form, "").replace(" autofocus", ""))
    assert len(set(bodies)) == 1
    assert "账号、密码或动态码不正确" in bodies[0]


def test_a_name_is_locked_after_ten_failures_whether_or_not_it_exists(people: str) -> None:
    with connect(people) as conn:
        put_account(conn, "guessed", password=PASSWORD)
    with running(people, **PLENTY) as host, visiting(host) as browser:
        for name in ("guessed", "unheard-of"):
            statuses = [sign_in(browser, name, "a guess").status_code for _ in range(10)]
            assert statuses == [401] * 10
            answer = sign_in(browser, name, PASSWORD)
            assert answer.status_code == 429
            assert 0 < int(answer.headers["retry-after"]) <= 15 * 60
            assert told(answer) == "此账号登录失败次数过多，请稍后再试"


def test_an_address_may_try_only_so_often(people: str) -> None:
    with running(people, sign_ins_per_address=2) as host, visiting(host) as browser:
        assert [sign_in(browser, "lin", "a guess").status_code for _ in range(3)] == [401, 401, 429]
        answer = sign_in(browser, "lin")
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        assert told(answer) == "失败的登录过多，请稍后再试"


def test_a_made_up_cookie_is_no_way_around_the_limit_of_the_public(people: str) -> None:
    with running(people, anonymous_requests_per_minute=3) as host, visiting(host) as browser:
        browser.cookies.set("gridsvc", "made-up")
        assert [browser.get("/docs").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_a_disabled_account_does_not_sign_in_and_its_session_ends(host: str, people: str) -> None:
    with connect(people) as conn:
        account_id = put_account(conn, "leaver", "analyst", password=PASSWORD)
    with signed_in(host, "leaver") as browser:
        assert me(browser) == "leaver"
        with connect(people) as conn:
            accounts.disable_account(conn, account_id)
        assert me(browser) is None
        assert sign_in(browser, "leaver").status_code == 401


def test_demo_accounts_sign_in_only_to_a_demo_whose_page_names_them(host: str, people: str) -> None:
    with visiting(host) as browser:
        assert "演示" not in browser.get("/sign-in").text
    with running(people, demo=True) as demo, visiting(demo) as browser:
        html = browser.get("/sign-in").text
        assert "<code>grid-head</code>" in html
        assert "网格长" in html
        assert PASSWORD not in html
        assert sign_in(browser, "try-out").status_code == 303


def test_signing_out_ends_the_session(host: str) -> None:
    with signed_in(host, "lin") as browser:
        token = browser.cookies["gridsvc"]
        answer = send(browser, "/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?lang=zh")
        assert "gridsvc" not in browser.cookies
        browser.cookies.set("gridsvc", token, domain=host.split(":")[0])
        assert me(browser) is None
        assert browser.post("/sign-out").status_code == 303


def test_fields_have_a_length(host: str) -> None:
    with visiting(host) as browser:
        for field, length in {"name": 61, "password": 201, "code": 11}.items():
            given = {"form": hidden(browser.get("/sign-in").text, "form"), "name": "lin", "password": "x"}
            assert browser.post("/sign-in", data={**given, field: "x" * length}).status_code == 422


def test_what_was_typed_is_escaped(host: str) -> None:
    with visiting(host) as browser:
        answer = sign_in(browser, '"><script>alert(1)</script>', next='/?a="><script>alert(1)</script>')
        assert "<script" not in answer.text
        assert "&#34;&gt;&lt;script&gt;" in answer.text


def test_the_button_of_the_citys_own_provider(people: str, host: str) -> None:
    with visiting(host) as browser:
        assert "/sign-in/oidc" not in browser.get("/sign-in").text
    given: dict[str, Any] = {"oidc_issuer": "https://id.example", "oidc_client_id": "g", "public_url": "https://g.test"}
    with running(people, oidc_title="市民卡 <Login>", **given) as with_provider, visiting(with_provider) as browser:
        html = browser.get("/sign-in?next=/maps/heat?by=grid").text
        assert 'href="/sign-in/oidc?next=%2Fmaps%2Fheat%3Fby%3Dgrid">市民卡 &lt;Login&gt;</a>' in html


def test_pages_show_only_what_the_visitor_may_open(host: str) -> None:
    with visiting(host) as browser:
        public = browser.get("/docs").text
    assert 'href="/sign-in?lang=zh"' in public
    assert 'href="/maps/heat' not in public
    with signed_in(host, "lin") as browser:
        own = browser.get("/docs").text
        refused = browser.get("/accounts")
    assert refused.status_code == 403
    for html in (own, refused.text):
        assert 'href="/maps/heat' in html
        pages = html.split('class="pages"')[1].split("</nav>")[0]
        assert 'href="/accounts' not in pages
        assert 'href="/audit' not in pages
        assert 'href="/account?lang=zh"' in html
        assert hidden(html, "csrf")
