"""A small OpenID Connect provider on a free port of this machine, which misbehaves when told to."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "gridsvc", "a secret: of the client + 1"
METADATA, JWKS, TOKEN = "/.well-known/openid-configuration", "/jwks", "/token"


@dataclass
class Provider:
    """`claims` replace those of a right ID token, None leaves one out; the rest says what else goes wrong."""

    issuer: str
    key: RSAKey | ECKey
    person: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    signed: str = "RS256"
    """Or none, HS256 (by the public key as if it were a secret), unknown (key id), forged (by another key)."""
    error: str = ""
    """What the authorization endpoint answers instead of a code."""
    token_answer: tuple[int, bytes] | None = None
    """What the token endpoint answers instead of a token."""
    metadata: dict[str, Any] = field(default_factory=dict)
    more_keys: list[dict[str, Any]] = field(default_factory=list)
    public: bool = False
    """The client has no secret."""
    slow: float = 0
    """Seconds that the token endpoint takes."""
    asked: Counter[str] = field(default_factory=Counter)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def behave(self) -> None:
        """As at the beginning, but for its key."""
        self.claims, self.metadata, self.more_keys = {}, {}, []
        self.signed, self.error, self.token_answer, self.slow, self.public = "RS256", "", None, 0, False
        self.asked.clear()

    def rotate(self, key: RSAKey | ECKey | None = None) -> None:
        self.key = key or new_key()

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        if self.error:
            return f"{query['redirect_uri']}?{urlencode({'error': self.error, 'state': query['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query | {"person": json.dumps(self.person)}
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state'], 'iss': self.issuer})}"

    def exchange(self, header: str, form: dict[str, str]) -> tuple[int, bytes]:
        time.sleep(self.slow)
        if self.token_answer:
            return self.token_answer
        if not self._is_client(header, form):
            return _error("invalid_client", 401)
        asked = self.codes.pop(form.get("code", ""), None)
        if form["grant_type"] != "authorization_code" or asked is None:
            return _error("invalid_grant")
        challenge = _base64(hashlib.sha256(form["code_verifier"].encode()).digest())
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return _error("invalid_grant")
        said = {"access_token": "x", "token_type": "Bearer", "expires_in": 60, "id_token": self._id_token(asked)}
        return 200, json.dumps(said).encode()

    def _is_client(self, header: str, form: dict[str, str]) -> bool:
        if self.public:
            return not header and form.get("client_id") == CLIENT and "client_secret" not in form
        if self.metadata.get("token_endpoint_auth_methods_supported") == ["client_secret_post"]:
            return not header and (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        return header == "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= json.loads(asked["person"]) | self.claims
        return self._sign({name: value for name, value in claims.items() if value is not None})

    def _sign(self, claims: dict[str, Any]) -> str:
        header, payload = {"alg": "RS256", "kid": self.key.kid}, json.dumps(claims)
        match self.signed:
            case "none":
                return ".".join((_base64(b'{"alg":"none"}'), _base64(payload.encode()), ""))
            case "HS256":
                given = f"{_base64(json.dumps(header | {'alg': 'HS256'}).encode())}.{_base64(payload.encode())}"
                return f"{given}.{_base64(hmac.digest(self.key.as_pem(private=False), given.encode(), 'sha256'))}"
            case "unknown":
                return jws.serialize_compact(header | {"kid": "another"}, payload, new_key())
            case "forged":
                return jws.serialize_compact(header, payload, new_key())
            case algorithm:
                return jws.serialize_compact(header | {"alg": algorithm}, payload, self.key, [algorithm])

    def document(self, path: str) -> dict[str, Any] | None:
        if path == JWKS:
            return {"keys": [*self.more_keys, self.key.as_dict(private=False, use="sig")]}
        if path != METADATA:
            return None
        endpoints = {"authorization_endpoint": "/authorize", "token_endpoint": TOKEN, "jwks_uri": JWKS}
        said = {"issuer": self.issuer} | {name: self.issuer + where for name, where in endpoints.items()}
        return said | self.metadata


@contextmanager
def providing() -> Iterator[Provider]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        provider = _Handler.providers[server.server_port] = Provider(
            issuer=f"http://127.0.0.1:{server.server_port}", key=new_key()
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})


class _Handler(BaseHTTPRequestHandler):
    providers: dict[int, Provider] = {}  # noqa: RUF012

    @property
    def provider(self) -> Provider:
        return self.providers[self.server.server_address[1]]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.provider.asked[parts.path] += 1
        if parts.path == "/authorize":
            self.send_response(303)
            self.send_header("Location", self.provider.authorize(_flat(parts.query)))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        document = self.provider.document(parts.path)
        self._answer(200 if document else 404, json.dumps(document).encode())

    def do_POST(self) -> None:
        self.provider.asked[self.path] += 1
        form = _flat(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._answer(*self.provider.exchange(self.headers.get("Authorization", ""), form))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def _flat(query: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(query, strict_parsing=bool(query)).items()}


def _error(name: str, status: int = 400) -> tuple[int, bytes]:
    return status, json.dumps({"error": name}).encode()


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
