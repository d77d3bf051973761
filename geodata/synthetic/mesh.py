"""The mesh of unit grids: every edge is made once and used by both neighbours."""

import itertools
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from synthetic.extent import Lattice

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SOUTH, EAST, NORTH, WEST = range(4)
STEPS = ((0, -1), (1, 0), (0, 1), (-1, 0))  # to the neighbour on each side
JITTER = 7.0  # metres by which inner vertices move
WIGGLE = 0.011  # of an edge's length, amplitude of the first wave
SMOOTHING_ROUNDS = 80


@dataclass(frozen=True)
class Mesh:
    """The unit grids as rings of equal vertex count, sorted by row and column.

    Attributes:
        column, row: (n,) place in the lattice
        district: (n,) index into extent.MANAGED
        neighbours: (n, 4) cell to the south, east, north, west, or -1
        rings: (n, 4 * per_side + 1, 2) metres, whole millimetres, counter-clockwise, closed;
            vertex `side * per_side` is the corner where that side begins
        per_side: segments of an edge
    """

    column: IntArray
    row: IntArray
    district: IntArray
    neighbours: IntArray
    rings: FloatArray
    per_side: int

    @property
    def size(self) -> int:
        return len(self.column)

    @property
    def corners(self) -> FloatArray:
        """(n, 4, 2): south-west, south-east, north-east, north-west."""
        return self.rings[:, : 4 * self.per_side : self.per_side]

    def polygons(self) -> NDArray[np.object_]:
        return shapely.polygons(self.rings)

    def inside(self, cells: IntArray, u: FloatArray, v: FloatArray) -> FloatArray:
        """Bilinear place in a cell: u from west to east, v from south to north, both 0 to 1."""
        sw, se, ne, nw = np.moveaxis(self.corners[cells], 1, 0)
        u, v = u[:, None], v[:, None]
        return np.round((1 - v) * ((1 - u) * sw + u * se) + v * ((1 - u) * nw + u * ne), 3)


ROOMY = 15.0  # metres around the middle of a cell that needs no better heart


def room_at(mesh: Mesh, polygons: NDArray[np.object_], cells: IntArray, places: FloatArray) -> FloatArray:
    """Metres from a bilinear place (n, 2) in each cell to the cell's edge; negative outside."""
    points = shapely.points(mesh.inside(cells, places[:, 0], places[:, 1]))
    distance = shapely.distance(shapely.get_exterior_ring(polygons[cells]), points)
    return np.where(shapely.contains_properly(polygons[cells], points), distance, -1.0)


def hearts(mesh: Mesh, polygons: NDArray[np.object_]) -> FloatArray:
    """(n, 2): bilinear place well inside each cell: its middle, or a better one in the few bent cells at borders."""
    best = np.full((mesh.size, 2), 0.5)
    room = room_at(mesh, polygons, np.arange(mesh.size), best)
    bent = np.flatnonzero(room < ROOMY)
    for u, v in itertools.product((0.25, 0.35, 0.5, 0.65, 0.75), repeat=2):
        place = np.tile((u, v), (len(bent), 1))
        here = room_at(mesh, polygons, bent, place)
        better = here > room[bent]
        best[bent[better]], room[bent[better]] = place[better], here[better]
    return best


def make_mesh(lattice: Lattice, edge_points: int, rng: np.random.Generator) -> Mesh:
    """Fit the lattice to the real borders, make its edges wiggly, cut out the city's cells."""
    vertices = np.round(_fitted_vertices(lattice, rng), 3)
    along = _edges(vertices[:-1, :], vertices[1:, :], edge_points, rng)  # west → east
    up = _edges(vertices[:, :-1], vertices[:, 1:], edge_points, rng)  # south → north
    row, column = np.nonzero(lattice.chosen.T)
    rings = _rings(along, up, column, row)
    if not shapely.is_valid(shapely.polygons(rings)).all():
        raise ValueError("the mesh has a unit grid that crosses itself; try another seed")
    neighbours = _neighbours(lattice.chosen, column, row)
    return Mesh(column, row, lattice.label[column, row], neighbours, rings, edge_points + 1)


def _fitted_vertices(lattice: Lattice, rng: np.random.Generator) -> FloatArray:
    on_border, chain = _border_vertices(lattice.label)
    jitter = rng.uniform(-JITTER, JITTER, lattice.vertices.shape)
    if not on_border.any():
        return lattice.vertices + jitter
    fitted = _fit(lattice.vertices, on_border, chain, lattice.borders)
    return np.where(_near(on_border)[..., None], fitted, fitted + jitter)


