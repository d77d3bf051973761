"""The API of imports as a page sees it: it answers from `imports_made` and remembers what it was told."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Route

from tests.web import imports_made as made

STEPS_OF_CHECK = 3
"""Questions after which a step is done."""


@dataclass
class Fake:
    """Answers what a page asks, and remembers what it was told to do."""

    batch: dict[str, Any] = field(default_factory=made.batch)
    told: list[tuple[str, str, Any]] = field(default_factory=list)
    asked_while_at_work: int = 0
    listed: list[dict[str, Any]] = field(default_factory=made.history)
    refuses: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Path after the batch's number → status and Chinese detail."""

    def serve(self, page: Page) -> None:
        page.route("**/api/v1/**", self._answer)
        page.route("**/tiles/**", lambda route: route.fulfill(status=200, body=b""))

    def _answer(self, route: Route) -> None:
        request = route.request
        parts = urlsplit(request.url)
        path = parts.path.removeprefix("/api/v1/imports")
        rest = path.removeprefix(f"/{self.batch['id']}")
        if rest in self.refuses and request.method != "GET":
            status, zh = self.refuses[rest]
            body = {"title": "", "status": status, "detail": "refused", "detail_zh": zh}
            route.fulfill(status=status, json=body, content_type="application/problem+json")
        elif request.method != "GET":
            said = None if "multipart" in request.headers.get("content-type", "") else request.post_data
            self.told.append((request.method, path, json.loads(said) if said else None))
            self._do(rest)
            route.fulfill(status=201 if path == "" else 202, json={"id": self.batch["id"]})
        else:
            route.fulfill(json=self._found(parts.path, rest, parse_qs(parts.query)))

    def _found(self, path: str, rest: str, query: dict[str, list[str]]) -> Any:
        whole = {"/api/v1/imports": {"total": 47, "imports": self.listed}, "/api/v1/areas": {"areas": made.AREAS}}
        if path in whole:
            return whole[path]
        answers = {"/suggestion": made.suggestion, "/rejected": made.rejected}
        asked = {"/findings": made.findings, "/changes": made.changes, "/features": made.features}
        if rest in answers:
            return answers[rest]()
        return asked[rest](query) if rest in asked else self._at_work()

    def _at_work(self) -> dict[str, Any]:
        work = self.batch["work"]
        if work.get("state") == "working":
            self.asked_while_at_work += 1
            work["done"] = int(made.ROWS * self.asked_while_at_work / (STEPS_OF_CHECK + 1))
            if self.asked_while_at_work > STEPS_OF_CHECK:
                self._finish(work["step"])
        return self.batch

    def _finish(self, step: str) -> None:
        self.asked_while_at_work = 0
        ended = {"check": made.checked, "promote": made.promoted, "rollback": made.rolled_back}
        self.batch = ended[step]()

    def _do(self, rest: str) -> None:
        step = {"/definition": "check", "/check": "check", "/promote": "promote", "/rollback": "rollback"}.get(rest)
        if step:
            self.batch["work"] = {"step": step, "state": "working", "done": 0, "total": made.ROWS}
        elif rest == "/cancel":
            self.batch["work"]["state"] = "cancelled"
        elif rest == "/drop":
            self.batch["state"] = "dropped"
