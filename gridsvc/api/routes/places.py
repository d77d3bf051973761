"""`/api/v1/places`: places in words, and reports that get their places by them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from gridsvc.api.dependencies import LONGEST_NAME, Conn, TheCaller, TheCity, needs
from gridsvc.api.problems import CONFLICT, NOT_FOUND, RESPONSES
from gridsvc.api.routes.duplicates import SEEN, seen_again, worked_on
from gridsvc.casework import intake, placing
from gridsvc.casework.places import as_json, find_places
from gridsvc.domain.access import Right
from gridsvc.domain.addresses import LONGEST
from gridsvc.errors import InputError, NotFoundError
from gridsvc.store import places
from gridsvc.store.callers import acting

router = APIRouter(tags=["places"], responses=RESPONSES)
SEES = [Depends(needs(Right.SEE_REPORTS))]


class Placed(BaseModel):
    """A candidate, or longitude and latitude."""

    model_config = ConfigDict(extra="forbid")

    candidate: str | None = Field(None, max_length=LONGEST_NAME, description="id of a candidate")
    asked: str | None = Field(
        None, min_length=1, max_length=LONGEST, description="words it was found with; none: the report's address"
    )
    lon: float | None = Field(None, strict=True, allow_inf_nan=False, description="longitude in degrees, WGS 84")
    lat: float | None = Field(None, strict=True, allow_inf_nan=False, description="latitude in degrees, WGS 84")
    accuracy_m: float | None = Field(
        None, strict=True, allow_inf_nan=False, description="metres by which the place may be wrong"
    )
    version: int | None = Field(None, ge=0, description=SEEN)


@router.get("/places", dependencies=SEES)
def find(
    conn: Conn,
    city: TheCity,
    q: Annotated[str, Query(min_length=1, max_length=LONGEST, description="an address or a name, Chinese or English")],
    near: Annotated[
        str | None, Query(max_length=LONGEST_NAME, description="longitude,latitude: nearer ones first among equals")
    ] = None,
) -> dict[str, Any]:
    """Where an address may be: at most 20 candidates, likeliest first, each with the layer that it comes from.

    `kind` is address, place, road (a point of it, not an address), crossing, or between two house numbers. `certain`
    says that the first one is called exactly so and is the only one.
    """
    return as_json(city, find_places(conn, city, q, _near(near)))


@router.get("/places/layers", dependencies=SEES)
def list_layers(conn: Conn) -> dict[str, Any]:
    """The layers of addresses, names of places and roads: from which file, how many, and what was left out of it."""
    return {"layers": [vars(layer) for layer in places.layers(conn)]}


@router.get("/reports/{report_id}/places", responses=NOT_FOUND, dependencies=SEES)
def candidates(conn: Conn, city: TheCity, report_id: UUID) -> dict[str, Any]:
    """Where a report may lie by its address, and who placed it before, from which source."""
    found = intake.find_report(conn, report_id)
    if found is None:
        raise NotFoundError(f"report {report_id} does not exist")
    return placing.candidates(conn, city, found)


@router.post("/reports/{report_id}/place", responses=NOT_FOUND | CONFLICT, dependencies=SEES)
def place(conn: Conn, caller: TheCaller, city: TheCity, report_id: UUID, given: Placed) -> dict[str, Any]:
    """Give a report its place by a candidate or by longitude and latitude; it is located and decided anew."""
    chosen = placing.Chosen(**given.model_dump(exclude={"version"}))
    worked_on(conn, report_id)
    caller.check(Right.WORK_CASES)
    with acting(conn, Right.WORK_CASES):
        placing.place_report(conn, city, report_id, chosen, caller.name, seen=given.version)
    return seen_again(conn, caller, report_id)


def _near(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        lon, lat = map(float, text.split(","))
    except ValueError as error:
        raise InputError(
            f"near {text!r} is not longitude,latitude such as 104.74,31.47", zh="near 应为“经度,纬度”"
        ) from error
    return lon, lat
