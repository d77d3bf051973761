"""Changing tables of rules: by hand, rule by rule, or by a file that replaces a table. Every change is a revision."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from gridsvc.casework.matrix_looking import cells_of, difference
from gridsvc.casework.matrix_reading import RuleReader, known_to
from gridsvc.domain.cells import Cells, GivenRow, Problem, refused
from gridsvc.domain.duties import Rule
from gridsvc.domain.duty_checks import repeats
from gridsvc.errors import ConflictError, InputError, NotFoundError
from gridsvc.store import audit, duty_edits
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

MOST_RULES = 100_000
"""Of a table."""


@dataclass(frozen=True, kw_only=True)
class Edited:
    """What became of a change by hand."""

    table: str
    revision: int
    rule: int | None
    """The id that the rule has in it; none if it is gone."""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What became of a file of rules, or would."""

    table: str
    rows: int
    added: int
    removed: int
    unchanged: int
    revision: int
    """The table's newest one, another than before if anything changed; 0 if there is no such table."""
    applied: bool
    problems: list[Problem]


def add_rule(
    conn: Connection, city: City, table: str, given: Mapping[str, str], *, of_lanes: bool, base: int | None,
    reason: str = "",
) -> Edited:  # fmt: skip
    """One more rule in a table, which is new if there is none; `base`: the revision that somebody looked at.

    Needs the system's rights, as all changes do.
    """
    with conn.transaction():
        duty_edits.lock_rules(conn)
        _check_table(conn, table, of_lanes=of_lanes)
        there = _rules_of(conn, table, of_lanes=of_lanes)
        _check_base(conn, table, base, there, of_lanes=of_lanes)
        new = _read(conn, city, given, of_lanes=of_lanes)
        done = _put(conn, table, [*there, new], len(there), of_lanes=of_lanes, reason=reason)
        audit.record(conn, "rule.add", _thing(done), after=_told(new, reason))
    return done


def change_rule(
    conn: Connection, city: City, rule_id: int, given: Mapping[str, str], *, of_lanes: bool, base: int,
    reason: str = "",
) -> Edited:  # fmt: skip
    """What is not said of it stays as it is. ConflictError if the table is not in revision `base` any more."""
    with conn.transaction():
        table, there, place = _found(conn, rule_id, base, of_lanes=of_lanes)
        old = there[place]
        new = _read(conn, city, _becoming(old, given), of_lanes=of_lanes)
        rules = [*there[:place], new, *there[place + 1 :]]
        done = _put(conn, table, rules, place, of_lanes=of_lanes, reason=reason)
        audit.record(conn, "rule.change", _thing(done), before=_told(old), after=_told(new, reason))
    return done


def _becoming(old: Rule, given: Mapping[str, str]) -> dict[str, str]:
    """A subclass brings its class."""
    brought = {"class_code": ""} if given.get("subclass_code") else {}
    return {**cells_of(old), **brought, **given}


def remove_rule(conn: Connection, rule_id: int, *, of_lanes: bool, base: int, reason: str = "") -> Edited:
    """It counts no more; what it decided keeps it."""
    with conn.transaction():
        table, there, place = _found(conn, rule_id, base, of_lanes=of_lanes)
        rules = [*there[:place], *there[place + 1 :]]
        done = _put(conn, table, rules, None, of_lanes=of_lanes, reason=reason)
        audit.record(conn, "rule.remove", _thing(done), before=_told(there[place]), after={"why": reason})
    return done


def import_rules(
    conn: Connection, city: City, file_name: str, rows: Sequence[GivenRow], *, of_lanes: bool, table: str | None = None,
    base: int | None = None, dry_run: bool = False, reason: str = "",
) -> Imported:  # fmt: skip
    """The rows replace a table, which is called as the file if nothing is said, whole or not at all.

    InputError names what is wrong with which rows; a `dry_run` returns it. `base` as for `add_rule`.
    """
    table = table or file_name
    with conn.transaction():
        duty_edits.lock_rules(conn)
        _check_table(conn, table, of_lanes=of_lanes)
        there = _rules_of(conn, table, of_lanes=of_lanes)
        _check_base(conn, table, base, there, of_lanes=of_lanes)
        rules, problems = _read_rows(conn, city, rows, of_lanes=of_lanes)
        if problems and not dry_run:
            raise refused(file_name, problems)
        added, removed = difference(there, rules)
        if not dry_run and (added or removed):
            _put_rules(conn, table, rules, of_lanes=of_lanes, reason=reason or file_name)
            counts = {"added": len(added), "removed": len(removed), "rules": len(rules)}
            audit.record(conn, "rule.import", table, after={"file": file_name, **counts})
        known = duty_edits.tables(conn).get(table)
    return Imported(
        table=table, rows=len(rows), added=len(added), removed=len(removed), unchanged=len(rules) - len(added),
        revision=known.revision if known else 0, applied=not dry_run, problems=problems,
    )  # fmt: skip


def _read_rows(
    conn: Connection, city: City, rows: Sequence[GivenRow], *, of_lanes: bool
) -> tuple[list[Rule], list[Problem]]:
    reader = RuleReader(known=known_to(conn, rows, _today(city)), of_lanes=of_lanes)
    read = [(row.number, rule) for row in rows if (rule := reader.read(row))]
    numbered = [dataclasses.replace(rule, id=number) for number, rule in read]
    problems = [*reader.problems.told, *(_again(one, other) for one, other in repeats(numbered)), *_same_names(read)]
    return [rule for _, rule in read], sorted(problems, key=lambda one: one.row)


