"""What the cluster tells about itself."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Addresses:
    """`admin_url` owns the database (init, migrations); `database_url` is the service's."""

    admin_url: str
    database_url: str

    def __repr__(self) -> str:
        return f"Addresses(admin_url={_masked(self.admin_url)!r}, database_url={_masked(self.database_url)!r})"


@dataclass(frozen=True)
class ClusterStatus:
    """`server_folder` holds the server's own files, elsewhere if its account cannot enter the data folder."""

    exists: bool
    running: bool
    data_folder: Path
    server_folder: Path | None = None
    socket_folder: Path | None = None
    log_path: Path | None = None
    version: int | None = None
    port: int | None = None
    pid: int | None = None


def _masked(url: str) -> str:
    head, _, tail = url.rpartition("@")
    return f"{head.rpartition(':')[0]}:***@{tail}"
