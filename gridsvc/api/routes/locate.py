"""`/api/v1/locate`: the areas of a point, and who would be responsible there."""

from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from gridsvc.api.dependencies import Conn, Lat, Lon, TheCity
from gridsvc.api.problems import RESPONSES
from gridsvc.casework.routing import locate_point, locate_points
from gridsvc.domain.routing import Decision

router = APIRouter(tags=["locate"], responses=RESPONSES)
MOST_POINTS = 10_000


class Points(BaseModel):
    """Longitude, latitude pairs in degrees."""

    points: list[tuple[float, float]] = Field(min_length=1, max_length=MOST_POINTS)
    at: AwareDatetime | None = Field(None, description="the time whose areas count; now if not given")


@router.get("/locate")
def locate(
    conn: Conn,
    city: TheCity,
    lon: Lon,
    lat: Lat,
    kind: str | None = None,
    subclass_code: str | None = None,
    at: AwareDatetime | None = None,
) -> dict[str, Any]:
    """One area per kind with the distance to its edge; with kind and subclass_code also the departments, and why."""
    location, decision = locate_point(conn, city, lon, lat, kind=kind, subclass_code=subclass_code, at=at)
    return {**location.as_json(), "decision": _decision(decision) if decision else None}


@router.post("/locate")
def locate_many(conn: Conn, city: TheCity, given: Points) -> dict[str, Any]:
    """The areas of up to 10,000 points, in their order."""
    found = locate_points(conn, city, given.points, given.at)
    return {"count": len(found), "results": [location.as_json() for location in found]}


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "lead": decision.lead,
        "co_operating": decision.co_operating,
        "supervising": decision.supervising,
        "lane": decision.lane,
        "manual_reason": decision.manual_reason,
        "explanation": decision.explanation,
    }
