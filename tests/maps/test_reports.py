"""From the store to a map: what the drawing gets."""

import numpy as np

from gridsvc.maps.layers import MAX_CELLS
from gridsvc.maps.reports import MOST_CELLS, SMALLEST_CELL, Chosen, cell_size, draw_heat
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.sketch import ORIGIN, Sketch

TOWN = Sketch("a . b\n. . .\nd . c", step=1_000)


def scatter(conn: Connection, many: int, apart: float) -> None:
    """So many reports on a line, each `apart` metres from the next."""
    made.put_channel(conn)
    conn.execute(
        "INSERT INTO report (id, channel, external_id, reported_at, state, geom)"
        " SELECT md5(n::text)::uuid, 'hotline', n::text, now(), 'reported',"
        "        ST_SetSRID(ST_MakePoint(%s + n %% 80 * %s, %s + n / 80 * %s), 4544) FROM generate_series(1, %s) AS n",
        [ORIGIN[0], apart, ORIGIN[1], apart, many],
    )


def test_the_whole_city_takes_at_most_so_many_cells() -> None:
    square = np.array([TOWN.polygon("abcd")])
    edge = cell_size(square)
    assert edge % 10 == 0
    assert 4_000_000 / (1.5 * np.sqrt(3) * edge**2) <= MOST_CELLS or edge == SMALLEST_CELL
    assert cell_size(np.array([])) == SMALLEST_CELL


def test_reports_far_outside_are_drawn_with_larger_cells(conn: Connection, town: City) -> None:
    scatter(conn, MAX_CELLS + 500, apart=150)
    html = draw_heat(conn, town, Chosen(), "en")
    assert "Hexagon edge 60 m" not in html
    assert "Hexagon edge 90 m" in html or "Hexagon edge 135 m" in html


def test_a_few_reports_before_there_are_areas_are_drawn(conn: Connection, town: City) -> None:
    scatter(conn, 3, apart=1_000)
    assert "Hexagon edge 60 m" in draw_heat(conn, town, Chosen(), "en")
