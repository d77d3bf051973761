"""Area layers: each fault that is drawn is said once, in plain words, and a clean layer says nothing."""

import time
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsvc.ingest.rules.contract import Context, Whole
from tests.ingest.rules.wholes import array, context, findings, said, tiling_of, whole
from tests.sketch import Sketch

SECONDS = 10.0
"""Generous: it takes less than a second."""

TOWN = Sketch("""
    a . . . b . . . c
    . . . . . . . . .
    . 1 . . 2 . . 3 .
    . . . . . . . . .
    d . . . e . . . f
    . . . . . . . . .
    . 4 . . 5 . . 6 .
    . . . . . . . . .
    g . . . h . . . i
""")
"""Four squares of 40 m by 40 m."""
NORTHWEST, NORTHEAST, SOUTHWEST, SOUTHEAST = (TOWN.polygon(marks) for marks in ("abed", "bcfe", "dehg", "efih"))
TOWN_OUTLINE = TOWN.polygon("acig")
COMMUNITY, OTHER = "510703001001", "510703001002"
GRIDS: list[str | None] = [f"{COMMUNITY}{serial:03d}" for serial in range(1, 5)]


def four(**changes: Any) -> list[Any]:
    shapes = {"nw": NORTHWEST, "ne": NORTHEAST, "sw": SOUTHWEST, "se": SOUTHEAST, **changes}
    return [shape for shape in shapes.values() if shape is not None]


def wards(*shapes: Any) -> Whole:
    return whole(shapes, "ward")


def grids(*shapes: Any, codes: list[str | None] | None = None, parents: list[str | None] | None = None) -> Whole:
    """Unit grids of one community; too small ones, which is no matter here."""
    count = len(shapes)
    return whole(shapes, "unit_grid", codes or GRIDS[:count], parents or [COMMUNITY] * count)


def town(**communities: Any) -> Context:
    """One community that holds everything, and more if said."""
    stored = {COMMUNITY: TOWN_OUTLINE, **communities}
    return context({"community": stored, "subdistrict": {"510703001": TOWN_OUTLINE}}, TOWN_OUTLINE)


def told(layer: Whole, known: Context | None = None) -> list[tuple[str, str | None, str]]:
    """All but that the squares are small for unit grids."""
    return [one for one in said(layer, known) if one[0] != "usual_size"]


def test_areas_that_fit_are_fine() -> None:
    assert said(wards(*four()), context(outline=TOWN_OUTLINE), notes=True) == []
    assert told(grids(*four()), town()) == []


@pytest.mark.parametrize(("target", "rule", "severity"), [
    ("ward", "tiles_overlap", "error"),
    ("patrol", "areas_overlap", "warning"),
])  # fmt: skip
def test_an_overlap_is_an_error_only_where_areas_must_tile(target: str, rule: str, severity: str) -> None:
    layer = whole(four(ne=NORTHEAST.union(TOWN.point("2").buffer(4))), target)
    (finding,) = findings(layer)
    assert (finding.rule, finding.severity, finding.code, finding.feature) == (rule, severity, "B", 2)
    assert finding.message == "it and A overlap by 25.1 m²"
    assert finding.message_zh == "与 A 重叠 25.1 平方米"
    assert finding.geom.area == pytest.approx(TOWN.point("2").buffer(4).area / 2)


@pytest.mark.parametrize(("target", "rule", "severity"), [
    ("ward", "tiles_gap", "error"),
    ("patrol", "areas_gap", "warning"),
])  # fmt: skip
def test_a_gap_names_its_neighbours_and_its_size(target: str, rule: str, severity: str) -> None:
    layer = whole(four(ne=NORTHEAST.difference(TOWN.point("2").buffer(4))), target)
    (finding,) = findings(layer)
    assert (finding.rule, finding.severity, finding.code, finding.feature) == (rule, severity, None, None)
    assert finding.message == (
        "there is a gap beside B, A: 25.1 m² are covered by no area (in the median, areas here have 1,600 m²)"
    )
    assert finding.message_zh == "B、A 旁有空隙：25.1 平方米未被覆盖（该类区域面积中位数为 1,600 平方米）"


