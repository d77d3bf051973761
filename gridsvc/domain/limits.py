"""Which limit holds: of a condition of a subclass, of a stage before and after disposal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, unique

from gridsvc.domain.catalogue import TimeLimit
from gridsvc.domain.clock import Limit, Rework, Unit
from gridsvc.errors import InputError, NotFoundError, one_of

DEFAULT_PROFILE = "default"
MINUTES_OF_LENGTH = {
    Unit.URGENT_MINUTES: 1, Unit.URGENT_HOURS: 60, Unit.WORK_MINUTES: 1, Unit.WORK_HOURS: 60, Unit.WORK_DAYS: 480,
    Unit.NATURAL_HOURS: 60, Unit.NATURAL_DAYS: 1440,
}  # fmt: skip
"""To tell which of two limits is shorter whenever they begin: what runs always is shorter than as much work."""


@unique
class Stage(StrEnum):
    """What happens within a time beside the disposal itself."""

    ACCEPT = "accept"
    DISPATCH = "dispatch"
    CONFIRM = "confirm"
    REGISTER = "register"
    VERIFY = "verify"


USUAL_STAGES: Mapping[Stage, int] = {
    Stage.ACCEPT: 15, Stage.DISPATCH: 15, Stage.CONFIRM: 30, Stage.REGISTER: 15, Stage.VERIFY: 30,
}  # fmt: skip
"""Minutes."""
RETURN_MINUTES, SAMPLE_PERCENT, WARN_MINUTES, WHISTLE_MINUTES = 120, 10, 60, 30
"""Ours: no standard that we have read sets them."""
STATUTORY_DAYS = 3
"""So many days before the statutory date of an enforcement case it is warned of. Ours, too."""


@dataclass(frozen=True, kw_only=True)
class ClockRules:
    """What a city decides on clocks."""

    profile: str = DEFAULT_PROFILE
    """Of limits per condition; the default one holds for what another leaves out."""
    rework: Rework = Rework.FIRST_LIMIT
    stages: Mapping[Stage, int] = field(default_factory=lambda: USUAL_STAGES)
    return_minutes: int = RETURN_MINUTES
    """Working minutes after it was dispatched to, in which a department may return a case."""
    sample_percent: int = SAMPLE_PERCENT
    """Of self-disposed cases, which are verified before they are closed."""
    warn_minutes: int = WARN_MINUTES
    """So long before it is due a case is warned of."""
    whistle_minutes: int = WHISTLE_MINUTES
    """In which a department that is called to a place arrives; they run always."""

    def __post_init__(self) -> None:
        for minutes in (*self.stages.values(), self.return_minutes, self.warn_minutes, self.whistle_minutes):
            Limit(value=minutes, unit=Unit.WORK_MINUTES)
        if not 0 <= self.sample_percent <= 100:
            raise InputError(f"a sample of {self.sample_percent} % is not between 0 and 100 %")

    def stage_limit(self, stage: Stage, disposal: Limit) -> Limit:
        """It runs always if the disposal is urgent, else while the city works."""
        unit = Unit.URGENT_MINUTES if disposal.unit.urgent else Unit.WORK_MINUTES
        return Limit(value={**USUAL_STAGES, **self.stages}[stage], unit=unit)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The limit that holds, and whether it is provisional: the condition was not said, and this is the shortest."""

    limit: TimeLimit
    provisional: bool

    @property
    def runs(self) -> Limit:
        return Limit(value=self.limit.limit_value, unit=Unit(self.limit.limit_unit))


def limit_for(limits: Sequence[TimeLimit], condition: str | None) -> Chosen:
    """Of the limits of one subclass.

    `condition`: its Chinese or English text, or a part of it that only one has. Without one the shortest limit holds.
    Raises NotFoundError if there is no limit at all, InputError for a condition that there is not.
    """
    if not limits:
        raise NotFoundError("the subclass has no time limit", zh="该小类未设处置时限")
    if condition is None:
        return Chosen(limit=min(limits, key=_length), provisional=len(limits) > 1)
    exact = [limit for limit in limits if condition in (limit.condition_zh, limit.condition_en)]
    parts = [limit for limit in limits if _holds(limit, condition)]
    found = exact or parts
    if len(found) != 1:
        texts = [f"{limit.condition_zh} ({limit.condition_en})" for limit in parts or limits]
        raise one_of("condition", condition, texts, zh="情形")
    return Chosen(limit=found[0], provisional=False)


def _length(limit: TimeLimit) -> tuple[int, bool]:
    unit = Unit(limit.limit_unit)
    return limit.limit_value * MINUTES_OF_LENGTH[unit], unit.works


def _holds(limit: TimeLimit, text: str) -> bool:
    return bool(text.strip()) and any(
        text.strip().casefold() in said.casefold() for said in (limit.condition_zh, limit.condition_en)
    )
