"""`/account`: a person's own account, with its password, one-time codes and API tokens."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response

from gridsvc.access import signing_in, tokens, totp
from gridsvc.api.dependencies import CallerAlone, Service, TheOrigin, TheService, session_token
from gridsvc.api.problems import status_of
from gridsvc.domain.access import LONGEST_PASSWORD, SHORTEST_PASSWORD
from gridsvc.errors import (
    ConflictError,
    ForbiddenError,
    GridsvcError,
    InputError,
    PasswordFirstError,
    TooManyError,
    UnauthenticatedError,
)
from gridsvc.store import credentials
from gridsvc.store.accounts import account_by_id
from gridsvc.store.areas import kinds_in_use
from gridsvc.store.callers import Caller, Origin, as_service, name_signed_in
from gridsvc.store.city import departments
from gridsvc.store.connection import Connection
from gridsvc.web.answers import Lang, answer, clock, duty, go_on, visitor_of
from gridsvc.web.render import language_queries, render_page, told

router = APIRouter(include_in_schema=False)
USUAL_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A person at the own account, by a web session, whose token is `session`."""

    service: Service
    origin: Origin
    caller: Caller
    account_id: int
    session: bytes
    lang: str

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction of the service, since nobody has a right to credentials; the deed is the person's."""
        with as_service(self.service.pool, self.origin) as conn:
            name_signed_in(conn, self.account_id, self.caller.name or "")
            yield conn

    def guarded(self) -> AbstractContextManager[None]:
        """Passwords and codes are not to be guessed here either."""
        return self.service.limits.sign_in(f"account {self.account_id}")


@dataclass(frozen=True, kw_only=True)
class Filled:
    """The form of a token as it was sent."""

    title: str = ""
    days: str = str(USUAL_DAYS)
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What to tell, and at which form: `password`, `totp` or `tokens`."""

    form: str = ""
    trouble: GridsvcError | None = None
    token: str = ""
    """A new one, shown this once."""


def _desk(request: Request, service: TheService, origin: TheOrigin, caller: CallerAlone, lang: Lang) -> Desk:
    session = session_token(request)
    if caller.account_id is None:
        raise UnauthenticatedError("sign in first: this is the page of an account", zh="请先登录，此页面属于账号本人")
    if caller.csrf is None or session is None:
        raise ForbiddenError(
            "an API token changes no passwords, codes or tokens: sign in on the page /sign-in",
            zh="不能用 API 令牌修改密码、动态码或令牌，请在登录页面登录",
        )
    return Desk(service=service, origin=origin, caller=caller, account_id=caller.account_id, session=session, lang=lang)


TheDesk = Annotated[Desk, Depends(_desk)]


def _ready(desk: TheDesk) -> Desk:
    if desk.caller.must_change:
        raise PasswordFirstError
    return desk


ReadyDesk = Annotated[Desk, Depends(_ready)]
Password = Annotated[str, Form(max_length=200)]
Code = Annotated[str, Form(max_length=10)]


@router.get("/account")
def own_account(
    desk: TheDesk,
    codes: Annotated[str, Query(alias="totp", max_length=10)] = "",
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    return _show(desk, offer=codes == "on", done=done)


@router.post("/account/password")
def change_password(desk: TheDesk, present: Password = "", new: Password = "", again: Password = "") -> Response:
    def change(conn: Connection) -> None:
        if new != again:
            raise InputError("the new password was typed in two different ways", zh="两次输入的新密码不一致")
        name = desk.caller.name or ""
        with desk.guarded():
            signing_in.change_password(conn, desk.account_id, name, present, new, keep=desk.session)

    return _attempt(desk, "password", "password", change)


@router.post("/account/totp/on")
def switch_codes_on(desk: ReadyDesk, code: Code = "") -> Response:
    def switch(conn: Connection) -> None:
        with desk.guarded():
            totp.switch_on(conn, desk.account_id, code)

    return _attempt(desk, "totp", "totp_on", switch)


@router.post("/account/totp/off")
def switch_codes_off(desk: ReadyDesk, code: Code = "") -> Response:
    def switch(conn: Connection) -> None:
        with desk.guarded():
            totp.switch_off(conn, desk.account_id, code)

    return _attempt(desk, "totp", "totp_off", switch)


@router.post("/account/tokens")
def make_token(
    desk: ReadyDesk,
    title: Annotated[str, Form(max_length=200)] = "",
    days: Annotated[str, Form(max_length=10)] = str(USUAL_DAYS),
    scopes: Annotated[list[str], Form(max_length=100)] = [],  # noqa: B006  FastAPI copies it
) -> Response:
    filled = Filled(title=title, days=days, scopes=tuple(scopes))
    try:
        with desk.begin() as conn:
            token = tokens.add_token(conn, desk.caller, title, scopes, _whole(days))
    except (InputError, ConflictError) as error:
        return _show(desk, Outcome(form="tokens", trouble=error), filled=filled)
    return _show(desk, Outcome(form="tokens", token=token))


@router.post("/account/tokens/{token_id}/revoke")
def revoke_token(desk: ReadyDesk, token_id: int) -> Response:
    return _attempt(desk, "tokens", "revoked", lambda conn: tokens.revoke_token(conn, desk.account_id, token_id))


def _whole(days: str) -> int:
    if not (days.strip().isascii() and days.strip().isdecimal()):
        raise InputError(
            f"a token counts for 1 to {tokens.LONGEST_DAYS} days, not {days!r}",
            zh=f"令牌有效天数须为 1 至 {tokens.LONGEST_DAYS} 的整数，不能是“{days}”",
        )
    return int(days)


def _attempt(desk: Desk, form: str, done: str, work: Callable[[Connection], None]) -> Response:
    """All of it or nothing; then the page says so, or what is wrong beside the form."""
    try:
        with desk.begin() as conn:
            work(conn)
    except (InputError, ConflictError, TooManyError) as error:
        return _show(desk, Outcome(form=form, trouble=error), offer=form == "totp")
    return go_on("/account", desk.lang, done=done)


def _show(
    desk: Desk, outcome: Outcome = Outcome(), *, filled: Filled = Filled(), offer: bool = False, done: str = ""
) -> Response:
    city, trouble = desk.service.city, outcome.trouble
    html = render_page(
        "account.html", "/account", desk.lang, visitor=visitor_of(city, desk.caller), caller=desk.caller, done=done,
        outcome=outcome, trouble=told(trouble, desk.lang) if trouble else "",
        filled=filled, when=clock(city), queries=language_queries(totp="on" if offer else ""),
        shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD, most_days=tokens.LONGEST_DAYS, **_known(desk, offer),
    )  # fmt: skip
    found = answer(html, status=int(status_of(trouble)) if trouble else 200)
    if isinstance(trouble, TooManyError):
        found.headers["Retry-After"] = str(trouble.seconds)
    return found


def _known(desk: Desk, offer: bool) -> dict[str, Any]:
    """The account with its tokens; a secret for one-time codes only for whoever asks for one."""
    with desk.begin() as conn:
        account = account_by_id(conn, desk.account_id)
        assert account is not None
        wanted = offer and account.has_password and not account.totp_on and not desk.caller.must_change
        secret = totp.offer(conn, desk.account_id) if wanted else ""
        department = next((d for d in departments(conn) if d.code == account.department), None)
        known = {
            "account": account, "department": department, "tokens": credentials.api_tokens(conn, account.id),
            "duty": duty(account.areas, kinds_in_use(conn), desk.lang),
        }  # fmt: skip
    picture = totp.picture(totp.address(secret, account.name, desk.service.city.name_zh)) if secret else ""
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return {**known, "secret": groups, "picture": picture}
