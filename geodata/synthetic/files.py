"""CSV files that are the same byte for byte, and zipped GBK shapefiles."""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import pandas as pd
import pyogrio
from numpy.typing import NDArray

from synthetic.extent import CITY_CRS

ENCODING = "GBK"
ZIP_TIME = (2025, 1, 1, 0, 0, 0)
ZIP_LEVEL = 1


class CsvRows:
    """Writes rows of a CSV file whose header is known."""

    def __init__(self, file: io.TextIOBase, header: Sequence[str]) -> None:
        self._writer = csv.writer(file, lineterminator="\n")
        self._writer.writerow(header)

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        self._writer.writerows(rows)


@contextmanager
def open_csv(path: Path, header: Sequence[str]) -> Iterator[CsvRows]:
    """A UTF-8 CSV file, gzipped without a time stamp where the name ends in .gz."""
    with path.open("wb") as raw:
        if path.suffix != ".gz":
            text = io.TextIOWrapper(raw, encoding="utf-8", newline="")
            yield CsvRows(text, header)
            text.flush()
            text.detach()
            return
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as packed:
            text = io.TextIOWrapper(packed, encoding="utf-8", newline="")
            yield CsvRows(text, header)
            text.flush()
            text.detach()


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a whole CSV file."""
    with open_csv(path, header) as out:
        out.add(rows)


def write_shapefile(path: Path, columns: dict[str, object], geometry: NDArray, kind: str) -> None:
    """Write a zipped shapefile in the city's CRS, text in GBK.

    Args:
        path: ends in .zip; the shapefile inside has its stem
        columns: field name (at most 10 bytes) → values
        kind: Point, LineString, MultiLineString or Polygon
    """
    frame = gpd.GeoDataFrame(pd.DataFrame(columns), geometry=geometry, crs=CITY_CRS)
    with TemporaryDirectory(dir=path.parent) as folder:
        shape = Path(folder) / f"{path.stem}.shp"
        pyogrio.write_dataframe(frame, shape, encoding=ENCODING, geometry_type=kind, RESIZE="YES")
        _zip(path, sorted(Path(folder).iterdir()))


def _zip(path: Path, files: list[Path]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=ZIP_LEVEL) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with file.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                while block := source.read(1 << 20):
                    target.write(block)
