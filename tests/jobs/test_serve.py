"""`gridsvc serve` with its worker, as it is started, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests.accounts import put_account, put_token
from tests.database import as_service
from tests.ingest.layers import LAMP, points, put_town, write

GRIDSVC = str(Path(sys.executable).parent / "gridsvc")
IMPORTS = "/api/v1/imports"


@pytest.fixture(scope="module")
def token(database: str) -> str:
    with connect(database) as conn:
        put_town(conn, the_city(conn))
        return put_token(conn, put_account(conn, "wang", "gis_staff", whole_city=True))


@pytest.fixture
def environ(database: str, tmp_path: Path) -> dict[str, str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("GRIDSVC_")}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {**own, "GRIDSVC_DATA_FOLDER": str(tmp_path), "GRIDSVC_PORT": str(port),
            "GRIDSVC_ADMIN_URL": database, "GRIDSVC_DATABASE_URL": as_service(database)}  # fmt: skip


@contextmanager
def serving(environ: dict[str, str], token: str, *more: str) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    """The service once it answers; ended with SIGTERM unless it has ended."""
    with subprocess.Popen([GRIDSVC, "serve", *more], env=environ, stdout=subprocess.DEVNULL) as process:
        base = f"http://127.0.0.1:{environ['GRIDSVC_PORT']}"
        with httpx.Client(
            base_url=base, trust_env=False, verify=False, headers={"Authorization": f"Bearer {token}"}
        ) as client:
            until = time.monotonic() + 40
            while not _answers(client):
                assert process.poll() is None, "it ended"
                assert time.monotonic() < until, "it does not answer"
                time.sleep(0.2)
            yield process, client
        process.terminate()
        process.wait(25)


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/ready").status_code == 200
    except httpx.TransportError:
        return False


def _work(client: httpx.Client, batch: int, seconds: float = 40) -> dict[str, Any]:
    """Once nothing waits or works any more."""
    until = time.monotonic() + seconds
    while (work := client.get(f"{IMPORTS}/{batch}").json()["work"])["state"] in ("waiting", "working"):
        assert time.monotonic() < until, work
        time.sleep(0.2)
    return dict(work)


def test_imports_wait_for_a_worker_and_go_on_after_the_service_was_killed(
    environ: dict[str, str], token: str, tmp_path: Path
) -> None:
    file = write(tmp_path / "lamps.zip", points("12"))
    with serving(environ, token, "--no-work") as (_, client):
        batch = client.post(IMPORTS, files={"file": (file.name, file.read_bytes())}).json()["id"]
        assert client.get(f"{IMPORTS}/{batch}").json()["work"]["state"] == "waiting"
    with serving(environ, token) as (process, client):
        assert _work(client, batch)["state"] == "done"
        mine = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        assert psutil.wait_procs(mine, timeout=15)[1] == []
    with serving(environ, token) as (_, client):
        definition = {"target": "components", "constants": {"subclass": LAMP}}
        assert client.put(f"{IMPORTS}/{batch}/definition", json=definition).status_code == 202
        assert _work(client, batch)["state"] == "done"
        client.post(f"{IMPORTS}/{batch}/promote")
        assert _work(client, batch)["state"] == "done"
        assert client.get("/api/v1/components").json()["total"] == 2


def test_the_work_can_be_done_elsewhere(environ: dict[str, str], token: str, tmp_path: Path) -> None:
    file = write(tmp_path / "more.zip", points("34"))
    with serving(environ, token, "--no-work") as (process, client):
        assert [one for one in psutil.Process(process.pid).children() if "spawn" in " ".join(one.cmdline())] == []
        batch = client.post(IMPORTS, files={"file": (file.name, file.read_bytes())}).json()["id"]
        with subprocess.Popen([GRIDSVC, "work"], env=environ) as worker:
            assert _work(client, batch)["state"] == "done"
            worker.terminate()
            assert worker.wait(20) == 0
