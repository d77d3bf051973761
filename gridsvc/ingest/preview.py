"""What a batch would do, to be looked at: its rows on a map, and as pages of a list. Read from its staged files."""

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from gridsvc.domain.crs import FloatArray, unproject
from gridsvc.domain.findings import SEVERITIES
from gridsvc.errors import one_of
from gridsvc.ingest import staging
from gridsvc.ingest.boxes import Box, Degrees, box_in_city
from gridsvc.ingest.diff import ACTIONS, ADDED, REJECTED
from gridsvc.ingest.layers import COMPONENTS
from gridsvc.store import previews
from gridsvc.store.connection import Connection

MOST = 5_000
"""Features drawn one by one; more are counted in cells."""
SIDE = 64
"""Cells along the longer side of a box, at most."""
CELL_PIXELS = 48
EQUATOR, TILE = 40_075_016.7, 256
"""Metres around the earth and pixels around it at zoom 0: how large a pixel is at other zooms follows."""
DEGREES = 7


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Staged rows and what becomes of each; components that are gone have the row −1."""

    x: FloatArray
    y: FloatArray
    action: NDArray[np.int8]
    row: NDArray[np.int64]

    def only(self, chosen: NDArray[np.int64]) -> "Rows":
        """`chosen`: places, ascending."""
        if len(chosen) == len(self.x):
            return self
        return Rows(x=self.x[chosen], y=self.y[chosen], action=self.action[chosen], row=self.row[chosen])


def features(
    conn: Connection, folder: Path, batch: Mapping[str, Any], srid: int, seen: Degrees | None, zoom: int | None
) -> dict[str, Any]:
    """GeoJSON in WGS 84 of what lies in a box: each feature, or cells with counts where there are more than MOST.

    A batch that has no staged rows any more shows none.
    """
    if not staging.is_there(folder):
        return _collection([], total=0, cells=False)
    table = staging.rows(folder)
    rows, changes = _components(folder) if batch["target"] == COMPONENTS else (_areas(folder, table), None)
    chosen, box = _inside(rows, table, changes is None, srid, seen)
    if len(chosen) > MOST:
        found = _cells(conn, batch["id"], rows.only(chosen), box, srid, zoom)
        return _collection(found, total=len(chosen), cells=True)
    shapes = _shapes(table, rows.only(chosen), srid, zoom)
    lines = _taken(changes, ["code", "subclass_code", "fields"], chosen) if changes is not None else None
    told = _told(table, rows.only(chosen), lines)
    _add_severities(conn, batch["id"], told)
    return _collection([_feature(*pair) for pair in zip(shapes, told, strict=True)], total=len(chosen), cells=False)


def changes_page(
    folder: Path, srid: int, action: str | None, limit: int, offset: int
) -> tuple[int, list[dict[str, Any]]]:
    """How many lines the comparison has of an action, or in all, and some of them."""
    if action is not None and action not in ACTIONS:
        raise one_of("action", action, list(ACTIONS), zh="变更类型")
    if not staging.is_there(folder):
        return 0, []
    table, rows = staging.rows(folder, staging.CHANGES), staging.rows(folder)
    if action is None:
        total, places = table.num_rows, np.arange(table.num_rows)[offset : offset + limit]
    else:
        found = np.flatnonzero(_numbers(table, "action") == ACTIONS.index(action))
        total, places = len(found), found[offset : offset + limit]
    return total, _lines(_taken(table, table.schema.names, places), rows, srid)


def rejected_page(folder: Path, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
    """Rows that promoting would set aside, and why."""
    if not staging.is_there(folder):
        return 0, []
    places, reasons = staging.reasons(folder)
    table = staging.rows(folder)
    names = [name for name in table.schema.names if name not in ("geom", "identity", "digest")]
    said = _taken(table, names, places[offset : offset + limit]).to_pylist()
    return len(places), [
        {"layer": row.pop("layer"), "feature": row.pop("feature"), "code": row["code"], "reason": reason, "row": row}
        for row, reason in zip(said, reasons[offset : offset + limit], strict=True)
    ]


def _components(folder: Path) -> tuple[Rows, Any]:
    table = staging.rows(folder, staging.CHANGES)
    x, y, action, row = (_numbers(table, name) for name in ("x", "y", "action", "row"))
    return Rows(x=x, y=y, action=action, row=row), table


def _areas(folder: Path, table: Any) -> Rows:
    """They become a draft, all of them."""
    action = np.full(table.num_rows, ADDED, dtype=np.int8)
    action[staging.reasons(folder)[0]] = REJECTED
    return Rows(x=_numbers(table, "x"), y=_numbers(table, "y"), action=action, row=np.arange(table.num_rows))


def _numbers(table: Any, name: str) -> Any:
    return np.asarray(table[name])


def _inside(rows: Rows, table: Any, areas: bool, srid: int, seen: Degrees | None) -> tuple[NDArray[np.int64], Box]:
    """Places of what lies in the box, and the box in the city's CRS."""
    placed = np.isfinite(rows.x) & np.isfinite(rows.y)
    if not placed.any():
        return np.zeros(0, dtype=np.int64), (0.0, 0.0, 1.0, 1.0)
    bounds = _bounds(table) if areas else None
    whole = _around(rows.x[placed], rows.y[placed]) if bounds is None else _around_all(bounds)
    box = box_in_city(srid, seen, whole)
    if box is None:
        return np.zeros(0, dtype=np.int64), whole
    west, south, east, north = box
    if bounds is None:
        within = (rows.x >= west) & (rows.x <= east) & (rows.y >= south) & (rows.y <= north)
    else:
        within = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    return np.flatnonzero(within & placed), box


