"""Area layers: the shape of each area by itself, against its parent, and against what is in force."""

from collections.abc import Iterator

import numpy as np
import shapely

from gridsvc.domain.coverage import Beyond, beyond_parents
from gridsvc.ingest.rules.areas import ground, is_unit_grid, kind_name, kind_of, parent_name, shapes_of
from gridsvc.ingest.rules.columns import index_in
from gridsvc.ingest.rules.contract import Context, Found, Whole, found, rule
from gridsvc.ingest.rules.once import Once
from gridsvc.ingest.rules.wording import Both, length

MUCH = 0.5
"""An area of which more lies outside of its parent names the wrong one."""
USUAL = (1_000.0, 50_000.0)
"""Square metres: unit grids smaller or larger are worth a look. The guide value binds nobody."""
GUIDE, NEAR_GUIDE = 10_000.0, 0.1
FEWER = 0.9
"""A layer that covers less of what the areas in force cover is taken for a part of one."""


@rule(
    zh="区域位于所注明的上级区域内",
    en="An area lies in the parent that it names",
    says_zh="{share} 的面积在所属{parent:zh} {parent_code} 之外，{really:zh}",
    says="{share} of it lies outside of {parent} {parent_code}, which it names; {really}",
    hint_zh="请改正上级编码，或检查图形的位置。",
    hint="Correct the parent's code, or look at the place of the shape.",
    targets="areas",
    whole=True,
)
def parent_right(whole: Whole, context: Context) -> Iterator[Found]:
    parent = parent_name(kind_of(whole, context), context)
    for one in _beyond(whole, context):
        if one.share > MUCH:
            code, really = whole.parent_code[one.row].as_py(), _really_in(one, whole, context)
            yield found(one.row, share=f"{one.share:.0%}", parent=parent, parent_code=code, really=really)


def _really_in(one: Beyond, whole: Whole, context: Context) -> Both:
    known = context.areas_of(str(kind_of(whole, context).parent))
    holds = shapely.covers(known.shapes, shapely.point_on_surface(shapes_of(whole)[one.row]))
    codes = sorted(str(code) for code in known.codes[holds])
    if not codes:
        return Both("不在任何一个之内", "it lies in none")
    return Both(f"实际位于 {codes[0]}", f"it lies in {codes[0]}")


@rule(
    zh="区域不超出上级区域",
    en="An area does not reach out of its parent",
    says_zh="超出所属{parent:zh} {parent_code}：{area:zh}在外，最远 {distance:zh}",
    says="it reaches out of {parent} {parent_code}: {area} lie outside, at most {distance} from it",
    hint_zh="请对照上级区域的边界修正；若上级边界有误，请先更新上级区域。",
    hint="Draw it along the parent's edge; where that is wrong, change the parent first.",
    severity="warning",
    targets="areas",
    whole=True,
)
def inside_parent(whole: Whole, context: Context) -> Iterator[Found]:
    parent = parent_name(kind_of(whole, context), context)
    for one in _beyond(whole, context):
        if one.share <= MUCH:
            code, far = whole.parent_code[one.row].as_py(), length(one.distance)
            yield found(one.row, one.geom, parent=parent, parent_code=code, area=ground(one.area), distance=far)


@Once
def _beyond(whole: Whole, context: Context) -> list[Beyond]:
    parent = kind_of(whole, context).parent
    if parent is None:
        return []
    known = context.areas_of(parent)
    return beyond_parents(shapes_of(whole), known.shapes, index_in(whole.parent_code, known.codes))


@rule(
    zh="单元网格只有一个部分",
    en="A unit grid has one part",
    says_zh="由 {parts} 个互不相连的部分组成，而单元网格应为一个整体",
    says="it has {parts} parts, where a unit grid is one piece",
    hint_zh="请拆成几个网格并分别编码，或合并为一个图形。",
    hint="Make each part a grid with its own code, or join them.",
    targets="areas",
    whole=True,
)
def one_part(whole: Whole, context: Context) -> Iterator[Found]:
    if not is_unit_grid(kind_of(whole, context)):
        return
    parts = shapely.get_num_geometries(shapes_of(whole))
    for row in np.flatnonzero(parts > 1):
        yield found(row, parts=int(parts[row]))


@rule(
    zh="单元网格面积适当",
    en="A unit grid is of a usual size",
    says_zh="面积 {area:zh}，远{than:zh}约 10,000 平方米的参考值",
    says="it has {area}, much {than} than the guide value of about 10,000 m²",
    hint_zh="请核对图形；参考值不是限值，完整的大院可以是一个网格。",
    hint="Look at the shape; the value is a guide, and a large compound may stay one grid.",
    severity="warning",
    targets="areas",
    whole=True,
)
def usual_size(whole: Whole, context: Context) -> Iterator[Found]:
    if not is_unit_grid(kind_of(whole, context)):
        return
    areas = shapely.area(shapes_of(whole))
    for row in np.flatnonzero((areas > 0) & ((areas < USUAL[0]) | (areas > USUAL[1]))):
        than = Both("低于", "less") if areas[row] < USUAL[0] else Both("高于", "more")
        yield found(row, area=ground(areas[row]), than=than)


@rule(
    zh="单元网格面积分布",
    en="How large the unit grids are",
    says_zh="单元网格面积：中位数 {middle:zh}，最小 {low:zh}，最大 {high:zh}；{near} 与 10,000 平方米相差不超过 10%",
    says="unit grids: {middle} in the median, {low} to {high}; {near} are within 10 % of 10,000 m²",
    severity="note",
    targets="areas",
    whole=True,
)
def size_spread(whole: Whole, context: Context) -> Iterator[Found]:
    areas = shapely.area(shapes_of(whole))
    areas = areas[areas > 0]
    if not is_unit_grid(kind_of(whole, context)) or not len(areas):
        return
    near = np.mean(np.abs(areas - GUIDE) <= NEAR_GUIDE * GUIDE)
    low, middle, high = (ground(float(area)) for area in np.quantile(areas, [0, 0.5, 1]))
    yield found(None, middle=middle, low=low, high=high, near=f"{near:.0%}")


@rule(
    zh="图层覆盖现有区域的范围",
    en="The layer covers what the areas in force cover",
    says_zh="图层的面积只有现有{kind:zh}的 {share}（{new} / {old} 平方公里）",
    says="the layer has only {share} of the ground of the areas of kind {kind} in force ({new} of {old} km²)",
    hint_zh="生效后将取代该类全部现有区域；若这只是其中一部分，请补齐后再导入。",
    hint="Once applied it replaces all areas of the kind: if it is a part of them, add the rest first.",
    severity="warning",
    targets="areas",
    whole=True,
    of_file=True,
)
def covers_present(whole: Whole, context: Context) -> Iterator[Found]:
    kind = kind_of(whole, context)
    old, new = shapely.area(context.areas_of(kind.kind).shapes).sum(), shapely.area(shapes_of(whole)).sum()
    if new < FEWER * old:
        share, name = f"{new / old:.0%}", kind_name(kind)
        yield found(None, kind=name, share=share, new=f"{new / 1e6:,.2f}", old=f"{old / 1e6:,.2f}")
