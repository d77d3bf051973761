"""Finding many points in the order of where they lie, compiled: neighbours need the same memory, which is near then."""

import numpy as np

from gridsvc.domain.compiled import compiled
from gridsvc.domain.grid_cells import Bytes, Cells, Floats, Ints, cell_of, find_many

SIDE = 6
"""Points are sorted by squares of 2 ** SIDE cells a side: a core's cache holds one, and where each begins."""


@compiled
def find_sorted(cells: Cells, x: Floats, y: Floats, areas: Ints, flags: Bytes) -> float:
    """As `find_many`; for a hundred thousand points or more sorting them first takes less than it saves."""
    across = (cells.columns >> SIDE) + 1
    squares, ends = np.empty(len(x), np.int32), np.zeros(across * ((cells.rows >> SIDE) + 1) + 1, np.int32)
    for n in range(len(x)):
        column = cell_of(x[n], cells.west, cells.size, cells.columns)
        row = cell_of(y[n], cells.south, cells.size, cells.rows)
        squares[n] = (max(row, 0) >> SIDE) * across + (max(column, 0) >> SIDE)
        ends[squares[n] + 1] += 1
    ends = np.cumsum(ends)
    order, sorted_x, sorted_y = np.empty(len(x), np.int32), np.empty(len(x)), np.empty(len(x))
    for n in range(len(x)):
        place = ends[squares[n]]
        ends[squares[n]] += 1
        order[place], sorted_x[place], sorted_y[place] = n, x[n], y[n]
    sorted_areas, sorted_flags = np.empty(len(x), np.int32), np.empty(len(x), np.uint8)
    fetched = find_many(cells, sorted_x, sorted_y, sorted_areas, sorted_flags)
    for place in range(len(x)):
        areas[order[place]], flags[order[place]] = sorted_areas[place], sorted_flags[place]
    return fetched
