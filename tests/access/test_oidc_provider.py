"""A provider that misbehaves, is out of order or changes its keys."""

import base64
import socket
import time

import pytest
from joserfc.jwk import ECKey, RSAKey

from gridsvc.access import oidc, oidc_provider
from gridsvc.errors import SetupError
from tests.access.journey import (
    CALLBACK,
    PUBLIC,
    at_provider,
    known_person,
    refused,
    settings,
    sign_in,
    unavailable,
)
from tests.access.provider import CLIENT, JWKS, METADATA, new_key
from tests.service import asking, running


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://elsewhere.example"}, "(iss)"),
        ({"iss": None}, "(iss)"),
        ({"aud": "another"}, "(aud)"),
        ({"aud": []}, "(aud)"),
        ({"aud": ["another"]}, "(aud)"),
        ({"aud": {CLIENT: 1}}, "(aud)"),
        ({"aud": [CLIENT, "another"]}, "(azp)"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "(azp)"),
        ({"azp": "another"}, "(azp)"),
        ({"nonce": "another"}, "another sign-in"),
        ({"nonce": None}, "another sign-in"),
        ({"nonce": 7}, "another sign-in"),
        ({"sub": None}, "(sub)"),
        ({"sub": 7}, "(sub)"),
        ({"sub": ""}, "(sub)"),
        ({"sub": "a\0b"}, "names nobody"),
        ({"sub": "\ud800"}, "names nobody"),
        ({"sub": "a" * 256}, "names nobody"),
        ({"exp": None}, "(exp)"),
        ({"iat": None}, "(iat)"),
        ({"exp": "tomorrow"}, "(exp)"),
        ({"exp": float("nan")}, "(exp)"),
        ({"exp": True}, "(exp)"),
        ({"iat": "today"}, "(iat)"),
        ({"nbf": "now"}, "(nbf)"),
    ],
)
def test_an_id_token_with_wrong_claims_is_refused(database, provider, browser, claims, why):
    known_person(database, provider)
    provider.claims = claims
    refused(browser, sign_in(browser), why)


@pytest.mark.parametrize("signed", ["none", "HS256", "unknown", "forged", "RS512"])
def test_an_id_token_that_the_provider_did_not_sign_as_it_must_is_refused(database, provider, browser, signed):
    known_person(database, provider)
    provider.signed = signed
    refused(browser, sign_in(browser), "(signature)")


def test_a_published_secret_signs_nothing(database, provider, browser):
    known_person(database, provider)
    secret = base64.urlsafe_b64encode(provider.key.as_pem(private=False)).decode().rstrip("=")
    provider.more_keys = [{"kty": "oct", "k": secret, "kid": provider.key.kid}]
    provider.signed = "HS256"
    refused(browser, sign_in(browser), "(signature)")


@pytest.mark.parametrize("token", [b"{}", b'{"id_token":7}', b'{"id_token":""}', b'{"id_token":"a.b.c"}',
                                   b'{"id_token":"ImFsZyI.e30.e30"}', b'{"id_token":"\\ud800.e30.e30"}'])  # fmt: skip
def test_what_is_no_id_token_is_refused(database, provider, browser, token):
    known_person(database, provider)
    provider.token_answer = (200, token)
    refused(browser, sign_in(browser), "cannot be accepted")


@pytest.mark.parametrize(
    ("claim", "seconds", "accepted"),
    [
        ("exp", -30, True),
        ("exp", -120, False),
        ("iat", 30, True),
        ("iat", 120, False),
        ("nbf", 30, True),
        ("nbf", 120, False),
    ],
)
def test_clocks_may_differ_by_a_minute(database, provider, browser, claim, seconds, accepted):
    known_person(database, provider)
    provider.claims = {claim: int(time.time()) + seconds}
    answer = sign_in(browser)
    if accepted:
        assert answer.status_code == 303
    else:
        refused(browser, answer, "the clocks")


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
def test_usual_signatures_are_accepted(database, provider, browser, algorithm):
    known_person(database, provider)
    provider.rotate(ECKey.generate_key("P-256", {"kid": "ec"}) if algorithm == "ES256" else new_key())
    provider.signed = algorithm
    provider.more_keys = [
        {"kty": "new", "kid": "x"}, {"kty": "RSA"}, {}, RSAKey.generate_key(2048).as_dict(private=False, use="enc"),
    ]  # fmt: skip
    assert sign_in(browser).status_code == 303
    provider.rotate()


