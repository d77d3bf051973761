"""Every route, asked well and asked badly."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
import shapely
from psycopg.conninfo import make_conninfo

from gridsvc.domain.crs import project_one
from gridsvc.store import areas, callers
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests import made
from tests.api import town
from tests.api.town import TOWN
from tests.database import drop
from tests.service import client

PROBLEM = "application/problem+json"
NEW = {"channel": "hotline", "reported_at": "2026-06-01T12:00:00+08:00", "kind": "event", "subclass_code": "0110"}


def at(mark: str) -> dict[str, float]:
    lon, lat = TOWN.lonlat(mark)
    return {"lon": lon, "lat": lat}


def refused(answer: httpx.Response, status: int = 422) -> str:
    """The detail of a problem of the right shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    body = answer.json()
    assert body.keys() == {"type", "title", "status", "detail", "detail_zh", "instance"}
    assert (body["type"], body["status"], body["instance"]) == ("about:blank", status, answer.request.url.path)
    return str(body["detail"])


def good(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer.json()


# Locate


def test_a_point_is_located(service: httpx.Client) -> None:
    found = good(service.get("/api/v1/locate", params=at("1")))
    assert [(area["kind"], area["code"], area["on_boundary"], area["overlap"]) for area in found["areas"]] == [
        ("grid", "w", False, False)
    ]
    assert found["areas"][0]["edge_distance_m"] == pytest.approx(100, abs=0.01)
    assert (found["outside"], found["decision"], found["hint"]) == ([], None, None)


def test_a_point_outside_has_its_nearest_area(service: httpx.Client) -> None:
    found = good(service.get("/api/v1/locate", params=at("9")))
    assert found["areas"] == []
    assert found["outside"][0]["nearest_code"] == "e"
    assert found["outside"][0]["distance_m"] == pytest.approx(200, abs=0.01)


def test_a_named_problem_has_its_department_and_why(service: httpx.Client) -> None:
    params = {**at("2"), "kind": "event", "subclass_code": "0110", "at": "2026-06-01T12:00:00+08:00"}
    found = good(service.get("/api/v1/locate", params=params))
    decision, due = found["decision"], found["due"]
    assert (decision["lead"], decision["manual_reason"], decision["confidence"]) == ("east", None, "medium")
    alone = good(service.get("/api/v1/due", params={name: params[name] for name in ("kind", "subclass_code", "at")}))
    assert datetime.fromisoformat(due["due_at"]) == datetime.fromisoformat(alone["due_at"])
    assert (due["provisional"], due["reason"]) == (alone["limit"]["provisional"], None)
    assert decision["explanation"]["winner"]["area"] == "grid e"
    decision = good(service.get("/api/v1/locate", params={**params, **at("9")}))["decision"]
    assert (decision["lead"], decision["manual_reason"]) == (None, "outside")


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"lon": "nan"}, "query.lon: Input should be a finite number"),
        ({"lat": "-inf"}, "query.lat: Input should be a finite number"),
        ({"lon": "1e400"}, "query.lon: Input should be a finite number"),
        ({"lon": "1e300"}, r"the point: longitude 1e\+300, latitude .*is not on the earth"),
        ({"lon": "east"}, "query.lon: Input should be a valid number"),
        ({"lon": None}, "query.lon: Field required"),
        ({"lon": 31.4, "lat": 104.6}, r"is not on the earth \(longitude and latitude swapped\?\)"),
        ({"kind": "object", "subclass_code": "0110"}, "kind 'object' is not known; choose one of: component, event"),
        ({"kind": "event", "subclass_code": "0999"}, "event subclass '0999' is not known; choose one of: .*0110, "),
        ({"kind": "event"}, "kind and subclass_code are given together"),
        ({"subclass_code": "0110"}, "kind and subclass_code are given together"),
        ({"kind": "x" * 101, "subclass_code": "y"}, "query.kind: String should have at most 100 characters"),
        ({"at": "2026-06-01T12:00:00"}, "query.at: Input should have timezone info"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at 0001-01-01T00:00:00.14:00 is not between 1970 and 2200"),
        ({"at": "9999-12-31T23:59:59-14:00", "kind": "event", "subclass_code": "0110"}, "between 1970 and 2200"),
    ],
)
def test_a_bad_question_of_place_is_refused(service: httpx.Client, changed: dict[str, Any], detail: str) -> None:
    params = {name: value for name, value in {**at("1"), **changed}.items() if value is not None}
    assert re.search(detail, refused(service.get("/api/v1/locate", params=params)))


