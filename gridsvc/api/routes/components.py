"""`/api/v1/components`: what is where, as lists and files; how visible subclasses are."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from gridsvc.access import visibility
from gridsvc.api.dependencies import OPEN, Conn, Lat, Limit, Lon, Offset, SubclassCode, TheCity, needs
from gridsvc.api.problems import RESPONSES
from gridsvc.api.streams import csv_file
from gridsvc.casework.routing import locate_point
from gridsvc.domain.access import Right
from gridsvc.inventory import listing, nearby
from gridsvc.store.callers import acting, be_patient

router = APIRouter(tags=["components"], responses=RESPONSES)

BBox = Annotated[
    str | None,
    Query(max_length=200, description="west,south,east,north in degrees; none: everywhere"),
]


@router.get("/components", openapi_extra=OPEN)
def list_components(
    conn: Conn,
    city: TheCity,
    bbox: BBox = None,
    subclass_code: SubclassCode = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> dict[str, Any]:
    """Live components that the caller may see, by code.

    With `bbox` those whose extent touches the smallest box of the city's CRS that holds it.
    """
    found = listing.chosen(conn, city, bbox, subclass_code)
    total, rows = listing.page(conn, city, found, limit=limit, offset=offset)
    return {"total": total, "components": rows}


@router.get(
    "/components/export",
    dependencies=[Depends(needs(Right.EXPORT))],
    response_class=StreamingResponse,
    responses={200: {"description": "CSV in UTF-8", "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def export_components(
    conn: Conn, city: TheCity, bbox: BBox = None, subclass_code: SubclassCode = None
) -> StreamingResponse:
    """The same components as a CSV file. That they were taken out is recorded."""
    found = listing.chosen(conn, city, bbox, subclass_code)
    listing.record_export(conn, city, found)
    be_patient(conn)
    return csv_file("components.csv", listing.lines(conn, city, found))


@router.get("/components/nearby", openapi_extra=OPEN)
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


class Visibility(BaseModel):
    model_config = ConfigDict(extra="forbid")

    visibility: Literal["public", "staff", "sensitive"]


@router.get("/visibility", dependencies=[Depends(needs(Right.SEE_DETAILS))])
def list_visibilities(conn: Conn) -> dict[str, Any]:
    """Component subclasses that are more or less visible than usual, which is `staff`."""
    return {"usual": visibility.USUAL_VISIBILITY, "subclasses": visibility.visibilities(conn)}


@router.put("/visibility/{subclass_code}", dependencies=[Depends(needs(Right.SET_VISIBILITY))])
def set_visibility(conn: Conn, subclass_code: str, given: Visibility) -> dict[str, Any]:
    """Who may see components of a subclass: the public, staff, or only roles that see sensitive ones; at once."""
    with acting(conn, Right.SET_VISIBILITY):
        visibility.set_visibility(conn, subclass_code, given.visibility)
    return {"subclass_code": subclass_code, "visibility": given.visibility}
