"""The planted situations: each makes reports whose right answer follows from how they were placed."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from synthetic import duties
from synthetic.world import CALM, WIDEST_CALM_ACCURACY, World, directions

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

UNKNOWN_SUBCLASS = "0888"
SPECIAL = {
    *duties.BY_DISTRICT, *duties.BY_SUBDISTRICT, *duties.SELF_HANDLED, *duties.ENFORCED, duties.ENFORCED_IN_FIRST,
    duties.BY_RESPONSIBILITY_GRID, duties.THREE_LEVELS, duties.CITY_SUBCLASS, duties.TWO_PRIORITIES, duties.EXPIRED,
    duties.NOT_YET, duties.TIE,
}  # fmt: skip


@dataclass
class Draft:
    """A report and all that its place implies.

    Attributes:
        kind, subclass: what is reported
        xy: metres, or None without a place
        cells: unit grids within 1 mm of the place, empty outside the city
        accuracy: metres, or None
        on_edge: exactly on an edge or a corner
        reached: other unit grids within `accuracy`
        component: row of the responsible component, or -1
        named: the report gives that component's code
        twins: two components fit and their parties differ
        category: of the channel, instead of kind and subclass
        reason: a manual-desk reason that needs no rules
    """

    kind: str
    subclass: str
    xy: FloatArray | None
    cells: list[int] = field(default_factory=list)
    accuracy: float | None = None
    on_edge: bool = False
    reached: list[int] = field(default_factory=list)
    component: int = -1
    named: bool = False
    twins: bool = False
    category: str = ""
    reason: str = ""


Maker = Callable[[World, np.random.Generator, int], list[Draft]]


def at_calm(world: World, rng: np.random.Generator, codes: list[str], cells: IntArray) -> list[Draft]:
    """Events at calm places in the given unit grids."""
    points = world.calm_points(rng, cells)
    accuracy = np.round(rng.uniform(3, WIDEST_CALM_ACCURACY, len(cells)), 1)
    rows = zip(codes, points, cells.tolist(), accuracy.tolist(), strict=True)
    return [Draft("event", code, xy, [cell], acc) for code, xy, cell, acc in rows]


def _calm_events(
    world: World, rng: np.random.Generator, count: int, codes: list[str], cells: IntArray | None = None
) -> list[Draft]:
    pool = world.calm_cells if cells is None else cells
    return at_calm(world, rng, rng.choice(codes, count).tolist(), rng.choice(pool, count))


def events_of(*codes: str) -> Maker:
    """Events of these subclasses anywhere calm."""
    return lambda world, rng, count: _calm_events(world, rng, count, list(codes))


def plain(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    codes = [c for c in world.event_names if c not in SPECIAL and c[:2] != "06"]
    return _calm_events(world, rng, count, codes)


def category_mapped(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    drafts = plain(world, rng, count)
    for draft in drafts:
        draft.category = f"H{draft.subclass}"
    return drafts


def class_rule_of_unit_grid(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    """A class rule for a unit grid loses to a city-wide subclass rule and wins over the city-wide class rule."""
    ruled = {r.area_code for r in world.rules if r.area_kind == "unit_grid"}
    codes = world.codes_of("unit_grid")
    cells = np.array([c for c in world.calm_cells.tolist() if codes[c] in ruled])
    plain_codes = [c for c in world.event_names if c[:2] == duties.UNIT_GRID_CLASS and c not in SPECIAL]
    return _calm_events(world, rng, count, [duties.CITY_SUBCLASS] * 3 + plain_codes[:3], cells)


def _in_first_district(world: World, inside: bool) -> IntArray:
    first = world.survey.areas.by_kind["district"][0].code
    same = world.codes_of("district")[world.calm_cells] == first
    return world.calm_cells[same == inside]


def contradiction(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    return _calm_events(world, rng, count, [duties.TIE], _in_first_district(world, True))


def nobody(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    codes = [duties.HOLE_OUTSIDE_FIRST, duties.HOLE_EVERYWHERE]
    return _calm_events(world, rng, count, codes, _in_first_district(world, False))


def hole_filled(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    return _calm_events(world, rng, count, [duties.HOLE_OUTSIDE_FIRST], _in_first_district(world, True))


def unmapped(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    drafts = _calm_events(world, rng, count, [UNKNOWN_SUBCLASS])
    for number, draft in enumerate(drafts):
        draft.reason = "unmapped"
        draft.category = f"H{UNKNOWN_SUBCLASS}" if number % 2 else ""
    return drafts


def no_location(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    return [Draft(d.kind, d.subclass, None, reason="no_location") for d in plain(world, rng, count)]


def on_edge(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    """Exactly on an edge that two unit grids share; half of them on a border of districts or subdistricts."""
    cells, sides = _mixed_edges(world, rng, count)
    mesh = world.survey.mesh
    step = rng.integers(0, mesh.per_side, count)
    start = sides * mesh.per_side + step
    points = (mesh.rings[cells, start] + mesh.rings[cells, start + 1]) / 2
    inner_vertex = (step > 0) & (rng.random(count) < 0.5)
    points[inner_vertex] = mesh.rings[cells, start][inner_vertex]
    other = mesh.neighbours[cells, sides]
    codes = rng.choice([*duties.BY_DISTRICT, *duties.BY_SUBDISTRICT, duties.BY_RESPONSIBILITY_GRID], count)
    rows = zip(codes.tolist(), points, cells.tolist(), other.tolist(), strict=True)
    return [Draft("event", code, xy, [a, b], on_edge=True) for code, xy, a, b in rows]


def _mixed_edges(world: World, rng: np.random.Generator, count: int) -> tuple[IntArray, IntArray]:
    picked = []
    groups = (world.inner_edges, world.edges_between("subdistrict"), world.edges_between("district"))
    for number, (cells, sides) in enumerate(groups):
        share = len(range(number, count, 3))
        chosen = rng.integers(0, len(cells), share)
        picked.append((cells[chosen], sides[chosen]))
    cells, sides = (np.concatenate(part) for part in zip(*picked, strict=True))
    return cells, sides


def on_outer_edge(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    """On the outline of the city: within 1 mm of the area, so inside."""
    cells, sides = world.outer_edges
    chosen = rng.integers(0, len(cells), count)
    points, _ = world.edge_middles(cells[chosen], sides[chosen])
    codes = rng.choice([*duties.BY_DISTRICT], count).tolist()
    rows = zip(codes, points, cells[chosen].tolist(), strict=True)
    return [Draft("event", code, xy, [cell], on_edge=True) for code, xy, cell in rows]


def on_corner(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    """Exactly on a vertex where up to four unit grids meet."""
    mesh, cell_at = world.survey.mesh, world.cell_at
    drafts: list[Draft] = []
    codes = [*duties.BY_DISTRICT, *duties.BY_SUBDISTRICT]
    while len(drafts) < count:
        cell = int(rng.integers(mesh.size))
        column, row = int(mesh.column[cell]), int(mesh.row[cell])
        around = [cell_at[p] for i in (0, 1) for j in (0, 1) if (p := (column - i, row - j)) in cell_at]
        if len(around) > 1 and world.regular[around].all():
            drafts.append(Draft("event", str(rng.choice(codes)), mesh.corners[cell, 0], sorted(around), on_edge=True))
    return drafts


def in_gap(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    return _in_faulty(world, rng, count, list(world.survey.areas.gaps))


def in_overlap(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    return _in_faulty(world, rng, count, list(world.survey.areas.overlaps))


def _in_faulty(world: World, rng: np.random.Generator, count: int, faulty: list[int]) -> list[Draft]:
    cells = np.array([c for c in faulty if world.room[c] > 8.0])
    cells = rng.choice(cells, count)
    points = world.calm_points(rng, cells, 7.0)
    codes = rng.choice([duties.BY_RESPONSIBILITY_GRID, duties.TWO_PRIORITIES, "0201", *duties.BY_DISTRICT], count)
    rows = zip(codes.tolist(), points, cells.tolist(), strict=True)
    return [Draft("event", code, xy, [cell], 5.0) for code, xy, cell in rows]


def outside(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    """Thirty to four hundred metres beyond the outline."""
    cells, sides = world.outer_edges
    drafts: list[Draft] = []
    while len(drafts) < count:
        chosen = rng.integers(0, len(cells), count)
        middles, normal = world.edge_middles(cells[chosen], sides[chosen])
        points = np.round(middles - normal * rng.uniform(30, 400, count)[:, None], 3)
        far = shapely.distance(world.outline, shapely.points(points)) > 20
        codes = rng.choice([*duties.BY_DISTRICT, "0201"], count).tolist()
        rows = zip(codes, points, far.tolist(), strict=True)
        drafts += [Draft("event", code, xy, accuracy=8.0, reason="outside") for code, xy, good in rows if good]
    return drafts[:count]


def wide_accuracy(kind: str, codes: tuple[str, ...]) -> Maker:
    """Two to five metres from an edge between areas of a kind, known only to nine to fourteen metres."""

    def make(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
        cells, sides = world.edges_between(kind)
        drafts: list[Draft] = []
        while len(drafts) < count:
            chosen = rng.integers(0, len(cells), 2 * count)
            cell, side = cells[chosen], sides[chosen]
            middles, normal = world.edge_middles(cell, side)
            points = np.round(middles + normal * rng.uniform(2, 5, 2 * count)[:, None], 3)
            accuracy = np.round(rng.uniform(9, 14, 2 * count), 1)
            other = world.survey.mesh.neighbours[cell, side]
            subclass = rng.choice(codes, 2 * count).tolist()
            good = _reaches_only(world, points, accuracy, cell, other)
            drafts += [
                Draft("event", subclass[i], points[i], [int(cell[i])], float(accuracy[i]), reached=[int(other[i])])
                for i in np.flatnonzero(good).tolist()
            ]
        return drafts[:count]

    return make


def _reaches_only(
    world: World, points: FloatArray, accuracy: FloatArray, cell: IntArray, other: IntArray
) -> NDArray[np.bool_]:
    """Whether a disc half a metre wider than the accuracy meets these two unit grids and no third."""
    shapes = shapely.points(points)
    hits, found = world.cell_tree.query(shapes, predicate="dwithin", distance=accuracy + 0.5)
    wanted = (found == cell[hits]) | (found == other[hits])
    count = np.bincount(hits, minlength=len(points))
    right = np.bincount(hits, weights=wanted, minlength=len(points))
    crosses = shapely.distance(world.polygons[other], shapes) < accuracy - 0.5
    return (count == 2) & (right == 2) & crosses & shapely.contains_properly(world.polygons[cell], shapes)


def of_component(pool: str, named: bool = False) -> Maker:
    """Up to a metre and a half from a component of the pool."""

    def make(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
        components, subclasses = world.survey.components, world.survey.subclasses
        rows = rng.choice(world.pools[pool], count)
        reach = 0.4 if pool == "component_twins" else 1.4
        points = np.round(components.xy[rows] + directions(rng, count) * rng.uniform(0, reach, count)[:, None], 3)
        accuracy = np.round(rng.uniform(3, 5, count), 1) + (5 if pool == "component_twins" else 0)
        drafts = []
        for row, xy, acc in zip(rows.tolist(), points, accuracy.tolist(), strict=True):
            code, cell = subclasses[components.subclass[row]].code, int(components.cell[row])
            draft = Draft("component", code, xy, [cell], acc + (10 if named else 0), component=row, named=named)
            draft.twins = pool == "component_twins" and not named
            draft.component = -1 if draft.twins or pool == "component_removed" else row
            drafts.append(draft)
        return drafts

    return make


def no_component(world: World, rng: np.random.Generator, count: int) -> list[Draft]:
    """A component is reported where none of its subclass stands: the matrix decides."""
    drafts: list[Draft] = []
    codes = list(duties.UNMATCHED_COMPONENT)
    for code in itertools.cycle(codes):
        if len(drafts) >= count:
            break
        cells = rng.choice(world.calm_cells, 2 * count)
        points = world.calm_points(rng, cells, CALM)
        free = world.live_within(code, points, 10.0) == 0
        made = [Draft("component", code, points[i], [int(cells[i])], 5.0) for i in np.flatnonzero(free).tolist()]
        drafts += made[: -(-count // len(codes))]
    return drafts[:count]
