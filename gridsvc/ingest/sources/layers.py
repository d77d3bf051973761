"""What every format gives: layers whose rows pass by once, in the order of the file."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gridsvc.ingest.encodings.deciding import EncodingReading
from gridsvc.ingest.sources.look import Look, Named
from gridsvc.ingest.sources.model import Note, Photo, SourceLayer

ARROW = {"integer": pa.int64(), "real": pa.float64()}
"""Types of what is read; all others are text."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    values: Sequence[Any]
    """One Arrow array for each column that is read: text, int64 or float64."""
    numbers: NDArray[np.int64]
    wkb: Any


@dataclass(kw_only=True)
class OpenLayer(ABC):
    name: str
    path: str
    columns: Sequence[Named] = ()
    """Those that are read."""
    left_out: Sequence[Named] = ()
    """Columns of bytes."""
    crs: str | None = None
    encoding: EncodingReading | None = None
    coordinate_columns: tuple[str, str] | None = None
    notes: list[Note] = field(default_factory=list)

    @abstractmethod
    def rows(self) -> Iterator[Rows]:
        """Up to BATCH rows at a time."""

    def look(self) -> SourceLayer:
        look = Look(columns=self.columns)
        for rows in self.rows():
            look.see(rows.values, rows.wkb)
        return self.seen(look)

    def seen(self, look: Look) -> SourceLayer:
        self.notes += look.notes(self.name)
        return look.layer(
            name=self.name, path=self.path, crs=self.crs, encoding=self.encoding, left_out=self.left_out,
            coordinate_columns=self.coordinate_columns,
        )  # fmt: skip


@dataclass(kw_only=True)
class Source:
    kind: str
    layers: Sequence[OpenLayer]
    photos: tuple[Photo, ...] = ()
    notes: list[Note] = field(default_factory=list)
