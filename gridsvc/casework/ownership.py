"""Ownership confirmation (确权): components for which the fallback department acts, and the owners that are found."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from gridsvc.domain.cells import GivenRow, Problem, Problems, WrongCellError, by_words, filled, refused, spelled, word
from gridsvc.files import OutLayer
from gridsvc.store import audit, city, ownership
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

COLUMNS: dict[str, tuple[str, ...]] = {
    "component_code": ("部件标识码", "部件编码", "编码", "code", "component code"),
    "owner": ("权属单位", "权属单位编码", "确权单位"),
}
"""Of each field what its column may be called, the usual Chinese and English name first."""
NEEDED = ("component_code", "owner")
HEADINGS = {
    "component_code": "部件标识码", "subclass_code": "小类", "owner": "权属单位", "maintainer": "养护单位",
    "authority": "主管部门", "position": "位置描述", "reports": "上报数", "open_cases": "在办案件数",
    "newest": "最近上报",
}  # fmt: skip
Told = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Found:
    """An owner that was found for a component."""

    row: int
    component_code: str
    owner: str


def ownership_page(conn: Connection, *, limit: int | None = None, offset: int = 0) -> Told:
    """Components that wait for an owner, the most reported first, and how many reports and open cases that concerns."""
    found = ownership.ownership_todo(conn)
    stop = None if limit is None else offset + limit
    return {
        "total": len(found),
        "reports": sum(one.reports for one in found),
        "open_cases": sum(one.open_cases for one in found),
        "components": [asdict(one) for one in found[offset:stop]],
    }


def ownership_layer(conn: Connection, town: City) -> OutLayer:
    """The same as a table, with an empty column for the owner to be filled in. That it was taken out is recorded."""
    found = ownership.ownership_todo(conn)
    columns = {zh: pa.array([_cell(getattr(one, name)) for one in found], pa.string()) for name, zh in HEADINGS.items()}
    audit.record(conn, "export.ownership", f"{len(found)} components", after={"rows": len(found)})
    return OutLayer(name="ownership", columns=columns, geometry=np.full(len(found), None, object), srid=town.srid)


def _cell(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    return None if value is None else str(value)


def read_owners(conn: Connection, file_name: str, rows: Sequence[GivenRow]) -> list[Found]:
    """Rows with an owner; those that are not filled in yet are left out. FileError names what is wrong with which."""
    today = datetime.now(UTC).date()
    there = [one for one in city.departments(conn) if one.retired_on is None or one.retired_on > today]
    departments = by_words((one.code, (one.code, one.name_zh, one.name_en)) for one in there)
    departments |= {spelled(one.code): one.code for one in there}
    problems = Problems()

    def read(row: GivenRow) -> Found | None:
        code = problems.tried(row, lambda cells: filled("component_code", "部件标识码", cells))
        given = row.cells.get("owner", "")
        if not given:
            return None
        owner = problems.tried(row, lambda _: _department(departments, given))
        return Found(row=row.number, component_code=code, owner=owner) if code and owner else None

    found = [one for row in rows if (one := read(row))]
    problems.told += _twice(found)
    if problems.told:
        raise refused(file_name, sorted(problems.told, key=lambda one: one.row))
    return found


def _department(departments: dict[str, str], given: str) -> str:
    code = word(departments, given)
    if code is None:
        raise WrongCellError(f"owner: no department is called {given!r}", f"权属单位：没有部门“{given}”")
    return code


def _twice(found: Sequence[Found]) -> list[Problem]:
    seen: dict[str, int] = {}
    return [
        Problem(
            row=one.row, en=f"{one.component_code} stands in row {seen[one.component_code]} already",
            zh=f"部件 {one.component_code} 已在第 {seen[one.component_code]} 行出现",
        )
        for one in found
        if seen.setdefault(one.component_code, one.row) != one.row
    ]  # fmt: skip
