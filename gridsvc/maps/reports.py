"""Maps of reports: from a filter to a page."""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.reports import days_between
from gridsvc.errors import InputError, NotFoundError, one_of
from gridsvc.maps.drawing import grid_map, heat_map
from gridsvc.maps.features import AreaCounts, Caption, HeatCells
from gridsvc.store import areas, statistics
from gridsvc.store.areas import NOW, AsOf
from gridsvc.store.casework import ReportFilter
from gridsvc.store.city import City, subclasses
from gridsvc.store.connection import Connection

CELL = "cell"
MOST_CELLS = 4_000
"""Hexagons that the whole city is cut into at most, so that a map stays below 2 MB."""
SMALLEST_CELL = 60.0
"""Metres of a hexagon's edge."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a map counts. `by`: `cell` or an area kind; days are the city's own, both included.

    `when`: which areas; reports are counted where they would lie in them.
    """

    by: str = CELL
    kind: str | None = None
    subclass_code: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    when: AsOf = NOW

    def __post_init__(self) -> None:
        if self.kind not in (None, "component", "event"):
            raise one_of("kind", str(self.kind), ["component", "event"], zh="问题类型")
        if self.subclass_code is not None and self.kind is None:
            raise InputError(
                "a subclass needs its kind: component and event codes overlap",
                zh="选择小类须同时选择问题类型：部件与事件的编码有重复",
            )
        days_between(self.first_day, self.last_day, UTC)

    def reports(self, city: City) -> ReportFilter:
        begin, end = days_between(self.first_day, self.last_day, ZoneInfo(city.time_zone))
        return ReportFilter(kind=self.kind, subclass_code=self.subclass_code, from_time=begin, to_time=end)


def draw_heat(conn: Connection, city: City, chosen: Chosen, lang: str = "zh") -> str:
    """The heat map of reports as one file."""
    check_chosen(conn, chosen)
    found = chosen.reports(city)
    outline_kind, when = _outline_kind(conn, chosen.when), chosen.when
    outlines = _areas(conn, city, outline_kind, found, when, only_open=False) if outline_kind else None
    caption = _caption(conn, city, chosen, ("上报热力图", "Heat map of reports"), only_open=False)
    if chosen.by != CELL:
        counts = _areas(conn, city, chosen.by, found, when, only_open=False)
        return heat_map(counts, caption, outlines=outlines if chosen.by != outline_kind else None, lang=lang)
    cells = _cells(conn, city, found, cell_size(outlines.geometry if outlines else np.array([])))
    return heat_map(cells, caption, outlines=outlines, lang=lang)


def draw_grid(conn: Connection, city: City, chosen: Chosen, lang: str = "zh") -> str:
    """Areas of a kind coloured by their open reports, as one file."""
    check_chosen(conn, chosen, cells=False)
    outline_kind = _outline_kind(conn, chosen.when)
    found = chosen.reports(city)
    counts = _areas(conn, city, chosen.by, found, chosen.when, only_open=True)
    outlines = None
    if outline_kind and outline_kind != chosen.by:
        outlines = _areas(conn, city, outline_kind, found, chosen.when, only_open=True)
    caption = _caption(conn, city, chosen, ("网格图：未结上报", "Grid map of open reports"), only_open=True)
    return grid_map(counts, caption, outlines=outlines, lang=lang)


def grid_kind(conn: Connection, city: City) -> str:
    """The area kind of the first page's map."""
    known = [kind.kind for kind in areas.kinds_in_use(conn)]
    if not known:
        raise NotFoundError("there are no areas yet: import an area layer first", zh="还没有网格与区域，请先导入图层")
    return city.heat_kind if city.heat_kind in known else known[-1]


def _cells(conn: Connection, city: City, found: ReportFilter, size: float) -> HeatCells:
    x, y, count = statistics.heat_cells(conn, found, size)
    return HeatCells(x=x, y=y, count=count, size=size, srid=city.srid)


def cell_size(city_shapes: Any) -> float:
    """Edge length of the hexagons, rounded to 10 m, for at most MOST_CELLS over the city's area."""
    area = float(shapely.area(city_shapes).sum()) if len(city_shapes) else 0.0
    edge = math.sqrt(area / MOST_CELLS / (1.5 * math.sqrt(3)))
    return max(SMALLEST_CELL, math.ceil(edge / 10) * 10.0)


