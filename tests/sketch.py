"""Geometry as a drawing: letters and digits in a text are points, areas are lists of them.

    AREAS = Sketch('''
        a . . b . . c
        . . . . . . .
        d . 1 e . . f
    ''')
    AREAS.polygon("abed"), AREAS.point("1")

One step to the right or down is `step` metres (10 if not said); the top left stands at ORIGIN of the town's CRS.
"""

from collections.abc import Iterable
from functools import cache
from textwrap import dedent
from typing import Any

import geopandas
import shapely
from pyproj import Transformer

SRID = 4544
"""CGCS2000 / 3-degree Gauss-Krüger CM 105E."""
ORIGIN = (470_000.0, 3_480_000.0)


class Sketch:
    def __init__(self, drawing: str, step: float = 10.0) -> None:
        rows = [line for line in dedent(drawing).splitlines() if line.strip()]
        self._places = {
            mark: (ORIGIN[0] + column / 2 * step, ORIGIN[1] - row * step)
            for row, line in enumerate(rows)
            for column, mark in enumerate(line)
            if mark.isalnum()
        }

    def xy(self, mark: str) -> tuple[float, float]:
        return self._places[mark]

    def lonlat(self, mark: str) -> tuple[float, float]:
        return to_degrees(*self._places[mark])

    def point(self, mark: str) -> Any:
        return shapely.Point(self._places[mark])

    def line(self, marks: str) -> Any:
        return shapely.LineString([self._places[mark] for mark in marks])

    def polygon(self, marks: str) -> Any:
        return shapely.Polygon([self._places[mark] for mark in marks])


@cache
def _degrees() -> Transformer:
    return Transformer.from_crs(SRID, 4326, always_xy=True)


def to_degrees(x: float, y: float) -> tuple[float, float]:
    lon, lat = _degrees().transform(x, y)
    return float(lon), float(lat)


def frame(shapes: Iterable[Any], **columns: list[Any]) -> Any:
    """A GeoDataFrame in the town's CRS, to be written to a file."""
    return geopandas.GeoDataFrame(columns, geometry=list(shapes), crs=SRID)
