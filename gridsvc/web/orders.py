"""`/cases/{case_id}/orders`: the three orders of a case on one sheet of A4, to be printed; no script."""

from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from string import ascii_uppercase
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from gridsvc.api.dependencies import Conn, TheCaller, TheCity, TheService, needs
from gridsvc.casework.orders import Orders, Pair, orders_of
from gridsvc.domain.access import Right
from gridsvc.domain.case_states import CASE_MOVES, STATES
from gridsvc.web.answers import LANGUAGES, Lang, TheVisitor, answer, clock
from gridsvc.web.order_messages import ORDER_MESSAGES, RULES
from gridsvc.web.render import Visitor, render_page

router = APIRouter(include_in_schema=False)
When = Callable[[datetime | None], str]
"""Tells moments in the city's time."""
LONGEST_TEXT, LONGEST_LINE, LONGEST_NAME = 120, 85, 26
"""Characters of a Chinese text, list and name; of other letters twice as many take the same room."""
MOST_NAMES, MOST_AREAS, MOST_HOPS, MOST_CALLS = 5, 8, 4, 2
DENSE = 420
"""Characters from which on the sheet is set in smaller letters."""


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    text: str
    wide: bool = False


@router.get("/cases/{case_id}/orders", dependencies=[Depends(needs(Right.SEE_REPORTS))])
def orders_page(
    request: Request,
    conn: Conn,
    service: TheService,
    city: TheCity,
    caller: TheCaller,
    visitor: TheVisitor,
    lang: Lang,
    case_id: Annotated[int, Path(ge=1, lt=2**63)],
) -> HTMLResponse:
    base = service.settings.public_url or str(request.base_url)
    found = orders_of(conn, city, caller, case_id)
    return answer(render_orders(found, visitor, clock(city), base, lang))


def render_orders(found: Orders, visitor: Visitor, when: When, base: str, lang: str = "zh") -> str:
    """`base`: how browsers reach the service."""
    path = f"/cases/{found.case['id']}/orders"
    return render_page(
        "orders.html", path, lang, visitor=visitor, o=ORDER_MESSAGES[lang], sheet=Sheet(found, lang, when),
        case=found.case, qr=Markup(_qr(base.rstrip("/") + path)), printed=when(datetime.now(UTC)),
    )  # fmt: skip


def _qr(address: str) -> str:
    """As SVG; nothing of the address but its squares is in it."""
    return str(segno.make(address, error="m").svg_inline(border=1, omitsize=True, svgclass="qr", lineclass=None))


