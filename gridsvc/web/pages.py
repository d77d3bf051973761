"""The pages: `/`, `/maps/heat`, `/maps/grid`, `/docs`."""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse

from gridsvc.api.dependencies import Conn, TheCity, When, needs
from gridsvc.domain.access import Right
from gridsvc.domain.reports import days_between
from gridsvc.errors import InputError
from gridsvc.maps.policy import frame_policy
from gridsvc.maps.reports import CELL, Chosen, check_chosen, draw_grid, draw_heat, grid_kind
from gridsvc.store import areas, statistics
from gridsvc.store.areas import AsOf
from gridsvc.store.city import City, subclasses
from gridsvc.store.connection import Connection
from gridsvc.web.answers import Lang, TheVisitor, answer, day_of
from gridsvc.web.policy import DOCS_POLICY, GRID_FRAME, HEAT_FRAME, PAGE_POLICY
from gridsvc.web.render import Choice, HeatFilter, Summary, render_docs, render_heat, render_home, told

router = APIRouter(include_in_schema=False)


def _heat_filter(
    by: str = CELL,
    kind: str = "all",
    subclass: str = "",
    start: Annotated[str, Query(alias="from")] = "",
    end: Annotated[str, Query(alias="to")] = "",
    at: str = "",
    revision: str = "",
) -> HeatFilter:
    return HeatFilter(by=by, kind=kind, subclass=subclass, start=start, end=end, at=at, revision=revision)


Filter = Annotated[HeatFilter, Depends(_heat_filter)]
SEES_REPORTS = [Depends(needs(Right.SEE_REPORTS))]


@router.get("/", dependencies=SEES_REPORTS)
def home(conn: Conn, visitor: TheVisitor, lang: Lang) -> HTMLResponse:
    figures = statistics.overview(conn)
    drawn = bool(areas.kinds_in_use(conn))
    return answer(render_home(visitor, Summary(**figures), lang=lang, drawn=drawn), PAGE_POLICY)


@router.get("/maps/heat", dependencies=SEES_REPORTS)
def heat_page(conn: Conn, city: TheCity, visitor: TheVisitor, lang: Lang, chosen: Filter) -> HTMLResponse:
    total, problem = 0, ""
    try:
        found = _chosen(chosen, city)
        check_chosen(conn, found)
        total = statistics.report_totals(conn, found.reports(city))["total"]
    except InputError as error:
        problem = told(error, lang)
    html = render_heat(
        visitor,
        chosen,
        area_kinds=[Choice(value=k.kind, zh=k.name_zh, en=k.name_en) for k in areas.kinds_in_use(conn)],
        subclasses=_subclasses(conn),
        total=total,
        lang=lang,
        problem=problem,
    )
    return answer(html, PAGE_POLICY, 422 if problem else 200)


@router.get(HEAT_FRAME, dependencies=SEES_REPORTS)
def heat_frame(conn: Conn, city: TheCity, lang: Lang, chosen: Filter) -> HTMLResponse:
    return _map(draw_heat(conn, city, _chosen(chosen, city), lang))


@router.get(GRID_FRAME, dependencies=SEES_REPORTS)
def grid_frame(conn: Conn, city: TheCity, lang: Lang, when: When, by: str | None = None) -> HTMLResponse:
    return _map(draw_grid(conn, city, Chosen(by=by or grid_kind(conn, city), when=when), lang))


@router.get("/docs")
def docs(visitor: TheVisitor, lang: Lang) -> HTMLResponse:
    return answer(render_docs(visitor, lang=lang), DOCS_POLICY)


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


def _chosen(given: HeatFilter, city: City) -> Chosen:
    kind: str | None = None if given.kind == "all" else given.kind
    subclass_code: str | None = None
    if given.subclass:
        named, _, subclass_code = given.subclass.partition("-")
        if kind not in (None, named):
            raise InputError(
                f"subclass {given.subclass} is not of the kind {kind}",
                zh=f"小类 {given.subclass} 不属于问题类型 {kind}",
            )
        kind = named
    return Chosen(
        by=given.by, kind=kind, subclass_code=subclass_code, first_day=day_of(given.start), last_day=day_of(given.end),
        when=AsOf(at=_end_of(given.at, city), revision=_revision(given.revision)),
    )  # fmt: skip


def _end_of(day: str, city: City) -> datetime | None:
    """The last moment of a day in the city's time: what changed on that day counts."""
    _, following = days_between(None, day_of(day), ZoneInfo(city.time_zone))
    return following - timedelta(microseconds=1) if following else None


def _revision(text: str) -> int | None:
    if text and not (text.isascii() and text.isdecimal() and len(text) <= 10 and 0 < int(text) < 2**31):
        raise InputError(f"{text!r} is not the number of a revision", zh=f"“{text}”不是版次")
    return int(text) if text else None


def _map(html: str) -> HTMLResponse:
    return HTMLResponse(html, headers={"Content-Security-Policy": frame_policy(html)})
