"""Guides of disposal, from the city's `guides.csv`: how a problem of a subclass is dealt with."""

from collections.abc import Collection
from pathlib import Path

from gridsvc.errors import InputError
from gridsvc.ingest.tables import read_table
from gridsvc.store import audit, cases
from gridsvc.store.city import subclasses
from gridsvc.store.connection import Connection

COLUMNS = ("kind", "subclass_code", "text_zh", "text_en", "source")


def load_guides(conn: Connection, file: Path) -> int:
    """Instead of all that were there; how many. All rows or none, in the caller's transaction."""
    known = {(one.kind, one.subclass_code) for one in subclasses(conn)}
    rows = read_table(file, lambda row: _guide(row, known), lambda guide: (guide["kind"], guide["subclass_code"]))
    cases.replace_guides(conn, rows)
    audit.record(conn, "guide.load", "the guides", after={"file": file.name, "guides": len(rows)})
    return len(rows)


def _guide(row: dict[str, str], known: Collection[tuple[str, str]]) -> dict[str, str]:
    guide = {name: row[name].strip() for name in COLUMNS}
    if (guide["kind"], guide["subclass_code"]) not in known:
        raise InputError(f"{guide['kind']} subclass {guide['subclass_code']!r} is not in the catalogue")
    if empty := [name for name in COLUMNS if not guide[name]]:
        raise InputError(f"{empty[0]} is empty")
    return guide
