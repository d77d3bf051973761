"""The rules for area layers on areas that stand: what is drawn wrong is said by code, without a file and unwritten."""

from typing import Any

import pytest
import shapely
from psycopg.sql import SQL, Identifier

from gridsvc.areas.drafting.merging import merge_areas
from gridsvc.errors import ConflictError, GridsvcError, NotFoundError
from gridsvc.ingest.standing import Report, check_areas
from gridsvc.jobs.areas import preview_draft, put_in_force
from gridsvc.jobs.areas_check import Reports, check
from gridsvc.store import areas, drafts
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests.areas.desk import COMMUNITY, TOWN, UNITS, put, put_desk, unit

TABLES = ("import_batch", "import_finding", "area", "area_draft", "area_draft_row", "area_revision")


@pytest.fixture
def desk(conn: Connection, town: City) -> Connection:
    put_desk(conn, town)
    return conn


def redraw(conn: Connection, town: City, **changes: Any) -> int:
    """A draft in which unit grids, by their serial `u1`…, have another shape; None: they end."""
    draft = drafts.add_draft(conn, "unit_grid", None, "test", deed="redraw", whole=False)
    rows = [(unit(int(name[1:])), "", "", COMMUNITY, shape) for name, shape in changes.items()]
    drafts.fill_draft(conn, draft, town.srid, rows)
    return draft


def stand(conn: Connection, town: City, **changes: Any) -> None:
    """Whatever it is like: the desk itself would refuse some of it."""
    put(conn, town, "unit_grid", {
        code: (COMMUNITY, shape)
        for code, shape in (UNITS | {unit(int(name[1:])): shape for name, shape in changes.items()}).items()
        if shape is not None
    })  # fmt: skip


def told(report: Report, *, notes: bool = False) -> list[tuple[str, str, str | None]]:
    return [(one.severity, one.rule, one.code) for one in report.findings if notes or one.severity != "note"]


def counts(conn: Connection) -> list[int]:
    found = [conn.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table))).fetchone() for table in TABLES]
    return [row[0] for row in found if row]


def test_areas_that_fit_have_nothing_but_figures(desk: Connection, town: City) -> None:
    before = counts(desk)
    reports = check(desk, town)
    assert {report.kind: report.areas for report in reports} == {
        "community": 1, "unit_grid": 8, "patrol_grid": 2, "responsibility_grid": 1,
    }  # fmt: skip
    assert [one for report in reports for one in told(report, notes=True)] == [("note", "size_spread", None)]
    assert counts(desk) == before


def test_a_missing_cell_is_named_by_what_lies_around_it(desk: Connection, town: City) -> None:
    stand(desk, town, u2=None)
    (finding,) = [one for one in check_areas(desk, town, "unit_grid").findings if one.severity == "error"]
    assert (finding.rule, finding.code, finding.layer, finding.feature) == ("tile_missing", None, None, None)
    assert finding.message.startswith(f"an area is missing in community {COMMUNITY}, beside ")
    assert {unit(1), unit(3), unit(6)} <= {word.strip(",:") for word in finding.message.split()}
    assert finding.message_zh.startswith(f"community {COMMUNITY} 内、")
    assert finding.message_zh.endswith("（该类区域面积中位数为 10,000 平方米）")
    assert finding.geom.equals(UNITS[unit(2)])


def test_an_overlap_is_told_at_one_area_with_the_code_of_the_other(desk: Connection, town: City) -> None:
    stand(desk, town, u1=shapely.union(UNITS[unit(1)], TOWN.point("b").buffer(10).intersection(UNITS[unit(2)])))
    errors = [one for one in check_areas(desk, town, "unit_grid").findings if one.severity == "error"]
    assert [(one.rule, one.code) for one in errors] == [("tiles_overlap", unit(2))]
    assert errors[0].message.startswith(f"it and {unit(1)} overlap by 7")
    assert errors[0].message_zh.startswith(f"与 {unit(1)} 重叠 7")


def test_a_gap_between_areas(desk: Connection, town: City) -> None:
    stand(desk, town, u1=UNITS[unit(1)].difference(TOWN.point("g").buffer(20)))
    assert told(check_areas(desk, town, "unit_grid")) == [("error", "tiles_gap", None)]


def test_a_vertex_that_only_one_neighbour_has_is_a_note(desk: Connection, town: City) -> None:
    """A T: three grids meet in the middle of an edge of a fourth."""
    stand(desk, town, u1=TOWN.polygon("acihgf"), u2=None, u6=None, u5=TOWN.polygon("fhmk"))
    report = check_areas(desk, town, "unit_grid")
    (finding,) = [one for one in report.findings if one.rule == "vertices_shared"]
    assert (finding.severity, finding.code) == ("note", unit(5))
    assert finding.message == f"its edge lacks vertices that {unit(1)} have on it: 1"
    assert finding.geom.equals(TOWN.point("g"))


def test_an_area_out_of_its_parent(desk: Connection, town: City) -> None:
    stand(desk, town, u1=shapely.union(UNITS[unit(1)], TOWN.point("a").buffer(5)))
    findings = [one for one in check_areas(desk, town, "unit_grid").findings if one.rule == "inside_parent"]
    assert [(one.severity, one.code) for one in findings] == [("warning", unit(1))]
    assert f"reaches out of community {COMMUNITY}" in findings[0].message


