"""The heat map of a million reports, beside Folium's own."""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import folium
from folium.plugins import HeatMap

from gridsvc.localdb import Cluster
from gridsvc.maps.reports import Chosen, draw_heat
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection, connect
from tests.bench.figures import Figure, at_most

MILLION = 1_000_000


def heat_map(folder: Path) -> Iterator[Figure]:
    """A million reports scattered like the sample's own; rolled back afterwards."""
    cluster = Cluster(folder)
    cluster.up()
    try:
        with connect(cluster.addresses().admin_url) as conn, conn.transaction(force_rollback=True):
            _multiply(conn)
            begun = time.perf_counter()
            html = draw_heat(conn, the_city(conn), Chosen())
            seconds = time.perf_counter() - begun
            size, peer_seconds = _peer(conn)
    finally:
        cluster.down()
    assert f"{MILLION:,}" in html
    yield at_most(
        "heat map of 1,000,000 reports, one file", "MB", len(html.encode()) / 1e6, 2, **{"Folium HeatMap": size}
    )
    yield at_most("the same, time to draw", "s", seconds, 10, **{"Folium HeatMap": peer_seconds})


def _multiply(conn: Connection) -> None:
    """Copies of the placed reports, each moved by up to 150 m, until there are a million."""
    conn.execute("DELETE FROM report_repeat")
    conn.execute(
        "INSERT INTO report (id, channel, external_id, reported_at, state, geom)"
        " SELECT gen_random_uuid(), 'dc-311', 'copy-' || n, '2016-08-01', 'reported',"
        "        ST_Translate(geom, random() * 300 - 150, random() * 300 - 150)"
        "   FROM (SELECT geom, row_number() OVER () AS n"
        "           FROM report, generate_series(1, 40) WHERE geom IS NOT NULL) AS copies"
        "  LIMIT %s - (SELECT count(*) FROM report)",
        (MILLION,),
    )


def _peer(conn: Connection) -> tuple[float, float]:
    """Megabytes and seconds of Folium's HeatMap over the same points."""
    begun = time.perf_counter()
    rows = conn.execute(
        "SELECT ST_Y(p), ST_X(p) FROM report, LATERAL (SELECT ST_Transform(geom, 4326) AS p) AS turned"
        " WHERE geom IS NOT NULL"
    ).fetchall()
    drawn = folium.Map(location=rows[0])
    HeatMap([list(row) for row in rows]).add_to(drawn)
    handle, name = tempfile.mkstemp(suffix=".html")
    os.close(handle)
    drawn.save(name)
    size = Path(name).stat().st_size / 1e6
    Path(name).unlink()
    return size, time.perf_counter() - begun
