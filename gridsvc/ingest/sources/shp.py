"""The heads of the records of a .shp, read as arrays: types and bounds of all shapes without making any of them."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridsvc.domain.crs import BoolArray
from gridsvc.ingest.sources.shapes import NONE, together
from gridsvc.ingest.sources.wording import refusal

BEGINS = b"\x00\x00\x27\x0a"
TYPES = {0: NONE, 1: "Point", 3: "LineString", 5: "Polygon", 8: "MultiPoint", 31: "MultiPatch"}
"""By what is left of the number of a type without its Z or M."""
HEAD = 48
"""Bytes of a record up to the number of its parts: number, length, type, box, parts."""
LOT = 100_000


def check_kind(part: Path, name: str, file_name: str) -> None:
    """A .shp and a .shx begin alike."""
    with part.open("rb") as source:
        found = source.read(8)
    if found and not BEGINS.startswith(found[:4]):
        raise refusal(
            file_name, f"{name} is not a {part.suffix} file, whatever its name says (it begins with {found!r})",
            f"{name} 的内容不是 {part.suffix} 文件（开头是 {found!r}）",
        )  # fmt: skip


def length(part: Path) -> int:
    """Bytes that a .shp or .shx says it has (its header counts words of 16 bits)."""
    with part.open("rb") as source:
        return 2 * int.from_bytes(source.read(28)[24:28], "big")


def types_and_bounds(shapefile: Path, wanted: BoolArray, file_name: str) -> tuple[Counter[str], Any]:
    """Of the shapes that are `wanted`."""
    with shapefile.with_suffix(".shx").open("rb") as source:
        source.seek(100)
        index = np.frombuffer(source.read(length(shapefile.with_suffix(".shx")) - 100), dtype=">i4").reshape(-1, 2)
    offsets = 2 * index[:, 0].astype(np.int64)[wanted]
    content = np.memmap(shapefile, dtype=np.uint8, mode="r")
    if len(offsets) and (offsets.min() < 100 or offsets.max() + 12 > len(content)):
        raise refusal(
            file_name, "its .shx points to places that its .shp does not have: these parts do not belong together",
            ".shx 指向 .shp 中不存在的位置：这些文件不属于同一个 shapefile",
        )  # fmt: skip
    types: Counter[str] = Counter()
    bounds = None
    for first in range(0, len(offsets), LOT):
        found, box = _of_lot(content, offsets[first : first + LOT])
        types += found
        bounds = together(bounds, box)
    return types, bounds


def _of_lot(content: NDArray[np.uint8], offsets: NDArray[np.int64]) -> tuple[Counter[str], Any]:
    places = np.minimum(offsets[:, None] + np.arange(8, HEAD), len(content) - 1)
    heads = np.ascontiguousarray(content[places])
    codes = heads[:, :4].copy().view("<i4")[:, 0]
    boxes = heads[:, 4:36].copy().view("<f8")
    parts = heads[:, 36:40].copy().view("<i4")[:, 0]
    base = np.where(codes == 31, 31, codes % 10)
    named = np.array([TYPES.get(int(code), "Geometry") for code in range(32)], dtype=object)[np.clip(base, 0, 31)]
    named[(base == 3) & (parts > 1)] = "MultiLineString"
    boxes[base == 1, 2:] = boxes[base == 1, :2]
    fine = (base > 0) & np.isfinite(boxes).all(axis=1)
    box = np.array([*boxes[fine, :2].min(axis=0), *boxes[fine, 2:].max(axis=0)]) if fine.any() else None
    return Counter(named.tolist()), box