def test_several_audiences_are_accepted_if_this_service_is_the_party(database, provider, browser):
    known_person(database, provider)
    provider.claims = {"aud": [CLIENT, "another"], "azp": CLIENT}
    assert sign_in(browser).status_code == 303


def test_keys_are_kept_until_they_change(database, provider, browser):
    known_person(database, provider)
    for _ in range(2):
        assert sign_in(browser).status_code == 303
    assert (provider.asked[METADATA], provider.asked[JWKS]) == (1, 1)
    provider.rotate()
    for _ in range(2):
        assert sign_in(browser).status_code == 303
    assert provider.asked[JWKS] == 2
    provider.signed = "unknown"
    browser.cookies.clear()
    refused(browser, sign_in(browser), "(signature)")
    assert provider.asked[JWKS] == 3


def test_what_is_kept_is_fetched_again_after_an_hour(database, provider, browser, monkeypatch):
    known_person(database, provider)
    monkeypatch.setattr(oidc_provider, "KEPT", -1)
    browser.get("/sign-in/oidc")
    browser.get("/sign-in/oidc")
    assert provider.asked[METADATA] == 2


@pytest.mark.parametrize("answer", [(503, b""), (200, b"<html>"), (200, b"7"), (200, b"[]"), (302, b"")])
def test_a_token_endpoint_that_answers_nonsense_is_out_of_order(database, provider, browser, answer):
    known_person(database, provider)
    provider.token_answer = answer
    unavailable(browser, sign_in(browser), "does not answer")


def test_a_provider_that_is_too_slow_is_out_of_order(database, provider, browser, monkeypatch):
    known_person(database, provider)
    asked = at_provider(browser)
    monkeypatch.setattr(oidc_provider, "TIMEOUT", 0.2)
    provider.slow = 1.0
    unavailable(browser, browser.get(CALLBACK, params=asked), "does not answer")


def test_a_provider_that_is_down_is_out_of_order(database):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        issuer = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with running(database, **settings(issuer)) as host, asking(host) as browser:
            unavailable(browser, browser.get("/sign-in/oidc"), "does not answer")


def test_a_wrong_client_secret_is_the_operators(database, provider):
    known_person(database, provider)
    given = settings(provider.issuer) | {"oidc_client_secret": "another"}
    with running(database, **given) as host, asking(host) as browser:
        unavailable(browser, sign_in(browser), "GRIDSVC_OIDC_CLIENT_")


def test_a_client_without_a_secret_relies_on_the_verifier(database, provider):
    known_person(database, provider)
    provider.public = True
    given = settings(provider.issuer) | {"oidc_client_secret": ""}
    with running(database, **given) as host, asking(host) as browser:
        assert sign_in(browser).status_code == 303


def test_the_secret_goes_into_the_body_if_the_provider_wants_it_there(database, provider, browser):
    known_person(database, provider)
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert sign_in(browser).status_code == 303


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://elsewhere.example"},
        {"issuer": None},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "http://10.0.0.1/jwks"},
        {"jwks_uri": "https://[/jwks"},
        {"jwks_uri": "https:///jwks"},
        {"token_endpoint": None},
    ],
)
def test_metadata_that_cannot_be_trusted_is_refused(provider, browser, metadata):
    provider.metadata = metadata
    unavailable(browser, browser.get("/sign-in/oidc"), "the city's sign-in service")


@pytest.mark.parametrize("issuer", ["http://login.city.example", "ftp://127.0.0.1", "login.city.example", "http://["])
def test_an_issuer_without_encryption_is_refused(issuer):
    given = oidc.Provider(issuer=issuer, client_id=CLIENT, client_secret="", redirect_uri=PUBLIC, name_claim="sub")
    with pytest.raises(SetupError, match="not an https address"):
        oidc.begin(given)
