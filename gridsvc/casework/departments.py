"""The tree of departments: looked at, changed one by one or by a file, and departments that retire."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from gridsvc.casework.departments_reading import DepartmentReader
from gridsvc.domain.cells import GivenRow, Problem, refused
from gridsvc.domain.departments import Department, check_tree
from gridsvc.errors import ConflictError, InputError, NotFoundError
from gridsvc.store import audit, city, duty_edits
from gridsvc.store import departments as store
from gridsvc.store.connection import Connection

MOST_LABELS = 20
"""Rules that an error names."""
Told = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Imported:
    rows: int
    added: int
    changed: int
    unchanged: int
    applied: bool
    problems: list[Problem]


@dataclass(frozen=True, kw_only=True)
class Retired:
    """A department that retires, or would, and what still names it."""

    code: str
    retired_on: date | None
    rules: list[str]
    """Name or number of each, with its table."""
    open_cases: int
    components: int
    accounts: int
    applied: bool


def tree(conn: Connection) -> list[Told]:
    """Those without a parent, each with its children."""
    below: dict[str | None, list[Department]] = defaultdict(list)
    for one in city.departments(conn):
        below[one.parent].append(one)

    def told(one: Department) -> Told:
        return {**asdict(one), "children": [told(child) for child in below[one.code]]}

    return [told(one) for one in below[None]]


def put_department(conn: Connection, given: Department) -> bool:
    """A new department, or another name, place or level of one that there is; whether it is new.

    Needs the system's rights, as all changes do. InputError if it would stand above itself.
    """
    with conn.transaction():
        store.lock_departments(conn)
        known = {one.code: one for one in city.departments(conn)}
        before = known.get(given.code)
        given = replace(given, retired_on=before.retired_on if before else None)
        if before == given:
            return False
        check_tree([*(known | {given.code: given}).values()])
        _check_parent(given, known)
        city.declare_departments(conn, [given])
        thing, told = f"department {given.code}", _record(given)
        if before is None:
            audit.record(conn, "department.add", thing, after=told)
        else:
            audit.record(conn, "department.change", thing, before=_record(before), after=told)
    return before is None


def _check_parent(given: Department, known: Mapping[str, Department]) -> None:
    above = known.get(given.parent or "")
    if above and above.retired_on and not given.retired_on:
        raise InputError(f"its parent {above.code} has retired", zh=f"上级部门 {above.code} 已撤销")


def retire(
    conn: Connection, code: str, retired_on: date | None, *, even_so: bool = False, dry_run: bool = False,
    reason: str = "",
) -> Retired:  # fmt: skip
    """From a day on there is no such department; None takes that back.

    ConflictError while rules or open cases name it, unless `even_so`, and while departments stand below it.
    """
    with conn.transaction():
        store.lock_departments(conn)
        known = {one.code: one for one in city.departments(conn)}
        if code not in known:
            raise NotFoundError(f"department {code} does not exist", zh=f"没有部门 {code}")
        named, rules = store.named_by(conn, code), _rules(conn, code, retired_on) if retired_on else []
        if not dry_run:
            _check_retirement(known, code, retired_on, rules if not even_so else [], 0 if even_so else named.open_cases)
            store.set_retired(conn, code, retired_on)
            why = {"why": reason} if reason else {}
            before, after = (each and each.isoformat() for each in (known[code].retired_on, retired_on))
            audit.record(
                conn, "department.retire", f"department {code}", before={"retired": before},
                after={"retired": after, **why},
            )  # fmt: skip
    return Retired(code=code, retired_on=retired_on, rules=rules, applied=not dry_run, **asdict(named))


def _rules(conn: Connection, code: str, retired_on: date) -> list[str]:
    return [
        f"{rule.label} ({rule.origin})"
        for rule in duty_edits.duties_as_of(conn)
        if rule.inherited is None
        and code in rule.departments
        and (rule.valid_to is None or rule.valid_to >= retired_on)
    ]


def _check_retirement(
    known: Mapping[str, Department], code: str, retired_on: date | None, rules: Sequence[str], open_cases: int
) -> None:
    if retired_on is None:
        _check_parent(replace(known[code], retired_on=None), known)
        return
    below = [one.code for one in known.values() if one.parent == code and not one.retired_on]
    if below:
        told = ", ".join(below[:MOST_LABELS])
        raise ConflictError(
            f"department {code}: {len(below)} stand below it ({told}); move or retire them first",
            zh=f"部门 {code} 之下还有 {len(below)} 个部门（{told}），请先调整或撤销",
        )
    if rules or open_cases:
        told = ", ".join(rules[:MOST_LABELS])
        raise ConflictError(
            f"department {code}: {len(rules)} rules name it and it leads {open_cases} open cases ({told}); change them "
            "first, or retire it even so",
            zh=f"部门 {code}：{len(rules)} 条规则指定该部门（{told}），牵头在办案件 {open_cases} 件，"
            "请先调整，或确认仍要撤销",
        )


def import_departments(
    conn: Connection, file_name: str, rows: Sequence[GivenRow], *, dry_run: bool = False
) -> Imported:
    """Departments of a file are added or changed, all of them or none; others stay as they are.

    InputError names what is wrong with which rows; a `dry_run` returns it.
    """
    with conn.transaction():
        store.lock_departments(conn)
        known = {one.code: one for one in city.departments(conn)}
        reader = DepartmentReader(known=known, rows=rows)
        read = [(row.number, one) for row in rows if (one := reader.read(row))]
        problems = sorted([*reader.problems.told, *_tree_problems(known, read)], key=lambda one: one.row)
        if problems and not dry_run:
            raise refused(file_name, problems)
        changed = [one for _, one in read if one.code in known and known[one.code] != one]
        added = [one for _, one in read if one.code not in known]
        if not dry_run and (added or changed):
            _write(conn, known, [*added, *changed])
            counts = {"added": len(added), "changed": len(changed)}
            audit.record(conn, "department.import", "departments", after={"file": file_name, **counts})
    return Imported(
        rows=len(rows), added=len(added), changed=len(changed), unchanged=len(read) - len(added) - len(changed),
        applied=not dry_run, problems=problems,
    )  # fmt: skip


def _tree_problems(known: Mapping[str, Department], read: Sequence[tuple[int, Department]]) -> list[Problem]:
    merged = {**known, **{one.code: one for _, one in read}}
    try:
        check_tree([*merged.values()])
    except InputError as error:
        row = next((number for number, one in read if f"department {one.code}:" in str(error)), read[0][0])
        return [Problem(row=row, en=str(error), zh=f"部门层级有误：{error}")]
    return []


def _write(conn: Connection, known: Mapping[str, Department], given: Sequence[Department]) -> None:
    """Parents before children."""
    there, waiting = set(known), list(given)
    while waiting:
        ready = [one for one in waiting if one.parent is None or one.parent in there]
        city.declare_departments(conn, ready)
        there |= {one.code for one in ready}
        waiting = [one for one in waiting if one not in ready]
    for one in given:
        store.set_retired(conn, one.code, one.retired_on)


def _record(one: Department) -> Told:
    return {name: value for name, value in asdict(one).items() if name not in ("code", "retired_on")}


def lines_of(found: Iterable[Told], depth: int = 0) -> list[str]:
    """The tree as indented lines."""
    lines: list[str] = []
    for one in found:
        off = "" if one["on_platform"] else ", off the platform"
        gone = f", retired {one['retired_on']}" if one["retired_on"] else ""
        lines.append(f"{'  ' * depth}{one['code']} {one['name_zh']} ({one['level']}{off}{gone})")
        lines += lines_of(one["children"], depth + 1)
    return lines
