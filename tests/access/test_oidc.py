"""Signing in by a city's own OpenID Connect provider, over HTTP from end to end."""

import pytest

from gridsvc.access import oidc
from gridsvc.access.accounts import reset_account
from gridsvc.store.connection import connect
from gridsvc.web.cookies import HOME, local_path
from tests.access.journey import (
    CALLBACK,
    PUBLIC,
    account,
    at_provider,
    audit_rows,
    disable,
    from_provider,
    known_person,
    linked,
    query_of,
    refused,
    settings,
    sign_in,
)
from tests.access.provider import CLIENT, SECRET, TOKEN
from tests.accounts import put_account
from tests.service import asking, running

NOBODY = "no account here for this person"


def test_the_account_of_that_name_is_linked_and_signed_in(database, provider, browser):
    account_id = account(database, "wang.li")
    provider.person = {"sub": "subject-1", "preferred_username": " Wang.LI "}
    answer = sign_in(browser, "/maps/heat?by=cell&lang=en")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/maps/heat?by=cell&lang=en"
    assert browser.get("/api/v1/account").json()["name"] == "wang.li"
    assert linked(database, account_id) == (provider.issuer, "subject-1")
    assert audit_rows(database)[-1][:2] == ("sign_in", f"account {account_id}")
    assert audit_rows(database)[-1][2] == {"by": "oidc"}


def test_once_linked_the_subject_counts_and_the_name_does_not(database, provider, browser, host):
    account(database, "zhao")
    provider.person = {"sub": "zhao-1", "preferred_username": "zhao"}
    assert sign_in(browser).status_code == 303
    for claim in ("renamed", None, 7):
        provider.person = {"sub": "zhao-1", "preferred_username": claim}
        with asking(host) as another:
            assert sign_in(another).status_code == 303
            assert another.get("/api/v1/account").json()["name"] == "zhao"
    provider.person = {"sub": "zhao-2", "preferred_username": "zhao"}
    with asking(host) as another:
        refused(another, sign_in(another), NOBODY)


@pytest.mark.parametrize("claim", ["nobody.here", "", "two words", "a" * 61, "\ud800", "\0", 7, None, ["qian"], True])
def test_unknown_people_are_refused(database, provider, browser, claim):
    account(database, "qian")
    provider.person = {"sub": "unknown", "preferred_username": claim}
    refused(browser, sign_in(browser), NOBODY)
    action, thing, after = audit_rows(database)[-1]
    assert (action, thing, after["by"]) == ("sign_in.failed", "an unknown name", "oidc")


def test_a_disabled_account_is_refused_as_if_it_were_unknown(database, provider, browser):
    before, after = account(database, "sun"), account(database, "li")
    provider.person = {"sub": "li-1", "preferred_username": "li"}
    assert sign_in(browser).status_code == 303
    disable(database, before, after)
    browser.cookies.clear()
    refusals = []
    for name in ("li", "sun", "nobody.here"):
        provider.person = {"sub": f"{name}-1", "preferred_username": name}
        answer = sign_in(browser)
        refused(browser, answer, NOBODY)
        refusals.append(answer.json()["detail"])
    assert len(set(refusals)) == 1
    assert linked(database, before) == (None, None)
    assert [thing for _, thing, _ in audit_rows(database)[-3:]] == [f"account {after}", *["an unknown name"] * 2]


def test_an_account_with_a_password_is_nobodys_by_its_name(database, provider, browser):
    """Names can be chosen at some providers: `admin` of ours is not whoever is called so there."""
    with connect(database) as conn:
        account_id = put_account(conn, "boss", "administrator", whole_city=True, password="correct horse battery")
    provider.person = {"sub": "mallory", "preferred_username": "Boss"}
    refused(browser, sign_in(browser), NOBODY)
    assert linked(database, account_id) == (None, None)
    with connect(database) as conn:
        reset_account(conn, account_id, password=False)
    assert sign_in(browser).status_code == 303
    assert [row[0] for row in audit_rows(database)[-2:]] == ["account.link", "sign_in"]


