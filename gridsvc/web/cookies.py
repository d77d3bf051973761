"""The cookie of a session, and where a person is led after signing in."""

from urllib.parse import quote

from fastapi import Request, Response

from gridsvc.api.dependencies import Service, cookie_name

HOME = "/"
LONGEST_PATH = 1_000
"""Bytes of a path with its query, percent-encoded."""


def set_session(response: Response, request: Request, service: Service, token: str) -> None:
    """Lax, not Strict: whoever comes from the city's own sign-in service or by a link in a message is signed in."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=service.settings.session_hours * 3_600,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def local_path(text: str) -> str:
    """A path of this service, with its query; HOME for what would lead elsewhere or back to signing in.

    Browsers take `\\` for `/` and drop tabs and line ends, so `/\\host` and `/<tab>/host` are other hosts.
    """
    leads_away = not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable()
    if leads_away or text.startswith(("/sign-in", "/sign-out")) or len(quote(text)) > LONGEST_PATH:
        return HOME
    return text
