"""When areas change: cases that somebody sent to a department by hand stay there."""

import pytest

from gridsvc.areas.drafting.merging import reverse
from gridsvc.jobs.areas import preview_draft, put_in_force
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.areas.desk import lead_of, move_border, put_case, put_desk, put_duties, steps_of


@pytest.fixture
def desk(conn: Connection, town: City) -> Connection:
    put_desk(conn, town)
    made.put_channel(conn)
    return conn


def sent(conn: Connection, case_id: int, department: str = "HAND") -> None:
    """By a dispatcher."""
    made.put_departments(conn, department)
    conn.execute("UPDATE cases SET lead = %s, department = %s WHERE id = %s", [department, department, case_id])


def decisions(conn: Connection) -> int:
    row = conn.execute("SELECT count(*) FROM routing_decision").fetchone()
    assert row is not None
    return int(row[0])


def test_what_was_sent_by_hand_stays_and_says_so(desk: Connection, town: City) -> None:
    put_duties(desk, W="WEST", E="EAST")
    case = put_case(desk, town, "3")
    sent(desk, case)
    draft = move_border(desk, town)
    assert [told["becomes"] for told in preview_draft(desk, town, draft).cases] == [None]
    put_in_force(desk, draft)
    assert (lead_of(desk, case), decisions(desk)) == ("HAND", 1)
    state, note = steps_of(desk, case)[-1]
    assert (state, "it would be WEST's; kept with HAND as somebody decided by hand" in note) == ("dispatched", True)


def test_what_was_decided_at_the_desk_stays(desk: Connection, town: City) -> None:
    put_duties(desk, W="WEST", E="EAST")
    case = put_case(desk, town, "3")
    desk.execute(
        "INSERT INTO routing_decision (report_id, lead, lane, rule, area_revision, duty_revision, inventory_batch)"
        " SELECT id, 'EAST', 'dispatched', 'desk', 0, 0, 0 FROM report"
    )
    put_in_force(desk, move_border(desk, town))
    assert (lead_of(desk, case), decisions(desk)) == ("EAST", 2)
    assert "kept with EAST as somebody decided by hand" in steps_of(desk, case)[-1][1]


def test_nobody_is_asked_about_what_somebody_decided(desk: Connection, town: City) -> None:
    put_duties(desk, E="EAST")
    case = put_case(desk, town, "3")
    sent(desk, case)
    put_in_force(desk, move_border(desk, town))
    assert (lead_of(desk, case), decisions(desk)) == ("HAND", 1)
    assert "nobody can be named (nobody); kept with HAND as somebody" in steps_of(desk, case)[-1][1]
    assert desk.execute("SELECT manual_reason FROM report").fetchone() == (None,)


def test_where_rules_say_what_they_said_nothing_happens(desk: Connection, town: City) -> None:
    put_duties(desk, W="WEST", E="EAST")
    case = put_case(desk, town, "4")
    sent(desk, case)
    put_in_force(desk, move_border(desk, town))
    assert (lead_of(desk, case), len(steps_of(desk, case))) == ("HAND", 2)


@pytest.mark.parametrize(("by_hand", "lead"), [(False, "WEST"), (True, "HAND")])
def test_what_nobody_could_be_named_for_follows_later_unless_somebody_decided(
    desk: Connection, town: City, by_hand: bool, lead: str
) -> None:
    put_duties(desk, E="EAST")
    case = put_case(desk, town, "3")
    moved = put_in_force(desk, move_border(desk, town))
    put_in_force(desk, reverse(desk, moved.revision))
    if by_hand:
        sent(desk, case)
        desk.execute("UPDATE report SET manual_reason = NULL")
    made.put_departments(desk, "WEST")
    made.put_rules(desk, made.rule("WEST", area_kind="patrol_grid", area_code="W"), origin="west.csv")
    put_in_force(desk, move_border(desk, town))
    assert lead_of(desk, case) == lead
