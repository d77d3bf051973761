"""How located areas compare with those that a channel recorded itself."""

from dataclasses import dataclass, field
from typing import Any

from gridsvc.domain.location import TOLERANCE
from gridsvc.errors import one_of
from gridsvc.store import areas, casework, channels
from gridsvc.store.casework import ReportFilter
from gridsvc.store.connection import Connection

SEAM = 30.0
"""Metres, a street's width: within it a geocoder may have put the point on the other side."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    compared: int
    same: int
    not_recorded: int
    not_located: int
    """Reports with a record that lie in no area of the kind, or have no place."""
    differences: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Reports that differ, by the likely reason."""


def compare(conn: Connection, channel: str, kind: str, chosen: ReportFilter) -> Compared:
    channels.check_channel(conn, channel)
    kinds = [known.kind for known in areas.kinds_in_use(conn)]
    if kind not in kinds:
        raise one_of("area kind", kind, kinds)
    compared, same, not_recorded, not_located = casework.recorded_areas(conn, channel, kind, chosen)
    differences: dict[str, list[dict[str, Any]]] = {}
    for row in casework.recorded_areas_differ(conn, channel, kind, chosen):
        differences.setdefault(_reason(row), []).append(row)
    return Compared(
        compared=compared, same=same, not_recorded=not_recorded, not_located=not_located, differences=differences
    )


def _reason(row: dict[str, Any]) -> str:
    if row["recorded_distance"] is None:
        return "the recorded area does not exist"
    if row["edge_distance"] <= TOLERANCE:
        return "the point lies on the edge (within 1 mm): the lowest code wins, the city recorded the other side"
    if row["recorded_distance"] <= SEAM:
        return f"the recorded area begins within {SEAM:.0f} m of the point: the other side of the street"
    return f"the recorded area is more than {SEAM:.0f} m away: the record and the point tell of two places"
