"""A shapefile: whether its parts are all there and whole, and its rows with the text as it is written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gridsvc.domain.crs import BoolArray
from gridsvc.ingest.encodings.deciding import decode_field_names, decode_marked, of_dbf
from gridsvc.ingest.sources import dbf, gdal, shp
from gridsvc.ingest.sources.layers import ARROW, OpenLayer, Rows
from gridsvc.ingest.sources.look import Look, Named
from gridsvc.ingest.sources.model import Note, SourceLayer
from gridsvc.ingest.sources.wording import line, note, refusal

NEEDS = {".shx": ("the index of the shapes", "图形索引"), ".dbf": ("the attributes", "属性表")}
WINDOWS, WINDOW = 20, 250
"""Rows are looked at in so many places, so many in each."""
LONGEST_PRJ = 1 << 16
BYTES = "ISO-8859-1"
"""In it GDAL hands out each byte as it stands there."""


@dataclass(kw_only=True)
class Shapefile(OpenLayer):
    shapefile: Path
    """Unpacked, with its parts beside it; the .prj and .cpg are kept from GDAL by other names, see `part`."""
    file_name: str
    head: dbf.Head
    deleted: BoolArray
    """Whether each row is marked as deleted."""
    chosen: str
    """Encoding of its text."""
    lost: dict[str, int] = field(default_factory=dict)
    """Values that are no numbers, by column."""
    cut: dict[str, list[int]] = field(default_factory=dict)
    """Features whose text ends in the midst of a character, by column."""

    def rows(self) -> Iterator[Rows]:
        yield from self._stream()
        for name, many in self.lost.items():
            self.notes.append(
                note(f"{self.name}: {many} values of the number column {name!r} are no numbers and were left empty",
                     f"{self.name}：数值字段“{name}”中有 {many} 个值不是数字，已留空")
            )  # fmt: skip
        for name, features in self.cut.items():
            self.notes.append(
                note(f"{self.name}: {len(features)} texts of the column {name!r} end in the midst of a character, cut "
                     f"at the width of the column (such as feature {features[0]}); that character was left out",
                     f"{self.name}：字段“{name}”中有 {len(features)} 个文本在字段宽度处被截断（如要素 {features[0]}），"
                     "末尾半个字已略去")
            )  # fmt: skip
        self.lost, self.cut = {}, {}

    def _stream(self, **window: int) -> Iterator[Rows]:
        with (
            gdal.explained(self.shapefile, self.file_name, self.notes),
            gdal.stream(self.shapefile, encoding=BYTES, return_fids=bool(self.deleted.any()), **window) as (_, reader),
        ):
            first = window.get("skip_features", 0)
            for batch in reader:
                yield self._rows(batch, first)
                first += batch.num_rows

    def _rows(self, batch: Any, first: int) -> Rows:
        columns = batch.columns
        numbers = np.arange(first + 1, first + 1 + batch.num_rows)
        if self.deleted.any():
            numbers, columns = np.asarray(columns[0]) + 1, columns[1:]
        found = [self._values(n, column, numbers) for n, column in enumerate(columns[: len(self.columns)])]
        return Rows(values=found, numbers=numbers, wkb=columns[-1].cast(pa.binary()))

    def _values(self, number: int, column: Any, features: NDArray[np.int64]) -> Any:
        described, named = self.head.columns[number], self.columns[number]
        if described.letter == "L":
            return column.cast(pa.string())
        if named.type == "text" and described.letter != "N":
            decoded = decode_marked(column, self.chosen)
            if decoded.cut.any():
                self.cut.setdefault(named.name, []).extend(features[decoded.cut].tolist())
            return decoded.values
        values, lost = dbf.value_of(described, column)
        if lost:
            self.lost[named.name] = self.lost.get(named.name, 0) + lost
        return values.cast(ARROW.get(named.type, pa.string()))

    def look(self) -> SourceLayer:
        """Shapes are counted by their heads, values looked at in some places only."""
        look = Look(columns=self.columns)
        for first in self._windows():
            for rows in islice(self._stream(skip_features=first, batch_size=WINDOW), 1):
                look.see(rows.values, rows.wkb)
        self.lost, self.cut = {}, {}
        look.count = int((~self.deleted).sum())
        look.types, look.bounds = shp.types_and_bounds(self.shapefile, ~self.deleted, self.file_name)
        return self.seen(look)

    def _windows(self) -> list[int]:
        if self.head.rows <= WINDOWS * WINDOW:
            return list(range(0, self.head.rows, WINDOW))
        return [int(first) for first in np.linspace(0, self.head.rows - WINDOW, WINDOWS)]


def open_shapefile(shapefile: Path, name: str, path: str, file_name: str, encoding: str | None) -> Shapefile:
    """FileError if parts of it are missing, cut or mixed up; `name` is what its sender called it."""
    check_whole(shapefile, name, file_name)
    table = shapefile.with_suffix(".dbf")
    head = dbf.head_of(table)
    cpg = part(shapefile, ".cpg")
    reading = of_dbf(table, cpg if cpg.exists() else None)
    chosen = encoding or reading.chosen
    names = _names(head, chosen, name, file_name)
    dbf.as_text(table, head)
    deleted = dbf.deleted(table, head)
    found = Shapefile(
        name=name, path=path, shapefile=shapefile, file_name=file_name, head=head, deleted=deleted, chosen=chosen,
        encoding=reading, crs=_prj(part(shapefile, ".prj")),
        columns=[
            Named(name=called, type=one.type, width=one.width) for called, one in zip(names, head.columns, strict=True)
        ],
    )  # fmt: skip
    found.notes += _notes(found)
    return found


def part(shapefile: Path, suffix: str) -> Path:
    """Where a part is kept."""
    if suffix in (".prj", ".cpg"):
        return shapefile.with_name(f"{shapefile.stem}{suffix}.txt")
    return shapefile.with_suffix(suffix)


def check_whole(shapefile: Path, name: str, file_name: str) -> None:
    for suffix, (what, what_zh) in NEEDS.items():
        if not shapefile.with_suffix(suffix).exists():
            raise refusal(
                file_name,
                f"{name}{suffix} is missing ({what}); a shapefile is .shp, .shx, .dbf and .prj together, "
                "ask the sender for the missing part",
                f"缺少 {name}{suffix}（{what_zh}）；完整的 shapefile 包括 .shp、.shx、.dbf 和 .prj，请向提供方索取",
            )
    for suffix in (".shp", ".shx"):
        whole = shapefile.with_suffix(suffix)
        shp.check_kind(whole, f"{name}{suffix}", file_name)
        _check_length(whole, f"{name}{suffix}", shp.length(whole), file_name)
    _check_table(shapefile, name, file_name)


def _check_table(shapefile: Path, name: str, file_name: str) -> None:
    table = shapefile.with_suffix(".dbf")
    head = dbf.head_of(table)
    _check_length(table, f"{name}.dbf", head.length, file_name)
    if head.begin < 33 or head.record < 1 or not head.columns:
        raise refusal(
            file_name, f"{name}.dbf is not a DBF table: its head is damaged", f"{name}.dbf 不是 DBF 表：文件头已损坏"
        )
    shapes = (shp.length(shapefile.with_suffix(".shx")) - 100) // 8
    if shapes != head.rows:
        raise refusal(
            file_name,
            f"{name}.shx counts {shapes} shapes and {name}.dbf {head.rows} rows: these parts do not belong together",
            f"{name}.shx 有 {shapes} 个图形，而 {name}.dbf 有 {head.rows} 行：这些文件不属于同一个 shapefile",
        )


def _check_length(whole: Path, name: str, declared: int, file_name: str) -> None:
    size = whole.stat().st_size
    if size < max(declared, 32):
        raise refusal(
            file_name, f"{name} has {size} of {max(declared, 32)} bytes: it was cut off",
            f"{name} 应有 {max(declared, 32)} 字节，只有 {size} 字节：文件不完整",
        )  # fmt: skip


def _names(head: dbf.Head, encoding: str, name: str, file_name: str) -> list[str]:
    written = [column.raw.strip() for column in head.columns]
    names = decode_field_names(written, encoding)
    twice = sorted({names[n] for n, one in enumerate(written) if one and written.index(one) != n})
    if twice:
        first = names[written.index(next(one for one in written if written.count(one) > 1))]
        raise refusal(
            file_name, f"it has more than one column {first!r}; rename one of them",
            f"{name} 中有多个名为“{first}”的字段，请改名",
        )  # fmt: skip
    return names


def _prj(prj: Path) -> str | None:
    """Its text, whatever it says; None if there is none."""
    if not prj.exists():
        return None
    with prj.open("rb") as source:
        text = source.read(LONGEST_PRJ).decode("utf-8-sig", "replace").replace("\0", "").strip()
    return text or None


def _notes(layer: Shapefile) -> Iterator[Note]:
    reading = layer.encoding
    if reading is not None and reading.note and layer.chosen == reading.chosen:
        yield note(f"{layer.name}: {reading.note}", f"{layer.name}：{reading.note_zh}")
    if layer.crs is None:
        yield note(f"{layer.name} says no coordinate system (its .prj is missing or empty)",
                   f"{layer.name} 没有坐标系信息（缺少 .prj 或 .prj 为空）")  # fmt: skip
    if layer.deleted.any():
        many = int(layer.deleted.sum())
        yield note(f"{layer.name}: {many} rows of the table are marked as deleted and were passed over",
                   f"{layer.name}：属性表中有 {many} 行已标记删除，未读取")  # fmt: skip
    wide = [one.name for one, column in zip(layer.columns, layer.head.columns, strict=True) if column.digits]
    if wide:
        shown = ", ".join(map(line, wide))
        yield note(f"{layer.name}: number columns wide enough for codes ({shown}): all digits are kept, but zeros at "
                   "the beginning of a code cannot be in them",
                   f"{layer.name}：数值字段（{shown}）可能存放编码：各位数字完整保留，"
                   "但编码开头的 0 无法保存在数值字段中")  # fmt: skip
    memo = [one.name for one, column in zip(layer.columns, layer.head.columns, strict=True) if column.letter == "M"]
    if memo:
        shown = ", ".join(map(line, memo))
        yield note(f"{layer.name}: the text of memo columns is not part of a shapefile: {shown}",
                   f"{layer.name}：备注型字段的文本不在 shapefile 内：{shown}")  # fmt: skip
