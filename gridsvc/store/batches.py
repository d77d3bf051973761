"""Import batches: staging, findings, states."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from gridsvc.domain.findings import Finding
from gridsvc.store.connection import Connection
from gridsvc.store.rows import copy_in, dicts, execute, objects, tuples, value, values

ROW_FIELDS = (
    "code", "name_zh", "name_en", "parent_code", "subclass_code", "state", "authority", "owner", "maintainer",
    "position",
)  # fmt: skip
"""Text fields of a staged row, in the order of the table."""


def declare_layer(conn: Connection, layer: str, definition: dict[str, Any]) -> None:
    execute(conn, "declare_layer", layer=layer, definition=Jsonb(definition))


def layers(conn: Connection) -> dict[str, dict[str, Any]]:
    return dict(tuples(conn, "layers"))


def batch_of_file(conn: Connection, sha256: str, layer: str) -> tuple[int, Any] | None:
    """The batch that promoted this very file into this layer, and when."""
    rows = tuples(conn, "batch_of_file", sha256=sha256, layer=layer)
    return (rows[0][0], rows[0][1]) if rows else None


def standing_batch_of_file(conn: Connection, sha256: str, layer: str) -> tuple[int, Any] | None:
    """The same, but not one whose areas were overtaken, in force or as a draft: its file may come again."""
    rows = tuples(conn, "standing_batch_of_file", sha256=sha256, layer=layer)
    return (rows[0][0], rows[0][1]) if rows else None


def add_batch(conn: Connection, *, layer: str, target: str, file_name: str, sha256: str) -> int:
    return int(value(conn, "add_batch", layer=layer, target=target, file_name=file_name, sha256=sha256))


def finish_batch(conn: Connection, batch_id: int, state: str, counts: dict[str, Any]) -> None:
    execute(conn, "finish_batch", batch_id=batch_id, state=state, counts=Jsonb(counts))


def hold(conn: Connection, batch_id: int) -> None:
    """This session is at work on the batch, until `release` or its end."""
    execute(conn, "hold_batch", batch_id=batch_id)


def release(conn: Connection, batch_id: int) -> None:
    execute(conn, "release_batch", batch_id=batch_id)


def end_abandoned(conn: Connection) -> None:
    """Batches that an import left staged when it was killed or lost the database."""
    execute(conn, "end_abandoned")


def batches(conn: Connection, limit: int = 100) -> list[dict[str, Any]]:
    return dicts(conn, "batches", limit=limit)


def batch_count(conn: Connection) -> int:
    return int(value(conn, "batch_count"))


def batch(conn: Connection, batch_id: int) -> dict[str, Any] | None:
    rows = dicts(conn, "batch", batch_id=batch_id)
    return rows[0] if rows else None


def stage_rows(conn: Connection, batch_id: int, rows: Iterable[Sequence[Any]]) -> None:
    """Rows are feature number, the text fields, attributes as JSON text, and EWKB in hex or None."""
    copy_in(
        conn,
        "COPY import_row (batch_id, feature, code, name_zh, name_en, parent_code, subclass_code, state, authority,"
        " owner, maintainer, position, attributes, geom) FROM STDIN",
        ((batch_id, *row) for row in rows),
    )


def add_findings(conn: Connection, batch_id: int, findings: Iterable[Finding]) -> None:
    copy_in(
        conn,
        "COPY import_finding (batch_id, rule, severity, feature, message) FROM STDIN",
        ((batch_id, f.rule, f.severity, f.feature, f.message) for f in findings),
    )


def findings_of(conn: Connection, batch_id: int) -> list[Finding]:
    return objects(conn, Finding, "findings_of_batch", batch_id=batch_id)


def drop_rows(conn: Connection, batch_id: int) -> None:
    execute(conn, "drop_rows", batch_id=batch_id)


def set_aside(conn: Connection, batch_id: int, features: list[int]) -> int:
    """Rejected rows leave the staging; their findings stay."""
    return execute(conn, "drop_rejected", batch_id=batch_id, features=features)


def city_outline(conn: Connection) -> bytes | None:
    """WKB of the city's outline in its CRS; None before it has areas that tile."""
    return value(conn, "city_outline")  # type: ignore[no-any-return]


def lock_promotion(conn: Connection) -> None:
    execute(conn, "lock_promotion")


def taken_codes(conn: Connection, batch_id: int) -> list[str]:
    """Component codes of a batch that the store holds."""
    return values(conn, "taken_codes", batch_id=batch_id)


def known_codes(conn: Connection, codes: list[str]) -> set[str]:
    return set(values(conn, "known_codes", codes=codes))