def test_a_demo_account_cannot_be_had(database, provider, browser):
    with connect(database) as conn:
        put_account(conn, "demo.one", demo=True)
    provider.person = {"sub": "demo-1", "preferred_username": "demo.one"}
    refused(browser, sign_in(browser), NOBODY)


def test_an_address_that_is_not_verified_names_nobody(database, provider):
    account(database, "zhou@city.example")
    with running(database, **settings(provider.issuer), oidc_name_claim="email") as host, asking(host) as browser:
        assert "email" in query_of(browser.get("/sign-in/oidc").headers["location"])["scope"].split()
        provider.person = {"sub": "zhou-1", "email": "zhou@city.example", "email_verified": False}
        refused(browser, sign_in(browser), NOBODY)
        del provider.person["email_verified"]
        refused(browser, sign_in(browser), NOBODY)
        provider.person["email_verified"] = True
        assert sign_in(browser).status_code == 303


def test_the_session_from_before_ends(database, provider, browser, host):
    known_person(database, provider)
    sign_in(browser)
    first = browser.cookies["gridsvc"]
    sign_in(browser)
    assert browser.cookies["gridsvc"] != first
    with asking(host) as another:
        another.cookies.set("gridsvc", first)
        assert another.get("/api/v1/account").status_code == 401


def test_a_state_that_is_missing_or_wrong_is_refused(database, provider, browser, host):
    known_person(database, provider)
    asked = at_provider(browser)
    before = len(audit_rows(database))
    for query in ({"code": asked["code"]}, {**asked, "state": "wrong"}, {**asked, "state": "é"}, {}):
        refused(browser, browser.get(CALLBACK, params=query), "begin again")
    with asking(host) as another:  # who lures somebody else to an answer of his own
        refused(another, another.get(CALLBACK, params=asked), "begin again")
        for cookie in ("", ".", "....", "a.b.c", "a.b.c.%%", "é.é.é.é".encode().hex()):
            another.cookies.set("gridsvc-oidc", cookie)
            refused(another, another.get(CALLBACK, params=asked), "begin again")
            another.cookies.clear()
    assert provider.asked[TOKEN] == 0
    assert len(audit_rows(database)) == before + 11
    assert browser.get(CALLBACK, params=asked).status_code == 303


def test_an_answer_counts_once(database, provider, browser):
    known_person(database, provider)
    asked = at_provider(browser)
    flow = browser.cookies["gridsvc-oidc"]
    assert browser.get(CALLBACK, params=asked).status_code == 303
    assert "gridsvc-oidc" not in browser.cookies
    browser.cookies.clear()
    refused(browser, browser.get(CALLBACK, params=asked), "begin again")
    browser.cookies.set("gridsvc-oidc", flow)
    refused(browser, browser.get(CALLBACK, params=asked), "does not know this sign-in any more")


def test_an_answer_of_another_provider_is_refused(database, provider, browser):
    known_person(database, provider)
    asked = at_provider(browser)
    answer = browser.get(CALLBACK, params={**asked, "iss": "https://elsewhere.example"})
    refused(browser, answer, "not of the city's sign-in service")


@pytest.mark.parametrize("error", ["access_denied", "server_error", "<script>"])
def test_an_error_of_the_provider_is_shown_and_not_repeated(database, provider, browser, error):
    known_person(database, provider)
    provider.error = error
    answer = sign_in(browser)
    refused(browser, answer, "did not sign you in")
    assert ("cancelled" in answer.text) == (error == "access_denied")
    assert error not in answer.text
    assert provider.asked[TOKEN] == 0


def test_a_refusal_is_a_page_for_people(browser):
    browser.headers["accept"] = "text/html"
    browser.headers["accept-language"] = "en"
    answer = browser.get(CALLBACK)
    assert answer.status_code == 401
    assert "begin again" in answer.text


