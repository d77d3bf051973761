"""What a batch did once it was promoted: on a map and in pages, as the versions of components tell it.

Nothing is kept for it beside them, so it is there for as long as the history is, in a copy of the database too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.components import anchors
from gridsvc.domain.crs import unproject
from gridsvc.domain.findings import SEVERITIES
from gridsvc.errors import one_of
from gridsvc.ingest import preview
from gridsvc.ingest.boxes import Degrees
from gridsvc.ingest.comparing import COMPARED, Speaks, difference
from gridsvc.ingest.drawing import DEGREES, Rows, cells, collection, feature, geojson, inside, simplified
from gridsvc.ingest.layers import COMPONENTS
from gridsvc.store import deeds as store
from gridsvc.store.connection import Connection

AFTER = ("promoted", "rolled_back")
"""States in which the store knows what a batch did."""
DEEDS = ("added", "changed", "retired")
NOWHERE = {"layer": None, "feature": None}
"""Where in its file a row was is not kept."""


def features(
    conn: Connection, batch: Mapping[str, Any], srid: int, seen: Degrees | None, zoom: int | None
) -> dict[str, Any]:
    """As `preview.features`, of what was done."""
    if batch["target"] != COMPONENTS:
        return _areas(conn, batch["id"], srid, seen, zoom)
    table = store.deeds(conn, batch["id"])
    x, y, action = (np.asarray(table[name]) for name in ("x", "y", "action"))
    rows = Rows(x=x, y=y, action=action, row=np.arange(table.num_rows), names=DEEDS)
    chosen, box = inside(rows, None, srid, seen)
    if len(chosen) > preview.MOST:
        found = cells(conn, batch["id"], rows.only(chosen), box, srid, zoom)
        return collection(found, total=len(chosen), cells=True)
    ids, numbers = (np.asarray(table[name])[chosen].tolist() for name in ("id", "version"))
    known = store.versions(conn, ids, numbers)
    worst = _worst(conn, batch["id"], [one["code"] for one in known])
    told = [
        {"action": DEEDS[n], "code": one["code"], "subclass_code": one["subclass_code"], "fields": "", **NOWHERE,
         "severity": worst.get(one["code"])}
        for n, one in zip(action[chosen].tolist(), known, strict=True)
    ]  # fmt: skip
    shapes = simplified(_shapes(known), rows.only(chosen), srid, zoom)
    return _drawn(shapes, told, srid)


def changes_page(
    conn: Connection, batch: Mapping[str, Any], srid: int, action: str | None, limit: int, offset: int
) -> tuple[int, list[dict[str, Any]]]:
    """How many components the batch did this to, or anything, and some of them."""
    if action is not None and action not in DEEDS:
        raise one_of("action", action, list(DEEDS), zh="变更类型")
    number = None if action is None else DEEDS.index(action)
    found = store.deeds_page(conn, batch["id"], number, limit, offset)
    after = store.versions(conn, [one for one, _, _ in found], [version for _, version, _ in found])
    older = [(one, version - 1) for one, version, done in found if done != store.ADDED]
    before = iter(store.versions(conn, [one for one, _ in older], [version for _, version in older]))
    total = sum(batch["counts"].get(name, 0) for name in DEEDS if action in (None, name))
    return total, [
        _line(DEEDS[done], row, None if done == store.ADDED else next(before), srid)
        for row, (_, _, done) in zip(after, found, strict=True)
    ]


def _line(action: str, row: Mapping[str, Any], before: Mapping[str, Any] | None, srid: int) -> dict[str, Any]:
    x, y = anchors([row["geom"]])
    lon, lat = unproject(srid, x, y)
    fields, moved = _difference(row, before) if action == "changed" and before is not None else ([], 0.0)
    return {
        "action": action, "code": row["code"], "subclass_code": row["subclass_code"], "fields": fields,
        "moved_m": round(moved, 3), "lon": round(float(lon[0]), DEGREES), "lat": round(float(lat[0]), DEGREES),
        **NOWHERE,
    }  # fmt: skip


def _difference(row: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[list[str], float]:
    keys = frozenset({*row["attributes"], *before["attributes"]})
    found = difference(row, before, Speaks(fields=frozenset(COMPARED), attributes=keys))
    return list(found.fields), found.moved


def _areas(conn: Connection, batch_id: int, srid: int, seen: Degrees | None, zoom: int | None) -> dict[str, Any]:
    """Of the draft, until it is dropped."""
    known = store.drafted(conn, batch_id)
    if not known:
        return collection([], total=0, cells=False)
    shapes = _shapes(known)
    x, y = anchors(shapes)
    count = len(known)
    rows = Rows(x=x, y=y, action=np.zeros(count, dtype=np.int8), row=np.arange(count), names=DEEDS)
    chosen, box = inside(rows, shapely.bounds(shapes).reshape(-1, 4), srid, seen)
    if len(chosen) > preview.MOST:
        return collection(cells(conn, batch_id, rows.only(chosen), box, srid, zoom), total=len(chosen), cells=True)
    codes = [known[place]["code"] for place in chosen.tolist()]
    worst = _worst(conn, batch_id, codes)
    told = [{"action": "added", "code": code, **NOWHERE, "severity": worst.get(code)} for code in codes]
    return _drawn(simplified(shapes[chosen], rows.only(chosen), srid, zoom), told, srid)


def _drawn(shapes: Any, told: Sequence[dict[str, Any]], srid: int) -> dict[str, Any]:
    found = [feature(*pair) for pair in zip(geojson(shapes, srid), told, strict=True)]
    return collection(found, total=len(found), cells=False)


def _shapes(known: Sequence[Mapping[str, Any]]) -> Any:
    shapes = np.empty(len(known), dtype=object)
    shapes[:] = [one["geom"] for one in known]
    return shapes


def _worst(conn: Connection, batch_id: int, codes: list[str]) -> dict[str, str]:
    """The worst of what was found about each code; of a row that brought none nothing is known any more."""
    found = store.severities_of_codes(conn, batch_id, codes)
    return dict(sorted(found, key=lambda pair: -SEVERITIES.index(pair[1])))
