"""Which cells of the lattice belong to the city, and to which district."""

from collections import deque
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

CITY_CRS = "EPSG:4544"
CELL = 100.0  # metres
MARGIN = 200.0  # metres kept to counties that the city does not manage
MANAGED = ("510703", "510704", "510705")
CENTRE_SMALL = (476_800.0, 3_483_000.0)
CENTRE_LARGE = (468_000.0, 3_484_500.0)
LARGE = 40_000  # unit grids from which the city reaches west into 安州区
SMALLEST_SHARE = 0.03  # of all cells; a district with fewer is left out

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Lattice:
    """A square lattice around the city's centre.

    Attributes:
        vertices: (columns + 1, rows + 1, 2), metres in the city's CRS
        label: (columns, rows), index into MANAGED, or -1 where the city has no say
        chosen: (columns, rows), True for the cells of the city
        borders: real borders between managed districts, a MultiLineString
    """

    vertices: FloatArray
    label: IntArray
    chosen: NDArray[np.bool_]
    borders: shapely.Geometry


def read_districts(folder: Path) -> dict[str, shapely.Geometry]:
    """County code → polygon in the city's CRS; the file is CGCS2000 longitude, latitude."""
    frame = gpd.read_file(folder / "districts.geojson").to_crs(CITY_CRS)
    return dict(zip(frame["gb"].str[3:], frame.geometry, strict=True))


def make_lattice(districts: dict[str, shapely.Geometry], unit_grids: int) -> Lattice:
    """Choose exactly `unit_grids` cells nearest to the centre, each district in one piece."""
    centre = CENTRE_LARGE if unit_grids > LARGE else CENTRE_SMALL
    half = int((unit_grids / 2.0) ** 0.5 * 1.35) + 12
    vertices = _warped_vertices(centre, half)
    middles = (vertices[:-1, :-1] + vertices[1:, 1:]) / 2
    label = _clean(_label(middles, districts))
    distance = np.hypot(middles[..., 0] - centre[0], middles[..., 1] - centre[1])
    chosen = _choose(label, distance, unit_grids)
    return Lattice(vertices, label, chosen, _borders(districts))


def _warped_vertices(centre: tuple[float, float], half: int) -> FloatArray:
    steps = np.arange(-half, half + 1) * CELL
    x, y = np.meshgrid(steps, steps, indexing="ij")
    x_out = x + 55 * np.sin(y / 610 + 0.4) * np.cos(x / 2300) + 35 * np.sin(x / 900)
    y_out = y + 55 * np.sin(x / 730 + 1.1) * np.cos(y / 2700) + 35 * np.sin(y / 1000 + 2)
    return np.stack([x_out + centre[0], y_out + centre[1]], axis=-1)


def _label(middles: FloatArray, districts: dict[str, shapely.Geometry]) -> IntArray:
    points = shapely.points(middles)
    label = np.full(points.shape, -1, dtype=np.int64)
    foreign = shapely.union_all([d for code, d in districts.items() if code not in MANAGED]).buffer(MARGIN)
    shapely.prepare(foreign)
    for index, code in enumerate(MANAGED):
        area = districts[code]
        shapely.prepare(area)
        label[shapely.contains(area, points)] = index
    label[shapely.intersects(foreign, points)] = -1
    return label


def _clean(label: IntArray) -> IntArray:
    """Flip cells that stick out into another district, so that borders have no spikes and no crossings."""
    for _ in range(8):
        for other in range(len(MANAGED)):
            neighbours = np.zeros(label.shape, dtype=np.int64)
            same = label == other
            neighbours[1:] += same[:-1]
            neighbours[:-1] += same[1:]
            neighbours[:, 1:] += same[:, :-1]
            neighbours[:, :-1] += same[:, 1:]
            label = np.where((label >= 0) & ~same & (neighbours >= 3), other, label)
    return label


def _choose(label: IntArray, distance: FloatArray, unit_grids: int) -> NDArray[np.bool_]:
    order = np.argsort(np.where(label >= 0, distance, np.inf), axis=None, kind="stable")
    wanted = unit_grids
    for _ in range(40):
        chosen = np.zeros(label.shape, dtype=bool)
        chosen.ravel()[order[:wanted]] = True
        chosen &= label >= 0
        chosen = _whole_pieces(label, chosen)
        missing = unit_grids - int(chosen.sum())
        if missing == 0:
            return chosen
        wanted += missing
    raise ValueError(f"no city of exactly {unit_grids} unit grids fits the lattice; ask for a few more or fewer")


def _whole_pieces(label: IntArray, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep the largest piece of each district, and no district of a negligible share."""
    result = np.zeros_like(chosen)
    for district in range(len(MANAGED)):
        piece = largest_piece(chosen & (label == district))
        if piece.sum() >= SMALLEST_SHARE * chosen.sum():
            result |= piece
    return result


def largest_piece(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest part of the mask that hangs together by whole edges."""
    left = {(int(i), int(j)) for i, j in np.argwhere(mask)}
    best: list[tuple[int, int]] = []
    while left:
        queue = deque([left.pop()])
        piece = list(queue)
        while queue:
            i, j = queue.popleft()
            for cell in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
                if cell in left:
                    left.remove(cell)
                    queue.append(cell)
                    piece.append(cell)
        if len(piece) > len(best):
            best = piece
    result = np.zeros_like(mask)
    if best:
        result[tuple(np.array(best).T)] = True
    return result


def _borders(districts: dict[str, shapely.Geometry]) -> shapely.Geometry:
    parts = [shapely.intersection(districts[a], districts[b]) for n, a in enumerate(MANAGED) for b in MANAGED[n + 1 :]]
    return shapely.line_merge(shapely.union_all([p for p in parts if not p.is_empty]))
