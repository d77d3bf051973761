"""Where the shapes are."""

from collections.abc import Iterator

import numpy as np
import shapely
from pyproj import Transformer

from gridsvc.domain.components import anchors
from gridsvc.domain.crs import BoolArray, FloatArray
from gridsvc.domain.location import TOLERANCE
from gridsvc.ingest.rules.contract import Context, Staged, rule

Found = Iterator[tuple[int | None, str]]


@rule("The shape can be brought into the city's coordinate system")
def projectable(staged: Staged, context: Context) -> Found:
    lost = np.flatnonzero(staged.source_finite & ~staged.usable)
    hint = _swapped(staged, context, lost)
    for row in lost:
        west, south = staged.source_bounds[row, :2]
        yield int(row), f"it lies at {west:.6g}, {south:.6g}, which EPSG:{context.srid} cannot show{hint}"


@rule("The point that decides a component's areas is inside the city", targets="components")
def inside_city(staged: Staged, context: Context) -> Found:
    if context.outline is None:
        return
    shapely.prepare(context.outline)
    usable = np.flatnonzero(staged.usable & shapely.is_valid(staged.shapes))
    points = np.asarray(shapely.points(*anchors(staged.shapes[usable])))
    beyond = ~shapely.dwithin(context.outline, points, TOLERANCE)
    outside = usable[beyond]
    hint = _swapped(staged, context, outside)
    for row, point in zip(outside, points[beyond], strict=True):
        which = "it" if staged.shapes[row].geom_type == "Point" else "its middle"
        yield int(row), f"{which} lies {_far(shapely.distance(context.outline, point))} outside the city{hint}"


def _far(metres: float) -> str:
    return f"{metres:.1f} m" if metres < 1_000 else f"{metres / 1_000:,.0f} km"


def _swapped(staged: Staged, context: Context, rows: np.ndarray) -> str:
    """Whether the two coordinates stand in each other's place: then most would lie inside the other way round."""
    if not len(rows):
        return ""
    west, south, east, north = staged.source_bounds[rows].T
    to_city = Transformer.from_crs(staged.source_crs, context.srid, always_xy=True)
    x, y = map(np.asarray, to_city.transform((south + north) / 2, (west + east) / 2))
    if _inside(context, x, y).sum() <= len(rows) / 2:
        return ""
    names = "latitude and longitude" if staged.source_crs.is_geographic else "x (east) and y (north)"
    return f" ({names} swapped?)"


def _inside(context: Context, x: FloatArray, y: FloatArray) -> BoolArray:
    """Inside the city; before it has areas, anywhere on its map."""
    found = np.isfinite(x) & np.isfinite(y)
    if context.outline is not None:
        found[found] = shapely.intersects_xy(context.outline, x[found], y[found])
    return found
