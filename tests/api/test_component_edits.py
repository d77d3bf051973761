"""One component over the API: what it is, what it was, and changing it by hand."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gridsvc.domain.access import Right, Role
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests import made
from tests.accounts import CHIEF, put_account, put_token
from tests.ingest.layers import FLOOD_WALL, LAMP, TOWN, put_town
from tests.service import asking, running
from tests.sketch import SRID

PATH = "/api/v1/components"
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def tokens(database: str) -> dict[str, str]:
    """Of the chief, of GIS staff of the west, and of an analyst."""
    with connect(database) as conn, conn.transaction():
        put_town(conn, the_city(conn))
        made.put_departments(conn, "lights", "roads")
        west = put_account(conn, "gis-west", Role.GIS_STAFF, areas=("responsibility_grid:G1",))
        analyst = put_account(conn, "analyst", Role.ANALYST, whole_city=True)
        chief = put_account(conn, "chief", *CHIEF, whole_city=True)
        return {"chief": put_token(conn, chief), "west": put_token(conn, west), "analyst": put_token(conn, analyst),
                "reader": put_token(conn, chief, Right.SEE_DETAILS.value)}  # fmt: skip


@pytest.fixture(scope="module")
def host(database: str) -> Iterator[str]:
    with running(database) as found:
        yield found


@pytest.fixture(scope="module")
def chief(host: str, tokens: dict[str, str]) -> Iterator[httpx.Client]:
    with asking(host, tokens["chief"]) as client:
        yield client


_serial = iter(range(10**6))


def lamp(mark: str = "1", **given: Any) -> dict[str, Any]:
    """Unlike every other one, so that none is the same twice."""
    lon, lat = TOWN.lonlat(mark)
    return {
        "subclass_code": LAMP, "authority": "lights", "position": f"东街{next(_serial)}号", "lon": lon, "lat": lat,
        "accept_warnings": True, **given,
    }  # fmt: skip


def put(chief: httpx.Client, mark: str = "1", **given: Any) -> str:
    answer = chief.post(PATH, json=lamp(mark, **given))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


def test_a_component_is_added_seen_corrected_and_retired(chief: httpx.Client) -> None:
    code = put(chief, attributes={"height": 8}, surveyed_at="2024-03-05")
    found = chief.get(f"{PATH}/{code}").json()
    assert (found["version"], found["state"], found["authority"]) == (1, "intact", "lights")
    assert found["attributes"] == {"height": 8, "surveyed_at": "2024-03-05"}
    assert [(area["kind"], area["code"]) for area in found["areas"]] == [
        ("district", "510703"), ("responsibility_grid", "G1"),
    ]  # fmt: skip
    assert found["geometry"]["coordinates"] == pytest.approx(TOWN.lonlat("1"), abs=2e-9)
    answer = chief.patch(f"{PATH}/{code}", json={"version": 1, "owner": "roads", "attributes": {"height": None}})
    assert answer.json() | {"batch": 0} == {
        "saved": True, "code": code, "version": 2, "batch": 0, "changed": ["owner", "attributes.height"],
        "warnings": [],
    }  # fmt: skip
    answer = chief.post(f"{PATH}/{code}/retire", json={"version": 2, "reason": "stolen"})
    assert (answer.status_code, answer.json()["changed"]) == (200, ["state"])
    assert chief.get(f"{PATH}/{code}").json()["state"] == "removed"
    versions = chief.get(f"{PATH}/{code}/history").json()["versions"]
    assert [(one["version"], one["event"]) for one in versions] == [(3, "retired"), (2, "changed"), (1, "added")]
    assert [one["batch"]["account"] for one in versions] == ["chief"] * 3
    assert versions[0]["batch"]["reason"] == "stolen"
    assert versions[1]["changes"] == [
        {"field": "owner", "before": None, "after": "roads"},
        {"field": "attributes.height", "before": 8, "after": None},
    ]


def test_any_crs_and_any_shape(chief: httpx.Client) -> None:
    x, y = TOWN.xy("1")
    code = put(chief, lon=x, lat=y, crs=f"EPSG:{SRID}")
    assert chief.get(f"{PATH}/{code}").json()["geometry"]["coordinates"] == pytest.approx(TOWN.lonlat("1"), abs=2e-9)
    line = {"type": "LineString", "coordinates": [TOWN.lonlat("1"), TOWN.lonlat("2")]}
    wall = put(chief, subclass_code=FLOOD_WALL, lon=None, lat=None, geometry=line)
    assert chief.get(f"{PATH}/{wall}").json()["geometry"]["type"] == "LineString"


def test_warnings_come_back_to_be_accepted(chief: httpx.Client) -> None:
    answer = chief.post(PATH, json=lamp("5", authority=None, accept_warnings=False))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["saved"], told["code"], told["batch"]) == (False, None, None)
    assert [(one["rule"], one["message_zh"]) for one in told["warnings"]] == [
        ("attributes_given", "未满足“填写了主管部门和位置描述”：主管部门")
    ]
    code = put(chief, "5", authority=None)
    waiting = chief.patch(f"{PATH}/{code}", json={"version": 1, "position": None}).json()
    assert (waiting["saved"], waiting["version"], len(waiting["warnings"])) == (False, 1, 1)


def test_a_code_may_hold_any_sign(chief: httpx.Client) -> None:
    code = "灯/7 history?"
    assert put(chief, code=code) == code
    address = f"{PATH}/%E7%81%AF%2F7%20history%3F"
    assert chief.get(address).json()["component_code"] == code
    assert chief.get(f"{address}/history").json()["code"] == code
    assert chief.patch(address, json={"version": 1, "note": "x"}).json()["version"] == 2
    assert chief.post(PATH, json=lamp(code=code)).status_code == 409


def test_who_comes_second_is_told_what_changed(chief: httpx.Client) -> None:
    code = put(chief)
    chief.patch(f"{PATH}/{code}", json={"version": 1, "note": "first"})
    answer = chief.patch(f"{PATH}/{code}", json={"version": 1, "note": "second"})
    assert answer.status_code == 409
    assert f"component {code} was changed meanwhile by chief: note (version 2, you looked at 1)" in answer.text
    assert chief.post(f"{PATH}/{code}/retire", json={"version": 1, "reason": "x"}).status_code == 409


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no place": ({"lon": None, "lat": None}, "give its place"),
    "half a place": ({"lat": None}, "give lon and lat, or a geometry"),
    "two places": ({"geometry": {"type": "Point", "coordinates": [1, 2]}}, "give lon and lat, or a geometry"),
    "swapped": (dict(zip(("lat", "lon"), TOWN.lonlat("1"), strict=True)), "swapped"),
    "another subclass": ({"subclass_code": "9999"}, "'9999' is not one of"),
    "no subclass": ({"subclass_code": None}, "names no subclass"),
    "another field": ({"colour": "red"}, "colour"),
    "a list": ({"attributes": {"x": [1]}}, "attributes.x"),
    "a field as attribute": ({"attributes": {"note": "x"}}, "cannot be called so"),
    "no crs": ({"crs": "EPSG:1"}, "cannot be read as a coordinate system"),
    "a file as crs": ({"crs": "+proj=longlat +nadgrids=/etc/passwd"}, "not taken as a coordinate system"),
    "no department": ({"owner": "nobody"}, "is the code of no department"),
}


@pytest.mark.parametrize(("wrong", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_told_and_nothing_is_saved(chief: httpx.Client, wrong: dict[str, Any], message: str) -> None:
    before = chief.get(PATH).json()["total"]
    answer = chief.post(PATH, json=lamp(**wrong))
    assert answer.status_code == 422, answer.text
    assert message in answer.json()["detail"]
    assert chief.get(PATH).json()["total"] == before


GEOMETRIES: dict[str, Any] = {
    "no type": {},
    "a collection": {"type": "GeometryCollection", "geometries": []},
    "no coordinates": {"type": "Point"},
    "texts": {"type": "Point", "coordinates": ["a", "b"]},
    "too deep": {"type": "Point", "coordinates": [[[[[[1]]]]]]},
    "one point": {"type": "LineString", "coordinates": [[1, 2]]},
    "an open ring": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]},
    "empty": {"type": "Point", "coordinates": []},
    "a bow": {"type": "Polygon", "coordinates": [[TOWN.lonlat(mark) for mark in "16251"]]},
}


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES)
def test_a_shape_that_is_none_is_refused(chief: httpx.Client, geometry: Any) -> None:
    answer = chief.post(PATH, json=lamp(lon=None, lat=None, geometry=geometry))
    assert answer.status_code == 422, answer.text


def test_who_does_not_see_a_component_cannot_change_it(host: str, tokens: dict[str, str], chief: httpx.Client) -> None:
    west, east = put(chief, "1"), put(chief, "3")
    with asking(host, tokens["west"]) as staff:
        assert staff.patch(f"{PATH}/{west}", json={"version": 1, "note": "x"}).status_code == 200
        for answer in (
            staff.get(f"{PATH}/{east}"),
            staff.get(f"{PATH}/{east}/history"),
            staff.patch(f"{PATH}/{east}", json={"version": 1, "note": "x"}),
            staff.post(f"{PATH}/{east}/retire", json={"version": 1, "reason": "x"}),
        ):
            assert answer.status_code == 404, answer.text
    for name in ("analyst", "reader"):
        with asking(host, tokens[name]) as other:
            assert other.get(f"{PATH}/{west}").json()["authority"] == "lights"
            assert other.get(f"{PATH}/{west}/history").status_code == 403
            assert other.patch(f"{PATH}/{west}", json={"version": 2}).status_code == 403
            assert other.post(PATH, json=lamp()).status_code == 403
    with asking(host) as public:
        assert public.get(f"{PATH}/{west}").status_code == 404
        assert public.post(PATH, json=lamp()).status_code == 401


def test_an_edit_without_a_difference_saves_nothing(chief: httpx.Client) -> None:
    code = put(chief)
    answer = chief.patch(f"{PATH}/{code}", json={"version": 1, "state": "intact"})
    assert (answer.status_code, answer.json()["saved"], answer.json()["version"]) == (200, False, 1)


TEXT = st.text(max_size=20)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
NAMES = ["code", "state", "owner", "surveyed_at", "attributes", "geometry", "lon", "lat", "crs", "version", "note"]


@QUIET
@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=4), st.booleans())
def test_no_body_breaks_the_service(chief: httpx.Client, changed: dict[str, Any], new: bool) -> None:
    lon, lat = TOWN.lonlat("8")
    base = {"subclass_code": LAMP, "lon": lon, "lat": lat, "accept_warnings": True, "note": str(next(_serial))}
    if new:
        answer = chief.post(PATH, json={**base, **changed})
    else:
        answer = chief.patch(f"{PATH}/{put(chief, '7')}", json={"version": 1, **changed})
    assert answer.status_code in (200, 201, 409, 422), answer.text


@QUIET
@given(st.dictionaries(st.text(min_size=1, max_size=8), st.one_of(st.booleans(), st.integers(), TEXT), max_size=4))
@example({"X": 1, "id": "东"})
def test_attributes_come_back_as_they_were_sent(chief: httpx.Client, attributes: dict[str, Any]) -> None:
    answer = chief.post(PATH, json=lamp("6", attributes=attributes))
    if answer.status_code == 422:
        return
    found = chief.get(f"{PATH}/{answer.json()['code']}").json()["attributes"]
    for key, value in attributes.items():
        if isinstance(value, int) and abs(value) <= 2**53:
            assert found[key] == value
        elif isinstance(value, str) and value.strip().isprintable() and value.strip():
            assert found[key] == value.strip()
