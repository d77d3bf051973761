"""Components: the one point that stands for each."""

from typing import Any

import numpy as np
import shapely

from gridsvc.domain.crs import FloatArray

STATES = {"完好": "intact", "破损": "damaged", "丢失": "lost", "废弃": "abandoned", "移除": "removed"}
"""The state of a component as surveys write it (GB/T 30428.2, field ObjState) and as the store does."""

GONE_STATES = ("removed", "abandoned")
"""States in which a component is not there any more."""
SIGMA = {"A": 0.5, "B": 1.0, "C": 10.0}
"""Mean error of a survey in metres by accuracy class (CJJ/T 106)."""


def anchors(shapes: Any) -> tuple[FloatArray, FloatArray]:
    """x and y of the point that decides which areas a component is in (a line or polygon may cross several).

    A point is its own anchor, a line has its middle, a polygon a point inside it. Shapes must not be empty.
    """
    points = np.array(shapes, dtype=object)
    others = shapely.get_type_id(points) != 0
    lines = shapely.get_dimensions(points) == 1
    points[others] = shapely.point_on_surface(points[others])
    points[lines] = shapely.line_interpolate_point(_longest(np.asarray(shapes)[lines]), 0.5, normalized=True)
    return shapely.get_x(points), shapely.get_y(points)


def _longest(lines: Any) -> Any:
    """The longest part of each line."""
    return np.array([max(shapely.get_parts(line), key=shapely.length) for line in lines], dtype=object)
