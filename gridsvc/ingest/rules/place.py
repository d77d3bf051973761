"""Where the shapes are."""

from collections.abc import Iterator

import numpy as np
import shapely

from gridsvc.domain.crs import FloatArray, project
from gridsvc.ingest.rules.contract import Context, Staged, rule

Found = Iterator[tuple[int | None, str]]


@rule("The component stands inside the city", targets="components")
def inside_city(staged: Staged, context: Context) -> Found:
    if context.outline is None:
        return
    shapely.prepare(context.outline)
    usable = np.isfinite(shapely.bounds(staged.shapes)).all(axis=1)
    outside = np.flatnonzero(usable & ~shapely.intersects(context.outline, staged.shapes))
    hint = _swapped(staged, context, outside)
    for row in outside:
        away = shapely.distance(context.outline, staged.shapes[row])
        yield int(row), f"it lies {_far(away)} outside the city{hint}"


def _far(metres: float) -> str:
    return f"{metres:.1f} m" if metres < 1_000 else f"{metres / 1_000:,.0f} km"


def _swapped(staged: Staged, context: Context, outside: np.ndarray) -> str:
    """Whether latitude and longitude stand in each other's place: then most would lie inside the other way round."""
    if not len(outside) or not staged.source_crs.is_geographic:
        return ""
    x, y = _centres_swapped(staged.source_bounds[outside], context.srid)
    usable = np.isfinite(x) & np.isfinite(y)
    inside = shapely.intersects_xy(context.outline, x[usable], y[usable]).sum()
    return " (latitude and longitude swapped?)" if inside > len(outside) / 2 else ""


def _centres_swapped(bounds: FloatArray, srid: int) -> tuple[FloatArray, FloatArray]:
    lon, lat = (bounds[:, 1] + bounds[:, 3]) / 2, (bounds[:, 0] + bounds[:, 2]) / 2
    on_earth = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    return project(srid, np.where(on_earth, lon, np.nan), np.where(on_earth, lat, np.nan))
