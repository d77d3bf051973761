"""Tables in: the catalogue, a city's own subclasses, departments, taxonomy and duties, from CSV files."""

import csv
import gzip
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import IO, Any, TypeVar

from gridsvc.domain.catalogue import Catalogue, Subclass, TimeLimit, check_standard
from gridsvc.domain.departments import Department, check_tree
from gridsvc.domain.routing import DutyRule
from gridsvc.errors import FileError, InputError
from gridsvc.store import casework
from gridsvc.store import city as store
from gridsvc.store.connection import Connection

Made = TypeVar("Made")
STANDARD = "standard"
"""Title of the catalogue's version 1."""


def open_text(file: Path) -> IO[str]:
    """A UTF-8 text file, gzipped or not, with or without a byte-order mark."""
    try:
        if file.suffix == ".gz":
            return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
        return file.open(encoding="utf-8-sig", newline="")
    except FileNotFoundError as error:
        raise FileError(str(file), "there is no such file") from error


def read_table(file: Path, make: Callable[[dict[str, str]], Made]) -> list[Made]:
    """Each row of a CSV file made into a thing; an error names the line."""
    made = []
    with open_text(file) as text:
        for line, row in enumerate(csv.DictReader(text), start=2):
            try:
                made.append(make(row))
            except KeyError as error:
                raise FileError(file.name, f"the column {error} is missing") from error
            except (InputError, ValueError, AttributeError) as error:
                raise FileError(file.name, f"line {line}: {error}") from error
    return made


def load_catalogue(conn: Connection, folder: Path) -> tuple[int, bool]:
    """Version 1 of the catalogue, or nothing if it is there; (version, new)."""
    evidence = {row["subclass_code"]: row for row in read_table(folder / "component_code_evidence.csv", dict)}
    components = read_table(
        folder / "components_124.csv", lambda row: _component(row, evidence.get(row["subclass_code"], {}))
    )
    events = read_table(folder / "events.csv", _event)
    limits = {
        "default": read_table(folder / "deadlines.csv", _limit),
        "yuncheng": read_table(folder / "deadlines_city_yuncheng.csv", _limit),
    }
    catalogue = Catalogue(subclasses=(*components, *events), time_limits=tuple(limits["default"]))
    check_standard(catalogue)
    return store.add_catalogue_version(conn, STANDARD, list(catalogue.subclasses), limits)


def load_own_subclasses(conn: Connection, file: Path) -> tuple[int, bool]:
    """A new version: the one before with the city's own subclasses added or replaced."""
    own = read_table(file, _own_subclass)
    before = {(s.kind, s.subclass_code): s for s in store.subclasses(conn)}
    merged = before | {(s.kind, s.subclass_code): s for s in own}
    if list(merged.values()) == list(before.values()):
        return 0, False
    return store.add_catalogue_version(conn, file.name, list(merged.values()), None)


def load_departments(conn: Connection, file: Path) -> int:
    departments = read_table(file, _department)
    check_tree(departments)
    store.declare_departments(conn, _parents_first(departments))
    return len(departments)


def load_taxonomy(conn: Connection, file: Path) -> int:
    known = {(s.kind, s.subclass_code) for s in store.subclasses(conn)}
    rows = read_table(file, lambda row: _category(row, known))
    casework.declare_categories(conn, rows)
    return len(rows)


def load_duties(conn: Connection, file: Path) -> tuple[int, bool]:
    """A table of duty rules as a new revision, or nothing if it is there; (rules, new)."""
    classes = {(s.kind, s.subclass_code): s.class_code for s in store.subclasses(conn)}
    departments = {d.code for d in store.departments(conn)}
    rules = read_table(file, lambda row: _duty(row, classes, departments))
    _, new = casework.add_duty_rules(conn, file.name, rules)
    return len(rules), new


def _component(row: dict[str, str], evidence: dict[str, str]) -> Subclass:
    return Subclass(
        kind="component",
        **_classed(row),
        geometry=row["geometry"],
        geometry_allowed=tuple(row["geometry_allowed"].split("|")),
        accuracy_class=row["accuracy_class"],
        source=row["source"],
        national_code=evidence.get("gbt_code") or None,
        cjt214_code=evidence.get("cjt214_code") or None,
        aliases=_listed(evidence.get("aliases", "")),
    )


def _event(row: dict[str, str]) -> Subclass:
    return Subclass(
        kind="event", **_classed(row), geometry=None, geometry_allowed=(), accuracy_class=None, source=row["source"]
    )


def _own_subclass(row: dict[str, str]) -> Subclass:
    return Subclass(
        kind=row["kind"],
        **_classed(row),
        geometry=row["geometry"] or None,
        geometry_allowed=tuple(part for part in row["geometry_allowed"].split("|") if part),
        accuracy_class=row["accuracy_class"] or None,
        source=row["source"],
    )


def _classed(row: dict[str, str]) -> dict[str, Any]:
    names = ("class_code", "class_zh", "class_en", "subclass_code", "subclass_zh", "subclass_en")
    return {name: row[name] for name in names}


def _limit(row: dict[str, str]) -> TimeLimit:
    return TimeLimit(
        kind=row["kind"],
        subclass_code=row["subclass_code"],
        condition_zh=row["condition_zh"],
        condition_en=row["condition_en"],
        limit_value=int(row["limit_value"]),
        limit_unit=row["limit_unit"],
        source=row["source"],
        closing_zh=row["closing_zh"],
    )


def _department(row: dict[str, str]) -> Department:
    return Department(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        parent=row["parent"] or None,
        level=row["level"],
        on_platform=_yes(row["on_platform"]),
    )


def _yes(text: str) -> bool:
    if text.lower() not in ("true", "false", "1", "0", "yes", "no"):
        raise InputError(f"{text!r} is neither true nor false")
    return text.lower() in ("true", "1", "yes")


def _parents_first(departments: list[Department]) -> Iterator[Department]:
    children: dict[str | None, list[Department]] = {}
    for department in departments:
        children.setdefault(department.parent, []).append(department)
    waiting = list(children.get(None, []))
    while waiting:
        department = waiting.pop()
        yield department
        waiting += children.get(department.code, [])


def _category(row: dict[str, str], known: set[tuple[str, str]]) -> dict[str, str]:
    names = ("channel", "category", "name_zh", "name_en", "kind", "subclass_code")
    if (row["kind"], row["subclass_code"]) not in known:
        raise InputError(f"{row['kind']} subclass {row['subclass_code']} is not in the catalogue")
    return {name: row[name] for name in names}


def _duty(row: dict[str, str], classes: dict[tuple[str, str], str], departments: set[str]) -> DutyRule:
    parties = [row["lead"], *_listed(row["co_operating"]), *_listed(row["supervising"])]
    for code in parties:
        if code not in departments:
            raise InputError(f"department {code} does not exist")
    if row["subclass_code"] and (row["kind"], row["subclass_code"]) not in classes:
        raise InputError(f"{row['kind']} subclass {row['subclass_code']} is not in the catalogue")
    return DutyRule(
        id=0,
        kind=row["kind"],
        class_code=row["class_code"] or classes[row["kind"], row["subclass_code"]],
        subclass_code=row["subclass_code"] or None,
        area_kind=row["area_kind"] or None if row["area_code"] else None,
        area_code=row["area_code"] or None,
        lane=row["lane"] or "dispatched",
        lead=row["lead"],
        co_operating=_listed(row["co_operating"]),
        supervising=_listed(row["supervising"]),
        priority=int(row["priority"] or 0),
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        source=row["source"],
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
