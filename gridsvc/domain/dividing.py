"""Dividing whole unit grids among parts: contiguous, and balanced by weight."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.crs import FloatArray
from gridsvc.domain.mosaics import Graph, array, graph, parts_of
from gridsvc.domain.numbering import reading_order
from gridsvc.domain.splitting import fit_seams
from gridsvc.errors import InputError

Labels = NDArray[np.int64]
DIRECTIONS = np.radians(np.arange(0, 360, 30))
"""From which sides a part is grown."""
ROUNDS = 200
"""Of improvement, at most."""
BETTER = 1e-9
FINE = 0.05
"""Differences from the mean, as a share of it, that are not worth a longer border."""


def divide_units(units: Sequence[Any], weights: Sequence[float] | FloatArray, parts: int) -> Labels:
    """For each unit the number of its part, from 0 in reading order.

    Each part hangs together by edges as far as the units do, and none is empty. Weights are areas or counts; if all
    are 0, units count alike. Raises InputError if there are fewer units than parts, or weights that cannot be.
    """
    load = _checked(units, weights, parts)
    near = _joined(array(units))
    middles = shapely.get_coordinates(shapely.centroid(array(units))) @ np.array([1, 1j])
    plan = _Plan(near=near, load=load, middles=middles)
    label = np.zeros(len(load), dtype=np.int64)
    _halve(plan, np.arange(len(load)), parts, label)
    _improve(plan, label, parts)
    return _numbered(units, label, parts)


def _checked(units: Sequence[Any], weights: Any, parts: int) -> FloatArray:
    load = np.asarray(weights, dtype=np.float64)
    if parts < 1:
        raise InputError(
            f"units are divided into 1 part or more, not {parts}", zh=f"至少要分成 1 份，不能是 {parts} 份"
        )
    if len(units) < parts:
        raise InputError(
            f"{len(units)} unit grids cannot make {parts} parts: each part needs at least one",
            zh=f"{len(units)} 个单元网格分不成 {parts} 份：每份至少要有一个单元网格",
        )
    if load.shape != (len(units),) or not np.isfinite(load).all() or (load < 0).any():
        raise InputError(
            f"weights must be one number of 0 or more for each of the {len(units)} unit grids",
            zh=f"{len(units)} 个单元网格各需一个不小于 0 的权重",
        )
    return load if load.sum() > 0 else np.ones(len(load))


@dataclass(frozen=True, kw_only=True)
class _Plan:
    near: Graph
    load: FloatArray
    middles: NDArray[np.complex128]


def _joined(units: NDArray[Any]) -> Graph:
    """Neighbours by shared edges; parts of the whole that do not touch are joined where they are nearest."""
    near = graph(array(fit_seams(units)))
    while True:
        first = _reached(near, 0, set(range(len(units))))
        rest = sorted(set(range(len(units))) - first)
        if not rest:
            return near
        inside = sorted(first)
        there, here = shapely.STRtree(units[rest]).query_nearest(units[inside], return_distance=False)[::-1][:2]
        apart = shapely.distance(units[rest][there], units[inside][here])
        best = int(np.lexsort((here, there, apart))[0])
        one, other = inside[here[best]], rest[there[best]]
        near[one][other] = near[other][one] = 0.0


def _reached(near: Graph, start: int, members: set[int], sought: set[int] | None = None) -> set[int]:
    """Members that hang together with one; not many more than those sought, if all of these do."""
    found, todo = {start}, [start]
    while todo and not (sought and sought <= found):
        fresh = (near[todo.pop(0)].keys() & members) - found
        found |= fresh
        todo.extend(fresh)
    return found


def _halve(plan: _Plan, members: Labels, parts: int, label: Labels, first: int = 0) -> None:
    """Two contiguous sides with so many parts each, and these in turn."""
    if parts == 1:
        label[members] = first
        return
    some = parts // 2
    sides = [_grown(plan, members, some, parts, direction) for direction in DIRECTIONS]
    one = min(sides, key=lambda side: _cost(plan, members, side, some / parts))
    _halve(plan, np.array(sorted(one)), some, label, first)
    _halve(plan, np.setdiff1d(members, sorted(one)), parts - some, label, first + some)


def _cost(plan: _Plan, members: Labels, side: set[int], share: float) -> tuple[int, float]:
    """Parts that the sides fall into, then the lack of balance together with the length of the border."""
    rest = np.setdiff1d(members, sorted(side))
    apart = parts_of(plan.near, side) + parts_of(plan.near, set(rest.tolist()))
    whole = plan.load[members].sum() or 1.0
    off = abs(plan.load[sorted(side)].sum() / whole - share) / min(share, 1 - share)
    left = set(rest.tolist())
    border = sum(edge for row in side for other, edge in plan.near[row].items() if other in left)
    total = sum(edge for row in members.tolist() for edge in plan.near[row].values()) or 1.0
    return apart, float(off) + float(np.sqrt(len(members))) * border / total


def _grown(plan: _Plan, members: Labels, some: int, parts: int, direction: float) -> set[int]:
    """A side grown unit by unit from the farthest in a direction, so that the rest hangs together."""
    far = (plan.middles * np.exp(-1j * direction)).real
    left = set(members.tolist())
    goal = plan.load[members].sum() * some / parts
    side: set[int] = set()
    load = 0.0
    while len(left) > parts - some:
        row = _next(plan, side, left, far)
        enough = load + plan.load[row] / 2 > goal or not _holds(plan.near, left, row)
        if len(side) >= some and enough:
            break
        side.add(row)
        left.discard(row)
        load += float(plan.load[row])
    return side


def _next(plan: _Plan, side: set[int], left: set[int], far: FloatArray) -> int:
    """The farthest unit beside the side whose loss does not tear the rest, if there is one."""
    beside = {other for row in side for other in plan.near[row] if other in left} or left
    order = sorted(beside, key=lambda row: (far[row], row))
    return next((row for row in order if _holds(plan.near, left, row)), order[0])


def _holds(near: Graph, members: set[int], without: int) -> bool:
    """Whether members still hang together without one of them, as far as its neighbours tell."""
    others = members - {without}
    around = near[without].keys() & others
    return len(around) < 2 or around <= _reached(near, min(around), others, around)


def _improve(plan: _Plan, label: Labels, parts: int) -> None:
    """Units move to a neighbouring part, or two change places, while that balances better."""
    sums = np.bincount(label, plan.load, minlength=parts).astype(np.float64)
    for _ in range(ROUNDS):
        best = min(_changes(plan, label, sums), default=None)
        if best is None or best[0] > -BETTER:
            return
        for row, to in best[1]:
            sums[label[row]] -= plan.load[row]
            sums[to] += plan.load[row]
            label[row] = to


Change = tuple[float, tuple[tuple[int, int], ...]]


def _changes(plan: _Plan, label: Labels, sums: FloatArray) -> Iterator[Change]:
    """What each possible change gains (less than 0 is better), and which units go where."""
    mean = sums.mean()
    members = [set(np.flatnonzero(label == part).tolist()) for part in range(len(sums))]
    for row, to in _edge_units(plan.near, label):
        home = int(label[row])
        if len(members[home]) > 1:
            gain = _gain(plan.load[row], sums[home], sums[to]) / mean**2
            gain += FINE**2 * _stretch(plan.near, label, row, to)
            if gain < -BETTER and _holds(plan.near, members[home], row):
                yield gain, ((row, to),)
    yield from _swaps(plan, label, sums, members)


def _edge_units(near: Graph, label: Labels) -> Iterator[tuple[int, int]]:
    """Units with a neighbour in another part, and that part."""
    for row, around in enumerate(near):
        for to in sorted({int(label[other]) for other in around} - {int(label[row])}):
            yield row, to


def _gain(weight: float, home: float, to: float) -> float:
    """Change of the sum of squares if a weight goes from one part to another."""
    return float((home - weight) ** 2 + (to + weight) ** 2 - home**2 - to**2)


def _stretch(near: Graph, label: Labels, row: int, to: int) -> float:
    """How much longer the borders become, as a share of the unit's edge."""
    home, around = label[row], near[row]
    longer = sum(edge * (int(label[other] == home) - int(label[other] == to)) for other, edge in around.items())
    return longer / (sum(around.values()) or 1.0)


