"""`/sign-in/oidc`: to the city's own sign-in service and back."""

import base64
import binascii
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from gridsvc.access import oidc
from gridsvc.access.oidc import Flow, Provider
from gridsvc.access.signing_in import Rules
from gridsvc.api.dependencies import Service, TheOrigin, TheService, session_token
from gridsvc.errors import NotFoundError
from gridsvc.web.cookies import HOME, local_path, set_session

router = APIRouter(include_in_schema=False)

BEGIN = "/sign-in/oidc"
CALLBACK = f"{BEGIN}/callback"
COOKIE, COOKIE_OVER_TLS = "gridsvc-oidc", "__Host-gridsvc-oidc"
MINUTES = 10
"""That a person may take at the provider."""


@router.get(BEGIN)
def begin(
    request: Request, service: TheService, wanted: Annotated[str, Query(alias="next")] = HOME
) -> RedirectResponse:
    provider = _provider(service)
    address, flow = oidc.begin(provider)
    answer = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    _set_flow(answer, request, _written(flow, local_path(wanted)), MINUTES * 60)
    return answer


@router.get(CALLBACK)
def callback(request: Request, service: TheService, origin: TheOrigin) -> RedirectResponse:
    """Made-up answers count as failures: each has the provider asked about it."""
    provider = _provider(service)
    flow, wanted = _read(request.cookies.get(_cookie(request), ""))
    rules = Rules(hours=service.settings.session_hours, demo=service.demo)
    given = dict(request.query_params)
    with service.limits.sign_in(origin.address):
        token = oidc.finish(service.pool, origin, rules, provider, flow, given, session_token(request))
    answer = RedirectResponse(local_path(wanted), HTTPStatus.SEE_OTHER)
    set_session(answer, request, service, token)
    _set_flow(answer, request, "", 0)
    return answer


def _provider(service: Service) -> Provider:
    settings = service.settings
    if not settings.oidc_issuer:
        raise NotFoundError("this city has no sign-in service of its own", zh="本市没有设置统一身份认证")
    return Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        redirect_uri=settings.public_url.rstrip("/") + CALLBACK,
        name_claim=settings.oidc_name_claim,
    )


def _cookie(request: Request) -> str:
    return COOKIE_OVER_TLS if request.url.scheme == "https" else COOKIE


def _set_flow(answer: RedirectResponse, request: Request, text: str, seconds: int) -> None:
    """Lax: the provider's redirect comes from another site. No seconds: the browser forgets it."""
    secure = request.url.scheme == "https"
    answer.set_cookie(_cookie(request), text, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")


def _written(flow: Flow, wanted: str) -> str:
    return f"{flow.to_cookie()}.{base64.urlsafe_b64encode(wanted.encode()).decode().rstrip('=')}"


def _read(text: str) -> tuple[Flow | None, str]:
    """The flow, if the cookie has one, and where the person wanted to go."""
    kept, _, wanted = text.rpartition(".")
    try:
        path = base64.urlsafe_b64decode(wanted + "=" * (-len(wanted) % 4)).decode()
    except (binascii.Error, ValueError):
        path = HOME
    return Flow.from_cookie(kept), path
