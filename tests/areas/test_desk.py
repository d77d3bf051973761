"""The grid desk: drafts that change some areas, what they would change, and what follows when they do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import shapely

from gridsvc.areas.apply import begin_due, call_off
from gridsvc.areas.drafting.merging import merge_areas, retire_areas, reverse
from gridsvc.areas.drafting.realigning import realign
from gridsvc.areas.drafting.splitting import split_areas
from gridsvc.areas.drafting.unit_grids import draft_grids, renumber
from gridsvc.areas.preview import as_json
from gridsvc.domain import coverage
from gridsvc.domain.duties import LaneRule
from gridsvc.errors import ConflictError, GridsvcError, InputError, NotFoundError
from gridsvc.jobs.areas import follow_cases, preview_draft, put_in_force
from gridsvc.store import areas, drafts, duties
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.locating import SqlLocator
from tests import made
from tests.areas.desk import (
    COMMUNITY,
    KINDS,
    TOWN,
    areas_of_lamp,
    codes,
    lead_of,
    move_border,
    put,
    put_case,
    put_desk,
    put_duties,
    put_lamp,
    steps_of,
    unit,
)


@pytest.fixture
def desk(conn: Connection, town: City) -> Connection:
    put_desk(conn, town)
    return conn


def shapes(conn: Connection, kind: str) -> dict[str, Any]:
    return {area.code: area.geom for area in areas.areas_in_force(conn, kind)}


# Drafts


def test_unit_grids_are_drawn_in_their_community_and_numbered_after_all_that_were(desk: Connection, town: City) -> None:
    draft = draft_grids(desk, town, within=[COMMUNITY], target_m2=20_000)
    put_in_force(desk, draft)
    found = areas.areas_in_force(desk, "unit_grid")
    assert [area.code for area in found] == [unit(n) for n in range(9, 13)]
    assert coverage.faults(np.array([area.geom for area in found], object), TOWN.polygon("aeok")) == []
    assert {area.parent_code for area in found} == {COMMUNITY}
    west, east = found[0].geom.centroid, found[1].geom.centroid
    assert west.x < east.x
    assert west.y == pytest.approx(east.y)


def test_cuts_follow_a_given_road(desk: Connection, town: City) -> None:
    road = shapely.offset_curve(TOWN.line("fj"), -30)
    put_in_force(desk, draft_grids(desk, town, within=[COMMUNITY], target_m2=10_000, lines=[road]))
    along = [
        shape for shape in shapes(desk, "unit_grid").values() if shapely.intersection(shape.boundary, road).length > 50
    ]
    assert len(along) >= 6
    assert not any(shapely.crosses(road, shape) for shape in shapes(desk, "unit_grid").values())


def test_a_grid_is_split_in_two_with_new_codes(desk: Connection, town: City) -> None:
    put_in_force(desk, split_areas(desk, town, "unit_grid", codes=[unit(1)], parts=2))
    assert codes(desk, "unit_grid") == [unit(n) for n in (2, 3, 4, 5, 6, 7, 8, 9, 10)]
    parts = [shapes(desk, "unit_grid")[unit(n)] for n in (9, 10)]
    assert shapely.union_all(parts).symmetric_difference(TOWN.polygon("abgf")).area < 1e-6


@pytest.mark.parametrize("by", ["area", "components", "reports"])
def test_sub_grids_are_made_of_whole_unit_grids(desk: Connection, town: City, by: str) -> None:
    put_in_force(desk, split_areas(desk, town, "responsibility_grid", into="sub_grid", by=by))
    assert codes(desk, "sub_grid") == ["Z1-1", "Z1-2", "Z1-3", "Z1-4"]
    units = list(shapes(desk, "unit_grid").values())
    for part in shapes(desk, "sub_grid").values():
        inside = [one for one in units if one.intersection(part).area > one.area / 2]
        assert len(inside) == 2
        assert shapely.union_all(inside).symmetric_difference(part).area < 1e-6


def test_sub_grids_are_balanced_by_components(desk: Connection, town: City) -> None:
    for mark in "1256":
        put_lamp(desk, town, mark)
    put_in_force(desk, split_areas(desk, town, "responsibility_grid", into="sub_grid", parts=2, by="components"))
    held = [sum(shape.covers(TOWN.point(mark)) for mark in "1256") for shape in shapes(desk, "sub_grid").values()]
    assert held == [2, 2]


def test_splitting_again_keeps_the_codes_of_the_parts(desk: Connection, town: City) -> None:
    put_in_force(desk, split_areas(desk, town, "responsibility_grid", into="sub_grid"))
    put_in_force(desk, split_areas(desk, town, "responsibility_grid", into="sub_grid", parts=2))
    assert codes(desk, "sub_grid") == ["Z1-1", "Z1-2"]


def test_grids_are_merged_under_a_new_code(desk: Connection, town: City) -> None:
    put_in_force(desk, merge_areas(desk, town, "unit_grid", [unit(1), unit(2)]))
    assert codes(desk, "unit_grid") == [unit(n) for n in (3, 4, 5, 6, 7, 8, 9)]
    assert shapes(desk, "unit_grid")[unit(9)].equals(TOWN.polygon("achf"))


def test_numbering_again_never_gives_an_old_code(desk: Connection, town: City) -> None:
    put_in_force(desk, merge_areas(desk, town, "unit_grid", [unit(1), unit(2)]))
    put_in_force(desk, renumber(desk, town, "unit_grid", [COMMUNITY]))
    assert codes(desk, "unit_grid") == [unit(n) for n in range(10, 17)]
    assert shapes(desk, "unit_grid")[unit(10)].equals(TOWN.polygon("achf"))


def test_a_layer_is_aligned_to_administrative_borders_and_the_rest_is_listed(desk: Connection, town: City) -> None:
    areas.declare_kinds(desk, [made.kind("water", must_tile=False)])
    beside = shapely.affinity.translate(TOWN.polygon("acmk"), 3, 0)
    put(desk, town, "water", {"N": (None, beside), "S": (None, TOWN.polygon("3487"))})
    draft = realign(desk, town, "water", "patrol_grid", 5.0)
    remarks = drafts.the_draft(desk, draft).remarks
    assert {remark["code"] for remark in remarks} == {"S"}
    put_in_force(desk, draft)
    assert shapes(desk, "water")["N"].symmetric_difference(TOWN.polygon("acmk")).area < 1e-6


# What is made of them


def test_splitting_inside_a_patrol_grid_leaves_it_as_it_is(desk: Connection, town: City) -> None:
    before = {area.code: area.id for area in areas.areas_in_force(desk, "patrol_grid")}
    put_in_force(desk, split_areas(desk, town, "unit_grid", codes=[unit(1)], parts=2))
    assert {area.code: area.id for area in areas.areas_in_force(desk, "patrol_grid")} == before


def test_patrol_grids_follow_the_unit_grids_that_they_are_made_of(desk: Connection, town: City) -> None:
    # two unit grids on both sides of the border of the patrol grids become three quarters west, one quarter east
    draft = drafts.add_draft(desk, "unit_grid", None, "by hand", deed="draw", whole=False)
    east = shapely.affinity.translate(TOWN.line("ch"), 40, 0)
    wide = shapely.union_all([TOWN.polygon("bchg"), TOWN.polygon("cdih")])
    pieces = sorted(shapely.ops.split(wide, east).geoms, key=lambda piece: piece.bounds)
    assert len(pieces) == 2
    rows = [(unit(n), "", "", COMMUNITY, None) for n in (2, 3)]
    rows += [(unit(n), unit(n), unit(n), COMMUNITY, piece) for n, piece in zip((9, 10), pieces, strict=True)]
    drafts.fill_draft(desk, draft, town.srid, rows)
    put_in_force(desk, draft)
    found = shapes(desk, "patrol_grid")
    assert found["W"].area == pytest.approx(40_000 + 4_000)
    assert found["E"].area == pytest.approx(40_000 - 4_000)
    assert found["W"].touches(found["E"])


# What follows


def test_open_cases_go_to_whom_the_rules_name_now_and_say_why(desk: Connection, town: City) -> None:
    made.put_channel(desk)
    put_duties(desk, W="WEST", E="EAST")
    moves, stays = put_case(desk, town, "3"), put_case(desk, town, "4")
    done = put_in_force(desk, move_border(desk, town))
    assert (lead_of(desk, moves), lead_of(desk, stays)) == ("WEST", "EAST")
    state, note = steps_of(desk, moves)[-1]
    assert state == "dispatched"
    assert f"revision {done.revision}: from EAST to WEST" in note
    assert "改派 WEST" in note
    assert len(steps_of(desk, stays)) == 2
    departments = desk.execute(
        "SELECT departments FROM report JOIN cases ON report_id = report.id WHERE cases.id = %s", [moves]
    )
    assert departments.fetchone() == (["WEST"],)


def test_open_cases_can_be_kept_by_choice(desk: Connection, town: City) -> None:
    made.put_channel(desk)
    put_duties(desk, W="WEST", E="EAST")
    case = put_case(desk, town, "3")
    put_in_force(desk, move_border(desk, town), cases="keep")
    assert lead_of(desk, case) == "EAST"
    assert "kept with EAST by choice" in steps_of(desk, case)[-1][1]


def test_work_that_is_done_is_not_passed_on(desk: Connection, town: City) -> None:
    made.put_channel(desk)
    put_duties(desk, W="WEST", E="EAST")
    case = put_case(desk, town, "3")
    desk.execute("UPDATE cases SET state = 'verifying', department = NULL")
    desk.execute("UPDATE case_hop SET ended_at = now(), how = 'dispose'")
    put_in_force(desk, move_border(desk, town))
    assert lead_of(desk, case) == "EAST"
    state, note = steps_of(desk, case)[-1]
    assert (state, "kept with EAST as its state or lane demands" in note) == ("verifying", True)


def test_a_matter_of_the_grid_has_another_lead_and_no_department(desk: Connection, town: City) -> None:
    made.put_channel(desk)
    made.put_departments(desk, "WEST", "EAST")
    made.put_rules(
        desk, made.rule("WEST", area_kind="patrol_grid", area_code="W", lane="self"),
        made.rule("EAST", area_kind="patrol_grid", area_code="E", lane="self"),
    )  # fmt: skip
    lane = LaneRule(
        id=0, kind="event", class_code="01", subclass_code="0110", area_kind=None, area_code=None, lane="self"
    )
    duties.add_lane_rules(desk, "lanes.csv", [lane])
    case = put_case(desk, town, "3")
    put_in_force(desk, move_border(desk, town))
    row = desk.execute("SELECT lead, lane, state, department FROM cases WHERE id = %s", [case]).fetchone()
    assert row == ("WEST", "self", "registered", None)
    assert [step[0] for step in steps_of(desk, case)] == ["registered", "registered"]


def test_a_case_that_nobody_can_be_named_for_stays_and_goes_to_the_desk(desk: Connection, town: City) -> None:
    made.put_channel(desk)
    put_duties(desk, E="EAST")
    case = put_case(desk, town, "3")
    put_in_force(desk, move_border(desk, town))
    assert lead_of(desk, case) == "EAST"
    assert "nobody can be named (nobody)" in steps_of(desk, case)[-1][1]
    assert desk.execute("SELECT manual_reason FROM report").fetchone() == ("nobody",)


def test_duties_that_name_an_area_hold_for_what_took_over_from_it(desk: Connection, town: City) -> None:
    made.put_channel(desk)
    made.put_departments(desk, "ONE")
    made.put_rules(desk, made.rule("ONE", area_kind="unit_grid", area_code=unit(1)))
    put_in_force(desk, split_areas(desk, town, "unit_grid", codes=[unit(1)], parts=2))
    assert lead_of(desk, put_case(desk, town, "1")) == "ONE"


def test_areas_of_duty_are_passed_on_and_come_back(desk: Connection, town: City) -> None:
    desk.execute("INSERT INTO account (name, display_name, whole_city, demo) VALUES ('li', 'Li', false, false)")
    desk.execute("INSERT INTO account_area SELECT id, 'unit_grid', %s FROM account", [unit(1)])

    def duty() -> list[str]:
        return [code for (code,) in desk.execute("SELECT area_code FROM account_area ORDER BY area_code")]

    split = put_in_force(desk, split_areas(desk, town, "unit_grid", codes=[unit(1)], parts=2))
    assert duty() == [unit(9), unit(10)]
    put_in_force(desk, reverse(desk, split.revision))
    assert duty() == [unit(1)]


def test_components_get_the_areas_that_hold_them(desk: Connection, town: City) -> None:
    put_lamp(desk, town, "3")
    put_lamp(desk, town, "8")
    before = areas_of_lamp(desk, "8")
    assert put_in_force(desk, move_border(desk, town)).reassigned == 2  # both patrol grids are new areas
    assert areas_of_lamp(desk, "3") == {COMMUNITY, unit(3), "W", "Z1"}
    assert areas_of_lamp(desk, "8") == before


# Time


def located(conn: Connection, town: City, mark: str, at: datetime) -> str:
    x, y = TOWN.xy(mark)
    (location,) = SqlLocator(conn, town.srid).locate(np.array([x]), np.array([y]), [at])
    return location.hits["patrol_grid"].code


def test_a_draft_can_begin_later(desk: Connection, town: City) -> None:
    made.put_channel(desk)
    put_duties(desk, W="WEST", E="EAST")
    put_lamp(desk, town, "3")
    case = put_case(desk, town, "3")
    begin = datetime.now(UTC) + timedelta(days=7)
    done = put_in_force(desk, move_border(desk, town), begin)
    assert not done.begun
    assert located(desk, town, "3", datetime.now(UTC)) == "E"
    assert located(desk, town, "3", begin) == "W"
    assert areas_of_lamp(desk, "3") == {COMMUNITY, unit(3), "E", "Z1"}
    assert begin_due(desk, follow_cases) is None
    desk.execute("UPDATE area SET valid_from = now() WHERE revision = %s", [done.revision])
    desk.execute("UPDATE area SET valid_to = now() WHERE ended_by = %s", [done.revision])
    desk.execute("UPDATE area_revision SET valid_from = now() WHERE revision = %s", [done.revision])
    begun = begin_due(desk, follow_cases)
    assert begun is not None
    assert begun.revision == done.revision
    assert areas_of_lamp(desk, "3") == {COMMUNITY, unit(3), "W", "Z1"}
    assert lead_of(desk, case) == "WEST"
    assert begin_due(desk, follow_cases) is None


def test_what_is_yet_to_come_is_what_the_next_draft_changes(desk: Connection, town: City) -> None:
    begin = datetime.now(UTC) + timedelta(days=7)
    put_in_force(desk, merge_areas(desk, town, "unit_grid", [unit(1), unit(2)]), begin)
    with pytest.raises(NotFoundError, match=f"there is no unit_grid {unit(1)}"):
        merge_areas(desk, town, "unit_grid", [unit(1), unit(5)])
    later = merge_areas(desk, town, "unit_grid", [unit(9), unit(3)])
    with pytest.raises(InputError, match="cannot count from"):
        put_in_force(desk, later)
    assert not put_in_force(desk, later, begin + timedelta(days=1)).begun


def test_what_is_yet_to_come_can_be_called_off(desk: Connection, town: City) -> None:
    before = {kind: shapes(desk, kind) for kind in KINDS}
    begin = datetime.now(UTC) + timedelta(days=7)
    first = put_in_force(desk, merge_areas(desk, town, "unit_grid", [unit(1), unit(2)]), begin)
    second = put_in_force(desk, merge_areas(desk, town, "unit_grid", [unit(9), unit(3)]), begin + timedelta(days=1))
    with pytest.raises(ConflictError, match=f"before revision {second.revision}, which builds on it"):
        call_off(desk, first.revision)
    call_off(desk, second.revision)
    call_off(desk, first.revision)
    assert located(desk, town, "1", begin + timedelta(days=2)) == "W"
    assert {kind: shapes(desk, kind) for kind in KINDS} == before
    again = put_in_force(desk, merge_areas(desk, town, "unit_grid", [unit(1), unit(2)]))
    assert again.begun
    with pytest.raises(ConflictError, match="has begun or was called off"):
        call_off(desk, again.revision)
    with pytest.raises(ConflictError, match="has begun or was called off"):
        call_off(desk, first.revision)


def test_a_revision_is_taken_back(desk: Connection, town: City) -> None:
    before = {kind: shapes(desk, kind) for kind in KINDS}
    done = put_in_force(desk, move_border(desk, town))
    assert shapes(desk, "patrol_grid") != before["patrol_grid"]
    put_in_force(desk, reverse(desk, done.revision))
    assert {kind: shapes(desk, kind) for kind in KINDS} == before


def test_taking_back_minds_what_was_drawn_anew(desk: Connection, town: City) -> None:
    """It moved a border of patrol grids with the unit grids, and that border was moved again since."""
    draft = drafts.add_draft(desk, "unit_grid", None, "", deed="merge", whole=False)
    wide = shapely.union_all([TOWN.polygon("bchg"), TOWN.polygon("cdih")])
    rows: list[Any] = [(unit(n), "", "", COMMUNITY, None) for n in (2, 3)]
    drafts.fill_draft(desk, draft, town.srid, [*rows, (unit(9), unit(9), unit(9), COMMUNITY, wide)])
    done = put_in_force(desk, draft)
    back = reverse(desk, done.revision)
    again = put_in_force(desk, move_border(desk, town))
    with pytest.raises(ConflictError, match=f"but revision {again.revision} changed patrol_grid since"):
        put_in_force(desk, back)


def test_only_what_nothing_changed_since_is_taken_back(desk: Connection, town: City) -> None:
    first = put_in_force(desk, merge_areas(desk, town, "unit_grid", [unit(1), unit(2)]))
    second = put_in_force(desk, merge_areas(desk, town, "unit_grid", [unit(9), unit(3)]))
    with pytest.raises(ConflictError, match=f"before revision {second.revision}, which changed unit_grid {unit(9)}"):
        reverse(desk, first.revision)
    put_in_force(desk, reverse(desk, second.revision))
    put_in_force(desk, reverse(desk, first.revision))
    assert codes(desk, "unit_grid") == [unit(n) for n in range(1, 9)]


# Previews


def test_a_preview_tells_what_will_happen_and_changes_nothing(desk: Connection, town: City) -> None:
    made.put_channel(desk)
    put_duties(desk, W="WEST", E="EAST")
    for mark in "1347":
        put_lamp(desk, town, mark)
    case = put_case(desk, town, "3")
    draft = move_border(desk, town)
    told = as_json(preview_draft(desk, town, draft))
    (kind,) = told["kinds"]
    assert (kind["kind"], kind["begin"], kind["end"], kind["change"]) == ("patrol_grid", [], [], ["E", "W"])
    assert told["components"]["moves"] == [{"kind": "patrol_grid", "from": "E", "to": "W", "count": 2}]
    assert (told["components"]["moved"], told["components"]["looked_at"]) == (2, 4)
    (moved,) = told["cases"]["list"]
    assert (moved["case_id"], moved["department"], moved["becomes"]["department"]) == (case, "EAST", "WEST")
    assert kind["load"]["components"]["before"]["max"] == 3
    assert kind["load"]["components"]["after"]["max"] == 3
    assert {a["code"]: a["before"]["components"] for a in kind["areas"]} == {"W": 1, "E": 3}
    assert {a["code"]: a["after"]["components"] for a in kind["areas"]} == {"W": 3, "E": 1}
    assert told["errors"] == []
    assert located(desk, town, "3", datetime.now(UTC)) == "E"
    assert lead_of(desk, case) == "EAST"
    assert len(steps_of(desk, case)) == 2


def test_a_preview_says_what_comes_to_lie_on_an_edge(desk: Connection, town: City) -> None:
    put_lamp(desk, town, "3")
    x, _ = TOWN.xy("3")
    draft = drafts.add_draft(desk, "patrol_grid", None, "", deed="draw", whole=False)
    west, east = (shapely.clip_by_rect(TOWN.polygon("aeok"), *sides) for sides in (
        (0, 0, x, 1e7), (x, 0, 1e7, 1e7)))  # fmt: skip
    drafts.fill_draft(desk, draft, town.srid, [("W", "W区", "W", None, west), ("E", "E区", "E", None, east)])
    told = as_json(preview_draft(desk, town, draft))
    assert told["components"]["ambiguous"] == 1


def test_a_preview_names_duties_and_people_of_areas_that_end(desk: Connection, town: City) -> None:
    made.put_departments(desk, "ONE")
    made.put_rules(desk, made.rule("ONE", area_kind="unit_grid", area_code=unit(1)))
    desk.execute("INSERT INTO account (name, display_name, whole_city, demo) VALUES ('li', 'Li', false, false)")
    desk.execute("INSERT INTO account_area SELECT id, 'unit_grid', %s FROM account", [unit(1)])
    told = as_json(preview_draft(desk, town, split_areas(desk, town, "unit_grid", codes=[unit(1)], parts=2)))
    (duty,) = told["duties"]
    assert (duty["code"], duty["lead"], duty["becomes"]) == (unit(1), "ONE", [unit(9), unit(10)])
    assert told["accounts"]["list"] == [
        {"name": "li", "display_name": "Li", "code": unit(1), "kind": "unit_grid", "ends": True}
    ]


# What is refused


def refused(conn: Connection, town: City, kind: str, row: Any, cause: str) -> None:
    draft = drafts.add_draft(conn, kind, None, "", deed="draw", whole=False)
    drafts.fill_draft(conn, draft, town.srid, [row])
    before = areas.current_revision(conn)
    told = as_json(preview_draft(conn, town, draft))
    assert cause in told["errors"][0]["en"]
    assert told["errors"][0]["zh"]
    with pytest.raises(GridsvcError, match=cause.replace("(", r"\(").replace(")", r"\)")):
        put_in_force(conn, draft)
    assert areas.current_revision(conn) == before


def test_shapes_and_codes_that_cannot_be(desk: Connection, town: City) -> None:
    crossing, empty = TOWN.polygon("agbf"), shapely.MultiPolygon()
    refused(
        desk,
        town,
        "patrol_grid",
        ("X", "X", "X", None, crossing),
        "patrol_grid X has no valid shape: Self-intersection",
    )
    refused(desk, town, "patrol_grid", ("X", "X", "X", None, empty), "patrol_grid X has no valid shape: it is empty")
    square = TOWN.polygon("abgf")
    refused(desk, town, "unit_grid", ("12", "", "", COMMUNITY, square), "code 12 does not follow the scheme unit_grid")
    out = shapely.affinity.translate(square, -30, 0)
    refused(desk, town, "unit_grid", (unit(1), "", "", COMMUNITY, out), f"reaches 30.00 m out of community {COMMUNITY}")
    refused(
        desk,
        town,
        "unit_grid",
        (unit(9), "", "", "510799001009", square),
        "lies in community 510799001009, which is not",
    )


def test_a_code_is_not_given_to_other_ground(desk: Connection, town: City) -> None:
    done = put_in_force(desk, retire_areas(desk, town, "unit_grid", [unit(8)]))
    row = (unit(8), "", "", COMMUNITY, TOWN.polygon("deji"))
    refused(desk, town, "unit_grid", row, f"unit_grid {unit(8)} ended with revision {done.revision}")


def test_the_past_is_refused(desk: Connection, town: City) -> None:
    with pytest.raises(InputError, match="cannot change in the past"):
        put_in_force(desk, move_border(desk, town), datetime.now(UTC) - timedelta(days=1))


def test_a_draft_of_an_older_revision_is_refused_by_name(desk: Connection, town: City) -> None:
    first, second = move_border(desk, town), move_border(desk, town)
    done = put_in_force(desk, first)
    with pytest.raises(ConflictError, match=f"but revision {done.revision} changed patrol_grid since"):
        preview_draft(desk, town, second)


@pytest.mark.parametrize(
    ("deed", "cause"),
    [
        (lambda c, t: merge_areas(c, t, "unit_grid", [unit(1)]), "two areas or more"),
        (lambda c, t: merge_areas(c, t, "unit_grid", [unit(1), unit(3)]), "do not touch along an edge"),
        (lambda c, t: merge_areas(c, t, "unit_grid", [unit(1), "X"]), "there is no unit_grid X"),
        (lambda c, t: retire_areas(c, t, "ward", ["X"]), "area kind 'ward' is not known"),
        (lambda c, t: draft_grids(c, t, kind="patrol_grid"), "has no parent kind"),
        (lambda c, t: draft_grids(c, t, target_m2=1.0), "400 to 1,000,000 m²"),
        (lambda c, t: draft_grids(c, t, within=["X"]), "there is no community X"),
        (lambda c, t: split_areas(c, t, "unit_grid"), "name the areas to split"),
        (
            lambda c, t: split_areas(c, t, "responsibility_grid", into="sub_grid", by="luck"),
            "weight 'luck' is not known",
        ),
        (lambda c, t: realign(c, t, "patrol_grid", "patrol_grid", 5.0), "cannot be aligned to itself"),
        (lambda c, t: realign(c, t, "patrol_grid", "unit_grid", 0.0), "more than 0"),
        (lambda c, t: realign(c, t, "patrol_grid", "unit_grid", 5.0), "changes no area"),
        (lambda c, _: reverse(c, 999), "no revision 999"),
    ],
)
def test_deeds_that_make_no_sense(desk: Connection, town: City, deed: Any, cause: str) -> None:
    with pytest.raises(GridsvcError, match=cause):
        deed(desk, town)
    assert all(draft.applied_revision is not None for draft in drafts.drafts(desk))
