"""Which of many reports mean the same problem."""

import math
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridsvc.domain.duplicates import USUAL_RULE, Compared, Duplicate, DuplicateRule, settle

NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)


def one(number: int, x: float, y: float = 0.0, **given: Any) -> Compared:
    return Compared(
        **{
            "id": UUID(int=number), "kind": "event", "subclass_code": "0110", "component": None, "x": x, "y": y,
            "at": NOON, "rule": USUAL_RULE, "folds": True, "known": None, **given,
        }
    )  # fmt: skip


def told(lot: Sequence[Compared]) -> dict[int, tuple[int, str, bool]]:
    return {id_.int: (found.of.int, found.by, folded) for id_, (found, folded) in settle(lot).items()}


def test_what_is_near_is_folded_and_what_is_farther_is_proposed() -> None:
    lot = [one(1, 0.0), one(2, 25.0), one(3, -26.0), one(4, 51.0)]
    assert told(lot) == {2: (1, "place", True), 3: (1, "place", False)}
    assert told([replace(each, folds=False) for each in lot]) == {
        2: (1, "place", False),
        3: (1, "place", False),
    }  # 2 surely repeats 1, so 4 is not compared with it


def test_a_place_reported_again_and_again_is_compared_with_its_first_alone() -> None:
    """By a channel that does not fold: else each of thousands would be compared with all before it."""
    lot = [one(n, 0.0, folds=False) for n in range(20_000)]
    begun = time.perf_counter()
    assert {of.of.int for of, _ in settle(lot).values()} == {0}
    assert time.perf_counter() - begun < 5


def test_a_route_does_not_run_together() -> None:
    """Every ten metres: each counts from the first of its problem, never from the one before it."""
    found = told([one(n, 10.0 * n) for n in range(100)])
    firsts = [n for n in range(100) if n not in found or not found[n][2]]
    assert firsts == list(range(0, 100, 3))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"at": NOON + timedelta(minutes=1_440)}, (1, "place", True)),
        ({"at": NOON - timedelta(minutes=1_440)}, (1, "place", True)),
        ({"at": NOON + timedelta(minutes=1_441)}, None),
        ({"subclass_code": "0111"}, None),
        ({"kind": "component"}, None),
        ({"rule": DuplicateRule(radius_m=2.0, fold_m=1.0)}, None),
        ({"rule": DuplicateRule(radius_m=0.0, fold_m=0.0)}, None),
    ],
)
def test_what_counts_beside_the_distance(given: dict[str, Any], expected: object) -> None:
    assert told([one(1, 0.0), one(2, 5.0, **given)]).get(2) == expected


def test_the_same_component_counts_at_any_distance_and_time() -> None:
    lamp = {"kind": "component", "subclass_code": "0111"}
    lot = [
        one(1, 0.0, component="a", **lamp),
        one(2, 900.0, component="a", at=NOON + timedelta(days=9), **lamp),
        one(3, 1.0, component="b", **lamp),
        one(4, 0.0, **lamp),
    ]
    assert told(lot) == {2: (1, "component", True), 4: (1, "place", True)}


def test_what_was_open_before_is_weighed_with_the_lot() -> None:
    known = Duplicate(of=UUID(int=9), by="place", distance_m=4.0, at=NOON, sure=True)
    assert told([one(1, 0.0), one(2, 3.0, known=known)]) == {2: (1, "place", True)}
    assert told([one(1, 0.0), one(2, 5.0, known=known)]) == {2: (9, "place", True)}


PLACES = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 60), st.sampled_from(("0110", "0111")), st.booleans()), max_size=40
)


@given(PLACES)
def test_every_report_is_first_or_near_its_first_and_the_nearest_wins(rows: list[tuple[int, int, str, bool]]) -> None:
    """Against the plain definition, without squares."""
    lot = [
        one(n, float(x), float(y), subclass_code=subclass, folds=folds)
        for n, (x, y, subclass, folds) in enumerate(rows)
    ]
    found, firsts = settle(lot), list[Compared]()
    for each in lot:
        near = [
            (math.dist((each.x, each.y), (f.x, f.y)), f.id.int) for f in firsts if f.subclass_code == each.subclass_code
        ]
        best = min((pair for pair in near if pair[0] <= 50), default=None)
        assert (found[each.id][0].of.int if each.id in found else None) == (best[1] if best else None)
        folded = best is not None and best[0] <= 25 and each.folds
        assert not best or found[each.id][1] == folded
        if not best or best[0] > 25:
            firsts.append(each)


def test_planted_problems_sixty_metres_apart_stay_apart() -> None:
    """Detections up to ten metres off, in any order: as many firsts as problems, each with its count."""
    chance = random.Random(1)
    planted = [(60.0 * (n % 20), 60.0 * (n // 20)) for n in range(100)]
    seen = [chance.randrange(100) for _ in range(5_000)]
    places = [_off(planted[problem], chance) for problem in seen]
    lot = [one(n, *place) for n, place in enumerate(places)]
    found = settle(lot)
    firsts = {seen[each.id.int] for each in lot if each.id not in found or not found[each.id][1]}
    counts = Counter(found[each.id][0].of.int for each in lot if each.id in found and found[each.id][1])
    assert len(lot) - counts.total() == len(firsts) == 100
    assert {seen[first]: count + 1 for first, count in counts.items()} == Counter(seen)


def _off(place: tuple[float, float], chance: random.Random) -> tuple[float, float]:
    angle, metres = chance.uniform(0, 2 * math.pi), chance.uniform(5, 10)
    return place[0] + metres * math.cos(angle), place[1] + metres * math.sin(angle)
