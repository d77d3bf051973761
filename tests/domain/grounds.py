"""Random ground to draw on: polygons of any shape, with holes and several parts, and what stands on them."""

from typing import Any

import numpy as np
import shapely
from hypothesis import strategies as st

from tests.sketch import ORIGIN


@st.composite
def polygons(draw: st.DrawFn) -> Any:
    """Stars of any shape, convex to spiky, from garden to district, with a hole now and then."""
    corners = draw(st.integers(3, 24))
    reach = np.array(draw(st.lists(st.floats(0.15, 1), min_size=corners, max_size=corners)))
    size, stretch = draw(st.floats(10, 5_000)), draw(st.floats(0.2, 1))
    star = _star(reach * size, stretch)
    if draw(st.booleans()):
        centre = star.representative_point()
        hole = centre.buffer(shapely.distance(centre, star.boundary) * draw(st.floats(0.1, 0.9)))
        star = star.difference(hole)
    return star if star.area > 1 else shapely.box(470_000, 3_480_000, 470_010, 3_480_010)


def _star(reach: Any, stretch: float = 1.0) -> Any:
    turn = np.linspace(0, 2 * np.pi, len(reach), endpoint=False)
    ring = np.column_stack([np.cos(turn) * stretch, np.sin(turn)]) * reach[:, None]
    star = shapely.Polygon(np.add(ring, ORIGIN))
    return star if star.is_valid else star.convex_hull  # a triangle may be flat


def town(seed: int) -> dict[str, Any]:
    """A community of one or two parts, perhaps with a lake, with streets, buildings and components."""
    rng = np.random.default_rng(seed)
    ground = _star(rng.uniform(60, 420, rng.integers(5, 30)))
    if rng.random() < 0.5:
        ground = ground.difference(ground.representative_point().buffer(rng.uniform(5, 80)))
    if rng.random() < 0.3:
        ground = ground.union(shapely.affinity.translate(ground, 900, 30))
    west, south, east, north = ground.bounds
    corner, far = np.array([west, south]), np.array([east, north])
    return {
        "whole": ground,
        "lines": _streets(rng, corner, far, ground),
        "keep_whole": _buildings(rng, corner, far),
        "points": rng.uniform(corner, far, (rng.integers(0, 400), 2)),
    }


def _streets(rng: Any, corner: Any, far: Any, ground: Any) -> list[Any]:
    """Through, dead ends, crossing themselves, far outside, doubled, and along the edge of the ground."""
    lines = []
    for _ in range(rng.integers(0, 8)):
        begin = rng.uniform(corner - 50, far + 50)
        steps = rng.normal(0, 1, 2) + rng.normal(0, 0.3, (rng.integers(2, 12), 2))
        lines.append(shapely.LineString(begin + np.cumsum(steps * rng.uniform(5, 120), axis=0)))
    if lines and rng.random() < 0.3:
        lines += [lines[0], shapely.affinity.translate(lines[0], 0.3, 0.3)]
    if rng.random() < 0.3:
        lines.append(shapely.affinity.translate(ground.convex_hull.exterior, *rng.uniform(-5, 5, 2)))
    return lines


def _buildings(rng: Any, corner: Any, far: Any) -> list[Any]:
    """Houses with any bearing that may overlap and reach out, now and then a large compound."""
    houses = []
    for _ in range(rng.integers(0, 40)):
        x, y = rng.uniform(corner, far)
        w, h = rng.uniform(3, 40), rng.uniform(3, 12)
        houses.append(shapely.affinity.rotate(shapely.box(x - w, y - h, x + w, y + h), rng.uniform(0, 180)))
    if rng.random() < 0.2:
        houses.append(shapely.box(*corner, *(corner + rng.uniform(100, 250, 2))))
    return houses
