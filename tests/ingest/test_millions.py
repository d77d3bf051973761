"""Imports of 50,000, 500,000 and 5,000,000 components: time grows no faster than the rows, and memory stays in bounds.

Each in a new cluster and a process of its own, by the command, with the settings of an operator who expects such files.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gridsvc.areas.apply import apply_draft
from gridsvc.cli.city_folder import CityFolder, read_city_folder
from gridsvc.cli.load import initialise, load_tables
from gridsvc.ingest.pipeline import import_file
from gridsvc.localdb import Cluster
from gridsvc.store.connection import Connection, connect
from tests.accounts import CHIEF, put_account
from tests.bench.city import make_city
from tests.ingest.kill_site import value
from tests.ingest.layers import desk
from tests.ingest.millions import Taken, import_survey, write_survey
from tests.soak import Outcome, keep

pytestmark = pytest.mark.soak
SIZES = {"50k": 50_000, "500k": 500_000, "5M": 5_000_000}
GRIDS = 7_000
"""Unit grids of the city, the same for all sizes."""
MOST = 3 * 2**30
"""Bytes that the importing process and its reader may be resident with at one moment. PostgreSQL has its own."""
GROWS = 1.15
"""A row of the largest file may take so many times what one of the next smaller takes: indexes are deeper, and two runs
of the same differ by as much as a tenth."""
SETTINGS = {"import_seconds": "3600", "import_unpacked_megabytes": "8192"}
TAKEN: dict[str, Taken] = {}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("city")
    yield make_city(folder, components=20_000, unit_grids=GRIDS)
    shutil.rmtree(folder)


@pytest.mark.parametrize("size", SIZES)
def test_an_import_stays_within_its_memory(city: Path, tmp_path: Path, size: str) -> None:
    count = SIZES[size]
    file = write_survey(tmp_path / "survey.zip", city, count)
    cluster = Cluster(tmp_path / "data")
    try:
        cluster.up()
        found = read_city_folder(city)
        initialise(found.city, cluster.addresses())
        with connect(cluster.addresses().admin_url) as conn:
            build(conn, found, tmp_path / "data")
        TAKEN[size] = taken = import_survey(tmp_path / "data", file, count, **SETTINGS)
        with connect(cluster.addresses().admin_url) as conn:
            check(conn, count)
    finally:
        cluster.remove()
        shutil.rmtree(tmp_path, ignore_errors=True)
    keep(told(taken))
    assert taken.together <= MOST


def test_time_grows_no_faster_than_the_rows() -> None:
    if len(TAKEN) < len(SIZES):
        pytest.skip("not all sizes were run")
    ratio = TAKEN["5M"].per_row / TAKEN["500k"].per_row
    words = ", ".join(f"{name} {1e6 * taken.per_row:.1f}" for name, taken in TAKEN.items())
    keep(
        Outcome(
            trial="the same: time of a row at 5,000,000 to that at 500,000",
            found=f"{ratio:.2f} (µs a row: {words})",
            bar=f"≤ {GROWS}",
            held=ratio <= GROWS,
        )
    )
    assert ratio <= GROWS


def told(taken: Taken) -> Outcome:
    together, own, ours, reader = (
        f"{size / 2**20:,.0f} MB" for size in (taken.together, taken.own, taken.ours, taken.reader)
    )
    return Outcome(
        trial=f"import of {taken.rows:,} components in GBK: read, all checks, diff, promote",
        found=f"{taken.seconds:.1f} s, {1e6 * taken.per_row:.1f} µs a row; {together} resident at most ({own} without "
        f"mapped files): the import {ours}, its reader {reader}",
        bar="≤ 3 GB resident, PostgreSQL not counted",
        held=taken.together <= MOST,
    )


def build(conn: Connection, found: CityFolder, folder: Path) -> None:
    """The city with all of its areas."""
    put_account(conn, "admin", *CHIEF, whole_city=True)
    load_tables(conn, found)
    for layer, file in found.areas:
        draft = import_file(conn, desk(found.city, folder), file, layer).draft_id
        assert draft is not None
        apply_draft(conn, draft, reassign=False)
    conn.execute("VACUUM ANALYZE")
    conn.execute("CHECKPOINT")


def check(conn: Connection, count: int) -> None:
    """All of them are in the store, each with a code, and in a unit grid."""
    assert value(conn, "SELECT count(*) FROM component") == count
    assert value(conn, "SELECT count(DISTINCT component_code) FROM component") == count
    assert value(conn, "SELECT (counts->>'added')::int FROM import_batch ORDER BY id DESC LIMIT 1") == count
    assert value(conn, "SELECT count(*) FROM component_version") == 0
    grids = "ARRAY(SELECT id FROM area WHERE kind = 'unit_grid')"
    assert value(conn, f"SELECT count(*) FROM component WHERE NOT area_ids && {grids}") == 0  # noqa: S608
    assert value(conn, "SELECT count(*) FROM import_finding AS f JOIN import_batch AS b ON b.id = f.batch_id"
                       " WHERE b.target = 'components' AND f.severity <> 'note'") == 0  # fmt: skip
