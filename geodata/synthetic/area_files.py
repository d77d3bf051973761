"""Areas and roads as shapefiles."""

from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from synthetic.areas import Area, Areas
from synthetic.files import write_shapefile
from synthetic.mesh import Mesh
from synthetic.roads import Roads

IN_FORCE_SINCE = "2020-01-01"


def write_areas(folder: Path, mesh: Mesh, areas: Areas) -> None:
    """One zipped shapefile per kind; upper levels are unions of whole unit grids, vertex for vertex."""
    cells = mesh.polygons()
    for kind, members in areas.by_kind.items():
        members = sorted(members, key=lambda area: area.code)
        shapes = np.array([_union(cells, area) for area in members], dtype=object)
        write_shapefile(folder / f"{kind}.zip", _columns(members, shapes), shapes, "Polygon")


def _union(cells: NDArray[np.object_], area: Area) -> shapely.Geometry:
    if len(area.cells) == 1:
        return cells[area.cells[0]]
    return shapely.coverage_union_all(cells[area.cells])


def _columns(members: list[Area], shapes: NDArray[np.object_]) -> dict[str, object]:
    return {
        "CODE": [area.code for area in members],
        "NAME": [area.name_zh for area in members],
        "NAME_EN": [area.name_en for area in members],
        "PARENT": [area.parent for area in members],
        "AREA_M2": np.round(shapely.area(shapes), 1),
        "STARTDATE": [IN_FORCE_SINCE] * len(members),
        "NOTE": ["synthetic"] * len(members),
    }


def write_roads(folder: Path, roads: Roads) -> None:
    """Street sections with both names."""
    columns: dict[str, object] = {"NAME": roads.name_zh, "NAME_EN": roads.name_en}
    write_shapefile(folder / "roads.zip", columns, roads.lines, "LineString")
