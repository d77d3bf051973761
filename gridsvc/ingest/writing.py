"""Writing a comparison into the inventory: new components, changed ones, retired ones; areas into a draft."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from gridsvc.domain.access import USUAL_VISIBILITY, visibility_rank
from gridsvc.domain.areas import fits_scheme
from gridsvc.domain.catalogue import Subclass
from gridsvc.domain.codes import SCHEME
from gridsvc.domain.grid_index import GridIndex
from gridsvc.ingest import staging
from gridsvc.ingest.comparing import COMPARED, Speaks, merged
from gridsvc.ingest.diff import ADDED, CHANGED, GONE, Compared, pairs
from gridsvc.store import components, drafts, locating
from gridsvc.store.arrows import array_texts, rows_of
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

Made = TypeVar("Made")
LOT = 50_000
"""Rows written in one go."""
CHANGE = pa.schema([("id", pa.int64()), *((name, pa.string()) for name in (*COMPARED, "attributes"))])
"""Of a changed component, beside its areas, shape and digest."""


@dataclass(frozen=True, kw_only=True)
class Written:
    added: int
    changed: int
    retired: int
    issued: int


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What promotion needs to know of the city."""

    city: City
    index: GridIndex
    """The areas in force."""
    districts: frozenset[str]
    subclasses: Mapping[str, Subclass]
    visibilities: Mapping[str, int]
    """Ranks of the subclasses that are not as visible as usual."""


def ground(conn: Connection, city: City, subclasses: Mapping[str, Subclass], known: Sequence[GridIndex] = ()) -> Ground:
    """`known`: indexes of earlier areas, from which kinds that are still the same are taken."""
    index = locating.grid_index(conn, known=known)
    districts = frozenset(index.kinds["district"].codes.tolist() if "district" in index.kinds else ())
    return Ground(
        city=city, index=index, districts=districts | {city.district_code}, subclasses=subclasses,
        visibilities=components.visibilities(conn),
    )  # fmt: skip


def promote_components(
    conn: Connection, base: Ground, batch_id: int, rows: Any, compared: Compared, speaks: Speaks, *, retire: bool
) -> Written:
    added = np.flatnonzero(compared.actions == ADDED)
    issued = _add(conn, base, batch_id, rows.take(pa.array(added)) if len(added) < rows.num_rows else rows)
    changed = _change(conn, base, batch_id, rows, compared, speaks)
    gone = compared.changes.filter(pc.equal(compared.changes["action"], GONE))["component"].to_pylist()
    retired = components.retire_components(conn, batch_id, gone) if retire and gone else 0
    return Written(added=len(added), changed=changed, retired=retired, issued=issued)


def _add(conn: Connection, base: Ground, batch_id: int, rows: Any) -> int:
    """How many codes were issued."""
    codes, subclass_codes = rows["code"].combine_chunks(), rows["subclass_code"].combine_chunks()
    ours = _in_a_series(base, codes, subclass_codes)
    components.burn_serials(conn, _last_serials(codes.filter(pa.array(ours))))
    whole, issued = _with_issued(conn, base, rows, codes, subclass_codes)
    scheme = pc.if_else(pa.array(ours | pc.is_null(codes).to_numpy(zero_copy_only=False)), SCHEME, "source")
    rows = rows.set_column(rows.schema.get_field_index("code"), "code", whole).append_column("scheme", scheme)
    components.add_components(conn, ahead(rows_of(_columns(base, batch_id, lot)) for lot in _lots(rows)))
    return issued


def _lots(rows: Any) -> Iterator[Any]:
    for begin in range(0, rows.num_rows, LOT):
        yield rows.slice(begin, LOT)
        staging.let_go()


def _columns(base: Ground, batch_id: int, lot: Any) -> list[Any]:
    """In the order of components.ADDED."""
    return [
        lot["code"], lot["scheme"], lot["subclass_code"], lot["state"].fill_null("intact"), lot["authority"],
        lot["owner"], lot["maintainer"], lot["position"], lot["attributes"], _located(base, lot),
        pa.array([batch_id] * lot.num_rows, pa.int64()), lot["geom"], lot["digest"],
        _visibility(base, lot["subclass_code"]),
    ]  # fmt: skip


def _visibility(base: Ground, subclass_codes: Any) -> Any:
    found = subclass_codes.combine_chunks().dictionary_encode()
    usual = visibility_rank(USUAL_VISIBILITY)
    ranks = [base.visibilities.get(code, usual) for code in found.dictionary.to_pylist()]
    return pa.array(ranks, pa.int16()).take(found.indices)


