"""Cases: registered, moved step by step, looked at. Also the steps of reports before they are cases."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from gridsvc.domain.case_states import REMOVED
from gridsvc.domain.cases import Actor, Case, Hop
from gridsvc.domain.limits import STATUTORY_DAYS, WARN_MINUTES
from gridsvc.domain.timing import Timing, clock_json, clock_of, limit_json, limit_of
from gridsvc.store.connection import Connection
from gridsvc.store.rows import dicts, execute, execute_many, tuples, value, values

_FIELDS = {field.name for field in fields(Case)}


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """A report that is registered; in the lanes of departments it is dispatched to its lead at once."""

    report_id: UUID
    lead: str
    lane: str
    registered_at: datetime
    closed_at: datetime | None
    """When the channel recorded it as closed (history)."""
    timing: Timing
    stage_due_at: datetime | None
    """When the lead is to have accepted it."""
    split_from: int | None = None


def add_cases(conn: Connection, new: Sequence[NewCase], actor: str) -> dict[UUID, int]:
    """Numbers of cases by report."""
    rows = [
        {
            "report_id": one.report_id, "lead": one.lead, "lane": one.lane, "registered_at": one.registered_at,
            "closed_at": one.closed_at, "condition": one.timing.condition,
            "clock": clock_json(one.timing.clock) if one.timing.clock else None, "due_at": one.timing.due_at,
            "due_provisional": one.timing.provisional, "due_reason": one.timing.reason,
            "stage_due_at": one.stage_due_at, "split_from": one.split_from,
        }
        for one in new
    ]  # fmt: skip
    added = dicts(conn, "add_cases", actor=actor, cases=json.dumps(rows, ensure_ascii=False, default=str))
    return {row["report_id"]: row["id"] for row in added}


def ask_confirmations(conn: Connection, due: Mapping[UUID, datetime | None], at: datetime, actor: str) -> None:
    """New reports are to be confirmed until then, by whoever is on duty where they lie."""
    execute(conn, "ask_confirmations", ids=list(due), due_at=list(due.values()), at=at, actor=actor)


def await_registration(conn: Connection, due: Mapping[UUID, datetime | None]) -> None:
    """Reports that wait for a person are to be registered or rejected until then."""
    execute(conn, "await_registration", ids=list(due), due_at=list(due.values()))


@dataclass(frozen=True, kw_only=True)
class Access:
    """How a caller stands to a case."""

    by_area: bool
    departments: list[str]


def case_access(conn: Connection, case_id: int) -> Access | None:
    """As the caller; None if the caller does not see it."""
    found = dicts(conn, "case_access", id=case_id)
    return Access(**found[0]) if found else None


def lock_cases(conn: Connection, ids: Sequence[int]) -> list[Case]:
    """In the order of their numbers, so that nobody waits in a circle."""
    rows = dicts(conn, "lock_cases", ids=list(ids))
    hops: dict[int, list[Hop]] = defaultdict(list)
    for row in dicts(conn, "hops_of", ids=list(ids)):
        hops[row.pop("case_id")].append(Hop(**row))
    disposers = {row["case_id"]: row for row in dicts(conn, "disposers_of", ids=list(ids))}
    return [_case(row, hops[row["id"]], disposers.get(row["id"])) for row in rows]


def lock_cases_of(conn: Connection, reports: Sequence[UUID]) -> list[Case]:
    """The open ones of some reports."""
    return lock_cases(conn, values(conn, "lock_cases_of", reports=list(reports)))


def _case(row: Mapping[str, Any], hops: Sequence[Hop], disposers: Mapping[str, Any] | None) -> Case:
    known = {name: found for name, found in row.items() if name in _FIELDS}
    return Case(
        **{
            **known,
            "clock": clock_of(row["clock"]) if row["clock"] else None,
            "extension_asked": limit_of(row["extension_asked"]) if row["extension_asked"] else None,
            "hops": tuple(hops),
            "disposers": frozenset(disposers["actors"] if disposers else ()),
            "disposing_departments": frozenset(disposers["departments"] if disposers else ()),
        }
    )


def save_case(conn: Connection, before: Case, after: Case) -> None:
    """With its hops, as far as they changed."""
    given = {name: getattr(after, name) for name in _FIELDS}
    given["clock"] = Jsonb(clock_json(after.clock)) if after.clock else None
    given["extension_asked"] = Jsonb(limit_json(after.extension_asked)) if after.extension_asked else None
    execute(conn, "save_case", **given)
    changed = [hop for hop in after.hops if hop not in before.hops]
    if changed:
        execute_many(conn, "save_hop", [{**asdict(hop), "case_id": after.id} for hop in changed])


@dataclass(frozen=True, kw_only=True)
class Step:
    """What somebody did."""

    step: int
    move: str
    state: str
    """Afterwards."""
    at: datetime
    actor: str
    department: str | None
    note: str | None
    photos: Sequence[UUID]
    details: Mapping[str, Any]

    def row(self) -> dict[str, Any]:
        return {**vars(self), "photos": list(self.photos), "details": Jsonb(dict(self.details))}


def add_case_step(conn: Connection, case_id: int, step: Step) -> None:
    execute(conn, "add_case_step", case_id=case_id, **step.row())


def case_steps(conn: Connection, case_id: int, *, after: int = 0) -> list[dict[str, Any]]:
    return dicts(conn, "case_steps", id=case_id, after=after)


def hops_of(conn: Connection, case_id: int) -> list[dict[str, Any]]:
    found = dicts(conn, "hops_of", ids=[case_id])
    return [{name: each for name, each in row.items() if name != "case_id"} for row in found]


def show_also_to(conn: Connection, report_id: UUID, department: str) -> None:
    execute(conn, "show_also_to", report_id=report_id, department=department)


def name_of_report(conn: Connection, report_id: UUID) -> tuple[str, str]:
    """Channel and external id."""
    ((channel, external_id),) = tuples(conn, "name_of_report", id=report_id)
    return channel, external_id


def photos_of_case(conn: Connection, report_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Those of some pictures that are of this report."""
    return set(values(conn, "photos_of_case", report_id=report_id, ids=list(ids)))


