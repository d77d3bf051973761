"""`/api/v1/cases`: cases, and the moves of cases and reports."""

from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from gridsvc.api.dependencies import (
    LONGEST_NAME,
    Conn,
    Day,
    Kind,
    Limit,
    Moment,
    Offset,
    SubclassCode,
    TheCaller,
    TheCity,
    needs,
)
from gridsvc.api.problems import CONFLICT, NOT_FOUND, RESPONSES
from gridsvc.casework.life import move_case
from gridsvc.casework.life_looking import confirmations, list_cases, moves, show_case, show_report
from gridsvc.casework.life_reports import move_report
from gridsvc.domain.access import Right
from gridsvc.domain.cases import Asked
from gridsvc.domain.clock import LONGEST, Unit
from gridsvc.domain.moves import Need
from gridsvc.domain.reports import days_between
from gridsvc.errors import InputError
from gridsvc.store.cases import CaseFilter

router = APIRouter(tags=["cases"], responses=RESPONSES)
SEES = [Depends(needs(Right.SEE_REPORTS))]
LONGEST_NOTE = 2_000
MOST_PHOTOS = 20
CaseId = Annotated[int, Path(ge=1, lt=2**63)]
Photos = Annotated[list[UUID], Field(max_length=MOST_PHOTOS)]


class GivenLimit(BaseModel):
    """Such as 2 work_days."""

    model_config = ConfigDict(extra="forbid")

    value: int = Field(ge=1, le=LONGEST)
    unit: Unit


class NewMove(BaseModel):
    """A move and what it needs; `GET /api/v1/cases/moves` tells what each one takes."""

    model_config = ConfigDict(extra="forbid")

    move: str = Field(max_length=LONGEST_NAME)
    version: int = Field(ge=0, lt=2**31, description="number of the last step that you saw")
    note: str | None = Field(None, max_length=LONGEST_NOTE, description="why; everybody who sees the case reads it")
    reply: str | None = Field(None, max_length=LONGEST_NOTE, description="what the reporter is told")
    condition: str | None = Field(
        None, max_length=200, description="in Chinese or English, or a part that only one has"
    )
    department: str | None = Field(None, max_length=LONGEST_NAME, description="code of the department that gets it")
    lane: str | None = Field(None, max_length=LONGEST_NAME, description="self, dispatched or enforcement")
    photos_before: Photos = Field(default_factory=list, description="ids of pictures of the report")
    photos_after: Photos = Field(default_factory=list, description="likewise")
    limit: GivenLimit | None = Field(None, description="by how much longer")
    file_number: str | None = Field(None, max_length=200, description="of enforcement")
    statutory_due: Day | None = Field(None, description="of enforcement")
    review_at: Moment | None = Field(None, description="when a case on the backlog is looked at again")
    into: int | None = Field(None, ge=1, lt=2**63, description="case that this one is merged into")
    solved: bool | None = Field(None, description="what the reporter says when asked")
    satisfaction: int | None = Field(None, ge=1, le=5, description="1 to 5, what the reporter says when asked")
    channel_due_at: Moment | None = Field(None, description="until when the channel wants an answer")

    def asked(self) -> Asked:
        given = {need.value: getattr(self, need.value) for need in Need}
        return Asked(move=self.move, given={**given, "limit": self.limit and self.limit.model_dump()})


async def _chosen(
    city: TheCity,
    kind: Kind = None,
    subclass_code: SubclassCode = None,
    state: Annotated[list[str] | None, Query(max_length=20, description="one or more states")] = None,
    lane: Annotated[str | None, Query(max_length=LONGEST_NAME, description="self, dispatched or enforcement")] = None,
    department: Annotated[str | None, Query(max_length=LONGEST_NAME, description="that has it, or leads")] = None,
    area_kind: Annotated[str | None, Query(max_length=LONGEST_NAME, description="with area_code")] = None,
    area_code: Annotated[str | None, Query(max_length=LONGEST_NAME, description="of an area in force")] = None,
    first_day: Annotated[Day | None, Query(alias="from", description="registered on this day or later")] = None,
    last_day: Annotated[Day | None, Query(alias="to", description="registered on this day or before")] = None,
    overdue: Annotated[bool | None, Query(description="only open ones that are overdue, or only the others")] = None,
    review_due: Annotated[bool, Query(description="only those on the backlog that are to be reviewed by now")] = False,
    mine: Annotated[bool, Query(description="only open ones that the caller works on")] = False,
) -> CaseFilter:
    if (area_kind is None) != (area_code is None):
        raise InputError("area_kind and area_code are given together", zh="区域类型与区域编码须一并给出")
    begin, end = days_between(first_day, last_day, ZoneInfo(city.time_zone))
    return CaseFilter(
        states=state, lane=lane, department=department, kind=kind, subclass_code=subclass_code, area_kind=area_kind,
        area_code=area_code, from_time=begin, to_time=end, overdue=overdue,
        review_due=review_due, mine=mine,
    )  # fmt: skip


@router.get("/cases/moves", dependencies=SEES)
def list_moves() -> dict[str, Any]:
    """States of reports and of cases, and every move: from where to where, in which lanes, who may, what it needs."""
    return moves()


@router.get("/cases", dependencies=SEES)
def get_cases(
    conn: Conn, chosen: Annotated[CaseFilter, Depends(_chosen)], limit: Limit = 100, offset: Offset = 0
) -> dict[str, Any]:
    """Cases that the caller sees, newest first, and how many there are in all."""
    return list_cases(conn, chosen, limit=limit, offset=offset)


@router.get("/cases/{case_id}", responses=NOT_FOUND, dependencies=SEES)
def get_case(conn: Conn, caller: TheCaller, case_id: CaseId) -> dict[str, Any]:
    """A case with report, decision and why, steps, hops, due times, guide, and what the caller may do now (`moves`)."""
    return show_case(conn, caller, case_id)


@router.post("/cases/{case_id}/moves", responses=NOT_FOUND | CONFLICT, dependencies=SEES)
def add_move(conn: Conn, city: TheCity, caller: TheCaller, case_id: CaseId, given: NewMove) -> dict[str, Any]:
    """Move a case; the case afterwards. 409 tells in `changes` what others did since `version`."""
    move_case(conn, city, caller, case_id, given.asked(), given.version)
    return show_case(conn, caller, case_id)


@router.post("/reports/{report_id}/moves", responses=NOT_FOUND | CONFLICT, dependencies=SEES)
def add_report_move(conn: Conn, city: TheCity, caller: TheCaller, report_id: UUID, given: NewMove) -> dict[str, Any]:
    """Confirm, reject, register a report, decide by hand, reply or follow up; the report afterwards, with its steps."""
    move_report(conn, city, caller, report_id, given.asked(), given.version)
    return show_report(conn, caller, report_id)


@router.get("/confirmations", dependencies=SEES)
def list_confirmations(
    conn: Conn,
    caller: TheCaller,
    whose: Annotated[
        Literal["mine", "nobodys", "all"], Query(description="nobodys: no inspector is on duty there")
    ] = "mine",
    limit: Limit = 100,
    offset: Offset = 0,
) -> dict[str, Any]:
    """Reports that wait for confirmation, the most pressing first."""
    return confirmations(conn, caller, whose, limit=limit, offset=offset)
