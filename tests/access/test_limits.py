"""How often, how much, from where: limits that hold, and addresses that cannot be made up."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import httpx
import psycopg
import pytest

from gridsvc.api.limits import Limits, network
from gridsvc.api.logs import Formatter, described, masked
from gridsvc.config import Settings
from gridsvc.errors import InputError, TooManyError
from gridsvc.store.connection import connect
from tests.access import town
from tests.service import asking, running

REPORT: dict[str, Any] = {
    "channel": "public",
    "reported_at": "2026-06-01T12:00:00Z",
    "kind": "event",
    "subclass_code": "0110",
}


@pytest.fixture(scope="module")
def built(database: str) -> str:
    town.build(database)
    return database


@contextmanager
def public(database: str, **given: Any) -> Iterator[httpx.Client]:
    with running(database, **given) as host, asking(host) as client:
        yield client


def send(client: httpx.Client, name: str, **headers: str) -> httpx.Response:
    return client.post("/api/v1/reports", json={**REPORT, "external_id": name}, headers=headers)


def test_anonymous_reports_of_a_device(built: str) -> None:
    with public(built, anonymous_reports_per_device=2) as client:
        assert [send(client, f"d{n}", **{"X-Device-Id": "one"}).status_code for n in range(3)] == [201, 201, 429]
        assert send(client, "d4", **{"X-Device-Id": "two"}).status_code == 201
        refused = send(client, "d5", **{"X-Device-Id": "one"})
        assert 0 < int(refused.headers["retry-after"]) <= 3_600
        assert "reports from this device" in refused.json()["detail"]


def test_anonymous_reports_of_an_address_whatever_the_device_says(built: str) -> None:
    with public(built, anonymous_reports_per_hour=3) as client:
        codes = [send(client, f"a{n}", **{"X-Device-Id": f"device {n}"}).status_code for n in range(5)]
        assert codes == [201, 201, 201, 429, 429]
        assert client.get("/api/v1/areas").status_code == 200


def test_a_made_up_address_does_not_count(built: str) -> None:
    """Nobody is trusted to say who stands behind, unless the operator named it."""
    with public(built, anonymous_reports_per_hour=2) as client:
        codes = [send(client, f"f{n}", **{"X-Forwarded-For": f"198.51.100.{n}"}).status_code for n in range(3)]
        assert codes == [201, 201, 429]


def test_a_trusted_proxy_counts_and_only_the_last_it_has_seen(built: str) -> None:
    given = {"anonymous_reports_per_hour": 1, "trusted_proxies": "127.0.0.1"}
    with public(built, **given) as client:
        assert send(client, "t1", **{"X-Forwarded-For": "198.51.100.1"}).status_code == 201
        assert send(client, "t2", **{"X-Forwarded-For": "198.51.100.2"}).status_code == 201
        forged = {"X-Forwarded-For": "203.0.113.9, 198.51.100.1"}
        assert send(client, "t3", **forged).status_code == 429
    with connect(built) as conn:
        found = conn.execute(
            "SELECT payload ->> 'address' FROM audit_payload JOIN audit ON id = audit_id"
            " WHERE action = 'report.take_in' ORDER BY id DESC LIMIT 2"
        ).fetchall()
    assert {row[0] for row in found} == {"198.51.100.1", "198.51.100.2"}


def test_requests_without_an_account(built: str) -> None:
    with public(built, anonymous_requests_per_minute=5) as client:
        assert [client.get("/api/v1/areas").status_code for _ in range(6)] == [200] * 5 + [429]
        assert client.get("/health").status_code == 200


def test_an_unknown_channel_and_a_closed_one_are_refused_alike(built: str) -> None:
    """Nobody learns which channels there are."""
    with public(built) as client:
        answers = [
            client.post("/api/v1/reports", json={**REPORT, "external_id": "c", "channel": name}).json()
            for name in ("hotline", "no such")
        ]
    assert answers[0] == answers[1]
    assert answers[0]["status"] == 401


@pytest.mark.parametrize(("address", "key"), [
    ("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("not an address", "not an address"),
    ("", ""),
])  # fmt: skip
def test_what_counts_as_one_address(address: str, key: str) -> None:
    assert network(address) == key


def test_limits_say_when_to_come_back() -> None:
    limits = Limits(Settings(sign_ins_per_address=1))
    with limits.sign_in("2001:db8::1"):
        pass
    with pytest.raises(InputError), limits.sign_in("2001:db8::1"):
        raise InputError("wrong")
    with pytest.raises(TooManyError) as caught, limits.sign_in("2001:db8::2"):
        raise AssertionError("it was let in")
    assert 1 <= caught.value.seconds <= 900


HEADERS = {
    "x-content-type-options": "nosniff", "referrer-policy": "same-origin", "x-frame-options": "SAMEORIGIN",
    "cross-origin-opener-policy": "same-origin", "cache-control": "no-store",
}  # fmt: skip


@pytest.mark.parametrize("path", ["/health", "/api/v1/areas", "/sign-in", "/", "/nothing", "/api/v1/reports", "/docs"])
def test_headers_stand_on_every_answer(built: str, path: str) -> None:
    with public(built) as client:
        answer = client.get(path, headers={"accept": "text/html"})
    for name, value in HEADERS.items():
        assert answer.headers[name] == value, name
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy
    assert "strict-transport-security" not in answer.headers
    assert answer.headers["x-request-id"]


def test_over_tls_browsers_are_told_to_stay_there(built: str) -> None:
    with public(built, trusted_proxies="127.0.0.1") as client:
        answer = client.get("/health", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


# Logs


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What goes to the log, formatted as the service does."""
    stream, root = StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Formatter())
    handler.addFilter(lambda record: record.name != "httpx")  # of the client that asks
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_line_per_request_with_its_id_and_nothing_personal(built: str, lines: StringIO) -> None:
    personal = {**REPORT, "external_id": "l", "reporter_name": "Wang Wu", "reporter_phone": "13700000000", "lon": 104.6}
    with public(built) as client:
        answer = client.post("/api/v1/reports?who=Wang", json=personal, headers={"X-Device-Id": "phone of Wang"})
        client.get("/api/v1/locate", params={"lon": 104.123456, "lat": 31.654321})
        client.get("/api/v1/areas", headers={"Authorization": "Bearer gsv_secretsecret"})
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    requests = [line for line in found if line["logger"] == "gridsvc.requests"]
    assert [(line["method"], line["route"], line["status"]) for line in requests] == [
        ("POST", "/api/v1/reports", 422), ("GET", "/api/v1/locate", 200), ("GET", "/api/v1/areas", 401),
    ]  # fmt: skip
    assert requests[0]["request_id"] == answer.headers["x-request-id"]
    text = lines.getvalue()
    for word in ("Wang", "13700000000", "104.123456", "31.654321", "secretsecret", "127.0.0.1"):
        assert word not in text, word


