"""What is known about where problems are, asked for a whole lot of reports at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from gridsvc.domain.duties import Areas, Problem
from gridsvc.domain.location import Location
from gridsvc.domain.matching import Match, match_radius
from gridsvc.domain.routing import RuleBook, Situation
from gridsvc.store.casework import Place
from gridsvc.store.connection import Connection
from gridsvc.store.locating import Locator, Reach, areas_in_reach
from gridsvc.store.matching import Sought, match_components


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a report says of the problem and its place, and the areas there."""

    problem: Problem
    place: Place | None
    location: Location | None
    at: datetime
    accuracy_m: float | None = None
    component_code: str | None = None


class Situations:
    """`accuracy_classes` of the component subclasses (CJJ/T 106), where the catalogue has one."""

    def __init__(
        self, conn: Connection, srid: int, locator: Locator, book: RuleBook, accuracy_classes: Mapping[str, str | None]
    ) -> None:
        self._conn, self._srid, self._locator, self._book = conn, srid, locator, book
        self._accuracy_classes = accuracy_classes

    def of(self, claims: Sequence[Claim]) -> list[Situation]:
        """In at most three round trips, however many claims there are."""
        matches, elsewhere = self._matches(claims), self.elsewhere(claims)
        return [
            Situation(
                location=claim.location, accuracy_m=claim.accuracy_m, elsewhere=elsewhere.get(n, ()),
                match=matches.get(n),
            )
            for n, claim in enumerate(claims)
        ]  # fmt: skip

    def _matches(self, claims: Sequence[Claim]) -> dict[int, Match]:
        sought: dict[int, Sought] = {}
        for n, claim in enumerate(claims):
            code = claim.problem.subclass_code
            if claim.place is None or claim.problem.kind != "component" or code is None:
                continue
            sought[n] = Sought(
                named=claim.component_code, subclass_code=code,
                radius_m=match_radius(self._accuracy_classes.get(code), claim.accuracy_m),
                x=claim.place[0], y=claim.place[1],
            )  # fmt: skip
        return dict(zip(sought, match_components(self._conn, self._srid, list(sought.values())), strict=True))

    def elsewhere(self, claims: Sequence[Claim]) -> dict[int, tuple[Areas, ...]]:
        """The other areas that a place may be in, as far as any rule names areas of their kind."""
        reaches = {n: reach for n, claim in enumerate(claims) if (reach := self.reach(claim)) is not None}
        if not reaches:
            return {}
        numbers = list(reaches)
        rows = areas_in_reach(self._conn, self._srid, list(reaches.values()))
        xy = np.array([place for _, place in rows], dtype=float).reshape(-1, 2)
        owners = [numbers[row] for row, _ in rows]
        found: dict[int, list[Areas]] = {n: [] for n in numbers}
        located = self._locator.areas(xy[:, 0], xy[:, 1], [claims[n].at for n in owners])
        for n, areas in zip(owners, located, strict=True):
            there = self._ruled({kind: code for kind, (_, code) in areas.items()})
            location = claims[n].location
            if location is not None and there != self._ruled(location.codes) and there not in found[n]:
                found[n].append(there)
        return {n: tuple(areas) for n, areas in found.items()}

    def _ruled(self, areas: Areas) -> Areas:
        return {kind: code for kind, code in areas.items() if kind in self._book.area_kinds}

    def reach(self, claim: Claim) -> Reach | None:
        """None if the place is surely in the areas that hold it, or nothing depends on them."""
        location, reach = claim.location, claim.accuracy_m
        if claim.place is None or location is None or not location.hits or not reach:
            return None
        kind = self._book.finest(location)
        if claim.problem.class_code is None or not self._book.area_kinds or kind is None:
            return None
        hit = location.hits.get(kind)
        if hit is not None and hit.edge_distance > reach:
            return None
        return Reach(kind=kind, x=claim.place[0], y=claim.place[1], metres=reach, at=claim.at)
