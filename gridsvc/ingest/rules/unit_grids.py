"""The unit grid that a row names (BGID): in force, and the one in which the component stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.catalogue import Subclass
from gridsvc.domain.crs import BoolArray, FloatArray
from gridsvc.domain.location import TOLERANCE
from gridsvc.ingest.rules.columns import Rows, by_value, column, digits_of, each_value, index_in, is_empty
from gridsvc.ingest.rules.contract import Context, Found, KnownAreas, Lot, found, rule
from gridsvc.ingest.rules.shapes import endless, metres_between
from gridsvc.ingest.rules.wording import Both, length, short, tally

KIND = "unit_grid"
OLDER_DIGITS = 14
"""CJ/T 213-2005; GB/T 30428.1-2013 has 15."""
ACCURACY = {"A": 0.5, "B": 1.0, "C": 10.0}
"""Root-mean-square error of a survey in metres, by the accuracy class of the subclass."""
NOWHERE = Both("该处没有单元网格", "no unit grid is there")
ALLOWED = 2
"""A single position may be so many times less accurate."""


@rule(
    zh="所填单元网格是现行网格",
    en="The unit grid that is named is in force",
    says_zh="单元网格 {grid} 不是现行网格；填写它的要素有 {count:,} 个",
    says="it names unit grid {grid}, which is not in force; features that name it: {count:,}",
    hint_zh="核对网格编码，或先导入新的单元网格",
    hint="check the code, or import the new unit grids first",
    severity="warning",
    targets="components",
)
def grid_known(lot: Lot, context: Context) -> Iterator[Found]:
    if not _to_check(context):
        return
    names = column(lot, KIND)
    unknown = (index_in(names, context.areas_of(KIND).codes) < 0) & ~is_empty(names)
    unknown[_older(lot, context)] = False
    for grid, row, count in each_value(names, np.flatnonzero(unknown)):
        yield found(row, grid=short(grid), count=count)


@rule(
    zh="所填单元网格与现行网格可以核对",
    en="The unit grids that are named can be compared with those in force",
    says_zh="第 {first:,} 至 {last:,} 个要素中，{count:,} 个所填的单元网格未能核对：{why:zh}（如{example:zh}）",
    says="the unit grid was not compared for {count:,} of the features {first:,} to {last:,}: {why} "
    "(such as {example})",
    hint_zh="部件所在网格一律按位置确定",
    hint="the unit grid of a component is always taken from its place",
    severity="note",
    targets="components",
)
def grid_compared(lot: Lot, context: Context) -> Iterator[Found]:
    if not _to_check(context):
        none = Both("尚无现行单元网格", "no unit grids are in force yet")
        yield from tally(lot, ~is_empty(column(lot, KIND)), why=none)
        return
    older = Both("为旧标准的 14 位编码", "its code is of the older scheme with 14 digits")
    yield from tally(lot, _older(lot, context), why=older)


@rule(
    zh="部件在所填单元网格内",
    en="A component stands in the unit grid that it names",
    says_zh="与所填单元网格 {grid} 相距 {distance:zh}，超出测量精度，{holder:zh}",
    says="it stands {distance} from the unit grid {grid} that it names, which no survey error explains; {holder}",
    hint_zh="核对位置与网格编码；编码有误时改正或不导入该列",
    hint="check the place and the code; if the code is wrong, correct it or leave the column out",
    targets="components",
)
def grid_holds(lot: Lot, context: Context) -> Iterator[Found]:
    yield from _away(lot, context, beyond=True)


@rule(
    zh="部件不在所填单元网格边界之外",
    en="A component does not stand just beyond the unit grid that it names",
    says_zh="在所填单元网格 {grid} 外 {distance:zh}，在测量精度以内，{holder:zh}",
    says="it stands {distance} outside the unit grid {grid} that it names, as survey errors explain; {holder}",
    hint_zh="所在网格按位置确定",
    hint="the unit grid is taken from its place",
    severity="warning",
    targets="components",
)
def grid_beside(lot: Lot, context: Context) -> Iterator[Found]:
    yield from _away(lot, context, beyond=False)


@dataclass(frozen=True)
class _Apart:
    """Features that do not touch the grid that they name."""

    rows: Rows
    grids: Rows
    distances: FloatArray


def _away(lot: Lot, context: Context, beyond: bool) -> Iterator[Found]:
    """Features outside their grid, by more than the accuracy of their survey explains or by less."""
    if not _to_check(context):
        return
    areas = context.areas_of(KIND)
    apart = _apart(lot, areas)
    chosen = np.flatnonzero((apart.distances > _allowed(lot, context)[apart.rows]) == beyond)
    holders = _holders(areas, lot.shapes[apart.rows[chosen]])
    for n, holder in zip(chosen, holders, strict=True):
        grid = str(areas.codes[apart.grids[n]])
        yield found(apart.rows[n], grid=grid, distance=length(apart.distances[n]), holder=holder)


def _apart(lot: Lot, areas: KnownAreas) -> _Apart:
    """In the order of the grids, so that a grid's prepared edges are at hand for all of its features."""
    grid = index_in(column(lot, KIND), areas.codes)
    rows = np.flatnonzero((grid >= 0) & lot.usable)
    rows = rows[np.argsort(grid[rows], kind="stable")]
    shapely.prepare(areas.shapes)
    outside = rows[~_touch(areas.shapes[grid[rows]], lot.shapes[rows])]
    distances = metres_between(areas.shapes[grid[outside]], lot.shapes[outside])
    far = distances > TOLERANCE
    order = np.argsort(outside[far])
    return _Apart(outside[far][order], grid[outside[far]][order], distances[far][order])


