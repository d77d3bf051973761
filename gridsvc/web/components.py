"""`/components`: one component by hand, in a form with a map; nothing but the map needs a script."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse, Response

from gridsvc.api.dependencies import Conn, TheCity, needs
from gridsvc.api.problems import status_of
from gridsvc.domain.access import Right
from gridsvc.errors import ConflictError, GridsvcError, InputError, NotFoundError
from gridsvc.ingest import by_hand
from gridsvc.ingest.by_hand import Edited, RefusedError
from gridsvc.inventory.component import component, history_seen
from gridsvc.store.callers import acting
from gridsvc.store.city import City, departments, subclasses
from gridsvc.store.connection import Connection
from gridsvc.web.answers import Lang, TheVisitor, answer, clock, go_on
from gridsvc.web.component_form import Filled, TheForm, filled_from
from gridsvc.web.component_history import told_steps
from gridsvc.web.component_messages import COMPONENT_NAMES
from gridsvc.web.ground import ground
from gridsvc.web.imports import as_data
from gridsvc.web.policy import SCRIPTED_POLICY
from gridsvc.web.render import Visitor, language_queries, render_page, told

router = APIRouter(include_in_schema=False, dependencies=[Depends(needs(Right.IMPORT_DATA))])
LONGEST_CODE = 64


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What every route here needs."""

    conn: Connection
    city: City
    visitor: Visitor
    lang: str


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the page says of the last attempt."""

    done: str = ""
    edited: Edited | None = None
    """Its warnings are to be accepted."""
    trouble: GridsvcError | None = None
    at: str = "form"
    """Which form the trouble is about: form, or retire."""


def _desk(conn: Conn, city: TheCity, visitor: TheVisitor, lang: Lang) -> Desk:
    return Desk(conn=conn, city=city, visitor=visitor, lang=lang)


TheDesk = Annotated[Desk, Depends(_desk)]
Code = Annotated[str, Form(max_length=LONGEST_CODE)]
Version = Annotated[int, Form(ge=1, le=2**31 - 1)]
NOTHING = Said()


@router.get("/components")
def search(desk: TheDesk, code: Annotated[str, Query(max_length=LONGEST_CODE)] = "") -> Response:
    trouble: GridsvcError | None = None
    if code.strip():
        try:
            component(desk.conn, code.strip())
            return go_on(_address(code.strip()), desk.lang)
        except NotFoundError as error:
            trouble = error
    html = render_page(
        "components.html", "/components", desk.lang, visitor=desk.visitor, code=code,
        queries=language_queries(code=code), trouble=told(trouble, desk.lang) if trouble else "",
    )  # fmt: skip
    return answer(html, status=int(status_of(trouble)) if trouble else 200)


@router.get("/components/new")
def new(desk: TheDesk) -> HTMLResponse:
    return _page(desk, None, Filled())


@router.post("/components/new")
def add(desk: TheDesk, filled: TheForm, code: Code = "") -> Response:
    def work() -> Edited:
        return by_hand.add(
            desk.conn, desk.city, filled.changes(desk.city, None), code.strip() or None,
            accept_warnings=filled.accept_warnings, reason=filled.reason.strip(),
        )  # fmt: skip

    done, said = _attempt(desk, work)
    if done is None or not done.saved or done.code is None:
        return _page(desk, None, filled, said, code=code)
    return go_on(_address(done.code), desk.lang, done="added")


@router.post("/components/{code:path}/retire")
def retire(desk: TheDesk, code: str, version: Version, reason: Annotated[str, Form(max_length=4_000)] = "") -> Response:
    found = component(desk.conn, code)
    done, said = _attempt(desk, lambda: by_hand.retire(desk.conn, desk.city, code, version, reason), at="retire")
    if done is None:
        return _page(desk, found, filled_from(found), said)
    return go_on(_address(code), desk.lang, done="retired")


@router.get("/components/{code:path}")
def open_component(desk: TheDesk, code: str, done: Annotated[str, Query(max_length=20)] = "") -> HTMLResponse:
    found = component(desk.conn, code)
    return _page(desk, found, filled_from(found), Said(done=done))


@router.post("/components/{code:path}")
def correct(desk: TheDesk, code: str, filled: TheForm, version: Version) -> Response:
    found = component(desk.conn, code)

    def work() -> Edited:
        return by_hand.correct(
            desk.conn, desk.city, code, version, filled.changes(desk.city, found),
            accept_warnings=filled.accept_warnings, reason=filled.reason.strip(),
        )  # fmt: skip

    done, said = _attempt(desk, work)
    if done is None or (done.warnings and not done.saved):
        return _page(desk, {**found, "version": version}, filled, said)
    return go_on(_address(code), desk.lang, done="corrected" if done.saved else "unchanged")


def _attempt(desk: Desk, work: Callable[[], Edited], at: str = "form") -> tuple[Edited | None, Said]:
    """All of it or nothing, and what is to be said of it."""
    try:
        with acting(desk.conn, Right.IMPORT_DATA):
            done = work()
    except (InputError, ConflictError) as error:
        return None, Said(trouble=error, at=at)
    return done, Said(edited=done)


def _address(code: str) -> str:
    return f"/components/{quote(code, safe='')}"


def _page(
    desk: Desk, found: dict[str, Any] | None, filled: Filled, said: Said = NOTHING, *, code: str = ""
) -> HTMLResponse:
    names = COMPONENT_NAMES[desk.lang]
    trouble, lang = said.trouble, desk.lang
    path = _address(found["component_code"]) if found else "/components/new"
    values = {
        "visitor": desk.visitor, "found": found, "filled": filled, "code": found["component_code"] if found else code,
        "done": said.done, "at": said.at, "names_of": names, "when": clock(desk.city), "srid": desk.city.srid,
        "trouble": told(trouble, lang) if trouble else "", "conflict": isinstance(trouble, ConflictError),
        "refusals": _sentences(trouble.findings, lang) if isinstance(trouble, RefusedError) else [],
        "warnings": _sentences(said.edited.warnings, lang) if said.edited else [],
        **_choices(desk),
    }  # fmt: skip
    values["steps"] = _steps(desk, found, values) if found else []
    shown = {"lang": lang, "ground": ground(desk.conn, desk.city, lang), "words": names["map"]}
    data = as_data({**shown, "geometry": found["geometry"] if found else None})
    status = HTTPStatus(status_of(trouble)) if trouble else HTTPStatus.OK
    return answer(render_page("component.html", path, lang, data=data, **values), SCRIPTED_POLICY, int(status))


def _steps(desk: Desk, found: dict[str, Any], choices: dict[str, Any]) -> list[dict[str, Any]]:
    steps = history_seen(desk.conn, desk.city, found["component_code"])
    parties = dict(choices["departments"])
    named = {
        "subclass_code": dict(choices["subclasses"]), "state": COMPONENT_NAMES[desk.lang]["states"],
        "authority": parties, "owner": parties, "maintainer": parties,
    }  # fmt: skip
    return told_steps(steps, desk.lang, named)


def _choices(desk: Desk) -> dict[str, Any]:
    """Codes with their names."""
    zh = desk.lang == "zh"
    return {
        "subclasses": [
            (s.subclass_code, s.subclass_zh if zh else s.subclass_en)
            for s in subclasses(desk.conn)
            if s.kind == "component"
        ],
        "departments": [(d.code, d.name_zh if zh else d.name_en) for d in departments(desk.conn)],
    }


def _sentences(findings: Any, lang: str) -> list[tuple[str, str]]:
    """What each finding says, and what to do about it."""
    return [(one.message_zh, one.hint_zh) if lang == "zh" else (one.message, one.hint) for one in findings]
