"""The order in which areas are numbered (GB/T 30428.1: west to east within a row, rows from north to south)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray


def reading_order(shapes: Sequence[Any] | NDArray[Any], row_height: float | None = None) -> NDArray[np.int64]:
    """Places of the shapes in the order of numbering.

    A row begins with the northernmost shape that is left, and holds all whose middle is less than half of `row_height`
    farther south; in metres, the height of a typical shape if not said.
    """
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    x, y = np.round(middles, 3).T
    if row_height is None:
        _, south, _, north = shapely.bounds(shapes).reshape(-1, 4).T
        row_height = float(np.median(north - south)) if len(y) else 0.0
    return np.lexsort((-y, x, _rows(y, row_height / 2)))


def _rows(y: NDArray[np.float64], reach: float) -> NDArray[np.int64]:
    """The number of each shape's row, from the north."""
    row, number, begin = np.zeros(len(y), dtype=np.int64), -1, np.inf
    for n in np.argsort(-y, kind="stable").tolist():
        if begin - y[n] >= reach or number < 0:
            number, begin = number + 1, y[n]
        row[n] = number
    return row