def test_a_missing_cell_is_told_from_a_gap() -> None:
    shapes = tiling_of(3, 3, 1)
    (finding,) = findings(whole(np.delete(shapes, 4), "ward"))
    assert (finding.rule, finding.severity) == ("tile_missing", "error")
    assert finding.geom.equals(shapes[4].normalize())
    (finding,) = findings(whole(np.delete(shapes, 4), "patrol"))
    assert (finding.rule, finding.severity) == ("area_missing", "warning")


def test_a_cell_missing_at_the_edge_of_the_parents_is_found_with_the_parents_code() -> None:
    assert told(grids(*four(se=None)), town()) == [
        (
            "tile_missing", None,
            "an area is missing in community 510703001001, beside 510703001001002, 510703001001003: "
            "1,600 m² are covered by none (in the median, areas here have 1,600 m²)",
        )
    ]  # fmt: skip


def test_a_part_of_the_city_that_is_left_out_is_a_warning_for_kinds_without_a_parent() -> None:
    (finding,) = findings(wards(*four(se=None)), context(outline=TOWN_OUTLINE))
    assert (finding.rule, finding.severity) == ("city_covered", "warning")
    assert finding.message.startswith("1,600 m² of the city beside B, C are covered by no area")
    assert findings(whole(four(se=None), "patrol"), context(outline=TOWN_OUTLINE)) == []


def test_many_parts_of_the_city_that_are_left_out_are_one_warning_with_their_total() -> None:
    (finding,) = findings(wards(*four(se=None, nw=None)), context(outline=TOWN_OUTLINE))
    assert finding.message.startswith("3,200 m² of the city in 2 places, the largest of 1,600 m², are covered by no")
    assert finding.message_zh.startswith("共 2 处，最大一处1,600 平方米：城市范围内有 3,200 平方米未被覆盖")
    assert finding.geom.area == pytest.approx(3_200)


def test_a_hole_is_told_of_its_area() -> None:
    layer = wards(*four(nw=NORTHWEST.difference(TOWN.point("1").buffer(4))))
    assert said(layer) == [("hole_filled", "A", "it has a hole of 50.2 m² that no area fills")]


def test_slivers_say_how_wide_they_are() -> None:
    strip = TOWN.line("2e").buffer(0.8, cap_style="flat")
    assert said(wards(*four(ne=NORTHEAST.difference(strip)))) == [
        (
            "no_slivers",
            "B",
            "slivers between it and A, D (places: 1): up to 0.80 m wide, 0 m² twice and 16 m² not covered",
        )
    ]


def test_a_moved_vertex_is_one_warning_that_names_the_area_which_differs() -> None:
    x, y = TOWN.xy("e")
    moved = shapely.Polygon([*NORTHWEST.exterior.coords[:2], (x + 0.2, y - 0.1), *NORTHWEST.exterior.coords[3:]])
    (finding,) = findings(wards(*four(nw=moved)))
    assert (finding.rule, finding.severity, finding.code) == ("edges_match", "warning", "A")
    assert finding.message.startswith("its edge and that of B, C, D differ along")


def test_a_vertex_that_the_neighbour_lacks_is_a_note() -> None:
    layer = wards(NORTHWEST, NORTHEAST, TOWN.polygon("dfig"))
    assert said(layer) == []
    assert said(layer, notes=True) == [("vertices_shared", "C", "its edge lacks vertices that A, B have on it: 1")]


def test_an_edge_that_leaves_the_parents_a_little_is_one_warning_for_each_parent() -> None:
    x, y = TOWN.xy("b")
    low = shapely.Polygon([TOWN.xy("a"), (x, y - 0.1), TOWN.xy("e"), TOWN.xy("d")])
    lower = shapely.Polygon([(x, y - 0.1), TOWN.xy("c"), TOWN.xy("f"), TOWN.xy("e")])
    (finding,) = findings(wards(*four(nw=low, ne=lower)), context(outline=TOWN_OUTLINE))
    assert (finding.rule, finding.severity) == ("rim_matches", "warning")
    assert "the areas and the city differ along their edge" in finding.message
    assert "4 m² not covered and 0 m² beyond it" in finding.message
    (finding,) = (one for one in findings(grids(*four(nw=low, ne=lower)), town()) if one.rule != "usual_size")
    assert "the areas and community 510703001001 differ" in finding.message


