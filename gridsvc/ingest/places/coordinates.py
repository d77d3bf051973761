"""What a .prj, or any other word of a file about its coordinates, says; and how its numbers become the city's.

What a file says is only a claim: `whereabouts.prove` holds it against the place of the city.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pyproj import CRS, Transformer
from pyproj.enums import WktVersion
from pyproj.exceptions import CRSError

from gridsvc.domain import datum
from gridsvc.domain.crs import FloatArray, project, unproject
from gridsvc.errors import InputError
from gridsvc.ingest.places import gauss_kruger
from gridsvc.ingest.places.gauss_kruger import Datum, GaussKruger

LONGEST = 30_000
"""Characters; the longest definitions in use have a few thousand."""
FEET = {"feet": 0.3048, "us-feet": 1200 / 3937}
"""Metres in one."""
TURNS = ("", "swapped", *FEET, *datum.TO_WGS84)
FILES = re.compile(r"(?:grids|file)\s*=\s*(?!@null\b)|\+init=(?!epsg:\d)|PARAMETERFILE|proj=pipeline", re.IGNORECASE)
"""What would make PROJ open a file that the text names, or run steps that are no coordinate system."""
EQUAL = 70
"""From this confidence on PROJ has found the definitions equal, whatever their names."""


@dataclass(frozen=True, kw_only=True)
class CrsMatch:
    """What a file says of its coordinates."""

    wkt: str | None
    """Normalised WKT2 of what the file says; None: nothing that points could be projected with."""
    name: str
    """As the file spells it."""
    epsg: int | None
    """The registered system that has the same definition; None: none has, or the file does not say enough."""
    confidence: float
    """0 to 1. Below 0.9: confirm it."""
    note: str
    note_zh: str

    @property
    def crs(self) -> str | None:
        """What `transform` takes. A shift of its own (TOWGS84) is kept, so it is not replaced by the registered one."""
        if self.wkt is None or self.epsg is None or self.wkt.startswith("BOUNDCRS"):
            return self.wkt
        return f"EPSG:{self.epsg}"


def match(declared: str | CRS | None) -> CrsMatch:
    text = declared.srs if isinstance(declared, CRS) else (declared or "")
    return _match(text.replace("\0", "").strip().lstrip("\ufeff").strip())


@lru_cache(maxsize=256)
def _match(text: str) -> CrsMatch:
    if not text:
        return _nothing("", "the file does not say its coordinate system", "文件没有说明坐标系")
    name = _spelled(text)
    try:
        crs = _horizontal(parse(text))
    except InputError as error:
        return _nothing(name, str(error), error.zh)
    if crs.is_engineering or crs.geodetic_crs is None:
        return _nothing(
            name,
            f"{name} is a local system that says nothing about its place on the earth: it needs its PROJ string",
            f"“{name}”是地方独立坐标系，文件未说明它与大地坐标的关系：请提供其 PROJ 参数",
        )
    epsg, confidence, note, note_zh = _found(crs, name)
    if re.fullmatch(r"[^\[=:{]+", text):
        confidence, note, note_zh = min(confidence, 0.6), f"{note}; told by its name only", f"{note_zh}；仅凭名称判断"
    if crs.is_bound:
        note, note_zh = (
            f"{note}; with a datum shift of its own, which is kept",
            f"{note_zh}；文件自带基准转换参数，予以保留",
        )
    wkt = crs.to_wkt(WktVersion.WKT2_2019)
    return CrsMatch(wkt=wkt, name=name, epsg=epsg, confidence=confidence, note=note, note_zh=note_zh)


def _nothing(name: str, note: str, note_zh: str) -> CrsMatch:
    return CrsMatch(wkt=None, name=name, epsg=None, confidence=0.0, note=note, note_zh=note_zh)


def _spelled(text: str) -> str:
    quoted = re.match(r'\w+\s*[\[(]\s*"([^"]*)"', text)
    return (quoted[1] if quoted else text)[:80]


@lru_cache(maxsize=256)
def parse(text: str) -> CRS:
    """A definition in words (WKT of any kind, PROJ string, EPSG code); InputError where it is none that can be used."""
    shown = _spelled(text)
    if len(text) > LONGEST or FILES.search(text):
        raise InputError(
            f"{shown!r} is not taken as a coordinate system: it is too long, a chain of steps, or names a file",
            zh=f"“{shown}”不能用作坐标系：内容过长、是处理步骤，或引用了外部改正文件",
        )
    if text.isdecimal():
        raise InputError(
            f"{shown!r} is only a number: write EPSG:{shown} if it is an EPSG code",
            zh=f"“{shown}”只是一个数字：如为 EPSG 代码，请写成 EPSG:{shown}",
        )
    text = re.sub(r"^\+init=(epsg:\d+).*", r"\1", text, flags=re.IGNORECASE | re.DOTALL)
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise InputError(
            f"{shown!r} cannot be read as a coordinate system: give its EPSG code, .prj text or PROJ string",
            zh=f"无法识别坐标系“{shown}”：请给出 EPSG 代码、.prj 内容或 PROJ 参数",
        ) from error


def _horizontal(crs: CRS) -> CRS:
    """Without heights, and without a shift of nothing."""
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound and crs.source_crs is not None and _shifts_nothing(crs):
        crs = crs.source_crs
    return crs.to_2d() if crs.is_geographic and len(crs.axis_info) == 3 else crs


def _shifts_nothing(crs: CRS) -> bool:
    operation = crs.coordinate_operation
    numbers = [] if operation is None else list(operation.towgs84)
    return bool(numbers) and not any(numbers)


def _found(crs: CRS, name: str) -> tuple[int | None, float, str, str]:
    """EPSG number, confidence and the sentence about both."""
    bare = crs.source_crs if crs.is_bound and crs.source_crs is not None else crs
    strip = gauss_kruger.strip_of(bare)
    if strip is not None and (told := _chinese(bare, name, strip)):
        return told
    registered = _registered(bare)
    if registered is None:
        return _unregistered(bare, name, strip)
    epsg, confidence = registered
    title = f"EPSG:{epsg} ({CRS.from_epsg(epsg).name})"
    return epsg, confidence, f"{name} is {title}", f"“{name}”即 {title}"


def _chinese(crs: CRS, name: str, strip: tuple[float, float]) -> tuple[int, float, str, str] | None:
    stated = gauss_kruger.named_datum(_datum_name(crs))
    if stated is not None and not stated.on_its_ellipsoid(crs):
        return None
    datum = stated or gauss_kruger.named_datum(name) or _by_ellipsoid(crs)
    if datum is None or not datum.on_its_ellipsoid(crs):
        return None
    system = gauss_kruger.find(datum, *strip, gauss_kruger.says_six(f"{name} {crs.name}"))
    return None if system is None else _judged(system, name, stated is not None)


def _judged(system: GaussKruger, name: str, stated: bool) -> tuple[int, float, str, str]:
    named, meridians = gauss_kruger.named_datum(name), gauss_kruger.says_meridians(name)
    title, title_zh = f"{name} is {system.title}", f"“{name}”即 {system.title_zh}"
    if (named not in (None, system.datum)) or (meridians and system.meridian not in meridians):
        contrary = "but its name speaks of another one: was the .prj edited, or taken from another file?"
        return (
            system.epsg,
            0.5,
            f"{title} by its numbers, {contrary}",
            f"{title_zh}（按参数），但名称与参数不符，请核实",
        )
    if not stated:
        open_ = f"{title} if the datum is {system.datum.title}: the file states only the ellipsoid; confirm it"
        open_zh = f"{title_zh}，前提是大地基准为{system.datum.title_zh}：文件只给出椭球，请核实"
        return system.epsg, 0.6, open_, open_zh
    return system.epsg, 1.0, title, title_zh


def _datum_name(crs: CRS) -> str:
    return crs.datum.name if crs.datum is not None else ""


def _is_open(crs: CRS) -> bool:
    """Whether the datum is not named."""
    return re.match(r"(d_)?unknown", _datum_name(crs), re.IGNORECASE) is not None


def _by_ellipsoid(crs: CRS) -> Datum | None:
    """Only where the file leaves the datum open: a named one that is not known here is another one."""
    if not _is_open(crs):
        return None
    return next((each for each in gauss_kruger.DATUMS if each.on_its_ellipsoid(crs)), None)


def _registered(crs: CRS) -> tuple[int, float] | None:
    """The registered system of equal definition. An ellipsoid without a datum is equal to none."""
    if _is_open(crs) or (gauss_kruger.strip_of(crs) and gauss_kruger.named_datum(_datum_name(crs))):
        return None
    found = [each for each in crs.list_authority("EPSG", EQUAL) if each.confidence >= EQUAL]
    best = max(found, key=lambda each: each.confidence, default=None)
    if best is None:
        return _but_for_axes(crs)
    return int(best.code), 0.9 if crs.name == "unknown" else best.confidence / 100


def _but_for_axes(crs: CRS) -> tuple[int, float] | None:
    """The registered system that differs only in naming latitude first, which says nothing about numbers in a file."""
    if not crs.is_geographic:
        return None
    codes = [4326, 4490, *(int(each.code) for each in crs.list_authority("EPSG", 25))]
    return next(((code, 0.9) for code in codes if crs.equals(CRS.from_epsg(code), ignore_axis_order=True)), None)


def _unregistered(crs: CRS, name: str, strip: tuple[float, float] | None) -> tuple[None, float, str, str]:
    if _is_open(crs):
        return (
            None, 0.3, f"{name} does not say its datum: it is not taken for WGS 84 or any other",
            f"“{name}”未说明大地基准：系统不会默认当作 WGS 84 或其他坐标系",
        )  # fmt: skip
    if strip is not None:
        told = f"Gauss-Krüger, CM {strip[0]:.6g}°E, false easting {strip[1]:.10g} m, on {_datum_name(crs)}"
        told_zh = f"高斯-克吕格，中央经线{strip[0]:.6g}°，东偏{strip[1]:.10g}米，基于 {_datum_name(crs)}"
        return None, 0.5, f"{name} has no EPSG code: {told}", f"“{name}”没有 EPSG 代码：{told_zh}"
    return None, 0.5, f"{name} has no EPSG code of equal definition", f"“{name}”没有定义相同的 EPSG 代码"


def transform(xy: FloatArray, crs: str, turn: str, srid: int) -> FloatArray:
    """Numbers of a file, (n, 2) in its order, to the city's CRS, east first; not finite where that is impossible.

    `turn` (one of TURNS) says how the numbers are turned before `crs`, always taken as east first, applies to them:
    swapped, or feet into metres. For `gcj02` and `bd09` the shift is undone once `crs` has told longitude and latitude.
    What is in the city's own CRS comes back as it is, bit for bit.
    """
    numbers = np.asarray(xy, dtype=np.float64)
    if turn == "swapped":
        numbers = numbers[:, ::-1]
    numbers = numbers * FEET[turn] if turn in FEET else numbers
    if turn in datum.TO_WGS84:
        return _unshifted(numbers, crs, turn, srid)
    if is_city_crs(crs, srid):
        return numbers.copy()
    return np.column_stack(transformer(crs, srid).transform(numbers[:, 0], numbers[:, 1]))


def stays(crs: str, turn: str, srid: int) -> bool:
    """Whether `transform` gives back what it gets."""
    return not turn and is_city_crs(crs, srid)


def _unshifted(numbers: FloatArray, crs: str, turn: str, srid: int) -> FloatArray:
    if is_city_crs(crs, srid):
        lon, lat = unproject(srid, numbers[:, 0], numbers[:, 1])
    else:
        lon, lat = transformer(crs, 4326).transform(numbers[:, 0], numbers[:, 1])
    return np.column_stack(project(srid, *datum.TO_WGS84[turn](lon, lat)))


@lru_cache(maxsize=256)
def is_city_crs(crs: str, srid: int) -> bool:
    """Whether numbers in both mean the same places."""
    told = match(crs)
    if told.epsg is None or told.crs != f"EPSG:{told.epsg}":
        return False
    systems = gauss_kruger.BY_EPSG
    if told.epsg in systems and srid in systems:
        return systems[told.epsg].same == systems[srid].same
    return told.epsg == srid


@lru_cache(maxsize=128)
def transformer(crs: str, srid: int) -> Transformer:
    """From a CRS in words to one by number, east or longitude first."""
    return Transformer.from_crs(_horizontal(parse(crs)), srid, always_xy=True)
