"""`/api/v1/components`: what is where, as lists and files; how visible subclasses are."""

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, StringConstraints

from gridsvc.access import visibility
from gridsvc.api.dependencies import (
    LONGEST_NAME,
    OPEN,
    Conn,
    Lat,
    Limit,
    Lon,
    Offset,
    SubclassCode,
    TheCity,
    needs,
)
from gridsvc.api.files import FILES, Crs, Encoding, Form, layer_file
from gridsvc.api.problems import NOT_FOUND, RESPONSES
from gridsvc.api.streams import csv_file
from gridsvc.casework.routing import locate_point
from gridsvc.domain.access import Right
from gridsvc.errors import InputError
from gridsvc.files import RowLayer
from gridsvc.inventory import listing, nearby
from gridsvc.inventory.export import components_layer
from gridsvc.store.callers import acting, be_patient

router = APIRouter(tags=["components"], responses=RESPONSES)
MOST_AREAS = 200
"""Areas that one question names."""

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
    responses=FILES | NOT_FOUND,
)
def export_components(
    conn: Conn,
    city: TheCity,
    bbox: BBox = None,
    subclass_code: SubclassCode = None,
    form: Annotated[
        Form | None, Query(description="none: a plain CSV table; otherwise columns after GB/T 30428.2")
    ] = None,
    encoding: Encoding = "utf-8",
    area: Annotated[
        list[Annotated[str, StringConstraints(max_length=2 * LONGEST_NAME)]] | None,
        Query(max_length=MOST_AREAS, description="KIND:CODE, only in this area; may be repeated"),
    ] = None,
    retired: Annotated[bool, Query(description="removed and abandoned ones too")] = False,
    national_codes: Annotated[
        bool, Query(description="subclasses as GB/T 30428.2 numbers them, where it does; the others are noted")
    ] = False,
    crs: Crs = None,
) -> StreamingResponse:
    """The same components as a file. That they were taken out is recorded."""
    be_patient(conn)
    if form is None:
        if area or retired or national_codes or crs or encoding != "utf-8":
            raise InputError(
                "say the form of the file: area, retired, national_codes, crs and encoding need one",
                zh="请指定文件格式（form）：area、retired、national_codes、crs、encoding 须与 form 一起使用",
            )
        chosen = listing.chosen(conn, city, bbox, subclass_code)
        listing.record_export(conn, city, chosen)
        return csv_file("components.csv", listing.lines(conn, city, chosen))
    found = listing.selected(conn, city, bbox, subclass_code, within=area or (), retired=retired)

    def layer(folder: Path) -> RowLayer:
        return components_layer(conn, city, found, folder, national_codes=national_codes)

    return layer_file(layer, form, encoding=encoding, crs=crs)


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
