"""Who takes over the ground of areas that end."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

LEAST = 0.02
"""Share of the old area that the largest heir must hold: less is a sliver at a border that moved."""


def successors(old: NDArray[Any], new: NDArray[Any]) -> list[list[int]]:
    """For each old area the places of the new ones that take over, in their order.

    These are all that lie in it with at least half of their ground, and the one that holds the most of it.
    """
    heirs: list[set[int]] = [set() for _ in old]
    if not len(new):
        return [[] for _ in old]
    was, becomes = shapely.STRtree(new).query(old, predicate="intersects")
    shared = shapely.area(shapely.intersection(old[was], new[becomes]))
    inside = shared * 2 >= shapely.area(new)[becomes]
    for place, heir in zip(was[inside].tolist(), becomes[inside].tolist(), strict=True):
        heirs[place].add(heir)
    order = np.lexsort((-becomes, shared, was))  # the largest share of each old area stands last
    last = order[np.append(np.diff(was[order]) != 0, True)] if len(order) else order
    for n in last[shared[last] >= LEAST * shapely.area(old)[was[last]]].tolist():
        heirs[int(was[n])].add(int(becomes[n]))
    return [sorted(found) for found in heirs]
