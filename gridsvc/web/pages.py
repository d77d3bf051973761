"""The pages: `/`, `/maps/heat`, `/maps/grid`, `/docs`."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from gridsvc.errors import InputError
from gridsvc.maps.policy import frame_policy
from gridsvc.maps.reports import CELL, Chosen, check_chosen, draw_grid, draw_heat, grid_kind
from gridsvc.store import areas, statistics
from gridsvc.store.city import City, subclasses
from gridsvc.store.connection import Connection
from gridsvc.store.requests import request_connection
from gridsvc.web.policy import DOCS_POLICY, PAGE_POLICY
from gridsvc.web.render import Choice, HeatFilter, Site, Summary, render_docs, render_heat, render_home

router = APIRouter(include_in_schema=False)


def _connection(request: Request) -> Iterator[Connection]:
    with request_connection(request.app.state.pool) as conn:
        yield conn


def _language(request: Request, lang: str | None = None) -> str:
    """What was asked for, else what the browser prefers, else Chinese."""
    if lang in ("zh", "en"):
        return lang
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"


def _heat_filter(
    by: str = CELL,
    kind: str = "all",
    subclass: str = "",
    start: Annotated[str, Query(alias="from")] = "",
    end: Annotated[str, Query(alias="to")] = "",
) -> HeatFilter:
    return HeatFilter(by=by, kind=kind, subclass=subclass, start=_day(start), end=_day(end))


Conn = Annotated[Connection, Depends(_connection)]
Lang = Annotated[str, Depends(_language)]
Filter = Annotated[HeatFilter, Depends(_heat_filter)]


@router.get("/")
def home(request: Request, conn: Conn, lang: Lang) -> HTMLResponse:
    figures = statistics.overview(conn)
    return _page(render_home(_site(request), Summary(**figures), lang=lang), PAGE_POLICY)


@router.get("/maps/heat")
def heat_page(request: Request, conn: Conn, lang: Lang, chosen: Filter) -> HTMLResponse:
    total, problem = 0, ""
    try:
        found = _chosen(chosen)
        check_chosen(conn, found)
        total = statistics.report_totals(conn, found.reports(_city(request)))["total"]
    except InputError as error:
        problem = str(error)
    html = render_heat(
        _site(request),
        chosen,
        area_kinds=[Choice(value=k.kind, zh=k.name_zh, en=k.name_en) for k in areas.kinds_in_use(conn)],
        subclasses=_subclasses(conn),
        total=total,
        lang=lang,
        problem=problem,
    )
    return _page(html, PAGE_POLICY, 422 if problem else 200)


@router.get("/maps/heat/frame")
def heat_frame(request: Request, conn: Conn, lang: Lang, chosen: Filter) -> HTMLResponse:
    return _map(draw_heat(conn, _city(request), _chosen(chosen), lang))


@router.get("/maps/grid")
def grid_frame(request: Request, conn: Conn, lang: Lang, by: str | None = None) -> HTMLResponse:
    city = _city(request)
    return _map(draw_grid(conn, city, Chosen(by=by or grid_kind(conn, city)), lang))


@router.get("/docs")
def docs(request: Request, lang: Lang) -> HTMLResponse:
    return _page(render_docs(_site(request), lang=lang), DOCS_POLICY)


def _city(request: Request) -> City:
    city: City = request.app.state.city
    return city


def _site(request: Request) -> Site:
    city = _city(request)
    return Site(city_zh=city.name_zh, city_en=city.name_en, synthetic=city.synthetic)


def _subclasses(conn: Connection) -> list[Choice]:
    """Component and event codes overlap, so the value of a choice names its kind too."""
    return [
        Choice(
            value=f"{s.kind}-{s.subclass_code}",
            zh=f"{s.subclass_code} {s.subclass_zh}",
            en=f"{s.subclass_code} {s.subclass_en}",
            group_zh=f"{'部件' if s.kind == 'component' else '事件'} {s.class_zh}",
            group_en=f"{s.kind.title()}s: {s.class_en}",
        )
        for s in subclasses(conn)
    ]


def _chosen(given: HeatFilter) -> Chosen:
    kind: str | None = None if given.kind == "all" else given.kind
    subclass_code: str | None = None
    if given.subclass:
        named, _, subclass_code = given.subclass.partition("-")
        if kind not in (None, named):
            raise InputError(f"subclass {given.subclass} is not of the kind {kind}")
        kind = named
    return Chosen(by=given.by, kind=kind, subclass_code=subclass_code, first_day=given.start, last_day=given.end)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError(f"{text!r} is not a day such as 2016-07-08") from error


def _page(html: str, policy: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(html, status, headers={"Content-Security-Policy": policy})


def _map(html: str) -> HTMLResponse:
    return HTMLResponse(html, headers={"Content-Security-Policy": frame_policy(html)})
