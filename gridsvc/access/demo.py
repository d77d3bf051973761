"""Accounts to try the service with: one for each role. They sign in only while the service runs as a demo."""

from pathlib import Path

from gridsvc.access.accounts import Person, add_account
from gridsvc.access.passwords import hashed, made_up
from gridsvc.domain.access import Role
from gridsvc.errors import SetupError
from gridsvc.store import accounts, credentials
from gridsvc.store.city import departments
from gridsvc.store.connection import Connection

FILE = "demo-password"
BY_AREA = (Role.INSPECTOR, Role.GRID_HEAD, Role.GRID_MEMBER)


def demo_accounts(conn: Connection, folder: Path) -> tuple[list[str], str]:
    """Names of the demo accounts and the one password of all of them, which the data folder keeps."""
    password = _password(folder)
    known = {account.name: account for account in accounts.accounts(conn)}
    for role in Role:
        name = role.value.replace("_", "-")
        if name not in known:
            account_id, _ = add_account(conn, name, _person(conn, role), password=False, demo=True)
            credentials.set_password(conn, account_id, hashed(password), must_change=False)
        elif not known[name].demo:
            raise SetupError(f"account {name} of this city is a real one: a demo does not touch it")
    return [role.value.replace("_", "-") for role in Role], password


def _person(conn: Connection, role: Role) -> Person:
    """Inspectors and grid people have one area of duty, the handler a department, the others the whole city."""
    duty = accounts.area_to_try(conn) if role in BY_AREA else None
    handler = role is Role.DEPARTMENT_HANDLER
    department = next((d.code for d in departments(conn) if d.on_platform), None) if handler else None
    roles = [] if handler and department is None else [role]
    return Person(
        display_name=f"Demo {role.value.replace('_', ' ')}", roles=roles, department=department,
        areas=[duty] if duty else [], whole_city=role not in BY_AREA and not handler,
    )  # fmt: skip


def _password(folder: Path) -> str:
    file = folder / FILE
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(made_up())
    return file.read_text().strip()
