"""Making the cell table of a kind of area, compiled: see `grid_cells` for what it holds.

One area after the other is laid over the cells of its box: which of its edges come near a cell, and, by turning over at
every edge that a column's west side meets, which corners it holds. So cells get entries in the order of the areas.
"""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.compiled import compiled
from gridsvc.domain.grid_cells import HOLDS, LAST, OUTSIDE, Bytes, Cells, Floats, Ints, above
from gridsvc.domain.location import TOLERANCE

MARGIN = 2 * TOLERANCE
"""Metres around a cell in which edges count as near it: the tolerance, and room for rounding."""
BLOCK = 16
"""Edges that share a box when distances are measured."""
CELLS_PER_EDGE = 4
LEAST, MOST = 1_024, 2**25
"""Cells of a table."""


class Rings(NamedTuple):
    """Vertices; where each ring ends among them; where each area ends among the rings."""

    x: Floats
    y: Floats
    ring_ends: Ints
    area_ends: Ints


class Frame(NamedTuple):
    """Where the cells lie, in metres."""

    west: float
    south: float
    size: float
    columns: int
    rows: int


class Box(NamedTuple):
    """The cells of one area: first column and row, and how many."""

    column: int
    row: int
    width: int
    height: int


def build_cells(shapes: NDArray[np.object_]) -> Cells:
    """The cell table of valid polygons or multipolygons in metres, in the order in which they answer."""
    rings = _rings(shapes)
    frame = _frame(rings.x, rings.y)
    table = np.full(frame.columns * frame.rows, OUTSIDE, np.int32)
    entries = _entries(rings, frame, table)
    runs = _records(entries, table)
    return Cells(np.column_stack((rings.x, rings.y)), *frame, table, runs, *_blocks(rings))


def _rings(shapes: NDArray[np.object_]) -> Rings:
    parts, owners = shapely.get_parts(shapes, return_index=True)
    rings, of_parts = shapely.get_rings(parts, return_index=True)
    coordinates, of_rings = shapely.get_coordinates(rings, return_index=True)
    ring_ends = np.cumsum(np.bincount(of_rings, minlength=len(rings))).astype(np.int32)
    area_ends = np.cumsum(np.bincount(owners[of_parts], minlength=len(shapes))).astype(np.int32)
    x, y = (np.ascontiguousarray(coordinates[:, axis]) for axis in (0, 1))
    return Rings(x, y, ring_ends, area_ends)


def _frame(x: Floats, y: Floats) -> Frame:
    """All vertices lie some margin inside."""
    if not len(x):
        return Frame(0.0, 0.0, 1.0, 1, 1)
    room = 4 * MARGIN
    west, south = float(x.min()) - room, float(y.min()) - room
    width, height = float(x.max()) + room - west, float(y.max()) + room - south
    cells = min(max(CELLS_PER_EDGE * len(x), LEAST), MOST)
    size = max(float(np.sqrt(width * height / cells)), width / cells, height / cells)
    return Frame(west, south, size, int(width / size) + 1, int(height / size) + 1)


@compiled
def _cell(place: float, begin: float, size: float) -> int:
    return int(np.floor((place - begin) / size))


@compiled
def _entries(rings: Rings, frame: Frame, table: Ints) -> Ints:
    """Rows of cell, twice the area plus one if it holds the cell's corner, first edge of a run, how many edges.

    The first area that covers a cell wholly goes into the table instead.
    """
    entries, used = np.empty((2 * len(rings.x) + 64, 4), np.int32), 0
    near, odd = np.zeros((0, 3), np.int32), np.zeros(0, np.uint8)
    ring = vertex = 0
    for area in range(len(rings.area_ends)):
        if ring == rings.area_ends[area]:
            continue
        box = _box(rings, vertex, rings.ring_ends[rings.area_ends[area] - 1], frame)
        cells = box.width * box.height
        if cells > len(near):
            near, odd = np.zeros((2 * cells, 3), np.int32), np.zeros(2 * cells, np.uint8)
        near[:cells], odd[:cells] = 0, 0
        while ring < rings.area_ends[area]:
            for edge in range(vertex, rings.ring_ends[ring] - 1):
                entries = _with_room(entries, used + _most_cells(rings, edge, frame))
                used = _lay_edge(rings, edge, area, frame, box, near, odd, entries, used)
            vertex = rings.ring_ends[ring]
            ring += 1
        entries = _with_room(entries, used + cells)
        used = _lay_inside(area, frame, box, near, odd, table, entries, used)
    return entries[:used]


