"""Area layers: how the areas fit together.

In kinds that must tile, ground that belongs to two areas or to none is an error, since a report from there could not be
given to one area; in other kinds it is a warning, since services may share ground. At the edge of the city a gap is a
warning too: where the city ends is known only from areas that may be about to change. Thin faults: `seams`.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from gridsvc.domain import coverage
from gridsvc.domain.coverage import Fault
from gridsvc.ingest.rules.areas import NAMED, ground, kind_of, names_of, parent_name, shapes_of
from gridsvc.ingest.rules.contract import Context, Found, Whole, found, rule
from gridsvc.ingest.rules.once import Once
from gridsvc.ingest.rules.wording import Both


@Once
def faults_of(whole: Whole, context: Context) -> list[Fault]:
    return coverage.faults(shapes_of(whole), _target(whole, context))


def _target(whole: Whole, context: Context) -> Any:
    """What areas that must tile have to cover: all their parents; without a parent kind, the city."""
    kind = kind_of(whole, context)
    if not kind.must_tile:
        return None
    if kind.parent is None:
        return context.outline
    parents = context.areas_of(kind.parent).shapes
    return coverage.union(parents) if len(parents) else None


def _of(whole: Whole, context: Context, kind: str, must_tile: bool) -> list[Fault]:
    if must_tile != kind_of(whole, context).must_tile:
        return []
    return [fault for fault in faults_of(whole, context) if fault.kind == kind]


@rule(
    zh="须铺满的区域互不重叠",
    en="Areas of a kind that must tile do not overlap",
    says_zh="与 {others:zh} 重叠 {area:zh}",
    says="it and {others} overlap by {area}",
    hint_zh="请确定重叠部分归谁，并从另一个区域中去掉。",
    hint="Decide which area the ground belongs to, and cut it out of the other.",
    targets="areas",
    whole=True,
)
def tiles_overlap(whole: Whole, context: Context) -> Iterator[Found]:
    return _overlaps(whole, _of(whole, context, coverage.OVERLAP, must_tile=True))


@rule(
    zh="区域互不重叠",
    en="Areas do not overlap",
    says_zh="与 {others:zh} 重叠 {area:zh}",
    says="it and {others} overlap by {area}",
    hint_zh="若非有意重叠，请从其中一个区域中去掉重叠部分。",
    hint="Unless that is meant, cut the ground out of one of them.",
    severity="warning",
    targets="areas",
    whole=True,
)
def areas_overlap(whole: Whole, context: Context) -> Iterator[Found]:
    return _overlaps(whole, _of(whole, context, coverage.OVERLAP, must_tile=False))


def _overlaps(whole: Whole, faults: list[Fault]) -> Iterator[Found]:
    for fault in faults:
        others = names_of(whole, fault.areas[1:])
        yield found(fault.areas[0], fault.geom, others=others, area=ground(fault.overlap))


@rule(
    zh="须铺满的区域没有缺失",
    en="No area of a kind that must tile is missing",
    says_zh="{where:zh}缺少区域：{area:zh}未被覆盖（该类区域面积中位数为 {typical:zh}）",
    says="an area is missing{where}: {area} are covered by none (in the median, areas here have {typical})",
    hint_zh="请补上缺失的区域。",
    hint="Add the missing area.",
    targets="areas",
    whole=True,
)
def tile_missing(whole: Whole, context: Context) -> Iterator[Found]:
    return _gaps(whole, context, _inner(_of(whole, context, coverage.MISSING, must_tile=True), whole, context))


@rule(
    zh="区域之间没有缺失的区域",
    en="No area is missing between others",
    says_zh="{where:zh}可能缺少区域：{area:zh}未被覆盖（该类区域面积中位数为 {typical:zh}）",
    says="an area may be missing{where}: {area} are covered by none (in the median, areas here have {typical})",
    hint_zh="请补上缺失的区域；若该处本来就不属于任何区域，则无需处理。",
    hint="Add the missing area, unless the ground belongs to none.",
    severity="warning",
    targets="areas",
    whole=True,
)
def area_missing(whole: Whole, context: Context) -> Iterator[Found]:
    return _gaps(whole, context, _of(whole, context, coverage.MISSING, must_tile=False))


@rule(
    zh="须铺满的区域之间没有空隙",
    en="Areas of a kind that must tile leave no gap",
    says_zh="{where:zh}有空隙：{area:zh}未被覆盖（该类区域面积中位数为 {typical:zh}）",
    says="there is a gap{where}: {area} are covered by no area (in the median, areas here have {typical})",
    hint_zh="请将空隙划入相邻的区域。",
    hint="Draw a neighbour so that it covers the gap.",
    targets="areas",
    whole=True,
)
def tiles_gap(whole: Whole, context: Context) -> Iterator[Found]:
    return _gaps(whole, context, _inner(_of(whole, context, coverage.GAP, must_tile=True), whole, context))


@rule(
    zh="区域之间没有空隙",
    en="Areas leave no gap between them",
    says_zh="{where:zh}有空隙：{area:zh}未被覆盖（该类区域面积中位数为 {typical:zh}）",
    says="there is a gap{where}: {area} are covered by no area (in the median, areas here have {typical})",
    hint_zh="请将空隙划入相邻的区域；若该处本来就不属于任何区域，则无需处理。",
    hint="Draw a neighbour so that it covers the gap, unless the ground belongs to none.",
    severity="warning",
    targets="areas",
    whole=True,
)
def areas_gap(whole: Whole, context: Context) -> Iterator[Found]:
    return _gaps(whole, context, _of(whole, context, coverage.GAP, must_tile=False))


@rule(
    zh="区域铺满全市",
    en="The areas cover the city",
    says_zh="{where:zh}城市范围内有 {area:zh}未被覆盖（该类区域面积中位数为 {typical:zh}）",
    says="{area} of the city{where} are covered by no area (in the median, areas here have {typical})",
    hint_zh="请补上该处的区域；若城市范围有变，可以忽略。",
    hint="Add the areas there, unless the city has become smaller.",
    severity="warning",
    targets="areas",
    whole=True,
)
def city_covered(whole: Whole, context: Context) -> Iterator[Found]:
    faults = _of(whole, context, coverage.MISSING, must_tile=True) + _of(whole, context, coverage.GAP, must_tile=True)
    inner = _inner(faults, whole, context)
    rim = [fault for fault in faults if fault not in inner]
    return _gaps(whole, context, rim) if len(rim) < 2 else _rim(whole, rim)


def _rim(whole: Whole, faults: list[Fault]) -> Iterator[Found]:
    """All in one: a border that was drawn anew leaves many of them, for one reason."""
    gaps = [fault.gap for fault in faults]
    largest = ground(max(gaps))
    where = Both(
        f"共 {len(faults):,} 处，最大一处{largest.zh}：", f" in {len(faults):,} places, the largest of {largest.en},"
    )
    typical = ground(float(np.median(shapely.area(shapes_of(whole)))))
    shape = shapely.union_all([fault.geom for fault in faults])
    yield found(None, shape, where=where, area=ground(sum(gaps)), typical=typical)


def _inner(faults: list[Fault], whole: Whole, context: Context) -> list[Fault]:
    """Not at the city's edge: that is known only from the areas that the layer is to replace."""
    has_parent = kind_of(whole, context).parent is not None
    return [fault for fault in faults if has_parent or not fault.on_rim]


