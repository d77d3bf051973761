"""Data that stands beside its place as map apps show it (GCJ-02, BD-09): too little for the city's outline to show."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from pyproj import CRS

from gridsvc.ingest.places.coordinates import transform
from gridsvc.ingest.places.offsets import SAMPLE, Offset, measure, offset_of_points
from gridsvc.ingest.places.whereabouts import lacks_shift
from gridsvc.ingest.rules.areas import kind_of, shapes_of
from gridsvc.ingest.rules.columns import column, index_in, is_empty
from gridsvc.ingest.rules.contract import Context, Found, KnownAreas, Lot, Whole, found, rule
from gridsvc.ingest.rules.shapes import anchors_of
from gridsvc.ingest.rules.unit_grids import KIND
from gridsvc.ingest.rules.wording import Both, length

NAMES = {
    "gcj02": Both("GCJ-02（高德、腾讯地图）", "GCJ-02 (AMap, Tencent)"),
    "bd09": Both("BD-09（百度地图）", "BD-09 (Baidu)"),
}
MOST_PARENTS = 50
"""Parents whose borders are held against those of their areas, evenly over all."""
HINT_ZH = "请向提供方核实坐标来源；若确为偏移坐标，请在坐标处理方式中选择 {turn} 后重新检查"
HINT = (
    "ask where the coordinates come from; if it is so, say that the shift is to be undone (turn {turn}) and check again"
)


@rule(
    zh="区域没有地图偏移",
    en="Areas are not shifted as on map apps",
    says_zh="区域整体偏移约 {far:zh}，与 {name:zh} 的偏移一致：边界与{against:zh}相距 {before:zh}，纠偏后 {after:zh}",
    says="the areas stand {far} off as {name} shifts them: their borders are {before} from {against}, and {after} with "
    "the shift undone",
    hint_zh=HINT_ZH,
    hint=HINT,
    severity="warning",
    targets="areas",
    whole=True,
    of_file=True,
)
def datum_shift(whole: Whole, context: Context) -> Iterator[Found]:
    """Seen against the areas in force of the kind; where there are none, against the parents."""
    kind = kind_of(whole, context)
    shapes, codes = shapes_of(whole), [code or "" for code in whole.code.to_pylist()]
    against = Both("现行区域", "those in force")
    offset = _measured(shapes, codes, context.areas_of(kind.kind), context.srid)
    if offset is None and kind.parent is not None:
        against = Both("上级区域", "those of their parents")
        offset = _measured(
            *_by_parent(whole, context.areas_of(kind.parent)), context.areas_of(kind.parent), context.srid
        )
    if offset is not None and offset.turn:
        yield found(
            None, turn=offset.turn, name=NAMES[offset.turn], against=against,
            far=length(float(np.hypot(offset.east, offset.north))), before=length(offset.before),
            after=length(offset.after),
        )  # fmt: skip


def _measured(shapes: Any, codes: list[str], known: KnownAreas, srid: int) -> Offset | None:
    if not len(shapes) or not len(known.codes):
        return None
    return measure(shapes, codes, known.shapes, [str(code) for code in known.codes], srid)


def _by_parent(whole: Whole, parents: KnownAreas) -> tuple[Any, list[str]]:
    """The areas of each parent as one shape, and the parents' codes."""
    shapes, parent = shapes_of(whole), index_in(whole.parent_code, parents.codes)
    parent[~shapely.is_valid(shapes)] = -1
    named = np.unique(parent[parent >= 0])
    some = named[np.linspace(0, len(named) - 1, min(len(named), MOST_PARENTS)).astype(np.int64)]
    joined = np.empty(len(some), dtype=object)
    joined[:] = [shapely.union_all(shapes[parent == number]) for number in some]
    return joined, [str(parents.codes[number]) for number in some]


@rule(
    zh="部件没有地图偏移",
    en="Components are not shifted as on map apps",
    says_zh="第 {first:,} 至 {last:,} 个要素的位置与 {name:zh} 的偏移一致：抽查的 {count:,} 个，"
    "纠偏后大多位于所填单元网格内",
    says="the features {first:,} to {last:,} stand as {name} shifts them: with the shift undone most of the {count:,} "
    "looked at are in the unit grid that they name",
    hint_zh=HINT_ZH,
    hint=HINT,
    severity="warning",
    targets="components",
)
def datum_shift_points(lot: Lot, context: Context) -> Iterator[Found]:
    if KIND not in context.kinds or KIND not in lot.fields:
        return
    grids = context.areas_of(KIND)
    rows, x, y = anchors_of(lot)
    named = np.flatnonzero(~is_empty(column(lot, KIND))[rows])
    some = named[np.linspace(0, len(named) - 1, min(len(named), SAMPLE)).astype(np.int64)]
    number = index_in(column(lot, KIND).take(rows[some]), grids.codes)
    some, number = some[number >= 0], number[number >= 0]
    proposal = offset_of_points(np.column_stack([x[some], y[some]]), grids.shapes[number], context.srid)
    if proposal is not None:
        place = {"first": lot.first + 1, "last": lot.first + len(lot)}
        yield found(None, turn=proposal.turn, name=NAMES[proposal.turn], count=len(some), **place)


@rule(
    zh="与城市坐标系之间有已知的基准转换",
    en="A shift between its datum and the city's is known",
    says_zh="文件坐标系为 {crs}，没有到 EPSG:{srid} 的基准转换参数，按同一基准处理，可能残留约 100 米偏差",
    says="the file is in {crs}: no shift of its datum to EPSG:{srid} is known here, so both are taken for one, and "
    "some 100 m may remain",
    hint_zh="请向提供方索取已转换到城市坐标系的数据；或在坐标系中填写带转换参数（+towgs84）的 PROJ 参数",
    hint="ask for data in the city's system, or give a PROJ string with the shift (+towgs84) as coordinate system",
    severity="warning",
)
def datum_known(lot: Lot, context: Context) -> Iterator[Found]:
    places = lot.source_bounds[lot.source_finite & lot.usable, :2]
    if len(places):
        crs = CRS.from_user_input(lot.source_crs)
        transform(places[:1], crs.srs, "", context.srid)
        if lacks_shift(crs.srs, context.srid):
            yield found(None, crs=crs.name, srid=context.srid)
