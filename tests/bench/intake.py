"""Memory of intake: it must not grow with the number of reports."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from gridsvc.localdb import Cluster
from tests.bench.figures import Figure, at_most

SCRIPT = """
import resource, sys
from datetime import UTC, datetime
from gridsvc.casework.intake import take_in
from gridsvc.domain.reports import Report
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect

reports = (
    Report(channel="dc-311", external_id=f"bench-{n}", category="S0301", reported_at=datetime(2016, 8, 1, tzinfo=UTC),
           lon=-77.03 + n % 97 * 1e-4, lat=38.9 + n % 89 * 1e-4)
    for n in range(int(sys.argv[2]))
)
with connect(sys.argv[1]) as conn, conn.transaction(force_rollback=True):
    take_in(conn, the_city(conn), reports)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def memory(folder: Path) -> Iterator[Figure]:
    cluster = Cluster(folder)
    cluster.up()
    try:
        url = cluster.addresses().admin_url
        few, many = _peak(url, 4_000), _peak(url, 100_000)
    finally:
        cluster.down()
    yield at_most("memory of routing 100,000 reports beyond that of 4,000", "MB", max(0.0, many - few), 20)


def _peak(url: str, reports: int) -> float:
    run = [sys.executable, "-c", SCRIPT, url, str(reports)]
    return float(subprocess.run(run, capture_output=True, text=True, check=True).stdout)
