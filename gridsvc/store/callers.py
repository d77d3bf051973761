"""Who a transaction is for. The database looks the caller up, and row-level security decides what the caller sees."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from psycopg_pool import ConnectionPool

from gridsvc.domain.access import Right
from gridsvc.errors import ForbiddenError, NotFoundError, PasswordFirstError, UnauthenticatedError
from gridsvc.store.connection import Connection, in_haste, is_in_haste
from gridsvc.store.permissions import CALLER, SYSTEM
from gridsvc.store.rows import dicts, execute, value

LONGEST = 30
"""Seconds that one statement of a request may take."""
LONGEST_FILE = 600
"""Seconds that making a file may take."""
NO_LIMIT = "0"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a command comes from: `source` is web, api, cli or service."""

    source: str
    address: str
    request_id: str


@dataclass(frozen=True, kw_only=True)
class SessionToken:
    """A web session, and for how many minutes it may have been idle."""

    token: bytes
    idle_minutes: int


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    token: bytes


Credentials = SessionToken | ApiToken | None
"""None: whoever has no account."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """As the database knows it in this transaction."""

    account_id: int | None
    name: str | None = None
    display_name: str | None = None
    department: str | None = None
    whole_city: bool = False
    roles: list[str]
    rights: list[str]
    csrf: str | None = None
    """What a form of this web session has to bring; None for other callers."""
    must_change: bool = False
    """The account can do nothing until its password is changed."""
    area_revision: int = 0
    """The newest of the areas when a transaction of the service began; 0 on the command line."""

    def may(self, right: Right) -> bool:
        return right.value in self.rights

    def check(self, right: Right) -> None:
        if self.account_id is None and not self.may(right):
            raise UnauthenticatedError(
                "sign in, or send an API token: this is not for the public", zh="此内容不对公众开放，请先登录"
            )
        if self.must_change:
            raise PasswordFirstError
        if not self.may(right):
            raise ForbiddenError(
                f"account {self.name} may not do this: the right {right.value} is needed",
                zh=f"账号 {self.name} 没有所需的权限（{right.value}）",
            )


@contextmanager
def as_caller(
    pool: ConnectionPool[Connection], credentials: Credentials, origin: Origin, *, demo: bool, haste: bool = False
) -> Iterator[tuple[Connection, Caller]]:
    """A transaction in which the caller sees what the policies show it; UnauthenticatedError for a token of nobody.

    A session that has ended is no error: its browser is the public's again. Statements end with QueryCanceled after
    LONGEST seconds. `haste`: see `in_haste`.
    """
    with pool.connection() as conn, in_haste(conn) if haste else conn.transaction():
        caller = _begin(conn, credentials, origin, demo)
        take_role(conn, CALLER)
        yield conn, caller


@contextmanager
def as_service(pool: ConnectionPool[Connection], origin: Origin) -> Iterator[Connection]:
    """A transaction of the service itself, which sees everything: signing people in, sealing, erasing."""
    with pool.connection() as conn, conn.transaction():
        name_origin(conn, origin)
        take_role(conn, SYSTEM)
        yield conn


@contextmanager
def acting(conn: Connection, right: Right) -> Iterator[None]:
    """With the system's rights on everything, if the caller has this one; afterwards as the caller again.

    Only within a transaction of `as_caller`. What fails leaves nothing behind, whoever catches the error.
    """
    with nullcontext() if is_in_haste(conn) else conn.transaction():
        execute(conn, "act_as_system", needs=right.value, is_local=True)
        yield
        take_role(conn, CALLER)


def take_role(conn: Connection, role: str) -> None:
    execute(conn, "take_role", role=role, limit=f"{LONGEST}s", is_local=True)


def may(conn: Connection, right: Right) -> bool:
    """Whether whoever the connection acts as has this right."""
    return bool(value(conn, "caller_has", right=right.value))


def read_for_good(conn: Connection) -> None:
    """The connection sees what everybody may know, and no more, for as long as it takes."""
    execute(conn, "take_role", role=CALLER, limit=NO_LIMIT, is_local=False)


def be_patient(conn: Connection) -> None:
    """The rest of the transaction may take as long as a whole city does: for files."""
    execute(conn, "limit_time", limit=f"{LONGEST_FILE}s")


def name_origin(conn: Connection, origin: Origin) -> None:
    """What this transaction does is done by the service itself, or by whoever holds the owner's address."""
    dicts(conn, "begin_service", source=origin.source, address=origin.address, request=origin.request_id)


def name_signed_in(conn: Connection, account_id: int, name: str) -> None:
    """In a transaction of the service: what follows in it is this account's deed."""
    execute(conn, "name_signed_in", account=str(account_id), name=name)


def name_caller(conn: Connection, name: str, address: str, request_id: str, *, demo: bool = False) -> Caller:
    """The command line acts as this account from here on."""
    found = dicts(conn, "begin_named", name=name, demo=demo, address=address, request=request_id)
    if not found:
        raise NotFoundError(
            f"account {name} does not exist or is disabled; name another one with --as, or by GRIDSVC_ACCOUNT"
        )
    return Caller(**found[0])


def act_for_good(conn: Connection, caller: Caller, right: Right, *, as_system: bool) -> None:
    """After `name_caller`: the connection keeps the caller's view, or the system's, if the caller has this right."""
    caller.check(right)
    if as_system:
        execute(conn, "act_as_system", needs=right.value, is_local=False)
    else:
        execute(conn, "take_role", role=CALLER, limit=NO_LIMIT, is_local=False)


def _begin(conn: Connection, credentials: Credentials, origin: Origin, demo: bool) -> Caller:
    given = {"source": origin.source, "address": origin.address, "request": origin.request_id}
    match credentials:
        case None:
            return Caller(**dicts(conn, "begin_public", **given)[0])
        case ApiToken(token=token):
            found = dicts(conn, "begin_token", token=token, demo=demo, **given)
            if not found:
                raise UnauthenticatedError(
                    "the token is not known, has expired or was revoked", zh="令牌不存在、已过期或已吊销"
                )
        case SessionToken(token=token, idle_minutes=idle):
            found = dicts(conn, "begin_session", token=token, idle_minutes=idle, demo=demo, **given)
            found = found or dicts(conn, "begin_public", **given)
    return Caller(**found[0])
