"""What a draft may not contain, whatever it is for: refused as a whole, with the code and the place of the first fault.

How well areas fit together is another question: `gridsvc areas check` reports on it, and imports gate on it.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely.validation import explain_validity

from gridsvc.domain.areas import AreaKind, fits_scheme
from gridsvc.domain.coverage import beyond_parents
from gridsvc.errors import ConflictError, GridsvcError, InputError
from gridsvc.store import areas, drafts
from gridsvc.store.connection import Connection
from gridsvc.store.drafts import Change, Draft


def check_changes(conn: Connection, draft: Draft, changes: Sequence[Change]) -> None:
    """Raises the first fault. The changes are staged."""
    for error in faults(conn, draft, changes):
        raise error


def faults(conn: Connection, draft: Draft, changes: Sequence[Change]) -> Iterator[GridsvcError]:
    kinds = {kind.kind: kind for kind in areas.kinds(conn)}
    new = [change for change in changes if change.new_geom is not None]
    yield from _wrong_codes(new, kinds)
    yield from _wrong_shapes(new)
    yield from _burnt(conn, draft)
    if draft.deed not in ("import", "reverse"):  # a file was checked when it was read; what was in force comes back
        for kind in dict.fromkeys(change.kind for change in new):
            yield from _wrong_parents(conn, kinds[kind], [change for change in new if change.kind == kind])


def _wrong_codes(new: Sequence[Change], kinds: dict[str, AreaKind]) -> Iterator[InputError]:
    for change in new:
        scheme = kinds[change.kind].code_scheme
        if not fits_scheme(change.code, scheme):
            yield InputError(
                f"code {change.code} does not follow the scheme {scheme} of {change.kind}",
                zh=f"编码 {change.code} 不符合 {change.kind} 的编码规则 {scheme}",
            )


def _wrong_shapes(new: Sequence[Change]) -> Iterator[InputError]:
    for change in new:
        if change.new_geom.is_empty or not change.new_geom.is_valid:
            why = "it is empty" if change.new_geom.is_empty else explain_validity(change.new_geom)
            yield InputError(
                f"{change.kind} {change.code} has no valid shape: {why}",
                zh=f"{change.kind} {change.code} 的形状无效：{why}",
            )


def _burnt(conn: Connection, draft: Draft) -> Iterator[ConflictError]:
    for kind, code, revision in drafts.burnt_codes(conn, draft.id):
        yield ConflictError(
            f"{kind} {code} ended with revision {revision}: its code is not given to other ground; choose another",
            zh=f"{kind} {code} 已随第 {revision} 版停用，编码不再分配给其他范围，请改用新编码",
        )


def _wrong_parents(conn: Connection, kind: AreaKind, new: Sequence[Change]) -> Iterator[InputError]:
    if kind.parent is None:
        return
    there = {area.code: area.geom for area in areas.newest_areas(conn, kind.parent, codes=_parents(new))}
    for change in new:
        if change.parent_code is None or change.parent_code not in there:
            yield InputError(
                f"{kind.kind} {change.code} lies in {kind.parent} {change.parent_code or '(none)'}, which is not there",
                zh=f"{kind.kind} {change.code} 的上级 {kind.parent} {change.parent_code or '（未填写）'} 不存在",
            )
    placed = [change for change in new if change.parent_code in there]
    codes = list(there)
    parent = np.array([codes.index(str(change.parent_code)) for change in placed], np.int64)
    shapes = np.array([change.new_geom for change in placed], dtype=object)
    for out in beyond_parents(shapes, np.array([there[code] for code in codes], dtype=object), parent):
        where = shapely.point_on_surface(out.geom)
        yield InputError(
            f"{kind.kind} {placed[out.row].code} reaches {out.distance:.2f} m out of {kind.parent} "
            f"{placed[out.row].parent_code}, at {where.x:.1f}, {where.y:.1f}",
            zh=f"{kind.kind} {placed[out.row].code} 超出 {kind.parent} {placed[out.row].parent_code} "
            f"{out.distance:.2f} 米，位于 {where.x:.1f}，{where.y:.1f}",
        )


def _parents(new: Sequence[Change]) -> list[str]:
    return sorted({change.parent_code for change in new if change.parent_code is not None})