@compiled
def _with_room(entries: Ints, wanted: int) -> Ints:
    if wanted <= len(entries):
        return entries
    return np.concatenate((entries, np.empty((max(len(entries), wanted - len(entries)), 4), np.int32)))


@compiled
def _box(rings: Rings, begin: int, end: int, frame: Frame) -> Box:
    x, y = rings.x[begin:end], rings.y[begin:end]
    column, row = _cell(x.min() - MARGIN, frame.west, frame.size), _cell(y.min() - MARGIN, frame.south, frame.size)
    width = _cell(x.max() + MARGIN, frame.west, frame.size) - column + 1
    return Box(column, row, width, _cell(y.max() + MARGIN, frame.south, frame.size) - row + 1)


@compiled
def _most_cells(rings: Rings, edge: int, frame: Frame) -> int:
    """At least as many as the edge comes near."""
    x, y = rings.x[edge : edge + 2], rings.y[edge : edge + 2]
    return (int((x.max() - x.min()) / frame.size) + 3) * (int((y.max() - y.min()) / frame.size) + 3)


@compiled
def _lay_edge(
    rings: Rings, edge: int, area: int, frame: Frame, box: Box, near: Ints, odd: Bytes, entries: Ints, used: int
) -> int:
    """Enter an edge in every cell that it comes near, and turn over the corners above it.

    `near` holds for each cell of the box the last edge + 1, and the entries of its first and of its last run.
    """
    ax, ay, bx, by = rings.x[edge], rings.y[edge], rings.x[edge + 1], rings.y[edge + 1]
    last_column = _cell(max(ax, bx) + MARGIN, frame.west, frame.size)
    for column in range(_cell(min(ax, bx) - MARGIN, frame.west, frame.size), last_column + 1):
        left = frame.west + column * frame.size
        _turn_over(ax, ay, bx, by, left, frame, odd[(column - box.column) * box.height :], box)
        low, high = _reach(ax, ay, bx, by, left - MARGIN, left + frame.size + MARGIN)
        for row in range(_cell(low, frame.south, frame.size), _cell(high, frame.south, frame.size) + 1):
            here = (column - box.column) * box.height + row - box.row
            before = near[here, 0]
            near[here, 0] = edge + 1
            if before == edge > 0:
                entries[near[here, 2], 3] += 1
                continue
            if before == 0:
                near[here, 1] = used
            near[here, 2] = used
            entries[used, 0], entries[used, 1] = row * frame.columns + column, 2 * area
            entries[used, 2], entries[used, 3] = edge, 1
            used += 1
    return used


@compiled
def _turn_over(ax: float, ay: float, bx: float, by: float, left: float, frame: Frame, odd: Bytes, box: Box) -> None:
    """Mark the lowest corner of a column's west side that the edge, if it spans that, does not lie above."""
    if (ax <= left) == (bx <= left):
        return
    row = _cell(ay + (by - ay) / (bx - ax) * (left - ax), frame.south, frame.size)
    while not above(ax, ay, bx, by, left, frame.south + (row - 1) * frame.size):
        row -= 1
    while above(ax, ay, bx, by, left, frame.south + row * frame.size):
        row += 1
    if row < box.row + box.height:
        odd[row - box.row] ^= 1


