"""How far the edges of areas are, compiled: on the arrays of `grid_cells`."""

import numpy as np

from gridsvc.domain.compiled import compiled
from gridsvc.domain.grid_cells import OUTSIDE, Cells, Floats, Ints, find_one, from_edge


@compiled
def to_edge(cells: Cells, area: int, x: float, y: float, most: float) -> float:
    """Metres from a point to the nearest edge of an area; infinite if that is not below `most`."""
    least = most
    for block in range(cells.blocks[area], cells.blocks[area + 1]):
        dx = max(cells.boxes[block, 0] - x, 0.0, x - cells.boxes[block, 2])
        dy = max(cells.boxes[block, 1] - y, 0.0, y - cells.boxes[block, 3])
        if dx * dx + dy * dy >= least * least:
            continue
        first = cells.spans[block, 0]
        for edge in range(first, first + cells.spans[block, 1]):
            ax, ay, bx, by = cells.xy[edge, 0], cells.xy[edge, 1], cells.xy[edge + 1, 0], cells.xy[edge + 1, 1]
            least = min(least, from_edge(ax, ay, bx, by, x, y))
    return least if least < most else np.inf


@compiled
def find_measured(cells: Cells, x: float, y: float) -> tuple[int, int, float]:
    """The first area that holds a point, or OUTSIDE; flags; metres to its edge."""
    area, flags = find_one(cells, x, y)
    return area, flags, to_edge(cells, area, x, y, np.inf) if area != OUTSIDE else np.inf


@compiled
def to_edges(cells: Cells, areas: Ints, x: Floats, y: Floats, distances: Floats) -> None:
    """Of each point to the edges of its area; NaN where it has none."""
    for n in range(len(x)):
        distances[n] = to_edge(cells, areas[n], x[n], y[n], np.inf) if areas[n] != OUTSIDE else np.nan


@compiled
def nearest(cells: Cells, x: float, y: float) -> tuple[int, float]:
    """For a point outside every area: the nearest, of equally near ones the first, and its distance in metres."""
    found, least = OUTSIDE, np.inf
    for area in range(len(cells.blocks) - 1):
        distance = to_edge(cells, area, x, y, least)
        if distance < least:
            found, least = area, distance
    return found, least
