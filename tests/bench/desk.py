"""The grid desk at the size of a large city: what a change of a twentieth of its unit grids would do, and doing it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gridsvc.areas.apply import apply_draft
from gridsvc.casework.intake import take_in
from gridsvc.cli.load import initialise
from gridsvc.jobs.areas import preview_draft, put_in_force
from gridsvc.localdb import Cluster
from gridsvc.store import areas, drafts
from gridsvc.store.city import City
from gridsvc.store.connection import Connection, connect
from gridsvc.store.locating import grid_index
from tests import made
from tests.bench.figures import Figure, at_most, shown
from tests.bench.locator import LARGE, MILLION, tiling
from tests.database import TOWN
from tests.sketch import to_degrees

PATROL = 5
"""Unit grids along a side of a patrol grid."""
PAIRS = LARGE * LARGE // 40
"""Of neighbours that are merged: a twentieth of all unit grids."""
CASES = 5_000
SECONDS = 10.0
UNIT_GRID = made.kind("unit_grid")
PATROL_GRID = made.kind("patrol_grid", made_of="unit_grid")


def desk(folder: Path) -> Iterator[Figure]:
    cluster = Cluster(folder / "desk")
    cluster.up()
    try:
        initialise(TOWN, cluster.addresses())
        with connect(cluster.addresses().admin_url) as conn:
            yield from _measured(conn, TOWN)
    finally:
        cluster.remove()


def _measured(conn: Connection, city: City) -> Iterator[Figure]:
    shapes = tiling(LARGE)
    _put_city(conn, city, shapes)
    draft = _merged(conn, city, shapes)
    before = _codes(conn)
    found, seconds = _timed(lambda: preview_draft(conn, city, draft))
    done, applying = _timed(lambda: put_in_force(conn, draft))
    moved = sum(len(move.points) for move in found.components.moves)
    changed = _codes(conn)
    if moved != int((before != changed).sum()):
        raise RuntimeError(f"the preview told of {moved} components, {int((before != changed).sum())} moved")
    passed_on = conn.execute("SELECT count(DISTINCT case_id) FROM case_step WHERE actor = 'areas'").fetchone()
    foretold = sum(1 for case in found.cases if case["becomes"])
    if passed_on != (foretold,):
        raise RuntimeError(f"the preview told of {foretold} cases, {passed_on} were passed on")
    what = f"a change of {2 * PAIRS:,} of {len(shapes):,} unit grids with 1,000,000 components and {CASES:,} open cases"
    yield at_most(f"preview of {what}", "s", seconds, SECONDS)
    yield shown(f"the same put in force: {done.reassigned:,} components, {foretold:,} cases", "s", applying)


def _put_city(conn: Connection, city: City, shapes: Any) -> None:
    areas.declare_kinds(conn, [UNIT_GRID, PATROL_GRID])
    _apply(conn, city, "unit_grid", shapes)
    rows = np.arange(len(shapes))
    patrol = rows // LARGE // PATROL * (LARGE // PATROL) + rows % LARGE // PATROL
    _apply(conn, city, "patrol_grid", [shapely.coverage_union_all(shapes[patrol == n]) for n in np.unique(patrol)])
    _put_components(conn, shapes)
    made.put_departments(conn, "D0", "D1")
    made.put_channel(conn)
    codes = [area.code for area in areas.areas_in_force(conn, "patrol_grid")]
    rules = (made.rule(f"D{n % 2}", area_kind="patrol_grid", area_code=code) for n, code in enumerate(codes))
    made.put_rules(conn, *rules)
    take_in(conn, city, _reports(shapes))


def _apply(conn: Connection, city: City, kind: str, shapes: Any) -> None:
    draft = drafts.add_draft(conn, kind, None, "bench")
    drafts.fill_draft(conn, draft, city.srid, [(f"{n:06d}", "格", "Grid", None, s) for n, s in enumerate(shapes)])
    apply_draft(conn, draft)


def _put_components(conn: Connection, shapes: Any) -> None:
    """Anywhere in the city, in no areas until these are assigned."""
    west, south, east, north = shapely.total_bounds(shapes)
    conn.execute(
        "INSERT INTO import_batch (layer, target, file_name, sha256, state)"
        " VALUES ('c', 'components', 'f', 'x', 'promoted')"
    )
    conn.execute(
        "INSERT INTO component (component_code, code_scheme, subclass_code, state, batch_id, geom)"
        " SELECT lpad(n::text, 16, '0'), 'x', '0599', 'intact', (SELECT max(id) FROM import_batch),"
        "        ST_SetSRID(ST_MakePoint(%s + random() * %s, %s + random() * %s), 4544)"
        "   FROM generate_series(1, %s) AS n",
        [west, east - west, south, north - south, MILLION],
    )
    conn.execute("ANALYZE component")


def _reports(shapes: Any) -> Iterator[Any]:
    rng = np.random.default_rng(7)
    west, south, east, north = shapely.total_bounds(shapes)
    for n, (x, y) in enumerate(zip(rng.uniform(west, east, CASES), rng.uniform(south, north, CASES), strict=True)):
        yield made.report(f"r{n}", to_degrees(x, y))


def _merged(conn: Connection, city: City, shapes: Any) -> int:
    """A draft that makes one of each of PAIRS pairs of neighbours; a third of them lie in two patrol grids."""
    rng = np.random.default_rng(5)
    places = np.arange(LARGE * LARGE).reshape(LARGE, LARGE)[:, : LARGE // 2 * 2 : 2].ravel()
    first = np.sort(rng.choice(places, PAIRS, replace=False))
    rows: list[Any] = [(f"{n:06d}", "格", "Grid", None, None) for pair in first.tolist() for n in (pair, pair + 1)]
    rows += [(f"M{n:06d}", "格", "Grid", None, shapely.coverage_union_all(shapes[[n, n + 1]])) for n in first.tolist()]
    draft = drafts.add_draft(conn, "unit_grid", None, "bench", deed="merge", whole=False)
    drafts.fill_draft(conn, draft, city.srid, rows)
    return draft


def _codes(conn: Connection) -> Any:
    """For each component and kind the code of the area that holds it now."""
    places = conn.execute("SELECT ST_X(geom), ST_Y(geom) FROM component ORDER BY id").fetchall()
    x, y = np.array(places).T
    kinds = grid_index(conn).kinds.values()
    return np.column_stack([np.append(kind.codes, "")[kind.find(x, y).places] for kind in kinds])


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    found = work()
    return found, time.perf_counter() - begun
