import numpy as np
import pytest
import shapely

from tests.ingest.rules.lots import BARRIER, LAMP, PARKING, TOWN, areas, check, components, context, lot, points, said
from tests.sketch import ORIGIN

POINT, LINE, AREA = TOWN.point("1"), TOWN.line("14"), TOWN.polygon("14d")
BOW_TIE = TOWN.polygon("aebd")
X, Y = ORIGIN


def metres(*xy: tuple[float, float]) -> list[tuple[float, float]]:
    return [(X + x, Y + y) for x, y in xy]


@pytest.mark.parametrize("shape", [None, shapely.Point(), shapely.Polygon()])
def test_a_feature_without_a_shape(shape: object) -> None:
    found = check("has_shape", lot([POINT, shape]))
    assert [(one.feature, one.geom) for one in found] == [(2, None)]
    assert check("valid", lot([POINT, shape])) == check("finite", lot([POINT, shape])) == []


@pytest.mark.parametrize(
    ("position", "remark", "footer"),
    [
        ("合计", "12", True),
        ("制表人：王工", "审核人：李工", True),
        ("Total: 12", "x", True),
        ("Grand total", "x", True),
        ("本表由测绘院提供", None, True),
        ("合计路 12 号", "旧", False),
        ("Totally new", "x", False),
        ("东街", "旧", False),
        (None, None, False),
    ],
)
def test_a_footer_of_a_sheet_is_named(position: str | None, remark: str | None, footer: bool) -> None:
    layer = components(fields={"position": "位置"})
    (found,) = check("has_shape", lot([None], layer=layer, position=[position], rest={"备注": [remark]}))
    assert ("it seems to be a footer of the sheet" in found.hint) == footer
    assert ("该行似为表尾" in found.hint_zh) == footer


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_coordinates_that_are_no_numbers(bad: float) -> None:
    shapes = [POINT, shapely.Point(1, bad)]
    assert said("finite", lot(shapes)) == [(2, "a coordinate of it is not a number (NaN or infinite)")]


@pytest.mark.parametrize(
    ("subclass", "shape", "sentence"),
    [
        (LAMP, POINT, None),
        (LAMP, shapely.MultiPoint([POINT]), None),
        (LAMP, AREA, "it is a Polygon, where the layer asks for point"),
        (BARRIER, AREA, "it is a Polygon, where the layer asks for line or point"),
        (BARRIER, shapely.MultiLineString([LINE]), None),
        (PARKING, LINE, "it is a LineString, where the layer asks for polygon or point"),
        (
            PARKING,
            shapely.GeometryCollection([AREA]),
            "it is a GeometryCollection, where the layer asks for polygon or",
        ),
        ("9999", AREA, None),
        (None, AREA, None),
        (LAMP, None, None),
    ],
)
def test_types_that_a_subclass_allows(subclass: str | None, shape: object, sentence: str | None) -> None:
    found = said("type_allowed", lot([POINT, shape], subclass_code=[LAMP, subclass]))
    assert [feature for feature, _ in found] == ([2] if sentence else [])
    assert not sentence or found[0][1].startswith(sentence)


def test_areas_are_polygons() -> None:
    found = check("type_allowed", lot([AREA, LINE], layer=areas()))
    assert [one.message_zh for one in found] == ["图形是线，图层要求面"]


def test_types_that_are_allowed_but_not_usual_are_counted() -> None:
    shapes = [AREA, POINT, LINE, POINT, None, POINT]
    data = lot(shapes, subclass_code=[PARKING, PARKING, BARRIER, LAMP, PARKING, PARKING])
    assert [one.message for one in check("type_usual", data)] == [
        "of subclass 0201 Car park the usual type is polygon; another that is allowed: 2 of the features 1 to 6 "
        "(such as feature 2 of layer things, a Point)"
    ]


