"""Counts and outlines as GeoJSON, with the class of each shape in place of a style."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.errors import InputError
from gridsvc.maps import geometry
from gridsvc.maps.classes import Classes, classify
from gridsvc.maps.features import AreaCounts, HeatCells

SHAPES_BUDGET, OUTLINES_BUDGET = 1_150_000, 300_000
"""Bytes of JSON that the shapes may take, beside about 200 kB of scripts and styles."""
MAX_CELLS = 5_500
Bounds = list[list[float]]


@dataclass(frozen=True)
class Layer:
    """A feature collection ready to draw. `bounds`: south-west and north-east corner as latitude, longitude."""

    data: dict[str, Any]
    classes: Classes
    members: list[int]
    """How many shapes each class holds, class 0 first."""
    bounds: Bounds | None
    drawn: int
    """The sum of the counts drawn."""


def cell_layer(cells: HeatCells) -> Layer:
    """Hexagons: properties k (class) and n (count). Raises InputError for more cells than a file can hold."""
    if len(cells.count) > MAX_CELLS:
        raise InputError(
            f"{len(cells.count):,} cells are too many for one map (at most {MAX_CELLS:,}); "
            "use larger cells or count fewer reports"
        )
    classes = classify(cells.count)
    kinds, rings = classes.of(cells.count), geometry.hexagons(cells)
    features = [
        _feature({"k": k, "n": n}, {"type": "Polygon", "coordinates": [ring]})
        for k, n, ring in zip(kinds.tolist(), cells.count.tolist(), rings.tolist(), strict=True)
    ]
    return Layer(_collection(features), classes, _members(kinds, classes), _ring_bounds(rings), int(cells.count.sum()))


def area_layer(areas: AreaCounts, budget: int = SHAPES_BUDGET) -> Layer:
    """Areas: properties k, n, code, zh, en (names) and at (place and radius for a label)."""
    shapes = geometry.lightened(areas, budget - _words(areas))
    classes = classify(areas.count)
    kinds = classes.of(areas.count)
    rows = zip(kinds.tolist(), areas.count.tolist(), areas.code, areas.name_zh, areas.name_en, strict=True)
    properties = [{"k": k, "n": n, "code": code, "zh": zh or en, "en": en or zh} for k, n, code, zh, en in rows]
    for row, place in zip(properties, geometry.label_places(shapes, areas.srid), strict=True):
        row["at"] = place
    turned = geometry.degrees(shapes, areas.srid)
    features = [_feature(p, shapely.geometry.mapping(shape)) for p, shape in zip(properties, turned, strict=True)]
    members = _members(kinds, classes)
    return Layer(_collection(features), classes, members, _shape_bounds(turned), int(areas.count.sum()))


def near_city(cells: HeatCells, outlines: AreaCounts | None) -> HeatCells:
    """The cells whose centres lie within half the city's longer side of the box around its outlines.

    A report with its coordinates exchanged would otherwise shrink the city to a dot.
    """
    if outlines is None or not len(outlines.code):
        return cells
    west, south, east, north = shapely.total_bounds(outlines.geometry)
    margin = max(east - west, north - south) / 2
    near = (cells.x >= west - margin) & (cells.x <= east + margin)
    near &= (cells.y >= south - margin) & (cells.y <= north + margin)
    return replace(cells, x=cells.x[near], y=cells.y[near], count=cells.count[near])


def _words(areas: AreaCounts) -> int:
    """About how many bytes all but the coordinates take."""
    return sum(
        150 + len(f"{c}{zh}{en}".encode()) for c, zh, en in zip(areas.code, areas.name_zh, areas.name_en, strict=True)
    )


def _feature(properties: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": shape}


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def _members(kinds: NDArray[np.int64], classes: Classes) -> list[int]:
    return [int(n) for n in np.bincount(kinds, minlength=len(classes.lower) + 1)]


def _ring_bounds(rings: NDArray[np.float64]) -> Bounds | None:
    return _box(*rings.min(axis=(0, 1)), *rings.max(axis=(0, 1))) if len(rings) else None


def _shape_bounds(shapes: NDArray[np.object_]) -> Bounds | None:
    return _box(*shapely.total_bounds(shapes)) if len(shapes) else None


def _box(west: float, south: float, east: float, north: float) -> Bounds:
    return [[float(south), float(west)], [float(north), float(east)]]
