"""The service as it is run: uvicorn on a free port of this machine, in a thread."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from gridsvc.api.app import create_app


@contextmanager
def running(database: str) -> Iterator[str]:
    """The service on a database; gives host:port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            create_app(database), log_level="error", server_header=False, timeout_graceful_shutdown=5
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


@contextmanager
def client(database: str) -> Iterator[httpx.Client]:
    """A client of the service on a database."""
    with running(database) as host, httpx.Client(base_url=f"http://{host}", timeout=30, trust_env=False) as found:
        yield found
