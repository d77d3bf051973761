"""A component by hand is checked as a file of one feature is, beside its nearest neighbour in the store."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from gridsvc.domain.components import anchors
from gridsvc.domain.findings import Finding
from gridsvc.domain.location import TOLERANCE
from gridsvc.errors import InputError
from gridsvc.ingest.checks import whole_of
from gridsvc.ingest.comparing import COMPARED
from gridsvc.ingest.layers import COMPONENTS, LAYER_COLUMN, Layer
from gridsvc.ingest.places.coordinates import parse
from gridsvc.ingest.rules import RULES
from gridsvc.ingest.rules.contract import Context, Found, KnownAreas, Rule
from gridsvc.ingest.rules.wording import Both
from gridsvc.ingest.stage import FEATURE_COLUMN, GEOMETRY_COLUMN, Stager, names_of
from gridsvc.store import component_edits, components
from gridsvc.store.city import City
from gridsvc.store.component_edits import TouchedArea
from gridsvc.store.connection import Connection

BY_HAND = "by hand"
EXTRAS = ("unit_grid", "surveyed_at", "changed_at", "data_source", "note")
"""Fields that are kept among the attributes."""
EDITED = ("subclass", *COMPARED[1:], *EXTRAS)
"""Fields of a form."""
UNIT_GRID = "unit_grid"
WGS84 = "EPSG:4326"
EXACT = 2**53
"""Larger whole numbers are kept as text, or some program on their way would round them."""


@dataclass(frozen=True, kw_only=True)
class Place:
    shape: Any
    """Shapely geometry, east (or longitude) first."""
    crs: str = WGS84
    """EPSG code, WKT or PROJ string."""
    turn: str = ""
    """One of `layers.TURNS`, such as gcj02."""


@dataclass(frozen=True, kw_only=True)
class State:
    """All that a component is to be."""

    place: Place
    fields: Mapping[str, str | None]
    """Every name of EDITED."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Texts, numbers or truth values, beside EXTRAS."""
    code: str | None = None
    """None: it gets the next one of its series."""
    id: int = component_edits.NO_COMPONENT


@dataclass(frozen=True, kw_only=True)
class Look:
    rows: Any
    """Table with the one staged row."""
    findings: list[Finding]
    areas: list[TouchedArea]
    """Those that hold the component, and the unit grid that it names."""


def stored_state(row: Mapping[str, Any], srid: int) -> State:
    """What a component is, from a row of `components.stored_rows`."""
    attributes = dict(row["attributes"])
    extras = {name: attributes.pop(name, None) for name in EXTRAS}
    fields = {"subclass": row["subclass_code"], **{name: row[name] for name in COMPARED[1:]}}
    return State(
        place=Place(shape=row["geom"], crs=f"EPSG:{srid}"),
        fields=fields | {name: None if text is None else str(text) for name, text in extras.items()},
        attributes=attributes,
        code=row["component_code"],
        id=row["id"],
    )


def look(conn: Connection, city: City, context: Context, state: State) -> Look:
    """Stage the one feature and let every rule look at it."""
    stager = _stager(context, state)
    batch = _batch(stager, [state])
    lot = stager.lot(batch, 0)
    shape = lot.shapes[0] if lot.usable[0] else shapely.Point()
    named = state.fields[UNIT_GRID]
    touched = component_edits.areas_touching(conn, city.srid, shape, kind=UNIT_GRID, code=named)
    near = replace(context, areas_of=lambda kind: _known(touched, kind))
    found = [one for rule in _rules(whole=False) for one in _of_one(rule).findings(lot, near)]
    if not shape.is_empty:
        subclass = lot.fields["subclass_code"][0].as_py()
        found += _beside_neighbour(conn, near, replace(state, place=_at(shape, city)), subclass)
    findings = [replace(one, layer=None, feature=None) for one in found]
    rows = pa.Table.from_batches([stager.rows(lot, batch)])
    return Look(rows=rows, findings=findings, areas=touched)


def check_attributes(attributes: Mapping[str, Any]) -> None:
    for key in attributes:
        if key in EDITED or not key.strip() or key.startswith("("):
            raise InputError(
                f"attribute {key!r} cannot be called so: it is a field of its own, empty, or begins with a bracket",
                zh=f"属性不能命名为“{key}”：该名称是固定字段、为空或以括号开头",
            )


def _at(shape: Any, city: City) -> Place:
    return Place(shape=shape, crs=f"EPSG:{city.srid}")


