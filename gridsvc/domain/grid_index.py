"""The grid index: the areas in force at one time, in memory, asked by the rule of `domain.location`.

Immutable. Points are arrays of metres in the city's CRS; answers are the same as those of PostGIS.
"""

import itertools
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridsvc.domain.crs import FloatArray
from gridsvc.domain.grid_building import build_cells
from gridsvc.domain.grid_cells import BOUNDARY, OUTSIDE, OVERLAP, Bytes, Cells, Ints, find_many
from gridsvc.domain.grid_distances import find_measured, nearest, to_edges
from gridsvc.domain.grid_sorting import find_sorted
from gridsvc.domain.location import AreaHit, Location, NearestArea

LEAST, MOST = 100_000, 2_000_000
"""Points that a thread is given at a time; fewer are not worth a thread, nor being sorted."""


@dataclass(frozen=True, kw_only=True)
class KindAreas:
    """The areas of one kind, ordered by code as the rule of ties compares codes."""

    ids: NDArray[np.int64]
    codes: NDArray[Any]
    names_zh: NDArray[Any]
    names_en: NDArray[Any]
    shapes: NDArray[Any]
    """Shapely polygons or multipolygons in the city's CRS."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """For each point the place of its area among those of its kind, OUTSIDE for none; flags."""

    places: Ints
    flags: Bytes

    @property
    def on_boundary(self) -> NDArray[np.bool_]:
        return np.asarray(self.flags & BOUNDARY, bool)

    @property
    def overlap(self) -> NDArray[np.bool_]:
        return np.asarray(self.flags & OVERLAP, bool)


@dataclass(frozen=True, kw_only=True)
class KindIndex:
    """The index of one kind; `cells` are arrays of `grid_cells`."""

    kind: str
    ids: NDArray[np.int64]
    codes: NDArray[Any]
    names_zh: NDArray[Any]
    names_en: NDArray[Any]
    cells: Cells

    @classmethod
    def build(cls, kind: str, areas: KindAreas) -> "KindIndex":
        return cls(
            kind=kind, ids=areas.ids, codes=areas.codes, names_zh=areas.names_zh, names_en=areas.names_en,
            cells=build_cells(areas.shapes),
        )  # fmt: skip

    def find(self, x: FloatArray, y: FloatArray) -> Found:
        """Places that are not finite numbers are outside."""
        x, y = np.ascontiguousarray(x, np.float64), np.ascontiguousarray(y, np.float64)
        found = Found(places=np.empty(len(x), np.int32), flags=np.empty(len(x), np.uint8))
        find = find_sorted if len(x) >= LEAST else find_many
        _shared(len(x), lambda part: find(self.cells, x[part], y[part], found.places[part], found.flags[part]))
        return found

    def edge_distances(self, places: Ints, x: FloatArray, y: FloatArray) -> FloatArray:
        """Metres of each point to the nearest edge of its area; NaN for those outside."""
        x, y = np.ascontiguousarray(x, np.float64), np.ascontiguousarray(y, np.float64)
        distances = np.empty(len(x))
        _shared(len(x), lambda part: to_edges(self.cells, places[part], x[part], y[part], distances[part]))
        return distances

    def held_ids(self, places: Ints) -> NDArray[np.int64]:
        """Ids of the areas; -1 for none."""
        if not len(self.ids):
            return np.full(len(places), OUTSIDE, np.int64)
        return np.where(places >= 0, self.ids[np.maximum(places, 0)], OUTSIDE)

    def at(self, x: float, y: float) -> AreaHit | NearestArea | None:
        """The area of one point, or else the nearest; None if there are no areas."""
        place, flags, distance = find_measured(self.cells, x, y)
        return self.nearest(x, y) if place == OUTSIDE else self.hit(place, flags, distance)

    def hit(self, place: int, flags: int, edge_distance: float) -> AreaHit:
        return AreaHit(
            kind=self.kind, area_id=int(self.ids[place]), code=self.codes[place],
            name_zh=self.names_zh[place], name_en=self.names_en[place], edge_distance=edge_distance,
            on_boundary=bool(flags & BOUNDARY), overlap=bool(flags & OVERLAP),
        )  # fmt: skip

    def nearest(self, x: float, y: float) -> NearestArea | None:
        """For a point outside every area."""
        place, distance = nearest(self.cells, x, y)
        if place == OUTSIDE:
            return None
        return NearestArea(
            kind=self.kind, code=self.codes[place], name_zh=self.names_zh[place], name_en=self.names_en[place],
            distance=distance,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class GridIndex:
    """All kinds in use: the areas that are in force from `since` to `until`, or those that a revision left."""

    revision: int = 0
    """The newest that was seen when it was made."""
    since: datetime | None = None
    """None: always before."""
    until: datetime | None = None
    """Not included. None: for good, unless another revision comes."""
    kinds: Mapping[str, KindIndex] = field(default_factory=dict)

    def covers(self, at: datetime) -> bool:
        """Whether its areas are those in force at this moment."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    def only(self, kinds: Iterable[str]) -> "GridIndex":
        """Of these kinds, all of which it has."""
        return replace(self, kinds={kind: self.kinds[kind] for kind in kinds})

    def at(self, x: float, y: float) -> Location:
        """Everything about one point."""
        found = {kind: index.at(x, y) for kind, index in self.kinds.items()}
        return Location(
            hits={kind: hit for kind, hit in found.items() if isinstance(hit, AreaHit)},
            outside={kind: near for kind, near in found.items() if isinstance(near, NearestArea)},
        )

    def locate(self, x: FloatArray, y: FloatArray, *, most_nearest: int | None = None) -> list[Location]:
        """One location per point; the nearest areas at most for the first `most_nearest` points outside."""
        hits: list[dict[str, AreaHit]] = [{} for _ in x]
        lacking: dict[int, list[str]] = defaultdict(list)
        for kind, index in self.kinds.items():
            found = index.find(x, y)
            distances = index.edge_distances(found.places, x, y)
            rows = zip(found.places.tolist(), found.flags.tolist(), distances.tolist(), strict=True)
            for n, (place, flags, distance) in enumerate(rows):
                if place == OUTSIDE:
                    lacking[n].append(kind)
                else:
                    hits[n][kind] = index.hit(place, flags, distance)
        measured = dict(itertools.islice(sorted(lacking.items()), most_nearest))
        return [
            Location(
                hits=hits[n],
                outside={kind: near for kind in measured.get(n, ()) if (near := self.kinds[kind].nearest(x[n], y[n]))},
                unmeasured=() if n in measured else tuple(lacking.get(n, ())),
            )
            for n in range(len(x))
        ]

    def held(self, x: FloatArray, y: FloatArray) -> list[dict[str, tuple[int, str]]]:
        """For each point the id and code of its area of each kind."""
        held: list[dict[str, tuple[int, str]]] = [{} for _ in x]
        for kind, index in self.kinds.items():
            for n, place in enumerate(index.find(x, y).places.tolist()):
                if place != OUTSIDE:
                    held[n][kind] = (int(index.ids[place]), index.codes[place])
        return held

    def area_ids(self, x: FloatArray, y: FloatArray) -> NDArray[np.int64]:
        """For each point (row) and kind (column) the id of its area; -1 for none."""
        columns = [index.held_ids(index.find(x, y).places) for index in self.kinds.values()]
        return np.column_stack(columns) if columns else np.empty((len(x), 0), np.int64)


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(len(os.sched_getaffinity(0)), "grid-index")


def _shared(count: int, work: Callable[[slice], object]) -> None:
    """The compiled work lets go of Python's lock, so threads share it."""
    share = min(max(-(-count // len(os.sched_getaffinity(0))), LEAST), MOST)
    parts = [slice(begin, begin + share) for begin in range(0, count, share)]
    if len(parts) <= 1:
        for part in parts:
            work(part)
    else:
        list(_threads().map(work, parts))
