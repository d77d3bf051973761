"""The inventory: codes, promotion, areas of components, what is near."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from gridsvc.domain.codes import LAST_SERIAL, component_code
from gridsvc.domain.components import anchors
from gridsvc.domain.crs import FloatArray
from gridsvc.domain.grid_index import GridIndex
from gridsvc.errors import InputError
from gridsvc.store.arrows import array_texts, copy_arrow, copy_rows, read_arrow, read_numbers
from gridsvc.store.boxes import Box, box_sides
from gridsvc.store.connection import Connection
from gridsvc.store.locating import SqlLocator
from gridsvc.store.rows import (
    array_text,
    binary_tuples,
    csv_out,
    dicts,
    execute,
    execute_many,
    script,
    tuples,
    value,
    values,
)

LOT = 5_000
"""Components assigned to their areas in one go."""
LARGE_LOT = 500_000
"""The same by the index."""
ADDED = ("component_code", "code_scheme", "subclass_code", "state", "authority", "owner", "maintainer", "position",
         "attributes", "area_ids", "batch_id", "geom", "digest", "visibility")  # fmt: skip
CHANGED = ("id", "subclass_code", "state", "authority", "owner", "maintainer", "position", "attributes", "area_ids",
           "geom", "digest")  # fmt: skip
PLACE_TYPES = {
    "id": pa.int64(), "x": pa.float64(), "y": pa.float64(), "shape": pa.string(), "area_ids": pa.string(),
}  # fmt: skip
SCOPE_TYPES = {
    "id": pa.int64(), "component_code": pa.string(), "subclass_code": pa.string(), "digest": pa.int64(),
    "x": pa.float64(), "y": pa.float64(),
}  # fmt: skip


def burn_serials(conn: Connection, last: Mapping[tuple[str, str], int]) -> None:
    """The last serial of each (district, code digits of a subclass) that files brought by their own codes."""
    rows = [
        {"district_code": district, "subclass_part": part, "last_serial": serial}
        for (district, part), serial in last.items()
    ]
    execute_many(conn, "burn_serials", rows)


def next_codes(conn: Connection, district: str, part: str, count: int, brought: Container[str]) -> list[str]:
    """Codes of a series, past those that files brought before anybody knew that they belong to it.

    `brought` are the codes of the file that is being promoted.
    """
    found: list[str] = []
    while len(found) < count:
        missing = count - len(found)
        last = value(conn, "take_serials", district_code=district, subclass_part=part, count=missing)
        if last > LAST_SERIAL:
            raise InputError(
                f"no codes are left for district {district}, subclass {part}: serial {LAST_SERIAL} was issued or "
                f"brought by a file; bring codes for these {count} components, or correct code {district}{part}"
                f"{LAST_SERIAL} and its row of code_serial",
                zh=f"区县 {district}、小类 {part} 的部件编码已用完：流水号 {LAST_SERIAL} 已被占用",
            )
        made = [component_code(district, part, serial) for serial in range(last - missing + 1, last + 1)]
        used = set(values(conn, "codes_in_use", codes=made))
        found += [code for code in made if code not in used and code not in brought]
    return found


def match_by_code(
    conn: Connection, rows: Any, codes: Any, digests: Any
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Of staged rows (arrays) whose codes the store holds: which, as which component, and whether they may differ."""
    script(conn, "make_keys")
    copy_arrow(conn, "COPY import_key (row, code, digest) FROM STDIN", [rows, codes, digests])
    row, component, differs = (
        np.fromstring(text or "", np.int64, sep=" ") for text in tuples(conn, "match_by_code")[0]
    )
    return row, component, differs.astype(bool)


def unmatched_in_scope(conn: Connection, matched: Any, subclasses: list[str], areas: list[int] | None) -> pa.Table:
    """Live components of these subclasses, in these areas or everywhere (None), but for the matched ids.

    Columns id, component_code, subclass_code, digest, x and y (in the city's CRS).
    """
    script(conn, "make_matched")
    copy_arrow(conn, "COPY import_matched (id) FROM STDIN", [matched])
    places = "" if areas is None else ",".join(map(str, areas or [0]))
    return read_arrow(conn, "unmatched_in_scope", SCOPE_TYPES, subclasses=",".join(subclasses), areas=places)


