"""Areas and points that stand where map apps show them, beside the places that they name."""

from typing import Any

import numpy as np
import pytest
import shapely

from gridsvc.domain import datum
from gridsvc.domain.crs import project, unproject
from gridsvc.ingest.places.coordinates import transform
from gridsvc.ingest.places.offsets import measure, offset_of_points
from tests.sketch import SRID, Sketch

TOWN = Sketch(
    """
    a . . b . . . c
    . . . . . . . .
    . . e . . f . d
    . . . . . . . .
    . . . . . . . .
    g . h . . i . j
    """,
    step=1_000,
)
AREAS = {
    "涪城": TOWN.polygon("abeh" + "g"),
    "游仙": TOWN.polygon("bcdfe"),
    "安州": TOWN.polygon("efih"),
    "江油": TOWN.polygon("fdji"),
}
CODES = list(AREAS)
KNOWN = np.array(list(AREAS.values()), dtype=object)
SHIFT = {"gcj02": datum.gcj02_from_wgs84, "bd09": datum.bd09_from_wgs84}


def shifted(shapes: Any, turn: str) -> Any:
    """As if drawn on the map of an app, and read as plain longitude and latitude."""
    return shapely.transform(
        shapely.segmentize(shapes, 100),
        lambda xy: np.column_stack(project(SRID, *SHIFT[turn](*unproject(SRID, *xy.T)))),
    )


def moved(shapes: Any, east: float, north: float) -> Any:
    return shapely.transform(shapes, lambda xy: np.add(xy, (east, north)))


@pytest.mark.parametrize("turn", ["gcj02", "bd09"])
def test_areas_drawn_on_a_map_app_are_recognised_and_brought_back(turn: str) -> None:
    given = shifted(KNOWN, turn)
    found = measure(given, CODES, KNOWN, CODES, SRID)
    assert found is not None
    assert found.turn == turn
    assert found.after < 0.1
    assert found.closer > 0.9
    back = shapely.transform(given, lambda xy: transform(xy, f"EPSG:{SRID}", found.turn, SRID))
    assert shapely.hausdorff_distance(back, KNOWN).max() < 1


def test_areas_of_unknown_codes_are_held_against_those_that_they_overlap() -> None:
    found = measure(shifted(KNOWN, "gcj02"), ["?"] * len(KNOWN), KNOWN, CODES, SRID)
    assert found is not None
    assert (found.turn, found.pairs) == ("gcj02", len(KNOWN))
    assert measure(moved(KNOWN, 50_000, 0), ["?"] * len(KNOWN), KNOWN, CODES, SRID) is None


def test_borders_drawn_more_roughly_than_the_known_ones_are_recognised_all_the_same() -> None:
    given = shapely.transform(shifted(KNOWN, "gcj02"), lambda xy: xy + 60 * np.sin(xy / 190))
    found = measure(given, CODES, KNOWN, CODES, SRID)
    assert found is not None
    assert found.turn == "gcj02"
    assert found.after < found.before / 2


@pytest.mark.parametrize(("east", "north"), [(0, 0), (3, -2), (100, 60), (-400, 250), (250, 400), (900, 900)])
def test_other_offsets_are_not_taken_for_it(east: float, north: float) -> None:
    found = measure(moved(KNOWN, east, north), CODES, KNOWN, CODES, SRID)
    assert found is not None
    assert (found.turn, found.east, found.north) == ("", pytest.approx(east), pytest.approx(north))


def test_areas_without_a_usable_shape_are_passed_over() -> None:
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    given = np.array([None, shapely.Polygon(), bow, shapely.Point(1, 1), *shifted(KNOWN, "gcj02")], dtype=object)
    found = measure(given, ["涪城"] * 4 + CODES, KNOWN, CODES, SRID)
    assert found is not None
    assert (found.turn, found.pairs) == ("gcj02", len(KNOWN))
    assert measure(given[:4], CODES, KNOWN, CODES, SRID) is None
    assert measure(given, ["?"] * 8, np.empty(0, dtype=object), [], SRID) is None


def cells() -> Any:
    """400 unit grids of 100 m."""
    x, y = (each.ravel() for each in np.meshgrid(np.arange(20) * 100.0 + 470_000, np.arange(20) * 100.0 + 3_480_000))
    return shapely.box(x, y, x + 100, y + 100)


@pytest.mark.parametrize("turn", ["gcj02", "bd09"])
def test_points_that_lie_in_the_grids_they_name_only_without_the_shift_are_recognised(turn: str) -> None:
    grids = cells()
    points = shapely.get_coordinates(shifted(shapely.centroid(grids), turn))
    found = offset_of_points(points, grids, SRID)
    assert found is not None
    assert (found.turn, found.share_inside, found.distance) == (turn, 1, 0)
    assert "0% of points lie in the grid they name, 100% once undone" in found.title
    assert "纠偏后为100%" in found.title_zh


def test_a_few_wrong_grids_and_rows_without_one_do_not_hide_it() -> None:
    grids = cells()
    points = shapely.get_coordinates(shifted(shapely.centroid(grids), "gcj02"))
    grids[:100] = None
    grids[100:150] = grids[-1]
    points[150:160] = np.nan
    found = offset_of_points(points, grids, SRID)
    assert found is not None
    assert found.turn == "gcj02"
    assert 0.8 < found.share_inside < 0.9
    assert found.distance > 100


def test_points_in_their_grids_beside_all_of_them_or_too_few_say_nothing() -> None:
    grids = cells()
    points = shapely.get_coordinates(shapely.centroid(grids))
    assert offset_of_points(points, grids, SRID) is None
    assert offset_of_points(np.add(points, (300, 100)), grids, SRID) is None
    assert offset_of_points(points[::-1], grids, SRID) is None
    shift = shapely.get_coordinates(shifted(shapely.centroid(grids), "gcj02"))
    assert offset_of_points(shift[:4], grids[:4], SRID) is None
    assert offset_of_points(np.empty((0, 2)), np.empty(0, dtype=object), SRID) is None
