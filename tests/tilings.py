"""Random areas, points on and beside their edges, and the rule of location by brute force over shapely."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import strategies as st

from gridsvc.domain.location import TOLERANCE, Location
from tests.sketch import ORIGIN


def expected(shapes: dict[str, Any], point: Any) -> tuple[str, bool, bool, float] | None:
    """Code, on_boundary, overlap and distance to the edge; None outside."""
    near = sorted(code for code, shape in shapes.items() if shapely.distance(shape, point) <= TOLERANCE)
    edges = {code: shapely.distance(shapely.boundary(shapes[code]), point) for code in near}
    if not near:
        return None
    inside = [code for code in near if edges[code] > TOLERANCE]
    return near[0], len(inside) < len(near), len(inside) > 1, edges[near[0]]


@st.composite
def tilings(draw: Any) -> dict[str, Any]:
    """A jittered grid of quadrangles with many vertices; some lost, some with a hole, some grown over a neighbour."""
    columns, rows = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    corners = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1), indexing="ij"), -1) * 100.0
    corners += rng.uniform(-25, 25, corners.shape) + ORIGIN
    shapes = {}
    for i in range(columns):
        for j in range(rows):
            ring = [corners[i, j], corners[i + 1, j], corners[i + 1, j + 1], corners[i, j + 1]]
            shapes[f"{rng.integers(100):02d}-{i}{j}"] = _changed(shapely.Polygon(ring), rng.random(), rng)
    return {code: shape for code, shape in shapes.items() if not shape.is_empty}


def _changed(shape: Any, chance: float, rng: Any) -> Any:
    if chance < 0.1:
        return shapely.Polygon()
    if chance < 0.3:
        return shape.difference(shape.centroid.buffer(rng.uniform(2, 15), quad_segs=40))
    if chance < 0.4:
        return shape.buffer(rng.uniform(0.5, 20), quad_segs=30)
    if chance < 0.6:
        return shapely.segmentize(shape, 1.5)
    return shape


def places(shapes: dict[str, Any], rng: Any) -> Any:
    """Points anywhere, on vertices, on edges, a little beside edges, and level with vertices."""
    whole = shapely.union_all(list(shapes.values())).bounds if shapes else (*ORIGIN, *ORIGIN)
    anywhere = rng.uniform(np.subtract(whole[:2], 30), np.add(whole[2:], 30), (20, 2))
    if not shapes:
        return anywhere
    edges = shapely.boundary(list(shapes.values()))
    vertices = shapely.get_coordinates(edges)
    chosen = edges[rng.integers(len(edges), size=20)]
    on_edge = shapely.get_coordinates(shapely.line_interpolate_point(chosen, rng.random(20), normalized=True))
    beside = on_edge + rng.choice([-1, 1], (20, 2)) * rng.choice([0.0003, 0.0006, 0.0008, 0.002, 0.1], (20, 1))
    level = np.column_stack([anywhere[:, 0], vertices[rng.integers(len(vertices), size=20), 1]])
    return np.concatenate([anywhere, vertices[rng.integers(len(vertices), size=20)], on_edge, beside, level])


def agrees(shapes: dict[str, Any], point: Any, location: Location) -> None:
    right = expected(shapes, point)
    if right is None:
        nearest = min(shapely.distance(shape, point) for shape in shapes.values())
        assert location.hits == {}
        assert location.outside["grid"].distance == pytest.approx(nearest, abs=1e-6)
        assert shapely.distance(shapes[location.outside["grid"].code], point) == pytest.approx(nearest, abs=1e-6)
        return
    hit = location.hits["grid"]
    assert (hit.code, hit.on_boundary, hit.overlap) == right[:3]
    assert hit.edge_distance == pytest.approx(right[3], abs=1e-6)
    assert location.outside == {}
