"""One component by hand: the same checks, the same writing and the same way back as a file has."""

from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridsvc.errors import ConflictError, InputError, NotFoundError
from gridsvc.ingest.by_hand import Changes, Edited, Place, RefusedError, add, correct, move, retire
from gridsvc.ingest.desk import Desk
from gridsvc.ingest.rollback import roll_back
from gridsvc.inventory.component import history
from gridsvc.store import batches, components
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.ingest.layers import CAR_PARK, FLOOD_WALL, LAMP, TOWN
from tests.sketch import SRID

GOOD = {"subclass": LAMP, "state": "intact", "authority": "lights", "position": "东街1号"}


@pytest.fixture
def town_of_lamps(ready: Connection) -> Connection:
    made.put_departments(ready, "lights", "roads")
    return ready


@pytest.fixture
def desk(town: City, uploads: Any, tmp_path: Any) -> Desk:
    return Desk(city=town, uploads=uploads, staging=tmp_path, photos=tmp_path)


def here(mark: str) -> Place:
    return Place(shape=TOWN.point(mark), crs=f"EPSG:{SRID}")


def lamp(mark: str = "1", attributes: dict[str, Any] | None = None, **fields: str | None) -> Changes:
    return Changes(fields={**GOOD, **fields}, attributes=attributes or {}, place=here(mark))


def put(conn: Connection, city: City, mark: str = "1", **given: Any) -> str:
    done = add(conn, city, lamp(mark, **given))
    assert done.code
    return done.code


def stored(conn: Connection, code: str) -> dict[str, Any]:
    row = conn.execute(
        "SELECT component_code, code_scheme, version, subclass_code, state, authority, owner, position, attributes,"
        " ARRAY(SELECT code FROM area WHERE id = ANY (area_ids) ORDER BY code), ST_AsBinary(geom), digest"
        " FROM component WHERE component_code = %s",
        [code],
    ).fetchone()
    assert row
    names = ("code", "scheme", "version", "subclass", "state", "authority", "owner", "position", "attributes", "areas",
             "geom", "digest")  # fmt: skip
    return {**dict(zip(names, row, strict=True)), "geom": shapely.from_wkb(row[10])}


def test_a_component_is_added_with_the_next_code_and_in_its_areas(town_of_lamps: Connection, town: City) -> None:
    first = put(town_of_lamps, town, attributes={"height": 8, "lit": True, "type": "LED"}, surveyed_at="2024-03-05")
    second = put(town_of_lamps, town, "3")
    assert (first, second) == ("5107030137000001", "5107030137000002")
    found = stored(town_of_lamps, first)
    assert (found["areas"], found["version"], found["digest"]) == (["510703", "G1"], 1, None)
    assert found["scheme"] == "gbt30428.2-2013"
    assert found["attributes"] == {"height": 8, "lit": True, "type": "LED", "surveyed_at": "2024-03-05"}
    assert found["geom"].equals(TOWN.point("1"))
    assert stored(town_of_lamps, second)["areas"] == ["510703", "G2"]


def test_the_batch_of_an_edit_is_called_as_its_component(town_of_lamps: Connection, town: City) -> None:
    code = put(town_of_lamps, town)
    (batch,) = batches.batches(town_of_lamps)
    assert (batch["kind"], batch["state"], batch["file_name"], batch["layer"]) == ("hand", "promoted", code, LAMP)
    assert (batch["counts"]["added"], batch["counts"]["issued"]) == (1, 1)


def test_a_subclass_may_be_named(town_of_lamps: Connection, town: City) -> None:
    assert stored(town_of_lamps, put(town_of_lamps, town, subclass="路灯"))["subclass"] == LAMP


def test_a_component_keeps_the_code_that_it_brings(town_of_lamps: Connection, town: City) -> None:
    done = add(town_of_lamps, town, lamp(), "LAMP/7")
    assert (done.code, stored(town_of_lamps, "LAMP/7")["scheme"]) == ("LAMP/7", "source")
    with pytest.raises(ConflictError, match="LAMP/7 exists already") as refused:
        add(town_of_lamps, town, lamp("2"), "LAMP/7")
    assert "已被其他部件使用" in refused.value.zh


