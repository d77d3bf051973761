"""Addresses in words: one spelling, and their parts."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridsvc.domain.addresses import LONGEST, housed, name_spelled, parts, sought, spelled


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("人民路１２號", "人民路12号"),
        ("人民路 12 号", "人民路12号"),
        ("人民路十二号", "人民路12号"),
        ("跃进路北段一百零五号", "跃进路北段105号"),
        ("解放路二〇三号", "解放路203号"),
        ("一环路", "一环路"),
        ("14th St. NW", "14th street nw"),
        ("14TH STREET NORTHWEST", "14th street nw"),
        ("No. 5 Main Rd", "5 main road"),
        ("St. John's Ave", "st johns avenue"),
        ("“人民公园”（东门）", "人民公园 东门".replace(" ", "")),
    ],
)
def test_what_is_written_differently_is_spelled_alike(text: str, same: str) -> None:
    assert spelled(text) == same


@pytest.mark.parametrize(
    ("text", "road", "number", "core"),
    [
        ("绵阳市涪城区城厢街道人民路12号附近", "人民路", 12, "人民路12"),
        ("临园路东段123号3栋2单元", "临园路东段", 123, "临园路东段123号3栋2单元"),
        ("1200 Pennsylvania Ave NW, Washington, DC", "pennsylvania avenue nw", 1200, "1200 pennsylvania avenue nw"),
        ("1200 - 1299 BLOCK OF P STREET NW", "p street nw", 1200, "1200 - 1299 block of p street nw"),
        ("涪城区人民公园旁边", None, None, "人民公园"),
        ("城厢街道", None, None, "城厢街道"),
    ],
)
def test_the_parts_of_an_address(text: str, road: str | None, number: int | None, core: str) -> None:
    found = sought(text)
    assert (found.road, found.number, found.core) == (road, number, core)
    assert core in found.phrases
    assert found.crossing is None


@pytest.mark.parametrize(
    ("text", "roads"),
    [
        ("涪城区长虹大道与临园路交叉口", ("长虹大道", "临园路")),
        ("长虹大道/临园路东段路口附近", ("长虹大道", "临园路东段")),
        ("和平路和解放路", ("和平路", "解放路")),
        ("14th St NW and U St NW", ("14th street nw", "u street nw")),
        ("14th & U St NW", ("14th street nw", "u street nw")),
        ("Corner of Main Street and 2nd Ave", ("main street", "2nd avenue")),
        ("Sand and Gravel", None),
        ("和平路12号", None),
    ],
)
def test_where_two_roads_cross(text: str, roads: tuple[str, str] | None) -> None:
    assert sought(text).crossing == roads


def test_only_a_place_beside_another_is_vague() -> None:
    assert [sought(text).vague for text in ("人民公园", "人民公园附近", "人民公园东侧")] == [False, True, True]


def test_names_within_an_address() -> None:
    assert "卫生院" in parts("城厢卫生院门口")
    assert {"union station", "station"} <= set(parts("at union station"))
    assert housed("人民路12号") == ("人民路", 12)
    assert name_spelled("人民路12号") == "人民路12"


@given(st.text(max_size=300))
def test_any_text_has_a_spelling_that_stays(text: str) -> None:
    once = spelled(text)
    assert len(parts(sought(text).core)) <= 12 * LONGEST
    assert spelled(once) == once or len(text) >= LONGEST


def test_an_address_of_vague_words_is_read_at_once() -> None:
    begun = time.perf_counter()
    assert sought("人民路" + "交界处" * 60 + "x").core
    assert time.perf_counter() - begun < 1
    assert sought("人民路交界处").core == sought("人民路").core
