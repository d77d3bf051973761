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
from gridsvc.web.names import FIELDS, THINGS
from gridsvc.web.render import Paging, language_queries, render_page, told

router = APIRouter(include_in_schema=False)

ROWS = 100
"""Of a page of the record."""
MOST_FIELDS, MOST_PARTS, LONGEST_VALUE, LONGEST_PART = 20, 5, 200, 60
"""Of what one row shows: fields, parts of a list, characters of a value and of a part or a name."""
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
        trouble = told(error, lang)
    shown = [
        {**row, "thing": _thing(row["thing"], lang), "changes": changes(row["payload"] or {}, lang)} for row in rows
    ]
    html = render_page(
        "audit.html", "/audit", lang, visitor=visitor, filled=filled, rows=shown, total=total, export=export,
        trouble=trouble, when=clock(city), paging=Paging(page=page, pages=pages, asked=filled.query(), lang=lang),
        queries=language_queries(**filled.query(), page=str(page) if page > 1 else ""),
    )  # fmt: skip
    return answer(html, status=422 if trouble else 200)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a command says of one side of its thing or of both; None: it stood on the other side only."""

    name: str
    before: str | None = None
    after: str | None = None
    same: bool = False


def changes(payload: dict[str, Any], lang: str) -> list[Change]:
    """What a command says of its thing, short enough for a row."""
    before, after = (_fields(payload.get(side)) for side in ("before", "after"))
    names = list({**before, **after})
    told_of = [
        Change(
            name=FIELDS[lang].get(name) or _short(name, LONGEST_PART, lang),
            before=_text(before[name], lang) if name in before else None,
            after=_text(after[name], lang) if name in after else None,
            same=name in before and name in after and before[name] == after[name],
        )
        for name in names[:MOST_FIELDS]
    ]
    return told_of + ([Change(name=_more("", len(names), lang))] if len(names) > MOST_FIELDS else [])


def _fields(said: Any) -> dict[str, Any]:
    if said is None:
        return {}
    return said if isinstance(said, dict) else {"": said}


def _text(field: Any, lang: str) -> str:
    """As a person writes it: a list by commas, nothing as a dash; what is long is cut."""
    if isinstance(field, list):
        parts = [_short(_plain(part), LONGEST_PART, lang) for part in field[:MOST_PARTS]]
        listed = ", ".join(parts) or "–"
        return _more(f"{listed}, ", len(field), lang) if len(field) > MOST_PARTS else listed
    return _short(_plain(field), LONGEST_VALUE, lang)


def _plain(field: Any) -> str:
    if isinstance(field, str):
        return field
    return "–" if field is None else json.dumps(field, ensure_ascii=False)


def _short(text: str, longest: int, lang: str) -> str:
    if len(text) <= longest:
        return text
    rest = f"…（共 {len(text):,} 字）" if lang == "zh" else f"… ({len(text):,} characters)"
    return text[:longest] + rest


def _more(begun: str, count: int, lang: str) -> str:
    return begun + (f"…（共 {count:,} 项）" if lang == "zh" else f"… ({count:,} in all)")


def _thing(thing: str, lang: str) -> dict[str, str]:
    """In words, and the number of an account for a link to it."""
    kind, _, number = thing.partition(" ")
    if number.isascii() and number.isdecimal() and kind in THINGS[lang]:
        return {"text": f"{THINGS[lang][kind]} {number}", "account": number if kind == "account" else ""}
    return {"text": THINGS[lang].get(thing) or _short(thing, LONGEST_VALUE, lang), "account": ""}


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
        raise InputError(f"{text!r} is not the number of an account", zh=f"“{text}”不是账号编号")
    return int(text)
