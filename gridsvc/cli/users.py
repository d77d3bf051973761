"""`gridsvc user`: who may sign in, and as what."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from gridsvc.access.accounts import (
    Person,
    account_named,
    add_account,
    change_account,
    disable_account,
    enable_account,
    reset_account,
)
from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right, Role
from gridsvc.store import accounts
from gridsvc.store.accounts import Account
from gridsvc.store.connection import Connection

app = typer.Typer(help="Accounts: who may sign in, and what they may do where.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The account's name.")]
Roles = Annotated[
    list[str] | None, typer.Option("--role", help=f"May be repeated: {', '.join(role.value for role in Role)}.")
]
Areas = Annotated[list[str] | None, typer.Option("--area", help="Area of duty, KIND:CODE; may be repeated.")]
Department = Annotated[str | None, typer.Option(help="Code of the department.")]
Display = Annotated[str | None, typer.Option("--display-name", help="The person's name; the account's if not said.")]


WithPassword = Annotated[
    bool, typer.Option("--password/--no-password", help="Without one it signs in by the city's own provider alone.")
]


@app.command()
def add(
    name: Name,
    role: Roles = None,
    area: Areas = None,
    department: Department = None,
    whole_city: Annotated[bool, typer.Option(help="Its areas of duty are the whole city.")] = False,
    display_name: Display = None,
    password: WithPassword = True,
    as_json: Json = False,
) -> None:
    """Make an account; its first password is printed once, and to be changed at the first sign-in."""
    person = Person(
        display_name=display_name or name, roles=role or [], department=department, whole_city=whole_city,
        areas=area or [],
    )  # fmt: skip
    with opened(Settings(), Right.MANAGE_ACCOUNTS, as_system=True) as (conn, _), conn.transaction():
        account_id, first = add_account(conn, name, person, password=password)
        made = account_named(conn, name)
    note = (
        "" if made.roles and (whole_city or area or department) else "\n  it sees nothing yet: give it a role and areas"
    )
    show(
        {"id": account_id, "name": made.name, "password": first},
        f"account {made.name} was made; {_first(first)}{note}",
        as_json,
    )


@app.command()
def change(
    name: Name,
    role: Roles = None,
    area: Areas = None,
    department: Department = None,
    whole_city: Annotated[bool | None, typer.Option(help="Its areas of duty are the whole city.")] = None,
    display_name: Display = None,
    as_json: Json = False,
) -> None:
    """Change what is given: roles and areas replace those that were, and '' takes them away. It counts at once."""
    with opened(Settings(), Right.MANAGE_ACCOUNTS, as_system=True) as (conn, _), conn.transaction():
        known = account_named(conn, name)
        person = Person(
            display_name=display_name or known.display_name,
            roles=known.roles if role is None else [name for name in role if name],
            department=known.department if department is None else department or None,
            whole_city=known.whole_city if whole_city is None else whole_city,
            areas=known.areas if area is None else [one for one in area if one],
        )
        change_account(conn, known.id, person)
        changed = account_named(conn, name)
    show(_shown(changed), _line(changed), as_json)


@app.command("list")
def list_accounts(as_json: Json = False) -> None:
    """Every account with its roles, department and areas of duty."""
    with opened(Settings(), Right.MANAGE_ACCOUNTS, as_system=True) as (conn, _):
        found = accounts.accounts(conn, limit=100_000)
    show([_shown(account) for account in found], "\n".join(map(_line, found)), as_json)


@app.command()
def disable(name: Name, as_json: Json = False) -> None:
    """It cannot be used any more; its sessions and tokens end at once."""
    known = _done_to(name, disable_account)
    show({"name": known, "disabled": True}, f"account {known} is disabled", as_json)


@app.command()
def enable(name: Name, as_json: Json = False) -> None:
    """A disabled account can be used again; its tokens stay revoked."""
    known = _done_to(name, enable_account)
    show({"name": known, "disabled": False}, f"account {known} can be used again", as_json)


def _done_to(name: str, deed: Callable[[Connection, int], None]) -> str:
    """The account's name."""
    with opened(Settings(), Right.MANAGE_ACCOUNTS, as_system=True) as (conn, _), conn.transaction():
        known = account_named(conn, name)
        deed(conn, known.id)
    return known.name


@app.command()
def reset(name: Name, password: WithPassword = True, as_json: Json = False) -> None:
    """A new password, printed once; locks, codes, sessions, tokens and the provider's link of the account are gone."""
    with opened(Settings(), Right.MANAGE_ACCOUNTS, as_system=True) as (conn, _), conn.transaction():
        known = account_named(conn, name)
        first = reset_account(conn, known.id, password=password)
    show({"name": known.name, "password": first}, f"account {known.name} was reset; {_first(first)}", as_json)


def _first(password: str | None) -> str:
    if password is None:
        return "it has no password: it signs in by the city's own provider"
    return f"its first password, shown once: {password}"


def _shown(account: Account) -> dict[str, Any]:
    return asdict(account)


def _line(account: Account) -> str:
    where = "whole city" if account.whole_city else " ".join(account.areas) or "no areas"
    state = ", disabled" if account.disabled_at else ", demo only" if account.demo else ""
    department = f", {account.department}" if account.department else ""
    roles = " ".join(account.roles) or "no role"
    return f"{account.name:<20} {account.display_name}: {roles}; {where}{department}{state}"
