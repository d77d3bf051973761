"""Files that GDAL reads: each by the one driver that its name asks for, and GDAL's words on one line."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyogrio
from pyogrio import raw
from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from gridsvc.ingest.sources.model import BATCH, Note
from gridsvc.ingest.sources.wording import line, note, refusal

UNREADABLE = (
    DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, CRSError, ValueError, RuntimeError,
    OSError,
)  # fmt: skip
"""Arrow's own errors are among them, as ValueError and OSError."""
PREFIXES = {".gpkg": "GPKG:", ".geojson": "GEOJSON:"}
"""They name the driver: without one GDAL asks all of them. A shapefile and a geodatabase are told by how they begin."""
OPTIONS = {".geojson": {"DATE_AS_STRING": "YES"}}
"""For opening a file: a date stays as it is written, else GDAL writes it anew and drops what it takes for no date."""
WARNINGS = 20
"""Different ones that are passed on."""
UNDEFINED = ("undefined cartesian srs", "undefined geographic srs", "undefined srs")


def address(path: Path) -> str:
    return f"{PREFIXES.get(path.suffix, '')}{path}"


@contextmanager
def explained(path: Path, file_name: str, notes: list[Note], doing: str = "read") -> Iterator[None]:
    """FileError for GDAL's errors, notes for its warnings."""
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            yield
    except UNREADABLE as error:
        if "memory" in str(error).lower():
            raise MemoryError(str(error)) from error
        words = _said(str(error), path, file_name)
        raise _unreadable(file_name, path.suffix, doing, words) from error
    different = sorted({_said(str(warning.message), path, file_name) for warning in said})[:WARNINGS]
    notes += [note(f"reading said: {words}", f"读取时提示：{words}") for words in different]


def _unreadable(file_name: str, suffix: str, doing: str, words: str) -> Exception:
    if doing == "open":
        return refusal(
            file_name, f"it cannot be opened as {suffix}; damaged, or of another kind? {words}",
            f"无法作为 {suffix} 文件打开：可能已损坏，或是其他格式（{words}）",
        )  # fmt: skip
    return refusal(file_name, f"it cannot be read: {words}", f"无法读取：{words}")


def _said(words: str, path: Path, file_name: str) -> str:
    shown = words.replace(address(path), file_name).replace(str(path), file_name)
    return line(" ".join(shown.split("; It might")[0].split()))


def layers_of(path: Path, file_name: str) -> dict[str, str | None]:
    """Type of geometry by layer; None where a layer has no shapes."""
    with explained(path, file_name, [], "open"):
        return {str(name): geometry for name, geometry in pyogrio.list_layers(address(path))}


def info_of(path: Path, layer: str, file_name: str) -> dict[str, Any]:
    with explained(path, file_name, []):
        return dict(pyogrio.read_info(address(path), layer=layer, **OPTIONS.get(path.suffix, {})))


def crs_of(info: dict[str, Any]) -> str | None:
    found = info["crs"]
    unknown = found is None or any(words in found[:60].lower() for words in UNDEFINED)
    return None if unknown else str(found)


@contextmanager
def stream(path: Path, batch_size: int = BATCH, **options: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """What GDAL says of the layer, and a reader of record batches."""
    with raw.open_arrow(
        address(path), use_pyarrow=True, batch_size=batch_size, datetime_as_string=True,
        **OPTIONS.get(path.suffix, {}), **options,
    ) as opened:  # fmt: skip
        yield opened