def test_parents_and_codes_that_are_wrong(desk: Connection, town: City) -> None:
    """Codes can be of the wrong scheme only when the scheme of the kind changes later."""
    put(desk, town, "unit_grid", {
        code: (None if code == unit(1) else "510799001002" if code == unit(2) else COMMUNITY, shape)
        for code, shape in UNITS.items()
    })  # fmt: skip
    desk.execute("UPDATE area_kind SET code_scheme = 'district' WHERE kind = 'community'")
    assert told(check_areas(desk, town, "unit_grid")) == [
        ("error", "parent_named", unit(1)), ("error", "parent_exists", unit(2)),
    ]  # fmt: skip
    (finding,) = check_areas(desk, town, "community").findings
    assert (finding.rule, finding.code) == ("code_scheme", COMMUNITY)
    assert finding.message == f"code '{COMMUNITY}' does not follow the scheme district of community"


def test_unit_grids_far_from_the_guide_value_are_warnings(desk: Connection, town: City) -> None:
    tenth = TOWN.polygon("abgf").intersection(TOWN.point("a").buffer(20))
    stand(desk, town, u1=UNITS[unit(1)].difference(tenth), u9=tenth)
    report = check_areas(desk, town, "unit_grid")
    assert [one for one in told(report) if one[1] == "usual_size"] == [("warning", "usual_size", unit(9))]
    assert "error" not in report.severities


def test_a_shape_that_crosses_itself_in_a_draft(desk: Connection, town: City) -> None:
    draft = drafts.add_draft(desk, "responsibility_grid", None, "test")
    drafts.fill_draft(desk, draft, town.srid, [("Z1", "", "", None, TOWN.polygon("agbk"))])
    (report,) = check(desk, town, ["responsibility_grid"], draft)
    (finding,) = [one for one in report.findings if one.severity == "error"]
    assert (finding.rule, finding.severity, finding.code) == ("valid", "error", "Z1")
    assert "Self-intersection" in finding.message


def test_areas_made_of_such_a_shape_are_redrawn_all_the_same(desk: Connection, town: City) -> None:
    draft = redraw(desk, town, u1=TOWN.polygon("agbk"))
    (report,) = check(desk, town, ["unit_grid"], draft)
    assert ("error", "valid", unit(1)) in told(report)
    assert preview_draft(desk, town, draft).errors[0]["en"].startswith(f"unit_grid {unit(1)} has no valid shape: Self-")


def test_a_draft_that_mends_a_fault(desk: Connection, town: City) -> None:
    stand(desk, town, u2=None)
    draft = redraw(desk, town, u1=TOWN.polygon("abchgf"))
    before = counts(desk)
    reports = check(desk, town, draft_id=draft)
    assert [report.kind for report in reports] == ["patrol_grid", "unit_grid"]  # the former is made of the latter
    assert [told(report) for report in reports] == [[], []]
    assert told(check_areas(desk, town, "unit_grid")) == [("error", "tile_missing", None)]
    assert counts(desk) == before


def test_a_draft_that_moves_parents_away_from_their_children(desk: Connection, town: City) -> None:
    draft = drafts.add_draft(desk, "community", None, "test")
    drafts.fill_draft(desk, draft, town.srid, [(COMMUNITY, "", "", None, TOWN.polygon("adnk"))])
    report = {report.kind: report for report in check(desk, town, draft_id=draft)}["unit_grid"]
    assert [one for one in told(report) if one[0] == "error"] == [
        ("error", "parent_right", unit(4)), ("error", "parent_right", unit(8)),
    ]  # fmt: skip


def test_a_draft_that_makes_a_fault_does_so_only_when_it_counts(desk: Connection, town: City) -> None:
    draft = redraw(desk, town, u3=None)
    reports = Reports()
    assert told(reports.report(desk, town, "unit_grid", draft)) == [("error", "tile_missing", None)]
    assert told(reports.report(desk, town, "unit_grid", None)) == []
    put_in_force(desk, draft)
    assert told(reports.report(desk, town, "unit_grid", None)) == [("error", "tile_missing", None)]


def test_a_report_is_worked_out_once(desk: Connection, town: City) -> None:
    reports = Reports()
    first = reports.report(desk, town, "unit_grid", None)
    assert reports.report(desk, town, "unit_grid", None) is first
    areas.declare_kinds(desk, [kind for kind in areas.kinds(desk) if kind.kind == "patrol_grid"])
    assert reports.report(desk, town, "unit_grid", None) is first
    desk.execute("UPDATE area_kind SET must_tile = false WHERE kind = 'unit_grid'")
    assert reports.report(desk, town, "unit_grid", None) is not first


def test_what_cannot_be_checked_is_named(desk: Connection, town: City) -> None:
    with pytest.raises(GridsvcError, match="area kind 'ward' is not known; choose one of: community, patrol_grid"):
        check(desk, town, ["ward"])
    with pytest.raises(NotFoundError, match="draft 99 does not exist"):
        check(desk, town, ["unit_grid"], 99)
    older = merge_areas(desk, town, "unit_grid", [unit(1), unit(2)])
    put_in_force(desk, redraw(desk, town, u8=None))
    with pytest.raises(ConflictError):
        check(desk, town, ["unit_grid"], older)
