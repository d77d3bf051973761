"""Zipped shapefiles: which members make the one shapefile, what they hold, and what is wrong with an archive."""

import hashlib
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from gridsvc.errors import FileError

SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
LARGEST = 2 << 30
"""Bytes that an archive may unpack to."""
STEM = "layer"
"""Of the unpacked parts: names in an archive may be longer than a file's may be."""
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, ValueError,
           RuntimeError)  # fmt: skip
"""What opening and reading a zip raises, with names that are not the UTF-8 that they say and unknown ways to pack."""


def unpack(archive: Path, folder: Path, file_name: str) -> tuple[Path, str]:
    """The .shp of the one shapefile of a zip, unpacked into a folder under a name of ours; and its own name."""
    with _opened(archive, file_name) as opened:
        name, members = _shapefile(opened, file_name)
        for suffix, info in members.items():
            with opened.open(info) as source, (folder / f"{STEM}{suffix}").open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
    return folder / f"{STEM}.shp", name


def content_hash(archive: Path, file_name: str) -> str:
    """SHA-256 over the parts of the shapefile: the same however, and under whatever name, it was zipped."""
    digest = hashlib.sha256()
    with _opened(archive, file_name) as opened:
        _, members = _shapefile(opened, file_name)
        for suffix, info in sorted(members.items()):
            digest.update(f"{suffix} {info.file_size}\n".encode())
            with opened.open(info) as source:
                while block := source.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()


@contextmanager
def _opened(archive: Path, file_name: str) -> Iterator[zipfile.ZipFile]:
    try:
        opened = zipfile.ZipFile(archive)
    except DAMAGED as error:
        cause = f"it is not a complete zip archive ({_line(str(error))}); cut off, or another kind?"
        raise FileError(file_name, cause) from error
    with opened:
        try:
            yield opened
        except DAMAGED as error:
            raise FileError(file_name, f"the zip archive is damaged ({_line(str(error))})") from error


def _shapefile(archive: zipfile.ZipFile, file_name: str) -> tuple[str, dict[str, zipfile.ZipInfo]]:
    """Name of the one shapefile, and its parts by suffix."""
    parts = [(_path(info), info) for info in archive.infolist()]
    parts = [(path, info) for path, info in parts if path.suffix.lower() in SIDECARS and path.parts[0] != "__MACOSX"]
    shapes = [path for path, _ in parts if path.suffix.lower() == ".shp"]
    if len(shapes) != 1:
        names = ", ".join(_line(str(name)) for name in (shapes or archive.namelist())[:8]) or "nothing"
        raise FileError(file_name, f"the archive holds {len(shapes)} shapefiles (.shp), not one; it holds {names}")
    whole = _same(shapes[0])
    members = {path.suffix.lower(): info for path, info in parts if _same(path) == whole}
    _check(members.values(), file_name)
    return _line(shapes[0].stem), members


def _check(members: Collection[zipfile.ZipInfo], file_name: str) -> None:
    if any(info.flag_bits & 1 for info in members):
        raise FileError(file_name, "the zip archive is locked with a password; unlock it first")
    if sum(info.file_size for info in members) > LARGEST:
        raise FileError(file_name, f"the archive unpacks to more than {LARGEST >> 30} GiB")


def _line(text: str) -> str:
    """Fit to be shown: short, and on one line."""
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return shown if len(shown) <= 120 else f"{shown[:119]}…"


def _same(path: PurePosixPath) -> str:
    """Parts of a shapefile differ in their suffix alone, and in capitals."""
    return str(path.with_suffix("")).casefold()


def _path(info: zipfile.ZipInfo) -> PurePosixPath:
    """The member's path; names that are not marked as UTF-8 are GBK where Chinese Windows zipped them."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = info.filename
    return PurePosixPath(name.replace("\\", "/"))
