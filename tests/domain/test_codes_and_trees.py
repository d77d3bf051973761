"""Codes of areas, and the point that stands for a component."""

import numpy as np
import pytest
import shapely

from gridsvc.domain.areas import AreaKind, fits_scheme
from gridsvc.domain.components import anchors
from gridsvc.domain.crs import city_srid
from gridsvc.errors import InputError


@pytest.mark.parametrize(
    ("code", "scheme", "fits"),
    [
        ("510703", "district", True),
        ("51070", "district", False),
        ("５１０７０３", "district", False),
        ("510703001001001", "unit_grid", True),
        ("51070300100101", "unit_grid_14", True),
        ("3A", "free", True),
        (" 3A", "free", False),
        ("", "free", False),
        ("x" * 65, "free", False),
    ],
)
def test_codes_follow_their_scheme(code: str, scheme: str, fits: bool) -> None:
    assert fits_scheme(code, scheme) is fits


def test_kinds_of_area_are_checked_when_they_are_made() -> None:
    with pytest.raises(InputError, match="code scheme 'roman' is not known; choose one of: community"):
        AreaKind(kind="block", name_zh="块", name_en="Block", code_scheme="roman")
    with pytest.raises(InputError, match="use lower-case letters, digits and _"):
        AreaKind(kind="Block 1", name_zh="块", name_en="Block")


def test_anchors_of_points_lines_and_polygons() -> None:
    shapes = [
        "POINT(1 2)",
        "LINESTRING(0 0, 10 0, 10 10)",
        "MULTILINESTRING((0 0, 1 0), (0 5, 10 5))",
        "POLYGON((0 0, 10 0, 10 1, 1 1, 1 10, 0 10, 0 0))",
    ]
    made = shapely.from_wkt(shapes)
    x, y = anchors(made)
    assert (x[:3].tolist(), y[:3].tolist()) == ([1, 10, 5], [2, 0, 5])
    assert shapely.contains_xy(made[3], x[3], y[3])
    assert anchors(np.array([], dtype=object))[0].tolist() == []


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:2263", "EPSG:99999", "here", "+proj=tmerc +lon_0=105.5"])
def test_a_city_needs_a_projected_crs_in_metres(crs: str) -> None:
    with pytest.raises(InputError, match="CRS"):
        city_srid(crs)
