"""From a file's features to staged rows: columns become fields, shapes come into the city's CRS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from gridsvc.domain.catalogue import Subclass
from gridsvc.domain.components import STATES
from gridsvc.domain.crs import FloatArray
from gridsvc.errors import FileError
from gridsvc.ingest.layers import COMPONENTS, LAYER_COLUMN, ROW_NUMBERS, Layer, row_field
from gridsvc.ingest.places.coordinates import stays, transform
from gridsvc.ingest.rules.contract import Lot
from gridsvc.ingest.shapes import flat, places, repair, to_points
from gridsvc.ingest.texts import Hashes, begin_of, clean, hashes, json_rows, mixed, renamed
from gridsvc.store.batches import ROW_FIELDS

FEATURE_COLUMN, GEOMETRY_COLUMN = "(feature)", "(geometry)"
PSEUDO = (LAYER_COLUMN, FEATURE_COLUMN, GEOMETRY_COLUMN)
"""Columns that reading adds to those of the file."""
SCHEMA = pa.schema(
    [
        ("layer", pa.string()),
        ("feature", pa.int64()),
        *((name, pa.string()) for name in ROW_FIELDS),
        ("attributes", pa.string()),
        ("geom", pa.string()),
        ("x", pa.float64()),
        ("y", pa.float64()),
        ("identity", pa.int64()),
        ("digest", pa.int64()),
    ]
)
"""Of staged rows: texts, attributes as JSON text, WKB in hex in the city's CRS, the place that decides the areas."""


@dataclass(frozen=True, kw_only=True)
class Stager:
    """Turns lots of a file into what the checks see and what is kept."""

    layer: Layer
    srid: int
    crs: str
    """In which the file's coordinates are; `layer.turn` says what else was done to them."""
    source_crs: Any
    """The same as a pyproj CRS."""
    columns: tuple[str, ...]
    """Of the file."""
    subclass_names: Mapping[str, str]
    """Subclass codes by name and alias."""
    file_name: str
    parent_digits: int | None = None
    """So many digits of an area's code are its parent's, and no column says it."""

    def __post_init__(self) -> None:
        _require(self.layer, self.columns, self.file_name)

    @property
    def rest(self) -> list[str]:
        """Columns that become attributes under their own names."""
        taken = {*self.layer.fields.values(), *self.layer.left_out(self.columns)}
        return [name for name in self.columns if name not in taken]

    def lot(self, batch: Any, first: int) -> Lot:
        given = np.asarray(shapely.from_wkb(_objects(batch[GEOMETRY_COLUMN]), on_invalid="ignore"), dtype=object)
        shapes = self._projected(flat(given))
        repaired = repair(shapes)
        lot = Lot(
            layer=self.layer,
            first=first,
            source_layers=batch[LAYER_COLUMN],
            numbers=np.asarray(batch[FEATURE_COLUMN]),
            fields=self._fields(batch),
            rest={name: batch[name] for name in self.rest if pa.types.is_string(batch[name].type)},
            given=given,
            shapes=shapes,
            repaired=repaired,
            source_crs=self.source_crs,
        )
        if self.layer.to_point:
            shapes[:] = to_points(shapes, lot.usable)
        return lot

    def rows(self, lot: Lot, batch: Any) -> Any:
        """A record batch of SCHEMA."""
        x, y = places(lot.shapes, lot.usable)
        shapes = lot.shapes.copy()
        shapes[~lot.usable] = None
        geom = pa.array(shapely.to_wkb(shapes, hex=True), pa.string())
        others = {name: batch[name] for name in self.rest}
        extra = {name: lot.fields[name] for name in lot.fields if name not in (*ROW_FIELDS, "subclass_name")}
        attributes = json_rows({**_without(others, extra), **extra}, len(lot))
        fields = [lot.fields[name] for name in ROW_FIELDS]
        said = hashes([*fields[1:], attributes])
        return pa.record_batch(
            [
                lot.source_layers.cast(pa.string()), pa.array(lot.numbers), *fields, attributes, geom, pa.array(x),
                pa.array(y), pa.array(self._identity(said, fields, others, extra).view(np.int64)),
                pa.array(self._digest(said, geom)),
            ],
            schema=SCHEMA,
        )  # fmt: skip

    def _identity(
        self, said: Hashes, fields: Sequence[Any], others: Mapping[str, Any], extra: Mapping[str, Any]
    ) -> Hashes:
        """Of all that a row says, its code too, but not of columns that only tell rows apart."""
        telling = {name: column for name, column in others.items() if name.lower() not in ROW_NUMBERS}
        if len(telling) < len(others):
            said = hashes([*fields[1:], json_rows({**telling, **extra}, len(said))])
        return mixed(said, hashes(fields[:1]))

    def _digest(self, said: Hashes, geom: Any) -> NDArray[np.int64]:
        """Of all that a row says but its code, and of which fields the file speaks at all."""
        speaks = hashes([pa.array([",".join(sorted({*self.layer.fields, *self.layer.constants, *self.rest}))])])
        return mixed(said ^ speaks[0], hashes([geom])).view(np.int64)

    def _projected(self, shapes: Any) -> Any:
        if stays(self.crs, self.layer.turn, self.srid):
            return shapes
        return shapely.transform(shapes, self._to_city)

    def _to_city(self, xy: FloatArray) -> FloatArray:
        return transform(xy, self.crs, self.layer.turn, self.srid)

    def _fields(self, batch: Any) -> dict[str, Any]:
        layer, length = self.layer, batch.num_rows
        fields = {row_field(name): clean(batch[source]) for name, source in layer.fields.items()}
        for name, constant in layer.constants.items():
            fields[row_field(name)] = pa.array([constant] * length, pa.string())
        for name, meanings in layer.values.items():
            if row_field(name) in fields:
                fields[row_field(name)] = renamed(fields[row_field(name)], meanings)
        if "subclass_name" in fields and "subclass_code" not in fields:
            fields["subclass_code"] = renamed(fields["subclass_name"], self.subclass_names)
        if "state" in fields:
            fields["state"] = renamed(fields["state"], STATES)
        if self.parent_digits is not None:
            fields["parent_code"] = begin_of(fields["code"], self.parent_digits)
        nothing = pa.nulls(length, pa.string())
        return dict.fromkeys(ROW_FIELDS, nothing) | fields


def names_of(subclasses: Sequence[Subclass]) -> dict[str, str]:
    """Subclass codes by Chinese name and alias."""
    return {alias: s.subclass_code for s in subclasses for alias in (*s.aliases, s.subclass_zh)}


def _without(others: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of the file that are called as a field of ours stand under `… (source)`."""
    return {f"{name} (source)" if name in extra else name: column for name, column in others.items()}


def _objects(column: Any) -> Any:
    return column.to_numpy(zero_copy_only=False)


def _require(layer: Layer, columns: Sequence[str], file_name: str) -> None:
    known = [*columns, LAYER_COLUMN]
    for name, source in layer.fields.items():
        if source not in known:
            raise FileError(
                file_name,
                f"it has no column {source!r} for {name}; its columns are: {', '.join(columns)}",
                zh=f"没有对应“{name}”的列“{source}”；文件的列有：{'、'.join(columns)}",
            )
    if layer.target != COMPONENTS and "code" not in {*layer.fields, *layer.constants}:
        raise FileError(
            file_name,
            f"which column holds the area code? --field code=COLUMN; its columns are: {', '.join(columns)}",
            zh=f"哪一列是区域编码？文件的列有：{'、'.join(columns)}",
        )
