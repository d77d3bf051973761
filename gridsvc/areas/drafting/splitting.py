"""Dividing areas into parts: sub-grids of responsibility grids, or one grid into several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridsvc.areas.drafting.coding import Codes, check_parent_scheme
from gridsvc.areas.drafting.making import (
    AREA,
    Row,
    box_around,
    ended,
    keep_draft,
    load_of,
    parent_of,
    the_areas,
    the_kind,
)
from gridsvc.areas.redrawing import members
from gridsvc.domain.areas import AreaKind
from gridsvc.domain.crs import FloatArray
from gridsvc.domain.dividing import divide_units
from gridsvc.domain.splitting import divide_area, fit_seams
from gridsvc.errors import InputError
from gridsvc.store import areas
from gridsvc.store.areas import Area
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

MOST_PARTS = 64
COVERED = 0.999
"""Share of an area that whole unit grids must cover for its parts to be made of them."""


@dataclass(frozen=True, kw_only=True)
class _Plan:
    parts: int
    units: Sequence[Area]
    """That parts are made of, where they cover an area."""
    load: FloatArray | None
    """Places of what parts are balanced by; None: by area."""


def split_areas(
    conn: Connection, city: City, kind: str, *, into: str | None = None, codes: Sequence[str] | None = None,
    parts: int = 4, by: str = AREA,
) -> int:  # fmt: skip
    """A draft in which areas of a kind (these, or all) are divided into balanced parts of a kind inside it.

    Without `into` the parts take the place of the areas. Parts are made of whole unit grids where these cover the area.
    """
    if not 2 <= parts <= MOST_PARTS:
        raise InputError(
            f"an area can be split into 2 to {MOST_PARTS} parts, not {parts}",
            zh=f"一个区域可拆分为 2 至 {MOST_PARTS} 份，不能是 {parts} 份",
        )
    whole_kind, part_kind = the_kind(conn, kind), the_kind(conn, into or kind)
    if into is not None and part_kind.parent != kind:
        raise InputError(
            f"{into} does not lie inside {kind} (its parent is {part_kind.parent or 'none'})",
            zh=f"{into} 不在 {kind} 之内（其上级为 {part_kind.parent or '无'}）",
        )
    check_parent_scheme(part_kind, parent_of(conn, part_kind))
    if into is None and codes is None:
        raise InputError("name the areas to split", zh="请指定要拆分的区域")
    wholes = the_areas(conn, kind, codes)
    box = box_around([whole.geom for whole in wholes])
    plan = _Plan(parts=parts, units=_units(conn, part_kind, box), load=load_of(conn, city, by, box))
    shapes = fit_seams([part for whole in wholes for part in _parts(whole, plan)])
    if into is None:
        rows = _instead(conn, whole_kind, wholes, shapes, parts)
    else:
        rows = _inside(conn, part_kind, wholes, shapes, parts)
    note = f"{len(wholes)} {kind} → {parts} {part_kind.kind}, {by}"
    return keep_draft(conn, city, part_kind.kind, rows, deed="split", note=note)


def _units(conn: Connection, kind: AreaKind, box: Sequence[float]) -> list[Area]:
    """What parts of a kind are made of: as it says, else the finest coded grids; not of themselves."""
    coded = [other.kind for other in areas.kinds_in_use(conn) if other.code_scheme.startswith("unit_grid")]
    made_of = kind.made_of or next(iter(coded), None)
    return areas.newest_areas(conn, made_of, box=box) if made_of and made_of != kind.kind else []


def _parts(whole: Area, plan: _Plan) -> list[Any]:
    """In reading order."""
    units = _inside_of(whole, plan.units)
    covered = sum(unit.area for unit in units)
    if len(units) < plan.parts or covered < COVERED * whole.area_m2 or covered > whole.area_m2 / COVERED:
        return divide_area(whole.geom, plan.parts, plan.load)
    weights = [unit.area for unit in units] if plan.load is None else _counts(units, plan.load)
    label, shapes = divide_units(units, weights, plan.parts), np.array(units, dtype=object)
    return [shapely.coverage_union_all(shapes[label == part]) for part in range(plan.parts)]


def _inside_of(whole: Area, units: Sequence[Area]) -> list[Any]:
    """Shapes of the units that lie in an area."""
    shapes = np.array([unit.geom for unit in units], dtype=object)
    return list(shapes[members(shapes, np.array([whole.geom], dtype=object))[:, 0]])


def _counts(units: Sequence[Any], load: FloatArray) -> FloatArray:
    places: Any = shapely.points(load)
    unit, _ = shapely.STRtree(places).query(units, predicate="intersects")
    return np.bincount(unit, minlength=len(units)).astype(np.float64)


def _inside(conn: Connection, kind: AreaKind, wholes: Sequence[Area], shapes: Sequence[Any], parts: int) -> list[Row]:
    """Numbered from 1 in each area; parts that are there keep their codes with another shape, or end."""
    there = areas.newest_areas(conn, kind.kind, parents=[whole.code for whole in wholes])
    rows: dict[str, Row] = {area.code: ended(area) for area in there}
    codes = Codes(conn, kind)
    for n, whole in enumerate(wholes):
        kept = sorted(area.code for area in there if area.parent_code == whole.code)
        for place in range(parts):
            code = kept[place] if place < len(kept) else codes.fresh(whole.code)
            rows[code] = _named(code, whole, whole.code, shapes[n * parts + place])
    return list(rows.values())


def _instead(conn: Connection, kind: AreaKind, wholes: Sequence[Area], shapes: Sequence[Any], parts: int) -> list[Row]:
    codes, rows = Codes(conn, kind), [ended(whole) for whole in wholes]
    for n, whole in enumerate(wholes):
        for shape in shapes[n * parts : (n + 1) * parts]:
            coded = kind.code_scheme != "free" and whole.parent_code is not None
            code = codes.fresh(str(whole.parent_code) if coded else whole.code)
            rows.append(_named(code, whole, whole.parent_code, shape))
    return rows


def _named(code: str, whole: Area, parent: str | None, shape: Any) -> Row:
    """A part is called as the whole, with what its code adds; where names are codes, as its code."""
    rest = code.removeprefix(whole.code)
    names = (code if name == whole.code or rest == code else f"{name}{rest}" for name in (whole.name_zh, whole.name_en))
    zh, en = names
    return code, zh, en, parent, shape
