"""Questions to whole columns of text (pyarrow StringArrays), so that no rule loops over rows that are fine."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gridsvc.domain.crs import BoolArray
from gridsvc.ingest.rules.contract import Lot, TextArray

Rows = NDArray[np.int64]


def column(lot: Lot, name: str) -> TextArray:
    """A field of the lot; empty texts where the layer does not map it."""
    texts = lot.fields.get(name)
    return pa.nulls(len(lot), pa.string()) if texts is None else texts


def holds(texts: TextArray, *needles: str | bytes) -> bool:
    """Whether one of the needles stands anywhere in the column: much quicker than which rows hold it.

    May say yes of a slice whose neighbours hold one.
    """
    data = texts.buffers()[2]
    characters = data.to_pybytes() if data is not None else b""
    sought = [needle.encode() if isinstance(needle, str) else needle for needle in needles]
    return any(one[:1] in characters and one in characters for one in sought)  # a single byte is found far quicker


def mask(answers: Any) -> BoolArray:
    """A pyarrow BooleanArray as numpy has it; no where nothing was said."""
    return np.asarray(pc.fill_null(answers, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def rows_where(answers: Any) -> Rows:
    return np.flatnonzero(mask(answers))


def is_empty(texts: TextArray) -> BoolArray:
    return mask(texts.is_null())


def by_value(texts: TextArray) -> tuple[list[str], Rows]:
    """The distinct texts in the order of their first rows, and for each row the index of its text; -1 where empty."""
    encoded = texts.dictionary_encode()
    indices = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return encoded.dictionary.to_pylist(), indices


def index_in(texts: TextArray, known: NDArray[Any]) -> Rows:
    """For each row where its text stands among those that are known; -1 where it does not or is empty."""
    found = pc.index_in(texts, value_set=pa.array(known, pa.string()), skip_nulls=True)
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


def whose(texts: TextArray, test: Callable[[str], bool]) -> BoolArray:
    """Which rows' texts pass a test that is asked once of each distinct text; an empty one never does."""
    values, indices = by_value(texts)
    passed = np.array([*(test(value) for value in values), False], dtype=np.bool_)
    return passed[indices]  # index -1 is the last


def each_value(texts: TextArray, rows: Rows) -> list[tuple[str, int, int]]:
    """The distinct texts of some rows, each with the first of its rows and how many there are."""
    values, indices = by_value(texts.take(pa.array(rows)))
    if not values:
        return []
    _, firsts, counts = np.unique(indices, return_index=True, return_counts=True)
    return [(value, int(rows[first]), int(count)) for value, first, count in zip(values, firsts, counts, strict=True)]


def digits_of(texts: TextArray, width: int) -> tuple[Rows, NDArray[np.uint8]]:
    """Rows whose text is exactly `width` ASCII digits, and their digits: one row of `width` numbers each."""
    rows = rows_where(pc.equal(pc.binary_length(texts), width))
    if not len(rows):
        return rows, np.empty((0, width), dtype=np.uint8)
    chosen = texts if len(rows) == len(texts) else texts.take(pa.array(rows))
    start = chosen.offset  # a slice shares its buffers with its neighbours
    first = int(np.frombuffer(chosen.buffers()[1], dtype=np.int32)[start])
    data = np.frombuffer(chosen.buffers()[2], dtype=np.uint8)[first : first + len(rows) * width]
    digits = data.reshape(-1, width) - np.uint8(ord("0"))
    if digits.max() <= 9:
        return rows, digits
    fine = (digits <= 9).all(axis=1)
    return rows[fine], digits[fine]


def number(digits: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Rows of digits as whole numbers."""
    value = np.zeros(len(digits), dtype=np.int64)
    for digit in digits.T:
        value = value * 10 + digit
    return value