def test_a_correction_keeps_what_it_does_not_name(town_of_lamps: Connection, town: City) -> None:
    code = put(town_of_lamps, town, attributes={"height": 8, "type": "LED", "old": "x"}, note="kept")
    changes = Changes(fields={"owner": "roads", "position": "东街2号"}, attributes={"type": "SON", "old": None})
    done = correct(town_of_lamps, town, code, 1, changes)
    assert done.changed == ("owner", "position", "attributes.old", "attributes.type")
    found = stored(town_of_lamps, code)
    assert (found["owner"], found["authority"], found["position"], found["version"]) == (
        "roads",
        "lights",
        "东街2号",
        2,
    )
    assert found["attributes"] == {"height": 8, "type": "SON", "note": "kept"}
    correct(town_of_lamps, town, code, 2, Changes(fields={"owner": None, "note": ""}))
    found = stored(town_of_lamps, code)
    assert (found["owner"], found["attributes"]) == (None, {"height": 8, "type": "SON"})


def test_a_moved_component_is_in_the_areas_of_its_new_place(town_of_lamps: Connection, town: City) -> None:
    code = put(town_of_lamps, town)
    done = move(town_of_lamps, town, code, 1, Place(shape=shapely.Point(*TOWN.lonlat("3"))))
    assert done.changed == ("geometry",)
    found = stored(town_of_lamps, code)
    assert found["areas"] == ["510703", "G2"]
    assert found["geom"].distance(TOWN.point("3")) < 0.001


def test_a_place_is_the_same_to_a_millimetre(town_of_lamps: Connection, town: City) -> None:
    code = put(town_of_lamps, town)
    lon, lat = TOWN.lonlat("1")
    same = Place(shape=shapely.Point(round(lon, 9), round(lat, 9)))
    done = correct(town_of_lamps, town, code, 1, Changes(fields={"position": "东街1号"}, place=same))
    assert (done.saved, done.version) == (False, 1)
    correct(town_of_lamps, town, code, 1, Changes(fields={"position": "x"}, place=same))
    assert stored(town_of_lamps, code)["geom"].equals(TOWN.point("1"))
    assert len(batches.batches(town_of_lamps)) == 2


def test_coordinates_of_a_web_map_are_turned_back(town_of_lamps: Connection, town: City) -> None:
    code = put(town_of_lamps, town)
    lon, lat = TOWN.lonlat("1")
    with pytest.raises(RefusedError, match="outside the city"):
        move(town_of_lamps, town, code, 1, Place(shape=shapely.Point(lon, lat), turn="gcj02"))


def test_lines_and_polygons_are_moved_as_a_whole(town_of_lamps: Connection, town: City) -> None:
    wall = Changes(fields={**GOOD, "subclass": FLOOD_WALL}, place=Place(shape=TOWN.line("12"), crs=f"EPSG:{SRID}"))
    code = add(town_of_lamps, town, wall, accept_warnings=True).code
    assert code
    move(town_of_lamps, town, code, 1, Place(shape=TOWN.line("56"), crs=f"EPSG:{SRID}"))
    assert stored(town_of_lamps, code)["geom"].equals(TOWN.line("56"))


def test_a_retired_component_stays_as_removed_and_says_why(town_of_lamps: Connection, town: City) -> None:
    code = put(town_of_lamps, town)
    assert retire(town_of_lamps, town, code, 1, " 道路拓宽 ").changed == ("state",)
    assert stored(town_of_lamps, code)["state"] == "removed"
    assert batches.batches(town_of_lamps)[0]["counts"]["reason"] == "道路拓宽"
    with pytest.raises(ConflictError, match="removed already"):
        retire(town_of_lamps, town, code, 2, "twice")
    with pytest.raises(InputError, match="give a reason"):
        retire(town_of_lamps, town, code, 2, " ")
    correct(town_of_lamps, town, code, 2, Changes(fields={"state": "intact"}))
    assert stored(town_of_lamps, code)["state"] == "intact"


