"""Where a point lies: one area per kind in use.

The rule (the same in SQL and everywhere else): a point belongs to the areas within 1 mm of it. Among several of one
kind the lowest code wins; `on_boundary` says that an edge is within 1 mm, `overlap` that two areas of one kind hold
the point well inside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TOLERANCE = 0.001
"""Metres within which a point is on an edge."""


@dataclass(frozen=True, kw_only=True)
class AreaHit:
    kind: str
    area_id: int
    code: str
    name_zh: str
    name_en: str
    edge_distance: float
    """Metres to the nearest edge of the area."""
    on_boundary: bool
    overlap: bool


@dataclass(frozen=True, kw_only=True)
class NearestArea:
    """For a point outside every area of a kind: the nearest one."""

    kind: str
    code: str
    name_zh: str
    name_en: str
    distance: float


@dataclass(frozen=True, kw_only=True)
class Location:
    """The areas of a point by kind, and the nearest area for each kind that it is outside of."""

    hits: Mapping[str, AreaHit] = field(default_factory=dict)
    outside: Mapping[str, NearestArea] = field(default_factory=dict)
    unmeasured: tuple[str, ...] = ()
    """Kinds that the point is outside of too, whose nearest area was not looked for."""

    @property
    def area_ids(self) -> list[int]:
        return sorted(hit.area_id for hit in self.hits.values())

    @property
    def codes(self) -> dict[str, str]:
        """Of the area of each kind."""
        return {kind: hit.code for kind, hit in self.hits.items()}

    @property
    def nearest_codes(self) -> dict[str, str]:
        """The same, of the nearest area of kinds that the point is outside of."""
        return {**{kind: near.code for kind, near in self.outside.items()}, **self.codes}

    def as_json(self) -> dict[str, Any]:
        hits = [
            {
                "kind": hit.kind,
                "code": hit.code,
                "name_zh": hit.name_zh,
                "name_en": hit.name_en,
                "edge_distance_m": round(hit.edge_distance, 3),
                "on_boundary": hit.on_boundary,
                "overlap": hit.overlap,
            }
            for hit in self.hits.values()
        ]
        outside: list[dict[str, Any]] = [
            {
                "kind": near.kind,
                "nearest_code": near.code,
                "name_zh": near.name_zh,
                "name_en": near.name_en,
                "distance_m": round(near.distance, 3),
            }
            for near in self.outside.values()
        ]
        unknown = {"nearest_code": None, "name_zh": None, "name_en": None, "distance_m": None}
        outside += [{"kind": kind, **unknown} for kind in self.unmeasured]
        return {"areas": hits, "outside": outside}
