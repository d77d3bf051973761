"""`/api/v1/components/nearby`."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from gridsvc.api.dependencies import Conn, Lat, Lon, SubclassCode, TheCity
from gridsvc.api.problems import RESPONSES
from gridsvc.casework.routing import locate_point
from gridsvc.inventory import nearby

router = APIRouter(tags=["components"], responses=RESPONSES)


@router.get("/components/nearby")
def components_nearby(
    conn: Conn,
    city: TheCity,
    lon: Lon,
    lat: Lat,
    radius: Annotated[float, Query(gt=0, le=nearby.RADII[-1], description="metres")] = 500,
    limit: Annotated[int, Query(ge=1, le=nearby.MOST, description="at most so many components")] = 20,
    subclass_code: SubclassCode = None,
) -> dict[str, Any]:
    """Live components within a radius, nearest first, with their distance in metres.

    `hint` says if there are none and longitude and latitude seem to be exchanged.
    """
    found = nearby.nearby(conn, city, lon, lat, limit=limit, radius=radius, subclass_code=subclass_code)
    hint = None if found else locate_point(conn, city, lon, lat).hint
    return {"count": len(found), "limit": limit, "radius_m": radius, "components": found, "hint": hint}
