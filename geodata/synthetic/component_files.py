"""Components as shapefiles with the field names of GB/T 30428: one per class, geometry type and district."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from synthetic.areas import Areas
from synthetic.catalogue import Subclass
from synthetic.components import STATES, Components, clear_inside
from synthetic.departments import Department
from synthetic.extent import MANAGED
from synthetic.files import write_shapefile
from synthetic.mesh import EAST, WEST, Mesh
from synthetic.roads import Roads

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

MOST_ROWS = 250_000  # per shapefile: a .dbf must stay below 2 GB, and memory in bounds
LARGEST_SERIAL = 999_999
SHAPE_CLEARANCE = 0.1
UNKNOWN = "不明"
SOURCES = ("实测", "地形图", "其它")
SHAPE_KIND = {"point": "Point", "line": "LineString", "polygon": "Polygon"}
# Half the length along the street and half the depth away from it, in parts of a cell.
SHAPE_STEPS = {
    "line": ((-1, -1), (0, 0), (1, 1)),
    "polygon": ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)),
}
HALF_SIZE = {"line": (0.05, 0.0), "polygon": (0.06, 0.02)}


@dataclass(frozen=True)
class Surveyed:
    """All that a component row needs."""

    mesh: Mesh
    areas: Areas
    roads: Roads
    subclasses: list[Subclass]
    departments: dict[str, Department]
    components: Components
    codes: NDArray[np.object_]
    seed: int


def component_codes(mesh: Mesh, subclasses: list[Subclass], components: Components) -> NDArray[np.object_]:
    """16 digits: county where it stands, class and subclass, serial per county and subclass."""
    group = mesh.district[components.cell] * len(subclasses) + components.subclass
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    serial = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order))) + 1
    if serial.max() > LARGEST_SERIAL:
        raise ValueError("a component subclass has more than 999,999 in one county")
    prefixes = np.array([county + s.survey_code for county in MANAGED for s in subclasses], dtype="U10")
    digits = np.char.mod("%06d", serial)
    codes = np.empty(len(order), dtype=object)
    codes[order] = np.char.add(prefixes[group[order]], digits).tolist()
    return codes


def write_components(folder: Path, survey: Surveyed) -> list[str]:
    """Write all shapefiles; returns their file names."""
    names = []
    for name, kind, rows in _layers(survey):
        columns = _columns(survey, rows)
        write_shapefile(folder / f"{name}.zip", columns, _shapes(survey, rows, kind), SHAPE_KIND[kind])
        names.append(f"{name}.zip")
    return names


def _layers(survey: Surveyed) -> Iterator[tuple[str, str, IntArray]]:
    components = survey.components
    district = survey.mesh.district[components.cell]
    class_of = np.array([s.code[:2] for s in survey.subclasses])[components.subclass]
    kind_of = np.array([s.geometry for s in survey.subclasses])[components.subclass]
    for class_code in np.unique(class_of).tolist():
        for kind in SHAPE_KIND:
            for index in np.unique(district).tolist():
                rows = np.flatnonzero((class_of == class_code) & (kind_of == kind) & (district == index))
                parts = [rows[i : i + MOST_ROWS] for i in range(0, len(rows), MOST_ROWS)]
                for number, part in enumerate(parts, start=1):
                    tail = f"_{number}" if len(parts) > 1 else ""
                    yield f"components_{class_code}_{kind}_{MANAGED[index]}{tail}", kind, part


def _shapes(survey: Surveyed, rows: IntArray, kind: str) -> NDArray[np.object_]:
    if kind == "point":
        return shapely.points(survey.components.xy[rows])
    polygons = shapely.polygons(survey.mesh.rings[survey.components.cell[rows]])
    size = np.ones(len(rows))
    for _ in range(12):
        shapes = _extended(survey, rows, kind, size)
        small = clear_inside(polygons, shapes, SHAPE_CLEARANCE)
        if small.all():
            return shapes
        size = np.where(small, size, size * 0.6)
    raise ValueError("a line or polygon component does not fit its unit grid; try another seed")


def _extended(survey: Surveyed, rows: IntArray, kind: str, size: FloatArray) -> NDArray[np.object_]:
    components = survey.components
    along, away = HALF_SIZE[kind]
    upright = np.isin(components.side[rows], (EAST, WEST))
    du, dv = size * np.where(upright, away, along), size * np.where(upright, along, away)
    steps = SHAPE_STEPS[kind]
    u, v, cell = components.u[rows], components.v[rows], components.cell[rows]
    vertices = np.stack([survey.mesh.inside(cell, u + a * du, v + b * dv) for a, b in steps], axis=1)
    return shapely.linestrings(vertices) if kind == "line" else shapely.polygons(vertices)


def parties(survey: Surveyed, rows: IntArray) -> tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.object_]]:
    """Codes of authority, owner and maintainer; the last two "" where the owner is unknown."""
    components = survey.components
    table = np.array([[s.parties(d) for d in MANAGED] for s in survey.subclasses], dtype=object)
    found = table[components.subclass[rows], components.home[rows]]
    found[~components.owned[rows], 1:] = ""
    return found[:, 0], found[:, 1], found[:, 2]


def positions(survey: Surveyed, rows: IntArray) -> list[str]:
    """Place in words: street section and house number."""
    names, components = survey.roads.name_zh, survey.components
    pairs = zip(components.section[rows].tolist(), components.number[rows].tolist(), strict=True)
    return [f"{names[section]}{number}号旁" for section, number in pairs]


def _columns(survey: Surveyed, rows: IntArray) -> dict[str, object]:
    components = survey.components
    rng = np.random.default_rng([survey.seed, 5, int(rows[0])])
    names = {code: d.name_zh for code, d in survey.departments.items()} | {"": UNKNOWN}
    object_names = np.array([s.name_zh for s in survey.subclasses], dtype=object)
    columns: dict[str, object] = {"ObjID": survey.codes[rows], "ObjName": object_names[components.subclass[rows]]}
    for number, codes in enumerate(parties(survey, rows), start=1):
        columns[f"DeptCode{number}"] = codes
        columns[f"DeptName{number}"] = [names[code] for code in codes]
    first = np.datetime64("2016-03-01") + rng.integers(0, 2500, len(rows))
    columns["BGID"] = survey.areas.codes["unit_grid"][components.cell[rows]]
    columns["ObjPos"] = positions(survey, rows)
    columns["ObjState"] = np.array(STATES, dtype=object)[components.state[rows]]
    columns["ORDate"] = first.astype(str).astype(object)
    columns["CHDate"] = (first + rng.integers(0, 700, len(rows))).astype(str).astype(object)
    columns["DataSource"] = np.array(SOURCES, dtype=object)[rng.choice(3, len(rows), p=(0.9, 0.07, 0.03))]
    columns["Note"] = np.where(components.owned[rows], "", "权属待确认").astype(object)
    return columns
