"""Areas that are tried before they count: where places lie by a revision or a draft, and who takes over from whom."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import shapely

from gridsvc.areas.apply import waiting_draft
from gridsvc.areas.changes import prepared
from gridsvc.areas.moves import Compared, compared
from gridsvc.areas.remapping import heirs
from gridsvc.domain.crs import FloatArray
from gridsvc.domain.duties import Ground, Heirs
from gridsvc.domain.grid_cells import OUTSIDE
from gridsvc.domain.location import AreaHit, Location, NearestArea
from gridsvc.store import areas, drafts
from gridsvc.store.areas import AsOf
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.drafts import Change
from gridsvc.store.locating import grid_index

Locate = Callable[[FloatArray, FloatArray], Sequence[Location]]
"""Takes x and y in the city's CRS."""


def by_revision(conn: Connection, revision: int) -> tuple[Locate, Heirs]:
    """As a revision left the areas, begun or not; heirs of those that are still to begin, which the store lacks.

    The caller's transaction keeps the areas.
    """
    when = areas.known(conn, AsOf(revision=revision))
    found: dict[Ground, list[str]] = defaultdict(list)
    for waiting in areas.revisions_to_begin(conn, revision):
        for kind, ended in drafts.ended_for_good(conn, waiting).items():
            box = shapely.total_bounds([shape for _, shape in ended])
            there = [(area.code, area.geom) for area in areas.newest_areas(conn, kind, box=tuple(box))]
            for code, successors in heirs(ended, there).items():
                found[kind, code] += successors
    return grid_index(conn, when).locate, found


def by_draft(conn: Connection, city: City, draft_id: int) -> tuple[Locate, Heirs]:
    """As a draft would leave the areas. Draws what it implies, which the caller takes back."""
    draft = waiting_draft(conn, draft_id)
    changes = prepared(conn, draft, city.srid)
    kinds, today = compared(conn, draft_id, changes), grid_index(conn)
    found: dict[Ground, list[str]] = {
        (kind.kind, code): successors
        for kind in kinds
        for code, successors in heirs_of(kind, changes).items()
    }  # fmt: skip
    return lambda x, y: relocated(today.locate(x, y), kinds, x, y), found


def heirs_of(kind: Compared, changes: Sequence[Change]) -> dict[str, list[str]]:
    """Of codes that end, as they will be."""
    ended = [(c.code, c.old_geom) for c in changes if c.kind == kind.kind and c.new_geom is None]
    return heirs(ended, kind.afterwards) if ended else {}


def relocated(today: Sequence[Location], kinds: Sequence[Compared], x: FloatArray, y: FloatArray) -> list[Location]:
    """Where places will lie: as today, but for the kinds that change."""
    located = list(today)
    for kind in kinds:
        beside = kind.before.find(x, y).places == OUTSIDE
        for n, location in enumerate(located):
            if not (beside[n] and kind.kind in location.hits):
                located[n] = _placed(location, kind, float(x[n]), float(y[n]))
    return located


def _placed(location: Location, kind: Compared, x: float, y: float) -> Location:
    hits, outside = dict(location.hits), dict(location.outside)
    hits.pop(kind.kind, None)
    outside.pop(kind.kind, None)
    found = kind.after.at(x, y)
    if isinstance(found, AreaHit):
        hits[kind.kind] = found
    elif isinstance(found, NearestArea):
        outside[kind.kind] = found
    return Location(hits=hits, outside=outside)
