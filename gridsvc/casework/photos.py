"""Pictures of reports. What a camera writes into them (place, time, device) is for those who work on the report."""

from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from uuid import UUID

from gridsvc.errors import InputError, NotFoundError
from gridsvc.files.pictures import MOST_PHOTOS, SHARED_TYPE, stripped
from gridsvc.store import audit, photos
from gridsvc.store.connection import Connection

_turn = BoundedSemaphore(1)


@dataclass(frozen=True, kw_only=True)
class Picture:
    media_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A picture as it was sent, and its pixels alone."""

    media_type: str
    content: bytes
    shared: bytes


def looked_at(content: bytes) -> Sent:
    """Refuses what is no picture. One at a time: a large one takes half a gigabyte."""
    with _turn:
        media_type, shared = stripped(content)
    return Sent(media_type=media_type, content=content, shared=shared)


def add_photo(conn: Connection, report_id: UUID, sent: Sent, folder: Path) -> tuple[UUID | None, bool]:
    """The new photo and True; None and False if the report has the same picture already.

    Of a report that was anonymised no original is kept.
    """
    if photos.photo_total(conn, report_id) >= MOST_PHOTOS:
        raise InputError(f"a report has at most {MOST_PHOTOS} pictures")
    original, bare = photos.keep(sent.content, folder), photos.keep(sent.shared, folder)
    photo_id = photos.add_photo(conn, report_id, original, bare, sent.media_type)
    if photo_id is not None:
        audit.record(conn, "photo.add", f"photo {photo_id}", after={"report": str(report_id)})
    return photo_id, photo_id is not None


def picture(conn: Connection, photo_id: UUID, folder: Path) -> Picture:
    """The original for those who work on its report, the same without what the camera wrote for everybody else."""
    kept = photos.photo_by_id(conn, photo_id)
    if kept is None:
        raise NotFoundError(f"photo {photo_id} does not exist")
    if kept.worked_on and kept.original_sha256 is not None:
        return Picture(media_type=kept.original_type, content=photos.content(kept.original_sha256, folder))
    return Picture(media_type=SHARED_TYPE, content=photos.content(kept.shared_sha256, folder))
