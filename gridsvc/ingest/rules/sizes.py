"""How large shapes are."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.crs import FloatArray
from gridsvc.ingest.rules.contract import Context, Found, Lot, found, rule
from gridsvc.ingest.rules.shapes import drawn, endless, type_name
from gridsvc.ingest.rules.wording import LARGEST, Both, length

SHORTEST_LINE = 0.001
SMALLEST_POLYGON = 0.0001
"""m²: a square centimetre."""
LONGEST_COMPONENT = 50_000
LARGEST_COMPONENT = 1_000_000


@rule(
    zh="线有长度，面有面积",
    en="Lines have a length and polygons an area",
    says_zh="图形是{type:zh}，但长度或面积为零",
    says="it is a {type}, but has no length or area",
    hint_zh="请在源数据中重新绘制，或删去该行",
    hint="draw it again at its source, or leave the row out",
)
def has_extent(lot: Lot, _context: Context) -> Iterator[Found]:
    rows = drawn(lot)
    lengths, areas = _extents(lot.shapes[rows])
    for row in rows[(lengths < SHORTEST_LINE) | (areas < SMALLEST_POLYGON)]:
        yield found(row, type=type_name(lot.shapes[row]))


@rule(
    zh="部件不大于城市",
    en="A component is not larger than the city",
    says_zh="图形长宽 {across:zh}，大于整个城市（{city:zh}）",
    says="its shape is {across} across, wider than the whole city ({city})",
    hint_zh="通常是个别点的坐标错误，例如 0, 0",
    hint="mostly a single vertex is wrong, such as one at 0, 0",
    targets="components",
)
def within_city_size(lot: Lot, context: Context) -> Iterator[Found]:
    if context.outline is None:
        return
    city = _across(np.array([context.outline], dtype=object))[0]
    rows = drawn(lot)
    across = _across(lot.shapes[rows])
    for row, size in zip(rows[across > city], across[across > city], strict=True):
        yield found(row, across=length(size), city=length(city))


@rule(
    zh="部件大小合理",
    en="A component has a plausible size",
    says_zh="图形{size:zh}，对部件来说过大",
    says="its shape {size}, which is large for a component",
    hint_zh="检查图形和小类是否正确",
    hint="are the shape and the subclass right?",
    severity="warning",
    targets="components",
)
def plausible_size(lot: Lot, _context: Context) -> Iterator[Found]:
    rows = drawn(lot)
    lengths, areas = _extents(lot.shapes[rows])
    for n in np.flatnonzero(areas > LARGEST_COMPONENT):
        yield found(rows[n], size=_covered(areas[n]))
    for n in np.flatnonzero(lengths > LONGEST_COMPONENT):
        size = length(lengths[n])
        yield found(rows[n], size=Both(f"长 {size.zh}", f"is {size.en} long"))


def _covered(area: float) -> Both:
    if not area < LARGEST:
        return Both("面积超过地球表面", "covers more than the surface of the earth")
    return Both(f"面积 {area / 1e6:,.1f} 平方公里", f"covers {area / 1e6:,.1f} km²")


def _extents(shapes: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    """Lengths of lines and areas of polygons; NaN where a shape is no such."""
    dimensions = shapely.get_dimensions(shapes)
    with endless():
        lengths, areas = shapely.length(shapes), shapely.area(shapes)
    return np.where(dimensions == 1, lengths, np.nan), np.where(dimensions == 2, areas, np.nan)


def _across(shapes: NDArray[Any]) -> FloatArray:
    """The longer side of each shape's bounds."""
    west, south, east, north = shapely.bounds(shapes).T
    return np.asarray(np.maximum(east - west, north - south))
