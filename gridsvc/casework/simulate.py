"""Routing past reports again by other rules or in other areas, without writing: what would move from whom to whom."""

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from gridsvc.casework.explanations import is_about, sensitive_subclasses
from gridsvc.casework.situations import Claim, Situations
from gridsvc.casework.stored import stored_day, stored_location, stored_match
from gridsvc.domain.crs import FloatArray
from gridsvc.domain.duties import AnyRule, DutyRule, Heirs, LaneRule, Problem, with_heirs
from gridsvc.domain.location import Location
from gridsvc.domain.routing import Decision, RuleBook, Situation, route
from gridsvc.errors import one_of
from gridsvc.store import casework, channels, duties
from gridsvc.store.casework import ReportFilter
from gridsvc.store.city import City, subclasses
from gridsvc.store.connection import Connection
from gridsvc.store.locating import SqlLocator

LOT = 2_000
"""Reports that are held in memory at a time."""
Row = dict[str, Any]


MOST_MOVED = 1_000_000
"""Reports that are listed, about a kilobyte each; all are counted."""


@dataclass(frozen=True, kw_only=True)
class OtherAreas:
    """Areas that are tried, instead of those of each report's own time."""

    locate: Callable[[FloatArray, FloatArray], Sequence[Location]]
    """Takes x and y in the city's CRS."""
    heirs: Heirs = field(default_factory=dict)
    """Of areas that end by them, where the store does not know them yet."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is tried. An added table takes the place of the one of its name (`origin`), as it would in earnest."""

    without: Collection[str] = ()
    """Tables in force that are left out."""
    alone: bool = False
    """All tables in force are left out: only those that are added count."""
    duties: Sequence[DutyRule] = ()
    lanes: Sequence[LaneRule] = ()
    areas: OtherAreas | None = None


AS_IT_IS = Trial()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Who has a report: a lead in a lane, or the manual desk for a reason."""

    lead: str | None
    lane: str | None
    manual_reason: str | None

    @property
    def who(self) -> str:
        return self.lead or f"manual desk: {self.manual_reason}"


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A report that others would have, or in another lane."""

    report: Mapping[str, Any]
    """Its id, channel, external_id, reported_at, kind, subclass_code, category, x and y."""
    was: Answer
    becomes: Answer
    rule: str | None
    recorded: str | None
    """The department that the channel recorded."""


