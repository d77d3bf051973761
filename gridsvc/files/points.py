"""Tables of points of any size, read and written lot by lot: CSV, Parquet and GeoParquet, streams of Arrow."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq
from pyproj import CRS
from pyproj.exceptions import CRSError

from gridsvc.errors import FileError, InputError
from gridsvc.files.table import BYTE_ORDER_MARK

CSV, PARQUET, ARROW = (".csv",), (".parquet", ".geoparquet"), (".arrows",)
LOT = 500_000
"""Rows read in one go."""
BLOCK = 32 << 20
"""Bytes of a CSV file read in one go."""
Lots = Iterator[pa.RecordBatch]


@dataclass(frozen=True, kw_only=True)
class PointTable:
    schema: pa.Schema
    rows: int | None
    """None: not known before all was read."""
    lots: Lots
    geometry: str | None
    """Column with shapes as WKB."""
    crs: CRS | None
    """Of the shapes."""


@contextmanager
def reading(file: Path, encoding: str = "utf-8") -> Iterator[PointTable]:
    """Texts of a CSV file stay as they are, numbers among them. FileError for what cannot be read, also later on."""
    form = form_of_points(file)
    try:
        with _csv(file, encoding) if form == CSV else _parquet(file) if form == PARQUET else _arrow(file) as table:
            _check_names(file, table.schema.names)
            yield table
    except FileNotFoundError as error:
        raise FileError(file.name, "there is no such file", zh="没有这个文件") from error
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise _unreadable(file, error) from error
    except OSError as error:
        if error.errno is not None:  # of the disk; those of pyarrow are about what is in the file
            raise
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: Exception) -> FileError:
    return FileError(file.name, f"cannot be read: {error}", zh=f"无法读取：{error}")


@contextmanager
def _csv(file: Path, encoding: str) -> Iterator[PointTable]:
    names = _open(file, encoding, None).schema.names
    _check_names(file, names)
    with _open(file, encoding, dict.fromkeys(names, pa.string())) as reader:
        yield PointTable(schema=reader.schema, rows=None, lots=iter(reader), geometry=None, crs=None)


@contextmanager
def _parquet(file: Path) -> Iterator[PointTable]:
    with pq.ParquetFile(file) as parquet:
        geometry, crs = _geometry(file, parquet.schema_arrow)
        yield PointTable(
            schema=parquet.schema_arrow, rows=parquet.metadata.num_rows, lots=parquet.iter_batches(LOT),
            geometry=geometry, crs=crs,
        )  # fmt: skip


@contextmanager
def _arrow(file: Path) -> Iterator[PointTable]:
    """Its batches are as large as the sender made them."""
    with pa.OSFile(str(file)) as source, pa.ipc.open_stream(source) as reader:
        yield PointTable(schema=reader.schema, rows=None, lots=_valid(reader), geometry=None, crs=None)


def _valid(batches: Iterable[pa.RecordBatch]) -> Lots:
    """What a stream says of itself is not to be trusted before it is looked through."""
    for batch in batches:
        batch.validate(full=True)
        yield batch


def _check_names(file: Path, names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FileError(file.name, f"two columns are called {twice[0]!r}", zh=f"有两列同名：{twice[0]}")


@contextmanager
def writing(file: Path, schema: pa.Schema) -> Iterator[Callable[[pa.RecordBatch], None]]:
    """The file is there with all of its rows or, if something fails, not at all."""
    unfinished = file.with_name(f".{file.name}.new")
    form = form_of_points(file)
    try:
        with unfinished.open("wb") as stream:
            if form == CSV:
                stream.write(BYTE_ORDER_MARK)
            with WRITERS[form](stream, schema) as writer:
                yield writer.write_batch
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


WRITERS: dict[tuple[str, ...], Any] = {CSV: pyarrow.csv.CSVWriter, PARQUET: pq.ParquetWriter, ARROW: pa.ipc.new_stream}


def form_of_points(file: Path) -> tuple[str, ...]:
    for form in (CSV, PARQUET, ARROW):
        if file.suffix.lower() in form:
            return form
    known = ", ".join((*CSV, *PARQUET, *ARROW))
    raise InputError(f"{file.name}: points are read from and written to {known}", zh=f"{file.name}：仅支持 {known}")


def _open(file: Path, encoding: str, types: dict[str, Any] | None) -> Any:
    try:
        return pyarrow.csv.open_csv(
            file,
            pyarrow.csv.ReadOptions(encoding=encoding, block_size=BLOCK),
            pyarrow.csv.ParseOptions(newlines_in_values=True),
            pyarrow.csv.ConvertOptions(column_types=types, strings_can_be_null=False),
        )
    except LookupError as error:
        raise InputError(f"encoding {encoding!r} is not known", zh=f"没有这种编码：{encoding}") from error


def _geometry(file: Path, schema: pa.Schema) -> tuple[str | None, CRS | None]:
    """By the metadata of GeoParquet: without a `crs` it is WGS 84, and null says that nobody knows it."""
    told = (schema.metadata or {}).get(b"geo")
    if told is None:
        return None, None
    try:
        described = json.loads(told)
        name = described["primary_column"]
        column = described["columns"][name]
        crs = column.get("crs", "OGC:CRS84")
        return name, None if crs is None else CRS.from_user_input(crs)
    except (ValueError, KeyError, TypeError, AttributeError, CRSError) as error:
        raise FileError(
            file.name, f"its GeoParquet metadata cannot be read ({error})", zh="GeoParquet 元数据无法读取"
        ) from error
