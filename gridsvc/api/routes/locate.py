"""`/api/v1/locate`: the areas of a point, and who would be responsible there."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from gridsvc.api.dependencies import OPEN, Conn, Kind, Lat, Lon, Moment, SubclassCode, TheCity, needs
from gridsvc.api.problems import RESPONSES
from gridsvc.casework.routing import locate_point, locate_points
from gridsvc.domain.access import Right
from gridsvc.domain.routing import Decision

router = APIRouter(tags=["locate"], responses=RESPONSES)
MOST_POINTS = 10_000
MOST_NEAREST = 500
"""Points outside that get their nearest areas in one answer: looking for those costs far more than the rest."""
NOT_ALL = f"the nearest areas are given for the first {MOST_NEAREST} points outside only; nearest_code is null after"
Degrees = Annotated[float, Field(strict=True, allow_inf_nan=False)]
AT = "the time whose areas and duties count, with its zone; now if not given"


class Points(BaseModel):
    """Longitude, latitude pairs in degrees."""

    model_config = ConfigDict(extra="forbid")

    points: list[tuple[Degrees, Degrees]] = Field(
        min_length=1, max_length=MOST_POINTS, description="longitude, latitude pairs in degrees, WGS 84"
    )
    at: Moment | None = Field(None, description=AT)


@router.get("/locate", openapi_extra=OPEN)
def locate(
    conn: Conn,
    city: TheCity,
    lon: Lon,
    lat: Lat,
    kind: Kind = None,
    subclass_code: SubclassCode = None,
    at: Annotated[Moment | None, Query(description=AT)] = None,
) -> dict[str, Any]:
    """One area per kind with the distance to its edge; with kind and subclass_code also the departments, and why.

    `hint` says if longitude and latitude seem to be exchanged.
    """
    found = locate_point(conn, city, lon, lat, kind=kind, subclass_code=subclass_code, at=at)
    decision = _decision(found.decision) if found.decision else None
    return {**found.location.as_json(), "decision": decision, "hint": found.hint}


@router.post("/locate", dependencies=[Depends(needs(Right.LOCATE_MANY))])
def locate_many(conn: Conn, city: TheCity, given: Points) -> dict[str, Any]:
    """The areas of up to 10,000 points, in their order; `note` says if not all that are outside have a nearest area."""
    found = locate_points(conn, city, given.points, given.at, most_nearest=MOST_NEAREST)
    note = NOT_ALL if any(location.unmeasured for location in found) else None
    return {"count": len(found), "note": note, "results": [location.as_json() for location in found]}


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "lead": decision.lead,
        "co_operating": decision.co_operating,
        "supervising": decision.supervising,
        "lane": decision.lane,
        "manual_reason": decision.manual_reason,
        "explanation": decision.explanation,
    }
