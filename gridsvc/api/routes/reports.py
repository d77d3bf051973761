"""`/api/v1/reports`: reports in, and what became of them."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field

from gridsvc.api.dependencies import (
    LONGEST_NAME,
    OPEN,
    Conn,
    Filter,
    Hasty,
    Limit,
    Moment,
    Offset,
    Service,
    TheCaller,
    TheCity,
    TheOrigin,
    TheService,
    needs,
)
from gridsvc.api.problems import NOT_FOUND, RESPONSES
from gridsvc.casework import intake
from gridsvc.casework.explanations import shown
from gridsvc.casework.replaying import replay
from gridsvc.domain.access import Right
from gridsvc.domain.reports import Report
from gridsvc.errors import NotFoundError
from gridsvc.maps.reports import check_chosen
from gridsvc.store import casework, channels
from gridsvc.store.callers import Caller, Origin, acting
from gridsvc.store.connection import Connection
from gridsvc.store.matching import matches_by_subclass

router = APIRouter(tags=["reports"], responses=RESPONSES)


class NewReport(BaseModel):
    """The same channel and external_id sent again is the same report."""

    model_config = ConfigDict(extra="forbid")

    channel: str = Field(max_length=LONGEST_NAME)
    external_id: str = Field(min_length=1, max_length=200)
    reported_at: Moment
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
    component_code: str | None = Field(
        None, max_length=LONGEST_NAME, description="the component that the reporter names, by its plate or QR code"
    )
    condition: str | None = Field(
        None, max_length=200, description="which one of the subclass, in Chinese or English; it says the time limit"
    )
    address: str | None = Field(None, max_length=1_000)
    description: str | None = Field(None, max_length=10_000)
    reporter_name: str | None = Field(None, max_length=100, description="shown only to those who work on the report")
    reporter_phone: str | None = Field(None, max_length=40, description="likewise")
    channel_due_at: Moment | None = Field(None, description="by when the channel itself wants an answer")


@router.post(
    "/reports",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"description": "Sent before"}},
    openapi_extra=OPEN,
)
def add_report(
    request: Request,
    service: TheService,
    begin: Hasty,
    origin: TheOrigin,
    given: NewReport,
    response: Response,
    device: Annotated[
        str, Header(alias="X-Device-Id", max_length=LONGEST_NAME, description="what the app calls its device")
    ] = "",
) -> dict[str, Any]:
    """Store, locate and route a report; 200 with the stored one if it was sent before, and what this one `differs` in.

    Without an account only by channels that are open to the public, and answered with its id and state alone.
    `hint` says if longitude and latitude seem to be exchanged.
    """
    about = device or request.headers.get("user-agent", "")
    with begin() as (conn, caller):
        with acting(conn, _right_to_send(service, conn, caller, origin, given.channel, about)):
            report, index = Report(**given.model_dump()), service.index.now()
            taken = intake.take_one(conn, service.city, report, index=index, rules=service.rules)
        if not taken.new:
            response.status_code = status.HTTP_200_OK
        seen = intake.find_report(conn, taken.id)
        if seen is None:
            return {"id": taken.id, "state": taken.state, "hint": taken.hint}
        seen = shown(conn, seen, clearance=caller.may(Right.SEE_SENSITIVE), known=service.rules.names)
        return {**seen, "hint": taken.hint, "differs": taken.differs if seen["worked_on"] else None}


def _right_to_send(
    service: Service, conn: Connection, caller: Caller, origin: Origin, channel: str, device: str
) -> Right:
    """By any channel, or by one that is open to the public, and then not too often."""
    if caller.may(Right.TAKE_IN):
        return Right.TAKE_IN
    caller.check(Right.SEND_REPORT)
    if caller.account_id is None:
        service.limits.anonymous_report(origin.address, device)
    if not channels.channel_open(conn, channel):
        caller.check(Right.TAKE_IN)
    return Right.SEND_REPORT


@router.get("/reports", dependencies=[Depends(needs(Right.SEE_REPORTS))])
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


@router.get("/reports/matches", dependencies=[Depends(needs(Right.SEE_REPORTS))])
def component_matches(conn: Conn, chosen: Filter, city: TheCity) -> dict[str, Any]:
    """Of placed reports about components, by subclass: how many have one in reach, for how many it is `certain` which.

    And how far off the nearest stands, in metres; `widest_m` is the widest reach.
    """
    check_chosen(conn, chosen)
    return {"subclasses": matches_by_subclass(conn, None, chosen.reports(city))}


@router.get("/reports/{report_id:uuid}", responses=NOT_FOUND, dependencies=[Depends(needs(Right.SEE_REPORTS))])
def get_report(conn: Conn, caller: TheCaller, report_id: UUID) -> dict[str, Any]:
    """A report with its newest decision and the explanation, as data and in words (`explanation_text`).

    Codes and parties of sensitive components are for those who may see these.

    Who reported it, and the reporter's own words, are for those who work on it; for others they are null.
    """
    found = intake.find_report(conn, report_id)
    if found is None:
        raise NotFoundError(f"report {report_id} does not exist")
    return shown(conn, found, clearance=caller.may(Right.SEE_SENSITIVE))


@router.get("/reports/{report_id}/replay", responses=NOT_FOUND, dependencies=[Depends(needs(Right.SEE_REPORTS))])
def replay_report(conn: Conn, city: TheCity, report_id: UUID) -> dict[str, Any]:
    """Decide a report again from what was known then, by the rules as they were; `same`, or what `differs`."""
    done = replay(conn, city, report_id)
    return {**asdict(done), "same": done.same}
