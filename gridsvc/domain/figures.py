"""Figures of performance (GB/T 30428.4): what is counted of what, over which periods.

The denominator is what was due (应), not all: the limit falls in the period, or it was finished in it. Everything is
judged as it stood when the period ended, so that the figures of a period that is over do not change any more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from gridsvc.domain.case_states import ASIDE, REMOVED
from gridsvc.domain.reports import days_between
from gridsvc.errors import InputError, one_of

FINISHED = (*sorted(REMOVED), "closed")
"""States in which the problem is removed, as far as anybody knows."""
EXCLUDED = (*sorted(ASIDE), "voided", "merged")
"""States of cases that are not due: 挂起, 挂账, 作废, 并案."""
WRONG = ("return", "redispatch")
"""How a dispatch to the wrong body ends."""
GROUPS = {
    "all": ("全部", "all"),
    "department": ("部门", "department"),
    "area": ("区域", "area"),
    "subclass": ("小类", "subclass"),
    "lane": ("处置方式", "lane"),
    "rule": ("分派规则", "routing rule"),
}
EVERY = {"day": 1, "week": 7, "month": 31, "year": 366}
"""Lengths of periods, and at most how many days one has."""
MOST_PERIODS = 400
_DUE = ("应处置数", "due for disposal")
_TO_CLOSE = ("应结案数", "due for closing")
_SELF = ("自行处置应处置数", "self-handled due for disposal")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A share of what was due; or with `minutes` a length of time, whose median and 90th percentile are told."""

    name: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    minutes: bool = False

    def as_json(self) -> dict[str, str]:
        return {
            "figure": self.name,
            "name_zh": self.zh,
            "name_en": self.en,
            "formula_zh": self.formula_zh,
            "formula_en": self.formula_en,
            "unit": "minutes" if self.minutes else "share",
        }


def _share(name: str, zh: str, en: str, good: tuple[str, str], due: tuple[str, str]) -> Figure:
    pairs = zip(good, due, strict=True)
    formula_zh, formula_en = (f"{above} / {below}" for above, below in pairs)
    return Figure(name=name, zh=zh, en=en, formula_zh=formula_zh, formula_en=formula_en)


def _stage(name: str, zh: str, en: str) -> Figure:
    done = (f"时限内{zh}数", f"{en} within the limit")
    return _share(f"{name}_in_time", f"按期{zh}率", f"{en} in time", done, (f"应{zh}数", f"due to be {en}"))


def _time(name: str, zh: str, en: str) -> Figure:
    pair = (f"{zh}分钟数的中位数、90 百分位数", f"median and 90th percentile of the minutes of: {en}")
    return Figure(name=name, zh=zh, en=en, formula_zh=pair[0], formula_en=pair[1], minutes=True)


FIGURES = (
    _share("disposal", "处置率", "disposal", ("处置数", "disposed"), _DUE),
    _share(
        "disposal_in_time", "按期处置率", "disposal in time", ("按期处置数", "disposed in time"),
        ("应处置数（有时限的）", "due for disposal, with a limit"),
    ),
    _share("closing", "结案率", "closing", ("结案数", "closed"), _TO_CLOSE),
    _share(
        "closing_in_time", "按期结案率", "closing in time",
        ("按期处置并结案数", "closed, and disposed of in time"),
        ("应结案数（有时限的）", "due for closing, with a limit"),
    ),
    _share("rework", "返工率", "rework", ("返工案件数", "verification failed"), _TO_CLOSE),
    _share("extension", "延期率", "extension", ("延期案件数", "extended"), _DUE),
    _share("overdue_open", "超期待处置率", "overdue and open", ("超期待处置数", "overdue and open"), _DUE),
    _share(
        "correct_dispatch", "准确派遣率", "correct dispatch",
        ("准确派遣数（未退回、未改派）", "dispatches neither returned nor made again"),
        ("应派遣数", "due for dispatch"),
    ),
    _share(
        "first_dispatch", "首次派遣准确率", "first dispatch right",
        ("首次派遣后从未退回、改派的案件数", "first dispatches neither returned nor made again"),
        ("首次派遣的案件数", "first dispatches"),
    ),
    _share("return", "退回率", "return", ("退回的派遣数", "dispatches returned"), ("派遣数", "dispatches")),
    _stage("confirm", "核实", "confirmed"),
    _stage("register", "立案", "registered or rejected"),
    _stage("dispatch", "派遣", "dispatched"),
    _stage("accept", "签收", "accepted"),
    _stage("verify", "核查", "verified"),
    _share(
        "valid_reports", "有效上报率", "valid reports", ("立案的上报数", "reports registered"), ("上报数", "reports")
    ),
    _share(
        "automatic", "自动分派率", "automatic routing",
        ("首次分派无需人工的上报数", "reports first routed without a person"), ("上报数", "reports"),
    ),
    _share("self_disposal", "自行处置完成率", "self-handled disposal", ("自行处置数", "self-disposed"), _SELF),
    _share(
        "self_in_time", "自行处置按期率", "self-handled in time", ("按期自行处置数", "self-disposed in time"),
        ("自行处置应处置数（有时限的）", "self-handled due for disposal, with a limit"),
    ),
    _stage("whistle", "报到", "arrived after a whistle"),
    _time("report_to_accepted", "上报至签收", "report to acceptance"),
    _time("report_to_disposed", "上报至处置", "report to disposal"),
    _time("whistle_to_arrival", "吹哨至报到", "whistle to arrival"),
)  # fmt: skip
"""Self-handled cases are counted apart: in their own two figures, in those of reports and in times, and in no other."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """`until` is exclusive, and not later than now: what is yet to come is due to nobody."""

    first: date
    last: date
    begin: datetime
    until: datetime


def periods(first: date, last: date, every: str | None, zone: tzinfo, now: datetime) -> list[Period]:
    """From the first day to the last in the city's time, whole or cut at the ends of days, weeks, months or years.

    Those that have not begun are left out. Raises InputError if none has, or for more than MOST_PERIODS.
    """
    if every is not None and every not in EVERY:
        raise one_of("every", every, list(EVERY), zh="统计周期")
    days_between(first, last, zone)
    today = min(last, now.astimezone(zone).date())
    if first > today:
        raise InputError(f"the first day {first} is yet to come", zh=f"起始日期 {first} 尚未到来")
    if every and (today - first).days > (MOST_PERIODS - 1) * EVERY[every]:
        raise InputError(
            f"from {first} to {last} there are more than {MOST_PERIODS} periods; choose longer ones, or fewer days",
            zh=f"{first} 至 {last} 超过 {MOST_PERIODS} 个统计周期，请选用较长的周期或缩短日期范围",
        )
    return [_period(begin, end, zone, now) for begin, end in _cut(first, last, every) if begin <= today]


def _cut(first: date, last: date, every: str | None) -> Iterator[tuple[date, date]]:
    while first <= last:
        end = min(last, _last_of(first, every) if every else last)
        yield first, end
        first = end + timedelta(days=1)


def _last_of(day: date, every: str) -> date:
    match every:
        case "day":
            return day
        case "week":
            return day + timedelta(days=6 - day.weekday())
        case "month":
            return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        case _:
            return day.replace(month=12, day=31)


def _period(first: date, last: date, zone: tzinfo, now: datetime) -> Period:
    begin, end = days_between(first, last, zone)
    assert begin is not None
    assert end is not None
    return Period(first=first, last=last, begin=begin, until=min(end, now))
