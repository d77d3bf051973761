"""What accounts sign in with: passwords, one-time codes, sessions, tokens. Only hashes of secrets are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gridsvc.store.audit import record
from gridsvc.store.connection import Connection
from gridsvc.store.rows import dicts, execute, objects, value


@dataclass(frozen=True, kw_only=True)
class Credential:
    id: int
    """Of the account."""
    name: str
    demo: bool
    disabled_at: datetime | None
    password_hash: str | None
    must_change: bool
    totp_secret: str | None
    """None: no codes are asked for."""
    totp_step: int | None

    def __repr__(self) -> str:
        return f"Credential(id={self.id})"


def credential(conn: Connection, name: str) -> Credential | None:
    found = objects(conn, Credential, "credential", name=name)
    return found[0] if found else None


def set_password(conn: Connection, account_id: int, password_hash: str | None, *, must_change: bool) -> None:
    execute(conn, "set_password", account_id=account_id, hash=password_hash, must_change=must_change)


def totp(conn: Connection, account_id: int) -> tuple[str | None, bool]:
    """The secret of the one-time codes, and whether they are asked for."""
    found = dicts(conn, "totp", account_id=account_id)
    return (found[0]["totp_secret"], found[0]["totp_on"]) if found else (None, False)


def offer_totp(conn: Connection, account_id: int, secret: str) -> None:
    execute(conn, "offer_totp", account_id=account_id, secret=secret)


def use_totp_step(conn: Connection, account_id: int, step: int) -> bool:
    """Whether no code of this time step or a later one was used before."""
    return execute(conn, "use_totp_step", account_id=account_id, step=step) == 1


def clear_totp(conn: Connection, account_id: int) -> bool:
    return execute(conn, "clear_totp", account_id=account_id) == 1


def locked_until(conn: Connection, name: str) -> datetime | None:
    return value(conn, "sign_in_lock", name=name)  # type: ignore[no-any-return]


def count_failure(conn: Connection, name: str, *, most: int, minutes: int) -> tuple[bool, datetime | None]:
    """Whether it was counted, which it is not while the name is locked; and until when it is locked now, if it is."""
    counted = dicts(conn, "count_sign_in_failure", name=name, most=most, minutes=minutes)
    return (True, counted[0]["locked_until"]) if counted else (False, locked_until(conn, name))


def forget_failures(conn: Connection, name: str) -> None:
    execute(conn, "forget_sign_in_failures", name=name)


def add_session(conn: Connection, account_id: int, token: bytes, csrf: str, hours: int) -> None:
    execute(conn, "add_session", account_id=account_id, token=token, csrf=csrf, hours=hours)


def end_session(conn: Connection, token: bytes) -> int | None:
    """The account that it was of."""
    return value(conn, "end_session", token=token)  # type: ignore[no-any-return]


def end_sessions(conn: Connection, account_id: int, *, but: bytes | None = None) -> int:
    return execute(conn, "end_sessions", account_id=account_id, but=but)


def end_old_sessions(conn: Connection, idle_minutes: int) -> None:
    execute(conn, "end_old_sessions", idle_minutes=idle_minutes)


def add_api_token(conn: Connection, account_id: int, title: str, token: bytes, scopes: Sequence[str], days: int) -> int:
    given = {"title": title, "token": token, "scopes": list(scopes), "days": days}
    return int(value(conn, "add_api_token", account_id=account_id, **given))


def api_tokens(conn: Connection, account_id: int) -> list[dict[str, Any]]:
    return dicts(conn, "api_tokens", account_id=account_id)


def revoke_api_token(conn: Connection, account_id: int, token_id: int) -> str | None:
    """Its title; None if the account has no such token that counts."""
    return value(conn, "revoke_api_token", account_id=account_id, token_id=token_id)  # type: ignore[no-any-return]


def revoke_api_tokens(conn: Connection, account_id: int) -> int:
    return execute(conn, "revoke_api_tokens", account_id=account_id)


def account_of_subject(conn: Connection, issuer: str, subject: str, name: str) -> dict[str, Any] | None:
    """The account that a provider's subject belongs to; the first time the one of that name is linked with it."""
    found = dicts(conn, "account_of_subject", issuer=issuer, subject=subject)
    if not found and (found := dicts(conn, "link_subject", issuer=issuer, subject=subject, name=name)):
        record(conn, "account.link", f"account {found[0]['id']}", after={"issuer": issuer, "subject": subject})
    return found[0] if found else None


def unlink_subject(conn: Connection, account_id: int) -> None:
    """The next sign-in by the provider links the account anew, by its name."""
    execute(conn, "unlink_subject", account_id=account_id)
