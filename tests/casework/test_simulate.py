"""What other rules or other areas would have done with past reports: counted, listed, and nothing written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gridsvc.areas.apply import apply_draft
from gridsvc.casework.explanations import SENSITIVE
from gridsvc.casework.intake import take_in
from gridsvc.casework.simulate import Answer, Simulated, Trial, simulate
from gridsvc.casework.simulate_files import COLUMNS, moves_layer, moves_listed
from gridsvc.domain.duties import DutyRule, LaneRule
from gridsvc.errors import ConflictError, InputError, NotFoundError
from gridsvc.jobs.simulating import other_areas
from gridsvc.store import drafts, duties
from gridsvc.store.accounts import set_visibility
from gridsvc.store.casework import ReportFilter
from gridsvc.store.city import City
from gridsvc.store.components import current_checksum
from gridsvc.store.connection import Connection
from tests import made
from tests.casework.test_intake import TOWN, count, prepare

NEXT_YEAR = datetime.now(UTC) + timedelta(days=365)


@pytest.fixture
def ready(conn: Connection, town: City) -> Connection:
    """Two reports in the west, one in the east, one without a place; the city gave all to the west."""
    prepare(conn)
    marks = {"w1": "1", "w2": "1", "e": "2"}
    given = {"recorded": {"department": "west"}}
    reports = [made.report(name, TOWN.lonlat(mark), **given) for name, mark in marks.items()]
    take_in(conn, town, [*reports, made.report("nowhere", **given)])
    return conn


def tried(conn: Connection, town: City, trial: Trial, channel: str | None = None) -> Simulated:
    """The simulation, which changes nothing."""
    before = current_checksum(conn), count(conn, "routing_decision"), count(conn, "area_draft_row")
    found = simulate(conn, town, channel, ReportFilter(), trial)
    assert (current_checksum(conn), count(conn, "routing_decision"), count(conn, "area_draft_row")) == before
    return found


def rules(*given: DutyRule, origin: str = "new.csv") -> list[DutyRule]:
    return [replace(rule, origin=origin) for rule in given]


def ids(found: Simulated) -> list[str]:
    return sorted(moved.report["external_id"] for moved in found.moved)


def test_the_rules_in_force_move_nothing(ready: Connection, town: City) -> None:
    found = tried(ready, town, Trial(), "hotline")
    assert (found.reports, found.automatic, found.compared, found.agree, found.moved) == (4, 3, 3, 2, [])
    assert found.confusion == {("west", "west"): 2, ("west", "east"): 1, ("west", "manual desk: no_location"): 1}
    assert found.wrong == {("west", "east"): 1}


@pytest.mark.parametrize(("priority", "becomes"), [(9, ("east", None, "tried")), (0, (None, "contradiction", None))])
def test_a_table_stands_beside_those_in_force(
    ready: Connection, town: City, priority: int, becomes: tuple[str | None, ...]
) -> None:
    beside = rules(made.rule("east", area_kind="grid", area_code="w", priority=priority, name="tried"))
    found = tried(ready, town, Trial(duties=beside))
    assert ids(found) == ["w1", "w2"]
    assert {(m.becomes.lead, m.becomes.manual_reason, m.rule) for m in found.moved} == {becomes}


def test_a_table_of_the_same_name_takes_the_place_of_the_one_in_force(ready: Connection, town: City) -> None:
    found = tried(ready, town, Trial(duties=rules(made.rule("east"), origin="duties.csv")))
    assert (ids(found), found.moves) == (["w1", "w2"], {("west", "east"): 2})
    assert found.moved[0].was == Answer(lead="west", lane="dispatched", manual_reason=None)
    made.put_rules(ready, made.rule("east"))
    assert tried(ready, town, Trial()).moves == found.moves


def test_tables_are_tried_alone_or_left_out(ready: Connection, town: City) -> None:
    alone = tried(ready, town, Trial(alone=True, duties=rules(made.rule("east", area_kind="grid", area_code="e"))))
    assert alone.moves == {("west", "manual desk: nobody"): 2}
    assert tried(ready, town, Trial(without=["duties.csv"])).manual == {"nobody": 3, "no_location": 1}


def test_lanes_are_tried_too(ready: Connection, town: City) -> None:
    lane = LaneRule(
        id=0, kind="event", class_code="01", subclass_code=None, area_kind=None, area_code=None, lane="self",
        origin="lanes.csv",
    )  # fmt: skip
    own = rules(made.rule("west", lane="self"))
    found = tried(ready, town, Trial(lanes=[lane], duties=own))
    assert found.moves == {("west", "west"): 2, ("east", "west"): 1}
    assert {(moved.was.lane, moved.becomes.lane) for moved in found.moved} == {("dispatched", "self")}


def test_a_kind_of_area_that_no_rule_named_before_counts_for_places_that_are_not_exact(
    ready: Connection, town: City
) -> None:
    blocks = {"near": TOWN.polygon("abed"), "far": TOWN.polygon("bcfe")}
    made.put_areas(ready, town, made.kind("block", specificity=5), blocks)
    made.put_rules(ready, made.rule("west"))
    (x, y), (to, _) = TOWN.lonlat("1"), TOWN.lonlat("b")
    take_in(ready, town, [made.report("vague", ((x + to) / 2, y), accuracy_m=900.0)])
    found = tried(ready, town, Trial(duties=rules(made.rule("east", area_kind="block", area_code="far"))))
    assert {m.report["external_id"]: m.becomes.manual_reason for m in found.moved}["vague"] == "ambiguous"


def put_draft(conn: Connection, town: City) -> int:
    """One grid for the whole town: the west ends, the east takes over."""
    draft = drafts.add_draft(conn, "grid", None, "merge")
    drafts.fill_draft(conn, draft, town.srid, [("e", "东", "East", None, TOWN.polygon("acfd"))])
    return draft


def test_a_draft_of_areas_is_tried_before_it_is_a_revision(ready: Connection, town: City) -> None:
    draft = put_draft(ready, town)
    before = current_checksum(ready), count(ready, "area_draft_row")
    with other_areas(ready, town, draft=draft) as areas:
        merged = simulate(ready, town, None, ReportFilter(), Trial(areas=areas))
        west = rules(made.rule("west", area_kind="grid", area_code="w"), origin="duties.csv")
        inherited = simulate(ready, town, None, ReportFilter(), Trial(areas=areas, duties=west))
    assert (ids(merged), merged.moves) == (["w1", "w2"], {("west", "east"): 2})
    assert inherited.moves == {("east", "west"): 1}, "the rule of an area that ends holds for its heir"
    assert (current_checksum(ready), count(ready, "area_draft_row")) == before


def test_a_revision_that_is_still_to_begin_is_tried_as_the_draft_was(ready: Connection, town: City) -> None:
    revision = apply_draft(ready, put_draft(ready, town), NEXT_YEAR).revision
    west = rules(made.rule("west", area_kind="grid", area_code="w"), origin="duties.csv")
    for number, moves in ((revision, {("east", "west"): 1}), (1, {("east", "manual desk: nobody"): 1})):
        with other_areas(ready, town, revision=number) as areas:
            assert tried(ready, town, Trial(areas=areas, duties=west)).moves == moves


def test_a_place_that_is_not_exact_is_not_decided_in_other_areas(ready: Connection, town: City) -> None:
    take_in(ready, town, [made.report("vague", TOWN.lonlat("1"), accuracy_m=2_000.0)])
    with other_areas(ready, town, revision=1) as areas:
        found = tried(ready, town, Trial(areas=areas))
    assert (found.reports, found.unsure) == (4, 1)


def test_a_decision_is_tried_on_the_day_that_it_was_made_for(ready: Connection, town: City) -> None:
    """As replaying does it: here for the day after, when the rule of the west ended."""
    until = made.rule("west", area_kind="grid", area_code="w", valid_to=made.NOON.date())
    made.put_rules(ready, until, made.rule("east", area_kind="grid", area_code="e"))
    assert tried(ready, town, Trial()).moved == []
    day = (made.NOON + timedelta(days=1)).date().isoformat()
    ready.execute("UPDATE routing_decision SET explanation = explanation || jsonb_build_object('day', %s::text)", [day])
    assert ids(tried(ready, town, Trial())) == ["w1", "w2"]


def test_what_cannot_be_tried_is_named(ready: Connection, town: City) -> None:
    for error, given in (
        (InputError, {"revision": 1, "draft": 1}), (NotFoundError, {"revision": 99}), (NotFoundError, {"draft": 99})
    ):  # fmt: skip
        with pytest.raises(error), other_areas(ready, town, **given):
            pass
    draft = put_draft(ready, town)
    apply_draft(ready, draft)
    with pytest.raises(ConflictError), other_areas(ready, town, draft=draft):
        pass


def test_what_would_move_is_a_file(ready: Connection, town: City) -> None:
    found = tried(ready, town, Trial(duties=rules(made.rule("east"), origin="duties.csv")))
    layer = moves_layer(found, town.srid)
    assert list(layer.columns) == list(COLUMNS)
    assert layer.columns["lead_after"].to_pylist() == ["east", "east"]
    assert [(p.x, p.y) for p in layer.geometry] == [pytest.approx(TOWN.xy("1"), abs=1e-6)] * 2
    assert moves_listed(found, 1)[0] == {name: column[0].as_py() for name, column in layer.columns.items()}
    assert duties.duty_rules(ready)[0].origin == "duties.csv"


def test_parties_of_sensitive_components_are_told_only_to_those_who_may_see_them(ready: Connection, town: City) -> None:
    """A lamp of the east stands in the west; somebody decided by hand that the west has the report."""
    made.put_component(ready, town, "lamp", "0111", TOWN.point("1"), owner="east")
    report = made.report("lamp", TOWN.lonlat("1"), kind="component", subclass_code="0111", component_code="lamp")
    take_in(ready, town, [report])
    ready.execute("UPDATE routing_decision SET lead = 'west' WHERE report_id = %s", [report.id])
    set_visibility(ready, "0111", SENSITIVE)
    seen = simulate(ready, town, None, ReportFilter())
    assert (seen.reports, seen.withheld, seen.moves) == (5, 0, {("west", "east"): 1})
    hidden = simulate(ready, town, None, ReportFilter(), clearance=False)
    assert (hidden.reports, hidden.withheld, hidden.moved) == (4, 1, [])
