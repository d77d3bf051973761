"""Uploads are kept under the hash of their content, so that a batch can always show what it was made from."""

import hashlib
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from gridsvc.errors import FileError
from gridsvc.ingest.archives import SIDECARS, content_hash

EPOCH = (1980, 1, 1, 0, 0, 0)


def keep(file: Path, uploads: Path) -> tuple[str, Path]:
    """Copy a file into the uploads; the SHA-256 of its content and the kept copy.

    A loose shapefile is kept as one zip. The content of a zip is its shapefile, so zipping it again changes nothing.
    """
    if not file.is_file():
        raise FileError(str(file), "there is no such file" if not file.exists() else "this is a folder, not a file")
    if file.stat().st_size == 0:
        raise FileError(file.name, "the file is empty (0 bytes); was it cut off while copying?")
    uploads.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=uploads, prefix=".new-")
    os.close(handle)
    copy = Path(name)
    try:
        _take(file, copy)
        digest, suffix = _hash(copy, file), _suffix(file)
        kept = uploads / digest[:2] / f"{digest}{suffix}"
        kept.parent.mkdir(exist_ok=True)
        copy.replace(kept)
    finally:
        copy.unlink(missing_ok=True)
    return digest, kept


def _suffix(file: Path) -> str:
    """`.csv.gz` and the like stay whole."""
    last = file.suffix.lower()
    if last == ".gz":
        return "".join(file.suffixes[-2:]).lower()
    return ".zip" if last == ".shp" else last


def _take(file: Path, copy: Path) -> None:
    try:
        if file.suffix.lower() == ".shp":
            _pack(file, copy)
        else:
            shutil.copyfile(file, copy)
    except PermissionError as error:
        raise FileError(str(file), "it may not be read (permission denied)") from error


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
    if _suffix(file) == ".zip":
        try:
            return content_hash(copy, file.name)
        except FileError:
            pass  # reading it says what is wrong; until then it is known by its bytes
    with copy.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
