"""Unit grids drawn for a whole city along streets, round buildings and components; their cover is proved."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.coverage import faults
from gridsvc.domain.drawing import draw_city
from gridsvc.domain.drawing_remarks import BUILDING, compactness, remarks
from tests.bench.figures import Figure, at_least, at_most
from tests.ingest.rules.wholes import SIDE, tiling_of
from tests.sketch import ORIGIN

COMMUNITIES = 17
"""Along a side: 289 of about half a square kilometre."""
WIDE = 721.0
COMPONENTS = 300_000
SECONDS = 60.0


def drawing(_folder: Path) -> Iterator[Figure]:
    city = _city(np.random.default_rng(1))
    begun = time.perf_counter()
    drawn = draw_city(city["communities"], **{name: city[name] for name in ("lines", "points", "keep_whole")})
    seconds = time.perf_counter() - begun
    grids = np.array([grid for grids in drawn for grid in grids], dtype=object)
    _prove(grids, drawn, city)
    square_km = shapely.area(city["communities"]).sum() / 1e6
    what = (
        f"{len(grids):,} unit grids for {square_km:.0f} km² with {len(city['lines']):,} streets, "
        f"{len(city['keep_whole']):,} buildings and {COMPONENTS:,} components"
    )
    yield at_most(f"draw {what}, exact cover", "s", seconds, SECONDS)
    areas = shapely.area(grids)
    yield at_least("of these within 30 % of 10,000 m²", "%", 100 * float(np.mean(abs(areas - 10_000) <= 3_000)), 90)
    compact = float(np.percentile(compactness(grids), 5))
    yield at_least("isoperimetric quotient that 95 % of these reach (square 0.79)", "", compact, 0.4)


def _prove(grids: Any, drawn: list[list[Any]], city: dict[str, Any]) -> None:
    """RuntimeError unless the grids cover each community exactly, fit, and cut no building."""
    unlike = [
        shapely.symmetric_difference(shapely.coverage_union_all(own), community).area
        for own, community in zip(drawn, city["communities"], strict=True)
    ]
    cut = [one for one in remarks(grids, keep_whole=city["keep_whole"]) if one.kind == BUILDING]
    if max(unlike) > 1e-6 or not shapely.coverage_is_valid(grids) or faults(grids) or cut:
        raise RuntimeError(f"unit grids do not fit: {max(unlike)} m² uncovered, {len(cut)} buildings cut")


def _city(rng: Any) -> dict[str, Any]:
    """Communities with bent edges, streets every 90 to 260 metres that break off, buildings beside them."""
    communities = [
        shapely.transform(cell, lambda at: (at - ORIGIN) * WIDE / SIDE + ORIGIN)
        for cell in tiling_of(COMMUNITIES, COMMUNITIES, 1, between=6, jitter=8.0)
    ]
    side = COMMUNITIES * WIDE
    lines = [*_streets(rng, side, 0), *_streets(rng, side, 1)]
    points = rng.uniform(0, side, (COMPONENTS, 2)) + ORIGIN
    edges = [*lines, *shapely.boundary(communities)]
    return {"communities": communities, "lines": lines, "points": points, "keep_whole": _buildings(rng, side, edges)}


def _streets(rng: Any, side: float, axis: int) -> list[Any]:
    lines = []
    for across in np.cumsum(rng.uniform(90, 260, int(side / 175))):
        along = np.arange(-50.0, side + 100, 50)
        places = np.column_stack([along, across + np.cumsum(rng.normal(0, 1, len(along)))])
        ends = np.cumsum(rng.integers(10, 60, len(along)))
        stretches = np.split(places[:, ::-1] if axis else places, ends[ends < len(along) - 2])
        lines += [shapely.LineString(stretch + ORIGIN) for stretch in stretches if rng.random() < 0.9]
    return lines


def _buildings(rng: Any, side: float, edges: list[Any]) -> Any:
    """Four a hectare before those are left out that touch a street, the edge of a community or an earlier one."""
    count = int(4 * side**2 / 10_000)
    (x, y), (w, h) = (rng.uniform(0, side, (count, 2)) + ORIGIN).T, rng.uniform(5, (25, 9), (count, 2)).T
    houses: Any = shapely.box(x - w, y - h, x + w, y + h)
    near, _ = shapely.STRtree(edges).query(houses, predicate="dwithin", distance=5)
    one, other = shapely.STRtree(houses).query(houses, predicate="intersects")
    return np.delete(houses, np.union1d(near, one[one > other]))
