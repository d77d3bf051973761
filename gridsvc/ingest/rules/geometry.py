"""Shapes: there, valid, flat; what was repaired or is left out."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from gridsvc.domain.crs import BoolArray
from gridsvc.ingest.layers import row_field
from gridsvc.ingest.rules.columns import Rows, mask
from gridsvc.ingest.rules.contract import Context, Found, Lot, found, rule
from gridsvc.ingest.rules.shapes import drawn, missing
from gridsvc.ingest.rules.wording import NOTHING, Both, short, tally

REASONS_ZH = {
    "Self-intersection": "自相交",
    "Ring Self-intersection": "环自相交",
    "Hole lies outside shell": "孔洞在外环之外",
    "Holes are nested": "孔洞互相嵌套",
    "Nested shells": "外环互相嵌套",
    "Interior is disconnected": "内部不连通",
    "Too few points in geometry component": "点数太少",
    "Duplicate Rings": "环重复",
    "Invalid Coordinate": "坐标无效",
    "Ring is not closed": "环未闭合",
}
"""What GEOS says of a shape that is not valid."""
FOOTER_WORDS = (
    r"^\s*(?:本页|本表)?(?:[合小总共]\s*计|(?:制表|填表|审核|复核|校核)(?:人|单位|日期|时间)|"
    r"(?i:(?:sub|grand)?[ -]?totals?|prepared by|checked by))(?:[\s:：()（,，0-9]|$)"
)
FOOTER = Both(
    "该行似为表尾（合计、制表人、说明等），请删去；若确为要素，",
    "it seems to be a footer of the sheet (a total, who made it, a remark): delete it; if it is a feature, ",
)


@rule(
    zh="每个要素都有图形",
    en="Every feature has a shape",
    says_zh="没有图形，或图形为空、无法识别（例如环未闭合）",
    says="it has no geometry, or an empty one, or one that cannot be read (such as a ring that is not closed)",
    hint_zh="{footer:zh}补测位置，或删去该行",
    hint="{footer}survey its place, or leave the row out",
)
def has_shape(lot: Lot, _context: Context) -> Iterator[Found]:
    rows = np.flatnonzero(missing(lot.shapes) | missing(lot.given))
    for row, footer in zip(rows, _footers(lot, rows), strict=True):
        yield found(row, footer=FOOTER if footer else NOTHING)


def _footers(lot: Lot, rows: Rows) -> BoolArray:
    """Which of the rows are what sheets end with: a sum, who made it, or a remark in a single cell."""
    texts = [*(lot.fields[row_field(name)] for name in lot.layer.fields), *lot.rest.values()]
    filled, worded = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.bool_)
    for column in texts:
        some = column.take(pa.array(rows))
        filled += mask(pc.match_substring_regex(some, r"\S"))
        worded |= mask(pc.match_substring_regex(some, FOOTER_WORDS))
    return np.asarray(worded | ((filled == 1) & (len(texts) > 1)))


@rule(
    zh="坐标都是数字",
    en="The coordinates are numbers",
    says_zh="有坐标不是数字（NaN 或无穷大）",
    says="a coordinate of it is not a number (NaN or infinite)",
    hint_zh="补测位置，或删去该行",
    hint="survey its place, or leave the row out",
)
def finite(lot: Lot, _context: Context) -> Iterator[Found]:
    for row in np.flatnonzero(~missing(lot.given) & ~lot.source_finite):
        yield found(row)


@rule(
    zh="图形有效",
    en="The shape is valid",
    says_zh="图形无效：{reason:zh}",
    says="its geometry is not valid: {reason}",
    hint_zh="请在源数据中改正图形",
    hint="correct the shape at its source",
)
def valid(lot: Lot, _context: Context) -> Iterator[Found]:
    rows = drawn(lot)
    for row in rows[~shapely.is_valid(lot.shapes[rows])]:
        reason = shapely.is_valid_reason(lot.shapes[row])
        yield found(row, _place(reason), reason=_reason(reason))


@rule(
    zh="图形无需修复",
    en="The shape needed no repair",
    says_zh="图形已修复，原图形无效：{reason:zh}",
    says="its geometry was repaired; it was not valid: {reason}",
    hint_zh="在地图上核对修复后的图形",
    hint="look at the repaired shape on the map",
    severity="repaired",
)
def repaired(lot: Lot, _context: Context) -> Iterator[Found]:
    for row, reason in lot.repaired.items():
        if not missing(lot.shapes[row]):  # nothing is left of a shape without an area
            yield found(row, reason=_reason(reason))


@rule(
    zh="图形是二维的",
    en="Shapes are flat",
    says_zh="第 {first:,} 至 {last:,} 个要素中，{count:,} 个带有{what:zh}，不予保留（如{example:zh}）",
    says="{what} stand in {count:,} of the features {first:,} to {last:,} and are left out (such as {example})",
    severity="note",
)
def flat(lot: Lot, _context: Context) -> Iterator[Found]:
    yield from tally(lot, shapely.has_z(lot.given), what=Both("高程（Z）", "heights (Z)"))
    yield from tally(lot, shapely.has_m(lot.given), what=Both("测量值（M）", "measures (M)"))


@rule(
    zh="图形没有重复的相邻点",
    en="Shapes have no repeated points",
    says_zh="第 {first:,} 至 {last:,} 个要素中，{count:,} 个图形有重复的相邻点（如{example:zh}）",
    says="a point stands twice in a row in the shapes of {count:,} of the features {first:,} to {last:,} "
    "(such as {example})",
    hint_zh="不影响使用",
    hint="this does no harm",
    severity="note",
)
def repeated_points(lot: Lot, _context: Context) -> Iterator[Found]:
    rows = drawn(lot)
    coordinates, owner = shapely.get_coordinates(lot.shapes[rows], return_index=True)
    again = (coordinates[1:] == coordinates[:-1]).all(axis=1) & (owner[1:] == owner[:-1])
    doubtful = lot.shapes[rows[np.unique(owner[1:][again])]]  # rings that meet look the same
    plain = shapely.get_num_coordinates(shapely.remove_repeated_points(doubtful))
    fewer = plain < shapely.get_num_coordinates(doubtful)
    yield from tally(lot, rows[np.unique(owner[1:][again])][fewer])


def _reason(reason: str) -> Both:
    """GEOS's words, with the place that it names: `Self-intersection[470010 3480000]`."""
    words, bracket, place = reason.partition("[")
    return Both(f"{REASONS_ZH.get(words, words)}{bracket}{place}", short(reason))


def _place(reason: str) -> Any:
    """The place that GEOS names as a point; None where it names none."""
    named = re.search(r"\[(\S+) (\S+?)\]", reason)
    return shapely.Point(float(named[1]), float(named[2])) if named else None
