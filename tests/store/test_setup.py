"""Making a database ready, on servers that do not allow everything."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from gridsvc.errors import SetupError
from gridsvc.store import setup
from gridsvc.store.connection import connect, without_password
from tests.database import drop, run
from tests.sketch import SRID

NAME = "gridsvc_test_setup"


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
        setup.prepare(url, url, SRID)
        setup.prepare(url, url, SRID)
        with connect(url) as conn:
            setup.check_schema(conn)
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


def test_the_service_may_change_rows_but_not_tables(server: str, modest: str) -> None:
    owner = make_conninfo(server, dbname=NAME)
    setup.prepare(owner, modest, SRID)
    with connect(modest) as conn:
        assert conn.execute("SELECT count(*) FROM component").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("DROP TABLE component")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("UPDATE alembic_version SET version_num = 'x'")
    with connect(owner) as conn:
        conn.execute("DROP OWNED BY gridsvc_test_setup_role")


def test_no_answer_is_one_line_without_the_password() -> None:
    url = "postgresql://someone:secret@127.0.0.1:1/nowhere"
    with pytest.raises(SetupError, match="does not answer") as caught, connect(url):
        pass
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in without_password(url)