def _near(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    result = mask.copy()
    result[1:] |= mask[:-1]
    result[:-1] |= mask[1:]
    result[:, 1:] |= mask[:, :-1]
    result[:, :-1] |= mask[:, 1:]
    return result


def _border_vertices(label: IntArray) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Vertices on a border of two districts, and for each the sides (S, E, N, W) on which that border goes on."""
    padded = np.pad(label, 1, constant_values=-1)
    sw, se, nw, ne = padded[:-1, :-1], padded[1:, :-1], padded[:-1, 1:], padded[1:, 1:]
    pairs = ((sw, se), (se, ne), (ne, nw), (nw, sw))
    chain = np.stack([(a != b) & (a >= 0) & (b >= 0) for a, b in pairs], axis=-1)
    return chain.any(axis=-1), chain


def _fit(
    start: FloatArray, on_border: NDArray[np.bool_], chain: NDArray[np.bool_], borders: shapely.Geometry
) -> FloatArray:
    """Pull border vertices onto the real border, evenly spaced; the others follow smoothly."""
    where = np.argwhere(on_border)
    i, j = where.T
    weight = chain[i, j].astype(float)
    weight *= (weight.sum(axis=1) == 2)[:, None]
    ends = weight.sum(axis=1) == 0
    beside_i = np.clip(i[:, None] + np.array(STEPS)[:, 0], 0, start.shape[0] - 1)
    beside_j = np.clip(j[:, None] + np.array(STEPS)[:, 1], 0, start.shape[1] - 1)
    moved = start.copy()
    moved[i, j] = _nearest(borders, start[i, j])
    for _ in range(SMOOTHING_ROUNDS):
        middle = (moved[beside_i, beside_j] * weight[..., None]).sum(axis=1) / 2
        middle[ends] = moved[i, j][ends]
        shift = moved - start
        shift[1:-1, 1:-1] = (shift[2:, 1:-1] + shift[:-2, 1:-1] + shift[1:-1, 2:] + shift[1:-1, :-2]) / 4
        moved = start + shift
        moved[i, j] = _nearest(borders, middle)
    return moved


def _nearest(line: shapely.Geometry, points: FloatArray) -> FloatArray:
    links = shapely.shortest_line(line, shapely.points(points))
    return shapely.get_coordinates(links).reshape(-1, 2, 2)[:, 0]


def _edges(start: FloatArray, end: FloatArray, inner: int, rng: np.random.Generator) -> FloatArray:
    """(..., inner + 1, 2): the start vertex and the inner vertices of every edge, in whole millimetres."""
    t = np.arange(inner + 1) / (inner + 1)
    waves = np.arange(1, 5)
    amplitude = rng.normal(0, 1, (*start.shape[:-1], 4)) * WIGGLE / waves**1.3
    sideways = (amplitude @ np.sin(np.pi * waves[:, None] * t))[..., None]
    run = (end - start)[..., None, :]
    normal = np.stack([-run[..., 1], run[..., 0]], axis=-1)
    return np.round(start[..., None, :] + run * t[:, None] + normal * np.clip(sideways, -0.025, 0.025), 3)


def _rings(along: FloatArray, up: FloatArray, column: IntArray, row: IntArray) -> FloatArray:
    def backwards(edges: FloatArray, end: FloatArray) -> FloatArray:
        return np.concatenate([end[:, None], edges[:, :0:-1]], axis=1)

    south, west = along[column, row], up[column, row]
    east, north = up[column + 1, row], along[column, row + 1]
    north_east, north_west = _corner(along, up, column + 1, row + 1), north[:, 0]
    parts = [south, east, backwards(north, north_east), backwards(west, north_west), south[:, :1]]
    return np.concatenate(parts, axis=1)


def _corner(along: FloatArray, up: FloatArray, column: IntArray, row: IntArray) -> FloatArray:
    """The lattice vertex, which begins the edge to the east or the edge to the north."""
    if column.max() < along.shape[0]:
        return along[column, row, 0]
    return up[column, row, 0]


def _neighbours(chosen: NDArray[np.bool_], column: IntArray, row: IntArray) -> IntArray:
    number = np.full((chosen.shape[0] + 2, chosen.shape[1] + 2), -1, dtype=np.int64)
    number[column + 1, row + 1] = np.arange(len(column))
    return np.stack([number[column + 1 + di, row + 1 + dj] for di, dj in STEPS], axis=1)
