"""Reports that repeat others."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gridsvc.domain.duplicates import USUAL_RULE, Duplicate, DuplicateRule
from gridsvc.store.casework import LINKED, Routed
from gridsvc.store.connection import Connection
from gridsvc.store.rows import dicts, execute, execute_many, objects, tuples, value

PROPOSED, REFUSED = "proposed", "refused"


@dataclass(frozen=True, kw_only=True)
class Near:
    """The rule of a report's subclass, and the open report that it may repeat."""

    rule: DuplicateRule
    known: Duplicate | None


def take_turns(conn: Connection) -> None:
    """Whoever folds waits here until the transactions that fold before it have ended."""
    execute(conn, "take_turns_folding")


def repeated_reports(conn: Connection, srid: int, routed: Sequence[Routed], *, stored: bool) -> dict[int, Near]:
    """By position; those without a place or a subclass are not there, nor those that are stored unless `stored`."""
    asked = [n for n, one in enumerate(routed) if one.place is not None and one.report.subclass_code is not None]
    if not asked:
        return {}
    reports = [routed[n].report for n in asked]
    places = [place for n in asked if (place := routed[n].place)]
    found: dict[int, Near] = {}
    for position, radius, fold, minutes, first, by, distance, at in tuples(
        conn, "repeated_reports", stored=stored, srid=srid, ids=[r.id for r in reports],
        components=[routed[n].matched_component for n in asked], kinds=[r.kind for r in reports],
        subclass_codes=[r.subclass_code for r in reports], times=[r.reported_at for r in reports],
        x=[x for x, _ in places], y=[y for _, y in places], **dataclasses.asdict(USUAL_RULE),
    ):  # fmt: skip
        sure = first is not None and (by == "component" or distance <= fold)
        known = Duplicate(of=first, by=by, distance_m=distance, at=at, sure=sure) if first else None
        found[asked[position]] = Near(rule=DuplicateRule(radius_m=radius, fold_m=fold, minutes=minutes), known=known)
    return found


def add_duplicates(conn: Connection, routed: Sequence[Routed], duplicates: Mapping[UUID, Duplicate]) -> None:
    """What was found about reports; those that are linked already are said to be."""
    told = [(r, duplicates[r.report.id]) for r in routed if r.report.id in duplicates]
    if not told:
        return
    execute(
        conn,
        "add_duplicates",
        report_ids=[r.report.id for r, _ in told],
        of_report_ids=[duplicate.of for _, duplicate in told],
        by=[duplicate.by for _, duplicate in told],
        distances=[duplicate.distance_m for _, duplicate in told],
        minutes=[int(abs((r.report.reported_at - duplicate.at).total_seconds()) / 60) for r, duplicate in told],
        states=[LINKED if r.linked_to else PROPOSED for r, _ in told],
    )


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of two reports, as far as it matters whether they are the same."""

    id: UUID
    state: str
    linked_to: UUID | None
    case_id: int | None
    closed: bool

    @property
    def open(self) -> bool:
        return not self.closed and self.state not in ("rejected", "voided")


def both_sides(conn: Connection, report_id: UUID, of: UUID) -> dict[UUID, Side]:
    """The two, which nobody else changes until the transaction ends."""
    execute(conn, "lock_sides", ids=[report_id, of])
    return {side.id: side for side in objects(conn, Side, "both_sides", ids=[report_id, of])}


def link(conn: Connection, report_id: UUID, of: UUID, account: str | None) -> None:
    """The report repeats the other, and so does whatever repeats it."""
    execute(conn, "link_report", report_id=report_id, of=of)
    execute(conn, "pass_on_duplicates", report_id=report_id, of=of)
    _tell(conn, report_id, of, LINKED, account)


def refuse(conn: Connection, report_id: UUID, of: UUID, account: str | None) -> None:
    """The report does not repeat the other; if it was linked, it stands for itself again."""
    execute(conn, "unlink_report", report_id=report_id, of=of)
    _tell(conn, report_id, of, REFUSED, account)


def _tell(conn: Connection, report_id: UUID, of: UUID, state: str, account: str | None) -> None:
    execute(conn, "tell_duplicate", report_id=report_id, of=of, state=state, account=account)


def duplicate_state(conn: Connection, report_id: UUID, of: UUID) -> str | None:
    """What is said of the two so far; None: nothing."""
    found: str | None = value(conn, "duplicate_state", report_id=report_id, of=of)
    return found


def what_it_repeats(conn: Connection, report_id: UUID) -> list[dict[str, Any]]:
    return dicts(conn, "what_it_repeats", report_id=report_id)


def what_repeats_it(conn: Connection, report_id: UUID, *, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
    """How many there are in all, and one page, newest first."""
    total = int(value(conn, "what_repeats_it_total", report_id=report_id))
    return total, dicts(conn, "what_repeats_it", report_id=report_id, limit=limit, offset=offset)


def duplicate_rules(conn: Connection) -> list[dict[str, Any]]:
    return dicts(conn, "duplicate_rules")


def declare_duplicate_rules(conn: Connection, rules: Iterable[Mapping[str, Any]]) -> None:
    """These instead of those that there were."""
    execute(conn, "clear_duplicate_rules")
    execute_many(conn, "add_duplicate_rule", rules)