def check_chosen(conn: Connection, chosen: Chosen, *, cells: bool = True) -> None:
    """Refuse kinds of area, subclasses and revisions that do not exist, naming those that do; without `cells` these."""
    areas.known(conn, chosen.when)
    known = [*([CELL] if cells else []), *(kind.kind for kind in areas.kinds_in_use(conn))]
    if chosen.by not in known:
        raise one_of("map by", chosen.by, known, zh="统计方式")
    if chosen.subclass_code is None:
        return
    codes = sorted(s.subclass_code for s in subclasses(conn) if s.kind == chosen.kind)
    if chosen.subclass_code not in codes:
        raise one_of(f"{chosen.kind} subclass", chosen.subclass_code, codes, zh="小类")


def _outline_kind(conn: Connection, when: AsOf) -> str | None:
    """Districts or subdistricts: the kind with the fewest areas above one."""
    counted = [(areas.area_count(conn, kind.kind, when), kind.kind) for kind in _upper(areas.kinds_in_use(conn))]
    several = [pair for pair in counted if pair[0] > 1] or counted
    return min(several)[1] if several else None


def _upper(kinds: list[AreaKind]) -> list[AreaKind]:
    tiling = [kind for kind in kinds if kind.must_tile] or kinds
    return tiling[:2]


def _areas(conn: Connection, city: City, kind: str, found: ReportFilter, when: AsOf, *, only_open: bool) -> AreaCounts:
    rows = statistics.area_counts(conn, found, kind, when, only_open=only_open)
    return AreaCounts(
        code=[row["code"] for row in rows],
        name_zh=[row["name_zh"] for row in rows],
        name_en=[row["name_en"] for row in rows],
        count=np.array([row["count"] for row in rows], dtype=np.int64),
        geometry=shapely.from_wkb(np.array([row["geom"] for row in rows], dtype=object)),
        srid=city.srid,
    )


def _caption(conn: Connection, city: City, chosen: Chosen, title: tuple[str, str], *, only_open: bool) -> Caption:
    totals = statistics.report_totals(conn, chosen.reports(city), only_open=only_open)
    filter_zh, filter_en = _filter_words(conn, chosen)
    zh, en = _areas_words(conn, city, chosen.when)
    drawn = _minute(city, datetime.now(UTC))
    return Caption(
        city_zh=city.name_zh,
        city_en=city.name_en,
        title_zh=title[0],
        title_en=title[1],
        filter_zh=filter_zh,
        filter_en=filter_en,
        total=totals["total"],
        unplaced=totals["unplaced"],
        synthetic=city.synthetic,
        revision_zh=f"{zh}\n制图于 {drawn}",
        revision_en=f"{en}\ndrawn {drawn}",
    )


def _areas_words(conn: Connection, city: City, when: AsOf) -> tuple[str, str]:
    """Which areas are drawn, in Chinese and English."""
    if when.at is not None:
        return f"{_minute(city, when.at)} 的区划", f"Areas of {_minute(city, when.at)}"
    revision = when.revision or areas.current_revision(conn)
    return f"区划第 {revision} 版", f"Areas revision {revision}"


def _minute(city: City, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(city.time_zone)):%Y-%m-%d %H:%M}"


def _filter_words(conn: Connection, chosen: Chosen) -> tuple[str, str]:
    """What is counted, in Chinese and English."""
    days_zh, days_en = _days(chosen)
    named = {(s.kind, s.subclass_code): s for s in subclasses(conn)}
    if chosen.subclass_code and chosen.kind:
        subclass = named[chosen.kind, chosen.subclass_code]
        return f"{subclass.subclass_zh} · {days_zh}", f"{subclass.subclass_en} · {days_en}"
    words = {None: ("全部问题", "all problems"), "component": ("部件", "components"), "event": ("事件", "events")}
    zh, en = words[chosen.kind]
    return f"{zh} · {days_zh}", f"{en} · {days_en}"


def _days(chosen: Chosen) -> tuple[str, str]:
    first, last = chosen.first_day, chosen.last_day
    if first and last:
        return f"{first} 至 {last}", f"{first} to {last}"
    if first:
        return f"{first} 起", f"since {first}"
    if last:
        return f"至 {last}", f"until {last}"
    return "全部时间", "all time"
