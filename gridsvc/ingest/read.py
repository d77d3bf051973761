"""Files in: Shapefile (zipped or loose), GeoPackage, GeoJSON. Everything about the file itself is refused here."""

import json
import mmap
import tempfile
import warnings
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from gridsvc.errors import FileError
from gridsvc.ingest.archives import unpack
from gridsvc.ingest.shapefiles import check_whole, encoding

UNREADABLE = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, CRSError, ValueError)
BEGINS = {".shp": b"\x00\x00\x27\x0a", ".gpkg": b"SQLite format 3\x00", ".geojson": b"{", ".json": b"{"}
"""How a file of each kind begins. GDAL goes by content, not by name: it would open a file that points at others."""


def read_features(kept: Path, file_name: str, source_layer: str | None) -> tuple[Any, list[str]]:
    """The layer as a GeoDataFrame with its CRS, and notes on what was taken for granted.

    `kept` is the kept copy, `file_name` the user's name for it, used in messages.
    """
    suffix = kept.suffix.lower()
    if suffix == ".zip":
        with tempfile.TemporaryDirectory(prefix="gridsvc-") as folder:
            return _read_shapefile(unpack(kept, Path(folder), file_name), file_name, source_layer)
    if suffix in BEGINS:
        _check_kind(kept, file_name)
        if BEGINS[suffix] == b"{":
            _check_nul(kept, file_name)
        return _read(kept, file_name, _layer_of(kept, file_name, source_layer))
    raise FileError(
        file_name, f"files that end in {suffix or '(nothing)'} cannot be imported: give a zipped or loose shapefile "
        "(.zip, .shp), GeoPackage (.gpkg) or GeoJSON (.geojson)"
    )  # fmt: skip


def _read_shapefile(shapefile: Path, file_name: str, source_layer: str | None) -> tuple[Any, list[str]]:
    if source_layer not in (None, shapefile.stem):
        raise FileError(file_name, f"it has no layer {source_layer!r}; it holds: {shapefile.stem}")
    check_whole(shapefile, file_name)
    _check_kind(shapefile, file_name)
    codec, note = encoding(shapefile)
    frame, notes = _read(shapefile, file_name, None, codec)
    return frame, [note, *notes] if note else notes


def _check_kind(path: Path, file_name: str) -> None:
    begins = BEGINS[path.suffix.lower()]
    with path.open("rb") as source:
        found = source.read(64).removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if not found.startswith(begins):
        raise FileError(
            file_name,
            f"it is not a {path.suffix.lower()} file, whatever its name says (it begins with {found[:8]!r})",
        )


def _check_nul(path: Path, file_name: str) -> None:
    """GDAL ends a text at its first NUL: the rest would be lost in silence."""
    with path.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(rb"\u0000") < 0:
            return
    try:
        features = json.loads(path.read_bytes()).get("features", [])
    except ValueError:
        return  # opening it says what is wrong
    for number, feature in enumerate(features, start=1):
        if r"\x00" in repr(feature):
            raise FileError(file_name, "a text of it holds a NUL character, which text cannot hold", number)


def _layer_of(kept: Path, file_name: str, source_layer: str | None) -> str:
    """The layer asked for, or the only one with shapes (GIS programs keep their styles in a layer too)."""
    try:
        layers = {str(name): geometry for name, geometry in pyogrio.list_layers(kept)}
    except UNREADABLE as error:
        said = str(error).replace(str(kept), file_name).split("; It might")[0]
        cause = f"it cannot be opened as {kept.suffix}; damaged, or of another kind? {said}"
        raise FileError(file_name, cause) from error
    names = [name for name, geometry in layers.items() if geometry is not None]
    if source_layer is not None and source_layer not in layers:
        raise FileError(file_name, f"it has no layer {source_layer!r}; it holds: {', '.join(names) or 'none'}")
    if source_layer is None and len(names) != 1:
        many = f"it holds {len(names)} layers, name one of them with --source-layer: {', '.join(names)}"
        raise FileError(file_name, many if names else "it holds no layer with shapes")
    return source_layer or names[0]


def _read(path: Path, file_name: str, layer: str | None, codec: str | None = None) -> tuple[Any, list[str]]:
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            frame = pyogrio.read_dataframe(
                path, layer=layer, encoding=codec, datetime_as_string=True, on_invalid="ignore"
            )
    except UnicodeDecodeError as error:
        raise FileError(file_name, f"its text is not in the declared encoding: {error}") from error
    except (*UNREADABLE, LookupError) as error:
        raise FileError(file_name, f"it cannot be read: {error}") from error
    _check_frame(frame, file_name)
    return frame, sorted({f"reading said: {warning.message}" for warning in said})


def _check_frame(frame: Any, file_name: str) -> None:
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise FileError(file_name, "its rows have no geometry column")
    if frame.empty:
        raise FileError(file_name, "it holds no features")
    twice = sorted(set(frame.columns[frame.columns.duplicated()]))
    if twice:
        raise FileError(file_name, f"it has more than one column {', '.join(map(repr, twice))}; rename one of them")
    if frame.crs is None:
        raise FileError(file_name, "its coordinate system is not known (empty or unreadable .prj); nothing is assumed")
