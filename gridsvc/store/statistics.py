"""Counts of reports: totals, by area, by cell, by department."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.crs import FloatArray
from gridsvc.domain.grid_cells import OUTSIDE
from gridsvc.domain.grid_index import KindAreas, KindIndex
from gridsvc.store.areas import NOW, AsOf
from gridsvc.store.casework import ReportFilter
from gridsvc.store.connection import Connection
from gridsvc.store.locating import kind_areas
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
    conn: Connection, chosen: ReportFilter, area_kind: str, when: AsOf = NOW, *, only_open: bool = False
) -> list[dict[str, Any]]:
    """Areas of a kind with how many reports each holds, shapes as WKB in the city's CRS."""
    if when.is_now:
        return dicts(conn, "area_counts", area_kind=area_kind, only_open=only_open, **chosen.values())
    areas, held = _held(conn, chosen, area_kind, when, only_open=only_open)
    rows = zip(areas.codes, areas.names_zh, areas.names_en, held[:, 0].tolist(), areas.shapes, strict=True)
    return [
        {"code": code, "name_zh": zh, "name_en": en, "count": count, "geom": shapely.to_wkb(shape)}
        for code, zh, en, count, shape in rows
    ]


def statistics(
    conn: Connection, chosen: ReportFilter, by: str, area_kind: str | None, when: AsOf = NOW
) -> list[dict[str, Any]]:
    """Reports, cases, closed and manual by one of GROUPS; `area_kind`, and which areas count, go with `area`."""
    if area_kind is None or when.is_now:
        return dicts(conn, f"statistics_by_{by}", area_kind=area_kind, **chosen.values())
    areas, held = _held(conn, chosen, area_kind, when)
    names = ("key", "name_zh", "name_en", "reports", "cases", "closed", "manual")
    texts = zip(areas.codes, areas.names_zh, areas.names_en, strict=True)
    rows = [dict(zip(names, (*text, *row), strict=True)) for text, row in zip(texts, held.tolist(), strict=True)]
    return sorted((row for row in rows if row["reports"]), key=lambda row: -row["reports"])


def _held(
    conn: Connection, chosen: ReportFilter, area_kind: str, when: AsOf, *, only_open: bool = False
) -> tuple[KindAreas, NDArray[np.int64]]:
    """Areas of another time, and of each how many reports lie in it, cases, closed and manual ones among them."""
    rows = tuples(conn, "placed_reports", only_open=only_open, **chosen.values())
    table = np.array(rows, dtype=float).reshape(-1, 5)
    areas = kind_areas(conn, area_kind, when)
    places = KindIndex.build(area_kind, areas).find(table[:, 0], table[:, 1]).places
    held = np.zeros((len(areas.ids), 4), np.int64)
    inside = places != OUTSIDE
    flags = np.column_stack([np.ones(len(table)), table[:, 2:]]).astype(np.int64)
    np.add.at(held, places[inside], flags[inside])
    return areas, held


def overview(conn: Connection) -> dict[str, int]:
    return dicts(conn, "overview")[0]
