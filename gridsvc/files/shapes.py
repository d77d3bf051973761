"""Shapes alone out of a map file of any kind: lines to cut along, buildings to keep whole."""

from pathlib import Path
from typing import Any

import geopandas
from pyogrio.errors import DataLayerError, DataSourceError

from gridsvc.errors import FileError


def shapes_of(file: Path, srid: int, types: tuple[str, ...]) -> list[Any]:
    """Its shapes of these types (`LineString`, `Polygon` …) in the city's CRS, multipart ones in parts.

    FileError if it cannot be read, does not say its CRS, or has none of them.
    """
    try:
        read = geopandas.read_file(file, columns=[])
    except (DataSourceError, DataLayerError, OSError, UnicodeDecodeError) as error:
        raise FileError(file.name, f"it cannot be read as a map file ({error})", zh=f"无法读取 {file.name}") from error
    if read.crs is None:
        raise FileError(
            file.name, "it does not say in which coordinate system it is", zh=f"{file.name} 未注明坐标系（缺少 .prj）"
        )
    parts = read.geometry.dropna().to_crs(srid).explode()
    chosen = parts[parts.geom_type.isin(types)]
    if chosen.empty:
        named = " or ".join(types)
        raise FileError(file.name, f"it holds no {named}", zh=f"{file.name} 中没有 {'、'.join(types)} 要素")
    return list(chosen)