def _stager(context: Context, state: State) -> Stager:
    named = ("code", *EDITED) if state.code else EDITED
    names = names_of(list(context.subclasses.values()))
    layer = Layer(
        layer=BY_HAND,
        target=COMPONENTS,
        fields={name: f"({name})" for name in named},
        values={"subclass": names},
        crs=state.place.crs,
        turn=state.place.turn,
        ignored=(),
    )
    return Stager(
        layer=layer, srid=context.srid, crs=state.place.crs, source_crs=parse(state.place.crs),
        columns=(*layer.fields.values(), *state.attributes), subclass_names=names, file_name=BY_HAND,
    )  # fmt: skip


def _batch(stager: Stager, states: Sequence[State]) -> Any:
    """States as rows of a file, of which the last is the one that counts."""
    told = [{"code": state.code, **state.fields} for state in states]
    columns = {
        LAYER_COLUMN: pa.array([BY_HAND] * len(states)),
        FEATURE_COLUMN: pa.array(range(1, len(states) + 1), pa.int64()),
        GEOMETRY_COLUMN: pa.array([shapely.to_wkb(state.place.shape) for state in states], pa.binary()),
        **{column: pa.array([row[name] for row in told], pa.string()) for name, column in stager.layer.fields.items()},
        **{key: _values([state.attributes.get(key) for state in states]) for key in stager.rest},
    }
    return pa.record_batch(columns)


def _values(given: Sequence[Any]) -> Any:
    """As what they are; as text where they differ in kind or would not fit."""
    kinds = {type(value) for value in given if value is not None}
    large = any(isinstance(value, int) and abs(value) > EXACT for value in given)
    if len(kinds) > 1 or large or not kinds <= {str, bool, int, float}:
        return pa.array([None if value is None else _text(value) for value in given], pa.string())
    return pa.array(given, None if kinds else pa.string())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _known(areas: Sequence[TouchedArea], kind: str) -> KnownAreas:
    found = [area for area in areas if area.kind == kind]
    return KnownAreas(
        codes=np.array([area.code for area in found], dtype=object),
        shapes=np.array([area.geom for area in found], dtype=object),
    )


def _rules(*, whole: bool) -> list[Rule]:
    return [rule for rule in RULES if rule.whole == whole and rule.targets != "areas"]


def _of_one(rule: Rule) -> Rule:
    """Rules that count the features of a lot say of a single one only what should be so; they advise on columns."""
    if "{example" not in rule.says:
        return rule
    about, about_zh = (" ({field})", "：{field:zh}") if "{field}" in rule.says else ("", "")
    says, says_zh = f"not met: {rule.title}{about}", f"未满足“{rule.title_zh}”{about_zh}"
    return replace(rule, says=says, says_zh=says_zh, hint="", hint_zh="")


def _beside_neighbour(conn: Connection, context: Context, state: State, subclass: str | None) -> list[Finding]:
    """What the rules for whole files say of it beside the component that stands nearest; `state` in the city's CRS."""
    neighbour = _neighbour(conn, context, state, subclass)
    if neighbour is None:
        return []
    code, other = neighbour
    other = other if state.code else replace(other, code=None)
    both = replace(state, attributes={**dict.fromkeys(other.attributes), **state.attributes})
    stager = _stager(context, both)
    batch = _batch(stager, [other, both])
    whole = whole_of(stager, pa.Table.from_batches([stager.rows(stager.lot(batch, 0), batch)]))
    return [one for rule in _rules(whole=True) for one in _against(rule, code).findings(whole, context)]


def _against(rule: Rule, code: str) -> Rule:
    """The rule for the second of two rows, which calls the first by its code."""
    first = Both(f"部件 {code} ", f"component {code}")

    def check(whole: Any, context: Context) -> Iterator[Found]:
        for one in rule.check(whole, context):
            if one.row == 1:
                yield replace(one, values={**one.values, **({"first": first} if "first" in one.values else {})})

    return replace(rule, check=check)


def _neighbour(conn: Connection, context: Context, state: State, subclass: str | None) -> tuple[str, State] | None:
    """Code and state of the nearest component of the subclass, within what is near for it."""
    if subclass is None or subclass not in context.subclasses:
        return None
    within = max(context.near.get(subclass, 0.0), TOLERANCE)
    shape = state.place.shape
    ids = component_edits.neighbours(conn, context.srid, shape, subclass_code=subclass, within=within, but=state.id)
    rows = components.stored_rows(conn, ids)
    if not rows:
        return None
    x, y = anchors([shape, *(row["geom"] for row in rows)])
    nearest = rows[int(np.hypot(x[1:] - x[0], y[1:] - y[0]).argmin())]
    return nearest["component_code"], stored_state(nearest, context.srid)
