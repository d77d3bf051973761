"""Layers among the uploads: a loose shapefile is kept as one zip, and known by its content however it is zipped."""

import shutil
import zipfile
from pathlib import Path

from gridsvc.errors import FileError
from gridsvc.ingest.archives import SIDECARS, content_hash
from gridsvc.store import uploads as store

EPOCH = (1980, 1, 1, 0, 0, 0)
LONGEST = 16
"""Bytes of a suffix; the kept copy is named by its hash and that."""


def keep(file: Path, uploads: Path) -> tuple[str, Path]:
    """Copy a layer's file into the uploads; the hash of its content and the kept copy."""
    if len(file.suffix.encode(errors="replace")) > LONGEST:
        raise FileError(f"{file.name[:40]}…", "its name is too long, or ends in nothing that could be a kind of file")
    loose = file.suffix.lower() == ".shp"
    if not loose and file.suffix.lower() != ".zip":
        return store.keep(file, uploads)
    with store.incoming(file, uploads) as copy:
        if loose:
            _pack(file, copy)
        else:
            shutil.copyfile(file, copy)
        digest = _hash(copy, file)
        return digest, store.settle(copy, uploads, digest, ".zip")


def _pack(shp: Path, copy: Path) -> None:
    """A zip of the shapefile's parts."""
    name = shp.stem.casefold()
    parts = [p for p in sorted(shp.parent.iterdir()) if p.stem.casefold() == name and p.suffix.lower() in SIDECARS]
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            info = zipfile.ZipInfo(part.name, EPOCH)
            info.compress_type, info.file_size = zipfile.ZIP_DEFLATED, part.stat().st_size
            with part.open("rb") as source, archive.open(info, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)


def _hash(copy: Path, file: Path) -> str:
    """Of the shapefile in a zip; one that cannot be read is known by its bytes, until reading it says what is wrong."""
    try:
        return content_hash(copy, file.name)
    except FileError:
        return store.sha256(copy)
