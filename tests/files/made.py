"""Small layers to be written."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from gridsvc.files import OutLayer
from tests.sketch import SRID, Sketch

TOWN = Sketch(
    """
    a . . . b
    . 1 . 2 .
    . . 3 . .
    d . . . e
    """
)


def points(marks: str) -> list[Any]:
    return [TOWN.point(mark) for mark in marks]


def layer(shapes: Sequence[Any], **columns: Sequence[Any]) -> OutLayer:
    """Texts, numbers and truth values by what they are."""
    return named("部件", shapes, columns)


def named(name: str, shapes: Sequence[Any], columns: dict[str, Sequence[Any]]) -> OutLayer:
    arrays = {column: pa.array(values) for column, values in columns.items()}
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return OutLayer(name=name, columns=arrays, geometry=geometry, srid=SRID)
