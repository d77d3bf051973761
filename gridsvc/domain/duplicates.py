"""Reports of what was reported already: of the same component, or of the same subclass near by and not long before.

A report is compared with open ones that are no duplicates themselves, so a row of reports along a street does not run
together: what counts is the distance from the first of them.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from gridsvc.errors import InputError

BY_COMPONENT, BY_PLACE = "component", "place"
MOST_METRES, MOST_MINUTES = 1_000.0, 366 * 24 * 60


@dataclass(frozen=True, kw_only=True)
class DuplicateRule:
    """How near and how soon after one another two reports of a subclass may mean one problem (one product: 50 m, 24 h).

    Within `fold_m` they mean it for sure: two positions of a vehicle's camera, each 10 m off, lie 20 m apart.
    """

    radius_m: float = 50.0
    fold_m: float = 25.0
    minutes: int = 24 * 60

    def __post_init__(self) -> None:
        if not (0 <= self.fold_m <= self.radius_m <= MOST_METRES and 0 <= self.minutes <= MOST_MINUTES):
            raise InputError(
                f"duplicates within {self.radius_m:g} m and {self.minutes} minutes, surely within {self.fold_m:g} m: "
                f"the surer distance is the shorter, at most {MOST_METRES:g} m and {MOST_MINUTES} minutes are possible"
            )


USUAL_RULE = DuplicateRule()


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """What a report may repeat: `by` the component that both mean, or by their places."""

    of: UUID
    by: str
    distance_m: float
    at: datetime
    """When that was reported."""
    sure: bool
    """Near enough to be taken for the same by a channel that folds."""

    @property
    def rank(self) -> tuple[bool, float, datetime, UUID]:
        """Lowest for the likeliest."""
        return self.by != BY_COMPONENT, self.distance_m, self.at, self.of


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A report with a place that is compared with others; x and y in metres."""

    id: UUID
    kind: str
    subclass_code: str
    component: str | None
    """The one that it means, if that is certain."""
    x: float
    y: float
    at: datetime
    rule: DuplicateRule
    folds: bool
    """Whether its channel takes what is sure for the same."""
    known: Duplicate | None
    """The likeliest open report from before this lot."""

    def duplicate_of(self, first: "Compared") -> Duplicate | None:
        """If it may be: two components that are known to differ are two problems."""
        same = self.component is not None and self.component == first.component
        differ = self.component is not None and first.component is not None and not same
        distance = math.hypot(self.x - first.x, self.y - first.y)
        apart = abs((self.at - first.at).total_seconds()) / 60
        near = distance <= self.rule.radius_m and apart <= self.rule.minutes
        if not same and (differ or not near):
            return None
        return Duplicate(
            of=first.id, by=BY_COMPONENT if same else BY_PLACE, distance_m=distance, at=first.at,
            sure=same or distance <= self.rule.fold_m,
        )  # fmt: skip


def settle(lot: Sequence[Compared]) -> dict[UUID, tuple[Duplicate, bool]]:
    """What each report may repeat, and whether it is folded into that; as if the reports had come one by one."""
    found: dict[UUID, tuple[Duplicate, bool]] = {}
    firsts = _Firsts()
    for one in lot:
        choices = [one.known, *map(one.duplicate_of, firsts.near(one))]
        best = min(filter(None, choices), key=lambda duplicate: duplicate.rank, default=None)
        folded = best is not None and best.sure and one.folds
        if best is not None:
            found[one.id] = best, folded
        if best is None or not best.sure:
            firsts.add(one)
    return found


Cell = tuple[str, str, float, int, int]


@dataclass
class _Firsts:
    """Those that surely repeat none, so they are few at any place; by component and by squares."""

    by_component: dict[tuple[str, str], list[Compared]] = field(default_factory=lambda: defaultdict(list))
    by_cell: dict[Cell, list[Compared]] = field(default_factory=lambda: defaultdict(list))

    def add(self, one: Compared) -> None:
        self.by_cell[_cell(one)].append(one)
        if one.component is not None:
            self.by_component[one.subclass_code, one.component].append(one)

    def near(self, one: Compared) -> Iterator[Compared]:
        """All that can mean the same problem, and some others."""
        if one.component is not None:
            yield from self.by_component.get((one.subclass_code, one.component), ())
        kind, subclass, width, column, row = _cell(one)
        for across in (-1, 0, 1):
            for up in (-1, 0, 1):
                yield from self.by_cell.get((kind, subclass, width, column + across, row + up), ())


def _cell(one: Compared) -> Cell:
    width = max(one.rule.radius_m, 1.0)
    return one.kind, one.subclass_code, width, math.floor(one.x / width), math.floor(one.y / width)
