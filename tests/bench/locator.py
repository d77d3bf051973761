"""The grid index: points per second beside four joins that give the same answers, its making, its memory, one point.

Unit grids of 41 vertices with wiggly sides; of the points a tenth lies within two metres of an edge.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_spatial
import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import sedonadb
import shapely

from gridsvc.areas.apply import apply_draft
from gridsvc.cli.load import initialise
from gridsvc.domain.grid_index import GridIndex, KindIndex
from gridsvc.localdb import Cluster
from gridsvc.store import areas, drafts
from gridsvc.store.arrows import copy_arrow
from gridsvc.store.city import City
from gridsvc.store.connection import Connection, connect
from gridsvc.store.locating import grid_index, kind_areas, kind_index
from tests import made
from tests.bench.figures import Figure, at_least, at_most
from tests.bench.serving import one_point_over_http
from tests.database import TOWN
from tests.sketch import ORIGIN, SRID

SMALL, MIDDLE, LARGE = 84, 148, 265
"""Unit grids along one side: 7,056, 21,904 and 70,225 of them."""
STEP, SEGMENTS, BORDER = 100.0, 10, 2.0
MILLION = 1_000_000
ROUNDS = 11
TOGETHER = {"district": 80, "subdistrict": 20, "community": 5, "responsibility_grid": 4, "patrol_grid": 3, "block": 2}
"""The other kinds, by how many unit grids they have along a side."""


Sample = tuple[KindIndex, Any, Any]
"""An index, and points to look up."""


def locator(folder: Path) -> Iterator[Figure]:
    cluster = Cluster(folder / "locator")
    cluster.up()
    try:
        initialise(TOWN, cluster.addresses())
        with connect(cluster.addresses().admin_url) as conn:
            yield from _measured(conn, TOWN)
        yield from one_point_over_http(cluster.addresses(), folder, *points(tiling(LARGE), 5_000))
    finally:
        cluster.remove()


def _measured(conn: Connection, city: City) -> Iterator[Figure]:
    indexes = {}
    for side in (SMALL, MIDDLE, LARGE):
        shapes = tiling(side)
        _put(conn, city, "unit_grid", shapes)
        index, seconds = _timed(lambda: kind_index(conn, "unit_grid"))
        indexes[side] = index, *points(shapes, MILLION)
        if side == SMALL:
            continue
        grids = f"{len(shapes):,} unit grids"
        yield from _beside_peers(conn, grids, index, shapes)
        ten = _rate(index, *points(shapes, 10 * MILLION))
        yield at_least(f"locate 10,000,000 points in {grids}", "M points/s", ten / 1e6, 10)
        if side == LARGE:
            yield at_most(f"index of {grids} made from the store", "s", seconds, 5)
    ratio = _ratio(indexes[LARGE], indexes[SMALL])
    yield at_least("points per second in 70,225 unit grids to those in 7,056", "", ratio, 0.8)
    yield from _all_kinds(conn, city)


def tiling(side: int) -> Any:
    """side × side quadrangles with SEGMENTS wiggles on each side, shared vertex for vertex."""
    rng = np.random.default_rng(side)
    corners = np.stack(np.meshgrid(np.arange(side + 1), np.arange(side + 1)), -1) * STEP + ORIGIN
    corners += rng.uniform(-0.2, 0.2, corners.shape) * STEP
    along = np.linspace(0, 1, SEGMENTS + 1)[1:-1, None]

    def wiggly(begin: Any, end: Any) -> Any:
        straight = begin[..., None, :] + (end - begin)[..., None, :] * along
        return straight + rng.uniform(-0.02, 0.02, straight.shape) * STEP

    across, up = wiggly(corners[:, :-1], corners[:, 1:]), wiggly(corners[:-1], corners[1:])
    sw, se, ne, nw = (
        corners[i : side + i, None, j : side + j].transpose(0, 2, 1, 3) for i, j in [(0, 0), (0, 1), (1, 1), (1, 0)]
    )
    ring = [sw, across[:-1], se, up[:, 1:], ne, across[1:, :, ::-1], nw, up[:, :-1, ::-1], sw]
    return shapely.polygons(np.concatenate(ring, axis=2).reshape(side * side, -1, 2))


def points(shapes: Any, count: int) -> tuple[Any, Any]:
    """x and y anywhere; a tenth within BORDER of an edge."""
    rng = np.random.default_rng(count)
    west, south, east, north = shapely.total_bounds(shapes)
    x, y = rng.uniform(west, east, count), rng.uniform(south, north, count)
    rings = shapely.get_coordinates(shapes).reshape(len(shapes), -1, 2)
    chosen = rng.permutation(count)[: count // 10]
    area, edge = rng.integers(len(shapes), size=len(chosen)), rng.integers(rings.shape[1] - 1, size=len(chosen))
    begin, end = rings[area, edge], rings[area, edge + 1]
    on_edge = begin + (end - begin) * rng.random((len(chosen), 1))
    angle, far = rng.uniform(0, 2 * np.pi, len(chosen)), rng.uniform(0, BORDER, len(chosen))
    x[chosen], y[chosen] = on_edge[:, 0] + far * np.cos(angle), on_edge[:, 1] + far * np.sin(angle)
    return x, y


def _put(conn: Connection, city: City, kind: str, shapes: Any) -> None:
    areas.declare_kinds(conn, [made.kind(kind)])
    draft = drafts.add_draft(conn, kind, None, "bench")
    rows = [(f"{n:015d}", "格", "Grid", None, shape) for n, shape in enumerate(shapes)]
    drafts.fill_draft(conn, draft, city.srid, rows)
    apply_draft(conn, draft, reassign=False)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    found = work()
    return found, time.perf_counter() - begun


def _rate(index: KindIndex, x: Any, y: Any) -> float:
    """Points per second, on all cores: the median of ROUNDS."""
    index.find(x, y)
    return float(len(x) / np.median([_timed(lambda: index.find(x, y))[1] for _ in range(ROUNDS)]))


def _ratio(one: Sample, other: Sample) -> float:
    """Points per second of the one to the other: the median of rounds in turn, so a slower moment hits both."""
    for index, x, y in (one, other):
        index.find(x, y)
    pairs = [[_timed(lambda s=s: s[0].find(*s[1:]))[1] for s in (one, other)] for _ in range(ROUNDS)]
    return float(np.median([slow / fast for fast, slow in pairs]))


def _beside_peers(conn: Connection, grids: str, index: KindIndex, shapes: Any) -> Iterator[Figure]:
    """Each join tells which grid meets which point; only its work counts, not bringing it the data and an index.

    On edges the joins have no rule of ties: these points are left out when the answers are compared.
    """
    x, y = points(shapes, MILLION)
    found = index.find(x, y)
    clear = found.flags == 0
    peers = {}
    for name, join in PEERS.items():
        point, area, seconds = join(conn, shapes, x, y)
        places = np.full(len(x), -1)
        places[point] = area
        wrong = int((places != found.places)[clear].sum())
        if wrong:
            raise RuntimeError(f"{name} says something else of {wrong:,} points")
        peers[name] = len(x) / seconds / 1e6
    ours = _rate(index, x, y)
    yield at_least(f"locate 1,000,000 points in {grids}", "M points/s", ours / 1e6, 10, **peers)
    times = ours / 1e6 / max(peers.values())
    yield at_least(f"locate 1,000,000 points in {grids}, to the fastest of the joins", "times", times, 20)


Joined = tuple[Any, Any, float]
"""Points and grids that meet, and seconds."""


def _geopandas(_: Connection, shapes: Any, x: Any, y: Any) -> Joined:
    grids = geopandas.GeoDataFrame(geometry=shapes, crs=SRID)
    places = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(x, y), crs=SRID)
    _ = grids.sindex
    found, seconds = _timed(lambda: geopandas.sjoin(places, grids, predicate="intersects"))
    return found.index.to_numpy(), found["index_right"].to_numpy(), seconds


JOIN = "SELECT point, area FROM places JOIN grids ON ST_Intersects(grids.geom, places.geom)"


def _frames(shapes: Any, x: Any, y: Any) -> tuple[Any, Any]:
    grids = pd.DataFrame({"area": np.arange(len(shapes)), "wkb": shapely.to_wkb(shapes)})
    return grids, pd.DataFrame({"point": np.arange(len(x)), "x": x, "y": y})


SPATIAL = Path(duckdb_extension_spatial.__file__).parent


def _duckdb(_: Connection, shapes: Any, x: Any, y: Any) -> Joined:
    with duckdb.connect() as duck:
        duck.load_extension(str(next(SPATIAL.rglob("spatial.duckdb_extension"))))
        grids, places = _frames(shapes, x, y)
        duck.register("given_grids", grids).register("given_places", places)
        duck.execute("CREATE TABLE grids AS SELECT area, ST_GeomFromWKB(wkb) AS geom FROM given_grids")
        duck.execute("CREATE TABLE places AS SELECT point, ST_Point(x, y) AS geom FROM given_places")
        found, seconds = _timed(lambda: duck.execute(JOIN).fetchnumpy())
    return found["point"], found["area"], seconds


def _sedona(_: Connection, shapes: Any, x: Any, y: Any) -> Joined:
    sedona = sedonadb.connect()
    grids, places = _frames(shapes, x, y)
    sedona.create_data_frame(grids).to_view("given_grids")
    sedona.create_data_frame(places).to_view("given_places")
    sedona.sql("SELECT area, ST_GeomFromWKB(wkb) AS geom FROM given_grids").to_memtable().to_view("grids")
    sedona.sql("SELECT point, ST_Point(x, y) AS geom FROM given_places").to_memtable().to_view("places")
    found, seconds = _timed(lambda: sedona.sql(JOIN).to_arrow_table())
    return np.asarray(found["point"]), np.asarray(found["area"]), seconds


def _postgis(conn: Connection, shapes: Any, x: Any, y: Any) -> Joined:
    """In parallel, as the server is configured; the answer stays in the database."""
    with conn.transaction(force_rollback=True):
        conn.execute("CREATE TEMP TABLE given (point int, x float8, y float8)")
        columns = [pa.array(np.arange(len(x))), pa.array(x), pa.array(y)]
        copy_arrow(conn, "COPY given FROM STDIN", columns)
        copied = [pa.array(np.arange(len(shapes))), pa.array(shapely.to_wkb(shapes, hex=True))]
        conn.execute("CREATE TABLE grids (area int, geom geometry)")
        copy_arrow(conn, "COPY grids FROM STDIN", copied)
        conn.execute("CREATE TABLE places AS SELECT point, ST_MakePoint(x, y) AS geom FROM given")
        conn.execute("CREATE INDEX ON grids USING gist (geom)")
        conn.execute("ANALYZE grids; ANALYZE places")
        _, seconds = _timed(lambda: conn.execute(f"CREATE TABLE found AS {JOIN}"))
        point, area = np.array(conn.execute("SELECT point, area FROM found").fetchall()).T
    return point, area, seconds


PEERS = {"geopandas.sjoin": _geopandas, "DuckDB spatial": _duckdb, "SedonaDB": _sedona, "PostGIS": _postgis}


def _all_kinds(conn: Connection, city: City) -> Iterator[Figure]:
    """Kinds made of whole unit grids, in all of their vertices."""
    grids = kind_areas(conn, "unit_grid")
    place = np.arange(len(grids.shapes))
    for kind, size in TOGETHER.items():
        owner = (place // LARGE // size) * LARGE + place % LARGE // size
        merged = [shapely.coverage_union_all(grids.shapes[owner == one]) for one in np.unique(owner)]
        _put(conn, city, kind, np.array(merged, dtype=object))
    index, seconds = _timed(lambda: grid_index(conn))
    x, y = points(tiling(LARGE), 100_000)
    size = sum(array.nbytes for kind in index.kinds.values() for array in kind.cells if isinstance(array, np.ndarray))
    what = f"{len(index.kinds)} kinds, {len(grids.shapes):,} unit grids among them"
    yield at_most(f"index of {what}: arrays", "MB", size / 1e6, 1_000)
    yield at_most(f"index of {what}: made from the store", "s", seconds, 15)
    yield at_most(f"one point in {what}, with edge distances, 99th percentile", "µs", _p99(index, x, y), 100)


def _p99(index: GridIndex, x: Any, y: Any) -> float:
    times = [_timed(lambda n=n: index.at(x[n], y[n]))[1] for n in range(len(x))]  # type: ignore[misc]
    return float(1e6 * np.percentile(times, 99))
