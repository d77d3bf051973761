"""Lives of cases, written straight into the tables: for figures, which read what a life left behind."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gridsvc.store.connection import Connection


@dataclass
class Hop:
    department: str
    given_at: datetime
    above: int | None = None
    accept_due_at: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    how: str | None = None


@dataclass
class Step:
    move: str
    state: str
    at: datetime
    details: dict[str, str] = field(default_factory=dict)


@dataclass
class Life:
    """A report, and the case that came of it if it has steps."""

    reported_at: datetime
    lead: str = "west"
    lane: str = "dispatched"
    due_at: datetime | None = None
    steps: list[Step] = field(default_factory=list)
    hops: list[Hop] = field(default_factory=list)
    subclass: tuple[str, str] = ("event", "0110")
    area_ids: list[int] = field(default_factory=list)
    manual_reason: str | None = None
    rule: str | None = None
    confirm_due_at: datetime | None = None
    confirmed_at: datetime | None = None
    stage: tuple[str, datetime] | None = None
    """What is to happen next, until when."""

    @property
    def closed_at(self) -> datetime | None:
        last = self.steps[-1]
        return last.at if last.state in ("closed", "voided", "merged") else None


def put_lives(conn: Connection, lives: list[Life]) -> list[int | None]:
    """Reports of the channel `hotline`, decided and registered; their cases."""
    return [_put(conn, life) for life in lives]


def _put(conn: Connection, life: Life) -> int | None:
    report_id = uuid.uuid4()
    kind, code = life.subclass
    conn.execute(
        "INSERT INTO report (id, channel, external_id, kind, subclass_code, reported_at, state, current_area_ids,"
        " confirm_due_at, departments) VALUES (%s, 'hotline', %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            report_id, str(report_id), kind, code, life.reported_at, "registered" if life.steps else "reported",
            life.area_ids, life.confirm_due_at, [life.lead],
        ),
    )  # fmt: skip
    conn.execute(
        "INSERT INTO routing_decision (report_id, lead, manual_reason, rule, area_revision, duty_revision,"
        " inventory_batch) VALUES (%s, %s, %s, %s, 0, 0, 0)",
        (report_id, None if life.manual_reason else life.lead, life.manual_reason, life.rule),
    )
    if life.confirmed_at:
        conn.execute(
            "INSERT INTO report_step (report_id, step, move, state, at, actor)"
            " VALUES (%s, 1, 'confirm', 'confirmed', %s, 'test')",
            (report_id, life.confirmed_at),
        )
    return _put_case(conn, report_id, life) if life.steps else None


def _put_case(conn: Connection, report_id: uuid.UUID, life: Life) -> int:
    stage, stage_due_at = life.stage or (None, None)
    row: Any = conn.execute(
        "INSERT INTO cases (report_id, lead, lane, state, registered_at, closed_at, version, due_at, due_provisional,"
        " stage, stage_due_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, false, %s, %s) RETURNING id",
        (
            report_id, life.lead, life.lane, life.steps[-1].state, life.steps[0].at, life.closed_at,
            len(life.steps), life.due_at, stage, stage_due_at,
        ),
    ).fetchone()  # fmt: skip
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO case_step (case_id, step, state, at, actor, move, details) VALUES (%s, %s, %s, %s, 'test', %s, %s)",
            [(row[0], n, one.state, one.at, one.move, json.dumps(one.details)) for n, one in enumerate(life.steps, 1)],
        )
        cursor.executemany(
            "INSERT INTO case_hop (case_id, hop, department, above, given_at, accept_due_at, accepted_at, ended_at, how)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (row[0], n, h.department, h.above, h.given_at, h.accept_due_at, h.accepted_at, h.ended_at, h.how)
                for n, h in enumerate(life.hops, 1)
            ],
        )
    return int(row[0])
