"""Layers among the uploads: a loose shapefile is kept as one zip, and known by its content however it is zipped."""

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from gridsvc.errors import FileError
from gridsvc.ingest.sources import Limits, content_hash
from gridsvc.ingest.sources.contents import SIDECARS
from gridsvc.ingest.sources.wording import listed, refusal
from gridsvc.store import uploads as store

EPOCH = (1980, 1, 1, 0, 0, 0)
LONGEST = 16
"""Bytes of a suffix; the kept copy is named by its hash and that."""
FAST = 1
"""Of zlib's levels."""
LIMITS = Limits()


def keep(file: Path, uploads: Path, name: str | None = None, limits: Limits = LIMITS) -> tuple[str, Path]:
    """Copy a layer's file into the uploads; the hash of its content and the kept copy.

    `name` is what its sender calls it. Of a loose .shp the parts beside it come along.
    """
    called = Path(name or file.name)
    if len(called.suffix.encode(errors="replace")) > LONGEST:
        raise FileError(
            f"{called.name[:40]}…",
            "its name is too long, or ends in nothing that could be a kind of file",
            zh=f"{called.name[:40]}…：文件名过长，或没有可识别的扩展名",
        )
    if called.suffix.lower() == ".shp":
        return _keep_packed(file, called.name, _parts_beside(file), uploads, limits)
    with store.incoming(file, uploads, called.name) as copy:
        shutil.copyfile(file, copy)
        zipped = called.suffix.lower() == ".zip"
        digest = _hash(copy, called.name, limits) if zipped else store.sha256(copy)
        return digest, store.settle(copy, uploads, digest, store.suffix(called))


def keep_parts(parts: Mapping[str, Path], uploads: Path, limits: Limits = LIMITS) -> tuple[str, str, Path]:
    """Keep what was given as several files, by their sender's names for them: the parts of shapefiles, as one zip.

    What it is called then, the hash of its content, and the kept copy.
    """
    if len(parts) == 1:
        name, file = next(iter(parts.items()))
        return name, *keep(file, uploads, name, limits)
    shapes = sorted(name for name in parts if Path(name).suffix.lower() == ".shp")
    others = sorted(name for name in parts if Path(name).suffix.lower() not in SIDECARS)
    if others or not shapes:
        raise refusal(
            listed(sorted(parts)),
            "several files at once can only be the parts of shapefiles (.shp, .shx, .dbf, .prj, .cpg)",
            "一次上传多个文件时，只能是 shapefile 的各个组成文件（.shp、.shx、.dbf、.prj、.cpg）",
        )  # fmt: skip
    called = f"{Path(shapes[0]).stem}.zip"
    named = {Path(name).name: file for name, file in parts.items()}
    return called, *_keep_packed(parts[shapes[0]], shapes[0], named, uploads, limits)


def _parts_beside(shp: Path) -> dict[str, Path]:
    name = shp.stem.casefold()
    folder = sorted(shp.parent.iterdir()) if shp.parent.is_dir() else []
    return {one.name: one for one in folder if one.stem.casefold() == name and one.suffix.lower() in SIDECARS}


def _keep_packed(shp: Path, called: str, parts: Mapping[str, Path], uploads: Path, limits: Limits) -> tuple[str, Path]:
    with store.incoming(shp, uploads, called) as copy:
        _pack(parts, copy)
        digest = _hash(copy, called, limits)
        return digest, store.settle(copy, uploads, digest, ".zip")


def _pack(parts: Mapping[str, Path], copy: Path) -> None:
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST) as archive:
        for name, part in sorted(parts.items()):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type, info.file_size = zipfile.ZIP_DEFLATED, part.stat().st_size
            with part.open("rb") as source, archive.open(info, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)


def _hash(copy: Path, file_name: str, limits: Limits) -> str:
    """One that cannot be read is known by its bytes, until reading it says what is wrong."""
    try:
        return content_hash(copy, file_name, limits)
    except FileError:
        return store.sha256(copy)
