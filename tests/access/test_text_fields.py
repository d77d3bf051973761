"""Every text field of the API, given what text fields are given by those who mean harm or hit the wrong key."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.access import town
from tests.access.routes import ASKED, LAT, LON
from tests.service import client

NASTY: list[Any] = [
    "' OR 1=1 --", "\\'; SELECT pg_sleep(10); --", "%s%(x)s{x}", "<script>alert(1)</script>", "{{ 7*7 }}${7*7}",
    "a\x00b", "\x1b[2J\x07", "\r\nSet-Cookie: a=b", "\u202e\u200b\ufeff𝕏", "x" * 100_000, "../../etc/passwd", "",
    " ", "1e999",
]  # fmt: skip
WRONG_TYPES: list[Any] = [None, 0, 1.5, True, [], ["x"], {}, {"x": 1}]


@pytest.fixture(scope="module")
def service(database: str) -> Iterator[httpx.Client]:
    town.build(database)
    with client(database) as found:
        yield found


@pytest.fixture(scope="module")
def schema(service: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = service.get("/openapi.json").json()
    return found


def fields(schema: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Method, path, where (query, path, header or body) and name of every field, whatever its type."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", []):
                yield method.upper(), path, parameter["in"], parameter["name"]
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content:
                for model in content["schema"].get("oneOf", [content["schema"]]):
                    name = model.get("$ref", "").rpartition("/")[2]
                    whole = schema["components"]["schemas"][name] if name else model
                    for field in whole["properties"]:
                        yield method.upper(), path, "body", field


def ask(service: httpx.Client, method: str, path: str, where: str, name: str, value: Any) -> httpx.Response:
    usual = ASKED.get((method, path), {})
    params, body = dict(usual.get("params", {})), dict(usual.get("json", {}))
    headers: dict[str, str] = {}
    ids = {"report_id": "00000000-0000-0000-0000-000000000000", "photo_id": "00000000-0000-0000-0000-000000000000",
           "subclass_code": "0101", "z": "14", "x": "1", "y": "1"}  # fmt: skip
    match where:
        case "query":
            params[name] = value
        case "body":
            body[name] = value
        case "path":
            ids[name] = value
        case "header":
            headers[name] = value.encode("ascii", "ignore").decode().replace("\x00", "").replace("\r\n", "")
    for placeholder, given in ids.items():
        path = path.replace(f"{{{placeholder}}}", httpx.QueryParams({"v": given}).__str__()[2:].replace("+", "%20"))
    request = {"json": body} if body else {}
    return service.request(method, path, params=params, headers=headers, **request)


def test_there_are_fields(schema: dict[str, Any]) -> None:
    assert len(list(fields(schema))) > 50


@pytest.mark.parametrize("value", NASTY, ids=range(len(NASTY)))
def test_no_text_breaks_the_service(service: httpx.Client, schema: dict[str, Any], value: str) -> None:
    before = service.get("/api/v1/components").json()["total"]
    for method, path, where, name in fields(schema):
        if where == "path" and not value.strip("./ "):
            continue  # another path altogether
        if where == "header" and not (value.strip() and value.isprintable()):
            continue  # no client can send it
        answer = ask(
            service, method, path, where, name, value[:2_000] if where in ("path", "header", "query") else value
        )
        place = f"{method} {path} {where} {name}={value[:40]!r}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code < 500, place
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", place
        assert "set-cookie" not in answer.headers, place
    assert service.get("/api/v1/components").json()["total"] == before


@pytest.mark.parametrize("value", WRONG_TYPES, ids=range(len(WRONG_TYPES)))
def test_no_wrong_type_breaks_the_service(service: httpx.Client, schema: dict[str, Any], value: Any) -> None:
    for method, path, where, name in fields(schema):
        if where == "body":
            answer = ask(service, method, path, where, name, value)
            assert answer.status_code < 500, f"{method} {path} {name}={value!r}: {answer.text[:300]}"


def test_what_was_stored_comes_back_as_it_was_sent(service: httpx.Client) -> None:
    """Harmless where it is only text: it is neither changed nor run."""
    for n, text in enumerate(value for value in NASTY if value and "\x00" not in value and len(value) < 1_000):
        report = {
            "channel": "hotline", "external_id": f"nasty-{n}", "reported_at": "2026-06-01T12:00:00Z", "kind": "event",
            "subclass_code": "0110", "lon": LON, "lat": LAT, "address": text, "description": text,
            "reporter_name": text[:100],
        }  # fmt: skip
        sent = service.post("/api/v1/reports", json=report)
        assert sent.status_code == 201, sent.text
        found = service.get(f"/api/v1/reports/{sent.json()['id']}").json()
        assert (found["address"], found["description"], found["reporter_name"]) == (text, text, text[:100])
