"""Whistles: blown, answered, arrived at, closed, looked at."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from gridsvc.store.cases import Access
from gridsvc.store.connection import Connection
from gridsvc.store.rows import dicts, execute, execute_many, value

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class NewWhistle:
    """x and y in the city's CRS `srid`."""

    id: UUID
    case_id: int | None
    reason: str
    whistler: str
    at: datetime
    minutes: int
    due_at: datetime
    departments: list[str]
    area_ids: list[int]
    x: float
    y: float
    srid: int


@dataclass(frozen=True, kw_only=True)
class Step:
    """`move`: blow, answer, arrive, report or close."""

    move: str
    at: datetime
    actor: str
    department: str | None = None
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def add_whistle(conn: Connection, new: NewWhistle) -> bool:
    """Whether it is new: one with this id is not blown twice."""
    if value(conn, "add_whistle", **vars(new)) is None:
        return False
    execute_many(conn, "add_whistle_call", [{"whistle_id": new.id, "department": code} for code in new.departments])
    return True


def as_blown(conn: Connection, whistle_id: UUID) -> Row:
    return dicts(conn, "whistle_as_blown", id=whistle_id)[0]


def place_of_case(conn: Connection, case_id: int) -> Row | None:
    """x, y, placed, by_area; None for a case that the caller does not see."""
    found = dicts(conn, "place_of_case", case_id=case_id)
    return found[0] if found else None


def works_in(conn: Connection, area_ids: Sequence[int]) -> bool:
    return bool(value(conn, "works_in", area_ids=list(area_ids)))


def whistle_access(conn: Connection, whistle_id: UUID) -> Access | None:
    """As the caller; None if the caller does not see it."""
    found = dicts(conn, "whistle_access", id=whistle_id)
    return Access(**found[0]) if found else None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A whistle as it stands while it is moved; `calls`: by department whether it has `answered` and `arrived`."""

    id: UUID
    case_id: int | None
    whistler: str
    at: datetime
    closed_at: datetime | None
    calls: Mapping[str, Mapping[str, bool]]


def lock_whistle(conn: Connection, whistle_id: UUID) -> Standing:
    return Standing(**dicts(conn, "lock_whistle", id=whistle_id)[0])


def answer(conn: Connection, whistle_id: UUID, department: str, at: datetime) -> None:
    execute(conn, "answer_call", whistle_id=whistle_id, department=department, at=at)


def arrive(
    conn: Connection, whistle_id: UUID, department: str, at: datetime, xy: tuple[float, float], srid: int
) -> float:
    """Metres from the place."""
    given = {"whistle_id": whistle_id, "department": department, "at": at, "x": xy[0], "y": xy[1], "srid": srid}
    return float(value(conn, "arrive_at_call", **given))


def report(conn: Connection, whistle_id: UUID, department: str, outcome: str) -> None:
    execute(conn, "report_of_call", whistle_id=whistle_id, department=department, outcome=outcome)


def close(conn: Connection, whistle_id: UUID, at: datetime, outcome: str) -> None:
    execute(conn, "close_whistle", id=whistle_id, at=at, outcome=outcome)


def add_step(conn: Connection, whistle_id: UUID, step: Step) -> None:
    execute(conn, "add_whistle_step", **{**vars(step), "whistle_id": whistle_id, "details": Jsonb(dict(step.details))})


def whistle_by_id(conn: Connection, whistle_id: UUID) -> Row | None:
    """With its calls and steps."""
    found = _with_calls(conn, dicts(conn, "whistle_by_id", id=whistle_id))
    return {**found[0], "steps": dicts(conn, "whistle_steps", id=whistle_id)} if found else None


@dataclass(frozen=True, kw_only=True)
class WhistleFilter:
    """`overdue`: only open ones to which somebody has not come in time."""

    open: bool | None = None
    case_id: int | None = None
    department: str | None = None
    overdue: bool = False


def whistles_page(conn: Connection, chosen: WhistleFilter, *, limit: int, offset: int) -> tuple[int, list[Row]]:
    """How many there are in all, and one page of them with their calls, newest first."""
    total = int(value(conn, "whistles_total", **vars(chosen)))
    return total, _with_calls(conn, dicts(conn, "whistles_page", limit=limit, offset=offset, **vars(chosen)))


def _with_calls(conn: Connection, rows: list[Row]) -> list[Row]:
    calls: dict[UUID, list[Row]] = defaultdict(list)
    for call in dicts(conn, "whistle_calls", ids=[row["id"] for row in rows]):
        calls[call.pop("whistle_id")].append(call)
    return [{**row, "calls": calls[row["id"]]} for row in rows]
