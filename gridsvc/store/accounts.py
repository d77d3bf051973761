"""Accounts: who they are, what they may do, where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gridsvc.store.connection import Connection
from gridsvc.store.rows import execute, execute_many, objects, tuples, value, values


@dataclass(frozen=True, kw_only=True)
class Account:
    id: int
    name: str
    display_name: str
    department: str | None
    whole_city: bool
    demo: bool
    disabled_at: datetime | None
    made_at: datetime
    oidc_issuer: str | None
    has_password: bool
    must_change: bool
    totp_on: bool
    roles: list[str]
    areas: list[str]
    """`kind:code` of each area of duty."""
    seen_at: datetime | None


def accounts(conn: Connection, *, search: str | None = None, limit: int = 1_000, offset: int = 0) -> list[Account]:
    return objects(conn, Account, "accounts", account_id=None, name=None, search=search, limit=limit, offset=offset)


def account_total(conn: Connection, search: str | None = None) -> int:
    return int(value(conn, "account_total", search=search))


def account_by_id(conn: Connection, account_id: int) -> Account | None:
    return _one(conn, account_id=account_id, name=None)


def account_by_name(conn: Connection, name: str) -> Account | None:
    return _one(conn, account_id=None, name=name)


def _one(conn: Connection, *, account_id: int | None, name: str | None) -> Account | None:
    found = objects(conn, Account, "accounts", account_id=account_id, name=name, search=None, limit=1, offset=0)
    return found[0] if found else None


def add_account(
    conn: Connection, *, name: str, display_name: str, department: str | None, whole_city: bool, demo: bool
) -> int | None:
    """The new account's id; None if the name is taken."""
    given = {"name": name, "display_name": display_name, "department": department}
    found = value(conn, "add_account", **given, whole_city=whole_city, demo=demo)
    return None if found is None else int(found)


def change_account(
    conn: Connection, account_id: int, *, display_name: str, department: str | None, whole_city: bool
) -> None:
    given = {"display_name": display_name, "department": department, "whole_city": whole_city}
    execute(conn, "change_account", account_id=account_id, **given)


def set_roles(conn: Connection, account_id: int, roles: Sequence[str]) -> None:
    execute(conn, "clear_roles", account_id=account_id)
    execute_many(conn, "add_role", [{"account_id": account_id, "role": role} for role in roles])


def set_areas(conn: Connection, account_id: int, areas: Sequence[tuple[str, str]]) -> None:
    """Areas of duty as (kind, code)."""
    execute(conn, "clear_account_areas", account_id=account_id)
    rows = [{"account_id": account_id, "area_kind": kind, "area_code": code} for kind, code in areas]
    execute_many(conn, "add_account_area", rows)


def unknown_areas(conn: Connection, areas: Sequence[tuple[str, str]]) -> list[str]:
    """Which of them are not in force, as `kind:code`."""
    return values(conn, "unknown_areas", kinds=[kind for kind, _ in areas], codes=[code for _, code in areas])


def area_to_try(conn: Connection) -> str | None:
    """`kind:code` of an area that a demo can show; None if no area holds a component."""
    return value(conn, "area_to_try")  # type: ignore[no-any-return]


def lock_accounts(conn: Connection) -> None:
    execute(conn, "lock_accounts")


def administrators(conn: Connection) -> set[int]:
    """Accounts that can manage accounts outside of a demo."""
    return set(values(conn, "administrators"))


def disable_account(conn: Connection, account_id: int) -> bool:
    """Whether it was not disabled before."""
    return execute(conn, "disable_account", account_id=account_id) == 1


def enable_account(conn: Connection, account_id: int) -> bool:
    return execute(conn, "enable_account", account_id=account_id) == 1


def visibilities(conn: Connection) -> dict[str, int]:
    """Component subclasses that are not as visible as usual, with their rank."""
    return dict(tuples(conn, "visibilities"))


def set_visibility(conn: Connection, subclass_code: str, rank: int | None) -> None:
    """None: as usual."""
    if rank is None:
        execute(conn, "forget_visibility", subclass_code=subclass_code)
    else:
        execute(conn, "set_visibility", subclass_code=subclass_code, visibility=rank)
