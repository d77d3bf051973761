"""Whether the queries for places still use the spatial index when row-level security is in force."""

from collections.abc import Iterator
from typing import Any, LiteralString

from gridsvc.store.components import ComponentFilter
from gridsvc.store.connection import Connection
from gridsvc.store.queries import sql

INDEX = "component_geom"


def plans(conn: Connection, srid: int, x: float, y: float) -> Iterator[tuple[str, str]]:
    """Names of the queries for places, each with its plan around a place; as the caller of the connection.

    A small table is scanned whole whatever there is, so scanning is made dear for the question.
    """
    place: dict[str, Any] = {"x": x, "y": y, "srid": srid, "radius": 100.0, "subclass_code": None}
    box = ComponentFilter(box=(x - 300, y - 300, x + 300, y + 300)).values(srid)
    asked: dict[str, dict[str, Any]] = {
        "components_nearby": {**place, "limit": 20},
        "components_page": {**box, "limit": 100, "offset": 0},
        "components_total": box,
        "components_to_match": {
            "srid": srid,
            "code": [None],
            "subclass_code": ["0111"],
            "radius": [100.0],
            "x": [x],
            "y": [y],
        },
        "component_tile": {"srid": srid, "z": 16, "x": 2**15, "y": 2**15},
    }
    with conn.transaction(force_rollback=True):
        conn.execute("SET LOCAL enable_seqscan = off")
        conn.execute("SET LOCAL enable_indexonlyscan = off")
        for name, given in asked.items():
            rows = conn.execute(_explained(sql(name)), given).fetchall()
            yield name, "\n".join(row[0] for row in rows)


def uses_index(plan: str) -> bool:
    """By a condition on the shape, not merely as an order to walk in."""
    lines = plan.splitlines()
    return any(
        INDEX in line and any("Index Cond" in after and "geom &&" in after for after in lines[n + 1 : n + 4])
        for n, line in enumerate(lines)
    )


def _explained(statement: LiteralString) -> LiteralString:
    return "EXPLAIN " + statement
