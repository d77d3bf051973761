"""Streets along every second line of the mesh, with invented names."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from synthetic.mesh import EAST, NORTH, SOUTH, WEST, Mesh

IntArray = NDArray[np.int64]

FIRST = (
    ("临", "Lin"), ("长", "Chang"), ("绵", "Mian"), ("剑", "Jian"), ("富", "Fu"), ("安", "An"), ("涪", "Fu"),
    ("科", "Ke"), ("兴", "Xing"), ("花", "Hua"), ("玉", "Yu"), ("文", "Wen"), ("平", "Ping"), ("跃", "Yue"),
    ("金", "Jin"), ("石", "Shi"), ("青", "Qing"), ("南", "Nan"), ("仙", "Xian"), ("东", "Dong"), ("松", "Song"),
)  # fmt: skip
SECOND = (
    ("园", "yuan"), ("虹", "hong"), ("州", "zhou"), ("门", "men"), ("乐", "le"), ("昌", "chang"), ("江", "jiang"),
    ("创", "chuang"), ("业", "ye"), ("溪", "xi"), ("泉", "quan"), ("星", "xing"), ("政", "zheng"), ("进", "jin"),
    ("桥", "qiao"), ("塘", "tang"), ("龙", "long"), ("山", "shan"), ("海", "hai"), ("林", "lin"), ("滨", "bin"),
    ("和", "he"), ("明", "ming"),
)  # fmt: skip
LONG_STREET = 12  # edges from which a street has three sections
PARTS_ACROSS = (("西段", "West Section"), ("中段", "Middle Section"), ("东段", "East Section"))
PARTS_UP = (("南段", "South Section"), ("中段", "Middle Section"), ("北段", "North Section"))


@dataclass(frozen=True)
class Roads:
    """Street sections and the sides of unit grids that lie on them.

    Attributes:
        name_zh, name_en: by section
        lines: geometry by section, in metres
        cell, side: (m,) unit grid and side (south 0, east 1, north 2, west 3) along a street
        section, number: (m,) street section of that side, and the house number where it begins
    """

    name_zh: list[str]
    name_en: list[str]
    lines: NDArray[np.object_]
    cell: IntArray
    side: IntArray
    section: IntArray
    number: IntArray


def make_roads(mesh: Mesh) -> Roads:
    """Every second lattice line is a street; long ones have sections."""
    cell, side, line, place, across = _street_sides(mesh)
    section, names = _sections(line, place, across)
    house = place * 50 + np.where((side == NORTH) | (side == WEST), 2, 1)
    lines = _lines(mesh, cell, side, section, len(names))
    return Roads([n[0] for n in names], [n[1] for n in names], lines, cell, side, section, house)


def _street_sides(mesh: Mesh) -> tuple[IntArray, IntArray, IntArray, IntArray, NDArray[np.bool_]]:
    """Unit grid, side, number of the lattice line, place along it, whether it runs west to east."""
    everyone = np.arange(mesh.size)
    found = []
    for side in (SOUTH, EAST, NORTH, WEST):
        across = side in (SOUTH, NORTH)
        line = (mesh.row if across else mesh.column) + (side in (NORTH, EAST))
        place = mesh.column if across else mesh.row
        on = line % 2 == 0
        found.append((everyone[on], np.full(on.sum(), side), line[on], place[on], np.full(on.sum(), across)))
    cell, side, line, place, across = (np.concatenate(part) for part in zip(*found, strict=True))
    return cell, side, line, place - place.min(), across


def _sections(line: IntArray, place: IntArray, across: NDArray[np.bool_]) -> tuple[IntArray, list[tuple[str, str]]]:
    street = line + np.where(across, 0, line.max() + 1)
    section = np.zeros(len(line), dtype=np.int64)
    names: list[tuple[str, str]] = []
    for number, index in enumerate(np.unique(street).tolist()):
        here = np.flatnonzero(street == index)
        first, length = place[here].min(), np.ptp(place[here]) + 1
        third = (place[here] - first) * 3 // length if length >= LONG_STREET else np.full(len(here), -1)
        for part in np.unique(third).tolist():
            section[here[third == part]] = len(names)
            names.append(_name(number, part, bool(across[here[0]])))
    return section, names


def _name(number: int, part: int, across: bool) -> tuple[str, str]:
    first, second = FIRST[number % len(FIRST)], SECOND[(number * 7 + number // len(FIRST)) % len(SECOND)]
    zh, en = ("路", "Road") if across else ("街", "Street")
    tail = ("", "") if part < 0 else (PARTS_ACROSS if across else PARTS_UP)[part]
    return f"{first[0]}{second[0]}{zh}{tail[0]}", f"{first[1]}{second[1]} {en} {tail[1]}".strip()


def _lines(mesh: Mesh, cell: IntArray, side: IntArray, section: IntArray, count: int) -> NDArray[np.object_]:
    """Merge the edges of each section; an edge with a unit grid on both sides is taken once."""
    doubled = ((side == NORTH) | (side == EAST)) & (mesh.neighbours[cell, side] >= 0)
    cell, side, section = cell[~doubled], side[~doubled], section[~doubled]
    start = side * mesh.per_side
    edges = mesh.rings[cell[:, None], start[:, None] + np.arange(mesh.per_side + 1)]
    order = np.argsort(section, kind="stable")
    bundles = shapely.multilinestrings(shapely.linestrings(edges[order]), indices=section[order])
    if len(bundles) != count:
        raise ValueError("a street section has no edge")
    return shapely.line_merge(bundles)
