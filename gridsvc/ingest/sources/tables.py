"""Tables without shapes of their own: points from two columns of coordinates, or any shape from a column of WKT."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from gridsvc.ingest.sources.coordinates import numbers, suggested, wkt_column
from gridsvc.ingest.sources.layers import OpenLayer, Rows
from gridsvc.ingest.sources.look import Named
from gridsvc.ingest.sources.model import SourceLayer
from gridsvc.ingest.sources.rounding import Rounded
from gridsvc.ingest.sources.wording import line, listed, note, refusal


@dataclass(kw_only=True)
class TableLayer(OpenLayer):
    file_name: str
    header: list[str]
    """Names of all columns."""
    first_line: int
    """Of the data, in the file."""
    place: str = ""
    chosen_columns: tuple[str, str] | None = None
    """As a person decided."""
    headings: tuple[str, ...] = ()
    """Of a table whose rows have no places; they are numbered as the file's own rows are, empty ones too."""
    _wkt: int | None = field(default=None)
    _unplaced: int = field(default=0)
    _spelled: str | None = field(default=None)
    """The first coordinate that is no plain number, but can be read."""
    _example: str | None = field(default=None)
    """The first that cannot."""

    @abstractmethod
    def texts(self) -> Iterator[list[Any]]:
        """A string array for each column of the header, up to BATCH rows at a time."""

    def prepare(self) -> None:
        """Find out where its places are, from its first rows."""
        twice = sorted({name for name in self.header if self.header.count(name) > 1})
        if twice:
            raise refusal(
                self.file_name, f"it has more than one column {', '.join(map(repr, twice))}; rename one of them",
                f"有多个名为“{'、'.join(twice)}”的列，请改名",
            )  # fmt: skip
        if self.headings:
            self.columns = [Named(name=name, type="text") for name in self.header]
            return
        head: list[Any] = next(self.texts(), [pa.array([], pa.string())] * len(self.header))
        self._wkt = None if self.chosen_columns else wkt_column(self.header, head)
        if self.chosen_columns is None and self._wkt is None:
            self.coordinate_columns, notes = suggested(self.header, head)
            self.notes += notes
        self._check_chosen()
        if self._wkt is not None:
            self.crs = _srid_of(head[self._wkt])
        self.columns = [Named(name=name, type="text") for n, name in enumerate(self.header) if n != self._wkt]

    def _check_chosen(self) -> None:
        for name in self.chosen_columns or ():
            if name not in self.header:
                raise refusal(
                    self.file_name,
                    f"it has no column {name!r} for coordinates; its columns are: {listed(self.header, 40)}",
                    f"没有坐标列“{name}”；文件的列有：{listed(self.header, 40)}",
                )  # fmt: skip

    @property
    def places(self) -> tuple[str, str] | None:
        return self.chosen_columns or self.coordinate_columns

    @property
    def placed(self) -> bool:
        """Whether it is known where its rows are."""
        return self._wkt is not None or self.places is not None

    def rows(self) -> Iterator[Rows]:
        rounded = Rounded(file_name=self.file_name, place=self.place, first_line=self.first_line)
        first, self._unplaced = 0, 0
        before = self.first_line - 1 if self.headings else 0
        for columns in self.texts():
            rounded.see(self.header, columns, first)
            length = len(columns[0])
            values = [column for n, column in enumerate(columns) if n != self._wkt]
            numbers = np.arange(first + 1, first + 1 + length) + before
            yield Rows(values=values, numbers=numbers, wkb=self._shapes(columns))
            first += length
        rounded.end()
        self._say_unplaced()

    def look(self) -> SourceLayer:
        if not self.placed:
            self.notes.append(
                note(f"{self.name} has no columns that are called as coordinates are; say which they are",
                     f"{self.name} 中没有能识别为坐标的列，请指定坐标列")
            )  # fmt: skip
        return super().look()

    def _shapes(self, columns: Sequence[Any]) -> Any:
        if self._wkt is not None:
            texts = pc.replace_substring_regex(columns[self._wkt], r"^\s*(?i:SRID)=[0-9]+;", "")
            found = shapely.from_wkt(texts.to_numpy(zero_copy_only=False), on_invalid="ignore")
        elif self.places is not None:
            given = [columns[self.header.index(name)] for name in self.places]
            (x, spelled), (y, _) = map(numbers, given)
            self._spelled = self._spelled or spelled
            self._example = self._example or _example(given, (x, y))
            found = np.where(np.isfinite(x) & np.isfinite(y), shapely.points(np.nan_to_num(x), np.nan_to_num(y)), None)
        else:
            return pa.nulls(len(columns[0]), pa.binary())
        self._unplaced += int(shapely.is_missing(found).sum())
        return pa.array(shapely.to_wkb(found), pa.binary())

    def _say_unplaced(self) -> None:
        if self._spelled:
            self.notes.append(
                note(f"{self.name}: coordinates such as {line(self._spelled)} were read as decimal numbers",
                     f"{self.name}：{line(self._spelled)} 这样的坐标已按十进制数读取")
            )  # fmt: skip
        if not self._unplaced:
            return
        such, such_zh = "", ""
        if self._example:
            such = f", such as {line(self._example)}; write them as 104.123456 or 31°26′5.3″"
            such_zh = f"，例如 {line(self._example)}；请写作 104.123456 或 31°26′5.3″"
        name = self.header[self._wkt] if self._wkt is not None else " / ".join(self.places or ())
        self.notes.append(
            note(f"{self.name}: {self._unplaced} rows have no readable place in {line(name)}{such}",
                 f"{self.name}：{self._unplaced} 行的“{line(name)}”中没有可读的坐标{such_zh}")
        )  # fmt: skip


def _example(texts: Sequence[Any], read: Sequence[Any]) -> str | None:
    """The first text that is there and no number."""
    for column, values in zip(texts, read, strict=True):
        lost = np.flatnonzero(np.isnan(values) & np.asarray(pc.fill_null(pc.not_equal(column, ""), False)))
        if len(lost):
            return str(column[int(lost[0])])
    return None


def _srid_of(texts: Any) -> str | None:
    """That of EWKT, where all of the first rows say the same."""
    found = {
        text.split(";")[0].strip()[5:] for text in texts.drop_null().to_pylist() if text.lstrip()[:5].upper() == "SRID="
    }
    return f"EPSG:{int(found.pop())}" if len(found) == 1 else None
