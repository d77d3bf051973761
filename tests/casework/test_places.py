"""Places in words: layers in, candidates out, and reports that get their places by them."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gridsvc.casework.intake import find_report, take_one
from gridsvc.casework.places import Candidate, Found, find_places
from gridsvc.casework.placing import Chosen, candidates, place_report
from gridsvc.domain.reports import Report
from gridsvc.errors import ConflictError, FileError, InputError, NotFoundError
from gridsvc.ingest.place_layers import PlaceFile, go_back, load_places
from gridsvc.store import places
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect
from tests import made
from tests.sketch import Sketch

TOWN = Sketch(
    """
    a . . . . . b . . . . . c
    . . . . . . v . . . . . .
    . w . 1 . 2 x . . y . . .
    . . . . . . z . . . . . .
    d . . . . . e . . p . . f . . . . 9
""",
    step=100,
)
"""Two grids; 人民路 from w to y, 解放路 from v to z, crossing at x."""
ADDRESSES = PlaceFile(layer="addresses", kind="address", columns={"road": "road", "number": "no"})
NAMES = PlaceFile(layer="names", kind="place", columns={"name_zh": "zh", "name_en": "en"})
ROADS = PlaceFile(layer="roads", kind="road", columns={"name_zh": "zh", "name_en": "en"})


def prepare(conn: Connection) -> City:
    town = the_city(conn)
    made.put_areas(conn, town, made.kind("grid"), {"w": TOWN.polygon("abed"), "e": TOWN.polygon("bcfe")})
    made.put_departments(conn, "west", "east")
    made.put_channel(conn)
    made.put_channel(conn, "public", confirmed=False)
    made.put_rules(
        conn,
        made.rule("west", area_kind="grid", area_code="w"),
        made.rule("east", area_kind="grid", area_code="e"),
    )
    return town


def table(folder: Path, name: str, header: str, *rows: str) -> Path:
    """A CSV file; a mark at the end of a row is its longitude and latitude."""
    lines = [header + ",lon,lat"]
    for row in rows:
        text, mark = row.rsplit(",", 1)
        lines.append(f"{text},{','.join(map(repr, TOWN.lonlat(mark)))}" if mark else f"{text},,")
    file = folder / name
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return file


def lines(folder: Path, *roads: tuple[str, str, str], name: str = "roads.geojson") -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"zh": zh, "en": en},
            "geometry": {"type": "LineString", "coordinates": [TOWN.lonlat(mark) for mark in marks]},
        }
        for zh, en, marks in roads
    ]
    file = folder / name
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return file


def load_all(conn: Connection, town: City, folder: Path) -> None:
    load_places(conn, town, table(folder, "a.csv", "road,no", "人民路,10,1", "人民路,14,2", "人民路,11,w"), ADDRESSES)
    names = table(folder, "n.csv", "zh,en", "人民公园,People's Park,p", "城厢,Chengxiang,1", "人民医院,,y")
    load_places(conn, town, names, NAMES)
    roads = lines(
        folder, ("人民路", "Renmin Road", "wx"), ("人民路", "Renmin Road", "xy"), ("解放路", "Jiefang Road", "vz")
    )
    load_places(conn, town, roads, ROADS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("places")


@pytest.fixture(scope="module")
def loaded(database: str, folder: Path) -> City:
    """Committed once: reading a file takes a process of its own."""
    with connect(database) as conn, conn.transaction():
        found = prepare(conn)
        load_all(conn, found, folder)
    return found


@pytest.fixture
def town(loaded: City) -> City:
    """Overrides the empty one."""
    return loaded


def found(conn: Connection, town: City, text: str, **given: Any) -> Found:
    return find_places(conn, town, text, **given)


def first(conn: Connection, town: City, text: str, **given: Any) -> Candidate:
    return found(conn, town, text, **given).candidates[0]


def metres_from(one: Candidate, mark: str) -> float:
    point = TOWN.point(mark)
    return float(((one.x - point.x) ** 2 + (one.y - point.y) ** 2) ** 0.5)


def test_layers_say_what_was_left_out(conn: Connection, town: City, tmp_path: Path) -> None:
    rows = ("甲,,1", ",,1", "乙,,9", "丙,,", "甲,,1", "甲,,2")
    done, new = load_places(conn, town, table(tmp_path, "more.csv", "zh,en", *rows), NAMES)
    assert new
    assert (done.places, done.set_aside) == (
        2, {"read": 6, "without name": 1, "outside the city": 1, "without shape": 1, "repeated": 1},
    )  # fmt: skip
    assert [one.name for one in found(conn, town, "人民公园").candidates if one.kind == "place"] == []  # replaced
    assert go_back(conn, "names").file_name == "n.csv"
    assert first(conn, town, "人民公园").name == "人民公园 / People's Park"
    with pytest.raises(ConflictError, match="no earlier file"):
        go_back(conn, "names")
    with pytest.raises(NotFoundError, match="no layer 'nowhere'"):
        go_back(conn, "nowhere")


@pytest.mark.usefixtures("town")
def test_sections_of_a_road_are_one_road(conn: Connection) -> None:
    assert {one.layer: one.places for one in places.layers(conn)} == {"addresses": 3, "names": 3, "roads": 2}


def test_the_same_file_again_is_nothing_to_do(conn: Connection, town: City, folder: Path) -> None:
    assert not load_places(conn, town, folder / "n.csv", NAMES)[1]


@pytest.mark.parametrize(
    ("rows", "given", "words"),
    [
        (("甲,,9",), NAMES, "no place of it can be used: 1 read, 1 outside the city"),
        (("甲,,1",), PlaceFile(layer="x", kind="place", columns={"name_zh": "name"}), "no column 'name' for name_zh"),
        (("甲,,1",), PlaceFile(layer="x", kind="road", columns={"name_zh": "zh"}), "1 of another kind of shape"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(
    conn: Connection, town: City, tmp_path: Path, rows: tuple[str, ...], given: PlaceFile, words: str
) -> None:
    before = places.layers(conn)
    with pytest.raises(FileError, match=words):
        load_places(conn, town, table(tmp_path, "bad.csv", "zh,en", *rows), given)
    assert places.layers(conn) == before


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "river"}, "river"),
        ({"columns": {"title": "x"}}, "title"),
        ({"columns": {"number": "x"}}, "which column"),
    ],
)
def test_what_is_no_layer_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        PlaceFile(**{"layer": "x", "kind": "place", "columns": {"name_zh": "zh"}, **given})


@pytest.mark.parametrize(
    ("text", "kind", "name", "mark", "certain"),
    [
        ("人民路10号", "address", "人民路10号", "1", True),
        ("绵阳市涪城区城厢街道人民路１０號", "address", "人民路10号", "1", True),
        ("人民路十四号3栋2单元", "address", "人民路14号", "2", False),
        ("人民路10号附近", "address", "人民路10号", "1", False),
        ("人民路与解放路交叉口", "crossing", "人民路 / 解放路", "x", True),
        ("Renmin Rd & Jiefang Rd", "crossing", "人民路 / Renmin Road / 解放路 / Jiefang Road", "x", True),
        ("人民公园", "place", "人民公园 / People's Park", "p", True),
        ("peoples park", "place", "人民公园 / People's Park", "p", True),
        ("涪城区人民公圆", "place", "人民公园 / People's Park", "p", False),
        ("城厢", "place", "城厢 / Chengxiang", "1", True),
        ("我在人民医院门口", "place", "人民医院", "y", False),
    ],
)
def test_an_address_finds_its_place(
    conn: Connection, town: City, text: str, kind: str, name: str, mark: str, certain: bool
) -> None:
    told = found(conn, town, text)
    best = told.candidates[0]
    assert (best.kind, told.certain) == (kind, certain)
    assert best.name.replace(" / Renmin Road", "").replace(" / Jiefang Road", "") == name.replace(
        " / Renmin Road", ""
    ).replace(" / Jiefang Road", "")
    assert metres_from(best, mark) < 1
    assert (best.layer, best.file_name) == {
        "address": ("addresses", "a.csv"), "crossing": ("roads", "roads.geojson"), "place": ("names", "n.csv"),
    }[kind]  # fmt: skip


def test_a_number_between_known_ones_is_reckoned_and_says_so(conn: Connection, town: City) -> None:
    best = first(conn, town, "人民路12号")
    assert (best.kind, best.note_en) == ("between", "reckoned between numbers 10 and 14")
    assert best.x == pytest.approx((TOWN.point("1").x + TOWN.point("2").x) / 2, abs=0.1)
    assert best.accuracy_m == pytest.approx(100, abs=0.5)
    assert not found(conn, town, "人民路12号").certain


def test_a_number_that_nobody_knows_gives_the_road_and_says_so(conn: Connection, town: City) -> None:
    told = found(conn, town, "人民路900号")
    road = next(one for one in told.candidates if one.kind == "road")
    assert road.note_en == "a point of the road, not of an address; house number 900 is not known"
    assert road.accuracy_m == pytest.approx(500, abs=1)  # from the crossing to the far end
    assert not told.certain


def test_nearer_ones_come_first_among_equals(conn: Connection, town: City, tmp_path: Path) -> None:
    load_places(conn, town, table(tmp_path, "two.csv", "zh,en", "小学,,1", "小学,,p"), NAMES)
    assert not found(conn, town, "小学").certain
    for mark in ("1", "p"):
        best = first(conn, town, "小学", near=TOWN.lonlat(mark))
        assert (metres_from(best, mark) < 1, best.distance_m) == (True, 0.0)


@pytest.mark.parametrize("text", ["", "  ", "，。"])
def test_an_address_that_says_nothing_is_refused(conn: Connection, town: City, text: str) -> None:
    with pytest.raises(InputError, match="says nothing"):
        found(conn, town, text)


def test_nothing_is_called_like_that(conn: Connection, town: City) -> None:
    assert found(conn, town, "zzz qqq").candidates == []


@pytest.fixture
def unplaced(conn: Connection, town: City) -> Report:
    report = made.report("a", address="人民路10号")
    take_one(conn, town, report)
    return report


def stored(conn: Connection, report: Report) -> dict[str, Any]:
    told = find_report(conn, report.id)
    assert told is not None
    return told


def test_a_clerk_confirms_and_the_report_is_decided_anew(conn: Connection, town: City, unplaced: Report) -> None:
    before = stored(conn, unplaced)
    assert (before["manual_reason"], before["state"]) == ("no_location", "reported")
    told = candidates(conn, town, before)
    assert (told["certain"], told["placed"]) == (True, [])
    place_report(conn, town, unplaced.id, Chosen(candidate=told["candidates"][0]["id"]), "li")
    after = stored(conn, unplaced)
    assert (after["lead"], after["manual_reason"], after["case_state"]) == ("west", None, "dispatched")
    (given,) = candidates(conn, town, after)["placed"]
    assert [given[name] for name in ("account", "asked", "name", "kind", "layer", "file_name")] == [
        "li", "人民路10号", "人民路10号", "address", "addresses", "a.csv",
    ]  # fmt: skip
    assert conn.execute("SELECT count(*) FROM routing_decision").fetchone() == (2,)
    with pytest.raises(ConflictError, match="already: its place stays"):
        place_report(conn, town, unplaced.id, Chosen(lon=1.0, lat=1.0), "li")


def test_a_place_pointed_out_on_the_map(conn: Connection, town: City, unplaced: Report) -> None:
    lon, lat = TOWN.lonlat("p")
    place_report(conn, town, unplaced.id, Chosen(lon=lon, lat=lat), "li")
    after = stored(conn, unplaced)
    assert (after["lead"], after["lon"]) == ("east", pytest.approx(lon))
    assert candidates(conn, town, after)["placed"][0]["layer"] is None


def test_a_road_through_two_grids_is_never_guessed(conn: Connection, town: City, unplaced: Report) -> None:
    told = candidates(conn, town, {**stored(conn, unplaced), "address": "人民路"})
    road = next(one for one in told["candidates"] if one["kind"] == "road")
    place_report(conn, town, unplaced.id, Chosen(candidate=road["id"], asked="人民路"), "li")
    assert stored(conn, unplaced)["manual_reason"] == "ambiguous"


def test_a_placed_report_is_compared_with_open_ones(conn: Connection, town: City, unplaced: Report) -> None:
    first_one = made.report("b", TOWN.lonlat("1"), reported_at=made.NOON - timedelta(hours=1))
    take_one(conn, town, first_one)
    place_report(conn, town, unplaced.id, Chosen(candidate=first(conn, town, "人民路10号").id), "li")
    assert conn.execute("SELECT report_id, of_report_id, state FROM report_duplicate").fetchall() == [
        (unplaced.id, first_one.id, "proposed")
    ]


def test_what_is_rejected_is_placed_no_more(conn: Connection, town: City, unplaced: Report) -> None:
    conn.execute("UPDATE report SET state = 'rejected'")
    lon, lat = TOWN.lonlat("p")
    with pytest.raises(ConflictError, match="is rejected: its place stays"):
        place_report(conn, town, unplaced.id, Chosen(lon=lon, lat=lat), "li")


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"candidate": "place:0"}, NotFoundError, "no candidate"),
        ({"candidate": "place:0", "lon": 1.0, "lat": 1.0}, InputError, "either a candidate"),
        ({}, InputError, "either a candidate"),
        ({"lon": 200.0, "lat": 1.0}, InputError, "not on the earth"),
        ({"lon": 1.0}, InputError, "given together"),
    ],
)
def test_what_is_no_place_is_refused(
    conn: Connection, town: City, unplaced: Report, given: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        place_report(conn, town, unplaced.id, Chosen(**given), "li")


def test_a_known_number_is_not_reckoned(conn: Connection, town: City, tmp_path: Path) -> None:
    rows = ("人民路,10,1", "人民路,12,a", "人民路,14,2")
    load_places(conn, town, table(tmp_path, "three.csv", "road,no", *rows), ADDRESSES)
    assert [one.kind for one in found(conn, town, "人民路12号").candidates] == ["address", "road"]


def test_another_number_of_the_road_is_no_candidate(conn: Connection, town: City) -> None:
    told = found(conn, town, "人民路15号")
    assert "address" not in {one.kind for one in told.candidates}


def test_two_clerks_at_once_make_one_case(cloned: "Callable[[str], contextmanager[str]]", loaded: City) -> None:
    report = made.report("a", address="人民路10号")
    lon, lat = TOWN.lonlat("1")
    with cloned("placing") as url:
        with connect(url) as conn, conn.transaction():
            prepare(conn)
            take_one(conn, loaded, report)

        def place(account: str) -> bool:
            with connect(url) as conn:
                try:
                    place_report(conn, loaded, report.id, Chosen(lon=lon, lat=lat), account)
                except ConflictError:
                    return False
                return True

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(place, "abcd")) == [False, False, False, True]
