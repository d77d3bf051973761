"""Files that somebody sends, alone or as `multipart/form-data`: on disk as they come, gone if not all of it does."""

import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from gridsvc.errors import InputError

FIELD = "file"
MOST_FILES = 20
LONGEST_NAME = 200
"""Bytes of a file's name."""
BLOCK = 1 << 20
"""Bytes written at once."""
INCOMING = ".incoming-"
LEFT = 86_400.0
"""Seconds after which nobody is still sending."""


@contextmanager
def incoming(uploads: Path) -> Iterator[Path]:
    """A folder among the uploads that is gone with the block."""
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear_away(uploads)
    with tempfile.TemporaryDirectory(prefix=INCOMING, dir=uploads) as folder:
        yield Path(folder)


def _clear_away(uploads: Path) -> None:
    """What a service that was killed has left of files that it was receiving."""
    for left in uploads.glob(f"{INCOMING}*"):
        if left.is_dir() and time.time() - left.stat().st_mtime > LEFT:
            shutil.rmtree(left, ignore_errors=True)


async def body_into(request: Request, file: Path) -> None:
    """A body that is a file itself. The guard limits how many bytes come."""
    with file.open("wb") as target:
        async for block in _blocks(request):
            await run_in_threadpool(target.write, block)


async def _blocks(request: Request) -> AsyncIterator[bytes]:
    block = bytearray()
    async for chunk in request.stream():
        block += chunk
        if len(block) >= BLOCK:
            yield bytes(block)
            block.clear()
    yield bytes(block)


async def received(request: Request, folder: Path) -> dict[str, Path]:
    """The files of a request by their sender's names, without folders. The guard limits how many bytes come."""
    parts = _parts(request, folder)
    try:
        async for block in _blocks(request):
            await run_in_threadpool(parts.write, block)
        parts.end()
    except FormParserError as error:
        raise _wrong("the body is damaged, or was cut off", "上传内容已损坏或不完整") from error
    finally:
        parts.close()
    if not parts.files:
        raise _wrong(f"send at least one file, in the field {FIELD!r}", "请至少上传一个文件")
    return parts.files


def _parts(request: Request, folder: Path) -> "_Parts":
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise _wrong(
            f"send files as multipart/form-data, in the field {FIELD!r}", "请以 multipart/form-data 方式上传文件"
        )
    try:
        return _Parts(options[b"boundary"], folder)
    except FormParserError as error:
        raise _wrong("its boundary is too long", "上传内容的分隔符过长") from error


class _Parts:
    """Writes each part into a file of its own."""

    def __init__(self, boundary: bytes, folder: Path) -> None:
        self.files: dict[str, Path] = {}
        self._folder, self._ended = folder, False
        self._header, self._value, self._disposition = b"", b"", b""
        self._target: IO[bytes] | None = None
        self._parser = MultipartParser(
            boundary,
            {
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": self.close,
                "on_end": self._on_end,
            },
        )

    def write(self, data: bytes) -> None:
        self._parser.write(data)

    def end(self) -> None:
        self._parser.finalize()
        if not self._ended:
            raise FormParserError

    def close(self) -> None:
        if self._target is not None:
            self._target.close()
        self._target = None

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._disposition = b""
        if options.get(b"name") != FIELD.encode() or b"filename" not in options:
            raise _wrong(f"only files are taken, in the field {FIELD!r}", "只能上传文件")
        if len(self.files) == MOST_FILES:
            raise _wrong(f"no more than {MOST_FILES} files at once", f"一次最多上传 {MOST_FILES} 个文件")
        name = file_name(options[b"filename"])
        if name in self.files:
            raise _wrong(f"two files are called {name}", f"有两个文件同名：{name}")
        self.files[name] = self._folder / str(len(self.files))
        self._target = self.files[name].open("wb")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        assert self._target is not None
        self._target.write(memoryview(data)[start:end])

    def _on_end(self) -> None:
        self._ended = True


def file_name(sent: bytes) -> str:
    """Without the folders that some browsers send along, and without what cannot be shown or stored."""
    name = sent.decode("utf-8", "replace").replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(sign if sign.isprintable() else "_" for sign in name).strip(" .")
    if not name:
        raise _wrong("a file has no name", "有文件没有名称")
    if len(name.encode()) > LONGEST_NAME:
        raise _wrong(f"the name of {name[:40]}… is too long", f"文件名过长：{name[:40]}…")
    return name


def _wrong(message: str, zh: str) -> InputError:
    return InputError(f"upload: {message}", zh=zh)
