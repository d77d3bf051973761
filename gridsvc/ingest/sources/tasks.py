"""The two tasks of the child process that need the libraries: looking at a file, and reading it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import ipc

from gridsvc.ingest.sources.layers import ARROW, OpenLayer, Rows, Source
from gridsvc.ingest.sources.model import BATCH, FEATURE, GEOMETRY, LAYER, Choice, Inspection, Limits, Note, SourceLayer
from gridsvc.ingest.sources.opening import check_layers, open_source
from gridsvc.ingest.sources.shapes import straight
from gridsvc.ingest.sources.tables import TableLayer
from gridsvc.ingest.sources.wording import note, refusal

MOST_BYTES = 64 << 20
"""Of the rows that are handed over at once."""


def inspected(kept: Path, file_name: str, limits: Limits, folder: Path) -> dict[str, Any]:
    """An Inspection as JSON has it."""
    return _look(open_source(kept, file_name, Choice(), limits, folder), file_name)


def _look(source: Source, file_name: str) -> dict[str, Any]:
    layers = tuple(layer.look() for layer in source.layers)
    if not any(layer.count for layer in layers):
        raise no_features(file_name)
    notes = [*source.notes, *(each for layer in source.layers for each in layer.notes), *_empty(layers)]
    found = Inspection(
        file_name=file_name, kind=source.kind, layers=layers, photos=source.photos, notes=tuple(dict.fromkeys(notes))
    )
    return asdict(found)


def _empty(layers: Sequence[SourceLayer]) -> list[Note]:
    names = [layer.name for layer in layers if not layer.count]
    return [note(f"layer {name!r} holds no features", f"图层“{name}”中没有要素") for name in names]


def no_features(file_name: str) -> Exception:
    return refusal(file_name, "it holds no features", "其中没有要素")


def streamed(
    kept: Path, file_name: str, choice: Choice, limits: Limits, folder: Path, target: BinaryIO, *, look: bool = False
) -> tuple[Note, ...]:
    """Write the rows of the chosen layers as one Arrow stream, whose columns are those of all layers.

    `look`: after a line with an Inspection as JSON.
    """
    source = open_source(kept, file_name, choice, limits, folder)
    if look:
        target.write(json.dumps(_look(source, file_name)).encode() + b"\n")
        target.flush()
    check_layers([layer.name for layer in source.layers], choice, file_name)
    layers = [layer for layer in source.layers if not choice.layers or layer.name in choice.layers]
    _check_places(layers, file_name)
    schema = schema_of(layers, file_name)
    count, written = 0, 0
    with ipc.new_stream(target, schema) as writer:
        for layer in layers:
            for rows in layer.rows():
                for piece in _pieces(batch_of(layer, rows, schema)):
                    written += piece.nbytes
                    _check_size(piece, written, limits, file_name)
                    writer.write_batch(piece)
                count += len(rows.numbers)
    if not count:
        raise no_features(file_name)
    return tuple(dict.fromkeys(each for layer in layers for each in layer.notes))


def _pieces(batch: Any) -> Iterator[Any]:
    """Up to BATCH rows and MOST_BYTES, or a single row: whoever receives them has to hold them."""
    if batch.num_rows <= 1 or (batch.num_rows <= BATCH and batch.nbytes <= MOST_BYTES):
        yield batch
        return
    size = BATCH if batch.num_rows > BATCH else batch.num_rows // 2
    for first in range(0, batch.num_rows, size):
        yield from _pieces(batch.slice(first, size))


def _check_size(piece: Any, written: int, limits: Limits, file_name: str) -> None:
    """A workbook names a long text many times, a GeoPackage computes one: a small file can hold rows without end."""
    if written > limits.bytes_unpacked:
        shown = f"{limits.bytes_unpacked / (1 << 30):.3g} GiB"
        raise refusal(file_name, f"its rows take more than {shown}", f"数据行展开后超过 {shown} 的上限")
    if piece.nbytes > MOST_BYTES:
        megabytes = MOST_BYTES >> 20
        number = piece.column(piece.num_columns - 2)[0].as_py()
        raise refusal(
            file_name, f"it takes more than {megabytes} MB", f"内容超过 {megabytes} MB", feature=number
        )  # fmt: skip


def _check_places(layers: Sequence[OpenLayer], file_name: str) -> None:
    for layer in layers:
        if isinstance(layer, TableLayer) and not (layer.placed or layer.headings):
            raise refusal(
                file_name,
                "its rows have no geometry column, and no columns that are called as coordinates are; say which two "
                f"they are. Its columns are: {', '.join(layer.header)}",
                f"没有几何列，也没有能识别的坐标列；请指定坐标列。文件的列有：{'、'.join(layer.header)}",
            )


def schema_of(layers: Sequence[OpenLayer], file_name: str) -> Any:
    """Columns in the order in which layers bring them; text where layers disagree about the type."""
    types: dict[str, Any] = {}
    for layer in layers:
        for one in layer.columns:
            wanted = pa.string() if isinstance(layer, TableLayer) else ARROW.get(one.type, pa.string())
            types[one.name] = wanted if types.get(one.name, wanted) == wanted else pa.string()
    for name in (LAYER, FEATURE, GEOMETRY):
        if name in types:
            raise refusal(file_name, f"a column is called {name!r}; rename it", f"有名为“{name}”的列，请改名")
    return pa.schema([*types.items(), (LAYER, pa.string()), (FEATURE, pa.int64()), (GEOMETRY, pa.binary())])


def batch_of(layer: OpenLayer, rows: Rows, schema: Any) -> Any:
    length = len(rows.numbers)
    given = {one.name: column for one, column in zip(layer.columns, rows.values, strict=True)}
    columns = [
        given[one.name].cast(one.type) if one.name in given else pa.nulls(length, one.type) for one in list(schema)[:-3]
    ]
    own = [pa.array([layer.name] * length, pa.string()), pa.array(rows.numbers, pa.int64()), straight(rows.wkb)]
    return pa.record_batch([*columns, *own], schema=schema)
