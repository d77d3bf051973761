"""CSV: UTF-8 with a byte-order mark, and no cell that a spreadsheet takes for a formula."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from pyproj import CRS

from gridsvc.files.layers import Note, RowLayer
from gridsvc.files.names import unique
from gridsvc.files.places import coordinate_columns, coordinate_names, moved

BYTE_ORDER_MARK = "\ufeff".encode()
"""Without it spreadsheets take UTF-8 for the system's encoding."""
FORMULA = r"\A('*[=+@\t\r-])"
"""How a cell begins that spreadsheets reckon with; one more apostrophe before it keeps it text."""
SAFE = pa.csv.WriteOptions(include_header=False, quoting_style="needed")


def write(layer: RowLayer, to: Path, crs: CRS | None) -> list[Note]:
    """`crs`: of the coordinates that are added; None: none are."""
    schema = with_coordinates(layer.schema, crs)
    with to.open("wb") as file:
        file.write(BYTE_ORDER_MARK)
        pa.csv.write_csv(_header(schema.names), file, SAFE)
        for rows in located(layer, crs, schema):
            pa.csv.write_csv(_safe(rows), file, SAFE)
    return renamed(layer.schema, schema)


def with_coordinates(schema: pa.Schema, crs: CRS | None) -> pa.Schema:
    """Columns that are called as the added ones give way, so that a file that comes back has its places there."""
    if crs is None:
        return schema
    x, y, wkt = coordinate_names(crs)
    taken = {x, y, wkt}
    own = [field.with_name(unique(field.name, taken)) for field in schema]
    return pa.schema([*own, (x, pa.float64()), (y, pa.float64()), (wkt, pa.string())])


def renamed(before: pa.Schema, after: pa.Schema) -> list[Note]:
    """What columns were called before those with the coordinates were added."""
    return [
        Note(
            column=new,
            zh=f"列“{old}”与坐标列同名，写为“{new}”",
            en=f"the column {old!r} is called as one of the coordinates; it is written as {new!r}",
        )
        for old, new in zip(before.names, after.names, strict=False)
        if old != new
    ]


def located(layer: RowLayer, crs: CRS | None, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows with the coordinates that `schema` adds."""
    move = moved(layer.srid, crs) if crs is not None else None
    for lot in layer.lots():
        places = coordinate_columns(move(lot.shapes), crs) if move and crs is not None else []
        yield pa.RecordBatch.from_arrays([*lot.rows.columns, *places], schema=schema)


def _header(names: list[str]) -> pa.Table:
    cells: list[Any] = [_safe_cells(pa.array([name])) for name in names]
    return pa.Table.from_arrays(cells, names=[str(n) for n in range(len(names))])


def _safe(rows: pa.RecordBatch) -> pa.RecordBatch:
    arrays = [_safe_cells(array) if pa.types.is_string(array.type) else array for array in rows.columns]
    return pa.RecordBatch.from_arrays(arrays, schema=rows.schema)


def _safe_cells(texts: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(texts, FORMULA, r"'\1")
