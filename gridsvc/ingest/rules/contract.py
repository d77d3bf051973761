"""What a rule is. A new rule is one function with a decorator; the files of this folder are families.

A file is checked in lots of features in file order (`Lot`), so that five million fit into memory; what can only be said
of all features together is checked on what is kept of each (`Whole`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from string import Formatter
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.catalogue import Subclass
from gridsvc.domain.crs import BoolArray, FloatArray
from gridsvc.domain.findings import SEVERITIES, Finding
from gridsvc.ingest.layers import COMPONENTS, Layer

UNREADABLE = "\ufffd"
"""Stands in staged text for each control character, as it does for bytes that could not be decoded."""

TextArray = Any
"""pyarrow StringArray; null where the file says nothing."""


@dataclass(frozen=True, kw_only=True)
class Lot:
    """Up to LOT features of a file, in file order, as the checks see them."""

    layer: Layer
    first: int
    """How many features of the file come before this lot."""
    source_layers: TextArray
    """Name of the layer of the file that each feature comes from."""
    numbers: NDArray[np.int64]
    """1-based number of each feature in its layer of the file."""
    fields: Mapping[str, TextArray]
    """The text fields of a staged row: every name of `store.batches.ROW_FIELDS`, and `unit_grid`, `surveyed_at`,
    `changed_at`, `data_source`, `note`, `subclass_name`, `longitude`, `latitude` where the layer maps them."""
    rest: Mapping[str, TextArray] = field(default_factory=dict)
    """Columns of text that nobody mapped, as they are read: they become attributes under their own names."""
    given: NDArray[Any]
    """Shapely geometries as in the file, in the file's CRS and with all dimensions; None where it has none."""
    shapes: NDArray[Any]
    """The same in the city's CRS, two-dimensional, repaired where that is allowed; None where there is none."""
    repaired: Mapping[int, str] = field(default_factory=dict)
    """Rows of the lot whose shape was repaired, and what was wrong with it (GEOS's words)."""
    source_crs: Any
    """pyproj CRS of the file."""

    def __len__(self) -> int:
        return len(self.shapes)

    @cached_property
    def usable(self) -> BoolArray:
        """Shapes that are there, not empty, and whose every coordinate is a number in the city's CRS."""
        return finite(self.shapes)

    @cached_property
    def source_finite(self) -> BoolArray:
        """The same of the shapes as they are in the file."""
        return finite(self.given)

    @cached_property
    def source_bounds(self) -> FloatArray:
        """Bounds of each shape in the file's own coordinates, four columns."""
        return np.asarray(shapely.bounds(self.given))


@dataclass(frozen=True, kw_only=True)
class Whole:
    """What is kept of all features of a file, each array as long as the file. For areas `shapes` is kept too."""

    layer: Layer
    source_layers: TextArray
    numbers: NDArray[np.int64]
    code: TextArray
    subclass_code: TextArray
    parent_code: TextArray
    x: FloatArray
    """Of the point that decides a component's areas, in the city's CRS; NaN where there is none."""
    y: FloatArray
    identity: NDArray[np.uint64]
    """Hash of the identifying attributes: subclass, code, and all that the file says of the feature but its place and
    its own row number. Equal texts have equal hashes."""
    shapes: NDArray[Any] | None
    """Of area layers only: shapely polygons in the city's CRS."""

    def __len__(self) -> int:
        return len(self.numbers)


