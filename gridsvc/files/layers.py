"""What is written: columns and shapes, in lots; and the forms that a file can have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
from numpy.typing import NDArray

from gridsvc.errors import one_of

ENDINGS = {"shapefile": ".zip", "gpkg": ".gpkg", "geojson": ".geojson", "csv": ".csv", "xlsx": ".xlsx"}
FORMS = tuple(ENDINGS)
MEDIA_TYPES = {
    "shapefile": "application/zip",
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LOT = 20_000
"""Rows that are held at a time."""


@dataclass(frozen=True, kw_only=True)
class Lot:
    rows: pa.RecordBatch
    """Columns of text, int64, float64 or bool, without the shapes."""
    shapes: NDArray[Any]
    """Shapely geometries in the layer's CRS, as many as rows; None where a row has no place."""


class RowLayer(Protocol):
    """Rows that can be read through again and again."""

    @property
    def name(self) -> str: ...
    @property
    def srid(self) -> int: ...
    @property
    def schema(self) -> pa.Schema: ...
    @property
    def notes(self) -> "tuple[Note, ...]": ...
    def __len__(self) -> int: ...
    def lots(self) -> Iterator[Lot]: ...


@dataclass(frozen=True, kw_only=True)
class Note:
    """What of a column could not be written as it is."""

    column: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Written:
    path: Path
    notes: tuple[Note, ...]


@dataclass(frozen=True, kw_only=True)
class OutLayer:
    """A layer that fits into memory."""

    name: str
    columns: Mapping[str, pa.Array]
    """In the order of the file; equally long arrays of text, int64, float64 or bool."""
    geometry: NDArray[Any]
    """Shapely geometries in the CRS `srid`; None where a row has no place."""
    srid: int
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.geometry)

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(name, column.type) for name, column in self.columns.items()])

    def lots(self) -> Iterator[Lot]:
        rows = pa.RecordBatch.from_arrays(list(self.columns.values()), schema=self.schema)
        for start in range(0, len(self), LOT):
            yield Lot(rows=rows.slice(start, LOT), shapes=self.geometry[start : start + LOT])


def form_of(file: Path, given: str | None = None) -> str:
    """The form that was asked for, or that the ending of the file says."""
    if given is not None:
        if given not in FORMS:
            raise one_of("form of file", given, list(FORMS), zh="文件格式")
        return given
    forms = {ending: form for form, ending in ENDINGS.items()} | {".json": "geojson"}
    if file.suffix.lower() not in forms:
        raise one_of("ending of a file to write", file.suffix, sorted(forms), zh="可写出的文件扩展名")
    return forms[file.suffix.lower()]
