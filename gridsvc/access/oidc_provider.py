"""What the city's OpenID Connect provider says: its addresses and keys, and who a person is."""

import ipaddress
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from joserfc import jwt
from joserfc.errors import BadSignatureError, ClaimError, ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, import_key
from joserfc.jws import JWSRegistry

from gridsvc.errors import SetupError, UnauthenticatedError

TIMEOUT = 10
"""Seconds until the provider counts as down."""
KEPT = 3_600
"""Seconds that its addresses and keys are kept."""
LEEWAY = 60
"""Seconds by which its clock may differ from ours."""
ALGORITHMS = ("RS256", "ES256", "PS256")
"""Of the ID token's signature: only those whose keys cannot sign by being public."""
DOWN = "the city's sign-in service does not answer; try again shortly"
CLOCKS = "this sign-in is too old or not valid yet: the clocks of the city's sign-in service and of this one may differ"
CLOCKS_ZH = "此次登录已过期或尚未生效：统一身份认证与本服务的时钟可能不一致"
EXPIRED_CODE = "the city's sign-in service does not know this sign-in any more: begin again"
OF_OUR_SETTINGS = ("invalid_client", "unauthorized_client", "unsupported_grant_type")
"""Errors of the exchange that no person who signs in can help."""
logger = logging.getLogger("gridsvc.access")


@dataclass(frozen=True, kw_only=True)
class Provider:
    """As it is configured."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    """Empty: PKCE alone protects the code."""
    redirect_uri: str
    name_claim: str
    """The claim that is the name of an account of ours."""


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What the provider published; `until` is in seconds of the monotonic clock."""

    authorization_endpoint: str
    token_endpoint: str
    auth_method: str
    keys: KeySet
    until: float


_known: dict[str, _Known] = {}
"""By issuer. Two requests may fetch the same; the later one stays."""


def authorization_address(provider: Provider, *, state: str, nonce: str, verifier: str) -> str:
    """Where the provider asks a person who she is."""
    known = _what_is_known(provider)
    with _session(provider, known.auth_method) as session:
        address, _ = session.create_authorization_url(
            known.authorization_endpoint, state=state, nonce=nonce, code_verifier=verifier
        )
    return str(address)


def id_token(provider: Provider, code: str, verifier: str) -> str:
    """What the provider gives for a code, which it takes once."""
    known = _what_is_known(provider)
    with _session(provider, known.auth_method) as session:
        try:
            answer = session.fetch_token(
                known.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                allow_redirects=False,
            )
        except OAuthError as error:
            raise _exchange_refused(str(error.error)) from error
        except (requests.RequestException, ValueError, TypeError) as error:
            raise _down(error) from error
    token = answer.get("id_token") if isinstance(answer, dict) else None
    if not isinstance(token, str):
        raise _unsound("none was sent")
    return token


def verified(provider: Provider, token: str) -> dict[str, Any]:
    """The claims of an ID token: signed by the provider, for this service, and in time."""
    try:
        claims = _signed(provider, token)
    except (JoseError, ValueError, TypeError, AttributeError) as error:  # the latter two: JSON of another shape
        raise _unsound("signature") from error
    try:
        _rules(provider).validate(claims)
    except ClaimError as error:
        early = error.claim in ("iat", "nbf") and isinstance(claims.get(error.claim), int | float)
        is_time = early or isinstance(error, ExpiredTokenError)
        raise (UnauthenticatedError(CLOCKS, zh=CLOCKS_ZH) if is_time else _unsound(error.claim)) from error
    if claims.get("azp", provider.client_id) != provider.client_id or ("azp" not in claims and _many(claims["aud"])):
        raise _unsound("azp")
    return claims


def _signed(provider: Provider, token: str) -> dict[str, Any]:
    """Keys change at any time: what no kept key has signed is tried with new ones, once."""
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    try:
        return jwt.decode(token, _what_is_known(provider).keys, registry=registry).claims
    except (InvalidKeyIdError, BadSignatureError):
        return jwt.decode(token, _what_is_known(provider, anew=True).keys, registry=registry).claims


def _rules(provider: Provider) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    )


def _many(audience: object) -> bool:
    return isinstance(audience, list) and len(audience) > 1


def _what_is_known(provider: Provider, *, anew: bool = False) -> _Known:
    known = _known.get(provider.issuer)
    if known is None or anew or time.monotonic() >= known.until:
        known = _known[provider.issuer] = _discovered(provider)
    return known