def _touch(areas: NDArray[Any], shapes: NDArray[Any]) -> BoolArray:
    """Whether each area meets its shape, edges included."""
    x, y = shapely.get_x(shapes), shapely.get_y(shapes)
    others = np.isnan(x)  # those that are no points
    with endless():
        touching = np.asarray(shapely.intersects_xy(areas, np.where(others, 0, x), np.where(others, 0, y)))
        touching[others] = shapely.intersects(areas[others], shapes[others])
    return touching


def _allowed(lot: Lot, context: Context) -> FloatArray:
    """Metres that a feature may be away from where it is surveyed, by its subclass."""
    codes, index = by_value(lot.fields["subclass_code"])
    metres = [_accuracy(context.subclasses.get(code)) for code in codes]
    return ALLOWED * np.array([*metres, ACCURACY["C"]])[index]


def _accuracy(subclass: Subclass | None) -> float:
    """Where nothing is said of a subclass, the least."""
    return ACCURACY.get((subclass.accuracy_class if subclass else None) or "C", ACCURACY["C"])


def _holders(areas: KnownAreas, shapes: NDArray[Any]) -> Iterator[Both]:
    """Which grid each shape stands in; of several that with the lowest code."""
    if not len(shapes):
        return
    which, grids = shapely.STRtree(areas.shapes).query(shapes, predicate="dwithin", distance=TOLERANCE)
    lowest_last = np.lexsort((areas.codes[grids].astype(str), which))[::-1]
    holder = np.full(len(shapes), -1, dtype=np.int64)
    holder[which[lowest_last]] = grids[lowest_last]
    for grid in holder:
        code = areas.codes[grid]
        yield Both(f"实际在 {code} 内", f"it is in {code}") if grid >= 0 else NOWHERE


def _to_check(context: Context) -> bool:
    return KIND in context.kinds and len(context.areas_of(KIND).codes) > 0


def _older(lot: Lot, context: Context) -> Rows:
    """Rows that name a unit grid by the older scheme, where the city has the newer one."""
    if context.kinds[KIND].code_scheme != KIND:
        return np.empty(0, dtype=np.int64)
    return digits_of(column(lot, KIND), OLDER_DIGITS)[0]
