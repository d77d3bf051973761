"""Drawing the unit grids of communities anew (GB/T 30428.1)."""

from collections.abc import Sequence
from typing import Any

import shapely

from gridsvc.areas.drafting.coding import Codes, check_parent_scheme
from gridsvc.areas.drafting.making import (
    Row,
    box_around,
    component_places,
    ended,
    keep_draft,
    parent_of,
    the_areas,
    the_kind,
)
from gridsvc.domain.drawing import TARGET, draw_city
from gridsvc.domain.numbering import reading_order
from gridsvc.errors import InputError
from gridsvc.store import areas
from gridsvc.store.areas import Area
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

LEAST_TARGET, MOST_TARGET = 400.0, 1_000_000.0


def draft_grids(
    conn: Connection, city: City, *, kind: str = "unit_grid", within: Sequence[str] | None = None,
    target_m2: float = TARGET, lines: Sequence[Any] = (), keep_whole: Sequence[Any] = (),
) -> int:  # fmt: skip
    """A draft of grids that cover their parents (these, or all there are); grids that are there in these end.

    `lines`: where to cut first; `keep_whole`: buildings. Shapely geometries in the city's CRS.
    """
    if not LEAST_TARGET <= target_m2 <= MOST_TARGET:
        raise InputError(
            f"grids of about {LEAST_TARGET:,.0f} to {MOST_TARGET:,.0f} m² can be drawn, not {target_m2:,.0f}",
            zh=f"网格目标面积须为 {LEAST_TARGET:,.0f} 至 {MOST_TARGET:,.0f} 平方米，不能是 {target_m2:,.0f}",
        )
    grid_kind = the_kind(conn, kind)
    parent = parent_of(conn, grid_kind)
    if parent is None:
        raise InputError(
            f"{kind} has no parent kind whose areas it could divide", zh=f"{kind} 没有上级区域类型，无法在其中绘制"
        )
    check_parent_scheme(grid_kind, parent)
    wholes = the_areas(conn, parent.kind, within)
    points = component_places(conn, city, box_around([whole.geom for whole in wholes]))
    drawn = draw_city(
        [whole.geom for whole in wholes], target_m2=target_m2, lines=lines, points=points, keep_whole=keep_whole
    )
    old = areas.newest_areas(conn, kind, parents=[whole.code for whole in wholes])
    rows = [ended(area) for area in old] + _numbered(Codes(conn, grid_kind), wholes, drawn)
    note = f"{len(wholes)} {parent.kind}, {target_m2:,.0f} m²"
    return keep_draft(conn, city, kind, rows, deed="draw", note=note)


def _numbered(codes: Codes, wholes: Sequence[Area], drawn: Sequence[Sequence[Any]]) -> list[Row]:
    """West to east, then north to south within each parent."""
    rows: list[Row] = []
    for whole, shapes in zip(wholes, drawn, strict=True):
        for place in reading_order(shapes).tolist():
            code = codes.fresh(whole.code)
            rows.append((code, code, code, whole.code, shapely.MultiPolygon([shapes[place]])))
    return rows


def renumber(conn: Connection, city: City, kind: str, within: Sequence[str] | None = None) -> int:
    """A draft in which the areas of these parents, or of all, have new codes in reading order.

    Serials go on after the highest one that was given out: no code comes back for other ground.
    """
    grid_kind = the_kind(conn, kind)
    parent = parent_of(conn, grid_kind)
    if parent is None:
        raise InputError(f"{kind} has no parent kind to number in", zh=f"{kind} 没有上级区域类型，无法编号")
    check_parent_scheme(grid_kind, parent)
    codes, rows = Codes(conn, grid_kind), list[Row]()
    for whole in the_areas(conn, parent.kind, within):
        inside = areas.newest_areas(conn, kind, parents=[whole.code])
        rows += [ended(area) for area in inside]
        for place in reading_order([area.geom for area in inside]).tolist() if inside else ():
            code, area = codes.fresh(whole.code), inside[place]
            names = (code if name == area.code else name for name in (area.name_zh, area.name_en))
            rows.append((code, *names, whole.code, area.geom))
    return keep_draft(conn, city, kind, rows, deed="renumber", note=f"{len(rows) // 2} {kind}")
