"""What the tests of the embedded cluster share."""

from pathlib import Path
from typing import Any

import psutil
import psycopg

from gridsvc.localdb import Cluster


def value(url: str, query: str, **options: Any) -> Any:
    with psycopg.connect(url, connect_timeout=5, **options) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row[0]


def folder_of(cluster: Cluster) -> Path:
    folder = cluster.status().server_folder
    assert folder is not None
    return folder


def processes(folder: Path) -> list[psutil.Process]:
    """Living processes that work below this folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()).is_relative_to(folder):
                found.append(process)
        except psutil.Error:
            continue
    return found
