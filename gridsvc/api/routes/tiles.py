"""`/tiles`: vector tiles of what the caller may see."""

import hashlib
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from gridsvc.api.dependencies import OPEN, Conn, TheCity
from gridsvc.api.problems import RESPONSES
from gridsvc.inventory import listing

router = APIRouter(tags=["tiles"], responses=RESPONSES)
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


@router.get(
    "/tiles/components/{z}/{x}/{y}.mvt",
    response_class=Response,
    openapi_extra=OPEN,
    responses={
        200: {"description": "A Mapbox vector tile", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
        304: {"description": "The caller has the same tile already"},
    },
)
def component_tile(
    request: Request,
    conn: Conn,
    city: TheCity,
    z: Annotated[int, Path(ge=listing.LEAST_ZOOM, le=listing.MOST_ZOOM)],
    x: Annotated[int, Path(ge=0, lt=2**listing.MOST_ZOOM)],
    y: Annotated[int, Path(ge=0, lt=2**listing.MOST_ZOOM)],
) -> Response:
    """Live components as layer `components`, with component_code, subclass_code and state, from zoom 14 on.

    The tag is of the content, so that it tells a caller nothing but whether the tile is the one it has.
    """
    content = listing.tile(conn, city, z, x, y)
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, media_type=MEDIA_TYPE, headers=headers)
