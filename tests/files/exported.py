"""What was taken out, and the record of it."""

from typing import Any

from gridsvc.files import SpooledLayer
from gridsvc.store.connection import Connection


def rows_of(layer: SpooledLayer) -> list[dict[str, Any]]:
    return [row for lot in layer.lots() for row in lot.rows.to_pylist()]


def recorded(conn: Connection) -> dict[str, Any]:
    """The newest row of the record of who did what, with its action."""
    row = conn.execute(
        "SELECT action, payload FROM audit JOIN audit_payload ON audit_id = id ORDER BY id DESC"
    ).fetchone()
    assert row is not None
    return {"action": row[0], **row[1]}
