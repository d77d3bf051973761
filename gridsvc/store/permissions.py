"""Roles of the database, row-level security, and who may read what: `sql/permissions/*.sql`, applied at set-up."""

import hashlib
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql as compose

from gridsvc.domain.access import ROLE_RIGHTS, visibility_rank
from gridsvc.errors import SetupError
from gridsvc.store.connection import Connection, first_line
from gridsvc.store.rows import execute, execute_many, tuples, value, values

FOLDER = Path(__file__).parent / "sql" / "permissions"
CALLER, SYSTEM = "gridsvc_caller", "gridsvc_system"
"""Group roles that the service takes for a transaction: the one sees what policies let it see, the other everything."""
FIRST_VISIBILITIES = {
    "sensitive": ("0150", "0501", "0510"),  # surveillance cameras, civil-defence works, major hazard sources
    "public": ("0152", "0201", "0202", "0204", "0301", "0302", "0305", "0398", "0407"),  # what anybody may look for
}
"""What a new city begins with; `gridsvc visibility` changes it."""


def apply_permissions(conn: Connection, service: str) -> None:
    """As the owner of the database: all of it anew, in one transaction."""
    if service == conn.info.user:
        raise SetupError(
            f"the service cannot be {service}, who owns the database: row-level security would not hold for it; "
            "set GRIDSVC_ADMIN_URL to the owner and GRIDSVC_DATABASE_URL to a role that owns nothing"
        )
    _make_roles(conn, service)
    with conn.transaction():
        new = value(conn, "permission_checksum") is None
        for file in sorted(FOLDER.glob("*.sql")):
            conn.execute(_script(conn, file, service))
        _connect_only(conn, service)
        execute(conn, "clear_role_rights")
        rights = [{"role": role, "right_name": right} for role, rights in ROLE_RIGHTS.items() for right in rights]
        execute_many(conn, "add_role_right", rights)
        if new:
            execute_many(conn, "set_visibility", _first_visibilities())
        execute(conn, "set_permission_checksum", checksum=checksum())


def checksum() -> str:
    """Of everything that apply_permissions writes: a database with another one is of another release."""
    texts = [file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.sql"))]
    rights = sorted((role, sorted(rights)) for role, rights in ROLE_RIGHTS.items())
    return hashlib.sha256(repr((texts, rights)).encode()).hexdigest()


def check_service_role(conn: Connection) -> None:
    """The service refuses to run as a role for which policies would not hold."""
    if value(conn, "role_is_mighty"):
        raise SetupError(
            f"the service runs as {conn.info.user}, for whom row-level security does not hold (a superuser, the owner "
            "of the tables, or BYPASSRLS): set GRIDSVC_DATABASE_URL to the role that `gridsvc init` prepared"
        )
    if value(conn, "database_is_open"):
        raise SetupError(
            f"every role of the server may connect to the database {conn.info.dbname}, other cities' services too; "
            "was it copied or restored? run `gridsvc init` with the administrator's address"
        )


OPEN_TABLES = (
    "alembic_version", "area", "area_edge", "area_kind", "area_piece", "area_revision", "area_succession",
    "calendar_day", "calendar_year", "catalogue_subclass",
    "catalogue_version", "channel", "channel_category", "city", "clock_rules", "department", "duplicate_rule",
    "duty_revision", "duty_rule", "guide", "lane_rule", "layer", "near_distance", "permission_version", "place",
    "place_batch", "place_name", "rule_book", "stage_limit", "subclass_visibility", "team_post", "team_template",
    "team_use", "time_limit", "work_hours",
)  # fmt: skip
"""Without row-level security, since everybody may know what is in them."""


def open_tables(conn: Connection) -> list[str]:
    """What a caller could read though no policy says so."""
    return [
        f"table {name} has no row-level security, and callers may read it"
        for name in values(conn, "tables_without_policies", caller=CALLER)
        if name not in OPEN_TABLES
    ]


def tampered(conn: Connection) -> list[str]:
    """What somebody changed in the database itself since the last set-up."""
    rights = {(role, right.value) for role, rights in ROLE_RIGHTS.items() for right in rights}
    found = set(tuples(conn, "role_rights"))
    return [
        *(f"role {role} has the right {right}, which no release gives" for role, right in sorted(found - rights)),
        *(f"role {role} lacks the right {right}" for role, right in sorted(rights - found)),
        *(f"a policy that is not ours: {name}" for name in values(conn, "strange_policies", caller=CALLER)),
        *(f"a trigger is switched off: {name}" for name in values(conn, "silent_triggers")),
    ]


def own_rights(conn: Connection) -> list[str]:
    """Tables that the service may touch without taking a role, beyond those that it must read to begin."""
    found = values(conn, "tables_of_the_service", but=["alembic_version", "city", "permission_version"])
    return [f"{conn.info.user} has rights of its own on table {name}" for name in found]


def _script(conn: Connection, file: Path, service: str) -> LiteralString:
    """The files are ours, so their text counts as literal."""
    return file.read_text(encoding="utf-8").replace("{service}", compose.Identifier(service).as_string(conn))


def _first_visibilities() -> list[dict[str, object]]:
    return [
        {"subclass_code": code, "visibility": visibility_rank(name)}
        for name, codes in FIRST_VISIBILITIES.items()
        for code in codes
    ]


def _make_roles(conn: Connection, service: str) -> None:
    """Roles belong to the whole server, so another database may have made them already."""
    statements = {CALLER: "CREATE ROLE {} NOLOGIN", SYSTEM: "CREATE ROLE {} NOLOGIN BYPASSRLS"}
    try:
        for role, statement in statements.items():
            if not value(conn, "role_exists", role=role):
                _create(conn, compose.SQL(statement).format(compose.Identifier(role)))
        _lend(conn, service)
    except psycopg.errors.InsufficientPrivilege as error:
        needed = "; ".join(text.format(role) for role, text in statements.items())
        raise SetupError(
            f"{conn.info.user} may not make the roles of row-level security ({first_line(error)}): "
            f"let a superuser run: {needed}; {_lending(conn, service).as_string(conn)}"
        ) from error


def _create(conn: Connection, statement: compose.Composed) -> None:
    try:
        conn.execute(statement)
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        return  # somebody else was quicker


def _lend(conn: Connection, service: str) -> None:
    if not value(conn, "roles_are_lent", service=service, roles=[CALLER, SYSTEM]):
        conn.execute(_lending(conn, service))


def _lending(conn: Connection, service: str) -> compose.Composed:
    """The service may take both roles, and has nothing of them until it does."""
    names = [compose.Identifier(name) for name in (CALLER, SYSTEM, service)]
    if conn.info.server_version >= 160_000:
        return compose.SQL("GRANT {}, {} TO {} WITH INHERIT FALSE, SET TRUE").format(*names)
    return compose.SQL("ALTER ROLE {2} NOINHERIT; GRANT {0}, {1} TO {2}").format(*names)


def _connect_only(conn: Connection, service: str) -> None:
    """The group roles serve every city of a server, so only a city's own service may connect to its database."""
    database, role = compose.Identifier(conn.info.dbname), compose.Identifier(service)
    for statement in (
        "REVOKE CONNECT, TEMPORARY ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {service}",
        "GRANT TEMPORARY ON DATABASE {database} TO {system}",
        "GRANT USAGE ON SCHEMA public TO {service}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {service}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {service}",
        "GRANT SELECT ON city, alembic_version, permission_version TO {service}",
    ):
        text = compose.SQL(statement)
        conn.execute(text.format(database=database, service=role, system=compose.Identifier(SYSTEM)))
