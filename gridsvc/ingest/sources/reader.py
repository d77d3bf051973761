"""Files are looked at and read by another process, which a hostile file may crash, fill or keep busy.

This one only waits; what comes back are plain record batches and JSON.
"""

import fcntl
import io
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
from pyarrow import ipc

import gridsvc
from gridsvc.errors import FileError, InputError
from gridsvc.ingest.sources.cage import ENVIRONMENT
from gridsvc.ingest.sources.model import Choice, Inspection, Limits, Note
from gridsvc.ingest.sources.received import inspection_of
from gridsvc.ingest.sources.wording import line, refusal

CHILD = "gridsvc.ingest.sources.child"
PIPE = 1 << 20
"""Bytes of the pipe that batches come through."""
SET_PIPE_SIZE = 1031
LONGEST_REPORT = 1 << 20
PATIENCE = 10.0
"""Seconds for a child that has said all to end."""
FULL = 0.8
"""Share of its memory that a child had taken when it crashed, from which memory is named as the cause."""


def inspect(kept: Path, file_name: str, limits: Limits) -> Inspection:
    """What is in the file. FileError if it cannot be imported at all."""
    return inspection_of(_answer("inspect", kept, file_name, limits))


def content_hash(kept: Path, file_name: str, limits: Limits) -> str:
    """SHA-256 of what a zip holds, however it is packed. FileError if that is nothing that can be imported."""
    return str(_answer("hash", kept, file_name, limits))


def _answer(what: str, kept: Path, file_name: str, limits: Limits) -> Any:
    with Child(what, kept, file_name, Choice(), limits) as child:
        said = child.output.read()
        child.finish()
        return json.loads(said)


class Reading:
    """The rows of a file while it is being read: `schema`, and record batches as they come. After them, `notes`."""

    def __init__(self, child: "Child", *, look: bool) -> None:
        self._child = child
        self.notes: tuple[Note, ...] = ()
        said = child.output.readline() if look else b""
        self.inspection = inspection_of(json.loads(said)) if said else None
        """What is in the file, if that was asked for too."""
        try:
            self._stream = ipc.open_stream(pa.PythonFile(child.output, mode="r"))
        except pa.ArrowInvalid:
            self.notes = child.finish()
            raise child.failed("it wrote nothing") from None

    @property
    def schema(self) -> Any:
        return self._stream.schema

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._stream
        except (pa.ArrowInvalid, OSError) as error:
            self._child.finish()
            raise self._child.failed(str(error)) from error
        self.notes = self._child.finish()


@contextmanager
def reading(kept: Path, file_name: str, choice: Choice, limits: Limits, *, look: bool = False) -> Iterator[Reading]:
    """Read a file: its rows come while the other process reads on, which ends with the block.

    `look`: inspect it first, in the same process, so that it is unpacked once.
    """
    with Child("read", kept, file_name, choice, limits, look=look) as child:
        yield Reading(child, look=look)


