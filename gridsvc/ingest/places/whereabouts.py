"""Whether a file lies where it says: the data must fall into the city.

A reading *fits* when at least half of the points that were sampled fall into the city. That is enough to tell
coordinate systems apart that differ by kilometres, and lets a survey reach over the city's edge. It does not tell apart
the datums of China (about 100 m), nor GCJ-02 and BD-09 (up to 700 m; see `offsets`). What a file declares is proved
when it fits and no other reading brings clearly more points into the city. Nothing is ever chosen here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from pyproj import CRS

from gridsvc.domain.crs import BoolArray, FloatArray, project, unproject
from gridsvc.ingest.places.coordinates import CrsMatch, is_city_crs, parse, transform, transformer
from gridsvc.ingest.places.readings import Box, Reading, readings, wrong_zone

SAMPLE = 2_000
FITS = 0.5
SURE = 0.95
"""From this share on a declared CRS is not held against others."""
CLEARLY = 0.2
"""So much more of the points another reading must bring into the city to speak against the declared one."""
CERTAIN = 0.9
"""A match of lower confidence is always shown with its alternatives."""
ALIKE = {"WGS 84", "China Geodetic Coordinate System 2000"}
"""Datums that are less than a metre apart, of which PROJ knows no shift."""
SCALES = (
    (1e-3, "divided by 1,000 (are they millimetres?)", "除以 1,000（单位似为毫米）"),
    (1e3, "multiplied by 1,000 (are they kilometres?)", "乘以 1,000（单位似为公里）"),
    (1e-6, "divided by 1,000,000 (are they millionths of a degree?)", "除以 1,000,000（单位似为百万分之一度）"),
    (1e-7, "divided by 10,000,000 (are they ten-millionths of a degree?)", "除以 10,000,000（单位似为千万分之一度）"),
)
"""What whole numbers and other units make of coordinates; tried where nothing else fits."""
FARTHEST = 20_000_000
"""Metres between places of the earth."""
MEASURED = 200
"""Points outside of which the distance to the city is measured."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A way to read the coordinates under which the data falls into the city."""

    crs: str
    """What `coordinates.transform` takes: an EPSG code, a PROJ string or WKT."""
    turn: str
    """One of `coordinates.TURNS`."""
    share_inside: float
    """Of the points sampled."""
    distance: float
    """Median metres from the sampled points outside to the city, of those that have a place; 0 where there are none."""
    title: str
    title_zh: str


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    declared: CrsMatch
    proved: bool
    """The data lies in the city as the file declares it. It may still be off by a datum or by GCJ-02, and `declared`
    may still be a guess of low confidence."""
    share_inside: float
    """Under what is declared; 0 where nothing is."""
    proposals: tuple[Proposal, ...]
    """All that fit, best first, what is declared among them; with more than one, somebody has to choose."""
    note: str
    note_zh: str


@dataclass(frozen=True, kw_only=True)
class _City:
    srid: int
    outline: Any
    known: bool
    """False: the city has no areas yet, and the outline is that of where its CRS may be used."""

    @property
    def box(self) -> Box:
        west, south, east, north = self.outline.bounds
        lon, lat = unproject(self.srid, np.array([west, east, west, east]), np.array([south, south, north, north]))
        return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def prove(points: FloatArray, declared: CrsMatch, outline: Any | None, srid: int) -> Whereabouts:
    """`points`: (n, 2) as in the file; `outline`: of the city in its CRS, None before it has areas."""
    sample = _sample(points)
    city = _City(srid=srid, outline=outline if outline is not None else _usable(srid), known=outline is not None)
    shapely.prepare(city.outline)
    if not len(sample):
        return Whereabouts(
            declared=declared, proved=False, share_inside=0.0, proposals=(),
            note="the data has no coordinates, so its coordinate system cannot be proved",
            note_zh="数据没有任何有效坐标，无法验证坐标系",
        )  # fmt: skip
    own = None if declared.crs is None else _tried(Reading(crs=declared.crs, turn="", name=declared.name), sample, city)
    found = [own] if own is not None and own.share_inside >= FITS else []
    if own is None or own.share_inside < SURE or declared.confidence < CERTAIN:
        found = _searched(sample, declared, city)
    scaled = None if found else _scaled(sample, declared, city)
    return _judged(declared, own, found, scaled, city, len(sample))