def test_without_an_issuer_there_is_no_such_page(database):
    with running(database) as host, asking(host) as browser:
        assert browser.get("/sign-in/oidc").status_code == 404
        assert browser.get(CALLBACK).status_code == 404


def test_attempts_are_limited(database, provider):
    with running(database, **settings(provider.issuer) | {"sign_ins_per_address": 3}) as host, asking(host) as browser:
        assert [browser.get(CALLBACK).status_code for _ in range(4)] == [401, 401, 401, 429]
        assert browser.get("/sign-in/oidc").status_code == 303


def test_the_question_to_the_provider(provider, browser):
    answer = browser.get("/sign-in/oidc")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{provider.issuer}/authorize?")
    asked = query_of(answer.headers["location"])
    assert asked["redirect_uri"] == PUBLIC + CALLBACK
    assert asked["scope"] == "openid profile"
    again = query_of(browser.get("/sign-in/oidc").headers["location"])
    assert all(asked[name] != again[name] for name in ("state", "nonce", "code_challenge"))


def test_cookies_are_for_the_server_only(database, provider):
    known_person(database, provider)
    given = settings(provider.issuer) | {"trusted_proxies": "127.0.0.1"}
    with running(database, **given) as host, asking(host) as browser:
        plain = browser.get("/sign-in/oidc").headers["set-cookie"]
        assert plain.startswith("gridsvc-oidc=")
        for words in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"):
            assert words in plain
        assert "Secure" not in plain
        browser.headers["x-forwarded-proto"] = "https"
        begun = browser.get("/sign-in/oidc")
        flow = begun.headers["set-cookie"].split(";")[0]
        back = query_of(from_provider(begun.headers["location"]))
        answer = browser.get(CALLBACK, params=back, headers={"cookie": flow})
        session, forgotten = answer.headers.get_list("set-cookie")
        assert session.startswith("__Host-gridsvc=")
        assert forgotten.startswith('__Host-gridsvc-oidc="";')
        assert "Max-Age=0" in forgotten
        for cookie in (begun.headers["set-cookie"], session, forgotten):
            for words in ("HttpOnly", "SameSite=lax", "Path=/", "Secure"):
                assert words in cookie
            assert "Domain" not in cookie


OUTSIDE = ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
           "javascript:alert(1)", "evil.example", "", "/a\r\nSet-Cookie: x=1", "/sign-in/oidc", "/sign-out",
           "/" + "a" * 1_000, "/" + "城" * 200]  # fmt: skip


@pytest.mark.parametrize("wanted", OUTSIDE)
def test_one_is_never_led_outside(database, provider, browser, wanted):
    assert local_path(wanted) == HOME
    known_person(database, provider)
    assert sign_in(browser, wanted).headers["location"] == HOME


def test_a_cookie_of_somebody_else_does_not_lead_outside_either(database, provider, browser):
    known_person(database, provider)
    asked = at_provider(browser)
    flow = browser.cookies["gridsvc-oidc"].rpartition(".")[0]
    browser.cookies.clear()
    browser.cookies.set("gridsvc-oidc", f"{flow}.Ly9ldmlsLmV4YW1wbGU")  # //evil.example
    assert browser.get(CALLBACK, params=asked).headers["location"] == HOME


@pytest.mark.parametrize("wanted", ["/", "/maps/heat?by=cell&from=2016-07-08", "/%E5%9F%8E?a=%0A#b", "/城"])
def test_paths_of_ours_are_kept(wanted):
    assert local_path(wanted) == wanted


def test_secrets_are_not_shown():
    given = oidc.Provider(
        issuer="https://a", client_id=CLIENT, client_secret=SECRET, redirect_uri=PUBLIC, name_claim="sub"
    )
    assert SECRET not in repr(given)
    flow = oidc.Flow(state="the-state", nonce="the-nonce", verifier="the-verifier")
    assert "the-" not in repr(flow)
    assert oidc.Flow.from_cookie(flow.to_cookie()) == flow
