"""Which row of a re-survey without codes is which component: by subclass and place, within the accuracy of surveys."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.components import SIGMA
from gridsvc.domain.crs import BoolArray, FloatArray

CLEARLY = 2.0
"""The second nearest must be so many times as far as the nearest, or it is anybody's guess."""
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Points:
    """Things of one subclass: their place in the city's CRS, and a digest of all that is known of them (0: unknown)."""

    x: FloatArray
    y: FloatArray
    digest: Ints

    def __len__(self) -> int:
        return len(self.x)

    def only(self, chosen: Ints | BoolArray) -> "Points":
        return Points(x=self.x[chosen], y=self.y[chosen], digest=self.digest[chosen])


@dataclass(frozen=True, kw_only=True)
class Matched:
    rows: Ints
    stored: Ints
    """Of the same length: row n of the file is that component."""
    ambiguous: Ints
    """Rows near several components, or near one that is near several rows."""
    claimed: Ints
    """Components that ambiguous rows may be: nobody can say that they are gone."""


def match(rows: Points, stored: Points, radius: float) -> Matched:
    """First those of which nothing changed, then by place."""
    same_rows, same_stored = _same(rows, stored)
    left_rows = np.setdiff1d(np.arange(len(rows)), same_rows)
    left_stored = np.setdiff1d(np.arange(len(stored)), same_stored)
    found = _by_place(rows.only(left_rows), stored.only(left_stored), radius)
    return Matched(
        rows=np.concatenate([same_rows, left_rows[found.rows]]),
        stored=np.concatenate([same_stored, left_stored[found.stored]]),
        ambiguous=left_rows[found.ambiguous],
        claimed=left_stored[found.claimed],
    )


def radius_of(accuracy_class: str | None) -> float:
    """Metres: two surveys of a thing seldom differ by more than twice the mean error (CJJ/T 106)."""
    return 2 * SIGMA[accuracy_class or "B"]


def _same(rows: Points, stored: Points) -> tuple[Ints, Ints]:
    """Pairs of equal digests, in order: of twins the first is the first."""
    waiting: dict[int, list[int]] = {}
    for place in range(len(stored) - 1, -1, -1):
        if stored.digest[place]:
            waiting.setdefault(int(stored.digest[place]), []).append(place)
    pairs = [(row, places.pop()) for row, digest in enumerate(rows.digest.tolist()) if (places := waiting.get(digest))]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _by_place(rows: Points, stored: Points, radius: float) -> Matched:
    tree = shapely.STRtree(np.asarray(shapely.points(stored.x, stored.y)))
    known = np.flatnonzero(np.isfinite(rows.x))
    given, near = tree.query(shapely.points(rows.x[known], rows.y[known]), predicate="dwithin", distance=radius)
    row = known[given]
    distance = np.hypot(rows.x[row] - stored.x[near], rows.y[row] - stored.y[near])
    mutual = _clearly_nearest(row, distance, len(rows)) & _clearly_nearest(near, distance, len(stored))
    doubtful = ~(np.isin(row, row[mutual]) | np.isin(near, near[mutual]))
    return Matched(
        rows=row[mutual], stored=near[mutual], ambiguous=np.unique(row[doubtful]), claimed=np.unique(near[doubtful])
    )


def _clearly_nearest(whose: Ints, distance: FloatArray, count: int) -> BoolArray:
    """Whether a pair is the nearest of its `whose`, with the next one much farther."""
    order = np.lexsort((distance, whose))
    first = np.r_[True, whose[order][1:] != whose[order][:-1]] if len(order) else np.zeros(0, bool)
    nearest, second = np.full(count, np.inf), np.full(count, np.inf)
    nearest[whose[order][first]] = distance[order][first]
    follows = np.flatnonzero(first) + 1
    follows = follows[follows < len(order)]
    follows = follows[~first[follows]]
    second[whose[order][follows]] = distance[order][follows]
    clear = second[whose] >= CLEARLY * np.maximum(nearest[whose], 1e-9)
    return np.asarray((distance == nearest[whose]) & clear)


def by_subclass(codes: Any) -> Mapping[str, Ints]:
    """Places in the array of each code; the empty one where there is none."""
    encoded = codes.fill_null("").dictionary_encode()
    indices = encoded.indices.to_numpy(zero_copy_only=False)
    order = np.argsort(indices, kind="stable")
    starts = np.searchsorted(indices[order], np.arange(len(encoded.dictionary)))
    parts = np.split(order, starts[1:]) if len(encoded.dictionary) else []
    return dict(zip(encoded.dictionary.to_pylist(), parts, strict=True))
