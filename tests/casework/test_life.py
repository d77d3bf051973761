"""Cases and reports moved in the real store: who may, what is kept, what is refused and leaves no trace."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gridsvc.casework.life import move_case
from gridsvc.casework.life_clocks import tell_when_due, warn_those_due
from gridsvc.casework.life_looking import confirmations, list_cases, show_case, show_report
from gridsvc.domain.calendar import CalendarDay
from gridsvc.domain.case_states import CASE_MOVES
from gridsvc.domain.cases import Asked
from gridsvc.domain.moves import SYSTEM
from gridsvc.errors import ForbiddenError, GridsvcError, InputError, NotFoundError, StaleError
from gridsvc.store import cases, clocks
from gridsvc.store.cases import CaseFilter
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.casework.lives import (
    PEOPLE,
    become,
    build,
    go,
    go_report,
    owner_again,
    put_case,
    put_photo,
    put_report,
    state_of,
    version_of,
)
from tests.domain.lives import GIVEN, lacking


@pytest.fixture
def ready(conn: Connection, town: City) -> Iterator[Connection]:
    build(conn, town)
    yield conn
    owner_again(conn)


def steps(conn: Connection, case_id: int) -> list[tuple[Any, ...]]:
    owner_again(conn)
    return conn.execute(
        "SELECT step, move, state, actor FROM case_step WHERE case_id = %s ORDER BY step", [case_id]
    ).fetchall()


def test_the_closed_loop(ready: Connection, town: City) -> None:
    case = put_case(ready, town)
    for move, who in (
        ("accept", "district"), ("begin", "district"), ("dispose", "district"), ("ask_verification", "clerk"),
        ("verify", "inspector"), ("close", "leader"), ("follow_up", "clerk"), ("reply", "clerk"),
    ):  # fmt: skip
        go(ready, town, case, move, who)
    found = steps(ready, case)
    assert [step[0] for step in found] == list(range(1, 11))
    assert [step[2] for step in found[:8]] == [
        "registered", "dispatched", "accepted", "in_disposal", "disposed", "verifying", "verified", "closed",
    ]  # fmt: skip
    assert [step[3] for step in found[:3]] == ["intake", "intake", "district"]
    shown = show_case(ready, become(ready, "leader"), case)
    assert (shown["state"], shown["version"], shown["report"]["lead"]) == ("closed", 10, "district")
    assert shown["steps"][8]["details"] == {"solved": True, "satisfaction": 4}
    assert {move["move"] for move in shown["moves"]} == {"reopen", "comment", "reply", "follow_up"}


def test_a_transfer_shows_the_case_to_who_gets_it(ready: Connection, town: City) -> None:
    case = put_case(ready, town)
    with pytest.raises(NotFoundError, match=f"case {case} does not exist"):
        go(ready, town, case, "accept", "other")
    go(ready, town, case, "accept", "district")
    go(ready, town, case, "transfer", "district", department="owner")
    go(ready, town, case, "accept", "owner")
    shown = show_case(ready, become(ready, "owner"), case)
    assert [(hop["department"], hop["above"]) for hop in shown["hops"]] == [("district", None), ("owner", 1)]
    assert {"begin", "dispose", "transfer", "return", "hand_up", "ask_extension", "comment"} >= {
        move["move"] for move in shown["moves"]
    }


def test_two_who_edit_one_case(ready: Connection, town: City) -> None:
    case = put_case(ready, town)
    go(ready, town, case, "accept", "district")
    with pytest.raises(StaleError, match=r"version 2, now 3\): accept by district") as told:
        go(ready, town, case, "suspend", "dispatcher", version=2)
    assert [(step["step"], step["move"]) for step in told.value.changes] == [(3, "accept")]
    with pytest.raises(InputError, match="has only 3 steps, not 7"):
        go(ready, town, case, "suspend", "dispatcher", version=7)
    assert state_of(ready, case) == ("accepted", "district")


@pytest.mark.parametrize(
    ("move", "who", "given", "error", "says"),
    [
        ("close", "leader", {}, InputError, "close is not possible for a case that is dispatched"),
        ("fly", "leader", {}, InputError, "move 'fly' is not known; choose one of: dispatch"),
        ("void", "dispatcher", {"note": "x"}, ForbiddenError, "void is for shift_leader, not for dispatcher"),
        ("accept", "dispatcher", {}, ForbiddenError, "accept is for department_handler"),
        ("void", "leader", {}, InputError, "void needs: note"),
        ("redispatch", "dispatcher", {"note": "x", "department": "nowhere"}, InputError, "department 'nowhere'"),
        ("redispatch", "dispatcher", {"note": "x", "department": "city", "lane": "air"}, InputError, "not in 'air'"),
        ("merge", "clerk", {"note": "x", "into": 9_999_999}, InputError, "9999999 is none"),
        ("comment", "clerk", {"note": "x", "photos_after": [GIVEN["photos_after"][0]]}, InputError, "not pictures of"),
        ("comment", "analyst", {"note": "x"}, ForbiddenError, "the right work_cases is needed"),
        ("comment", "easterner", {"note": "x"}, NotFoundError, "does not exist"),
    ],
)  # fmt: skip
def test_what_is_refused_leaves_no_trace(
    ready: Connection, town: City, move: str, who: str, given: dict[str, Any], error: type[GridsvcError], says: str
) -> None:
    case = put_case(ready, town)
    caller = become(ready, who)
    with pytest.raises(error, match=says):
        move_case(ready, town, caller, case, Asked(move=move, given=given), 2)
    assert len(steps(ready, case)) == version_of(ready, case) == 2


def test_steps_are_never_changed(ready: Connection, town: City) -> None:
    put_case(ready, town)
    for statement in ("UPDATE case_step SET note = 'x'", "DELETE FROM case_step"):
        with pytest.raises(psycopg.errors.RaiseException, match="case_step is append-only"), ready.transaction():
            ready.execute(statement)


def test_the_grid_closes_its_own_with_pictures(ready: Connection, town: City) -> None:
    clocks.decide(ready, clocks.Decided(sample_percent=0), {})
    case = put_case(ready, town)
    ready.execute("UPDATE cases SET lane = 'self', state = 'registered', department = NULL WHERE id = %s", [case])
    ready.execute("UPDATE case_hop SET ended_at = now(), how = 'test' WHERE case_id = %s", [case])
    pictures = {name: [put_photo(ready, case)] for name in ("photos_before", "photos_after")}
    go(ready, town, case, "self_dispose", "member", **pictures)
    assert [step[1:3] for step in steps(ready, case)[2:]] == [
        ("self_dispose", "self_disposed"), ("close_self", "closed"),
    ]  # fmt: skip


def test_merged_cases_are_linked(ready: Connection, town: City) -> None:
    one, other = put_case(ready, town, "a"), put_case(ready, town, "b")
    go(ready, town, one, "merge", "clerk", into=other)
    assert state_of(ready, one)[0] == "merged"
    shown = show_case(ready, become(ready, "clerk"), other)
    assert shown["merged_cases"] == [one]
    assert [step[1] for step in steps(ready, other)] == ["register", "dispatch", "absorb"]
    with pytest.raises(InputError, match=f"and {one} is none"):
        go(ready, town, other, "merge", "clerk", into=one)
    with pytest.raises(InputError, match=f"and {other} is none"):
        go(ready, town, other, "merge", "clerk", into=other)


def test_a_part_becomes_a_case_of_its_own(ready: Connection, town: City) -> None:
    case = put_case(ready, town)
    go(ready, town, case, "split", "dispatcher", department="street")
    shown = show_case(ready, become(ready, "dispatcher"), case)
    (part,) = shown["split_cases"]
    half = show_case(ready, become(ready, "dispatcher"), part)
    assert (half["split_from"], half["department"], half["state"]) == (case, "street", "dispatched")
    assert (half["report"]["rule"], half["report"]["explanation"]["winner"]["by"]) == ("desk", "dispatcher")
    assert half["report"]["external_id"].startswith(f"a/split-{case}-3-")


def test_a_part_is_seen_by_the_department_that_gets_it(ready: Connection, town: City) -> None:
    case = put_case(ready, town)
    go(ready, town, case, "split", "dispatcher", department="other")
    (part,) = show_case(ready, become(ready, "dispatcher"), case)["split_cases"]
    go(ready, town, part, "accept", "other")
    assert show_case(ready, become(ready, "other"), part)["state"] == "accepted"
    with pytest.raises(NotFoundError):
        show_case(ready, become(ready, "other"), case)


def test_a_case_without_limit_is_registered_and_says_so(ready: Connection, town: City) -> None:
    owner_again(ready)
    ready.execute("DELETE FROM time_limit WHERE kind = 'event' AND subclass_code = '0110'")
    case = put_case(ready, town)
    shown = show_case(ready, become(ready, "clerk"), case)
    assert shown["due_at"] is None
    assert "event 0110 has no time limit" in shown["due_reason"]


def test_a_year_that_is_not_known_is_told_later(ready: Connection, town: City) -> None:
    case = put_case(ready, town)
    begin = datetime(1999, 6, 1, 1, tzinfo=UTC)
    ready.execute(
        "UPDATE cases SET clock = jsonb_set(clock, '{begin}', to_jsonb(%s::text)), due_at = NULL,"
        " due_reason = 'holidays of 1999 are not known' WHERE id = %s",
        [begin.isoformat(), case],
    )
    assert "1999 are not known" in show_case(ready, become(ready, "clerk"), case)["due_reason"]
    owner_again(ready)
    assert tell_when_due(ready, town) == (0, 1)
    day = CalendarDay(day=datetime(1999, 10, 1).date(), workday=False, name_zh="国庆", name_en="National Day")
    clocks.replace_days(ready, [day], [1999])
    assert tell_when_due(ready, town) == (1, 0)
    shown = show_case(ready, become(ready, "clerk"), case)
    assert (shown["due_reason"], shown["overdue"], shown["due_at"].year) == (None, True, 1999)
    details = [step["details"].get("due_at", "") for step in shown["steps"] if step["move"] in ("register", "tell_due")]
    assert len(details) == 2, "registered, and told later, each in a step of its own"
    assert details[-1][:4] == "1999"


def test_a_limit_that_is_told_while_the_case_is_aside_stands(ready: Connection, town: City) -> None:
    case = put_case(ready, town)
    ready.execute("UPDATE cases SET clock = NULL, due_at = NULL, due_reason = 'no limit' WHERE id = %s", [case])
    go(ready, town, case, "suspend", "dispatcher")
    owner_again(ready)
    assert tell_when_due(ready, town) == (1, 0)
    shown = show_case(ready, become(ready, "clerk"), case)
    assert (shown["due_at"], shown["due_reason"]) == (None, None)
    go(ready, town, case, "resume", "dispatcher")
    assert show_case(ready, become(ready, "clerk"), case)["due_at"] is not None


def test_what_comes_in_late_has_its_whole_time(ready: Connection, town: City) -> None:
    before = datetime.now(UTC)
    case = put_case(ready, town, reported_at=before - timedelta(hours=30))
    shown = show_case(ready, become(ready, "clerk"), case)
    assert shown["registered_at"] >= before
    assert shown["stage_due_at"] > before
    (hop,) = shown["hops"]
    assert (hop["given_at"], hop["accept_due_at"]) == (shown["registered_at"], shown["stage_due_at"])
    assert datetime.fromisoformat(shown["clock"]["begin"]) == shown["registered_at"]
    assert {step["at"] for step in shown["steps"]} == {shown["registered_at"]}


def test_nearly_due_is_warned_of_once(ready: Connection, town: City) -> None:
    late, calm = put_case(ready, town, "late"), put_case(ready, town, "calm")
    ready.execute("UPDATE cases SET due_at = now() + interval '59 minutes' WHERE id = %s", [late])
    ready.execute("UPDATE cases SET due_at = now() + interval '61 minutes' WHERE id = %s", [calm])
    assert [warn_those_due(ready, town) for _ in range(2)] == [1, 0]
    assert [step[1] for step in steps(ready, late)] == ["register", "dispatch", "warn"]
    assert len(steps(ready, calm)) == 2


def test_a_statutory_date_is_warned_of_three_days_before(ready: Connection, town: City) -> None:
    near, far, past = (put_case(ready, town, name) for name in ("near", "far", "past"))
    today = datetime.now(ZoneInfo(town.time_zone)).date()
    for case, days in ((near, 3), (far, 4), (past, -1)):
        ready.execute("UPDATE cases SET statutory_due = %s WHERE id = %s", [today + timedelta(days=days), case])
    assert [warn_those_due(ready, town) for _ in range(2)] == [1, 0]
    assert steps(ready, near)[-1][1] == "warn"


def test_the_public_is_confirmed_by_whoever_walks_there(ready: Connection, town: City) -> None:
    west, east = put_report(ready, town, "w", "1"), put_report(ready, town, "e", "2")
    mine = confirmations(ready, become(ready, "inspector"), "mine", limit=10, offset=0)
    assert [(one["id"], one["confirmer"]) for one in mine["reports"]] == [(west, "inspector")]
    nobodys = confirmations(ready, become(ready, "leader"), "nobodys", limit=10, offset=0)
    assert [one["id"] for one in nobodys["reports"]] == [east]
    with pytest.raises(ForbiddenError, match="is to be confirmed by inspector"):
        go_report(ready, town, west, "confirm", "second")
    go_report(ready, town, west, "confirm", "inspector")
    shown = show_report(ready, become(ready, "inspector"), west)
    assert (shown["state"], shown["case_state"], shown["lead"]) == ("registered", "dispatched", "district")
    assert [step["move"] for step in shown["steps"]] == ["ask_confirmation", "confirm", "register"]
    assert shown["steps"][0]["details"]["patrol_grid"] == "W"


def test_what_is_not_true_is_rejected_with_reason_and_reply(ready: Connection, town: City) -> None:
    report = put_report(ready, town)
    with pytest.raises(InputError, match="deny needs: reply"):
        go_report(ready, town, report, "deny", "inspector", note="nothing there")
    with pytest.raises(ForbiddenError, match="is to be confirmed by inspector"):
        go_report(ready, town, report, "deny", "second", note="nothing there", reply="we found nothing")
    go_report(ready, town, report, "deny", "inspector", note="nothing there", reply="we found nothing")
    shown = show_report(ready, become(ready, "clerk"), report)
    assert (shown["state"], shown["case_id"]) == ("rejected", None)
    assert shown["steps"][-1]["details"] == {"reply": "we found nothing"}
    with pytest.raises(StaleError, match="deny by inspector"):
        go_report(ready, town, report, "confirm", "inspector", version=1)


def test_what_rules_cannot_decide_is_decided_by_hand(ready: Connection, town: City) -> None:
    report = put_report(ready, town, subclass_code="0111")
    go_report(ready, town, report, "confirm", "inspector")
    shown = show_report(ready, become(ready, "clerk"), report)
    assert (shown["state"], shown["manual_reason"]) == ("confirmed", "nobody")
    with pytest.raises(InputError, match=r"nobody can be named for report .* \(nobody\): decide names"):
        go_report(ready, town, report, "register", "clerk")
    with pytest.raises(InputError, match="lane 'air' is not known; choose one of: self"):
        go_report(ready, town, report, "decide", "clerk", note="ours", department="city", lane="air")
    go_report(ready, town, report, "decide", "clerk", note="ours", department="city", lane="enforcement")
    shown = show_report(ready, become(ready, "clerk"), report)
    assert (shown["rule"], shown["lead"], shown["lane"]) == ("desk", "city", "enforcement")
    assert shown["explanation"]["winner"] == {
        "rule": "desk", "lead": "city", "lane": "enforcement", "by": "clerk", "reason": "ours",
    }  # fmt: skip
    assert (shown["manual_reason"], shown["case_state"]) == (None, "dispatched")


def test_who_does_not_register_rejects(ready: Connection, town: City) -> None:
    report = put_report(ready, town, mark="2")
    with pytest.raises(ForbiddenError, match="reject is for intake_clerk, shift_leader, not for inspector"):
        go_report(ready, town, report, "reject", "inspector", note="x", reply="y")
    with pytest.raises(InputError, match="reject does not take: department"):
        go_report(ready, town, report, "reject", "leader", note="x", reply="y", department="city")
    go_report(ready, town, report, "reject", "leader", note="not ours", reply="ask the railway")
    with pytest.raises(InputError, match="register is not possible for a report that is rejected; possible are: reply"):
        go_report(ready, town, report, "register", "clerk")
    due = datetime(2031, 1, 1, tzinfo=UTC)
    go_report(ready, town, report, "reply", "clerk", reply="the railway knows", channel_due_at=due)
    shown = show_report(ready, become(ready, "clerk"), report)
    assert (shown["channel_due_at"], shown["version"]) == (due, 3)


def test_the_manual_desk_asks_no_more_once_a_dispatcher_decided(ready: Connection, town: City) -> None:
    case = put_case(ready, town)
    ready.execute("UPDATE report SET manual_reason = 'nobody'")
    go(ready, town, case, "redispatch", "dispatcher", department="other")
    assert ready.execute("SELECT manual_reason FROM report").fetchall() == [(None,)]


def test_nobody_need_decide_about_what_ended(ready: Connection, town: City) -> None:
    case = put_case(ready, town)
    ready.execute("UPDATE report SET manual_reason = 'nobody'")
    go(ready, town, case, "void", "leader")
    owner_again(ready)
    assert ready.execute("SELECT manual_reason FROM report").fetchall() == [(None,)]


def test_a_reply_may_say_until_when_the_channel_wants_an_answer(ready: Connection, town: City) -> None:
    case, due = put_case(ready, town), datetime(2031, 1, 1, tzinfo=UTC)
    go(ready, town, case, "reply", "clerk", channel_due_at=due)
    assert show_case(ready, become(ready, "clerk"), case)["report"]["channel_due_at"] == due
    with pytest.raises(InputError, match="channel_due_at"):
        go(ready, town, case, "reply", "clerk", channel_due_at=datetime(2999, 1, 1, tzinfo=UTC))


def test_the_condition_that_the_inspector_sees_counts(ready: Connection, town: City) -> None:
    condition = ready.execute(
        "SELECT condition_zh FROM time_limit WHERE kind = 'event' AND subclass_code = '0110' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    assert condition
    report = put_report(ready, town)
    with pytest.raises(InputError, match="condition 'no such thing'"):
        go_report(ready, town, report, "confirm", "inspector", condition="no such thing")
    go_report(ready, town, report, "confirm", "inspector", condition=condition[0])
    row = ready.execute("SELECT condition, due_provisional, due_at IS NULL FROM cases").fetchone()
    assert row == (condition[0], False, False)


def test_lists(ready: Connection, town: City) -> None:
    first, second = put_case(ready, town, "a", "1"), put_case(ready, town, "b", "2")
    ready.execute("UPDATE cases SET due_at = now() - interval '1 minute' WHERE id = %s", [first])
    become(ready, "clerk")

    def found(**chosen: Any) -> list[int]:
        listed = list_cases(ready, CaseFilter(**chosen), limit=10, offset=0)
        assert listed["total"] == len(listed["cases"])
        return [case["id"] for case in listed["cases"]]

    assert found() == [second, first]
    assert found(overdue=True) == [first]
    assert found(overdue=False, states=["dispatched"]) == [second]
    assert found(area_kind="patrol_grid", area_code="E") == [second]
    assert found(department="district") == [first]
    assert found(kind="event", subclass_code="0111") == []
    assert found(to_time=datetime.now(UTC) - timedelta(days=1)) == []
    assert found(lane="self") == []
    become(ready, "street")
    assert found(mine=True) == []
    become(ready, "district")
    assert found(mine=True) == [first]
    for wrong, says in (
        ({"states": ["flying"]}, "state 'flying'"), ({"lane": "air"}, "lane 'air'"),
        ({"department": "x"}, "department 'x'"), ({"area_kind": "x", "area_code": "y"}, "area kind 'x'"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=says):
            found(**wrong)


@pytest.mark.parametrize(
    ("state", "overdue"),
    [("accepted", True), ("disposed", False), ("self_disposed", False), ("verifying", False), ("verified", False)],
)
def test_what_is_disposed_is_not_overdue(ready: Connection, town: City, state: str, overdue: bool) -> None:
    case = put_case(ready, town)
    ready.execute(
        "UPDATE cases SET state = %s, due_at = now() - interval '1 day', statutory_due = now() - interval '9 days'",
        [state],
    )
    shown = show_case(ready, become(ready, "clerk"), case)
    assert (shown["overdue"], shown["statutory_overdue"]) == (overdue, overdue)
    (listed,) = list_cases(ready, CaseFilter(overdue=overdue), limit=10, offset=0)["cases"]
    assert (listed["overdue"], listed["statutory_overdue"]) == (overdue, overdue)
    assert list_cases(ready, CaseFilter(overdue=not overdue), limit=10, offset=0)["total"] == 0


def test_the_backlog_that_is_to_be_reviewed_is_listed(ready: Connection, town: City) -> None:
    due, calm = put_case(ready, town, "due"), put_case(ready, town, "calm")
    for case in (due, calm):
        go(ready, town, case, "put_on_backlog", "leader")
    owner_again(ready)
    ready.execute("UPDATE cases SET review_at = now() - interval '1 minute' WHERE id = %s", [due])
    become(ready, "leader")
    found = list_cases(ready, CaseFilter(review_due=True), limit=10, offset=0)
    assert (found["total"], [case["id"] for case in found["cases"]]) == (1, [due])
    go(ready, town, due, "review", "leader")
    assert list_cases(ready, CaseFilter(review_due=True), limit=10, offset=0)["total"] == 0


def test_history_of_a_channel_is_taken_over(ready: Connection, town: City) -> None:
    closed = made.NOON + timedelta(days=2)
    case = put_case(ready, town, reported_at=made.NOON, closed_at=closed)
    row = ready.execute("SELECT state, version, department, stage, due_at IS NOT NULL FROM cases WHERE id = %s", [case])
    assert row.fetchone() == ("closed", 3, None, None, True)
    assert ready.execute("SELECT hop, how, ended_at FROM case_hop").fetchall() == [(1, "take_over", closed)]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_way_through_the_real_store(ready: Connection, town: City, data: st.DataObject) -> None:
    """Moves drawn from those that are shown as possible, by anybody; whatever becomes of it is sound."""
    with ready.transaction(force_rollback=True):
        case = put_case(ready, town)
        for _ in range(12):
            who = data.draw(st.sampled_from(sorted(PEOPLE)))
            try:
                shown = show_case(ready, become(ready, who), case)
            except NotFoundError:
                continue
            names = [move["move"] for move in shown["moves"] if move["move"] not in ("merge", "split")]
            assume(names or shown["moves"] == [])
            if names:
                _try(ready, town, case, data.draw(st.sampled_from(names)), who)
        _check(ready, case)


def _try(conn: Connection, town: City, case: int, move: str, who: str) -> None:
    photo = put_photo(conn, case)
    needs = CASE_MOVES.named(move).needs
    given = {name: [photo] for name in ("photos_before", "photos_after") if name in needs}
    before = (version_of(conn, case), len(steps(conn, case)))
    try:
        go(conn, town, case, move, who, **given)
    except (InputError, ForbiddenError):
        owner_again(conn)
        assert (version_of(conn, case), len(steps(conn, case))) == before


def _check(conn: Connection, case_id: int) -> None:
    owner_again(conn)
    (case,) = cases.lock_cases(conn, [case_id])
    found = cases.case_steps(conn, case_id)
    assert [step["step"] for step in found] == list(range(1, case.version + 1))
    assert found[-1]["state"] == case.state
    state = found[0]["state"]
    for step in found[1:]:
        move = CASE_MOVES.named(step["move"])
        assert state in move.sources
        assert SYSTEM in move.roles or step["actor"] in PEOPLE
        state = step["state"]
    if case.state == "closed":
        told = [(s["move"], s["actor"], s["department"], {**s["details"], "note": s["note"]}) for s in found]
        assert lacking(told, case.lane, sampled=False) == []
    assert case.department == (case.hop.department if case.hop else None)