def _bounds(table: Any) -> FloatArray:
    return shapely.bounds(shapely.from_wkb(_objects(table["geom"])))


def _around(x: FloatArray, y: FloatArray) -> Box:
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _around_all(bounds: FloatArray) -> Box:
    least, most = np.nanmin(bounds, axis=0), np.nanmax(bounds, axis=0)
    return float(least[0]), float(least[1]), float(most[2]), float(most[3])


def _cells(conn: Connection, batch_id: int, rows: Rows, box: Box, srid: int, zoom: int | None) -> list[dict[str, Any]]:
    """Points in the middle of what each cell holds, with how many rows of each action and findings of each severity."""
    size = _cell_size(box, srid, zoom)
    west, south, east, north = box
    across, along = int((east - west) // size) + 1, int((north - south) // size) + 1
    column = np.clip((rows.x - west) // size, 0, across - 1).astype(np.int32)
    line = np.clip((rows.y - south) // size, 0, along - 1).astype(np.int32)
    cell, cells = line * across + column, across * along
    counts = np.bincount(cell * len(ACTIONS) + rows.action, minlength=cells * len(ACTIONS)).reshape(cells, -1)
    each = counts.sum(axis=1)
    held = np.flatnonzero(each)
    x, y = (np.bincount(cell, numbers, cells)[held] / each[held] for numbers in (rows.x, rows.y))
    lon, lat = (np.round(degrees, DEGREES).tolist() for degrees in unproject(srid, x, y))
    found = _severities_of_cells(conn, batch_id, box, size, across)
    return [
        _feature({"type": "Point", "coordinates": [lon[n], lat[n]]}, _counts(counts[key].tolist(), found[int(key)]))
        for n, key in enumerate(held)
    ]


def _counts(actions: list[int], severities: Mapping[str, int]) -> dict[str, Any]:
    by_action = {name: count for name, count in zip(ACTIONS, actions, strict=True) if count}
    return {"count": sum(actions), "counts": {**by_action, **severities}}


def _cell_size(box: Box, srid: int, zoom: int | None) -> float:
    least = max(box[2] - box[0], box[3] - box[1], 1.0) / SIDE
    return least if zoom is None else max(least, _pixel(box, srid, zoom) * CELL_PIXELS)


def _pixel(box: Box, srid: int, zoom: int) -> float:
    """Metres of a pixel on the map, in the middle of the box."""
    _, lat = unproject(srid, np.array([(box[0] + box[2]) / 2]), np.array([(box[1] + box[3]) / 2]))
    return float(EQUATOR / TILE * math.cos(math.radians(float(lat[0]))) / 2**zoom)


def _severities_of_cells(
    conn: Connection, batch_id: int, box: Box, size: float, across: int
) -> defaultdict[int, dict[str, int]]:
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for column, line, severity, count in previews.finding_cells(conn, batch_id, box, size):
        found[line * across + column][severity] = count
    return found


def _shapes(table: Any, rows: Rows, srid: int, zoom: int | None) -> list[dict[str, Any]]:
    """Geometries in degrees; a point where the component is gone."""
    shapes = np.asarray(shapely.points(rows.x, rows.y), dtype=object)
    staged = rows.row >= 0
    given = shapely.from_wkb(_objects(_taken(table, ["geom"], rows.row[staged])["geom"]))
    if zoom is not None and len(rows.x):
        given = shapely.simplify(given, _pixel(_around(rows.x, rows.y), srid, zoom) / 2)
    shapes[staged] = given
    return [json.loads(text) for text in shapely.to_geojson(in_degrees(shapes, srid))]


def in_degrees(shapes: NDArray[Any], srid: int) -> NDArray[Any]:
    """Geometries of the city's CRS in WGS 84; None stays None."""

    def turned(xy: FloatArray) -> FloatArray:
        lon, lat = unproject(srid, xy[:, 0], xy[:, 1])
        return np.asarray(np.round(np.column_stack([lon, lat]), DEGREES), dtype=np.float64)

    return np.asarray(shapely.transform(shapes, turned), dtype=object)


def _told(table: Any, rows: Rows, changes: Any | None) -> list[dict[str, Any]]:
    staged = rows.row >= 0
    place = iter(_of_rows(table, rows.row[staged]))
    origin = [next(place) if is_staged else {"layer": None, "feature": None} for is_staged in staged]
    said = _taken(table, ["code"], rows.row).to_pylist() if changes is None else changes.to_pylist()
    return [
        {"action": ACTIONS[action], **one, **where, "severity": None}
        for action, one, where in zip(rows.action.tolist(), said, origin, strict=True)
    ]


def _of_rows(table: Any, places: NDArray[np.int64]) -> list[dict[str, Any]]:
    return list(_taken(table, ["layer", "feature"], places).to_pylist())


def _taken(table: Any, names: list[str], places: NDArray[np.int64]) -> Any:
    """Some rows, their places ascending; only of the record batches that hold them anything is read."""
    taken, first = [table.schema.empty_table().select(names)], 0
    for batch in table.select(names).to_batches():
        begin, end = np.searchsorted(places, [first, first + batch.num_rows])
        if begin < end:
            taken.append(pa.Table.from_batches([batch.take(pa.array(places[begin:end] - first))]))
        first += batch.num_rows
    return pa.concat_tables(taken)


def _add_severities(conn: Connection, batch_id: int, told: Sequence[dict[str, Any]]) -> None:
    """The worst of what was found about each."""
    numbers = sorted({one["feature"] for one in told if one["feature"] is not None})
    rank = {severity: place for place, severity in enumerate(SEVERITIES)}
    worst: dict[tuple[str, int], str] = {}
    for layer, feature, severity in previews.severities_of_features(conn, batch_id, numbers):
        known = worst.get((layer, feature), severity)
        worst[layer, feature] = min(known, severity, key=rank.__getitem__)
    for one in told:
        one["severity"] = worst.get((one["layer"], one["feature"]))


def _lines(changes: Any, rows: Any, srid: int) -> list[dict[str, Any]]:
    lon, lat = unproject(srid, _numbers(changes, "x"), _numbers(changes, "y"))
    place = iter(_of_rows(rows, np.array([n for n in changes["row"].to_pylist() if n >= 0], dtype=np.int64)))
    return [
        {
            "action": ACTIONS[one["action"]],
            "code": one["code"],
            "subclass_code": one["subclass_code"],
            "fields": one["fields"].split(",") if one["fields"] else [],
            "moved_m": round(one["moved"], 3),
            "lon": round(east, DEGREES) if math.isfinite(east) else None,
            "lat": round(north, DEGREES) if math.isfinite(north) else None,
            **(next(place) if one["row"] >= 0 else {"layer": None, "feature": None}),
        }
        for one, east, north in zip(changes.to_pylist(), lon.tolist(), lat.tolist(), strict=True)
    ]


def _objects(column: Any) -> NDArray[Any]:
    return np.array(column.to_pylist(), dtype=object)


def _feature(geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _collection(found: list[dict[str, Any]], *, total: int, cells: bool) -> dict[str, Any]:
    return {"type": "FeatureCollection", "total": total, "cells": cells, "features": found}
