"""The cell table of one kind of area, compiled: square cells, and for each what lies in it.

A cell that is wholly inside one area, or outside of all, answers at once. Any other has a record: for each area that
reaches into it whether the cell's south-west corner is inside, and the runs of the area's edges that come near. A point
is inside if the corner is, turned over for each edge that the way between them crosses: along the cell's west side,
then eastwards. Both legs judge an edge at the bend by one and the same sign, so rounding cannot make them disagree;
within the tolerance of an edge its distance decides, so rounding at the point does not matter either.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridsvc.domain.compiled import compiled, inlined
from gridsvc.domain.location import TOLERANCE

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]

OUTSIDE = -1
BOUNDARY, OVERLAP = 1, 2
"""Flags of an answer."""
HOLDS, LAST = 1, 2
"""Flags of a run: the area holds the cell's corner; no other run of the record comes after it."""
LOT = 256
"""Points that are looked up together."""


class Cells(NamedTuple):
    """Arrays of one kind. An edge n goes from vertex n to vertex n + 1; the last vertex of a ring begins none."""

    xy: Floats
    """Vertices in the city's metres, rings closed, areas in the order of their codes."""
    west: float
    south: float
    size: float
    """Metres of a cell's side."""
    columns: int
    rows: int
    table: Ints
    """By row * columns + column: an area's place, OUTSIDE, or -2 - n if the cell's record begins with run n."""
    runs: Ints
    """An area's place four times, plus HOLDS, plus LAST; first edge; how many. Runs of one area are together."""
    boxes: Floats
    """Least x, least y, greatest x, greatest y of each block of edges."""
    spans: Ints
    """First edge of each block, and how many."""
    blocks: Ints
    """Where the blocks of each area begin, and where those of the last end."""


@inlined
def above(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> bool:
    """Whether an edge that spans x lies above (x, y) there. One answer for an edge and a point, even if rounded."""
    if (ay <= y) == (by <= y):
        return ay > y
    turn = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    return turn < 0 if bx > ax else turn > 0


@inlined
def crosses(ax: float, ay: float, bx: float, by: float, west: float, south: float, x: float, y: float) -> bool:
    """Whether the way (west, south) → (west, y) → (x, y) crosses an edge an odd number of times."""
    spans_x, spans_y = (ax <= west) != (bx <= west), (ay <= y) != (by <= y)
    odd = bend_below = False
    if spans_x:
        bend_below = above(ax, ay, bx, by, west, y)
        odd = bend_below != above(ax, ay, bx, by, west, south)
    if spans_y:
        bend_left = bend_below != ((bx > ax) == (by > ay)) if spans_x else ax > west
        if (ax <= x) == (bx <= x):
            point_left = ax > x
        else:
            turn = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            point_left = turn > 0 if by > ay else turn < 0
        odd ^= bend_left != point_left
    return odd


@compiled
def from_edge(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> Any:
    """Metres between an edge and a point."""
    dx, dy = bx - ax, by - ay
    length2 = dx * dx + dy * dy
    along = (x - ax) * dx + (y - ay) * dy
    if along <= 0:
        return np.hypot(x - ax, y - ay)
    if along >= length2:
        return np.hypot(x - bx, y - by)
    return abs((ay - y) * dx - (ax - x) * dy) / np.sqrt(length2)


@inlined
def on_edge(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> bool:
    reach = 2 * TOLERANCE
    if x < min(ax, bx) - reach or x > max(ax, bx) + reach or y < min(ay, by) - reach or y > max(ay, by) + reach:
        return False
    return bool(from_edge(ax, ay, bx, by, x, y) <= TOLERANCE)


@inlined
def cell_of(place: float, begin: float, size: float, count: int) -> Any:
    """Column or row; -1 beyond the table, or if the place is not a number."""
    cells = (place - begin) / size
    return int(cells) if 0 <= cells < count else -1


@inlined
def by_record(cells: Cells, run: int, column: int, row: int, x: float, y: float) -> tuple[int, int]:
    """The first area of a record's that is within the tolerance, or OUTSIDE; flags. It begins with this run."""
    west, south = cells.west + column * cells.size, cells.south + row * cells.size
    found, flags, holding, last = OUTSIDE, 0, 0, False
    while not last:
        area, inside, near = cells.runs[run, 0] >> 2, (cells.runs[run, 0] & HOLDS) != 0, False
        while not last and cells.runs[run, 0] >> 2 == area:
            first = cells.runs[run, 1]
            for edge in range(first, first + cells.runs[run, 2]):
                ax, ay, bx, by = cells.xy[edge, 0], cells.xy[edge, 1], cells.xy[edge + 1, 0], cells.xy[edge + 1, 1]
                inside ^= crosses(ax, ay, bx, by, west, south, x, y)
                near |= on_edge(ax, ay, bx, by, x, y)
            last = (cells.runs[run, 0] & LAST) != 0
            run += 1
        if near:
            flags = BOUNDARY
        elif inside:
            holding += 1
        if found == OUTSIDE and (near or inside):
            found = area
    return found, flags | (OVERLAP if holding > 1 else 0)


@compiled
def find_one(cells: Cells, x: float, y: float) -> tuple[int, int]:
    """The place of the first area within the tolerance of a point, or OUTSIDE; flags."""
    column, row = cell_of(x, cells.west, cells.size, cells.columns), cell_of(y, cells.south, cells.size, cells.rows)
    value = cells.table[row * cells.columns + column] if column >= 0 and row >= 0 else OUTSIDE
    if value >= OUTSIDE:
        return value, 0
    return by_record(cells, -2 - value, column, row, x, y)


@compiled
def find_many(cells: Cells, x: Floats, y: Floats, areas: Ints, flags: Bytes) -> float:
    """The same for many. What a lot needs is fetched step by step: a step's fetches wait for memory together.

    The sum that comes back only keeps the compiler from leaving out the fetches.
    """
    columns, rows, values = np.empty(LOT, np.int32), np.empty(LOT, np.int32), np.empty(LOT, np.int32)
    bordered, places = np.empty(LOT + 1, np.int32), np.empty(LOT, np.int32)
    fetched = 0.0
    for begin in range(0, len(x), LOT):
        count, waiting = min(LOT, len(x) - begin), 0
        for n in range(count):
            column = cell_of(x[begin + n], cells.west, cells.size, cells.columns)
            row = cell_of(y[begin + n], cells.south, cells.size, cells.rows)
            inside = column >= 0 and row >= 0
            columns[n], rows[n] = column, row
            values[n] = cells.table[row * cells.columns + column if inside else 0] if inside else OUTSIDE
        for n in range(count):
            areas[begin + n], flags[begin + n] = values[n], 0
            bordered[waiting] = n
            waiting += values[n] < OUTSIDE
        for n in range(waiting):
            places[n] = cells.runs[-2 - values[bordered[n]], 1]
        for n in range(waiting):
            fetched += cells.xy[places[n], 0]
        for k in range(waiting):
            n = bordered[k]
            areas[begin + n], flags[begin + n] = by_record(
                cells, -2 - values[n], columns[n], rows[n], x[begin + n], y[begin + n]
            )
    return fetched
