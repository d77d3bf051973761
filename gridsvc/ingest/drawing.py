"""Rows on a map: each for itself, or counted in cells where they are many."""

import json
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.crs import FloatArray, unproject
from gridsvc.ingest.boxes import Box, Degrees, box_in_city
from gridsvc.ingest.diff import ACTIONS
from gridsvc.store import previews
from gridsvc.store.connection import Connection

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
    names: tuple[str, ...] = ACTIONS
    """Of actions, by number."""

    def only(self, chosen: NDArray[np.int64]) -> "Rows":
        """`chosen`: places, ascending."""
        if len(chosen) == len(self.x):
            return self
        return Rows(
            x=self.x[chosen], y=self.y[chosen], action=self.action[chosen], row=self.row[chosen],
            names=self.names,
        )  # fmt: skip


def inside(rows: Rows, bounds: FloatArray | None, srid: int, seen: Degrees | None) -> tuple[NDArray[np.int64], Box]:
    """Places of what lies in the box, and the box in the city's CRS. `bounds`: (n, 4) of areas, None for places."""
    placed = np.isfinite(rows.x) & np.isfinite(rows.y)
    if not placed.any():
        return np.zeros(0, dtype=np.int64), (0.0, 0.0, 1.0, 1.0)
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


def _around(x: FloatArray, y: FloatArray) -> Box:
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _around_all(bounds: FloatArray) -> Box:
    least, most = np.nanmin(bounds, axis=0), np.nanmax(bounds, axis=0)
    return float(least[0]), float(least[1]), float(most[2]), float(most[3])


def cells(conn: Connection, batch_id: int, rows: Rows, box: Box, srid: int, zoom: int | None) -> list[dict[str, Any]]:
    """Points in the middle of what each cell holds, with how many rows of each action and findings of each severity."""
    size = _cell_size(box, srid, zoom)
    west, south, east, north = box
    across, along = int((east - west) // size) + 1, int((north - south) // size) + 1
    column = np.clip((rows.x - west) // size, 0, across - 1).astype(np.int32)
    line = np.clip((rows.y - south) // size, 0, along - 1).astype(np.int32)
    cell, most = line * across + column, across * along
    counts = np.bincount(cell * len(rows.names) + rows.action, minlength=most * len(rows.names)).reshape(most, -1)
    each = counts.sum(axis=1)
    held = np.flatnonzero(each)
    x, y = (np.bincount(cell, numbers, most)[held] / each[held] for numbers in (rows.x, rows.y))
    lon, lat = (np.round(degrees, DEGREES).tolist() for degrees in unproject(srid, x, y))
    found = _severities_of_cells(conn, batch_id, box, size, across)
    return [
        feature(
            {"type": "Point", "coordinates": [lon[n], lat[n]]},
            _counts(rows.names, counts[key].tolist(), found[int(key)]),
        )
        for n, key in enumerate(held)
    ]


def _counts(names: tuple[str, ...], actions: list[int], severities: Mapping[str, int]) -> dict[str, Any]:
    by_action = {name: count for name, count in zip(names, actions, strict=True) if count}
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


def simplified(shapes: NDArray[Any], rows: Rows, srid: int, zoom: int | None) -> NDArray[Any]:
    """Without what is smaller than half a pixel."""
    if zoom is None or not len(rows.x):
        return shapes
    return np.asarray(shapely.simplify(shapes, _pixel(_around(rows.x, rows.y), srid, zoom) / 2), dtype=object)


def geojson(shapes: NDArray[Any], srid: int) -> list[dict[str, Any]]:
    """Geometries in degrees."""
    return [json.loads(text) for text in shapely.to_geojson(in_degrees(shapes, srid))]


def in_degrees(shapes: NDArray[Any], srid: int) -> NDArray[Any]:
    """Geometries of the city's CRS in WGS 84; None stays None."""

    def turned(xy: FloatArray) -> FloatArray:
        lon, lat = unproject(srid, xy[:, 0], xy[:, 1])
        return np.asarray(np.round(np.column_stack([lon, lat]), DEGREES), dtype=np.float64)

    return np.asarray(shapely.transform(shapes, turned), dtype=object)


def feature(geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def collection(found: list[dict[str, Any]], *, total: int, cells: bool) -> dict[str, Any]:
    return {"type": "FeatureCollection", "total": total, "cells": cells, "features": found}
