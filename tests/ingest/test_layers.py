"""A layer's definition survives the store, and those of older releases are still understood."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.catalogue import Subclass
from gridsvc.errors import InputError
from gridsvc.ingest.layers import (
    COMPONENT_FIELDS,
    COMPONENTS,
    LAYER_COLUMN,
    TURNS,
    Layer,
    declared,
    find_layer,
    from_definition,
    with_choices,
)

DISTRICT = AreaKind(kind="district", name_zh="区县", name_en="District")
LAMP = Subclass(
    kind="component", class_code="05", class_zh="其他", class_en="Other", subclass_code="0599", subclass_zh="路灯",
    subclass_en="Street lamp", geometry="point", geometry_allowed=("point",), accuracy_class="A", source="test",
)  # fmt: skip
SURVEY = Layer(
    layer="survey",
    target=COMPONENTS,
    source_layers=("0103_雨水井盖", "0599_路灯"),
    fields={"code": "ObjID", "subclass": LAYER_COLUMN},
    constants={"data_source": "实测"},
    values={"subclass": {"雨篦子": "0104"}, "state": {"好": "intact"}, "owner": {"市政处": "D12"}},
    encoding="gb18030",
    crs="EPSG:4544",
    turn="swapped",
    coordinate_columns=("X", "Y"),
    to_point=True,
    set_aside=("inside_city",),
)
texts = st.text(max_size=8)
mappings = st.dictionaries(st.sampled_from(COMPONENT_FIELDS), texts, max_size=4)
layers = st.builds(
    Layer,
    layer=texts,
    target=st.just(COMPONENTS),
    source_layers=st.lists(texts, max_size=3).map(tuple),
    fields=mappings,
    constants=mappings,
    values=st.dictionaries(st.sampled_from(COMPONENT_FIELDS), st.dictionaries(texts, texts, max_size=3), max_size=2),
    encoding=st.none() | texts,
    crs=st.none() | texts,
    turn=st.sampled_from(TURNS),
    coordinate_columns=st.none() | st.tuples(texts, texts),
    to_point=st.booleans(),
    set_aside=st.lists(texts, max_size=2).map(tuple),
)


@given(layers)
def test_a_definition_comes_back_from_json_as_it_went(layer: Layer) -> None:
    assert from_definition(layer.layer, json.loads(json.dumps(layer.definition()))) == layer


@pytest.mark.parametrize(("source_layer", "source_layers"), [("lamps", ("lamps",)), (None, ())])
def test_a_definition_of_an_older_release_named_one_source_layer(
    source_layer: str | None, source_layers: tuple[str, ...]
) -> None:
    older = {
        "target": COMPONENTS,
        "source_layer": source_layer,
        "fields": {"code": "ID"},
        "constants": {},
        "to_point": False,
        "set_aside": ["inside_city"],
    }
    expected = Layer(
        layer="lamps",
        target=COMPONENTS,
        source_layers=source_layers,
        fields={"code": "ID"},
        set_aside=("inside_city",),
    )
    assert from_definition("lamps", older) == expected


def test_a_definition_with_a_key_that_nobody_knows_is_refused() -> None:
    with pytest.raises(InputError, match="key of layer lamps 'colour' is not known; choose one of: target, source_la"):
        from_definition("lamps", {"target": COMPONENTS, "colour": "red"})


def test_only_known_turns_of_coordinates_are_taken() -> None:
    with pytest.raises(InputError, match="turn of layer x 'upside-down' is not known") as error:
        Layer(layer="x", target=COMPONENTS, turn="upside-down")
    assert "坐标处理方式" in error.value.zh


def test_a_city_folder_declares_everything_that_a_definition_holds() -> None:
    entry = {
        "layer": "survey",
        "file": "survey.zip",
        "source_layers": ["0103_雨水井盖", "0599_路灯"],
        "fields": {"code": "ObjID", "subclass": LAYER_COLUMN, "data_source": {"value": "实测"}},
        "values": SURVEY.values,
        "encoding": "gb18030",
        "crs": "EPSG:4544",
        "turn": "swapped",
        "coordinate_columns": ["X", "Y"],
        "to_point": True,
        "set_aside": ["inside_city"],
    }
    assert declared(entry) == SURVEY


def test_a_city_folder_of_an_older_release_still_works() -> None:
    entry = {"layer": "lamps", "file": "a.gpkg", "source_layer": "lamps", "subclass": "0599", "fields": {"code": "ID"}}
    assert declared(entry) == Layer(
        layer="lamps",
        target=COMPONENTS,
        source_layers=("lamps",),
        fields={"code": "ID"},
        constants={"subclass": "0599"},
    )


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"colour": "red"}, "key of layer lamps 'colour' is not known"),
        ({"fields": {"colour": "C"}}, "field of layer lamps 'colour' is not known"),
        ({"values": {"colour": {"r": "red"}}}, "field of layer lamps 'colour' is not known"),
        ({"kind": "district", "fields": {"owner": "O"}}, "field of layer lamps 'owner' is not known"),
    ],
)
def test_what_a_city_folder_may_not_say(entry: Mapping[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        declared({"layer": "lamps", **entry})


def test_a_layer_is_found_by_name_by_kind_and_by_subclass() -> None:
    named = {"survey": SURVEY.definition()}
    assert find_layer("survey", named, [DISTRICT], [LAMP]) == SURVEY
    assert find_layer("district", named, [DISTRICT], [LAMP]) == Layer(layer="district", target="district")
    assert find_layer("0599", named, [DISTRICT], [LAMP]).constants == {"subclass": "0599"}
    with pytest.raises(InputError, match="layer 'trees' is not known; choose one of: survey, district, components"):
        find_layer("trees", named, [DISTRICT], [LAMP])


def test_choices_lie_on_top_and_change_nothing_else() -> None:
    chosen = with_choices(SURVEY, {"note": "REMARK"}, "0599", "only")
    assert chosen.fields == {**SURVEY.fields, "note": "REMARK"}
    assert chosen.constants == {**SURVEY.constants, "subclass": "0599"}
    assert chosen.source_layers == ("only",)
    assert (chosen.values, chosen.encoding, chosen.crs) == (SURVEY.values, SURVEY.encoding, SURVEY.crs)
    assert with_choices(SURVEY, {}, None, None) == SURVEY


def test_choices_that_do_not_fit_the_target() -> None:
    with pytest.raises(InputError, match="field of layer survey 'colour' is not known; choose one of: code, subclass"):
        with_choices(SURVEY, {"colour": "C"}, None, None)
    with pytest.raises(InputError, match="holds areas") as error:
        with_choices(Layer(layer="district", target="district"), {}, "0599", None)
    assert "不能指定部件小类" in error.value.zh
