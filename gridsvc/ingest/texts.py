"""Texts of a file, a column at a time: Arrow arrays in, Arrow arrays out. Each different text is looked at once."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gridsvc.ingest.rules.contract import UNREADABLE

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""PostgreSQL's text holds no NUL, and nobody means the others."""
QUOTED = r'["\\\x00-\x1f]'
"""Characters that JSON writes otherwise than they are."""
SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Odd, so that multiplying by it loses nothing."""
Hashes = NDArray[np.uint64]
SIGNIFICANT = 2**53
"""Whole numbers above it are not exact as floating point."""


def clean(column: Any) -> Any:
    """Text of a column, trimmed; empty is null, whole numbers carry no `.0`."""
    if pa.types.is_floating(column.type):
        return _of_floats(column)
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return pa.array([None if value is None else value.hex() for value in column.to_pylist()], pa.string())
    if not pa.types.is_string(column.type):
        return column.cast(pa.string())
    if pc.any(pc.match_substring_regex(column, CONTROL.pattern)).as_py():
        column = each(column, lambda text: CONTROL.sub(UNREADABLE, text))
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def each(column: Any, change: Callable[[str], str | None]) -> Any:
    """The column with every different text changed."""
    encoded = column.dictionary_encode()
    changed = pa.array([change(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return changed.take(encoded.indices)


def renamed(column: Any, names: Mapping[str, str]) -> Any:
    """What is not among the names stays."""
    return each(column, lambda text: names.get(text, text))


def begin_of(codes: Any, digits: int) -> Any:
    """The first digits of each code that has more of them and nothing else."""
    longer = pc.match_substring_regex(codes, f"^[0-9]{{{digits + 1},}}$")
    return pc.if_else(longer, pc.utf8_slice_codeunits(codes, 0, digits), pa.scalar(None, pa.string()))


def _of_floats(column: Any) -> Any:
    values = column.to_numpy(zero_copy_only=False)
    whole = np.isfinite(values) & (np.abs(values) < SIGNIFICANT)
    whole[whole] = values[whole] == np.floor(values[whole])
    texts = column.cast(pa.string())
    integers = pa.array(np.where(whole, values, 0).astype(np.int64)).cast(pa.string())
    known = pc.and_(pc.is_valid(column), pc.invert(pc.is_nan(column.fill_null(0))))
    return pc.if_else(known, pc.if_else(pa.array(whole), integers, texts), pa.scalar(None, pa.string()))


def json_rows(columns: Mapping[str, Any], length: int) -> Any:
    """One JSON object per row of the columns that say something in it; `{}` where none does."""
    pieces = [piece for name, column in columns.items() if (piece := _piece(name, column)) is not None]
    if not pieces:
        return pa.array(["{}"] * length, pa.string())
    begun = pc.binary_join_element_wise(pa.scalar("{"), *pieces, ",", null_handling="skip")  # or empty rows were lost
    return pc.binary_join_element_wise(pc.replace_substring(begun, "{,", "{", max_replacements=1), "}", "")


def _piece(name: str, column: Any) -> Any:
    """`"name":value` of each row, null where there is no value; None where no row has one."""
    values = _json_values(column)
    if values.null_count == len(values):
        return None
    return pc.binary_join_element_wise(json.dumps(name, ensure_ascii=False) + ":", values, "")


def _json_values(column: Any) -> Any:
    if pa.types.is_boolean(column.type) or pa.types.is_integer(column.type):
        return column.cast(pa.string())
    if pa.types.is_floating(column.type):
        finite = pc.is_finite(column.fill_null(float("nan")))
        return pc.if_else(finite, _of_floats(column), pa.scalar(None, pa.string()))
    texts = clean(column)
    if pc.any(pc.match_substring_regex(texts, QUOTED)).as_py():
        return each(texts, lambda text: json.dumps(text, ensure_ascii=False))
    return pc.binary_join_element_wise('"', texts, '"', "")


def mixed(some: Hashes, others: Hashes) -> Hashes:
    """One number for each pair."""
    return np.asarray(some * SPREAD ^ others, dtype=np.uint64)


def hashes(columns: Sequence[Any]) -> Hashes:
    """A number for each row of text columns; equal rows have equal numbers, in every release and on every machine."""
    lines = pc.binary_join_element_wise(*(column.fill_null("") for column in columns), "\x1f")
    found = pd.util.hash_array(lines.to_numpy(zero_copy_only=False).astype(object), categorize=False)
    return np.asarray(found, dtype=np.uint64)
