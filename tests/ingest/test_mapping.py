"""Columns of files as they come are understood; what is not sure is said to be so."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridsvc.domain.areas import AreaKind
from gridsvc.ingest.layers import COMPONENTS, LAYER_COLUMN, fields_of
from gridsvc.ingest.meanings.mapping import ColumnLook, Suggestion, column_names, signature, suggest_fields
from gridsvc.ingest.meanings.values import SURE
from tests.ingest.catalogue import SUBCLASSES

STANDARD = [
    "ObjID", "ObjName", "DeptCode1", "DeptName1", "DeptCode2", "DeptName2", "DeptCode3", "DeptName3", "BGID", "ObjPos",
    "ObjState", "ORDate", "CHDate", "DataSource", "Note", "PICTURE",
]  # fmt: skip
STANDARD_MAPPING = {
    "code": "ObjID", "subclass_name": "ObjName", "state": "ObjState", "authority": "DeptCode1", "owner": "DeptCode2",
    "maintainer": "DeptCode3", "position": "ObjPos", "unit_grid": "BGID", "surveyed_at": "ORDate",
    "changed_at": "CHDate", "data_source": "DataSource", "note": "Note",
}  # fmt: skip
CHINESE = {
    "code": "部件标识码", "subclass_name": "部件名称", "state": "部件状态", "authority": "主管部门代码",
    "owner": "权属单位代码", "maintainer": "养护单位代码", "position": "位置描述", "unit_grid": "所在单元网格编码",
    "surveyed_at": "初始时间",
    "changed_at": "变更时间", "data_source": "数据来源", "note": "备注",
}  # fmt: skip
CHINESE_REST = ["主管部门名称", "权属单位名称", "养护单位名称", "照片", "面积"]


def suggested(target: str, columns: Sequence[str], values: Mapping[str, Sequence[str]] | None = None) -> dict[str, str]:
    """Field → column, of those that need no confirmation."""
    return {one.target: one.source for one in suggestions(target, columns, values) if one.confidence >= SURE}


def suggestions(
    target: str, columns: Sequence[str], values: Mapping[str, Sequence[str]] | None = None
) -> list[Suggestion]:
    return suggest_fields(target, looks(columns, values or {}), subclasses=SUBCLASSES)


def looks(columns: Sequence[str], values: Mapping[str, Sequence[str]]) -> list[ColumnLook]:
    return [ColumnLook(name=name, type="str", examples=tuple(values.get(name, ()))) for name in columns]


def as_a_shapefile_names(columns: Sequence[str], encoding: str) -> list[str]:
    """Ten bytes of each; where two begin alike, eight and a number."""
    made: list[str] = []
    for column in columns:
        short = column.encode(encoding)[:10].decode(encoding, "replace")
        number = 0
        while short in made:
            number += 1
            short = column.encode(encoding)[:8].decode(encoding, "replace") + f"_{number}"
        made.append(short)
    return made


@pytest.mark.parametrize("change", [str, str.upper, str.lower, lambda name: f" {name[0]}_{name[1:]} "])
def test_names_of_the_standard_in_any_case_and_punctuation(change: type[str]) -> None:
    expected = {field: change(column) for field, column in STANDARD_MAPPING.items()}
    assert suggested(COMPONENTS, [change(name) for name in STANDARD]) == expected


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
@pytest.mark.parametrize("names", [STANDARD_MAPPING, CHINESE], ids=["standard", "chinese"])
def test_names_cut_to_ten_bytes(names: dict[str, str], encoding: str) -> None:
    rest = CHINESE_REST if names is CHINESE else ["DeptName1", "DeptName2", "DeptName3"]
    columns = sorted([*names.values(), *rest])
    short = dict(zip(columns, as_a_shapefile_names(columns, encoding), strict=True))
    assert suggested(COMPONENTS, list(short.values())) == {field: short[name] for field, name in names.items()}


def test_the_reason_says_how_a_name_was_cut() -> None:
    (one,) = suggestions(COMPONENTS, ["主管部门代"])
    assert (one.target, one.reason) == ("authority", "主管部门代码, cut to ten bytes")
    assert one.reason_zh == "“主管部门代码”被截断至 10 字节"


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["主管部", "主管_1"], {"authority": "主管部"}),
        (["主管部\ufffd", "主管\ufffd_1"], {"authority": "主管部\ufffd"}),
        (["部门代码", "部门代码_1", "部门代码_2"], {"authority": "部门代码", "owner": "部门代码_1",
                                          "maintainer": "部门代码_2"}),
        (["部门代码1", "部门代码3"], {"authority": "部门代码1", "maintainer": "部门代码3"}),
        (["主管部门代", "主管部门代_1", "主管部门代_2"], {"authority": "主管部门代", "owner": "主管部门代_1",
                                              "maintainer": "主管部门代_2"}),
        (["主管部", *(f"主管部_{n}" for n in range(1, 6))], {"authority": "主管部", "owner": "主管部_2",
                                                     "maintainer": "主管部_4"}),
    ],
)  # fmt: skip
def test_numbers_after_cutting_tell_code_from_name_and_who_is_meant(
    columns: list[str], expected: dict[str, str]
) -> None:
    assert suggested(COMPONENTS, columns) == expected


def test_values_decide_which_of_two_cut_columns_holds_codes() -> None:
    values = {"养护单": ["市政工程处", "园林处"], "养护单_1": ["51070012", "51070013"]}
    assert suggested(COMPONENTS, list(values), values) == {"maintainer": "养护单_1"}


def test_departments_are_told_by_code_and_by_name_only_where_no_code_is_given() -> None:
    names = {"权属单位": ["市政工程处"], "DeptName3": ["园林处"]}
    owner, maintainer = suggestions(COMPONENTS, list(names), names)
    assert (owner.target, owner.source, maintainer.target, maintainer.source) == (
        "owner", "权属单位", "maintainer", "DeptName3",
    )  # fmt: skip
    assert "only names are given, which need codes" in owner.reason
    assert "需对应到部门代码" in maintainer.reason_zh
    both = {"权属单位": ["市政工程处"], "权属单位代码": ["51070012"]}
    assert suggested(COMPONENTS, list(both), both) == {"owner": "权属单位代码"}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("BJBM BJMC WGBM ZGBM QSDW YHDW WZ ZT BZ",
         "code subclass_name unit_grid authority owner maintainer position state note"),
        ("XLDM XLMC BSM SSWG CSSJ BGSJ SJLY", "subclass subclass_name - unit_grid surveyed_at changed_at data_source"),
        ("asset_id objectid owner maintained_by address condition", "code - owner maintainer position state"),
        ("FACILITYID OBJECTID STATUS LOCATION COMMENTS", "code - state position note"),
        ("编号 小类代码 小类名称 权属单位 养护单位 网格编码 地址 状态 更新时间 经度 纬度",
         "code subclass subclass_name owner maintainer unit_grid position state changed_at longitude latitude"),
        ("ObjID（部件标识码） 主管部门/代码 小类名称[必填]", "code authority subclass_name"),
        ("SHAPE_Leng SHAPE_Area FID X Y 长度 照片", "- - - - - - -"),
    ],
)  # fmt: skip
def test_names_of_many_surveys(columns: str, expected: str) -> None:
    pairs = zip(expected.split(), columns.split(), strict=True)
    assert suggested(COMPONENTS, columns.split()) == {field: column for field, column in pairs if field != "-"}


DC: dict[str, tuple[dict[str, list[str]], dict[str, str]]] = {
    "barriers": (
        {"OBJECTID": ["1", "2"], "FEATURECOD": ["5000"], "DESCRIPTIO": ["Barrier"], "CAPTUREDAT": ["2015/04/24"],
         "CAPTUREYEA": ["2015/04/24"], "CAPTUREACT": ["A"], "SHAPE_Leng": ["105.4"]},
        {"surveyed_at": "CAPTUREDAT"},
    ),
    "hydrants": ({"NAME": ["H04299", "H04451"], "DESCRIPTIO": ["Hydrant<p align=center><b>Not In Service</b>"]}, {}),
    "inlets": ({"SWRPOL_ID": ["2", "3"], "SWR_CODE": ["7637"], "DESC_": ["Grate Inlet"], "SHAPE_Le_1": ["4.35"]}, {}),
    "litter cans": ({"LITTERID": ["1076"], "TYPE": ["Steel"], "NAME": ["AXD"], "BUSSTOP": ["0"]}, {}),
    "meters": (
        {"POINTNO": ["3219"], "FACILITYID": ["GA2335NW"], "METERID": ["GA2335NW"], "REMARKS": ["None"],
         "X": ["398085"]},
        {"code": "FACILITYID", "note": "REMARKS"},
    ),
    "signs": ({"TRF_ID": ["208"], "TRF_CODE": ["1160"], "DESC_": ["Other Traffic Control Sign"]}, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", DC)
def test_columns_of_washington(name: str) -> None:
    values, expected = DC[name]
    assert suggested(COMPONENTS, list(values), values) == expected


def test_a_status_that_holds_no_state_needs_confirmation() -> None:
    (one,) = suggestions(COMPONENTS, ["STATUS"], {"STATUS": ["M", "N"]})
    assert (one.target, one.confidence < SURE) == ("state", True)
    assert "values do not look like it" in one.reason


def test_values_alone_suggest_but_need_confirmation() -> None:
    values = {
        "a": ["5107030103000001", "5107030103000002"],
        "b": ["510703001001001", "510703002001001"],
        "c": ["0103", "0599"],
        "d": ["雨水井盖", "路灯"],
        "e": ["完好", "破损"],
        "OBJECTID": ["0103", "0104"],
    }
    found = suggestions(COMPONENTS, list(values), values)
    assert {one.target: one.source for one in found} == {
        "code": "a", "unit_grid": "b", "subclass": "c", "subclass_name": "d", "state": "e",
    }  # fmt: skip
    assert all(one.confidence < SURE for one in found)


def test_fifteen_digits_of_several_cities_are_no_unit_grids() -> None:
    assert suggestions(COMPONENTS, ["b"], {"b": ["510703001001001", "110101002001001"]}) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [(["0103", "0599"], "subclass"), (["103", "599"], "subclass"), (["雨水井盖", "路灯"], "subclass_name")],
)
def test_values_tell_whether_a_type_is_a_code_or_a_name(values: list[str], field: str) -> None:
    (one,) = suggestions(COMPONENTS, ["类型"], {"类型": values})
    assert (one.target, one.source) == (field, "类型")


@pytest.mark.parametrize(
    ("layers", "confident"),
    [
        (["0103_雨水井盖", "0599"], True),
        (["雨水井盖", "部件_路灯_点"], True),
        (["雨水井盖", "道路中心线", "路灯"], False),
        (["components_01_point", "components_02_point"], None),
        (["部件2023"], None),
    ],
)
def test_layers_named_after_subclasses_tell_the_subclass(layers: list[str], confident: bool | None) -> None:
    found = suggestions(COMPONENTS, [LAYER_COLUMN, "ObjID"], {LAYER_COLUMN: layers})
    of_layer = [one for one in found if one.source == LAYER_COLUMN]
    assert [(one.target, one.confidence >= SURE) for one in of_layer] == (
        [] if confident is None else [("subclass", confident)]
    )


def test_a_column_with_codes_is_better_than_the_names_of_layers() -> None:
    values = {LAYER_COLUMN: ["路灯"], "小类代码": ["0599"]}
    assert suggested(COMPONENTS, list(values), values) == {"subclass": "小类代码"}


AREAS: list[tuple[str, dict[str, list[str]], dict[str, str]]] = [
    ("unit_grid", {"BGCODE": ["510703001001001"], "区": ["涪城区"], "区代码": ["510703"], "街道代码": ["510703001"],
                   "街道": ["城厢"], "社区代码": ["510703001001"], "社区名称": ["跃进"], "面积": ["9981.2"]},
     {"code": "BGCODE", "parent_code": "社区代码"}),
    ("unit_grid", {"网格编码": [], "社区名称": [], "街道代码": [], "名称": [], "上级编码": [], "adcode": []},
     {"code": "网格编码", "name_zh": "名称", "parent_code": "上级编码"}),
    ("unit_grid", {"CODE": [], "NAME": [], "NAME_EN": [], "PARENT": [], "AREA_M2": [], "STARTDATE": [], "NOTE": []},
     {"code": "CODE", "name_zh": "NAME", "name_en": "NAME_EN", "parent_code": "PARENT", "valid_from": "STARTDATE"}),
    ("unit_grid", {"单元网": [], "社区代": [], "启用日": []},
     {"code": "单元网", "parent_code": "社区代", "valid_from": "启用日"}),
    ("community", {"SQDM": [], "SQMC": [], "JDDM": []}, {"code": "SQDM", "name_zh": "SQMC", "parent_code": "JDDM"}),
    ("subdistrict", {"街道代码": ["510703001"], "街道名称": ["城厢街道"], "行政区代码": ["510703"]},
     {"code": "街道代码", "name_zh": "街道名称", "parent_code": "行政区代码"}),
    ("district", {"adcode": ["510703"], "name": ["涪城区"]}, {"code": "adcode", "name_zh": "name"}),
    ("responsibility_grid", {"责任网格编号": ["A01"], "网格长": ["张三"], "网格员": ["李四"], "名称": ["一号网格"]},
     {"code": "责任网格编号", "name_zh": "名称", "patrol": "网格员", "head": "网格长"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "values", "expected"), AREAS)
def test_columns_of_areas(kind: str, values: dict[str, list[str]], expected: dict[str, str]) -> None:
    assert suggested(kind, list(values), values) == expected


def test_codes_of_areas_that_do_not_fit_the_scheme_need_confirmation() -> None:
    values = {"名称": ["江油市"], "行政区码": ["156510781"]}
    code, name = suggestions("district", list(values), values)
    assert (code.target, code.source, code.confidence < SURE) == ("code", "行政区码", True)
    assert (name.target, name.source, name.confidence >= SURE) == ("name_zh", "名称", True)


def test_what_a_city_calls_its_kinds_of_area_is_understood() -> None:
    kinds = [
        AreaKind(kind="community", name_zh="社区委员会", name_en="ANC"),
        AreaKind(kind="responsibility_grid", name_zh="责任网格", name_en="SMD", parent="community"),
    ]
    columns = looks(["OBJECTID", "SMD_ID", "ANC_ID", "NAME"], {"NAME": ["SMD 2B07"], "SMD_ID": ["2B07"]})
    found = suggest_fields("responsibility_grid", columns, kinds=kinds)
    assert {one.target: one.source for one in found} == {"code": "SMD_ID", "name_en": "NAME", "parent_code": "ANC_ID"}


ANY_COLUMNS = st.lists(
    st.sampled_from(
        [*STANDARD, *CHINESE.values(), *CHINESE_REST, "主管部", "主管_1", "部门代码", "部门代码_1", "部门代码_2",
         "小类", "类型", "网格编码", "社区代码", "名称", "NAME", "adcode", "上级编码", "CODE", "type", "OBJECTID"]
    ),
    unique=True,
    max_size=20,
)  # fmt: skip
ANY_VALUES = st.sampled_from(
    ["0103", "雨水井盖", "5107030103000001", "510703001001001", "市政处", "2024-01-02", "好", "x"]
)


@given(
    st.sampled_from([COMPONENTS, "unit_grid", "district"]),
    ANY_COLUMNS.flatmap(lambda names: st.tuples(st.just(names), st.permutations(names))),
    st.dictionaries(st.sampled_from([*STANDARD, "主管部", "名称", "小类"]), st.lists(ANY_VALUES, max_size=3)),
)
def test_no_column_comes_twice_and_their_order_does_not_matter(
    target: str, orders: tuple[list[str], list[str]], values: dict[str, list[str]]
) -> None:
    found = suggestions(target, orders[0], values)
    assert found == suggestions(target, orders[1], values)
    assert max(Counter(one.source for one in found).values(), default=1) == 1
    assert [one.target for one in found] == [
        name for name in fields_of(target) if name in {one.target for one in found}
    ]
    assert all(0.5 <= one.confidence <= 1 and one.reason and one.reason_zh for one in found)


def test_a_signature_is_that_of_the_shape_alone() -> None:
    survey = {"0103_雨水井盖": ["ObjID", "ObjState"], "0599_路灯": ["ObjID", "Note"]}
    again = {"0402_行道树": ["note", "OBJID"], "0305_垃圾箱": ["OBJSTATE"], "0407_街头座椅": ["ObjID"]}
    assert signature(survey) == signature(again)
    assert signature({"lamps": ["A", "B"]}) == signature({"灯2024": ["b", "a"]})
    assert signature({"lamps": ["A", "B"]}) != signature({"lamps": ["A", "C"]})
    assert signature(survey) != signature({"雨水井盖": ["ObjID", "ObjState"], "路灯": ["Note"]})
    assert column_names({**survey, "x": [LAYER_COLUMN]}) == ["note", "objid", "objstate"]
