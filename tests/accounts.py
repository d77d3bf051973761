"""Accounts and tokens for tests."""

import secrets

from gridsvc.access.accounts import Person, add_account
from gridsvc.access.passwords import hashed
from gridsvc.domain.access import Right, Role
from gridsvc.store import accounts, credentials
from gridsvc.store.connection import Connection

CHIEF = (Role.ADMINISTRATOR, Role.GIS_STAFF, Role.INTAKE_CLERK, Role.SHIFT_LEADER, Role.DISPATCHER)
PASSWORD = "correct horse battery"


def put_account(
    conn: Connection,
    name: str,
    *roles: str,
    areas: tuple[str, ...] = (),
    department: str | None = None,
    whole_city: bool = False,
    password: str | None = None,
    demo: bool = False,
) -> int:
    """An account that is ready to be used; the same one if it is there already."""
    known = accounts.account_by_name(conn, name)
    if known is not None:
        return known.id
    person = Person(display_name=name, roles=roles, department=department, whole_city=whole_city, areas=areas)
    account_id, _ = add_account(conn, name, person, password=False, demo=demo)
    if password is not None:
        credentials.set_password(conn, account_id, hashed(password), must_change=False)
    return account_id


def put_token(conn: Connection, account_id: int, *scopes: str, days: int = 1) -> str:
    """An API token of all rights, or of some."""
    token = "gsv_" + secrets.token_urlsafe(32)
    chosen = scopes or [right.value for right in Right]
    credentials.add_api_token(conn, account_id, "test", token.encode(), chosen, days)
    return token


def put_session(conn: Connection, account_id: int) -> tuple[str, str]:
    """A web session: its token and what its forms bring back."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    credentials.add_session(conn, account_id, token.encode(), csrf, 12)
    return token, csrf
