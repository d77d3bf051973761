"""One component: finding it, what stands around it, and the batches of those who changed it."""

from dataclasses import dataclass
from typing import Any

import shapely

from gridsvc.domain.location import TOLERANCE
from gridsvc.store.connection import Connection
from gridsvc.store.rows import dicts, execute, value, values

NO_COMPONENT = 0
MOST_NEIGHBOURS = 20


@dataclass(frozen=True, kw_only=True)
class Known:
    """Where an edit begins."""

    id: int
    version: int
    state: str


@dataclass(frozen=True, kw_only=True)
class TouchedArea:
    id: int
    kind: str
    code: str
    geom: Any
    """Shapely MultiPolygon in the city's CRS."""


def find(conn: Connection, code: str) -> Known | None:
    rows = dicts(conn, "component_by_code", code=code)
    return Known(**rows[0]) if rows else None


def seen(conn: Connection, code: str) -> dict[str, Any] | None:
    """As the caller may see it, with its shape as GeoJSON in WGS 84 and its areas."""
    rows = dicts(conn, "one_component_seen", code=code)
    return rows[0] if rows else None


def batches_told(conn: Connection, ids: list[int]) -> dict[int, dict[str, Any]]:
    """Kind, file, reason and account of batches, by id."""
    return {row["id"]: row for row in dicts(conn, "batches_told", ids=ids)}


def name_batch(conn: Connection, batch_id: int, file_name: str) -> None:
    execute(conn, "name_batch", batch_id=batch_id, file_name=file_name)


def code_of_batch(conn: Connection, batch_id: int) -> str:
    return str(value(conn, "code_of_batch", batch_id=batch_id))


def areas_touching(conn: Connection, srid: int, shape: Any, *, kind: str, code: str | None) -> list[TouchedArea]:
    """The areas in force that a shape touches, and the one of a kind with a code; ordered by kind and code.

    An empty shape touches none.
    """
    rows = dicts(
        conn, "areas_touching", shape=shapely.to_wkb(shape), srid=srid, tolerance=TOLERANCE, kind=kind, code=code
    )
    shapes = shapely.from_wkb([row.pop("geom") for row in rows])
    return [TouchedArea(**row, geom=geom) for row, geom in zip(rows, shapes, strict=True)]


def neighbours(conn: Connection, srid: int, shape: Any, *, subclass_code: str, within: float, but: int) -> list[int]:
    """Ids of live components of a subclass within metres of a shape, but for the component with an id; the nearest."""
    return values(
        conn, "neighbours", shape=shapely.to_wkb(shape), srid=srid, subclass_code=subclass_code, within=within,
        but=but, limit=MOST_NEIGHBOURS,
    )  # fmt: skip
