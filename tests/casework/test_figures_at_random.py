"""Figures of lives at random, by a slow reference: the formulae of the standard once more, case by case."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridsvc.domain.case_states import CASE_MOVES
from gridsvc.domain.figures import EXCLUDED, FINISHED, periods
from gridsvc.domain.moves import Need
from gridsvc.errors import GridsvcError
from gridsvc.store.connection import Connection
from gridsvc.store.figures import Cut, figures
from tests import made
from tests.casework.timelines import GIVEN, ZONE, Life, Step, june, put_lives


@pytest.fixture
def ready(conn: Connection) -> Connection:
    made.put_departments(conn, "west", "east")
    made.put_channel(conn)
    return conn


@st.composite
def walks(draw: st.DrawFn) -> Life:
    """A case that is moved at random over June and July; or a report of which none came."""
    at = june(draw(st.integers(0, 40))) + timedelta(
        minutes=draw(st.integers(0, 1439)), seconds=draw(st.integers(0, 59))
    )
    life = Life(at, manual_reason=draw(st.sampled_from([None, "gap"])), rule=draw(st.sampled_from(["R1", "R2"])))
    if draw(st.integers(0, 9)) == 0:
        life.confirm_due_at = at.replace(second=0) + timedelta(minutes=30)
        life.confirmed_at = draw(st.sampled_from([None, at + timedelta(minutes=30), at + timedelta(minutes=31)]))
        life.confirmed_by = draw(st.sampled_from(["confirm", "deny", "reject"]))
        life.register_due_at = draw(st.sampled_from([None, at.replace(second=0) + timedelta(minutes=31)]))
        return life
    if draw(st.integers(0, 3)) == 0:
        life.register_due_at = at.replace(second=0) + timedelta(minutes=15)
        at += timedelta(minutes=draw(st.sampled_from([0, 15, 16])))
    life.register(
        at, days=draw(st.sampled_from([None, 1, 3, 10])),
        lane=draw(st.sampled_from(["self", "dispatched", "enforcement"])),
        lead=draw(st.sampled_from(["west", "east"])), by_hand=draw(st.booleans()),
    )  # fmt: skip
    for _ in range(draw(st.integers(0, 12))):
        at += timedelta(
            minutes=draw(st.sampled_from([0, 1, 7, 60, 24 * 60, 3 * 24 * 60])), seconds=draw(st.integers(1, 59))
        )
        _stroll(draw, life, at)
    return life


def _stroll(draw: st.DrawFn, life: Life, at: datetime) -> None:
    """One move, if the one that is drawn can be made."""
    assert life.case is not None
    possible = [
        move for move in CASE_MOVES.possible(life.case.state, life.case.lane)
        if not move.needs & {Need.INTO, Need.CONDITION} and move.name not in ("split", "relead", "absorb", "stay")
    ]  # fmt: skip
    likely = [move for move in possible if move.target not in ("(same)", "voided", "suspended", "backlog")]
    move = draw(st.sampled_from(draw(st.sampled_from([possible, likely or possible]))))
    try:
        life.move(move.name, at, **{need.value: GIVEN[need.value] for need in move.needs})
    except (GridsvcError, KeyError):
        return


@dataclass
class Seen:
    """A case as it stood when a period ended."""

    life: Life
    begin: datetime
    until: datetime

    def __post_init__(self) -> None:
        assert self.life.case is not None
        self.case = self.life.case
        self.steps = [step for step in self.life.steps if step.at < self.until]
        self.state = self.steps[-1].state if self.steps else None
        self.finished_at = self._entered(FINISHED)
        self.closed_at = self._entered(("closed",))
        self.counts = self.state is not None and self.state not in EXCLUDED
        told = [step.details["due_at"] for step in self.steps if "due_at" in step.details]
        self.due_at = datetime.fromisoformat(told[-1]) if told and told[-1] else None
        self.falls = self.due_at is not None and self.begin <= self.due_at < self.until.replace(second=0)

    def _entered(self, states: tuple[str, ...]) -> datetime | None:
        """When it came into these states for the last time; None if it is in none of them."""
        at, inside = None, False
        for step in self.steps:
            if step.state in states and not inside:
                at = step.at
            inside = step.state in states
        return at if inside else None

    def due(self, finished_at: datetime | None) -> bool:
        return self.counts and (self.falls or (finished_at is not None and finished_at >= self.begin))

    @property
    def in_time(self) -> bool:
        due = self.due_at
        return self.finished_at is not None and due is not None and self.finished_at.replace(second=0) <= due

    @property
    def department(self) -> str | None:
        if self.case.lane == "self":
            return self.case.lead
        hops = [hop for hop in self.case.hops if hop.above is None and hop.given_at < self.until]
        return hops[-1].department if hops and self.state != "returned" else None


Facts = Iterator[tuple[str | None, str, bool]]
"""Department, figure, whether it counts above the line as well."""


def of_case(seen: Seen) -> Facts:
    who, moves = seen.department, {step.move for step in seen.steps}
    limited = seen.due_at is not None
    if seen.due(seen.finished_at):
        finished = seen.finished_at is not None
        if seen.case.lane == "self":
            yield who, "self_disposal", finished
            if limited:
                yield who, "self_in_time", seen.in_time
            return
        yield who, "disposal", finished
        yield who, "extension", "extend" in moves
        yield who, "overdue_open", not finished
        if limited:
            yield who, "disposal_in_time", seen.in_time
    if seen.due(seen.closed_at) and seen.case.lane != "self":
        yield who, "closing", seen.closed_at is not None
        yield who, "rework", "fail" in moves
        if limited:
            yield who, "closing_in_time", seen.closed_at is not None and seen.in_time


def dispatches(life: Life) -> list[Step]:
    """What the channel had dispatched itself before it told of a closed matter is not counted."""
    assert life.case is not None
    theirs = {hop.given_at for hop in life.case.hops if hop.how == "take_over"}
    return [s for s in life.steps if s.move in ("dispatch", "redispatch", "reroute") and s.at not in theirs]


def of_dispatches(seen: Seen) -> Facts:
    given = {step.at for step in dispatches(seen.life)}
    for hop in seen.case.hops:
        if hop.above is None and hop.given_at in given and seen.begin <= hop.given_at < seen.until:
            ended = hop.how if hop.ended_at and hop.ended_at < seen.until else None
            yield hop.department, "correct_dispatch", ended not in ("return", "redispatch")
            yield hop.department, "return", ended == "return"
            if hop.hop == 1:
                yield hop.department, "first_dispatch", ended not in ("return", "redispatch")


def of_stages(seen: Seen) -> Facts:
    tasks: list[tuple[str, str | None, datetime | None, datetime | None]] = []
    for hop in seen.case.hops:
        answered = hop.accepted_at or (hop.ended_at if hop.how in ("return", "hand_up") else None)
        if answered or hop.ended_at is None or (hop.accept_due_at and hop.ended_at > hop.accept_due_at):
            tasks.append(("accept", hop.department, hop.accept_due_at, answered))
    tasks += [
        ("verify", None, datetime.fromisoformat(step.details["stage_due_at"]), step.at)
        for step in seen.life.steps
        if step.move in ("verify", "fail")
    ]
    for step in dispatches(seen.life):
        if step.details.get("stage") == "dispatch":
            tasks.append(("dispatch", None, datetime.fromisoformat(step.details["stage_due_at"]), step.at))
        elif step.move == "dispatch":
            tasks.append(("dispatch", None, step.at, step.at))
    if seen.case.stage in ("dispatch", "verify"):
        tasks.append((seen.case.stage, None, seen.case.stage_due_at, None))
    for stage, who, limit, done in tasks:
        yield from of_task(seen.begin, seen.until, stage, who, limit, done)


def of_task(
    begin: datetime, until: datetime, stage: str, who: str | None, limit: datetime | None, done: datetime | None
) -> Facts:
    is_done = done is not None and done < until
    if limit is None or not (
        begin <= limit < until.replace(second=0) or (is_done and done is not None and done >= begin)
    ):
        return
    yield who, f"{stage}_in_time", is_done and done is not None and done.replace(second=0) <= limit
    if stage == "dispatch" and not is_done:
        yield None, "correct_dispatch", False


def of_report(life: Life, begin: datetime, until: datetime) -> Facts:
    if begin <= life.reported_at < until:
        who = life.case.lead if life.case else None
        yield who, "valid_reports", life.case is not None and life.case.registered_at < until
        yield who, "automatic", life.manual_reason is None
    if life.confirm_due_at:
        yield from of_task(begin, until, "confirm", None, life.confirm_due_at, life.confirmed_at)
    rejected_at = life.confirmed_at if life.confirmed_by == "reject" else None
    registered_at = life.case.registered_at if life.case else None
    limit = life.register_due_at or registered_at
    yield from of_task(begin, until, "register", None, limit, registered_at or rejected_at)


def minutes_of(lives: list[Life], begin: datetime, until: datetime) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for life in lives:
        if life.case is None:
            continue
        accepted = min((hop.accepted_at for hop in life.case.hops if hop.accepted_at), default=None)
        for name, at in (
            ("report_to_accepted", accepted), ("report_to_disposed", Seen(life, begin, until).finished_at),
        ):  # fmt: skip
            if at and begin <= at < until:
                found[name].append((at - life.reported_at).total_seconds() / 60)
    return found


def reference(lives: list[Life], begin: datetime, until: datetime) -> dict[tuple[str | None, str], tuple[int, int]]:
    found: dict[tuple[str | None, str], list[bool]] = defaultdict(list)
    parts: list[Callable[[Seen], Facts]] = [of_case, of_dispatches, of_stages]
    for life in lives:
        facts = list(of_report(life, begin, until))
        if life.case and life.case.registered_at < until:
            facts += [fact for part in parts for fact in part(Seen(life, begin, until))]
        for who, figure, good in facts:
            found[who, figure].append(good)
    return {key: (sum(goods), len(goods)) for key, goods in found.items()}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(lives=st.lists(walks(), min_size=1, max_size=12), every=st.sampled_from([None, "day", "week", "month"]))
def test_figures_of_lives_at_random_are_those_of_the_reference(
    ready: Connection, lives: list[Life], every: str | None
) -> None:
    now = june(20, 7) + timedelta(seconds=30)
    cut = periods(date(2026, 6, 3), date(2026, 7, 31), every, ZONE, now)
    with ready.transaction(force_rollback=True):
        put_lives(ready, lives)
        found = figures(ready, Cut(by="department"), cut)
        whole = figures(ready, Cut(), cut)
    for number, period in enumerate(cut, start=1):
        of_period = {(one.key, one.figure): (one.good, one.due) for one in found if one.number == number}
        shares = {key: pair for key, pair in of_period.items() if not key[1].startswith("report_to")}
        assert shares == reference(lives, period.begin, period.until)
        expected = minutes_of(lives, period.begin, period.until)
        times = {one.figure: one.minutes for one in whole if one.number == number and one.figure in expected}
        assert times == {
            name: pytest.approx([median(values), float(np.percentile(values, 90))]) for name, values in expected.items()
        }
