"""`/sign-in` and `/sign-out`: a session begins with a name, a password and perhaps a one-time code."""

import hmac
import re
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from gridsvc.access import signing_in
from gridsvc.access.signing_in import Rules
from gridsvc.api.dependencies import CallerAlone, Service, TheOrigin, TheService, cookie_name, session_token
from gridsvc.domain.access import Role
from gridsvc.errors import TooManyError, UnauthenticatedError
from gridsvc.store.callers import as_service, name_signed_in
from gridsvc.web.answers import Lang, answer, go_on
from gridsvc.web.cookies import HOME, local_path, set_session
from gridsvc.web.render import Visitor, language_queries, render_page, told

router = APIRouter(include_in_schema=False)

FORM_SECONDS = 3_600
"""How long a sign-in form may stay open."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """`to`: the page that was wanted, one of ours."""

    request: Request
    service: Service
    lang: str
    to: str


def _asked(
    request: Request, service: TheService, lang: Lang, wanted: Annotated[str, Query(alias="next")] = HOME
) -> Desk:
    return Desk(request=request, service=service, lang=lang, to=local_path(wanted))


def _sent(request: Request, service: TheService, lang: Lang, wanted: Annotated[str, Form(alias="next")] = HOME) -> Desk:
    return Desk(request=request, service=service, lang=lang, to=local_path(wanted))


@router.get("/sign-in")
def open_form(desk: Annotated[Desk, Depends(_asked)], caller: CallerAlone) -> Response:
    return _form(desk) if caller.account_id is None else RedirectResponse(_goal(desk), HTTPStatus.SEE_OTHER)


@router.post("/sign-in")
def sign_in(
    desk: Annotated[Desk, Depends(_sent)],
    origin: TheOrigin,
    name: Annotated[str, Form(max_length=60)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    code: Annotated[str, Form(max_length=10)] = "",
    form: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """No session yet, so the form proves by its own cookie that our page sent it."""
    if not _is_ours(desk.request, form):
        return _form(desk, status=HTTPStatus.FORBIDDEN)
    service, old = desk.service, session_token(desk.request)
    rules = Rules(hours=service.settings.session_hours, demo=service.demo)
    try:
        with service.limits.sign_in(origin.address):
            token = signing_in.sign_in(service.pool, origin, rules, name, password, code, old=old)
    except UnauthenticatedError as error:
        return _form(desk, name=name, trouble=told(error, desk.lang), status=HTTPStatus.UNAUTHORIZED)
    except TooManyError as error:
        found = _form(desk, name=name, trouble=told(error, desk.lang), status=HTTPStatus.TOO_MANY_REQUESTS)
        found.headers["Retry-After"] = str(error.seconds)
        return found
    found = RedirectResponse(_goal(desk), HTTPStatus.SEE_OTHER)
    set_session(found, desk.request, service, token)
    return found


@router.post("/sign-out")
def sign_out(request: Request, service: TheService, origin: TheOrigin, caller: CallerAlone, lang: Lang) -> Response:
    token = session_token(request)
    if caller.account_id is not None and caller.csrf is not None and token is not None:
        with as_service(service.pool, origin) as conn:
            name_signed_in(conn, caller.account_id, caller.name or "")
            signing_in.sign_out(conn, caller.account_id, token)
    found = go_on("/sign-in", lang)
    found.delete_cookie(cookie_name(request), path="/", secure=_over_tls(request), httponly=True, samesite="lax")
    return found


def _form(desk: Desk, *, name: str = "", trouble: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
    city, settings = desk.service.city, desk.service.settings
    token = _form_token(desk.request) or secrets.token_urlsafe(32)
    html = render_page(
        "sign_in.html", "/sign-in", desk.lang,
        visitor=Visitor(city_zh=city.name_zh, city_en=city.name_en, synthetic=city.synthetic),
        queries=language_queries(next="" if desk.to == HOME else desk.to),
        to=desk.to, name=name, trouble=trouble, status=int(status), token=token,
        provider=settings.oidc_title if settings.oidc_issuer else "",
        oidc=urlencode({"next": _goal(desk)}),
        demo=[(role.value, role.value.replace("_", "-")) for role in Role] if desk.service.demo else [],
    )  # fmt: skip
    found, name_of_cookie = answer(html, status=status), _form_cookie(desk.request)
    secure = _over_tls(desk.request)
    found.set_cookie(
        name_of_cookie, token, max_age=FORM_SECONDS, path="/", secure=secure, httponly=True, samesite="strict"
    )
    return found


def _goal(desk: Desk) -> str:
    """The page that was wanted, in the language that was chosen meanwhile."""
    if "lang" not in desk.request.query_params:
        return desk.to
    parts = urlsplit(desk.to)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "lang"]
    return urlunsplit(("", "", parts.path, urlencode([*query, ("lang", desk.lang)]), ""))


def _is_ours(request: Request, given: str) -> bool:
    expected = _form_token(request)
    return expected is not None and hmac.compare_digest(expected.encode(), given.encode())


def _form_token(request: Request) -> str | None:
    """The cookie's value, which stays: somebody may have the form open in two tabs."""
    text = request.cookies.get(_form_cookie(request), "")
    return text if re.fullmatch(r"[\w-]{43}", text, re.ASCII) else None


def _form_cookie(request: Request) -> str:
    return f"{cookie_name(request)}-form"


def _over_tls(request: Request) -> bool:
    return request.url.scheme == "https"
