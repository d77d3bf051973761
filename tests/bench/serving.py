"""One point over HTTP beside an endpoint that does nothing, of the same server, behind the same authentication."""

import asyncio
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from gridsvc.domain.crs import FloatArray, unproject
from gridsvc.localdb import Addresses
from gridsvc.store.connection import connect
from tests.accounts import CHIEF, put_account, put_token
from tests.bench.figures import Figure, at_least, shown
from tests.sketch import SRID

SERVER = """
import sys
import uvicorn
from gridsvc.api.app import create_app
from gridsvc.api.dependencies import TheCaller
from gridsvc.config import Settings

app = create_app(sys.argv[1], Settings(data_folder=sys.argv[2]), work=False)

@app.get("/api/v1/empty")
def empty(caller: TheCaller) -> dict[str, str]:
    return {}

uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[3]), log_config=None, access_log=False)
"""
LINES, WARM, SETTLE, SECONDS, PAIRS = 8, 5.0, 0.2, 1.0, 40
"""Connections that each ask again as soon as they are answered, so the server is never idle; both ways in turns."""


def one_point_over_http(addresses: Addresses, folder: Path, x: FloatArray, y: FloatArray) -> Iterator[Figure]:
    """x, y in the city's CRS; the areas are in the database."""
    with connect(addresses.admin_url) as conn:
        token = put_token(conn, put_account(conn, "chief", *CHIEF, whole_city=True))
    places = zip(*unproject(SRID, x, y), strict=True)
    located = [_asking(f"/api/v1/locate?lon={lon}&lat={lat}", token) for lon, lat in places]
    with _served(addresses.database_url, folder) as port:
        pairs = asyncio.run(_rates(port, [[_asking("/api/v1/empty", token)], located]))
    ratio = statistics.median(ours / empty for empty, ours in pairs)
    empty, ours = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    yield at_least("one point over HTTP, to an empty endpoint", "", ratio, 0.8)
    yield shown("one point over HTTP", "requests/s", ours, **{"an empty endpoint": empty})


@contextmanager
def _served(database_url: str, folder: Path) -> Iterator[int]:
    """The service in a process of its own, which holds its index."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen([sys.executable, "-c", SERVER, database_url, str(folder / "served"), str(port)])
    try:
        wait_until_ready(server, port)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def wait_until_ready(server: "subprocess.Popen[bytes]", port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        for _ in range(300):
            time.sleep(0.5)
            try:
                ready = client.get("/ready").json()
            except httpx.TransportError:
                if server.poll() is not None:
                    raise RuntimeError("the service did not start") from None
                continue
            if ready["index_revision"] == ready["area_revision"]:
                return
    raise RuntimeError("the service made no index")


def _asking(path: str, token: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


async def _rates(port: int, kinds: list[list[bytes]]) -> list[tuple[float, ...]]:
    """Requests answered per second, of each kind of request, PAIRS times."""
    answered, asked, chance = [0], [kinds[0]], random.Random(1)
    lines = [asyncio.create_task(_line(port, lambda: chance.choice(asked[0]), answered)) for _ in range(LINES)]
    await asyncio.sleep(WARM)  # the pool opens its connections
    rates = []
    for _ in range(PAIRS):
        pair = []
        for asked[0] in kinds:
            await asyncio.sleep(SETTLE)
            before, begun = answered[0], time.perf_counter()
            await asyncio.sleep(SECONDS)
            pair.append((answered[0] - before) / (time.perf_counter() - begun))
        rates.append(tuple(pair))
    for line in lines:
        line.cancel()
        with suppress(asyncio.CancelledError):
            await line
    return rates


async def _line(port: int, asking: Callable[[], bytes], answered: list[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            writer.write(asking())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if not head.startswith(b"http/1.1 200"):
                raise RuntimeError(head.decode())
            await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
            answered[0] += 1
    finally:
        writer.close()