def ahead(made: Iterator[Made]) -> Iterator[Made]:
    """The same, each made in a thread while the one before it is used: the database writes meanwhile."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, made, None)
        while (thing := coming.result()) is not None:
            coming = thread.submit(next, made, None)
            yield thing


def _in_a_series(base: Ground, codes: Any, subclass_codes: Any) -> NDArray[np.bool_]:
    """Codes that can be of GB/T 30428.2: a district of the city and digits of their subclass, not just 16 digits."""
    shaped = pc.match_substring_regex(codes, "^[0-9]{16}$").fill_null(False)
    here = pc.is_in(pc.utf8_slice_codeunits(codes, 0, 6), pa.array(sorted(base.districts)))
    starts = pc.binary_join_element_wise(subclass_codes, pc.utf8_slice_codeunits(codes, 6, 10), "/")
    allowed = [f"{code}/{part}" for code, subclass in base.subclasses.items() for part in subclass.parts]
    fits = pc.is_in(starts, pa.array(allowed, pa.string()))
    return np.asarray(pc.and_(pc.and_(shaped, here), fits).fill_null(False))


def _last_serials(codes: Any) -> dict[tuple[str, str], int]:
    """The highest serial of each (district, digits of the subclass) among codes of ours."""
    series, serials = pc.utf8_slice_codeunits(codes, 0, 10), pc.utf8_slice_codeunits(codes, 10, 16).cast(pa.int64())
    highest = pa.table({"series": series, "serial": serials}).group_by("series").aggregate([("serial", "max")])
    return {(row["series"][:6], row["series"][6:]): row["serial_max"] for row in highest.to_pylist()}


def _located(base: Ground, rows: Any) -> pa.Array:
    """The areas that hold each row, one per kind, as the database reads arrays."""
    return array_texts(base.index.area_ids(np.asarray(rows["x"]), np.asarray(rows["y"])))


def _with_issued(conn: Connection, base: Ground, rows: Any, codes: Any, subclass_codes: Any) -> tuple[Any, int]:
    """The codes, with the next ones of their series for rows that bring none, in the district that each stands in."""
    missing = np.flatnonzero(pc.is_null(codes).to_numpy(zero_copy_only=False))
    if not len(missing):
        return codes, 0
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    districts = _districts(base, rows.take(pa.array(missing)))
    subclasses = subclass_codes.take(pa.array(missing)).to_pylist()
    for row, district, subclass in zip(missing.tolist(), districts, subclasses, strict=True):
        groups[district, base.subclasses[subclass].issued_part].append(row)
    brought = set(codes.to_pylist())
    whole = codes.to_pylist()
    for (district, part), wanting in groups.items():
        for row, code in zip(wanting, components.next_codes(conn, district, part, len(wanting), brought), strict=True):
            whole[row] = code
    return pa.array(whole, pa.string()), len(missing)


def _districts(base: Ground, rows: Any) -> list[str]:
    """The district that each row stands in; the city's own code outside of all."""
    districts = base.index.kinds.get("district")
    if districts is None:
        return [base.city.district_code] * rows.num_rows
    found = districts.find(np.asarray(rows["x"]), np.asarray(rows["y"])).places
    codes = [str(districts.codes[place]) if place >= 0 else "" for place in found]
    return [code if fits_scheme(code, "district") else base.city.district_code for code in codes]


def _change(conn: Connection, base: Ground, batch_id: int, rows: Any, compared: Compared, speaks: Speaks) -> int:
    chosen = np.flatnonzero(compared.actions == CHANGED)
    if not len(chosen):
        return 0
    lines, shapes = [], []
    for row, given, stored in pairs(conn, rows, chosen, compared.ids):
        becomes = merged(given, stored, speaks)
        shapes.append(becomes.pop("geom"))
        lines.append({"id": int(compared.ids[row]), **becomes})
    lot = pa.Table.from_pylist(lines, schema=CHANGE)
    taken = rows.take(pa.array(chosen))
    geom = pa.array(shapely.to_wkb(shapely.set_srid(shapes, base.city.srid), hex=True, include_srid=True), pa.string())
    columns = [lot[name] for name in CHANGE.names]
    return components.change_components(conn, batch_id, [*columns, _located(base, taken), geom, taken["digest"]])


def draft_areas(conn: Connection, kind: str, batch_id: int, rows: Any, srid: int) -> tuple[int, int]:
    """A draft of the areas of a kind; its number and how many areas it has."""
    draft_id = drafts.add_draft(conn, kind, batch_id, f"from batch {batch_id}")
    shapes = shapely.from_wkb(rows["geom"].to_pylist())
    single = shapely.get_type_id(shapes) == 3
    shapes[single] = [shapely.MultiPolygon([shape]) for shape in shapes[single]]
    geom = shapely.to_wkb(shapely.set_srid(shapes, srid), hex=True, include_srid=True)
    code, name_zh, name_en = (rows[name] for name in ("code", "name_zh", "name_en"))
    columns = [
        code, pc.coalesce(name_zh, name_en, code), pc.coalesce(name_en, name_zh, code), rows["parent_code"],
        rows["attributes"], pa.array(geom, pa.string()),
    ]  # fmt: skip
    return draft_id, drafts.fill_draft_from_rows(conn, draft_id, kind, columns)
