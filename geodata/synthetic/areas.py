"""All kinds of area as groups of unit grids, with codes, names and two kinds of planted fault."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from synthetic.extent import MANAGED
from synthetic.mesh import Mesh
from synthetic.partition import Neighbours, connected, divide
from synthetic.places import Gazetteer, Place
from synthetic.sizes import LARGEST_COMMUNITY, SUB_GRIDS_PER_RESPONSIBILITY_GRID, Sizes

IntArray = NDArray[np.int64]

KINDS = (
    "district",
    "subdistrict",
    "community",
    "unit_grid",
    "community_grid",
    "responsibility_grid",
    "sub_grid",
    "patrol_grid",
)
FULL_COMMUNITY = 0.8 * LARGEST_COMMUNITY


@dataclass(frozen=True)
class Area:
    """One area of any kind: whole unit grids."""

    code: str
    name_zh: str
    name_en: str
    parent: str
    cells: IntArray


@dataclass(frozen=True)
class Areas:
    """Areas by kind, and the same read per unit grid.

    Attributes:
        by_kind: kind → areas
        codes: kind → code per unit grid, "" in a planted gap
        gaps: unit grids cut out of the responsibility grids and sub-grids
        overlaps: unit grid → code of the second patrol grid that covers it
    """

    by_kind: dict[str, list[Area]]
    codes: dict[str, NDArray[np.object_]]
    gaps: tuple[int, ...]
    overlaps: dict[int, str]


@dataclass
class _Builder:
    mesh: Mesh
    places: Gazetteer
    sizes: Sizes
    rng: np.random.Generator
    by_kind: dict[str, list[Area]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    gaps: list[int] = field(default_factory=list)
    divided: int = 0  # unit grids already in a responsibility grid

    def __post_init__(self) -> None:
        self.neighbours: Neighbours = self.mesh.neighbours.tolist()

    def parts(self, cells: IntArray, per_part: float, most: int | None = None) -> list[IntArray]:
        count = max(1, round(len(cells) / per_part))
        count = min(count, len(cells), most or count)
        return divide(cells, count, self.mesh.column, self.mesh.row, self.neighbours)

    def add(self, kind: str, place: Place, parent: str, cells: IntArray) -> Area:
        area = Area(place.code, place.name_zh, place.name_en, parent, cells)
        self.by_kind[kind].append(area)
        return area


def make_areas(mesh: Mesh, places: Gazetteer, sizes: Sizes, rng: np.random.Generator) -> Areas:
    """Divide the mesh top down; plant gaps and overlaps in the kinds that need not tile."""
    builder = _Builder(mesh, places, sizes, rng)
    for index, code in enumerate(MANAGED):
        cells = np.flatnonzero(mesh.district == index)
        if len(cells):
            _add_district(builder, places.districts[code], cells)
    _add_sub_grids(builder)
    overlaps = _plant_overlaps(builder)
    codes = {kind: _per_cell(builder.by_kind[kind], mesh.size) for kind in KINDS}
    for cell in overlaps:  # the grid it was planned for; the second stands in `overlaps`
        owner = next(a for a in builder.by_kind["patrol_grid"] if cell in a.cells and a.code != overlaps[cell])
        codes["patrol_grid"][cell] = owner.code
    return Areas(builder.by_kind, codes, tuple(builder.gaps), overlaps)


def _per_cell(areas: list[Area], size: int) -> NDArray[np.object_]:
    codes = np.full(size, "", dtype=object)
    for area in areas:
        codes[area.cells] = area.code
    return codes


def _add_district(builder: _Builder, place: Place, cells: IntArray) -> None:
    builder.add("district", place, "", cells)
    towns = builder.places.usable(place.code)
    per_town = builder.mesh.size / builder.sizes.subdistricts
    parts = builder.parts(cells, per_town, most=len(towns))
    parts.sort(key=lambda part: _distance_to_centre(builder.mesh, part))
    free = list(towns)
    for part in parts:
        needed = len(part) / FULL_COMMUNITY
        town = next((t for t in free if len(builder.places.communities[t.code]) >= needed), None)
        if town is None:
            raise ValueError(f"{place.name_zh} has too few communities for {len(part)} unit grids")
        free.remove(town)
        _add_subdistrict(builder, builder.add("subdistrict", town, place.code, part))
    serials = builder.parts(cells, builder.sizes.grids_per_patrol_grid)
    for number, part in enumerate(serials, start=1):
        patrol = Place(f"{place.code}X{number:04d}", f"{place.name_zh}巡查{number}号网格", f"Patrol grid {number}")
        builder.add("patrol_grid", patrol, "", part)


def _distance_to_centre(mesh: Mesh, part: IntArray) -> float:
    middle = np.array([mesh.column.mean(), mesh.row.mean()])
    return float(np.hypot(*(np.array([mesh.column[part].mean(), mesh.row[part].mean()]) - middle)))


def _add_subdistrict(builder: _Builder, town: Area) -> None:
    places = builder.places.communities[town.code]
    per_part = min(builder.sizes.grids_per_community, FULL_COMMUNITY)
    parts = builder.parts(town.cells, per_part, most=len(places))
    for place, part in zip(places, parts, strict=False):
        _add_community(builder, builder.add("community", place, town.code, part))
    for number, part in enumerate(_responsibility_parts(builder, town.cells), start=1):
        grid = Place(f"{town.code}Z{number:02d}", f"{town.name_zh}第{number}责任网格", f"Responsibility grid {number}")
        builder.add("responsibility_grid", grid, town.code, part)


def _responsibility_parts(builder: _Builder, cells: IntArray) -> list[IntArray]:
    """So many that the city as a whole has the wanted number (63 at the default size)."""
    per_grid = builder.sizes.grids_per_responsibility_grid
    before, builder.divided = builder.divided, builder.divided + len(cells)
    count = max(1, round(builder.divided / per_grid) - round(before / per_grid))
    return divide(cells, count, builder.mesh.column, builder.mesh.row, builder.neighbours)


def _add_community(builder: _Builder, community: Area) -> None:
    mesh, cells = builder.mesh, community.cells
    if len(cells) > LARGEST_COMMUNITY:
        raise ValueError(f"{community.name_zh} has {len(cells)} unit grids; a code has room for {LARGEST_COMMUNITY}")
    for serial, cell in enumerate(cells[np.lexsort((mesh.column[cells], -mesh.row[cells]))], start=1):
        name = Place(f"{community.code}{serial:03d}", f"{community.name_zh}{serial:03d}", f"Unit grid {serial:03d}")
        builder.add("unit_grid", name, community.code, np.array([cell]))
    for number, part in enumerate(builder.parts(cells, builder.sizes.grids_per_community_grid), start=1):
        grid = Place(f"{community.code}W{number:02d}", f"{community.name_zh}第{number}网格", f"Community grid {number}")
        builder.add("community_grid", grid, community.code, part)


def _add_sub_grids(builder: _Builder) -> None:
    """Cut a hole into some responsibility grids, then divide each into four."""
    grids = builder.by_kind["responsibility_grid"]
    holed = builder.rng.permutation(len(grids))[: max(1, len(grids) // 25)].tolist()
    for index, grid in enumerate(grids):
        cells = _without_one(builder, grid.cells) if index in holed else grid.cells
        grids[index] = Area(grid.code, grid.name_zh, grid.name_en, grid.parent, cells)
        quarters = divide(
            cells, SUB_GRIDS_PER_RESPONSIBILITY_GRID, builder.mesh.column, builder.mesh.row, builder.neighbours
        )
        for number, part in enumerate(quarters, start=1):
            place = Place(
                f"{grid.code}-{number}", f"{grid.name_zh}{number}号子网格", f"{grid.name_en}, sub-grid {number}"
            )
            builder.add("sub_grid", place, grid.code, part)


def _without_one(builder: _Builder, cells: IntArray) -> IntArray:
    """Take out one unit grid so that the rest still hangs together; prefer the middle."""
    everything = set(cells.tolist())
    order = sorted(everything, key=lambda c: (-sum(n in everything for n in builder.neighbours[c]), c))
    for cell in order:
        rest = everything - {cell}
        if len(connected(rest, builder.neighbours)) == 1:
            builder.gaps.append(cell)
            return np.array(sorted(rest))
    raise ValueError("a responsibility grid has no unit grid that it could lose")


def _plant_overlaps(builder: _Builder) -> dict[int, str]:
    """Let some patrol grids reach over one unit grid of their neighbour."""
    patrols = builder.by_kind["patrol_grid"]
    home = {int(cell): index for index, area in enumerate(patrols) for cell in area.cells}
    planted: dict[int, str] = {}
    for index in builder.rng.permutation(len(patrols))[: max(2, len(patrols) // 20)].tolist():
        area = patrols[index]
        reach = sorted({n for c in area.cells.tolist() for n in builder.neighbours[c] if n >= 0 and home[n] != index})
        free = [
            c
            for c in reach
            if c not in builder.gaps and c not in planted and patrols[home[c]].code[:6] == area.code[:6]
        ]
        if free:
            cell = free[len(free) // 2]
            planted[cell] = area.code
            cells = np.array(sorted([*area.cells.tolist(), cell]))
            patrols[index] = Area(area.code, area.name_zh, area.name_en, area.parent, cells)
    return planted
