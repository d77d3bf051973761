"""What a rule is. A new rule is one function with the decorator; the files of this folder are families."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.catalogue import Subclass
from gridsvc.domain.crs import BoolArray, FloatArray
from gridsvc.domain.findings import Finding
from gridsvc.ingest.layers import COMPONENTS, Layer

UNREADABLE = "\ufffd"
"""Stands in staged text for each control character, as it does for bytes that could not be decoded."""


@dataclass(frozen=True, kw_only=True)
class Staged:
    """A layer ready to be checked: fields, shapes in the city's CRS, shapes as they were in the file."""

    layer: Layer
    fields: Any
    """DataFrame of the text fields of a staged row; row n is feature n + 1."""
    shapes: Any
    """Array of shapely geometries in the city's CRS, two-dimensional; None where the file has none."""
    source_bounds: FloatArray
    """Bounds of each shape in the file's own coordinates, four columns."""
    source_finite: BoolArray
    """Whether each shape was there with numbers for coordinates."""
    source_crs: Any
    notes: tuple[str, ...] = ()
    """What was repaired or taken for granted while reading."""

    @cached_property
    def usable(self) -> BoolArray:
        """Shapes that are there and whose every coordinate is a number in the city's CRS."""
        return finite(self.shapes)


def finite(shapes: Any) -> BoolArray:
    """Shapes that are there, not empty, and whose every coordinate is a number (bounds pass over NaN)."""
    fine = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    fine[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return np.asarray(fine, dtype=np.bool_)


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the store knows that rules ask for."""

    srid: int
    outline: Any | None
    """The city's outline in its CRS; None before it has areas."""
    subclasses: Mapping[str, Subclass]
    kinds: Mapping[str, AreaKind]
    known_codes: Callable[[list[str]], set[str]]
    area_codes: Callable[[str], set[str]]
    """Codes in force of an area kind."""


Check = Callable[[Staged, Context], Iterable[tuple[int | None, str]]]
"""Yields the row number (0-based, None for the whole file) and what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    name: str
    title: str
    severity: str
    targets: str
    """`components`, `areas` or `all`."""
    check: Check

    def applies(self, layer: Layer) -> bool:
        return self.targets in ("all", "components" if layer.target == COMPONENTS else "areas")

    def findings(self, staged: Staged, context: Context) -> list[Finding]:
        return [
            Finding(
                rule=self.name,
                severity=self.severity,
                feature=None if row is None else row + 1,
                message=message,
            )
            for row, message in self.check(staged, context)
        ]


RULES: list[Rule] = []
"""All rules in the order in which they are run."""


def rule(title: str, *, severity: str = "error", targets: str = "all") -> Callable[[Check], Check]:
    """Register a rule under the name of its function."""

    def register(check: Check) -> Check:
        RULES.append(Rule(name=check.__name__, title=title, severity=severity, targets=targets, check=check))
        return check

    return register