def finite(shapes: Any) -> BoolArray:
    """Shapes that are there, not empty, and whose every coordinate is a number (bounds pass over NaN)."""
    fine = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    fine[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return np.asarray(fine, dtype=np.bool_)


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the store knows that rules ask for. Functions ask the store when they are called, with all codes at once."""

    srid: int
    outline: Any | None
    """The city's outline in its CRS; None before it has areas."""
    districts: frozenset[str]
    """Six-digit codes with which component codes of this city may begin."""
    subclasses: Mapping[str, Subclass]
    kinds: Mapping[str, AreaKind]
    departments: frozenset[str]
    """Codes of all departments."""
    near: Mapping[str, float]
    """Metres within which two components of a subclass are near each other, by subclass code; 0: never."""
    areas_of: Callable[[str], "KnownAreas"]
    """The areas in force of a kind."""


@dataclass(frozen=True, kw_only=True)
class KnownAreas:
    codes: NDArray[Any]
    """Text."""
    shapes: NDArray[Any]
    """Shapely MultiPolygons in the city's CRS."""

    @cached_property
    def index_of(self) -> dict[str, int]:
        return {str(code): n for n, code in enumerate(self.codes)}


@dataclass(frozen=True, kw_only=True)
class Found:
    """`values` fill the sentences of the rule; `geom` is what is wrong, where that is not the feature's own shape."""

    row: int | None
    """0-based row of the lot or of the whole; None: the whole file."""
    values: Mapping[str, object]
    geom: Any = None


def found(row: int | np.integer[Any] | None, geom: Any = None, /, **values: object) -> Found:
    return Found(row=None if row is None else int(row), values=values, geom=geom)


@dataclass(frozen=True, kw_only=True)
class Rule:
    name: str
    title_zh: str
    title: str
    says_zh: str
    """A sentence with {names}, filled by what the check yields."""
    says: str
    hint_zh: str
    hint: str
    severity: str
    targets: str
    """`components`, `areas` or `all`."""
    whole: bool
    of_file: bool
    """About a file and its columns, or how it differs from what is in force: not asked of areas that stand."""
    check: Callable[[Any, Context], Iterable[Found]]
    """Of a Lot, or of the Whole."""

    def applies(self, layer: Layer) -> bool:
        return self.targets in ("all", "components" if layer.target == COMPONENTS else "areas")

    def findings(self, data: Lot | Whole, context: Context) -> Iterator[Finding]:
        for one in self.check(data, context):
            yield self.finding(one, data)

    def finding(self, one: Found, data: Lot | Whole) -> Finding:
        row = one.row
        codes = data.code if isinstance(data, Whole) else data.fields["code"]
        return Finding(
            rule=self.name,
            severity=self.severity,
            layer=None if row is None else data.source_layers[row].as_py(),
            feature=None if row is None else int(data.numbers[row]),
            code=None if row is None else codes[row].as_py(),
            message=_filled(self.says, one.values),
            message_zh=_filled(self.says_zh, one.values),
            hint=_filled(self.hint, one.values),
            hint_zh=_filled(self.hint_zh, one.values),
            geom=one.geom if one.geom is not None else _shape(data, row),
        )


class _Plain(Formatter):
    """Names only: texts of a file come as values, never as templates."""

    def get_field(self, field_name: str, _args: Any, kwargs: Any) -> Any:
        return kwargs[field_name], field_name


def _filled(text: str, values: Mapping[str, object]) -> str:
    return _Plain().vformat(text, (), values)


def _shape(data: Lot | Whole, row: int | None) -> Any:
    """The feature's own shape, where it has one that can be stored."""
    if row is None:
        return None
    if isinstance(data, Lot):
        return data.shapes[row] if data.usable[row] else None
    if data.shapes is not None:
        return data.shapes[row]
    return shapely.Point(data.x[row], data.y[row]) if np.isfinite(data.x[row]) else None


RULES: list[Rule] = []
"""All rules in the order in which they are run."""


def rule(
    *,
    zh: str,
    en: str,
    says_zh: str,
    says: str,
    hint_zh: str = "",
    hint: str = "",
    severity: str = "error",
    targets: str = "all",
    whole: bool = False,
    of_file: bool = False,
) -> Callable[[Callable[[Any, Context], Iterable[Found]]], Callable[[Any, Context], Iterable[Found]]]:
    """Register a rule under the name of its function. `zh` and `en` are its title: what should be so."""
    if severity not in SEVERITIES:
        raise ValueError(f"severity {severity!r} is not one of {SEVERITIES}")

    def register(check: Callable[[Any, Context], Iterable[Found]]) -> Callable[[Any, Context], Iterable[Found]]:
        RULES.append(
            Rule(
                name=check.__name__, title_zh=zh, title=en, says_zh=says_zh, says=says, hint_zh=hint_zh, hint=hint,
                severity=severity, targets=targets, whole=whole, of_file=of_file, check=check,
            )
        )  # fmt: skip
        return check

    return register
