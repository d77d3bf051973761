"""Which components reports may mean: one question for a whole lot of reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gridsvc.domain.matching import Match, NearComponent
from gridsvc.store.casework import ReportFilter
from gridsvc.store.connection import Connection
from gridsvc.store.rows import dicts, tuples


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What a report says of the component that it means; x and y in the city's CRS, the radius in metres."""

    named: str | None
    subclass_code: str
    radius_m: float
    x: float
    y: float


def match_components(conn: Connection, srid: int, sought: Sequence[Sought]) -> list[Match]:
    """One match for each: as far as the caller may see components."""
    found: list[list[NearComponent]] = [[] for _ in sought]
    for n, code, subclass, state, authority, owner, maintainer, distance in tuples(
        conn, "components_to_match", srid=srid, code=[one.named for one in sought],
        subclass_code=[one.subclass_code for one in sought], radius=[one.radius_m for one in sought],
        x=[one.x for one in sought], y=[one.y for one in sought],
    ) if sought else ():  # fmt: skip
        found[n].append(
            NearComponent(
                component_code=code, subclass_code=subclass, state=state, authority=authority, owner=owner,
                maintainer=maintainer, distance_m=distance,
            )
        )  # fmt: skip
    return [
        Match(named=one.named, radius_m=one.radius_m, found=tuple(near))
        for one, near in zip(sought, found, strict=True)
    ]


def matches_by_subclass(conn: Connection, channel: str | None, chosen: ReportFilter) -> list[dict[str, Any]]:
    """How often reports about components found one, and how far off in metres, by the newest decision of each.

    `widest_m`: the widest reach that any of them had.
    """
    return dicts(conn, "matches_by_subclass", channel=channel, **chosen.values())
