"""`/api/v1/reports`: reports in, and what became of them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gridsvc.api.dependencies import LONGEST_NAME, Conn, Filter, Limit, Offset, TheCity
from gridsvc.api.problems import NOT_FOUND, RESPONSES
from gridsvc.casework import intake
from gridsvc.domain.reports import Report
from gridsvc.errors import NotFoundError
from gridsvc.maps.reports import check_chosen
from gridsvc.store import casework

router = APIRouter(tags=["reports"], responses=RESPONSES)


class NewReport(BaseModel):
    """The same channel and external_id sent again is the same report."""

    model_config = ConfigDict(extra="forbid")

    channel: str = Field(max_length=LONGEST_NAME)
    external_id: str = Field(min_length=1, max_length=200)
    reported_at: AwareDatetime
    kind: str | None = Field(None, max_length=LONGEST_NAME, description="component or event, with subclass_code")
    subclass_code: str | None = Field(None, max_length=LONGEST_NAME, description="subclass of that kind")
    category: str | None = Field(
        None, max_length=200, description="the channel's own word, instead of kind and subclass"
    )
    lon: float | None = Field(None, strict=True, allow_inf_nan=False, description="longitude in degrees, WGS 84")
    lat: float | None = Field(None, strict=True, allow_inf_nan=False, description="latitude in degrees, WGS 84")
    accuracy_m: float | None = Field(
        None, strict=True, allow_inf_nan=False, description="metres that the phone says its position may be off"
    )
    address: str | None = Field(None, max_length=1_000)
    description: str | None = Field(None, max_length=10_000)


@router.post("/reports", status_code=status.HTTP_201_CREATED, responses={200: {"description": "Sent before"}})
def add_report(conn: Conn, city: TheCity, given: NewReport, response: Response) -> dict[str, Any]:
    """Store, locate and route a report; 200 with the stored one if it was sent before, and what this one `differs` in.

    `hint` says if longitude and latitude seem to be exchanged.
    """
    stored = intake.take_one(conn, city, Report(**given.model_dump()))
    if not stored.pop("new"):
        response.status_code = status.HTTP_200_OK
    return stored


@router.get("/reports")
def list_reports(
    conn: Conn,
    chosen: Filter,
    city: TheCity,
    manual: Annotated[
        bool | None, Query(description="only those that a person must decide, or only the others")
    ] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> dict[str, Any]:
    """Reports by time, newest first; `manual=true` is the manual desk."""
    check_chosen(conn, chosen)
    total, found = casework.reports_page(conn, chosen.reports(city), manual=manual, limit=limit, offset=offset)
    return {"total": total, "reports": found}


@router.get("/reports/{report_id}", responses=NOT_FOUND)
def get_report(conn: Conn, report_id: UUID) -> dict[str, Any]:
    """A report with its newest decision and the explanation."""
    found = intake.find_report(conn, report_id)
    if found is None:
        raise NotFoundError(f"report {report_id} does not exist")
    return found
