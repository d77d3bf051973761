"""A headless Chromium for the tests, and a watch on what a page does behind its user's back.

The fixtures reach every test by `tests/conftest.py`.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]  # fmt: skip


def chromium() -> str:
    """The path of the Chromium that the tests drive."""
    names = (os.environ.get("GRIDSVC_CHROMIUM"), "/usr/bin/chromium", "google-chrome", "chromium-browser")
    for name in names:
        if name and (found := shutil.which(name)):
            return found
    pytest.fail("no Chromium found; install Debian's package chromium or set GRIDSVC_CHROMIUM to its path")


@dataclass
class Watch:
    """What a page asked for and complained about."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Write down from now on every request, console error or warning, and uncaught error of `page`."""
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def strangers(self, own: str = "") -> list[str]:
        """The requests over a network, except those to the host and port `own`."""
        known = ("file", "data", "about", "blob")
        parts = [(url, urlsplit(url)) for url in self.requests]
        return [url for url, part in parts if part.scheme not in known and not (own and part.netloc == own)]

    def assert_quiet(self, own: str = "") -> None:
        """Nothing was asked of another host, and nothing was complained about."""
        assert self.strangers(own) == []
        assert self.complaints == []


@dataclass
class Window:
    """A page under watch."""

    page: Page
    watch: Watch

    def open(self, html: str, folder: Path, name: str = "page.html") -> Page:
        """Write `html` to a file and open it as a person would, by file://."""
        path = folder / name
        path.write_text(html, encoding="utf-8")
        self.page.goto(path.as_uri())
        return self.page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for each file of tests.

    Not for the whole run: while it lives, Playwright's event loop holds this thread, and `asyncio.run` in any other
    test would fail.
    """
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[Window]:
    """A fresh page of 1280 by 800 under watch."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    watch = Watch()
    watch.follow(page)
    yield Window(page, watch)
    context.close()
