"""Uploads are kept as files under the hash of their content; the store holds the hash."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gridsvc.errors import FileError

NEW = ".new-"
LEFT = 86_400.0
"""Seconds after which nobody is still writing a copy."""


def keep(file: Path, uploads: Path) -> tuple[str, Path]:
    """Copy a file into the uploads; the SHA-256 of its bytes, and the kept copy, whose name ends as the file's did."""
    with incoming(file, uploads) as copy:
        shutil.copyfile(file, copy)
        digest = sha256(copy)
        return digest, settle(copy, uploads, digest, suffix(file))


@contextmanager
def incoming(file: Path, uploads: Path, called: str | None = None) -> Iterator[Path]:
    """An empty file in the uploads for the content of `file`, gone afterwards unless it was settled.

    `called`: what its sender calls it.
    """
    if not file.is_file():
        raise FileError(str(file), "there is no such file" if not file.exists() else "this is a folder, not a file")
    if file.stat().st_size == 0:
        name = called or file.name
        raise FileError(
            name,
            "the file is empty (0 bytes); was it cut off while copying?",
            zh=f"{name}：文件为空（0 字节），复制或上传时是否中断？",
        )
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=uploads, prefix=NEW)
    os.close(handle)
    try:
        yield Path(name)
    except PermissionError as error:
        raise FileError(str(file), "it may not be read (permission denied)") from error
    finally:
        Path(name).unlink(missing_ok=True)


def clear_away(uploads: Path) -> None:
    """Copies that a process which was killed has left. One that is being written is younger than LEFT."""
    for left in uploads.glob(f"{NEW}*"):
        with suppress(FileNotFoundError):  # it was settled at this moment, or another one clears away too
            if time.time() - left.stat().st_mtime > LEFT:
                left.unlink()


def settle(copy: Path, uploads: Path, digest: str, ending: str) -> Path:
    """Give a complete copy its lasting name."""
    kept = uploads / digest[:2] / f"{digest}{ending}"
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    copy.replace(kept)
    return kept


def forget(uploads: Path, digests: list[str]) -> int:
    """Delete the kept files of these hashes; how many there were."""
    files = [file for digest in digests for file in (uploads / digest[:2]).glob(f"{digest}*")]
    for file in files:
        file.unlink()
    return len(files)


def suffix(file: Path) -> str:
    """In lower case; `.csv.gz` and the like stay whole."""
    return "".join(file.suffixes[-2:] if file.suffix.lower() == ".gz" else file.suffixes[-1:]).lower()


def sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
