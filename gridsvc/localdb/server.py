"""One PostgreSQL server on disk: make its files, start it, stop it."""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from gridsvc.errors import SetupError
from gridsvc.localdb.account import Account, socket_folder_for
from gridsvc.localdb.binaries import Installation
from gridsvc.localdb.configuration import ACCESS, configuration, machine_memory
from gridsvc.localdb.processes import end_leftovers, is_ready, postmaster, server_processes

START_SECONDS = 120
STOP_SECONDS = 60
LARGEST_LOG = 10 * 1024 * 1024


class PortTakenError(Exception):
    """Another program took the port between the check and the start."""


@dataclass(frozen=True)
class Server:
    folder: Path
    account: Account
    installation: Installation

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return log_of(self.folder)

    def create(self, superuser: str, password: str) -> None:
        """Makes the cluster's files; an earlier attempt that was cut off is removed."""
        fresh, secret = self.folder / "data.new", self.folder / "password.new"
        shutil.rmtree(fresh, ignore_errors=True)
        secret.unlink(missing_ok=True)
        descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(password)
        os.chown(secret, self.account.uid, self.account.gid)
        try:
            self._initdb(fresh, secret, superuser)
        finally:
            secret.unlink()
        (fresh / "pg_hba.conf").write_text(ACCESS)
        with (fresh / "postgresql.conf").open("a") as stream:
            stream.write("\ninclude 'gridsvc.conf'\n")
        fresh.rename(self.data)

    def _initdb(self, fresh: Path, secret: Path, superuser: str) -> None:
        files = [f"--pgdata={fresh.name}", f"--pwfile={secret.name}"]
        options = ["--encoding=UTF8", f"--locale={_locale()}", "--data-checksums", "--no-instructions"]
        access = ["--auth=scram-sha-256", f"--username={superuser}"]
        done = self._run("initdb", [*files, *options, *access], START_SECONDS)
        if done.returncode != 0:
            raise SetupError(f"the database cluster cannot be made in {self.folder}: {_last(done.stdout)}")

    def start(self, port: int, fsync: bool) -> None:
        """Starts on that port; PortTakenError if another program holds it."""
        end_leftovers(self.data)
        sockets = socket_folder_for(self.folder, self.account)
        self.account.make_folder(sockets)
        self._remove_stale(sockets)
        text = configuration(port, sockets, fsync, machine_memory(), os.cpu_count() or 1)
        (self.data / "gridsvc.conf").write_text(text)
        os.chown(self.data / "gridsvc.conf", self.account.uid, self.account.gid)
        self._keep_log_small()
        begin = self.log.stat().st_size if self.log.exists() else 0
        done = self._pg_ctl("start", START_SECONDS)
        if done.returncode != 0:
            raise self._failed_start(done.stdout, log_text(self.log, begin))

    def _remove_stale(self, sockets: Path) -> None:
        """No process works here; PostgreSQL would trust these files if another program has their process id now."""
        for file in (self.data / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
            file.unlink(missing_ok=True)

    def _failed_start(self, said: str, logged: str) -> Exception:
        if "could not create any TCP/IP sockets" in logged:
            return PortTakenError()
        if not logged:
            return SetupError(f"PostgreSQL did not start: {_last(said)}")
        cause = "did not get ready in time" if server_processes(self.data) else "did not start"
        return SetupError(f"PostgreSQL {cause}; last lines of {self.log}:\n{_last(logged)}")

    def wait_until_ready(self) -> None:
        """For a server that somebody else is starting."""
        end = time.monotonic() + START_SECONDS
        while not is_ready(self.data):
            if time.monotonic() > end or postmaster(self.data) is None:
                lines = _last(log_text(self.log))
                raise SetupError(f"PostgreSQL did not get ready; last lines of {self.log}:\n{lines}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stops the server, at once if it takes too long, and leaves no process."""
        if postmaster(self.data) is not None:
            self._pg_ctl("stop", STOP_SECONDS, "--mode=fast")
        if postmaster(self.data) is not None:
            self._pg_ctl("stop", STOP_SECONDS, "--mode=immediate")
        end_leftovers(self.data)

    def _pg_ctl(self, action: str, seconds: int, *options: str) -> subprocess.CompletedProcess[str]:
        files = [f"--pgdata={self.data.name}", f"--log={self.log.name}"]
        return self._run(
            "pg_ctl", [action, *files, "--wait", "--silent", f"--timeout={seconds}", *options], seconds + 10
        )

    def _run(self, program: str, options: list[str], seconds: float) -> subprocess.CompletedProcess[str]:
        """Names files relative to the server's folder: pg_ctl and initdb pass them to a shell, unquoted."""
        return self.account.run([self.installation.program(program), *options], self.folder, seconds)

    def _keep_log_small(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))


def log_of(server_folder: Path) -> Path:
    return server_folder / "server.log"


def log_text(log: Path, begin: int = 0) -> str:
    """The log from that byte on, at most its last 64 KiB."""
    if not log.exists():
        return ""
    with log.open("rb") as stream:
        stream.seek(max(begin, log.stat().st_size - 64 * 1024))
        return stream.read().decode("utf-8", "replace")


def _last(text: str, lines: int = 8) -> str:
    return "\n".join(text.strip().splitlines()[-lines:]) or "(nothing was written)"


def _locale() -> str:
    try:
        known = subprocess.run(["locale", "-a"], capture_output=True, text=True, timeout=10, check=False).stdout
    except OSError:
        known = ""
    return "C.UTF-8" if {"c.utf8", "c.utf-8"} & set(known.lower().split()) else "C"