def test_a_shape_that_is_not_valid_and_where() -> None:
    (found,) = check("valid", lot([POINT, BOW_TIE]))
    middle = BOW_TIE.centroid
    assert found.severity == "error"
    assert found.message == f"its geometry is not valid: Self-intersection[{middle.x:.0f} {middle.y:.0f}]"
    assert found.message_zh == f"图形无效：自相交[{middle.x:.0f} {middle.y:.0f}]"
    assert found.geom.distance(middle) < 1e-6


def test_a_repair_is_listed_with_what_was_wrong() -> None:
    data = lot([POINT, BOW_TIE.buffer(0)], repaired={1: "Ring Self-intersection[1 2]"})
    (found,) = check("repaired", data)
    assert (found.severity, found.feature) == ("repaired", 2)
    assert found.message == "its geometry was repaired; it was not valid: Ring Self-intersection[1 2]"
    assert found.message_zh == "图形已修复，原图形无效：环自相交[1 2]"


def test_heights_and_measures_are_counted() -> None:
    given = shapely.from_wkt(["POINT Z (1 2 3)", "POINT M (1 2 3)", "POINT ZM (1 2 3 4)", "POINT (1 2)"])
    assert [one.message for one in check("flat", lot(points("1234"), given=given))] == [
        "heights (Z) stand in 2 of the features 1 to 4 and are left out (such as feature 1 of layer things)",
        "measures (M) stand in 2 of the features 1 to 4 and are left out (such as feature 2 of layer things)",
    ]


def test_parts() -> None:
    given = [POINT, shapely.MultiPoint([POINT]), shapely.MultiPoint(points("123"))]
    data = lot([POINT, POINT, given[2]], given=given)
    (single,) = check("single_part", data)
    assert single.message.startswith("a multipart shape of a single part stands in 1 of the features 1 to 3")
    assert said("one_component", data) == [(3, "its shape has 3 parts, and counts as one component")]


def test_lines_without_length_and_polygons_without_area() -> None:
    shapes = [
        POINT,
        shapely.LineString(metres((0, 0), (0, 0))),
        shapely.LineString(metres((0, 0), (0, 0.01))),
        shapely.Polygon(metres((0, 0), (5, 0), (9, 0))),
        shapely.Polygon(metres((0, 0), (1, 0), (0, 1))),
    ]
    assert said("has_extent", lot(shapes)) == [
        (2, "it is a LineString, but has no length or area"),
        (4, "it is a Polygon, but has no length or area"),
    ]


def test_a_component_wider_than_the_city() -> None:
    stray = shapely.LineString([(0, 0), TOWN.xy("1")])
    (found,) = check("within_city_size", lot([POINT, LINE, TOWN.line("ac"), stray]))
    assert (found.feature, found.message) == (
        4, "its shape is 3,480 km across, wider than the whole city (160.0 m)",
    )  # fmt: skip
    assert check("within_city_size", lot([stray]), context(outline=None)) == []


def test_sizes_that_are_large_for_a_component() -> None:
    shapes = [
        shapely.box(X, Y, X + 1_000, Y + 999),
        shapely.box(X, Y, X + 2_000, Y + 1_000),
        shapely.LineString(metres((0, 0), (49_000, 0))),
        shapely.LineString(metres((0, 0), (51_000, 0))),
    ]
    assert said("plausible_size", lot(shapes)) == [
        (2, "its shape covers 2.0 km², which is large for a component"),
        (4, "its shape is 51 km long, which is large for a component"),
    ]


def test_points_that_stand_twice_in_a_row_are_counted() -> None:
    a, b, c = metres((0, 0), (5, 0), (5, 5))
    touching = shapely.MultiLineString([[a, b], [b, c]])  # the end of a part is no repeated point
    shapes = [shapely.LineString([a, b, c]), shapely.LineString([a, b, b, c]), touching, POINT]
    (found,) = check("repeated_points", lot(shapes))
    assert "1 of the features 1 to 4 (such as feature 2 of" in found.message
