"""Uploads are kept under the hash of their bytes, so that a batch can always show what it was made from."""

import hashlib
import os
import tempfile
import zipfile
from pathlib import Path

from gridsvc.errors import FileError

SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
EPOCH = (1980, 1, 1, 0, 0, 0)


def keep(file: Path, uploads: Path) -> tuple[str, Path]:
    """Copy a file into the uploads; its SHA-256 and the kept copy. A loose shapefile is kept as one zip."""
    if not file.is_file():
        raise FileError(str(file), "there is no such file" if not file.exists() else "this is a folder, not a file")
    if file.stat().st_size == 0:
        raise FileError(file.name, "the file is empty (0 bytes); was it cut off while copying?")
    uploads.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=uploads, prefix=".new-")
    os.close(handle)
    copy = Path(name)
    try:
        _pack(file, copy) if file.suffix.lower() == ".shp" else _copy(file, copy)
        digest = _sha256(copy)
        kept = uploads / digest[:2] / f"{digest}{'.zip' if file.suffix.lower() == '.shp' else ''.join(_suffix(file))}"
        kept.parent.mkdir(exist_ok=True)
        copy.replace(kept)
    finally:
        copy.unlink(missing_ok=True)
    return digest, kept


def _suffix(file: Path) -> list[str]:
    """`.csv.gz` and the like stay whole."""
    return [s.lower() for s in file.suffixes[-2:]] if file.suffix.lower() == ".gz" else [file.suffix.lower()]


def _copy(file: Path, copy: Path) -> None:
    with file.open("rb") as source, copy.open("wb") as target:
        while block := source.read(1 << 20):
            target.write(block)


def _pack(shp: Path, copy: Path) -> None:
    """A zip of the shapefile's parts whose bytes depend on their content alone."""
    parts = [part for part in sorted(shp.parent.iterdir()) if part.stem == shp.stem and part.suffix.lower() in SIDECARS]
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            archive.writestr(zipfile.ZipInfo(part.name, EPOCH), part.read_bytes(), zipfile.ZIP_DEFLATED)


def _sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