def _again(one: Rule, other: Rule) -> Problem:
    return Problem(row=other.id, en=f"it says the same as row {one.id}", zh=f"与第 {one.id} 行重复")


def _same_names(read: Sequence[tuple[int, Rule]]) -> list[Problem]:
    """What the city calls a rule tells it apart in its table."""
    counts = Counter(rule.name for _, rule in read if rule.name)
    return [
        Problem(row=number, en=f"two rows have the rule id {rule.name}", zh=f"规则编号 {rule.name} 重复")
        for number, rule in read
        if rule.name and counts[rule.name] > 1
    ]


def _read(conn: Connection, city: City, given: Mapping[str, str], *, of_lanes: bool) -> Rule:
    row = Cells(number=1, cells=given)
    reader = RuleReader(known=known_to(conn, [row], _today(city)), of_lanes=of_lanes)
    rule = reader.read(row)
    if rule is None:
        told = reader.problems.told
        raise InputError("; ".join(one.en for one in told), zh="；".join(one.zh for one in told))
    return rule


def _today(city: City) -> date:
    return datetime.now(UTC).astimezone(ZoneInfo(city.time_zone)).date()


def _found(conn: Connection, rule_id: int, base: int, *, of_lanes: bool) -> tuple[str, list[Rule], int]:
    """The table of a rule as it is now, and the rule's place in it."""
    duty_edits.lock_rules(conn)
    found = duty_edits.place_of_rule(conn, rule_id, of_lanes=of_lanes)
    if found is None:
        raise NotFoundError(f"rule {rule_id} does not exist", zh=f"没有编号为 {rule_id} 的规则")
    table, revision = found
    there = _rules_of(conn, table, of_lanes=of_lanes)
    _check_base(conn, table, base, there, of_lanes=of_lanes)
    if revision != base:
        raise NotFoundError(
            f"rule {rule_id} is of revision {revision} of {table}, not of {base}",
            zh=f"规则 {rule_id} 属于 {table} 的第 {revision} 版，而不是第 {base} 版",
        )
    return table, there, next(n for n, rule in enumerate(there) if rule.id == rule_id)


def _check_table(conn: Connection, table: str, *, of_lanes: bool) -> None:
    """A table holds rules of duty or of lanes, not both."""
    known = duty_edits.tables(conn).get(table)
    if known and (known.of_duties if of_lanes else known.of_lanes):
        holds, holds_zh = ("duties", "职责规则") if of_lanes else ("lanes", "处置方式规则")
        raise ConflictError(f"the table {table} holds {holds}", zh=f"表 {table} 存放的是{holds_zh}")


def _check_base(conn: Connection, table: str, base: int | None, now: Sequence[Rule], *, of_lanes: bool) -> None:
    known = duty_edits.tables(conn).get(table)
    current = known.revision if known else 0
    if base is None or base == current:
        return
    before = _rules_of(conn, table, of_lanes=of_lanes, as_of=base)
    added, removed = difference(before, now)
    labels = ", ".join(dict.fromkeys(rule.label for rule in (*removed, *added)[:MOST_LABELS])) or "–"
    raise ConflictError(
        f"the table {table} is in revision {current}, you looked at {base}; changed meanwhile: {len(removed)} rules "
        f"gone or changed, {len(added)} new or changed ({labels}); look at it again",
        zh=f"表 {table} 现为第 {current} 版，您看到的是第 {base} 版；其间 {len(removed)} 条规则删改、"
        f"{len(added)} 条新增或修改（{labels}），请重新打开",
    )


MOST_LABELS = 10
"""Rules that a conflict names."""


def _rules_of(conn: Connection, table: str, *, of_lanes: bool, as_of: int | None = None) -> list[Rule]:
    """As they are written, in their order."""
    every = duty_edits.lanes_as_of(conn, as_of) if of_lanes else duty_edits.duties_as_of(conn, as_of)
    return [rule for rule in every if rule.origin == table and rule.inherited is None]


def _put(
    conn: Connection, table: str, rules: Sequence[Rule], place: int | None, *, of_lanes: bool, reason: str
) -> Edited:
    """`place`: of the rule that is new or changed."""
    _check_alone(rules, place)
    revision = _put_rules(conn, table, rules, of_lanes=of_lanes, reason=reason)
    now = _rules_of(conn, table, of_lanes=of_lanes)
    return Edited(table=table, revision=revision, rule=None if place is None else now[place].id)


def _check_alone(rules: Sequence[Rule], place: int | None) -> None:
    """A changed or new rule does not say again what another one says, nor is it called as another one."""
    if place is None:
        return
    mine = rules[place]
    others = [rule for n, rule in enumerate(rules) if n != place]
    for other in others:
        if mine.name and mine.name == other.name:
            raise ConflictError(f"there is a rule {mine.name} already", zh=f"规则编号 {mine.name} 已被使用")
    if any(mine in pair for pair in repeats(rules)):
        raise ConflictError("another rule of the table says the same", zh="表中已有相同的规则")


def _thing(done: Edited) -> str:
    return f"table {done.table}, revision {done.revision}"


def _told(rule: Rule, reason: str = "") -> dict[str, Any]:
    return {name: text for name, text in {**cells_of(rule), "why": reason}.items() if text}


def _put_rules(conn: Connection, table: str, rules: Sequence[Rule], *, of_lanes: bool, reason: str) -> int:
    if len(rules) > MOST_RULES:
        raise InputError(f"a table has at most {MOST_RULES} rules", zh=f"一个表最多 {MOST_RULES} 条规则")
    put: Any = duty_edits.put_lanes if of_lanes else duty_edits.put_duties
    return int(put(conn, table, rules, edited=True, reason=reason))
