"""Pictures of reports and of components: files under the hash of their content; the store holds the hashes."""

import hashlib
import os
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from gridsvc.errors import NotFoundError
from gridsvc.store.connection import Connection
from gridsvc.store.rows import execute, objects, value, values

YOUNG = 3_600.0
"""Seconds; a file that no row names may belong to a transaction that is not over yet."""


@dataclass(frozen=True, kw_only=True)
class Photo:
    id: UUID
    added_at: datetime


@dataclass(frozen=True, kw_only=True)
class Kept:
    original_sha256: str | None
    """None once it is erased."""
    shared_sha256: str
    original_type: str
    worked_on: bool
    """Whether the caller works on its report."""


def keep(content: bytes, folder: Path) -> str:
    """The hash under which it is kept, whole or not at all."""
    digest = hashlib.sha256(content).hexdigest()
    target = _place(folder, digest)
    if target.exists():
        os.utime(target)
        return digest
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    Path(name).replace(target)
    return digest


def content(digest: str, folder: Path) -> bytes:
    try:
        return _place(folder, digest).read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError("the picture is not among the files any more; was the data folder restored?") from error


def add_photo(conn: Connection, report_id: UUID, original: str, shared: str, original_type: str) -> UUID | None:
    """Its id; None if the report has the same picture already."""
    given = {"original": original, "shared": shared, "original_type": original_type}
    return value(conn, "add_photo", report_id=report_id, **given)  # type: ignore[no-any-return]


def photo_total(conn: Connection, report_id: UUID) -> int:
    return int(value(conn, "photo_total", report_id=report_id))


def photos_of(conn: Connection, report_id: UUID) -> list[Photo]:
    return objects(conn, Photo, "photos_of_report", report_id=report_id)


def photo_by_id(conn: Connection, photo_id: UUID) -> Kept | None:
    found = objects(conn, Kept, "photo_by_id", id=photo_id)
    return found[0] if found else None


def add_component_photos(conn: Connection, batch_id: int, codes: list[str], hashes: list[str]) -> int:
    """Of components that exist; how many they did not have yet."""
    return execute(conn, "add_component_photos", batch_id=batch_id, codes=codes, hashes=hashes)


def component_photos_of(conn: Connection, code: str) -> list[UUID]:
    """Those that the caller may see, oldest first."""
    return values(conn, "component_photos_of", code=code)


def component_photo_file(conn: Connection, photo_id: UUID) -> str | None:
    """The hash under which it is kept, if the caller may see it."""
    return value(conn, "component_photo_file", id=photo_id)  # type: ignore[no-any-return]


def forget_component_photos(conn: Connection, batch_id: int) -> int:
    return execute(conn, "forget_component_photos", batch_id=batch_id)


def sweep(conn: Connection, folder: Path) -> int:
    """Delete the files that no row names any more; how many."""
    named, gone = set(values(conn, "photo_files")), 0
    for file in folder.glob("*/*"):
        if file.name not in named and file.stat().st_mtime < time.time() - YOUNG:
            file.unlink()
            gone += 1
    return gone


def _place(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest
