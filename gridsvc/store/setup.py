"""Making a database ready: extensions, schema, permissions."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql as compose
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pyproj import CRS
from sqlalchemy.exc import ProgrammingError

from gridsvc.domain.crs import project_one
from gridsvc.errors import SetupError
from gridsvc.store import migrate
from gridsvc.store.city import find_city, projected
from gridsvc.store.connection import Connection, check_address, connect, first_line, without_password
from gridsvc.store.permissions import apply_permissions, checksum
from gridsvc.store.rows import execute, value

EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")


def prepare(admin_url: str, service_url: str, srid: int) -> None:
    """Create the database if it is missing, its extensions and its newest schema. Safe to repeat, also at once."""
    check_address(service_url)
    create_database(admin_url)
    with connect(admin_url) as conn, one_at_a_time(conn):
        city = find_city(conn)
        if city is not None and city.srid != srid:
            raise SetupError(
                f"database {without_password(admin_url)} holds {city.name_en} in EPSG:{city.srid}; "
                f"the CRS of a city cannot change (EPSG:{srid} was asked): use another database"
            )
        _create_extensions(conn, admin_url)
        _check_projection(conn, srid)
        _migrate(admin_url, srid)
        apply_permissions(conn, str(conninfo_to_dict(service_url).get("user") or conn.info.user))


@contextmanager
def one_at_a_time(conn: Connection) -> Iterator[None]:
    """Others that set up the same database wait until this one is done."""
    execute(conn, "lock_setup")
    try:
        yield
    finally:
        execute(conn, "unlock_setup")


def _migrate(admin_url: str, srid: int) -> None:
    try:
        migrate.upgrade(admin_url, srid)
    except ProgrammingError as error:
        if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise
        raise SetupError(
            f"database {without_password(admin_url)}: this role may not make tables "
            f"({error.orig.diag.message_primary}): set GRIDSVC_ADMIN_URL to the owner of the database"
        ) from error


def check_schema(conn: Connection) -> None:
    """The service refuses a database of another release."""
    found = value(conn, "schema_revision") if value(conn, "has_city_table") else None
    if found != migrate.newest():
        raise SetupError(
            f"the database stands at schema {found or '(none)'}, this release needs {migrate.newest()}: "
            "run `gridsvc init` with the administrator's address"
        )
    if value(conn, "permission_checksum") != checksum():
        raise SetupError(
            "the database has the permissions of another release: run `gridsvc init` with the administrator's address"
        )


def create_database(admin_url: str) -> None:
    """If the address's database does not exist, make it by way of the server's `postgres` database."""
    check_address(admin_url)
    try:
        psycopg.connect(admin_url, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        name = conninfo_to_dict(admin_url).get("dbname")
        if name is None or not _is_missing(admin_url, str(name)):
            raise SetupError(f"database {without_password(admin_url)} does not answer: {first_line(error)}") from error
        _create(admin_url, str(name))


def _is_missing(admin_url: str, name: str) -> bool:
    """Whether the server answers and has no database of that name."""
    try:
        with psycopg.connect(make_conninfo(admin_url, dbname="postgres"), connect_timeout=10) as conn:
            return conn.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is None
    except psycopg.OperationalError:
        return False


def _create(admin_url: str, name: str) -> None:
    create = compose.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(compose.Identifier(name))
    with connect(make_conninfo(admin_url, dbname="postgres")) as conn:
        try:
            conn.execute(create)
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return  # somebody else was quicker
        except psycopg.errors.InsufficientPrivilege as error:
            raise SetupError(
                f"database {name} does not exist on the server, and {conn.info.user} may not create it: "
                "create it there, or set GRIDSVC_ADMIN_URL to a role that may"
            ) from error


def _create_extensions(conn: Connection, admin_url: str) -> None:
    for name in EXTENSIONS:
        try:
            conn.execute(compose.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(compose.Identifier(name)))
        except psycopg.Error as error:
            raise SetupError(
                f"database {without_password(admin_url)}: extension {name} cannot be created ({first_line(error)}); "
                "install PostGIS and PostgreSQL's contrib extensions on the server, or let a superuser create it "
                "in this database"
            ) from error


def _check_projection(conn: Connection, srid: int) -> None:
    """PostGIS and pyproj must project alike, or a point would stand in two places."""
    use = CRS.from_epsg(srid).area_of_use
    if use is None:
        return
    lon, lat = (use.west + use.east) / 2, (use.south + use.north) / 2
    ours = project_one(srid, lon, lat)
    theirs = projected(conn, srid, lon, lat)
    apart = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
    if apart > 0.001:
        raise SetupError(
            f"EPSG:{srid}: PostGIS and pyproj project {lon:.3f}, {lat:.3f} to places {apart:.3f} m apart; "
            "their PROJ versions or grids differ"
        )
