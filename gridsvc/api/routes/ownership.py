"""`/api/v1/components/ownership`: components whose owner nobody knows, and owners that were found (确权)."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from gridsvc.api.dependencies import LONGEST_NAME, CallerAlone, Conn, Limit, Offset, TheCity, TheService, needs
from gridsvc.api.files import layer_file
from gridsvc.api.problems import CONFLICT, NOT_FOUND, RESPONSES, TOO_LARGE
from gridsvc.api.tables import FORMS, TABLE_BODY, Sent, sent_table
from gridsvc.casework.ownership import COLUMNS, NEEDED, ownership_layer, ownership_page, read_owners
from gridsvc.domain.access import Right
from gridsvc.domain.cells import Cells
from gridsvc.inventory.component import component
from gridsvc.jobs.ownership import confirm_owner, confirm_owners
from gridsvc.store.callers import acting

router = APIRouter(tags=["components"], responses=RESPONSES)
CHANGES_COMPONENTS = [Depends(needs(Right.IMPORT_DATA))]


class Owner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    component_code: str = Field(min_length=1, max_length=LONGEST_NAME)
    owner: str = Field(min_length=1, max_length=LONGEST_NAME, description="code or name of a department")
    version: int = Field(strict=True, ge=1, le=2**31 - 1, description="of the component, that was looked at")
    reason: str = Field("", max_length=1_000, description="how it was found, for the history")


async def _sent(request: Request, caller: CallerAlone, service: TheService) -> Sent:
    return await sent_table(request, caller, service, Right.IMPORT_DATA, COLUMNS, NEEDED)


@router.get("/components/ownership", dependencies=CHANGES_COMPONENTS)
def list_ownerless(conn: Conn, limit: Limit = 100, offset: Offset = 0) -> dict[str, Any]:
    """Components without a known owner that the fallback department got reports for, the most reported first."""
    return ownership_page(conn, limit=limit, offset=offset)


@router.get(
    "/components/ownership/export",
    dependencies=[*CHANGES_COMPONENTS, Depends(needs(Right.EXPORT))],
    response_class=StreamingResponse,
    responses=FORMS,
)
def export(
    conn: Conn, city: TheCity, form: Annotated[Literal["csv", "xlsx"], Query(description="of the file")] = "xlsx"
) -> StreamingResponse:
    """The same as a file: fill in the owners and bring it in again. That it was taken out is recorded."""
    layer = ownership_layer(conn, city)
    return layer_file(lambda _: layer, form, encoding="utf-8", crs=None, coordinates=False)


@router.post("/components/ownership", responses=NOT_FOUND | CONFLICT, dependencies=CHANGES_COMPONENTS)
def confirm(conn: Conn, city: TheCity, given: Owner) -> dict[str, Any]:
    """The owner of a component was found: an edit of it by hand, which tells who said so and when."""
    component(conn, given.component_code)
    row = Cells(number=1, cells={"component_code": given.component_code, "owner": given.owner})
    with acting(conn, Right.IMPORT_DATA):
        (found,) = read_owners(conn, given.component_code, [row])
        return asdict(confirm_owner(conn, city, found, given.version, given.reason))


@router.post("/components/ownership/import", responses=NOT_FOUND | TOO_LARGE, openapi_extra=TABLE_BODY)
def bring_in(sent: Annotated[Sent, Depends(_sent)], conn: Conn, city: TheCity) -> dict[str, Any]:
    """Owners from a file with the columns component_code and owner: all or none; rows without an owner are left."""
    found = read_owners(conn, sent.name, sent.rows)
    for one in found:
        component(conn, one.component_code)
    with acting(conn, Right.IMPORT_DATA):
        return asdict(confirm_owners(conn, city, found))