AWAY = Place(shape=shapely.Point(480_000, 3_480_000), crs=f"EPSG:{SRID}")
BOW = Place(shape=TOWN.polygon("1638"), crs=f"EPSG:{SRID}")
REFUSED = {
    "no subclass": ({"subclass": None}, here("1"), "it names no subclass", "没有小类"),
    "another subclass": ({"subclass": "9999"}, here("1"), "'9999' is not one of", "“9999”不是"),
    "another state": ({"state": "fine"}, here("1"), "state 'fine' is not one of", "状态“fine”不是"),
    "no department": ({"authority": "nobody"}, here("1"), "authority 'nobody' is the code of no", "“nobody”不是已有"),
    "no date": ({"surveyed_at": "soon"}, here("1"), "'soon' is not a date", "“soon”不是可识别的日期"),
    "outside": ({}, AWAY, "it lies 9.2 km outside the city", "城市范围外"),
    "swapped": ({}, Place(shape=shapely.Point(*TOWN.lonlat("1")[::-1])), "swapped", "颠倒"),
    "no number": ({}, Place(shape=shapely.Point(float("nan"), 1)), "", ""),
    "empty": ({}, Place(shape=shapely.Point()), "it has no geometry", "没有图形"),
    "a line": ({}, Place(shape=TOWN.line("12"), crs=f"EPSG:{SRID}"), "it is a LineString", "图形是线"),
    "a bow": ({"subclass": CAR_PARK}, BOW, "not valid: Self-intersection", "图形无效：自相交"),
}


