"""Shapes: there, of an allowed type, valid."""

from collections.abc import Iterator

import numpy as np
import shapely

from gridsvc.ingest.layers import COMPONENTS
from gridsvc.ingest.rules.contract import Context, Staged, rule

TYPES = {"Point": "point", "MultiPoint": "point", "LineString": "line", "MultiLineString": "line",
         "Polygon": "polygon", "MultiPolygon": "polygon"}  # fmt: skip

Found = Iterator[tuple[int | None, str]]


@rule("Every feature has a shape")
def has_shape(staged: Staged, _context: Context) -> Found:
    missing = shapely.is_missing(staged.shapes) | shapely.is_empty(staged.shapes)
    for row in np.flatnonzero(missing):
        yield int(row), "it has no geometry"


@rule("The shape is of a type that the layer allows")
def type_allowed(staged: Staged, context: Context) -> Found:
    for row, shape in enumerate(staged.shapes):
        if shape is None or shape.is_empty:
            continue
        allowed = _allowed(staged, context, row)
        if allowed is not None and TYPES.get(shape.geom_type) not in allowed:
            yield row, f"it is a {shape.geom_type}, where the layer asks for {' or '.join(allowed)}"


def _allowed(staged: Staged, context: Context, row: int) -> tuple[str, ...] | None:
    if staged.layer.target != COMPONENTS:
        return ("polygon",)
    subclass = context.subclasses.get(staged.fields["subclass_code"].iat[row])
    return subclass.geometry_allowed if subclass else None


@rule("The coordinates are numbers")
def finite(staged: Staged, _context: Context) -> Found:
    bounds = shapely.bounds(staged.shapes)
    present = ~(shapely.is_missing(staged.shapes) | shapely.is_empty(staged.shapes))
    for row in np.flatnonzero(present & ~np.isfinite(bounds).all(axis=1)):
        yield int(row), "its coordinates are not numbers, or cannot be projected into the city's coordinate system"


@rule("The shape is valid")
def valid(staged: Staged, _context: Context) -> Found:
    usable = np.isfinite(shapely.bounds(staged.shapes)).all(axis=1)
    broken = np.flatnonzero(usable & ~shapely.is_valid(staged.shapes))
    for row in broken:
        yield int(row), f"its geometry is not valid: {shapely.is_valid_reason(staged.shapes[row])}"
