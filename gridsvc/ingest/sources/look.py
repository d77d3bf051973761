"""A look at the rows of a layer as they pass by: examples, empty values, types of shapes, bounds and some points."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gridsvc.ingest.encodings.deciding import EncodingReading
from gridsvc.ingest.sources import shapes
from gridsvc.ingest.sources.model import Note, SourceField, SourceLayer
from gridsvc.ingest.sources.wording import note

EXAMPLES, EXAMPLE_LENGTH = 5, 60
ROUNDED = 1e15
"""Whole numbers from here on have more digits than a floating-point column of a file is sure to keep."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """A column, before it is looked at."""

    name: str
    type: str
    width: int | None = None


@dataclass(kw_only=True)
class Look:
    columns: Sequence[Named]
    count: int = 0
    types: Counter[str] = field(default_factory=Counter)
    bounds: Any = None
    _points: list[Any] = field(default_factory=list)
    _examples: list[dict[str, None]] = field(default_factory=list)
    _empty: list[int] = field(default_factory=list)
    _large: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._examples = [{} for _ in self.columns]
        self._empty, self._large = [0] * len(self.columns), [0] * len(self.columns)

    def see(self, values: Sequence[Any], wkb: Any) -> None:
        """`values`: one Arrow array for each column."""
        self.count += len(wkb)
        for number, column in enumerate(values):
            self._see_column(number, column)
        self.types += shapes.types_of(wkb)
        loaded = shapes.load(wkb)
        self.bounds = shapes.together(self.bounds, shapes.bounds_of(loaded))
        self._points.append(shapes.points_of(loaded))

    def _see_column(self, number: int, column: Any) -> None:
        there = column.drop_null()
        if pa.types.is_string(column.type):
            there = there.filter(pc.match_substring_regex(there, r"\S"))
        elif pa.types.is_floating(column.type):
            self._large[number] += pc.sum(pc.greater_equal(pc.abs(there), ROUNDED)).as_py() or 0
        self._empty[number] += len(column) - len(there)
        if len(self._examples[number]) < EXAMPLES:
            some = there.slice(0, 1000).unique().slice(0, EXAMPLES).cast(pa.string()).to_pylist()
            kept = self._examples[number] | dict.fromkeys(text[:EXAMPLE_LENGTH] for text in some)
            self._examples[number] = dict(list(kept.items())[:EXAMPLES])

    def layer(
        self,
        *,
        name: str,
        path: str,
        crs: str | None,
        encoding: EncodingReading | None,
        left_out: Sequence[Named],
        coordinate_columns: tuple[str, str] | None,
    ) -> SourceLayer:
        return SourceLayer(
            name=name, path=path, count=self.count, geometry_types=dict(self.types), crs=crs, encoding=encoding,
            fields=(*self._fields(), *map(_unread, left_out)), bounds=self._bounds(), sample=self._sample(),
            coordinate_columns=coordinate_columns,
        )  # fmt: skip

    def _bounds(self) -> tuple[float, float, float, float] | None:
        if self.bounds is None:
            return None
        west, south, east, north = (float(one) for one in self.bounds)
        return west, south, east, north

    def _sample(self) -> tuple[tuple[float, float], ...]:
        points = np.concatenate([np.empty((0, 2)), *self._points])
        return tuple((float(x), float(y)) for x, y in shapes.thinned(points))

    def _fields(self) -> tuple[SourceField, ...]:
        return tuple(
            SourceField(name=one.name, type=one.type, width=one.width, examples=tuple(examples), empty=empty)
            for one, examples, empty in zip(self.columns, self._examples, self._empty, strict=True)
        )

    def notes(self, layer: str) -> list[Note]:
        """What may be lost in the columns, and shapes that cannot be read."""
        found = [
            note(f"{layer}: column {one.name!r} holds floating-point numbers of 16 and more digits ({many} of those "
                 "looked at); if they are codes, their last digits may be lost already",
                 f"{layer}：浮点型字段“{one.name}”中有 16 位以上的数值（已查看的行中有 {many} 个）；"
                 "若是编码，末尾几位可能已丢失")
            for one, many in zip(self.columns, self._large, strict=True) if many
        ]  # fmt: skip
        if curved := sum(self.types[name] for name in shapes.CURVED):
            found.append(
                note(f"{layer}: {curved} shapes have arcs or surfaces and are read as none; ask for straight lines",
                     f"{layer}：{curved} 个图形含弧段或曲面，无法读取；请转换为直线段后再提交")
            )  # fmt: skip
        return found


def _unread(one: Named) -> SourceField:
    return SourceField(name=one.name, type=one.type, width=one.width, examples=(), empty=0)
