"""Components and areas in lots, for files: what the caller of the connection may see."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gridsvc.store.areas import AsOf
from gridsvc.store.components import ComponentFilter
from gridsvc.store.connection import Connection
from gridsvc.store.queries import sql
from gridsvc.store.rows import value

LOT = 10_000
"""Rows that are fetched at a time."""

Rows = list[tuple[Any, ...]]

COMPONENT_COLUMNS = (
    "component_code", "subclass_code", "state", "authority", "authority_name", "owner", "owner_name", "maintainer",
    "maintainer_name", "position", "unit_grid", "surveyed_at", "changed_at", "data_source", "note", "attributes",
    "geometry",
)  # fmt: skip
"""Texts; the rest of the attributes as JSON, and WKB in the city's CRS."""
AREA_COLUMNS = ("code", "name_zh", "name_en", "parent_code", "area_m2", "attributes", "geometry")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Components that touch a box, of a subclass, in one of some areas."""

    base: ComponentFilter
    areas: tuple[str, ...] = ()
    """As `kind:code`, for the record."""
    area_ids: tuple[int, ...] | None = None
    """None: wherever they are."""
    retired: bool = False
    """Those that were removed or abandoned too."""


@dataclass(frozen=True, kw_only=True)
class AreaSelection:
    """Areas of a kind, and which."""

    kind: str
    when: AsOf


def component_rows(conn: Connection, srid: int, chosen: Selection, *, fill_grid: bool) -> Iterator[Rows]:
    """Lots of rows as COMPONENT_COLUMNS, by code; needs an open transaction.

    `fill_grid`: a component that names no unit grid gets the one that it stands in.
    """
    ids = list(chosen.area_ids) if chosen.area_ids is not None else None
    return _lots(
        conn, "export_components", fill_grid=fill_grid, retired=chosen.retired, area_ids=ids, **chosen.base.values(srid)
    )


def area_rows(conn: Connection, chosen: AreaSelection) -> Iterator[Rows]:
    """Lots of rows as AREA_COLUMNS, by code; needs an open transaction."""
    return _lots(conn, "export_areas", kind=chosen.kind, **chosen.when.values())


def area_id(conn: Connection, kind: str, code: str) -> int | None:
    return value(conn, "area_id_of", kind=kind, code=code)  # type: ignore[no-any-return]


def _lots(conn: Connection, name: str, /, **given: Any) -> Iterator[Rows]:
    with conn.cursor(name=name) as cursor:
        cursor.execute(sql(name), given, binary=True)
        while rows := cursor.fetchmany(LOT):
            yield rows
