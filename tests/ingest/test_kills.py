"""Kill -9 at any moment of an import, a promotion or a rollback: the store is as before or as after, never between."""

import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest

from gridsvc.cli.load import initialise
from gridsvc.ingest.check import check_batch
from gridsvc.ingest.desk import OPEN, decide, drop, receive
from gridsvc.ingest.pipeline import import_file
from gridsvc.ingest.promote import promote_batch
from gridsvc.ingest.rollback import roll_back
from gridsvc.localdb import Cluster
from gridsvc.store import batches, components
from gridsvc.store.connection import Connection, connect
from tests.database import TOWN as CITY
from tests.ingest.kill_site import (
    ALL,
    DONE,
    LAYER,
    OLD,
    PATIENCE,
    Site,
    build,
    checked,
    content,
    kill_server,
    lamp_file,
    newest,
    phase,
    staged,
    wait_for,
    wait_for_nobody,
)
from tests.ingest.layers import LAMP
from tests.soak import Outcome, keep

PHASES = {"reading and checking", "comparing", "promoting", "rolling back"}
"""In which some of many kills have to fall; others may."""
COMMANDS, VICTIMS = ("import", "promote", "rollback"), ("process", "server")
FEW, MANY, SEED = 6, 50, 12
TRIES, LONGER, SOONER = 5, 1.3, 0.75
"""A command of its own takes longer than its work in this process does; if it had done it, it is killed sooner."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    number: int
    command: str
    victim: str
    share: float
    """Of the time that the command works, after which its victim is killed."""

    @property
    def goes_on(self) -> bool:
        """What was killed is gone on with; else it is dropped and begun anew."""
        return (self.number + self.number // 6) % 2 == 0

    def __str__(self) -> str:
        return f"{self.number:02}-{self.command}-{self.victim}-{self.share:.2f}"


def trials(count: int) -> list[Trial]:
    """The moments of a command are spread over all of its time: one at random in each part of it."""
    chance = random.Random(SEED)
    kinds = [(command, victim) for victim in VICTIMS for command in COMMANDS]
    parts = -(-count // len(COMMANDS))
    return [
        Trial(
            number=n, command=kinds[n % 6][0], victim=kinds[n % 6][1],
            share=(n // len(COMMANDS) + chance.random()) / parts,
        )
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Its server writes through to the disk, as in earnest."""
    folder = tmp_path_factory.mktemp("kills")
    cluster = Cluster(folder, fsync=True)
    try:
        cluster.up()
        initialise(CITY, cluster.addresses())
        files = {"old": lamp_file(folder / "old.gpkg", OLD, "A"), "new": lamp_file(folder / "new.gpkg", ALL, "B")}
        made_of = Site(cluster=cluster, folder=folder, **files)
        with connect(made_of.address) as conn:
            build(conn, made_of)
        yield made_of
    finally:
        cluster.remove()


def arguments(site: Site, command: str, batch_id: int) -> list[object]:
    if command == "import":
        return ["import", site.new, "--layer", LAMP, "--field", "code=CODE", "--field", "owner=OWNER"]
    return ["batch", command, batch_id]


@pytest.mark.parametrize("trial", trials(FEW), ids=str)
def test_a_kill_leaves_the_store_before_or_after(site: Site, trial: Trial) -> None:
    stand_trial(site, trial)


@pytest.mark.soak
@pytest.mark.parametrize("trial", trials(MANY), ids=str)
def test_many_kills_leave_the_store_before_or_after(site: Site, trial: Trial, stood: list[tuple[Trial, str]]) -> None:
    stood.append((trial, stand_trial(site, trial)))


@pytest.fixture(scope="module")
def stood() -> Iterator[list[tuple[Trial, str]]]:
    """Trials that went well, and in which phase each kill fell; kept at their end, however many were chosen."""
    went: list[tuple[Trial, str]] = []
    yield went
    kinds = Counter(f"{trial.command} with its {trial.victim} killed" for trial, _ in went)
    phases = Counter(fell_in for _, fell_in in went)
    keep(
        Outcome(
            trial=f"kill -9 at {MANY} random moments of import, promotion and rollback",
            found=f"{len(went)} of {MANY} left the store as before or after, to go on with or drop: {listed(kinds)}. "
            f"The kills fell: {listed(phases)}",
            bar=f"{MANY} of {MANY}, in every phase",
            held=len(went) == MANY and phases.keys() >= PHASES,
        )
    )


