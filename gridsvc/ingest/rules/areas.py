"""Area layers: the codes of areas and of their parents. See `area_shapes` and `tiling` too."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridsvc.domain.areas import AreaKind, fits_scheme, parent_digits
from gridsvc.ingest.rules.contract import Context, Found, Whole, found, rule
from gridsvc.ingest.rules.wording import LARGEST, Both, feature_name, short

EDITIONS = {"unit_grid": "GB/T 30428.1-2013", "unit_grid_14": "CJ/T 213-2005"}
"""Both forms of unit grid codes, by scheme."""
NAMED = 5
"""So many areas are named in a sentence."""


def kind_of(whole: Whole, context: Context) -> AreaKind:
    return context.kinds[whole.layer.target]


def kind_name(kind: AreaKind) -> Both:
    return Both(kind.name_zh, kind.name_en)


def parent_name(kind: AreaKind, context: Context) -> Both:
    return kind_name(context.kinds[kind.parent]) if kind.parent is not None else Both("", "")


def is_unit_grid(kind: AreaKind) -> bool:
    return kind.code_scheme in EDITIONS


def shapes_of(whole: Whole) -> NDArray[Any]:
    return np.empty(0, dtype=object) if whole.shapes is None else whole.shapes


def names_of(whole: Whole, rows: tuple[int, ...]) -> Both:
    """Codes of areas, or their numbers where they have none."""
    names = [_name(whole, row) for row in rows[:NAMED]]
    zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
    more = len(rows) - NAMED
    return Both(f"{zh}等 {len(rows)} 个区域", f"{en} and {more} more") if more > 0 else Both(zh, en)


def _name(whole: Whole, row: int) -> Both:
    code = whole.code[row].as_py()
    return feature_name(whole, row) if code is None else Both(short(code), short(code))


def ground(area: float) -> Both:
    """An area in square metres: whole ones, of small areas three figures."""
    if not area < LARGEST:
        return Both("超过地球表面积", "more than the surface of the earth")
    figures = f"{area:,.0f}" if area >= 100 else f"{area:.3g}"
    return Both(f"{figures} 平方米", f"{figures} m²")


def _codes(whole: Whole) -> Iterator[tuple[int, str]]:
    return ((row, code) for row, code in enumerate(whole.code.to_pylist()) if code is not None)


@rule(
    zh="区域有编码",
    en="An area has a code",
    says_zh="没有编码",
    says="it has no code",
    hint_zh="请指定哪一列是编码；个别缺失的请补填。",
    hint="Say which column holds the code; where only some are missing, fill them in.",
    targets="areas",
    whole=True,
    of_file=True,
)
def code_given(whole: Whole, _context: Context) -> Iterator[Found]:
    for row, code in enumerate(whole.code.to_pylist()):
        if code is None:
            yield found(row)


@rule(
    zh="区域编码符合该类区域的编码规则",
    en="An area code follows the scheme of its kind",
    says_zh="编码“{code}”不符合{kind:zh}的编码规则（{scheme}）",
    says="code {code!r} does not follow the scheme {scheme} of {kind}",
    hint_zh="请改正编码；若全部如此，请检查文件中所选的列，或修改该类区域的编码规则。",
    hint="Correct the code; if all are like this, look at the column chosen in the file, or at the scheme of the kind.",
    targets="areas",
    whole=True,
)
def code_scheme(whole: Whole, context: Context) -> Iterator[Found]:
    kind = kind_of(whole, context)
    for row, code in _codes(whole):
        if not fits_scheme(code, kind.code_scheme) and not _other_edition(code, kind):
            yield found(row, code=short(code), scheme=kind.code_scheme, kind=kind_name(kind))


@rule(
    zh="单元网格编码采用本市的版本",
    en="Unit grid codes are of the edition that the city uses",
    says_zh="编码 {code} 为 {digits} 位，是 {edition} 的编码，而本市采用 {wanted}",
    says="code {code} has {digits} digits, as in {edition}; this city uses {wanted}",
    hint_zh="不会自动转换。请让数据提供方按本市版本重新编码，或修改该类区域的编码规则。",
    hint="Nothing is converted by itself: have the grids coded anew, or change the code scheme of the kind.",
    targets="areas",
    whole=True,
)
def code_edition(whole: Whole, context: Context) -> Iterator[Found]:
    kind = kind_of(whole, context)
    for row, code in _codes(whole):
        other = _other_edition(code, kind)
        if other:
            yield found(row, code=code, digits=len(code), edition=EDITIONS[other], wanted=EDITIONS[kind.code_scheme])


def _other_edition(code: str, kind: AreaKind) -> str | None:
    """The scheme of a unit grid code in a kind that uses the other one."""
    others = [scheme for scheme in EDITIONS if is_unit_grid(kind) and scheme != kind.code_scheme]
    return next((scheme for scheme in others if fits_scheme(code, scheme)), None)


@rule(
    zh="编码以上级区域的编码开头",
    en="A code begins with the code of the parent",
    says_zh="编码 {code} 以 {begins} 开头，而所属{parent:zh}为 {parent_code}",
    says="code {code} begins with {begins}, yet it names {parent} {parent_code}",
    hint_zh="编码与所属区域必有一个写错，请核对。",
    hint="Either the code or the parent is wrong.",
    targets="areas",
    whole=True,
)
def code_parent(whole: Whole, context: Context) -> Iterator[Found]:
    kind = kind_of(whole, context)
    digits = parent_digits(kind, context.kinds.get(kind.parent or ""))
    if digits is None:
        return
    parents, parent = whole.parent_code.to_pylist(), parent_name(kind, context)
    for row, code in _codes(whole):
        if parents[row] not in (None, code[:digits]) and fits_scheme(code, kind.code_scheme):
            yield found(row, code=code, begins=code[:digits], parent_code=short(parents[row]), parent=parent)


@rule(
    zh="上级区域已经入库",
    en="The parents of the areas are in the store",
    says_zh="库中还没有{parent:zh}",
    says="there is no {parent} in the store yet",
    hint_zh="请先导入上级区域。",
    hint="Import the parents first.",
    targets="areas",
    whole=True,
)
def parents_loaded(whole: Whole, context: Context) -> Iterator[Found]:
    kind = kind_of(whole, context)
    if kind.parent is not None and not len(context.areas_of(kind.parent).codes):
        yield found(None, parent=parent_name(kind, context))


@rule(
    zh="区域注明所属的上级区域",
    en="An area names its parent",
    says_zh="没有注明所属的{parent:zh}",
    says="it names no {parent} that it lies in",
    hint_zh="请补填上级编码；若文件中全部缺失，请指定哪一列是上级编码。",
    hint="Fill in the parent's code; if a file names none at all, say which column holds it.",
    targets="areas",
    whole=True,
)
def parent_named(whole: Whole, context: Context) -> Iterator[Found]:
    kind = kind_of(whole, context)
    if kind.parent is None:
        return
    for row, code in enumerate(whole.parent_code.to_pylist()):
        if code is None:
            yield found(row, parent=parent_name(kind, context))


@rule(
    zh="所属的上级区域存在",
    en="The parent of an area exists",
    says_zh="所属{parent:zh} {parent_code} 不存在",
    says="it lies in {parent} {parent_code}, which does not exist",
    hint_zh="请改正上级编码，或先导入该上级区域。",
    hint="Correct the parent's code, or import that parent first.",
    targets="areas",
    whole=True,
)
def parent_exists(whole: Whole, context: Context) -> Iterator[Found]:
    kind = kind_of(whole, context)
    known = context.areas_of(kind.parent).index_of if kind.parent is not None else {}
    if kind.parent is None or not known:
        return
    for row, code in enumerate(whole.parent_code.to_pylist()):
        if code is not None and code not in known:
            yield found(row, parent_code=short(code), parent=parent_name(kind, context))
