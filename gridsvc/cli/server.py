"""`gridsvc serve`."""

import signal
import socket
import sys
from typing import Annotated

import typer
import uvicorn

from gridsvc.api.app import create_app
from gridsvc.cli.context import addresses, embedded
from gridsvc.config import Settings
from gridsvc.errors import SetupError


def serve(
    port: Annotated[int | None, typer.Option(help="Port; GRIDSVC_PORT or 8000 if not said.")] = None,
) -> None:
    """Serve pages and API on 127.0.0.1."""
    settings = Settings() if port is None else Settings(port=port)
    check_port_free(settings)
    cluster = embedded(settings)
    started = cluster.up() if cluster and cluster.status().exists else False
    try:
        run(settings)
    finally:
        if cluster and started:
            cluster.down()


def run(settings: Settings) -> None:
    """Serve until told to stop."""
    app = create_app(addresses(settings).database_url)
    at = f"http://{settings.host}:{settings.port}"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that whoever started a database stops it too
    typer.echo(f"  Serving     {at}/  maps {at}/maps/heat  API {at}/docs  (Ctrl+C stops)")
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning", server_header=False)


def check_port_free(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SetupError(
                f"port {settings.port} of {settings.host} cannot be had ({error.strerror}): "
                "stop what uses it, or choose another with GRIDSVC_PORT (`make run PORT=8001`)"
            ) from error
