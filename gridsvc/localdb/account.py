"""The unprivileged account that the server runs as, and where that account can keep files."""

import hashlib
import os
import pwd
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gridsvc.errors import SetupError

SYSTEM_FOLDER = Path("/var/lib/gridsvc")
PREFERRED = ("postgres", "gridsvc", "nobody")
LONGEST_SOCKET_FOLDER = 80  # bytes; with the socket's own name a path must stay under about 100
KEPT_VARIABLES = ("PATH", "TZ", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    def run(self, command: list[str], folder: Path, seconds: float) -> subprocess.CompletedProcess[str]:
        """Runs the command as this account, in that folder, without PG… variables of the caller."""
        try:
            return self._run(command, folder, seconds)
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, -1, f"{command[0]} did not end within {seconds:.0f} s")
        except OSError as error:
            return subprocess.CompletedProcess(command, -1, f"{command[0]} cannot be run in {folder}: {error}")

    def _run(self, command: list[str], folder: Path, seconds: float) -> subprocess.CompletedProcess[str]:
        switch = os.geteuid() == 0
        environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        return subprocess.run(
            command,
            cwd=folder,
            env={**environment, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
            user=self.uid if switch else None,
            group=self.gid if switch else None,
            extra_groups=[] if switch else None,
        )

    def can_use(self, folder: Path) -> bool:
        return self.run(["test", "-x", str(folder)], Path("/"), 10).returncode == 0

    def make_folder(self, folder: Path) -> None:
        """Makes the folder for this account alone; one that belongs to somebody else is refused."""
        folder.mkdir(mode=0o700, exist_ok=True)
        facts = folder.lstat()
        if facts.st_uid not in (self.uid, os.geteuid()) or folder.is_symlink():
            raise SetupError(f"{folder} belongs to another account (uid {facts.st_uid}); move it away and try again")
        if facts.st_uid != self.uid:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


def new_account() -> Account:
    """The account for a new cluster: this one, or an unprivileged one when this is root."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    known = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in PREFERRED:
        if name in known:
            return Account(known[name].pw_uid, known[name].pw_gid)
    raise SetupError(f"PostgreSQL refuses to run as root and none of the accounts {', '.join(PREFERRED)} exists")


def owner_of(folder: Path) -> Account:
    """The account of an existing cluster, which must be this one unless this is root."""
    facts = folder.stat()
    if facts.st_uid == 0 or os.geteuid() not in (0, facts.st_uid):
        cause = "PostgreSQL refuses to run as root" if facts.st_uid == 0 else "run this as that account or as root"
        raise SetupError(f"the cluster in {folder} belongs to uid {facts.st_uid}: {cause}")
    return Account(facts.st_uid, facts.st_gid)


def server_folder_for(data_folder: Path, account: Account) -> Path:
    """Inside the data folder if the account can enter it, else in a system folder named after it."""
    if account.can_use(data_folder):
        return data_folder / "postgres"
    return SYSTEM_FOLDER / path_name(data_folder)


def socket_folder_for(server_folder: Path, account: Account) -> Path:
    """Inside the server's folder, or in /tmp where its path is too long or reads otherwise in a database address."""
    inside = server_folder / "socket"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER and re.fullmatch(r"[\w/.-]+", str(inside), re.ASCII):
        return inside
    return Path("/tmp") / f"gridsvc-{account.uid}-{path_name(server_folder)}"


def make_system_folder(server_folder: Path) -> None:
    """Makes /var/lib/gridsvc, readable for all, if the server's files go there."""
    if server_folder.parent == SYSTEM_FOLDER and not SYSTEM_FOLDER.exists():
        SYSTEM_FOLDER.mkdir(parents=True)
        SYSTEM_FOLDER.chmod(0o755)


def path_name(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]


def keep_owner(file: Path, folder: Path) -> None:
    """Gives a file that root wrote into somebody's folder to the folder's owner."""
    if os.geteuid() == 0:
        facts = folder.stat()
        os.chown(file, facts.st_uid, facts.st_gid)
