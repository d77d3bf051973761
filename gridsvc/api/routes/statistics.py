"""`/api/v1/statistics`."""

from typing import Any

from fastapi import APIRouter

from gridsvc.api.dependencies import Conn, Filter, TheCity
from gridsvc.api.problems import RESPONSES
from gridsvc.maps.figures import statistics_by

router = APIRouter(tags=["statistics"], responses=RESPONSES)


@router.get("/statistics")
def statistics(
    conn: Conn, city: TheCity, chosen: Filter, by: str = "department", area_kind: str | None = None
) -> dict[str, Any]:
    """Reports, cases, closed and manual by area (with area_kind), department, subclass or day."""
    return statistics_by(conn, city, chosen, by, area_kind)