def listed(counts: Counter[str]) -> str:
    return "; ".join(f"{count} × {what}" for what, count in sorted(counts.items()))


@pytest.mark.soak
def test_the_kills_fell_in_every_phase(stood: list[tuple[Trial, str]]) -> None:
    if len(stood) < MANY:
        pytest.skip("not all trials were chosen, or not all went well")
    assert {fell_in for _, fell_in in stood} >= PHASES


def stand_trial(site: Site, trial: Trial) -> str:
    """In which phase it was killed. Again, if the command was faster than expected and had done its work."""
    for n in range(TRIES):
        fell_in = was_killed(site, trial, trial.share * LONGER * SOONER**n * site.seconds[trial.command])
        if fell_in not in (None, DONE):
            return fell_in
    raise AssertionError("it had always done its work before it was to be killed")


def was_killed(site: Site, trial: Trial, moment: float) -> str | None:
    """The phase in which the command was killed at work; if it was not, all must be well too."""
    with connect(site.address) as conn:
        last, batch_id = newest(conn)["id"], prepared(conn, site, trial)
        stood = components.current_checksum(conn)
        process = site.begin(*arguments(site, trial.command, batch_id))
        wait_for(process, conn)
    fell_in = kill(site, process, trial, moment, last)
    with connect(site.address) as conn:
        wait_for_nobody(conn)
        assert content(conn) in (site.before, site.after)
        assert (components.current_checksum(conn) == stood) == (content(conn) == was(site, trial))
        if trial.command == "rollback":
            end_rollback(conn, site, batch_id)
        else:
            end_import(conn, site, trial, last)
            roll_back(conn, site.at(conn), newest(conn)["id"])
        assert components.current_checksum(conn) == site.checksum
        drop(conn, site.at(conn), receive(conn, site.at(conn), site.old))
        assert staged(site) <= {batch["id"] for batch in batches.batches(conn) if batch["state"] in OPEN}
    return fell_in


def prepared(conn: Connection, site: Site, trial: Trial) -> int:
    """The number of the batch that the command is about; 0 for an import."""
    if trial.command == "import":
        return 0
    batch_id = checked(conn, site)
    if trial.command == "rollback":
        promote_batch(conn, site.at(conn), batch_id)
    return batch_id


def was(site: Site, trial: Trial) -> str:
    """What was in the store before the command."""
    return site.after if trial.command == "rollback" else site.before


def kill(site: Site, process: "subprocess.Popen[str]", trial: Trial, moment: float, last: int) -> str | None:
    """After so many seconds, unless the command has ended; what it was doing."""
    fell_in = None
    with connect(site.address) as watching:
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            family = psutil.Process(process.pid).children(recursive=True)
            fell_in = phase(watching, trial.command, last)
            if trial.victim == "process":
                process.kill()
                assert not psutil.wait_procs(family, PATIENCE)[1], "what reads the file outlives who asked for it"
            else:
                kill_server(site.cluster)
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in err, out + err
    assert fell_in or process.returncode == 0, out + err
    site.cluster.up()
    return fell_in


def end_rollback(conn: Connection, site: Site, batch_id: int) -> None:
    batch = batches.batch(conn, batch_id)
    assert batch is not None
    if content(conn) == site.before:
        assert batch["state"] == "rolled_back"
        return
    assert batch["state"] == "promoted"
    roll_back(conn, site.at(conn), batch_id)


def end_import(conn: Connection, site: Site, trial: Trial, last: int) -> None:
    """After it the new file is in the store, whatever had to be done for that."""
    batch = newest(conn)
    if content(conn) == site.after:
        assert batch["state"] == "promoted"
    elif batch["id"] == last:  # it was killed before there was one
        import_file(conn, site.at(conn), site.new, LAYER)
    elif trial.goes_on:
        assert batch["state"] in OPEN
        decide(conn, site.at(conn), batch["id"], LAYER)
        check_batch(conn, site.at(conn), batch["id"])
        promote_batch(conn, site.at(conn), batch["id"])
    else:
        drop(conn, site.at(conn), batch["id"])
        assert components.current_checksum(conn) == site.checksum
        import_file(conn, site.at(conn), site.new, LAYER)
    assert content(conn) == site.after
