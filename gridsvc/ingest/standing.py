"""The rules for area layers, asked of areas that stand: those in force, or those that a draft would leave.

No file, no batch, and nothing is written. What is said of a file and its columns is left out.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from gridsvc.domain.findings import SEVERITIES, Finding
from gridsvc.errors import one_of
from gridsvc.ingest.context import context_of
from gridsvc.ingest.layers import Layer
from gridsvc.ingest.rules import RULES
from gridsvc.ingest.rules.contract import Context, KnownAreas, Lot, Whole
from gridsvc.store import areas
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.drafts import Change

OF_SHAPES = frozenset({"valid", "has_extent"})
"""Rules for each shape by itself that areas must pass too."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was found in the areas of one kind: worst first, then in the order of the rules."""

    kind: str
    areas: int
    findings: list[Finding]
    """Of no file: `layer` and `feature` are None, areas go by their codes."""

    @cached_property
    def severities(self) -> dict[str, int]:
        return dict(Counter(finding.severity for finding in self.findings))


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Areas of a kind by code, shapes in the city's CRS."""

    codes: list[str]
    parents: list[str | None]
    shapes: Any

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def known(self) -> KnownAreas:
        return KnownAreas(codes=np.array(self.codes, dtype=object), shapes=self.shapes)


def check_areas(conn: Connection, city: City, kind: str, changes: Sequence[Change] | None = None) -> Report:
    """Areas of a kind in force or, given the changes of a draft, the newest ones as these would leave them.

    Parents are taken as they stand then, too. InputError for a kind that there is not.
    """

    @cache
    def standing(asked: str) -> Standing:
        return _in_force(conn, asked) if changes is None else _changed(conn, asked, changes)

    context = replace(context_of(conn, city), areas_of=lambda asked: standing(asked).known)
    if kind not in context.kinds:
        raise one_of("area kind", kind, sorted(context.kinds), zh="区域类型")
    found = standing(kind)
    said = _findings(found, kind, context) if len(found) else ()
    worst_first = sorted(said, key=lambda finding: SEVERITIES.index(finding.severity))
    return Report(kind=kind, areas=len(found), findings=worst_first)


def _in_force(conn: Connection, kind: str) -> Standing:
    found = areas.areas_in_force(conn, kind)
    return _standing([(area.code, area.parent_code, area.geom) for area in found])


def _changed(conn: Connection, kind: str, changes: Sequence[Change]) -> Standing:
    """The newest areas of a kind with the changes of that kind; areas whose shape becomes None end."""
    ours = {change.code: change for change in changes if change.kind == kind}
    kept = [area for area in areas.newest_areas(conn, kind) if area.code not in ours]
    rows = [(area.code, area.parent_code, area.geom) for area in kept]
    new = [(one.code, one.parent_code, one.new_geom) for one in ours.values() if one.new_geom is not None]
    return _standing(sorted([*rows, *new], key=lambda row: row[0]))


def _standing(rows: Sequence[tuple[str, str | None, Any]]) -> Standing:
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [shape for _, _, shape in rows]
    return Standing(codes=[code for code, _, _ in rows], parents=[parent for _, parent, _ in rows], shapes=shapes)


def _findings(found: Standing, kind: str, context: Context) -> Iterator[Finding]:
    layer = Layer(layer=kind, target=kind)
    whole, lot = _whole(found, layer), _lot(found, layer, context.srid)
    for rule in RULES:
        if rule.name in OF_SHAPES or (rule.whole and rule.targets == "areas" and not rule.of_file):
            for finding in rule.findings(whole if rule.whole else lot, context):
                yield replace(finding, layer=None, feature=None)


def _whole(found: Standing, layer: Layer) -> Whole:
    count = len(found)
    nowhere, nothing = np.full(count, np.nan), pa.nulls(count, pa.string())
    return Whole(
        layer=layer, source_layers=nothing, numbers=np.arange(1, count + 1), code=pa.array(found.codes, pa.string()),
        subclass_code=nothing, parent_code=pa.array(found.parents, pa.string()), x=nowhere, y=nowhere,
        identity=np.zeros(count, dtype=np.uint64), shapes=found.shapes,
    )  # fmt: skip


def _lot(found: Standing, layer: Layer, srid: int) -> Lot:
    count = len(found)
    return Lot(
        layer=layer, first=0, source_layers=pa.nulls(count, pa.string()), numbers=np.arange(1, count + 1),
        fields={"code": pa.array(found.codes, pa.string())}, given=found.shapes, shapes=found.shapes, source_crs=srid,
    )  # fmt: skip
