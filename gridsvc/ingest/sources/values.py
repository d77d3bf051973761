"""Texts of a file become numbers; nothing that is not one does."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

INTEGER = r"^[+-]?[0-9]{1,18}$"
NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]{1,3})?$|^[+-]?(?i:nan|inf)$"
SIGNIFICANT = 2**53
"""Whole numbers above it are not exact as floating point."""


def integers(texts: Any) -> tuple[Any, int]:
    """int64 of a string array, null where a text is no whole number; how many of them are none."""
    plain = pc.fill_null(pc.match_substring_regex(texts, INTEGER), True)
    if pc.all(plain).as_py() is not False:
        return texts.cast(pa.int64()), 0
    others = _whole(pc.if_else(plain, None, texts))
    values = pc.if_else(plain, pc.if_else(plain, texts, None).cast(pa.int64()), others)
    return values, values.null_count - texts.null_count


def _whole(texts: Any) -> Any:
    """Whole numbers that are written as `12.0` or `1.2E3`."""
    floats = np.asarray(reals(texts)[0].fill_null(np.nan), dtype=np.float64)
    whole = np.isfinite(floats) & (np.abs(floats) < SIGNIFICANT)
    whole[whole] = floats[whole] == np.floor(floats[whole])
    return pa.array(np.where(whole, floats, 0).astype(np.int64), mask=~whole)


def reals(texts: Any) -> tuple[Any, int]:
    """float64, and how many texts are no number. `nan` is one."""
    number = pc.fill_null(pc.match_substring_regex(texts, NUMBER), True)
    lost = len(texts) - (pc.sum(number).as_py() or 0)
    return pc.if_else(number, texts, None).cast(pa.float64()), lost
