import numpy as np
import pytest
import shapely
from pyproj import CRS

from tests.ingest.rules.lots import BARRIER, LAMP, PARKING, TOWN, check, components, context, lot, points, said


def degrees(marks: str) -> list[object]:
    return [shapely.Point(TOWN.lonlat(mark)) for mark in marks]


def turned(shapes: list[object]) -> list[object]:
    return [shapely.Point(shape.y, shape.x) for shape in shapes]  # type: ignore[attr-defined]


def test_what_the_citys_system_cannot_show() -> None:
    data = lot([TOWN.point("1"), shapely.Point(np.inf, np.inf)], given=[*degrees("1"), shapely.Point(15, -85)],
               source_crs=4326)  # fmt: skip
    assert said("projectable", data) == [(2, "it lies at 15, -85, which EPSG:4544 cannot show")]


def test_degrees_in_the_wrong_order_are_recognised() -> None:
    lost = [shapely.Point(np.inf, np.inf)] * 2
    (found, _) = check("projectable", lot(lost, given=turned(degrees("12")), source_crs=4326))
    assert found.message.endswith("which EPSG:4544 cannot show (latitude and longitude swapped?)")
    assert found.message_zh.endswith("EPSG:4544 无法表示（经度与纬度颠倒？）")


def test_a_shape_that_is_missing_is_not_lost() -> None:
    assert check("projectable", lot([None], given=points("1"))) == []


def test_outside_the_city_and_how_far() -> None:
    data = lot(points("1f7"))
    assert said("inside_city", data) == [(3, "it lies 25.0 m outside the city")]
    assert check("inside_city", data)[0].message_zh == "位置在城市范围外 25.0 米"
    assert check("inside_city", data, context(outline=None)) == []


def test_an_edge_of_the_city_is_within_a_millimetre() -> None:
    x, y = TOWN.xy("f")
    shapes = [shapely.Point(x + beyond, y + 5) for beyond in (0.0009, 0.0011, 0.02)]
    assert [feature for feature, _ in said("inside_city", lot(shapes))] == [2, 3]


def test_of_a_line_its_middle_counts() -> None:
    data = lot([TOWN.line("17"), TOWN.line("67")], subclass_code=BARRIER)
    assert said("inside_city", data) == [(2, "its middle lies 2.5 m outside the city")]


def test_metres_in_the_wrong_order_are_recognised_unless_they_were_turned() -> None:
    shapes = turned(points("12"))
    (found, _) = check("inside_city", lot(shapes))
    assert found.message.endswith("outside the city (x (east) and y (north) swapped?)")
    (found, _) = check("inside_city", lot(shapes, given=points("12"), layer=components(turn="swapped")))
    assert found.message.endswith("km outside the city")


WEST, EAST = "510703001001001", "510703001001002"


def test_a_unit_grid_that_is_not_in_force_is_named_once() -> None:
    data = lot(points("12345"), unit_grid=[WEST, "510703001001009", "510703001001009", EAST, None])
    assert said("grid_known", data) == [
        (2, "it names unit grid 510703001001009, which is not in force; features that name it: 2")
    ]


def test_grids_by_the_older_scheme_and_grids_that_nobody_has_are_not_compared() -> None:
    data = lot(points("14"), unit_grid=["51070300100101", EAST])
    assert check("grid_known", data) == []
    (found,) = check("grid_compared", data)
    assert "1 of the features 1 to 2: its code is of the older scheme with 14 digits" in found.message
    (found,) = check("grid_compared", data, context(kinds={}))
    assert "2 of the features 1 to 2: no unit grids are in force yet" in found.message
    assert check("grid_holds", data, context(kinds={})) == []


@pytest.mark.parametrize(
    ("subclass", "east", "rule"),
    [
        (LAMP, 0.0, None), (LAMP, 0.0009, None), (LAMP, 0.9, "grid_beside"), (LAMP, 1.1, "grid_holds"),
        (BARRIER, 1.9, "grid_beside"), (BARRIER, 2.1, "grid_holds"),
        (PARKING, 19.0, "grid_beside"), (PARKING, 21.0, "grid_holds"), ("9999", 19.0, "grid_beside"),
    ],
)  # fmt: skip
def test_how_far_from_its_grid_a_component_may_stand(subclass: str, east: float, rule: str | None) -> None:
    """East of the edge that both grids share; twice the accuracy of the survey is allowed."""
    x, y = TOWN.xy("b")
    data = lot([TOWN.point("1"), shapely.Point(x + east, y - 10)], unit_grid=WEST, subclass_code=[LAMP, subclass])
    found = {name: check(name, data) for name in ("grid_holds", "grid_beside")}
    assert [name for name, findings in found.items() if findings] == ([rule] if rule else [])


def test_the_grid_that_does_hold_it_is_named() -> None:
    data = lot(points("1247"), unit_grid=[WEST, EAST, WEST, EAST])
    assert said("grid_holds", data) == [
        (2, "it stands 40.0 m from the unit grid 510703001001002 that it names, which no survey error explains; "
            "it is in 510703001001001"),
        (3, "it stands 20.0 m from the unit grid 510703001001001 that it names, which no survey error explains; "
            "it is in 510703001001002"),
        (4, "it stands 25.0 m from the unit grid 510703001001002 that it names, which no survey error explains; "
            "no unit grid is there"),
    ]  # fmt: skip
    assert check("grid_holds", data)[0].message_zh == (
        "与所填单元网格 510703001001002 相距 40.0 米，超出测量精度，实际在 510703001001001 内"
    )


def test_a_line_may_cross_into_another_grid() -> None:
    data = lot([TOWN.line("14"), TOWN.line("45")], unit_grid=WEST, subclass_code=BARRIER)
    assert [feature for feature, _ in said("grid_holds", data)] == [2]


def test_shapes_without_a_place_are_left_to_other_rules() -> None:
    data = lot([None, shapely.Point(np.nan, 1)], unit_grid=WEST)
    for rule in ("inside_city", "grid_holds", "grid_beside"):
        assert check(rule, data) == []


def test_a_datum_without_a_known_shift_is_named() -> None:
    def told(crs: int) -> list[tuple[int | None, str]]:
        (x, y), (lon, lat) = TOWN.xy("1"), TOWN.lonlat("1")
        place = (lon, lat) if CRS.from_epsg(crs).is_geographic else (x, y)
        return said("datum_known", lot(points("1"), given=[shapely.Point(place)], source_crs=crs))

    ((feature, message),) = told(2380)
    assert (feature, message.split(":")[0]) == (None, "the file is in Xian 1980 / 3-degree Gauss-Kruger CM 105E")
    assert [told(crs) for crs in (4544, 4490, 4326)] == [[], [], []]
    assert said("datum_known", lot([None], source_crs=2380)) == []
