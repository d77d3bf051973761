"""What the data folder remembers of its cluster, passwords included, in one file that only its owner can read."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from gridsvc.errors import SetupError
from gridsvc.localdb.account import keep_owner

FILE_NAME = "cluster.json"


@dataclass(frozen=True)
class Record:
    """`server_folder` is relative if it lies in the data folder; `ready` once roles and database exist."""

    version: int
    server_folder: str
    port: int
    ready: bool = False
    admin_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    service_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)


def load(folder: Path) -> Record | None:
    """The record in this data folder, or None if there is none."""
    file = folder / FILE_NAME
    try:
        return Record(**json.loads(file.read_text("utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise SetupError(f"{file} cannot be read: it belongs to another account, run this as that one") from error
    except (ValueError, TypeError) as error:
        raise SetupError(f"{file} is damaged ({error}); restore it from a backup") from error


def save(folder: Path, record: Record) -> None:
    file, fresh = folder / FILE_NAME, folder / f"{FILE_NAME}.new"
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(asdict(record), stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    keep_owner(fresh, folder)
    fresh.replace(file)
