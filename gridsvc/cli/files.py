"""Writing files whole or not at all, and never in place of something that is not a file."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from gridsvc.errors import InputError, SetupError


def write_text(file: Path, text: str) -> None:
    write_lines(file, [text.encode()])


def write_lines(file: Path, blocks: Iterable[bytes]) -> None:
    target = file.resolve()
    if target.exists() and not target.is_file():
        raise InputError(f"{file} is not a file that could be written to")
    unfinished = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as stream:
            for block in blocks:
                stream.write(block)
        unfinished.replace(target)
    except OSError as error:
        raise SetupError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
