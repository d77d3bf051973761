"""A real PostGIS for the tests: a migrated template once, a clone per module, a rollback per test.

The server is the one of GRIDSVC_DATABASE_URL, or an embedded cluster without fsync that goes when the tests end.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from gridsvc.cli.load import initialise
from gridsvc.localdb import Addresses, Cluster
from gridsvc.store import permissions
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect
from tests.sketch import SRID

TOWN = City(
    name_zh="试验城",
    name_en="Test town",
    srid=SRID,
    district_code="510799",
    time_zone="Asia/Shanghai",
    heat_kind=None,
    synthetic=True,
)
TEMPLATE = f"gridsvc_test_{os.getpid()}_template"
SERVICE = "gridsvc_test_service"
"""The role of the service in tests: it owns nothing, as in earnest."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server where databases may be made, as a superuser; it has the role of the service."""
    given = os.environ.get("GRIDSVC_ADMIN_URL") or os.environ.get("GRIDSVC_DATABASE_URL")
    if given:
        make_service_role(given)
        yield given
        return
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), fsync=False)
    try:
        cluster.up()
        make_service_role(cluster.addresses().admin_url)
        yield cluster.addresses().admin_url
    finally:
        cluster.remove()


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """Name of a database with the schema, the catalogue and an empty town."""
    url = make_conninfo(server, dbname=TEMPLATE)
    with alone(server):
        initialise(TOWN, Addresses(admin_url=url, database_url=as_service(url)))
    yield TEMPLATE
    drop(server, TEMPLATE)


@pytest.fixture(scope="session")
def cloned(server: str, template: str) -> Callable[[str], "contextmanager[str]"]:
    """`with cloned(name) as address:` is a fresh copy of the template."""

    @contextmanager
    def clone(name: str) -> Iterator[str]:
        database = f"gridsvc_test_{os.getpid()}_{name}"[:63]
        run(server, f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        try:
            run(server, f'REVOKE CONNECT, TEMPORARY ON DATABASE "{database}" FROM PUBLIC')  # it is no part of a copy
            run(server, f'GRANT CONNECT ON DATABASE "{database}" TO {SERVICE}')
            run(server, f'GRANT TEMPORARY ON DATABASE "{database}" TO {permissions.SYSTEM}')
            yield make_conninfo(server, dbname=database)
        finally:
            drop(server, database)

    return clone


@pytest.fixture(scope="module")
def database(cloned: Callable[[str], "contextmanager[str]"], request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of the module's own database, as its owner."""
    with cloned(request.module.__name__.replace(".", "_").lower()[-40:]) as url:
        yield url


@pytest.fixture
def conn(database: str) -> Iterator[Connection]:
    """A connection whose work is rolled back when the test ends."""
    with connect(database) as connection, connection.transaction(force_rollback=True):
        yield connection


@pytest.fixture
def town(conn: Connection) -> City:
    return the_city(conn)


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


def as_service(url: str) -> str:
    """The same database as the service connects to it."""
    return make_conninfo(url, user=SERVICE, password=SERVICE)


@contextmanager
def alone(server: str) -> Iterator[psycopg.Connection]:
    """A connection to a server that other workers of this run may use too; roles are the server's, made one by one."""
    with psycopg.connect(make_conninfo(server, dbname="postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('gridsvc.tests'))")
        yield connection


def make_service_role(server: str) -> None:
    with alone(server) as connection:
        if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (SERVICE,)).fetchone() is None:
            run(server, f"CREATE ROLE {SERVICE} LOGIN PASSWORD '{SERVICE}'")


def run(server: str, statement: str) -> None:
    with psycopg.connect(make_conninfo(server, dbname="postgres"), autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def drop(server: str, database: str) -> None:
    run(server, f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
