"""The desk of imports over HTTP: a service and a worker of their own on a town, and people to ask."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from gridsvc.config import Settings
from gridsvc.jobs import worker
from gridsvc.jobs.tasks import Site
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests.accounts import put_account, put_token
from tests.database import as_service
from tests.ingest.layers import put_town
from tests.jobs import steps
from tests.service import asking, running

IMPORTS = "/api/v1/imports"
PEOPLE = {"wang": "gis_staff", "li": "gis_staff", "analyst": "analyst"}


@dataclass(frozen=True, kw_only=True)
class Desk:
    host: str
    database: str
    data: Path
    tokens: dict[str, str]

    def of(self, name: str) -> httpx.Client:
        return asking(self.host, self.tokens[name])

    def leftovers(self) -> list[Path]:
        """What uploads that did not come to an end have left."""
        return list((self.data / "uploads").glob(".*"))


@contextmanager
def desk(database: str, data: Path, *, work: bool = True, **given: Any) -> Iterator[Desk]:
    with connect(database) as conn:
        put_town(conn, the_city(conn))
        tokens = {
            name: put_token(conn, put_account(conn, name, role, whole_city=True)) for name, role in PEOPLE.items()
        }
    settings = Settings(data_folder=data, **given)
    site = Site(address=as_service(database), settings=settings, demo=False)
    with running(database, data_folder=data, **given) as host:
        found = Desk(host=host, database=database, data=data, tokens=tokens)
        if not work:
            yield found
            return
        with worker.beside(site, steps.as_they_are):
            yield found


def send(client: httpx.Client, *files: Path) -> httpx.Response:
    return client.post(IMPORTS, files=[("file", (file.name, file.read_bytes())) for file in files])


def brought(client: httpx.Client, *files: Path) -> int:
    """The number of a new import whose inspection has ended well."""
    answer = send(client, *files)
    assert answer.status_code == 201, answer.text
    batch = int(answer.json()["id"])
    ended(client, batch)
    return batch


def ended(client: httpx.Client, batch: int, state: str = "done", seconds: float = 40) -> dict[str, Any]:
    """The import once its step has ended, in this state."""
    end = time.monotonic() + seconds
    while True:
        found: dict[str, Any] = client.get(f"{IMPORTS}/{batch}").json()
        if found["work"]["state"] not in ("waiting", "working"):
            assert found["work"]["state"] == state, f"{found['work']} {found['error']}"
            return found
        assert time.monotonic() < end, found["work"]
        time.sleep(0.1)


def step(client: httpx.Client, batch: int, name: str) -> dict[str, Any]:
    answer = client.post(f"{IMPORTS}/{batch}/{name}")
    assert answer.status_code == 202, answer.text
    return ended(client, batch)
