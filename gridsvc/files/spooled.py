"""A layer on disk: read once from the store, then read through as often as a form needs it, in bounded memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import shapely

from gridsvc.files.attributes import Column, Keys, flattened
from gridsvc.files.layers import Lot, Note

ATTRIBUTES, GEOMETRY = "attributes", "geometry"
"""Columns of a spooled batch: a JSON object as text, and WKB. Both are there, and come last."""


@dataclass(frozen=True, kw_only=True)
class SpooledLayer:
    name: str
    srid: int
    file: Path
    rows: int
    plain: pa.Schema
    """The columns before the attributes."""
    attributes: tuple[Column, ...]
    own_notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return self.rows

    @cached_property
    def schema(self) -> pa.Schema:
        return pa.schema([*self.plain, *(pa.field(column.name, column.type) for column in self.attributes)])

    @property
    def notes(self) -> tuple[Note, ...]:
        renamed = (_renamed(column) for column in self.attributes if column.name != column.key)
        return (*self.own_notes, *renamed)

    def lots(self) -> Iterator[Lot]:
        with pa.memory_map(str(self.file)) as source, pa.ipc.open_stream(source) as batches:
            for batch in batches:
                lines = batch.column(ATTRIBUTES).to_pylist()
                arrays = [*batch.columns[: len(self.plain)], *flattened(lines, self.attributes)]
                rows = pa.RecordBatch.from_arrays(arrays, schema=self.schema)
                wkb = batch.column(GEOMETRY).to_numpy(zero_copy_only=False)
                yield Lot(rows=rows, shapes=shapely.from_wkb(wkb))


def spool(name: str, srid: int, plain: pa.Schema, batches: Iterable[pa.RecordBatch], folder: Path) -> SpooledLayer:
    """Batches with the columns of `plain`, ATTRIBUTES and GEOMETRY, into a file of the folder."""
    file, keys, rows = folder / "spooled.arrow", Keys(), 0
    schema = pa.schema([*plain, pa.field(ATTRIBUTES, pa.string()), pa.field(GEOMETRY, pa.binary())])
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_stream(sink, schema) as out:
        for batch in batches:
            keys.see(batch.column(ATTRIBUTES).to_pylist())
            out.write_batch(batch)
            rows += len(batch)
    return SpooledLayer(name=name, srid=srid, file=file, rows=rows, plain=plain, attributes=keys.columns(plain.names))


def _renamed(column: Column) -> Note:
    return Note(
        column=column.name,
        zh=f"属性“{column.key}”与另一列同名，写为“{column.name}”",
        en=f"the attribute {column.key!r} is called as another column; it is written as {column.name!r}",
    )
