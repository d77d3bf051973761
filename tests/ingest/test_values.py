"""Values of files are understood by code, by name and by what comes near; where several fit, nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridsvc.domain.departments import Department
from gridsvc.ingest.meanings.mapping import ValueSuggestion, suggest_departments, suggest_states, suggest_values
from gridsvc.ingest.meanings.values import SURE
from tests.ingest.catalogue import SUBCLASSES


def meant(*values: str) -> dict[str, tuple[str | None, bool]]:
    """Value → code, and whether nobody needs to confirm it."""
    found = suggest_values(dict.fromkeys(values, 1), SUBCLASSES)
    return {one.value: (one.code, one.confidence >= SURE) for one in found}


def test_values_that_surely_mean_a_subclass() -> None:
    sure = {
        "0103": "0103", "0137": "0599", "103": "0103", "103.0": "0103", "雨水井盖": "0103", "雨水 井盖": "0103",
        "雨水井盖（个）": "0103", "雨水篦子": "0104", "消火栓": "0124", "变压器": "0148", "变压器(箱)": "0148",
        "Street lamp": "0599", "STREET_LAMP": "0599", "0103_雨水井盖": "0103", "0103-雨水井盖_点": "0103",
        "部件_雨水井盖_点": "0103", "路灯点": "0599", "绿地面": "0499", "红绿灯": "0214", "0402_pt": "0402",
        "非机动车停放点_pt": "0225",
    }  # fmt: skip
    assert meant(*sure) == {value: (code, True) for value, code in sure.items()}


def test_values_that_come_near_a_subclass_need_confirmation() -> None:
    near = {"市政雨水井盖": "0103", "上水井": "0101", "户外广告牌": "0306", "0102_雨水井盖": "0103"}
    assert meant(*near) == {value: (code, False) for value, code in near.items()}


@pytest.mark.parametrize(
    "value", ["井盖", "立杆", "Bollard", "Steel", "", "5000", "components_01_point", "AXD", "房屋"]
)
def test_values_that_mean_nothing_or_too_much_are_listed_without_a_code(value: str) -> None:
    assert meant(value) == {value: (None, False)}


def test_a_value_that_fits_several_subclasses_says_which() -> None:
    (one,) = suggest_values({"立杆": 3}, SUBCLASSES)
    assert (one.count, one.code, one.confidence) == (3, None, 0.0)
    assert one.reason == "it may be 0130 电力立杆, 0131 通信立杆"
    assert one.reason_zh == "可能对应0130 电力立杆、0131 通信立杆"


def test_a_code_and_a_name_that_disagree_are_both_named() -> None:
    (one,) = suggest_values({"0102_雨水井盖": 1}, SUBCLASSES)
    assert one.reason == "its code means 0102 污水井盖, its name 0103 雨水井盖"
    assert "两者不一致" in one.reason_zh


def test_every_name_and_code_of_the_catalogue_means_its_own_subclass() -> None:
    for part in ("subclass_code", "subclass_zh", "subclass_en"):
        expected = {getattr(one, part): (one.subclass_code, True) for one in SUBCLASSES}
        assert meant(*expected) == expected


def test_the_most_frequent_values_come_first() -> None:
    found = suggest_values({"路灯": 2, "雨水井盖": 9, "x": 2}, SUBCLASSES)
    assert [(one.value, one.count) for one in found] == [("雨水井盖", 9), ("x", 2), ("路灯", 2)]


def test_names_of_departments_are_mapped_to_codes() -> None:
    departments = [
        Department(code=code, name_zh=zh, name_en=en, parent=None, level="city", on_platform=True)
        for code, zh, en in (
            ("D1", "市城市管理局", "City Management Bureau"),
            ("D2", "市市政工程处", "Municipal Works"),
        )
    ]
    found = suggest_departments(
        {"市城市管理局": 4, "D2": 3, "municipal works": 2, "市政工程处": 1, "某公司": 1}, departments
    )
    assert [(one.value, one.code, one.confidence >= SURE) for one in found] == [
        ("市城市管理局", "D1", True), ("D2", "D2", True), ("municipal works", "D2", True), ("市政工程处", "D2", False),
        ("某公司", None, False),
    ]  # fmt: skip


def test_words_for_states_are_mapped_to_states() -> None:
    found = suggest_states(dict.fromkeys(["完好", "正常", "已损坏", "lost", "in use", "M"], 1))
    assert {one.value: one.code for one in found} == {
        "完好": "intact", "正常": "intact", "已损坏": "damaged", "lost": "lost", "in use": "intact", "M": None,
    }  # fmt: skip


@given(st.dictionaries(st.text(max_size=12), st.integers(1, 9), max_size=8))
def test_any_text_gets_an_answer(values: dict[str, int]) -> None:
    found: list[ValueSuggestion] = suggest_values(values, SUBCLASSES)
    assert {one.value: one.count for one in found} == values
    assert all((one.code is None) == (one.confidence == 0) and one.reason and one.reason_zh for one in found)
