"""Shapes of a file on their way into the store: flat, single where they can be, repaired where that is safe."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.components import anchors
from gridsvc.domain.crs import BoolArray, FloatArray
from gridsvc.ingest.rules.contract import finite

MOST_CHANGE = 0.01
"""Share of its area that a polygon may gain or lose by being repaired; more is for people to look at."""


def flat(shapes: NDArray[Any]) -> NDArray[Any]:
    """Two-dimensional, and single where a shape of many parts has only one."""
    found = shapes.copy()
    deep = shapely.has_z(found) | shapely.has_m(found)
    found[deep] = shapely.force_2d(found[deep])
    many = np.isin(shapely.get_type_id(found), (4, 5, 6)) & (shapely.get_num_geometries(found) == 1)
    found[many] = shapely.get_geometry(found[many], 0)
    return found


def repair(shapes: NDArray[Any]) -> dict[int, str]:
    """Make invalid polygons valid in place where they stay polygons of nearly the same area; rows and their faults."""
    polygons = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    broken = polygons[~shapely.is_valid(shapes[polygons])]
    broken = broken[finite(shapes[broken])]
    if not len(broken):
        return {}
    made = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    before, after = np.abs(shapely.area(shapes[broken])), shapely.area(made)
    polygonal = np.isin(shapely.get_type_id(made), (3, 6)) & ~shapely.is_empty(made)
    same = polygonal & (np.abs(after - before) <= MOST_CHANGE * after)
    reasons = shapely.is_valid_reason(shapes[broken])
    shapes[broken[same]] = made[same]
    return {int(row): str(reason) for row, reason in zip(broken[same], reasons[same], strict=True)}


def to_points(shapes: NDArray[Any], usable: BoolArray) -> NDArray[Any]:
    points = shapes.copy()
    points[usable] = shapely.point_on_surface(shapes[usable])
    return points


def places(shapes: NDArray[Any], usable: BoolArray) -> tuple[FloatArray, FloatArray]:
    """x and y of the point that decides a component's areas; NaN where the shape cannot be used."""
    x, y = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    if usable.any():
        x[usable], y[usable] = anchors(shapes[usable])
    return x, y
