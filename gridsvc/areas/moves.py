"""Points before and after a change of areas: which lie in another area, and which become ambiguous."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.crs import BoolArray, FloatArray
from gridsvc.domain.grid_cells import OUTSIDE, Ints
from gridsvc.domain.grid_index import Found, KindAreas, KindIndex
from gridsvc.store import drafts
from gridsvc.store.connection import Connection
from gridsvc.store.drafts import Change

NEW = -1
"""Id of areas that are not there yet."""


@dataclass(frozen=True, kw_only=True)
class Move:
    """Points that leave one area of a kind for another; None: outside all of them."""

    kind: str
    old: str | None
    new: str | None
    points: NDArray[np.int64]
    """Their places in what was asked."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A kind around the areas that change: enough to tell of any point whether its area changes."""

    kind: str
    before: KindIndex
    after: KindIndex
    codes: list[str]
    """Of the areas that begin, end or get another shape."""
    afterwards: list[tuple[str, Any]]
    """Code and shape of the areas that are there then, by code: what changes, and what lies beside it."""

    def found(self, x: FloatArray, y: FloatArray) -> tuple[Found, Found]:
        return self.before.find(x, y), self.after.find(x, y)

    def moved(self, x: FloatArray, y: FloatArray) -> tuple[list[Move], BoolArray]:
        """Which points leave an area for another, most first; and which become ambiguous."""
        was, becomes = self.found(x, y)
        ambiguous = (becomes.on_boundary | becomes.overlap) & ~(was.on_boundary | was.overlap)
        codes = sorted({*self.before.codes, *self.after.codes})
        numbers = {code: n for n, code in enumerate(codes)}
        old, new = _numbered(self.before, was, numbers), _numbered(self.after, becomes, numbers)
        return list(_moves(self.kind, [*codes, None], old, new)), ambiguous

    def load(self, x: FloatArray, y: FloatArray) -> tuple[dict[str, int], dict[str, int]]:
        """How many points lie in each area that changes, before and after."""
        was, becomes = self.found(x, y)
        before, after = _counted(self.before, was), _counted(self.after, becomes)
        return {code: before[code] for code in self.codes if code in before}, {
            code: after[code] for code in self.codes if code in after
        }


def compared(conn: Connection, draft_id: int, changes: Sequence[Change]) -> list[Compared]:
    """For each kind that changes; what changes is staged."""
    return [
        _compared(conn, draft_id, kind, [change for change in changes if change.kind == kind])
        for kind in dict.fromkeys(change.kind for change in changes)
    ]


def _compared(conn: Connection, draft_id: int, kind: str, changes: Sequence[Change]) -> Compared:
    beside = drafts.neighbours_of_changes(conn, draft_id, kind)
    old = [(c.old_id, c.code, c.old_name_zh, c.old_name_en, c.old_geom) for c in changes if c.old_geom is not None]
    new = [(NEW, c.code, c.name_zh, c.name_en, c.new_geom) for c in changes if c.new_geom is not None]
    return Compared(
        kind=kind, before=_index(kind, [*beside, *old]), after=_index(kind, [*beside, *new]),
        codes=[change.code for change in changes],
        afterwards=sorted([(area[1], area[-1]) for area in (*beside, *new)], key=lambda area: area[0]),
    )  # fmt: skip


def _index(kind: str, areas: Sequence[tuple[Any, ...]]) -> KindIndex:
    rows = sorted(areas, key=lambda area: area[1])
    ids, codes, names_zh, names_en, shapes = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    code, zh, en = (np.array(column, dtype=object) for column in (codes, names_zh, names_en))
    held = KindAreas(
        ids=np.array(ids, np.int64), codes=code, names_zh=zh, names_en=en, shapes=np.array(shapes, dtype=object)
    )
    return KindIndex.build(kind, held)


def _numbered(index: KindIndex, found: Found, numbers: dict[str, int]) -> Ints:
    table = np.array([numbers[code] for code in index.codes] + [OUTSIDE], np.int32)
    return table[found.places]  # OUTSIDE is -1: the last of the table


def _counted(index: KindIndex, found: Found) -> dict[str, int]:
    counts = np.bincount(found.places[found.places != OUTSIDE], minlength=len(index.codes))
    return dict(zip(index.codes.tolist(), counts.tolist(), strict=True))


def _moves(kind: str, codes: Sequence[str | None], was: Ints, becomes: Ints) -> Iterator[Move]:
    """Of places in `codes`; -1, the last of them, is outside."""
    moved = np.flatnonzero(was != becomes)
    pair = (was[moved].astype(np.int64) + 1) * (len(codes) + 1) + becomes[moved] + 1
    unique, inverse, count = np.unique(pair, return_inverse=True, return_counts=True)
    order = np.argsort(inverse, kind="stable")
    groups = np.split(moved[order], np.cumsum(count)[:-1]) if len(unique) else []
    for n in np.argsort(-count, kind="stable").tolist():
        old, new = divmod(int(unique[n]), len(codes) + 1)
        yield Move(kind=kind, old=codes[old - 1], new=codes[new - 1], points=groups[n])


def shape_area(geom: Any) -> float:
    return 0.0 if geom is None else float(shapely.area(geom))
