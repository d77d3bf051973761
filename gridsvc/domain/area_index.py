"""Which areas hold many points at once, in memory, by the rule of `domain.location`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.crs import FloatArray
from gridsvc.domain.location import TOLERANCE


@dataclass(frozen=True, kw_only=True)
class KindIndex:
    """The areas of one kind, ordered by code."""

    ids: NDArray[np.int64]
    codes: NDArray[Any]
    shapes: NDArray[Any]
    """Shapely polygons in the city's CRS."""


LOT = 500_000
"""Points looked at in one go."""


def holding(x: FloatArray, y: FloatArray, kinds: Mapping[str, KindIndex]) -> dict[str, NDArray[np.int64]]:
    """For each kind and point the place of its area in the kind's arrays; -1 where none holds it."""
    lots = [_holding(x[begin : begin + LOT], y[begin : begin + LOT], kinds) for begin in range(0, len(x), LOT)]
    return {kind: np.concatenate([np.zeros(0, np.int64), *(lot[kind] for lot in lots)]) for kind in kinds}


def _holding(x: FloatArray, y: FloatArray, kinds: Mapping[str, KindIndex]) -> dict[str, NDArray[np.int64]]:
    """The points go into the tree and the areas ask it: so each area is prepared once, however many points it holds."""
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    tree = shapely.STRtree(np.asarray(shapely.points(x[known], y[known])))
    found = {}
    for kind, index in kinds.items():
        lowest = np.full(len(x), len(index.ids))
        areas, points = tree.query(index.shapes, predicate="dwithin", distance=TOLERANCE)
        np.minimum.at(lowest, known[points], areas)
        found[kind] = np.where(lowest == len(index.ids), -1, lowest)
    return found
