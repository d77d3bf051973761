"""The sample city: loading it, and locating its reports."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import geopandas
import numpy as np
import psutil

from gridsvc.casework.routing import locate_points
from gridsvc.localdb import Cluster
from gridsvc.store import areas
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect
from tests.bench.figures import Figure, against, at_most


def load_sample(folder: Path) -> Iterator[Figure]:
    """`gridsvc demo` on an empty data folder, and once more on the full one."""
    first, memory = _demo(folder)
    yield at_most("load, assign and route Washington (52,905 components, 34,083 reports)", "s", first, 45)
    yield at_most("largest process of ours meanwhile, resident", "MB", memory, 1_000)
    second, _ = _demo(folder)
    yield at_most("the same again: nothing to do", "s", second, 10)


def _demo(folder: Path) -> tuple[float, float]:
    """Seconds and the most megabytes that one process of ours was resident with."""
    command = [str(Path(sys.executable).parent / "gridsvc"), "demo", "--no-serve"]
    begun = time.perf_counter()
    run = subprocess.Popen(command, env={"GRIDSVC_DATA_FOLDER": str(folder), "PATH": "/usr/bin:/bin"}, stdout=-3)
    with _watched() as peak:
        if run.wait():
            raise RuntimeError("gridsvc demo failed")
    return time.perf_counter() - begun, max(peak)


@contextmanager
def _watched() -> Iterator[list[float]]:
    """The most memory of any gridsvc or PostgreSQL process, sampled five times a second.

    Pages of PostgreSQL's shared buffers count for every process that touched them, so its figure is an upper bound.
    """
    peak, done = [0.0], Event()

    def watch() -> None:
        while not done.wait(0.2):
            for process in psutil.process_iter(["cmdline", "memory_info"]):
                words = " ".join(process.info["cmdline"] or [])
                if ("gridsvc demo" in words or words.startswith("postgres: ")) and process.info["memory_info"]:
                    peak[0] = max(peak[0], process.info["memory_info"].rss / 1e6)

    thread = Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def locate_sample(folder: Path) -> Iterator[Figure]:
    """All placed reports located in five kinds of area with the distance to every edge, beside geopandas' join."""
    cluster = Cluster(folder)
    cluster.up()
    try:
        with connect(cluster.addresses().admin_url) as conn:
            yield _locate(conn, the_city(conn))
    finally:
        cluster.down()


def _locate(conn: Connection, city: City) -> Figure:
    points = np.array(conn.execute("SELECT ST_X(geom), ST_Y(geom) FROM report WHERE geom IS NOT NULL").fetchall())
    kinds = [kind.kind for kind in areas.kinds_in_use(conn)]
    frames = {}
    for kind in kinds:
        found = areas.areas_in_force(conn, kind)
        shapes = [area.geom for area in found]
        frames[kind] = geopandas.GeoDataFrame({"code": [a.code for a in found]}, geometry=shapes, crs=city.srid)
    located = geopandas.GeoSeries(geopandas.points_from_xy(*points.T), crs=city.srid)
    degrees = located.to_crs(4326)
    lonlat = list(zip(degrees.x.tolist(), degrees.y.tolist(), strict=True))
    begun = time.perf_counter()
    for start in range(0, len(lonlat), 2_000):
        locate_points(conn, city, lonlat[start : start + 2_000])
    ours = time.perf_counter() - begun
    return against(
        f"locate {len(points):,} reports in {len(kinds)} kinds with edge distances, in SQL",
        "s",
        ours,
        1,
        **{"geopandas.sjoin + distance": _peer(located, frames)},
    )


def _peer(located: geopandas.GeoSeries, frames: dict[str, geopandas.GeoDataFrame]) -> float:
    points = geopandas.GeoDataFrame(geometry=located)
    begun = time.perf_counter()
    for frame in frames.values():
        joined = geopandas.sjoin(points, frame, predicate="intersects")
        edges = frame.boundary.iloc[joined["index_right"].to_numpy()].reset_index(drop=True)
        joined.geometry.reset_index(drop=True).distance(edges, align=False)
    return time.perf_counter() - begun
