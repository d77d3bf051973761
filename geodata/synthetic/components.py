"""Where components stand and what is known of them, as columns of numbers."""

from dataclasses import dataclass, fields

import numpy as np
import shapely
from numpy.typing import NDArray

from synthetic.catalogue import FEWEST, Subclass, counts
from synthetic.extent import MANAGED
from synthetic.mesh import EAST, NORTH, SOUTH, Mesh, hearts
from synthetic.roads import Roads

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

STATES = ("完好", "破损", "丢失", "废弃", "移除")
STATE_SHARES = (0.965, 0.015, 0.005, 0.007, 0.008)
LIVE_STATES = 3  # the first three stand there still
UNKNOWN_OWNER_SHARE = 0.02
UNKNOWN_COVER = "0123"
FOREIGN_SHARE = 0.006
TWIN_SHARE = 0.004
FEWEST_PLANTED = 24
CLEARANCE = 0.5  # metres to the nearest unit grid edge
FOREIGN_SUBCLASSES = ("0402", "0102", "0305", "0217")  # parties that depend on the district
POINTS_CHECKED_AT_ONCE = 500_000


@dataclass
class Components:
    """One row per component; `home` is the district whose bureaus are responsible, `twin` its neighbour if planted.

    Attributes:
        subclass, cell, section, number: subclass, unit grid, street section (index), house number
        side, u, v: side of the unit grid it stands at, and bilinear place in it
        xy: (n, 2) metres, whole millimetres
        home: index into MANAGED; differs from the district of the cell for foreign owners
        owned: whether the owner is known
        state: index into STATES
        foreign, twin: planted near a border; planted three metres from its twin with another owner
    """

    subclass: IntArray
    cell: IntArray
    section: IntArray
    number: IntArray
    side: IntArray
    u: FloatArray
    v: FloatArray
    xy: FloatArray
    home: IntArray
    owned: NDArray[np.bool_]
    state: IntArray
    foreign: NDArray[np.bool_]
    twin: IntArray

    @property
    def size(self) -> int:
        return len(self.cell)

    @property
    def live(self) -> NDArray[np.bool_]:
        return self.state < LIVE_STATES


def make_components(
    mesh: Mesh, roads: Roads, subclasses: list[Subclass], total: int, rng: np.random.Generator
) -> Components:
    """Spread each subclass evenly along the streets, then plant foreign owners and twins."""
    numbers = counts(subclasses, total)
    subclass = np.repeat(np.arange(len(numbers)), numbers)
    slot, along = _slots(numbers, len(roads.cell), rng)
    away = rng.uniform(0.045, 0.13, total)
    rows = _at_sides(mesh, roads, subclass, slot, along, away)
    owned = rng.random(total) >= np.where(_is(subclasses, (UNKNOWN_COVER,))[subclass], 0.7, UNKNOWN_OWNER_SHARE)
    state = rng.choice(len(STATES), total, p=STATE_SHARES)
    components = Components(
        *rows, mesh.district[rows[1]], owned, state, np.zeros(total, dtype=bool), np.full(total, -1)
    )
    _plant_foreign(mesh, subclasses, components, rng)
    _plant_twins(mesh, subclasses, components, rng)
    _keep_clear(mesh, components)
    return components


def _is(subclasses: list[Subclass], codes: tuple[str, ...]) -> NDArray[np.bool_]:
    return np.array([s.code in codes for s in subclasses])


def _slots(numbers: list[int], sides: int, rng: np.random.Generator) -> tuple[IntArray, FloatArray]:
    """Street side and place along it (0.1 to 0.9); each subclass fills all sides evenly."""
    slots, along = [], []
    for number in numbers:
        order = rng.permutation(sides)[: min(number, sides)]
        turn, which = np.divmod(np.arange(number), sides)
        turns = -(-number // sides)
        slots.append(order[which])
        along.append(0.1 + 0.8 * (turn + rng.uniform(0.15, 0.85, number)) / turns)
    return np.concatenate(slots), np.concatenate(along)


def _at_sides(
    mesh: Mesh, roads: Roads, subclass: IntArray, slot: IntArray, along: FloatArray, away: FloatArray
) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray, FloatArray, FloatArray, FloatArray]:
    cell, side = roads.cell[slot], roads.side[slot]
    u, v = place_at_side(side, along, away)
    number = roads.number[slot] + 2 * (along * 24).astype(np.int64)
    return subclass, cell, roads.section[slot], number, side, u, v, mesh.inside(cell, u, v)


