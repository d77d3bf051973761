"""Rules of duty and of lane, each table with its revisions, and the rule book of the moment."""

import dataclasses
import hashlib
from collections.abc import Collection, Sequence

from gridsvc.domain.duties import DutyRule, LaneRule, Rule
from gridsvc.domain.routing import RuleBook
from gridsvc.store import areas
from gridsvc.store.city import City, departments
from gridsvc.store.connection import Connection
from gridsvc.store.rows import execute_many, objects, value


def duty_rules(conn: Connection) -> list[DutyRule]:
    rows = objects(conn, DutyRule, "duty_rules")
    return [dataclasses.replace(r, co_operating=tuple(r.co_operating), supervising=tuple(r.supervising)) for r in rows]


def lane_rules(conn: Connection) -> list[LaneRule]:
    return objects(conn, LaneRule, "lane_rules")


def rule_book(conn: Connection, city: City, without: Collection[str] = ()) -> RuleBook:
    """The rules of the newest revisions, but for those of the tables named in `without`."""
    duties, lanes = duty_rules(conn), lane_rules(conn)
    return RuleBook(
        areas.kinds(conn),
        [rule for rule in duties if rule.origin not in without],
        [rule for rule in lanes if rule.origin not in without],
        {department.code: department.on_platform for department in departments(conn)},
        city.fallback_department,
    )


def add_duty_rules(conn: Connection, origin: str, rules: Sequence[DutyRule]) -> tuple[int, bool]:
    """Load a table of rules unless it is in force already; its revision, and whether it is new.

    The newest revision of a table replaces its older ones, which stay for the decisions that they made.
    """
    return _add_rules(conn, origin, rules, "add_duty_rule")


def add_lane_rules(conn: Connection, origin: str, rules: Sequence[LaneRule]) -> tuple[int, bool]:
    """The same for a table of lanes."""
    return _add_rules(conn, origin, rules, "add_lane_rule")


def _add_rules(conn: Connection, origin: str, rules: Sequence[Rule], query: str) -> tuple[int, bool]:
    checksum = hashlib.sha256(repr((origin, list(rules))).encode()).hexdigest()
    known = value(conn, "rule_revision_in_force", origin=origin, checksum=checksum)
    if known is not None:
        return known, False
    revision = value(conn, "add_rule_revision", origin=origin, checksum=checksum)
    rows = [{**dataclasses.asdict(rule), "revision": revision} for rule in rules]
    for row in rows:
        row.update({name: list(listed) for name, listed in row.items() if isinstance(listed, tuple)})
    execute_many(conn, query, rows)
    return revision, True
