"""Types of shapes: point, line or polygon, as the subclass asks, and of one part."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

from gridsvc.domain.crs import BoolArray
from gridsvc.ingest.layers import COMPONENTS
from gridsvc.ingest.rules.columns import Rows, by_value
from gridsvc.ingest.rules.contract import Context, Found, Lot, found, rule
from gridsvc.ingest.rules.shapes import missing, type_name
from gridsvc.ingest.rules.wording import Both, tally

TYPES = {
    "point": ("点", GeometryType.POINT, GeometryType.MULTIPOINT),
    "line": ("线", GeometryType.LINESTRING, GeometryType.MULTILINESTRING),
    "polygon": ("面", GeometryType.POLYGON, GeometryType.MULTIPOLYGON),
}
TYPE_COUNT = 32
"""More than GEOS has. The missing shape is of type -1, which stands last."""


@rule(
    zh="图形类型符合图层要求",
    en="The shape is of a type that the layer allows",
    says_zh="图形是{type:zh}，图层要求{allowed:zh}",
    says="it is a {type}, where the layer asks for {allowed}",
    hint_zh="检查小类是否正确；也可设置为将图形化为其上的一点",
    hint="is the subclass right? The layer can also be told to reduce shapes to a point on them",
)
def type_allowed(lot: Lot, context: Context) -> Iterator[Found]:
    for names, rows in _rows_by_types(lot, context):
        for row in rows[~_of_types(lot.shapes[rows], names)]:
            allowed = Both("或".join(TYPES[name][0] for name in names), " or ".join(names))
            yield found(row, type=type_name(lot.shapes[row]), allowed=allowed)


@rule(
    zh="图形类型是该小类常用的类型",
    en="The shape is of the type that is usual for its subclass",
    says_zh="第 {first:,} 至 {last:,} 个要素中，小类 {subclass:zh}有 {count:,} 个不是常用的{usual:zh}"
    "（如{example:zh}是{type:zh}）",
    says="of subclass {subclass} the usual type is {usual}; another that is allowed: {count:,} of the features "
    "{first:,} to {last:,} (such as {example}, a {type})",
    severity="note",
    targets="components",
)
def type_usual(lot: Lot, context: Context) -> Iterator[Found]:
    for code, rows in _rows_by_subclass(lot):
        subclass = context.subclasses.get(code)
        if subclass is None or subclass.geometry is None:
            continue
        other = rows[_of_types(lot.shapes[rows], subclass.geometry_allowed)]
        other = other[~_of_types(lot.shapes[other], (subclass.geometry,)) & ~missing(lot.shapes[other])]
        if len(other):
            name = Both(f"{code} {subclass.subclass_zh}", f"{code} {subclass.subclass_en}")
            usual = Both(TYPES[subclass.geometry][0], subclass.geometry)
            yield from tally(lot, other, subclass=name, usual=usual, type=type_name(lot.shapes[other[0]]))


@rule(
    zh="单部件图形按单部件保存",
    en="A shape of one part is kept as a single one",
    says_zh="第 {first:,} 至 {last:,} 个要素中，{count:,} 个图形按多部件保存却只有一部分，"
    "已化为单部件（如{example:zh}）",
    says="a multipart shape of a single part stands in {count:,} of the features {first:,} to {last:,} and is kept as "
    "a single one (such as {example})",
    severity="note",
    targets="components",
)
def single_part(lot: Lot, _context: Context) -> Iterator[Found]:
    multipart = np.flatnonzero(shapely.get_type_id(lot.given) >= GeometryType.MULTIPOINT)
    yield from tally(lot, multipart[shapely.get_num_geometries(lot.given[multipart]) == 1])


@rule(
    zh="一个部件只有一个图形",
    en="A component has one part",
    says_zh="图形由 {parts} 部分组成，只算作一个部件",
    says="its shape has {parts} parts, and counts as one component",
    hint_zh="如果是多个部件，请拆成多行",
    hint="if these are several components, give each its own row",
    severity="warning",
    targets="components",
)
def one_component(lot: Lot, _context: Context) -> Iterator[Found]:
    multipart = np.flatnonzero(shapely.get_type_id(lot.shapes) >= GeometryType.MULTIPOINT)
    parts = shapely.get_num_geometries(lot.shapes[multipart])
    for row, count in zip(multipart[parts > 1], parts[parts > 1], strict=True):
        yield found(row, parts=count)


def _rows_by_types(lot: Lot, context: Context) -> Iterator[tuple[tuple[str, ...], Rows]]:
    """Rows that have a shape, by the types that are allowed to them; without those that may be anything."""
    shaped = ~missing(lot.shapes)
    if lot.layer.target != COMPONENTS:
        yield ("polygon",), np.flatnonzero(shaped)
        return
    for code, rows in _rows_by_subclass(lot):
        if code in context.subclasses:
            yield context.subclasses[code].geometry_allowed, rows[shaped[rows]]


def _rows_by_subclass(lot: Lot) -> Iterator[tuple[str, Rows]]:
    codes, indices = by_value(lot.fields["subclass_code"])
    order = np.argsort(indices, kind="stable")
    bounds = np.searchsorted(indices[order], np.arange(len(codes) + 1))
    for n, code in enumerate(codes):
        yield code, order[bounds[n] : bounds[n + 1]]


def _of_types(shapes: NDArray[Any], names: tuple[str, ...]) -> BoolArray:
    allowed = np.zeros(TYPE_COUNT, dtype=np.bool_)
    allowed[[kind for name in names for kind in TYPES[name][1:]]] = True
    return np.asarray(allowed[shapely.get_type_id(shapes)])
