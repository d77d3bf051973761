"""Lives of cases, moved by the product's own function at times of one's choice, written straight into the tables."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gridsvc.domain.access import Role
from gridsvc.domain.calendar import USUAL_WEEK, Calendar, chinese
from gridsvc.domain.case_life import moved
from gridsvc.domain.cases import Actor, Asked, Case, Tree, World
from gridsvc.domain.clock import Clock, Limit, Unit
from gridsvc.domain.departments import Department
from gridsvc.domain.limits import ClockRules
from gridsvc.domain.moves import SYSTEM
from gridsvc.domain.timing import Clocks
from gridsvc.store.connection import Connection

ZONE = ZoneInfo("Asia/Shanghai")
DEPARTMENTS = ("west", "east")
CALENDAR = Calendar(zone=ZONE, week=USUAL_WEEK, days={}, years=frozenset(), official=chinese)
CLOCKS = Clocks(CALENDAR, ClockRules(), {})
TREE = Tree(
    Department(code=code, name_zh=code, name_en=code, parent=None, level="unit", on_platform=True)
    for code in DEPARTMENTS
)
ROLES = frozenset({SYSTEM, *Role})
WORKER = Actor(name="worker", department="west", roles=ROLES, departments=frozenset(DEPARTMENTS), by_area=True)
OTHER = replace(WORKER, name="other", department=None)
"""Whoever disposes does not verify."""


@dataclass(frozen=True)
class Step:
    move: str
    state: str
    at: datetime
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Life:
    """A report, and the case that came of it if it was registered."""

    reported_at: datetime
    subclass: tuple[str, str] = ("event", "0110")
    area_ids: list[int] = field(default_factory=list)
    manual_reason: str | None = None
    rule: str | None = None
    confirm_due_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str = "confirm"
    """The move."""
    register_due_at: datetime | None = None
    case: Case | None = None
    steps: list[Step] = field(default_factory=list)

    def register(
        self, at: datetime, *, days: int | None = 8, lane: str = "dispatched", lead: str = "west", by_hand: bool = False
    ) -> "Life":
        """The limit is of so many days of the calendar. Dispatched at once, unless it is done `by_hand`."""
        clock = Clock(begin=at, limit=Limit(value=days, unit=Unit.NATURAL_DAYS)) if days else None
        fresh = Case(
            id=0, report_id=uuid.uuid4(), kind=None, subclass_code=None, lead=lead, lane=lane, state="registered",
            registered_at=at, version=1,
        ).timed(clock, CLOCKS)  # fmt: skip
        self.case = fresh.staged(at, CLOCKS, anew=True) if by_hand else fresh
        due = fresh.due_at.isoformat() if fresh.due_at else None
        self.steps = [Step("register", "registered", at, {"due_at": due})]
        return self if by_hand or lane == "self" else self.move("dispatch", at)

    def move(self, name: str, at: datetime, **given: Any) -> "Life":
        assert self.case is not None
        actor = OTHER if name in ("verify", "fail") else WORKER
        done = moved(self.case, Asked(move=name, given=given), actor, World(clocks=CLOCKS, tree=TREE, at=at))
        self.case = done.case
        self.steps.append(Step(name, done.case.state, at, done.details))
        return self

    def dispose(self, at: datetime) -> "Life":
        """Accepted, begun and done within two hours."""
        self.move("accept", at - timedelta(hours=2)).move("begin", at - timedelta(hours=1))
        return self.move("dispose", at, note="done")

    def close(self, at: datetime) -> "Life":
        """Verified at once."""
        return self.move("ask_verification", at).move("verify", at).move("close", at)


def put_lives(conn: Connection, lives: list[Life]) -> None:
    for life in lives:
        _put_report(conn, life)
        if life.case:
            _put_case(conn, life.case, life.steps)


def _put_report(conn: Connection, life: Life) -> None:
    report_id = life.case.report_id if life.case else uuid.uuid4()
    kind, code = life.subclass
    conn.execute(
        "INSERT INTO report (id, channel, external_id, kind, subclass_code, reported_at, state, current_area_ids,"
        " confirm_due_at, register_due_at) VALUES (%s, 'hotline', %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            report_id, str(report_id), kind, code, life.reported_at, "registered" if life.case else "reported",
            life.area_ids, life.confirm_due_at, life.register_due_at,
        ),
    )  # fmt: skip
    conn.execute(
        "INSERT INTO routing_decision (report_id, manual_reason, rule, area_revision, duty_revision, inventory_batch)"
        " VALUES (%s, %s, %s, 0, 0, 0)",
        (report_id, life.manual_reason, life.rule),
    )
    if life.confirmed_at:
        conn.execute(
            "INSERT INTO report_step (report_id, step, move, state, at, actor)"
            " VALUES (%s, 1, %s, 'confirmed', %s, 'test')",
            (report_id, life.confirmed_by, life.confirmed_at),
        )


def _put_case(conn: Connection, case: Case, steps: list[Step]) -> None:
    found: Any = conn.execute(
        "INSERT INTO cases (report_id, lead, lane, state, registered_at, closed_at, version, due_at, due_provisional,"
        " stage, stage_due_at) VALUES (%(report_id)s, %(lead)s, %(lane)s, %(state)s, %(registered_at)s, %(closed_at)s,"
        " %(version)s, %(due_at)s, %(due_provisional)s, %(stage)s, %(stage_due_at)s) RETURNING id",
        {**vars(case), "clock": None, "extension_asked": None, "hops": None},
    ).fetchone()
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO case_step (case_id, step, state, at, actor, move, details)"
            " VALUES (%s, %s, %s, %s, 'test', %s, %s)",
            [
                (found[0], n, one.state, one.at, one.move, json.dumps(dict(one.details)))
                for n, one in enumerate(steps, 1)
            ],
        )
        cursor.executemany(
            "INSERT INTO case_hop (case_id, hop, department, above, given_at, accept_due_at, accepted_at, ended_at,"
            " how) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (found[0], h.hop, h.department, h.above, h.given_at, h.accept_due_at, h.accepted_at, h.ended_at, h.how)
                for h in case.hops
            ],
        )


def june(day: float, month: int = 6) -> datetime:
    """A moment of June 2026 in Shanghai: 8.5 is noon of the eighth."""
    start = datetime(2026, month, 1, tzinfo=ZONE).astimezone(UTC)
    return start + timedelta(days=day - 1)


TOMORROW = date(2027, 1, 1)
GIVEN: Mapping[str, Any] = {
    "note": "because", "department": "east", "limit": {"value": 2, "unit": "natural_days"}, "file_number": "1",
    "statutory_due": TOMORROW, "review_at": datetime(2027, 1, 1, tzinfo=UTC), "photos_before": ["1"],
    "photos_after": ["2"],
}  # fmt: skip
"""What moves of a walk at random are given, if they need it."""
