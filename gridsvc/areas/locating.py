"""Locating whole files of points: a column for each kind of area, and what is odd about a place."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pyproj import CRS, Transformer

from gridsvc.domain.components import anchors
from gridsvc.domain.crs import FloatArray
from gridsvc.domain.datum import TO_WGS84
from gridsvc.domain.grid_cells import OUTSIDE
from gridsvc.domain.grid_index import GridIndex
from gridsvc.errors import InputError
from gridsvc.files.names import unique
from gridsvc.files.places import WGS84, target_crs
from gridsvc.files.points import PointTable

LON, LAT = ("lon", "lng", "long", "longitude", "经度"), ("lat", "latitude", "纬度")
X, Y = ("x", "easting", "东坐标"), ("y", "northing", "北坐标")
NOTE = "location_note"
NO_PLACE, OUT_OF_CITY, SWAPPED = "no place", "outside every area", "outside; inside if the coordinates are swapped"
NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Columns of the coordinates (None: by their usual names), and what these mean."""

    x: str | None = None
    y: str | None = None
    crs: str | None = None
    """EPSG:n; WGS 84 if not said."""
    datum: str | None = None
    distances: bool = False
    """Metres to the nearest edge of each area, too."""


@dataclass
class Tally:
    rows: int = 0
    no_place: int = 0
    outside: int = 0
    swapped: int = 0


@dataclass(frozen=True, kw_only=True)
class Locating:
    """How one table is located: its schema afterwards, and what makes the columns of a lot."""

    schema: pa.Schema
    tally: Tally
    lots: Iterator[pa.RecordBatch]


def locating(index: GridIndex, srid: int, table: PointTable, asked: Asked) -> Locating:
    """As many rows come out as went in, in their order; InputError if the columns of the places are not clear."""
    places = _places(table, srid, asked)
    taken = {name.casefold() for name in table.schema.names}
    added = [pa.field(unique(name, taken), kind) for name, kind in _columns(index, asked.distances)]
    schema = pa.schema([*table.schema, *added], table.schema.metadata)
    tally = Tally()

    def lots() -> Iterator[pa.RecordBatch]:
        for lot in table.lots:
            if lot.num_rows:
                found = _found(index, *places(lot), asked.distances, tally)
                yield pa.RecordBatch.from_arrays([*lot.columns, *found], schema=schema)

    return Locating(schema=schema, tally=tally, lots=lots())


def _columns(index: GridIndex, distances: bool) -> Iterator[tuple[str, Any]]:
    for kind in index.kinds:
        yield kind, pa.string()
        yield f"{kind}_on_boundary", pa.bool_()
        yield f"{kind}_overlap", pa.bool_()
        if distances:
            yield f"{kind}_edge_m", pa.float64()
    yield NOTE, pa.string()


Places = Callable[[pa.RecordBatch], tuple[FloatArray, FloatArray, FloatArray, FloatArray]]
"""x and y in the city's CRS of the rows of a lot, and the same if their coordinates were swapped."""


