"""Areas made of others: drawn anew in the draft that changes those that they are made of."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.coverage_faces import polygonal
from gridsvc.store import areas, drafts
from gridsvc.store.areas import Area
from gridsvc.store.connection import Connection
from gridsvc.store.drafts import Change, Draft

SAME = 0.001
"""Square metres that two shapes may differ by and still be the same."""
Pairs = NDArray[np.int64]
"""Two columns: place of a part, place of an area that it belongs to."""


def redraw(conn: Connection, draft: Draft, srid: int) -> None:
    """Kinds that the draft does not name itself follow the areas that they are made of; these in turn others."""
    drafts.drop_redrawn(conn, draft.id)
    named = set(drafts.kinds_of_draft(conn, draft.id))
    waiting = [kind for kind in areas.kinds(conn) if kind.made_of and kind.kind not in named]
    while (kind := next((kind for kind in waiting if kind.made_of in named), None)) is not None:
        waiting.remove(kind)
        drafts.stage_changes(conn, draft.id)
        parts = [change for change in drafts.changed_areas(conn, draft.id) if change.kind == kind.made_of]
        if parts:
            drafts.fill_redrawn(conn, draft.id, srid, kind.kind, _redrawn(conn, kind, parts))
            named.add(kind.kind)


def _redrawn(
    conn: Connection, kind: AreaKind, changes: Sequence[Change]
) -> list[tuple[str, str, str, str | None, Any]]:
    """Rows of the areas of a kind whose parts change; None for the shape of one that has no parts any more."""
    box = shapely.total_bounds([shape for c in changes for shape in (c.old_geom, c.new_geom) if shape is not None])
    wholes = areas.newest_areas(conn, kind.kind, box=tuple(box))
    if not wholes:
        return []
    around = shapely.total_bounds([whole.geom for whole in wholes])
    codes, parts = areas.newest_shapes(conn, str(kind.made_of), tuple(around))
    return _anew(wholes, codes, parts, changes)


def _anew(
    wholes: Sequence[Area], codes: Sequence[str], old: NDArray[Any], changes: Sequence[Change]
) -> list[tuple[str, str, str, str | None, Any]]:
    """Only wholes whose ground changes: others keep their shape and its vertices."""
    changed = {change.code for change in changes}
    drawn = np.array([change.new_geom for change in changes if change.new_geom is not None], dtype=object)
    new = polygonal(drawn)  # a shape that is not valid is refused later, by its code
    shapes = np.array([whole.geom for whole in wholes], dtype=object)
    leave = np.array([code in changed for code in codes], bool)
    was, becomes = _lying_in(old, shapes), members(new, shapes)
    left, came = _by_whole(was[leave[was[:, 0]]]), _by_whole(becomes)
    kept = _by_whole(was[~leave[was[:, 0]]])
    rows = []
    for place in sorted(left.keys() | came.keys()):
        gone, added = old[left.get(place, [])], new[came.get(place, [])]
        if _same(_union(gone), _union(added)):
            continue
        whole = wholes[place]
        shape = _union(np.concatenate([old[kept.get(place, [])], added]))
        rows.append((whole.code, whole.name_zh, whole.name_en, whole.parent_code, shape))
    return rows


def _by_whole(pairs: Pairs) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for part, whole in pairs.tolist():
        found[whole].append(part)
    return found


def _lying_in(parts: NDArray[Any], wholes: NDArray[Any]) -> Pairs:
    """Of whole parts, by a point of each: a part in an overlap lies in several."""
    points = shapely.point_on_surface(parts)
    part, whole = shapely.STRtree(wholes).query(points)
    shapely.prepare(wholes)
    inside = shapely.intersects(wholes[whole], points[part])
    return np.column_stack([part[inside], whole[inside]]).astype(np.int64)


def members(parts: NDArray[Any], wholes: NDArray[Any]) -> Pairs:
    """Which parts lie in which wholes with at least half of their ground, and may reach out of them."""
    if not len(parts):
        return np.empty((0, 2), np.int64)
    part, whole = shapely.STRtree(wholes).query(parts, predicate="intersects")
    shapely.prepare(wholes)
    mostly = shapely.covers(wholes[whole], parts[part])
    rest = np.flatnonzero(~mostly & ~shapely.touches(wholes[whole], parts[part]))
    shared = shapely.area(shapely.intersection(parts[part[rest]], wholes[whole[rest]]))
    mostly[rest] = shared * 2 >= shapely.area(parts[part[rest]])
    return np.column_stack([part[mostly], whole[mostly]]).astype(np.int64)


def _union(parts: NDArray[Any]) -> Any:
    """None if there are no parts. Parts that do not fit vertex for vertex are united the slow way."""
    if not len(parts):
        return None
    together: Any = _fitting(parts) or shapely.union_all(parts)
    return shapely.MultiPolygon([together]) if together.geom_type == "Polygon" else together


def _fitting(parts: NDArray[Any]) -> Any:
    """The union of parts that fit; None if they do not."""
    try:
        together: Any = shapely.coverage_union_all(parts)
    except shapely.GEOSException:
        return None
    return together if together.is_valid and abs(together.area - shapely.area(parts).sum()) <= SAME else None


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None or abs(one.area - other.area) > SAME:
        return False
    return bool(one.symmetric_difference(other).area < SAME)
