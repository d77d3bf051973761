"""`/api/v1/areas/figures` and `/areas/one`: areas with what they hold, for the grid desk."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from gridsvc.api.dependencies import LONGEST_NAME, Conn, Limit, Offset, When, needs
from gridsvc.api.problems import NOT_FOUND, RESPONSES
from gridsvc.areas.looking import one_area
from gridsvc.domain.access import Right
from gridsvc.errors import one_of
from gridsvc.store import area_figures, areas
from gridsvc.store.area_figures import Search, Sort
from gridsvc.store.connection import Connection

router = APIRouter(tags=["areas"], responses=RESPONSES | NOT_FOUND, dependencies=[Depends(needs(Right.CHANGE_AREAS))])
Kind = Annotated[str, Query(max_length=LONGEST_NAME, description="area kind, such as unit_grid")]


@router.get("/areas/kinds")
def list_kinds(conn: Conn, when: When) -> dict[str, Any]:
    """All kinds that are declared, with how many areas each has now, or had at another time."""
    areas.known(conn, when)
    counts = area_figures.areas_of_kinds(conn, when)
    kinds = [{**asdict(kind), "areas": counts.get(kind.kind, 0)} for kind in areas.kinds(conn)]
    return {"revision": areas.current_revision(conn), "kinds": kinds}


@router.get("/areas/figures")
def list_figures(
    conn: Conn,
    when: When,
    kind: Kind,
    words: Annotated[str, Query(max_length=LONGEST_NAME, description="in the code or a name")] = "",
    sort: Annotated[Sort, Query(description="by what")] = "code",
    descending: Annotated[bool, Query(description="most or last first")] = False,
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, Any]:
    """Areas with components, open cases and people on duty, as far as one sees these; figures are those of today."""
    _check(conn, kind, when)
    search = Search(kind=kind, when=when, words=words, sort=sort, descending=descending)
    return {
        "kind": kind,
        "total": area_figures.found_count(conn, search),
        "areas": area_figures.figures_page(conn, search, limit=limit, offset=offset),
    }


@router.get("/areas/one")
def one(
    conn: Conn,
    when: When,
    kind: Kind,
    code: Annotated[str, Query(max_length=LONGEST_NAME, description="of the area")],
) -> dict[str, Any]:
    """An area, its people, who is missing by the team template, what it was before, and what took over."""
    _check(conn, kind, when)
    return one_area(conn, kind, code, when)


def _check(conn: Connection, kind: str, when: When) -> None:
    areas.known(conn, when)
    known = [each.kind for each in areas.kinds(conn)]
    if kind not in known:
        raise one_of("area kind", kind, known, zh="区域类型")