@compiled
def _reach(ax: float, ay: float, bx: float, by: float, left: float, right: float) -> tuple[float, float]:
    """Lowest and highest y, with their margin, of what an edge has between two x."""
    low, high = min(ay, by), max(ay, by)
    if abs(bx - ax) > MARGIN:
        slope = (by - ay) / (bx - ax)
        begin = ay + slope * (min(max(left, min(ax, bx)), max(ax, bx)) - ax)
        end = ay + slope * (min(max(right, min(ax, bx)), max(ax, bx)) - ax)
        low, high = max(low, min(begin, end)), min(high, max(begin, end))
    return low - MARGIN, high + MARGIN


@compiled
def _lay_inside(
    area: int, frame: Frame, box: Box, near: Ints, odd: Bytes, table: Ints, entries: Ints, used: int
) -> int:
    """Mark the corners that the area holds, and enter the cells that it covers wholly."""
    for column in range(box.width):
        inside = 0
        for row in range(box.height):
            here = column * box.height + row
            inside ^= odd[here]
            if not inside:
                continue
            cell = (box.row + row) * frame.columns + box.column + column
            if near[here, 0]:
                entries[near[here, 1], 1] |= 1
            elif table[cell] == OUTSIDE:
                table[cell] = area
            else:
                entries[used, 0], entries[used, 1], entries[used, 2], entries[used, 3] = cell, 2 * area + 1, 0, 0
                used += 1
    return used


@compiled
def _records(entries: Ints, table: Ints) -> Ints:
    """The runs, by cell and area; the table tells where those of a cell begin.

    An area that covers a cell wholly gets an entry too where others reach into the cell, in its turn.
    """
    records, counts = np.full(len(table), -1, np.int32), np.zeros(len(table) + 1, np.int32)
    known = 0
    for entry in range(len(entries)):
        cell = entries[entry, 0]
        if records[cell] < 0:
            records[cell] = known
            counts[known] = 1 if table[cell] != OUTSIDE else 0
            known += 1
        counts[records[cell]] += 1
    starts = np.zeros(known + 1, np.int32)
    starts[1:] = np.cumsum(counts[:known])
    runs, places = np.zeros((starts[known], 3), np.int32), starts[:known].copy()
    for entry in range(len(entries)):
        cell = entries[entry, 0]
        record = records[cell]
        if table[cell] != OUTSIDE and 2 * table[cell] < entries[entry, 1]:
            runs[places[record], 0] = 2 * table[cell] + 1
            places[record] += 1
            table[cell] = OUTSIDE
        runs[places[record]] = entries[entry, 1:]
        places[record] += 1
    for cell in range(len(table)):
        record = records[cell]
        if record >= 0:
            if table[cell] != OUTSIDE:
                runs[places[record], 0] = 2 * table[cell] + 1
            table[cell] = -2 - starts[record]
    runs[:, 0] += runs[:, 0] & ~HOLDS  # makes room for the other flag
    runs[starts[1:] - 1, 0] |= LAST
    return runs


@compiled
def _blocks(rings: Rings) -> tuple[Floats, Ints, Ints]:
    """Boxes of at most BLOCK edges that follow each other, their edges, and where those of each area begin."""
    most = len(rings.x) // BLOCK + len(rings.ring_ends) + 1
    boxes, spans = np.empty((most, 4)), np.empty((most, 2), np.int32)
    starts = np.zeros(len(rings.area_ends) + 1, np.int32)
    used = ring = vertex = 0
    for area in range(len(rings.area_ends)):
        while ring < rings.area_ends[area]:
            last = rings.ring_ends[ring] - 1
            while vertex < last:
                count = min(BLOCK, last - vertex)
                x, y = rings.x[vertex : vertex + count + 1], rings.y[vertex : vertex + count + 1]
                boxes[used, 0], boxes[used, 1], boxes[used, 2], boxes[used, 3] = x.min(), y.min(), x.max(), y.max()
                spans[used, 0], spans[used, 1] = vertex, count
                used, vertex = used + 1, vertex + count
            vertex = last + 1
            ring += 1
        starts[area + 1] = used
    return boxes[:used].copy(), spans[:used].copy(), starts
