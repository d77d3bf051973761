"""Geometry and captions made for the tests of the maps. Nothing here is a real place."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.maps.features import AreaCounts, Caption, HeatCells

SRID = 4544
EAST, NORTH = 470_000.0, 3_480_000.0


def caption(**changed: Any) -> Caption:
    values: dict[str, Any] = {
        "city_zh": "试城", "city_en": "Trial City", "title_zh": "上报热力图", "title_en": "Heat map of reports",
        "filter_zh": "全部问题", "filter_en": "all problems", "total": 1000, "unplaced": 0, "synthetic": True,
        "revision_zh": "区划第 7 版", "revision_en": "Areas revision 7",
    }  # fmt: skip
    return Caption(**{**values, **changed})


def cells(many: int, size: float = 250.0, seed: int = 1) -> HeatCells:
    """`many` hexagons of a true hexagon grid, with skewed counts."""
    wide = int(np.ceil(np.sqrt(many)))
    i, j = np.divmod(np.arange(many), wide)
    count = np.random.default_rng(seed).lognormal(1.5, 1.3, many).astype(np.int64) + 1
    y = NORTH + size * np.sqrt(3) * (j + 0.5 * (i % 2))
    return HeatCells(x=EAST + 1.5 * size * i, y=y, count=count, size=size, srid=SRID)


def areas(wide: int, high: int, points: int = 2, names: list[str] | None = None, seed: int = 1) -> AreaCounts:
    """A tiling of wide × high quadrangles of 1 km whose shared edges wiggle with `points` vertices each."""
    rng = np.random.default_rng(seed)
    across = {(i, j): _edge(points, rng) for i in range(wide) for j in range(high + 1)}
    upward = {(i, j): _edge(points, rng)[:, ::-1] for i in range(wide + 1) for j in range(high)}
    rings = [_ring(across, upward, i, j) for j in range(high) for i in range(wide)]
    many = len(rings)
    codes = [f"A{n:04d}" for n in range(many)]
    english = names or [f"Area {n}" for n in range(many)]
    geometry = shapely.polygons([shapely.linearrings(ring) for ring in rings])
    count = rng.integers(0, 200, many)
    return AreaCounts(
        code=codes, name_zh=names or [f"第{n}片" for n in range(many)], name_en=english, count=count,
        geometry=np.asarray(geometry, dtype=np.object_), srid=SRID,
    )  # fmt: skip


def _edge(points: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Offsets along (0 to 1000) and across an edge, ends excluded at the far side."""
    along = np.linspace(0, 1000, points, endpoint=False)
    sway = np.cumsum(rng.normal(0, 0.5, points))
    across = (sway - np.linspace(0, sway[-1], points)) * (60 / max(60.0, float(np.abs(sway).max())))
    across[0] = 0
    return np.stack([along, across], axis=1)


def _ring(across: Any, upward: Any, i: int, j: int) -> NDArray[np.float64]:
    def placed(edge: NDArray[np.float64], di: int, dj: int) -> NDArray[np.float64]:
        return edge + np.array([EAST + 1000 * (i + di), NORTH + 1000 * (j + dj)])

    end = np.array([[EAST + 1000 * (i + 1), NORTH + 1000 * (j + 1)]])
    bottom, right = placed(across[i, j], 0, 0), placed(upward[i + 1, j], 1, 0)
    top, left = placed(across[i, j + 1], 0, 1), placed(upward[i, j], 0, 0)
    return np.concatenate([bottom, right, end, top[::-1], left[::-1]])