@pytest.mark.parametrize("place", [(0, 90), (-180, 0), (180, -90), (-75.3, -31.4), (104.6, -89.999)])
def test_no_place_on_earth_is_too_far(service: httpx.Client, place: tuple[float, float]) -> None:
    answer = service.get("/api/v1/locate", params={"lon": place[0], "lat": place[1]})
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert answer.json()["areas"] == []
    else:
        assert "cannot be projected" in refused(answer)


def test_ten_thousand_points_at_once(service: httpx.Client) -> None:
    points = [TOWN.lonlat("1"), TOWN.lonlat("2"), TOWN.lonlat("9"), TOWN.lonlat("e")] * 2_500
    found = good(service.post("/api/v1/locate", json={"points": points}))
    codes = [[area["code"] for area in result["areas"]] for result in found["results"]]
    assert (found["count"], codes) == (10_000, [["w"], ["e"], [], ["e"]] * 2_500)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"points": [[0, 0]] * 10_001}, "body.points: List should have at most 10000 items"),
        ({"points": []}, "body.points: List should have at least 1 item"),
        ({"points": [[104.6, 31.4], [31.4, 104.6]]}, r"point 2: .*is not on the earth \(longitude and latitude swap"),
        ({"points": [[104.6]]}, r"body.points.0.1: Field required"),
        ({"points": [[True, 1]]}, r"body.points.0.0: Input should be a valid number"),
        ({"points": [[104.6, 31.4]], "time": "now"}, "body.time: Extra inputs are not permitted"),
        ({"points": "x"}, "body.points: Input should be a valid list"),
        ({"points": [[104.6, 31.4]], "at": "1969-12-31T00:00:00Z"}, "at 1969.* is not between 1970 and 2200"),
        ([], "body: Input should be a valid dictionary"),
    ],
)
def test_a_bad_list_of_points_is_refused(service: httpx.Client, body: Any, detail: str) -> None:
    assert re.search(detail, refused(service.post("/api/v1/locate", json=body)))


@pytest.mark.parametrize("body", ['{"points": [[NaN, 1]]}', '{"points": [[1e999, 1]]}', '{"points": [[', "", "\x00"])
def test_a_body_that_is_not_proper_json_is_refused(service: httpx.Client, body: str) -> None:
    refused(service.post("/api/v1/locate", content=body, headers={"content-type": "application/json"}))


# Reports


def test_a_report_comes_in_once(service: httpx.Client) -> None:
    new = {**NEW, **at("1"), "external_id": "once"}
    first = good(service.post("/api/v1/reports", json=new), 201)
    assert (first["lead"], first["state"], first["hint"]) == ("west", "registered", None)
    again = good(service.post("/api/v1/reports", json={**new, "address": "elsewhere"}))
    assert (first["differs"], again) == (None, {**first, "differs": {"address": "elsewhere"}})
    asked = {name: value for name, value in first.items() if name not in ("hint", "differs")}
    assert good(service.get(f"/api/v1/reports/{first['id']}")) == asked


def test_twenty_at_once_are_one_report(service: httpx.Client) -> None:
    new = {**NEW, **at("2"), "external_id": "all at once"}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: service.post("/api/v1/reports", json=new), range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({(answer.json()["id"], answer.json()["case_id"]) for answer in answers}) == 1


