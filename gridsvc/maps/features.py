"""What the store hands over to be drawn: counts by cell or by area, and the words that explain them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class HeatCells:
    """Counts by hexagon, aggregated in SQL. Centres in metres of the city's CRS.

    `size` is the length of a hexagon's edge in metres, as PostGIS' `ST_HexagonGrid(size, …)` means it: flat-topped,
    a corner due east and one due west of the centre.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    count: NDArray[np.int64]
    size: float
    srid: int


@dataclass(frozen=True, kw_only=True)
class AreaCounts:
    """Counts by area; polygons or multipolygons in the city's CRS. Codes are unique."""

    code: list[str]
    name_zh: list[str]
    name_en: list[str]
    count: NDArray[np.int64]
    geometry: NDArray[np.object_]
    srid: int


@dataclass(frozen=True, kw_only=True)
class Caption:
    """The words on a map, in both languages, and the totals that keep it honest."""

    city_zh: str
    city_en: str
    title_zh: str
    title_en: str
    filter_zh: str
    filter_en: str
    total: int
    """All that the filter counts."""
    unplaced: int
    """Of these, without a place: said on the map."""
    synthetic: bool
    """An invented city: said on the map."""
    revision_zh: str
    revision_en: str
    """What the map was drawn from: the revision of the areas and the time of drawing."""
