"""What a layer is: where it goes, and which column and which value of a file means what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.catalogue import Subclass
from gridsvc.errors import InputError, one_of

COMPONENTS = "components"
EXPORTED = "exported"
"""Layer of components that this system wrote; `exported:KIND` is one of areas."""
AREA_FIELDS = ("code", "name_zh", "name_en", "parent_code", "valid_from", "patrol", "head")
COMPONENT_FIELDS = (
    "code", "subclass", "subclass_name", "state", "authority", "owner", "maintainer", "position", "unit_grid",
    "surveyed_at", "changed_at", "data_source", "note", "longitude", "latitude",
)  # fmt: skip
"""Those from `valid_from` and `unit_grid` on are kept among the attributes under these names."""
LAYER_COLUMN = "(layer)"
"""Stands for the name of the source layer where `Layer.fields` name columns."""
ROW_NUMBERS = frozenset(
    ("objectid", "object_id", "fid", "gid", "ogc_fid", "globalid", "global_id", "id", "oid", "rowid", "序号", "x", "y",
     "lon", "lat", "longitude", "latitude", "经度", "纬度")
)  # fmt: skip
"""Columns that tell rows of a file apart, or where they are, but not things: another copy of the file has others."""
TURNS = ("", "swapped", "feet", "us-feet", "gcj02", "bd09")
"""What was done to coordinates and has to be undone; the empty one: nothing."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """`target` is `components` or an area kind; `fields` name source columns, `constants` fixed values."""

    layer: str
    target: str
    source_layers: tuple[str, ...] = ()
    """Layers of the file that are meant; none: the only one, or all that the mapping fits."""
    fields: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Target field → value of the file → value in the store; other values stay as they are."""
    encoding: str | None = None
    """Of the attribute table, whatever the file says; None: as inspection decides."""
    crs: str | None = None
    """EPSG code, WKT or PROJ string, whatever the file says; None: as the file says."""
    turn: str = ""
    """One of TURNS."""
    coordinate_columns: tuple[str, str] | None = None
    """Columns with east and north (longitude and latitude) of a table without shapes."""
    to_point: bool = False
    """Polygons and lines are reduced to a point on them, and the batch says so."""
    set_aside: tuple[str, ...] = ()
    """Rules whose errors reject the row instead of the file; the batch lists them."""
    ignored: tuple[str, ...] | None = None
    """Columns that are not even kept as attributes; None: those of ROW_NUMBERS that are not mapped to a field."""
    as_exported: bool = False
    """The file is one that this system wrote: what its columns mean is known by their names."""

    def __post_init__(self) -> None:
        if self.turn not in TURNS:
            raise one_of(f"turn of layer {self.layer}", self.turn, list(TURNS), zh="坐标处理方式")

    def left_out(self, columns: Iterable[str]) -> list[str]:
        """Columns of the file that are not kept."""
        if self.ignored is not None:
            return [name for name in columns if name in self.ignored]
        return row_numbers(columns, self.fields)

    def definition(self) -> dict[str, Any]:
        """Everything but the name, as JSON has it."""
        return {
            "target": self.target,
            "source_layers": list(self.source_layers),
            "fields": dict(self.fields),
            "constants": dict(self.constants),
            "values": {name: dict(meanings) for name, meanings in self.values.items()},
            "encoding": self.encoding,
            "crs": self.crs,
            "turn": self.turn,
            "coordinate_columns": list(self.coordinate_columns) if self.coordinate_columns else None,
            "to_point": self.to_point,
            "set_aside": list(self.set_aside),
            "ignored": None if self.ignored is None else list(self.ignored),
            "as_exported": self.as_exported,
        }


def row_field(name: str) -> str:
    """What a field of a layer is called among the staged fields."""
    return "subclass_code" if name == "subclass" else name


def row_numbers(columns: Iterable[str], fields: Mapping[str, str]) -> list[str]:
    """Those of ROW_NUMBERS among the columns that are not mapped to a field."""
    return [name for name in columns if name.lower() in ROW_NUMBERS and name not in fields.values()]


DEFINED = tuple(one.name for one in fields(Layer) if one.name != "layer")


