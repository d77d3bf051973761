"""What promoting a file would do to the inventory: each row, and each component in its scope that it lacks."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from gridsvc.domain.catalogue import Subclass
from gridsvc.domain.crs import BoolArray
from gridsvc.ingest.comparing import COMPARED, Speaks, difference
from gridsvc.ingest.matching import Points, by_subclass, match, radius_of
from gridsvc.store import components
from gridsvc.store.connection import Connection

ACTIONS = ("added", "changed", "unchanged", "gone", "ambiguous", "rejected")
ADDED, CHANGED, UNCHANGED, GONE, AMBIGUOUS, REJECTED = range(len(ACTIONS))
LOT = 20_000
"""Changed components compared in one go."""
CHANGES = pa.schema(
    [
        ("row", pa.int64()),
        ("action", pa.int8()),
        ("component", pa.int64()),
        ("code", pa.string()),
        ("subclass_code", pa.string()),
        ("fields", pa.string()),
        ("moved", pa.float64()),
        ("x", pa.float64()),
        ("y", pa.float64()),
    ]
)
"""One line per row of the file, in its order, then one per component that is gone (row −1)."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Where and of what a file claims to know everything: only there can a component be gone."""

    kind: str | None
    """Kind of the areas; None: the whole city."""
    areas: tuple[str, ...]
    """Codes of areas of the kind."""
    subclasses: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def scope_from(found: Mapping[str, Any]) -> Scope:
    return Scope(kind=found["kind"], areas=tuple(found["areas"]), subclasses=tuple(found["subclasses"]))


@dataclass(frozen=True, kw_only=True)
class Compared:
    actions: NDArray[np.int8]
    ids: NDArray[np.int64]
    """Of the component that each row is; 0 for none."""
    changes: Any
    """Table of CHANGES."""

    def touched(self) -> list[int]:
        """Components that would be changed, or are gone."""
        chosen = pc.is_in(self.changes["action"], pa.array([CHANGED, GONE], pa.int8()))
        return list(self.changes.filter(chosen)["component"].to_pylist())

    def totals(self) -> dict[str, int]:
        counts = np.bincount(np.asarray(self.changes["action"]), minlength=len(ACTIONS))
        return {name: int(count) for name, count in zip(ACTIONS, counts, strict=True)}


def compare(
    conn: Connection,
    rows: Any,
    rejected: BoolArray,
    speaks: Speaks,
    scope: Scope,
    scope_areas: list[int] | None,
    subclasses: Mapping[str, Subclass],
) -> Compared:
    """`rows` is the staged table; `scope_areas` the ids of the scope's areas, None for everywhere."""
    count = rows.num_rows
    actions, ids = np.full(count, ADDED, dtype=np.int8), np.zeros(count, dtype=np.int64)
    actions[rejected] = REJECTED
    suspect = _by_code(conn, rows, actions, ids)
    unmatched = components.unmatched_in_scope(conn, pa.array(ids[ids > 0]), list(scope.subclasses), scope_areas)
    claimed = np.zeros(unmatched.num_rows, dtype=bool)
    suspect = np.r_[suspect, _by_place(rows, unmatched, actions, ids, claimed, subclasses)].astype(np.int64)
    fields, moved = _differences(conn, rows, suspect, actions, ids, speaks)
    gone = unmatched.filter(pa.array(~claimed))
    return Compared(actions=actions, ids=ids, changes=_table(rows, actions, ids, fields, moved, gone))


