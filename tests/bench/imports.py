"""Imports beside the programs that only load: a survey of 230,000 components in GBK, EPSG:4544.

Everything of ours counts (reading, all checks, comparison, promotion); of the peers the loading into an indexed table.
"""

import os
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd

from gridsvc.areas.apply import apply_draft
from gridsvc.cli.city_folder import read_city_folder
from gridsvc.cli.load import initialise, load_tables
from gridsvc.ingest.desk import Desk
from gridsvc.ingest.layers import COMPONENTS, Layer
from gridsvc.ingest.pipeline import import_file
from gridsvc.ingest.promote import Promoted
from gridsvc.localdb import Cluster
from gridsvc.store.connection import Connection, connect
from tests.bench.city import make_city
from tests.bench.figures import Figure, against

COUNT, GRIDS = 230_000, 3_600
SRID, SHARE = 4544, 0.01
FIELDS = {
    "code": "ObjID", "subclass_name": "ObjName", "authority": "DeptCode1", "owner": "DeptCode2",
    "maintainer": "DeptCode3", "position": "ObjPos", "unit_grid": "BGID", "state": "ObjState", "surveyed_at": "ORDate",
    "changed_at": "CHDate", "data_source": "DataSource", "note": "Note",
}  # fmt: skip
LAYER = Layer(layer=COMPONENTS, target=COMPONENTS, fields=FIELDS)
ROUNDS = 3
INDEXED = "ogr2ogr -append into a table with indexes like ours, loading only"
COPY_OF = """
    DROP TABLE IF EXISTS prepared;
    CREATE TABLE prepared (LIKE peer INCLUDING ALL);
    CREATE UNIQUE INDEX ON prepared (objid);
    CREATE INDEX ON prepared (objname, objid);
    CHECKPOINT"""
"""An empty table with those indexes of ours for which the file has columns: key and shape as ogr2ogr itself made them
(both before it loads), code, and subclass with code."""


def imports(folder: Path) -> Iterator[Figure]:
    for program in ("ogr2ogr", "shp2pgsql", "psql"):
        if shutil.which(program) is None:
            raise RuntimeError(f"{program} is missing: apt-get install gdal-bin postgis")
    made = _city(folder)
    survey = _survey(made)
    files = {name: _zipped(folder / name, frame) for name, frame in _files(survey)}
    cluster = Cluster(folder / "imports")
    cluster.up()
    try:
        yield from _measured(cluster, made, folder, files, len(survey))
    finally:
        cluster.remove()


def _measured(cluster: Cluster, made: Path, folder: Path, files: dict[str, Path], count: int) -> Iterator[Figure]:
    url = cluster.addresses().admin_url
    found = read_city_folder(made)
    initialise(found.city, cluster.addresses())
    loaders: dict[str, Callable[[str, Path], float]] = {
        "ogr2ogr into a new table, spatial index": _into_new,
        "shp2pgsql to psql": _shp2pgsql,
        INDEXED: _into_indexed,
    }
    peers = {
        name: float(np.median([load(url, files["first"]) for _ in range(ROUNDS)])) for name, load in loaders.items()
    }
    with connect(url) as conn:
        desk = Desk(city=found.city, uploads=folder / "uploads", staging=folder / "staging", photos=folder / "photos")
        load_tables(conn, found)
        for layer, file in found.areas:
            draft = import_file(conn, desk, file, layer).draft_id
            assert draft is not None
            apply_draft(conn, draft, reassign=False)
        first, done = _timed(conn, lambda: import_file(conn, desk, files["first"], LAYER))
        _expect(done, added=count)
        again, done = _timed(conn, lambda: import_file(conn, desk, files["resaved"], LAYER))
        _expect(done, unchanged=count)
        changed, done = _timed(conn, lambda: import_file(conn, desk, files["changed"], LAYER))
        _expect(done, changed=int(count * SHARE), unchanged=count - int(count * SHARE))
    what = f"import of {count:,} components in GBK"
    indexed = peers.pop(INDEXED)
    yield against(f"{what}: read, all checks, diff, promote", "s", first, 1.5, **{INDEXED: indexed})
    yield Figure(
        name="the same beside loading with fewer indexes", unit="s", ours=first, peers=peers, goal="–", met=None
    )
    yield against(f"{what} again, saved anew with other bytes", "s", again, 0.7, **{"the first": first})
    yield against(f"{what} again, 1 % of the rows changed", "s", changed, 0.8, **{"the first": first})


