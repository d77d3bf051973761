"""The Gauss-Krüger systems of China: three datums, strips of 3° and 6°, eastings with and without zone number.

The register has 192 of them, and files spell their names in many ways, so they are recognised by their numbers: datum,
central meridian and false easting. A 6° system without zone numbers has the numbers of a 3° system of the same
meridian: the two are one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import degrees

from pyproj import CRS

TOLERANCE = 1e-6
"""For numbers written with fewer digits than they have."""


@dataclass(frozen=True, kw_only=True)
class Datum:
    """`names` is a pattern of how files spell it, without spaces and signs; the rest is its ellipsoid."""

    title: str
    title_zh: str
    geographic: int
    names: re.Pattern[str]
    semi_major: float
    inverse_flattening: float
    strips: tuple[int, int, int, int]
    """First EPSG number of each run: 3° without zone number, 3° with, 6° without, 6° with."""

    def on_its_ellipsoid(self, crs: CRS) -> bool:
        shape = crs.ellipsoid
        return (
            shape is not None
            and abs(shape.semi_major_metre - self.semi_major) < 1e-3
            and abs(shape.inverse_flattening - self.inverse_flattening) < TOLERANCE
        )


DATUMS = (
    Datum(
        title="CGCS2000", title_zh="CGCS2000", geographic=4490,
        names=re.compile(r"(china|chinese|cgcs).*2000|国家2000|2000国家"),
        semi_major=6378137.0, inverse_flattening=298.257222101, strips=(4534, 4513, 4502, 4491),
    ),
    Datum(
        title="Xi'an 1980", title_zh="西安1980", geographic=4610,
        names=re.compile(r"xian(19)?80|西安(19)?80"),
        semi_major=6378140.0, inverse_flattening=298.257, strips=(2370, 2349, 2338, 2327),
    ),
    Datum(
        title="Beijing 1954", title_zh="北京1954", geographic=4214,
        names=re.compile(r"(?<!new)beijing(19)?54|(?<!新)北京(19)?54"),
        semi_major=6378245.0, inverse_flattening=298.3, strips=(2422, 2401, 21453, 21413),
    ),
)  # fmt: skip
"""In the order in which a file without a word is likely to be in them."""


@dataclass(frozen=True, kw_only=True)
class GaussKruger:
    datum: Datum
    meridian: int
    zone: int | None
    """What the eastings begin with; None: nothing."""
    six: bool
    """6° wide, not 3°."""
    epsg: int

    @property
    def false_easting(self) -> float:
        return 500_000.0 + 1_000_000 * (self.zone or 0)

    @property
    def same(self) -> tuple[int, int, float]:
        """Equal where two systems give every point the same numbers."""
        return self.datum.geographic, self.meridian, self.false_easting

    @property
    def title(self) -> str:
        zone = f"zone {self.zone}, " if self.zone else ""
        return f"{self.datum.title} {6 if self.six else 3}° Gauss-Krüger, {zone}CM {self.meridian}°E (EPSG:{self.epsg})"

    @property
    def title_zh(self) -> str:
        zone = f"带号{self.zone}，" if self.zone else "无带号，"
        strip = 6 if self.six else 3
        return f"{self.datum.title_zh} 高斯-克吕格{strip}度带，{zone}中央经线{self.meridian}°（EPSG:{self.epsg}）"


def _all() -> Iterator[GaussKruger]:
    for datum in DATUMS:
        for first, six, zoned in zip(datum.strips, (False, False, True, True), (False, True, False, True), strict=True):
            for number, zone in enumerate(range(13, 24) if six else range(25, 46)):
                meridian = 6 * zone - 3 if six else 3 * zone
                yield GaussKruger(
                    datum=datum, meridian=meridian, zone=zone if zoned else None, six=six, epsg=first + number
                )


SYSTEMS = tuple(_all())
BY_EPSG = {system.epsg: system for system in SYSTEMS}


def named_datum(text: str) -> Datum | None:
    """The datum that a name speaks of, however it is spelled."""
    bare = re.sub(r"[\W_]", "", text).lower()
    return next((datum for datum in DATUMS if datum.names.search(bare)), None)


def strip_of(crs: CRS) -> tuple[float, float] | None:
    """Central meridian in degrees and false easting in metres of a Gauss-Krüger system; None for any other."""
    operation = crs.coordinate_operation
    if not crs.is_projected or operation is None or operation.method_name != "Transverse Mercator":
        return None
    if any(abs(axis.unit_conversion_factor - 1) > TOLERANCE for axis in crs.axis_info):
        return None
    numbers = {each.name: float(each.value) * each.unit_conversion_factor for each in operation.params}
    rest = numbers.get("Latitude of natural origin"), numbers.get("False northing")
    if rest != (0.0, 0.0) or abs(numbers.get("Scale factor at natural origin", 0.0) - 1) > TOLERANCE:
        return None
    return degrees(numbers.get("Longitude of natural origin", 0.0)), numbers.get("False easting", 0.0)


def find(datum: Datum, meridian: float, false_easting: float, six: bool) -> GaussKruger | None:
    """`six` decides between two that have the same numbers."""
    fitting = [
        system
        for system in SYSTEMS
        if system.datum is datum
        and abs(system.meridian - meridian) < TOLERANCE
        and abs(system.false_easting - false_easting) < 1e-3
    ]
    return next((system for system in fitting if system.six == six), fitting[0] if fitting else None)


def says_six(name: str) -> bool:
    """Whether a name speaks of a strip of 6°: `CGCS2000_GK_CM_105E` does, as the 3° ones always say so."""
    if re.search(r"3[\s_-]*(degree|deg|度)|三度", name, re.IGNORECASE):
        return False
    return bool(re.search(r"(^|\D)6[\s_-]*(degree|deg|度)|六度|GK|Gauss|高斯", name, re.IGNORECASE))


def says_meridians(name: str) -> set[int]:
    """Central meridians of which a name speaks, by itself or by a zone; nothing: the name does not say."""
    if told := re.search(r"CM[\s_]*(\d{2,3})|(\d{2,3})[\s_]*E\b", name, re.IGNORECASE):
        return {int(told[1] or told[2])}
    if told := re.search(r"zone[\s_]*(\d{2})", name, re.IGNORECASE):
        return {3 * int(told[1]), 6 * int(told[1]) - 3}
    return set()
