"""What names areas by their codes follows when codes end: duties, areas of duty, rosters."""

from datetime import datetime

import shapely

from gridsvc.domain.succession import successors
from gridsvc.store import areas, drafts, rosters
from gridsvc.store.connection import Connection

Heirs = dict[str, list[str]]
"""For a code that ended the codes of the areas that took over its ground; none if nothing did."""


def remap(conn: Connection, revision: int, at: datetime) -> None:
    """After a revision began: what named codes that it ended names their heirs from then on."""
    for kind, ended in drafts.ended_for_good(conn, revision).items():
        box = shapely.total_bounds([shape for _, shape in ended])
        there = areas.newest_areas(conn, kind, box=tuple(box))
        found = heirs(ended, [(area.code, area.geom) for area in there])
        drafts.add_succession(conn, revision, kind, found)
        drafts.pass_on_duty_areas(conn, revision, kind, list(found))
        rosters.remap(conn, kind, found, at)


def heirs(ended: list[tuple[str, object]], there: list[tuple[str, object]]) -> Heirs:
    """By ground: see `domain.succession`."""
    places = successors([shape for _, shape in ended], [shape for _, shape in there])
    return {code: [there[place][0] for place in found] for (code, _), found in zip(ended, places, strict=True)}
