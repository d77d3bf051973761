"""Files in: Shapefile (zipped or loose), GeoPackage, GeoJSON. Everything about the file itself is refused here."""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from gridsvc.errors import FileError
from gridsvc.ingest.uploads import SIDECARS

LARGEST = 2 << 30
"""Bytes that an archive may unpack to."""


def read_features(kept: Path, file_name: str, source_layer: str | None) -> tuple[Any, str | None]:
    """The layer as a GeoDataFrame with its CRS, and a note on its encoding if that was not declared.

    `kept` is the kept copy, `file_name` the user's name for it, used in messages.
    """
    suffix = kept.suffix.lower()
    if suffix == ".zip":
        with _unpacked(kept, file_name) as shapefile:
            return _read_shapefile(shapefile, file_name, source_layer)
    if suffix in (".gpkg", ".geojson", ".json"):
        return _with_crs(_read(kept, file_name, _layer_of(kept, file_name, source_layer)), file_name), None
    raise FileError(
        file_name, f"files that end in {suffix or '(nothing)'} cannot be imported: give a zipped or loose shapefile "
        "(.zip, .shp), GeoPackage (.gpkg) or GeoJSON (.geojson)"
    )  # fmt: skip


def _read_shapefile(shapefile: Path, file_name: str, source_layer: str | None) -> tuple[Any, str | None]:
    if source_layer not in (None, shapefile.stem):
        raise FileError(file_name, f"it has no layer {source_layer!r}; it holds: {shapefile.stem}")
    encoding, note = _encoding(shapefile)
    frame = _read(shapefile, file_name, None, encoding=encoding)
    return _with_crs(frame, file_name), note


@contextmanager
def _unpacked(archive: Path, file_name: str) -> Iterator[Path]:
    """The one shapefile of a zip, unpacked into a folder that goes away."""
    try:
        opened = zipfile.ZipFile(archive)
    except (zipfile.BadZipFile, OSError) as error:
        raise FileError(file_name, f"it is not a complete zip archive ({error}); cut off, or another kind?") from error
    with opened, tempfile.TemporaryDirectory(prefix="gridsvc-") as folder:
        try:
            yield _unpack(opened, Path(folder), file_name)
        except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
            raise FileError(file_name, f"the zip archive is damaged ({error})") from error


def _unpack(archive: zipfile.ZipFile, folder: Path, file_name: str) -> Path:
    members = [info for info in archive.infolist() if Path(info.filename).suffix.lower() in SIDECARS]
    shapes = [info for info in members if info.filename.lower().endswith(".shp")]
    if len(shapes) != 1:
        names = ", ".join(info.filename for info in archive.infolist()[:8]) or "nothing"
        raise FileError(file_name, f"the archive holds {len(shapes)} shapefiles (.shp), not one; it holds {names}")
    if sum(info.file_size for info in members) > LARGEST:
        raise FileError(file_name, f"the archive unpacks to more than {LARGEST >> 30} GiB")
    stem = shapes[0].filename[:-4]
    for info in members:
        if info.filename[:-4] == stem:
            suffix = Path(info.filename).suffix.lower()
            (folder / f"{Path(stem).name}{suffix}").write_bytes(archive.read(info))
    shapefile = folder / f"{Path(stem).name}.shp"
    _complete(shapefile, file_name)
    return shapefile


def _complete(shapefile: Path, file_name: str) -> None:
    needs = {".shx": "the index of the shapes", ".dbf": "the attributes", ".prj": "the coordinate system"}
    for suffix, what in needs.items():
        if not shapefile.with_suffix(suffix).exists():
            raise FileError(
                file_name,
                f"{shapefile.stem}{suffix} is missing ({what}); a shapefile is .shp, .shx, .dbf and .prj together, "
                "ask the sender for the missing part",
            )


def _encoding(shapefile: Path) -> tuple[str | None, str | None]:
    """Declared by .cpg; otherwise UTF-8 if the bytes are that, else GB18030, and a note says so."""
    if shapefile.with_suffix(".cpg").exists():
        return None, None
    table = shapefile.with_suffix(".dbf").read_bytes()
    records = table[int.from_bytes(table[8:10], "little") :]
    try:
        records.decode("utf-8")
        return "utf-8", None if records.isascii() else "no .cpg names the encoding of the text; its bytes are UTF-8"
    except UnicodeDecodeError:
        return "gb18030", "no .cpg names the encoding of the text; its bytes are not UTF-8 and were read as GB18030"


def _layer_of(kept: Path, file_name: str, source_layer: str | None) -> str:
    try:
        names = [str(row[0]) for row in pyogrio.list_layers(kept)]
    except DataSourceError as error:
        raise FileError(file_name, f"it cannot be opened as {kept.suffix}: damaged, or another kind of file") from error
    if source_layer is not None and source_layer not in names:
        raise FileError(file_name, f"it has no layer {source_layer!r}; it holds: {', '.join(names)}")
    if source_layer is None and len(names) != 1:
        raise FileError(file_name, f"it holds {len(names)} layers, name one of them: {', '.join(names)}")
    return source_layer or names[0]


def _read(path: Path, file_name: str, layer: str | None, encoding: str | None = None) -> Any:
    try:
        frame = pyogrio.read_dataframe(path, layer=layer, encoding=encoding, datetime_as_string=True)
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise FileError(file_name, f"it cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise FileError(file_name, f"its text is not in the declared encoding: {error}") from error
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise FileError(file_name, "its rows have no geometry column")
    if frame.empty:
        raise FileError(file_name, "it holds no features")
    return frame


def _with_crs(frame: Any, file_name: str) -> Any:
    if frame.crs is None:
        raise FileError(file_name, "its coordinate system is not known (missing or empty .prj); nothing is assumed")
    return frame
