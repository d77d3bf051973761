"""What stands near a point: the inspector's first question."""

from typing import Any

from gridsvc.domain.crs import project_one
from gridsvc.domain.reports import check_position
from gridsvc.errors import InputError, one_of
from gridsvc.store import components
from gridsvc.store.city import City, subclasses
from gridsvc.store.connection import Connection

RADII = (25.0, 100.0, 500.0, 2_000.0)
"""Metres that the search grows by: a bare nearest-k scans the whole table when little is near."""
MOST = 200


def nearby(
    conn: Connection,
    city: City,
    lon: float,
    lat: float,
    *,
    limit: int = 20,
    radius: float = 500.0,
    subclass_code: str | None = None,
) -> list[dict[str, Any]]:
    """Live components within `radius` metres of a place, nearest first, with true distances."""
    _check(conn, lon, lat, limit, radius, subclass_code)
    x, y = project_one(city.srid, lon, lat)
    steps = [step for step in RADII if step < radius] + [radius]
    found: list[dict[str, Any]] = []
    for step in steps:
        found = components.nearby(conn, city.srid, x, y, radius=step, limit=limit, subclass_code=subclass_code)
        if len(found) == limit:
            break
    return found


def _check(conn: Connection, lon: float, lat: float, limit: int, radius: float, subclass_code: str | None) -> None:
    check_position("nearby", lon, lat)
    if not 1 <= limit <= MOST:
        raise InputError(f"limit {limit} is not between 1 and {MOST}")
    if not 0 < radius <= RADII[-1]:
        raise InputError(f"radius {radius} m is not between 0 and {RADII[-1]:.0f} m")
    if subclass_code is None:
        return
    known = sorted(s.subclass_code for s in subclasses(conn) if s.kind == "component")
    if subclass_code not in known:
        raise one_of("component subclass", subclass_code, known)
