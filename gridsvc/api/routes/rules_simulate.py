"""`/api/v1/rules/simulate`: what other rules or other areas would have done with past reports."""

from pathlib import Path
from threading import BoundedSemaphore
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from gridsvc.api.dependencies import LONGEST_NAME, Conn, Day, TheCaller, TheCity, needs
from gridsvc.api.files import FILES, Crs, Encoding, Form, layer_file
from gridsvc.api.problems import CONFLICT, NOT_FOUND, RESPONSES
from gridsvc.casework.simulate import Simulated, Trial, simulate
from gridsvc.casework.simulate_files import moves_layer, moves_listed
from gridsvc.domain.access import Right
from gridsvc.errors import ForbiddenError, InputError, TooManyError
from gridsvc.files import RowLayer
from gridsvc.ingest.tables import duties_of, lanes_of
from gridsvc.jobs.simulating import other_areas
from gridsvc.maps.reports import Chosen
from gridsvc.store import audit
from gridsvc.store.callers import Caller, acting, be_patient
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

router = APIRouter(tags=["rules"], responses=RESPONSES)
SEES = [Depends(needs(Right.SEE_REPORTS))]
MOST_RULES, MOST_LISTED, MOST_IN_FILE = 50_000, 1_000, 200_000
_ONE = BoundedSemaphore(1)
Name = Annotated[str, Field(max_length=LONGEST_NAME)]
Rows = Annotated[
    list[dict[str, str]], Field(max_length=MOST_RULES, description="rows of a table, by the names of its columns")
]


class Tried(BaseModel):
    """A table named as one in force takes its place; `alone` leaves out all that are in force."""

    model_config = ConfigDict(extra="forbid")

    channel: Name | None = Field(None, description="whose reports; none: of all channels")
    first_day: Day | None = Field(None, alias="from", description="first day, in the city's time")
    last_day: Day | None = Field(None, alias="to", description="last day, included")
    without: list[Name] = Field([], max_length=1_000, description="tables in force that are left out")
    duties: dict[Name, Rows] = Field({}, description="tables of duties to try, by name")
    lanes: dict[Name, Rows] = Field({}, description="tables of lanes to try, by name")
    alone: bool = False
    revision: int | None = Field(None, ge=1, lt=2**31, description="in the areas as this revision leaves them")
    draft: int | None = Field(None, ge=1, lt=2**63, description="in the areas as this draft would leave them")


@router.post("/rules/simulate", dependencies=SEES, responses=NOT_FOUND | CONFLICT)
def simulate_rules(conn: Conn, caller: TheCaller, city: TheCity, given: Tried) -> dict[str, Any]:
    """Decide past reports anew by other rules or in other areas: who would have what, and what the city did.

    Of the reports that one may see; nothing is written. `list` holds the first 1,000 of `moved`. A draft is for
    accounts with the whole city that may change areas.
    """
    found = _simulated(conn, caller, city, given, MOST_LISTED)
    return {**found.as_json(), "list": moves_listed(found, MOST_LISTED)}


@router.post(
    "/rules/simulate/export",
    dependencies=[*SEES, Depends(needs(Right.EXPORT))],
    response_class=StreamingResponse,
    responses=FILES | NOT_FOUND | CONFLICT,
)
def export_simulation(
    conn: Conn,
    caller: TheCaller,
    city: TheCity,
    given: Tried,
    form: Annotated[Form, Query(description="of the file")] = "csv",
    encoding: Encoding = "utf-8",
    crs: Crs = None,
) -> StreamingResponse:
    """All that would move as a file, one row each. That it was taken out is recorded."""
    found = _simulated(conn, caller, city, given, MOST_IN_FILE)
    if found.moved_total > MOST_IN_FILE:
        raise InputError(
            f"{found.moved_total:,} reports would move, and a file holds {MOST_IN_FILE:,}: ask for fewer days",
            zh=f"将变动 {found.moved_total:,} 件上报，文件最多 {MOST_IN_FILE:,} 件，请限定渠道或缩短时间",
        )
    chosen = moves_layer(found, city.srid)
    audit.record(conn, "export.simulation", "reports", after={"rows": len(chosen)})

    def layer(_: Path) -> RowLayer:
        return chosen

    return layer_file(layer, form, encoding=encoding, crs=crs)


def _simulated(conn: Connection, caller: Caller, city: City, given: Tried, kept: int) -> Simulated:
    """One at a time, since it takes a core. A draft is drawn with the system's rights, and taken back."""
    if not _ONE.acquire(blocking=False):
        raise TooManyError(
            "another simulation is running; try again when it has ended", 10, zh="正在进行另一次模拟，请稍后再试"
        )
    try:
        be_patient(conn)
        if given.draft is None:
            return _tried(conn, caller, city, given, kept)
        _check_whole_city(caller)
        with acting(conn, Right.CHANGE_AREAS):
            return _tried(conn, caller, city, given, kept)
    finally:
        _ONE.release()


def _tried(conn: Connection, caller: Caller, city: City, given: Tried, kept: int) -> Simulated:
    chosen = Chosen(kind=None, subclass_code=None, first_day=given.first_day, last_day=given.last_day).reports(city)
    duties = [rule for name, rows in given.duties.items() for rule in duties_of(conn, name, rows)]
    lanes = [rule for name, rows in given.lanes.items() for rule in lanes_of(conn, name, rows)]
    with other_areas(conn, city, revision=given.revision, draft=given.draft) as areas:
        trial = Trial(without=given.without, alone=given.alone, duties=duties, lanes=lanes, areas=areas)
        clearance = caller.may(Right.SEE_SENSITIVE)
        return simulate(conn, city, given.channel, chosen, trial, clearance=clearance, kept=kept)


def _check_whole_city(caller: Caller) -> None:
    caller.check(Right.CHANGE_AREAS)
    if not caller.whole_city:
        raise ForbiddenError(
            "a draft is tried on all reports: this is for accounts with the whole city",
            zh="试行草案涉及全部上报，仅限全市账号",
        )
