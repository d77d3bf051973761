"""A report without a place gets one: a person confirms a candidate, or points it out; the report is decided anew."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from gridsvc.casework.life_reports import decide_anew, note_step
from gridsvc.casework.places import Candidate, as_json, find_places
from gridsvc.casework.routing import Router
from gridsvc.domain.crs import project_one
from gridsvc.domain.report_states import STATES, WAITING
from gridsvc.domain.reports import MAX_ACCURACY, check_position
from gridsvc.errors import ConflictError, InputError, NotFoundError
from gridsvc.store import audit, casework, duplicates, places
from gridsvc.store.casework import LINKED
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

SOURCE = ("name", "kind", "layer", "file_name")


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Either a candidate, or longitude and latitude as somebody pointed them out."""

    candidate: str | None = None
    asked: str | None = None
    """The words that the candidate was found with; none: the report's own address."""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    """Metres by which the place may be wrong; none: as the candidate says."""

    def __post_init__(self) -> None:
        check_position("the place", self.lon, self.lat, self.accuracy_m)
        if (self.candidate is None) == (self.lon is None):
            raise InputError(
                "give either a candidate, or longitude and latitude", zh="请选择一个候选地点，或给出经纬度，二者选一"
            )


def candidates(conn: Connection, city: City, report: dict[str, Any]) -> dict[str, Any]:
    """Where a report may lie by its address, and where it was placed before."""
    found = as_json(city, find_places(conn, city, report["address"])) if report["address"] else {"candidates": []}
    return {**found, "address": report["address"], "placed": places.places_given(conn, report["id"])}


def place_report(
    conn: Connection, city: City, report_id: UUID, chosen: Chosen, account: str | None, *, seen: int | None = None
) -> None:
    """The report is located and decided once more; who placed it, and from which source, is kept.

    `seen`: number of the report's last step that the caller saw; None: whatever happened since.
    Raises ConflictError for a report that is a case already, is linked to another, or was rejected.
    """
    with conn.transaction():
        casework.keep_areas(conn)
        duplicates.take_turns(conn)
        places.keep_report(conn, report_id)
        report = casework.report_by_id(conn, report_id)
        if report is None:
            raise NotFoundError(f"report {report_id} does not exist", zh=f"没有上报 {report_id}")
        _check_free(report)
        x, y, said = _said(conn, city, report, chosen)
        places.place_report(conn, city.srid, report_id, (x, y), {**said, "account": account})
        told = {name: value for name, value in said.items() if value is not None}
        note_step(conn, report_id, "place", account, told, seen)
        decide_anew(conn, Router(conn, city), report_id)
        audit.record(conn, "report.place", f"report {report_id}", after=told)


def _check_free(report: dict[str, Any]) -> None:
    if report["case_id"] is not None:
        raise ConflictError(
            f"report {report['id']} is case {report['case_id']} already: its place stays",
            zh=f"上报 {report['id']} 已立案（案件 {report['case_id']}），不能再改位置",
        )
    if report["state"] == LINKED:
        raise ConflictError(
            f"report {report['id']} is linked to {report['linked_to']}: refuse that first",
            zh=f"上报 {report['id']} 已关联到 {report['linked_to']}，请先取消该关联",
        )
    if report["state"] not in WAITING:
        raise ConflictError(
            f"report {report['id']} is {report['state']}: its place stays",
            zh=f"上报 {report['id']} 为“{STATES[report['state']][0]}”，不能再改位置",
        )


def _said(conn: Connection, city: City, report: dict[str, Any], chosen: Chosen) -> tuple[float, float, dict[str, Any]]:
    """x and y in the city's CRS, and what is kept about where they come from."""
    if chosen.lon is not None and chosen.lat is not None:
        x, y = project_one(city.srid, chosen.lon, chosen.lat)
        return x, y, {"asked": None, **dict.fromkeys(SOURCE), "accuracy_m": chosen.accuracy_m}
    asked = chosen.asked or report["address"]
    if not asked:
        raise InputError(
            "the report has no address: say the words that the candidate was found with",
            zh="该上报没有地址，请给出查询文字",
        )
    one = _candidate(conn, city, asked, chosen.candidate or "")
    accuracy = chosen.accuracy_m if chosen.accuracy_m is not None else one.accuracy_m
    if accuracy is not None and accuracy > MAX_ACCURACY:
        raise InputError(
            f"{one.name} reaches {accuracy:.0f} m from its middle, which is no place: point it out on the map",
            zh=f"“{one.name}”长达 {accuracy:.0f} 米，不能作为位置，请在图上指定",
        )
    kept = {name: value for name, value in asdict(one).items() if name in SOURCE}
    return one.x, one.y, {"asked": asked, **kept, "accuracy_m": accuracy}


def _candidate(conn: Connection, city: City, asked: str, wanted: str) -> Candidate:
    for one in find_places(conn, city, asked).candidates:
        if one.id == wanted:
            return one
    raise NotFoundError(
        f"{wanted!r} is no candidate for {asked!r}, or not any more: look it up again",
        zh=f"“{asked}”没有候选地点“{wanted}”，或图层已更新，请重新查询",
    )
