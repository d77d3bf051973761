"""From the check of a file to the store and back: what would change, what did, and that it can be undone."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely

from gridsvc.areas.apply import apply_draft
from gridsvc.errors import ConflictError, FileError, ForbiddenError
from gridsvc.ingest import by_hand, staging
from gridsvc.ingest.check import check_batch
from gridsvc.ingest.desk import Desk, decide, receive, the_batch
from gridsvc.ingest.diff import ACTIONS, Scope
from gridsvc.ingest.layers import Layer
from gridsvc.ingest.promote import Promoted, promote_batch
from gridsvc.ingest.rollback import roll_back
from gridsvc.store import accounts, batches, components
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.ingest.layers import CAR_PARK, LAMP, TOWN, bring, desk, lamps, points, write, zipped

CODED = lamps(fields={"code": "CODE"})
OWNED = lamps(fields={"code": "CODE", "owner": "OWNER"})


@pytest.fixture(autouse=True)
def departments(ready: Connection) -> None:
    made.put_departments(ready, "A", "B")


@pytest.fixture
def at(town: City, tmp_path: Path) -> Desk:
    return desk(town, tmp_path)


def checked(conn: Connection, at: Desk, file: Path, layer: Layer, **given: Any) -> tuple[int, dict[str, int]]:
    """The number of a checked batch, and what promoting it would do."""
    batch_id = receive(conn, at, file)
    decide(conn, at, batch_id, layer, **given)
    changes = check_batch(conn, at, batch_id).counts["changes"]
    return batch_id, {name: count for name, count in changes.items() if count}


def changes(at: Desk, batch_id: int, action: str) -> list[dict[str, Any]]:
    rows = staging.changes(at.folder(batch_id), [ACTIONS.index(action)])
    return list(rows.to_pylist())


def lamp_file(folder: Path, name: str, marks: str, **columns: list[Any]) -> Path:
    return write(folder / f"{name}.gpkg", points(marks), **{"CODE": list(marks), **columns})


def stored(conn: Connection) -> dict[str, tuple[str, str | None, dict[str, Any]]]:
    rows = conn.execute("SELECT component_code, state, owner, attributes FROM component ORDER BY id").fetchall()
    return {code: (state, owner, attributes) for code, state, owner, attributes in rows}


def test_a_first_file_adds_everything(ready: Connection, at: Desk, tmp_path: Path) -> None:
    batch_id, found = checked(ready, at, lamp_file(tmp_path, "first", "123"), CODED)
    assert found == {"added": 3}
    assert not stored(ready), "nothing counts before it is promoted"
    done = promote_batch(ready, at, batch_id)
    assert (done.added, done.changed, done.unchanged) == (3, 0, 0)
    assert sorted(stored(ready)) == ["1", "2", "3"]


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_what_comes_in_is_as_visible_as_its_subclass(ready: Connection, at: Desk, tmp_path: Path, rank: int) -> None:
    accounts.set_visibility(ready, LAMP, rank)
    batch_id, _ = checked(ready, at, lamp_file(tmp_path, "first", "12"), CODED)
    promote_batch(ready, at, batch_id)
    assert ready.execute("SELECT DISTINCT visibility FROM component").fetchall() == [(rank,)]


def test_what_changed_is_told_by_field_and_metres(ready: Connection, town: City, at: Desk, tmp_path: Path) -> None:
    bring(ready, town, lamp_file(tmp_path, "first", "1234", OWNER=["A"] * 4, NOTE=["x"] * 4), OWNED)
    shapes = [*points("12"), shapely.Point(TOWN.xy("3")[0] + 3, TOWN.xy("3")[1] + 4), *points("4")]
    columns = {"CODE": list("1234"), "OWNER": ["A", "B", "A", "A"], "NOTE": ["x", "x", "x", "y"]}
    batch_id, found = checked(ready, at, write(tmp_path / "again.gpkg", shapes, **columns), OWNED)
    assert found == {"changed": 3, "unchanged": 1}
    told = {row["code"]: (row["fields"], round(row["moved"], 3)) for row in changes(at, batch_id, "changed")}
    assert told == {"2": ("owner", 0), "3": ("geometry", 5), "4": ("attributes.NOTE", 0)}
    done = promote_batch(ready, at, batch_id)
    assert (done.added, done.changed, done.unchanged) == (0, 3, 1)
    assert stored(ready)["2"] == ("intact", "B", {"NOTE": "x"})
    assert [version["fate"] for version in components.history(ready, "2")] == [None, "changed"]


def test_a_scope_that_the_file_shows_is_not_taken_for_one_that_was_chosen(
    ready: Connection, at: Desk, tmp_path: Path
) -> None:
    batch_id, _ = checked(ready, at, lamp_file(tmp_path, "first", "1"), CODED)
    assert the_batch(ready, batch_id)["scope"]["suggested"]
    check_batch(ready, at, batch_id)
    assert the_batch(ready, batch_id)["scope"]["suggested"]
    scope = Scope(kind=None, areas=(), subclasses=("0599",))
    batch_id, _ = checked(ready, at, lamp_file(tmp_path, "own", "1"), CODED, scope=scope)
    assert the_batch(ready, batch_id)["scope"] == {
        **scope.as_json(),
        "areas": [],
        "subclasses": ["0599"],
        "suggested": False,
    }


def test_a_file_with_other_row_numbers_is_nothing_to_do(ready: Connection, town: City, tmp_path: Path) -> None:
    numbers = {"OBJECTID": [1, 2, 3], "X": [1.0, 2.0, 3.0], "NOTE": ["x"] * 3}
    first = bring(ready, town, lamp_file(tmp_path, "first", "123", **numbers), CODED)
    assert stored(ready)["1"][2] == {"NOTE": "x"}
    (told,) = [f.message for f in batches.findings_of(ready, first.batch_id) if f.rule == "reading"]
    assert "OBJECTID, X" in told
    numbers |= {"OBJECTID": [7, 8, 9], "X": [1.5, 2.5, 3.5]}
    assert bring(ready, town, lamp_file(tmp_path, "again", "123", **numbers), CODED).nothing_to_do
    kept = bring(ready, town, lamp_file(tmp_path, "kept", "123", **numbers), replace(CODED, ignored=("X",)))
    assert kept.changed == 3
    assert stored(ready)["1"][2] == {"NOTE": "x", "OBJECTID": 7}


def test_equal_content_in_other_bytes_is_nothing_to_do(ready: Connection, town: City, tmp_path: Path) -> None:
    bring(ready, town, lamp_file(tmp_path, "first", "123", NOTE=["甲", "乙", None]), CODED)
    before = components.current_checksum(ready)
    again = bring(
        ready, town, write(tmp_path / "x.shp", points("321"), CODE=list("321"), NOTE=[None, "乙", "甲"]), CODED
    )
    assert again.nothing_to_do
    assert again.unchanged == 3
    assert components.current_checksum(ready) == before


def test_a_re_survey_without_codes_is_matched_by_place(ready: Connection, town: City, at: Desk, tmp_path: Path) -> None:
    """A street lamp is of accuracy class A: within a metre it is the same one."""
    bring(ready, town, write(tmp_path / "first.gpkg", points("123")), lamps())
    near = [shapely.Point(shape.x + by, shape.y) for shape, by in zip(points("123"), (0, 0.6, 5), strict=True)]
    batch_id, found = checked(ready, at, write(tmp_path / "again.gpkg", near), lamps())
    assert found == {"added": 1, "changed": 1, "unchanged": 1, "gone": 1}
    assert [round(row["moved"], 3) for row in changes(at, batch_id, "changed")] == [0.6]
    done = promote_batch(ready, at, batch_id)
    assert (done.issued, done.gone, done.retired) == (1, 1, 0)
    assert len(stored(ready)) == 4, "what is gone is kept unless somebody says otherwise"


def test_rows_that_may_be_several_components_are_listed_and_left(
    ready: Connection, town: City, at: Desk, tmp_path: Path
) -> None:
    twins = [TOWN.point("1"), shapely.Point(TOWN.xy("1")[0] + 0.8, TOWN.xy("1")[1])]
    bring(ready, town, write(tmp_path / "first.gpkg", twins), lamps())
    before = components.current_checksum(ready)
    between = [shapely.Point(TOWN.xy("1")[0] + 0.4, TOWN.xy("1")[1])]
    batch_id, found = checked(ready, at, write(tmp_path / "again.gpkg", between), lamps(), gone="retire")
    assert found == {"ambiguous": 1}
    assert promote_batch(ready, at, batch_id).ambiguous == 1
    assert components.current_checksum(ready) == before
    (told, *_) = batches.rejected_of(ready, batch_id)
    assert "near several components" in told["reason"]
    assert "附近有多个同小类部件" in told["reason_zh"]


@pytest.mark.parametrize(("rights", "may"), [
    ("import_data", False), ("import_data,see_details", False), ("import_data,see_details,see_sensitive", True),
])  # fmt: skip
def test_nobody_retires_what_is_hidden_from_them(
    ready: Connection, at: Desk, tmp_path: Path, rights: str, may: bool
) -> None:
    batch_id = receive(ready, at, lamp_file(tmp_path, "less", "1"))
    ready.execute("SELECT set_config('gridsvc.rights', %s, true)", [rights])
    decide(ready, at, batch_id, CODED, gone="keep")
    with nullcontext() if may else pytest.raises(ForbiddenError, match="nobody retires what was hidden"):
        decide(ready, at, batch_id, CODED, gone="retire")
    assert the_batch(ready, batch_id)["gone"] == ("retire" if may else "keep")


def test_only_inside_its_scope_can_a_component_be_gone(ready: Connection, town: City, at: Desk, tmp_path: Path) -> None:
    """1, 2, 5, 6 stand in the west (G1), 3, 4, 7, 8 in the east (G2)."""
    bring(ready, town, lamp_file(tmp_path, "first", "1234"), CODED)
    west = Scope(kind="responsibility_grid", areas=("G1",), subclasses=("0599",))
    batch_id, found = checked(ready, at, lamp_file(tmp_path, "again", "1"), CODED, scope=west, gone="retire")
    assert found == {"unchanged": 1, "gone": 1}
    assert [row["code"] for row in changes(at, batch_id, "gone")] == ["2"]
    assert promote_batch(ready, at, batch_id).retired == 1
    assert {code: state for code, (state, *_) in stored(ready).items()} == {
        "1": "intact", "2": "removed", "3": "intact", "4": "intact",
    }  # fmt: skip


def test_a_survey_of_one_subclass_retires_no_other(ready: Connection, town: City, at: Desk, tmp_path: Path) -> None:
    bring(ready, town, lamp_file(tmp_path, "first", "12"), CODED)
    hydrants = Layer(layer="0135", target="components", constants={"subclass": "0107"}, fields={"code": "CODE"})
    _, found = checked(ready, at, lamp_file(tmp_path, "others", "34"), hydrants, gone="retire")
    assert found == {"added": 2}


def test_what_stands_aside_is_not_gone(ready: Connection, town: City, at: Desk, tmp_path: Path) -> None:
    bring(ready, town, lamp_file(tmp_path, "first", "12"), CODED)
    away = [TOWN.point("1"), shapely.Point(480_000, 3_480_000)]
    layer = lamps(fields={"code": "CODE"}, set_aside=("inside_city",))
    _, found = checked(ready, at, write(tmp_path / "x.gpkg", away, CODE=["1", "2"]), layer, gone="retire")
    assert found == {"unchanged": 1, "rejected": 1}


def test_a_retired_component_comes_back_with_a_file_that_has_it(ready: Connection, town: City, tmp_path: Path) -> None:
    layer = lamps(fields={"code": "CODE", "state": "STATE"})
    bring(ready, town, lamp_file(tmp_path, "first", "12", STATE=["完好"] * 2), layer)
    bring(ready, town, lamp_file(tmp_path, "less", "1", STATE=["完好"]), layer, gone="retire")
    assert stored(ready)["2"][0] == "removed"
    done = bring(ready, town, lamp_file(tmp_path, "more", "12", STATE=["完好", "破损"]), layer)
    assert (done.changed, done.unchanged) == (1, 1)
    assert stored(ready)["2"][0] == "damaged"


def test_how_near_is_near_is_said_for_each_subclass(ready: Connection, at: Desk, tmp_path: Path) -> None:
    pair = [TOWN.point("1"), shapely.Point(TOWN.xy("1")[0] + 0.8, TOWN.xy("1")[1])]
    file = write(tmp_path / "pair.gpkg", pair, CODE=["a", "b"])
    for metres, expected in ((None, 0), (1.0, 1), (0.0, 0)):
        if metres is not None:
            batches.declare_near(ready, {"0599": metres})
        batch_id, _ = checked(ready, at, file, CODED)
        assert len(batches.findings_of(ready, batch_id, rule="near")) == expected, metres


def rolled_back(conn: Connection, at: Desk, done: Promoted) -> None:
    roll_back(conn, at, done.batch_id)


def test_rolling_back_makes_the_store_what_it_was(ready: Connection, town: City, at: Desk, tmp_path: Path) -> None:
    checksums = [components.current_checksum(ready)]
    first = bring(ready, town, lamp_file(tmp_path, "first", "1234", OWNER=["A"] * 4), OWNED)
    checksums.append(components.current_checksum(ready))
    file = write(tmp_path / "x.gpkg", points("2257"), CODE=["1", "2", "5", None], OWNER=["B", "A", "A", "A"])
    second = bring(ready, town, file, OWNED, gone="retire")
    assert (second.added, second.changed, second.unchanged, second.retired) == (2, 1, 1, 2)
    rolled_back(ready, at, second)
    assert components.current_checksum(ready) == checksums[1]
    rolled_back(ready, at, first)
    assert components.current_checksum(ready) == checksums[0]
    assert [batch["state"] for batch in batches.batches(ready)] == ["rolled_back", "rolled_back"]
    assert len(components.history(ready, "1")) == 3, "history only grows"


def test_codes_of_a_batch_that_was_rolled_back_stay_burnt(
    ready: Connection, town: City, at: Desk, tmp_path: Path
) -> None:
    rolled_back(ready, at, bring(ready, town, write(tmp_path / "a.gpkg", points("12")), lamps()))
    bring(ready, town, write(tmp_path / "b.gpkg", points("3")), lamps())
    assert list(stored(ready)) == ["5107030137000003"]


def test_the_file_of_a_batch_that_was_rolled_back_may_come_again(
    ready: Connection, town: City, at: Desk, tmp_path: Path
) -> None:
    file = lamp_file(tmp_path, "first", "12")
    first = bring(ready, town, file, CODED)
    with pytest.raises(ConflictError, match="there is nothing to do"):
        bring(ready, town, file, CODED)
    rolled_back(ready, at, first)
    assert bring(ready, town, file, CODED).added == 2


def test_a_batch_that_later_ones_rest_on_is_not_rolled_back(
    ready: Connection, town: City, at: Desk, tmp_path: Path
) -> None:
    first = bring(ready, town, lamp_file(tmp_path, "first", "12", OWNER=["A", "A"]), OWNED)
    second = bring(ready, town, lamp_file(tmp_path, "second", "1", OWNER=["B"]), OWNED)
    before = components.current_checksum(ready)
    with pytest.raises(ConflictError, match=rf"changed again since, by batch {second.batch_id} \(1 of them\)"):
        rolled_back(ready, at, first)
    assert components.current_checksum(ready) == before
    rolled_back(ready, at, second)
    rolled_back(ready, at, first)
    assert not stored(ready)


def test_nothing_is_rolled_back_twice(ready: Connection, town: City, at: Desk, tmp_path: Path) -> None:
    done = bring(ready, town, lamp_file(tmp_path, "first", "12"), CODED)
    rolled_back(ready, at, done)
    with pytest.raises(ConflictError, match="is rolled_back; only a promoted one"):
        rolled_back(ready, at, done)


def test_areas_that_changed_since_are_those_of_today(ready: Connection, town: City, at: Desk, tmp_path: Path) -> None:
    bring(ready, town, lamp_file(tmp_path, "first", "1", OWNER=["A"]), OWNED)
    second = bring(ready, town, lamp_file(tmp_path, "second", "1", OWNER=["B"]), OWNED)
    grids = Layer(layer="grids", target="responsibility_grid", fields={"code": "CODE"})
    draft = bring(ready, town, write(tmp_path / "g.gpkg", [TOWN.polygon("acfd")], CODE=["G9"]), grids).draft_id
    assert draft is not None
    apply_draft(ready, draft)
    rolled_back(ready, at, second)
    codes = ready.execute("SELECT code FROM area, component WHERE area.id = ANY(area_ids) ORDER BY code").fetchall()
    assert codes == [("510703",), ("G9",)]


def test_a_draft_of_areas_is_dropped_unless_it_was_applied(
    ready: Connection, town: City, at: Desk, tmp_path: Path
) -> None:
    grids = Layer(layer="grids", target="responsibility_grid", fields={"code": "CODE"})
    one = bring(ready, town, write(tmp_path / "g.gpkg", [TOWN.polygon("acfd")], CODE=["G8"]), grids)
    other = bring(ready, town, write(tmp_path / "h.gpkg", [TOWN.polygon("acfd")], CODE=["G9"]), grids)
    rolled_back(ready, at, one)
    assert other.draft_id is not None
    apply_draft(ready, other.draft_id)
    with pytest.raises(ConflictError, match="is in force as revision"):
        rolled_back(ready, at, other)


def test_a_comparison_that_another_batch_overtook_is_made_again(
    ready: Connection, town: City, at: Desk, tmp_path: Path
) -> None:
    batch_id, _ = checked(ready, at, lamp_file(tmp_path, "first", "12"), CODED)
    bring(ready, town, lamp_file(tmp_path, "second", "23"), CODED)
    with pytest.raises(ConflictError, match=r"\(added 2 → 1, unchanged 0 → 1, gone 0 → 1\); check it again") as refused:
        promote_batch(ready, at, batch_id)
    assert "新增 2 → 1，不变 0 → 1，消失 0 → 1" in refused.value.zh
    assert check_batch(ready, at, batch_id).counts["changes"]["unchanged"] == 1
    assert promote_batch(ready, at, batch_id).added == 1


def test_what_others_changed_elsewhere_does_not_hold_a_batch_up(
    ready: Connection, town: City, at: Desk, tmp_path: Path
) -> None:
    bring(ready, town, lamp_file(tmp_path, "first", "1234", OWNER=["A"] * 4), OWNED)
    batch_id, found = checked(ready, at, lamp_file(tmp_path, "again", "123", OWNER=["B", "A", "A"]), OWNED)
    assert found == {"changed": 1, "unchanged": 2, "gone": 1}
    bring(ready, town, lamp_file(tmp_path, "elsewhere", "78"), replace(CODED, constants={"subclass": CAR_PARK}))
    by_hand.correct(ready, town, "2", 1, by_hand.Changes(fields={"position": "at the corner"}), accept_warnings=True)
    assert promote_batch(ready, at, batch_id).changed == 1


@pytest.mark.parametrize("code", ["1", "4"])
def test_an_edit_of_what_a_batch_would_change_or_retire_holds_it_up(
    ready: Connection, town: City, at: Desk, tmp_path: Path, code: str
) -> None:
    bring(ready, town, lamp_file(tmp_path, "first", "1234", OWNER=["A"] * 4), OWNED)
    batch_id, _ = checked(ready, at, lamp_file(tmp_path, "again", "123", OWNER=["B", "A", "A"]), OWNED, gone="retire")
    by_hand.correct(ready, town, code, 1, by_hand.Changes(fields={"position": "at the corner"}), accept_warnings=True)
    with pytest.raises(ConflictError, match="as many, but they are others or were edited"):
        promote_batch(ready, at, batch_id)
    check_batch(ready, at, batch_id)
    assert promote_batch(ready, at, batch_id).changed == 1


def test_every_step_is_recorded_with_who_did_it(ready: Connection, town: City, at: Desk, tmp_path: Path) -> None:
    rolled_back(ready, at, bring(ready, town, lamp_file(tmp_path, "first", "12"), CODED))
    actions = [row[0] for row in ready.execute("SELECT action FROM audit ORDER BY id DESC LIMIT 3")]
    assert actions == ["import.rollback", "import", "import.receive"]


def test_what_refuses_a_survey_names_its_layer_and_feature(ready: Connection, at: Desk, tmp_path: Path) -> None:
    for name, codes in (("lamps", ["A", "B"]), ("signs", ["C", None])):
        (tmp_path / "survey").mkdir(exist_ok=True)
        write(tmp_path / "survey" / f"{name}.shp", points("12" if name == "lamps" else "34"), CODE=codes, STATE=codes)
    layer = lamps(fields={"state": "STATE"}, values={"state": {"A": "intact", "B": "intact"}})
    number, _ = checked(ready, at, zipped(tmp_path / "survey.zip", tmp_path / "survey"), layer)
    with pytest.raises(FileError, match=r"survey\.zip, feature 1: layer signs: ") as caught:
        promote_batch(ready, at, number)
    assert "图层“signs”要素 1：" in caught.value.zh