def test_a_grid_that_reaches_out_of_its_community_is_a_warning() -> None:
    known = town(**{COMMUNITY: TOWN.polygon("acfd"), OTHER: TOWN.polygon("dfig")})
    codes = [f"{COMMUNITY}001", f"{COMMUNITY}002", f"{OTHER}001", f"{OTHER}002"]
    parents: list[str | None] = [COMMUNITY, COMMUNITY, OTHER, OTHER]
    assert told(grids(*four(), codes=[*codes], parents=parents), known) == []
    taken = TOWN.line("de").buffer(3, cap_style="flat").intersection(SOUTHWEST)
    shapes = four(nw=NORTHWEST.union(taken), sw=SOUTHWEST.difference(taken))
    assert told(grids(*shapes, codes=[*codes], parents=parents), known) == [
        (
            "inside_parent", f"{COMMUNITY}001",
            f"it reaches out of community {COMMUNITY}: 120 m² lie outside, at most 3.0 m from it",
        )
    ]  # fmt: skip


def test_a_grid_that_names_the_wrong_community_is_an_error_that_names_the_right_one() -> None:
    known = town(**{COMMUNITY: TOWN.polygon("acfd"), OTHER: TOWN.polygon("dfig")})
    parents: list[str | None] = [COMMUNITY, COMMUNITY, OTHER, COMMUNITY]
    codes: list[str | None] = [f"{COMMUNITY}001", f"{COMMUNITY}002", f"{OTHER}001", f"{COMMUNITY}003"]
    assert told(grids(*four(), codes=codes, parents=parents), known) == [
        (
            "parent_right", f"{COMMUNITY}003",
            f"100% of it lies outside of community {COMMUNITY}, which it names; it lies in {OTHER}",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(("code", "parent", "expected"), [
    (None, COMMUNITY, ("code_given", None, "it has no code")),
    ("51070300100100A", COMMUNITY, (
        "code_scheme", "51070300100100A", "code '51070300100100A' does not follow the scheme unit_grid of unit grid",
    )),
    ("51070300100101", COMMUNITY, (
        "code_edition", "51070300100101",
        "code 51070300100101 has 14 digits, as in CJ/T 213-2005; this city uses GB/T 30428.1-2013",
    )),
    ("510703002001001", COMMUNITY, (
        "code_parent", "510703002001001",
        f"code 510703002001001 begins with 510703002001, yet it names community {COMMUNITY}",
    )),
    (f"{COMMUNITY}001", None, ("parent_named", f"{COMMUNITY}001", "it names no community that it lies in")),
    ("510703009009001", "510703009009", (
        "parent_exists", "510703009009001", "it lies in community 510703009009, which does not exist",
    )),
])  # fmt: skip
def test_codes_are_checked_against_scheme_and_parent(code: str | None, parent: str | None, expected: Any) -> None:
    layer = grids(*four(), codes=[code, *GRIDS[1:]], parents=[parent, COMMUNITY, COMMUNITY, COMMUNITY])
    assert told(layer, town()) == [expected]


def test_while_no_parents_are_in_the_store_that_is_said_once() -> None:
    known = context({}, TOWN_OUTLINE)
    assert told(grids(*four()), known) == [("parents_loaded", None, "there is no community in the store yet")]


def test_a_unit_grid_is_one_piece_and_other_areas_may_have_islands() -> None:
    parts = shapely.MultiPolygon([NORTHWEST, SOUTHEAST])
    (finding,) = (one for one in findings(grids(parts, NORTHEAST, SOUTHWEST), town()) if one.rule != "usual_size")
    assert (finding.rule, finding.severity) == ("one_part", "error")
    assert finding.message == "it has 2 parts, where a unit grid is one piece"
    assert findings(wards(parts, NORTHEAST, SOUTHWEST)) == []


def test_only_unit_grids_far_from_ten_thousand_square_metres_are_named() -> None:
    sizes = [20, 40, 100, 200, 300]
    shapes = [shapely.box(n * 1_000, 0, n * 1_000 + side, side) for n, side in enumerate(sizes)]
    found = said(grids(*shapes, codes=["510703001001001"] * 5, parents=[None] * 5), context(), notes=True)
    assert [one[2] for one in found if one[0] == "usual_size"] == [
        "it has 400 m², much less than the guide value of about 10,000 m²",
        "it has 90,000 m², much more than the guide value of about 10,000 m²",
    ]
    assert [one[2] for one in found if one[0] == "size_spread"] == [
        "unit grids: 10,000 m² in the median, 400 m² to 90,000 m²; 20% are within 10 % of 10,000 m²"
    ]


def test_a_layer_that_covers_half_of_what_is_in_force_is_a_warning() -> None:
    known = context({"patrol": {"P": TOWN_OUTLINE}})
    assert said(whole([NORTHWEST, NORTHEAST], "patrol"), known) == [
        (
            "covers_present", None,
            "the layer has only 50% of the ground of the areas of kind patrol grid in force (0.00 of 0.01 km²)",
        )
    ]  # fmt: skip
    assert said(whole(four(), "patrol"), known) == []


def test_areas_without_codes_are_called_by_their_numbers() -> None:
    layer = whole([NORTHWEST, NORTHWEST], "patrol", codes=[None, "B"])
    (finding,) = (one for one in findings(layer) if one.rule == "areas_overlap")
    assert finding.message == "it and feature 1 of layer areas overlap by 1,600 m²"
    assert finding.message_zh == "与 图层“areas”的要素 1 重叠 1,600 平方米"


def test_shapes_that_are_missing_or_not_valid_stop_no_check() -> None:
    layer = whole([NORTHWEST, None, TOWN.polygon("bcef"), shapely.Polygon()], "ward")
    assert all(one.message and one.message_zh for one in findings(layer, context(outline=TOWN_OUTLINE), notes=True))
    assert findings(whole([], "ward"), context()) == []
    assert findings(whole([], "unit_grid"), context()) != []  # no community is in the store


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 5_000), st.sets(st.integers(0, 24), min_size=4, max_size=4), st.data())
def test_of_faults_of_every_kind_in_one_layer_each_is_found_and_nothing_else(
    seed: int, rows: set[int], data: st.DataObject
) -> None:
    shapes = tiling_of(9, 9, seed)
    city = shapely.union_all(shapes)
    places = [(row // 5 * 2) * 9 + row % 5 * 2 for row in rows]  # never neighbours
    doubled, holed, moved, missing = data.draw(st.permutations(places))
    points = shapely.get_coordinates(shapes[moved])[:-1]
    points[data.draw(st.integers(0, len(points) - 1))] += data.draw(st.sampled_from([(0.1, 0.05), (-0.2, 0.1)]))
    planted = shapes.copy()
    planted[moved] = shapely.Polygon(points)
    planted[holed] = shapes[holed].difference(shapes[holed].centroid.buffer(5))
    codes = [str(row) for row in range(len(shapes))]
    layer = whole(
        [*np.delete(planted, missing), shapes[doubled]], "ward", [*np.delete(codes, missing).tolist(), "twice"]
    )
    found = [(one.rule, one.code) for one in findings(layer, context(outline=city))]
    at_the_edge = shapes[missing].intersection(city.boundary).length > 0
    gap, moves = ("city_covered" if at_the_edge else "tile_missing"), {"edges_match", "rim_matches"}
    assert {("tiles_overlap", "twice"), ("hole_filled", str(holed)), (gap, None)} <= set(found)
    assert len([rule for rule, _ in found if rule in moves]) == 1
    assert len(found) == 4


def test_all_checks_of_seven_thousand_grids_take_seconds_only() -> None:
    shapes = tiling_of(84, 84, 7, between=9, jitter=4)
    parents = array(shapely.coverage_union_all(part) for part in np.array_split(shapes, 84))
    stored = {f"510703001{n:03d}": shape for n, shape in enumerate(parents, start=1)}
    known = context({"community": stored}, shapely.union_all(parents))
    of = [code for code in stored for _ in range(84)]
    layer = whole(shapes, "unit_grid", [f"{code}{n % 84 + 1:03d}" for n, code in enumerate(of)], [*of])
    began = time.process_time()
    assert findings(layer, known) == []
    assert time.process_time() - began < SECONDS
