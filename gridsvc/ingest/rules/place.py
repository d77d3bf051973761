"""Where the shapes are: on the map and inside the city."""

from collections.abc import Iterator

import numpy as np
import shapely
from pyproj import Transformer

from gridsvc.domain.crs import BoolArray, FloatArray
from gridsvc.domain.location import TOLERANCE
from gridsvc.ingest.rules.columns import Rows
from gridsvc.ingest.rules.contract import Context, Found, Lot, found, rule
from gridsvc.ingest.rules.shapes import anchors_of, metres_between, missing
from gridsvc.ingest.rules.wording import NOTHING, Both, length


@rule(
    zh="图形可以转换到城市坐标系",
    en="The shape can be brought into the city's coordinate system",
    says_zh="位于 {x:.6g}, {y:.6g}，EPSG:{srid} 无法表示{swapped:zh}",
    says="it lies at {x:.6g}, {y:.6g}, which EPSG:{srid} cannot show{swapped}",
    hint_zh="检查文件的坐标系",
    hint="check the coordinate system of the file",
)
def projectable(lot: Lot, context: Context) -> Iterator[Found]:
    lost = np.flatnonzero(lot.source_finite & ~lot.usable & ~missing(lot.shapes))
    swapped = _swapped(lot, context, lost)
    for row in lost:
        west, south = lot.source_bounds[row, :2]
        yield found(row, x=west, y=south, srid=context.srid, swapped=swapped)


@rule(
    zh="决定部件所在区域的点在城市范围内",
    en="The point that decides a component's areas is inside the city",
    says_zh="{which:zh}在城市范围外 {far:zh}{swapped:zh}",
    says="{which} lies {far} outside the city{swapped}",
    hint_zh="检查文件的坐标系；位置无误的部件可搁置不导入",
    hint="check the coordinate system of the file; rows that really lie outside can be set aside",
    targets="components",
)
def inside_city(lot: Lot, context: Context) -> Iterator[Found]:
    if context.outline is None:
        return
    shapely.prepare(context.outline)
    rows, x, y = anchors_of(lot)
    doubtful = np.flatnonzero(~shapely.intersects_xy(context.outline, x, y))
    distances = metres_between(context.outline, shapely.points(x[doubtful], y[doubtful]))
    outside = rows[doubtful][distances > TOLERANCE]
    swapped = _swapped(lot, context, outside)
    for row, distance in zip(outside, distances[distances > TOLERANCE], strict=True):
        which = Both("位置", "it") if lot.shapes[row].geom_type == "Point" else Both("图形的中点", "its middle")
        yield found(row, which=which, far=length(distance), swapped=swapped)


def _swapped(lot: Lot, context: Context, rows: Rows) -> Both:
    """Whether the two coordinates stand in each other's place: then most would lie inside the other way round."""
    if not len(rows) or lot.layer.turn:
        return NOTHING
    west, south, east, north = lot.source_bounds[rows].T
    to_city = Transformer.from_crs(lot.source_crs, context.srid, always_xy=True)
    x, y = map(np.asarray, to_city.transform((south + north) / 2, (west + east) / 2))
    if _inside(context, x, y).sum() <= len(rows) / 2:
        return NOTHING
    if lot.source_crs.is_geographic:
        return Both("（经度与纬度颠倒？）", " (latitude and longitude swapped?)")
    return Both("（x（东）与 y（北）颠倒？）", " (x (east) and y (north) swapped?)")


def _inside(context: Context, x: FloatArray, y: FloatArray) -> BoolArray:
    """Inside the city; before it has areas, anywhere on its map."""
    fine = np.isfinite(x) & np.isfinite(y)
    if context.outline is not None:
        fine[fine] = shapely.intersects_xy(context.outline, x[fine], y[fine])
    return fine
