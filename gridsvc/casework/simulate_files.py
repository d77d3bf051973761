"""What a simulation would move as a layer for files: one row for each report, with its place."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from gridsvc.casework.simulate import Moved, Simulated
from gridsvc.files import OutLayer

COLUMNS: dict[str, Callable[[Moved], Any]] = {
    **{
        name: lambda moved, name=name: moved.report[name]
        for name in ("id", "channel", "external_id", "reported_at", "kind", "subclass_code", "category")
    },
    "lead_before": lambda moved: moved.was.lead,
    "lane_before": lambda moved: moved.was.lane,
    "manual_before": lambda moved: moved.was.manual_reason,
    "lead_after": lambda moved: moved.becomes.lead,
    "lane_after": lambda moved: moved.becomes.lane,
    "manual_after": lambda moved: moved.becomes.manual_reason,
    "rule_after": lambda moved: moved.rule,
    "recorded": lambda moved: moved.recorded,
}


def moves_layer(found: Simulated, srid: int) -> OutLayer:
    places = [shapely.Point(m.report["x"], m.report["y"]) if m.report["x"] is not None else None for m in found.moved]
    columns = {
        name: pa.array([_text(cell(moved)) for moved in found.moved], pa.string()) for name, cell in COLUMNS.items()
    }
    return OutLayer(name="simulation", columns=columns, geometry=np.array(places, dtype=object), srid=srid)


def moves_listed(found: Simulated, most: int) -> list[dict[str, str | None]]:
    """The first of them, with the same names."""
    return [{name: _text(cell(moved)) for name, cell in COLUMNS.items()} for moved in found.moved[:most]]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
