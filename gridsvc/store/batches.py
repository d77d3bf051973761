"""Import batches: their story, their findings, what they set aside."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import pyarrow as pa
import shapely
from psycopg.types.json import Jsonb

from gridsvc.domain.findings import Finding
from gridsvc.store.arrows import copy_arrow
from gridsvc.store.connection import Connection
from gridsvc.store.rows import dicts, execute, execute_many, tuples, value

ROW_FIELDS = (
    "code", "name_zh", "name_en", "parent_code", "subclass_code", "state", "authority", "owner", "maintainer",
    "position",
)  # fmt: skip
"""Text fields of a staged row that have a column of their own."""
LOT = 20_000


def declare_layer(conn: Connection, layer: str, definition: dict[str, Any]) -> None:
    execute(conn, "declare_layer", layer=layer, definition=Jsonb(definition))


def layers(conn: Connection) -> dict[str, dict[str, Any]]:
    return dict(tuples(conn, "layers"))


def declare_near(conn: Connection, metres: Mapping[str, float]) -> None:
    execute_many(conn, "declare_near", [{"subclass_code": code, "metres": m} for code, m in metres.items()])


def near_distances(conn: Connection) -> dict[str, float]:
    return dict(tuples(conn, "near_distances"))


def batch_of_file(conn: Connection, sha256: str, layer: str) -> tuple[int, Any] | None:
    """The batch that promoted this very file into this layer, and when."""
    rows = tuples(conn, "batch_of_file", sha256=sha256, layer=layer)
    return (rows[0][0], rows[0][1]) if rows else None


def standing_batch_of_file(conn: Connection, sha256: str, layer: str) -> tuple[int, Any] | None:
    """The same, but not one whose areas were overtaken, in force or as a draft: its file may come again."""
    rows = tuples(conn, "standing_batch_of_file", sha256=sha256, layer=layer)
    return (rows[0][0], rows[0][1]) if rows else None


def add_batch(
    conn: Connection,
    *,
    layer: str,
    target: str,
    file_name: str,
    sha256: str,
    state: str = "received",
    kind: str = "file",
    ending: str = "",
) -> int:
    return int(
        value(
            conn, "add_batch", layer=layer, target=target, file_name=file_name, sha256=sha256, state=state, kind=kind,
            ending=ending,
        )
    )  # fmt: skip


def keep_inspection(conn: Connection, batch_id: int, inspection: dict[str, Any]) -> None:
    execute(conn, "keep_inspection", batch_id=batch_id, inspection=Jsonb(inspection))


def keep_definition(
    conn: Connection, batch_id: int, *, layer: str, target: str, definition: dict[str, Any], scope: dict[str, Any],
    gone: str,
) -> bool:  # fmt: skip
    """Whether the batch still waits for it."""
    return bool(
        execute(
            conn, "keep_definition", batch_id=batch_id, layer=layer, target=target, definition=Jsonb(definition),
            scope=Jsonb(scope), gone=gone,
        )
    )  # fmt: skip


def keep_checked(conn: Connection, batch_id: int, counts: dict[str, Any], scope: dict[str, Any]) -> None:
    execute(conn, "keep_checked", batch_id=batch_id, counts=Jsonb(counts), scope=Jsonb(scope))


def hides_some(conn: Connection) -> bool:
    """Whether components of some subclasses are hidden from the caller."""
    return bool(value(conn, "hides_some"))


def finish_batch(
    conn: Connection, batch_id: int, state: str, counts: dict[str, Any], error: str = "", error_zh: str = ""
) -> bool:
    """Whether it had not ended before."""
    return bool(
        execute(
            conn, "finish_batch", batch_id=batch_id, state=state, counts=Jsonb(counts), error=error, error_zh=error_zh
        )
    )


def finish_undone(conn: Connection, batch_id: int, counts: dict[str, Any]) -> bool:
    return bool(execute(conn, "finish_undone", batch_id=batch_id, counts=Jsonb(counts)))


def keep_work(conn: Connection, batch_id: int, work: dict[str, Any]) -> None:
    execute(conn, "keep_work", batch_id=batch_id, work=Jsonb(work))


def keep_error(conn: Connection, batch_id: int, error: str, error_zh: str) -> None:
    execute(conn, "keep_error", batch_id=batch_id, error=error, error_zh=error_zh)


def hold(conn: Connection, batch_id: int) -> bool:
    """This session is at work on the batch, until `release` or its end; False if another one is."""
    return bool(value(conn, "hold_batch", batch_id=batch_id))


def release(conn: Connection, batch_id: int) -> None:
    execute(conn, "release_batch", batch_id=batch_id)


def is_held(conn: Connection, batch_id: int) -> bool:
    return bool(value(conn, "batch_is_held", batch_id=batch_id))


def batches(conn: Connection, limit: int = 100, offset: int = 0) -> list[dict[str, Any]]:
    return dicts(conn, "batches", limit=limit, offset=offset)


def batch_count(conn: Connection) -> int:
    return int(value(conn, "batch_count"))


def batch(conn: Connection, batch_id: int) -> dict[str, Any] | None:
    rows = dicts(conn, "batch", batch_id=batch_id)
    return rows[0] if rows else None


def lock_batch(conn: Connection, batch_id: int) -> str | None:
    """The state of the batch, which cannot change until the transaction ends; None if there is no such batch."""
    rows = dicts(conn, "lock_batch", batch_id=batch_id)
    return rows[0]["state"] if rows else None


def forget_findings(conn: Connection, batch_id: int) -> None:
    execute(conn, "forget_findings", batch_id=batch_id)


def add_findings(conn: Connection, batch_id: int, findings: Iterable[Finding], srid: int) -> None:
    remaining = iter(findings)
    while lot := list(islice(remaining, LOT)):
        shapes = shapely.set_srid([finding.geom for finding in lot], srid)
        copy_arrow(
            conn,
            "COPY import_finding (batch_id, rule, severity, layer, feature, code, message, message_zh, hint, hint_zh,"
            " geom) FROM STDIN",
            [
                pa.array([batch_id] * len(lot)),
                *(_texts(lot, name) for name in ("rule", "severity", "layer")),
                pa.array([finding.feature for finding in lot], pa.int64()),
                *(_texts(lot, name) for name in ("code", "message", "message_zh", "hint", "hint_zh")),
                pa.array(shapely.to_wkb(shapes, hex=True, include_srid=True), pa.string()),
            ],
        )


def _texts(findings: list[Finding], name: str) -> Any:
    return pa.array([getattr(finding, name) for finding in findings], pa.string())


def findings_of(
    conn: Connection,
    batch_id: int,
    *,
    severity: str | None = None,
    rule: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Finding]:
    rows = dicts(conn, "findings_of_batch", batch_id=batch_id, severity=severity, rule=rule, limit=limit, offset=offset)
    shapes = shapely.from_wkb([row.pop("geom") for row in rows])
    return [Finding(**row, geom=shape) for row, shape in zip(rows, shapes, strict=True)]


def all_findings(conn: Connection, batch_id: int) -> Iterator[Finding]:
    """In lots, so that a million of them fit into memory."""
    offset = 0
    while lot := findings_of(conn, batch_id, limit=LOT, offset=offset):
        yield from lot
        offset += LOT


def finding_totals(conn: Connection, batch_id: int) -> list[dict[str, Any]]:
    """Rule, severity and count of those that were found."""
    return dicts(conn, "finding_totals", batch_id=batch_id)


def add_rejected(conn: Connection, batch_id: int, columns: list[Any]) -> None:
    """Columns are layer, feature, code, the reason in English and Chinese, and the row as JSON text."""
    count = len(columns[0])
    copy_arrow(
        conn,
        "COPY import_rejected (batch_id, layer, feature, code, reason, reason_zh, row) FROM STDIN",
        [pa.array([batch_id] * count, pa.int64()), *columns],
    )


def rejected_of(conn: Connection, batch_id: int, limit: int | None = None, offset: int = 0) -> list[dict[str, Any]]:
    return dicts(conn, "rejected_of_batch", batch_id=batch_id, limit=limit, offset=offset)


def inventory_state(conn: Connection) -> dict[str, Any]:
    """Changes whenever a batch changes the inventory."""
    return dicts(conn, "inventory_state")[0]


def versions_digest(conn: Connection, ids: list[int]) -> str:
    """Changes whenever one of these components does."""
    return str(value(conn, "versions_digest", ids=ids))


def city_outline(conn: Connection) -> bytes | None:
    """WKB of the city's outline in its CRS; None before it has areas that tile."""
    return value(conn, "city_outline")  # type: ignore[no-any-return]


def lock_promotion(conn: Connection) -> None:
    execute(conn, "lock_promotion")
