"""`/api/v1/rosters`: who is on duty in which area, and what is missing."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from gridsvc.api.dependencies import (
    LONGEST_NAME,
    CallerAlone,
    Conn,
    Limit,
    Moment,
    Offset,
    TheCity,
    TheService,
    needs,
)
from gridsvc.api.files import layer_file
from gridsvc.api.problems import RESPONSES, TOO_LARGE
from gridsvc.api.tables import FORMS, TABLE_BODY, Sent, sent_table
from gridsvc.areas.roster_looking import Looked, check_rosters, looked, roster_layer, roster_page, templates
from gridsvc.areas.roster_words import COLUMNS, NEEDED
from gridsvc.areas.rosters import replace_rosters
from gridsvc.domain.access import Right
from gridsvc.domain.reports import check_moment
from gridsvc.store.callers import acting

router = APIRouter(tags=["rosters"], responses=RESPONSES)
SEES = [Depends(needs(Right.SEE_DETAILS))]


def _looked(
    conn: Conn,
    kind: Annotated[str | None, Query(max_length=LONGEST_NAME, description="area kind; none: all kinds")] = None,
    area_code: Annotated[str | None, Query(max_length=LONGEST_NAME, description="of one area")] = None,
    at: Annotated[Moment | None, Query(description="at this time, with its zone; none: now")] = None,
) -> Looked:
    if at is not None:
        check_moment("at", at)
    return looked(conn, kind, area_code, at)


Asked = Annotated[Looked, Depends(_looked, scope="function")]


async def _sent(request: Request, caller: CallerAlone, service: TheService) -> Sent:
    return await sent_table(request, caller, service, Right.CHANGE_AREAS, COLUMNS, NEEDED)


@router.get("/rosters", dependencies=SEES)
def list_rosters(conn: Conn, asked: Asked, limit: Limit = 100, offset: Offset = 0) -> dict[str, Any]:
    """Who is on duty in one's areas of duty: post, service, person, telephone number, department, from when to when."""
    return roster_page(conn, asked, limit=limit, offset=offset)


@router.get("/rosters/check", dependencies=SEES)
def check(conn: Conn, asked: Asked, limit: Limit = 100, offset: Offset = 0) -> dict[str, Any]:
    """What is missing or too much by the team template of each kind of area: totals, and the areas not complete."""
    return {"at": asked.at, "kinds": check_rosters(conn, asked, limit=limit, offset=offset)}


@router.get("/rosters/templates", dependencies=SEES)
def list_templates(conn: Conn) -> dict[str, Any]:
    """Team templates with their posts and where they come from, and which holds for which kind of area."""
    return templates(conn)


@router.get(
    "/rosters/export", dependencies=[Depends(needs(Right.EXPORT))], response_class=StreamingResponse, responses=FORMS
)
def export(
    conn: Conn,
    city: TheCity,
    asked: Asked,
    form: Annotated[Literal["csv", "xlsx"], Query(description="of the file")] = "xlsx",
    lang: Annotated[Literal["zh", "en"], Query(description="of headings and words")] = "zh",
) -> StreamingResponse:
    """Rosters as a file that can be brought in again. That they were taken out is recorded."""
    layer = roster_layer(conn, city, asked, lang)
    return layer_file(lambda _: layer, form, encoding="utf-8", crs=None, coordinates=False)


@router.post(
    "/rosters",
    responses=TOO_LARGE,
    openapi_extra=TABLE_BODY,
)
def replace(
    sent: Annotated[Sent, Depends(_sent)],
    conn: Conn,
    city: TheCity,
    kind: Annotated[str | None, Query(max_length=LONGEST_NAME, description="of the rows that name no kind")] = None,
    whole: Annotated[bool, Query(description="areas of these kinds that are not named lose their rosters")] = False,
    dry_run: Annotated[bool, Query(description="change nothing; all that is wrong is listed")] = False,
) -> dict[str, Any]:
    """Replace the rosters of the areas that a file names; nothing is changed if a row is wrong, and 422 says which."""
    with acting(conn, Right.CHANGE_AREAS):
        return asdict(replace_rosters(conn, city, sent.name, sent.rows, kind=kind, whole=whole, dry_run=dry_run))
