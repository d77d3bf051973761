"""A box in degrees, as a map asks for it, in the city's CRS."""

import math

import numpy as np

from gridsvc.domain.crs import project, unproject
from gridsvc.errors import InputError

Box = tuple[float, float, float, float]
"""West, south, east, north in the city's CRS."""
Degrees = tuple[float, float, float, float]
"""The same in degrees."""
SIDE = 9
"""Points along a side: straight in one system is curved in the other."""
MARGIN = 0.001
"""Degrees around what there is."""


def degrees_of(text: str) -> Degrees:
    """From `west,south,east,north`; maps that show the whole world go beyond ±180."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(
            f"bbox {text!r}: write west,south,east,north in degrees", zh="bbox 须写作：西,南,东,北（单位：度）"
        ) from error
    if not all(map(math.isfinite, (west, south, east, north))) or not (west <= east and south <= north):
        raise InputError(
            f"bbox {text!r}: west ≤ east and south ≤ north are needed, in degrees", zh="bbox 须满足：西 ≤ 东、南 ≤ 北"
        )
    return west, south, east, north


def box_in_city(srid: int, seen: Degrees | None, whole: Box) -> Box | None:
    """The box of the city's CRS around the part of `seen` where there is anything; None if there is nothing.

    `whole` is where there is something. Far away from it the city's CRS means nothing, so it is never asked there.
    """
    if seen is None:
        return whole
    there = _degrees_around(srid, whole)
    west, south = max(seen[0], there[0]), max(seen[1], there[1])
    east, north = min(seen[2], there[2]), min(seen[3], there[3])
    if west > east or south > north:
        return None
    across, along = np.meshgrid(np.linspace(west, east, SIDE), np.linspace(south, north, SIDE))
    x, y = project(srid, across.ravel(), along.ravel())
    return (
        max(float(x.min()), whole[0]), max(float(y.min()), whole[1]),
        min(float(x.max()), whole[2]), min(float(y.max()), whole[3]),
    )  # fmt: skip


def _degrees_around(srid: int, whole: Box) -> Degrees:
    across, along = np.meshgrid(np.linspace(whole[0], whole[2], SIDE), np.linspace(whole[1], whole[3], SIDE))
    lon, lat = unproject(srid, across.ravel(), along.ravel())
    return (
        float(lon.min()) - MARGIN, float(lat.min()) - MARGIN, float(lon.max()) + MARGIN, float(lat.max()) + MARGIN,
    )  # fmt: skip
