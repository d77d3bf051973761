"""From a file's features to staged rows: columns become fields, shapes come into the city's CRS."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from gridsvc.domain.catalogue import Subclass
from gridsvc.domain.components import STATES
from gridsvc.errors import FileError
from gridsvc.ingest.layers import COMPONENTS, Layer
from gridsvc.ingest.rules.contract import Staged
from gridsvc.store.batches import ROW_FIELDS


def staged(
    frame: Any, layer: Layer, srid: int, file_name: str, note: str | None, subclasses: Sequence[Subclass]
) -> Staged:
    """Fields by the layer's mapping, everything else as attributes, shapes flat and in the city's CRS."""
    shapes = shapely.force_2d(np.asarray(frame.geometry.array))
    notes = [note] if note else []
    if shapely.has_z(np.asarray(frame.geometry.array)).any():
        notes.append("heights (Z) were left out")
    projected = _project(shapes, frame.crs, srid)
    if layer.to_point:
        projected = _to_points(projected)
        notes.append("shapes were reduced to a point on them, as the layer declares")
    return Staged(
        layer=layer,
        fields=_fields(frame, layer, file_name, subclasses),
        shapes=projected,
        source_bounds=shapely.bounds(shapes),
        source_crs=frame.crs,
        notes=tuple(notes),
    )


def rows(data: Staged, srid: int) -> Iterator[tuple[Any, ...]]:
    """Staged rows as `store.batches.stage_rows` takes them."""
    fields = data.fields
    columns = [fields[name].tolist() for name in ROW_FIELDS]
    attributes = fields["attributes"].tolist()
    shapes = np.where(np.isfinite(shapely.bounds(data.shapes)).all(axis=1), data.shapes, None)
    geometry = shapely.to_wkb(shapely.set_srid(shapes, srid), hex=True, include_srid=True).tolist()
    for number, row in enumerate(zip(*columns, attributes, geometry, strict=True), start=1):
        yield number, *row


def _project(shapes: Any, crs: Any, srid: int) -> Any:
    """Longitude first whatever the CRS says of its axes, as files store it."""
    from_file = Transformer.from_crs(crs, srid, always_xy=True)
    return shapely.transform(shapes, lambda xy: np.column_stack(from_file.transform(xy[:, 0], xy[:, 1])))


def _to_points(shapes: Any) -> Any:
    usable = np.isfinite(shapely.bounds(shapes)).all(axis=1)
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
        fields["state"] = fields["state"].map(lambda state: STATES.get(state, state))
    taken = set(layer.fields.values())
    rest = frame[[column for column in columns if column not in taken]]
    extra = pd.DataFrame({name: texts for name, texts in fields.items() if name not in ROW_FIELDS}, index=rest.index)
    fields["attributes"] = pd.Series(_attributes(pd.concat([rest, extra], axis=1)), dtype=object)
    missing = pd.Series([None] * len(frame), dtype=object)
    return pd.DataFrame({name: fields.get(name, missing) for name in (*ROW_FIELDS, "attributes")})


def _codes_of(names: Any, subclasses: Sequence[Subclass]) -> Any:
    """Subclass codes of Chinese names and their aliases; a name that is not known stays, for the rule to name it."""
    known = {alias: s.subclass_code for s in subclasses for alias in (*s.aliases, s.subclass_zh)}
    return names.map(lambda name: known.get(name, name))


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
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    texts = column.astype(object).where(column.notna(), None)
    return pd.Series([_clean(value) for value in texts], dtype=object)


def _clean(value: Any) -> str | None:
    text = "" if value is None else str(value).strip()
    return text or None


def _attributes(rest: Any) -> list[str]:
    if not len(rest.columns):
        return ["{}"] * len(rest)
    lines = rest.to_json(orient="records", lines=True, force_ascii=False)
    return [line.replace("\\u0000", "") for line in lines.splitlines()]
