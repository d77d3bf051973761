"""When two reports of a subclass may mean one problem, from a city's CSV file."""

from collections.abc import Set
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gridsvc.domain.duplicates import DuplicateRule
from gridsvc.errors import InputError
from gridsvc.ingest.tables import read_table
from gridsvc.store.city import subclasses
from gridsvc.store.connection import Connection
from gridsvc.store.duplicates import declare_duplicate_rules


def load_duplicate_rules(conn: Connection, file: Path) -> int:
    """Instead of those that there were; how many there are."""
    known = {(subclass.kind, subclass.subclass_code) for subclass in subclasses(conn)}
    rules = read_table(
        file, lambda row: _rule(row, known), key=lambda rule: (rule["kind"], rule["subclass_code"])
    )  # fmt: skip
    declare_duplicate_rules(conn, rules)
    return len(rules)


def _rule(row: dict[str, str], known: Set[tuple[str, str]]) -> dict[str, Any]:
    about = {"kind": row["kind"], "subclass_code": row["subclass_code"]}
    if (row["kind"], row["subclass_code"]) not in known:
        raise InputError(f"{row['kind']} subclass {row['subclass_code']} is not in the catalogue")
    rule = DuplicateRule(
        radius_m=float(row["radius_m"]), fold_m=float(row["fold_m"]), minutes=int(row["minutes"])
    )  # fmt: skip
    return {**about, **asdict(rule)}