def from_definition(layer: str, definition: Mapping[str, Any]) -> Layer:
    """Of this release or of an older one, which named a single `source_layer`."""
    given = dict(definition)
    older = given.pop("source_layer", None)
    for key in given:
        if key not in DEFINED:
            raise one_of(f"key of layer {layer}", key, list(DEFINED), zh="图层配置项")
    columns = given.get("coordinate_columns")
    return Layer(
        layer=layer,
        **{
            **given,
            "source_layers": tuple(given.get("source_layers") or ([older] if older else ())),
            "set_aside": tuple(given.get("set_aside", ())),
            "ignored": None if given.get("ignored") is None else tuple(given["ignored"]),
            "coordinate_columns": (columns[0], columns[1]) if columns else None,
        },
    )


SAME_KEYS = (
    "source_layer", "source_layers", "values", "encoding", "crs", "turn", "coordinate_columns", "to_point", "set_aside",
    "ignored", "as_exported",
)  # fmt: skip
"""Keys of an entry that mean what they do in a definition."""
ENTRY_KEYS = ("layer", "file", "kind", "fields", "subclass", *SAME_KEYS)


def declared(entry: Mapping[str, Any]) -> Layer:
    """A layer from an `[[areas]]` or `[[components]]` entry of a city.toml."""
    given: dict[str, Any] = entry.get("fields", {})
    for key in entry:
        if key not in ENTRY_KEYS:
            raise one_of(f"key of layer {entry['layer']}", key, list(ENTRY_KEYS))
    constants = {name: source["value"] for name, source in given.items() if isinstance(source, dict)}
    if "subclass" in entry:
        constants["subclass"] = entry["subclass"]
    definition = {key: entry[key] for key in SAME_KEYS if key in entry} | {
        "target": entry.get("kind", COMPONENTS),
        "fields": {name: source for name, source in given.items() if isinstance(source, str)},
        "constants": constants,
    }
    layer = from_definition(entry["layer"], definition)
    check_fields(layer.layer, layer.target, [*given, *layer.values])
    return layer


def find_layer(
    name: str, named: Mapping[str, Mapping[str, Any]], kinds: list[AreaKind], subclasses: list[Subclass]
) -> Layer:
    """A named layer, an area kind, `components`, a subclass code, or what this system exported."""
    if name in named:
        return from_definition(name, named[name])
    targets = [COMPONENTS, *sorted(kind.kind for kind in kinds)]
    if name in targets:
        return Layer(layer=name, target=name)
    if name in (written := {_exported(target): target for target in targets}):
        return Layer(layer=name, target=written[name], as_exported=True)
    codes = {s.subclass_code for s in subclasses if s.kind == "component"}
    if name in codes:
        return Layer(layer=name, target=COMPONENTS, constants={"subclass": name})
    known = [*sorted(named), *targets[1:], COMPONENTS, *written, "a component subclass code such as 0124"]
    raise one_of("layer", name, known, zh="图层")


def _exported(target: str) -> str:
    return EXPORTED if target == COMPONENTS else f"{EXPORTED}:{target}"


def with_choices(
    layer: Layer,
    fields: Mapping[str, str],
    subclass: str | None = None,
    source_layer: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    turn: str | None = None,
) -> Layer:
    """The layer with what was said on the command line on top."""
    check_fields(layer.layer, layer.target, fields)
    if subclass and layer.target != COMPONENTS:
        raise InputError(
            f"layer {layer.layer} holds areas ({layer.target}); a subclass makes no sense for it",
            zh=f"图层 {layer.layer} 是区域图层（{layer.target}），不能指定部件小类",
        )
    return replace(
        layer,
        source_layers=(source_layer,) if source_layer else layer.source_layers,
        fields={**layer.fields, **fields},
        constants={**layer.constants, **({"subclass": subclass} if subclass else {})},
        encoding=encoding or layer.encoding,
        crs=crs or layer.crs,
        turn=layer.turn if turn is None else turn,
    )


def fields_of(target: str) -> tuple[str, ...]:
    return COMPONENT_FIELDS if target == COMPONENTS else AREA_FIELDS


def check_fields(layer: str, target: str, fields: Iterable[str]) -> None:
    """Refuse fields that the target does not have."""
    for name in fields:
        if name not in fields_of(target):
            raise one_of(f"field of layer {layer}", name, list(fields_of(target)), zh="目标字段")
