"""The real city, loaded as a user would: located areas against shapely, routing against the city's own record.

In Washington a type of request has one department, so this is a regression check of the whole path, not a proof of
spatial routing; that is measured against planted truth in test_synthetic_city.
"""

import csv
import gzip
import os
import runpy
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from psycopg.conninfo import make_conninfo

from gridsvc import resources
from gridsvc.casework.regression import Compared, compare
from gridsvc.casework.simulate import Simulated, Trial, simulate
from gridsvc.cli.city_folder import CityFolder, read_city_folder
from gridsvc.cli.load import initialise, load_city
from gridsvc.config import Settings
from gridsvc.domain.crs import project
from gridsvc.domain.location import TOLERANCE
from gridsvc.localdb import Addresses
from gridsvc.store import areas
from gridsvc.store.casework import ReportFilter
from gridsvc.store.components import current_checksum
from gridsvc.store.connection import Connection, connect
from gridsvc.store.locating import SqlLocator
from gridsvc.store.matching import matches_by_subclass
from tests.database import as_service, drop
from tests.service import client

FOLDER = resources.folder("geodata") / "samples" / "washington-dc"
CHANNEL = "dc-311"
KINDS = {"district": 1, "subdistrict": 8, "community": 40, "responsibility_grid": 296, "sub_grid": 4 * 296}
NEW_IN_2016 = {
    "S0276", "S0261", "S0441", "S0336", "CONTREMO", "FESPEDNU", "SPSTDAMA", "DDOCONRU", "FESAADNU", "POWEOUTA",
    "DDENIDTI",
}  # fmt: skip
NEW_YEAR = datetime.fromisoformat("2016-01-01T00:00:00-05:00")
YEARS = {2015: ReportFilter(to_time=NEW_YEAR), 2016: ReportFilter(from_time=NEW_YEAR)}
"""The one row without type and place stands in the file of 2016 but says 2018."""


@dataclass(frozen=True)
class Loaded:
    conn: Connection
    address: str
    folder: CityFolder
    settings: Settings


