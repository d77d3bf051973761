"""What routes ask for: the caller, a connection that shows what the caller may see, the city.

What only looks at the request is `async`: each plain function costs a change of thread.
"""

import hmac
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Annotated, Any

import anyio
from fastapi import Depends, Query, Request
from fastapi.security import APIKeyCookie, HTTPBearer
from psycopg_pool import ConnectionPool, PoolTimeout
from pydantic import AwareDatetime, BeforeValidator

from gridsvc.api.limits import Limits
from gridsvc.api.logs import request_id
from gridsvc.areas.live_index import LiveIndex
from gridsvc.casework.live_rules import LiveRules
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import ForbiddenError, UnauthenticatedError
from gridsvc.jobs.areas_check import Reports
from gridsvc.maps.reports import Chosen
from gridsvc.store.areas import AsOf
from gridsvc.store.callers import ApiToken, Caller, Credentials, Origin, SessionToken, as_caller
from gridsvc.store.city import City
from gridsvc.store.connection import WAIT, Connection

LONGEST_NAME = 100
"""Characters of a kind, code or other name in a question."""
OPEN: dict[str, Any] = {"security": [{}]}
"""`openapi_extra` of a route that the public may use too: it needs no account."""
SAFE = ("GET", "HEAD", "OPTIONS")
CSRF_HEADER, CSRF_FIELD = "x-csrf-token", "csrf"
COOKIE, COOKIE_OVER_TLS = "gridsvc", "__Host-gridsvc"

Begin = Callable[[], AbstractContextManager[tuple[Connection, Caller]]]
"""Begins the transaction of a request."""

_bearer = HTTPBearer(auto_error=False, description="an API token, made on the page of the account")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="a web session; POST needs X-CSRF-Token too")


@dataclass(frozen=True, kw_only=True)
class Service:
    """What the application holds while it runs."""

    settings: Settings
    pool: ConnectionPool[Connection]
    city: City
    index: LiveIndex
    limits: Limits
    turns: anyio.Semaphore
    """As many as the pool has connections."""
    demo: bool
    rules: LiveRules = field(default_factory=LiveRules)
    checks: Reports = field(default_factory=Reports)


async def the_service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(the_service)]


def the_origin(request: Request) -> Origin:
    source = "api" if request.url.path.startswith(("/api/", "/tiles/")) else "web"
    return Origin(source=source, address=address_of(request), request_id=request_id.get() or str(uuid.uuid4()))


async def _origin(request: Request) -> Origin:
    return the_origin(request)


def address_of(request: Request) -> str:
    """Of the other end of the line, or what a trusted proxy says that it is."""
    return request.client.host if request.client else ""


def cookie_name(request: Request) -> str:
    """Over TLS the name promises that no other host and no plain connection has set it."""
    return COOKIE_OVER_TLS if request.url.scheme == "https" else COOKIE


def session_token(request: Request) -> bytes | None:
    text = request.cookies.get(cookie_name(request))
    return text.encode() if text else None


def credentials_of(request: Request, settings: Settings) -> Credentials:
    """An API token before a cookie; a header that cannot be read is nobody's."""
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise UnauthenticatedError(
                "send an API token as `Authorization: Bearer gsv_…`", zh="请以 Authorization: Bearer gsv_… 发送令牌"
            )
        return ApiToken(token=token.strip().encode())
    session = session_token(request)
    return SessionToken(token=session, idle_minutes=settings.session_idle_minutes) if session else None


async def _csrf_of(request: Request) -> str:
    """What a request brings to prove that our own page sent it."""
    if request.method in SAFE:
        return ""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return str((await request.form()).get(CSRF_FIELD, ""))
    return request.headers.get(CSRF_HEADER, "")


@contextmanager
def _counted(service: Service, origin: Origin) -> Iterator[None]:
    """Tokens of nobody count as requests without an account."""
    try:
        yield
    except UnauthenticatedError:
        service.limits.anonymous_request(origin.address)
        raise


@contextmanager
def begun(
    request: Request, service: Service, origin: Origin, csrf: str = "", *, haste: bool = False
) -> Iterator[tuple[Connection, Caller]]:
    credentials = credentials_of(request, service.settings)
    if credentials is None:
        service.limits.anonymous_request(origin.address)
    beginning = as_caller(service.pool, credentials, origin, demo=service.demo, haste=haste)
    with _counted(service, origin), beginning as (conn, caller):
        if credentials is not None and caller.account_id is None:  # the cookie of a session that has ended, or made up
            service.limits.anonymous_request(origin.address)
        if isinstance(credentials, SessionToken) and request.method not in SAFE:
            check_csrf(caller.csrf, csrf)
        request.state.caller = caller
        yield conn, caller


async def _turn(service: TheService) -> AsyncIterator[None]:
    """Until the request ends it may hold a connection of the pool.

    Whoever waits here holds no thread: if all threads waited for connections, none would be left to those who have one.
    """
    try:
        with anyio.fail_after(WAIT):
            await service.turns.acquire()
    except TimeoutError:
        raise PoolTimeout(f"no connection was free for {WAIT:.0f} s") from None
    try:
        yield
    finally:
        service.turns.release()


Turn = Annotated[None, Depends(_turn, scope="function")]


