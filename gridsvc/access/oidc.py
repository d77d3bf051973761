"""Signing in by the city's own OpenID Connect provider: authorization code with PKCE, state and nonce."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg_pool import ConnectionPool

from gridsvc.access.oidc_provider import Provider, authorization_address, id_token, verified
from gridsvc.access.signing_in import Rules, start_session
from gridsvc.domain.access import account_name
from gridsvc.errors import InputError, UnauthenticatedError
from gridsvc.store import audit, credentials
from gridsvc.store.callers import Origin, as_service
from gridsvc.store.connection import Connection

__all__ = ["Flow", "Provider", "begin", "finish"]

NOBODY = "no account here for this person: ask an administrator"
"""Said of unknown people and of disabled accounts alike."""
NOT_BEGUN = "this sign-in was not begun in this browser, is done already or took too long: begin again"
LONGEST_SUBJECT = 255
"""Characters, by OpenID Connect Core 2."""


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What a browser keeps between going to the provider and coming back."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    def to_cookie(self) -> str:
        return ".".join((self.state, self.nonce, self.verifier))

    @classmethod
    def from_cookie(cls, text: str) -> "Flow | None":
        """None for what `to_cookie` cannot have written."""
        parts = text.split(".")
        if len(parts) != 3 or not all(parts):
            return None
        return cls(state=parts[0], nonce=parts[1], verifier=parts[2])


def begin(provider: Provider) -> tuple[str, Flow]:
    """The provider's address to go to, and what to keep until the person comes back."""
    flow = Flow(state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48))
    address = authorization_address(provider, state=flow.state, nonce=flow.nonce, verifier=flow.verifier)
    return address, flow


def finish(
    pool: ConnectionPool[Connection],
    origin: Origin,
    rules: Rules,
    provider: Provider,
    flow: Flow | None,
    answer: Mapping[str, str],
    old: bytes | None,
) -> str:
    """The token of a new session. `answer`: what came back by the browser; `old`: the session it had, which ends.

    No transaction is open while the provider is asked.
    """
    try:
        claims = _claims(provider, flow, answer)
    except UnauthenticatedError as error:
        with as_service(pool, origin) as conn:
            _record_failure(conn, "an unknown name", str(error))
        raise
    with as_service(pool, origin) as conn:
        token = _start(conn, rules, provider, claims, old)
    if token is None:
        raise UnauthenticatedError(NOBODY, zh="此处没有您的账号，请联系系统管理员")
    return token


def _claims(provider: Provider, flow: Flow | None, answer: Mapping[str, str]) -> dict[str, Any]:
    if flow is None or not _same(flow.state, answer.get("state")):
        raise UnauthenticatedError(NOT_BEGUN, zh="此次登录不是在本浏览器中发起，或已完成，或已超时，请重新登录")
    if answer.get("iss", provider.issuer) != provider.issuer:  # RFC 9207
        raise UnauthenticatedError(
            "this answer is not of the city's sign-in service: begin again",
            zh="此答复不是来自本市统一身份认证，请重新登录",
        )
    if "error" in answer or not answer.get("code"):
        cancelled = answer.get("error") == "access_denied"
        why = "it was cancelled, or you may not use this service" if cancelled else "it answered with an error"
        raise UnauthenticatedError(
            f"the city's sign-in service did not sign you in: {why}",
            zh=f"统一身份认证未通过：{'登录已取消，或您无权使用本服务' if cancelled else '对方返回错误'}",
        )
    claims = verified(provider, id_token(provider, answer["code"], flow.verifier))
    if not _same(flow.nonce, claims.get("nonce")):
        raise UnauthenticatedError(
            "the ID token is of another sign-in: begin again", zh="身份令牌属于另一次登录，请重新登录"
        )
    if not _can_be_subject(claims["sub"]):
        raise UnauthenticatedError(
            "the ID token names nobody: ask an administrator", zh="身份令牌未指明用户，请联系系统管理员"
        )
    return claims


def _start(
    conn: Connection, rules: Rules, provider: Provider, claims: Mapping[str, Any], old: bytes | None
) -> str | None:
    """None, and a line in the record, if nobody may sign in."""
    account = credentials.account_of_subject(conn, provider.issuer, claims["sub"], _name(provider, claims))
    if account is None or account["disabled_at"] is not None or (account["demo"] and not rules.demo):
        _record_failure(conn, f"account {account['id']}" if account else "an unknown name", NOBODY)
        return None
    return start_session(conn, rules, account["id"], account["name"], old, by="oidc")


def _record_failure(conn: Connection, thing: str, why: str) -> None:
    audit.record(conn, "sign_in.failed", thing, after={"by": "oidc", "why": why})


def _name(provider: Provider, claims: Mapping[str, Any]) -> str:
    """The account's name that the provider says; empty, which is no account's, if it is none."""
    given = claims.get(provider.name_claim)
    if provider.name_claim == "email" and claims.get("email_verified") not in (True, "true"):
        return ""
    try:
        return account_name(given) if isinstance(given, str) else ""
    except InputError:
        return ""


def _same(kept: str, given: object) -> bool:
    """In constant time."""
    return isinstance(given, str) and hmac.compare_digest(kept.encode(), given.encode(errors="replace"))


def _can_be_subject(text: str) -> bool:
    return 1 <= len(text) <= LONGEST_SUBJECT and text.isprintable()