@pytest.fixture(scope="module")
def dc(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = read_city_folder(FOLDER)
    settings = Settings(data_folder=tmp_path_factory.mktemp("dc"))
    name = f"gridsvc_test_{os.getpid()}_dc"
    url = make_conninfo(server, dbname=name)
    try:
        initialise(folder.city, Addresses(admin_url=url, database_url=as_service(url)))
        with connect(url) as conn:
            load_city(conn, folder, settings, lambda *_: None)
            yield Loaded(conn, url, folder, settings)
    finally:
        drop(server, name)


@cache
def rows() -> list[dict[str, str]]:
    """Every row of both years as the city published it."""
    found: list[dict[str, str]] = []
    for year in YEARS:
        with gzip.open(FOLDER / f"dc-311-{year}.csv.gz", "rt", encoding="utf-8", newline="") as text:
            found += csv.DictReader(text)
    return found


def query(dc: Loaded, statement: bytes) -> list[Any]:
    return dc.conn.execute(statement).fetchall()


# Locating


def lowest(shapes: dict[str, Any], points: Any) -> list[str | None]:
    """The lowest code among the areas within 1 mm of each point, by brute force over shapely."""
    codes = sorted(shapes)
    tree = shapely.STRtree(np.array([shapes[code] for code in codes]))
    found: list[str | None] = [None] * len(points)
    pairs = tree.query(points, predicate="dwithin", distance=TOLERANCE).T.tolist()
    for n, area in sorted(pairs, reverse=True):
        found[n] = codes[area]
    return found


@pytest.fixture(scope="module")
def located(dc: Loaded) -> tuple[Any, list[dict[str, tuple[int, str]]]]:
    """The points of all rows that have one, and the areas that the product finds there."""
    placed = [row for row in rows() if row["GEOM_LON"]]
    assert (len(rows()), len(placed)) == (34_083, 34_082)
    lon, lat = (np.array([float(row[name]) for row in placed]) for name in ("GEOM_LON", "GEOM_LAT"))
    x, y = project(dc.folder.city.srid, lon, lat)
    found = SqlLocator(dc.conn, dc.folder.city.srid).areas(x, y, [datetime.now(UTC)] * len(x))
    return shapely.points(x, y), found


@pytest.mark.parametrize("kind", KINDS)
def test_the_area_of_every_row_is_that_of_shapely(dc: Loaded, located: Any, kind: str) -> None:
    shapes = {area.code: area.geom for area in areas.areas_in_force(dc.conn, kind)}
    assert len(shapes) == KINDS[kind]
    points, found = located
    assert [areas_there[kind][1] if kind in areas_there else None for areas_there in found] == lowest(shapes, points)


def test_stored_areas_are_the_located_ones(dc: Loaded) -> None:
    ((unlike, reports),) = query(
        dc,
        b"SELECT count(*) FILTER (WHERE stored IS DISTINCT FROM told), count(*) FROM ("
        b" SELECT (SELECT array_agg(area.kind || ' ' || area.code ORDER BY area.kind)"
        b"           FROM area WHERE area.id = ANY(area_ids)) AS stored,"
        b"        (SELECT array_agg((a ->> 'kind') || ' ' || (a ->> 'code') ORDER BY a ->> 'kind')"
        b"           FROM jsonb_array_elements(explanation -> 'areas') AS a) AS told"
        b"   FROM report JOIN routing_decision ON report_id = report.id) AS both_told",
    )
    assert (unlike, reports) == (0, 33_759)


def test_no_placed_report_lies_outside_the_city(dc: Loaded) -> None:
    assert query(dc, b"SELECT manual_reason, count(*) FROM report WHERE geom IS NULL GROUP BY 1") == [
        ("no_location", 1)
    ]
    assert query(dc, b"SELECT count(*) FROM report WHERE manual_reason IN ('outside', 'gap', 'overlap')") == [(0,)]


def test_sub_grids_divide_their_grids_evenly_and_exactly(dc: Loaded) -> None:
    parents = {area.code: area.geom for area in areas.areas_in_force(dc.conn, "responsibility_grid")}
    parts: dict[str, list[Any]] = {code: [] for code in parents}
    for area in areas.areas_in_force(dc.conn, "sub_grid"):
        parts[area.parent_code or ""].append(area.geom)
    for code, shapes in parts.items():
        assert len(shapes) == 4
        sizes = [shape.area for shape in shapes]
        assert max(sizes) / min(sizes) <= 1.2, code
        assert shapely.symmetric_difference(shapely.union_all(shapes), parents[code]).area < 0.01, code


def test_components_are_many_and_lie_in_areas(dc: Loaded) -> None:
    counts = dict(
        query(dc, b"SELECT layer, count(*) FROM component JOIN import_batch ON import_batch.id = batch_id GROUP BY 1")
    )
    assert len(counts) >= 6
    assert sum(counts.values()) >= 25_000
    assert set(query(dc, b"SELECT DISTINCT cardinality(area_ids) FROM component")) == {(len(KINDS),)}


# Intake and routing


def test_every_row_is_one_report_or_a_repeat_of_one(dc: Loaded) -> None:
    ids = Counter(row["SERVICEREQUESTID"] for row in rows())
    assert query(dc, b"SELECT count(*), count(*) FILTER (WHERE manual_reason IS NOT NULL) FROM report") == [(33_759, 1)]
    assert query(dc, b"SELECT count(*), count(DISTINCT report_id) FROM report_repeat") == [(324, 324)]
    assert sum(many - 1 for many in ids.values()) == 324
    assert query(dc, b"SELECT count(*) FROM cases") == [(33_758,)]


def simulated(dc: Loaded, year: int, *without: str) -> Simulated:
    return simulate(dc.conn, dc.folder.city, CHANNEL, YEARS[year], Trial(without=without))


def test_2016_with_the_duties_learnt_from_2015_alone(dc: Loaded) -> None:
    found = simulated(dc, 2016, "duties_by_hand.csv")
    known = [row for row in _first_of_2016() if row["SERVICECODE"] and row["SERVICECODE"] not in NEW_IN_2016]
    assert found.automatic == found.compared == found.agree == len(known)
    assert found.reports - found.automatic == found.manual.total()
    assert set(found.manual_categories) == NEW_IN_2016 | {"(none)"}
    assert found.manual == {"nobody": found.reports - len(known) - 1, "no_location": 1}
    assert 0.31 < found.manual["nobody"] / found.reports < 0.33
    assert found.wrong == Counter()


def _first_of_2016() -> list[dict[str, str]]:
    """Rows of 2016 without repeats of an id."""
    return list({row["SERVICEREQUESTID"]: row for row in reversed(rows()) if row["ADDDATE"] >= "2016"}.values())


def test_2016_with_the_duties_written_by_hand_too(dc: Loaded) -> None:
    found = simulated(dc, 2016)
    assert found.automatic / found.reports >= 0.99
    assert found.agree == found.compared == found.automatic
    assert found.manual == {"no_location": 1}


@pytest.fixture(scope="module")
def recorded() -> dict[str, tuple[str, str]]:
    """Department and division of each request, as the city published them."""
    return {row["SERVICEREQUESTID"]: (row["ORGANIZATIONACRONYM"], row["SERVICETYPECODEDESCRIPTION"]) for row in rows()}


def test_the_division_that_leads_is_of_the_department_that_the_city_recorded(
    dc: Loaded, recorded: dict[str, tuple[str, str]]
) -> None:
    found = query(
        dc,
        b"SELECT external_id, parent, lead FROM report JOIN routing_decision ON report_id = report.id"
        b"  JOIN department ON department.code = lead",
    )
    assert len(found) == 33_758
    assert [row for row in found if recorded[row[0]] != tuple(row[1:])] == []


def test_2015_is_routed_as_it_was_recorded(dc: Loaded) -> None:
    found = simulated(dc, 2015, "duties_by_hand.csv")
    assert found.reports == found.automatic == found.agree


# The wards that the city itself published


def wards(dc: Loaded, year: int) -> Compared:
    return compare(dc.conn, CHANNEL, "subdistrict", YEARS[year])


NEAR = {"0202": 2_000, "0213": 150, "0305": 30}
"""Of meters, signs and litter cans, how many reports at least have one near."""


def test_reports_of_component_kinds_find_what_stands_near(dc: Loaded) -> None:
    told = query(
        dc,
        b"SELECT report.subclass_code, ST_X(geom), ST_Y(geom), (explanation #>> '{component,radius_m}')::float8,"
        b"       (explanation #>> '{component,found,0,distance_m}')::float8"
        b"  FROM report JOIN routing_decision ON report_id = report.id"
        b" WHERE kind = 'component' AND geom IS NOT NULL AND subclass_code = ANY ('{0202,0213,0305}')",
    )
    for subclass, least in NEAR.items():
        near = [row[1:] for row in told if row[0] == subclass]
        wkb = query(dc, b"SELECT ST_AsBinary(geom) FROM component WHERE subclass_code = '%b'" % subclass.encode())
        tree = shapely.STRtree(shapely.from_wkb([row[0] for row in wkb]))
        points = shapely.points([row[:2] for row in near])
        (_, _), nearest = tree.query_nearest(points, all_matches=False, return_distance=True)
        found = 0
        for (_, _, radius, distance), right in zip(near, nearest, strict=True):
            assert (distance is None) == (right > radius)
            if distance is not None:
                assert distance == pytest.approx(right, abs=0.001)
                found += 1
        assert found >= least
        (counted,) = matches_by_subclass(dc.conn, CHANNEL, ReportFilter(kind="component", subclass_code=subclass))
        assert (counted["reports"], counted["near"]) == (len(near), found)
        distances = [distance for _, _, _, distance in near if distance is not None]
        told_m = [counted[name] for name in ("median_m", "p90_m", "farthest_m")]
        assert told_m == pytest.approx(np.percentile(distances, [50, 90, 100]).tolist())


@pytest.mark.parametrize("year", YEARS)
def test_located_wards_are_the_published_ones(dc: Loaded, year: int) -> None:
    found = wards(dc, year)
    assert found.compared > 11_000
    assert found.same / found.compared >= 0.998
    assert found.same + sum(map(len, found.differences.values())) == found.compared


@pytest.mark.parametrize("year", YEARS)
def test_every_other_ward_is_explained(dc: Loaded, year: int) -> None:
    for reason, differing in wards(dc, year).differences.items():
        for row in differing:
            if "within 1 mm" in reason:
                assert row["edge_distance"] <= TOLERANCE
                assert row["recorded_distance"] <= TOLERANCE
            elif "other side of the street" in reason:
                assert TOLERANCE < row["edge_distance"] <= row["recorded_distance"] + TOLERANCE <= 30 + TOLERANCE
            else:
                assert "two places" in reason
                assert row["recorded_distance"] > 30


# A second run, the sample itself, the hint


def test_a_second_load_changes_nothing(dc: Loaded) -> None:
    before = current_checksum(dc.conn)
    told: list[tuple[str, str]] = []
    load_city(dc.conn, dc.folder, dc.settings, lambda what, figures, _: told.append((what, figures)))
    assert current_checksum(dc.conn) == before
    assert told[1:] == [("Areas", "all there"), ("Components", "all there"), ("Reports", "all there")]
    assert query(dc, b"SELECT count(*) FROM report_repeat") == [(324,)]


def test_exchanged_longitude_and_latitude_are_hinted_at(dc: Loaded) -> None:
    right, swapped = {"lon": -77.0365, "lat": 38.8977}, {"lon": 38.8977, "lat": -77.0365}
    report = {"channel": CHANNEL, "external_id": "swapped", "reported_at": "2016-08-01T12:00:00Z"}
    with client(dc.address) as service:
        assert service.get("/api/v1/locate", params=right).json()["hint"] is None
        found = service.get("/api/v1/locate", params=swapped).json()
        assert found["areas"] == []
        assert "but longitude -77.0365, latitude 38.8977 lies inside the city: are the two swapped?" in found["hint"]
        stored = service.post("/api/v1/reports", json={**report, **swapped}).json()
        assert (stored["hint"], stored["manual_reason"]) == (found["hint"], "outside")
        assert service.get("/api/v1/locate", params={"lon": 2.35, "lat": 48.86}).json()["hint"] is None


def test_the_sample_is_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) <= 12_000_000


def test_the_duties_are_learnt_from_2015_alone(tmp_path: Path) -> None:
    for name in ("make_duties.py", "taxonomy.csv", "dc-311-2015.csv.gz"):
        shutil.copy(FOLDER / name, tmp_path)
    runpy.run_path(str(tmp_path / "make_duties.py"), run_name="__main__")
    assert (tmp_path / "duties_2015.csv").read_bytes() == (FOLDER / "duties_2015.csv").read_bytes()
