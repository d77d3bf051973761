"""Which points have an earlier one of their group nearby: exact, and linear in the points however densely they lie.

Space is cut into cells so small that all points of a cell are near each other: every one but the first of a cell has
that first one nearby. Only the first of each cell has to look at other cells, two around it in each direction.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridsvc.domain.crs import FloatArray

Rows = NDArray[np.int64]

CELL = 0.7
"""Of the distance: the diagonal of a cell is 0.99 of it."""
REACH = 2
"""Cells that the distance reaches over in each direction."""
FARTHEST = 1e8
"""Metres; places beyond are on no map, and their cells would not fit into the keys."""
SHIFT = 1 << 40
"""More cells than there are in a strip of 2 × FARTHEST at a distance of 1 mm."""
MOST_QUERIES, MOST_PAIRS = 500_000, 2_000_000
"""Looked up and compared at a time, to keep memory in bounds."""


def earlier(x: FloatArray, y: FloatArray, group: NDArray[Any], within: FloatArray, among: Rows) -> Rows:
    """For each point the index of one before it, of its group and not farther than `within`; -1 where there is none.

    Only points whose indices are `among` these (ascending) are looked at. `within` (metres, at least 1 mm) is the same
    for all of a group. The one found is the first of the point's cell, or else the first of those in the cells around.
    """
    near = among[(np.abs(x[among]) < FARTHEST) & (np.abs(y[among]) < FARTHEST)]  # NaN is not
    partners = np.full(len(x), -1, dtype=np.int64)
    if len(near) < 2:
        return partners
    cells = _Cells(x[near], y[near], group[near], within[near])
    chosen = cells.first_of_own()
    chosen = np.where(chosen >= 0, chosen, cells.first_around())
    partners[near] = np.where(chosen >= 0, near[chosen], -1)
    return partners


class _Cells:
    """Points sorted by strip (group and row of cells) and cell; positions below are in that order."""

    def __init__(self, x: FloatArray, y: FloatArray, group: NDArray[Any], within: FloatArray) -> None:
        self.x, self.y, self.within = x, y, within
        column = np.floor((x + FARTHEST) / (CELL * within)).astype(np.int64)
        row = np.floor((y + FARTHEST) / (CELL * within)).astype(np.int64)
        self.order = np.lexsort((column, row, group))  # stable: within a cell by index
        group, row = group[self.order], row[self.order]
        new_strip = np.concatenate(([True], (group[1:] != group[:-1]) | (row[1:] != row[:-1])))
        self.strip = np.cumsum(new_strip) - 1
        self.keys = self.strip * SHIFT + column[self.order]
        self.strip_group, self.strip_row = group[new_strip], row[new_strip]
        self.new_cell = np.concatenate(([True], self.keys[1:] != self.keys[:-1]))

    def first_of_own(self) -> Rows:
        """For each point the first of its cell; -1 for that first one."""
        found = np.empty(len(self.order), dtype=np.int64)
        starts = self.order[self.new_cell]
        found[self.order] = starts[np.cumsum(self.new_cell) - 1]
        found[starts] = -1
        return found

    def first_around(self) -> Rows:
        """For the first point of each cell the first of the points before it nearby in the cells around; else -1."""
        nothing = len(self.order)
        best = np.full(nothing, nothing, dtype=np.int64)
        for step in range(-REACH, REACH + 1):
            for points, others in self._pairs(step):
                distance = np.hypot(self.x[points] - self.x[others], self.y[points] - self.y[others])
                close = (others < points) & (distance <= self.within[points])
                np.minimum.at(best, points[close], others[close])
        best[best == nothing] = -1
        return best

    def _pairs(self, step: int) -> Iterator[tuple[Rows, Rows]]:
        """First points of cells with each point of the five cells `step` rows up, some at a time."""
        target = self._strip_beside(step)[self.strip]
        all_firsts = np.flatnonzero(self.new_cell & (target >= 0))
        for at in range(0, len(all_firsts), MOST_QUERIES):
            yield from self._pairs_of(all_firsts[at : at + MOST_QUERIES], target, step)

    def _pairs_of(self, firsts: Rows, target: Rows, step: int) -> Iterator[tuple[Rows, Rows]]:
        middle = target[firsts] * SHIFT + self.keys[firsts] % SHIFT
        start = np.searchsorted(self.keys, middle - REACH)
        count = np.searchsorted(self.keys, middle + REACH, side="right") - start
        if step == 0:  # the point itself is among them
            firsts, start, count = (each[count > 1] for each in (firsts, start, count))
        ends = np.cumsum(count)
        for some in np.split(np.arange(len(firsts)), _cuts(ends)):
            many = count[some]
            within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            yield (
                np.repeat(self.order[firsts[some]], many),
                self.order[np.repeat(start[some], many) + within],
            )

    def _strip_beside(self, step: int) -> Rows:
        """For each strip that of the same group `step` rows up; -1 where it has no point."""
        found = np.full(len(self.strip_row), -1, dtype=np.int64)
        strips = np.arange(len(found))
        for apart in range(abs(step) + 1):  # strips without points are left out, so it stands at most `step` away
            lower, upper = strips[: len(strips) - apart], strips[apart:]
            here, there = (lower, upper) if step >= 0 else (upper, lower)
            beside = self.strip_row[there] - self.strip_row[here] == step
            beside &= self.strip_group[there] == self.strip_group[here]
            found[here[beside]] = there[beside]
        return found


def _cuts(ends: Rows) -> Rows:
    """Where to cut a list of queries so that each part has about MOST_PAIRS pairs."""
    total = int(ends[-1]) if len(ends) else 0
    return np.searchsorted(ends, np.arange(MOST_PAIRS, total, MOST_PAIRS))
