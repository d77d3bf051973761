"""GeoPackage, GeoJSON and File Geodatabase: layers that GDAL reads by itself."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from gridsvc.ingest.sources import gdal
from gridsvc.ingest.sources.geojson import check_text, refuse_sequence
from gridsvc.ingest.sources.layers import ARROW, OpenLayer, Rows
from gridsvc.ingest.sources.look import Named
from gridsvc.ingest.sources.model import Note
from gridsvc.ingest.sources.wording import listed, note, refusal

BEGINS = {".gpkg": b"SQLite format 3\x00", ".geojson": b"{"}
"""How a file of each kind begins. GDAL goes by content, not by name: it would open a file that points at others."""
TYPES = {
    "OFTInteger": "integer", "OFTInteger64": "integer", "OFTReal": "real", "OFTDate": "date", "OFTDateTime": "datetime",
    "OFTBinary": "binary",
}  # fmt: skip


@dataclass(kw_only=True)
class VectorLayer(OpenLayer):
    file: Path
    inner_name: str
    """What GDAL calls it."""
    file_name: str

    def rows(self) -> Iterator[Rows]:
        wanted = [one.name for one in self.columns]
        with (
            gdal.explained(self.file, self.file_name, self.notes),
            gdal.stream(self.file, layer=self.inner_name, columns=wanted) as (meta, reader),
        ):
            order = [list(meta["fields"]).index(name) for name in wanted]
            first = 0
            for batch in reader:
                columns = [_plain(batch.columns[n], self.columns[at]) for at, n in enumerate(order)]
                numbers = np.arange(first + 1, first + 1 + batch.num_rows)
                yield Rows(values=columns, numbers=numbers, wkb=batch.columns[-1].cast(pa.binary()))
                first += batch.num_rows


def _plain(column: Any, named: Named) -> Any:
    if pa.types.is_nested(column.type):
        values = column.to_pylist()
        return pa.array([None if v is None else json.dumps(v, ensure_ascii=False) for v in values], pa.string())
    return column.cast(ARROW.get(named.type, pa.string()))


def open_vectors(file: Path, path: str, title: str, file_name: str) -> tuple[list[VectorLayer], list[Note]]:
    """`title`: what the one layer of a GeoJSON is called; `path`: the file's own place, for people."""
    if file.suffix == ".geojson":
        refuse_sequence(file, file_name)
    check_kind(file, file_name)
    if file.suffix == ".geojson":
        check_text(file, file_name)
    found = gdal.layers_of(file, file_name)
    spatial = [name for name, geometry in found.items() if geometry is not None]
    queries = _queries(file, file_name) if file.suffix == ".gpkg" else set()
    kept = [name for name in spatial if name.casefold() not in queries]
    if not kept:
        raise refusal(file_name, "it holds no layer with shapes", "其中没有带图形的图层")
    layers = [_layer(file, name, title if file.suffix == ".geojson" else name, path, file_name) for name in kept]
    return layers, list(_left_out([name for name in found if name not in kept]))


def _left_out(names: list[str]) -> Iterator[Note]:
    if names:
        yield note(f"tables without shapes and views over other tables were not read: {listed(names)}",
                   f"没有图形的表和视图未读取：{listed(names)}")  # fmt: skip


def _layer(file: Path, inner_name: str, name: str, path: str, file_name: str) -> VectorLayer:
    info = gdal.info_of(file, inner_name, file_name)
    columns = [
        Named(name=str(field), type=_type(kind, subtype))
        for field, kind, subtype in zip(info["fields"], info["ogr_types"], info["ogr_subtypes"], strict=True)
    ]
    return VectorLayer(
        name=name, path=path, file=file, inner_name=inner_name, file_name=file_name, crs=gdal.crs_of(info),
        columns=[one for one in columns if one.type != "binary"],
        left_out=[one for one in columns if one.type == "binary"],
    )  # fmt: skip


def _type(kind: str, subtype: str) -> str:
    return "bool" if subtype == "OFSTBoolean" else TYPES.get(kind, "text")


def check_kind(file: Path, file_name: str) -> None:
    begins = BEGINS.get(file.suffix)
    if begins is None:
        return
    with file.open("rb") as source:
        found = source.read(64)
    if begins == b"{":
        found = found.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if not found.startswith(begins):
        raise refusal(
            file_name, f"it is not a {file.suffix} file, whatever its name says (it begins with {found[:8]!r})",
            f"内容不是 {file.suffix} 文件（开头是 {found[:8]!r}）",
        )  # fmt: skip


def _queries(file: Path, file_name: str) -> set[str]:
    """Names of what is no plain table: views and virtual tables make the reader compute what a stranger wrote."""
    try:
        with sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True) as store:
            store.execute("PRAGMA trusted_schema = OFF")
            rows = store.execute("SELECT name, type, coalesce(sql, '') FROM sqlite_master").fetchall()
        store.close()
    except sqlite3.Error as error:
        raise refusal(
            file_name, f"it cannot be opened as .gpkg; damaged, or of another kind? {error}",
            f"无法作为 .gpkg 文件打开：可能已损坏，或是其他格式（{error}）",
        ) from error  # fmt: skip
    return {
        str(name).casefold()
        for name, kind, sql in rows
        if kind == "view" or (kind == "table" and " ".join(str(sql).split()).upper().startswith("CREATE VIRTUAL"))
    }
