"""Drawing unit grids: about equal pieces of communities, along streets where there are some (GB/T 30428.1).

All lengths are metres in the city's CRS.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.coverage_faces import Shapes
from gridsvc.domain.crs import FloatArray
from gridsvc.domain.cutting import Obstacles, cuts, obstacles_of
from gridsvc.domain.mosaics import absorbed, array, linked, pieces, spots
from gridsvc.domain.numbering import reading_order
from gridsvc.domain.splitting import fit_seams
from gridsvc.errors import InputError

TARGET = 10_000.0
"""Square metres of a unit grid; a guide value."""
TINY, LEFT, SMALL, FAIR = 0.5, 0.6, 0.7, 1.3
"""Shares of the target: what lines leave below TINY is given to a neighbour, below SMALL if that gives no more than
FAIR; a cut leaves nothing below LEFT."""
THIN = 0.25
"""Pieces with a mean width of less than this share of the side of a square grid are given to neighbours too."""
DETOURS = 4
"""How often a cut may be led round more obstacles."""
OVERSHOOT = 1.0
"""How far the ends of given lines are drawn on: streets may end just short of the edge."""


def draw_unit_grids(
    whole: Any, *, target_m2: float = TARGET, lines: Sequence[Any] = (), points: Any = None,
    keep_whole: Sequence[Any] = (),
) -> list[Any]:  # fmt: skip
    """Polygons of about `target_m2` that cover `whole` exactly and share their edges vertex for vertex.

    Cuts follow the lines; what these leave too large is cut straight, along or across its own main direction. No cut
    crosses a polygon of `keep_whole`; cuts that are not given keep CLEAR metres from `points`, shape (n, 2). In reading
    order.
    """
    return draw_city([whole], target_m2=target_m2, lines=lines, points=points, keep_whole=keep_whole)[0]


def draw_city(
    communities: Sequence[Any], *, target_m2: float = TARGET, lines: Sequence[Any] = (), points: Any = None,
    keep_whole: Sequence[Any] = (),
) -> list[list[Any]]:  # fmt: skip
    """The unit grids of each community; the edges of neighbouring communities fit vertex for vertex too.

    Raises InputError for communities that are no valid polygons, for a target of 0 or less, and points that are none.
    """
    wholes = array(communities)
    places = np.empty((0, 2)) if points is None else np.asarray(points, dtype=np.float64).reshape(-1, 2)
    _check(wholes, target_m2, places)
    streets = _own(wholes, array([_drawn_on(line) for line in shapely.get_parts(array(lines))]))
    buildings = _own(wholes, _compounds(array(keep_whole)))
    components = _own(wholes, spots(places))
    drawn = [
        _community(whole, target_m2, street, obstacles_of(own, building))
        for whole, street, building, own in zip(wholes, streets, buildings, components, strict=True)
    ]
    fitted = fit_seams([grid for grids in drawn for grid in grids])
    ends = np.cumsum([0, *(len(grids) for grids in drawn)]).tolist()
    return [_in_order(fitted[begin:end]) for begin, end in pairwise(ends)]


def _in_order(grids: list[Any]) -> list[Any]:
    return [grids[n] for n in reading_order(grids)]


def _check(wholes: Shapes, target: float, places: FloatArray) -> None:
    if not 0 < target < np.inf:
        raise InputError(
            f"unit grids of {target:g} m² cannot be drawn: give a size above 0",
            zh=f"单元网格面积不能是 {target:g} 平方米，请给出大于 0 的数",
        )
    sound = (shapely.get_dimensions(wholes) == 2) & shapely.is_valid(wholes) & (shapely.area(wholes) > 0)
    if not sound.all():
        row = int(np.argmin(sound))
        why = shapely.is_valid_reason(wholes[row]) if wholes[row] is not None else "no shape"
        raise InputError(
            f"area {row + 1} of {len(wholes)} is not a valid polygon ({why}): repair it before drawing unit grids",
            zh=f"第 {row + 1} 个区域（共 {len(wholes)} 个）不是有效的面（{why}），请先修复再划分单元网格",
        )
    if not np.isfinite(places).all():
        row = int(np.argmin(np.isfinite(places).all(axis=1)))
        raise InputError(f"point {row + 1} has no finite coordinates", zh=f"第 {row + 1} 个点的坐标不是有限数")


def _compounds(buildings: Shapes) -> Shapes:
    """Buildings that overlap made one."""
    one, other = shapely.STRtree(buildings).query(buildings, predicate="intersects")
    later = one < other
    one, other = one[later], other[later]
    overlap = shapely.relate_pattern(buildings[one], buildings[other], "T********")
    root = linked(len(buildings), one[overlap], other[overlap])
    crowds = np.unique(root[root != np.arange(len(root))])
    alone = ~np.isin(root, crowds)
    return np.append(buildings[alone], array([shapely.union_all(buildings[root == crowd]) for crowd in crowds]))


def _own(wholes: Shapes, others: Shapes) -> list[Shapes]:
    """For each whole the others that it meets."""
    if not len(wholes):
        return []
    whole, other = shapely.STRtree(others).query(wholes, predicate="intersects")
    order = np.lexsort((other, whole))
    return np.split(others[other[order]], np.searchsorted(whole[order], np.arange(1, len(wholes))))


def _drawn_on(line: Any) -> Any:
    """With both ends OVERSHOOT longer."""
    points = shapely.get_coordinates(line)
    points = points[np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))]
    if len(points) < 2 or (points[0] == points[-1]).all():
        return line
    first, last = points[0] - points[1], points[-1] - points[-2]
    begin = points[0] + OVERSHOOT * first / np.hypot(*first)
    end = points[-1] + OVERSHOOT * last / np.hypot(*last)
    return shapely.LineString([begin, *points, end])


def _community(whole: Any, target: float, lines: Shapes, obstacles: Obstacles) -> list[Any]:
    blocks = _blocks(whole, target, lines, obstacles)
    return [grid for block in blocks for grid in _grids(block, target, obstacles)]


def _blocks(whole: Any, target: float, lines: Shapes, obstacles: Obstacles) -> Shapes:
    """What the lines bound, none of it far too small or too thin."""
    tree = shapely.STRtree(obstacles.wholes)
    crossed = obstacles.wholes[np.unique(tree.query(lines, predicate="crosses")[1])]
    found = pieces(whole, lines, crossed)
    side = target**0.5

    def is_small(area: float, length: float) -> bool:
        return area < TINY * target or 2 * area < THIN * side * length

    strips = [_strip(block, side, obstacles) if _is_thin(block, side) else [block] for block in found]
    cut = fit_seams([part for parts in strips for part in parts]) if len(found) > 1 else found
    found = absorbed(array(cut), is_small)
    return absorbed(found, lambda area, _: area < SMALL * target, FAIR * target)


def _is_thin(block: Any, side: float) -> bool:
    return bool(2 * block.area < THIN * side * block.length)


def _strip(block: Any, side: float, obstacles: Obstacles) -> list[Any]:
    """Lengths of a strip between two lines, each to be given to the block beside it."""
    width = 2 * block.area / block.length
    return _grids(block, max(width, 1.0) * side, obstacles)


def _grids(block: Any, target: float, obstacles: Obstacles) -> list[Any]:
    parts = _count(block.area / target)
    if parts == 1:
        return [block]
    near = obstacles.within(block)
    for line in cuts(block, parts, near):
        sides = _cut(block, line, target, near)
        if len(sides) > 1:
            return [grid for side in sides for grid in _grids(side, target, near)]
    return [block]


def _count(size: float) -> int:
    """Into how many parts something of so many targets is cut, so that the ratio of each to the target is least."""
    few = max(int(size), 1)
    return few if size * size <= few * (few + 1) else few + 1


def _cut(block: Any, line: Any, target: float, obstacles: Obstacles) -> Shapes:
    """The two sides, or more; one where the cut would leave too little.

    Where the line meets obstacles it is led round them, and round others that stand in that way.
    """
    around = obstacles.at(line)
    sides = _sides(block, line, around, target)
    for _ in range(DETOURS):
        if len(sides) == 1 or not len(around):
            break
        edges = shapely.union_all(shapely.boundary(sides))
        met = obstacles.at(shapely.difference(edges, shapely.boundary(block)))
        if not len(met):
            break
        around = np.append(around, met)
        sides = _sides(block, line, around, target)
    return sides


def _sides(block: Any, line: Any, around: Shapes, target: float) -> Shapes:
    apart = shapely.get_parts(shapely.union_all(around)) if len(around) else around
    return absorbed(pieces(block, [line], apart), lambda area, _: area < LEFT * target)
