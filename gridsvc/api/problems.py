"""Errors as RFC 9457 problems: the domain raises, this table maps to HTTP."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import psycopg
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from psycopg_pool import PoolTimeout
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from gridsvc.api.dependencies import session_token, the_origin
from gridsvc.api.guard import HEADERS, TooLargeError
from gridsvc.api.logs import described
from gridsvc.errors import (
    ConflictError,
    ForbiddenError,
    GridsvcError,
    InputError,
    NotFoundError,
    PasswordFirstError,
    SetupError,
    StaleError,
    TooManyError,
    UnauthenticatedError,
)
from gridsvc.store.callers import LONGEST, SessionToken, as_caller
from gridsvc.web.answers import language, visitor_of, visitor_seen
from gridsvc.web.policy import FRAME_PROBLEM_POLICY, GRID_FRAME, HEAT_FRAME, PROBLEM_POLICY
from gridsvc.web.render import Visitor, render_frame_problem, render_problem, told

STATUS: dict[type[Exception], HTTPStatus] = {
    InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFoundError: HTTPStatus.NOT_FOUND,
    UnauthenticatedError: HTTPStatus.UNAUTHORIZED,
    ForbiddenError: HTTPStatus.FORBIDDEN,
    TooManyError: HTTPStatus.TOO_MANY_REQUESTS,
    ConflictError: HTTPStatus.CONFLICT,
    SetupError: HTTPStatus.SERVICE_UNAVAILABLE,
}
MOST_ERRORS, LONGEST_WORD = 20, 100
"""Of a body in which everything is wrong."""
HTTP_ZH = {
    404: "没有这个地址，请检查后重试",
    405: "此地址不接受这种请求",
}
"""What is wrong, where it was found out before any route was asked."""
OF_SOMEBODY = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
"""Statuses of addresses and forms; other pages are made without asking the database who looks."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MEDIA_TYPE = "application/problem+json"
logger = logging.getLogger("gridsvc.api")


