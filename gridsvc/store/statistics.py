"""Counts of reports: totals, by area, by cell, by department."""

from typing import Any

import numpy as np

from gridsvc.domain.crs import FloatArray
from gridsvc.store.casework import ReportFilter
from gridsvc.store.connection import Connection
from gridsvc.store.rows import dicts, tuples

GROUPS = ("area", "department", "subclass", "day")


def report_totals(conn: Connection, chosen: ReportFilter, *, only_open: bool = False) -> dict[str, int]:
    """`total`, and of these `unplaced` and `open`."""
    return dicts(conn, "report_totals", only_open=only_open, **chosen.values())[0]


def heat_cells(
    conn: Connection, chosen: ReportFilter, size: float, *, only_open: bool = False
) -> tuple[FloatArray, FloatArray, Any]:
    """Centres (x, y in the city's CRS) and counts of the hexagons of edge length `size` metres that hold a report."""
    rows = tuples(conn, "heat_cells", size=size, only_open=only_open, **chosen.values())
    table = np.array(rows, dtype=float).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2].astype(np.int64)


def area_counts(
    conn: Connection, chosen: ReportFilter, area_kind: str, *, only_open: bool = False
) -> list[dict[str, Any]]:
    """Areas of a kind with how many reports each holds, shapes as WKB in the city's CRS."""
    return dicts(conn, "area_counts", area_kind=area_kind, only_open=only_open, **chosen.values())


def statistics(conn: Connection, chosen: ReportFilter, by: str, area_kind: str | None) -> list[dict[str, Any]]:
    """Reports, cases, closed and manual by one of GROUPS; `area_kind` goes with `area`."""
    return dicts(conn, f"statistics_by_{by}", area_kind=area_kind, **chosen.values())


def overview(conn: Connection) -> dict[str, int]:
    return dicts(conn, "overview")[0]
