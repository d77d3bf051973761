"""Which columns of a table are coordinates. In Chinese survey tables X is north and Y is east."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow.compute as pc

from gridsvc.ingest.sources.model import Note
from gridsvc.ingest.sources.values import reals
from gridsvc.ingest.sources.wording import note

PAIRS = (
    (("经度", "东经", "longitude", "lon", "lng", "long"), ("纬度", "北纬", "latitude", "lat")),
    (
        ("东坐标", "东向坐标", "横坐标", "easting", "east", "pointx"),
        ("北坐标", "北向坐标", "纵坐标", "northing", "north", "pointy"),
    ),
)  # fmt: skip
"""East and north, told by name alone."""
AMBIGUOUS = (("x", "y"), ("x坐标", "y坐标"), ("坐标x", "坐标y"), ("xcoord", "ycoord"), ("coordx", "coordy"))
WKT_NAMES = ("wkt", "geometry", "geom", "thegeom", "shape", "几何", "图形", "坐标串")
WKT = re.compile(
    r"\s*(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)\s*(?:Z|M|ZM)?\s*(?:\(|EMPTY)",
    re.IGNORECASE,
)
NOISE = re.compile(r"[\s_\-]|[(（\[【].*?[)）\]】]")
NORTHINGS, EASTINGS = (1_500_000, 6_500_000), ((0, 1_100_000), (13_000_000, 46_000_000))
"""Metres in China, the second eastings with the number of the zone before them."""
LOOKED_AT = 1000
ANGLE = re.compile(
    r"(?P<before>[NSEW东西南北]?)[经纬]?\s*(?P<d>\d{1,3}(?:\.\d+)?)\s*[°度º]\s*(?:(?P<m>[0-5]?\d(?:\.\d+)?)\s*['′’分]\s*)?"
    r"(?:(?P<s>[0-5]?\d(?:\.\d+)?)\s*(?:[\"″”秒]|''|′′)\s*)?(?P<after>[NSEW东西南北]?)"
)
GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
"""`3,479,980.25`"""


def plain(name: str) -> str:
    return NOISE.sub("", name).casefold()


def numbers(texts: Any) -> tuple[Any, str | None]:
    """Coordinates as float64, NaN where a text is none; the first that is an angle, or has its thousands parted."""
    stripped = pc.utf8_trim_whitespace(texts)
    found = np.array(reals(stripped)[0].fill_null(np.nan), dtype=np.float64)
    first = None
    for row in np.flatnonzero(np.isnan(found) & np.asarray(stripped.is_valid())):
        text = stripped[int(row)].as_py()
        found[row] = _spelled(text)
        first = text if first is None and np.isfinite(found[row]) else first
    return found, first


def _spelled(text: str) -> float:
    if GROUPED.fullmatch(text):
        return float(text.replace(",", ""))
    angle = ANGLE.fullmatch(text.upper())
    if angle is None:
        return float("nan")
    degrees = float(angle["d"]) + float(angle["m"] or 0) / 60 + float(angle["s"] or 0) / 3600
    return -degrees if {angle["before"], angle["after"]} & set("SW南西") else degrees


def by_name(names: Sequence[str]) -> tuple[str, str] | None:
    """East and north where names leave no doubt."""
    called = {plain(name): name for name in reversed(names)}
    for easts, norths in PAIRS:
        east = next((called[one] for one in easts if one in called), None)
        north = next((called[one] for one in norths if one in called), None)
        if east is not None and north is not None:
            return east, north
    return None


def suggested(names: Sequence[str], columns: Sequence[Any]) -> tuple[tuple[str, str] | None, list[Note]]:
    """East and north by name, or by the size of their numbers where names such as X and Y may mean either."""
    if (found := by_name(names)) is not None:
        return found, []
    called = {plain(name): n for n, name in reversed(list(enumerate(names)))}
    for x, y in AMBIGUOUS:
        if x in called and y in called:
            return _told_by_size(names[called[x]], names[called[y]], columns[called[x]], columns[called[y]])
    return None, []


def _told_by_size(x: str, y: str, xs: Any, ys: Any) -> tuple[tuple[str, str], list[Note]]:
    if not _crossed(_middle(xs), _middle(ys)):
        return (x, y), []
    return (y, x), [
        note(f"column {x!r} holds northings and {y!r} eastings, as in Chinese survey tables: east is taken from {y!r}",
             f"“{x}”列是北坐标、“{y}”列是东坐标（测量坐标系）：已将“{y}”作为东坐标")
    ]  # fmt: skip


def _middle(texts: Any) -> float:
    found = numbers(texts.slice(0, LOOKED_AT))[0]
    return float(np.median(found[~np.isnan(found)])) if not np.isnan(found).all() else float("nan")


def _crossed(x: float, y: float) -> bool:
    if abs(x) <= 90 < abs(y) <= 180:
        return True
    return NORTHINGS[0] <= x <= NORTHINGS[1] and any(low <= y <= high for low, high in EASTINGS)


def wkt_column(names: Sequence[str], columns: Sequence[Any]) -> int | None:
    """The column that holds shapes as WKT, by its name and its first value."""
    for number, name in enumerate(names):
        if plain(name) in WKT_NAMES:
            first = columns[number].drop_null().slice(0, 1).to_pylist()
            if first and WKT.match(first[0]):
                return number
    return None
