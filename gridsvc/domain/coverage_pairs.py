"""Which areas share ground."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridsvc.domain.coverage_faces import Rows, Shapes

NOTHING = 1e-6
"""Square metres: less is rounding."""


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Arrays of equal length; `left` is always the lower row."""

    left: Rows
    right: Rows
    common: Shapes
    """What both cover."""


def overlapping(shapes: Shapes, flagged: Rows) -> Pairs:
    """All pairs that share ground, from the areas that GEOS flags as not fitting their neighbours.

    GEOS does not flag an area whose whole edge is matched by neighbours, though another such group of areas may lie on
    top of it: so areas whose inner point lies in a second area are looked at too, and whatever one of these overlaps.
    """
    tree = shapely.STRtree(shapes)
    todo = np.union1d(flagged, _covered_twice(shapes, tree))
    done = np.zeros(len(shapes), dtype=np.bool_)
    found = [Pairs(left=todo[:0], right=todo[:0], common=shapes[:0])]
    while len(todo):
        one, other = tree.query(shapes[todo], predicate="intersects")
        one = todo[one]
        fresh = ~done[other] & ((one < other) | ~np.isin(other, todo))
        found.append(_sharing(shapes, one[fresh], other[fresh]))
        done[todo] = True
        todo = np.unique(np.concatenate([found[-1].left, found[-1].right]))
        todo = todo[~done[todo]]
    return Pairs(
        left=np.concatenate([pairs.left for pairs in found]),
        right=np.concatenate([pairs.right for pairs in found]),
        common=np.concatenate([pairs.common for pairs in found]),
    )


def _covered_twice(shapes: Shapes, tree: shapely.STRtree) -> Rows:
    inside, area = tree.query(shapely.point_on_surface(shapes), predicate="within")
    return np.unique(inside[inside != area])


def _sharing(shapes: Shapes, one: Rows, other: Rows) -> Pairs:
    common = shapely.intersection(shapes[one], shapes[other])
    share = shapely.area(common) > NOTHING
    ends = np.sort(np.column_stack([one, other])[share], axis=1)
    return Pairs(left=ends[:, 0], right=ends[:, 1], common=common[share])
