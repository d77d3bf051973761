"""`/api/v1/reports/{id}/duplicates`: what a report may repeat, and what repeats it."""

from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from gridsvc.api.dependencies import Conn, Limit, Offset, TheCaller, TheCity, needs
from gridsvc.api.problems import CONFLICT, NOT_FOUND, RESPONSES
from gridsvc.casework import duplicates_desk, intake
from gridsvc.casework.explanations import shown
from gridsvc.domain.access import Right
from gridsvc.errors import ForbiddenError, NotFoundError
from gridsvc.store import cases, duplicates
from gridsvc.store.callers import Caller, acting
from gridsvc.store.connection import Connection

router = APIRouter(tags=["reports"], responses=RESPONSES | NOT_FOUND)


SEEN = "number of the last step that you saw: 409 with what happened since, if somebody was quicker; none: never mind"


class Verdict(BaseModel):
    """Whether the report repeats another."""

    model_config = ConfigDict(extra="forbid")

    of: UUID = Field(description="id of the other report")
    verdict: Literal["link", "refuse"] = Field(description="link: it repeats that one; refuse: it does not")
    version: int | None = Field(None, ge=0, description=SEEN)


def worked_on(conn: Connection, report_id: UUID) -> None:
    """Refuses a report that the caller cannot see, or does not work on."""
    found = intake.find_report(conn, report_id)
    if found is None:
        raise NotFoundError(f"report {report_id} does not exist")
    if not (found["worked_on"] and cases.report_by_area(conn, report_id)):
        raise ForbiddenError("only those who work on the report may do this", zh="只有办理该上报的人员可以这样做")


def seen_again(conn: Connection, caller: Caller, report_id: UUID) -> dict[str, Any]:
    """A report after a deed, as its caller may see it."""
    found = intake.find_report(conn, report_id)
    return shown(conn, found, clearance=caller.may(Right.SEE_SENSITIVE)) if found else {"id": report_id}


@router.get("/reports/{report_id}/duplicates", dependencies=[Depends(needs(Right.SEE_REPORTS))])
def list_duplicates(conn: Conn, report_id: UUID, limit: Limit = 100, offset: Offset = 0) -> dict[str, Any]:
    """The reports that this one may repeat, likeliest first, and those that may repeat it, newest first.

    `state`: proposed, linked or refused. `total` counts those that may repeat it.
    """
    if intake.find_report(conn, report_id) is None:
        raise NotFoundError(f"report {report_id} does not exist")
    total, found = duplicates.what_repeats_it(conn, report_id, limit=limit, offset=offset)
    return {"repeats": duplicates.what_it_repeats(conn, report_id), "total": total, "repeated_by": found}


@router.post("/reports/{report_id}/duplicate", responses=CONFLICT, dependencies=[Depends(needs(Right.SEE_REPORTS))])
def judge(conn: Conn, caller: TheCaller, city: TheCity, report_id: UUID, given: Verdict) -> dict[str, Any]:
    """Link a report to the one that it repeats, or say that it does not.

    A linked report needs no decision and becomes no case; the other counts it. Refusing a link lets it stand for itself
    again, decided anew.
    """
    worked_on(conn, report_id)
    caller.check(Right.WORK_CASES)
    if intake.find_report(conn, given.of) is None:
        raise NotFoundError(f"report {given.of} does not exist")
    with acting(conn, Right.WORK_CASES):
        if given.verdict == "link":
            duplicates_desk.link(conn, report_id, given.of, caller.name, seen=given.version)
        else:
            duplicates_desk.refuse(conn, city, report_id, given.of, caller.name, seen=given.version)
    return seen_again(conn, caller, report_id)
