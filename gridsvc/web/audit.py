"""`/audit`: who did what, for those who read the record."""

import json
import math
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse

from gridsvc.access import reading
from gridsvc.api.dependencies import LONGEST_NAME, Conn, TheCity, needs
from gridsvc.domain.access import Right
from gridsvc.domain.reports import days_between
from gridsvc.errors import InputError
from gridsvc.store.audit import AuditFilter
from gridsvc.store.callers import acting
from gridsvc.store.city import City
from gridsvc.web.answers import Lang, TheVisitor, answer, clock, day_of
from gridsvc.web.render import Paging, language_queries, render_page

router = APIRouter(include_in_schema=False)

ROWS = 100
"""Of a page of the record."""
LARGEST_ID = 2**63


@dataclass(frozen=True, kw_only=True)
class Filled:
    """The filter as it is filled in; the last day is included."""

    action: str
    account: str
    first: str
    last: str

    def chosen(self, city: City) -> AuditFilter:
        begin, end = days_between(day_of(self.first), day_of(self.last), ZoneInfo(city.time_zone))
        return AuditFilter(account_id=_number(self.account), action=self.action or None, from_time=begin, to_time=end)

    def query(self) -> dict[str, str]:
        return {"action": self.action, "account": self.account, "from": self.first, "to": self.last}


def _filled(
    action: Annotated[str, Query(max_length=LONGEST_NAME)] = "",
    account: Annotated[str, Query(max_length=LONGEST_NAME)] = "",
    first: Annotated[str, Query(alias="from", max_length=LONGEST_NAME)] = "",
    last: Annotated[str, Query(alias="to", max_length=LONGEST_NAME)] = "",
) -> Filled:
    return Filled(action=action.strip(), account=account.strip(), first=first, last=last)


@router.get("/audit", dependencies=[Depends(needs(Right.READ_AUDIT))])
def audit_page(
    conn: Conn,
    city: TheCity,
    visitor: TheVisitor,
    lang: Lang,
    filled: Annotated[Filled, Depends(_filled)],
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> HTMLResponse:
    total, pages, export, trouble = 0, 1, "", ""
    rows: list[dict[str, Any]] = []
    try:
        chosen = filled.chosen(city)
        with acting(conn, Right.READ_AUDIT):
            total, rows = reading.page(conn, chosen, limit=ROWS, offset=(page - 1) * ROWS)
        pages, export = max(1, math.ceil(total / ROWS)), _export(chosen)
    except InputError as error:
        trouble = str(error)
    told = [{**row, "changes": changes(row["payload"] or {})} for row in rows]
    html = render_page(
        "audit.html", "/audit", lang, visitor=visitor, filled=filled, rows=told, total=total, export=export,
        trouble=trouble, when=clock(city), paging=Paging(page=page, pages=pages, asked=filled.query(), lang=lang),
        queries=language_queries(**filled.query(), page=str(page) if page > 1 else ""),
    )  # fmt: skip
    return answer(html, status=422 if trouble else 200)


def changes(payload: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    """What a command says of its thing: name, before, after; None for what stood on one side only."""
    before, after = (_fields(payload.get(side)) for side in ("before", "after"))
    return [(name, before.get(name), after.get(name)) for name in {**before, **after}]


def _fields(told: Any) -> dict[str, str]:
    if told is None:
        return {}
    return {name: _text(field) for name, field in told.items()} if isinstance(told, dict) else {"": _text(told)}


def _text(field: Any) -> str:
    """As a person writes it: a list by commas, nothing as a dash."""
    if isinstance(field, list) and all(isinstance(part, str) for part in field):
        return ", ".join(field) or "–"
    if isinstance(field, str):
        return field
    return "–" if field is None else json.dumps(field, ensure_ascii=False)


def _export(chosen: AuditFilter) -> str:
    """The same rows by the API, which takes times with their zone."""
    given = {
        "account_id": chosen.account_id,
        "action": chosen.action,
        "from": chosen.from_time and chosen.from_time.isoformat(),
        "to": chosen.to_time and chosen.to_time.isoformat(),
    }
    return f"/api/v1/audit/export?{urlencode({name: value for name, value in given.items() if value})}"


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) < LARGEST_ID):
        raise InputError(f"{text!r} is not the number of an account")
    return int(text)
