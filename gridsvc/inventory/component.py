"""One component: what it is, and all that it was."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import shapely

from gridsvc.domain.access import Right
from gridsvc.domain.components import anchors
from gridsvc.domain.crs import project
from gridsvc.domain.versions import GEOMETRY, differences
from gridsvc.errors import NotFoundError
from gridsvc.store import component_edits, components, photos
from gridsvc.store.callers import acting
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

EVENTS = ("added", "changed", "retired", "rolled_back", "taken_back")
"""What made a version: a batch added, changed or retired the component, or was rolled back. `taken_back`: there is no
component any more, since the batch that added it was rolled back."""


def component(conn: Connection, code: str) -> dict[str, Any]:
    """As the caller may see it, with the ids of its photos; its shape in WGS 84."""
    found = component_edits.seen(conn, code)
    if found is None:
        raise _missing(code)
    return {**found, "photos": photos.component_photos_of(conn, code)}


def photo(conn: Connection, photo_id: UUID, folder: Path) -> bytes:
    """A JPEG, of a component whose details the caller may see."""
    digest = photos.component_photo_file(conn, photo_id)
    if digest is None:
        raise NotFoundError(f"photo {photo_id} does not exist", zh=f"没有照片 {photo_id}")
    return photos.content(digest, folder)


def history(conn: Connection, city: City, code: str) -> list[dict[str, Any]]:
    """Its versions, newest first: what made each, and what that changed. Needs the system's view."""
    rows = components.history(conn, code)
    if not rows:
        raise _missing(code)
    steps = [_step(city, row, older) for row, older in zip(rows, [*rows[1:], None], strict=True)]
    if rows[0]["superseded_at"] is not None:
        gone = {"version": None, "event": "taken_back", "at": rows[0]["superseded_at"], "changes": [], "moved_m": 0.0}
        steps.insert(0, {**gone, "batch": rows[0]["superseded_by"]})
    batches = component_edits.batches_told(conn, [step["batch"] for step in steps])
    return [{**step, "batch": _batch(batches[step["batch"]], step["event"])} for step in steps]


def history_seen(conn: Connection, city: City, code: str) -> list[dict[str, Any]]:
    """The same, for a caller who may import: of a component that the caller may see, or that is not there any more."""
    with acting(conn, Right.IMPORT_DATA):
        found = history(conn, city, code)
    if found[0]["event"] != "taken_back":
        component(conn, code)
    return found


def _missing(code: str) -> NotFoundError:
    return NotFoundError(f"component {code} does not exist", zh=f"没有编码为 {code} 的部件")


def _step(city: City, row: Mapping[str, Any], older: Mapping[str, Any] | None) -> dict[str, Any]:
    """`older` is the row before; another component that once had the code if this one is in its first version."""
    base = {"version": row["version"], "at": row["recorded_at"], "batch": row["batch_id"]}
    if older is None or row["version"] == 1:
        return {**base, "event": "added", "changes": [], "moved_m": 0.0}
    undone = older["fate"] == "undone"
    found = differences(older, row)
    moved = any(one.field == GEOMETRY for one in found)
    return {
        **base,
        "batch": older["superseded_by"] if undone else row["batch_id"],
        "event": "rolled_back" if undone else older["fate"],
        "changes": [asdict(one) for one in found],
        "moved_m": _moved(city, older[GEOMETRY], row[GEOMETRY]) if moved else 0.0,
    }


def _moved(city: City, before: Mapping[str, Any], after: Mapping[str, Any]) -> float:
    """Metres between the places of two shapes in degrees."""
    shapes = shapely.from_geojson([json.dumps(one) for one in (before, after)])
    x, y = anchors(shapely.transform(shapes, lambda xy: np.column_stack(project(city.srid, xy[:, 0], xy[:, 1]))))
    return round(float(np.hypot(x[0] - x[1], y[0] - y[1])), 3)


def _batch(told: Mapping[str, Any], event: str) -> dict[str, Any]:
    """Who made the batch; who rolled one back is known to the audit only."""
    who = {} if event in ("rolled_back", "taken_back") else {"account": told["account"], "person": told["display_name"]}
    return {
        "id": told["id"], "kind": told["kind"], "file": told["file_name"], "reason": told["reason"], "account": None,
        "person": None, **who,
    }  # fmt: skip
