"""The content of an upload as a hash: the same however, and under whatever name, it was packed."""

import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from gridsvc.ingest.sources.archives import Archive, Member, opened
from gridsvc.ingest.sources.contents import contents_of
from gridsvc.ingest.sources.model import Limits, Photo


def hash_of(kept: Path, file_name: str, limits: Limits) -> str:
    """SHA-256 over the parts of all layers of a zip, and the names and checksums of its photos.

    A zip of one shapefile has the hash of its parts alone; a zip of one other file has that file's.
    """
    digest = hashlib.sha256()
    with opened(kept, file_name, limits) as archive:
        contents = contents_of(archive)
        if contents.one is not None:
            _add(digest, archive, contents.one)
        for member in sorted(contents.geodatabase, key=lambda one: one.path.name):
            digest.update(f"{member.path.name} {member.info.file_size}\n".encode())
            _add(digest, archive, member)
        for shapes in sorted(contents.shapefiles, key=lambda one: one.name):
            if len(contents.shapefiles) > 1:
                digest.update(f"layer {shapes.name}\n".encode())
            for suffix, member in sorted(shapes.parts.items()):
                digest.update(f"{suffix} {member.info.file_size}\n".encode())
                _add(digest, archive, member)
        _add_photos(digest, contents.photos, archive)
    return digest.hexdigest()


def _add(digest: Any, archive: Archive, member: Member) -> None:
    for block in archive.blocks(member):
        digest.update(block)


def _add_photos(digest: Any, photos: Sequence[Photo], archive: Archive) -> None:
    sums = {str(member.path): member.info.CRC for member in archive.members}
    named = sorted((photo.key, PurePosixPath(photo.path).name, sums[photo.path]) for photo in photos)
    for key, name, crc in named:
        digest.update(f"photo {key} {name} {crc}\n".encode())
