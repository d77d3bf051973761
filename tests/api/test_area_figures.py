"""Areas with their figures, and one area with its people and its past, by HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gridsvc.areas.apply import ALWAYS, apply_draft
from gridsvc.areas.drafting import merging
from gridsvc.store import rosters
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection, connect
from gridsvc.store.rosters import NewEntry
from tests import made
from tests.accounts import put_account, put_token
from tests.areas.desk import COMMUNITY, TOWN, put_case, put_desk, put_duties, put_lamp, unit
from tests.service import asking, running

MERGED = unit(9)


def put_people(conn: Connection) -> None:
    """One inspector in the west; a patrol grid needs one."""
    rosters.use_team(conn, "patrol_grid", "patrol")
    inspector = NewEntry(
        area_kind="patrol_grid", area_code="W", post="inspector", service="", person="李明", phone=None,
        department=None, account=None, valid_from=ALWAYS, valid_to=None, source="test",
    )  # fmt: skip
    rosters.add_entries(conn, [inspector])


@pytest.fixture(scope="module")
def tokens(database: str) -> dict[str, str]:
    """Three lamps and a case in the west, one lamp in the east, two grids of which became one."""
    with connect(database) as conn, conn.transaction():
        city = the_city(conn)
        put_desk(conn, city)
        made.put_channel(conn)
        put_duties(conn, W="WEST", E="EAST")
        for mark in ("1", "2", "5", "8"):
            put_lamp(conn, city, mark)
        put_case(conn, city, "5")
        put_people(conn)
        apply_draft(conn, merging.merge_areas(conn, city, "unit_grid", [unit(1), unit(2)], name="合并"))
        return {
            "all": put_token(conn, put_account(conn, "gis", "gis_staff", whole_city=True)),
            "east": put_token(conn, put_account(conn, "gis-east", "gis_staff", areas=("patrol_grid:E",))),
        }


@pytest.fixture(scope="module")
def host(database: str, tokens: dict[str, str]) -> Iterator[str]:
    assert tokens
    with running(database) as found:
        yield found


@pytest.fixture
def client(host: str, tokens: dict[str, str]) -> Iterator[httpx.Client]:
    with asking(host, tokens["all"]) as found:
        yield found


def listed(client: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/areas/figures", params={"kind": "unit_grid", **asked})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["areas"]
    return found


def test_kinds_are_counted_now_and_then(client: httpx.Client) -> None:
    def count(**when: Any) -> dict[str, int]:
        kinds = client.get("/api/v1/areas/kinds", params=when).json()["kinds"]
        return {kind["kind"]: kind["areas"] for kind in kinds}

    assert count() == {
        "community": 1, "unit_grid": 7, "patrol_grid": 2, "responsibility_grid": 1, "sub_grid": 0,
    }  # fmt: skip
    assert count(revision=2)["unit_grid"] == 8
    assert count(revision=1)["patrol_grid"] == 0


def test_areas_have_figures(client: httpx.Client) -> None:
    found = {area["code"]: area for area in listed(client)}
    assert [found[code]["components"] for code in (MERGED, unit(5), unit(8), unit(3))] == [2, 1, 1, 0]
    assert [found[code]["open_cases"] for code in (MERGED, unit(5))] == [0, 1]
    assert found[unit(3)]["parent_zh"] == f"{COMMUNITY}区"
    lon, lat = TOWN.lonlat("3")
    west, south, east, north = found[unit(3)]["box"]
    assert west < lon < east
    assert south < lat < north


@pytest.mark.parametrize(
    ("sort", "descending", "first"),
    [
        ("code", "false", unit(3)), ("code", "true", MERGED), ("components", "true", MERGED),
        ("open_cases", "true", unit(5)), ("area_m2", "true", MERGED), ("name_zh", "true", MERGED),
    ],
)  # fmt: skip
def test_areas_are_sorted_and_paged(client: httpx.Client, sort: str, descending: str, first: str) -> None:
    asked = {"sort": sort, "descending": descending}
    whole = [area["code"] for area in listed(client, **asked)]
    assert whole[0] == first
    assert sorted(whole) == [*(unit(n) for n in range(3, 9)), MERGED]
    pages = [area["code"] for offset in (0, 3, 6) for area in listed(client, **asked, limit=3, offset=offset)]
    assert pages == whole


def test_most_people_come_first(client: httpx.Client) -> None:
    answer = client.get("/api/v1/areas/figures", params={"kind": "patrol_grid", "sort": "people", "descending": "true"})
    assert [(area["code"], area["people"]) for area in answer.json()["areas"]] == [("W", 1), ("E", 0)]


def test_areas_are_found_by_code_and_name(client: httpx.Client) -> None:
    assert [area["code"] for area in listed(client, words="合并")] == [MERGED]
    assert [area["code"] for area in listed(client, words=unit(4)[-4:])] == [unit(4)]
    assert listed(client, words="%") == []


def test_what_areas_held_in_the_past_is_not_made_up(client: httpx.Client) -> None:
    then = {area["code"]: area for area in listed(client, revision=2)}
    assert then[unit(1)]["components"] is None
    assert then[unit(1)]["ended_by"] is not None
    assert then[unit(5)]["components"] == 1


def test_one_sees_no_more_than_one_may(host: str, tokens: dict[str, str]) -> None:
    with asking(host, tokens["east"]) as east:
        cases = {area["code"]: area["open_cases"] for area in listed(east)}
        assert cases[unit(5)] == 0


def test_an_area_tells_its_past_and_its_line(client: httpx.Client) -> None:
    def one(code: str, **when: Any) -> dict[str, Any]:
        found: dict[str, Any] = client.get(
            "/api/v1/areas/one", params={"kind": "unit_grid", "code": code, **when}
        ).json()
        return found

    merged, first = one(MERGED), one(unit(1))
    assert [(line["code"]) for line in merged["came_from"]] == [unit(1), unit(2)]
    assert merged["past"][0]["made_by_deed"] == "merge"
    assert merged["area"]["components"] == 2
    assert first["area"] is None
    assert first["became"] == [{"code": MERGED, "revision": merged["area"]["revision"]}]
    assert first["past"][0]["ended_by_deed"] == "merge"
    assert one(unit(1), revision=2)["area"]["code"] == unit(1)


def test_an_area_tells_its_people_and_who_is_missing(client: httpx.Client) -> None:
    asked = {"kind": "patrol_grid"}
    west, east = (client.get("/api/v1/areas/one", params={**asked, "code": code}).json() for code in "WE")
    assert [person["person"] for person in west["roster"]] == ["李明"]
    assert west["missing"] == []
    assert [(gap["post"], gap["count"]) for gap in east["missing"]] == [("inspector", 1)]


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("figures", {"kind": "ward"}, 422), ("figures", {"kind": "unit_grid", "sort": "colour"}, 422),
        ("figures", {"kind": "unit_grid", "revision": 99}, 404), ("one", {"kind": "unit_grid", "code": "1"}, 404),
        ("kinds", {"revision": 99}, 404),
    ],
)  # fmt: skip
def test_what_there_is_not(client: httpx.Client, path: str, asked: dict[str, Any], status: int) -> None:
    assert client.get(f"/api/v1/areas/{path}", params=asked).status_code == status