def test_a_report_without_a_place_waits_at_the_manual_desk(service: httpx.Client) -> None:
    found = good(service.post("/api/v1/reports", json={**NEW, "external_id": "nowhere"}), 201)
    assert (found["manual_reason"], found["case_id"], found["lon"]) == ("no_location", None, None)


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"lon": 31.4, "lat": 104.6}, r"is not on the earth \(longitude and latitude swapped\?\)"),
        ({"lon": 104.6}, "longitude and latitude are given together"),
        ({"lon": 104.6, "lat": 31.4, "accuracy_m": -1}, "accuracy -1.0 m is not between 0 and 2000 m"),
        ({"latitude": 31.4}, "body.latitude: Extra inputs are not permitted"),
        ({"reported_at": "2199-06-01T12:00:00Z"}, "reported_at 2199.* is yet to come"),
        ({"channel": "fax"}, "channel 'fax' is not known; known: hotline, public"),
        ({"kind": "object"}, "kind 'object' is not known; choose one of: component, event"),
        ({"subclass_code": "0999"}, "event subclass '0999' is not known; choose one of: "),
        ({"subclass_code": None}, "kind and subclass_code are given together"),
        ({"reported_at": "2026-06-01T12:00:00"}, "body.reported_at: Input should have timezone info"),
        ({"reported_at": "0001-01-01T00:00:00+14:00"}, "reported_at .* is not between 1970 and 2200"),
        ({"reported_at": "9999-12-31T23:59:59-14:00"}, "reported_at .* is not between 1970 and 2200"),
        ({"reported_at": 1e18}, "reported_at"),
        ({"reported_at": None}, "body.reported_at: "),
        ({"external_id": ""}, "body.external_id: String should have at least 1 character"),
        ({"external_id": "x" * 201}, "body.external_id: String should have at most 200 characters"),
        ({"external_id": 7}, "body.external_id: Input should be a valid string"),
        ({"address": "x" * 1_001}, "body.address: String should have at most 1000 characters"),
        ({"description": "x" * 10_001}, "body.description: String should have at most 10000 characters"),
        ({"category": "x" * 201, "kind": None, "subclass_code": None}, "body.category: String should have at most 200"),
        ({"external_id": "a\0b"}, "a value cannot be stored"),
        ({"description": "a\0b"}, "a value cannot be stored"),
        ({"address": "\0"}, "a value cannot be stored"),
        ({"category": "\0"}, "a value cannot be stored"),
        ({"channel": "\0"}, "is not known"),
        ({"subclass_code": "\0"}, "is not known"),
    ],
)
def test_a_bad_report_is_refused_and_not_stored(service: httpx.Client, changed: dict[str, Any], detail: str) -> None:
    before = good(service.get("/api/v1/reports"))["total"]
    answer = service.post("/api/v1/reports", json={**NEW, "external_id": "bad", **changed})
    assert re.search(detail, refused(answer))
    assert good(service.get("/api/v1/reports"))["total"] == before


@pytest.mark.parametrize("name", ["lon", "lat", "accuracy_m"])
@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "true", '"x"'])
def test_numbers_that_are_none_are_refused(service: httpx.Client, name: str, number: str) -> None:
    body = f'{{"channel": "hotline", "external_id": "x", "reported_at": "2026-06-01T12:00:00Z", "{name}": {number}}}'
    refused(service.post("/api/v1/reports", content=body, headers={"content-type": "application/json"}))


def test_a_surrogate_that_is_no_character_is_refused(service: httpx.Client) -> None:
    body = '{"channel": "hotline", "external_id": "\\ud800", "reported_at": "2026-06-01T12:00:00Z"}'
    refused(service.post("/api/v1/reports", content=body, headers={"content-type": "application/json"}))


def test_a_report_that_is_not_there_is_not_found(service: httpx.Client) -> None:
    absent = uuid4()
    assert refused(service.get(f"/api/v1/reports/{absent}"), 404) == f"report {absent} does not exist"
    assert refused(service.get("/api/v1/reports/17"), 404) == "nothing is at /api/v1/reports/17"


def test_pages_of_reports_add_up_to_the_total(service: httpx.Client) -> None:
    found: list[dict[str, Any]] = []
    while True:
        page = good(service.get("/api/v1/reports", params={"limit": 7, "offset": len(found)}))
        found += page["reports"]
        if not page["reports"]:
            break
    assert len(found) == page["total"] == len({report["id"] for report in found})
    times = [report["reported_at"] for report in found]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({"from": "2026-06-02", "to": "2026-06-04"}, 3),
        ({"from": "2026-06-10"}, 1),
        ({"to": "2026-05-31"}, 0),
        ({"kind": "component"}, 0),
        ({"kind": "event", "subclass_code": "0111"}, 0),
        ({"manual": True, "from": "2026-06-02"}, 0),
    ],
)
def test_reports_can_be_filtered(service: httpx.Client, asked: dict[str, Any], total: int) -> None:
    found = good(service.get("/api/v1/reports", params=asked))
    assert (found["total"], len(found["reports"])) == (total, total)


def test_the_manual_desk_and_the_rest_are_all(service: httpx.Client) -> None:
    totals = [good(service.get("/api/v1/reports", params=asked))["total"] for asked in ({}, *MANUAL)]
    assert totals[0] == totals[1] + totals[2]
    desk = good(service.get("/api/v1/reports", params={"manual": True}))
    assert {report["manual_reason"] for report in desk["reports"]} == {"outside", "no_location", "unmapped"}


