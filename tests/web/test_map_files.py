"""`gridsvc map`: files that open with no network, small for a million reports, with true totals."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely

from gridsvc.access.accounts import first_administrator
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests import made
from tests.browser import Window
from tests.database import as_service
from tests.sketch import ORIGIN

SIDE = 20_000.0
MANY = 1_000_000


@pytest.fixture(scope="module")
def crowded(database: str) -> Iterator[str]:
    """A town of 20 by 20 km with 400 grids in 4 districts and a million reports, every tenth a closed case."""
    edges = np.linspace(0, SIDE, 21)
    cells = {f"g{i:02d}{j:02d}": (edges[i], edges[j], edges[i + 1], edges[j + 1]) for i in range(20) for j in range(20)}
    halves = {f"d{i}{j}": (i * SIDE / 2, j * SIDE / 2, (i + 1) * SIDE / 2, (j + 1) * SIDE / 2)
              for i in range(2) for j in range(2)}  # fmt: skip
    with connect(database) as conn:
        with conn.transaction():
            town = the_city(conn)
            for name, boxes, specificity in (("district", halves, 0), ("grid", cells, 10)):
                shapes = {code: shapely.box(*np.add(box, ORIGIN * 2)) for code, box in boxes.items()}
                made.put_areas(conn, town, made.kind(name, specificity=specificity), shapes)
            made.put_channel(conn)
            made.put_departments(conn, "west")
            conn.execute(CROWD, {"many": MANY, "east": ORIGIN[0], "north": ORIGIN[1], "side": SIDE})
            conn.execute(CASES)
        first_administrator(conn, password=False)
        conn.execute("ANALYZE report, cases, area")
        yield database


CROWD = """
INSERT INTO report (id, channel, external_id, kind, subclass_code, reported_at, state, geom, current_area_ids)
SELECT md5(n::text)::uuid, 'hotline', n::text, 'event', '0110', timestamptz '2026-01-01 00:00Z' + n * interval '10 s',
       'reported', ST_SetSRID(ST_MakePoint(%(east)s + %(side)s * x, %(north)s + %(side)s * y), 4544),
       ARRAY[district.id, grid.id]
  FROM (SELECT n, power(((n * 7919) %% 100003) / 100003.0::float8, 2) AS x,
               ((n * 104729) %% 99991) / 99991.0::float8 AS y
          FROM generate_series(1::bigint, %(many)s) AS n) AS point
  JOIN area AS district ON district.code = format('d%%s%%s', floor(2 * x), floor(2 * y))
  JOIN area AS grid ON grid.code = 'g' || to_char(floor(20 * x), 'FM00') || to_char(floor(20 * y), 'FM00')
"""
CASES = """
INSERT INTO cases (report_id, lead, lane, state, registered_at, closed_at, version, due_provisional)
SELECT id, 'west', 'dispatched', 'closed', reported_at, reported_at, 1, false FROM report WHERE external_id LIKE '%7'
"""


def run(crowded: str, *command: str) -> "subprocess.CompletedProcess[str]":
    """`gridsvc map …` on the crowded town."""
    program = [str(Path(sys.executable).with_name("gridsvc")), "map", *command]
    environment = {**os.environ, "GRIDSVC_DATABASE_URL": as_service(crowded), "GRIDSVC_ADMIN_URL": crowded}
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=False)


FIRST_OF_FEBRUARY = ("--kind", "event", "--subclass", "0110", "--from", "2026-02-01", "--to", "2026-02-01")


@pytest.mark.parametrize(
    ("command", "total", "shapes"),
    [
        (("heat", "--lang", "en"), MANY, (2_000, 5_500)),
        (("heat", "--by", "grid"), MANY, (400, 400)),
        (
            ("heat", "--kind", "event", "--subclass", "0110", "--from", "2026-02-01", "--to", "2026-02-01"),
            8_640,
            (800, 5_500),
        ),
        (("grid",), MANY * 9 // 10, (400, 400)),
    ],
)
def test_a_million_reports_fit_into_a_file_that_needs_no_network(
    window: Window, crowded: str, tmp_path: Path, command: tuple[str, ...], total: int, shapes: tuple[int, int]
) -> None:
    file = tmp_path / "map.html"
    begun = time.perf_counter()
    done = run(crowded, *command, "-o", str(file), "--json")
    assert done.returncode == 0, done.stderr
    assert time.perf_counter() - begun < 20
    assert json.loads(done.stdout)["bytes"] == file.stat().st_size <= 2_000_000
    window.page.goto(file.as_uri())
    window.page.locator("path.shape").first.wait_for()
    assert shapes[0] <= window.page.locator("path.shape").count() <= shapes[1]
    assert window.page.locator(".title .figure").inner_text() == f"{total:,}"
    assert window.page.locator("path.outline").count() == 4
    window.watch.assert_quiet()


def test_a_bad_filter_writes_no_file(crowded: str, tmp_path: Path) -> None:
    done = run(crowded, "heat", "--by", "street", "-o", str(tmp_path / "map.html"))
    assert done.returncode == 1
    assert "map by 'street' is not known; choose one of: cell, district, grid" in done.stderr
    assert list(tmp_path.iterdir()) == []
