"""Files that GDAL writes: GeoPackage and GeoJSON, and the one step that shapefiles share with them."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridsvc.files.layers import Note, RowLayer
from gridsvc.files.names import unique
from gridsvc.files.places import DEGREES, Move, moved


def write(layer: RowLayer, to: Path, crs: CRS, form: str) -> list[Note]:
    taken = {name.casefold() for name in layer.schema.names}
    shape_column = unique("geom", taken)
    if form == "gpkg":
        options = {"driver": "GPKG", "layer": layer.name, "FID": unique("fid", taken), "GEOMETRY_NAME": shape_column}
    else:  # text stays text, even where it could be read as JSON
        options = {"driver": "GeoJSON", "layer": layer.name, "RFC7946": "YES", "COORDINATE_PRECISION": str(DEGREES),
                   "AUTODETECT_JSON_STRINGS": "NO"}  # fmt: skip
    write_batches(to, layer.schema, _batches(layer, moved(layer.srid, crs)), crs, shape_column, "Unknown", options)
    return []


def _batches(layer: RowLayer, move: Move) -> Iterator[tuple[list[pa.Array], NDArray[Any]]]:
    for lot in layer.lots():
        yield lot.rows.columns, move(lot.shapes)


def write_batches(
    to: Path,
    schema: pa.Schema,
    batches: Iterable[tuple[list[pa.Array], NDArray[Any]]],
    crs: CRS,
    shape_column: str,
    geometry_type: str,
    options: dict[str, str],
) -> None:
    """Batches are the columns of `schema` and shapes in `crs`."""
    metadata = {"ARROW:extension:name": "geoarrow.wkb"}
    full = pa.schema([*schema, pa.field(shape_column, pa.binary(), metadata=metadata)])
    faults: list[Exception] = []
    reader = pa.RecordBatchReader.from_batches(full, _guarded(full, batches, faults))
    try:
        pyogrio.write_arrow(
            reader, to, geometry_type=geometry_type, geometry_name=shape_column, crs=crs.to_wkt(), **options
        )
    except RuntimeError:  # all that GDAL can tell of what went wrong on our side
        if faults:
            raise faults[0] from None
        raise


def _guarded(
    schema: pa.Schema, batches: Iterable[tuple[list[pa.Array], NDArray[Any]]], faults: list[Exception]
) -> Iterator[pa.RecordBatch]:
    try:
        for arrays, shapes in batches:
            yield _batch(schema, arrays, shapes)
    except Exception as error:
        faults.append(error)
        raise


def _batch(schema: pa.Schema, arrays: list[pa.Array], shapes: NDArray[Any]) -> pa.RecordBatch:
    wkb = pa.array(shapely.to_wkb(shapes), pa.binary())
    return pa.RecordBatch.from_arrays([*arrays, wkb], schema=schema)
