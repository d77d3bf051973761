"""Area layers for the checks, and tilings to plant faults into."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.findings import Finding
from gridsvc.ingest.layers import Layer
from gridsvc.ingest.rules import area_shapes, areas, seams, tiling
from gridsvc.ingest.rules.contract import RULES, Context, KnownAreas, Whole
from tests.sketch import ORIGIN, SRID

FAMILIES = {module.__name__ for module in (areas, area_shapes, tiling, seams)}
SIDE = 100.0

KINDS = {
    "subdistrict": AreaKind(kind="subdistrict", name_zh="街道", name_en="subdistrict", code_scheme="subdistrict"),
    "community": AreaKind(
        kind="community", name_zh="社区", name_en="community", parent="subdistrict", code_scheme="community",
        must_tile=True,
    ),
    "unit_grid": AreaKind(
        kind="unit_grid", name_zh="单元网格", name_en="unit grid", parent="community", code_scheme="unit_grid",
        must_tile=True,
    ),
    "ward": AreaKind(kind="ward", name_zh="选区", name_en="ward", must_tile=True),
    "patrol": AreaKind(kind="patrol", name_zh="巡查网格", name_en="patrol grid"),
}  # fmt: skip


def whole(
    shapes: Iterable[Any], target: str, codes: list[str | None] | None = None, parents: list[str | None] | None = None
) -> Whole:
    """A layer of areas; codes A, B, C ... and no parents if not said."""
    given = array(shapes)
    count = len(given)
    codes = [chr(ord("A") + n) for n in range(count)] if codes is None else codes
    return Whole(
        layer=Layer(layer="areas", target=target), source_layers=_texts(["areas"] * count), shapes=given,
        numbers=np.arange(1, count + 1), code=_texts(codes), parent_code=_texts(parents or [None] * count),
        subclass_code=_texts([None] * count), identity=np.zeros(count, dtype=np.uint64),
        x=np.zeros(count), y=np.zeros(count),
    )  # fmt: skip


def array(shapes: Iterable[Any]) -> Any:
    given = list(shapes)
    made = np.empty(len(given), dtype=object)
    made[:] = given
    return made


def changed(shapes: Any, row: int, shape: Any) -> Any:
    """The same shapes but for one."""
    return array([*shapes[:row], shape, *shapes[row + 1 :]])


def _texts(texts: list[str | None]) -> Any:
    return pa.array(texts, pa.string())


def context(known: Mapping[str, Mapping[str, Any]] | None = None, outline: Any = None) -> Context:
    """`known`: areas in force by kind and code."""
    stored = {
        kind: KnownAreas(codes=array(shapes), shapes=array(shapely.multipolygons([shape]) for shape in shapes.values()))
        for kind, shapes in (known or {}).items()
    }
    nothing = KnownAreas(codes=array([]), shapes=array([]))
    return Context(
        srid=SRID, outline=outline, districts=frozenset({"510703"}), subclasses={}, kinds=KINDS,
        departments=frozenset(), near={}, areas_of=lambda kind: stored.get(kind, nothing),
    )  # fmt: skip


def findings(layer: Whole, known: Context | None = None, notes: bool = False) -> list[Finding]:
    """What all rules for area layers find, in the order of the rules; notes only if asked for."""
    city = known or context()
    found = [
        finding
        for rule in RULES
        if rule.check.__module__ in FAMILIES and rule.applies(layer.layer)
        for finding in rule.findings(layer, city)
    ]
    return [finding for finding in found if notes or finding.severity != "note"]


def said(layer: Whole, known: Context | None = None, notes: bool = False) -> list[tuple[str, str | None, str]]:
    """Rule, code and English sentence of everything found."""
    return [(one.rule, one.code, one.message) for one in findings(layer, known, notes)]


def tiling_of(columns: int, rows: int, seed: int, between: int = 2, jitter: float = 12.0) -> Any:
    """Cells of about 100 m by 100 m, row by row, whose shared edges bend at `between` vertices each."""
    random = np.random.default_rng(seed)

    def bent(start: Any, end: Any) -> Any:
        along = np.linspace(0, 1, between + 2)[:, None]
        line = start + (end - start) * along
        line[1:-1] += random.uniform(-jitter / 2, jitter / 2, (between, 2))
        return np.round(line, 3)

    corners = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1) * SIDE + ORIGIN
    corners = np.round(corners + random.uniform(-jitter, jitter, corners.shape), 3)
    across = [[bent(corners[j, i], corners[j, i + 1]) for i in range(columns)] for j in range(rows + 1)]
    upward = [[bent(corners[j, i], corners[j + 1, i]) for i in range(columns + 1)] for j in range(rows)]
    return array(
        _ring(across[j][i], upward[j][i + 1], across[j + 1][i][::-1], upward[j][i][::-1])
        for j in range(rows)
        for i in range(columns)
    )


def _ring(*sides: Any) -> Any:
    return shapely.Polygon(np.vstack([side[:-1] for side in sides]))
