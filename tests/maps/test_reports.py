"""From the store to a map: what the drawing gets."""

import json
import re

import numpy as np
import pytest

from gridsvc.domain.crs import project_one, unproject
from gridsvc.errors import InputError
from gridsvc.maps.reports import MOST_CELLS, SMALLEST_CELL, Chosen, cell_size, draw_grid, draw_heat
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


def put_report(conn: Connection, name: str, x: float, y: float) -> None:
    conn.execute(
        "INSERT INTO report (id, channel, external_id, reported_at, state, geom)"
        " VALUES (gen_random_uuid(), 'hotline', %s, now(), 'reported', ST_SetSRID(ST_MakePoint(%s, %s), 4544))",
        [name, x, y],
    )


def view(html: str) -> list[list[float]]:
    """The south-west and north-east corner that a map shows first."""
    found = re.search(r"gridsvc\.view\(\w+, (.+?)\);", html)
    assert found is not None
    corners: list[list[float]] = json.loads(found[1])
    return corners


@pytest.mark.parametrize("place", [(104.6, 89.9), (31.4, 82.0), (-75.3, -31.4)])
def test_a_report_far_away_does_not_move_the_map(conn: Connection, town: City, place: tuple[float, float]) -> None:
    made.put_areas(conn, town, made.kind("grid"), {"all": TOWN.polygon("abcd")})
    made.put_channel(conn)
    put_report(conn, "inside", *TOWN.xy("d"))
    before = draw_heat(conn, town, Chosen(), "en")
    put_report(conn, "far", *project_one(town.srid, *place))
    after = draw_heat(conn, town, Chosen(), "en")
    assert view(after) == view(before)
    assert "1 of these lies far outside the city and is not drawn" in after
    assert "far outside" not in before


def test_a_report_beside_the_city_is_drawn_outside_the_view(conn: Connection, town: City) -> None:
    made.put_areas(conn, town, made.kind("grid"), {"all": TOWN.polygon("abcd")})
    made.put_channel(conn)
    east, south = TOWN.xy("c")
    put_report(conn, "beside", east + 900, south)
    html = draw_heat(conn, town, Chosen(), "en")
    assert "far outside" not in html
    assert view(html)[1][1] < unproject(town.srid, np.array([east + 900]), np.array([south]))[0][0]


def test_a_grid_map_has_no_cells(conn: Connection, town: City) -> None:
    made.put_areas(conn, town, made.kind("grid"), {"all": TOWN.polygon("abcd")})
    with pytest.raises(InputError, match="map by 'cell' is not known; choose one of: grid"):
        draw_grid(conn, town, Chosen(by="cell"))


def test_a_few_reports_before_there_are_areas_are_drawn(conn: Connection, town: City) -> None:
    scatter(conn, 3, apart=1_000)
    assert "Hexagon edge 60 m" in draw_heat(conn, town, Chosen(), "en")