def _by_code(conn: Connection, rows: Any, actions: NDArray[np.int8], ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows with codes that the store holds; those that may differ come back. A rejected row's component is not gone."""
    known = np.flatnonzero(pc.is_valid(rows["code"]).to_numpy())
    if not len(known):
        return known
    chosen = pa.array(known)
    row, component, differs = components.match_by_code(
        conn, chosen, rows["code"].take(chosen), rows["digest"].take(chosen)
    )
    ids[row] = component
    counts = actions[row] != REJECTED
    actions[row[counts]] = np.where(differs[counts], CHANGED, UNCHANGED)
    return np.asarray(row[counts & differs])


def _by_place(
    rows: Any,
    unmatched: Any,
    actions: NDArray[np.int8],
    ids: NDArray[np.int64],
    claimed: BoolArray,
    subclasses: Mapping[str, Subclass],
) -> NDArray[np.int64]:
    """Rows without codes; `claimed` becomes true for the components that they are or may be. Those that may differ."""
    nameless = np.flatnonzero(pc.is_null(rows["code"]).to_numpy() & (actions == ADDED))
    if not (len(nameless) and unmatched.num_rows):
        return np.zeros(0, dtype=np.int64)
    given, stored = _points(rows.take(pa.array(nameless))), _points(unmatched)
    stored_of = by_subclass(unmatched["subclass_code"].combine_chunks())
    differ = []
    for subclass, mine in by_subclass(rows["subclass_code"].combine_chunks().take(pa.array(nameless))).items():
        theirs = stored_of.get(subclass)
        if theirs is None or subclass not in subclasses:
            continue
        found = match(given.only(mine), stored.only(theirs), radius_of(subclasses[subclass].accuracy_class))
        row, component = nameless[mine[found.rows]], theirs[found.stored]
        ids[row] = np.asarray(unmatched["id"])[component]
        same = given.digest[mine[found.rows]] == stored.digest[component]
        actions[row] = np.where(same, UNCHANGED, CHANGED)
        actions[nameless[mine[found.ambiguous]]] = AMBIGUOUS
        claimed[component] = claimed[theirs[found.claimed]] = True
        differ.append(row[~same])
    return np.concatenate(differ) if differ else np.zeros(0, dtype=np.int64)


def _points(table: Any) -> Points:
    return Points(
        x=np.asarray(table["x"]), y=np.asarray(table["y"]), digest=np.asarray(pc.fill_null(table["digest"], 0))
    )


def _differences(
    conn: Connection,
    rows: Any,
    suspect: NDArray[np.int64],
    actions: NDArray[np.int8],
    ids: NDArray[np.int64],
    speaks: Speaks,
) -> tuple[dict[int, str], dict[int, float]]:
    """Fields and metres of the rows that do differ; the others are unchanged after all."""
    fields: dict[int, str] = {}
    moved: dict[int, float] = {}
    for row, given, stored in pairs(conn, rows, suspect, ids):
        found = difference(given, stored, speaks)
        if found.fields:
            fields[row], moved[row] = ",".join(found.fields), found.moved
        else:
            actions[row] = UNCHANGED
    return fields, moved


def pairs(
    conn: Connection, rows: Any, chosen: NDArray[np.int64], ids: NDArray[np.int64]
) -> Iterator[tuple[int, dict[str, Any], dict[str, Any]]]:
    """Rows of the file with the components that they are: what the one says and what the other is."""
    for begin in range(0, len(chosen), LOT):
        lot = chosen[begin : begin + LOT]
        stored = {row["id"]: row for row in components.stored_rows(conn, ids[lot].tolist())}
        for row, given in zip(lot.tolist(), staged_rows(rows, lot), strict=True):
            yield row, given, stored[int(ids[row])]


def staged_rows(rows: Any, chosen: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Rows as mappings, with attributes as a mapping and the shape as a geometry."""
    found = rows.select([*COMPARED, "attributes", "geom"]).take(pa.array(chosen)).to_pylist()
    for row, shape in zip(found, shapely.from_wkb([row["geom"] for row in found]), strict=True):
        row["geom"], row["attributes"] = shape, json.loads(row["attributes"])
    return list(found)


def _table(
    rows: Any,
    actions: NDArray[np.int8],
    ids: NDArray[np.int64],
    fields: Mapping[int, str],
    moved: Mapping[int, float],
    gone: Any,
) -> Any:
    said, metres = np.full(len(actions), "", dtype=object), np.zeros(len(actions))
    said[list(fields)], metres[list(moved)] = list(fields.values()), list(moved.values())
    of_rows = [
        pa.array(np.arange(len(actions))), pa.array(actions), pa.array(ids), rows["code"].combine_chunks(),
        rows["subclass_code"].combine_chunks(), pa.array(said, pa.string()), pa.array(metres),
        rows["x"].combine_chunks(), rows["y"].combine_chunks(),
    ]  # fmt: skip
    count = gone.num_rows
    of_gone = [
        pa.array([-1] * count, pa.int64()), pa.array([GONE] * count, pa.int8()), gone["id"].combine_chunks(),
        gone["component_code"].combine_chunks(), gone["subclass_code"].combine_chunks(),
        pa.array([""] * count, pa.string()), pa.array([0.0] * count, pa.float64()), gone["x"].combine_chunks(),
        gone["y"].combine_chunks(),
    ]  # fmt: skip
    return pa.concat_tables(
        [pa.Table.from_arrays(of_rows, schema=CHANGES), pa.Table.from_arrays(of_gone, schema=CHANGES)]
    )
