"""The life of a case on paper: every way through the table of moves, and each thing that a move does."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gridsvc.domain.case_life import moved
from gridsvc.domain.case_states import ASIDE, CASE_MOVES, ENDED, STATES, WITH_DEPARTMENT
from gridsvc.domain.cases import Actor, Asked, Tree, World, allowed
from gridsvc.domain.departments import Department
from gridsvc.domain.duties import LANES
from gridsvc.domain.moves import BEFORE, SAME, SYSTEM, Moves
from gridsvc.domain.report_states import REPORT_MOVES
from gridsvc.errors import ForbiddenError, InputError
from tests.domain.lives import (
    CLERK,
    CLOCKS,
    DISPATCHER,
    DISTRICT,
    GIVEN,
    HEAD,
    INSPECTOR,
    ITSELF,
    LEADER,
    MEMBER,
    MONDAY,
    OTHER,
    OWNER,
    PARENTS,
    PEOPLE,
    STREET,
    ZONE,
    Life,
    lacking,
    needed,
    new_case,
    with_rules,
)

NONE_SAMPLED, ALL_SAMPLED = with_rules(sample_percent=0), with_rules(sample_percent=100)


@pytest.mark.parametrize("table", [REPORT_MOVES, CASE_MOVES], ids=["reports", "cases"])
def test_the_table_names_only_states_and_lanes_that_there_are(table: Moves) -> None:
    for move in table.by_name.values():
        assert move.sources <= table.states.keys(), move.name
        assert move.target in {*table.states, SAME, BEFORE}, move.name
        assert move.lanes <= set(LANES), move.name
        assert move.roles, move.name


@pytest.mark.parametrize(
    ("table", "first"), [(REPORT_MOVES, "reported"), (CASE_MOVES, "registered")], ids=["reports", "cases"]
)
def test_every_state_can_be_reached(table: Moves, first: str) -> None:
    reached, more = {first}, True
    while more:
        found = {move.target for state in reached for move in table.possible(state, None)} & table.states.keys()
        more = not found <= reached
        reached |= found
    assert reached == table.states.keys()


class Lives(RuleBasedStateMachine):
    """Any move by anybody at any time: what the table forbids is refused, and everything else leaves a sound case."""

    @initialize(lane=st.sampled_from(sorted(LANES)), number=st.integers(1, 500))
    def register(self, lane: str, number: int) -> None:
        self.life = Life(new_case(lane, number))
        self.version = self.life.case.version

    @rule(data=st.data(), who=st.sampled_from((*PEOPLE, ITSELF)), minutes=st.integers(0, 3_000))
    def possible_move(self, data: st.DataObject, who: Actor, minutes: int) -> None:
        """One that the table allows this actor."""
        found = allowed(self.life.case, who)
        assume(found)
        move = data.draw(st.sampled_from(found))
        more = data.draw(
            st.sampled_from([{}, *({need.value: GIVEN[need]} for need in sorted(move.may & GIVEN.keys()))])
        )
        self._try(needed(move, **more), who, minutes)

    @rule(name=st.sampled_from(sorted(CASE_MOVES.by_name)), who=st.sampled_from((*PEOPLE, ITSELF)))
    def any_move(self, name: str, who: Actor) -> None:
        self._try(needed(CASE_MOVES.named(name)), who, 1)

    def _try(self, asked: Asked, who: Actor, minutes: int) -> None:
        before, move = self.life.case, CASE_MOVES.named(asked.move)
        fits = before.state in move.sources and before.lane in move.lanes
        theirs = not move.roles.isdisjoint(who.roles_for(before.department))
        try:
            self.life.go(asked.move, who, minutes=minutes, **asked.given)
        except (InputError, ForbiddenError):
            assert self.life.case == before
            return
        assert fits
        assert theirs
        self.version += 1 + (asked.move == "self_dispose")

    @invariant()
    def sound(self) -> None:
        case = self.life.case
        assert case.state in STATES
        assert case.version == self.version
        assert (case.state in ENDED) == (case.closed_at is not None)
        assert (case.department is not None) == (case.hop is not None)
        if case.state in WITH_DEPARTMENT and case.lane != "self":
            assert case.department is not None
        if case.state in (*ENDED, "registered", "returned", "verifying", "verified", "self_disposed"):
            assert case.department is None
        assert (case.held_state is not None) == (case.state in ASIDE) or case.state in ENDED
        assert case.merged_into is None or case.state == "merged"

    @invariant()
    def in_a_line(self) -> None:
        """Open hops stand below one another."""
        line = [hop for hop in self.life.case.hops if hop.ended_at is None]
        for above, below in pairwise(line):
            assert below.above == above.hop

    @invariant()
    def on_time(self) -> None:
        case = self.life.case
        if case.clock is None or case.state in ENDED:
            return
        if case.due_at is None or case.state in ASIDE:
            assert case.state in ASIDE
            assert case.due_at is None or case.due_at <= case.clock.pauses[-1].begin  # overdue it was already
        assert case.due_at == case.clock.due_at(CLOCKS.calendar)

    @invariant()
    def closed_with_all_that_it_needs(self) -> None:
        case = self.life.case
        if case.state == "closed":
            steps = [(done.move, who.name, who.department, asked.given) for done, asked, who in self.life.done]
            assert lacking(steps, case.lane, sampled=CLOCKS.sampled(case.id)) == []


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def accepted(lane: str = "dispatched") -> Life:
    life = Life(new_case(lane))
    life.go("accept", DISTRICT)
    return life


def verifying() -> Life:
    life = accepted()
    for move, who in (("begin", DISTRICT), ("dispose", DISTRICT), ("ask_verification", CLERK)):
        life.go(move, who)
    return life


def test_the_straight_way() -> None:
    life = verifying()
    life.go("verify", INSPECTOR)
    closed = life.go("close", LEADER)
    assert (closed.state, closed.version, closed.department) == ("closed", 8, None)
    assert [hop.how for hop in closed.hops] == ["dispose"]


def test_hops_go_down_the_tree_and_back_the_same_way() -> None:
    life = accepted()
    life.go("transfer", DISTRICT, department="street")
    life.go("accept", STREET)
    life.go("transfer", STREET, department="owner")
    assert (life.case.department, life.case.state, life.case.hops[2].above) == ("owner", "dispatched", 2)
    for move in ("accept", "begin", "dispose"):
        life.go(move, OWNER)
    assert life.case.department == "street"
    with pytest.raises(InputError, match="department street has not fed back yet"):
        life.go("ask_verification", CLERK)
    life.go("feed_back", STREET)
    life.go("feed_back", DISTRICT)
    assert life.case.department is None
    assert life.go("ask_verification", CLERK).state == "verifying"


def test_rework_goes_the_same_way_down_again() -> None:
    life = accepted()
    life.go("transfer", DISTRICT, department="owner")
    for move in ("accept", "begin", "dispose"):
        life.go(move, OWNER)
    life.go("feed_back", DISTRICT)
    life.go("ask_verification", CLERK)
    failed = life.go("fail", INSPECTOR)
    assert (failed.state, failed.department) == ("rework", "owner")
    assert [(hop.department, hop.above) for hop in failed.hops if not hop.ended_at] == [
        ("district", None),
        ("owner", 3),
    ]


@pytest.mark.parametrize(
    ("rules", "same"), [({}, True), ({"rework": "new_limit"}, False)], ids=["first limit", "new limit"]
)
def test_rework_and_the_limit(rules: dict[str, Any], same: bool) -> None:
    life = verifying()
    life.clocks = with_rules(**rules)
    before = life.case.due_at
    assert (life.go("fail", INSPECTOR).due_at == before) == same


def test_a_transfer_goes_down_only() -> None:
    life = accepted()
    with pytest.raises(InputError, match="does not stand below district; below it: owner, street"):
        life.go("transfer", DISTRICT, department="other")


def test_an_unknown_department_is_refused() -> None:
    with pytest.raises(InputError, match="department 'nowhere' is not known; choose one of: city"):
        accepted().go("transfer", DISTRICT, department="nowhere")


def test_return_only_within_its_time() -> None:
    life = Life(new_case())
    assert life.go("return", DISTRICT, minutes=120).state == "returned"
    late = Life(new_case())
    with pytest.raises(InputError, match="within 120 working minutes"):
        late.go("return", DISTRICT, minutes=121)
    over_lunch = Life(new_case(at=MONDAY + timedelta(minutes=150)), MONDAY + timedelta(minutes=150))
    assert over_lunch.go("return", DISTRICT, minutes=240).department is None


def test_what_was_transferred_is_handed_up() -> None:
    life = accepted()
    life.go("transfer", DISTRICT, department="street")
    with pytest.raises(InputError, match="hand_up gives it back"):
        life.go("return", STREET)
    given_back = life.go("hand_up", STREET)
    assert (given_back.state, given_back.department) == ("accepted", "district")


def test_the_next_department_has_the_whole_limit() -> None:
    life = Life(new_case())
    first = life.case.due_at
    life.go("return", DISTRICT, minutes=60)
    again = life.go("redispatch", DISPATCHER, department="other")
    assert first
    assert again.due_at == first + timedelta(minutes=61)
    assert (again.lead, again.department) == ("other", "other")


def test_who_disposed_does_not_verify() -> None:
    life = verifying()
    both = Actor(name="district", department=None, roles=INSPECTOR.roles, by_area=True)
    same_department = Actor(name="x", department="district", roles=INSPECTOR.roles, by_area=True)
    for who in (both, same_department):
        for move in ("verify", "fail"):
            with pytest.raises(ForbiddenError, match="whoever disposed of case 1 does not verify it"):
                life.go(move, who)
        assert not {"verify", "fail"} & {move.name for move in allowed(life.case, who)}


def test_only_the_department_that_has_it_and_those_above() -> None:
    life = accepted()
    with pytest.raises(ForbiddenError, match="case 1 is with district"):
        life.go("begin", OTHER)
    assert life.go("begin", HEAD).state == "in_disposal"


def test_enforcement_has_a_file() -> None:
    life = accepted("enforcement")
    with pytest.raises(InputError, match="begin is not possible for a case that is accepted in lane enforcement"):
        life.go("begin", DISTRICT)
    begun = life.go("begin_enforcement", DISTRICT)
    assert (begun.file_number, begun.statutory_due) == ("2026-7", GIVEN["statutory_due"])  # type: ignore[index]


def test_the_grid_disposes_itself() -> None:
    life = Life(new_case("self"), clocks=NONE_SAMPLED)
    with pytest.raises(InputError, match="self_dispose needs: photos_after"):
        life.go("self_dispose", MEMBER, photos_after=[])
    assert life.go("self_dispose", MEMBER).state == "closed"


def test_a_sample_is_verified_first() -> None:
    life = Life(new_case("self"), clocks=ALL_SAMPLED)
    assert life.go("self_dispose", MEMBER).state == "verifying"
    with pytest.raises(InputError, match="close_self is not possible"):
        life.go("close_self", LEADER)
    assert life.go("fail", INSPECTOR).state == "rework"
    life.go("self_dispose", MEMBER)
    life.go("verify", INSPECTOR)
    assert life.go("close", CLERK).state == "closed"


def test_the_sample_is_a_tenth_and_always_the_same() -> None:
    sampled = [CLOCKS.sampled(number) for number in range(10_000)]
    assert 900 < sum(sampled) < 1_100
    assert sampled == [CLOCKS.sampled(number) for number in range(10_000)]


def test_the_grid_may_need_a_department_after_all() -> None:
    life = Life(new_case("self"))
    given = life.go("dispatch", DISPATCHER, department="street")
    assert (given.lane, given.department, given.lead) == ("dispatched", "street", "street")


def test_suspended_the_clock_stands() -> None:
    life = accepted()
    due = life.case.due_at
    assert life.go("suspend", DISPATCHER).due_at is None
    resumed = life.go("resume", DISPATCHER, minutes=30)
    assert due
    assert (resumed.state, resumed.due_at) == ("accepted", due + timedelta(minutes=30))


def test_suspended_before_it_was_accepted_there_is_time_to_accept_again() -> None:
    life = Life(new_case())
    life.go("suspend", DISPATCHER)
    resumed = life.go("resume", DISPATCHER, minutes=60)
    assert resumed.hop
    assert resumed.hop.accept_due_at == resumed.stage_due_at == life.at + timedelta(minutes=15)


def test_a_limit_that_is_told_while_the_case_is_aside_stands() -> None:
    life = Life(replace(new_case(), clock=None, due_at=None, due_reason="no limit"))
    life.go("suspend", DISPATCHER)
    told = life.go("set_condition", CLERK)
    assert told.clock
    assert (told.due_at, told.due_reason, told.clock.pauses[-1].end) == (None, None, None)
    resumed = life.go("resume", DISPATCHER, minutes=30)
    assert resumed.due_at == datetime(2026, 6, 3, 9, 30, tzinfo=ZONE)


@pytest.mark.parametrize("moves", [("suspend", "resume"), ("put_on_backlog", "take_up")])
def test_a_clock_that_runs_although_the_case_is_aside_runs_on(moves: tuple[str, str]) -> None:
    clock = new_case().clock
    life = Life(replace(new_case(), clock=None, due_at=None))
    life.go(moves[0], LEADER)
    life.case = replace(life.case, clock=clock)
    assert life.go(moves[1], LEADER).due_at == new_case().due_at


def test_the_backlog_is_reviewed() -> None:
    life = accepted()
    with pytest.raises(InputError, match="is not yet to come"):
        life.go("put_on_backlog", LEADER, review_at=MONDAY)
    life.go("put_on_backlog", LEADER)
    later = datetime(2031, 1, 1, tzinfo=ZONE)
    assert life.go("review", LEADER, review_at=later).review_at == later
    back = life.go("take_up", LEADER)
    assert (back.state, back.review_at) == ("accepted", None)


def test_an_extension_is_asked_for_and_approved() -> None:
    life = accepted()
    due = life.case.due_at
    with pytest.raises(InputError, match="nobody asked for an extension"):
        life.go("extend", DISPATCHER)
    life.go("ask_extension", DISTRICT, limit={"value": 1, "unit": "work_hours"})
    with pytest.raises(ForbiddenError, match="extend is for dispatcher, shift_leader"):
        life.go("extend", DISTRICT)
    extended = life.go("extend", DISPATCHER)
    assert due
    assert extended.due_at == due + timedelta(hours=1)
    life.go("ask_extension", DISTRICT)
    refused = life.go("refuse_extension", LEADER)
    assert (refused.extension_asked, refused.due_at) == (None, extended.due_at)


def test_the_condition_ends_what_is_provisional() -> None:
    life = accepted()
    assert (life.case.due_provisional, life.case.condition) == (True, "a")
    known = life.go("set_condition", CLERK, condition="B")
    assert (known.due_provisional, known.condition) == (False, "b")
    assert known.due_at == datetime(2026, 6, 3, 9, 0, tzinfo=ZONE)
    with pytest.raises(InputError, match="condition 'c' is not known; choose one of: a"):
        life.go("set_condition", CLERK, condition="c")


def test_reopened_it_begins_anew() -> None:
    life = accepted()
    life.go("void", LEADER)
    again = life.go("reopen", LEADER)
    assert (again.state, again.closed_at, again.stage) == ("registered", None, "dispatch")


def test_stages_have_their_times() -> None:
    life = Life(new_case())
    assert (life.case.stage, life.case.stage_due_at) == ("accept", MONDAY + timedelta(minutes=15))
    assert life.go("accept", DISTRICT).stage is None
    life.go("begin", DISTRICT)
    disposed = life.go("dispose", DISTRICT)
    assert (disposed.stage, disposed.stage_due_at) == ("verify", life.at + timedelta(minutes=30))
    assert life.go("ask_verification", CLERK, minutes=10).stage_due_at == disposed.stage_due_at


def test_what_cannot_be_told_is_said() -> None:
    nobody_knows = CLOCKS.start("event", "9999", None, MONDAY)
    assert (nobody_knows.due_at, nobody_knows.clock) == (None, None)
    assert nobody_knows.reason
    assert "has no time limit" in nobody_knows.reason
    far = CLOCKS.start("event", "0110", "b", datetime(2099, 6, 1, tzinfo=ZONE))
    assert far.clock
    assert far.reason
    assert "holidays and make-up workdays of 2099 are not known" in far.reason


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"note": ""}, "void needs: note"),
        ({"note": "x", "department": "street"}, "void does not take: department; it takes note"),
    ],
)
def test_a_move_takes_what_it_needs_and_no_more(given: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InputError, match=wrong):
        Life(new_case()).make(Asked(move="void", given=given), LEADER)


def test_what_is_not_possible_says_what_is() -> None:
    with pytest.raises(InputError, match="close is not possible for a case that is dispatched in lane dispatched; "
                                         "possible are: redispatch, "):  # fmt: skip
        Life(new_case()).go("close", LEADER)


def test_nobody_is_the_service_but_the_service() -> None:
    assert all(SYSTEM not in who.roles for who in PEOPLE)
    with pytest.raises(ForbiddenError, match="take_over is for system, not for shift_leader"):
        Life(new_case()).go("take_over", LEADER)


@pytest.mark.parametrize("move", ["redispatch", "transfer"])
def test_a_case_is_passed_to_no_department_that_has_retired(move: str) -> None:
    """Retired on the second of June: half an hour after midnight in the city, and still the first in UTC."""
    life = Life(new_case())
    life.go("accept", DISTRICT)
    retired_on = date(2026, 6, 2)
    tree = Tree(
        Department(
            code=code, name_zh=code, name_en=code, parent=parent, level="unit", on_platform=True,
            retired_on=retired_on if code == "street" else None,
        )
        for code, parent in PARENTS.items()
    )  # fmt: skip
    asked, who = needed(CASE_MOVES.named(move), department="street"), DISTRICT if move == "transfer" else DISPATCHER
    midnight = datetime(2026, 6, 2, tzinfo=ZONE)
    before, after = (World(clocks=CLOCKS, tree=tree, at=midnight + timedelta(minutes=minutes)) for minutes in (-30, 30))
    assert moved(life.case, asked, who, before).case.department == "street"
    with pytest.raises(InputError, match="department street retired on 2026-06-02"):
        moved(life.case, asked, who, after)
