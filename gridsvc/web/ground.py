"""The ground of a map: where the city lies, and which borders are drawn under what is shown."""

from typing import Any

import numpy as np
import shapely

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.crs import unproject
from gridsvc.store import areas, batches
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

CROWDED = (12.0, 14.0)
"""Zoom from which kinds of area are drawn that have more than a few, or more than many."""
FEW, MANY = 150, 3_000


def ground(conn: Connection, city: City, lang: str) -> dict[str, Any]:
    """For `map.js`: bounds of the city in degrees (none before it has areas), and kinds of area with their zoom."""
    kinds = areas.kinds_in_use(conn)
    return {
        "bounds": bounds(conn, city),
        "kinds": [
            {"kind": kind.kind, "name": kind.name_zh if lang == "zh" else kind.name_en, "zoom": _zoom(conn, kind)}
            for kind in sorted(kinds, key=lambda kind: kind.specificity)
            if kind.must_tile
        ],
    }


def bounds(conn: Connection, city: City) -> list[float] | None:
    """West, south, east, north."""
    outline = batches.city_outline(conn)
    if outline is None:
        return None
    west, south, east, north = shapely.from_wkb(outline).bounds
    lon, lat = unproject(city.srid, np.array([west, east, west, east]), np.array([south, south, north, north]))
    return [round(float(edge), 6) for edge in (lon.min(), lat.min(), lon.max(), lat.max())]


def _zoom(conn: Connection, kind: AreaKind) -> float:
    count = areas.area_count(conn, kind.kind)
    return 0.0 if count <= FEW else CROWDED[0] if count <= MANY else CROWDED[1]