class Sheet:
    """What the orders say, in one language, cut to what a page holds."""

    def __init__(self, found: Orders, lang: str, when: When) -> None:
        self._found, self._case, self._report, self._when = found, found.case, found.report, when
        self._o, self._place, self._lang = ORDER_MESSAGES[lang], LANGUAGES.index(lang), lang
        self._colon, self._comma = ("：", "、") if lang == "zh" else (": ", ", ")

    def _of(self, pair: Pair | None, otherwise: str = "") -> str:
        return cut(pair[self._place], LONGEST_NAME) if pair else otherwise

    @property
    def dense(self) -> bool:
        """Whether it holds so much that it needs smaller letters to stay one sheet."""
        texts = [row.text for row in (*self.task(), *self.responsibility())] + self.whistles()
        return sum(map(width, texts)) + 2 * LONGEST_NAME * len(self.hops()) > 2 * DENSE

    @property
    def state(self) -> str:
        return self._of(STATES[self._case["state"]])

    @property
    def to(self) -> str:
        return self._of(self._found.department(self._case["department"] or self._case["lead"]))

    def registered(self) -> str:
        return self._when(self._case["registered_at"])

    def task(self) -> list[Row]:
        found, case, report, o = self._found, self._case, self._report, self._o
        code = f"（{case['subclass_code']}）" if self._lang == "zh" else f" ({case['subclass_code']})"
        rows = [
            Row(name=o["problem"], text=self._of(found.subclass) + (code if case["subclass_code"] else "")),
            Row(name=o["condition"], text=self._of(found.condition, o["not_said"])),
            Row(name=o["place"], text=self._where(), wide=True),
            Row(name=o["areas"], text=self._areas(), wide=True),
            Row(name=o["described"], text=self._described(), wide=True),
            Row(name=o["reported_at"], text=self._when(report["reported_at"])),
            Row(name=o["accept_by"], text=self._accept_by()),
        ]
        if found.closing_zh and self._lang == "zh":
            rows.append(Row(name=o["closed_when"], text=cut(found.closing_zh, LONGEST_LINE), wide=True))
        guide = found.guide[f"text_{self._lang}"] if found.guide else o["nobody"]
        return [*rows, Row(name=o["guide"], text=cut(guide, LONGEST_TEXT), wide=True)]

    def due(self) -> str:
        case, o = self._case, self._o
        if case["due_at"]:
            return f"{self._when(case['due_at'])}{o['provisional'] if case['due_provisional'] else ''}"
        return o["clock_stands"] if case["state"] in ("suspended", "backlog") else o["no_due"]

    def _where(self) -> str:
        report = self._report
        point = "" if report["lon"] is None else f"({report['lon']:.6f}, {report['lat']:.6f})"
        return f"{cut(report['address'] or '', LONGEST_LINE * 3 // 4)} {point}".strip() or self._o["not_said"]

    def _areas(self) -> str:
        told = [f"{self._of(kind)}{self._colon}{self._of(name)}" for kind, name, _ in self._found.areas]
        return self._listed(told, MOST_AREAS)

    def _described(self) -> str:
        if not self._report["worked_on"]:
            return self._o["hidden"]
        return cut(self._report["description"] or self._o["not_said"], LONGEST_TEXT)

    def _accept_by(self) -> str:
        hop = self._found.hops[-1] if self._found.hops else None
        return self._when(hop["accept_due_at"]) if hop and hop["accept_due_at"] else "–"

    def responsibility(self) -> list[Row]:
        case, report, o = self._case, self._report, self._o
        rows = [
            Row(name=o["lead"], text=self._of(self._found.department(case["lead"]))),
            Row(name=o["lane"], text=self._of(self._found.lane)),
            Row(name=o["co_operating"], text=self._departments(report["co_operating"] or ()), wide=True),
            Row(name=o["supervising"], text=self._departments(report["supervising"] or ()), wide=True),
            *self._component(),
            Row(name=o["rule"], text=self._rule(report["rule"]), wide=True),
        ]
        if case["file_number"]:
            rows.append(Row(name=o["file_number"], text=cut(case["file_number"], LONGEST_NAME)))
            rows.append(Row(name=o["statutory_due"], text=str(case["statutory_due"])))
        return rows

    def _rule(self, rule: str | None) -> str:
        return self._of(RULES.get(rule or "", (rule, rule)) if rule else None, self._o["not_said"])

    def _component(self) -> list[Row]:
        found, o = self._found.component, self._o
        if found is None:
            return []
        bodies = [
            f"{o[role]}{self._colon}{self._of(self._found.department(found[role]), o['nobody'])}"
            for role in ("authority", "owner", "maintainer")
        ]
        text = f"{found['component_code']}{self._colon}{self._comma.join(bodies)}"
        return [Row(name=o["component_at"], text=cut(text, LONGEST_LINE), wide=True)]

    def _departments(self, codes: Sequence[str]) -> str:
        return self._listed([self._of(self._found.department(code)) for code in codes], MOST_NAMES)

    def _listed(self, texts: Sequence[str], most: int) -> str:
        """Cut, but it stays to be seen how many are left out."""
        rest = [self._o["more"].format(count=len(texts) - most)] if len(texts) > most else []
        return (
            self._comma.join([cut(self._comma.join(texts[:most]), LONGEST_LINE), *rest]) if texts else self._o["nobody"]
        )

    def dispatched(self) -> str:
        """By whom and when, the last time."""
        if not self._found.dispatches:
            return self._o["nobody"]
        last = self._found.dispatches[-1]
        who = last["actor"] if last["department"] or last["actor"] not in SERVICES else self._o["automatically"]
        move = CASE_MOVES.named(last["move"])
        return f"{move.zh if self._lang == 'zh' else move.en}  {self._when(last['at'])}  {cut(who, LONGEST_NAME)}"

    def hops(self) -> list[dict[str, str]]:
        return [self._hop(hop) for hop in self._found.hops[-MOST_HOPS:]]

    def earlier(self) -> str:
        """How many hops are left out."""
        count = len(self._found.hops) - MOST_HOPS
        return self._o["more"].format(count=count) if count > 0 else ""

    def _hop(self, hop: Any) -> dict[str, str]:
        how = CASE_MOVES.by_name.get(hop["how"] or "")
        told = (how.zh if self._lang == "zh" else how.en) if how else ""
        return {
            "department": ("└ " if hop["above"] else "") + self._of(self._found.department(hop["department"])),
            "given": self._when(hop["given_at"]),
            "accepted": self._when(hop["accepted_at"]) or "–",
            "ended": f"{self._when(hop['ended_at'])} {told}".strip() or "–",
        }

    def whistles(self) -> list[str]:
        o = self._o
        told = [
            f"{self._when(one['at'])} {cut(one['reason'], LONGEST_NAME)}{self._colon}"
            + self._listed([self._came(call) for call in one["calls"]], MOST_CALLS)
            for one in self._found.whistles
        ]
        rest = self._found.whistles_total - len(told)
        return [*told, o["more"].format(count=rest)] if rest else told

    def _came(self, call: Any) -> str:
        came = self._o["arrived"] if call["arrived_at"] else self._o["not_arrived"]
        return f"{self._of((call['name_zh'], call['name_en']))} {came}"


BROAD = frozenset(ascii_uppercase + "mw@%&")
SERVICES = ("intake", "gridsvc", "areas")
"""Actors that are parts of the service."""


def width(text: str) -> int:
    """Columns: Chinese letters and broad ones take two."""
    return sum(2 if ord(letter) > 0x2E7F or letter in BROAD else 1 for letter in text)


def cut(text: str, most: int) -> str:
    """So many Chinese letters, or twice as many narrow ones, on one line."""
    text = " ".join(text.split())
    if width(text) <= 2 * most:
        return text
    kept = list(accumulate(map(width, text)))
    return text[: bisect(kept, 2 * most)].rstrip() + "…"