def place_at_side(side: IntArray, along: FloatArray, away: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bilinear (u, v) of a place `along` a side of a unit grid, `away` from it."""
    across = (side == SOUTH) | (side == NORTH)
    u = np.where(across, along, np.where(side == EAST, 1 - away, away))
    v = np.where(across, np.where(side == SOUTH, away, 1 - away), along)
    return u, v


def _planted_count(components: Components, share: float) -> int:
    return max(FEWEST_PLANTED, int(components.size * share))


def _plant_foreign(mesh: Mesh, subclasses: list[Subclass], components: Components, rng: np.random.Generator) -> None:
    """Move some components to the border of another district, whose bureaus stay responsible for them."""
    beside = np.where(mesh.neighbours >= 0, mesh.district[mesh.neighbours], -1)
    cells, sides = np.nonzero((beside >= 0) & (beside != mesh.district[:, None]))
    free = np.flatnonzero(_is(subclasses, FOREIGN_SUBCLASSES)[components.subclass] & (components.state == 0))
    chosen = rng.choice(free, min(len(free) // 4, _planted_count(components, FOREIGN_SHARE)), replace=False)
    turn, which = np.divmod(np.arange(len(chosen)), len(cells))
    cell, side = cells[which], sides[which]
    along = 0.2 + 0.6 * (turn + rng.uniform(0.2, 0.8, len(chosen))) / (turn.max() + 1)
    _move(mesh, components, chosen, cell, *place_at_side(side, along, rng.uniform(0.05, 0.09, len(chosen))))
    components.side[chosen] = side
    components.home[chosen] = beside[cell, side]
    components.owned[chosen] = True
    components.foreign[chosen] = True


def _plant_twins(mesh: Mesh, subclasses: list[Subclass], components: Components, rng: np.random.Generator) -> None:
    """Put some components 3 % of a cell beside another of the same subclass that has no known owner."""
    wanted = _is(subclasses, FOREIGN_SUBCLASSES[:2])[components.subclass]
    free = rng.permutation(np.flatnonzero(wanted & (components.state == 0) & ~components.foreign))
    count = min(len(free) // 8, _planted_count(components, TWIN_SHARE))
    order = free[np.argsort(components.subclass[free], kind="stable")]
    pairs = order[: len(order) // 2 * 2].reshape(-1, 2)
    pairs = pairs[components.subclass[pairs[:, 0]] == components.subclass[pairs[:, 1]]]
    pairs = pairs[rng.permutation(len(pairs))[:count]]
    stays, moves = pairs.T
    u, v = (np.where(c > 0.5, c - 0.03, c + 0.03) for c in (components.u[stays], components.v[stays]))
    _move(mesh, components, moves, components.cell[stays], u, v)
    for name in ("section", "number", "side", "home"):
        getattr(components, name)[moves] = getattr(components, name)[stays]
    components.owned[stays], components.owned[moves] = True, False
    components.twin[stays], components.twin[moves] = moves, stays


def _move(mesh: Mesh, components: Components, rows: IntArray, cell: IntArray, u: FloatArray, v: FloatArray) -> None:
    components.cell[rows], components.u[rows], components.v[rows] = cell, u, v
    components.xy[rows] = mesh.inside(cell, u, v)


def _keep_clear(mesh: Mesh, components: Components) -> None:
    """Pull what stands too near an edge of its unit grid (sharp corners at borders) towards its heart."""
    polygons = mesh.polygons()
    heart = hearts(mesh, polygons)
    rows = np.arange(components.size)
    for _ in range(12):
        rows = rows[~_is_clear(polygons, components, rows)]
        if not len(rows):
            return
        target = heart[components.cell[rows]].T
        u, v = (t + (c[rows] - t) * 0.8 for t, c in zip(target, (components.u, components.v), strict=True))
        _move(mesh, components, rows, components.cell[rows], u, v)
    raise ValueError(f"{len(rows)} components cannot be placed inside their unit grid; try another seed")


def _is_clear(polygons: NDArray[np.object_], components: Components, rows: IntArray) -> NDArray[np.bool_]:
    result = np.empty(len(rows), dtype=bool)
    for start in range(0, len(rows), POINTS_CHECKED_AT_ONCE):
        part = rows[start : start + POINTS_CHECKED_AT_ONCE]
        result[start : start + len(part)] = clear_inside(
            polygons[components.cell[part]], shapely.points(components.xy[part]), CLEARANCE
        )
    return result


def clear_inside(polygons: NDArray[np.object_], shapes: NDArray[np.object_], clearance: float) -> NDArray[np.bool_]:
    """Whether each shape lies in its polygon, at least `clearance` metres from its edge."""
    inside = shapely.contains_properly(polygons, shapes)
    inside[inside] = shapely.distance(shapely.get_exterior_ring(polygons[inside]), shapes[inside]) >= clearance
    return inside


def check_columns(components: Components) -> None:
    """All columns have one row per component, at least the fewest of each subclass."""
    lengths = {len(getattr(components, f.name)) for f in fields(components)}
    if lengths != {components.size} or components.home.max() >= len(MANAGED):
        raise ValueError("the component columns do not fit together")
    if np.bincount(components.subclass).min() < FEWEST:
        raise ValueError("a component subclass is missing")
