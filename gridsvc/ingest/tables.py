"""Tables in: the catalogue, a city's own subclasses, departments, taxonomy and duties, from CSV files."""

import csv
import gzip
import zlib
from collections.abc import Callable, Container, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import IO, Any, TypeVar

from gridsvc.domain.catalogue import Catalogue, Subclass, TimeLimit, check_standard
from gridsvc.domain.departments import Department, check_tree
from gridsvc.domain.duties import DEFAULT_LANE, DutyRule, LaneRule
from gridsvc.errors import FileError, InputError, one_of
from gridsvc.store import areas, channels, duties
from gridsvc.store import city as store
from gridsvc.store.connection import Connection

Made = TypeVar("Made")
RULE_COLUMNS = (
    "kind", "class_code", "subclass_code", "area_kind", "area_code", "lane", "lead", "co_operating", "supervising",
    "priority", "valid_from", "valid_to", "source", "rule",
)  # fmt: skip


def open_text(file: Path) -> IO[str]:
    """A UTF-8 text file, gzipped or not, with or without a byte-order mark."""
    try:
        if file.suffix == ".gz":
            return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
        return file.open(encoding="utf-8-sig", newline="")
    except FileNotFoundError as error:
        raise FileError(str(file), "there is no such file") from error


def read_table(
    file: Path, make: Callable[[dict[str, str]], Made], key: Callable[[Made], object] | None = None
) -> list[Made]:
    """Each row of a CSV file made into a thing; an error names the line. `key` tells rows that must differ apart."""
    made: list[Made] = []
    lines: dict[object, int] = {}
    with open_text(file) as text:
        reader = csv.DictReader(text, strict=True)
        for row in _rows(file, reader):
            thing = _made(file, reader.line_num, row, make)
            first = lines.setdefault(key(thing), reader.line_num) if key else reader.line_num
            if first != reader.line_num:
                raise FileError(file.name, f"line {reader.line_num}: the same thing stands at line {first} already")
            made.append(thing)
    return made


def _rows(file: Path, reader: "csv.DictReader[str]") -> Iterator[dict[str, str]]:
    try:
        if not reader.fieldnames:
            raise FileError(file.name, "it is empty: not even a header line")
        yield from reader
    except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileError(
            file.name, f"it cannot be read as CSV in UTF-8 after line {reader.line_num}: {error}"
        ) from error


def _made(file: Path, line: int, row: dict[str, str], make: Callable[[dict[str, str]], Made]) -> Made:
    if None in row or None in row.values():
        raise FileError(file.name, f"line {line}: it has not as many cells as the header")
    if any("\0" in cell for cell in row.values()):
        raise FileError(file.name, f"line {line}: it holds a NUL character, which text cannot hold")
    try:
        return make(row)
    except KeyError as error:
        raise FileError(file.name, f"the column {error} is missing") from error
    except (InputError, ValueError) as error:
        raise FileError(file.name, f"line {line}: {error}") from error


def load_catalogue(conn: Connection, folder: Path) -> tuple[int, bool]:
    """Version 1 of the catalogue, or nothing if it is there; (version, new)."""
    evidence = {row["subclass_code"]: row for row in read_table(folder / "component_code_evidence.csv", dict)}
    components = read_table(
        folder / "components_124.csv", lambda row: _component(row, evidence.get(row["subclass_code"], {})), _key
    )
    events = read_table(folder / "events.csv", _event, _key)
    known = {_key(subclass) for subclass in (*components, *events)}
    limits = {
        "default": read_table(folder / "deadlines.csv", lambda row: _limit(row, known)),
        "yuncheng": read_table(folder / "deadlines_city_yuncheng.csv", lambda row: _limit(row, known)),
    }
    try:
        catalogue = Catalogue(subclasses=(*components, *events), time_limits=tuple(limits["default"]))
        check_standard(catalogue)
    except InputError as error:
        raise FileError(str(folder), str(error)) from error
    return store.add_catalogue_version(conn, store.STANDARD, list(catalogue.subclasses), limits)


def _key(thing: Subclass | TimeLimit) -> tuple[str, str]:
    return thing.kind, thing.subclass_code