class Problem(BaseModel):
    """RFC 9457; `detail_zh` is the detail for readers of Chinese."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    detail_zh: str = ""
    instance: str


Responses = dict[int | str, dict[str, Any]]


def _described(status: HTTPStatus, when: str) -> Responses:
    """A problem answer as OpenAPI describes it."""
    return {int(status): {"description": when, "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}}


UNAVAILABLE = _described(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer or is of another release")
NOT_FOUND = _described(HTTPStatus.NOT_FOUND, "There is no such thing")
CONFLICT = _described(HTTPStatus.CONFLICT, "It exists already, or was changed meanwhile; nothing was done")
CALLER = (
    _described(HTTPStatus.UNAUTHORIZED, "This is not for the public, or the token is not known")
    | _described(HTTPStatus.FORBIDDEN, "The account may not do this, or X-CSRF-Token is missing")
    | _described(HTTPStatus.TOO_MANY_REQUESTS, "Asked too often; Retry-After says when it may be tried again")
)
RESPONSES = _described(HTTPStatus.UNPROCESSABLE_ENTITY, "A value is wrong; nothing was changed") | UNAVAILABLE | CALLER
TOO_LARGE = _described(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body takes too many bytes")


def register(app: FastAPI) -> None:
    for error in STATUS:
        app.add_exception_handler(error, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(PoolTimeout, _database)
    app.add_exception_handler(psycopg.OperationalError, _database)
    app.add_exception_handler(psycopg.errors.QueryCanceled, _too_long)
    app.add_exception_handler(psycopg.InterfaceError, _database)
    app.add_exception_handler(psycopg.DataError, _data)
    app.add_exception_handler(psycopg.errors.InsufficientPrivilege, _not_allowed)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _bug)


def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, GridsvcError)
    status = status_of(error)
    if request.method == "GET" and _is_for_people(request) and not _is_framed(request):
        if status == HTTPStatus.UNAUTHORIZED and not request.url.path.startswith("/sign-in"):
            return _to_sign_in(request)
        if isinstance(error, PasswordFirstError):
            return RedirectResponse(f"/account?lang={language(request)}", HTTPStatus.SEE_OTHER)
    changes = {"changes": jsonable_encoder(error.changes)} if isinstance(error, StaleError) else {}
    answer = _answer(request, status, str(error), told(error, "zh"), changes)
    if isinstance(error, TooManyError):
        answer.headers["Retry-After"] = str(error.seconds)
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def status_of(error: GridsvcError) -> HTTPStatus:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def _to_sign_in(request: Request) -> Response:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    asked = {"next": wanted} | {name: text for name, text in request.query_params.items() if name == "lang"}
    return RedirectResponse(f"/sign-in?{urlencode(asked)}", HTTPStatus.SEE_OTHER)


def _not_allowed(request: Request, error: Exception) -> Response:
    """The database itself refused."""
    logger.warning("refused by the database in %s: %s", request.method, described(error))
    return _answer(request, HTTPStatus.FORBIDDEN, "the account may not do this", "此账号没有权限")


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = error.errors()
    found = [f"{'.'.join(str(part)[:LONGEST_WORD] for part in e['loc'])}: {e['msg']}" for e in wrong[:MOST_ERRORS]]
    more = [f"and {len(wrong) - MOST_ERRORS} more"] if len(wrong) > MOST_ERRORS else []
    places = dict.fromkeys(str(e["loc"][-1])[:LONGEST_WORD] for e in wrong[:MOST_ERRORS])
    zh = f"以下各项有误、过长或缺失：{'、'.join(places)}{' 等' if more else ''}"
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join([*found, *more]), zh)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.BAD_REQUEST:  # a body that is not even text
        return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"body: {error.detail}", "无法读取所发送的内容")
    missing = error.status_code == HTTPStatus.NOT_FOUND
    detail = f"nothing is at {request.url.path[:LONGEST_WORD]}" if missing else str(error.detail)
    zh = error.zh if isinstance(error, TooLargeError) else HTTP_ZH.get(error.status_code, "")
    answer = _answer(request, HTTPStatus(error.status_code), detail, zh)
    answer.headers.update(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(_methods(request))
    return answer


def _methods(request: Request) -> list[str]:
    """What the path of a request can be asked by: each route knows only its own."""
    asked = [{**request.scope, "method": method} for method in METHODS]
    return [scope["method"] for scope in asked if any(r.matches(scope)[0] == Match.FULL for r in request.app.routes)]


def _database(request: Request, error: Exception) -> Response:
    logger.error("database does not answer: %s", described(error))
    return _answer(
        request,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "the database does not answer; try again shortly",
        "数据库没有响应，请稍后再试",
    )


def _too_long(request: Request, error: Exception) -> Response:
    logger.warning("stopped: %s", described(error))
    detail = f"the answer takes longer than {LONGEST} s, or areas are just changing; ask for less, or try again shortly"
    zh = f"查询超过 {LONGEST} 秒，或区划正在调整；请缩小范围，或稍后再试"
    return _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, detail, zh)


def _data(request: Request, error: Exception) -> Response:
    logger.warning("value refused by the database: %s", described(error))
    detail = "a value cannot be stored (control characters, or too large)"
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, "有内容无法保存（含控制字符，或过大）")


def _gone(_request: Request, _error: Exception) -> Response:
    """Whoever asked left in the middle; nobody reads this."""
    return Response(status_code=HTTPStatus.BAD_REQUEST)


def _bug(request: Request, error: Exception) -> Response:
    logger.error("unexpected error: %s", described(error))
    detail = "an unexpected error; the log of the service tells more"
    answer = _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail, "发生意外错误，详情见服务日志")
    for name, value in HEADERS.items():  # it is answered outside of every middleware
        answer.headers.setdefault(name, value)
    return answer


def _answer(
    request: Request, status: HTTPStatus, detail: str, zh: str = "", more: Mapping[str, Any] | None = None
) -> Response:
    """A page for people, problem+json for programs."""
    if _is_for_people(request):
        page, policy = _page(request, status, zh if zh and language(request) == "zh" else detail)
        return HTMLResponse(page, status_code=int(status), headers={"Content-Security-Policy": policy})
    body = Problem(title=status.phrase, status=int(status), detail=detail, detail_zh=zh, instance=request.url.path)
    return JSONResponse({**body.model_dump(), **(more or {})}, status_code=int(status), media_type=MEDIA_TYPE)


def _page(request: Request, status: HTTPStatus, detail: str) -> tuple[str, str]:
    """With its policy."""
    lang, path = language(request), request.url.path
    if _is_framed(request):
        return render_frame_problem(int(status), detail, lang), FRAME_PROBLEM_POLICY
    asked: Mapping[str, str] = request.query_params
    if path.startswith("/sign-in"):  # what came back from the provider is not to be sent again
        path, asked = "/sign-in", {}
    elif request.method != "GET" or path.startswith("//"):  # no page; a browser would take it for another host
        path, asked = "", {}
    found = _visitor(request) if status in OF_SOMEBODY else visitor_seen(request)
    return render_problem(int(status), detail, lang, visitor=found, path=path, asked=asked), PROBLEM_POLICY


def _visitor(request: Request) -> Visitor | None:
    """Whoever is signed in, though no route had to know."""
    service, token = getattr(request.app.state, "service", None), session_token(request)
    if service is None or token is None or hasattr(request.state, "caller"):
        return visitor_seen(request)
    origin = the_origin(request)
    session = SessionToken(token=token, idle_minutes=service.settings.session_idle_minutes)
    try:
        with as_caller(service.pool, session, origin, demo=service.demo) as (_, caller):
            if caller.account_id is None:
                service.limits.anonymous_request(origin.address)
            return visitor_of(service.city, caller)
    except (GridsvcError, PoolTimeout, psycopg.Error):
        return visitor_seen(request)


def _is_framed(request: Request) -> bool:
    return request.url.path in (HEAT_FRAME, GRID_FRAME)


def _is_for_people(request: Request) -> bool:
    return not request.url.path.startswith(("/api/", "/tiles/")) and "text/html" in request.headers.get("accept", "")
