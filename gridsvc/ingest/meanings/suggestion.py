"""What the columns and values of a file may mean, for a person to correct: by names, examples and the values."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow.compute as pc

from gridsvc.errors import ConflictError, FileError, one_of
from gridsvc.ingest import sources
from gridsvc.ingest.desk import Desk, looked_before
from gridsvc.ingest.exported import is_ours
from gridsvc.ingest.layers import COMPONENTS, LAYER_COLUMN, row_numbers
from gridsvc.ingest.meanings.mapping import (
    ColumnLook,
    Suggestion,
    ValueSuggestion,
    suggest_departments,
    suggest_fields,
    suggest_states,
    suggest_values,
)
from gridsvc.ingest.meanings.profiles import find_profiles
from gridsvc.store import areas
from gridsvc.store.city import departments, subclasses
from gridsvc.store.connection import Connection

VALUED = ("subclass", "subclass_name", "state", "authority", "owner", "maintainer")
"""Fields whose values are codes of ours."""
LONGEST = 5.0
"""Seconds for counting values; what was counted until then is shown."""
MOST_VALUES = 1_000
"""Different values shown of a column, the most frequent first."""
MOST_KEPT = 20_000
"""Different values counted of a column: one with more holds no codes."""


def suggest(
    conn: Connection,
    desk: Desk,
    batch: Mapping[str, Any],
    target: str,
    chosen: Sequence[str] = (),
    encoding: str | None = None,
) -> dict[str, Any]:
    """Of the chosen layers of the file, or of all. `counted`: over how many features; `whole`: whether over all."""
    kinds = areas.kinds(conn)
    known = [COMPONENTS, *(kind.kind for kind in kinds)]
    if target not in known:
        raise one_of("target", target, known, zh="导入目标")
    layers = _layers(batch, chosen)
    fields = suggest_fields(target, _looks(layers), subclasses=subclasses(conn), kinds=kinds)
    looked = looked_before(batch["inspection"])
    values, counted = _values(desk, batch, layers, fields, encoding) if target == COMPONENTS else ({}, 0)
    return {
        "target": target,
        "fields": [asdict(one) for one in fields],
        "values": _meanings(conn, values),
        "counted": counted,
        "whole": counted >= sum(layer["count"] for layer in layers),
        "profiles": _profiles(conn, layers),
        "ignored": row_numbers(_columns(layers), {one.target: one.source for one in fields}),
        "as_exported": looked is not None and is_ours(desk.kept(batch), looked, target, desk.limits),
    }


def columns_of(layers: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Layers of an inspection and their columns."""
    return {layer["name"]: [field["name"] for field in layer["fields"]] for layer in layers}


def _columns(layers: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for names in columns_of(layers).values() for name in names))


def _layers(batch: Mapping[str, Any], chosen: Sequence[str]) -> list[Mapping[str, Any]]:
    found = batch["inspection"].get("layers")
    if found is None:
        raise ConflictError(
            f"batch {batch['id']} was not inspected yet", zh=f"批次 {batch['id']} 尚未完成文件识别，请稍候"
        )
    names = [layer["name"] for layer in found]
    for name in chosen:
        if name not in names:
            raise one_of("layer of the file", name, names, zh="图层")
    return [layer for layer in found if not chosen or layer["name"] in chosen]


def _looks(layers: Sequence[Mapping[str, Any]]) -> list[ColumnLook]:
    """Each column once; the names of several layers are a column too."""
    examples: dict[str, list[str]] = {}
    types: dict[str, str] = {}
    for layer in layers:
        for field in layer["fields"]:
            types.setdefault(field["name"], field["type"])
            examples.setdefault(field["name"], []).extend(field["examples"])
    looks = [
        ColumnLook(name=name, type=types[name], examples=tuple(dict.fromkeys(given)))
        for name, given in examples.items()
    ]
    names = tuple(layer["name"] for layer in layers)
    return [*looks, ColumnLook(name=LAYER_COLUMN, type="text", examples=names)] if len(names) > 1 else looks


def _values(
    desk: Desk,
    batch: Mapping[str, Any],
    layers: Sequence[Mapping[str, Any]],
    fields: Sequence[Suggestion],
    encoding: str | None,
) -> tuple[dict[str, Counter[str]], int]:
    """How often the columns with codes hold what, by field."""
    wanted = {one.target: one.source for one in fields if one.target in VALUED}
    if not wanted:
        return {}, sum(layer["count"] for layer in layers)
    if set(wanted.values()) == {LAYER_COLUMN}:
        counts = Counter({layer["name"]: layer["count"] for layer in layers})
        return dict.fromkeys(wanted, counts), sum(layer["count"] for layer in layers)
    choice = sources.Choice(layers=tuple(layer["name"] for layer in layers), encoding=encoding)
    try:
        counted, by_column = _counted(desk, batch, choice, set(wanted.values()))
    except FileError:  # checking says what is wrong; suggestions do without
        counted, by_column = 0, {}
    return {field: by_column.get(column, Counter()) for field, column in wanted.items()}, counted


def _counted(
    desk: Desk, batch: Mapping[str, Any], choice: sources.Choice, columns: set[str]
) -> tuple[int, dict[str, Counter[str]]]:
    begun, counted = time.monotonic(), 0
    found: dict[str, Counter[str]] = {column: Counter() for column in columns}
    with sources.reading(desk.kept(batch), batch["file_name"], choice, desk.limits) as stream:
        for lot in stream:
            for column in columns & set(lot.schema.names):
                if len(found[column]) < MOST_KEPT:
                    found[column].update(_histogram(lot[column]))
            counted += lot.num_rows
            if time.monotonic() - begun > LONGEST:
                break
    return counted, found


def _histogram(column: Any) -> dict[str, int]:
    texts = pc.value_counts(column)
    pairs = zip(texts.field("values").to_pylist(), texts.field("counts").to_pylist(), strict=True)
    return {str(text): count for text, count in pairs if text is not None and str(text).strip()}


def _meanings(conn: Connection, values: Mapping[str, Counter[str]]) -> dict[str, list[dict[str, Any]]]:
    return {
        field: [asdict(one) for one in _understood(conn, field, dict(counts.most_common(MOST_VALUES)))]
        for field, counts in values.items()
    }


def _understood(conn: Connection, field: str, counts: Mapping[str, int]) -> list[ValueSuggestion]:
    if field == "state":
        return suggest_states(counts)
    if field in ("subclass", "subclass_name"):
        return suggest_values(counts, subclasses(conn))
    return suggest_departments(counts, departments(conn))


def _profiles(conn: Connection, layers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "name": one.profile.name,
            "target": one.layer.target,
            "exact": one.exact,
            "overlap": round(one.overlap, 3),
            "missing": list(one.missing),
            "definition": one.layer.definition(),
        }
        for one in find_profiles(conn, columns_of(layers))
    ]
