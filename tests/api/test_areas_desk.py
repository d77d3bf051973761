"""The grid desk by HTTP: a draft, its preview, a file of it, its tile, putting it in force, and taking it back."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import shapely

from gridsvc.store import drafts
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests import made
from tests.access.test_matrix import tile_of
from tests.accounts import put_account, put_token
from tests.areas.desk import COMMUNITY, TOWN, put_case, put_desk, put_duties, put_lamp, unit
from tests.service import asking, running


@pytest.fixture(scope="module")
def token(database: str) -> str:
    with connect(database) as conn, conn.transaction():
        city = the_city(conn)
        put_desk(conn, city)
        made.put_channel(conn)
        put_duties(conn, W="WEST", E="EAST")
        put_lamp(conn, city, "1")
        put_lamp(conn, city, "3")
        put_case(conn, city, "1")
        return put_token(conn, put_account(conn, "gis", "gis_staff", whole_city=True))


@pytest.fixture(scope="module")
def host(database: str, token: str) -> Iterator[str]:
    assert token
    with running(database) as found:
        yield found


@pytest.fixture
def client(host: str, token: str) -> Iterator[httpx.Client]:
    with asking(host) as found:
        found.headers["Authorization"] = f"Bearer {token}"
        found.timeout = httpx.Timeout(60)
        yield found


def make(client: httpx.Client, **deed: Any) -> int:
    answer = client.post("/api/v1/areas/drafts", json=deed)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["draft"]["id"])


def test_the_whole_way(client: httpx.Client) -> None:
    draft = make(client, deed="split", kind="unit_grid", codes=[unit(1)], parts=2)
    box = client.get(f"/api/v1/areas/drafts/{draft}").json()["box"]
    lon, lat = TOWN.lonlat("1")
    assert box[0] < lon < box[2]
    assert box[1] < lat < box[3]
    told = client.post(f"/api/v1/areas/drafts/{draft}/preview").json()
    assert told["kinds"][0]["end"] == [unit(1)]
    assert told["components"]["moved"] == 1
    z, (x, y) = 14, tile_of(lon, lat)
    tile = client.get(f"/tiles/drafts/{draft}/{z}/{x}/{y}.mvt")
    assert tile.status_code == 200
    assert unit(1).encode() in tile.content
    done = client.post(f"/api/v1/areas/drafts/{draft}/apply", json={}).json()
    assert done["begun"] is True
    assert done["changed"] == 3
    revisions = client.get("/api/v1/areas/revisions").json()["revisions"]
    assert (revisions[0]["revision"], revisions[0]["made"], revisions[0]["ended"]) == (done["revision"], 2, 1)
    back = make(client, deed="reverse", revision=done["revision"])
    assert client.post(f"/api/v1/areas/drafts/{back}/apply", json={"cases": "keep"}).status_code == 200
    codes = [area["code"] for area in client.get("/api/v1/areas", params={"kind": "unit_grid"}).json()["areas"]]
    assert codes == [unit(n) for n in range(1, 9)]


@pytest.mark.parametrize("part", ["areas", "components", "cases", "duties", "accounts", "rosters"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_parts_of_a_preview_are_files(client: httpx.Client, part: str, form: str) -> None:
    draft = make(client, deed="merge", kind="unit_grid", codes=[unit(1), unit(2)])
    asked = {"part": part, "form": form}
    answer = client.get(f"/api/v1/areas/drafts/{draft}/preview/export", params=asked)
    assert answer.status_code == 200, answer.text
    if form == "csv":
        lines = answer.content.decode("utf-8-sig").splitlines()
        assert len(lines) == 1 + {"areas": 3, "components": 1, "cases": 1}.get(part, 0)
    client.delete(f"/api/v1/areas/drafts/{draft}")


def test_grids_are_drawn_along_streets_that_are_sent(client: httpx.Client) -> None:
    street = shapely.LineString([TOWN.lonlat("f"), TOWN.lonlat("j")])
    sent = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(street)}]}  # fmt: skip
    draft = make(client, deed="draw", kind="unit_grid", within=[COMMUNITY], target_m2=10_000, lines=sent)
    assert client.delete(f"/api/v1/areas/drafts/{draft}").status_code == 204
    assert client.get(f"/api/v1/areas/drafts/{draft}").status_code == 404


def test_what_could_not_be_done_is_told_with_its_place_in_degrees(client: httpx.Client, database: str) -> None:
    draft = make(client, deed="retire", kind="unit_grid", codes=[unit(8)])
    edge = shapely.LineString([TOWN.point("c"), TOWN.point("h")])
    with connect(database) as conn:
        remark = {"code": "E", "en": "off", "zh": "偏离", "geom": shapely.geometry.mapping(edge)}
        drafts.keep_remarks(conn, draft, [remark, {**remark, "geom": None}])
    placed, nowhere = client.get(f"/api/v1/areas/drafts/{draft}").json()["draft"]["remarks"]
    assert placed["geom"]["coordinates"][0] == pytest.approx(TOWN.lonlat("c"), abs=1e-6)
    assert nowhere["geom"] is None
    client.delete(f"/api/v1/areas/drafts/{draft}")


@pytest.mark.parametrize(
    ("deed", "status", "cause"),
    [
        ({"deed": "swap", "kind": "unit_grid"}, 422, "deed"),
        ({"deed": "merge", "kind": "unit_grid", "codes": []}, 422, "codes"),
        ({"deed": "merge", "kind": "ward", "codes": ["1", "2"]}, 422, "area kind 'ward' is not known"),
        ({"deed": "merge", "kind": "unit_grid", "codes": ["1", "2"]}, 404, "there is no unit_grid 1"),
        (
            {"deed": "draw", "kind": "unit_grid", "lines": {"type": "Point", "coordinates": [1, 2]}},
            422,
            "no LineString",
        ),
        ({"deed": "draw", "kind": "unit_grid", "lines": {"type": "Ball"}}, 422, "shape cannot be read"),
        ({"deed": "reverse", "revision": 4_000}, 404, "no revision 4000"),
    ],
)
def test_deeds_that_make_no_sense(client: httpx.Client, deed: dict[str, Any], status: int, cause: str) -> None:
    answer = client.post("/api/v1/areas/drafts", json=deed)
    assert answer.status_code == status, answer.text
    assert cause in answer.text
    assert client.get("/api/v1/areas/drafts").json()["total"] == 0


def test_the_past_and_other_people(client: httpx.Client, database: str, host: str) -> None:
    draft = make(client, deed="retire", kind="unit_grid", codes=[unit(8)])
    answer = client.post(f"/api/v1/areas/drafts/{draft}/apply", json={"at": "2020-01-01T00:00:00+08:00"})
    assert answer.status_code == 422
    assert "cannot change in the past" in answer.text
    with connect(database) as conn:
        limited = put_token(conn, put_account(conn, "gis-east", "gis_staff", areas=("patrol_grid:E",)))
    with asking(host) as other:
        other.headers["Authorization"] = f"Bearer {limited}"
        told = other.post(f"/api/v1/areas/drafts/{draft}/preview").json()
        assert told["cases"]["list"] is None
        assert other.post(f"/api/v1/areas/drafts/{draft}/apply", json={}).status_code == 403
    client.delete(f"/api/v1/areas/drafts/{draft}")
