"""Signing in and out. Unknown names, wrong passwords and wrong codes are answered alike, and take the same time."""

import math
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg_pool import ConnectionPool

from gridsvc.access import totp
from gridsvc.access.passwords import hashed, matches, outdated
from gridsvc.domain.access import LONGEST_PASSWORD, account_name, check_password
from gridsvc.errors import InputError, TooManyError, UnauthenticatedError
from gridsvc.store import audit, credentials
from gridsvc.store.callers import Origin, as_service, name_signed_in
from gridsvc.store.connection import Connection
from gridsvc.store.credentials import Credential

MOST_FAILURES, LOCKED_MINUTES = 10, 15
"""So many failures of a name within so many minutes lock it for as long, whether or not there is such an account."""
REFUSED = "the name, the password or the code is wrong"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Of sessions. `demo`: whether demo accounts may sign in."""

    hours: int
    demo: bool


def sign_in(
    pool: ConnectionPool[Connection],
    origin: Origin,
    rules: Rules,
    name: str,
    password: str,
    code: str,
    old: bytes | None,
) -> str:
    """The token of a new session; `old` is the session that the browser had, which ends."""
    spelled = _spelled(name)
    with as_service(pool, origin) as conn:
        # counted before it is looked at, so that attempts at the same moment do not pass together
        counted, until = credentials.count_failure(conn, spelled, most=MOST_FAILURES, minutes=LOCKED_MINUTES)
        if not counted:
            raise _locked(until)
        known = credentials.credential(conn, spelled)
    allowed = known is not None and known.disabled_at is None and (rules.demo or not known.demo)
    right = matches(password[: LONGEST_PASSWORD + 1], known.password_hash if known and allowed else None)
    with as_service(pool, origin) as conn:
        if known is None or not right or not _code_is_right(conn, known, code):
            _record_failure(conn, known, until)
            token = None
        else:
            if known.password_hash and outdated(known.password_hash):
                credentials.set_password(conn, known.id, hashed(password), must_change=known.must_change)
            credentials.forget_failures(conn, spelled)
            token = start_session(conn, rules, known.id, known.name, old, by="password")
    if token is None:
        raise UnauthenticatedError(REFUSED, zh="账号、密码或动态码不正确")
    return token


def start_session(conn: Connection, rules: Rules, account_id: int, name: str, old: bytes | None, *, by: str) -> str:
    """A new token for a new session: one that somebody knew before never becomes valid."""
    if old is not None:
        credentials.end_session(conn, old)
    token = secrets.token_urlsafe(32)
    credentials.add_session(conn, account_id, token.encode(), secrets.token_urlsafe(32), rules.hours)
    name_signed_in(conn, account_id, name)
    audit.record(conn, "sign_in", f"account {account_id}", after={"by": by})
    return token


def sign_out(conn: Connection, account_id: int, token: bytes) -> None:
    credentials.end_session(conn, token)
    audit.record(conn, "sign_out", f"account {account_id}")


def change_password(conn: Connection, account_id: int, name: str, old: str, new: str, *, keep: bytes) -> None:
    """Of one's own account; its other sessions and its tokens end: whoever had one may have known the password."""
    known = credentials.credential(conn, name)
    if known is None or not matches(old, known.password_hash):
        raise InputError("the current password is wrong", zh="当前密码不正确")
    check_password(new, name)
    if old == new:
        raise InputError("the new password is the old one", zh="新密码与当前密码相同")
    credentials.set_password(conn, account_id, hashed(new), must_change=False)
    credentials.end_sessions(conn, account_id, but=keep)
    credentials.revoke_api_tokens(conn, account_id)
    audit.record(conn, "account.password", f"account {account_id}")


def _spelled(name: str) -> str:
    """What cannot be a name is one that nobody has."""
    try:
        return account_name(name)
    except InputError:
        return ""


def _locked(until: datetime | None) -> TooManyError:
    """`until`: none if the lock ended, or its failures were forgotten, in this very moment."""
    seconds = math.ceil((until - datetime.now(UTC)).total_seconds()) if until else 1
    return TooManyError(
        "too many failed attempts for this name; try again later",
        max(1, seconds),
        zh="此账号登录失败次数过多，请稍后再试",
    )


def _record_failure(conn: Connection, known: Credential | None, until: datetime | None) -> None:
    """What was typed is not kept: it may be a password in the wrong field."""
    thing = f"account {known.id}" if known else "an unknown name"
    audit.record(conn, "sign_in.failed", thing, after={"locked_until": until.isoformat()} if until else None)


def _code_is_right(conn: Connection, known: Credential, code: str) -> bool:
    if known.totp_secret is None:
        return True
    step = totp.step_of(known.totp_secret, code)
    return step is not None and credentials.use_totp_step(conn, known.id, step)
