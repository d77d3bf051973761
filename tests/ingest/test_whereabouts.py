"""The city is the drawing below, near Mianyang; files bring a survey of it in every disguise."""

from time import perf_counter

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from gridsvc.domain import datum
from gridsvc.domain.crs import FloatArray
from gridsvc.ingest.places.coordinates import match, transform
from gridsvc.ingest.places.whereabouts import Proposal, Whereabouts, prove
from tests.sketch import SRID, Sketch

CITY = Sketch(
    """
    a . . . . b . .
    . . . . . . . .
    . . . d . c . .
    . . . . . . . .
    f . . e . . . .
    """,
    step=5_000,
).polygon("abcdef")
OF_CHINA = ("CGCS2000", "Xi'an 1980", "Beijing 1954")


def survey() -> FloatArray:
    """Points on a raster of 500 m in the city."""
    west, south, east, north = CITY.bounds
    x, y = np.meshgrid(np.arange(west, east, 500.0) + 0.25, np.arange(south, north, 500.0) + 0.25)
    points = np.column_stack([x.ravel(), y.ravel()])
    return points[shapely.intersects_xy(CITY, points)]


def into(crs: int | str) -> FloatArray:
    return np.column_stack(Transformer.from_crs(SRID, crs, always_xy=True).transform(*survey().T))


def look(points: FloatArray, declared: int | str | None, outline: shapely.Geometry | None = CITY) -> Whereabouts:
    text = CRS.from_epsg(declared).to_wkt("WKT1_ESRI") if isinstance(declared, int) else declared
    return prove(points, match(text), outline, SRID)


def readings(found: Whereabouts) -> list[tuple[str, str]]:
    return [(each.crs, each.turn) for each in found.proposals]


def lands(found: Proposal, points: FloatArray) -> float:
    """How far from the truth the survey comes to stand, in metres."""
    return float(np.abs(transform(points, found.crs, found.turn, SRID) - survey()).max())


@pytest.mark.parametrize("crs", [4544, 4507, 4523, 4545, 4490, 4326, 32648, 3857])
def test_a_true_prj_is_proved_and_nothing_else_is_offered(crs: int) -> None:
    found = look(into(crs), crs)
    assert found.proved
    assert found.share_inside > 0.99
    assert readings(found) == [(f"EPSG:{crs}", "")]
    assert lands(found.proposals[0], into(crs)) < 1e-3


@pytest.mark.parametrize("crs", [4544, 4523, 4491 + 5, 4545, 4543])
def test_without_a_prj_the_three_datums_are_offered_in_the_order_of_likelihood_and_none_is_chosen(crs: int) -> None:
    found = look(into(crs), None)
    assert not found.proved
    assert found.proposals[0].crs == f"EPSG:{crs}"
    assert lands(found.proposals[0], into(crs)) < 1e-3
    gauss = [each.title for each in found.proposals if "Gauss" in each.title]
    assert [title.startswith(name) for title, name in zip(gauss, OF_CHINA, strict=True)] == [True] * 3
    assert "100 m may remain" in gauss[1]
    assert "cannot tell apart" in found.note
    assert "无法区分" in found.note_zh


def test_longitude_and_latitude_without_a_prj_may_also_be_those_of_map_apps() -> None:
    found = look(into(4326), None)
    assert readings(found) == [
        ("EPSG:4490", ""), ("EPSG:4326", ""), ("EPSG:4610", ""), ("EPSG:4214", ""),
        ("EPSG:4326", "gcj02"), ("EPSG:4326", "bd09"),
    ]  # fmt: skip
    shifted = np.column_stack(datum.gcj02_from_wgs84(*into(4326).T))
    gcj02 = next(each for each in look(shifted, None).proposals if each.turn == "gcj02")
    assert lands(gcj02, shifted) < 1e-3


