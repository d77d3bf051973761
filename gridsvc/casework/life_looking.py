"""Cases and reports as they are looked at: with everything that happened, and what the caller may do next."""

from typing import Any
from uuid import UUID

from gridsvc.casework.explanations import shown
from gridsvc.casework.life import actor_of
from gridsvc.domain.access import Right
from gridsvc.domain.case_states import CASE_MOVES
from gridsvc.domain.cases import allowed
from gridsvc.domain.duties import LANES
from gridsvc.domain.report_states import REPORT_MOVES
from gridsvc.errors import NotFoundError, one_of
from gridsvc.store import areas, cases, casework
from gridsvc.store.callers import Caller
from gridsvc.store.cases import CaseFilter
from gridsvc.store.city import departments
from gridsvc.store.connection import Connection
from gridsvc.store.photos import photos_of


def moves() -> dict[str, Any]:
    """The two tables of states and moves."""
    return {"reports": REPORT_MOVES.as_json(), "cases": CASE_MOVES.as_json()}


def show_case(conn: Connection, caller: Caller, case_id: int) -> dict[str, Any]:
    """Raises NotFoundError for a case that the caller does not see."""
    found, access = cases.case_by_id(conn, case_id), cases.case_access(conn, case_id)
    if found is None or access is None:
        raise NotFoundError(f"case {case_id} does not exist", zh=f"案件 {case_id} 不存在")
    actor = actor_of(caller, by_area=access.by_area, departments=access.departments)
    report_id = found["report_id"]
    return {
        **found,
        "report": _shown(conn, caller, report_id),
        "photos": photos_of(conn, report_id),
        "report_steps": cases.report_steps(conn, report_id),
        "hops": cases.hops_of(conn, case_id),
        "steps": cases.case_steps(conn, case_id),
        "moves": [move.as_json() for move in allowed(cases.as_seen(conn, found), actor)],
        "guide": cases.guide_of(conn, found["kind"], found["subclass_code"]),
    }


def show_report(conn: Connection, caller: Caller, report_id: UUID) -> dict[str, Any]:
    """Raises NotFoundError for a report that the caller does not see."""
    found, by_area = _shown(conn, caller, report_id), cases.report_by_area(conn, report_id)
    if found is None or by_area is None:
        raise NotFoundError(f"report {report_id} does not exist", zh=f"上报 {report_id} 不存在")
    roles = caller.roles if by_area else []
    possible = REPORT_MOVES.possible(found["state"], None, roles)
    steps = cases.report_steps(conn, report_id)
    return {**found, "steps": steps, "moves": [move.as_json() for move in possible]}


def _shown(conn: Connection, caller: Caller, report_id: UUID) -> dict[str, Any] | None:
    """Without sensitive components for those who may not see them."""
    found = casework.report_by_id(conn, report_id)
    return shown(conn, found, clearance=caller.may(Right.SEE_SENSITIVE)) if found else None


def list_cases(conn: Connection, chosen: CaseFilter, *, limit: int, offset: int) -> dict[str, Any]:
    """Raises InputError for a state, lane, department or kind of area that there is not."""
    _check(conn, chosen)
    total, found = cases.cases_page(conn, chosen, limit=limit, offset=offset)
    return {"total": total, "cases": found}


def _check(conn: Connection, chosen: CaseFilter) -> None:
    for state in chosen.states or ():
        if state not in CASE_MOVES.states:
            raise one_of("state", state, list(CASE_MOVES.states), zh="状态")
    if chosen.lane is not None and chosen.lane not in LANES:
        raise one_of("lane", chosen.lane, list(LANES), zh="处置方式")
    if chosen.department is not None:
        known = [one.code for one in departments(conn)]
        if chosen.department not in known:
            raise one_of("department", chosen.department, known, zh="部门")
    if chosen.area_kind is not None:
        kinds = [kind.kind for kind in areas.kinds(conn)]
        if chosen.area_kind not in kinds:
            raise one_of("area kind", chosen.area_kind, kinds, zh="区域类型")


def confirmations(conn: Connection, caller: Caller, whose: str, *, limit: int, offset: int) -> dict[str, Any]:
    """`whose`: mine, nobodys (the shift leader's list) or all."""
    mine = caller.name if whose == "mine" else None
    total, found = cases.confirmations_page(conn, mine, nobodys=whose == "nobodys", limit=limit, offset=offset)
    return {"total": total, "reports": found}