def _sample(points: FloatArray) -> FloatArray:
    """Evenly over the file, of what is a number."""
    finite = points[np.isfinite(points).all(axis=1)]
    return finite[np.linspace(0, len(finite) - 1, min(len(finite), SAMPLE)).astype(np.int64)]


@lru_cache(maxsize=16)
def _usable(srid: int) -> Any:
    """Where the CRS may be used, in it."""
    use = CRS.from_epsg(srid).area_of_use
    box = shapely.box(-180, -89, 180, 89) if use is None else shapely.box(use.west, use.south, use.east, use.north)
    corners = shapely.get_coordinates(shapely.segmentize(box, 0.5))
    x, y = project(srid, corners[:, 0], corners[:, 1])
    return shapely.Polygon(np.column_stack([x, y])[np.isfinite(x) & np.isfinite(y)]).buffer(0)


def _tried(reading: Reading, sample: FloatArray, city: _City) -> Proposal:
    placed = transform(sample, reading.crs, reading.turn, city.srid)
    inside = _inside(city, placed)
    astray = placed[~inside & np.isfinite(placed).all(axis=1)]
    astray = astray[:: max(1, len(astray) // MEASURED)]
    with np.errstate(over="ignore"):  # numbers too large to be squared: they are endlessly far
        away = shapely.distance(city.outline, shapely.points(astray))
    away = away[np.isfinite(away)]
    unsure, unsure_zh = _unsure(reading.crs, city.srid) if inside.any() else ("", "")
    return Proposal(
        crs=reading.crs,
        turn=reading.turn,
        share_inside=float(inside.mean()),
        distance=float(np.median(away)) if len(away) else 0.0,
        title=reading.title + unsure,
        title_zh=reading.title_zh + unsure_zh,
    )


def _inside(city: _City, placed: FloatArray) -> BoolArray:
    return np.asarray(shapely.intersects_xy(city.outline, np.where(np.isfinite(placed), placed, np.nan)))


def _unsure(crs: str, srid: int) -> tuple[str, str]:
    if not lacks_shift(crs, srid):
        return "", ""
    return (
        " (no shift of its datum is known here: some 100 m may remain)",
        "（此处无已知的基准转换参数，可能残留约100米偏差）",
    )


def lacks_shift(crs: str, srid: int) -> bool:
    """After a transformation: whether PROJ knew none between the datums and took them for one."""
    bases = {base.name for each in (parse(crs), CRS.from_epsg(srid)) if (base := each.geodetic_crs) is not None}
    if len(bases) == 1 or bases == ALIKE or is_city_crs(crs, srid):
        return False
    return "Ballpark" in str(transformer(crs, srid).get_last_used_operation().description)


def _searched(sample: FloatArray, declared: CrsMatch, city: _City) -> list[Proposal]:
    middle = np.median(sample, axis=0)
    tried = [_tried(reading, sample, city) for reading in readings(middle, declared, city.box, city.srid)]
    return sorted((each for each in tried if each.share_inside >= FITS), key=lambda each: -round(each.share_inside, 1))


def _scaled(sample: FloatArray, declared: CrsMatch, city: _City) -> tuple[str, str] | None:
    """What has to be done to the numbers before a reading of them fits, and that reading."""
    for factor, doing, doing_zh in SCALES:
        if found := _searched(sample * factor, declared, city):
            return f"{doing} and read as {found[0].title}", f"{doing_zh}并按{found[0].title_zh}"
    return None


def _judged(
    declared: CrsMatch, own: Proposal | None, found: list[Proposal], scaled: tuple[str, str] | None, city: _City,
    count: int,
) -> Whereabouts:  # fmt: skip
    share = 0.0 if own is None else own.share_inside
    proved = share >= FITS and not any(each.share_inside >= share + CLEARLY for each in found)
    note, note_zh = zip(*_notes(declared, own, found, scaled, city, count), strict=True)
    return Whereabouts(
        declared=declared, proved=proved, share_inside=share, proposals=tuple(found),
        note="; ".join(note), note_zh="；".join(note_zh),
    )  # fmt: skip


def _notes(
    declared: CrsMatch, own: Proposal | None, found: list[Proposal], scaled: tuple[str, str] | None, city: _City,
    count: int,
) -> Iterator[tuple[str, str]]:  # fmt: skip
    where, where_zh = ("the city", "城市范围") if city.known else ("the area of use of its CRS", "城市坐标系的适用范围")
    if not city.known:
        yield (
            f"the city has no areas yet, so only {where} (EPSG:{city.srid}) can be held against the data",
            f"城市尚无区域，只能对照{where_zh}（EPSG:{city.srid}）验证",
        )
    yield (declared.note, declared.note_zh) if own is None else _own_share(own, count, where, where_zh)
    if own is not None and declared.confidence < CERTAIN:
        yield declared.note, declared.note_zh
    if scaled is not None:
        yield (
            f"it would lie in {where} with its numbers {scaled[0]}: convert them first",
            f"坐标值{scaled[1]}读取，才落在{where_zh}内：请先换算坐标",
        )
    elif found != [own]:
        yield _alternatives(found, where, where_zh)
    if found and own not in found and (zones := wrong_zone(declared, found[0].crs)):
        told, true = (zone.meridian for zone in zones)
        yield (
            f"the declared zone seems to be wrong: central meridian {told}° where the data is in {true}°",
            f"声明的投影带可能有误：声明中央经线{told}°，数据似在{true}°",
        )


def _own_share(own: Proposal, count: int, where: str, where_zh: str) -> tuple[str, str]:
    note = f"{own.share_inside:.0%} of {count:,} sampled points lie in {where} under {own.title}"
    note_zh = f"按{own.title_zh}，抽样的{count:,}个点有{own.share_inside:.0%}落在{where_zh}内"
    if own.share_inside == 1:
        return note, note_zh
    if own.distance == 0:
        return f"{note}; the other numbers are none that it can hold", f"{note_zh}，其余数值超出该坐标系"
    far, far_zh = _far(own.distance)
    return f"{note}, the others {far} away", f"{note_zh}，其余相距{far_zh}"


def _far(metres: float) -> tuple[str, str]:
    if metres > FARTHEST:
        return "more than 20,000 km", "超过20,000公里"
    kilometres = f"{metres / 1_000:,.0f}"
    return (f"{metres:.0f} m", f"{metres:.0f}米") if metres < 1_000 else (f"{kilometres} km", f"{kilometres}公里")


def _alternatives(found: list[Proposal], where: str, where_zh: str) -> tuple[str, str]:
    if not found:
        return (
            f"no usual reading brings it into {where}: it is data of another place, or in a local system, which needs "
            "its PROJ string",
            f"按常见坐标系均无法落入{where_zh}：可能是其他地区的数据，或为地方独立坐标系，需提供其 PROJ 参数",
        )
    if len(found) == 1:
        return (
            f"it lies in {where} if read as {found[0].title}: confirm it",
            f"按{found[0].title_zh}读取，则落在{where_zh}内，请确认",
        )
    return (
        f"it lies in {where} in {len(found)} readings, which the outline cannot tell apart: ask the surveyor, then "
        "choose",
        f"有{len(found)}种读法落在{where_zh}内，仅凭范围无法区分：请向测绘单位核实后选择",
    )
