"""`/tiles`: vector tiles of what the caller may see."""

import hashlib
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from gridsvc.api.dependencies import LONGEST_NAME, OPEN, Conn, TheCity, When, needs
from gridsvc.api.problems import NOT_FOUND, RESPONSES, Responses
from gridsvc.domain.access import Right
from gridsvc.errors import NotFoundError
from gridsvc.inventory import listing
from gridsvc.store import areas, drafts

router = APIRouter(tags=["tiles"], responses=RESPONSES)
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
LEAST_ZOOM = 8
"""Of borders: a whole city fits into a tile of it."""
TILE: Responses = {
    200: {"description": "A Mapbox vector tile", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
    304: {"description": "The caller has the same tile already"},
}
Column = Annotated[int, Path(ge=0, lt=2**listing.MOST_ZOOM)]


@router.get(
    "/tiles/components/{z}/{x}/{y}.mvt",
    response_class=Response,
    openapi_extra=OPEN,
    responses=TILE,
)
def component_tile(
    request: Request,
    conn: Conn,
    city: TheCity,
    z: Annotated[int, Path(ge=listing.LEAST_ZOOM, le=listing.MOST_ZOOM)],
    x: Column,
    y: Column,
) -> Response:
    """Live components as layer `components`, with component_code, subclass_code and state, from zoom 14 on."""
    return _tile(request, listing.tile(conn, city, z, x, y))


@router.get(
    "/tiles/areas/{kind}/{z}/{x}/{y}.mvt",
    response_class=Response,
    openapi_extra=OPEN,
    responses=TILE | NOT_FOUND,
)
def area_tile(
    request: Request,
    conn: Conn,
    city: TheCity,
    when: When,
    kind: Annotated[str, Path(max_length=LONGEST_NAME)],
    z: Annotated[int, Path(ge=LEAST_ZOOM, le=listing.MOST_ZOOM)],
    x: Column,
    y: Column,
) -> Response:
    """Areas of a kind in force, or of another time, as layer `areas`, with code and names."""
    if kind not in {known.kind for known in areas.kinds_in_use(conn)} or max(x, y) >= 2**z:
        raise NotFoundError(f"there is no tile {x}, {y} at zoom {z} of areas of the kind {kind}", zh="没有这一瓦片")
    return _tile(request, areas.area_tile(conn, city.srid, kind, z, x, y, areas.known(conn, when)))


@router.get(
    "/tiles/drafts/{draft}/{z}/{x}/{y}.mvt",
    dependencies=[Depends(needs(Right.CHANGE_AREAS))],
    response_class=Response,
    responses=TILE | NOT_FOUND,
)
def draft_tile(
    request: Request,
    conn: Conn,
    city: TheCity,
    draft: Annotated[int, Path(ge=1, lt=2**63)],
    z: Annotated[int, Path(ge=LEAST_ZOOM, le=listing.MOST_ZOOM)],
    x: Column,
    y: Column,
) -> Response:
    """What a draft changes as layer `draft`: kind, code, names, `redrawn`, and `side`: before, after or ends."""
    found = drafts.find_draft(conn, draft)
    if found is None or max(x, y) >= 2**z:
        raise NotFoundError(f"there is no tile {x}, {y} at zoom {z} of draft {draft}", zh="没有这一瓦片")
    return _tile(request, drafts.draft_tile(conn, city.srid, found, z, x, y))


def _tile(request: Request, content: bytes) -> Response:
    """The tag is of the content, so that it tells a caller nothing but whether the tile is the one it has."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, media_type=MEDIA_TYPE, headers=headers)
