"""The description of the API, and a storm of strange questions held against it."""

import string
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.town import TOWN

QUIET = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PATHS = {
    "/api/v1/locate": ["lon", "lat", "kind", "subclass_code", "at", "revision"],
    "/api/v1/due": ["kind", "subclass_code", "condition", "at"],
    "/api/v1/components": ["bbox", "subclass_code", "limit", "offset"],
    "/api/v1/audit": ["account_id", "action", "from", "to", "limit", "offset"],
    "/api/v1/imports": ["limit", "offset"],
    "/api/v1/components/nearby": ["lon", "lat", "radius", "limit", "subclass_code"],
    "/api/v1/areas": ["kind", "limit", "offset", "at", "revision"],
    "/api/v1/areas/check": ["kind", "draft", "severity", "rule", "limit", "offset"],
    "/api/v1/rosters": ["kind", "area_code", "at", "limit", "offset"],
    "/api/v1/rosters/check": ["kind", "area_code", "at", "limit", "offset"],
    "/api/v1/reports": ["kind", "subclass_code", "from", "to", "manual", "limit", "offset"],
    "/api/v1/reports/matches": ["kind", "subclass_code", "from", "to"],
    "/api/v1/cases": [
        "kind", "subclass_code", "state", "lane", "department", "area_kind", "area_code", "from", "to", "overdue",
        "mine", "review_due", "limit", "offset",
    ],
    "/api/v1/confirmations": ["whose", "limit", "offset"],
    "/api/v1/places": ["q", "near"],
    "/api/v1/statistics": ["kind", "subclass_code", "from", "to", "by", "area_kind", "at", "revision"],
    "/api/v1/figures": [
        "by", "from", "to", "every", "area_kind", "area_code", "kind", "subclass_code", "lane", "department",
        "form", "lang",
    ],
    "/api/v1/whistles": ["open", "case_id", "department", "overdue", "limit", "offset"],
    "/maps/heat": ["by", "kind", "subclass", "from", "to", "lang"],
    "/maps/heat/frame": ["by", "kind", "subclass", "from", "to", "lang"],
    "/maps/grid": ["by", "lang"],
}  # fmt: skip