def case_by_id(conn: Connection, case_id: int) -> dict[str, Any] | None:
    found = dicts(conn, "case_by_id", id=case_id, removed=list(REMOVED))
    return found[0] if found else None


def as_seen(conn: Connection, found: Mapping[str, Any]) -> Case:
    """What `case_by_id` found, to ask which moves are possible."""
    disposers = dicts(conn, "disposers_of", ids=[found["id"]])
    return _case(found, [Hop(**hop) for hop in hops_of(conn, found["id"])], disposers[0] if disposers else None)


def guide_of(conn: Connection, kind: str | None, subclass_code: str | None) -> dict[str, Any] | None:
    found = dicts(conn, "guide_of", kind=kind, subclass_code=subclass_code)
    return found[0] if found else None


def replace_guides(conn: Connection, rows: Sequence[Mapping[str, str]]) -> None:
    execute(conn, "clear_guides")
    execute_many(conn, "add_guide", rows)


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """Which cases; `to_time` is exclusive. `mine`: open ones that the caller works on."""

    states: list[str] | None = None
    lane: str | None = None
    department: str | None = None
    """That has it, or leads."""
    kind: str | None = None
    subclass_code: str | None = None
    area_kind: str | None = None
    area_code: str | None = None
    from_time: datetime | None = None
    to_time: datetime | None = None
    overdue: bool | None = None
    review_due: bool = False
    """On the backlog, and to be reviewed by now."""
    mine: bool = False

    def values(self) -> dict[str, Any]:
        return {**vars(self), "removed": list(REMOVED)}


def cases_page(conn: Connection, chosen: CaseFilter, *, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
    """How many there are in all, and one page of them, newest first."""
    total = int(value(conn, "cases_total", **chosen.values()))
    return total, dicts(conn, "cases_page", limit=limit, offset=offset, **chosen.values())


def nearly_due(conn: Connection, states: Collection[str], limit: int) -> list[int]:
    """Open cases that will be due within the minutes that the city says, and were not warned of; locked.

    Those with a statutory date are warned of some days before it.
    """
    given = {"usual": WARN_MINUTES, "days": STATUTORY_DAYS, "states": sorted(states), "limit": limit}
    return values(conn, "cases_nearly_due", **given)


def without_due(conn: Connection) -> list[int]:
    """Open cases of which it could not be told when they are due."""
    return values(conn, "cases_without_due")


def report_by_area(conn: Connection, report_id: UUID) -> bool | None:
    """Whether a report lies in the caller's areas of duty; None if the caller does not see it."""
    return value(conn, "report_access", id=report_id)  # type: ignore[no-any-return]


def lock_report(conn: Connection, report_id: UUID) -> dict[str, Any]:
    return dicts(conn, "lock_report", id=report_id)[0]


def save_report(
    conn: Connection, report_id: UUID, state: str, condition: str | None, channel_due_at: datetime | None
) -> None:
    execute(conn, "save_report", id=report_id, state=state, condition=condition, channel_due_at=channel_due_at)


def save_channel_due(conn: Connection, report_id: UUID, at: datetime) -> None:
    """Until when the channel wants an answer."""
    execute(conn, "save_channel_due", id=report_id, at=at)


def add_report_step(conn: Connection, report_id: UUID, step: Step) -> None:
    execute(conn, "add_report_step", report_id=report_id, **step.row())


def report_steps(conn: Connection, report_id: UUID, *, after: int = 0) -> list[dict[str, Any]]:
    return dicts(conn, "report_steps", id=report_id, after=after)


def confirmations_page(
    conn: Connection, confirmer: str | None, *, nobodys: bool, limit: int, offset: int
) -> tuple[int, list[dict[str, Any]]]:
    """Reports that wait for confirmation: of everybody, of one account, or of nobody (the shift leader's list)."""
    asked = {"confirmer": confirmer, "nobodys": nobodys}
    total = int(value(conn, "confirmations_total", **asked))
    return total, dicts(conn, "confirmations_page", limit=limit, offset=offset, **asked)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Of a case that becomes a case of its own."""

    case_id: int
    report_id: UUID
    new_id: UUID
    external_id: str
    condition: str | None
    lead: str
    lane: str
    actor: Actor
    note: str


def copy_report(conn: Connection, part: Part) -> None:
    """A second report of the same problem, decided by hand."""
    execute(
        conn, "copy_report", new_id=part.new_id, external_id=part.external_id, condition=part.condition,
        case_id=part.case_id, report_id=part.report_id,
    )  # fmt: skip
    explanation = {"winner": {"rule": "desk", "lead": part.lead, "by": part.actor.name, "reason": part.note}}
    execute(
        conn, "copy_decision", new_id=part.new_id, report_id=part.report_id, lead=part.lead, lane=part.lane,
        explanation=Jsonb(explanation),
    )  # fmt: skip
