"""The migrations make exactly what the declarations say, and every index says what it is for."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg.conninfo import make_conninfo

from gridsvc import resources
from gridsvc.errors import SetupError
from gridsvc.localdb.binaries import find_installation
from gridsvc.store import migrate, permissions, setup
from gridsvc.store.connection import connect
from gridsvc.store.queries import FOLDER, queries
from gridsvc.store.tables import declare
from tests.database import SERVICE, as_service, drop, run
from tests.sketch import SRID

Cloned = Callable[[str], "contextmanager[str]"]


def test_nothing_is_left_for_alembic_to_do(database: str) -> None:
    with migrate.engine(database).connect() as connection:
        options = {"include_object": migrate.compares, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, declare(SRID)) == []


def test_a_dump_of_the_declared_schema_equals_one_of_the_migrated(server: str, database: str) -> None:
    name = "gridsvc_test_declared"
    drop(server, name)
    run(server, f'CREATE DATABASE "{name}" TEMPLATE template0')
    url = make_conninfo(server, dbname=name)
    try:
        with connect(url) as conn:
            for extension in setup.EXTENSIONS:
                conn.execute(f"CREATE EXTENSION {extension}")
        declare(SRID).create_all(migrate.engine(url))
        with connect(url) as conn:
            conn.execute("CREATE TABLE alembic_version (version_num text)")
            conn.execute("CREATE SCHEMA procrastinate")
            permissions.apply_permissions(conn, SERVICE)
        assert statements(url) == statements(database)
    finally:
        drop(server, name)


def statements(url: str) -> set[str]:
    """The schema as a set of statements; alembic's own table and those of the queue are not ours."""
    with connect(url) as conn:
        version = conn.info.server_version // 10_000
    options = ["--schema-only", "--no-owner", "--no-privileges", "-T", "alembic_version", "-N", "procrastinate"]
    dump = [find_installation(version).program("pg_dump"), *options, url]
    text = subprocess.run(dump, capture_output=True, text=True, check=True).stdout
    kept = [line for line in text.splitlines() if not line.startswith(("--", "\\"))]
    return {re.sub(r"\s+", " ", part).strip() for part in "\n".join(kept).split(";\n")}


def test_every_index_names_a_query_or_a_foreign_key() -> None:
    for table in declare(SRID).tables.values():
        for index in table.indexes:
            serves = index.info["serves"]
            assert serves in queries() or serves.startswith("foreign key: "), f"{index.name}: {serves}"


def test_every_query_is_used() -> None:
    code = "\n".join(file.read_text() for file in FOLDER.parent.glob("*.py"))
    unused = [name for name in queries() if f'"{name}"' not in code and not name.startswith("statistics_by_")]
    assert unused == []


def test_migrations_have_numbered_names() -> None:
    files = sorted(file.name for file in (resources.folder("migrations") / "versions").glob("*.py"))
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    assert all(re.fullmatch(r"\d{4}_[a-z_]+\.py", name) for name in files)


def test_the_crs_of_a_city_cannot_change(database: str) -> None:
    with pytest.raises(SetupError, match="the CRS of a city cannot change"):
        setup.prepare(database, as_service(database), 26985)


def test_a_database_of_another_release_is_refused(conn: psycopg.Connection) -> None:
    conn.execute("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(SetupError, match="stands at schema 0000, this release needs"):
        setup.check_schema(conn)


def test_the_package_carries_its_migrations_and_catalogue(tmp_path: Path) -> None:
    root = resources.PACKAGE.parent
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=root, capture_output=True, check=True)
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    assert "gridsvc/resources/migrations/versions/0001_first.py" in names
    assert "gridsvc/resources/geodata/catalogue/components_124.csv" in names
