"""Tables of rules as they were and as somebody changes them: each change is a new revision of its whole table."""

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from gridsvc.domain.crs import FloatArray
from gridsvc.domain.duties import DutyRule, LaneRule, Rule
from gridsvc.store.connection import Connection
from gridsvc.store.rows import copy_in, execute, objects, tuples, value

NEWEST = 2**31 - 1
"""Of a revision: whatever there is."""


@dataclass(frozen=True, kw_only=True)
class RuleRevision:
    revision: int
    origin: str
    loaded_at: datetime
    edited: bool
    """By somebody's hand or file; otherwise it was loaded with the city."""
    reason: str | None
    duties: int
    lanes: int


@dataclass(frozen=True, kw_only=True)
class RuleTableAt:
    """A table of rules, and its newest revision."""

    origin: str
    revision: int
    of_lanes: bool
    """Whether it ever held rules of lanes."""
    of_duties: bool


@dataclass(frozen=True, kw_only=True)
class NamedArea:
    kind: str
    code: str
    in_force: bool
    """Today, or from a day to come."""
    has_heirs: bool
    name_zh: str
    name_en: str


def lock_rules(conn: Connection) -> None:
    """Nobody else changes the rules until the transaction ends."""
    execute(conn, "lock_rules")


def revisions(conn: Connection, origin: str | None, *, limit: int, offset: int) -> tuple[int, list[RuleRevision]]:
    """How many there are, of one table or of all, and some of them, newest first."""
    found = objects(conn, RuleRevision, "rule_revisions", origin=origin, limit=limit, offset=offset)
    return int(value(conn, "rule_revisions_total", origin=origin)), found


def tables(conn: Connection, as_of: int | None = None) -> dict[str, RuleTableAt]:
    return {row.origin: row for row in objects(conn, RuleTableAt, "rule_tables", as_of=as_of)}


def duties_as_of(conn: Connection, revision: int | None = None, areas: int | None = None) -> list[DutyRule]:
    """The rules as a revision left them, for the areas as a revision of those left them."""
    given = {"as_of": NEWEST if revision is None else revision, "areas": NEWEST if areas is None else areas}
    rows = objects(conn, DutyRule, "duties_as_of", **given)
    return [dataclasses.replace(r, co_operating=tuple(r.co_operating), supervising=tuple(r.supervising)) for r in rows]


def lanes_as_of(conn: Connection, revision: int | None = None, areas: int | None = None) -> list[LaneRule]:
    given = {"as_of": NEWEST if revision is None else revision, "areas": NEWEST if areas is None else areas}
    return objects(conn, LaneRule, "lanes_as_of", **given)


def place_of_rule(conn: Connection, rule_id: int, *, of_lanes: bool) -> tuple[str, int] | None:
    """The table and the revision that it stands in."""
    rows = tuples(conn, "origin_of_rule", id=rule_id, of_lanes=of_lanes)
    return (rows[0][0], rows[0][1]) if rows else None


def put_duties(
    conn: Connection, origin: str, rules: Sequence[DutyRule], *, edited: bool, reason: str | None = None
) -> int:
    """A new revision of a table, which holds these rules; its number. They get new ids, in their order."""
    revision = _add_revision(conn, origin, rules, edited, reason)
    copy_in(
        conn,
        "COPY duty_rule (revision, kind, class_code, subclass_code, area_kind, area_code, lane, priority, valid_from,"
        " valid_to, source, name, lead, co_operating, supervising, level) FROM STDIN",
        ((revision, *_row(r), r.lead, list(r.co_operating), list(r.supervising), r.level) for r in rules),
    )
    return revision


def put_lanes(
    conn: Connection, origin: str, rules: Sequence[LaneRule], *, edited: bool, reason: str | None = None
) -> int:
    """The same for rules of lanes."""
    revision = _add_revision(conn, origin, rules, edited, reason)
    copy_in(
        conn,
        "COPY lane_rule (revision, kind, class_code, subclass_code, area_kind, area_code, lane, priority, valid_from,"
        " valid_to, source, name) FROM STDIN",
        ((revision, *_row(r)) for r in rules),
    )
    return revision


def _add_revision(conn: Connection, origin: str, rules: Sequence[Rule], edited: bool, reason: str | None) -> int:
    checksum = hashlib.sha256(repr((origin, list(rules))).encode()).hexdigest()
    return int(
        value(conn, "add_edited_revision", origin=origin, checksum=checksum, edited=edited, reason=reason or None)
    )


def _row(rule: Rule) -> tuple[Any, ...]:
    return (
        rule.kind, rule.class_code, rule.subclass_code, rule.area_kind, rule.area_code, rule.lane, rule.priority,
        rule.valid_from, rule.valid_to, rule.source, rule.name,
    )  # fmt: skip


def areas_named(conn: Connection, named: Iterable[tuple[str, str]]) -> dict[tuple[str, str], NamedArea]:
    """By kind and code, those that there are or were."""
    kinds, codes = zip(*named, strict=True) if (named := sorted(set(named))) else ((), ())
    rows = objects(conn, NamedArea, "areas_named", kinds=list(kinds), codes=list(codes))
    return {(row.kind, row.code): row for row in rows}


def places_in_areas(conn: Connection, kinds: Sequence[str]) -> FloatArray:
    """One place inside each area of these kinds in force, shape (n, 2)."""
    return np.array(tuples(conn, "places_in_areas", kinds=list(kinds)), dtype=np.float64).reshape(-1, 2)
