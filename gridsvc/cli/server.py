"""`gridsvc serve`."""

import socket
from typing import Annotated

import typer
import uvicorn

from gridsvc.api.app import create_app
from gridsvc.cli.context import addresses, embedded
from gridsvc.config import Settings
from gridsvc.errors import SetupError
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from gridsvc.store.setup import check_schema


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
    address = addresses(settings).database_url
    with connect(address) as conn:  # said here in one line, where the server would print a traceback
        the_city(conn)
        check_schema(conn)
    app = create_app(address)
    at = f"http://{settings.host}:{settings.port}"
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
