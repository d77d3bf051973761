"""A zipped shapefile, or one for each geometry type, with the encoding said twice and the CRS as ESRI writes it."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridsvc.errors import InputError
from gridsvc.files.dbf import MOST_FIELDS, WIDTHS, NumberColumn, TextColumn, fields_csv, short_names
from gridsvc.files.layers import Lot, Note, RowLayer
from gridsvc.files.maps import write_batches
from gridsvc.files.names import FIELDS_FILE
from gridsvc.files.places import Move, moved

GDAL_ENCODINGS = {"utf-8": "UTF-8", "gbk": "LDID/77"}
"""LDID 77 (0x4D) is code page 936; GDAL then writes no .cpg, so we do."""
CODE_PAGES = {"utf-8": "UTF-8", "gbk": "GBK"}
"""What the .cpg says."""
FAMILIES = ("point", "line", "polygon")
"""By dimension."""
TYPES = (("Point", "MultiPoint"), ("LineString", "MultiLineString"), ("Polygon", "MultiPolygon"))
MOST_BYTES = 2**31 - 1
"""Of a .dbf or .shp that every reader takes."""


@dataclass
class Plan:
    """What the first reading found out."""

    texts: dict[str, TextColumn]
    numbers: dict[str, NumberColumn]
    counts: NDArray[np.int64]
    """Shapes of each dimension."""
    many: NDArray[np.bool_]
    """Whether one of them has several parts."""
    vertices: int = 0


def write(layer: RowLayer, to: Path, crs: CRS, encoding: str) -> list[Note]:
    plan = _seen(layer, encoding)
    names = short_names(layer.schema.names, encoding)
    schema = _schema(layer.schema, plan, names)
    _check_size(layer, schema, plan)
    present = [family for family in range(3) if plan.counts[family]] or [0]
    base, folder = _file_name(layer.name), to.parent
    files = {family: base if len(present) == 1 else f"{base}_{FAMILIES[family]}" for family in present}
    for family, stem in files.items():
        batches = _batches(layer, family, family == present[0], plan, moved(layer.srid, crs))
        kind = TYPES[family][1 if family == 0 and plan.many[family] else 0]
        options = {"driver": "ESRI Shapefile", "encoding": GDAL_ENCODINGS[encoding]}
        write_batches(folder / f"{stem}.shp", schema, batches, crs, "geometry", kind, options)
        (folder / f"{stem}.cpg").write_text(CODE_PAGES[encoding], encoding="ascii")
    notes = _notes(plan)
    (folder / FIELDS_FILE).write_bytes(fields_csv(dict.fromkeys(files.values(), names), [*layer.notes, *notes]))
    _pack(folder, to)
    return notes


def _seen(layer: RowLayer, encoding: str) -> Plan:
    schema = layer.schema
    plan = Plan(
        texts={f.name: TextColumn(encoding) for f in schema if pa.types.is_string(f.type)},
        numbers={f.name: NumberColumn(f.type) for f in schema if f.type in (pa.int64(), pa.float64())},
        counts=np.zeros(3, np.int64), many=np.zeros(3, np.bool_),
    )  # fmt: skip
    before = 0
    for lot in layer.lots():
        for name, text in plan.texts.items():
            text.see(lot.rows.column(name))
        for name, column in plan.numbers.items():
            column.see(lot.rows.column(name))
        _see_shapes(lot, plan, before)
        before += len(lot.shapes)
    for name, column in plan.numbers.items():
        if column.is_text:
            plan.texts[name] = TextColumn(encoding, width=WIDTHS["double"])
    return plan


def _see_shapes(lot: Lot, plan: Plan, before: int) -> None:
    kinds = shapely.get_type_id(lot.shapes)
    mixed = np.flatnonzero(kinds == shapely.GeometryType.GEOMETRYCOLLECTION)
    if len(mixed):
        row = before + int(mixed[0]) + 1
        raise InputError(
            f"row {row} is a collection of several geometries, which a shapefile cannot hold; "
            "choose GeoPackage or GeoJSON",
            zh=f"第 {row} 行是混合几何集合，Shapefile 无法存放，请改用 GeoPackage 或 GeoJSON",
        )
    dimensions = shapely.get_dimensions(lot.shapes)
    plan.vertices += int(shapely.get_num_coordinates(lot.shapes).sum())
    for family in range(3):
        own = dimensions == family
        plan.counts[family] += own.sum()
        plan.many[family] |= (kinds[own] >= shapely.GeometryType.MULTIPOINT).any()


def _schema(schema: pa.Schema, plan: Plan, names: dict[str, str]) -> pa.Schema:
    """Short names, and for texts the bytes that they need."""
    fields = []
    for field in schema:
        text = plan.texts.get(field.name)
        metadata = {"GDAL:OGR:width": str(text.width)} if text else None
        fields.append(pa.field(names[field.name], pa.string() if text else field.type, metadata=metadata))
    return pa.schema(fields)


def _check_size(layer: RowLayer, schema: pa.Schema, plan: Plan) -> None:
    if len(schema) > MOST_FIELDS:
        raise InputError(
            f"a shapefile holds {MOST_FIELDS} columns, and layer {layer.name} has {len(schema)}; choose one subclass, "
            "or GeoPackage",
            zh=f"Shapefile 最多 {MOST_FIELDS} 个字段，图层“{layer.name}”有 {len(schema)} 个；"
            "请只选一个小类，或改用 GeoPackage",
        )
    texts = sum(text.width for text in plan.texts.values())
    record = texts + sum(WIDTHS[str(f.type)] for f in schema if not pa.types.is_string(f.type)) + 1
    if max(len(layer) * record, len(layer) * 64 + plan.vertices * 16) > MOST_BYTES:
        raise InputError(
            f"layer {layer.name} takes more than 2 GB as a shapefile ({len(layer)} rows); choose less, or GeoPackage",
            zh=f"图层“{layer.name}”（{len(layer)} 行）写成 Shapefile 超过 2 GB，请缩小范围或改用 GeoPackage",
        )


def _batches(
    layer: RowLayer, family: int, with_missing: bool, plan: Plan, move: Move
) -> Iterator[tuple[list[pa.Array], NDArray[Any]]]:
    """The rows whose shapes are of one family; those without a shape go with the first."""
    for lot in layer.lots():
        dimensions = shapely.get_dimensions(lot.shapes)
        own = (dimensions == family) | ((dimensions == -1) & with_missing)
        if not own.any():
            continue
        rows = lot.rows.filter(pa.array(own))
        shapes = move(lot.shapes[own])
        if family == 0 and plan.many[0]:
            shapes = _multi(shapes)
        yield [_written(plan, name, rows.column(name)) for name in rows.schema.names], shapes


def _written(plan: Plan, name: str, column: pa.Array) -> pa.Array:
    text = plan.texts.get(name)
    if text is None:
        return column
    return text.write(column if pa.types.is_string(column.type) else pc.cast(column, pa.string()))


def _multi(shapes: NDArray[Any]) -> NDArray[Any]:
    """Of points: a shapefile holds either single ones or multipoints."""
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    shapes = shapes.copy()
    shapes[single] = shapely.multipoints(shapes[single], indices=np.arange(single.sum()))
    return shapes


def _notes(plan: Plan) -> list[Note]:
    wide = [column.note(name) for name, column in plan.numbers.items() if column.is_text]
    return [*(note for name, text in plan.texts.items() for note in text.notes(name)), *wide]


def _file_name(name: str) -> str:
    return re.sub(r'[\x00-\x1f<>:"/\\|?*.]', "_", name).strip() or "layer"


def _pack(folder: Path, to: Path) -> None:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for part in sorted(folder.iterdir()):
            if part != to:
                archive.write(part, part.name)
