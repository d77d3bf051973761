"""Channels, many reports at once, duplicates, and places in words, by HTTP."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gridsvc.ingest.place_layers import PlaceFile, load_places
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests.api.town import TOWN

LON, LAT = TOWN.lonlat("1")
AT = "2026-07-01T12:00:00+08:00"


def one(name: str, **given: Any) -> dict[str, Any]:
    return {
        "channel": "hotline",
        "external_id": name,
        "reported_at": AT,
        "kind": "event",
        "subclass_code": "0110",
    } | given


def sent(service: httpx.Client, name: str, **given: Any) -> dict[str, Any]:
    lon, lat = TOWN.lonlat("2")
    answer = service.post("/api/v1/reports", json=one(name, lon=lon, lat=lat, channel="public", **given))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture(scope="module")
def streets(database: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("places") / "streets.csv"
    file.write_text(f"name,lon,lat\n人民路12号,{LON!r},{LAT!r}\n", encoding="utf-8")
    with connect(database) as conn:
        load_places(conn, the_city(conn), Path(file), PlaceFile(layer="a", kind="address", columns={"name_zh": "name"}))


def test_channels_say_what_they_do(service: httpx.Client) -> None:
    found = service.get("/api/v1/channels").json()
    assert {each["channel"]: (each["confirmed"], each["folds"]) for each in found["channels"]}["hotline"] == (
        True,
        False,
    )
    assert found["duplicates"]["usual"] == {"radius_m": 50.0, "fold_m": 25.0, "minutes": 1440}


def test_each_of_many_reports_has_its_result(service: httpx.Client) -> None:
    lot = [
        one("bulk-1", lon=LON, lat=LAT, channel_due_at="2026-07-05T12:00:00+08:00"),
        one("bulk-2", lon=500.0, lat=LAT),
        one("bulk-3", channel="pigeon"),
        one("bulk-4", lon="104"),
        one("bulk-1", lon=LON, lat=LAT),
        one("bulk-5", description="a\0b"),
        one("bulk-6", subclass_code="0999"),
        one("bulk-7", reported_at="2099-01-01T00:00:00Z"),
        {},
        one("bulk-8"),
    ]
    answer = service.post("/api/v1/reports/bulk", json={"reports": lot})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["total"], found["wrong"]) == (10, 7)
    told = {each["number"]: each for each in found["results"]}
    assert [number for number, each in told.items() if each["error"]] == [2, 3, 4, 6, 7, 8, 9]
    for number, words in (
        (2, "is not on the earth"), (3, "channel 'pigeon' is not known"), (4, "lon:"), (6, "no text"),
        (7, "0999"), (8, "yet to come"), (9, "channel: Field required"),
    ):  # fmt: skip
        assert words in told[number]["error"]
    assert [(told[n]["new"], told[n]["state"], told[n]["manual_reason"]) for n in (1, 5, 10)] == [
        (True, "registered", None), (False, "registered", None), (True, "reported", "no_location"),
    ]  # fmt: skip
    again = service.post("/api/v1/reports/bulk", json={"reports": lot[:1]}).json()["results"][0]
    assert (again["id"], again["new"]) == (told[1]["id"], False)
    stored = service.get(f"/api/v1/reports/{again['id']}").json()
    assert stored["channel_due_at"] == "2026-07-05T04:00:00Z"


@pytest.mark.parametrize("lot", [[], [one("x")] * 1_001, {}, ["x"]])
def test_what_is_no_list_of_reports_is_refused(service: httpx.Client, lot: Any) -> None:
    assert service.post("/api/v1/reports/bulk", json={"reports": lot}).status_code == 422


def test_a_clerk_links_and_refuses(service: httpx.Client) -> None:
    first, second = sent(service, "dup-1"), sent(service, "dup-2")
    found = service.get(f"/api/v1/reports/{second['id']}/duplicates").json()
    assert [(each["report_id"], each["state"], each["by"]) for each in found["repeats"]] == [
        (first["id"], "proposed", "place")
    ]
    path = f"/api/v1/reports/{second['id']}/duplicate"
    linked = service.post(path, json={"of": first["id"], "verdict": "link"}).json()
    assert (linked["state"], linked["linked_to"]) == ("linked", first["id"])
    assert service.get(f"/api/v1/reports/{first['id']}").json()["duplicates"] == 1
    listed = service.get(f"/api/v1/reports/{first['id']}/duplicates").json()
    assert (listed["total"], listed["repeated_by"][0]["account"]) == (1, "chief")
    free = service.post(path, json={"of": first["id"], "verdict": "refuse"}).json()
    assert (free["state"], free["linked_to"], free["lead"]) == ("confirming", None, "east")
    late = service.post(path, json={"of": first["id"], "verdict": "link", "version": second["version"]})
    assert (late.status_code, "link by chief, unlink by chief" in late.json()["detail"]) == (409, True)
    for given, status in (
        ({"of": second["id"], "verdict": "link"}, 422), ({"of": str(uuid4()), "verdict": "link"}, 404),
        ({"of": first["id"], "verdict": "perhaps"}, 422),
    ):  # fmt: skip
        assert service.post(path, json=given).status_code == status


@pytest.mark.usefixtures("service", "streets")
def test_a_report_gets_its_place_by_its_address(service: httpx.Client) -> None:
    found = service.post("/api/v1/reports", json=one("addressed", address="涪城区人民路１２号")).json()
    told = service.get(f"/api/v1/reports/{found['id']}/places").json()
    assert (told["certain"], told["candidates"][0]["kind"]) == (True, "address")
    path = f"/api/v1/reports/{found['id']}/place"
    assert service.post(path, json={"candidate": "place:0"}).status_code == 404
    assert service.post(path, json={}).status_code == 422
    chosen = {"candidate": told["candidates"][0]["id"]}
    assert service.post(path, json={**chosen, "version": 1}).status_code == 422
    placed = service.post(path, json={**chosen, "version": 0}).json()
    assert (placed["lead"], placed["state"], placed["lon"]) == ("west", "registered", pytest.approx(LON))
    assert service.post(path, json={"lon": LON, "lat": LAT}).status_code == 409
    given = service.get(f"/api/v1/reports/{found['id']}/places").json()["placed"]
    assert [(each["account"], each["layer"]) for each in given] == [("chief", "a")]


@pytest.mark.usefixtures("service", "streets")
def test_words_are_looked_up(service: httpx.Client) -> None:
    found = service.get("/api/v1/places", params={"q": "人民路12号", "near": f"{LON},{LAT}"}).json()
    assert (found["certain"], found["candidates"][0]["distance_m"]) == (True, 0.0)
    assert [each["layer"] for each in service.get("/api/v1/places/layers").json()["layers"]] == ["a"]
    for near in ("here", "1,2,3", "500,1", "nan,1"):
        assert service.get("/api/v1/places", params={"q": "x", "near": near}).status_code == 422, near
    assert service.get("/api/v1/places", params={"q": " , "}).status_code == 422
    assert service.get("/api/v1/places", params={"q": "a\0b"}).status_code in (200, 422)
