"""What the reports are drawn from: calm places, edges, corners and pools of components for each situation."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from synthetic.component_files import Surveyed, parties
from synthetic.decide import Decider
from synthetic.departments import office
from synthetic.duties import Rule
from synthetic.mesh import hearts, room_at

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

CALM = 17.0  # metres from a calm place to the nearest unit grid edge
WIDEST_CALM_ACCURACY = 15.0
LONELY = 9.0  # metres within which a matched component has no live one of its subclass beside it
STEADY = 2.5  # metres from a matched component to the nearest unit grid edge
LARGEST_POOL = 4_000
MATCHED_SUBCLASSES = (
    "0101", "0102", "0103", "0104", "0107", "0108", "0109", "0111", "0123", "0131", "0142", "0145", "0213", "0305",
    "0306", "0307", "0402", "0404", "0599",
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """The finished city, its decision rules, and places to report from."""

    survey: Surveyed
    decider: Decider
    rules: list[Rule]
    event_names: dict[str, str]

    @cached_property
    def names(self) -> dict[tuple[str, str], str]:
        """(kind, subclass code) → Chinese name."""
        components = {("component", s.code): s.name_zh for s in self.survey.subclasses}
        return components | {("event", code): name for code, name in self.event_names.items()}

    @cached_property
    def community_names(self) -> dict[str, str]:
        return {area.code: area.name_zh for area in self.survey.areas.by_kind["community"]}

    @cached_property
    def polygons(self) -> NDArray[np.object_]:
        return self.survey.mesh.polygons()

    @cached_property
    def cell_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.polygons)

    @cached_property
    def outline(self) -> shapely.Geometry:
        outline = shapely.coverage_union_all(self.polygons)
        shapely.prepare(outline)
        return outline

    @cached_property
    def regular(self) -> NDArray[np.bool_]:
        """Unit grids without a planted gap or overlap."""
        result = np.ones(self.survey.mesh.size, dtype=bool)
        result[list(self.survey.areas.gaps)] = False
        result[list(self.survey.areas.overlaps)] = False
        return result

    @cached_property
    def hearts(self) -> FloatArray:
        return hearts(self.survey.mesh, self.polygons)

    @cached_property
    def centres(self) -> FloatArray:
        """A place well inside each unit grid, in metres."""
        return self.survey.mesh.inside(np.arange(self.survey.mesh.size), *self.hearts.T)

    @cached_property
    def room(self) -> FloatArray:
        """Metres from that place to the edge."""
        return room_at(self.survey.mesh, self.polygons, np.arange(self.survey.mesh.size), self.hearts)

    @cached_property
    def offices(self) -> NDArray[np.object_]:
        """Per unit grid the department that answers for its subdistrict."""
        departments = self.survey.departments
        found = {a.code: office(a.code, departments) for a in self.survey.areas.by_kind["subdistrict"]}
        return np.array([found[code] for code in self.codes_of("subdistrict")], dtype=object)

    @cached_property
    def calm_cells(self) -> IntArray:
        return np.flatnonzero(self.regular & (self.room > CALM + 1))

    @cached_property
    def cell_at(self) -> dict[tuple[int, int], int]:
        mesh = self.survey.mesh
        places = zip(mesh.column.tolist(), mesh.row.tolist(), strict=True)
        return {place: cell for cell, place in enumerate(places)}

    def codes_of(self, kind: str) -> NDArray[np.object_]:
        return self.survey.areas.codes[kind]

    def calm_points(self, rng: np.random.Generator, cells: IntArray, clearance: float = CALM) -> FloatArray:
        """A place in each unit grid at least `clearance` from its edge."""
        radius = np.maximum(self.room[cells] - clearance, 0.0) * np.sqrt(rng.random(len(cells))) * 0.98
        return np.round(self.centres[cells] + radius[:, None] * directions(rng, len(cells)), 3)

    @cached_property
    def inner_edges(self) -> tuple[IntArray, IntArray]:
        """Unit grids and sides where both neighbours are regular."""
        mesh = self.survey.mesh
        beside = mesh.neighbours
        fit = (beside >= 0) & self.regular[:, None] & self.regular[beside]
        return np.nonzero(fit)

    @cached_property
    def outer_edges(self) -> tuple[IntArray, IntArray]:
        """Unit grids and sides on the outline of the city."""
        return np.nonzero((self.survey.mesh.neighbours < 0) & self.regular[:, None])

    def edges_between(self, kind: str) -> tuple[IntArray, IntArray]:
        """Inner edges with different areas of this kind, or different subdistrict offices, on both sides."""
        cells, sides = self.inner_edges
        codes = self.offices if kind == "office" else self.codes_of(kind)
        differ = codes[cells] != codes[self.survey.mesh.neighbours[cells, sides]]
        return cells[differ], sides[differ]

    def edge_middles(self, cells: IntArray, sides: IntArray) -> tuple[FloatArray, FloatArray]:
        """A place on the middle of each edge and the unit normal into the unit grid."""
        mesh = self.survey.mesh
        start = sides * mesh.per_side + mesh.per_side // 2
        a, b = mesh.rings[cells, start], mesh.rings[cells, start + 1]
        run = b - a
        normal = np.stack([-run[:, 1], run[:, 0]], axis=1) / np.hypot(run[:, 0], run[:, 1])[:, None]
        return (a + b) / 2, normal

    @cached_property
    def live_trees(self) -> dict[str, tuple[shapely.STRtree, IntArray]]:
        """Subclass code → tree of its live components, with their rows."""
        components = self.survey.components
        trees = {}
        for index, subclass in enumerate(self.survey.subclasses):
            if subclass.code in MATCHED_SUBCLASSES or subclass.code == "0403":
                rows = np.flatnonzero((components.subclass == index) & components.live)
                trees[subclass.code] = (shapely.STRtree(shapely.points(components.xy[rows])), rows)
        return trees

    def live_within(self, code: str, points: FloatArray, radius: float) -> IntArray:
        """How many live components of a subclass stand within the radius of each point."""
        tree, _ = self.live_trees[code]
        hits, _ = tree.query(shapely.points(points), predicate="dwithin", distance=radius)
        return np.bincount(hits, minlength=len(points))

    @cached_property
    def pools(self) -> dict[str, IntArray]:
        """Situation → component rows that show it and nothing else."""
        components, departments = self.survey.components, self.survey.departments
        subclasses = self.survey.subclasses
        usable = np.array([s.code in MATCHED_SUBCLASSES for s in subclasses])[components.subclass]
        usable &= self.regular[components.cell]
        single = usable & (components.twin < 0)
        standing = single & components.live
        rows = np.flatnonzero(standing & components.owned & ~components.foreign)
        rows = np.random.default_rng([self.survey.seed, 8]).permutation(rows)[: 6 * LARGEST_POOL]
        _, owner, maintainer = parties(self.survey, rows)
        on = {code: d.on_platform for code, d in departments.items()}
        owner_on = np.array([on[code] for code in owner], dtype=bool)
        maintainer_on = np.array([on[code] for code in maintainer], dtype=bool)
        gone = np.array([s.code in ("0305", "0403", "0213") for s in subclasses])[components.subclass]
        return {
            "component_matched": self._alone(rows[maintainer_on]),
            "maintainer_off_platform": self._alone(rows[~maintainer_on & owner_on]),
            "owner_off_platform": self._alone(rows[~maintainer_on & ~owner_on]),
            "foreign_owner": self._alone(np.flatnonzero(standing & components.foreign)),
            "owner_unknown": self._alone(np.flatnonzero(standing & ~components.owned)),
            "component_removed": self._alone(np.flatnonzero(single & ~components.live & ~gone), others=0),
            "component_twins": self._twins(usable),
        }

    def _alone(self, rows: IntArray, others: int = 1) -> IntArray:
        """Rows well inside their unit grid with nothing of their subclass near but themselves."""
        components = self.survey.components
        rows = np.random.default_rng([self.survey.seed, 9]).permutation(rows)[:LARGEST_POOL]
        rows = rows[self._steady(rows)]
        keep = np.zeros(len(rows), dtype=bool)
        for index in np.unique(components.subclass[rows]).tolist():
            here = components.subclass[rows] == index
            code = self.survey.subclasses[index].code
            keep[here] = self.live_within(code, components.xy[rows[here]], LONELY) == others
        return np.sort(rows[keep])

    def _steady(self, rows: IntArray) -> NDArray[np.bool_]:
        components = self.survey.components
        rings = shapely.get_exterior_ring(self.polygons[components.cell[rows]])
        return shapely.distance(rings, shapely.points(components.xy[rows])) > STEADY

    def _twins(self, usable: NDArray[np.bool_]) -> IntArray:
        """Components with a known owner whose twin without one stands 1.5 to 6 m away."""
        components = self.survey.components
        rows = np.flatnonzero(usable & (components.twin >= 0) & components.owned & components.live)
        gap = np.hypot(*(components.xy[rows] - components.xy[components.twin[rows]]).T)
        rows = rows[(gap > 1.5) & (gap < 6) & components.live[components.twin[rows]]]
        return rows[self._steady(rows)]


def directions(rng: np.random.Generator, count: int) -> FloatArray:
    """Unit vectors."""
    angle = rng.uniform(0, 2 * np.pi, count)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)
