"""Parts of a preview as layers for files: what changes, one row each, with its place."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from gridsvc.areas.preview import Preview
from gridsvc.errors import one_of
from gridsvc.files import OutLayer
from gridsvc.store import audit, components
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

Rows = list[dict[str, Any]]


def preview_layer(conn: Connection, city: City, found: Preview, part: str) -> OutLayer:
    """A part of the preview; that it was taken out is recorded. Needs an open transaction."""
    if part not in PARTS:
        raise one_of("part of a preview", part, list(PARTS), zh="预览内容")
    columns, geometry = PARTS[part](conn, found)
    audit.record(conn, "export.preview", f"draft {found.draft.id}", after={"part": part, "rows": len(geometry)})
    return OutLayer(name=part, columns=columns, geometry=geometry, srid=city.srid)


def _components(conn: Connection, found: Preview) -> tuple[dict[str, pa.Array], Any]:
    moves, points = found.components.moves, found.components
    places = np.concatenate([move.points for move in moves]) if moves else np.empty(0, np.int64)
    known = components.codes_of(conn, np.unique(points.ids[places]).tolist())
    named = [known.get(component, ("", "")) for component in points.ids[places].tolist()]
    columns = {
        "component_code": pa.array([code for code, _ in named], pa.string()),
        "subclass_code": pa.array([subclass for _, subclass in named], pa.string()),
        "kind": pa.array([move.kind for move in moves for _ in move.points], pa.string()),
        "from": pa.array([move.old for move in moves for _ in move.points], pa.string()),
        "to": pa.array([move.new for move in moves for _ in move.points], pa.string()),
    }
    return columns, shapely.points(points.x[places], points.y[places])


def _areas(_: Connection, found: Preview) -> tuple[dict[str, pa.Array], Any]:
    rows = {(kind["kind"], area["code"]): area for kind in found.kinds for area in kind["areas"]}
    changes = found.changes
    sides = {
        f"{name}_{side}": pa.array(
            [(rows[c.kind, c.code][side] or {}).get(name) for c in changes], pa.float64()
        )
        for name in ("area_m2", "components", "reports")
        for side in ("before", "after")
    }  # fmt: skip
    columns = {
        "kind": pa.array([c.kind for c in changes], pa.string()),
        "code": pa.array([c.code for c in changes], pa.string()),
        "name_zh": pa.array([c.name_zh or c.old_name_zh for c in changes], pa.string()),
        "name_en": pa.array([c.name_en or c.old_name_en for c in changes], pa.string()),
        "change": pa.array([_what(c.old_geom, c.new_geom) for c in changes], pa.string()),
        **sides,
    }
    shapes = [c.old_geom if c.new_geom is None else c.new_geom for c in changes]
    return columns, np.array(shapes, dtype=object)


def _what(old: Any, new: Any) -> str:
    return "begins" if old is None else "ends" if new is None else "changes"


def _cases(_: Connection, found: Preview) -> tuple[dict[str, pa.Array], Any]:
    rows = [
        {
            "case_id": str(case["case_id"]), "report_id": case["report_id"], "state": case["state"],
            "areas": "; ".join(f"{m['kind']} {m['from']} → {m['to']}" for m in case["areas"]),
            "department": case["department"], "lane": case["lane"],
            "becomes_department": (case["becomes"] or {}).get("department"),
            "becomes_lane": (case["becomes"] or {}).get("lane"),
            "manual_reason": (case["becomes"] or {}).get("manual_reason"),
        }
        for case in found.cases
    ]  # fmt: skip
    points = shapely.points([case["x"] for case in found.cases], [case["y"] for case in found.cases])
    return _texts(rows, CASE_COLUMNS), np.atleast_1d(points)


CASE_COLUMNS = (
    "case_id", "report_id", "state", "areas", "department", "lane", "becomes_department", "becomes_lane",
    "manual_reason",
)  # fmt: skip


def _duties(_: Connection, found: Preview) -> tuple[dict[str, pa.Array], Any]:
    return _listed(found.duties, ("rule", "about", "kind", "code", "lead", "becomes"))


def _accounts(_: Connection, found: Preview) -> tuple[dict[str, pa.Array], Any]:
    return _listed(found.accounts, ("name", "display_name", "kind", "code", "ends"))


def _rosters(_: Connection, found: Preview) -> tuple[dict[str, pa.Array], Any]:
    return _listed(found.rosters, ("kind", "code", "post", "service", "person", "becomes"))


def _listed(rows: Rows, columns: Sequence[str]) -> tuple[dict[str, pa.Array], Any]:
    return _texts(rows, columns), np.full(len(rows), None, dtype=object)


def _texts(rows: Rows, columns: Sequence[str]) -> dict[str, pa.Array]:
    return {name: pa.array([_text(row[name]) for row in rows], pa.string()) for name in columns}


def _text(value: Any) -> str | None:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return None if value is None else str(value)


PARTS: dict[str, Callable[[Connection, Preview], tuple[dict[str, pa.Array], Any]]] = {
    "areas": _areas, "components": _components, "cases": _cases, "duties": _duties, "accounts": _accounts,
    "rosters": _rosters,
}  # fmt: skip
