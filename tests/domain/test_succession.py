"""Merging areas, who takes over from whom, and how evenly a load lies."""

import time

import pytest
import shapely

from gridsvc.domain.succession import balance, merge, successors
from gridsvc.errors import InputError
from tests.ingest.rules.wholes import tiling_of
from tests.sketch import Sketch

TOWN = Sketch(
    """
    a . b . c . d
    . . . . . . .
    e . f . g . h
    . . . . . . .
    i . j . k . l
    """
)
WEST, MIDDLE, EAST, SOUTH = (TOWN.polygon(ring) for ring in ("abfe", "bcgf", "cdhg", "ehli"))


def test_neighbours_are_merged_with_the_vertices_that_they_have() -> None:
    whole = merge([WEST, MIDDLE, SOUTH])
    assert whole.equals(TOWN.polygon("acghlie"))
    assert shapely.coverage_is_valid([whole, EAST])


def test_what_only_touches_at_a_corner_or_not_at_all_is_not_merged() -> None:
    with pytest.raises(InputError, match="together they have 2 separate parts") as error:
        merge([WEST, EAST])
    assert "2 个不相连的部分" in error.value.zh
    assert merge([WEST, EAST], apart=True).geom_type == "MultiPolygon"
    with pytest.raises(InputError, match="2 separate parts"):
        merge([WEST, TOWN.polygon("fgkj")])


def test_what_overlaps_or_is_nothing_is_not_merged() -> None:
    with pytest.raises(InputError, match="the areas overlap"):
        merge([WEST, TOWN.polygon("acge")])
    with pytest.raises(InputError, match="no areas to merge"):
        merge([])


def test_cells_of_a_tiling_merge_exactly() -> None:
    cells = tiling_of(5, 4, 1)
    assert merge(cells).area == pytest.approx(shapely.area(cells).sum(), rel=1e-12)


def test_successors_of_areas_that_stay_are_divided_are_united_or_end() -> None:
    old = [WEST, TOWN.polygon("bdhf"), SOUTH, shapely.box(0, 0, 9, 9)]
    new = [MIDDLE, WEST, EAST, TOWN.polygon("ehki")]
    assert successors(old, new) == [[1], [0, 2], [3], []]
    assert successors([WEST, MIDDLE], [TOWN.polygon("acge")]) == [[0], [0]]
    assert successors(old, []) == [[], [], [], []]


def test_an_area_with_hardly_any_new_ground_has_no_successor() -> None:
    old = shapely.box(0, 0, 100, 100)
    assert successors([old], [shapely.box(-500, 0, 5, 100)]) == [[]]
    assert successors([old], [shapely.box(-500, 0, 15, 100)]) == [[0]]
    assert successors([old], [shapely.box(-500, 0, 5, 100)], least=0.01) == [[0]]


def test_thousands_of_areas_are_compared_in_seconds() -> None:
    old = tiling_of(60, 60, 1)
    begun = time.process_time()
    assert successors(old, old) == [[n] for n in range(3_600)]
    assert time.process_time() - begun < 20


def test_balance() -> None:
    assert balance([2, 4, 4, 4, 5, 5, 7, 9]) == {"min": 2, "median": 4.5, "max": 9, "mean": 5, "variation": 0.4}
    assert balance([0, 0])["variation"] is None
    assert balance([]) == {"min": None, "median": None, "max": None, "mean": None, "variation": None}
