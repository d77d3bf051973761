"""Making a database ready, on servers that do not allow everything."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from gridsvc.errors import SetupError
from gridsvc.store import permissions, setup
from gridsvc.store.connection import connect, without_password
from tests.database import as_service, drop, run
from tests.sketch import SRID

NAME = "gridsvc_test_setup"
FORBIDDEN = (
    "SELECT FROM component",
    "SELECT FROM credential",
    "DELETE FROM audit",
    "DROP TABLE component",
    "UPDATE alembic_version SET version_num = 'x'",
    "SELECT begin_account(1, NULL, false, '', '', '', false)",
)
"""What the service's role cannot do unless it takes another one."""


@pytest.fixture
def modest(server: str) -> Iterator[str]:
    """Address of a database that is not there yet, for a role that may do nothing."""
    role = f"{NAME}_role"
    run(server, f"DROP ROLE IF EXISTS {role}")
    run(server, f"CREATE ROLE {role} LOGIN PASSWORD 'modest'")
    yield make_conninfo(server, dbname=NAME, user=role, password="modest")
    drop(server, NAME)
    run(server, f"DROP ROLE {role}")


def test_a_missing_database_is_made(server: str) -> None:
    url = make_conninfo(server, dbname=NAME)
    try:
        setup.prepare(url, as_service(url), SRID)
        setup.prepare(url, as_service(url), SRID)
        with connect(as_service(url)) as conn:
            setup.check_schema(conn)
            permissions.check_service_role(conn)
    finally:
        drop(server, NAME)


def test_a_role_that_may_not_create_it_is_told_so(modest: str) -> None:
    with pytest.raises(SetupError, match=f"database {NAME} does not exist on the server, and .* may not create it"):
        setup.prepare(modest, modest, SRID)


def test_a_role_that_may_not_create_extensions_is_told_so(server: str, modest: str) -> None:
    run(server, f'CREATE DATABASE "{NAME}"')
    with pytest.raises(SetupError, match="extension postgis cannot be created"):
        setup.prepare(modest, modest, SRID)


def test_a_role_that_may_not_make_tables_is_told_so(server: str, modest: str) -> None:
    run(server, f'CREATE DATABASE "{NAME}"')
    with connect(make_conninfo(server, dbname=NAME)) as conn:
        for name in setup.EXTENSIONS:
            conn.execute(f"CREATE EXTENSION {name}")  # type: ignore[call-overload]
    with pytest.raises(SetupError, match=r"this role may not make tables .*: set GRIDSVC_ADMIN_URL"):
        setup.prepare(modest, modest, SRID)


def test_the_service_has_no_rights_of_its_own(server: str, modest: str) -> None:
    owner = make_conninfo(server, dbname=NAME)
    setup.prepare(owner, modest, SRID)
    with connect(modest) as conn:
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement)  # type: ignore[call-overload]
    with connect(owner) as conn:
        conn.execute("DROP OWNED BY gridsvc_test_setup_role")


def test_the_owner_cannot_be_the_service(server: str) -> None:
    owner = make_conninfo(server, dbname=NAME)
    try:
        with pytest.raises(SetupError, match="who owns the database: row-level security would not hold"):
            setup.prepare(owner, owner, SRID)
        with connect(owner) as conn, pytest.raises(SetupError, match="for whom row-level security does not hold"):
            permissions.check_service_role(conn)
    finally:
        drop(server, NAME)


def test_another_service_of_the_server_cannot_connect(server: str, modest: str) -> None:
    """Both services may take the roles that the whole server shares, so neither may reach the other's city."""
    owner = make_conninfo(server, dbname=NAME)
    setup.prepare(owner, as_service(owner), SRID)
    with pytest.raises(SetupError, match="permission denied for database"), connect(modest):
        pass


def test_no_answer_is_one_line_without_the_password() -> None:
    url = "postgresql://someone:secret@127.0.0.1:1/nowhere"
    with pytest.raises(SetupError, match="does not answer") as caught, connect(url):
        pass
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in without_password(url)
