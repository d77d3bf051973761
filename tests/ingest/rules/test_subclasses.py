import pytest

from tests.ingest.rules.lots import COVER, LAMP, check, lot, points, said

TWO = points("12")


def test_a_row_without_a_subclass() -> None:
    assert said("subclass_given", lot(TWO, subclass_code=[LAMP, None])) == [(2, "it names no subclass")]


def test_a_subclass_that_is_not_in_the_catalogue() -> None:
    data = lot(points("123"), subclass_code=[LAMP, "9999", None])
    assert said("subclass_known", data) == [(2, "subclass '9999' is not one of the 5 component subclasses")]
    assert check("subclass_known", data)[0].message_zh == "“9999”不是 5 个部件小类之一"


@pytest.mark.parametrize(
    ("code", "name", "agree"),
    [
        (COVER, "上水井盖", True), (COVER, "给水井盖", True), (COVER, "Water-supply manhole cover", True),
        (COVER, None, True), (None, "路灯", True), (COVER, "某种井盖", True), ("9999", "路灯", True),
        (COVER, "路灯", False),
    ],
)  # fmt: skip
def test_subclass_code_and_name_agree(code: str | None, name: str | None, agree: bool) -> None:
    data = lot(TWO, subclass_code=[LAMP, code], subclass_name=["路灯", name])
    sentence = "subclass code 0101 is Water-supply manhole cover, but its name '路灯' is that of 0599"
    assert said("subclass_name_agrees", data) == ([] if agree else [(2, sentence)])


def test_names_beside_a_code_that_the_catalogue_does_not_have_are_counted() -> None:
    data = lot(points("123"), subclass_code=[LAMP, LAMP, "9999"], subclass_name=["路灯", "高杆灯", "高杆灯"])
    (found,) = check("subclass_name_known", data)
    assert found.message.startswith("the subclass name is not in the catalogue for 1 of the features 1 to 3")


def test_states_in_both_ways_of_writing() -> None:
    data = lot(points("1234"), state=["完好", "damaged", None, "坏"])
    (found,) = said("state_known", data)
    assert found[0] == 4
    assert found[1].startswith("state '坏' is not one of 完好, 破损, 丢失, 废弃, 移除, intact, damaged")
