"""A stored decision made again: what was known then, by the rules of then."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from gridsvc.casework.stored import stored_day, stored_situation
from gridsvc.domain.duties import Problem
from gridsvc.domain.routing import DESK, Decision, RuleBook, route
from gridsvc.errors import InputError, NotFoundError
from gridsvc.store import areas, casework, duty_edits
from gridsvc.store.city import City, departments, subclasses
from gridsvc.store.connection import Connection

COMPARED = ("lead", "co_operating", "supervising", "lane", "rule", "manual_reason")


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """`differs` is empty if the answer is the same; departments and kinds of area are those of today."""

    report: UUID
    day: date
    """On which the rules had to be in force."""
    area_revision: int
    duty_revision: int
    differs: dict[str, dict[str, Any]]
    """By field what is stored and what comes out now."""

    @property
    def same(self) -> bool:
        return not self.differs


def replay(conn: Connection, city: City, report_id: UUID) -> Replayed:
    """The newest decision about a report, with the rules as their revision left them."""
    found = casework.report_by_id(conn, report_id)
    if found is None or found["explanation"] is None:
        raise NotFoundError(f"report {report_id} does not exist", zh=f"没有上报 {report_id}")
    if found["rule"] == DESK:
        raise InputError(
            f"report {report_id} was decided by hand: there is no rule to replay",
            zh=f"上报 {report_id} 由人工分派，无规则可重放",
        )
    told, classes = found["explanation"], {(s.kind, s.subclass_code): s.class_code for s in subclasses(conn)}
    day = stored_day(told, found["reported_at"], ZoneInfo(city.time_zone))
    problem = Problem(
        kind=told["kind"], class_code=classes.get((told["kind"], told["subclass_code"])),
        subclass_code=told["subclass_code"], day=day, category=told["category"],
    )  # fmt: skip
    book = rule_book_as_of(conn, city, found["duty_revision"], found["area_revision"])
    decision = route(problem, stored_situation(told, placed=found["lon"] is not None), book)
    return Replayed(
        report=report_id, day=day, area_revision=found["area_revision"], duty_revision=found["duty_revision"],
        differs=_differences({**found, "manual_reason": told["manual_reason"]}, decision),
    )  # fmt: skip


def rule_book_as_of(conn: Connection, city: City, revision: int, areas_revision: int) -> RuleBook:
    return RuleBook(
        areas.kinds(conn),
        duty_edits.duties_as_of(conn, revision, areas_revision),
        duty_edits.lanes_as_of(conn, revision, areas_revision),
        departments(conn),
        city.fallback_department,
    )


def _differences(stored: dict[str, Any], decision: Decision) -> dict[str, dict[str, Any]]:
    differs = {}
    for name in COMPARED:
        now = getattr(decision, name)
        now = list(now) if isinstance(now, tuple) else now
        if stored[name] != now:
            differs[name] = {"stored": stored[name], "replayed": now}
    return differs
