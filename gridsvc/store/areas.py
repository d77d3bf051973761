"""Areas: their kinds, those in force, and what is asked of them one by one."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.reports import check_moment
from gridsvc.errors import InputError, NotFoundError
from gridsvc.store.boxes import box_sides
from gridsvc.store.connection import Connection
from gridsvc.store.rows import binary_dicts, binary_tuples, dicts, execute_many, objects, value, values


@dataclass(frozen=True, kw_only=True)
class Area:
    id: int
    kind: str
    code: str
    name_zh: str
    name_en: str
    parent_code: str | None
    area_m2: float
    geom: Any
    """Shapely MultiPolygon in the city's CRS."""


@dataclass(frozen=True, kw_only=True)
class AsOf:
    """Which areas count: those in force now, those in force at a moment, or those that a revision left."""

    at: datetime | None = None
    revision: int | None = None

    def __post_init__(self) -> None:
        if self.revision is not None and self.at is not None:
            raise InputError("say a revision or a moment, not both", zh="版本号与时间只能指定一项")
        if self.at is not None:
            check_moment("at", self.at)

    @property
    def is_now(self) -> bool:
        return self.at is None and self.revision is None

    def values(self) -> dict[str, Any]:
        """For queries that ask `is_as_of`."""
        return {"at": self.at, "revision": self.revision}


NOW = AsOf()


def known(conn: Connection, when: AsOf) -> AsOf:
    """The same; NotFoundError for a revision that there is not."""
    newest = current_revision(conn) if when.revision is not None else 0
    if when.revision is not None and not 1 <= when.revision <= newest:
        raise NotFoundError(
            f"areas have no revision {when.revision}; the newest is {newest}",
            zh=f"没有版本 {when.revision}，最新版本为 {newest}",
        )
    return when


def kinds(conn: Connection) -> list[AreaKind]:
    return objects(conn, AreaKind, "area_kinds")


def kinds_in_use(conn: Connection) -> list[AreaKind]:
    return objects(conn, AreaKind, "kinds_in_use")


def declare_kinds(conn: Connection, rows: Iterable[AreaKind]) -> None:
    execute_many(conn, "declare_area_kind", map(dataclasses.asdict, rows))


def current_revision(conn: Connection) -> int:
    return int(value(conn, "current_revision"))


def areas_in_force(conn: Connection, kind: str) -> list[Area]:
    return _areas(binary_dicts(conn, "areas_in_force", kind=kind))


def newest_areas(
    conn: Connection, kind: str, *, codes: Sequence[str] | None = None, parents: Sequence[str] | None = None,
    box: Sequence[float] | None = None,
) -> list[Area]:  # fmt: skip
    """What drafts begin from: those whose time is yet to come included. Of these codes, in these parents, in a box."""
    given = {"codes": None if codes is None else list(codes), "parents": None if parents is None else list(parents)}
    return _areas(binary_dicts(conn, "newest_areas", kind=kind, **given, **box_sides(box)))


def newest_shapes(conn: Connection, kind: str, box: Sequence[float]) -> tuple[list[str], NDArray[Any]]:
    """Codes and shapes alone of the same areas in a box."""
    rows = binary_tuples(conn, "newest_shapes", kind=kind, **box_sides(box))
    return [code for code, _ in rows], shapely.from_wkb(np.array([shape for _, shape in rows], dtype=object))


def _areas(rows: list[dict[str, Any]]) -> list[Area]:
    shapes = shapely.from_wkb([row.pop("geom") for row in rows])
    return [Area(**row, geom=shape) for row, shape in zip(rows, shapes, strict=True)]


def codes_ever(conn: Connection, kind: str, prefix: str = "") -> set[str]:
    """Codes that areas of a kind have or had: they are not given out again."""
    return set(values(conn, "codes_ever", kind=kind, prefix=prefix))


def area_count(conn: Connection, kind: str, when: AsOf = NOW) -> int:
    return int(value(conn, "area_count", kind=kind, **when.values()))


def areas_page(conn: Connection, kind: str, when: AsOf = NOW, *, limit: int, offset: int) -> list[dict[str, Any]]:
    return dicts(conn, "areas_page", kind=kind, limit=limit, offset=offset, **when.values())


def area_tile(conn: Connection, srid: int, kind: str, z: int, x: int, y: int, when: AsOf = NOW) -> bytes:
    """A vector tile of areas of a kind."""
    return bytes(value(conn, "area_tile", srid=srid, kind=kind, z=z, x=x, y=y, **when.values()))


def last_change_of_kind(conn: Connection, kind: str) -> int:
    """The newest revision that changed areas of a kind, begun or not."""
    return int(value(conn, "last_change_of_kind", kind=kind))


def revisions_to_begin(conn: Connection, newest: int) -> list[int]:
    """Whose time is yet to come, up to this one."""
    return values(conn, "revisions_to_begin", newest=newest)


def newest_change(conn: Connection) -> datetime | None:
    """From when the areas of today count; None if there are none."""
    return value(conn, "newest_change")  # type: ignore[no-any-return]