class Child:
    """A process that reads one file. FileError says what became of it."""

    def __init__(
        self, what: str, kept: Path, file_name: str, choice: Choice, limits: Limits, *, look: bool = False
    ) -> None:
        self._what, self._file_name, self._limits = what, file_name, limits
        self._task = {
            "kept": str(kept.resolve()), "file_name": file_name, "limits": asdict(limits), "look": look,
            **asdict(choice),
        }  # fmt: skip

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="gridsvc-", ignore_cleanup_errors=True)
        inside = Path(self._folder.name)
        reports, report = os.pipe()
        self._report = os.fdopen(reports, "rb")
        environment = {**ENVIRONMENT, "PYTHONPATH": str(Path(gridsvc.__file__).parents[1]), "TMPDIR": str(inside)}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-m", CHILD, str(report), str(os.getpid()), self._what],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=(report,),
                cwd=inside, env=environment,
            )  # fmt: skip
        finally:
            os.close(report)
        self._begin()
        return self

    def _begin(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError):  # a system without bigger pipes is slower, no more
            fcntl.fcntl(self._process.stdout, SET_PIPE_SIZE, PIPE)
        with suppress(BrokenPipeError), self._process.stdin as stdin:
            stdin.write(json.dumps(self._task).encode())
        self._patience = Patience(self._process.stdout.fileno(), self._limits.seconds)
        self.output = io.BufferedReader(self._patience, PIPE)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._report.close()
        self._folder.cleanup()
        if isinstance(error, WaitedTooLongError):
            raise self._too_slow() from error

    def finish(self) -> tuple[Note, ...]:
        """Wait for its end; what it noted. FileError if it did not come to a good one."""
        said = self._said()
        memory = self._wait()
        report = json.loads(said) if said else {}
        if "done" in report and self._process.returncode == 0:
            return tuple(Note(en=str(one["en"]), zh=str(one["zh"])) for one in report["done"])
        raise self._error(report, memory)

    def _said(self) -> bytes:
        ready, _, _ = select.select([self._report], [], [], max(self._patience.left, PATIENCE))
        if not ready:
            raise WaitedTooLongError
        return self._report.read(LONGEST_REPORT)

    def _wait(self) -> int:
        """Megabytes that it took at most; 0 if that cannot be told: a process begins with the peak of its parent."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            pid, status, used = os.wait4(self._process.pid, os.WNOHANG)
            if pid:
                self._process.returncode = os.waitstatus_to_exitcode(status)
                ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                return used.ru_maxrss >> 10 if used.ru_maxrss > ours else 0
            time.sleep(0.002)
        raise WaitedTooLongError

    def _error(self, report: dict[str, Any], memory: int) -> InputError:
        zh = str(report.get("zh", ""))
        if "cause" in report:
            return FileError(str(report["file"]), str(report["cause"]), report["feature"], zh=zh)
        if "input" in report:
            return InputError(str(report["input"]), zh=zh)
        if "failed" in report:
            return self.failed(str(report["failed"]))
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return self._too_slow()
        if "memory" in report or memory > FULL * self._limits.memory_mb:
            return self._too_big()
        if code == -signal.SIGXFSZ:
            return refusal(
                self._file_name, "it unpacks to more than may be written", "解压后的内容超过允许的大小"
            )  # fmt: skip
        name = signal.Signals(-code).name if code and code < 0 else f"exit code {code}"
        return refusal(
            self._file_name, f"the reader crashed on it ({name}): it is damaged, or was made to do harm",
            f"读取程序在处理该文件时崩溃（{name}）：文件可能已损坏，或为恶意文件",
        )  # fmt: skip

    def failed(self, words: str) -> FileError:
        return refusal(
            self._file_name,
            f"it cannot be read; damaged? ({line(words)})",
            f"无法读取，文件可能已损坏（{line(words)}）",
        )

    def _too_slow(self) -> FileError:
        seconds = self._limits.seconds
        return refusal(
            self._file_name,
            f"reading took longer than {seconds} s and was stopped; is it damaged, or made to do harm?",
            f"读取超过 {seconds} 秒，已停止；文件可能已损坏，或为恶意文件",
        )  # fmt: skip

    def _too_big(self) -> FileError:
        most = self._limits.memory_mb
        return refusal(
            self._file_name, f"reading needed more than {most} MB of memory and was stopped",
            f"读取所需内存超过 {most} MB，已停止",
        )  # fmt: skip


class WaitedTooLongError(Exception):
    """Becomes a FileError where the process is given up."""


class Patience(io.RawIOBase):
    """A pipe that is waited for so long and no longer, in all; the time that its reader takes does not count."""

    def __init__(self, pipe: int, seconds: float) -> None:
        self._pipe, self.left = pipe, float(seconds)
        self._poll = select.poll()
        self._poll.register(pipe, select.POLLIN | select.POLLHUP)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        begun = time.monotonic()
        ready = self._poll.poll(max(0.0, self.left) * 1000)
        self.left -= time.monotonic() - begun
        if not ready:
            raise WaitedTooLongError
        return os.readv(self._pipe, [buffer])