def _places(table: PointTable, srid: int, asked: Asked) -> Places:
    columns = _coordinate_columns(table, asked)
    if columns is None and table.crs is None and asked.crs is None:
        raise InputError("the file does not say the CRS of its shapes: say --crs", zh="文件未注明坐标系，请指定坐标系")
    crs = _crs(asked, table.crs, projected=columns is not None and columns[0].casefold() in X)
    shift = TO_WGS84[asked.datum] if asked.datum else None
    move = Transformer.from_crs(crs, srid, always_xy=True)

    def moved(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        x, y = shift(x, y) if shift else (x, y)
        east, north = move.transform(x, y)
        return np.asarray(east), np.asarray(north)

    def places(lot: pa.RecordBatch) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        x, y = _from_shapes(lot[table.geometry]) if columns is None else (_numbers(lot[name]) for name in columns)
        return *moved(x, y), *moved(y, x)

    return places


def _coordinate_columns(table: PointTable, asked: Asked) -> tuple[str, str] | None:
    """None: the places are shapes."""
    if (asked.x is None) != (asked.y is None):
        raise InputError("name both columns of the coordinates, or none", zh="请同时指定两个坐标列")
    names = table.schema.names
    if asked.x is not None and asked.y is not None:
        for name in (asked.x, asked.y):
            if name not in names:
                raise InputError(f"there is no column {name!r}; there are {', '.join(names)}", zh=f"没有列“{name}”")
        return asked.x, asked.y
    if table.geometry is not None:
        return None
    for pair in ((LON, LAT), (X, Y)):
        found = [[name for name in names if name.strip().casefold() in known] for known in pair]
        if all(len(each) == 1 for each in found):
            return found[0][0], found[1][0]
    raise InputError(
        f"which columns hold the coordinates? Say --x and --y; there are {', '.join(names)}",
        zh=f"无法判断坐标列，请指定；现有列：{'、'.join(names)}",
    )


def _crs(asked: Asked, of_shapes: CRS | None, *, projected: bool) -> CRS:
    if asked.datum and (asked.datum not in TO_WGS84 or asked.crs):
        raise InputError(
            f"datum is one of {', '.join(TO_WGS84)}, without a CRS", zh="基准只能是 gcj02 或 bd09，且不与坐标系同用"
        )
    if asked.crs is None and projected and not asked.datum:
        raise InputError(
            "columns called x and y may be in any system: say --crs", zh="x、y 列的坐标系不明，请指定坐标系"
        )
    return target_crs(asked.crs, WGS84) if asked.crs or of_shapes is None else of_shapes


def _numbers(column: pa.Array) -> FloatArray:
    """NaN for what is no number."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        readable = pc.match_substring_regex(column, NUMBER)
        column = pc.if_else(readable, pc.utf8_trim_whitespace(column), pa.scalar(None, column.type))
    elif not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        raise InputError(f"a column of coordinates holds {column.type}, no numbers", zh="坐标列不是数字")
    return np.array(pc.cast(column, pa.float64(), safe=False).fill_null(np.nan))


def _from_shapes(column: pa.Array) -> tuple[FloatArray, FloatArray]:
    """The point that stands for each shape; NaN for none."""
    shapes = shapely.from_wkb(np.asarray(column.to_pylist(), dtype=object), on_invalid="ignore")
    x, y = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    there = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    if len(there):
        x[there], y[there] = anchors(shapes[there])
    return x, y


def _found(
    index: GridIndex, x: FloatArray, y: FloatArray, swapped_x: FloatArray, swapped_y: FloatArray, distances: bool,
    tally: Tally,
) -> Sequence[pa.Array]:  # fmt: skip
    columns: list[pa.Array] = []
    somewhere = np.zeros(len(x), bool)
    for kind in index.kinds.values():
        found = kind.find(x, y)
        inside = found.places != OUTSIDE
        somewhere |= inside
        codes = pa.array(kind.codes.tolist(), pa.string())
        columns += [
            codes.take(pa.array(found.places, mask=~inside)),
            pa.array(found.on_boundary),
            pa.array(found.overlap),
        ]
        if distances:
            columns.append(pa.array(kind.edge_distances(found.places, x, y), mask=~inside))
    return [*columns, _notes(index, x, y, swapped_x, swapped_y, somewhere, tally)]


def _notes(
    index: GridIndex, x: FloatArray, y: FloatArray, swapped_x: FloatArray, swapped_y: FloatArray, somewhere: Any,
    tally: Tally,
) -> pa.Array:  # fmt: skip
    nowhere = ~(np.isfinite(x) & np.isfinite(y))
    outside = ~somewhere
    swapped = np.zeros(len(x), bool)
    odd = np.flatnonzero(outside)
    for kind in index.kinds.values():
        swapped[odd] |= kind.find(swapped_x[odd], swapped_y[odd]).places != OUTSIDE
    notes = np.full(len(x), None, dtype=object)
    notes[outside] = OUT_OF_CITY
    notes[nowhere] = NO_PLACE
    notes[swapped] = SWAPPED
    tally.rows += len(x)
    tally.swapped += int(swapped.sum())
    tally.no_place += int((nowhere & ~swapped).sum())
    tally.outside += int((outside & ~nowhere & ~swapped).sum())
    return pa.array(notes, pa.string())
