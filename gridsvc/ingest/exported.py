"""Files that this system wrote, as they come back: their columns are known by name, and nothing is left to do.

What `gridsvc.files` did to a table so that a form could hold it is undone: short names, numbers behind names that two
columns had, apostrophes before what spreadsheets take for formulas.
"""

import csv
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gridsvc.errors import FileError
from gridsvc.files import names
from gridsvc.files.dbf import full_names
from gridsvc.files.excel import NOTES_SHEET
from gridsvc.ingest.layers import COMPONENTS, Layer
from gridsvc.ingest.sources import Inspection, Limits, SourceLayer
from gridsvc.ingest.sources.archives import Archive, Member, opened
from gridsvc.ingest.stage import PSEUDO

NATIONAL = {names.OWN_CODE, names.CODE_BASIS}
"""Columns of a file with national codes: `subclass` and the unit grid then follow from others."""
AREA_COLUMNS = ("code", "name_zh", "name_en", "parent_code")
TABLES = ("csv", "xlsx")
DEGREES = ("lon", "lat", "wkt")
METRES = ("x", "y", "wkt")
NUMBERED = re.compile(r"(.+)_[1-9][0-9]*")
ESCAPED = r"\A'('*[=+@\t\r-])"
LONGEST = 1 << 20
"""Bytes of a list of column names."""
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, kw_only=True)
class Columns:
    """How the columns of a file are called: in it, as they were written, and as they are read."""

    written: Mapping[str, str]
    """By the name in the file: in full, still with the number that keeps it apart from another."""
    own: Mapping[str, str]
    """By the written name: the name of the attribute; a column of ours that is called so gives way."""
    kind: str
    """Of file."""

    @property
    def names(self) -> dict[str, str]:
        return {column: self.own[written] for column, written in self.written.items()}


def layers_of(looked: Inspection) -> list[str]:
    """Without the sheet that says what did not fit."""
    return [layer.name for layer in looked.layers if layer.name != NOTES_SHEET]


def columns_of(kept: Path, looked: Inspection, chosen: Sequence[SourceLayer], target: str, limits: Limits) -> Columns:
    """Of a file that was inspected. FileError if its list of full names is none of ours."""
    full = _full_names(kept, looked.file_name, limits)
    written: dict[str, str] = {}
    for layer in chosen:
        known = full.get(layer.name, {})
        for field in layer.fields:
            written[field.name] = known.get(field.name) or (
                re.sub(ESCAPED, r"\1", field.name) if looked.kind == "csv" else field.name
            )
    ours = _ours(target, looked.kind, written.values())
    return Columns(written=written, own=_own(list(written.values()), ours), kind=looked.kind)


def is_ours(kept: Path, looked: Inspection, target: str, limits: Limits) -> bool:
    """Whether the file has all columns that this system writes, so that it may be one of its own."""
    chosen = [layer for layer in looked.layers if layer.name != NOTES_SHEET]
    try:
        columns = columns_of(kept, looked, chosen, target, limits)
    except FileError:
        return False
    of_components = {*names.COMPONENT_FIELDS, *(name for _, name in names.DEPARTMENTS.values())}
    wanted = of_components if target == COMPONENTS else {*AREA_COLUMNS, names.AREA_M2}
    return wanted <= columns.own.keys()


def fitted(layer: Layer, columns: Columns) -> Layer:
    """The layer with what each column means that is ours; the others are attributes."""
    own = columns.own
    meant = names.COMPONENT_FIELDS if layer.target == COMPONENTS else {name: name for name in AREA_COLUMNS}
    fields = {field: own[name] for name, field in meant.items() if name in own}
    ignored = {name for name in _derived(layer.target) if name in own}
    if own.keys() >= NATIONAL:
        fields["subclass"] = own[names.OWN_CODE]
        fields.pop("unit_grid", None)
        ignored = ignored - {names.OWN_CODE} | {names.SUBCLASS, names.UNIT_GRID} & own.keys()
    places = _coordinates(columns.kind, own)
    degrees = places == DEGREES
    return replace(
        layer,
        fields={**fields, **layer.fields},
        ignored=tuple(sorted({*(layer.ignored or ()), *(own[name] for name in {*ignored, *places} if name in own)})),
        crs=layer.crs or ("EPSG:4326" if degrees else None),
    )


def notes(layer: Layer) -> Iterator[tuple[str, str]]:
    """What was taken for granted, English and Chinese."""
    if layer.ignored:
        listed = ", ".join(layer.ignored)
        yield f"columns that follow from others were not read: {listed}", f"由其他内容得出的列未读取：{listed}"


class Named:
    """A reading whose columns have their own names, and whose cells are what they were before they were written."""

    def __init__(self, stream: Any, columns: Columns) -> None:
        self._stream, self._escaped = stream, columns.kind == "csv"
        given = columns.names
        fields = [field.with_name(given.get(field.name, field.name)) for field in stream.schema]
        self.schema = pa.schema(fields)

    def __iter__(self) -> Iterator[Any]:
        for batch in self._stream:
            arrays = [self._plain(array, field.name) for array, field in zip(batch.columns, self.schema, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def _plain(self, array: Any, name: str) -> Any:
        if self._escaped and name not in PSEUDO and pa.types.is_string(array.type):
            return pc.replace_substring_regex(array, ESCAPED, r"\1")
        return array


def _derived(target: str) -> set[str]:
    area = {names.AREA_M2}
    return set(names.DERIVED) - area if target == COMPONENTS else area


def _ours(target: str, kind: str, written: Any) -> set[str]:
    """Columns that the system writes itself, in any file."""
    own = {*names.COMPONENT_FIELDS} if target == COMPONENTS else {*AREA_COLUMNS}
    return {*own, *_derived(target), *_coordinates(kind, set(written))}


def _coordinates(kind: str, columns: Any) -> tuple[str, ...]:
    if kind not in TABLES:
        return ()
    return DEGREES if {"lon", "lat"} <= set(columns) else METRES


def _own(written: Sequence[str], ours: set[str]) -> dict[str, str]:
    """Names without the number that `names.unique` put behind those that two columns had."""
    folded = {name.casefold() for name in written}
    reserved = {name.casefold() for name in ours}
    own = {name: name for name in written}
    for name in written:
        found = NUMBERED.fullmatch(name)
        if found is None or name in ours:
            continue
        base = found[1]
        if base.casefold() in reserved & folded or (base.casefold() in folded and base not in written):
            own[name] = base
            if base in ours and base in own:
                own[base] = f"{base} (exported)"
    return own


def _full_names(kept: Path, file_name: str, limits: Limits) -> dict[str, dict[str, str]]:
    """By layer and column of a zipped shapefile; nothing where the file has no such list."""
    if kept.suffix != ".zip":
        return {}
    with opened(kept, file_name, limits) as archive:
        lists = [member for member in archive.members if member.path.name == names.FIELDS_FILE]
        if not lists:
            return {}
        try:
            return full_names(_content(archive, lists[0]))
        except (ValueError, KeyError, csv.Error) as error:
            raise FileError(
                file_name,
                f"its {names.FIELDS_FILE} is not what this system writes ({error}); import it as another layer",
                zh=f"{file_name}：其中的 {names.FIELDS_FILE} 不是本系统写出的，请改用其他图层导入",
            ) from error


def _content(archive: Archive, member: Member) -> bytes:
    if member.info.compress_type not in PACKED:
        raise ValueError("it is packed in another way")
    blocks = archive.blocks(member)
    content = next(blocks, b"")
    if len(content) >= LONGEST:
        raise ValueError(f"it is longer than {LONGEST} bytes")
    return content