@pytest.mark.parametrize(("text", "kept"), [
    ("token gsv_abcDEF-_123 was used", "token gsv_*** was used"),
    ("postgresql://gridsvc:hunter2@db:5432/x", "postgresql://gridsvc:***@db:5432/x"),
    ("password=hunter2&name=li", "password=***&name=li"), ('{"secret": "hunter2"}', '{"secret": "***"}'),
    ("nothing to hide", "nothing to hide"),
])  # fmt: skip
def test_secrets_are_masked(text: str, kept: str) -> None:
    assert masked(text) == kept


def test_an_error_is_told_by_its_place_not_by_what_people_wrote(conn: psycopg.Connection) -> None:
    try:
        conn.execute("INSERT INTO channel VALUES ('x', 'Wang Wu', NULL, true, true)")
    except psycopg.Error as error:
        text = described(error)
    assert "23502" in text
    assert "Wang Wu" not in text
    assert "test_limits.py" in text
    assert described(ValueError("Wang Wu")).startswith("ValueError")
    assert "Wang Wu" not in described(ValueError("Wang Wu"))
    assert described(InputError("bad")) == "InputError: bad"


def test_secrets_do_not_show_in_settings() -> None:
    settings = Settings(database_url="postgresql://a:hunter2@b/c", oidc_client_secret="hunter3")  # type: ignore[arg-type]
    assert "hunter" not in repr(settings) + str(settings)
