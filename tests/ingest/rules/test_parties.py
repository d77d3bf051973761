from tests.ingest.rules.lots import check, lot, points, said

THREE = points("123")


def test_a_department_that_does_not_exist() -> None:
    data = lot(THREE, authority=["WATER", "GAS", None], owner=["LIGHT", "不明", "甲公司"])
    assert said("department_known", data) == [
        (2, "its authority 'GAS' is the code of no department"),
        (3, "its owner '甲公司' is the code of no department"),
    ]
    assert check("department_known", data)[0].message_zh == "主管部门“GAS”不是已有部门的代码"


def test_an_unknown_owner_is_a_value_to_record() -> None:
    data = lot(THREE, owner=["LIGHT", "不明", None], maintainer="LIGHT")
    (found,) = check("party_known", data)
    assert found.severity == "note"
    assert found.message == ("the owner is not known for 2 of the features 1 to 3 (such as feature 2 of layer things)")