def _timed(conn: Connection, work: Callable[[], Promoted]) -> tuple[float, Promoted]:
    conn.execute("CHECKPOINT")
    begun = time.perf_counter()
    done = work()
    return time.perf_counter() - begun, done


def _expect(done: Promoted, **counts: int) -> None:
    found = {name: getattr(done, name) for name in counts}
    if found != counts or done.set_aside or done.ambiguous:
        raise RuntimeError(f"the import did not do what it had to: {done}")


def _city(folder: Path) -> Path:
    return make_city(folder / "city", components=COUNT, unit_grids=GRIDS)


def _survey(made: Path) -> Any:
    """All point components of the synthetic city as one layer."""
    layers = [geopandas.read_file(f"zip://{file}") for file in sorted(made.glob("components_*_point_*.zip"))]
    return geopandas.GeoDataFrame(pd.concat(layers, ignore_index=True), crs=SRID)


def _files(survey: Any) -> Iterator[tuple[str, Any]]:
    """The survey; the same in another order; the same with every hundredth row changed."""
    yield "first", survey
    yield "resaved", survey.iloc[::-1]
    changed = survey.copy()
    rows = np.arange(int(len(survey) * SHARE)) * int(1 / SHARE)
    changed.loc[rows, "ObjPos"] = changed.loc[rows, "ObjPos"] + "（新）"
    yield "changed", changed


def _zipped(folder: Path, frame: Any) -> Path:
    folder.mkdir()
    frame.to_file(folder / "survey.shp", encoding="GBK", engine="pyogrio")
    (folder / "survey.cpg").write_text("GBK")
    with zipfile.ZipFile(folder.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, part.name)
    return folder.with_suffix(".zip")


def _into_new(url: str, file: Path) -> float:
    _execute(url, "DROP TABLE IF EXISTS prepared", "DROP TABLE IF EXISTS peer", "CHECKPOINT")
    seconds = _ogr2ogr(url, file, "-nln", "peer", "-lco", "GEOMETRY_NAME=geom")
    _expect_indexes(url, "peer", 2)
    return seconds


def _into_indexed(url: str, file: Path) -> float:
    """Like the table that `_into_new` has made."""
    _execute(url, *COPY_OF.split(";"))
    seconds = _ogr2ogr(url, file, "-nln", "prepared", "-append")
    _expect_indexes(url, "prepared", 4)
    return seconds


def _ogr2ogr(url: str, file: Path, *how: str) -> float:
    """From the unpacked file, which spares it the unpacking that ours does."""
    environment = {**os.environ, "SHAPE_ENCODING": "GBK", "PG_USE_COPY": "YES"}
    options = ["-f", "PostgreSQL", f"PG:{url}", *how, "-a_srs", f"EPSG:{SRID}"]
    begun = time.perf_counter()
    subprocess.run(
        ["ogr2ogr", *options, str(file.with_suffix("") / "survey.shp")],
        check=True,
        env=environment,
        capture_output=True,
    )
    return time.perf_counter() - begun


def _execute(url: str, *statements: str) -> None:
    with connect(url) as conn:
        for statement in statements:
            conn.execute(statement)


def _expect_indexes(url: str, table: str, count: int) -> None:
    """One of them on the shapes; and rows, so that the loading was no empty one."""
    with connect(url) as conn:
        found = conn.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", (table,)).fetchall()
        size = conn.execute("SELECT pg_relation_size(%s::regclass)", (table,)).fetchone()
    if len(found) != count or not any("gist" in definition for (definition,) in found) or not (size and size[0]):
        raise RuntimeError(f"{table} has not the rows or indexes that it should have: {found}, {size}")


def _shp2pgsql(url: str, file: Path) -> float:
    shapes = file.with_suffix("") / "survey"
    command = f"shp2pgsql -D -I -W GBK -s {SRID} '{shapes}' peer2 | psql -q -v ON_ERROR_STOP=1 '{url}'"
    _execute(url, "DROP TABLE IF EXISTS peer2", "CHECKPOINT")
    begun = time.perf_counter()
    subprocess.run(["bash", "-o", "pipefail", "-c", command], check=True, capture_output=True)
    return time.perf_counter() - begun
