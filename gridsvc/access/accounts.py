"""Administration of accounts. Every function runs in the caller's transaction, with the system's rights."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gridsvc.access.passwords import hashed, made_up
from gridsvc.domain.access import Role, account_name, roles_of
from gridsvc.errors import ConflictError, InputError, NotFoundError, one_of
from gridsvc.store import accounts, audit, credentials
from gridsvc.store.accounts import Account
from gridsvc.store.city import departments
from gridsvc.store.connection import Connection

FIRST = "admin"
"""The first administrator, as whom the command line acts unless told otherwise."""
LONGEST_DISPLAY_NAME = 100


@dataclass(frozen=True, kw_only=True)
class Person:
    """What an administrator says about an account. `areas` are `kind:code`."""

    display_name: str
    roles: Sequence[str]
    department: str | None = None
    whole_city: bool = False
    areas: Sequence[str] = ()


def add_account(
    conn: Connection, name: str, person: Person, *, password: bool = True, demo: bool = False
) -> tuple[int, str | None]:
    """The new account, and its first password, which is to be changed at once; None if it shall have none."""
    spelled = account_name(name)
    areas = _checked(conn, person)
    account_id = accounts.add_account(
        conn, name=spelled, display_name=person.display_name.strip(), department=person.department,
        whole_city=person.whole_city, demo=demo,
    )  # fmt: skip
    if account_id is None:
        raise ConflictError(f"account {spelled} exists already", zh=f"账号 {spelled} 已存在")
    accounts.set_roles(conn, account_id, roles_of(list(person.roles)))
    accounts.set_areas(conn, account_id, areas)
    first = made_up() if password else None
    credentials.set_password(conn, account_id, hashed(first) if first else None, must_change=first is not None)
    audit.record(conn, "account.add", f"account {account_id}", after=_told(_known(conn, account_id)))
    return account_id, first


def change_account(conn: Connection, account_id: int, person: Person) -> None:
    """Takes effect with the next request of whoever is signed in."""
    accounts.lock_accounts(conn)
    before = _known(conn, account_id)
    areas = _checked(conn, person)
    accounts.change_account(
        conn, account_id, display_name=person.display_name.strip(), department=person.department,
        whole_city=person.whole_city,
    )  # fmt: skip
    accounts.set_roles(conn, account_id, roles_of(list(person.roles)))
    accounts.set_areas(conn, account_id, areas)
    _keep_an_administrator(conn, before)
    after = _known(conn, account_id)
    audit.record(conn, "account.change", f"account {account_id}", before=_told(before), after=_told(after))


def disable_account(conn: Connection, account_id: int) -> None:
    """Its sessions and tokens end at once."""
    accounts.lock_accounts(conn)
    before = _known(conn, account_id)
    if not accounts.disable_account(conn, account_id):
        raise ConflictError(f"account {before.name} is disabled already", zh=f"账号 {before.name} 已处于停用状态")
    _keep_an_administrator(conn, before)
    credentials.end_sessions(conn, account_id)
    credentials.revoke_api_tokens(conn, account_id)
    audit.record(conn, "account.disable", f"account {account_id}", after={"account": before.name})


def enable_account(conn: Connection, account_id: int) -> None:
    before = _known(conn, account_id)
    if not accounts.enable_account(conn, account_id):
        raise ConflictError(f"account {before.name} is not disabled", zh=f"账号 {before.name} 未被停用")
    audit.record(conn, "account.enable", f"account {account_id}", after={"account": before.name})


def reset_account(conn: Connection, account_id: int, *, password: bool = True) -> str | None:
    """A new password that is to be changed at once; codes, locks, sessions, tokens and the provider's link are gone.

    Without a password the account is free to be linked with whom the city's provider calls by its name.
    """
    known = _known(conn, account_id)
    if known.disabled_at is not None:
        raise ConflictError(
            f"account {known.name} is disabled: enable it first", zh=f"账号 {known.name} 已停用，请先启用"
        )
    first = made_up() if password else None
    credentials.set_password(conn, account_id, hashed(first) if first else None, must_change=first is not None)
    credentials.clear_totp(conn, account_id)
    credentials.unlink_subject(conn, account_id)
    credentials.forget_failures(conn, known.name)
    credentials.end_sessions(conn, account_id)
    credentials.revoke_api_tokens(conn, account_id)
    audit.record(conn, "account.reset", f"account {account_id}", after={"account": known.name, "password": password})
    return first


def first_administrator(conn: Connection, *, password: bool = True) -> str | None:
    """The password of the first administrator, made if the city has no account yet; else None."""
    accounts.lock_accounts(conn)
    if any(not account.demo for account in accounts.accounts(conn, limit=1_000)):
        return None
    person = Person(display_name="管理员 Administrator", roles=[Role.ADMINISTRATOR], whole_city=True)
    return add_account(conn, FIRST, person, password=password)[1]


def account_named(conn: Connection, name: str) -> Account:
    found = accounts.account_by_name(conn, account_name(name))
    if found is None:
        raise NotFoundError(f"account {name!r} does not exist; `gridsvc user list` shows those that do")
    return found


def _known(conn: Connection, account_id: int) -> Account:
    found = accounts.account_by_id(conn, account_id)
    if found is None:
        raise NotFoundError(f"account {account_id} does not exist", zh=f"没有编号为 {account_id} 的账号")
    return found


def _checked(conn: Connection, person: Person) -> list[tuple[str, str]]:
    """The areas as (kind, code), when everything that the person is said to be exists."""
    if not 1 <= len(person.display_name.strip()) <= LONGEST_DISPLAY_NAME or not person.display_name.isprintable():
        raise InputError(
            f"a person's name has 1 to {LONGEST_DISPLAY_NAME} characters",
            zh=f"姓名须为 1 至 {LONGEST_DISPLAY_NAME} 个字符",
        )
    roles_of(list(person.roles))
    known = [department.code for department in departments(conn)]
    if person.department is not None and person.department not in known:
        raise one_of("department", person.department, known, zh="部门")
    if Role.DEPARTMENT_HANDLER in person.roles and person.department is None:
        raise InputError("a department handler needs a department", zh="处置部门人员须有所属部门")
    pairs = [tuple(area.partition(":")[::2]) for area in person.areas]
    areas = [(kind.strip(), code.strip()) for kind, code in pairs]
    if unknown := accounts.unknown_areas(conn, areas):
        raise InputError(
            f"area {unknown[0]} is not in force; write KIND:CODE, for example community:001",
            zh=f"没有现行的区域“{unknown[0]}”；请写成“类型:编码”，例如 community:001",
        )
    return areas


def _keep_an_administrator(conn: Connection, before: Account) -> None:
    """The last one who can manage accounts stays one."""
    was = Role.ADMINISTRATOR in before.roles and before.disabled_at is None and not before.demo
    if was and not accounts.administrators(conn):
        raise ConflictError(
            f"{before.name} is the last administrator: make another one first",
            zh=f"{before.name} 是最后一个系统管理员，请先另设一个",
        )


def _told(account: Account) -> dict[str, Any]:
    """What the audit keeps of an account."""
    return {
        "account": account.name, "display_name": account.display_name, "department": account.department,
        "roles": account.roles, "areas": account.areas, "whole_city": account.whole_city,
    }  # fmt: skip