@pytest.mark.parametrize("crs", [4544, 4523, 4490, 4326, 32648, 3857])
@pytest.mark.parametrize("told", [True, False])
def test_north_before_east_is_recognised(crs: int, told: bool) -> None:
    numbers = into(crs)[:, ::-1]
    found = look(numbers, crs if told else None)
    assert not found.proved
    assert {each.turn for each in found.proposals} == {"swapped"}
    true = next(each for each in found.proposals if each.crs == f"EPSG:{crs}")
    assert lands(true, numbers) < 1e-3
    assert "swapped" in true.title
    assert "互换" in true.title_zh


def test_a_zone_wrong_by_one_is_named() -> None:
    found = look(into(4544), 4545)
    assert not found.proved
    assert found.proposals[0].crs == "EPSG:4544"
    assert "zone seems to be wrong: central meridian 108° where the data is in 105°" in found.note
    assert "声明中央经线108°" in found.note_zh


def test_an_easting_with_zone_number_under_a_prj_without_is_recognised() -> None:
    found = look(into(4523), 4544)
    assert not found.proved
    assert found.proposals[0].crs == "EPSG:4523"
    assert "zone seems to be wrong" not in found.note


def test_numbers_too_large_to_be_squared_are_at_no_distance() -> None:
    numbers = survey()
    numbers[0] = 1e308
    found = look(numbers, 4544)
    assert found.proved
    assert found.proposals[0].distance == 0


def test_metres_declared_as_degrees_are_recognised() -> None:
    found = look(into(4544), 4326)
    assert (found.proved, found.share_inside) == (False, 0)
    assert "none that it can hold" in found.note
    assert found.proposals[0].crs == "EPSG:4544"


def test_feet_read_as_metres_are_recognised() -> None:
    numbers = survey() * 3937 / 1200
    found = look(numbers, 4544)
    assert readings(found) == [("EPSG:4544", "us-feet"), ("EPSG:4544", "feet")]
    assert lands(found.proposals[0], numbers) < 1e-6


@pytest.mark.parametrize(("crs", "factor", "words", "words_zh"), [
    (4544, 1e3, "divided by 1,000 (are they millimetres?)", "除以 1,000（单位似为毫米）"),
    (4523, 1e-3, "multiplied by 1,000 (are they kilometres?)", "乘以 1,000（单位似为公里）"),
    (4490, 1e6, "divided by 1,000,000 (are they millionths of a degree?)", "除以 1,000,000"),
    (4490, 1e7, "divided by 10,000,000", "除以 10,000,000"),
])  # fmt: skip
@pytest.mark.parametrize("told", [True, False])
def test_numbers_in_other_units_are_recognised(crs: int, factor: float, words: str, words_zh: str, told: bool) -> None:
    found = look(into(crs) * factor, crs if told else None)
    assert (found.proved, found.proposals) == (False, ())
    assert f"it would lie in the city with its numbers {words}" in found.note
    assert f"(EPSG:{crs}): convert them first" in found.note
    assert words_zh in found.note_zh
    assert "another place" not in found.note


def test_no_distance_is_longer_than_those_on_earth() -> None:
    found = look(survey() * 1e40, 4544)
    assert found.note.endswith("in a local system, which needs its PROJ string")
    assert "the others more than 20,000 km away" in found.note
    assert "其余相距超过20,000公里" in found.note_zh


WASHINGTON = shapely.box(390_000, 125_000, 408_000, 147_000)
STREET_LAMPS = np.column_stack([np.linspace(391_000, 407_000, 50), np.linspace(126_000, 146_000, 50)])


@pytest.mark.parametrize("declared", ["EPSG:26985", None])
def test_feet_of_a_state_plane_are_recognised_in_a_city_that_counts_in_metres(declared: str | None) -> None:
    feet = np.column_stack(Transformer.from_crs(26985, 2248, always_xy=True).transform(*STREET_LAMPS.T))
    found = prove(feet, match(declared), WASHINGTON, 26985)
    assert not found.proved
    assert readings(found)[0] == ("EPSG:26985", "us-feet")
    assert transform(feet, "EPSG:26985", "us-feet", 26985) == pytest.approx(STREET_LAMPS, abs=1e-2)
    assert prove(feet, match("EPSG:2248"), WASHINGTON, 26985).proved