MANUAL: list[dict[str, Any]] = [{"manual": True}, {"manual": False}]
BAD_FILTERS = [
    ({"kind": "object"}, "kind 'object' is not known; choose one of: component, event"),
    ({"subclass_code": "0110"}, "a subclass needs its kind"),
    ({"subclass_code": ""}, "a subclass needs its kind"),
    ({"kind": "event", "subclass_code": ""}, "event subclass '' is not known; choose one of: "),
    ({"kind": "event", "subclass_code": "\0"}, "event subclass .* is not known; choose one of: "),
    ({"from": "2026-06-02", "to": "2026-06-01"}, "the last day 2026-06-01 is before the first day 2026-06-02"),
    ({"from": "yesterday"}, "query.from: Input should be a valid date"),
    ({"to": "9999-12-31"}, "the day 9999-12-31 is not between 1970 and 2200"),
    ({"from": "0001-01-01"}, "the day 0001-01-01 is not between 1970 and 2200"),
]


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        *BAD_FILTERS,
        ({"limit": 0}, "query.limit: Input should be greater than or equal to 1"),
        ({"limit": 1_001}, "query.limit: Input should be less than or equal to 1000"),
        ({"offset": -1}, "query.offset: Input should be greater than or equal to 0"),
        ({"offset": 2**63}, "query.offset: Input should be less than or equal to"),
        ({"manual": "perhaps"}, "query.manual: Input should be a valid boolean"),
    ],
)
def test_a_bad_filter_is_refused(service: httpx.Client, asked: dict[str, Any], detail: str) -> None:
    assert re.search(detail, refused(service.get("/api/v1/reports", params=asked)))


# Areas, components, statistics


def test_areas_by_kind(service: httpx.Client) -> None:
    kinds = good(service.get("/api/v1/areas"))
    assert (kinds["revision"], [kind["kind"] for kind in kinds["kinds"]]) == (1, ["grid"])
    found = good(service.get("/api/v1/areas", params={"kind": "grid", "limit": 1}))
    assert (found["total"], [area["code"] for area in found["areas"]]) == (2, ["e"])
    found = good(service.get("/api/v1/areas", params={"kind": "grid", "limit": 1, "offset": 1}))
    assert (found["total"], [area["code"] for area in found["areas"]]) == (2, ["w"])


@pytest.mark.parametrize("kind", ["street", "", "\0"])
def test_an_unknown_kind_of_area_lists_the_known(service: httpx.Client, kind: str) -> None:
    detail = refused(service.get("/api/v1/areas", params={"kind": kind}))
    assert detail.endswith("is not known; choose one of: grid")


def test_nothing_stands_nearby(service: httpx.Client) -> None:
    found = good(service.get("/api/v1/components/nearby", params={**at("1"), "radius": 2_000, "limit": 200}))
    assert found == {"count": 0, "limit": 200, "radius_m": 2_000, "components": [], "hint": None}


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        ({"radius": 0}, "query.radius: Input should be greater than 0"),
        ({"radius": 2_001}, "query.radius: Input should be less than or equal to 2000"),
        ({"radius": "nan"}, "query.radius: "),
        ({"limit": 201}, "query.limit: Input should be less than or equal to 200"),
        ({"subclass_code": "9999"}, "component subclass '9999' is not known; choose one of: 0101, 0102"),
        ({"lon": 31.4, "lat": 104.6}, "swapped"),
    ],
)
def test_a_bad_question_of_what_stands_nearby_is_refused(
    service: httpx.Client, asked: dict[str, Any], detail: str
) -> None:
    assert re.search(detail, refused(service.get("/api/v1/components/nearby", params={**at("1"), **asked})))


def test_statistics_by_every_group_add_up(service: httpx.Client) -> None:
    for by in ("department", "subclass", "day"):
        found = good(service.get("/api/v1/statistics", params={"by": by}))
        assert found["total"] == sum(row["reports"] for row in found["rows"]) >= town.REPORTS
    found = good(service.get("/api/v1/statistics", params={"by": "area", "area_kind": "grid"}))
    assert [row["key"] for row in found["rows"]] in (["w", "e"], ["e", "w"])


def test_a_proposal_counts_for_its_department(service: httpx.Client) -> None:
    params = {"from": "2026-06-01", "to": "2026-06-01"}
    rows = {row["key"]: row for row in good(service.get("/api/v1/statistics", params=params))["rows"]}
    east, manual = rows["east"], rows["manual"]
    assert (east["manual"], east["reports"] - east["cases"]) == (0, 1)
    assert manual["manual"] == manual["reports"]


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        *BAD_FILTERS,
        ({"by": "colour"}, "statistics by 'colour' is not known; choose one of: area, department, subclass, day"),
        ({"by": "area"}, "area_kind 'None' is not known; choose one of: grid"),
        ({"by": "area", "area_kind": "street"}, "area_kind 'street' is not known; choose one of: grid"),
        ({"by": "day", "area_kind": "grid"}, "area_kind goes with by=area, not with by=day"),
    ],
)
def test_bad_statistics_are_refused(service: httpx.Client, asked: dict[str, Any], detail: str) -> None:
    assert re.search(detail, refused(service.get("/api/v1/statistics", params=asked)))


