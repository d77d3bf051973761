"""What a simulation would move as a layer for files: one row for each report, with its place."""

from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from gridsvc.casework.simulate import Moved, Simulated
from gridsvc.files import OutLayer

COLUMNS = (
    "id", "channel", "external_id", "reported_at", "kind", "subclass_code", "category", "lead_before", "lane_before",
    "manual_before", "lead_after", "lane_after", "manual_after", "rule_after", "recorded",
)  # fmt: skip


def _row(moved: Moved) -> dict[str, Any]:
    sides = {"before": moved.was, "after": moved.becomes}
    told = {
        f"{name}_{side}": value
        for side, answer in sides.items()
        for name, value in (("lead", answer.lead), ("lane", answer.lane), ("manual", answer.manual_reason))
    }
    return {**moved.report, **told, "rule_after": moved.rule, "recorded": moved.recorded}


def moves_layer(found: Simulated, srid: int) -> OutLayer:
    places = [shapely.Point(m.report["x"], m.report["y"]) if m.report["x"] is not None else None for m in found.moved]
    rows = moves_listed(found)
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in COLUMNS}
    return OutLayer(name="simulation", columns=columns, geometry=np.array(places, dtype=object), srid=srid)


def moves_listed(found: Simulated, most: int | None = None) -> list[dict[str, str | None]]:
    """All of them or the first, with the same names."""
    rows = map(_row, found.moved[:most])
    return [{name: None if row[name] is None else str(row[name]) for name in COLUMNS} for row in rows]
