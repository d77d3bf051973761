"""When cases are due: limits, working calendar and the city's rules of clocks in one immutable object."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gridsvc.domain.calendar import Calendar
from gridsvc.domain.catalogue import TimeLimit
from gridsvc.domain.clock import Clock, Limit, Pause, Unit, due_at, working_minutes
from gridsvc.domain.limits import Chosen, ClockRules, Stage, limit_for
from gridsvc.errors import GridsvcError, InputError, NotFoundError

Limits = Mapping[tuple[str, str], Sequence[TimeLimit]]
"""By kind and subclass."""
STAGE_OF = {
    "registered": Stage.DISPATCH, "returned": Stage.DISPATCH, "dispatched": Stage.ACCEPT, "disposed": Stage.VERIFY,
    "self_disposed": Stage.VERIFY, "verifying": Stage.VERIFY,
}  # fmt: skip
"""What is to happen next to a case in a state, within a time of its own."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """The clock of a disposal, and when it is due; if that cannot be told, the reason."""

    condition: str | None = None
    """In Chinese."""
    clock: Clock | None = None
    due_at: datetime | None = None
    provisional: bool = False
    reason: str | None = None

    @property
    def limit(self) -> Limit | None:
        return self.clock.limit if self.clock else None


class Clocks:
    """Good for as long as catalogue, calendar and rules stay as they are."""

    def __init__(self, calendar: Calendar, rules: ClockRules, limits: Limits) -> None:
        self.calendar, self.rules, self._limits = calendar, rules, limits
        self._found: dict[tuple[str | None, str | None, str | None], tuple[Chosen, Limit]] = {}

    def start(self, kind: str | None, subclass_code: str | None, condition: str | None, begin: datetime) -> Timing:
        """Never raises: a case is registered whether or not its limit is known."""
        try:
            chosen, limit = self._known(kind, subclass_code, condition)
        except GridsvcError as error:
            return Timing(reason=str(error))
        clock = Clock(begin=begin, limit=limit)
        due, reason = self.due(clock)
        return Timing(
            condition=chosen.limit.condition_zh, clock=clock, due_at=due, provisional=chosen.provisional, reason=reason
        )

    def limit(self, kind: str | None, subclass_code: str | None, condition: str | None) -> Limit | None:
        """None if it is not known."""
        try:
            return self._known(kind, subclass_code, condition)[1]
        except GridsvcError:
            return None

    def _known(self, kind: str | None, subclass_code: str | None, condition: str | None) -> tuple[Chosen, Limit]:
        key = kind, subclass_code, condition
        if key not in self._found:
            chosen = self.chosen(kind, subclass_code, condition)
            self._found[key] = chosen, chosen.runs
        return self._found[key]

    def chosen(self, kind: str | None, subclass_code: str | None, condition: str | None) -> Chosen:
        """Raises NotFoundError if the subclass has no limit, InputError if it has not this condition."""
        found = self._limits.get((kind or "", subclass_code or ""))
        if not found:
            raise NotFoundError(
                f"{kind} {subclass_code} has no time limit in the catalogue in force",
                zh=f"现行目录中小类 {subclass_code} 未设处置时限",
            )
        return limit_for(found, condition)

    def due(self, clock: Clock) -> tuple[datetime | None, str | None]:
        """When, or why it cannot be told. Both None: the clock stands."""
        try:
            return clock.due_at(self.calendar), None
        except InputError as error:
            return None, str(error)

    def stage_due(self, stage: Stage, disposal: Limit | None, begin: datetime) -> datetime | None:
        """`disposal`: the limit of it, if there is one. None if the calendar does not know the year."""
        limit = self.rules.stage_limit(stage, disposal or Limit(value=1, unit=Unit.WORK_HOURS))
        try:
            return due_at(begin, limit, self.calendar)
        except InputError:
            return None

    def may_return(self, given_at: datetime, at: datetime) -> bool:
        """In a year that the calendar does not know, hours of every day count."""
        try:
            passed = working_minutes(given_at, at, self.calendar)
        except InputError:
            passed = int((at - given_at).total_seconds() // 60)
        return passed <= self.rules.return_minutes

    def sampled(self, case_id: int) -> bool:
        """Whether a self-disposed case is verified before it is closed: always the same answer for the same case."""
        digest = hashlib.sha256(f"case {case_id}".encode()).digest()
        return int.from_bytes(digest[:4], "big") % 100 < self.rules.sample_percent


def limit_of(given: Mapping[str, Any]) -> Limit:
    """Of `{"value": 2, "unit": "work_days"}`."""
    try:
        return Limit(value=int(given["value"]), unit=Unit(given["unit"]))
    except (KeyError, ValueError, TypeError) as error:
        units = ", ".join(unit.value for unit in Unit)
        raise InputError(
            f'a limit is written as {{"value": 2, "unit": "work_days"}}; units are {units}',
            zh=f"时限须写明数值和单位，单位可为：{units}",
        ) from error


def limit_json(limit: Limit) -> dict[str, Any]:
    return {"value": limit.value, "unit": limit.unit.value}


def clock_json(clock: Clock) -> dict[str, Any]:
    """As it is kept with a case."""
    return {
        "begin": clock.begin.isoformat(),
        "limit": limit_json(clock.limit),
        "extensions": [limit_json(extension) for extension in clock.extensions],
        "pauses": [
            {"begin": pause.begin.isoformat(), "end": pause.end.isoformat() if pause.end else None}
            for pause in clock.pauses
        ],
    }


def clock_of(kept: Mapping[str, Any]) -> Clock:
    return Clock(
        begin=datetime.fromisoformat(kept["begin"]),
        limit=limit_of(kept["limit"]),
        extensions=tuple(map(limit_of, kept["extensions"])),
        pauses=tuple(
            Pause(
                begin=datetime.fromisoformat(pause["begin"]),
                end=datetime.fromisoformat(pause["end"]) if pause["end"] else None,
            )
            for pause in kept["pauses"]
        ),
    )
