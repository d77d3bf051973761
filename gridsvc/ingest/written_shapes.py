"""A shape as somebody writes it: a GeoJSON geometry, or WKT."""

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.crs import project
from gridsvc.errors import InputError

TYPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
"""A component is nothing else; collections, which may hold one another without end, are not even read."""
_WKT = re.compile(rf"(?:SRID=\d+;)?\s*({'|'.join(TYPES)})\s*(?:ZM|Z|M)?\s*(?:\(|EMPTY)", re.IGNORECASE)


def shape_from_geojson(geometry: Mapping[str, Any]) -> Any:
    """Shapely geometry in the coordinates as they are written."""
    if geometry.get("type") not in TYPES or "coordinates" not in geometry:
        raise _unreadable(f"it needs a type of {', '.join(TYPES)}, and coordinates")
    try:
        return shapely.from_geojson(json.dumps({key: geometry[key] for key in ("type", "coordinates")}))
    except (shapely.GEOSException, ValueError, TypeError, RecursionError) as error:
        raise _unreadable(_cause(error)) from error


def shape_from_text(text: str) -> Any:
    """GeoJSON (a geometry, or a feature for its geometry) or WKT; a shape of a single EWKT loses its SRID."""
    text = text.strip()
    if text.startswith("{"):
        return shape_from_geojson(_geometry(text))
    if not _WKT.match(text):
        raise _unreadable("write GeoJSON, or WKT such as LINESTRING (105.1 31.4, 105.2 31.5)")
    try:
        return shapely.set_srid(shapely.from_wkt(text.partition(";")[2] or text), 0)
    except shapely.GEOSException as error:
        raise _unreadable(_cause(error)) from error


def shapes_from_geojson(given: Mapping[str, Any], srid: int, kind: str) -> list[Any]:
    """Shapes of a kind (`LineString`, `Polygon`) in a CRS, of a FeatureCollection, a feature or a geometry in degrees.

    Multipart ones come in parts; InputError if there is none of the kind.
    """
    features = given.get("features") if given.get("type") == "FeatureCollection" else [given]
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise _unreadable("a FeatureCollection has a list of features")
    geometries = [feature.get("geometry", feature) for feature in features]
    written = [shape_from_geojson(geometry) for geometry in geometries if isinstance(geometry, dict)]
    parts = shapely.get_parts(np.array(written, dtype=object))
    chosen = parts[[part.geom_type == kind for part in parts]] if len(parts) else parts
    if not len(chosen):
        raise InputError(f"there is no {kind} in the GeoJSON", zh=f"GeoJSON 中没有 {kind} 要素")
    return list(shapely.transform(chosen, lambda places: np.column_stack(project(srid, *places.T[:2]))))


def _geometry(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(_cause(error)) from error
    inner = found.get("geometry", found)
    return inner if isinstance(inner, dict) else {}


def _cause(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _unreadable(cause: str) -> InputError:
    return InputError(f"the shape cannot be read: {cause}", zh="图形无法识别：请写成 GeoJSON 或 WKT（点、线或面）")
