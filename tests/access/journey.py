"""A browser's way to the provider and back, and what came of it."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from gridsvc.store.connection import connect
from tests.access.provider import CLIENT, SECRET, Provider
from tests.accounts import put_account

PUBLIC = "http://grid.example"
CALLBACK = "/sign-in/oidc/callback"


def settings(issuer: str) -> dict[str, Any]:
    return {
        "oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "public_url": PUBLIC + "/",
        "sign_ins_per_address": 10_000,
    }  # fmt: skip


def sign_in(browser: httpx.Client, wanted: str = "/") -> httpx.Response:
    """The answer to the person who comes back from the provider."""
    return browser.get(CALLBACK, params=at_provider(browser, wanted))


def at_provider(browser: httpx.Client, wanted: str = "/") -> dict[str, str]:
    """What the provider sends back by the browser."""
    begun = browser.get("/sign-in/oidc", params={"next": wanted})
    assert begun.status_code == 303, begun.text
    return query_of(from_provider(begun.headers["location"]))


def from_provider(address: str) -> str:
    with httpx.Client(trust_env=False, verify=False) as client:
        back = client.get(address).headers["location"]
    assert back.startswith(PUBLIC + CALLBACK)
    return back


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def refused(browser: httpx.Client, answer: httpx.Response, why: str) -> None:
    assert answer.status_code == 401, answer.text
    assert why in answer.json()["detail"]
    _no_session(browser, answer)


def unavailable(browser: httpx.Client, answer: httpx.Response, why: str) -> None:
    assert answer.status_code == 503, answer.text
    assert why in answer.json()["detail"]
    _no_session(browser, answer)


def _no_session(browser: httpx.Client, answer: httpx.Response) -> None:
    assert "set-cookie" not in answer.headers
    assert browser.get("/api/v1/account").status_code == 401


def known_person(database: str, provider: Provider) -> None:
    account(database, "zheng")
    provider.person = {"sub": "zheng-1", "preferred_username": "zheng"}


def account(database: str, name: str) -> int:
    with connect(database) as conn:
        return put_account(conn, name, "analyst", whole_city=True)


def disable(database: str, *accounts: int) -> None:
    with connect(database) as conn:
        conn.execute("UPDATE account SET disabled_at = now() WHERE id = ANY(%s)", (list(accounts),))


def linked(database: str, account_id: int) -> tuple[str | None, str | None]:
    with connect(database) as conn:
        return conn.execute("SELECT oidc_issuer, oidc_subject FROM account WHERE id = %s", (account_id,)).fetchone()


def audit_rows(database: str) -> list[tuple[str, str, dict[str, str]]]:
    """Actions, their things and what was noted, oldest first."""
    with connect(database) as conn:
        rows = conn.execute(
            "SELECT action, thing, payload -> 'after' FROM audit JOIN audit_payload ON audit_id = id ORDER BY id"
        )
        return [(action, thing, after or {}) for action, thing, after in rows]
