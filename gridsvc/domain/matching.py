"""Which component a report means, and who answers for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridsvc.domain.components import SIGMA

FALLBACK_RULE = "component:fallback"
"""Of a component whose owner is unknown."""
LEAST_EXACT = "C"
"""Accuracy class where the catalogue gives none."""


@dataclass(frozen=True, kw_only=True)
class Parties:
    """Who is responsible, and the name of the rule that says so."""

    lead: str
    co_operating: tuple[str, ...]
    supervising: tuple[str, ...]
    rule: str

    @property
    def who(self) -> tuple[str, frozenset[str], frozenset[str]]:
        return self.lead, frozenset(self.co_operating), frozenset(self.supervising)

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "lead": self.lead,
            "co_operating": list(self.co_operating),
            "supervising": list(self.supervising),
        }


@dataclass(frozen=True, kw_only=True)
class NearComponent:
    """A component that a report may mean; `distance_m` in metres from the reported place."""

    component_code: str
    subclass_code: str
    state: str
    authority: str | None
    owner: str | None
    maintainer: str | None
    distance_m: float


@dataclass(frozen=True, kw_only=True)
class Match:
    """What a report of a component can mean.

    `found`: nearest first, the one that is named or those within the radius (at least the two nearest, and the nearest
    of each that differs in authority, owner or maintainer).
    """

    named: str | None
    """The code that the report gives."""
    radius_m: float
    found: tuple[NearComponent, ...] = ()

    @property
    def sure(self) -> NearComponent | None:
        """The one that is named, or the only one that can be meant; None if a code is named that there is not."""
        first = self.found[0] if self.found else None
        if first is None or (self.named is None and len(self.found) > 1):
            return None
        return first if self.named in (None, first.component_code) else None

    def as_json(self) -> dict[str, Any]:
        return {
            "named": self.named,
            "radius_m": round(self.radius_m, 3),
            "found": [{**vars(component), "distance_m": round(component.distance_m, 3)} for component in self.found],
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> "Match":
        """As an explanation tells it."""
        found = tuple(NearComponent(**component) for component in told["found"])
        return cls(named=told["named"], radius_m=told["radius_m"], found=found)


def match_radius(accuracy_class: str | None, accuracy_m: float | None) -> float:
    """Metres within which a component of that accuracy class (CJJ/T 106) may be the reported one."""
    return 2 * SIGMA[accuracy_class or LEAST_EXACT] + (accuracy_m or 0.0)


def parties_of(component: NearComponent, on_platform: Mapping[str, bool], fallback: str | None) -> Parties | None:
    """Who answers for a component, wherever it stands; None if nobody does and there is no fallback department.

    Lead: the maintainer if it works on the platform, else the owner if it does, else the authority, which always
    supervises. With an owner that is not known the fallback department acts first. `on_platform`: of each department;
    whatever else surveys write is no department.
    """
    authority, owner, maintainer = (
        code if code in on_platform else None for code in (component.authority, component.owner, component.maintainer)
    )
    supervising = (authority,) if authority else ()
    others = tuple(dict.fromkeys(code for code in (maintainer, owner) if code))
    if owner is not None:
        ranked = (("maintainer", maintainer), ("owner", owner), ("authority", authority))
        for role, code in ranked:
            if code and (role == "authority" or on_platform[code]):
                rest = tuple(other for other in others if other not in (code, authority))
                return Parties(lead=code, co_operating=rest, supervising=supervising, rule=f"component:{role}")
    if fallback is None:
        return None
    rest = tuple(code for code in others if owner and code != fallback)
    return Parties(lead=fallback, co_operating=rest, supervising=supervising, rule=FALLBACK_RULE)