def _discovered(provider: Provider) -> _Known:
    _check_address(provider, provider.issuer, "GRIDSVC_OIDC_ISSUER")
    with _session(provider) as session:
        said = _fetched(session, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != provider.issuer:
            raise SetupError(
                "the city's sign-in service calls itself otherwise than GRIDSVC_OIDC_ISSUER does",
                zh="统一身份认证自称的地址与 GRIDSVC_OIDC_ISSUER 不一致",
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _check_address(provider, said.get(name), name)
        keys = _keys(_fetched(session, said["jwks_uri"]))
    return _Known(
        authorization_endpoint=said["authorization_endpoint"],
        token_endpoint=said["token_endpoint"],
        auth_method=_auth_method(provider, said),
        keys=keys,
        until=time.monotonic() + KEPT,
    )


def _check_address(provider: Provider, address: object, what: str) -> None:
    """https, but for a trial on this machine."""
    if not isinstance(address, str) or not (_is_https(address) or (_is_local(address) and _is_local(provider.issuer))):
        raise SetupError(
            f"{what} of the city's sign-in service is not an https address", zh=f"统一身份认证的 {what} 不是 https 地址"
        )


def _is_https(address: str) -> bool:
    with suppress(ValueError):
        parts = urlsplit(address)
        return parts.scheme == "https" and bool(parts.hostname)
    return False


def _is_local(address: str) -> bool:
    """Without encryption, on a numeric loopback address or localhost."""
    with suppress(ValueError):
        parts = urlsplit(address)
        host = parts.hostname or ""
        return parts.scheme == "http" and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    return False


def _auth_method(provider: Provider, said: Mapping[str, Any]) -> str:
    """How this service shows its secret; in the header unless the provider wants it in the body only."""
    if not provider.client_secret:
        return "none"
    known = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    only_body = "client_secret_basic" not in known and "client_secret_post" in known
    return "client_secret_post" if only_body else "client_secret_basic"


def _keys(document: Mapping[str, Any]) -> KeySet:
    """The public keys for signatures; other ones, and those of a kind that is not known, are passed over."""
    keys = []
    for given in document.get("keys") or []:
        with suppress(JoseError, ValueError, TypeError, KeyError, AttributeError):
            if given["kty"] in ("RSA", "EC") and given.get("use", "sig") == "sig":
                keys.append(import_key(given))
    return KeySet(keys)


def _session(provider: Provider, auth_method: str = "none") -> Any:
    """For one conversation with the provider: an OAuth2Session."""
    return OAuth2Session(
        provider.client_id,
        provider.client_secret,
        token_endpoint_auth_method=auth_method,
        scope="openid email" if provider.name_claim == "email" else "openid profile",
        redirect_uri=provider.redirect_uri,
        code_challenge_method="S256",
        default_timeout=TIMEOUT,
    )


def _fetched(session: Any, address: str) -> dict[str, Any]:
    try:
        answer = session.get(address, withhold_token=True, allow_redirects=False)
        answer.raise_for_status()
        document = answer.json()
    except requests.RequestException as error:
        raise _down(error) from error
    if not isinstance(document, dict):
        raise SetupError(f"{address} is not of an OpenID Connect provider", zh=f"{address} 不是统一身份认证的地址")
    return document


def _exchange_refused(said: str) -> SetupError | UnauthenticatedError:
    """A client that is not known is ours to put right; a code that is not, the person's to try again."""
    if said in OF_OUR_SETTINGS:
        logger.error("the sign-in service does not accept this service: %s", said)
        return SetupError(
            "the city's sign-in service does not accept this service: check GRIDSVC_OIDC_CLIENT_…",
            zh="统一身份认证不接受本服务，请检查 GRIDSVC_OIDC_CLIENT_… 的设置",
        )
    return UnauthenticatedError(EXPIRED_CODE, zh="统一身份认证已不再认可此次登录，请重新登录")


def _down(error: Exception) -> SetupError:
    logger.error("the sign-in service does not answer: %s", type(error).__name__)
    return SetupError(DOWN, zh="统一身份认证没有响应，请稍后再试")


def _unsound(what: str) -> UnauthenticatedError:
    return UnauthenticatedError(
        f"the ID token of the city's sign-in service cannot be accepted ({what}): ask an administrator",
        zh=f"无法接受统一身份认证的身份令牌（{what}），请联系系统管理员",
    )
