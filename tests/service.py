"""The service as it is run: uvicorn on a free port of this machine, in a thread."""

import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from gridsvc.api.app import create_app
from gridsvc.config import Settings
from gridsvc.store.connection import connect
from tests.accounts import CHIEF, put_account, put_token
from tests.database import as_service


@contextmanager
def running(
    database: str, *, demo: bool = False, work: bool = False, pool_size: int = 8, **given: Any
) -> Iterator[str]:
    """The service on a database, whose owner's address is given, with some settings; gives host:port."""
    folder = Path(tempfile.mkdtemp(prefix="gridsvc-test-"))
    settings = Settings(**{"data_folder": folder, **given})
    app = create_app(as_service(database), settings, demo=demo, work=work, pool_size=pool_size)
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:  # or asyncio would leave Nagle on: 40 ms an answer
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app, log_level="error", server_header=False, proxy_headers=False, timeout_graceful_shutdown=5
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the service did not start"
                time.sleep(0.02)
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def client(database: str, **given: Any) -> Iterator[httpx.Client]:
    """A client of the service on a database, as an account that may do everything."""
    with connect(database) as conn:
        token = put_token(conn, put_account(conn, "chief", *CHIEF, whole_city=True))
    with running(database, **given) as host, asking(host, token) as found:
        yield found


def asking(host: str, token: str | None = None) -> httpx.Client:
    """A client of a running service, with an API token or as the public."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    # Nothing is encrypted here, and to read the certificates that nobody needs takes longer than most answers
    return httpx.Client(base_url=f"http://{host}", timeout=30, trust_env=False, verify=False, headers=headers)
