"""`/api/v1/areas/check`: findings on a map and as a file, page by page, with and without a draft."""

import csv
import io
import json
from collections.abc import Iterator

import httpx
import pytest
import shapely

from gridsvc.store import drafts
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests.accounts import put_account, put_token
from tests.areas.desk import COMMUNITY, TOWN, UNITS, put, put_desk, unit
from tests.files.exported import recorded
from tests.service import asking, running

CHECK, EXPORT = "/api/v1/areas/check", "/api/v1/areas/check/export"


@pytest.fixture(scope="module")
def gis(database: str) -> Iterator[httpx.Client]:
    """Two unit grids are missing; one draft fills both places, the other one of them."""
    with connect(database) as conn, conn.transaction():
        city = the_city(conn)
        put_desk(conn, city)
        rest = {code: (COMMUNITY, shape) for code, shape in UNITS.items() if code not in (unit(2), unit(8))}
        put(conn, city, "unit_grid", rest)
        conn.execute("ALTER TABLE area_draft ALTER id RESTART WITH 101")
        for fill in ({unit(1): "abchgf", unit(7): "hijonm"}, {unit(1): "abchgf"}):
            draft = drafts.add_draft(conn, "unit_grid", None, "mends", deed="redraw", whole=False)
            rows = [(code, "", "", COMMUNITY, TOWN.polygon(marks)) for code, marks in fill.items()]
            drafts.fill_draft(conn, draft, city.srid, rows)
        token = put_token(conn, put_account(conn, "gis", "gis_staff", whole_city=True))
    with running(database) as host, asking(host, token) as client:
        yield client


def test_findings_have_their_place_in_degrees(gis: httpx.Client) -> None:
    found = gis.get(CHECK, params={"kind": "unit_grid"}).json()
    assert (found["kind"], found["draft"], found["areas"], found["total"]) == ("unit_grid", None, 6, 3)
    assert found["severities"] == {"error": 2, "note": 1}
    assert [(one["rule"], one["severity"], one["count"]) for one in found["rules"]] == [
        ("tile_missing", "error", 2), ("size_spread", "note", 1),
    ]  # fmt: skip
    errors = [one for one in found["findings"] if one["severity"] == "error"]
    for mark in "28":
        (at,) = [
            one for one in errors
            if shapely.from_geojson(json.dumps(one["geometry"])).contains(shapely.Point(*TOWN.lonlat(mark)))
        ]  # fmt: skip
        west, south, east, north = at["bbox"]
        assert west < at["lon"] < east
        assert south < at["lat"] < north
        assert (at["hint"], at["hint_zh"]) == ("Add the missing area.", "请补上缺失的区域。")
    note = next(one for one in found["findings"] if one["severity"] == "note")
    assert (note["lon"], note["lat"], note["bbox"], note["geometry"]) == (None,) * 4


def test_page_by_page_and_only_some(gis: httpx.Client) -> None:
    def page(**asked: object) -> tuple[int, list[str]]:
        found = gis.get(CHECK, params={"kind": "unit_grid", **asked}).json()
        assert found["severities"] == {"error": 2, "note": 1}
        return found["total"], [one["rule"] for one in found["findings"]]

    assert [page(limit=1, offset=n) for n in range(4)] == [
        (3, ["tile_missing"]), (3, ["tile_missing"]), (3, ["size_spread"]), (3, []),
    ]  # fmt: skip
    assert page(severity="note") == (1, ["size_spread"])
    assert page(rule="tile_missing") == (2, ["tile_missing"] * 2)
    assert page(rule="nothing") == (0, [])


def test_as_drafts_would_leave_them(gis: httpx.Client) -> None:
    errors = [
        gis.get(CHECK, params={"kind": "unit_grid", "draft": draft}).json()["severities"].get("error", 0)
        for draft in (101, 102)
    ]
    assert errors == [0, 1]
    assert gis.get(CHECK, params={"kind": "unit_grid"}).json()["severities"]["error"] == 2


def test_what_there_is_not(gis: httpx.Client) -> None:
    assert gis.get(CHECK, params={"kind": "unit_grid", "draft": 999}).status_code == 404
    unknown = gis.get(CHECK, params={"kind": "ward"})
    assert unknown.status_code == 422
    assert "没有这样的区域类型：“ward”" in unknown.json()["detail_zh"]


def test_a_file_of_them(gis: httpx.Client, database: str) -> None:
    answer = gis.get(EXPORT, params={"kind": "unit_grid", "draft": 102, "form": "csv"})
    assert answer.headers["content-disposition"].endswith("area_findings.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [(row["kind"], row["rule"]) for row in rows] == [
        ("unit_grid", "tile_missing"), ("unit_grid", "size_spread"),
    ]  # fmt: skip
    assert shapely.from_wkt(rows[0]["wkt"]).contains(shapely.Point(*TOWN.lonlat("8")))
    with connect(database) as conn:
        taken_out = recorded(conn)
    assert taken_out["action"] == "export.area_findings"
    assert taken_out["after"] == {"kinds": ["unit_grid"], "draft": 102, "rows": 2}
