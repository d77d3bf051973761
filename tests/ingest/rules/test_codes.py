from dataclasses import replace

import pyarrow as pa
import pytest

from tests.ingest.rules.lots import COVER, LAMP, SEWER, areas, check, context, lot, points, said, whole

OURS = "5107030137000001"
TWO, THREE = points("12"), points("123")


def test_a_code_stands_once_in_the_file() -> None:
    data = whole(points("12345"), code=["A", None, "B", "A", "A"])
    assert said("code_once", data) == [
        (4, "code A stands at feature 1 already"),
        (5, "code A stands at feature 1 already"),
    ]
    assert check("code_once", data)[0].message_zh == "编码 A 已用于要素 1"
    assert check("code_once", whole(THREE, code=["A", None, None])) == []


def test_the_first_feature_is_named_with_its_layer_where_that_is_another() -> None:
    data = whole(TWO, code="A", source_layers=["lamps", "covers"])
    assert said("code_once", data) == [(2, "code A stands at feature 1 of layer lamps already")]


@pytest.mark.parametrize("code", ["x" * 65, "A\u200bB", "A\nB"])
def test_codes_that_are_too_long_or_hold_what_nobody_sees(code: str) -> None:
    found = check("code_form", lot(THREE, code=["x" * 64, code, None]))
    assert [one.feature for one in found] == [2]
    assert found[0].message.endswith("is longer than 64 characters or holds control characters")


def test_codes_in_full_width() -> None:
    data = lot(THREE, code=["灯-1", "Ａ１２", "A12"], layer=areas())
    assert said("code_plain", data) == [
        (2, "code 'Ａ１２' holds full-width characters, blanks or a spreadsheet's mark of text; plainly it is 'A12'")
    ]


@pytest.mark.parametrize("code", [f"'{OURS}", f'="{OURS}"', f"{OURS[:6]} {OURS[6:]}", f"{OURS[:6]}\u3000{OURS[6:]}"])
def test_marks_and_blanks_around_digits_are_no_part_of_a_code(code: str) -> None:
    ((feature, message),) = said("code_plain", lot(THREE, code=[OURS, code, "A 1"]))
    assert (feature, message.endswith(f"plainly it is {OURS!r}")) == (2, True)


def test_words_for_no_code_are_none() -> None:
    words = ["无", "NULL", "-", "000000", "A-1", None, "0101", "N/A"]
    assert [feature for feature, _ in said("code_placeholder", lot(points("12345612"), code=words))] == [1, 2, 3, 4, 8]


@pytest.mark.parametrize(
    ("code", "spoilt"),
    [
        ("3.2e15", True), ("3.20508E+15", True), ("3E+15", True), ("5107030137000001.0", True), ("510703.00", True),
        (OURS, False), ("12.5", False), ("1.0", False), ("12E4", False), ("A.B", False), ("3.2-e15", False),
    ],
)  # fmt: skip
def test_codes_that_were_numbers_once(code: str, spoilt: bool) -> None:
    found = said("code_float", lot(TWO, code=["A", code]))
    assert found == ([(2, f"code {code!r} was kept as a number once and is not what it was")] if spoilt else [])


@pytest.mark.parametrize(
    ("codes", "rounded"),
    [
        ([f"51070301370000{n}0" for n in range(5)], 5),
        ([f"51070301370000{n}000" for n in range(5)], 5),
        ([*(f"51070301370000{n}0" for n in range(4)), None], 0),
        ([*(f"51070301370000{n}0" for n in range(4)), OURS], 0),
        ([f"51070301370{n}0" for n in range(5)], 0),
    ],
)
def test_long_codes_that_all_end_in_zeros_were_rounded(codes: list[str | None], rounded: int) -> None:
    found = said("code_rounded", whole(points("12345"), code=codes))
    text = "codes of more than 15 digits end in zeros from digit 16 on: they were rounded"
    assert found == ([(None, f"all {rounded} {text}")] if rounded else [])


def test_codes_of_another_city_are_counted_by_their_district() -> None:
    codes = [OURS, "3205080137000001", "3205080137000002", "lamp-1", None, "9999990137000001"]
    found = said("code_district", lot(points("123456"), code=codes))
    assert found == [
        (2, "code 3205080137000001 begins with 320508, which is no district of the city; codes that begin so: 2"),
        (6, "code 9999990137000001 begins with 999999, which is no district of the city; codes that begin so: 1"),
    ]
    assert check("code_district", lot(points("123456"), code=codes), context(districts=frozenset())) == []


@pytest.mark.parametrize(
    ("code", "subclass", "disagree"),
    [
        ("5107030137000001", LAMP, False),
        ("5107030599000001", LAMP, False),  # the city's own digits will do as the national ones
        ("5107030101000001", COVER, False),
        ("5107030101000001", SEWER, True),
        ("3205080101000001", SEWER, True),
        ("5107039999000001", SEWER, True),
        ("3205089999000001", SEWER, False),  # sixteen digits of no scheme that is known here
        ("510703010100001", SEWER, False),
        ("5107030101000001", "9999", False),  # said by another rule
        ("5107030101000001", None, False),
    ],
)
def test_code_and_subclass_agree(code: str, subclass: str | None, disagree: bool) -> None:
    data = lot(TWO, code=["A", code], subclass_code=[LAMP, subclass])
    assert [one.feature for one in check("code_subclass", data)] == [2] * disagree


def test_both_are_named_where_code_and_subclass_disagree() -> None:
    (found,) = check("code_subclass", lot(TWO, code=[OURS, "5107030101000001"]))
    assert found.severity == "error"
    assert found.message == (
        "code 5107030101000001 says subclass 0101 (Water-supply manhole cover), but the row's subclass is "
        "0599 Street lamp (digits 0137/0599)"
    )
    assert found.message_zh == (
        "编码 5107030101000001 第 7 至 10 位是 0101（上水井盖），而小类是 0599 路灯（应为 0137/0599）"
    )


def test_codes_of_other_schemes_are_counted() -> None:
    data = lot(points("12345"), code=[OURS, "510703013700000001", "lamp-1", "lamp-2", None])
    assert [one.message for one in check("code_other_scheme", data)] == [
        "a code of 18 digits, as the draft successor of the standard has, stands in 1 of the features 1 to 5 "
        "(such as feature 2 of layer things: 510703013700000001)",
        "a code that is not of 16 digits stands in 2 of the features 1 to 5 "
        "(such as feature 3 of layer things: lamp-1)",
    ]


def test_rows_without_a_code_are_counted() -> None:
    (found,) = check("code_absent", lot(THREE, code=[None, OURS, None]))
    assert (found.severity, found.feature) == ("note", None)
    assert found.message.startswith("no code is given for 2 of the features 1 to 3")


def test_checks_of_a_slice_look_at_nothing_outside_it() -> None:
    codes = pa.array(["x", OURS, "5107030101000001", "5107030102000001"])
    part = lot(TWO)
    part = replace(part, fields={**part.fields, "code": codes.slice(1, 2)})
    assert [one.feature for one in check("code_subclass", part)] == [2]
    assert check("code_other_scheme", part) == []
