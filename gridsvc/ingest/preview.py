"""What a batch would do, to be looked at: its rows on a map, and as pages of a list. Read from its staged files."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from gridsvc.domain.crs import FloatArray, unproject
from gridsvc.domain.findings import SEVERITIES
from gridsvc.errors import one_of
from gridsvc.ingest import staging
from gridsvc.ingest.boxes import Degrees
from gridsvc.ingest.diff import ACTIONS, ADDED, REJECTED
from gridsvc.ingest.drawing import DEGREES, Rows, cells, collection, feature, geojson, inside, simplified
from gridsvc.ingest.layers import COMPONENTS
from gridsvc.store import previews
from gridsvc.store.connection import Connection

MOST = 5_000
"""Features drawn one by one; more are counted in cells."""


def features(
    conn: Connection,
    folder: Path,
    batch: Mapping[str, Any],
    srid: int,
    seen: Degrees | None,
    zoom: int | None,
    *,
    only_rows: bool = False,
) -> dict[str, Any]:
    """GeoJSON in WGS 84 of what lies in a box: each feature, or cells with counts where there are more than MOST.

    `only_rows`: without components that are gone, of which the file says nothing.
    A batch that has no staged rows any more shows none.
    """
    if not staging.is_there(folder):
        return collection([], total=0, cells=False)
    table = staging.rows(folder)
    rows, changes = _components(folder) if batch["target"] == COMPONENTS else (_areas(folder, table), None)
    chosen, box = inside(rows, _bounds(table) if changes is None else None, srid, seen)
    if only_rows:
        chosen = chosen[rows.row[chosen] >= 0]
    if len(chosen) > MOST:
        found = cells(conn, batch["id"], rows.only(chosen), box, srid, zoom)
        return collection(found, total=len(chosen), cells=True)
    shapes = _shapes(table, rows.only(chosen), srid, zoom)
    lines = _taken(changes, ["code", "subclass_code", "fields"], chosen) if changes is not None else None
    told = _told(table, rows.only(chosen), lines)
    _add_severities(conn, batch["id"], told)
    return collection([feature(*pair) for pair in zip(shapes, told, strict=True)], total=len(chosen), cells=False)


def changes_page(
    folder: Path, srid: int, action: str | None, limit: int, offset: int
) -> tuple[int, list[dict[str, Any]]]:
    """How many lines the comparison has of an action, or in all, and some of them."""
    if action is not None and action not in ACTIONS:
        raise one_of("action", action, list(ACTIONS), zh="变更类型")
    if not staging.is_there(folder):
        return 0, []
    table, rows = staging.rows(folder, staging.CHANGES), staging.rows(folder)
    if action is None:
        total, places = table.num_rows, np.arange(table.num_rows)[offset : offset + limit]
    else:
        found = np.flatnonzero(_numbers(table, "action") == ACTIONS.index(action))
        total, places = len(found), found[offset : offset + limit]
    return total, _lines(_taken(table, table.schema.names, places), rows, srid)


def rejected_page(folder: Path, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
    """Rows that promoting would set aside, and why."""
    if not staging.is_there(folder):
        return 0, []
    places, reasons = staging.reasons(folder)
    table = staging.rows(folder)
    names = [name for name in table.schema.names if name not in ("geom", "identity", "digest")]
    said = _taken(table, names, places[offset : offset + limit]).to_pylist()
    return len(places), [
        {
            "layer": row.pop("layer"),
            "feature": row.pop("feature"),
            "code": row["code"],
            "reason": reason,
            "reason_zh": reason_zh,
            "row": row,
        }
        for row, (reason, reason_zh) in zip(said, reasons[offset : offset + limit], strict=True)
    ]


def _components(folder: Path) -> tuple[Rows, Any]:
    table = staging.rows(folder, staging.CHANGES)
    x, y, action, row = (_numbers(table, name) for name in ("x", "y", "action", "row"))
    return Rows(x=x, y=y, action=action, row=row), table


def _areas(folder: Path, table: Any) -> Rows:
    """They become a draft, all of them."""
    action = np.full(table.num_rows, ADDED, dtype=np.int8)
    action[staging.reasons(folder)[0]] = REJECTED
    return Rows(x=_numbers(table, "x"), y=_numbers(table, "y"), action=action, row=np.arange(table.num_rows))


def _numbers(table: Any, name: str) -> Any:
    return np.asarray(table[name])


def _bounds(table: Any) -> FloatArray:
    return shapely.bounds(shapely.from_wkb(_objects(table["geom"])))


def _shapes(table: Any, rows: Rows, srid: int, zoom: int | None) -> list[dict[str, Any]]:
    """Geometries in degrees; a point where the component is gone."""
    shapes = np.asarray(shapely.points(rows.x, rows.y), dtype=object)
    staged = rows.row >= 0
    given = shapely.from_wkb(_objects(_taken(table, ["geom"], rows.row[staged])["geom"]))
    shapes[staged] = simplified(given, rows, srid, zoom)
    return geojson(shapes, srid)


def _told(table: Any, rows: Rows, changes: Any | None) -> list[dict[str, Any]]:
    staged = rows.row >= 0
    place = iter(_of_rows(table, rows.row[staged]))
    origin = [next(place) if is_staged else {"layer": None, "feature": None} for is_staged in staged]
    said = _taken(table, ["code"], rows.row).to_pylist() if changes is None else changes.to_pylist()
    return [
        {"action": ACTIONS[action], **one, **where, "severity": None}
        for action, one, where in zip(rows.action.tolist(), said, origin, strict=True)
    ]


def _of_rows(table: Any, places: NDArray[np.int64]) -> list[dict[str, Any]]:
    return list(_taken(table, ["layer", "feature"], places).to_pylist())


def _taken(table: Any, names: list[str], places: NDArray[np.int64]) -> Any:
    """Some rows, their places ascending; only of the record batches that hold them anything is read."""
    taken, first = [table.schema.empty_table().select(names)], 0
    for batch in table.select(names).to_batches():
        begin, end = np.searchsorted(places, [first, first + batch.num_rows])
        if begin < end:
            taken.append(pa.Table.from_batches([batch.take(pa.array(places[begin:end] - first))]))
        first += batch.num_rows
    return pa.concat_tables(taken)


def _add_severities(conn: Connection, batch_id: int, told: Sequence[dict[str, Any]]) -> None:
    """The worst of what was found about each."""
    numbers = sorted({one["feature"] for one in told if one["feature"] is not None})
    rank = {severity: place for place, severity in enumerate(SEVERITIES)}
    worst: dict[tuple[str, int], str] = {}
    for layer, number, severity in previews.severities_of_features(conn, batch_id, numbers):
        known = worst.get((layer, number), severity)
        worst[layer, number] = min(known, severity, key=rank.__getitem__)
    for one in told:
        one["severity"] = worst.get((one["layer"], one["feature"]))


def _lines(changes: Any, rows: Any, srid: int) -> list[dict[str, Any]]:
    lon, lat = unproject(srid, _numbers(changes, "x"), _numbers(changes, "y"))
    place = iter(_of_rows(rows, np.array([n for n in changes["row"].to_pylist() if n >= 0], dtype=np.int64)))
    return [
        {
            "action": ACTIONS[one["action"]],
            "code": one["code"],
            "subclass_code": one["subclass_code"],
            "fields": one["fields"].split(",") if one["fields"] else [],
            "moved_m": round(one["moved"], 3),
            "lon": round(east, DEGREES) if math.isfinite(east) else None,
            "lat": round(north, DEGREES) if math.isfinite(north) else None,
            **(next(place) if one["row"] >= 0 else {"layer": None, "feature": None}),
        }
        for one, east, north in zip(changes.to_pylist(), lon.tolist(), lat.tolist(), strict=True)
    ]


def _objects(column: Any) -> NDArray[Any]:
    return np.array(column.to_pylist(), dtype=object)
