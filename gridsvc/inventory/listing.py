"""Components in a box, as a list, as a file and as tiles: always those that the caller may see."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gridsvc.domain.crs import project
from gridsvc.errors import InputError, NotFoundError, one_of
from gridsvc.store import areas, audit, components, export
from gridsvc.store.boxes import Box
from gridsvc.store.city import City, subclasses
from gridsvc.store.components import ComponentFilter
from gridsvc.store.connection import Connection
from gridsvc.store.export import Selection

LEAST_ZOOM, MOST_ZOOM = 14, 22
"""A tile of a smaller zoom would hold more than anybody can look at."""
SIDE = 17
"""Points along a side of a box when it is projected: its sides are curves in the city's CRS."""


def chosen(conn: Connection, city: City, bbox: str | None, subclass_code: str | None) -> ComponentFilter:
    """From `west,south,east,north` in degrees and a subclass, both checked."""
    if subclass_code is not None:
        known = sorted(s.subclass_code for s in subclasses(conn) if s.kind == "component")
        if subclass_code not in known:
            raise one_of("component subclass", subclass_code, known)
    return ComponentFilter(box=_box(city, bbox) if bbox is not None else None, subclass_code=subclass_code)


def selected(
    conn: Connection,
    city: City,
    bbox: str | None = None,
    subclass_code: str | None = None,
    *,
    within: Sequence[str] = (),
    retired: bool = False,
) -> Selection:
    """The same, in one of some areas in force, each as `KIND:CODE`; with those that are gone, if `retired`."""
    base = chosen(conn, city, bbox, subclass_code)
    ids = tuple(_area_id(conn, text) for text in within) if within else None
    return Selection(base=base, areas=tuple(within), area_ids=ids, retired=retired)


def _area_id(conn: Connection, text: str) -> int:
    kind, _, code = text.partition(":")
    known = [each.kind for each in areas.kinds_in_use(conn)]
    if kind not in known or not code:
        raise InputError(
            f"area {text!r}: write KIND:CODE, with a kind of: {', '.join(known) or '(none exist yet)'}",
            zh=f"区域“{text}”写法有误：请写“类型:编码”，可选类型：{'、'.join(known) or '（暂无）'}",
        )
    found = export.area_id(conn, kind, code)
    if found is None:
        raise NotFoundError(f"no area {code} of kind {kind} is in force", zh=f"没有生效的 {kind} 区域：{code}")
    return found


def page(
    conn: Connection, city: City, found: ComponentFilter, *, limit: int, offset: int
) -> tuple[int, list[dict[str, Any]]]:
    """How many there are in all, and one page of them by code."""
    total = components.components_total(conn, city.srid, found)
    return total, components.components_page(conn, city.srid, found, limit=limit, offset=offset)


def record_export(conn: Connection, city: City, found: ComponentFilter) -> None:
    """That components were taken out; to be committed before the first of them is."""
    total = components.components_total(conn, city.srid, found)
    after = {"box": found.box, "subclass_code": found.subclass_code, "rows": total}
    audit.record(conn, "export.components", f"{total} components", after=after)


def lines(conn: Connection, city: City, found: ComponentFilter) -> Iterator[bytes]:
    """The same components as CSV in UTF-8."""
    return components.components_csv(conn, city.srid, found)


def tile(conn: Connection, city: City, z: int, x: int, y: int) -> bytes:
    if not LEAST_ZOOM <= z <= MOST_ZOOM:
        raise InputError(f"tiles of components exist for zoom {LEAST_ZOOM} to {MOST_ZOOM}, not {z}")
    if not (0 <= x < 2**z and 0 <= y < 2**z):
        raise InputError(f"there is no tile {x}, {y} at zoom {z}")
    return components.component_tile(conn, city.srid, z, x, y)


def _box(city: City, text: str) -> Box:
    """The box of the city's CRS around a box in degrees."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(f"bbox {text!r}: write west,south,east,north in degrees") from error
    if not all(map(math.isfinite, (west, south, east, north))) or not (
        -180 <= west < east <= 180 and -90 <= south < north <= 90
    ):
        raise InputError(f"bbox {text!r}: west < east and south < north are needed, in degrees")
    lon, lat = np.linspace(west, east, SIDE), np.linspace(south, north, SIDE)
    across, along = np.meshgrid(lon, lat)
    x, y = project(city.srid, across.ravel(), along.ravel())
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError(
            f"bbox {text!r} reaches where the city's coordinate system does not; ask for less, or for none"
        )
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())