def stored_rows(conn: Connection, ids: list[int]) -> list[dict[str, Any]]:
    """In the order of their ids; `geom` is a shapely geometry in the city's CRS."""
    rows = dicts(conn, "stored_rows", ids=ids)
    for row, shape in zip(rows, shapely.from_wkb([row["geom"] for row in rows]), strict=True):
        row["geom"] = shape
    return rows


def visibilities(conn: Connection) -> dict[str, int]:
    """Of subclasses that are not as visible as usual; none of them changes before the transaction ends."""
    execute(conn, "lock_visibility")
    return {row[0]: row[1] for row in tuples(conn, "visibilities")}


def add_components(conn: Connection, lots: Iterable[bytes]) -> None:
    """Rows as `arrows.rows_of` writes columns in the order of ADDED; geometry as WKB in hex, areas as `{1,2}`."""
    copy_rows(conn, f"COPY component ({', '.join(ADDED)}) FROM STDIN", lots)


def change_components(conn: Connection, batch_id: int, columns: list[Any]) -> int:
    """Columns in the order of CHANGED; what the components were is kept as versions."""
    script(conn, "make_changes")
    copy_arrow(conn, f"COPY import_change ({', '.join(CHANGED)}) FROM STDIN", columns)
    execute(conn, "archive_changed", batch_id=batch_id)
    return execute(conn, "change_components", batch_id=batch_id)


def retire_components(conn: Connection, batch_id: int, ids: list[int]) -> int:
    execute(conn, "archive_retired", batch_id=batch_id, ids=ids)
    return execute(conn, "retire_components", batch_id=batch_id, ids=ids)


def later_batches(conn: Connection, batch_id: int) -> list[dict[str, Any]]:
    """Batch, file and count of components that were changed after this batch added or changed them."""
    return dicts(conn, "later_batches", batch_id=batch_id)


def reports_of_added(conn: Connection, batch_id: int) -> int:
    return int(value(conn, "reports_of_added", batch_id=batch_id))


def undo_batch(conn: Connection, batch_id: int) -> tuple[int, list[int]]:
    """How many components that it added are gone, and the ids of those that are again what they were."""
    deleted = execute(conn, "delete_added", batch_id=batch_id)
    execute(conn, "archive_undone", batch_id=batch_id)
    return deleted, values(conn, "restore_changed", batch_id=batch_id)


def areas_changed_since(conn: Connection, batch_id: int) -> bool:
    """Whether areas were applied since a batch was promoted."""
    return bool(value(conn, "areas_changed_since", batch_id=batch_id))


def history(conn: Connection, code: str) -> list[dict[str, Any]]:
    """All that the component with a code was, newest first; the first is what it is, unless it is gone."""
    return dicts(conn, "component_history", code=code)


def assign(conn: Connection, locator: SqlLocator, at: datetime, ids: list[int]) -> None:
    """Give some components the areas that hold them."""
    for rows in (stored_rows(conn, ids[n : n + LOT]) for n in range(0, len(ids), LOT)):
        x, y = anchors([row["geom"] for row in rows])
        found = locator.areas(x, y, [at] * len(rows))
        texts = [array_text(sorted(area_id for area_id, _ in kinds.values())) for kinds in found]
        execute(conn, "assign_areas", ids=[row["id"] for row in rows], area_ids=texts)


def places(conn: Connection, srid: int, box: Box) -> Iterator[pa.Table]:
    """Components in a box, in lots: id, area_ids, and x, y of the point that decides, which lies in the box."""
    sides, last = box_sides(box), 0
    while (lot := _lot_of_places(conn, after=last, srid=srid, **sides)).num_rows:
        last = lot["id"][-1].as_py()
        x, y = _places(lot)
        inside = (x >= box[0]) & (y >= box[1]) & (x <= box[2]) & (y <= box[3])
        placed = pa.table({"id": lot["id"], "area_ids": lot["area_ids"], "x": x, "y": y})
        yield placed.filter(pa.array(inside))


def _lot_of_places(conn: Connection, **given: Any) -> pa.Table:
    return read_arrow(conn, "places_of_components", PLACE_TYPES, most=LARGE_LOT, **given)


