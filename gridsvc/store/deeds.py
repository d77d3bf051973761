"""What promoted batches did, as the versions of components tell it; needs the system's rights."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import shapely

from gridsvc.store.arrows import read_arrow
from gridsvc.store.connection import Connection
from gridsvc.store.rows import dicts, tuples

DEED_TYPES = {"id": pa.int64(), "version": pa.int32(), "action": pa.int8(), "x": pa.float64(), "y": pa.float64()}
ADDED, CHANGED, RETIRED = range(3)


def deeds(conn: Connection, batch_id: int) -> pa.Table:
    """Component, the version that the batch wrote, what it did (ADDED, CHANGED or RETIRED), and a point on it."""
    return read_arrow(conn, "deeds", DEED_TYPES, batch_id=batch_id)


def deeds_page(
    conn: Connection, batch_id: int, action: int | None, limit: int, offset: int
) -> list[tuple[int, int, int]]:
    """Component, the version that the batch wrote, and what it did, by component."""
    found = tuples(conn, "deeds_page", batch_id=batch_id, action=action, limit=limit, offset=offset)
    return [(component, version, done) for component, version, done in found]


def versions(conn: Connection, ids: Sequence[int], numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Components in these versions; `geom` is a shapely geometry in the city's CRS."""
    return _shaped(dicts(conn, "versions", ids=list(ids), versions=list(numbers)))


def drafted(conn: Connection, batch_id: int) -> list[dict[str, Any]]:
    """Code and shape of the areas that a batch drafted."""
    return _shaped(dicts(conn, "drafted", batch_id=batch_id))


def severities_of_codes(conn: Connection, batch_id: int, codes: Sequence[str]) -> list[tuple[str, str]]:
    return [(code, severity) for code, severity in tuples(conn, "severities_of_codes", batch_id=batch_id, codes=codes)]


def _shaped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row, shape in zip(rows, shapely.from_wkb([row["geom"] for row in rows]), strict=True):
        row["geom"] = shape
    return rows
