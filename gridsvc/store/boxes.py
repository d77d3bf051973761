"""Boxes that queries are asked for."""

from collections.abc import Sequence

Box = tuple[float, float, float, float]
"""Least x, least y, greatest x, greatest y in the city's CRS."""


def box_sides(box: Sequence[float] | None) -> dict[str, float | None]:
    """For queries that ask for what touches a box; None: everywhere."""
    return dict(zip(("xmin", "ymin", "xmax", "ymax"), box or (None,) * 4, strict=True))