@pytest.mark.parametrize(("fields", "place", "message", "zh"), REFUSED.values(), ids=REFUSED)
def test_what_an_import_refuses_is_refused_by_hand_too(
    town_of_lamps: Connection, town: City, fields: dict[str, Any], place: Place, message: str, zh: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        add(town_of_lamps, town, Changes(fields={**GOOD, **fields}, place=place), accept_warnings=True)
    assert message in str(refused.value)
    assert zh in refused.value.zh
    assert refused.value.findings
    assert batches.batches(town_of_lamps) == []


def test_what_cannot_even_be_checked_is_refused(town_of_lamps: Connection, town: City) -> None:
    with pytest.raises(InputError, match="give its place"):
        add(town_of_lamps, town, Changes(fields=GOOD))
    with pytest.raises(InputError, match="field 'colour' is not known"):
        add(town_of_lamps, town, lamp(colour="red"))
    for key in ("note", " ", "(layer)"):
        with pytest.raises(InputError, match="cannot be called so"):
            add(town_of_lamps, town, lamp(attributes={key: "x"}))
    with pytest.raises(InputError, match="cannot be read as a coordinate system"):
        add(town_of_lamps, town, Changes(fields=GOOD, place=Place(shape=TOWN.point("1"), crs="nonsense")))
    with pytest.raises(NotFoundError, match="X does not exist"):
        correct(town_of_lamps, town, "X", 1, Changes())


def test_warnings_wait_until_they_are_accepted(town_of_lamps: Connection, town: City) -> None:
    given = lamp(authority=None)
    waiting = add(town_of_lamps, town, given)
    assert (waiting.saved, waiting.code) == (False, None)
    assert [one.message for one in waiting.warnings] == ["not met: Authority and position are given (authority)"]
    assert [one.message_zh for one in waiting.warnings] == ["未满足“填写了主管部门和位置描述”：主管部门"]
    assert batches.batches(town_of_lamps) == []
    done = add(town_of_lamps, town, given, accept_warnings=True)
    assert done.batch_id
    assert "attributes_given" in [one.rule for one in batches.findings_of(town_of_lamps, done.batch_id)]


def test_what_was_accepted_once_is_not_asked_again(town_of_lamps: Connection, town: City) -> None:
    code = add(town_of_lamps, town, lamp(authority=None), accept_warnings=True).code
    assert code
    assert correct(town_of_lamps, town, code, 1, Changes(fields={"position": "x"})).saved
    waiting = correct(town_of_lamps, town, code, 2, Changes(fields={"position": None}))
    assert [one.message for one in waiting.warnings] == ["not met: Authority and position are given (position)"]


def test_a_neighbour_of_the_same_subclass_is_named(town_of_lamps: Connection, town: City) -> None:
    first = put(town_of_lamps, town)
    x, y = TOWN.xy("1")
    beside = Place(shape=shapely.Point(x + 0.3, y), crs=f"EPSG:{SRID}")
    waiting = add(town_of_lamps, town, Changes(fields=GOOD, place=beside))
    assert [one.message for one in waiting.warnings] == [
        f"it stands 0.30 m from component {first} of the same subclass, less than the 0.50 m that are usual"
    ]
    same = add(town_of_lamps, town, lamp(position="东街1号灯杆另一灯头"))
    assert f"at the place of component {first} of the same subclass" in same.warnings[0].message
    assert f"与同一小类的部件 {first} 位置相同" in same.warnings[0].message_zh
    assert add(town_of_lamps, town, lamp(subclass=CAR_PARK), accept_warnings=True).saved


def test_the_very_same_component_twice_is_refused(town_of_lamps: Connection, town: City) -> None:
    first = put(town_of_lamps, town, attributes={"height": 8})
    with pytest.raises(RefusedError, match=f"at the place of component {first} and has the same attributes"):
        add(town_of_lamps, town, lamp(attributes={"height": 8}), accept_warnings=True)
    assert add(town_of_lamps, town, lamp(attributes={"height": 9}), accept_warnings=True).saved


def test_the_unit_grid_that_is_named_has_to_hold_the_component(town_of_lamps: Connection, town: City) -> None:
    grids = {"U1": TOWN.polygon("abed"), "U2": TOWN.polygon("bcfe")}
    made.put_areas(town_of_lamps, town, made.kind("unit_grid", specificity=40), grids)
    code = put(town_of_lamps, town, unit_grid="U1")
    with pytest.raises(RefusedError, match=r"from the unit grid U1 that it names.* it is in U2"):
        move(town_of_lamps, town, code, 1, here("3"))
    assert correct(town_of_lamps, town, code, 1, Changes(fields={"unit_grid": "U2"}, place=here("3"))).saved
    waiting = correct(town_of_lamps, town, code, 2, Changes(fields={"unit_grid": "U9"}))
    assert "U9, which is not in force" in waiting.warnings[0].message


def test_who_comes_second_is_told_what_the_first_has_changed(town_of_lamps: Connection, town: City) -> None:
    code = put(town_of_lamps, town)
    correct(town_of_lamps, town, code, 1, Changes(fields={"position": "x"}, attributes={"height": 9}, place=here("2")))
    with pytest.raises(ConflictError, match=r"position, geometry, height \(version 2, you looked at 1\)") as told:
        correct(town_of_lamps, town, code, 1, Changes(fields={"state": "lost"}))
    assert "位置描述、位置、height（现为第 2 版，您看到的是第 1 版）" in told.value.zh
    with pytest.raises(ConflictError, match=r"position, geometry, height \(version 2, you looked at 1\)"):
        retire(town_of_lamps, town, code, 1, "gone")
    with pytest.raises(ConflictError, match="version 2, you looked at 7"):
        correct(town_of_lamps, town, code, 7, Changes(fields={"state": "lost"}))


def test_every_edit_can_be_rolled_back(town_of_lamps: Connection, town: City, desk: Desk) -> None:
    empty = components.current_checksum(town_of_lamps)
    added = add(town_of_lamps, town, lamp(attributes={"height": 8}))
    code, sums = added.code, [components.current_checksum(town_of_lamps)]
    assert code
    moved = move(town_of_lamps, town, code, 1, here("3"))
    sums.append(components.current_checksum(town_of_lamps))
    corrected = correct(town_of_lamps, town, code, 2, Changes(fields={"state": "damaged"}, attributes={"height": 9}))
    sums.append(components.current_checksum(town_of_lamps))
    retired = retire(town_of_lamps, town, code, 3, "gone")
    with pytest.raises(ConflictError, match="changed again since"):
        roll_back(town_of_lamps, desk, moved.batch_id or 0)
    for edit, before in zip((retired, corrected, moved, added), [*reversed(sums), empty], strict=True):
        roll_back(town_of_lamps, desk, edit.batch_id or 0)
        assert components.current_checksum(town_of_lamps) == before
    assert put(town_of_lamps, town) != code, "an issued code is never issued again"


def test_the_history_tells_what_each_batch_did(town_of_lamps: Connection, town: City, desk: Desk) -> None:
    code = put(town_of_lamps, town)
    move(town_of_lamps, town, code, 1, here("3"), reason="surveyed again")
    last = retire(town_of_lamps, town, code, 2, "stolen")
    assert last.batch_id
    roll_back(town_of_lamps, desk, last.batch_id)
    steps = history(town_of_lamps, town, code)
    assert [(step["version"], step["event"]) for step in steps] == [
        (4, "rolled_back"), (3, "retired"), (2, "changed"), (1, "added"),
    ]  # fmt: skip
    back, gone, moved, _ = steps
    assert back["changes"] == [{"field": "state", "before": "removed", "after": "intact"}]
    assert (back["batch"]["id"], gone["batch"]["id"], gone["batch"]["reason"]) == (last.batch_id,) * 2 + ("stolen",)
    assert (moved["changes"][0]["field"], moved["moved_m"], moved["batch"]["reason"]) == (
        "geometry", 400.0, "surveyed again",
    )  # fmt: skip
    assert {step["batch"]["kind"] for step in steps} == {"hand"}


def test_a_component_that_was_taken_back_still_has_its_history(
    town_of_lamps: Connection, town: City, desk: Desk
) -> None:
    done = add(town_of_lamps, town, lamp())
    assert done.code
    assert done.batch_id
    roll_back(town_of_lamps, desk, done.batch_id)
    assert [step["event"] for step in history(town_of_lamps, town, done.code)] == ["taken_back", "added"]
    with pytest.raises(NotFoundError):
        history(town_of_lamps, town, "never heard of")


def test_the_audit_knows_what_was_and_what_is(town_of_lamps: Connection, town: City) -> None:
    code = put(town_of_lamps, town)
    move(town_of_lamps, town, code, 1, here("2"))
    retire(town_of_lamps, town, code, 2, "stolen")
    rows = town_of_lamps.execute(
        "SELECT action, thing, payload -> 'before', payload -> 'after' FROM audit JOIN audit_payload ON audit_id = id"
        " WHERE action LIKE 'component.%' ORDER BY id"
    ).fetchall()
    assert [(action, thing) for action, thing, *_ in rows] == [
        (f"component.{what}", f"component {code}") for what in ("add", "correct", "retire")
    ]
    assert (rows[0][2], rows[0][3]["authority"]) == (None, "lights")
    x, y = TOWN.xy("1")
    assert rows[1][2] == {"geometry": f"POINT ({x:.0f} {y:.0f})"}
    assert rows[2][2:] == ({"state": "intact"}, {"state": "removed", "why": "stolen"})


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["add", "correct", "move", "retire"]),
        st.integers(0, 3),
        st.sampled_from("12345678"),
        st.sampled_from(["intact", "damaged", "lost"]),
    ),
    max_size=7,
)
"""What is done, to which of the components, its mark and state."""


