"""`gridsvc user`: who may sign in, and as what."""

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

app = typer.Typer(help="Accounts: who may sign in, and what they may do where.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The account's name.")]
Roles = Annotated[
    list[str] | None, typer.Option("--role", help=f"May be repeated: {', '.join(role.value for role in Role)}.")
]
Areas = Annotated[list[str] | None, typer.Option("--area", help="Area of duty, KIND:CODE; may be repeated.")]
Department = Annotated[str | None, typer.Option(help="Code of the department.")]
Display = Annotated[str | None, typer.Option("--display-name", help="The person's name; the account's if not said.")]


@app.command()
def add(
    name: Name,
    role: Roles = None,
    area: Areas = None,
    department: Department = None,
    whole_city: Annotated[bool, typer.Option(help="Its areas of duty are the whole city.")] = False,
    display_name: Display = None,
    as_json: Json = False,
) -> None:
    """Make an account; its first password is printed once, and to be changed at the first sign-in."""
    person = Person(
        display_name=display_name or name, roles=role or [], department=department, whole_city=whole_city,
        areas=area or [],
    )  # fmt: skip
    with opened(Settings(), Right.MANAGE_ACCOUNTS, as_system=True) as (conn, _), conn.transaction():
        account_id, password = add_account(conn, name, person)
        made = account_named(conn, name)
    note = (
        "" if made.roles and (whole_city or area or department) else "\n  it sees nothing yet: give it a role and areas"
    )
    show(
        {"id": account_id, "name": made.name, "password": password},
        f"account {made.name} was made; its first password, shown once: {password}{note}",
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
    """Change what is given: roles and areas replace those that were. It counts at once."""
    with opened(Settings(), Right.MANAGE_ACCOUNTS, as_system=True) as (conn, _), conn.transaction():
        known = account_named(conn, name)
        person = Person(
            display_name=display_name or known.display_name,
            roles=known.roles if role is None else role,
            department=known.department if department is None else department or None,
            whole_city=known.whole_city if whole_city is None else whole_city,
            areas=known.areas if area is None else area,
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
    with opened(Settings(), Right.MANAGE_ACCOUNTS, as_system=True) as (conn, _), conn.transaction():
        known = account_named(conn, name)
        disable_account(conn, known.id)
    show({"name": known.name, "disabled": True}, f"account {known.name} is disabled", as_json)


@app.command()
def enable(name: Name, as_json: Json = False) -> None:
    """A disabled account can be used again; its tokens stay revoked."""
    with opened(Settings(), Right.MANAGE_ACCOUNTS, as_system=True) as (conn, _), conn.transaction():
        known = account_named(conn, name)
        enable_account(conn, known.id)
    show({"name": known.name, "disabled": False}, f"account {known.name} can be used again", as_json)


@app.command()
def reset(name: Name, as_json: Json = False) -> None:
    """A new password, printed once; locks, one-time codes, sessions and tokens of the account are gone."""
    with opened(Settings(), Right.MANAGE_ACCOUNTS, as_system=True) as (conn, _), conn.transaction():
        known = account_named(conn, name)
        password = reset_account(conn, known.id)
    line = f"account {known.name} has a new password, shown once: {password}"
    show({"name": known.name, "password": password}, line, as_json)


def _shown(account: Account) -> dict[str, Any]:
    return asdict(account)


def _line(account: Account) -> str:
    where = "whole city" if account.whole_city else " ".join(account.areas) or "no areas"
    state = ", disabled" if account.disabled_at else ", demo only" if account.demo else ""
    department = f", {account.department}" if account.department else ""
    roles = " ".join(account.roles) or "no role"
    return f"{account.name:<20} {account.display_name}: {roles}; {where}{department}{state}"
