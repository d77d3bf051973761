"""Errors as RFC 9457 problems: the domain raises, this table maps to HTTP."""

import logging
from http import HTTPStatus
from typing import Any

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from psycopg_pool import PoolTimeout
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from gridsvc.api.guard import HEADERS
from gridsvc.errors import ConflictError, GridsvcError, InputError, NotFoundError, SetupError
from gridsvc.store.requests import LONGEST
from gridsvc.web.policy import PROBLEM_POLICY
from gridsvc.web.render import render_problem

STATUS: dict[type[Exception], HTTPStatus] = {
    InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    SetupError: HTTPStatus.SERVICE_UNAVAILABLE,
}
MEDIA_TYPE = "application/problem+json"
logger = logging.getLogger("gridsvc.api")


class Problem(BaseModel):
    """RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str


Responses = dict[int | str, dict[str, Any]]


def _described(status: HTTPStatus, when: str) -> Responses:
    """A problem answer as OpenAPI describes it."""
    return {int(status): {"description": when, "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}}


UNAVAILABLE = _described(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer or is of another release")
NOT_FOUND = _described(HTTPStatus.NOT_FOUND, "There is no such thing")
RESPONSES = _described(HTTPStatus.UNPROCESSABLE_ENTITY, "A value is wrong; nothing was changed") | UNAVAILABLE


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
    app.add_exception_handler(Exception, _bug)


def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, GridsvcError)
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return _answer(request, status, str(error))


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors()]
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(found))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = _answer(request, HTTPStatus(error.status_code), str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


def _database(request: Request, error: Exception) -> Response:
    logger.error("database does not answer: %s", error)
    return _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, "the database does not answer; try again shortly")


def _too_long(request: Request, error: Exception) -> Response:
    logger.warning("stopped in %s %s: %s", request.method, request.url.path, error)
    detail = f"the answer takes longer than {LONGEST} s, or areas are just changing; ask for less, or try again shortly"
    return _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, detail)


def _data(request: Request, error: Exception) -> Response:
    logger.warning("value refused by the database: %s", error)
    return _answer(
        request, HTTPStatus.UNPROCESSABLE_ENTITY, "a value cannot be stored (control characters, or too large)"
    )


def _bug(request: Request, error: Exception) -> Response:
    logger.exception("unexpected error in %s %s", request.method, request.url.path, exc_info=error)
    answer = _answer(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, "an unexpected error; the log of the service tells more"
    )
    answer.headers.update(HEADERS)  # it is answered outside of every middleware
    return answer


def _answer(request: Request, status: HTTPStatus, detail: str) -> Response:
    """A page for people, problem+json for programs."""
    if not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", ""):
        lang = "en" if request.query_params.get("lang") == "en" else "zh"
        page = render_problem(int(status), status.phrase, detail, lang)
        return HTMLResponse(page, status_code=int(status), headers={"Content-Security-Policy": PROBLEM_POLICY})
    body = Problem(title=status.phrase, status=int(status), detail=detail, instance=request.url.path)
    return JSONResponse(body.model_dump(), status_code=int(status), media_type=MEDIA_TYPE)