@pytest.fixture(scope="module")
def openapi(service: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = service.get("/openapi.json").json()
    return found


def operations(openapi: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{verb.upper()} {path}": each for path, verbs in openapi["paths"].items() for verb, each in verbs.items()}


def test_every_operation_says_what_it_does_and_what_it_asks(openapi: dict[str, Any]) -> None:
    assert operations(openapi).keys() == {
        "GET /api/v1/locate", "POST /api/v1/locate", "GET /api/v1/components/nearby", "GET /api/v1/areas",
        "GET /api/v1/reports", "POST /api/v1/reports", "GET /api/v1/reports/{report_id}", "GET /api/v1/statistics",
        "GET /api/v1/reports/matches",
        "GET /health", "GET /ready", "GET /api/v1/account", "GET /api/v1/components", "GET /api/v1/components/export",
        "GET /api/v1/visibility", "PUT /api/v1/visibility/{subclass_code}", "GET /api/v1/audit",
        "GET /api/v1/audit/export", "POST /api/v1/reports/{report_id}/photos", "GET /api/v1/reports/{report_id}/photos",
        "GET /api/v1/components/{code}", "PATCH /api/v1/components/{code}", "POST /api/v1/components",
        "GET /api/v1/components/{code}/history", "POST /api/v1/components/{code}/retire",
        "GET /api/v1/imports", "POST /api/v1/imports", "GET /api/v1/imports/{batch_id}",
        "GET /api/v1/imports/{batch_id}/suggestion", "PUT /api/v1/imports/{batch_id}/definition",
        "POST /api/v1/imports/{batch_id}/inspect", "POST /api/v1/imports/{batch_id}/check",
        "POST /api/v1/imports/{batch_id}/promote", "POST /api/v1/imports/{batch_id}/rollback",
        "POST /api/v1/imports/{batch_id}/cancel", "POST /api/v1/imports/{batch_id}/drop",
        "GET /api/v1/imports/{batch_id}/findings", "GET /api/v1/imports/{batch_id}/findings/file",
        "GET /api/v1/imports/{batch_id}/changes", "GET /api/v1/imports/{batch_id}/features",
        "GET /api/v1/imports/{batch_id}/rejected", "GET /api/v1/import-profiles",
        "DELETE /api/v1/import-profiles/{name}",
        "GET /api/v1/photos/{photo_id}", "GET /api/v1/component-photos/{component_photo_id}",
        "GET /tiles/components/{z}/{x}/{y}.mvt", "GET /api/v1/areas/export", "GET /api/v1/rosters",
        "POST /api/v1/rosters", "GET /api/v1/rosters/check", "GET /api/v1/rosters/templates",
        "GET /api/v1/rosters/export", "GET /api/v1/areas/check", "GET /api/v1/areas/check/export",
        "GET /api/v1/due", "GET /tiles/areas/{kind}/{z}/{x}/{y}.mvt", "GET /tiles/drafts/{draft}/{z}/{x}/{y}.mvt",
        "GET /api/v1/rules", "POST /api/v1/rules", "PATCH /api/v1/rules/{rule_id}", "DELETE /api/v1/rules/{rule_id}",
        "POST /api/v1/rules/import", "GET /api/v1/rules/check", "GET /api/v1/rules/revisions",
        "GET /api/v1/rules/difference", "GET /api/v1/rules/export", "GET /api/v1/departments",
        "PUT /api/v1/departments/{code}", "POST /api/v1/departments/{code}/retire", "POST /api/v1/departments/import",
        "GET /api/v1/taxonomies", "GET /api/v1/taxonomies/todo", "PUT /api/v1/taxonomies/{channel}/{category}",
        "POST /api/v1/taxonomies/route", "POST /api/v1/taxonomies/import", "GET /api/v1/components/ownership",
        "GET /api/v1/components/ownership/export", "POST /api/v1/components/ownership",
        "POST /api/v1/components/ownership/import", "GET /api/v1/reports/{report_id}/replay",
        "POST /api/v1/reports/bulk", "GET /api/v1/channels", "GET /api/v1/reports/{report_id}/duplicates",
        "POST /api/v1/reports/{report_id}/duplicate", "GET /api/v1/places", "GET /api/v1/places/layers",
        "GET /api/v1/reports/{report_id}/places", "POST /api/v1/reports/{report_id}/place",
        "GET /api/v1/areas/kinds", "GET /api/v1/areas/figures", "GET /api/v1/areas/one", "GET /api/v1/areas/revisions",
        "GET /api/v1/areas/drafts", "POST /api/v1/areas/drafts", "GET /api/v1/areas/drafts/{draft}",
        "DELETE /api/v1/areas/revisions/{revision}", "DELETE /api/v1/areas/drafts/{draft}",
        "GET /api/v1/cases", "GET /api/v1/cases/moves", "GET /api/v1/cases/{case_id}",
        "POST /api/v1/cases/{case_id}/moves", "POST /api/v1/reports/{report_id}/moves", "GET /api/v1/confirmations",
        "POST /api/v1/areas/drafts/{draft}/preview", "GET /api/v1/figures",
        "GET /api/v1/whistles", "POST /api/v1/whistles", "GET /api/v1/whistles/{whistle_id}",
        "POST /api/v1/whistles/{whistle_id}/answer", "POST /api/v1/whistles/{whistle_id}/arrive",
        "POST /api/v1/whistles/{whistle_id}/report", "POST /api/v1/whistles/{whistle_id}/close",
        "GET /api/v1/areas/drafts/{draft}/preview/export", "POST /api/v1/areas/drafts/{draft}/apply",
        "POST /api/v1/rules/simulate", "POST /api/v1/rules/simulate/export",
    }  # fmt: skip
    assert "WGS 84" in openapi["info"]["description"]
    for name, operation in operations(openapi).items():
        assert operation["summary"], name
        assert len(operation["description"]) > 15, name
        for parameter in operation.get("parameters", []):
            assert parameter["in"] == "path" or parameter.get("description"), f"{name} {parameter['name']}"
    asked = {path: [p["name"] for p in openapi["paths"][path]["get"]["parameters"]] for path in PATHS if "api" in path}
    assert {path: sorted(names) for path, names in asked.items()} == {path: sorted(PATHS[path]) for path in asked}


REFUSALS = {"401", "403", "429"}
BEGUN = {
    "PUT /api/v1/imports/{batch_id}/definition",
    *(f"POST /api/v1/imports/{{batch_id}}/{step}" for step in ("inspect", "check", "promote", "rollback")),
}
"""What is done after the answer."""
EXTRA = {
    "POST /api/v1/whistles": {"201", "404", "409"},
    "GET /api/v1/whistles/{whistle_id}": {"404"},
    **{f"POST /api/v1/whistles/{{whistle_id}}/{move}": {"404"} for move in ("answer", "arrive", "report", "close")},
    "GET /api/v1/imports/{batch_id}": {"404"},
    "GET /api/v1/imports/{batch_id}/suggestion": {"404", "409"},
    "POST /api/v1/imports/{batch_id}/cancel": {"404", "409"},
    "POST /api/v1/imports/{batch_id}/drop": {"404", "409"},
    "GET /api/v1/imports/{batch_id}/findings": {"404"},
    "GET /api/v1/imports/{batch_id}/findings/file": {"404"},
    "GET /api/v1/imports/{batch_id}/changes": {"404"},
    "GET /api/v1/imports/{batch_id}/features": {"404"},
    "GET /api/v1/imports/{batch_id}/rejected": {"404"},
    "DELETE /api/v1/import-profiles/{name}": {"404"},
    "GET /api/v1/locate": {"404"},
    "GET /api/v1/due": {"404"},
    "POST /api/v1/locate": {"404", "413"},
    "GET /api/v1/areas": {"404"},
    "GET /api/v1/areas/kinds": {"404"},
    "GET /api/v1/areas/figures": {"404"},
    "GET /api/v1/areas/one": {"404"},
    "GET /api/v1/areas/revisions": {"404"},
    "GET /api/v1/areas/drafts": {"404"},
    "GET /api/v1/areas/drafts/{draft}": {"404"},
    "POST /api/v1/areas/drafts/{draft}/preview": {"404", "409"},
    "GET /api/v1/areas/drafts/{draft}/preview/export": {"404", "409"},
    "POST /api/v1/areas/drafts/{draft}/apply": {"404", "409"},
    "GET /tiles/drafts/{draft}/{z}/{x}/{y}.mvt": {"304", "404"},
    "GET /api/v1/cases/{case_id}": {"404"},
    "POST /api/v1/cases/{case_id}/moves": {"404", "409"},
    "POST /api/v1/reports/{report_id}/moves": {"404", "409"},
    "GET /api/v1/statistics": {"404"},
    "GET /api/v1/areas/export": {"404"},
    "GET /api/v1/areas/check": {"404", "409"},
    "GET /api/v1/areas/check/export": {"404", "409"},
    "GET /api/v1/components/export": {"404"},
    "GET /api/v1/components/{code}": {"404"},
    "GET /api/v1/component-photos/{component_photo_id}": {"404"},
    "PATCH /api/v1/components/{code}": {"404", "409"},
    "POST /api/v1/components": {"201", "409"},
    "GET /api/v1/components/{code}/history": {"404"},
    "POST /api/v1/components/{code}/retire": {"404", "409"},
    "POST /api/v1/rosters": {"413"},
    "POST /api/v1/rules/simulate": {"404", "409"},
    "POST /api/v1/rules/simulate/export": {"404", "409"},
    "GET /api/v1/rules": {"404"},
    "PATCH /api/v1/rules/{rule_id}": {"404", "409"},
    "DELETE /api/v1/rules/{rule_id}": {"404", "409"},
    "POST /api/v1/rules/import": {"409", "413"},
    "GET /api/v1/rules/export": {"404"},
    "PUT /api/v1/departments/{code}": {"201"},
    "POST /api/v1/departments/{code}/retire": {"404", "409"},
    "POST /api/v1/departments/import": {"413"},
    "POST /api/v1/taxonomies/route": {"404"},
    "POST /api/v1/taxonomies/import": {"413"},
    "POST /api/v1/components/ownership": {"404", "409"},
    "POST /api/v1/components/ownership/import": {"404", "413"},
    "GET /api/v1/reports/{report_id}/replay": {"404"},
    "POST /api/v1/reports": {"201"},
    "POST /api/v1/reports/bulk": {"413"},
    "GET /api/v1/reports/{report_id}/places": {"404"},
    "POST /api/v1/reports/{report_id}/place": {"404", "409"},
    "GET /api/v1/reports/{report_id}/duplicates": {"404"},
    "POST /api/v1/reports/{report_id}/duplicate": {"404", "409"},
    "GET /api/v1/reports/{report_id}": {"404"},
    "POST /api/v1/reports/{report_id}/photos": {"201", "404", "413"},
    "GET /api/v1/reports/{report_id}/photos": {"404"},
    "GET /api/v1/photos/{photo_id}": {"404"},
    "GET /tiles/areas/{kind}/{z}/{x}/{y}.mvt": {"304", "404"},
    "GET /tiles/components/{z}/{x}/{y}.mvt": {"304"},
}
"""Answers beyond the usual ones."""


def test_every_problem_is_described_as_one(openapi: dict[str, Any]) -> None:
    few = {"GET /health": {"200"}, "GET /ready": {"200", "503"} | REFUSALS}
    few |= {"POST /api/v1/imports": {"201", "413", "422", "503"} | REFUSALS}
    few |= {name: {"202", "404", "409", "422", "503"} | REFUSALS for name in BEGUN}
    few["PUT /api/v1/imports/{batch_id}/definition"] |= {"413"}
    few["POST /api/v1/rules"] = {"201", "409", "422", "503"} | REFUSALS
    few["POST /api/v1/areas/drafts"] = {"201", "404", "409", "422", "503"} | REFUSALS
    few["DELETE /api/v1/areas/revisions/{revision}"] = {"204", "404", "409", "422", "503"} | REFUSALS
    few["DELETE /api/v1/areas/drafts/{draft}"] = {"204", "404", "422", "503"} | REFUSALS
    for name, operation in operations(openapi).items():
        expected = few.get(name, {"200", "422", "503"} | REFUSALS) | EXTRA.get(name, set())
        assert operation["responses"].keys() == expected, name
        for status, answer in operation["responses"].items():
            kinds = set(answer.get("content", {"application/json": {}}))
            assert (kinds == {"application/problem+json"}) == (status >= "400"), name
            assert answer["description"], name
    problem = operations(openapi)["GET /ready"]["responses"]["503"]["content"]["application/problem+json"]["schema"]
    assert problem["properties"].keys() == {"type", "title", "status", "detail", "detail_zh", "instance"}


def test_routes_for_the_public_say_so(openapi: dict[str, Any]) -> None:
    free = {name for name, operation in operations(openapi).items() if {} in operation.get("security", [{}])}
    assert free == {
        "GET /health", "GET /ready", "GET /api/v1/areas", "GET /api/v1/locate", "GET /api/v1/due",
        "GET /api/v1/components", "GET /api/v1/components/nearby", "GET /tiles/components/{z}/{x}/{y}.mvt",
        "POST /api/v1/reports", "GET /api/v1/components/{code}", "GET /tiles/areas/{kind}/{z}/{x}/{y}.mvt",
    }  # fmt: skip


def test_no_description_tells_of_python(openapi: dict[str, Any]) -> None:
    text = str(openapi)
    assert "HTTPValidationError" not in text
    assert "ValidationError" not in text


LON, LAT = TOWN.lonlat("1")
TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
VALUES = st.one_of(
    st.sampled_from(
        [str(LON), str(LAT), "event", "component", "0110", "grid", "area", "day", "cell", "event-0110", "-", "event-",
         "2026-06-01", "2026-06-01T00:00:00Z", "0001-01-01", "9999-12-31", "1970-01-01T00:00:00+14:00", "true", "all",
         "nan", "inf", "1e400", "-1", "0", "1", "1000", str(2**31), str(2**63), "", "\0", "zh", "en", "fr", "'", "%"]
    ),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.dates().map(str),
    TEXT,
)  # fmt: skip


@st.composite
def questions(draw: Any) -> str:
    path = draw(st.sampled_from(sorted(PATHS)))
    names = draw(st.lists(st.sampled_from([*PATHS[path], "other"]), max_size=6))
    start = [("lon", str(LON)), ("lat", str(LAT))] if "lon" in PATHS[path] and draw(st.booleans()) else []
    pairs = [*start, *((name, draw(VALUES)) for name in names)]
    return path + "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)


@QUIET
@given(questions())
def test_no_question_breaks_the_service(service: httpx.Client, question: str) -> None:
    _answered(service.get(question))


def _answered(answer: httpx.Response) -> None:
    assert answer.status_code in (200, 201, 404, 422), answer.text
    if answer.request.url.path.startswith("/api/") and answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


WORD = st.text(string.ascii_letters, max_size=8)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORD, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
GOOD = {"channel": "hotline", "external_id": "f", "reported_at": "2026-06-01T12:00:00Z", "lon": LON, "lat": LAT}
FIELDS = [*GOOD, "kind", "subclass_code", "category", "accuracy_m", "address", "description", "points", "at"]
BODIES = st.dictionaries(st.sampled_from(FIELDS), ANYTHING | VALUES, max_size=4).map(
    lambda changed: {**GOOD, **changed}
)


@QUIET
@given(st.sampled_from(["/api/v1/reports", "/api/v1/locate"]), BODIES | ANYTHING)
def test_no_body_breaks_the_service(service: httpx.Client, path: str, body: Any) -> None:
    _answered(service.post(path, json=body))


def test_what_was_taken_in_by_the_storm_can_be_read(service: httpx.Client) -> None:
    found = service.get("/api/v1/reports", params={"limit": 1_000})
    assert found.status_code == 200
    for report in found.json()["reports"]:
        assert service.get(f"/api/v1/reports/{report['id']}").status_code == 200
