"""Two people with different areas hammer the same endpoints: nothing of the one ever reaches the other."""

import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import pytest

from tests.access import town
from tests.access.test_matrix import tile_of
from tests.access.town import TOWN
from tests.service import asking, running

SECONDS = float(os.environ.get("GRIDSVC_HAMMER_SECONDS", "60"))
CONNECTIONS, POOL = 16, 4
MARKS = {
    "inspector-west": ("1-0101", "3-0101", "report-1", "report-3"),
    "analyst-east": ("2-0101", "4-0101", "report-2", "report-4"),
}
"""What only the one sees: manhole covers and reports of the own half."""


@dataclass
class Seen:
    answers: int = 0
    not_modified: int = 0
    own: set[str] = field(default_factory=set)
    leaks: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def service(database: str) -> Iterator[tuple[str, dict[str, str | None]]]:
    tokens = town.build(database)
    with running(database, pool_size=POOL) as host:
        yield host, tokens


def paths() -> list[str]:
    lon, lat = TOWN.lonlat("e")
    tiles = [f"/tiles/components/16/{x}/{y}.mvt" for x, y in {tile_of(*TOWN.lonlat(mark), 16) for mark in "1234"}]
    return [
        *tiles, "/api/v1/components?limit=50", "/api/v1/components?limit=2&offset=1", "/api/v1/reports",
        f"/api/v1/components/nearby?lon={lon}&lat={lat}&radius=2000&limit=100", "/api/v1/statistics?by=day",
        "/maps/heat",
    ]  # fmt: skip


def hammer(host: str, token: str, name: str, until: float) -> Seen:
    """One connection that asks without pause, as one person, and keeps the tags of tiles as a browser does."""
    seen, tags, chance = Seen(), dict[str, str](), random.Random()
    foreign = {mark for other, marks in MARKS.items() if other != name for mark in marks}
    own, asked = MARKS[name], paths()
    with asking(host, token) as client:
        while time.monotonic() < until:
            path = chance.choice(asked)
            headers = {"If-None-Match": tags[path]} if path in tags and chance.random() < 0.5 else {}
            answer = client.get(path, headers=headers)
            _look(seen, path, answer, foreign, own, tags)
    return seen


def _look(
    seen: Seen, path: str, answer: httpx.Response, foreign: set[str], own: tuple[str, ...], tags: dict[str, str]
) -> None:
    seen.answers += 1
    if answer.status_code == 304:
        seen.not_modified += 1
        return
    if answer.status_code != 200:
        seen.leaks.append(f"{path}: {answer.status_code} {answer.text[:200]}")
        return
    if "etag" in answer.headers:
        tags[path] = answer.headers["etag"]
    text = answer.content.decode("utf-8", "replace")
    seen.leaks += [f"{path}: {mark}" for mark in foreign if mark in text]
    seen.own |= {mark for mark in own if mark in text}
    if path.startswith("/api/v1/statistics") and answer.json()["total"] != 2:
        seen.leaks.append(f"{path}: {answer.text[:200]}")


def test_nothing_of_the_one_reaches_the_other(service: tuple[str, dict[str, str | None]]) -> None:
    host, tokens = service
    names = [name for name in MARKS for _ in range(CONNECTIONS // 2)]
    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        found = list(threads.map(lambda name: hammer(host, str(tokens[name]), name, until), names))
    assert [leak for seen in found for leak in seen.leaks] == []
    for name, seen in zip(names, found, strict=True):
        assert seen.own == set(MARKS[name]), "it saw all of its own"
        assert seen.answers > SECONDS
    assert sum(seen.not_modified for seen in found) > 0
