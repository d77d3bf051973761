"""Shapes as WKB in Arrow arrays: their types, bounds and some of their points, without loading what is not needed."""

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

TYPES = {
    0: "Geometry", 1: "Point", 2: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString", 6: "MultiPolygon",
    7: "GeometryCollection", 8: "CircularString", 9: "CompoundCurve", 10: "CurvePolygon", 11: "MultiCurve",
    12: "MultiSurface", 15: "PolyhedralSurface", 16: "TIN", 17: "Triangle",
}  # fmt: skip
CURVED = ("CircularString", "CompoundCurve", "CurvePolygon", "MultiCurve", "MultiSurface", "PolyhedralSurface", "TIN",
          "Triangle")  # fmt: skip
NONE = "none"
SAMPLE = 2000


def load(wkb: Any) -> NDArray[Any]:
    """Shapely geometries; None where there is none or it cannot be read."""
    objects = straight(wkb).to_numpy(zero_copy_only=False)
    return np.asarray(shapely.from_wkb(objects, on_invalid="ignore"), dtype=object)


def straight(wkb: Any) -> Any:
    """The same without shapes that have arcs, which nothing here can read."""
    arcs = np.isin(_codes(wkb), [code for code, name in TYPES.items() if name in CURVED])
    return pc.if_else(pa.array(arcs), None, wkb) if arcs.any() else wkb


def types_of(wkb: Any) -> Counter[str]:
    """How many shapes of each type."""
    codes, counts = np.unique(_codes(wkb), return_counts=True)
    found: Counter[str] = Counter()
    for code, count in zip(codes, counts, strict=True):
        found[NONE if code < 0 else TYPES.get(int(code), "Geometry")] += int(count)
    return found


def _codes(wkb: Any) -> NDArray[np.int64]:
    """Number of each shape's type without its Z and M, from its first five bytes; -1 where there is none."""
    offsets = np.frombuffer(wkb.buffers()[1], dtype=np.int32)[wkb.offset : wkb.offset + len(wkb) + 1]
    data = np.frombuffer(wkb.buffers()[2] or b"", dtype=np.uint8)
    there = (np.diff(offsets) >= 5) & np.asarray(wkb.is_valid(), dtype=np.bool_)
    head = data[offsets[:-1][there][:, None] + np.arange(5)].astype(np.int64)
    little = head[:, 1] | head[:, 2] << 8 | head[:, 3] << 16 | head[:, 4] << 24
    big = head[:, 4] | head[:, 3] << 8 | head[:, 2] << 16 | head[:, 1] << 24
    codes = np.full(len(wkb), -1, dtype=np.int64)
    codes[there] = (np.where(head[:, 0] == 1, little, big) & 0x0FFFFFFF) % 1000
    return codes


def bounds_of(shapes: NDArray[Any]) -> NDArray[np.float64] | None:
    """West, south, east, north of what is finite; None if nothing is."""
    each = np.asarray(shapely.bounds(shapes)).reshape(-1, 4)
    each = each[np.isfinite(each).all(axis=1)]
    return np.array([*each[:, :2].min(axis=0), *each[:, 2:].max(axis=0)]) if len(each) else None


def together(one: NDArray[np.float64] | None, other: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    if one is None or other is None:
        return other if one is None else one
    return np.array([*np.minimum(one[:2], other[:2]), *np.maximum(one[2:], other[2:])])


def thinned(points: NDArray[np.float64], most: int = SAMPLE) -> NDArray[np.float64]:
    """At most `most` of them, evenly."""
    return points[np.linspace(0, len(points) - 1, most).astype(int)] if len(points) > most else points


def points_of(shapes: NDArray[Any], most: int = SAMPLE) -> NDArray[np.float64]:
    """Some of the vertices, from all over the shapes."""
    some = thinned(shapes, most)
    points = np.asarray(shapely.get_coordinates(some)).reshape(-1, 2)
    return thinned(points[np.isfinite(points).all(axis=1)], most)
