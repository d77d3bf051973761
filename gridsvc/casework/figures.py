"""Figures of performance asked for: checked, counted, named; as data and as a table for a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from gridsvc.domain.case_states import LANE_NAMES
from gridsvc.domain.catalogue import KINDS
from gridsvc.domain.figures import FIGURES, GROUPS, Figure, Period, periods
from gridsvc.errors import InputError, one_of
from gridsvc.files import OutLayer
from gridsvc.store import areas, audit
from gridsvc.store import city as cities
from gridsvc.store.city import City
from gridsvc.store.clocks import subclass_names
from gridsvc.store.connection import Connection
from gridsvc.store.figures import Counted, Cut
from gridsvc.store.figures import figures as counted

LANGUAGES = ("zh", "en")
NAMED = {figure.name: figure for figure in FIGURES}
Shown = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Question:
    """`first`, `last`: days in the city's time; none: from the first of this month, to today. `every`: one row for each
    day, week, month or year; none: one for all days."""

    cut: Cut
    first: date | None = None
    last: date | None = None
    every: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    question: Question
    now: datetime
    """In the city's time."""
    periods: list[Period]
    counted: list[Counted]

    def as_json(self) -> Shown:
        cut = self.question.cut
        return {
            "from": self.periods[0].first,
            "to": self.periods[-1].last,
            "as_of": self.now,
            "by": cut.by,
            "area_kind": cut.area_kind,
            "every": self.question.every,
            "figures": [figure.as_json() for figure in FIGURES],
            "rows": list(self._rows()),
        }

    def _rows(self) -> Iterator[Shown]:
        for (key, number), group in groupby(self.counted, lambda one: (one.key, one.number)):
            found = list(group)
            period = self.periods[number - 1]
            zh, en = _names(self.question.cut, found[0])
            yield {
                "key": key,
                "name_zh": zh,
                "name_en": en,
                "from": period.first,
                "to": period.last,
                "figures": _told(found),
            }


def ask(conn: Connection, city: City, question: Question, now: datetime | None = None) -> Answer:
    """Raises InputError for anything that does not exist, or whose day is yet to come."""
    _check(conn, question.cut)
    local = (now or datetime.now(UTC)).astimezone(ZoneInfo(city.time_zone))
    last = question.last or max(local.date(), question.first or local.date())
    first = question.first or min(last, local.date()).replace(day=1)
    found = periods(first, last, question.every, ZoneInfo(city.time_zone), local)
    return Answer(question=question, now=local, periods=found, counted=counted(conn, question.cut, found))


def _check(conn: Connection, cut: Cut) -> None:
    if cut.by not in GROUPS:
        raise one_of("by", cut.by, list(GROUPS), zh="统计口径")
    kinds = [kind.kind for kind in areas.kinds_in_use(conn)]
    needs_kind = cut.by == "area" or cut.area_code is not None
    if needs_kind and cut.area_kind not in kinds:
        raise one_of("area_kind", cut.area_kind or "", kinds, zh="区域类型")
    if cut.area_kind and not needs_kind:
        raise InputError("area_kind goes with by=area or with area_code", zh="area_kind 须与 by=area 或 area_code 同用")
    if cut.area_code is not None and cut.area_code not in areas.codes_ever(conn, cut.area_kind or ""):
        raise InputError(
            f"there is no {cut.area_kind} with the code {cut.area_code!r}", zh=f"没有编码为“{cut.area_code}”的区域"
        )
    _check_problem(conn, cut)
    if cut.lane is not None and cut.lane not in LANE_NAMES:
        raise one_of("lane", cut.lane, list(LANE_NAMES), zh="处置方式")
    if cut.department is not None and all(one.code != cut.department for one in cities.departments(conn)):
        raise InputError(f"there is no department {cut.department!r}", zh=f"没有代码为“{cut.department}”的部门")


def _check_problem(conn: Connection, cut: Cut) -> None:
    if cut.kind is not None and cut.kind not in KINDS:
        raise one_of("kind", cut.kind, list(KINDS), zh="类型")
    if cut.subclass_code is None:
        return
    if cut.kind is None:
        raise InputError("a subclass_code goes with its kind, component or event", zh="小类须与类型一并给出")
    if subclass_names(conn, cut.kind, cut.subclass_code) is None:
        raise InputError(
            f"{cut.kind} subclass {cut.subclass_code!r} is not in the catalogue",
            zh=f"目录中没有小类“{cut.subclass_code}”",
        )


def _names(cut: Cut, one: Counted) -> tuple[str, str]:
    if cut.by == "all":
        return GROUPS["all"]
    if one.key is None:
        return "（无）", "none"
    if cut.by == "lane":
        return LANE_NAMES[one.key]
    return one.name_zh or one.key, one.name_en or one.key


def _told(found: Sequence[Counted]) -> dict[str, Shown]:
    """All figures; one of which nothing was due has no value."""
    by_name = {one.figure: one for one in found}
    return {figure.name: _one(figure, by_name.get(figure.name)) for figure in FIGURES}


def _one(figure: Figure, one: Counted | None) -> Shown:
    due, good = (one.due, one.good) if one else (0, 0)
    if figure.minutes:
        median, p90 = one.minutes if one else (None, None)
        return {"count": due, "median": _rounded(median), "p90": _rounded(p90)}
    return {"numerator": good, "denominator": due, "value": good / due if due else None}


def _rounded(minutes: float | None) -> float | None:
    return None if minutes is None else round(minutes, 1)


HEADINGS = {
    "key": "代码", "name": "名称", "from": "起始日期", "to": "截止日期", "figure": "指标", "numerator": "分子",
    "denominator": "分母", "percent": "比率（%）", "median_minutes": "中位数（分钟）",
    "p90_minutes": "90 百分位数（分钟）", "formula": "公式",
}  # fmt: skip


def figures_layer(conn: Connection, city: City, answer: Answer, lang: str = LANGUAGES[0]) -> OutLayer:
    """One row for each figure of a group in a period. That they were taken out is recorded."""
    if lang not in LANGUAGES:
        raise one_of("language", lang, list(LANGUAGES), zh="语言")
    told = answer.as_json()
    rows = [_row(row, name, found, lang) for row in told["rows"] for name, found in row["figures"].items()]
    columns = {
        zh if lang == "zh" else field: pa.array([row[field] for row in rows], _kind(field))
        for field, zh in HEADINGS.items()
    }
    days = {"from": told["from"].isoformat(), "to": told["to"].isoformat()}
    audit.record(conn, "export.figures", f"{len(rows)} figures", after={"by": told["by"], **days, "rows": len(rows)})
    return OutLayer(name="figures", columns=columns, geometry=np.full(len(rows), None, object), srid=city.srid)


def _row(row: Shown, name: str, found: Shown, lang: str) -> Shown:
    figure, value = NAMED[name], found.get("value")
    return {
        "key": row["key"],
        "name": row[f"name_{lang}"],
        "from": row["from"].isoformat(),
        "to": row["to"].isoformat(),
        "figure": figure.zh if lang == "zh" else figure.en,
        "numerator": found.get("numerator"),
        "denominator": found.get("denominator", found.get("count")),
        "percent": None if value is None else round(100 * value, 2),
        "median_minutes": found.get("median"),
        "p90_minutes": found.get("p90"),
        "formula": figure.formula_zh if lang == "zh" else figure.formula_en,
    }


def _kind(field: str) -> pa.DataType:
    if field in ("numerator", "denominator"):
        return pa.int64()
    return pa.float64() if field in ("percent", "median_minutes", "p90_minutes") else pa.string()
