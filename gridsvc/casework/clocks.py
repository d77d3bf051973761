"""When a problem is due, and why: the limit of its condition, and when the city works."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gridsvc.domain.calendar import Calendar, CalendarDay, Span, next_day
from gridsvc.domain.catalogue import KINDS
from gridsvc.domain.clock import Limit, due_at, running_spans
from gridsvc.domain.limits import Chosen, ClockRules, Stage, limit_for
from gridsvc.domain.reports import check_moment
from gridsvc.errors import NotFoundError, one_of
from gridsvc.store import clocks
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

UNIT_WORDS = {
    "urgent_hours": ("个紧急工作时", "urgent hours"),
    "work_hours": ("个工作时", "working hours"),
    "work_days": ("个工作日", "working days"),
    "natural_hours": ("小时", "hours"),
    "natural_days": ("个自然日", "days"),
}


@dataclass(frozen=True, kw_only=True)
class Due:
    """Times are the city's."""

    kind: str
    subclass_code: str
    subclass_zh: str
    subclass_en: str
    profile: str
    """Whose limit it is: the default one where the city's has none for the subclass."""
    chosen: Chosen
    begin: datetime
    due_at: datetime
    spans: list[Span]
    """When the limit runs."""
    special_days: list[CalendarDay]
    """Between begin and due: holidays, make-up workdays and what the city itself decided."""
    stages: dict[Stage, datetime]
    """Each counted from the begin."""

    def as_json(self) -> dict[str, Any]:
        limit = self.chosen.limit
        return {
            "kind": self.kind,
            "subclass_code": self.subclass_code,
            "subclass_zh": self.subclass_zh,
            "subclass_en": self.subclass_en,
            "begin": self.begin.isoformat(),
            "due_at": self.due_at.isoformat(),
            "limit": {
                "value": limit.limit_value,
                "unit": limit.limit_unit,
                "condition_zh": limit.condition_zh,
                "condition_en": limit.condition_en,
                "closing_zh": limit.closing_zh,
                "source": limit.source,
                "profile": self.profile,
                "provisional": self.chosen.provisional,
            },
            "spans": [{"begin": begin.isoformat(), "end": end.isoformat()} for begin, end in self.spans],
            "special_days": [
                {"day": d.day.isoformat(), "workday": d.workday, "name_zh": d.name_zh, "name_en": d.name_en}
                for d in self.special_days
            ],
            "stages": {stage.value: at.isoformat() for stage, at in self.stages.items()},
            "explanation": {"zh": self.told(zh=True), "en": self.told(zh=False)},
        }

    def told(self, *, zh: bool) -> str:
        """Why, in one sentence."""
        limit, words = self.chosen.limit, UNIT_WORDS[self.chosen.limit.limit_unit]
        begin, due = (f"{at:%Y-%m-%d %H:%M}" for at in (self.begin, self.due_at))
        if zh:
            said = "（未说明情形，按最短时限暂定）" if self.chosen.provisional else ""
            length = f"{limit.limit_value} {words[0]}"
            return f"{self.subclass_zh}，{limit.condition_zh}{said}：{begin} 起 {length}，应于 {due} 前完成"
        said = (
            " (provisional: no condition was said, and this is the shortest limit)" if self.chosen.provisional else ""
        )
        length = f"{limit.limit_value} {words[1]}"
        return f"{self.subclass_en}, {limit.condition_en}{said}: {length} from {begin} are due at {due}"


def when_due(
    conn: Connection, city: City, kind: str, subclass_code: str, condition: str | None, begin: datetime
) -> Due:
    """Raises NotFoundError for a subclass that is not in the catalogue or has no limit, InputError for a condition that
    it does not have, and for a year whose holidays are not known."""
    if kind not in KINDS:
        raise one_of("kind", kind, list(KINDS), zh="类型")
    check_moment("the time", begin)
    names = clocks.subclass_names(conn, kind, subclass_code)
    if names is None:
        raise NotFoundError(
            f"{kind} subclass {subclass_code!r} is not in the catalogue", zh=f"目录中没有小类“{subclass_code}”"
        )
    calendar, rules = clocks.clocks(conn, city)
    profile, limits = clocks.limits_of(conn, kind, subclass_code, rules.profile)
    chosen = limit_for(limits, condition)
    return Due(
        kind=kind,
        subclass_code=subclass_code,
        subclass_zh=names[0],
        subclass_en=names[1],
        profile=profile,
        chosen=chosen,
        **_times(begin, chosen.runs, calendar, rules),
    )


def _times(begin: datetime, limit: Limit, calendar: Calendar, rules: ClockRules) -> dict[str, Any]:
    """Fields of Due."""
    due, zone = due_at(begin, limit, calendar), calendar.zone
    stages = {stage: due_at(begin, rules.stage_limit(stage, limit), calendar) for stage in Stage}
    spans = running_spans(begin, due, limit.unit, calendar)
    return {
        "begin": begin.astimezone(zone).replace(second=0, microsecond=0),
        "due_at": due.astimezone(zone),
        "spans": [(first.astimezone(zone), last.astimezone(zone)) for first, last in spans],
        "special_days": _special(begin, due, calendar) if limit.unit.works else [],
        "stages": {stage: at.astimezone(zone) for stage, at in stages.items()},
    }


def _special(begin: datetime, due: datetime, calendar: Calendar) -> list[CalendarDay]:
    day, last = calendar.day_of(begin), calendar.day_of(due - timedelta(minutes=1))
    found = []
    while day <= last:
        if decided := calendar.decided(day):
            found.append(decided)
        day = next_day(day)
    return found