def _transaction(
    request: Request,
    service: TheService,
    origin: Annotated[Origin, Depends(_origin)],
    csrf: Annotated[str, Depends(_csrf_of)],
    _bearer: Annotated[object, Depends(_bearer)],
    _cookie: Annotated[object, Depends(_cookie)],
    _turn: Turn,
) -> Iterator[tuple[Connection, Caller]]:
    """One transaction for the whole request, committed before the answer is sent."""
    with begun(request, service, origin, csrf) as found:
        yield found


async def _hasty(
    request: Request,
    service: TheService,
    origin: Annotated[Origin, Depends(_origin)],
    csrf: Annotated[str, Depends(_csrf_of)],
    _bearer: Annotated[object, Depends(_bearer)],
    _cookie: Annotated[object, Depends(_cookie)],
    _turn: Turn,
) -> Begin:
    """The same in as few round trips as may be, and all in the thread of the route, which begins it."""
    return partial(begun, request, service, origin, csrf, haste=True)


def _caller_alone(
    request: Request,
    service: TheService,
    origin: Annotated[Origin, Depends(_origin)],
    csrf: Annotated[str, Depends(_csrf_of)],
    _bearer: Annotated[object, Depends(_bearer)],
    _cookie: Annotated[object, Depends(_cookie)],
    _turn: Turn,
) -> Caller:
    """For routes with a transaction of the service: two at once could wait for each other, or for a connection."""
    with begun(request, service, origin, csrf) as (_, caller):
        return caller


def check_csrf(expected: str | None, given: str) -> None:
    if expected is not None and not hmac.compare_digest(expected.encode(), given.encode()):
        raise ForbiddenError(
            "this form is out of date or was not sent by our page: open the page again",
            zh="此表单已过期，或不是由本页面发出，请重新打开页面",
        )


Transaction = Annotated[tuple[Connection, Caller], Depends(_transaction, scope="function")]
Hasty = Annotated[Begin, Depends(_hasty, scope="function")]
"""Instead of Conn and TheCaller, where thousands ask."""


async def _conn(transaction: Transaction) -> Connection:
    return transaction[0]


async def _caller(transaction: Transaction) -> Caller:
    return transaction[1]


Conn = Annotated[Connection, Depends(_conn, scope="function")]
TheCaller = Annotated[Caller, Depends(_caller, scope="function")]


def needs(right: Right) -> Callable[[Caller], Awaitable[None]]:
    """For a route's `dependencies`: the caller has this right, or is refused before anything is done."""

    async def check(caller: TheCaller) -> None:
        caller.check(right)

    return check


async def edits_rules(caller: TheCaller) -> None:
    """Likewise: rules, departments and words hold for the whole city, so who changes them is on duty in all of it."""
    caller.check(Right.EDIT_RULES)
    if not caller.whole_city:
        raise ForbiddenError(
            "this holds for the whole city; only accounts with the whole city may do it",
            zh="此操作涉及全市，仅限全市范围的账号",
        )


async def _city(service: TheService) -> City:
    return service.city


def _no_number(given: object) -> object:
    """Pydantic would take a number for seconds since 1970, which nobody means who writes one."""
    try:
        float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return given
    raise ValueError("write a date or time such as 2016-07-08 or 2016-07-08T08:00:00+08:00, not a number")


Day = Annotated[date, BeforeValidator(_no_number)]
Moment = Annotated[AwareDatetime, BeforeValidator(_no_number)]
"""With its zone."""
Kind = Annotated[str | None, Query(max_length=LONGEST_NAME, description="component or event")]
SubclassCode = Annotated[
    str | None, Query(max_length=LONGEST_NAME, description="subclass of that kind in the catalogue, such as 0110")
]


async def _when(
    at: Annotated[
        Moment | None, Query(description="as the areas are at this time, with its zone; now if not given")
    ] = None,
    revision: Annotated[
        int | None, Query(ge=1, lt=2**31, description="as this revision left the areas; not together with at")
    ] = None,
) -> AsOf:
    """Whether there is such a revision is asked with the rest."""
    return AsOf(at=at, revision=revision)


async def _chosen(
    kind: Kind = None,
    subclass_code: SubclassCode = None,
    first_day: Annotated[Day | None, Query(alias="from", description="first day, in the city's time")] = None,
    last_day: Annotated[Day | None, Query(alias="to", description="last day, included")] = None,
) -> Chosen:
    return Chosen(kind=kind, subclass_code=subclass_code, first_day=first_day, last_day=last_day)


CallerAlone = Annotated[Caller, Depends(_caller_alone)]
TheOrigin = Annotated[Origin, Depends(_origin)]
TheCity = Annotated[City, Depends(_city)]
When = Annotated[AsOf, Depends(_when)]
Filter = Annotated[Chosen, Depends(_chosen)]
Lon = Annotated[float, Query(description="longitude in degrees, WGS 84", allow_inf_nan=False)]
Lat = Annotated[float, Query(description="latitude in degrees, WGS 84", allow_inf_nan=False)]
Limit = Annotated[int, Query(ge=1, le=1_000, description="at most so many rows")]
Offset = Annotated[int, Query(ge=0, le=2**31, description="rows to leave out first")]
