"""`gridsvc serve` and `gridsvc work`.

What serves is imported where it is begun: it takes a second, for which every other command would wait.
"""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from typing import Annotated

import typer

from gridsvc.access.work import working
from gridsvc.api import logs
from gridsvc.cli.context import addresses, embedded
from gridsvc.config import Settings
from gridsvc.errors import SetupError
from gridsvc.jobs import worker
from gridsvc.jobs.seconds import every_second
from gridsvc.jobs.tasks import Site
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect, open_pool
from gridsvc.store.permissions import check_service_role
from gridsvc.store.setup import check_schema


def serve(
    port: Annotated[int | None, typer.Option(help="Port; GRIDSVC_PORT or 8000 if not said.")] = None,
    work: Annotated[
        bool,
        typer.Option(help="Do background work too: imports, sealing the audit, erasing; else run `gridsvc work`."),
    ] = True,
) -> None:
    """Serve pages and API."""
    settings = Settings() if port is None else Settings(port=port)
    check_port_free(settings)
    with _database(settings):
        run(settings, work=work)


def work_alone() -> None:
    """Do what `serve --no-work` leaves to others: imports, sealing the audit every second, erasing once a day."""
    from gridsvc.api.app import folders_of

    settings = Settings()
    logs.to_stderr()
    with _database(settings):
        address = addresses(settings).database_url
        _check_ready(address)
        with (
            closing(open_pool(address, 1)) as pool,
            working(pool, folders_of(settings), settings.session_idle_minutes, every_second),
        ):
            worker.run(Site(address=address, settings=settings, demo=False))


def run(settings: Settings, *, demo: bool = False, work: bool = True) -> None:
    """Serve until told to stop."""
    import uvicorn

    from gridsvc.api.app import create_app

    address = addresses(settings).database_url
    _check_ready(address)
    app = create_app(address, settings, demo=demo, work=work)
    at = f"{'https' if settings.tls_certificate else 'http'}://{settings.host}:{settings.port}"
    typer.echo(f"  Serving     {at}/  maps {at}/maps/heat  API {at}/docs  (Ctrl+C stops)")
    if not (_is_loopback(settings.host) or settings.tls_certificate or settings.trusted_proxies):
        typer.echo(
            f"gridsvc: {settings.host} is reached by others and nothing is encrypted: set GRIDSVC_TLS_…", err=True
        )
    logs.to_stderr()
    site = Site(address=address, settings=settings, demo=demo)
    with worker.beside(site, logs.to_stderr) if work else nullcontext():
        uvicorn.run(
            app, host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False,
            proxy_headers=False, ssl_certfile=settings.tls_certificate, ssl_keyfile=settings.tls_key,
        )  # fmt: skip


def _check_ready(address: str) -> None:
    """Said here in one line, where the server would print a traceback."""
    with connect(address) as conn:
        the_city(conn)
        check_service_role(conn)
        check_schema(conn)


@contextmanager
def _database(settings: Settings) -> Iterator[None]:
    """The embedded database is up; whoever started it stops it."""
    cluster = embedded(settings)
    started = cluster.up() if cluster and cluster.status().exists else False
    try:
        yield
    finally:
        if cluster and started:
            cluster.down()


def check_loopback(settings: Settings) -> None:
    """Demo accounts are for whoever sits at this machine."""
    if settings.trusted_proxies:
        raise SetupError("a demo is not served behind a proxy: its accounts are known; unset GRIDSVC_TRUSTED_PROXIES")
    if not _is_loopback(settings.host):
        raise SetupError(f"a demo is not served on {settings.host}: its accounts are known; unset GRIDSVC_HOST")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
