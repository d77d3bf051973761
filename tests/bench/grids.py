"""All area checks on 70,000 unit grids, faults planted: exactly these are found, in time. Peers for what they find."""

import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import geopandas
import numpy as np
import shapely

from gridsvc.areas.apply import apply_draft
from gridsvc.cli.city_folder import CityFolder, read_city_folder
from gridsvc.cli.load import initialise, load_tables
from gridsvc.domain.findings import Finding
from gridsvc.ingest.check import check_batch
from gridsvc.ingest.checks import check_whole
from gridsvc.ingest.desk import Desk, decide, receive
from gridsvc.ingest.pipeline import import_file
from gridsvc.ingest.standing import check_areas
from gridsvc.localdb import Cluster
from gridsvc.store import batches, drafts
from gridsvc.store.connection import Connection, connect
from tests.bench.city import make_city
from tests.bench.figures import Figure, at_most
from tests.bench.planted import Layer, differences, plant

COUNT, EACH = 70_000, 12
"""Unit grids, and faults of each sort."""
KIND, ABOVE = "unit_grid", ("district", "subdistrict", "community")
ALWAYS = ("reading", "size_spread")
"""What is said of every such file."""
SECONDS = 20.0


def area_checks(folder: Path) -> Iterator[Figure]:
    made = make_city(folder / "grids-city", components=5_000, unit_grids=COUNT)
    cluster = Cluster(folder / "grids")
    cluster.up()
    try:
        found = read_city_folder(made)
        initialise(found.city, cluster.addresses())
        with connect(cluster.addresses().admin_url) as conn:
            desk = Desk(
                city=found.city, uploads=folder / "grids-uploads", staging=folder / "grids-staging",
                photos=folder / "photos",
            )  # fmt: skip
            put_parents(conn, desk, found)
            whole, rules, layer = checked(conn, desk, found, folder / "planted", EACH)
            standing = checked_standing(conn, found, layer)
            peers = {"PostGIS self join + union": _postgis(conn, layer), "GEOS coverage check + union": _geos(layer)}
    finally:
        cluster.remove()
    what = f"{COUNT:,} unit grids, {len(layer.planted)} planted faults found and nothing else"
    yield at_most(f"all area checks of {what}", "s", rules, SECONDS, **peers)
    yield at_most("the same with reading, comparing, writing of findings", "s", whole, SECONDS)
    yield at_most("the same of the areas in the store, without a file (areas check)", "s", standing, SECONDS)


def put_parents(conn: Connection, desk: Desk, found: CityFolder) -> None:
    """All that unit grids lie in."""
    load_tables(conn, found)
    for layer, file in found.areas:
        if layer.target in ABOVE:
            draft = import_file(conn, desk, file, layer).draft_id
            assert draft is not None
            apply_draft(conn, draft)


def checked(
    conn: Connection, desk: Desk, found: CityFolder, folder: Path, each: int, seed: int = 1
) -> tuple[float, float, Layer]:
    """Seconds of the whole check and of its area rules. RuntimeError unless it finds exactly what was planted."""
    (meaning, file), *_ = [one for one in found.areas if one[0].target == KIND]
    planted = _planted(file, each, seed)
    batch_id = receive(conn, desk, _written(folder, planted, found.city.srid))
    decide(conn, desk, batch_id, meaning)
    rules = _Timed(check_whole)
    with patch("gridsvc.ingest.check.check_whole", rules):
        begun = time.perf_counter()
        check_batch(conn, desk, batch_id)
        whole = time.perf_counter() - begun
    _same(planted, batches.all_findings(conn, batch_id))
    return whole, rules.seconds, planted


def checked_standing(conn: Connection, found: CityFolder, layer: Layer) -> float:
    """Seconds of the check of the same areas in force. RuntimeError unless it finds the same."""
    with conn.transaction(force_rollback=True):
        _stand(conn, found.city.srid, layer)
        begun = time.perf_counter()
        report = check_areas(conn, found.city, KIND)
        seconds = time.perf_counter() - begun
    _same(layer, report.findings)
    return seconds


