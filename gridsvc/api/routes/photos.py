"""`/api/v1/reports/{id}/photos` and `/api/v1/photos/{id}`: pictures of reports."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status

from gridsvc.api.dependencies import CallerAlone, Conn, TheCaller, TheService, needs
from gridsvc.api.problems import NOT_FOUND, RESPONSES, TOO_LARGE
from gridsvc.casework import intake, photos
from gridsvc.casework.photos import Sent
from gridsvc.domain.access import Right
from gridsvc.errors import ForbiddenError, NotFoundError
from gridsvc.files.pictures import TYPES
from gridsvc.store.callers import acting
from gridsvc.store.connection import Connection
from gridsvc.store.photos import photos_of

router = APIRouter(tags=["photos"], responses=RESPONSES | NOT_FOUND)
BINARY = {"schema": {"type": "string", "format": "binary"}}


def _seen(conn: Connection, report_id: UUID) -> dict[str, Any]:
    found = intake.find_report(conn, report_id)
    if found is None:
        raise NotFoundError(f"report {report_id} does not exist")
    return found


async def _body(request: Request) -> bytes:
    return await request.body()


def _sent(content: Annotated[bytes, Depends(_body)], caller: CallerAlone) -> Sent:
    """Read and looked at before the transaction: neither a slow line nor a large picture keeps a connection."""
    caller.check(Right.SEE_REPORTS)
    return photos.looked_at(content)


@router.post(
    "/reports/{report_id}/photos",
    status_code=status.HTTP_201_CREATED,
    responses=TOO_LARGE | {200: {"description": "The report has the same picture already"}},
    openapi_extra={
        "requestBody": {"required": True, "content": dict.fromkeys(TYPES.values(), BINARY)},
    },
)
def add_photo(
    sent: Annotated[Sent, Depends(_sent)],
    conn: Conn,
    caller: TheCaller,
    service: TheService,
    report_id: UUID,
    response: Response,
) -> dict[str, Any]:
    """Add a picture (the body: JPEG, PNG or WebP) to a report that the caller works on."""
    if not _seen(conn, report_id)["worked_on"]:
        raise ForbiddenError("pictures are added by those who work on the report")
    with acting(conn, Right.TAKE_IN if caller.may(Right.TAKE_IN) else Right.DISPOSE):
        photo_id, new = photos.add_photo(conn, report_id, sent, service.settings.photos)
    if not new:
        response.status_code = status.HTTP_200_OK
    return {"id": photo_id, "new": new}


@router.get("/reports/{report_id}/photos", dependencies=[Depends(needs(Right.SEE_REPORTS))])
def list_photos(conn: Conn, report_id: UUID) -> dict[str, Any]:
    """The pictures of a report, oldest first."""
    _seen(conn, report_id)
    return {"photos": photos_of(conn, report_id)}


@router.get(
    "/photos/{photo_id}",
    response_class=Response,
    dependencies=[Depends(needs(Right.SEE_REPORTS))],
    responses={200: {"description": "The picture", "content": dict.fromkeys(TYPES.values(), BINARY)}},
)
def get_photo(conn: Conn, service: TheService, photo_id: UUID) -> Response:
    """The picture; with what the camera wrote into it (place, time, device) only for those who work on its report."""
    found = photos.picture(conn, photo_id, service.settings.photos)
    return Response(found.content, media_type=found.media_type)