def done_to(conn: Connection, city: City, codes: list[str], edit: tuple[str, int, str, str]) -> Edited | None:
    what, which, mark, state = edit
    changes = lamp(mark, {"height": which, "by": mark}, state=state)
    if what == "add" or not codes:
        return add(conn, city, changes, accept_warnings=True)
    code = codes[which % len(codes)]
    version = stored(conn, code)["version"]
    if what == "correct":
        return correct(conn, city, code, version, changes, accept_warnings=True)
    if what == "move":
        return move(conn, city, code, version, here(mark), accept_warnings=True)
    return retire(conn, city, code, version, "why not")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EDITS)
def test_edits_rolled_back_in_reverse_order_leave_nothing(
    town_of_lamps: Connection, town: City, desk: Desk, edits: list[tuple[str, int, str, str]]
) -> None:
    codes: list[str] = []
    sums, done = [components.current_checksum(town_of_lamps)], []
    for edit in edits:
        try:
            found = done_to(town_of_lamps, town, codes, edit)
        except (ConflictError, RefusedError):  # retired already, or the very same twice
            continue
        if found and found.batch_id:
            codes += [found.code] if found.code and found.code not in codes else []
            done.append(found.batch_id)
            sums.append(components.current_checksum(town_of_lamps))
    for batch_id in reversed(done):
        assert components.current_checksum(town_of_lamps) == sums.pop()
        roll_back(town_of_lamps, desk, batch_id)
    assert components.current_checksum(town_of_lamps) == sums.pop()
