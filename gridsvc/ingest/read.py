"""Files in: Shapefile (zipped or loose), GeoPackage, GeoJSON. Everything about the file itself is refused here."""

import tempfile
import warnings
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from gridsvc.errors import FileError
from gridsvc.ingest.archives import unpack
from gridsvc.ingest.geojson import check_text
from gridsvc.ingest.shapefiles import check_whole, encoding

UNREADABLE = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, CRSError, ValueError)
BEGINS = {".shp": b"\x00\x00\x27\x0a", ".gpkg": b"SQLite format 3\x00", ".geojson": b"{", ".json": b"{"}
"""How a file of each kind begins. GDAL goes by content, not by name: it would open a file that points at others."""
DRIVERS = {".shp": "", ".gpkg": "GPKG:", ".geojson": "GEOJSON:", ".json": "GEOJSON:"}
"""Prefixes that name the driver; what begins as a .shp does is a shapefile for GDAL too."""


def read_features(kept: Path, file_name: str, source_layer: str | None) -> tuple[Any, list[str]]:
    """The layer as a GeoDataFrame with its CRS, and notes on what was taken for granted.

    `kept` is the kept copy, `file_name` the user's name for it, used in messages.
    """
    suffix = kept.suffix.lower()
    if suffix == ".zip":
        with tempfile.TemporaryDirectory(prefix="gridsvc-") as folder:
            return _read_shapefile(*unpack(kept, Path(folder), file_name), file_name, source_layer)
    if suffix in BEGINS:
        _check_kind(kept, file_name)
        if BEGINS[suffix] == b"{":
            check_text(kept, file_name)
        return _read(kept, file_name, _layer_of(kept, file_name, source_layer))
    raise FileError(
        file_name, f"files that end in {suffix or '(nothing)'} cannot be imported: give a zipped or loose shapefile "
        "(.zip, .shp), GeoPackage (.gpkg) or GeoJSON (.geojson)"
    )  # fmt: skip


def _read_shapefile(shapefile: Path, name: str, file_name: str, source_layer: str | None) -> tuple[Any, list[str]]:
    """`name` is what its sender called the shapefile."""
    if source_layer not in (None, name):
        raise FileError(file_name, f"it has no layer {source_layer!r}; it holds: {name}")
    check_whole(shapefile, name, file_name)
    _check_kind(shapefile, file_name)
    codec, note = encoding(shapefile)
    frame, notes = _read(shapefile, file_name, None, codec)
    return frame, [note, *notes] if note else notes


def _check_kind(path: Path, file_name: str) -> None:
    begins = BEGINS[path.suffix.lower()]
    with path.open("rb") as source:
        found = source.read(64)
    if begins == b"{":
        found = found.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if not found.startswith(begins):
        raise FileError(
            file_name,
            f"it is not a {path.suffix.lower()} file, whatever its name says (it begins with {found[:8]!r})",
        )


def _source(path: Path) -> str:
    """The path with the one driver that may open it: without a name, GDAL tries all of them on what it finds."""
    whole = path.resolve()
    if whole.suffix.lower() == ".gpkg" and ":" in str(whole):
        return str(whole)  # the driver takes what follows a colon for a table; the bytes are SQLite's all the same
    return f"{DRIVERS[whole.suffix.lower()]}{whole}"


def _layer_of(kept: Path, file_name: str, source_layer: str | None) -> str:
    """The layer asked for, or the only one with shapes (GIS programs keep their styles in a layer too)."""
    try:
        layers = {str(name): geometry for name, geometry in pyogrio.list_layers(_source(kept))}
    except UNREADABLE as error:
        said = _said(error, kept, file_name)
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
                _source(path), layer=layer, encoding=codec, datetime_as_string=True, on_invalid="ignore"
            )
    except UnicodeDecodeError as error:
        raise FileError(file_name, f"its text is not in the declared encoding: {error}") from error
    except (*UNREADABLE, LookupError) as error:
        raise FileError(file_name, f"it cannot be read: {_said(error, path, file_name)}") from error
    _check_frame(frame, file_name)
    return frame, sorted({f"reading said: {warning.message}" for warning in said})


def _said(error: Exception, path: Path, file_name: str) -> str:
    """GDAL's words on one line, with the user's name for the file."""
    words = str(error).replace(_source(path), file_name).replace(str(path.resolve()), file_name)
    return " ".join(words.replace(str(path), file_name).split("; It might")[0].split())


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
