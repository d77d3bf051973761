"""Rules of duty and of lane, each table with its revisions, and the rule book of the moment."""

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gridsvc.domain.duties import DutyRule, Ground, Heirs, LaneRule, Rule
from gridsvc.domain.duty_words import Names
from gridsvc.domain.routing import RuleBook
from gridsvc.domain.timing import Clocks
from gridsvc.store import areas, channels
from gridsvc.store.channels import Category, Channel
from gridsvc.store.city import City, departments, subclasses, the_city
from gridsvc.store.clocks import the_clocks
from gridsvc.store.connection import Connection
from gridsvc.store.rows import execute, execute_many, objects, tuples, value


def duty_rules(conn: Connection) -> list[DutyRule]:
    rows = objects(conn, DutyRule, "duty_rules")
    return [dataclasses.replace(r, co_operating=tuple(r.co_operating), supervising=tuple(r.supervising)) for r in rows]


def lane_rules(conn: Connection) -> list[LaneRule]:
    return objects(conn, LaneRule, "lane_rules")


def rule_book(conn: Connection, city: City, duties: Iterable[DutyRule], lanes: Iterable[LaneRule]) -> RuleBook:
    """Rules together with the kinds of area, the departments and the fallback department of today."""
    return RuleBook(areas.kinds(conn), duties, lanes, departments(conn), city.fallback_department)


def heirs(conn: Connection) -> Heirs:
    """Which areas took over from those that ended."""
    found: dict[Ground, list[str]] = defaultdict(list)
    for kind, code, successor in tuples(conn, "area_heirs"):
        found[kind, code].append(successor)
    return found


@dataclass(frozen=True, kw_only=True)
class Rules:
    """All that routing follows besides areas and components; never changes."""

    revision: int
    """Of the rule book, as `current_revisions` tells it."""
    book: RuleBook
    channels: Mapping[str, Channel]
    categories: Mapping[tuple[str, str], Category]
    """The taxonomy, by channel and the channel's own word."""
    classes: Mapping[tuple[str, str], str]
    """Class of each subclass, by kind and code."""
    accuracy_classes: Mapping[str, str | None]
    """Of component subclasses (CJJ/T 106), where the catalogue has one."""
    clocks: Clocks
    names: Names
    """For explanations."""


def names(conn: Connection) -> Names:
    """What departments, subclasses and kinds of area are called."""
    return Names(
        subclasses={(s.kind, s.subclass_code): (s.subclass_zh, s.subclass_en) for s in subclasses(conn)},
        kinds={kind.kind: (kind.name_zh, kind.name_en) for kind in areas.kinds(conn)},
        departments={one.code: (one.name_zh, one.name_en) for one in departments(conn)},
    )


def read_rules(conn: Connection, revision: int) -> Rules:
    """In several questions: the caller asks afterwards whether the revision is still the same."""
    catalogue, city = subclasses(conn), the_city(conn)
    return Rules(
        revision=revision,
        book=rule_book(conn, city, duty_rules(conn), lane_rules(conn)),
        channels=channels.channels(conn),
        categories=channels.categories(conn),
        classes={(s.kind, s.subclass_code): s.class_code for s in catalogue},
        accuracy_classes={s.subclass_code: s.accuracy_class for s in catalogue if s.kind == "component"},
        clocks=the_clocks(conn, city),
        names=names(conn),
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
    execute(conn, "lock_rules")
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
