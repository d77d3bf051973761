"""Lots and wholes for the checks, from shapes and texts; what is found in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.catalogue import Subclass
from gridsvc.domain.components import anchors
from gridsvc.domain.findings import Finding
from gridsvc.ingest.layers import COMPONENTS, Layer
from gridsvc.ingest.rules import RULES, Context, KnownAreas, Lot, Rule, Whole
from gridsvc.store.batches import ROW_FIELDS
from tests.sketch import SRID, Sketch

Texts = str | Sequence[str | None] | None

LAMP, COVER, SEWER, BARRIER, PARKING = "0599", "0101", "0102", "0217", "0201"

TOWN = Sketch("""
    a . . . . . . . b . . . . . . . c
    . . . . . . . . . . . . . . . . .
    . . 1 . 2 . 3 . . . 4 . 5 . 6 . .
    . . . . . . . . . . . . . . . . .
    d . . . . . . . e . . . . . . . f    7 . . . . . . . 8
""")
"""Two unit grids, 80 m by 40 m: 1 to 3 in the western one, 4 to 6 in the eastern one, 7 and 8 outside the town."""
GRIDS = {"510703001001001": "abed", "510703001001002": "bcfe"}


def _subclass(
    code: str, zh: str, en: str, national: str | None, allowed: str, accuracy: str, *aliases: str
) -> Subclass:
    names = {"class_code": code[:2], "class_zh": "类", "class_en": "class"}
    return Subclass(
        kind="component", subclass_code=code, subclass_zh=zh, subclass_en=en, national_code=national,
        geometry=allowed.split("|")[0], geometry_allowed=tuple(allowed.split("|")), accuracy_class=accuracy,
        source="made", aliases=aliases, **names,
    )  # fmt: skip


SUBCLASSES = {
    one.subclass_code: one
    for one in (
        _subclass(LAMP, "路灯", "Street lamp", "0137", "point", "A"),
        _subclass(COVER, "上水井盖", "Water-supply manhole cover", "0101", "point", "A", "给水井盖"),
        _subclass(SEWER, "污水井盖", "Sewer manhole cover", "0102", "point", "A"),
        _subclass(BARRIER, "隔离栏", "Barrier", None, "line|point", "B"),
        _subclass(PARKING, "停车场", "Car park", "0201", "polygon|point", "C"),
    )
}


def known_areas(shapes: dict[str, Any]) -> KnownAreas:
    found = np.array([shapely.multipolygons([shape]) for shape in shapes.values()], dtype=object)
    return KnownAreas(codes=np.array(list(shapes), dtype=object), shapes=found)


def context(**changes: Any) -> Context:
    grids = known_areas({code: TOWN.polygon(marks) for code, marks in GRIDS.items()})
    kind = AreaKind(kind="unit_grid", name_zh="单元网格", name_en="Unit grid", code_scheme="unit_grid", must_tile=True)
    town = Context(
        srid=SRID, outline=TOWN.polygon("acfd"), districts=frozenset({"510703"}), subclasses=SUBCLASSES,
        kinds={"unit_grid": kind}, departments=frozenset({"WATER", "LIGHT"}), near={}, areas_of=lambda _kind: grids,
    )  # fmt: skip
    return replace(town, **changes)


def components(**changes: Any) -> Layer:
    return Layer(layer="things", target=COMPONENTS, **changes)


def areas(kind: str = "unit_grid") -> Layer:
    return Layer(layer="areas", target=kind)


def lot(
    shapes: Iterable[Any],
    *,
    layer: Layer | None = None,
    given: Iterable[Any] | None = None,
    source_crs: int = SRID,
    source_layers: Texts = "things",
    first: int = 0,
    repaired: dict[int, str] | None = None,
    rest: Mapping[str, Texts] | None = None,
    **fields: Texts,
) -> Lot:
    """Of shapes in the city's CRS. A field is one text for all rows, or one for each; the subclass is a lamp."""
    ours = _shapes(shapes)
    fields = {"subclass_code": LAMP, **dict.fromkeys(set(ROW_FIELDS) - {"subclass_code"}), **fields}
    return Lot(
        layer=layer or components(), first=first, source_layers=_texts(source_layers, len(ours)),
        numbers=np.arange(first + 1, first + len(ours) + 1), shapes=ours, source_crs=CRS.from_epsg(source_crs),
        fields={name: _texts(texts, len(ours)) for name, texts in fields.items()},
        rest={name: _texts(texts, len(ours)) for name, texts in (rest or {}).items()},
        given=ours if given is None else _shapes(given), repaired=repaired or {},
    )  # fmt: skip


def whole(
    shapes: Iterable[Any],
    *,
    layer: Layer | None = None,
    source_layers: Texts = "things",
    code: Texts = None,
    subclass_code: Texts = LAMP,
    parent_code: Texts = None,
    identity: Sequence[int] | None = None,
) -> Whole:
    """Of all features of a file; identities differ where they are not said."""
    ours, layer = _shapes(shapes), layer or components()
    x, y = (np.full(len(ours), np.nan) for _ in range(2))
    there = ~(shapely.is_missing(ours) | shapely.is_empty(ours))
    x[there], y[there] = anchors(ours[there])
    texts = {"code": code, "subclass_code": subclass_code, "parent_code": parent_code, "source_layers": source_layers}
    return Whole(
        layer=layer, numbers=np.arange(1, len(ours) + 1), x=x, y=y,
        identity=np.array(range(len(ours)) if identity is None else identity, dtype=np.uint64),
        shapes=None if layer.target == COMPONENTS else ours,
        **{name: _texts(given, len(ours)) for name, given in texts.items()},
    )  # fmt: skip


def points(marks: str) -> list[Any]:
    return [TOWN.point(mark) for mark in marks]


def rule_named(name: str) -> Rule:
    return next(rule for rule in RULES if rule.name == name)


def check(name: str, data: Lot | Whole, known: Context | None = None) -> list[Finding]:
    """What one rule finds."""
    rule = rule_named(name)
    assert rule.whole == isinstance(data, Whole)
    assert rule.applies(data.layer)
    return list(rule.findings(data, known or context()))


def said(name: str, data: Lot | Whole, known: Context | None = None) -> list[tuple[int | None, str]]:
    """Feature numbers and English sentences of what one rule finds."""
    return [(one.feature, one.message) for one in check(name, data, known)]


def _shapes(shapes: Iterable[Any]) -> Any:
    given = list(shapes)
    made = np.empty(len(given), dtype=object)
    made[:] = given
    return made


def _texts(texts: Texts, count: int) -> Any:
    return pa.array([texts] * count if texts is None or isinstance(texts, str) else texts, pa.string())
