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
        yield int(row), "it has no geometry, or one that cannot be read (such as a ring that is not closed)"


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
    present = ~(shapely.is_missing(staged.shapes) | shapely.is_empty(staged.shapes))
    for row in np.flatnonzero(present & ~staged.source_finite):
        yield int(row), "a coordinate of it is not a number (NaN or infinite)"


@rule("The shape is valid")
def valid(staged: Staged, _context: Context) -> Found:
    usable = np.flatnonzero(staged.usable)
    broken = usable[~shapely.is_valid(staged.shapes[usable])]
    for row in broken:
        yield int(row), f"its geometry is not valid: {shapely.is_valid_reason(staged.shapes[row])}"
