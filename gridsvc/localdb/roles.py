"""The two roles and the database of the embedded cluster."""

from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from gridsvc.errors import SetupError

ADMIN = "gridsvc_admin"
SERVICE = "gridsvc"
DATABASE = "gridsvc"


def address(role: str, password: str, socket_folder: Path, port: int, database: str) -> str:
    """Over the unix socket: a program that took the port while the server was down never sees a password."""
    return f"postgresql://{role}:{quote(password)}@/{database}?host={quote(str(socket_folder), safe='')}&port={port}"


def make_roles(admin_url: str, service_password: str) -> None:
    """Makes role and database unless they exist; the service's password is set in any case."""
    try:
        with psycopg.connect(admin_url, autocommit=True, connect_timeout=10) as connection:
            _make_service_role(connection, service_password)
            _make_database(connection)
    except psycopg.Error as error:
        raise SetupError(f"roles and database of the embedded cluster cannot be made: {error}") from error


def _make_service_role(connection: psycopg.Connection, password: str) -> None:
    hashed = connection.pgconn.encrypt_password(password.encode(), SERVICE.encode(), b"scram-sha-256").decode()
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [SERVICE]).fetchone()
    statement = "ALTER ROLE {} PASSWORD {}" if exists else "CREATE ROLE {} LOGIN PASSWORD {}"
    connection.execute(sql.SQL(statement).format(sql.Identifier(SERVICE), sql.Literal(hashed)))


def _make_database(connection: psycopg.Connection) -> None:
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
        names = sql.Identifier(DATABASE), sql.Identifier(ADMIN)
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
