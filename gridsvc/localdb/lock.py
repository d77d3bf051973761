"""One process at a time works on a cluster."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gridsvc.errors import SetupError
from gridsvc.localdb.account import keep_owner

SECONDS = 300.0


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The kernel releases the lock if its holder dies."""
    file = folder / "cluster.lock"
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SetupError(f"{file} cannot be opened: {error.strerror}; run this as the owner of {folder}") from error
    try:
        keep_owner(file, folder)
        _take(descriptor, file)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, file: Path) -> None:
    end = time.monotonic() + SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise SetupError(f"another process has held {file} for {SECONDS:.0f} s; is it stuck?") from None
            time.sleep(0.05)
