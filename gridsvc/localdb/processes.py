"""The server's processes, found by their working folder, which is the cluster's."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from gridsvc.errors import SetupError

PATIENCE = 5.0  # seconds in which processes that lost their postmaster end by themselves
LIMIT = 20.0


def server_processes(data: Path) -> list[int]:
    """Process ids of PostgreSQL processes that work in this folder."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _works_in(entry, data)]


def _works_in(process: Path, data: Path) -> bool:
    try:
        return (process / "comm").read_text().strip() == "postgres" and (process / "cwd").readlink() == data.resolve()
    except OSError:
        return False


def postmaster(data: Path) -> int | None:
    """Process id of the running postmaster; None if the pid file is missing or stale."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if _works_in(Path("/proc") / str(pid), data) else None


def is_ready(data: Path) -> bool:
    """Whether the running postmaster accepts connections, by the last line of its pid file."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def end_leftovers(data: Path) -> None:
    """Waits for processes without postmaster, which still hold shared memory, then ends them."""
    started = time.monotonic()
    while left := server_processes(data):
        waited = time.monotonic() - started
        if waited > LIMIT:
            raise SetupError(f"processes {left} of a crashed server in {data} do not end, even when killed")
        if waited > PATIENCE:
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
