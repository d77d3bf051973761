"""The catalogue of problems: classes, subclasses, time limits; checked when it is made."""

import re
from collections import Counter
from dataclasses import dataclass

from gridsvc.errors import InputError

KINDS = ("component", "event")
GEOMETRIES = ("point", "line", "polygon")
LIMIT_UNITS = ("urgent_hours", "work_hours", "work_days", "natural_hours", "natural_days")
STANDARD_SUBCLASSES = 124
STANDARD_CLASSES = 5
CODE = re.compile("[0-9]{4}")


@dataclass(frozen=True, kw_only=True)
class Subclass:
    """Component and event codes collide, so the key is (kind, subclass_code)."""

    kind: str
    class_code: str
    class_zh: str
    class_en: str
    subclass_code: str
    subclass_zh: str
    subclass_en: str
    geometry: str | None
    geometry_allowed: tuple[str, ...]
    accuracy_class: str | None
    source: str
    national_code: str | None = None
    cjt214_code: str | None = None
    aliases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        place = f"{self.kind} subclass {self.subclass_code}"
        if self.kind not in KINDS:
            raise InputError(f"{place}: kind is one of {', '.join(KINDS)}")
        if not CODE.fullmatch(self.subclass_code):
            raise InputError(f"{place}: a subclass code has four digits")
        if self.national_code is not None and not CODE.fullmatch(self.national_code):
            raise InputError(f"{place}: its national code {self.national_code!r} has not four digits")
        if not self.subclass_code.startswith(self.class_code):
            raise InputError(f"{place}: does not begin with its class {self.class_code}")
        if not set(self.geometry_allowed) <= set(GEOMETRIES):
            raise InputError(f"{place}: geometry is one of {', '.join(GEOMETRIES)}")
        if self.kind == "component" and not self.geometry_allowed:
            raise InputError(f"{place}: which geometry is allowed? {', '.join(GEOMETRIES)}")

    @property
    def issued_part(self) -> str:
        """The four digits that stand in component codes issued for it."""
        return self.national_code or self.subclass_code

    @property
    def parts(self) -> set[str]:
        """The four digits that a component code of it may carry."""
        return {self.subclass_code, self.issued_part}


@dataclass(frozen=True, kw_only=True)
class TimeLimit:
    """One condition of a subclass: how long disposal may take, and when it counts as closed."""

    kind: str
    subclass_code: str
    condition_zh: str
    condition_en: str
    limit_value: int
    limit_unit: str
    source: str
    closing_zh: str

    def __post_init__(self) -> None:
        place = f"time limit of {self.kind} {self.subclass_code}"
        if self.limit_unit not in LIMIT_UNITS:
            raise InputError(f"{place}: unit {self.limit_unit!r} is not one of {', '.join(LIMIT_UNITS)}")
        if self.limit_value <= 0:
            raise InputError(f"{place}: {self.limit_value} is not above zero")


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    subclasses: tuple[Subclass, ...]
    time_limits: tuple[TimeLimit, ...]

    def __post_init__(self) -> None:
        keys = Counter((s.kind, s.subclass_code) for s in self.subclasses)
        twice = sorted(f"{kind} {code}" for (kind, code), count in keys.items() if count > 1)
        if twice:
            raise InputError(f"catalogue: more than one row for {', '.join(twice)}")
        limited = {(limit.kind, limit.subclass_code) for limit in self.time_limits}
        unlimited = sorted(f"{kind} {code}" for kind, code in keys.keys() - limited)
        if unlimited:
            raise InputError(f"catalogue: no time limit for {', '.join(unlimited)}")
        unknown = sorted(f"{kind} {code}" for kind, code in limited - keys.keys())
        if unknown:
            raise InputError(f"catalogue: time limits for unknown subclasses {', '.join(unknown)}")

    def components(self) -> list[Subclass]:
        return [subclass for subclass in self.subclasses if subclass.kind == "component"]


def check_standard(catalogue: Catalogue) -> None:
    """The product's own version 1: exactly 124 component subclasses in 5 classes."""
    components = catalogue.components()
    classes = {component.class_code for component in components}
    if (len(components), len(classes)) != (STANDARD_SUBCLASSES, STANDARD_CLASSES):
        raise InputError(
            f"catalogue: {len(components)} component subclasses in {len(classes)} classes, "
            f"not {STANDARD_SUBCLASSES} in {STANDARD_CLASSES}"
        )
