"""`/api/v1/whistles`: departments asked to come to a place (吹哨报到), and whether they came."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Response, status
from pydantic import BaseModel, ConfigDict, Field

from gridsvc.api.dependencies import LONGEST_NAME, Conn, Limit, Moment, Offset, TheCaller, TheCity, needs
from gridsvc.api.problems import CONFLICT, NOT_FOUND, RESPONSES
from gridsvc.casework import whistles
from gridsvc.casework.whistle_blowing import MOST_DEPARTMENTS, Blow
from gridsvc.casework.whistle_blowing import blow as blow_whistle
from gridsvc.casework.whistles import Arrival
from gridsvc.domain.access import Right
from gridsvc.domain.clock import LONGEST
from gridsvc.domain.reports import check_moment
from gridsvc.store.whistles import WhistleFilter

router = APIRouter(tags=["whistles"], responses=RESPONSES)
SEES = [Depends(needs(Right.SEE_REPORTS))]
LONGEST_NOTE = 2_000
Department = Annotated[str, Field(max_length=LONGEST_NAME, description="code of a department that was called")]
Degrees = Annotated[float, Field(allow_inf_nan=False, description="degrees, WGS 84")]
Words = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE)]


class NewWhistle(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: UUID | None = Field(None, description="made by the client, so that a whistle sent twice is one")
    departments: list[Annotated[str, Field(max_length=LONGEST_NAME)]] = Field(max_length=MOST_DEPARTMENTS)
    reason: str = Field(max_length=LONGEST_NOTE, description="everybody who sees the whistle reads it")
    lon: Degrees | None = None
    lat: Degrees | None = None
    case_id: int | None = Field(None, ge=1, lt=2**63, description="instead of a place, or beside it")
    minutes: int | None = Field(None, ge=1, le=LONGEST, description="in which to arrive; none: as the city says")


class NewAnswer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    department: Department
    note: str | None = Field(None, max_length=LONGEST_NOTE)


class NewArrival(NewAnswer):
    lon: Degrees
    lat: Degrees
    at: Moment | None = Field(None, description="of a device that was offline; none: now")


class NewReport(BaseModel):
    model_config = ConfigDict(extra="forbid")

    department: Department
    outcome: Words


class NewClosing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outcome: Words = Field(description="or why it is closed although not all have arrived")


@router.post(
    "/whistles",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"description": "Sent before"}, **NOT_FOUND, **CONFLICT},
    dependencies=[Depends(needs(Right.WORK_CASES))],
)
def blow(conn: Conn, city: TheCity, caller: TheCaller, given: NewWhistle, response: Response) -> dict[str, Any]:
    """Ask departments to come to a place, or to where a case lies, at once; 200 if it was sent before."""
    whistle_id = given.id or uuid4()
    asked = Blow(**{**given.model_dump(), "id": whistle_id})
    if not blow_whistle(conn, city, caller, asked):
        response.status_code = status.HTTP_200_OK
    return whistles.show(conn, whistle_id)


@router.get("/whistles", dependencies=SEES)
def list_whistles(
    conn: Conn,
    open_ones: Annotated[bool | None, Query(alias="open", description="only open ones, or only closed ones")] = None,
    case_id: Annotated[int | None, Query(ge=1, lt=2**63, description="of this case")] = None,
    department: Annotated[str | None, Query(max_length=LONGEST_NAME, description="that call this department")] = None,
    overdue: Annotated[bool, Query(description="only open ones to which somebody has not come in time")] = False,
    limit: Limit = 100,
    offset: Offset = 0,
) -> dict[str, Any]:
    """Whistles that the caller sees, with who was called and came, newest first; and how many there are in all."""
    chosen = WhistleFilter(open=open_ones, case_id=case_id, department=department, overdue=overdue)
    return whistles.list_whistles(conn, chosen, limit=limit, offset=offset)


@router.get("/whistles/{whistle_id}", responses=NOT_FOUND, dependencies=SEES)
def get_whistle(conn: Conn, whistle_id: UUID) -> dict[str, Any]:
    """A whistle with its calls (answers, arrivals, distance from the place, overdue) and all its steps."""
    return whistles.show(conn, whistle_id)


@router.post("/whistles/{whistle_id}/answer", responses=NOT_FOUND, dependencies=SEES)
def answer(conn: Conn, caller: TheCaller, whistle_id: UUID, given: NewAnswer) -> dict[str, Any]:
    """A department that was called says that it comes."""
    whistles.answer(conn, caller, whistle_id, given.department, given.note)
    return whistles.show(conn, whistle_id)


@router.post("/whistles/{whistle_id}/arrive", responses=NOT_FOUND, dependencies=SEES)
def arrive(conn: Conn, city: TheCity, caller: TheCaller, whistle_id: UUID, given: NewArrival) -> dict[str, Any]:
    """Somebody of a department that was called is there, at this position."""
    if given.at is not None:
        check_moment("at", given.at)
    there = Arrival(lon=given.lon, lat=given.lat, at=given.at, note=given.note)
    whistles.arrive(conn, city, caller, whistle_id, given.department, there)
    return whistles.show(conn, whistle_id)


@router.post("/whistles/{whistle_id}/report", responses=NOT_FOUND, dependencies=SEES)
def report(conn: Conn, caller: TheCaller, whistle_id: UUID, given: NewReport) -> dict[str, Any]:
    """A department that has arrived says what it did."""
    whistles.report(conn, caller, whistle_id, given.department, given.outcome)
    return whistles.show(conn, whistle_id)


@router.post("/whistles/{whistle_id}/close", responses=NOT_FOUND, dependencies=SEES)
def close(conn: Conn, city: TheCity, caller: TheCaller, whistle_id: UUID, given: NewClosing) -> dict[str, Any]:
    """Close it with its outcome when all have arrived; before that the whistler alone may, and says why."""
    whistles.close(conn, city, caller, whistle_id, given.outcome)
    return whistles.show(conn, whistle_id)
