"""Layers of unit grids with faults planted into them, far enough from each other to be told apart."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gridsvc.domain import datum
from gridsvc.domain.crs import project, unproject
from gridsvc.ingest.layers import Layer
from tests.ingest.damaged import FIELDS, Damaged, Expected
from tests.ingest.layers import LAMP, TOWN, lamps
from tests.sketch import SRID, Sketch, frame

GRIDS = Layer(layer="unit_grid", target="unit_grid", fields={"code": "CODE", "parent_code": "PARENT"})
WEST, EAST = "510703001001", "510703001002"
"""Communities: the two halves of the town."""
COLUMNS, ROWS, SIDE = 8, 3, 100.0
LEFT, TOP = TOWN.xy("a")


def at(east: float, south: float) -> tuple[float, float]:
    """Metres from the north-west corner of the town."""
    return LEFT + east, TOP - south


def ring(*places: tuple[float, float]) -> Any:
    return shapely.Polygon([at(*place) for place in places])


def cell(number: int) -> Any:
    """The grids are numbered from 1 in the north-west, row by row."""
    row, column = divmod(number - 1, COLUMNS)
    west, north = SIDE * column, SIDE * row
    return ring((west, north), (west + SIDE, north), (west + SIDE, north + SIDE), (west, north + SIDE))


def parent_of(number: int) -> str:
    return WEST if (number - 1) % COLUMNS < COLUMNS / 2 else EAST


def of_grids(name: str, found: tuple[Expected, ...], says: Mapping[int, Mapping[str, Any]], **shapes: Any) -> Damaged:
    """A layer of all grids; `says` replaces codes, `shapes` (g1, g2 ...) shapes, None leaves a grid out."""
    kept = [n for n in range(1, COLUMNS * ROWS + 1) if shapes.get(f"g{n}", n) is not None]
    records = [{"CODE": f"{parent_of(n)}{n:03d}", "PARENT": parent_of(n)} | dict(says.get(n, {})) for n in kept]

    def make(folder: Path) -> Path:
        columns = {column: [record[column] for record in records] for column in ("CODE", "PARENT")}
        frame([shapes.get(f"g{n}", cell(n)) for n in kept], **columns).to_file(folder / f"{name}.gpkg")
        return folder / f"{name}.gpkg"

    return Damaged(name=name, make=make, layer=GRIDS, found=found)


def grid(damage: str, rule: str, severity: str, feature: int | None, words: str = "", near: Any = None) -> Expected:
    return Expected(damage=damage, rule=rule, severity=severity, feature=feature, words=words, near=near)


CODES = of_grids(
    "codes-of-grids",
    (
        grid("area without a code", "code_given", "error", 1),
        grid("area code of no scheme", "code_scheme", "error", 2, "'X1'"),
        grid("unit grid code of the older standard", "code_edition", "error", 3, "CJ/T 213-2005"),
        grid("code that begins with another parent", "code_parent", "error", 4, f"names community {WEST}"),
        grid("area without a parent", "parent_named", "error", 5),
        grid("parent that does not exist", "parent_exists", "error", 6, "510703009009"),
        grid("parent that is elsewhere", "parent_right", "error", 7, f"it lies in {EAST}"),
        grid("area code that stands twice", "code_once", "error", 16, "at feature 8 already"),
    ),
    {
        1: {"CODE": None}, 2: {"CODE": "X1"}, 3: {"CODE": "51070300100103"}, 4: {"CODE": f"{EAST}004"},
        5: {"PARENT": None}, 6: {"CODE": "510703009009006", "PARENT": "510703009009"},
        7: {"CODE": f"{WEST}007", "PARENT": WEST}, 16: {"CODE": f"{EAST}008"},
    },
)  # fmt: skip

FAULTS = of_grids(
    "faults-between-grids",
    (
        grid("vertex that was moved", "edges_match", "warning", 1, "by up to 0.30 m", shapely.Point(at(100, 100))),
        grid("grid far too small", "usual_size", "warning", 4, "900 m²"),
        grid("areas that overlap", "tiles_overlap", "error", 6, f"{WEST[:9]}002005 overlap by 400 m²", ring(
            (500, 40), (510, 40), (510, 80), (500, 80))),
        grid("gap between areas", "tiles_gap", "error", None, "900 m²", shapely.Point(at(650, 85))),
        grid("area that reaches out of its parent", "inside_parent", "warning", 8, "at most 8.0 m", shapely.Point(
            at(804, 50))),
        grid("whole cell that is missing", "tile_missing", "error", None, "10,000 m²", cell(11)),
        grid("vertex that the neighbour lacks", "vertices_shared", "note", 10, near=shapely.Point(at(150, 200))),
        grid("sliver between areas", "no_slivers", "warning", 12, "0.80 m wide", shapely.Point(at(499.6, 150))),
        grid("hole that nothing fills", "hole_filled", "warning", 16, "100 m²", shapely.Point(at(50, 250))),
        grid("grid of two parts", "one_part", "error", 23, "2 parts"),
        grid("sizes of the grids", "size_spread", "note", None, "within 10 %"),
    ),
    {},
    g1=ring((0, 0), (100, 0), (99.7, 100), (0, 100)),
    g3=ring((200, 0), (391, 0), (391, 100), (300, 100), (200, 100)),
    g4=ring((391, 0), (400, 0), (400, 100), (391, 100)),
    g5=ring((400, 0), (500, 0), (500, 40), (510, 40), (510, 80), (500, 80), (500, 100), (400, 100)),
    g7=ring((600, 0), (700, 0), (700, 100), (665, 100), (665, 70), (635, 70), (635, 100), (600, 100)),
    g8=ring((700, 0), (800, 0), (800, 40), (808, 40), (808, 60), (800, 60), (800, 100), (700, 100)),
    g11=None,
    g13=ring((400, 100), (499.2, 100), (499.2, 200), (400, 200)),
    g17=cell(17) - ring((45, 245), (55, 245), (55, 255), (45, 255)),
    g18=ring((100, 200), (150, 200), (200, 200), (200, 300), (100, 300)),
    g22=ring((500, 200), (600, 200), (600, 300), (565, 300), (565, 270), (535, 270), (535, 300), (500, 300)),
    g24=shapely.union(cell(24), ring((535, 270), (565, 270), (565, 300), (535, 300))),
)  # fmt: skip

WIDE = Sketch(
    """
    a . b . c
    . . . . .
    . . . . .
    . . . . .
    d . e . f
    """,
    step=1_000,
)
"""A city of 4 km by 4 km: shifts of half a kilometre leave most of it inside."""
KILOMETRES = {
    f"{WEST if column < 2 else EAST}{4 * row + column:03d}": shapely.box(x, y - 1_000, x + 1_000, y)
    for row in range(4)
    for column in range(4)
    for x, y in [(LEFT + 1_000 * column, TOP - 1_000 * row)]
}
HALVES = {WEST: WIDE.polygon("abed"), EAST: WIDE.polygon("bcfe")}
SHIFTS: dict[str, Callable[..., Any]] = {"gcj02": datum.gcj02_from_wgs84, "bd09": datum.bd09_from_wgs84}


def shifted(shapes: Any, turn: str) -> Any:
    """As map apps show them."""
    drawn = shapely.segmentize(np.array(shapes), 100)
    return shapely.transform(drawn, lambda xy: np.column_stack(project(SRID, *SHIFTS[turn](*unproject(SRID, *xy.T)))))


def moved(shapes: Any, metres: float) -> Any:
    return shapely.transform(np.array(shapes), lambda xy: xy + np.array([metres, 0.0]))


def kilometres(shapes: Any) -> Callable[[Path], Path]:
    columns = {"CODE": list(KILOMETRES), "PARENT": [code[:12] for code in KILOMETRES]}

    def make(folder: Path) -> Path:
        frame(shapes, **columns).to_file(folder / "grids.gpkg")
        return folder / "grids.gpkg"

    return make


LAMPS_OF_GRIDS = lamps(fields={"unit_grid": FIELDS["unit_grid"]}, constants={"subclass": LAMP})


def lamps_of_grids(turn: Callable[[Any], Any]) -> Callable[[Path], Path]:
    """Four lamps in each grid, with its code."""
    x, y = np.array([shape.bounds[:2] for shape in KILOMETRES.values()]).T
    spots = [shapely.points(x + east, y + north) for east in (200, 800) for north in (300, 700)]

    def make(folder: Path) -> Path:
        frame(turn(np.concatenate(spots)), BGID=[*KILOMETRES] * 4).to_file(folder / "lamps.gpkg")
        return folder / "lamps.gpkg"

    return make
