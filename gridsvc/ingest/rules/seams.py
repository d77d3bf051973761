"""Area layers: edges that two areas, or an area and its surroundings, ought to share.

They come from drawing one edge twice. None is an error: a point there is still within a metre of its area.
"""

from collections.abc import Iterator

import shapely

from gridsvc.domain import coverage
from gridsvc.domain.coverage import Fault
from gridsvc.ingest.rules.areas import ground, kind_of, names_of, parent_name
from gridsvc.ingest.rules.contract import Context, Found, Whole, found, rule
from gridsvc.ingest.rules.tiling import faults_of
from gridsvc.ingest.rules.wording import Both, length

CITY = Both("城市范围", "the city")


def _of(whole: Whole, context: Context, kind: str) -> list[Fault]:
    return [fault for fault in faults_of(whole, context) if fault.kind == kind]


@rule(
    zh="区域内没有空洞",
    en="An area has no hole that nothing fills",
    says_zh="内部有 {area:zh}的空洞，没有区域填充",
    says="it has a hole of {area} that no area fills",
    hint_zh="请填上空洞，或补上其中的区域；若为湖泊等有意空出之处，则无需处理。",
    hint="Fill it, or add the area that lies in it, unless it is left out on purpose, as a lake may be.",
    severity="warning",
    targets="areas",
    whole=True,
)
def hole_filled(whole: Whole, context: Context) -> Iterator[Found]:
    for fault in _of(whole, context, coverage.HOLE):
        yield found(fault.areas[0], fault.geom, area=ground(fault.gap))


@rule(
    zh="区域之间没有碎面",
    en="There are no slivers between areas",
    says_zh="与 {others:zh} 之间有碎面（{places} 处）：最宽 {width:zh}，重叠 {twice:zh}，空隙 {none:zh}",
    says="slivers between it and {others} (places: {places}): up to {width} wide, {twice} twice and {none} not covered",
    hint_zh="请让相邻区域共用同一条边线。",
    hint="Let the neighbours share one edge.",
    severity="warning",
    targets="areas",
    whole=True,
)
def no_slivers(whole: Whole, context: Context) -> Iterator[Found]:
    return _differing(whole, _of(whole, context, coverage.SLIVERS))


@rule(
    zh="相邻区域的边线吻合",
    en="Neighbours have the same edge",
    says_zh=(
        "与 {others:zh} 的边线不吻合（{places} 处，长 {run:zh}）：相差最多 {width:zh}，重叠 {twice:zh}，空隙 {none:zh}"
    ),
    says=(
        "its edge and that of {others} differ along {run} (places: {places}): by up to {width}, "
        "{twice} twice and {none} not covered"
    ),
    hint_zh="通常是个别顶点被移动，或同一边线数字化了两次；请将顶点捕捉到邻区的顶点上。",
    hint="A vertex was moved, or the edge was digitised twice: snap the vertices to those of the neighbour.",
    severity="warning",
    targets="areas",
    whole=True,
)
def edges_match(whole: Whole, context: Context) -> Iterator[Found]:
    return _differing(whole, _of(whole, context, coverage.EDGES))


def _differing(whole: Whole, faults: list[Fault]) -> Iterator[Found]:
    for fault in faults:
        yield found(
            fault.areas[0],
            fault.geom,
            others=names_of(whole, fault.areas[1:]),
            places=fault.places,
            width=length(fault.width),
            run=length(fault.length),
            twice=ground(fault.overlap),
            none=ground(fault.gap),
        )


@rule(
    zh="相邻区域的顶点一致",
    en="Neighbours share the vertices of their edge",
    says_zh="边线上缺少 {others:zh} 在该处的 {places} 个顶点",
    says="its edge lacks vertices that {others} have on it: {places}",
    severity="note",
    targets="areas",
    whole=True,
)
def vertices_shared(whole: Whole, context: Context) -> Iterator[Found]:
    for fault in _of(whole, context, coverage.VERTICES):
        yield found(fault.areas[0], fault.geom, others=names_of(whole, fault.areas[1:]), places=fault.places)


@rule(
    zh="该类区域的外缘与上级区域（或城市范围）的边线吻合",
    en="The outer edge of the areas is that of their parents, or of the city",
    says_zh=(
        "该类区域与{what:zh}的边线不吻合（{places} 处，长 {run:zh}）："
        "相差最多 {width:zh}，未覆盖 {none:zh}，超出 {beyond:zh}"
    ),
    says=(
        "the areas and {what} differ along their edge for {run} (places: {places}): by up to {width}, "
        "{none} not covered and {beyond} beyond it"
    ),
    hint_zh="请将边线捕捉到上级区域（或城市范围）的边线上；若差别来自后者，可以忽略。",
    hint="Snap the edge to that of the parent or city, unless it is the latter that is wrong.",
    severity="warning",
    targets="areas",
    whole=True,
)
def rim_matches(whole: Whole, context: Context) -> Iterator[Found]:
    faults = _of(whole, context, coverage.RIM)
    for what, part in _by_parent(faults, whole, context):
        yield found(
            None,
            shapely.union_all([fault.geom for fault in part]),
            what=what,
            places=sum(fault.places for fault in part),
            run=length(sum(fault.length for fault in part)),
            width=length(max(fault.width for fault in part)),
            none=ground(sum(fault.gap for fault in part)),
            beyond=ground(sum(fault.overlap for fault in part)),
        )


def _by_parent(faults: list[Fault], whole: Whole, context: Context) -> Iterator[tuple[Both, list[Fault]]]:
    """Together for the city, which is one; else for each parent."""
    kind = kind_of(whole, context)
    if kind.parent is None or not faults:
        yield from [(CITY, faults)] * bool(faults)
        return
    known, name = context.areas_of(kind.parent), parent_name(kind, context)
    nearest = shapely.STRtree(known.shapes).nearest([fault.geom for fault in faults])
    for parent in dict.fromkeys(nearest.tolist()):
        what = Both(f"{name.zh} {known.codes[parent]} ", f"{name.en} {known.codes[parent]}")
        yield what, [fault for fault, near in zip(faults, nearest, strict=True) if near == parent]
