"""The checks of an import; importing this package registers every family."""

from gridsvc.ingest.rules import (
    area_shapes,
    areas,
    codes,
    duplicates,
    geometry,
    parties,
    place,
    seams,
    shape_types,
    shift,
    sizes,
    subclasses,
    texts,
    tiling,
    unit_grids,
)  # fmt: skip
from gridsvc.ingest.rules.contract import RULES, Context, Found, KnownAreas, Lot, Rule, Whole, found, rule

__all__ = [
    "RULES", "Context", "Found", "KnownAreas", "Lot", "Rule", "Whole", "area_shapes", "areas", "codes", "duplicates",
    "found", "geometry", "parties", "place", "rule", "seams", "shape_types", "shift", "sizes", "subclasses", "texts",
    "tiling", "unit_grids",
]  # fmt: skip
