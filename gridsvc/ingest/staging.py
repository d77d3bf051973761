"""Staged rows as files of the data folder, one folder a batch. All of it can be made anew from the upload."""

import mmap
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ipc

from gridsvc.ingest.diff import CHANGES as CHANGES_SCHEMA
from gridsvc.ingest.stage import SCHEMA

Reason = tuple[str, str]
"""English and Chinese."""
_MAPPED: WeakSet[mmap.mmap] = WeakSet()
ROWS, CHANGES, REASONS = "rows.arrow", "changes.arrow", "set_aside.arrow"


def folder_of(staging: Path, batch_id: int) -> Path:
    return staging / str(batch_id)


def batches_in(staging: Path) -> list[int]:
    """Those that have a folder."""
    return [int(folder.name) for folder in staging.glob("*") if folder.name.isdecimal()]


@contextmanager
def written(folder: Path, name: str, schema: Any = SCHEMA) -> Iterator[Any]:
    """A writer of record batches. The file has its name once it is whole."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    growing = folder / f"{name}.new"
    with growing.open("wb") as target, ipc.new_file(target, schema) as writer:
        yield writer
    growing.replace(folder / name)


def rows(folder: Path, name: str = ROWS) -> Any:
    """All of a file as a table; its columns stay on disk until they are looked at. See `let_go`."""
    with (folder / name).open("rb") as source:
        mapped = mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)
    _MAPPED.add(mapped)
    return ipc.open_file(pa.py_buffer(mapped)).read_all()


def let_go() -> None:
    """What was looked at of staged rows takes memory no longer; it is read again when somebody looks at it again."""
    for mapped in list(_MAPPED):
        mapped.madvise(mmap.MADV_DONTNEED)


def keep_reasons(folder: Path, places: Any, reasons: list[Reason]) -> None:
    """Why rows are set aside."""
    english, chinese = ([reason[place] for reason in reasons] for place in range(2))
    columns = {"reason": pa.array(english, pa.string()), "reason_zh": pa.array(chinese, pa.string())}
    table = pa.table({"row": pa.array(places, pa.int64()), **columns})
    with written(folder, REASONS, table.schema) as writer:
        writer.write_table(table)


def reasons(folder: Path) -> tuple[Any, list[Reason]]:
    """Places of the rows that are set aside, and why each is."""
    table = rows(folder, REASONS)
    said = (table[name].to_pylist() for name in ("reason", "reason_zh"))
    return table["row"].to_numpy(), list(zip(*said, strict=True))


def changes(folder: Path, actions: list[int]) -> Any:
    """Lines of the comparison with one of these actions; none if the batch has no staged rows any more."""
    if not is_there(folder):
        return CHANGES_SCHEMA.empty_table()
    table = rows(folder, CHANGES)
    return table.filter(pc.is_in(table["action"], pa.array(actions, pa.int8())))


def is_there(folder: Path) -> bool:
    return all((folder / name).exists() for name in (ROWS, CHANGES, REASONS))


def forget(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
