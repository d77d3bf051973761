"""What all deeds have in common: kinds and areas by their names, and the draft that is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.crs import FloatArray
from gridsvc.errors import InputError, NotFoundError, one_of
from gridsvc.store import areas, audit, casework, components, drafts
from gridsvc.store.areas import Area
from gridsvc.store.boxes import Box
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

Row = tuple[str, str, str, str | None, Any]
"""Code, name_zh, name_en, parent code, shape; no shape: the area ends."""
AREA, COMPONENTS, REPORTS = "area", "components", "reports"
WEIGHTS = (AREA, COMPONENTS, REPORTS)
"""What parts may be balanced by."""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What a deed could not do as asked."""

    code: str
    en: str
    zh: str
    geom: Any = None
    """Where; in the city's CRS."""

    def as_json(self) -> dict[str, Any]:
        place = None if self.geom is None else shapely.geometry.mapping(self.geom)
        return {"code": self.code, "en": self.en, "zh": self.zh, "geom": place}


def the_kind(conn: Connection, name: str) -> AreaKind:
    known = {kind.kind: kind for kind in areas.kinds(conn)}
    if name not in known:
        raise one_of("area kind", name, sorted(known), zh="区域类型")
    return known[name]


def parent_of(conn: Connection, kind: AreaKind) -> AreaKind | None:
    return the_kind(conn, kind.parent) if kind.parent else None


def the_areas(conn: Connection, kind: str, codes: Sequence[str] | None) -> list[Area]:
    """The newest areas with these codes, in this order, or all of the kind; refused if one is not there."""
    found = areas.newest_areas(conn, kind, codes=codes)
    if codes is None:
        if not found:
            raise NotFoundError(f"there are no areas of {kind}", zh=f"没有 {kind} 区域")
        return found
    by_code = {area.code: area for area in found}
    for code in codes:
        if code not in by_code:
            raise NotFoundError(f"there is no {kind} {code}", zh=f"没有 {kind} {code}")
    return [by_code[code] for code in dict.fromkeys(codes)]


def ended(area: Area) -> Row:
    return area.code, area.name_zh, area.name_en, area.parent_code, None


def keep_draft(
    conn: Connection, city: City, kind: str, rows: Sequence[Row], *, deed: str, note: str,
    remarks: Sequence[Remark] = (),
) -> int:  # fmt: skip
    """The number of the draft."""
    if not rows:
        raise InputError(f"this changes no area of {kind}", zh=f"此操作未改变任何 {kind} 区域")
    with conn.transaction():
        draft_id = drafts.add_draft(conn, kind, None, note, deed=deed, whole=False)
        drafts.fill_draft(conn, draft_id, city.srid, rows)
        drafts.keep_remarks(conn, draft_id, [remark.as_json() for remark in remarks])
        after = {"kind": kind, "deed": deed, "areas": len(rows), "remarks": len(remarks)}
        audit.record(conn, "areas.draft", f"draft {draft_id}", after=after)
    return draft_id


def box_around(shapes: Sequence[Any]) -> Box:
    xmin, ymin, xmax, ymax = shapely.total_bounds(np.array(shapes, dtype=object))
    return xmin - 1, ymin - 1, xmax + 1, ymax + 1


def load_of(conn: Connection, city: City, by: str, box: Box) -> FloatArray | None:
    """Places, shape (n, 2), of what parts are balanced by; None: they are balanced by area."""
    if by not in WEIGHTS:
        raise one_of("weight", by, list(WEIGHTS), zh="均衡依据")
    if by == AREA:
        return None
    return component_places(conn, city, box) if by == COMPONENTS else casework.places_of_reports(conn, box)


def component_places(conn: Connection, city: City, box: Box) -> FloatArray:
    _, x, y = components.points_in(conn, city.srid, box)
    return np.column_stack([x, y])