def _swaps(plan: _Plan, label: Labels, sums: FloatArray, members: list[set[int]]) -> Iterator[Change]:
    mean = sums.mean()
    even = abs(sums - mean) < FINE * mean
    edge = list(_edge_units(plan.near, label))
    for n, (row, to) in enumerate(edge):
        for other, back in edge[n + 1 :]:
            home = int(label[row])
            if (int(label[other]), back) != (to, home) or other in plan.near[row] or (even[home] and even[to]):
                continue
            gain = _gain(plan.load[row] - plan.load[other], sums[home], sums[to]) / mean**2
            stretch = _stretch(plan.near, label, row, to) + _stretch(plan.near, label, other, back)
            gain += FINE**2 * stretch
            fits = gain < -BETTER and _fits(plan.near, members[home], row, other)
            if fits and _fits(plan.near, members[to], other, row):
                yield gain, ((row, to), (other, back))


def _fits(near: Graph, members: set[int], without: int, instead: int) -> bool:
    changed = (members - {without}) | {instead}
    return len(_reached(near, instead, changed)) == len(changed)


def _numbered(units: Sequence[Any], label: Labels, parts: int) -> Labels:
    shapes = array(units)
    wholes = [shapely.GeometryCollection(list(shapes[label == part])) for part in range(parts)]
    number = np.empty(parts, dtype=np.int64)
    number[reading_order(wholes)] = np.arange(parts)
    return number[label]
