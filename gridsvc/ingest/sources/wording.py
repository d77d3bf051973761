"""Errors and notes of reading, in both languages, and names of a file fit to be shown."""

from gridsvc.errors import FileError
from gridsvc.ingest.sources.model import Note

LONGEST = 120
"""Characters of a text of the file that are shown."""


def refusal(file_name: str, cause: str, zh: str, feature: int | None = None) -> FileError:
    """`zh` says the cause in Chinese; the file and the feature are put before it."""
    place = f"{file_name} 第 {feature} 个要素" if feature is not None else file_name
    return FileError(file_name, cause, feature, zh=f"{place}：{zh}")


def note(en: str, zh: str) -> Note:
    return Note(en=en, zh=zh)


def line(text: str) -> str:
    """Short, and on one line."""
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def listed(names: list[str], most: int = 8) -> str:
    return ", ".join(line(name) for name in names[:most]) + (" …" if len(names) > most else "")
