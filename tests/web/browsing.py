"""What a browser does with the pages of accounts, over HTTP: cookies, forms, signing in."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import httpx

from tests.accounts import PASSWORD

HTML = {"accept": "text/html"}


def visiting(host: str, **headers: str) -> httpx.Client:
    """A browser that keeps cookies and does not follow redirects."""
    return httpx.Client(
        base_url=f"http://{host}", timeout=60, trust_env=False, verify=False, headers={**HTML, **headers}
    )


def hidden(html: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', html)
    assert found is not None, f"no hidden field {name}"
    return unescape(found[1])


def sign_in(browser: httpx.Client, name: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
    """Opens the form and sends it; `next` and `code` among the fields."""
    wanted = {"next": fields["next"]} if "next" in fields else {}
    form = hidden(browser.get("/sign-in", params=wanted).text, "form")
    return browser.post("/sign-in", data={"form": form, "name": name, "password": password, **fields})


@contextmanager
def signed_in(host: str, name: str, password: str = PASSWORD, **fields: str) -> Iterator[httpx.Client]:
    with visiting(host) as browser:
        answer = sign_in(browser, name, password, **fields)
        assert answer.status_code == 303, answer.text
        yield browser


def csrf(browser: httpx.Client, path: str = "/account") -> str:
    return hidden(browser.get(path).text, "csrf")


def send(browser: httpx.Client, path: str, **fields: object) -> httpx.Response:
    """A form of a page, with the token of the session."""
    return browser.post(path, data={"csrf": csrf(browser), **fields})


def me(browser: httpx.Client) -> str | None:
    """Whom the service takes this browser for."""
    answer = browser.get("/api/v1/account")
    return str(answer.json()["name"]) if answer.status_code == 200 else None


def in_english(browser: httpx.Client) -> httpx.Client:
    browser.headers["accept-language"] = "en"
    return browser


def told(answer: httpx.Response) -> str:
    """What the page complains about."""
    found = re.search(r'role="alert"><strong>[^<]*</strong> ([^<]*)<', answer.text)
    return unescape(found[1]) if found else ""


def secret(answer: httpx.Response, name: str) -> str:
    """What is shown once: a password or a token."""
    found = re.search(rf'class="secret" id="{name}">([^<]+)<', answer.text)
    assert found is not None, f"no secret {name}"
    return found[1]
