"""`/api/v1/statistics`."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from gridsvc.api.dependencies import LONGEST_NAME, Conn, Filter, TheCity, When, needs
from gridsvc.api.problems import NOT_FOUND, RESPONSES
from gridsvc.domain.access import Right
from gridsvc.maps.figures import statistics_by

router = APIRouter(tags=["statistics"], responses=RESPONSES)


@router.get("/statistics", responses=NOT_FOUND, dependencies=[Depends(needs(Right.SEE_REPORTS))])
def statistics(
    conn: Conn,
    city: TheCity,
    chosen: Filter,
    when: When,
    by: Annotated[str, Query(max_length=LONGEST_NAME, description="area, department, subclass or day")] = "department",
    area_kind: Annotated[str | None, Query(max_length=LONGEST_NAME, description="with by=area")] = None,
) -> dict[str, Any]:
    """Reports that the caller may see, cases, closed and manual by area (with area_kind), department, subclass, day.

    With by=area, `at` and `revision` say which areas: reports count where they would lie in them.
    """
    return statistics_by(conn, city, replace(chosen, when=when), by, area_kind)
