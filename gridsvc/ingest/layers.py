"""What a layer is: where it goes, and which column means what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.catalogue import Subclass
from gridsvc.errors import InputError, one_of

COMPONENTS = "components"
AREA_FIELDS = ("code", "name_zh", "name_en", "parent_code", "valid_from", "patrol", "head")
COMPONENT_FIELDS = (
    "code", "subclass", "subclass_name", "state", "authority", "owner", "maintainer", "position", "unit_grid",
    "surveyed_at", "changed_at", "data_source", "note",
)  # fmt: skip
"""Those from `valid_from` and `unit_grid` on are kept among the attributes under these names."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """`target` is `components` or an area kind; `fields` name source columns, `constants` fixed values."""

    layer: str
    target: str
    source_layer: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    to_point: bool = False
    """Polygons and lines are reduced to a point on them, and the batch says so."""
    set_aside: tuple[str, ...] = ()
    """Rules whose errors reject the row instead of the file; the batch lists them."""

    def definition(self) -> dict[str, Any]:
        return {
            "target": self.target,
            "source_layer": self.source_layer,
            "fields": dict(self.fields),
            "constants": dict(self.constants),
            "to_point": self.to_point,
            "set_aside": list(self.set_aside),
        }


def from_definition(layer: str, definition: Mapping[str, Any]) -> Layer:
    return Layer(layer=layer, **{**definition, "set_aside": tuple(definition.get("set_aside", ()))})


ENTRY_KEYS = ("layer", "file", "kind", "source_layer", "fields", "subclass", "to_point", "set_aside")


def declared(entry: Mapping[str, Any]) -> Layer:
    """A layer from an `[[areas]]` or `[[components]]` entry of a city.toml."""
    given: dict[str, Any] = entry.get("fields", {})
    for key in entry:
        if key not in ENTRY_KEYS:
            raise one_of(f"key of layer {entry['layer']}", key, list(ENTRY_KEYS))
    _check_fields(entry["layer"], entry.get("kind", COMPONENTS), given)
    constants = {name: source["value"] for name, source in given.items() if isinstance(source, dict)}
    if "subclass" in entry:
        constants["subclass"] = entry["subclass"]
    return Layer(
        layer=entry["layer"],
        target=entry.get("kind", COMPONENTS),
        source_layer=entry.get("source_layer"),
        fields={name: source for name, source in given.items() if isinstance(source, str)},
        constants=constants,
        to_point=entry.get("to_point", False),
        set_aside=tuple(entry.get("set_aside", ())),
    )


def find_layer(
    name: str, named: Mapping[str, Mapping[str, Any]], kinds: list[AreaKind], subclasses: list[Subclass]
) -> Layer:
    """A named layer, an area kind, `components`, or a subclass code."""
    if name in named:
        return from_definition(name, named[name])
    if name == COMPONENTS or name in {kind.kind for kind in kinds}:
        return Layer(layer=name, target=name)
    codes = {s.subclass_code for s in subclasses if s.kind == "component"}
    if name in codes:
        return Layer(layer=name, target=COMPONENTS, constants={"subclass": name})
    known = [*sorted(named), *sorted(kind.kind for kind in kinds), COMPONENTS, "a component subclass code such as 0124"]
    raise one_of("layer", name, known)


def with_choices(layer: Layer, fields: Mapping[str, str], subclass: str | None, source_layer: str | None) -> Layer:
    """The layer with what was said on the command line on top."""
    _check_fields(layer.layer, layer.target, fields)
    if subclass and layer.target != COMPONENTS:
        raise InputError(f"layer {layer.layer} holds areas ({layer.target}); a subclass makes no sense for it")
    return Layer(
        layer=layer.layer,
        target=layer.target,
        source_layer=source_layer or layer.source_layer,
        fields={**layer.fields, **fields},
        constants={**layer.constants, **({"subclass": subclass} if subclass else {})},
        to_point=layer.to_point,
        set_aside=layer.set_aside,
    )


def _check_fields(layer: str, target: str, fields: Iterable[str]) -> None:
    allowed = COMPONENT_FIELDS if target == COMPONENTS else AREA_FIELDS
    for name in fields:
        if name not in allowed:
            raise one_of(f"field of layer {layer}", name, list(allowed))
