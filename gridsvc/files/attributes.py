"""Attributes that are JSON objects, as columns of their own."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from gridsvc.files.names import unique

MOST_INT = 2**63
EXACT_INT = 2**53
"""Beyond it a float64 no longer holds every whole number."""
ARROW = {"bool": pa.bool_(), "int": pa.int64(), "float": pa.float64(), "text": pa.string()}


@dataclass(frozen=True, kw_only=True)
class Column:
    key: str
    name: str
    """The key, unless another column is called so."""
    type: pa.DataType


class Keys:
    """The keys of many JSON objects in the order in which they come, and of what kind their values are."""

    def __init__(self) -> None:
        self._kinds: dict[str, set[str]] = {}

    def see(self, lines: Iterable[str]) -> None:
        kinds = self._kinds
        for line in lines:
            if line != "{}":
                for key, value in json.loads(line).items():
                    kinds.setdefault(key, set()).add(_kind(value))

    def columns(self, others: Iterable[str]) -> tuple[Column, ...]:
        """`others` are the names that are taken already."""
        taken = {name.casefold() for name in others}
        return tuple(
            Column(key=key, name=unique(key or "_", taken), type=ARROW[_common(kinds)])
            for key, kinds in self._kinds.items()
        )


def flattened(lines: Sequence[str], columns: Sequence[Column]) -> list[pa.Array]:
    """One array for each column; null where an object has not the key."""
    objects = [{} if line == "{}" else json.loads(line) for line in lines]
    return [_array([each.get(column.key) for each in objects], column.type) for column in columns]


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_string(kind):
        values = [value if value is None or isinstance(value, str) else _text(value) for value in values]
    return pa.array(values, kind)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int() if abs(value) < EXACT_INT:
            return "int"
        case int() if abs(value) < MOST_INT:
            return "long"
        case float():
            return "float"
    return "text"


def _common(kinds: set[str]) -> str:
    """The narrowest kind that holds all of these without loss."""
    kinds = kinds - {"null"}
    if kinds == {"bool"}:
        return "bool"
    if kinds and kinds <= {"int", "long"}:
        return "int"
    return "float" if kinds and kinds <= {"int", "float"} else "text"