def load_own_subclasses(conn: Connection, file: Path) -> tuple[int, bool]:
    """A new version: the one before with the city's own subclasses added or replaced."""
    own = read_table(file, _own_subclass, _key)
    before = {_key(s): s for s in store.subclasses(conn)}
    merged = before | {_key(s): s for s in own}
    if list(merged.values()) == list(before.values()):
        return 0, False
    return store.add_catalogue_version(conn, file.name, list(merged.values()), None)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a duty rule may name."""

    classes: Mapping[tuple[str, str], str]
    """Class of each (kind, subclass)."""
    departments: Set[str]
    area_kinds: Set[str]


def load_departments(conn: Connection, file: Path) -> int:
    departments = read_table(file, _department, lambda department: department.code)
    try:
        check_tree(departments)
    except InputError as error:
        raise FileError(file.name, str(error)) from error
    store.declare_departments(conn, _parents_first(departments))
    return len(departments)


def load_taxonomy(conn: Connection, file: Path) -> int:
    known = {(s.kind, s.subclass_code) for s in store.subclasses(conn)}
    of_city = set(channels.channels(conn))
    rows = read_table(
        file, lambda row: _category(row, known, of_city), lambda made: (made["channel"], made["category"])
    )
    channels.declare_categories(conn, rows)
    return len(rows)


def load_duties(conn: Connection, file: Path) -> tuple[int, bool]:
    """A table of duty rules as a new revision, or nothing if it is there; (rules, new)."""
    rules = read_duties(conn, file)
    _, new = duties.add_duty_rules(conn, file.name, rules)
    return len(rules), new


def load_lanes(conn: Connection, file: Path) -> tuple[int, bool]:
    """The same for a table of lanes."""
    rules = read_lanes(conn, file)
    _, new = duties.add_lane_rules(conn, file.name, rules)
    return len(rules), new


def read_duties(conn: Connection, file: Path) -> list[DutyRule]:
    """A table of duty rules without loading it: they have no numbers and no origin yet."""
    known = _known(conn)
    return read_table(file, lambda row: _duty(row, known))


def read_lanes(conn: Connection, file: Path) -> list[LaneRule]:
    """The same for a table of lanes."""
    known = _known(conn)
    return read_table(file, lambda row: _lane(row, known))


def duties_of(conn: Connection, origin: str, rows: Sequence[dict[str, str]]) -> list[DutyRule]:
    """The same of rows that are no file; an error names the table and the row, from 1."""
    known = _known(conn)
    return [replace(_of_row(origin, n, row, known, _duty), origin=origin) for n, row in enumerate(rows, start=1)]


def lanes_of(conn: Connection, origin: str, rows: Sequence[dict[str, str]]) -> list[LaneRule]:
    known = _known(conn)
    return [replace(_of_row(origin, n, row, known, _lane), origin=origin) for n, row in enumerate(rows, start=1)]


def _of_row(
    origin: str, number: int, row: dict[str, str], known: Known, make: Callable[[dict[str, str], Known], Made]
) -> Made:
    try:
        return make(dict.fromkeys(RULE_COLUMNS, "") | row, known)
    except (InputError, ValueError) as error:
        raise InputError(f"{origin}: row {number}: {error}") from error


def _known(conn: Connection) -> Known:
    return Known(
        classes={_key(s): s.class_code for s in store.subclasses(conn)},
        departments={d.code for d in store.departments(conn)},
        area_kinds={kind.kind for kind in areas.kinds(conn)},
    )


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


def _limit(row: dict[str, str], known: Set[tuple[str, str]]) -> TimeLimit:
    _check_subclass(row, known)
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


def _check_subclass(row: dict[str, str], known: Container[tuple[str, str]]) -> None:
    if (row["kind"], row["subclass_code"]) not in known:
        raise InputError(f"{row['kind']} subclass {row['subclass_code']} is not in the catalogue")


def _category(row: dict[str, str], known: Set[tuple[str, str]], channels: Set[str]) -> dict[str, str]:
    names = ("channel", "category", "name_zh", "name_en", "kind", "subclass_code")
    _check_subclass(row, known)
    if row["channel"] not in channels:
        raise one_of("channel", row["channel"], sorted(channels))
    return {name: row[name] for name in names}


def _duty(row: dict[str, str], known: Known) -> DutyRule:
    for code in (row["lead"], *_listed(row["co_operating"]), *_listed(row["supervising"])):
        if code not in known.departments:
            raise InputError(f"department {code or '(none)'} does not exist")
    return DutyRule(
        **_rule(row, known),
        lane=row["lane"] or DEFAULT_LANE,
        lead=row["lead"],
        co_operating=_listed(row["co_operating"]),
        supervising=_listed(row["supervising"]),
        level=row.get("level") or None,
    )


def _lane(row: dict[str, str], known: Known) -> LaneRule:
    return LaneRule(**_rule(row, known), lane=row["lane"])


def _rule(row: dict[str, str], known: Known) -> dict[str, Any]:
    """What a rule is about, and when."""
    _check_rule(row, known)
    return {
        "id": 0,
        "kind": row["kind"],
        "class_code": row["class_code"] or known.classes[row["kind"], row["subclass_code"]],
        "subclass_code": row["subclass_code"] or None,
        "area_kind": row["area_kind"] or None,
        "area_code": row["area_code"] or None,
        "priority": int(row["priority"] or 0),
        "valid_from": _day(row["valid_from"]),
        "valid_to": _day(row["valid_to"]),
        "source": row["source"],
        "name": row.get("rule") or None,
    }


def _check_rule(row: dict[str, str], known: Known) -> None:
    """Everything that a rule names exists; area codes may come later."""
    if row["subclass_code"]:
        _check_subclass(row, known.classes)
    classes = {class_code for (kind, _), class_code in known.classes.items() if kind == row["kind"]}
    if row["class_code"] and row["class_code"] not in classes:
        raise InputError(f"{row['kind']} class {row['class_code']} is not in the catalogue")
    if not (row["class_code"] or row["subclass_code"]):
        raise InputError("it names neither a class nor a subclass")
    if row["area_kind"] and row["area_kind"] not in known.area_kinds:
        raise one_of("area kind", row["area_kind"], sorted(known.area_kinds))
    begin, end = _day(row["valid_from"]), _day(row["valid_to"])
    if begin and end and end < begin:
        raise InputError(f"it ends before it begins ({begin} to {end})")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
