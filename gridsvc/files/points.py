"""Tables of points of any size, read and written lot by lot: CSV, Parquet and GeoParquet."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from pyproj import CRS
from pyproj.exceptions import CRSError

from gridsvc.errors import FileError, InputError
from gridsvc.files.table import BYTE_ORDER_MARK

CSV, PARQUET = (".csv",), (".parquet", ".geoparquet")
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
def reading(file: Path, encoding: str) -> Iterator[PointTable]:
    """Texts of a CSV file stay as they are, numbers among them."""
    form = form_of_points(file)
    try:
        if form == CSV:
            with _csv(file, encoding) as reader:
                yield PointTable(schema=reader.schema, rows=None, lots=iter(reader), geometry=None, crs=None)
        else:
            with pq.ParquetFile(file) as parquet:
                geometry, crs = _geometry(file, parquet.schema_arrow)
                yield PointTable(
                    schema=parquet.schema_arrow, rows=parquet.metadata.num_rows, lots=parquet.iter_batches(LOT),
                    geometry=geometry, crs=crs,
                )  # fmt: skip
    except FileNotFoundError as error:
        raise FileError(file.name, "there is no such file", zh="没有这个文件") from error
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise FileError(file.name, f"cannot be read: {error}", zh=f"无法读取：{error}") from error


@contextmanager
def writing(file: Path, schema: pa.Schema) -> Iterator[Callable[[pa.RecordBatch], None]]:
    """The file is there with all of its rows or, if something fails, not at all."""
    unfinished = file.with_name(f".{file.name}.new")
    try:
        if form_of_points(file) == CSV:
            with unfinished.open("wb") as stream:
                stream.write(BYTE_ORDER_MARK)
                with pyarrow.csv.CSVWriter(stream, schema) as writer:
                    yield writer.write_batch
        else:
            with pq.ParquetWriter(unfinished, schema) as writer:
                yield writer.write_batch
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def form_of_points(file: Path) -> tuple[str, ...]:
    for form in (CSV, PARQUET):
        if file.suffix.lower() in form:
            return form
    known = ", ".join((*CSV, *PARQUET))
    raise InputError(f"{file.name}: points are read from and written to {known}", zh=f"{file.name}：仅支持 {known}")


def _csv(file: Path, encoding: str) -> Any:
    names = _open(file, encoding, None).schema.names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FileError(file.name, f"two columns are called {twice[0]!r}", zh=f"有两列同名：{twice[0]}")
    return _open(file, encoding, dict.fromkeys(names, pa.string()))


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