def test_a_city_elsewhere_is_not_offered_the_systems_of_china() -> None:
    degrees = np.column_stack(Transformer.from_crs(26985, 4326, always_xy=True).transform(*STREET_LAMPS.T))
    assert readings(prove(degrees, match(None), WASHINGTON, 26985)) == [("EPSG:4269", ""), ("EPSG:4326", "")]


def test_a_datum_that_the_outline_cannot_see_is_proved_with_a_warning() -> None:
    found = look(survey(), 2380)
    assert found.proved
    assert "100 m may remain" in found.note
    assert "100米" in found.note_zh


def test_an_open_datum_fits_but_its_alternatives_are_shown() -> None:
    unknown = CRS.from_epsg(4326).to_wkt("WKT1_ESRI").replace("WGS_1984", "Unknown")
    found = look(into(4326), unknown)
    assert found.proved
    assert found.proposals[0].crs == found.declared.wkt
    assert "does not say its datum" in found.note
    assert ("EPSG:4490", "") in readings(found)


def test_local_numbers_fit_nothing_and_need_their_proj_string() -> None:
    local = survey() - [450_000, 3_440_000]
    found = look(local, None)
    assert found.proposals == ()
    assert "needs its PROJ string" in found.note
    assert "PROJ 参数" in found.note_zh
    own = look(local, "+proj=tmerc +lon_0=105 +x_0=50000 +y_0=-3440000 +ellps=GRS80 +units=m")
    assert own.proved
    assert lands(own.proposals[0], local) < 1e-3


def test_data_of_another_place_says_how_far_it_is() -> None:
    found = look(np.add(survey(), (0, 300_000)), 4544)
    assert (found.proved, found.share_inside, found.proposals) == (False, 0, ())
    assert "km away" in found.note
    assert "公里" in found.note_zh


def test_half_of_the_points_in_the_city_prove_it_and_less_do_not() -> None:
    points = survey()
    outside = np.add(points, (0, 60_000))
    most = look(np.vstack([points, outside[: len(outside) * 9 // 10]]), 4544)
    assert most.proved
    assert 0.5 < most.share_inside < 0.6
    assert not look(np.vstack([points[: len(points) * 9 // 10], outside]), 4544).proved


def test_before_the_city_has_areas_only_the_use_of_its_crs_speaks_and_the_note_says_so() -> None:
    found = look(survey(), 4544, None)
    assert found.proved
    assert "no areas yet" in found.note
    assert "城市尚无区域" in found.note_zh
    assert not look(survey()[:, ::-1], 4544, None).proved
    assert not look(survey(), None, None).proved
    assert look(survey(), None, None).proposals[0].crs == "EPSG:4544"


def test_a_city_whose_crs_serves_half_the_world_is_not_offered_all_systems_of_it() -> None:
    found = prove(into(3857), match(None), None, 3857)
    assert readings(found) == [
        ("EPSG:3857", ""),
        ("EPSG:3857", "swapped"),
        ("EPSG:3857", "us-feet"),
        ("EPSG:3857", "feet"),
    ]


@pytest.mark.parametrize("points", [np.empty((0, 2)), np.full((3, 2), np.nan)])
def test_data_without_coordinates_proves_nothing(points: FloatArray) -> None:
    found = look(points, 4544)
    assert (found.proved, found.proposals) == (False, ())
    assert "no coordinates" in found.note


def test_rows_without_a_place_do_not_count() -> None:
    points = np.vstack([survey(), np.full((5_000, 2), np.nan)])
    assert look(points, 4544).share_inside > 0.99


def test_it_takes_well_under_a_third_of_a_second_for_a_million_points() -> None:
    points = np.tile(into(4326), (400, 1))
    look(points[:10], None)
    started = perf_counter()
    look(points, None)
    assert perf_counter() - started < 0.3