def points_in(conn: Connection, srid: int, box: Box) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
    """Ids, x and y of the components whose deciding points lie in a box; a million in a second, in no order."""
    sides = box_sides(box)
    found = read_numbers(conn, "points_of_components", {"id": ">i8", "x": ">f8", "y": ">f8"}, srid=srid, **sides)
    others = binary_tuples(conn, "shapes_of_components", srid=srid, **sides)
    x, y = anchors(shapely.from_wkb([shape for _, shape in others])) if others else (np.empty(0), np.empty(0))
    ids = np.concatenate([found["id"], np.array([component for component, _ in others], np.int64)])
    x, y = np.concatenate([found["x"], x]), np.concatenate([found["y"], y])
    inside = (x >= box[0]) & (y >= box[1]) & (x <= box[2]) & (y <= box[3])
    return ids[inside], x[inside], y[inside]


def assign_all(conn: Connection, index: GridIndex, srid: int, box: Box) -> int:
    """Give the inventory in a box the areas that hold it, after the areas changed; how many rows changed."""
    changed = 0
    for lot in places(conn, srid, box):
        texts = array_texts(index.area_ids(lot["x"].to_numpy(), lot["y"].to_numpy()))
        moved = lot.append_column("held", texts).filter(pc.not_equal(texts, lot["area_ids"]))
        copy = [moved["id"], moved["held"]]
        if moved.num_rows:
            script(conn, "make_moved")
            copy_arrow(conn, "COPY component_moved (id, area_ids) FROM STDIN", copy)
            changed += execute(conn, "assign_moved")
    return changed


def _places(lot: pa.Table) -> tuple[FloatArray, FloatArray]:
    """Of each component the point that decides; `shape` is empty for points."""
    x, y = lot["x"].to_numpy().copy(), lot["y"].to_numpy().copy()
    others = np.flatnonzero(pc.is_valid(lot["shape"]).to_numpy())
    x[others], y[others] = anchors(shapely.from_wkb(lot["shape"].take(pa.array(others)).to_pylist()))
    return x, y


def codes_of(conn: Connection, ids: list[int]) -> dict[int, tuple[str, str]]:
    """Code and subclass by id."""
    return {row[0]: (row[1], row[2]) for row in tuples(conn, "codes_of_components", ids=ids)}


def nearby(
    conn: Connection, srid: int, x: float, y: float, *, radius: float, limit: int, subclass_code: str | None
) -> list[dict[str, Any]]:
    return dicts(
        conn, "components_nearby", x=x, y=y, srid=srid, radius=radius, limit=limit, subclass_code=subclass_code
    )


@dataclass(frozen=True, kw_only=True)
class ComponentFilter:
    """Live components that touch a box, of a subclass."""

    box: Box | None = None
    subclass_code: str | None = None

    def values(self, srid: int) -> dict[str, Any]:
        return {**box_sides(self.box), "subclass_code": self.subclass_code, "srid": srid}


def components_page(
    conn: Connection, srid: int, chosen: ComponentFilter, *, limit: int, offset: int
) -> list[dict[str, Any]]:
    return dicts(conn, "components_page", limit=limit, offset=offset, **chosen.values(srid))


def components_total(conn: Connection, srid: int, chosen: ComponentFilter) -> int:
    return int(value(conn, "components_total", **chosen.values(srid)))


def components_csv(conn: Connection, srid: int, chosen: ComponentFilter) -> Iterator[bytes]:
    return csv_out(conn, "components_csv", **chosen.values(srid))


def component_tile(conn: Connection, srid: int, z: int, x: int, y: int) -> bytes:
    """A Mapbox vector tile with one layer, `components`; empty bytes if nothing is in it."""
    return bytes(value(conn, "component_tile", srid=srid, z=z, x=x, y=y))


def newest_batch(conn: Connection) -> int:
    return int(value(conn, "newest_batch"))


def component_count(conn: Connection) -> int:
    return int(value(conn, "component_count"))


def current_checksum(conn: Connection) -> str:
    """One number over the current rows; unequal numbers mean that something changed."""
    return str(value(conn, "current_checksum"))
