"""Moving the edges of a layer onto the borders of another, such as utility areas onto administrative ones."""

from typing import Any

from gridsvc.areas.drafting.making import Remark, Row, box_around, keep_draft, the_areas, the_kind
from gridsvc.domain.aligning import Loose, align
from gridsvc.errors import InputError
from gridsvc.store import areas
from gridsvc.store.areas import Area
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

MOST_TOLERANCE = 200.0
SAME = 0.01
"""Square metres below which an area counts as unchanged."""


def realign(conn: Connection, city: City, kind: str, to: str, tolerance: float) -> int:
    """A draft in which edges of a kind that run within `tolerance` metres of borders of another lie on these.

    Stretches that cannot be moved are remarks of the draft.
    """
    if not 0 < tolerance <= MOST_TOLERANCE:
        raise InputError(
            f"a tolerance is more than 0 and at most {MOST_TOLERANCE:.0f} m, not {tolerance:g}",
            zh=f"容差须大于 0 且不超过 {MOST_TOLERANCE:.0f} 米，不能是 {tolerance:g}",
        )
    the_kind(conn, kind)
    the_kind(conn, to)
    if kind == to:
        raise InputError(f"{kind} cannot be aligned to itself", zh=f"{kind} 不能与自身对齐")
    layer = the_areas(conn, kind, None)
    borders = areas.newest_areas(conn, to, box=box_around([area.geom for area in layer]))
    aligned = align([area.geom for area in layer], [area.geom for area in borders], tolerance)
    rows = [_row(area, shape) for area, shape in zip(layer, aligned.shapes, strict=True) if _moved(area, shape)]
    remarks = [_remark(layer[loose.place], to, loose) for loose in aligned.loose]
    note = f"{kind} → {to}, {tolerance:g} m; {aligned.moved_m2:,.0f} m²"
    return keep_draft(conn, city, kind, rows, deed="realign", note=note, remarks=remarks)


def _row(area: Area, shape: Any) -> Row:
    return area.code, area.name_zh, area.name_en, area.parent_code, shape


def _moved(area: Area, shape: Any) -> bool:
    """More than a vertex on an edge that stays where it is."""
    return bool(area.geom.symmetric_difference(shape).area > SAME)


def _remark(area: Area, to: str, loose: Loose) -> Remark:
    length, far = f"{loose.geom.length:,.0f}", f"{loose.distance:.1f}"
    return Remark(
        code=area.code, geom=loose.geom,
        en=f"{length} m of the edge of {area.code} lie on no border of {to}, up to {far} m off",
        zh=f"{area.code} 的边界有 {length} 米不在 {to} 边界上，最远相距 {far} 米",
    )  # fmt: skip
