"""A row of a file and the component that it is."""

from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridsvc.ingest.comparing import difference, merged, same_shape, same_value, speaks_of

SPEAKS = speaks_of(["owner", "state"], ["colour"])


def thing(**given: Any) -> dict[str, Any]:
    plain = {"subclass_code": "0599", "state": "intact", "authority": None, "owner": "A", "maintainer": "M",
             "position": None, "attributes": {"colour": "red", "height": 3}, "geom": shapely.Point(1, 2)}  # fmt: skip
    return {**plain, **given}


@pytest.mark.parametrize(
    ("row", "fields", "moved"),
    [
        (thing(), (), 0),
        (thing(owner="B"), ("owner",), 0),
        (thing(owner=None), ("owner",), 0),
        (thing(maintainer="another"), (), 0),
        (thing(state=None), (), 0),
        (thing(attributes={"colour": "blue"}), ("attributes.colour",), 0),
        (thing(attributes={}), ("attributes.colour",), 0),
        (thing(attributes={"colour": "red"}), (), 0),
        (thing(geom=shapely.Point(1, 2.0004)), (), 0),
        (thing(geom=shapely.Point(4, 6)), ("geometry",), 5),
    ],
    ids=["same", "owner", "owner gone", "not spoken of", "no state", "attribute", "attribute gone", "other key",
         "below a millimetre", "moved"],
)  # fmt: skip
def test_only_what_the_file_speaks_of_can_differ(row: dict[str, Any], fields: tuple[str, ...], moved: float) -> None:
    found = difference(row, thing(), SPEAKS)
    assert found.fields == fields
    assert found.moved == pytest.approx(moved)


def test_what_the_file_does_not_speak_of_stays() -> None:
    row = thing(owner="B", maintainer=None, attributes={"colour": "blue"}, geom=shapely.Point(1, 2.0004))
    becomes = merged(row, thing(), SPEAKS)
    assert becomes["owner"] == "B"
    assert becomes["maintainer"] == "M"
    assert becomes["attributes"] == '{"height": 3, "colour": "blue"}'
    assert becomes["geom"] == shapely.Point(1, 2), "below a millimetre the stored shape stays to the bit"


def test_a_ring_may_begin_anywhere_and_turn_either_way() -> None:
    ring = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]
    turned = [*ring[2:], *ring[1:3]]
    assert same_shape(shapely.Polygon(ring), shapely.Polygon(turned))
    assert same_shape(shapely.Polygon(ring), shapely.Polygon(ring[::-1]))
    assert not same_shape(shapely.Polygon(ring), shapely.Polygon([*ring[:2], (4, 4.01), *ring[3:]]))


SQUARE = [(0.0, 0.0), (400.0, 0.0), (400.0, 300.0), (0.0, 300.0)]
nudges = st.lists(st.tuples(*[st.floats(-0.0003, 0.0003)] * 2), min_size=4, max_size=4)


@given(nudges, st.integers(0, 3), st.booleans())
def test_less_than_a_millimetre_is_nothing_even_if_it_puts_other_corners_first(
    nudged: list[tuple[float, float]], begin: int, turned: bool
) -> None:
    ring = [(x + dx, y + dy) for (x, y), (dx, dy) in zip(SQUARE, nudged, strict=True)]
    ring = [*ring[begin:], *ring[:begin]]
    assert same_shape(shapely.Polygon(SQUARE), shapely.Polygon(ring[::-1] if turned else ring))


@given(st.integers(0, 3), st.sampled_from([(0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)]))
def test_a_centimetre_at_one_corner_is_something(corner: int, by: tuple[float, float]) -> None:
    ring = list(SQUARE)
    ring[corner] = (ring[corner][0] + by[0], ring[corner][1] + by[1])
    assert not same_shape(shapely.Polygon(SQUARE), shapely.Polygon(ring))


def test_a_hole_is_part_of_the_shape() -> None:
    """Its edge is the same as that of an island, and the corners are as many."""
    hole = [(100, 100), (200, 100), (200, 200), (100, 200)]
    with_hole = shapely.MultiPolygon([(SQUARE, [hole])])
    with_island = shapely.MultiPolygon([(SQUARE, []), (hole, [])])
    assert not same_shape(with_hole, with_island)


@pytest.mark.parametrize(
    ("given_value", "stored", "same"),
    [
        ("5", 5, True), (5, "5", True), ("2.50", 2.5, True), ("5", 5.0, True), ("true", True, True),
        ("1e+20", 1e20, True),
        (None, None, True), (None, "", True), (" x", "x ", True), ("a\nb", "a\r\nb", True),
        ('{"a": [1, "二"]}', {"a": [1, "二"]}, True), ("123456789012345678", 123456789012345678, True),
        ("123456789012345679", 123456789012345678, False), ("007", 7, False), ("7.0", "7", False), ("5", 6, False),
        (None, 0, False), ("", False, False), ("True", True, False), ("1_000", 1000, False), ("a  b", "a b", False),
    ],
)  # fmt: skip
def test_values_are_compared_as_files_write_them(given_value: Any, stored: Any, same: bool) -> None:
    assert same_value(given_value, stored) is same


def test_what_says_the_same_in_another_type_stays_as_it_is_stored() -> None:
    speaks = speaks_of([], ["height", "lit", "colour"])
    stored = thing(attributes={"height": 3, "lit": True, "colour": "red"})
    becomes = merged(thing(attributes={"height": "3", "lit": "true", "colour": "blue"}), stored, speaks)
    assert becomes["attributes"] == '{"height": 3, "lit": true, "colour": "blue"}'