@dataclass(kw_only=True)
class Simulated:
    reports: int = 0
    automatic: int = 0
    compared: int = 0
    """Automatic ones for which the channel recorded a department."""
    agree: int = 0
    withheld: int = 0
    """Not decided anew: they are about sensitive components, whose parties are not for everybody."""
    unsure: int = 0
    """Not decided anew: with other areas they may lie in several, since their place is not exact."""
    manual: Counter[str] = field(default_factory=Counter)
    manual_categories: Counter[str] = field(default_factory=Counter)
    wrong: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(recorded, routed) departments that disagree."""
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(recorded department, who it is routed to or the manual desk), those that agree too."""
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(who has it, who would have it) of those that move; the same twice: only the lane is another."""
    moved: list[Moved] = field(default_factory=list)
    """The first of them, at most as many as are kept."""
    kept: int = MOST_MOVED
    moved_total: int = 0

    def add(self, row: Row, decision: Decision) -> None:
        self.reports += 1
        was = Answer(lead=row["lead"], lane=row["lane"], manual_reason=row["manual_reason"])
        becomes = Answer(lead=decision.lead, lane=decision.lane, manual_reason=decision.manual_reason)
        recorded = row["recorded"].get("department")
        if becomes != was:
            self.moves[was.who, becomes.who] += 1
            self.moved_total += 1
            if len(self.moved) < self.kept:
                told = {name: row[name] for name in TOLD}
                moved = Moved(report=told, was=was, becomes=becomes, rule=decision.rule, recorded=recorded)
                self.moved.append(moved)
        if recorded is not None:
            self.confusion[recorded, becomes.who] += 1
        self._count(row, becomes, recorded)

    def _count(self, row: Row, becomes: Answer, recorded: str | None) -> None:
        if becomes.lead is None:
            self.manual[becomes.manual_reason or ""] += 1
            self.manual_categories[row["category"] or "(none)"] += 1
            return
        self.automatic += 1
        if recorded is not None:
            self.compared += 1
            self.agree += recorded == becomes.lead
            if recorded != becomes.lead:
                self.wrong[recorded, becomes.lead] += 1

    def as_json(self) -> dict[str, Any]:
        """All but the list, most first."""
        return {
            "reports": self.reports, "automatic": self.automatic, "compared": self.compared, "agree": self.agree,
            "unsure": self.unsure, "withheld": self.withheld, "moved": self.moved_total,
            "manual": dict(self.manual.most_common()),
            "manual_categories": dict(self.manual_categories.most_common()),
            "moves": _pairs(self.moves, "from", "to"),
            "confusion": _pairs(self.confusion, "recorded", "routed"),
        }  # fmt: skip


def _pairs(counted: Counter[tuple[str, str]], one: str, other: str) -> list[dict[str, Any]]:
    return [{one: was, other: becomes, "count": count} for (was, becomes), count in counted.most_common()]


TOLD = ("id", "channel", "external_id", "reported_at", "kind", "subclass_code", "category", "x", "y")


def simulate(
    conn: Connection,
    city: City,
    channel: str | None,
    chosen: ReportFilter,
    trial: Trial = AS_IT_IS,
    *,
    clearance: bool = True,
    kept: int = MOST_MOVED,
) -> Simulated:
    """Decide every stored report of a channel, or of all, anew, and compare with its newest decision.

    All are counted; of those that move the first `kept` are listed. Without `clearance` reports about sensitive
    components are left out.
    """
    hidden = frozenset[str]() if clearance else sensitive_subclasses(conn)
    if channel is not None:
        channels.check_channel(conn, channel)
    book, result = trial_book(conn, city, trial), Simulated(kept=kept)
    again = _Again(conn, city, book, trial.areas)
    with conn.transaction():
        rows = casework.decided_reports(conn, channel, chosen)
        while read := list(itertools.islice(rows, LOT)):
            lot = [row for row in read if not is_about(row, hidden)]
            result.withheld += len(read) - len(lot)
            for row, problem, situation in again.of(lot):
                if situation is None:
                    result.unsure += 1
                else:
                    result.add(row, route(problem, situation, book))
    return result


def trial_book(conn: Connection, city: City, trial: Trial) -> RuleBook:
    """The rules in force, but for what is left out or replaced, with those that are added."""
    own, lanes, known = duties.duty_rules(conn), duties.lane_rules(conn), duties.heirs(conn)
    origins = sorted({rule.origin for rule in (*own, *lanes)})
    for origin in trial.without:
        if origin not in origins:
            raise one_of("table of rules", origin, origins)
    to_come = trial.areas.heirs if trial.areas else {}
    return duties.rule_book(
        conn, city,
        list(with_heirs(_chosen(own, trial.duties, trial, known), to_come)),
        list(with_heirs(_chosen(lanes, trial.lanes, trial, known), to_come)),
    )  # fmt: skip


def _chosen(in_force: Sequence[AnyRule], added: Sequence[AnyRule], trial: Trial, heirs: Heirs) -> list[AnyRule]:
    """Added rules are numbered after those in force, and hold for heirs as those do."""
    out = {*trial.without, *(rule.origin for rule in added)}
    kept = [] if trial.alone else [rule for rule in in_force if rule.origin not in out]
    last = max((rule.id for rule in in_force), default=0)
    numbered = [replace(rule, id=last + n) for n, rule in enumerate(added, start=1)]
    return [*kept, *with_heirs(numbered, heirs)]


class _Again:
    """What is known about stored reports, from what their newest decisions tell, and by the areas that are tried."""

    def __init__(self, conn: Connection, city: City, book: RuleBook, areas: OtherAreas | None) -> None:
        self._book, self._areas = book, areas
        self._situations = Situations(conn, city.srid, SqlLocator(conn, city.srid), book, {})
        self._classes = {(s.kind, s.subclass_code): s.class_code for s in subclasses(conn)}
        self._zone = ZoneInfo(city.time_zone)

    def of(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Problem, Situation | None]]:
        """No situation for those that may lie in several of the areas that are tried."""
        claims = [
            Claim(
                problem=self._problem(row), place=None if row["x"] is None else (row["x"], row["y"]),
                location=location, at=row["reported_at"], accuracy_m=row["explanation"].get("accuracy_m"),
            )
            for row, location in zip(rows, self._locations(rows), strict=True)
        ]  # fmt: skip
        unsure = {n for n, claim in enumerate(claims) if self._areas and self._situations.reach(claim)}
        elsewhere = {} if self._areas else self._situations.elsewhere(claims)
        for n, (row, claim) in enumerate(zip(rows, claims, strict=True)):
            situation = Situation(
                location=claim.location, accuracy_m=claim.accuracy_m, elsewhere=elsewhere.get(n, ()),
                match=stored_match(row["explanation"]),
            )  # fmt: skip
            yield row, claim.problem, None if n in unsure else situation

    def _problem(self, row: Row) -> Problem:
        return Problem(
            kind=row["kind"], class_code=self._classes.get((row["kind"], row["subclass_code"])),
            subclass_code=row["subclass_code"], day=stored_day(row["explanation"], row["reported_at"], self._zone),
            category=row["category"],
        )  # fmt: skip

    def _locations(self, rows: Sequence[Row]) -> list[Location | None]:
        if self._areas is None:
            return [stored_location(row["explanation"]) if row["x"] is not None else None for row in rows]
        placed = [n for n, row in enumerate(rows) if row["x"] is not None]
        xy = np.array([(rows[n]["x"], rows[n]["y"]) for n in placed], dtype=float).reshape(-1, 2)
        found: list[Location | None] = [None] * len(rows)
        for n, location in zip(placed, self._areas.locate(xy[:, 0], xy[:, 1]), strict=True):
            found[n] = location
        return found