# The service


def test_health_and_readiness(service: httpx.Client) -> None:
    assert good(service.get("/health"))["status"] == "ok"
    assert {"status": "ready", "area_revision": 1}.items() <= good(service.get("/ready")).items()


def test_what_is_not_there_is_a_problem_too(service: httpx.Client) -> None:
    refused(service.get("/api/v1/nothing"), 404)
    refused(service.delete("/api/v1/reports"), 405)
    assert service.delete("/api/v1/reports").headers["allow"]


Cloned = Callable[[str], "contextmanager[str]"]


def test_a_service_whose_database_is_gone_says_so_and_soon(cloned: Cloned) -> None:
    with cloned("api_gone") as url, client(url) as found:
        good(found.get("/ready"))
        with connect(url) as conn:
            name = conn.info.dbname
        drop(make_conninfo(url, dbname="postgres"), name)
        for path in ("/ready", "/api/v1/areas"):
            assert "the database does not answer" in refused(found.get(path), 503)
        good(found.get("/health"))


def test_a_schema_of_another_release_is_not_ready(cloned: Cloned) -> None:
    with cloned("api_old") as url, client(url) as found:
        with connect(url) as conn:
            conn.execute("UPDATE alembic_version SET version_num = '0000'")
        assert "the database stands at schema 0000, this release needs" in refused(found.get("/ready"), 503)


def test_ten_thousand_points_outside_are_answered_soon(service: httpx.Client) -> None:
    start = time.monotonic()
    found = good(service.post("/api/v1/locate", json={"points": [TOWN.lonlat("9")] * 10_000}))
    assert time.monotonic() - start < 5
    assert "for the first 500 points outside only" in found["note"]
    nearest = [result["outside"][0]["nearest_code"] for result in found["results"]]
    assert nearest == ["e"] * 500 + [None] * 9_500
    assert good(service.post("/api/v1/locate", json={"points": [TOWN.lonlat("9")] * 500}))["note"] is None


@pytest.mark.parametrize("chunks", [1, 50])
def test_a_body_that_is_too_large_is_refused(service: httpx.Client, chunks: int) -> None:
    """Announced by its length, and in parts of which nobody says how many come."""
    part = b"[" * 100_000
    content = part * 50 if chunks == 1 else iter([part] * chunks)
    answer = service.post("/api/v1/locate", content=content, headers={"content-type": "application/json"})
    assert "the body takes more than 600,000 bytes" in refused(answer, 413)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_swapped_coordinates_nearby_are_hinted_at(cloned: Cloned) -> None:
    """The town lies where no latitude is as great as its longitude; areas at 80° east can be swapped."""
    with cloned("api_hint") as url, client(url) as found, connect(url) as conn:
        city = the_city(conn)
        x, y = project_one(city.srid, 80.0, 35.0)
        made.put_areas(conn, city, made.kind("grid"), {"g": shapely.box(x - 100, y - 100, x + 100, y + 100)})

        def hint(lon: float, lat: float) -> Any:
            return good(found.get("/api/v1/components/nearby", params={"lon": lon, "lat": lat}))["hint"]

        assert hint(80.0, 35.0) is None
        assert "longitude 80.0, latitude 35.0 lies inside the city: are the two swapped?" in hint(35.0, 80.0)


@pytest.mark.parametrize("path", ["/health", "/ready", "/docs", "/maps/heat", "/", "/api/v1/areas"])
def test_head_is_answered_as_get_without_a_body(service: httpx.Client, path: str) -> None:
    head, get = service.head(path), service.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    assert service.head("/absent").status_code == 404


def test_a_statement_that_takes_too_long_is_a_problem(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "LONGEST", 0.2)
    monkeypatch.setattr(areas, "kinds_in_use", lambda conn: conn.execute("SELECT pg_sleep(5)").fetchall())
    with client(database) as found:
        assert "ask for less, or try again shortly" in refused(found.get("/api/v1/areas"), 503)


def test_an_unexpected_error_has_the_headers_too(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(areas, "kinds_in_use", lambda _: 1 / 0)
    with client(database) as found:
        answer = found.get("/api/v1/areas")
    assert "an unexpected error" in refused(answer, 500)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"


def test_a_grid_map_by_cells_is_refused(service: httpx.Client) -> None:
    answer = service.get("/maps/grid", params={"by": "cell"})
    assert "map by 'cell' is not known; choose one of: grid" in refused(answer)
