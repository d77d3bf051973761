"""What becomes of areas: merged into one, taken over by others, and how evenly a load lies on them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.mosaics import array
from gridsvc.domain.splitting import fit_seams
from gridsvc.errors import InputError

HALF = 0.5
LEAST = 0.1
"""Share of an old area that its largest part must have to count as taken over."""


def merge(shapes: Sequence[Any], *, apart: bool = False) -> Any:
    """The ground of all shapes together, with their vertices.

    Raises InputError if they do not hang together by edges, unless `apart` allows several parts; and if they overlap
    or their edges do not fit.
    """
    given = array(shapes)
    if not len(given):
        raise InputError("there are no areas to merge", zh="没有可合并的区域")
    fitted = array(fit_seams(given))
    if not shapely.coverage_is_valid(fitted):
        raise InputError(
            "the areas overlap, or their edges do not fit: check the layer before merging",
            zh="这些区域相互重叠或边界不吻合，请先检查图层再合并",
        )
    whole: Any = shapely.coverage_union_all(fitted)
    if whole.geom_type != "Polygon" and not apart:
        raise InputError(
            f"the areas do not touch along an edge: together they have {len(whole.geoms)} separate parts",
            zh=f"这些区域没有公共边：合并后有 {len(whole.geoms)} 个不相连的部分",
        )
    return whole


def successors(old: Sequence[Any], new: Sequence[Any], least: float = LEAST) -> list[list[int]]:
    """For each old area the places of the new areas that take over.

    These are all that lie at least half inside it, and the one that holds most of it if that is `least` of it or more.
    """
    before, after = array(old), array(new)
    one, other = shapely.STRtree(after).query(before, predicate="intersects")
    shapely.prepare(before)
    beside = shapely.touches(before[one], after[other])  # most are: spare the overlay of these
    one, other = one[~beside], other[~beside]
    common = shapely.area(shapely.intersection(before[one], after[other]))
    inside = (common >= HALF * shapely.area(after[other])) & (common > 0)
    share = common / shapely.area(before[one])
    most = np.zeros(len(before))
    np.maximum.at(most, one, share)
    largest = (share == most[one]) & (share >= least)
    first = np.unique(one[largest], return_index=True)[1]
    largest[np.delete(np.flatnonzero(largest), first)] = False
    found: list[list[int]] = [[] for _ in before]
    for row, heir in sorted(zip(*(column[inside | largest].tolist() for column in (one, other)), strict=True)):
        found[row].append(heir)
    return found


def balance(values: Sequence[float]) -> dict[str, float | None]:
    """Least, median, most, mean, and coefficient of variation (None where the mean is 0); all None of nothing."""
    load = np.asarray(values, dtype=np.float64)
    if not load.size:
        return dict.fromkeys(("min", "median", "max", "mean", "variation"))
    mean = float(load.mean())
    return {
        "min": float(load.min()), "median": float(np.median(load)), "max": float(load.max()), "mean": mean,
        "variation": float(load.std() / mean) if mean else None,
    }  # fmt: skip