def _stand(conn: Connection, srid: int, layer: Layer) -> None:
    """In force, whatever they are like."""
    draft = drafts.add_draft(conn, KIND, None, "planted")
    rows = zip(layer.codes, layer.parents, layer.shapes, strict=True)
    there = [(code, "", "", parent, shape) for code, parent, shape in rows if shape is not None]
    drafts.fill_draft(conn, draft, srid, there)
    apply_draft(conn, draft)


def _same(layer: Layer, findings: Iterable[Finding]) -> None:
    wrong = differences(layer.planted, [finding for finding in findings if finding.rule not in ALWAYS])
    if wrong:
        raise RuntimeError("\n".join([f"{len(wrong)} findings are other than planted:", *wrong]))


class _Timed:
    def __init__(self, work: Any) -> None:
        self._work, self.seconds = work, 0.0

    def __call__(self, *arguments: Any) -> None:
        begun = time.perf_counter()
        self._work(*arguments)
        self.seconds += time.perf_counter() - begun


def _planted(file: Path, each: int, seed: int) -> Layer:
    frame = geopandas.read_file(f"zip://{file}")
    layer = Layer(codes=list(frame["CODE"]), parents=list(frame["PARENT"]), shapes=list(frame.geometry.values))
    plant(layer, each, seed)
    return layer


def _written(folder: Path, layer: Layer, srid: int) -> Path:
    """A zipped shapefile in GBK."""
    rows = [row for row, shape in enumerate(layer.shapes) if shape is not None]
    columns = {
        "CODE": [layer.codes[row] for row in rows], "NAME": [f"网格{row}" for row in rows],
        "NAME_EN": [f"Grid {row}" for row in rows], "PARENT": [layer.parents[row] for row in rows],
        "STARTDATE": ["2020-01-01"] * len(rows),
    }  # fmt: skip
    folder.mkdir(parents=True)
    frame = geopandas.GeoDataFrame(columns, geometry=[layer.shapes[row] for row in rows], crs=srid)
    frame.to_file(folder / "grids.shp", encoding="GBK", engine="pyogrio")
    with zipfile.ZipFile(folder / "grids.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for suffix in ("shp", "shx", "dbf", "prj", "cpg"):
            archive.write(folder / f"grids.{suffix}", f"grids.{suffix}")
    return folder / "grids.zip"


def _shapes(layer: Layer) -> Any:
    return np.array([shape for shape in layer.shapes if shape is not None], dtype=object)


def _geos(layer: Layer) -> float:
    """Only which edges do not fit, and where ground is left open; not what it is, nor between which grids."""
    shapes = _shapes(layer)
    begun = time.perf_counter()
    shapely.coverage_invalid_edges(shapes)
    shapely.get_num_interior_rings(shapely.get_parts(shapely.union_all(shapes)))
    return time.perf_counter() - begun


def _postgis(conn: Connection, layer: Layer) -> float:
    """In the same database with a spatial index: pairs that overlap, and holes of the union of all. Loading is free."""
    with conn.transaction(force_rollback=True):
        conn.execute("CREATE TEMP TABLE peer (id serial, geom geometry) ON COMMIT DROP")
        with conn.cursor() as cursor, cursor.copy("COPY peer (geom) FROM STDIN") as copy:
            for text in shapely.to_wkb(_shapes(layer), hex=True):
                copy.write_row([text])
        conn.execute("CREATE INDEX ON peer USING gist (geom)")
        conn.execute("ANALYZE peer")
        begun = time.perf_counter()
        conn.execute(
            "SELECT a.id, b.id, ST_Intersection(a.geom, b.geom) FROM peer AS a JOIN peer AS b"
            "    ON a.id < b.id AND (ST_Overlaps(a.geom, b.geom) OR ST_Equals(a.geom, b.geom))"
        ).fetchall()
        conn.execute(
            "SELECT ST_DumpRings(part) FROM (SELECT (ST_Dump(ST_Union(geom))).geom AS part FROM peer) AS parts"
        ).fetchall()
        return time.perf_counter() - begun
