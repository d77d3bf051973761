"""Ways to read the numbers of a file of which it is not known what they mean.

Only those come back that numbers of this size may stand for near the city, the likelier first. Whether the data then
really falls into the city is for `whereabouts` to see.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pyproj import CRS

from gridsvc.domain import datum
from gridsvc.domain.crs import FloatArray
from gridsvc.domain.datum import TO_WGS84
from gridsvc.ingest.places.coordinates import FEET, CrsMatch, match, parse
from gridsvc.ingest.places.gauss_kruger import BY_EPSG, DATUMS, SYSTEMS, GaussKruger

RADIUS = 6_378_137.0
NEAR = 0.5
"""Degrees around the city: the rough inverse used here is off by up to a tenth of that."""
WIDEST = 30.0
"""Degrees. A city without areas may be wherever its CRS serves; where that is half the world, everything would fit."""
WGS84, WEB_MERCATOR = 4326, 3857

Box = tuple[float, float, float, float]

TURNED = {
    "": ("", ""),
    "swapped": (", its two numbers swapped (north or latitude first)", "，两列坐标互换（先北坐标或纬度）"),
    "feet": (", its numbers in international feet", "，数值单位为英尺（国际英尺）"),
    "us-feet": (", its numbers in US survey feet", "，数值单位为美制测量英尺"),
    "gcj02": (", shifted as GCJ-02 (AMap, Tencent)", "，带 GCJ-02 偏移（高德、腾讯地图）"),
    "bd09": (", shifted as BD-09 (Baidu)", "，带 BD-09 偏移（百度地图）"),
}


@dataclass(frozen=True, kw_only=True)
class Reading:
    crs: str
    turn: str
    name: str = ""
    """What the file calls it."""

    @property
    def same(self) -> tuple[object, str]:
        """Equal where two readings give every point the same place."""
        known = match(self.crs)
        system = BY_EPSG.get(known.epsg or 0) if known.crs == f"EPSG:{known.epsg}" else None
        return (system.same if system else known.crs), self.turn

    @property
    def title(self) -> str:
        return self._name(zh=False) + TURNED[self.turn][0]

    @property
    def title_zh(self) -> str:
        return self._name(zh=True) + TURNED[self.turn][1]

    def _name(self, *, zh: bool) -> str:
        known = match(self.crs)
        if known.epsg is None or known.crs != f"EPSG:{known.epsg}":
            return self.name or known.name
        if system := BY_EPSG.get(known.epsg):
            return system.title_zh if zh else system.title
        if not zh:
            return f"{CRS.from_epsg(known.epsg).name} (EPSG:{known.epsg})"
        name = next((each.title_zh + " 经纬度" for each in DATUMS if each.geographic == known.epsg), None)
        return f"{name or CRS.from_epsg(known.epsg).name}（EPSG:{known.epsg}）"


def readings(middle: FloatArray, declared: CrsMatch, city: Box, srid: int) -> list[Reading]:
    """Of numbers whose median is `middle`, near a city whose bounds are given in degrees: west, south, east, north."""
    found: dict[tuple[object, str], Reading] = {}
    for reading in _all(middle, declared, city, srid):
        found.setdefault(reading.same, reading)
    return list(found.values())


def _all(middle: FloatArray, declared: CrsMatch, city: Box, srid: int) -> Iterator[Reading]:
    china = bool(datum.in_china(np.array(city[0]), np.array(city[1])))
    for turn in ("", "swapped"):
        x, y = middle if turn == "" else middle[::-1]
        for crs in _systems(float(x), float(y), declared, city, srid, china):
            yield Reading(crs=crs, turn=turn, name=declared.name if crs == declared.crs else "")
    for metric in filter(_in_metres, (declared.crs, f"EPSG:{srid}")):
        yield from (Reading(crs=str(metric), turn=turn) for turn in reversed(FEET))
    if china and _degrees(*middle):
        yield from (Reading(crs=f"EPSG:{WGS84}", turn=turn) for turn in TO_WGS84)


def _systems(x: float, y: float, declared: CrsMatch, city: Box, srid: int, china: bool) -> Iterator[str]:
    if declared.crs is not None:
        yield declared.crs
    if _degrees(x, y):
        yield from _geographic(x, y, city, srid, china)
        return
    yield f"EPSG:{srid}"
    if city[2] - city[0] > WIDEST:
        return
    for system in SYSTEMS if china else ():
        if _inside(_transverse(x - system.false_easting, y, system.meridian, 1.0), city):
            yield f"EPSG:{system.epsg}"
    for zone in _utm_zones(city):
        if _inside(_transverse(x - 500_000, y, 6 * zone - 183, 0.9996), city):
            yield f"EPSG:{32600 + zone}"
        if _inside(_transverse(x - 500_000, y - 1e7, 6 * zone - 183, 0.9996), city):
            yield f"EPSG:{32700 + zone}"
    if _inside(_mercator(x, y), city):
        yield f"EPSG:{WEB_MERCATOR}"


def _geographic(x: float, y: float, city: Box, srid: int, china: bool) -> Iterator[str]:
    if not _inside((x, y), city):
        return
    base = CRS.from_epsg(srid).geodetic_crs
    own = base.to_epsg() if base is not None else None
    numbers = [own, *(each.geographic for each in DATUMS if china and each.geographic == 4490), WGS84]
    numbers += [each.geographic for each in DATUMS] if china else []
    yield from (f"EPSG:{number}" for number in numbers if number is not None)


def _degrees(x: float, y: float) -> bool:
    """Whether numbers may be longitude and latitude, in either order."""
    return abs(x) <= 180 and abs(y) <= 180 and min(abs(x), abs(y)) <= 90


def _transverse(east: float, north: float, meridian: float, scale: float) -> tuple[float, float]:
    lat = np.clip(north / scale / RADIUS, -1.5, 1.5)
    return meridian + float(np.degrees(east / scale / RADIUS / np.cos(lat))), float(np.degrees(lat))


def _mercator(x: float, y: float) -> tuple[float, float]:
    return float(np.degrees(x / RADIUS)), float(np.degrees(np.arctan(np.sinh(np.clip(y / RADIUS, -9, 9)))))


def _inside(place: tuple[float, float], city: Box) -> bool:
    west, south, east, north = city
    return west - NEAR <= place[0] <= east + NEAR and south - NEAR <= place[1] <= north + NEAR


def _utm_zones(city: Box) -> range:
    """Those that the city touches, and the next on either side, as surveys stretch a zone."""
    first, last = (int((lon + 180) // 6) + 1 for lon in (city[0], city[2]))
    return range(max(first - 1, 1), min(last + 1, 60) + 1)


def _in_metres(crs: str | None) -> bool:
    known = None if crs is None else parse(crs)
    return known is not None and known.is_projected and all(axis.unit_name == "metre" for axis in known.axis_info)


def wrong_zone(declared: CrsMatch, crs: str) -> tuple[GaussKruger, GaussKruger] | None:
    """The strip that the file declares and the one that it seems to be in, where only that differs."""
    told, true = BY_EPSG.get(declared.epsg or 0), BY_EPSG.get(match(crs).epsg or 0)
    if told is None or true is None or told.datum is not true.datum or told.meridian == true.meridian:
        return None
    return told, true
