"""A mapping is saved under a name and found again for the next file of the same shape."""

from dataclasses import replace

import pytest

from gridsvc.errors import InputError, NotFoundError
from gridsvc.ingest.layers import COMPONENTS, LAYER_COLUMN, Layer
from gridsvc.ingest.meanings.profiles import delete_profile, find_profiles, get_profile, list_profiles, save_profile
from gridsvc.store import areas
from gridsvc.store.connection import Connection
from tests import made

COLUMNS = ["ObjID", "ObjName", "BGID", "ObjPos", "ObjState"]
SURVEY = {"0103_雨水井盖": COLUMNS, "0599_路灯": COLUMNS}
MAPPING = Layer(
    layer="survey",
    target=COMPONENTS,
    fields={"code": "ObjID", "state": "ObjState", "subclass": LAYER_COLUMN},
    values={"subclass": {"0103_雨水井盖": "0103"}},
    encoding="gb18030",
)


def test_a_saved_mapping_is_found_for_the_next_file_of_the_same_shape(conn: Connection) -> None:
    save_profile(conn, " 测绘院部件 ", MAPPING, SURVEY, 7)
    next_file = {"0402_行道树": list(reversed(COLUMNS)), "0305_垃圾箱": COLUMNS}
    (found,) = find_profiles(conn, next_file)
    assert (found.profile.name, found.profile.made_by) == ("测绘院部件", 7)
    assert (found.exact, found.overlap, found.missing) == (True, 1.0, ())
    assert found.layer == replace(MAPPING, layer="测绘院部件")


def test_a_file_that_writes_its_columns_in_another_case_is_of_the_same_shape(conn: Connection) -> None:
    save_profile(conn, "table", replace(MAPPING, coordinate_columns=("X", "Y")), {"a": [*COLUMNS, "X", "Y"]}, None)
    (found,) = find_profiles(conn, {"b": [name.upper() for name in COLUMNS] + ["x", "y"]})
    assert (found.exact, found.missing) == (True, ())
    assert found.layer.fields == {"code": "OBJID", "state": "OBJSTATE", "subclass": LAYER_COLUMN}
    assert found.layer.coordinate_columns == ("x", "y")


def test_a_file_of_another_shape_is_offered_the_most_similar_ones(conn: Connection) -> None:
    save_profile(conn, "five columns", MAPPING, {"lamps": COLUMNS}, None)
    save_profile(conn, "six columns", MAPPING, {"lamps": [*COLUMNS, "Note"]}, None)
    save_profile(conn, "others", MAPPING, {"lamps": ["ID", "NAME"]}, None)
    found = find_profiles(conn, {"lamps": [*COLUMNS, "Note", "PICTURE"]})
    assert [(one.profile.name, one.exact, round(one.overlap, 2)) for one in found] == [("six columns", False, 0.86)]
    found = find_profiles(conn, {"lamps": ["OBJSTATE", "objpos", "BGID", "ObjName"]})
    assert [(one.profile.name, one.missing) for one in found] == [("five columns", ("ObjID",))]
    assert find_profiles(conn, {"lamps": ["A", "B"]}) == []


def test_saving_under_a_name_again_overwrites_and_the_record_tells_both(conn: Connection) -> None:
    save_profile(conn, "survey", MAPPING, SURVEY, 1)
    other = Layer(layer="survey", target=COMPONENTS, fields={"code": "ObjID"})
    save_profile(conn, "survey", other, {"lamps": ["ObjID"]}, 2)
    (kept,) = list_profiles(conn)
    assert (kept.columns, kept.made_by, kept.definition["fields"]) == (["objid"], 2, {"code": "ObjID"})
    assert find_profiles(conn, SURVEY) == []
    record = conn.execute("SELECT action, thing, payload FROM audit JOIN audit_payload ON audit_id = id ORDER BY id")
    first, second = list(record)[-2:]
    assert first[:2] == second[:2] == ("profile.save", f"profile {kept.id}")
    assert second[2]["before"]["definition"]["fields"] == MAPPING.fields
    assert second[2]["after"]["definition"]["fields"] == {"code": "ObjID"}


def test_a_deleted_profile_is_gone(conn: Connection) -> None:
    save_profile(conn, "survey", MAPPING, SURVEY, None)
    delete_profile(conn, "survey")
    assert list_profiles(conn) == []
    with pytest.raises(NotFoundError, match="there is no profile named 'survey'") as error:
        delete_profile(conn, "survey")
    assert error.value.zh == "没有名为“survey”的映射方案"
    with pytest.raises(NotFoundError):
        get_profile(conn, "survey")


@pytest.mark.parametrize(
    "layer",
    [
        Layer(layer="x", target=COMPONENTS, fields={"colour": "C"}),
        Layer(layer="x", target=COMPONENTS, constants={"colour": "red"}),
        Layer(layer="x", target=COMPONENTS, values={"colour": {"r": "red"}}),
        Layer(layer="x", target="district", fields={"owner": "O"}),
    ],
)
def test_a_profile_with_a_field_that_its_target_does_not_have_is_refused(conn: Connection, layer: Layer) -> None:
    areas.declare_kinds(conn, [made.kind("district")])
    with pytest.raises(InputError, match=r"field of layer x '(colour|owner)' is not known"):
        save_profile(conn, "survey", layer, SURVEY, None)
    assert list_profiles(conn) == []


def test_a_profile_needs_a_target_that_exists_and_a_name_that_can_be_read(conn: Connection) -> None:
    with pytest.raises(InputError, match="target 'galaxy' is not known; choose one of: components") as error:
        save_profile(conn, "survey", Layer(layer="x", target="galaxy"), SURVEY, None)
    assert "导入目标" in error.value.zh
    for name in ("", "  ", "a\nb", "长" * 81):
        with pytest.raises(InputError, match="a profile's name has 1 to 80 characters"):
            save_profile(conn, name, MAPPING, SURVEY, None)
