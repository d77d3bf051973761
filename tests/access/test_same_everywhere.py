"""Whatever way somebody asks, the answer is about the same rows: list, count, tile, file, nearby, map, statistics."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import httpx
import pyogrio
import pytest

from gridsvc.store.connection import connect
from tests.access import town
from tests.access.test_matrix import EXPORTERS, STAFF, tile_of
from tests.access.test_row_level_security import COMPONENTS, REPORTS
from tests.access.town import TOWN

NAMES = sorted(COMPONENTS)
SEERS = sorted(STAFF & set(REPORTS))


def good(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def listed(client: httpx.Client, **asked: Any) -> set[str]:
    """By pages of two, so that paging is under the same rule."""
    found: list[str] = []
    while True:
        page = good(client.get("/api/v1/components", params={"limit": 2, "offset": len(found), **asked}))
        found += [row["component_code"] for row in page["components"]]
        if not page["components"]:
            assert page["total"] == len(found) == len(set(found))
            return set(found)


@pytest.mark.parametrize("name", NAMES)
def test_components(asked: dict[str, httpx.Client], name: str, tmp_path: Path) -> None:
    client, expected = asked[name], COMPONENTS[name]
    lon, lat = TOWN.lonlat("e")
    assert listed(client) == expected
    west, south, east, north = lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01
    assert listed(client, bbox=f"{west},{south},{east},{north}") == expected
    for subclass in town.SUBCLASSES:
        assert listed(client, subclass_code=subclass) == {code for code in expected if code.endswith(subclass)}
    near = good(client.get("/api/v1/components/nearby", params={"lon": lon, "lat": lat, "radius": 2_000, "limit": 200}))
    assert {row["component_code"] for row in near["components"]} == expected
    assert drawn(client, tmp_path) == expected
    answer = client.get("/api/v1/components/export")
    if name in EXPORTERS:
        assert answer.status_code == 200
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert {row["component_code"] for row in rows} == expected
    else:
        assert answer.status_code in (401, 403)


def drawn(client: httpx.Client, folder: Path) -> set[str]:
    """Codes of the components in the tiles of the town at two zooms, which agree."""
    found = []
    for zoom in (14, 17):
        tiles = {tile_of(*TOWN.lonlat(mark), zoom) for mark in "abcdef"}
        xs, ys = {x for x, _ in tiles}, {y for _, y in tiles}
        all_of_them = [(x, y) for x in range(min(xs), max(xs) + 1) for y in range(min(ys), max(ys) + 1)]
        found.append({code for x, y in all_of_them for code in codes_of(client, zoom, x, y, folder)})
    assert found[0] == found[1]
    return found[0]


def codes_of(client: httpx.Client, z: int, x: int, y: int, folder: Path) -> list[str]:
    answer = client.get(f"/tiles/components/{z}/{x}/{y}.mvt")
    assert answer.status_code == 200, answer.text
    if not answer.content:
        return []
    file = folder / f"{z}-{x}-{y}.mvt"
    file.write_bytes(answer.content)
    frame = pyogrio.read_dataframe(file, layer="components", X=str(x), Y=str(y), Z=str(z))
    assert set(frame.columns) <= {"mvt_id", "component_code", "subclass_code", "state", "geometry"}
    return list(frame["component_code"])


@pytest.mark.parametrize("name", SEERS)
def test_reports(asked: dict[str, httpx.Client], name: str) -> None:
    client, count = asked[name], len(REPORTS[name])
    found = good(client.get("/api/v1/reports"))
    assert {row["external_id"] for row in found["reports"]} == {f"report-{mark}" for mark in REPORTS[name]}
    assert found["total"] == count
    for by in ("department", "subclass", "day"):
        statistics = good(client.get("/api/v1/statistics", params={"by": by}))
        assert statistics["total"] == sum(row["reports"] for row in statistics["rows"]) == count
    by_area = good(client.get("/api/v1/statistics", params={"by": "area", "area_kind": "grid"}))
    assert sum(row["reports"] for row in by_area["rows"]) == count
    heat = client.get("/maps/heat", params={"lang": "en"}, headers={"accept": "text/html"}).text
    assert (f"Reports: {count}" in heat) == (count > 0)
    for path in ("/maps/heat/frame?by=grid", "/maps/heat/frame", "/maps/grid?by=grid"):
        frame = client.get(path)
        assert frame.status_code == 200, path
        ends = ',"code"' if "by=grid" in path else "},"  # areas have codes, cells do not
        counts = [int(text) for text in re.findall(r'"properties":\{"k":\d+,"n":(\d+)' + ends, frame.text)]
        assert (sum(counts), len(counts) > 0) == (count, True), path


@pytest.mark.parametrize("name", [*SEERS, "dispatcher", "gis_staff"])
def test_what_is_personal(asked: dict[str, httpx.Client], name: str) -> None:
    works = name in ("inspector-west", "handler-west", "handler-head", "dispatcher")
    client = asked[name]
    text = ""
    for row in good(client.get("/api/v1/reports"))["reports"]:
        found = client.get(f"/api/v1/reports/{row['id']}")
        assert (found.json()["reporter_phone"] == town.PHONE) == works
        text += found.text
    for path in ("/api/v1/reports", "/api/v1/statistics", "/maps/grid", "/maps/heat/frame", "/", "/maps/heat"):
        assert town.PHONE not in client.get(path).text, path
    assert (town.PHONE in text) == works


def test_details_of_components_are_for_staff(asked: dict[str, httpx.Client]) -> None:
    for path in ("/api/v1/components", "/api/v1/components/nearby?lon={}&lat={}".format(*TOWN.lonlat("1"))):
        for row in good(asked["public"].get(path))["components"]:
            assert {row.get(name) for name in ("owner", "authority", "maintainer", "position", "attributes")} == {None}
        assert any(row["owner"] == "west" for row in good(asked["gis_staff"].get(path))["components"])


def test_a_report_of_the_public_is_answered_with_a_receipt(asked: dict[str, httpx.Client]) -> None:
    lon, lat = TOWN.lonlat("1")
    report = {
        "channel": "public", "external_id": "from-the-public", "reported_at": "2026-06-01T12:00:00Z", "kind": "event",
        "subclass_code": "0110", "lon": lon, "lat": lat, "reporter_name": "Han", "description": "mine",
    }  # fmt: skip
    first = asked["public"].post("/api/v1/reports", json=report)
    assert (first.status_code, first.json().keys()) == (201, {"id", "state", "hint"})
    again = asked["public"].post("/api/v1/reports", json={**report, "description": "is it so?"})
    assert (again.status_code, again.json()) == (200, first.json())
    refused = asked["public"].post("/api/v1/reports", json={**report, "channel": "hotline"})
    assert refused.status_code == 401
    seen = good(asked["dispatcher"].get(f"/api/v1/reports/{first.json()['id']}"))
    assert (seen["reporter_name"], seen["description"]) == ("Han", "mine")


def test_an_inspector_reports_outside_of_the_own_areas(asked: dict[str, httpx.Client]) -> None:
    lon, lat = TOWN.lonlat("2")
    report = {
        "channel": "hotline", "external_id": "over-there", "reported_at": "2026-06-01T12:00:00Z", "kind": "event",
        "subclass_code": "0110", "lon": lon, "lat": lat,
    }  # fmt: skip
    sent = asked["inspector-west"].post("/api/v1/reports", json=report)
    assert (sent.status_code, sent.json().keys()) == (201, {"id", "state", "hint"})


def test_a_file_is_no_formula(database: str, asked: dict[str, httpx.Client]) -> None:
    with connect(database) as conn:
        conn.execute("UPDATE component SET position = '=HYPERLINK(\"http://evil\")' WHERE component_code = '1-0101'")
        conn.execute("UPDATE component SET owner = E'\\tx,\"y\"' WHERE component_code = '3-0101'")
    text = asked["gis_staff"].get("/api/v1/components/export").content.decode("utf-8-sig")
    rows = {row["component_code"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows["1-0101"]["position"] == '\'=HYPERLINK("http://evil")'
    assert rows["3-0101"]["owner"] == '\'\tx,"y"'
    with connect(database) as conn:
        conn.execute(
            "UPDATE component SET position = NULL, owner = 'west' WHERE component_code IN ('1-0101', '3-0101')"
        )


def test_a_tile_is_no_cache_for_others(asked: dict[str, httpx.Client]) -> None:
    x, y = tile_of(*TOWN.lonlat("1"))
    path = f"/tiles/components/14/{x}/{y}.mvt"
    full, small = asked["gis_staff"].get(path), asked["public"].get(path)
    assert full.headers["cache-control"] == "private, no-cache"
    assert full.headers["vary"] == "Cookie, Authorization"
    tag = {"If-None-Match": full.headers["etag"]}
    assert (asked["gis_staff"].get(path, headers=tag).status_code, full.content == small.content) == (304, False)
    got = asked["public"].get(path, headers=tag)
    assert (got.status_code, got.content) == (200, small.content)


@pytest.mark.parametrize(("path", "detail"), [
    ("/tiles/components/13/1/1.mvt", "path.z: Input should be greater than or equal to 14"),
    ("/tiles/components/23/1/1.mvt", "path.z: Input should be less than or equal to 22"),
    ("/tiles/components/14/16384/0.mvt", "there is no tile 16384, 0 at zoom 14"),
    ("/tiles/components/14/-1/0.mvt", "path.x: Input should be greater than or equal to 0"),
    ("/tiles/components/14/x/0.mvt", "path.x"),
    ("/api/v1/components?bbox=1,2,3", "write west,south,east,north"),
    ("/api/v1/components?bbox=3,2,1,4", "west < east"),
    ("/api/v1/components?bbox=nan,2,1,4", "west < east"), ("/api/v1/components?bbox=-180,-90,180,90", "reaches where"),
    ("/api/v1/components?subclass_code=9999", "component subclass '9999' is not known"),
    ("/api/v1/components?limit=1001", "query.limit"),
])  # fmt: skip
def test_bad_questions(asked: dict[str, httpx.Client], path: str, detail: str) -> None:
    answer = asked["gis_staff"].get(path)
    assert answer.status_code == 422, answer.text
    assert detail in answer.json()["detail"]
