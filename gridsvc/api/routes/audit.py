"""`/api/v1/audit`: who did what, for administrators."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from gridsvc.access import reading
from gridsvc.api.dependencies import LONGEST_NAME, Conn, Limit, Moment, Offset, needs
from gridsvc.api.problems import RESPONSES
from gridsvc.api.streams import csv_file
from gridsvc.domain.access import Right
from gridsvc.domain.reports import check_moment
from gridsvc.store.audit import AuditFilter
from gridsvc.store.callers import acting, be_patient

router = APIRouter(tags=["audit"], responses=RESPONSES)


def _chosen(
    account_id: Annotated[
        int | None, Query(ge=1, lt=2**63, description="only what this account did, or what was done to it")
    ] = None,
    action: Annotated[
        str | None, Query(max_length=LONGEST_NAME, description="how the action begins, such as sign_in or account.")
    ] = None,
    from_time: Annotated[Moment | None, Query(alias="from", description="from this time on, with its zone")] = None,
    to_time: Annotated[Moment | None, Query(alias="to", description="before this time")] = None,
) -> AuditFilter:
    for name, moment in (("from", from_time), ("to", to_time)):
        if moment is not None:
            check_moment(name, moment)
    return AuditFilter(account_id=account_id, action=action, from_time=from_time, to_time=to_time)


Chosen = Annotated[AuditFilter, Depends(_chosen)]


@router.get("/audit", dependencies=[Depends(needs(Right.READ_AUDIT))])
def list_audit(conn: Conn, chosen: Chosen, limit: Limit = 100, offset: Offset = 0) -> dict[str, Any]:
    """One row for each command, newest first; `payload` is null once it was erased."""
    with acting(conn, Right.READ_AUDIT):
        total, rows = reading.page(conn, chosen, limit=limit, offset=offset)
    return {"total": total, "rows": rows}


@router.get(
    "/audit/export",
    dependencies=[Depends(needs(Right.READ_AUDIT))],
    response_class=StreamingResponse,
    responses={200: {"description": "CSV in UTF-8", "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def export_audit(conn: Conn, chosen: Chosen) -> StreamingResponse:
    """The same rows as a CSV file, oldest first. That they were taken out is recorded, and is the last row."""
    with acting(conn, Right.READ_AUDIT):
        reading.record_export(conn, chosen)
        be_patient(conn)
        return csv_file("audit.csv", reading.lines(conn, chosen))
