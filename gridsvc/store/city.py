"""The city, its catalogue and its departments."""

import dataclasses
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from gridsvc.domain.catalogue import Subclass, TimeLimit
from gridsvc.domain.departments import Department
from gridsvc.errors import SetupError
from gridsvc.store.connection import Connection
from gridsvc.store.rows import copy_in, execute, execute_many, objects, tuples, value

STANDARD = "standard"
"""Title of the catalogue's version 1."""


@dataclass(frozen=True, kw_only=True)
class City:
    name_zh: str
    name_en: str
    srid: int
    district_code: str
    time_zone: str
    heat_kind: str | None
    synthetic: bool
    fallback_department: str | None = None
    """Acts first while the owner of a component is not known; None: the duty matrix decides."""


def find_city(conn: Connection) -> City | None:
    if not value(conn, "has_city_table"):
        return None
    rows = objects(conn, City, "city")
    return rows[0] if rows else None


def the_city(conn: Connection) -> City:
    city = find_city(conn)
    if city is None:
        raise SetupError("this database holds no city yet: run `gridsvc init --crs EPSG:n` first")
    return city


def add_city(conn: Connection, city: City) -> None:
    execute(conn, "add_city", **dataclasses.asdict(city))


def update_city(conn: Connection, city: City) -> None:
    execute(conn, "update_city", **dataclasses.asdict(city))


def projected(conn: Connection, srid: int, lon: float, lat: float) -> tuple[float, float]:
    """PostGIS's own projection of a point."""
    ((x, y),) = tuples(conn, "project_one", srid=srid, lon=lon, lat=lat)
    return x, y


def subclasses(conn: Connection) -> list[Subclass]:
    rows = objects(conn, Subclass, "subclasses")
    return [dataclasses.replace(s, geometry_allowed=tuple(s.geometry_allowed), aliases=tuple(s.aliases)) for s in rows]


def add_catalogue_version(
    conn: Connection, title: str, subclasses: list[Subclass], limits: dict[str, list[TimeLimit]] | None
) -> tuple[int, bool]:
    """Load a whole version unless its content is in force already; its number, and whether it is new.

    The standard's version is loaded once: it comes before those of the city.

    `limits` by profile; None takes over those of the version before.
    """
    checksum = hashlib.sha256(repr((subclasses, limits)).encode()).hexdigest()
    known = value(conn, "catalogue_checksum", checksum=checksum, once=STANDARD)
    if known is not None:
        return known, False
    version = value(conn, "add_catalogue_version", title=title, checksum=checksum)
    _copy_subclasses(conn, version, subclasses)
    if limits is None:
        execute(conn, "copy_limits", version=version)
    for profile, rows in (limits or {}).items():
        _copy_limits(conn, version, profile, rows)
    return version, True


def _copy_subclasses(conn: Connection, version: int, subclasses: Iterable[Subclass]) -> None:
    copy_in(
        conn,
        "COPY catalogue_subclass (version, kind, class_code, class_zh, class_en, subclass_code, subclass_zh,"
        " subclass_en, geometry, geometry_allowed, accuracy_class, source, national_code, cjt214_code, aliases)"
        " FROM STDIN",
        (
            (version, s.kind, s.class_code, s.class_zh, s.class_en, s.subclass_code, s.subclass_zh, s.subclass_en,
             s.geometry, list(s.geometry_allowed), s.accuracy_class, s.source, s.national_code, s.cjt214_code,
             list(s.aliases))
            for s in subclasses
        ),
    )  # fmt: skip


def _copy_limits(conn: Connection, version: int, profile: str, limits: Iterable[TimeLimit]) -> None:
    copy_in(
        conn,
        "COPY time_limit (version, profile, kind, subclass_code, condition_zh, condition_en, limit_value, limit_unit,"
        " closing_zh, source) FROM STDIN",
        (
            (version, profile, t.kind, t.subclass_code, t.condition_zh, t.condition_en, t.limit_value, t.limit_unit,
             t.closing_zh, t.source)
            for t in limits
        ),
    )  # fmt: skip


def departments(conn: Connection) -> list[Department]:
    return objects(conn, Department, "departments")


def declare_departments(conn: Connection, rows: Iterable[Department]) -> None:
    """Parents before children, or the tree's foreign key fails."""
    execute_many(conn, "declare_department", map(dataclasses.asdict, rows))
