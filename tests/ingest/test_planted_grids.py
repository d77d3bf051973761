"""Faults of every sort in unit grids: exactly these are found, in a file and in force. `make bench`: 70,000 grids."""

from pathlib import Path

from gridsvc.cli.city_folder import read_city_folder
from gridsvc.store.connection import Connection
from tests.bench.city import make_city
from tests.bench.grids import checked, checked_standing, put_parents
from tests.ingest.layers import desk


def test_planted_faults_are_found_and_nothing_else(conn: Connection, tmp_path: Path) -> None:
    found = read_city_folder(make_city(tmp_path / "city", components=5_000, unit_grids=3_000))
    at = desk(found.city, tmp_path)
    put_parents(conn, at, found)
    _, _, layer = checked(conn, at, found, tmp_path / "planted", each=3)
    assert len(layer.planted) == 3 * 16
    checked_standing(conn, found, layer)
