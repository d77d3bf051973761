"""Zips: what they hold, and what is wrong with them. Nothing is unpacked before all entries were looked at."""

import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from gridsvc.ingest.sources.model import Limits
from gridsvc.ingest.sources.wording import line, refusal

DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, ValueError,
           RuntimeError, struct.error)  # fmt: skip
"""What opening and reading a zip raises, with names that are not the UTF-8 that they say and unknown ways to pack."""
BLOCK = 1 << 20
SMALL = 64 << 20
"""Bytes unpacked up to which the ratio does not matter: a table of spaces packs well."""
LONGEST_PATH = 1000
DIRECTORY_ENTRY = 400
"""Bytes that an entry takes in the list at the end of an archive, on average and generously."""
DRIVE = re.compile(r"[A-Za-z]:")
END, END64, LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
LONGEST_END = 22 + 0xFFFF


@dataclass(frozen=True)
class Member:
    path: PurePosixPath
    info: zipfile.ZipInfo

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()


@dataclass(kw_only=True)
class Archive:
    """An open zip whose entries were looked at."""

    file_name: str
    limits: Limits
    members: tuple[Member, ...]
    """Files only, without what macOS and Windows put there for themselves."""
    _zip: zipfile.ZipFile
    _unpacked: int = field(default=0)

    def blocks(self, member: Member) -> Iterator[bytes]:
        """The bytes of a member. They are counted, whatever the archive declares."""
        if member.info.flag_bits & 1:
            raise refusal(
                self.file_name, "the zip archive is locked with a password; unlock it first",
                "压缩包设有密码，请先解除密码再上传",
            )  # fmt: skip
        with self._zip.open(member.info) as source:
            while block := source.read(BLOCK):
                self._unpacked += len(block)
                _check_size(self._unpacked, self.file_name, self.limits)
                yield block

    def unpack(self, member: Member, target: Path) -> None:
        """`target` is a name of ours, never one of the archive's."""
        with target.open("wb") as written:
            for block in self.blocks(member):
                written.write(block)


@contextmanager
def opened(archive: Path, file_name: str, limits: Limits) -> Iterator[Archive]:
    """FileError for whatever is wrong with it, also while it is being read."""
    try:
        _check_directory(archive, file_name, limits)
        found = zipfile.ZipFile(archive)
    except DAMAGED as error:
        raise refusal(
            file_name, f"it is not a complete zip archive ({line(str(error))}); cut off, or another kind?",
            "不是完整的 zip 压缩包：可能传输中断，或是其他格式",
        ) from error  # fmt: skip
    with found:
        try:
            members = _members(found, archive, file_name, limits)
            yield Archive(file_name=file_name, limits=limits, members=members, _zip=found)
        except DAMAGED as error:
            raise refusal(
                file_name, f"the zip archive is damaged ({line(str(error))})", "zip 压缩包已损坏，请重新压缩后上传"
            ) from error


def _check_directory(archive: Path, file_name: str, limits: Limits) -> None:
    """The list of entries is read as a whole: its size is looked at before."""
    with archive.open("rb") as source:
        size = _directory_size(source, archive.stat().st_size)
    if size > limits.files * DIRECTORY_ENTRY:
        raise _too_many(file_name, limits)


def _directory_size(source: BinaryIO, length: int) -> int:
    source.seek(max(0, length - LONGEST_END))
    tail = source.read(LONGEST_END)
    at = tail.rfind(END)
    if at < 0 or len(tail) < at + 16:
        return 0  # zipfile says what is wrong with it
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    locator = tail[max(0, at - 20) : at]
    if locator.startswith(LOCATOR64):
        source.seek(min(int.from_bytes(locator[8:16], "little"), length))
        head = source.read(56)
        size = int.from_bytes(head[40:48], "little") if head.startswith(END64) else length
    return size


def _members(found: zipfile.ZipFile, archive: Path, file_name: str, limits: Limits) -> tuple[Member, ...]:
    entries = found.infolist()
    if len(entries) > limits.files:
        raise _too_many(file_name, limits)
    declared = sum(info.file_size for info in entries)
    _check_size(declared, file_name, limits)
    packed = archive.stat().st_size
    if declared > SMALL and declared > limits.ratio * packed:
        raise refusal(
            file_name,
            f"the archive unpacks to {declared // max(packed, 1)} times its size, more than {limits.ratio} times",
            f"压缩包解压后是原大小的 {declared // max(packed, 1)} 倍，超过 {limits.ratio} 倍的上限",
        )
    members = [Member(_path(info), info) for info in entries]
    for member in members:
        _check_name(member, file_name)
    return tuple(member for member in members if not member.info.is_dir() and not _of_the_system(member.path))


def _check_size(size: int, file_name: str, limits: Limits) -> None:
    if size > limits.bytes_unpacked:
        shown = f"{limits.bytes_unpacked / (1 << 30):.3g} GiB"
        raise refusal(
            file_name, f"the archive unpacks to more than {shown}", f"压缩包解压后超过 {shown} 的上限"
        )  # fmt: skip


def _too_many(file_name: str, limits: Limits) -> Exception:
    return refusal(
        file_name, f"the archive holds more than {limits.files} entries", f"压缩包中的文件超过 {limits.files} 个"
    )


def _check_name(member: Member, file_name: str) -> None:
    """An archive with a hostile entry is refused as a whole, though no name of it is ever used."""
    written, mode = member.info.orig_filename.replace("\\", "/"), member.info.external_attr >> 16
    shown = line(str(member.path))
    if written.startswith("/") or DRIVE.match(written) or ".." in member.path.parts:
        raise refusal(
            file_name, f"an entry of the archive points outside of its folder: {shown}",
            f"压缩包中的条目指向其文件夹之外：{shown}",
        )  # fmt: skip
    if "\0" in written or len(written) > LONGEST_PATH:
        raise refusal(
            file_name, f"an entry of the archive has a name that no file can have: {shown}",
            f"压缩包中条目的名称无效：{shown}",
        )  # fmt: skip
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise refusal(
            file_name, f"an entry of the archive is not a file but a link or a device: {shown}",
            f"压缩包中的条目不是文件，而是链接或设备：{shown}",
        )  # fmt: skip


def _of_the_system(path: PurePosixPath) -> bool:
    return "__MACOSX" in path.parts or path.name.startswith("._") or path.name in (".DS_Store", "Thumbs.db")


def _path(info: zipfile.ZipInfo) -> PurePosixPath:
    """The member's path; names that are not marked as UTF-8 are GBK where Chinese Windows zipped them."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        name = _decoded(name)
    return PurePosixPath(name.replace("\\", "/"))


def _decoded(name: str) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.encode("cp437").decode(encoding)
        except UnicodeError:
            continue
    return name
