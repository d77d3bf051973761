"""Reports in: one by one over HTTP at a constant rate, in bulk, against planted truth, and the memory of it."""

import csv
import gzip
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np

from gridsvc import resources
from gridsvc.casework.simulate import Trial, simulate
from gridsvc.jobs.simulating import other_areas
from gridsvc.localdb import Addresses, Cluster
from gridsvc.store.areas import current_revision
from gridsvc.store.casework import ReportFilter
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests.accounts import CHIEF, put_account, put_token
from tests.bench.city import make_city
from tests.bench.figures import Figure, at_least, at_most, shown
from tests.bench.open_loop import asked_at_rate
from tests.bench.serving import wait_until_ready
from tests.casework.truth import agreeing

COMPONENTS, UNIT_GRIDS = 1_000_000, 70_000
RATE, SECONDS, ROUNDS, WARM = 200, 60, 3, 10
SLOWER = (50, 100)
"""Rates that tell what the service can do on a machine on which it cannot do that."""
BULK, BULK_SECONDS = 10_000, 10.0
GRIDSVC = Path(sys.executable).parent / "gridsvc"
SENT = ("channel", "category", "kind", "subclass_code", "lon", "lat", "accuracy_m", "address", "description")

# What getrusage tells may be the peak of the process that started this one
SCRIPT = """
import re, sys
from datetime import UTC, datetime
from pathlib import Path
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
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""


def washington(folder: Path) -> Iterator[Figure]:
    cluster = Cluster(folder)
    cluster.up()
    try:
        url = cluster.addresses().admin_url
        few, many = _peak(url, 4_000), _peak(url, 100_000)
        yield at_most("memory of routing 100,000 reports beyond that of 4,000", "MB", max(0.0, many - few), 20)
        yield from _simulations(url)
        rows = _rows(resources.folder("geodata") / "samples" / "washington-dc" / "dc-311-2016.csv.gz")
        named = {"channel": "dc-311", "category": "SERVICECODE", "reported_at": "ADDDATE", "lon": "GEOM_LON"}
        named["lat"] = "GEOM_LAT"
        told = [{name: row.get(source, source) for name, source in named.items()} for row in rows]
        yield from _bulk("Washington", folder, folder / "bulk.csv", told)
    finally:
        cluster.down()


def _peak(url: str, reports: int) -> float:
    run = [sys.executable, "-c", SCRIPT, url, str(reports)]
    return float(subprocess.run(run, capture_output=True, text=True, check=True).stdout)


def _simulations(url: str) -> Iterator[Figure]:
    """All reports of both years: without a table of rules, and in the areas of a revision."""
    with connect(url) as conn:
        city = the_city(conn)
        for revision in (None, current_revision(conn)):
            begun = time.perf_counter()
            with other_areas(conn, city, revision=revision) as areas:
                trial = Trial(without=[] if revision else ["duties_by_hand.csv"], areas=areas)
                found = simulate(conn, city, "dc-311", ReportFilter(), trial)
            seconds = time.perf_counter() - begun
            what = "in the areas of a revision" if revision else "without a table of rules"
            yield at_most(f"simulation of {found.reports:,} reports {what}", "s", seconds, 15)


def large_city(folder: Path) -> Iterator[Figure]:
    """A million components, 70,000 unit grids: one report at a time, and many."""
    made = make_city(folder / "large", components=COMPONENTS, unit_grids=UNIT_GRIDS, reports=5_000)
    with _loaded(made, folder / "large-data") as (data, addresses):
        rows = [row for row in _rows(made / "reports.csv.gz") if row["external_id"] not in _refused(made)]
        yield from one_by_one(data, addresses, rows)
        yield from _bulk(f"a city of {UNIT_GRIDS:,} unit grids", data, folder / "large.csv", rows)


@cache
def _refused(made: Path) -> frozenset[str]:
    """Of a subclass that the catalogue does not know: a file keeps them, one that comes alone is sent back."""
    with (made / "truth.csv").open(encoding="utf-8", newline="") as text:
        return frozenset(row["external_id"] for row in csv.DictReader(text) if row["case"] == "unmapped")


def planted_truth(folder: Path) -> Iterator[Figure]:
    """Everything that was planted about 20,000 reports: areas, parties, lane, rule, component, reason."""
    made = make_city(folder / "planted-city", components=230_000, unit_grids=3_600, reports=20_000)
    with _loaded(made, folder / "planted-data") as (_, addresses), connect(addresses.admin_url) as conn:
        right, reports = agreeing(conn, made)
    name = f"{reports:,} reports located and decided exactly as planted, 230,000 components, 3,600 unit grids"
    yield at_least(name, "%", 100 * right / reports, 100)


@contextmanager
def _loaded(made: Path, data: Path) -> Iterator[tuple[Path, Addresses]]:
    """The city as `gridsvc demo` loads it."""
    _run(data, "demo", str(made), "--no-serve")
    cluster = Cluster(data)
    cluster.up()
    try:
        yield data, cluster.addresses()
    finally:
        cluster.remove()


def one_by_one(data: Path, addresses: Addresses, rows: list[dict[str, str]]) -> Iterator[Figure]:
    """`gridsvc serve` as it is run, background work and all; every report is a new one, of now."""
    with connect(addresses.admin_url) as conn:
        token = put_token(conn, put_account(conn, "chief", *CHIEF, whole_city=True))
    halves, tails, taken, slower = [], [], [], []
    with served(data) as port:
        for n in range(ROUNDS + 1):
            seconds = SECONDS if n else WARM
            found = asked_at_rate(port, [_sending(rows, n, k, token) for k in range(RATE * seconds)], RATE)
            if n:
                taken.append(100 * found.statuses.count(201) / len(found.statuses))
                halves.append(np.percentile(found.milliseconds, 50))
                tails.append(np.percentile(found.milliseconds, 99))
        for n, rate in enumerate(SLOWER, start=ROUNDS + 1):
            found = asked_at_rate(port, [_sending(rows, n, k, token) for k in range(rate * SECONDS)], rate)
            slower.append(np.percentile(found.milliseconds, 99))
    what = f"one report in over HTTP, {RATE}/s open loop for {SECONDS} s, {COMPONENTS:,} components"
    yield at_most(f"{what}, 99th percentile", "ms", float(statistics.median(tails)), 25)
    yield shown("the same, median", "ms", float(statistics.median(halves)))
    yield at_least("of these reports taken in", "%", min(taken), 100)
    for rate, tail in zip(SLOWER, slower, strict=True):
        yield shown(f"the same at {rate}/s, 99th percentile", "ms", float(tail))


@contextmanager
def served(data: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        [GRIDSVC, "serve", "--port", str(port)], env=_environment(data), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until_ready(server, port)
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)


def _sending(rows: list[dict[str, str]], series: int, n: int, token: str) -> bytes:
    row = rows[(series * RATE * SECONDS + n) % len(rows)]
    told = {name: row[name] for name in SENT if row.get(name)}
    numbers = {name: float(told[name]) for name in ("lon", "lat", "accuracy_m") if name in told}
    body = json.dumps(
        {**told, **numbers, "external_id": f"bench-{series}-{n}", "reported_at": datetime.now(UTC).isoformat()}
    ).encode()
    head = (
        f"POST /api/v1/reports HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _bulk(where: str, data: Path, file: Path, rows: list[dict[str, str]]) -> Iterator[Figure]:
    """A file of new reports of one channel by the command, its start and all."""
    rows = [row for row in rows if row["channel"] == rows[0]["channel"]]
    names = ("external_id", "reported_at", *SENT)
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, names, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows({**rows[n % len(rows)], "external_id": f"bulk-{n}"} for n in range(BULK))
    begun = time.perf_counter()
    _run(data, "reports", "import", str(file), "--channel", rows[0]["channel"])
    seconds = time.perf_counter() - begun
    yield at_most(f"reports import of {BULK:,} reports, {where}", "s", seconds, BULK_SECONDS)


def _run(data: Path, *words: str) -> None:
    done = subprocess.run([GRIDSVC, *words], env=_environment(data), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"gridsvc {words[0]} failed: {done.stderr}")


def _environment(data: Path) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {"GRIDSVC_DATA_FOLDER": str(data), **kept}


def _rows(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))
