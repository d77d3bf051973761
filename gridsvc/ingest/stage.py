"""From a file's features to staged rows: columns become fields, shapes come into the city's CRS."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from pyproj.exceptions import ProjError

from gridsvc.domain.catalogue import Subclass
from gridsvc.domain.components import STATES
from gridsvc.errors import FileError
from gridsvc.ingest.layers import COMPONENTS, Layer
from gridsvc.ingest.rules.contract import UNREADABLE, Staged, finite
from gridsvc.store.batches import ROW_FIELDS

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""PostgreSQL's text holds no NUL, and nobody means the others."""


def staged(
    frame: Any, layer: Layer, srid: int, file_name: str, notes: Sequence[str], subclasses: Sequence[Subclass]
) -> Staged:
    """Fields by the layer's mapping, everything else as attributes, shapes flat and in the city's CRS."""
    given = np.asarray(frame.geometry.array)
    shapes = shapely.force_2d(given)
    notes = list(notes)
    if shapely.has_z(given).any():
        notes.append("heights (Z) were left out")
    projected = _project(shapes, frame.crs, srid, file_name)
    if layer.to_point:
        projected = _to_points(projected)
        notes.append("shapes were reduced to a point on them, as the layer declares")
    fields = _fields(frame, layer, file_name, subclasses)
    if any(UNREADABLE in line for line in fields["attributes"]):
        notes.append(f"attributes hold control characters or text that could not be read; {UNREADABLE} stands for each")
    return Staged(
        layer=layer,
        fields=fields,
        shapes=projected,
        source_bounds=shapely.bounds(shapes),
        source_finite=finite(shapes),
        source_crs=frame.crs,
        notes=tuple(notes),
    )


def rows(data: Staged, srid: int) -> Iterator[tuple[Any, ...]]:
    """Staged rows as `store.batches.stage_rows` takes them."""
    fields = data.fields
    columns = [fields[name].tolist() for name in ROW_FIELDS]
    attributes = fields["attributes"].tolist()
    shapes = np.where(data.usable, data.shapes, None)
    geometry = shapely.to_wkb(shapely.set_srid(shapes, srid), hex=True, include_srid=True).tolist()
    for number, row in enumerate(zip(*columns, attributes, geometry, strict=True), start=1):
        yield number, *row


def _project(shapes: Any, crs: Any, srid: int, file_name: str) -> Any:
    """Longitude first whatever the CRS says of its axes, as files store it."""
    try:
        from_file = Transformer.from_crs(crs, srid, always_xy=True)
    except ProjError as error:
        raise FileError(
            file_name, f"its coordinate system {crs.name!r} cannot be projected to EPSG:{srid}; is it a local one?"
        ) from error
    return shapely.transform(shapes, lambda xy: np.column_stack(from_file.transform(xy[:, 0], xy[:, 1])))


def _to_points(shapes: Any) -> Any:
    usable = finite(shapes)
    points = shapes.copy()
    points[usable] = shapely.point_on_surface(shapes[usable])
    return points


def _fields(frame: Any, layer: Layer, file_name: str, subclasses: Sequence[Subclass]) -> Any:
    columns = [column for column in frame.columns if column != frame.geometry.name]
    _require(layer, columns, file_name)
    fields = {_row_field(name): _text(frame[source]) for name, source in layer.fields.items()}
    for name, constant in layer.constants.items():
        fields[_row_field(name)] = pd.Series([constant] * len(frame), dtype=object)
    if "subclass_name" in fields:
        fields.setdefault("subclass_code", _codes_of(fields["subclass_name"], subclasses))
    if "state" in fields:
        fields["state"] = _renamed(fields["state"], STATES)
    taken = set(layer.fields.values())
    rest = frame[[column for column in columns if column not in taken]]
    extra = {name: texts for name, texts in fields.items() if name not in ROW_FIELDS}
    rest = rest.rename(columns={name: f"{name} (source)" for name in extra}).assign(**extra)
    fields["attributes"] = pd.Series(_attributes(rest), dtype=object)
    missing = pd.Series([None] * len(frame), dtype=object)
    return pd.DataFrame({name: fields.get(name, missing) for name in (*ROW_FIELDS, "attributes")})


def _codes_of(names: Any, subclasses: Sequence[Subclass]) -> Any:
    """Subclass codes of Chinese names and their aliases; a name that is not known stays, for the rule to name it."""
    return _renamed(names, {alias: s.subclass_code for s in subclasses for alias in (*s.aliases, s.subclass_zh)})


def _renamed(texts: Any, names: Mapping[str, str]) -> Any:
    return pd.Series([names.get(text, text) for text in texts], dtype=object)


def _row_field(name: str) -> str:
    return "subclass_code" if name == "subclass" else name


def _require(layer: Layer, columns: list[str], file_name: str) -> None:
    for name, source in layer.fields.items():
        if source not in columns:
            raise FileError(file_name, f"it has no column {source!r} for {name}; its columns are: {', '.join(columns)}")
    if layer.target != COMPONENTS and "code" not in {*layer.fields, *layer.constants}:
        raise FileError(
            file_name, f"which column holds the area code? --field code=COLUMN; its columns are: {', '.join(columns)}"
        )


def _text(column: Any) -> Any:
    """Text of a column; empty is None, whole numbers carry no `.0`."""
    return pd.Series([_clean(value) for value in column.tolist()], dtype=object)


def _clean(value: Any) -> str | None:
    if isinstance(value, float):
        if np.isnan(value):
            return None
        value = int(value) if value.is_integer() else value
    text = "" if value is None or value is pd.NA else _readable(value).strip()
    return text or None


def _readable(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else CONTROL.sub(UNREADABLE, str(value))


def _attributes(rest: Any) -> list[str]:
    """One JSON object per row, as text."""
    if not len(rest.columns):
        return ["{}"] * len(rest)
    plain = rest.copy()
    for name in rest.columns:
        if not pd.api.types.is_numeric_dtype(rest[name]):
            values = rest[name].tolist()
            plain[name] = pd.Series([_readable(v) if isinstance(v, (str, bytes)) else v for v in values], dtype=object)
    lines = plain.to_json(orient="records", lines=True, force_ascii=False, double_precision=15)
    return str(lines).rstrip("\n").split("\n")
