"""An installation of its own that commands work on, to be killed; and what is to be known of it afterwards."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import shapely

from gridsvc.ingest.check import check_batch
from gridsvc.ingest.desk import Desk, decide, receive
from gridsvc.ingest.pipeline import import_file
from gridsvc.ingest.promote import promote_batch
from gridsvc.ingest.rollback import roll_back
from gridsvc.localdb import Cluster
from gridsvc.store import batches, components
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection
from tests import made
from tests.accounts import CHIEF, put_account
from tests.ingest.layers import desk, lamps, write
from tests.localdb.helpers import folder_of, processes
from tests.sketch import ORIGIN, Sketch

TOWN = Sketch(
    """
    a . . . b . . . c
    d . . . e . . . f
    """,
    step=1000,
)
OLD, ALL = 10_000, 20_000
"""Lamps before, and in the file that brings more of them and another owner for each."""
LAYER = lamps(fields={"code": "CODE", "owner": "OWNER"})
PATIENCE = 15.0
"""Seconds in which a statement whose importer was killed has to end: the server looks every 5."""
CONTENT = """
    SELECT md5(string_agg(md5(ROW(component_code, subclass_code, state, owner, attributes, area_ids, geom)::text), ''
                          ORDER BY component_code)) FROM component"""
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
     WHERE application_name = 'gridsvc' AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""

SAID_LAST = """
    SELECT coalesce((SELECT query FROM pg_stat_activity
                      WHERE application_name = 'gridsvc' AND backend_type = 'client backend'
                        AND pid <> pg_backend_pid() ORDER BY query_start DESC LIMIT 1), '')"""
PROMOTING = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
                      AND objid = (hashtext('gridsvc.promotion')::bigint & 4294967295)::oid)"""
DONE = "done"
COMPARING = ("import_key", "import_matched", "SELECT id, component_code", "AS promoted", "md5(coalesce(string_agg(id")
"""In what a session says to the database while it compares a file with the store."""


@dataclass(kw_only=True)
class Site:
    """An installation of its own, with lamps in it and a file that brings more."""

    cluster: Cluster
    folder: Path
    old: Path
    new: Path
    before: str = ""
    after: str = ""
    checksum: str = ""
    """Of the store before."""
    seconds: dict[str, float] = field(default_factory=dict)
    """That the work of each command takes when nobody kills it."""

    @property
    def address(self) -> str:
        return self.cluster.addresses().admin_url

    def at(self, conn: Connection) -> Desk:
        return desk(the_city(conn), self.folder)

    def begin(self, *arguments: object) -> "subprocess.Popen[str]":
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GRIDSVC_")}
        return subprocess.Popen(
            [str(Path(sys.executable).parent / "gridsvc"), *map(str, arguments)], text=True,
            env={**environment, "GRIDSVC_DATA_FOLDER": str(self.folder)}, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip


def lamp_file(file: Path, count: int, owner: str) -> Path:
    """Lamps in rows of a hundred, 20 m apart."""
    n = np.arange(count)
    shapes = shapely.points(ORIGIN[0] + 10 + n % 100 * 20, ORIGIN[1] - 10 - n // 100 * 4)
    return write(file, shapes, CODE=[f"L{i}" for i in n], OWNER=[owner] * count)


def build(conn: Connection, site: Site) -> None:
    city = the_city(conn)
    put_account(conn, "admin", *CHIEF, whole_city=True)
    made.put_departments(conn, "A", "B")
    made.put_areas(conn, city, made.kind("district", code_scheme="district"), {"510703": TOWN.polygon("acfd")})
    grids = {"G1": TOWN.polygon("abed"), "G2": TOWN.polygon("bcfe")}
    made.put_areas(conn, city, made.kind("responsibility_grid", specificity=30), grids)
    import_file(conn, site.at(conn), site.old, LAYER)
    site.before, site.checksum = content(conn), components.current_checksum(conn)
    begun = time.monotonic()
    batch_id = checked(conn, site)
    between = time.monotonic()
    done = promote_batch(conn, site.at(conn), batch_id)
    ended = time.monotonic()
    assert (done.added, done.changed) == (ALL - OLD, OLD)
    site.after = content(conn)
    rolling = time.monotonic()
    roll_back(conn, site.at(conn), batch_id)
    rolled = time.monotonic()
    site.seconds = {"import": ended - begun, "promote": ended - between, "rollback": rolled - rolling}
    assert components.current_checksum(conn) == site.checksum


def checked(conn: Connection, site: Site) -> int:
    batch_id = receive(conn, site.at(conn), site.new)
    decide(conn, site.at(conn), batch_id, LAYER)
    check_batch(conn, site.at(conn), batch_id)
    return batch_id


def kill_server(cluster: Cluster) -> None:
    """All of its processes, the first of them first."""
    pid = cluster.status().pid
    assert pid is not None
    for one in [psutil.Process(pid), *processes(folder_of(cluster))]:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue


def wait_for(process: "subprocess.Popen[str]", conn: Connection) -> None:
    """Until the command is at work in the database, or has ended: a busy machine takes its time to start one."""
    end = time.monotonic() + 4 * PATIENCE
    while not value(conn, OTHERS) and process.poll() is None:
        assert time.monotonic() < end, "it did not begin"
        time.sleep(0.01)


def wait_for_nobody(conn: Connection) -> None:
    """Until no command is at work in the database: what outlives its importer keeps its locks."""
    end = time.monotonic() + PATIENCE
    while value(conn, OTHERS):
        assert time.monotonic() < end, "what was killed is still at work"
        time.sleep(0.01)


def phase(conn: Connection, command: str, last: int) -> str:
    """What the command is doing at this moment; `last` was the newest batch before it."""
    batch, holds, said = newest(conn), bool(value(conn, PROMOTING)), str(value(conn, SAID_LAST))
    done = {"rollback": "rolled_back"}.get(command, "promoted")
    work = "rolling back" if command == "rollback" else "promoting"
    if command == "import" and batch["id"] == last:
        return "keeping the file"
    if batch["state"] == done:
        return DONE
    if said == "COMMIT":
        return "committing"
    if holds:
        return work
    if command == "import":
        return "comparing" if any(words in said for words in COMPARING) else "reading and checking"
    return f"before {work}"


def newest(conn: Connection) -> dict[str, Any]:
    return batches.batches(conn, limit=1)[0]


def staged(site: Site) -> set[int]:
    """Batches that have a folder."""
    return {int(one.name) for one in (site.folder / "staging").glob("*")}


def content(conn: Connection) -> str:
    """Of the inventory, whatever the numbers of its rows."""
    return str(value(conn, CONTENT))


def value(conn: Connection, query: str) -> Any:
    row = conn.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]
