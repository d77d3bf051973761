"""Shapes as people write them."""

import json
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridsvc.errors import InputError
from gridsvc.ingest.written_shapes import shape_from_geojson, shape_from_text

LINE = {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}


@pytest.mark.parametrize(
    "text",
    [
        "LINESTRING (1 2, 3 4)",
        "  linestring(1 2,3 4) ",
        "SRID=4326;LINESTRING (1 2, 3 4)",
        json.dumps(LINE),
        json.dumps({"type": "Feature", "properties": None, "geometry": LINE}),
    ],
)
def test_wkt_and_geojson(text: str) -> None:
    found = shape_from_text(text)
    assert found.equals(shapely.LineString([(1, 2), (3, 4)]))
    assert shapely.get_srid(found) == 0


@pytest.mark.parametrize(
    "text",
    [
        "", "POINT", "POINT (1)", "POINT (a b)", "{", "[]", "{}", '{"type": "Point"}', "LINE (1 2, 3 4)",
        "GEOMETRYCOLLECTION (POINT (1 2))", "CIRCULARSTRING (0 0, 1 1, 2 0)", '{"geometry": 3}',
        "POLYGON ((0 0, 1 0, 1 1))", '{"type": "Point", "coordinates": "x"}', '{"a":' * 20_000,
        '{"type": "Point", "coordinates": ' + "[" * 5_000 + "]" * 5_000 + "}",
    ],
)  # fmt: skip
def test_what_is_no_shape_is_told_in_both_languages(text: str) -> None:
    with pytest.raises(InputError, match="the shape cannot be read") as told:
        shape_from_text(text)
    assert "图形无法识别" in told.value.zh
    assert len(str(told.value)) < 300


@given(st.text() | st.text("POINTLESRG() ,0123.-", max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    try:
        shape_from_text(text)
    except InputError:
        return


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "MultiPoint"]), JSON)
def test_no_coordinates_break_it(kind: str, coordinates: Any) -> None:
    try:
        shape_from_geojson({"type": kind, "coordinates": coordinates})
    except InputError:
        return