def _gaps(whole: Whole, context: Context, faults: list[Fault]) -> Iterator[Found]:
    if not faults:
        return
    typical = ground(float(np.median(shapely.area(shapes_of(whole)))))
    for fault in faults:
        yield found(None, fault.geom, where=_where(fault, whole, context), area=ground(fault.gap), typical=typical)


def _where(fault: Fault, whole: Whole, context: Context) -> Both:
    """In which parents, beside which areas."""
    inside, beside = parents_at(fault.geom, whole, context), names_of(whole, fault.areas)
    zh = [f"{inside.zh} 内"] * bool(inside.zh) + [f"{beside.zh} 旁"] * bool(fault.areas)
    en = [f" in {inside.en}"] * bool(inside.en) + [f" beside {beside.en}"] * bool(fault.areas)
    return Both("、".join(zh), ",".join(en))


def parents_at(geom: Any, whole: Whole, context: Context) -> Both:
    """The parents that share more than a strip of ground with it, by kind and code; nothing where there are none."""
    kind = kind_of(whole, context)
    if kind.parent is None or not kind.must_tile:
        return Both("", "")
    known, name = context.areas_of(kind.parent), parent_name(kind, context)
    shared = shapely.area(shapely.intersection(known.shapes, geom))
    codes = [str(code) for code in known.codes[shared > shapely.area(geom) / 100]][:NAMED]
    return Both(f"{name.zh} {'、'.join(codes)}", f"{name.en} {', '.join(codes)}") if codes else Both("", "")
