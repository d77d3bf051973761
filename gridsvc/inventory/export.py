"""Components as a layer for files: columns after GB/T 30428.2, so that a file that comes back maps by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from gridsvc.domain.access import Right
from gridsvc.domain.catalogue import Subclass
from gridsvc.domain.components import STATES
from gridsvc.files import ATTRIBUTES, GEOMETRY, Note, SpooledLayer, names, spool
from gridsvc.store import audit, export
from gridsvc.store.callers import may
from gridsvc.store.city import City, subclasses
from gridsvc.store.connection import Connection
from gridsvc.store.export import COMPONENT_COLUMNS, Selection

LAYER = "components"
COLUMNS = (
    names.OBJECT_CODE, names.OBJECT_NAME, names.SUBCLASS, *names.DEPARTMENTS["authority"], *names.DEPARTMENTS["owner"],
    *names.DEPARTMENTS["maintainer"], names.UNIT_GRID, names.POSITION, names.STATE, names.SURVEYED, names.CHANGED,
    names.DATA_SOURCE, names.NOTE,
)  # fmt: skip
DETAILS = frozenset({*COLUMNS[3:9], names.POSITION, names.SURVEYED, names.CHANGED, names.DATA_SOURCE, names.NOTE})
"""Columns for those who see more than the public: the others get a file without, not one that says they are empty."""
NATIONAL_COLUMNS = (names.OWN_CODE, names.CODE_BASIS, names.CLASS_CODE, names.CLASS_NAME)
NATIONAL, OWN = "国家标准 national", "本市 city"
"""Whose code `subclass` is."""
STATES_ZH = {state: zh for zh, state in STATES.items()}
SAME = {
    names.OBJECT_CODE: "component_code", names.SUBCLASS: "subclass_code", "DeptCode1": "authority",
    "DeptName1": "authority_name", "DeptCode2": "owner", "DeptName2": "owner_name", "DeptCode3": "maintainer",
    "DeptName3": "maintainer_name", names.UNIT_GRID: "unit_grid", names.POSITION: "position",
    names.SURVEYED: "surveyed_at", names.CHANGED: "changed_at", names.DATA_SOURCE: "data_source", names.NOTE: "note",
}  # fmt: skip
"""Columns that are written as the store has them."""


def components_layer(
    conn: Connection, city: City, chosen: Selection, folder: Path, *, national_codes: bool = False
) -> SpooledLayer:
    """The chosen components that the caller may see, on disk in the folder; that they were taken out is recorded.

    Needs an open transaction, to be committed before the file is given away. `national_codes`: subclasses as
    GB/T 30428.2 numbers them, where it does, and the unit grid that each component stands in.
    """
    book = _Book(subclasses(conn), national_codes=national_codes, details=may(conn, Right.SEE_DETAILS))
    lots = export.component_rows(conn, city.srid, chosen, fill_grid=national_codes)
    spooled = spool(LAYER, city.srid, book.schema, map(book.batch, lots), folder)
    _record(conn, chosen, len(spooled), national_codes=national_codes)
    return replace(spooled, own_notes=book.notes())


def _record(conn: Connection, chosen: Selection, rows: int, *, national_codes: bool) -> None:
    after = {
        "box": chosen.base.box, "subclass_code": chosen.base.subclass_code, "areas": list(chosen.areas),
        "retired": chosen.retired, "national_codes": national_codes, "rows": rows,
    }  # fmt: skip
    audit.record(conn, "export.components", f"{rows} components", after=after)


class _Book:
    """How rows of the store are written: the catalogue's names, the city's or the nation's codes."""

    def __init__(self, known: Sequence[Subclass], *, national_codes: bool, details: bool) -> None:
        components = [subclass for subclass in known if subclass.kind == "component"]
        self._subclasses = {subclass.subclass_code: subclass for subclass in components}
        self._classes = {subclass.class_code: subclass.class_zh for subclass in components}
        self._national = national_codes
        self._without: dict[str, int] = {}
        self._foreign = 0
        columns = COLUMNS + NATIONAL_COLUMNS if national_codes else COLUMNS
        hidden: frozenset[str] = frozenset() if details else DETAILS if national_codes else DETAILS | {names.UNIT_GRID}
        self._left_out = [name for name in columns if name in hidden]
        self.schema = pa.schema([(name, pa.string()) for name in columns if name not in hidden])

    def batch(self, rows: export.Rows) -> pa.RecordBatch:
        given = dict(zip(COMPONENT_COLUMNS, zip(*rows, strict=True), strict=True))
        columns: dict[str, Sequence[Any]] = {name: given[source] for name, source in SAME.items()}
        own = given["subclass_code"]
        columns[names.OBJECT_NAME] = [self._name(code) for code in own]
        columns[names.STATE] = [STATES_ZH.get(state, state) for state in given["state"]]
        if self._national:
            columns |= self._national_columns(own, given["component_code"])
        arrays = [pa.array(columns[name], pa.string()) for name in self.schema.names]
        arrays += [pa.array(given["attributes"], pa.string()), pa.array(given["geometry"], pa.binary())]
        return pa.RecordBatch.from_arrays(arrays, names=[*self.schema.names, ATTRIBUTES, GEOMETRY])

    def _name(self, code: str) -> str | None:
        subclass = self._subclasses.get(code)
        return subclass.subclass_zh if subclass else None

    def _national_columns(self, own: Sequence[str], object_codes: Sequence[str]) -> Mapping[str, Sequence[Any]]:
        written = [self._national_code(code) for code in own]
        for code, national, object_code in zip(own, written, object_codes, strict=True):
            if national is None:
                self._without[code] = self._without.get(code, 0) + 1
            elif object_code[6:10] != national:
                self._foreign += 1
        codes = [national or code for national, code in zip(written, own, strict=True)]
        return {
            names.SUBCLASS: codes,
            names.OWN_CODE: own,
            names.CODE_BASIS: [NATIONAL if national else OWN for national in written],
            names.CLASS_CODE: [code[:2] for code in codes],
            names.CLASS_NAME: [self._classes.get(code[:2]) for code in codes],
        }

    def _national_code(self, code: str) -> str | None:
        subclass = self._subclasses.get(code)
        return subclass.national_code if subclass else None

    def notes(self) -> tuple[Note, ...]:
        return tuple(self._notes())

    def _notes(self) -> Iterator[Note]:
        if self._left_out:
            yield Note(
                column=", ".join(self._left_out), zh="没有查看权限，这些列和其他属性未写出",
                en="these columns and other attributes are left out: the account may not see them",
            )  # fmt: skip
        if self._without:
            said = ", ".join(f"{code} {self._name(code) or ''}".strip() for code in sorted(self._without))
            rows = sum(self._without.values())
            yield Note(
                column=names.SUBCLASS,
                zh=f"{rows} 个部件的小类没有国家标准代码，仍用本市代码：{said}",
                en=f"{rows} components are of subclasses without a national code, and keep the city's: {said}",
            )
        if self._foreign:
            yield Note(
                column=names.OBJECT_CODE,
                zh=f"{self._foreign} 个部件标识码的第 7—10 位不是国家标准小类代码；标识码保持原样",
                en=f"{self._foreign} component codes hold other digits at 7 to 10 than the national subclass code; "
                "codes stay as they are",
            )
