"""A town in which everybody sees something else: two halves, two departments, components of every visibility."""

from dataclasses import dataclass

from gridsvc.access.visibility import set_visibility
from gridsvc.casework.intake import take_in
from gridsvc.domain.access import PUBLIC, Role
from gridsvc.domain.departments import Department
from gridsvc.store.city import City, declare_departments, the_city
from gridsvc.store.connection import Connection, connect
from tests import made
from tests.accounts import put_account, put_token
from tests.sketch import Sketch

TOWN = Sketch(
    """
    a . . b . . c
    . 1 3 . 4 2 .
    . . . . . . .
    d . . e . . f
""",
    step=100,
)
SUBCLASSES = {"0101": "staff", "0301": "public", "0150": "sensitive"}
"""Manhole cover, public toilet, surveillance camera."""
WEST, EAST = ("1", "3"), ("4", "2")
NAME, PHONE, WORDS = "Li Lei 李雷", "13900001234", "Call me at home, 13900001234"


@dataclass(frozen=True, kw_only=True)
class Who:
    """An account of the town; `half` are its areas of duty."""

    roles: tuple[str, ...]
    half: str
    department: str | None = None


WHO: dict[str, Who] = {
    **{role.value: Who(roles=(role,), half="all") for role in Role if role is not Role.DEPARTMENT_HANDLER},
    "handler-west": Who(roles=(Role.DEPARTMENT_HANDLER,), half="none", department="west"),
    "handler-head": Who(roles=(Role.DEPARTMENT_HANDLER,), half="none", department="head"),
    "inspector-west": Who(roles=(Role.INSPECTOR,), half="w"),
    "inspector-east": Who(roles=(Role.INSPECTOR,), half="e"),
    "gis-west": Who(roles=(Role.GIS_STAFF,), half="w"),
    "analyst-east": Who(roles=(Role.ANALYST,), half="e"),
    "nobody": Who(roles=(), half="all"),
}
"""Everybody but the public. `handler-head` stands above `west` and `east`."""


def build(database: str) -> dict[str, str | None]:
    """API tokens by name of account; None for the public."""
    with connect(database) as conn, conn.transaction():
        city = the_city(conn)
        made.put_areas(conn, city, made.kind("grid"), {"w": TOWN.polygon("abed"), "e": TOWN.polygon("bcfe")})
        _departments(conn)
        _components(conn, city)
        _reports(conn, city)
        return {PUBLIC: None, **{name: _account(conn, name, who) for name, who in WHO.items()}}


def _account(conn: Connection, name: str, who: Who) -> str:
    areas = () if who.half in ("all", "none") else (f"grid:{who.half}",)
    account_id = put_account(
        conn, name, *who.roles, areas=areas, department=who.department, whole_city=who.half == "all"
    )
    return put_token(conn, account_id)


def _departments(conn: Connection) -> None:
    rows = {"head": None, "west": "head", "east": "head"}
    declare_departments(
        conn,
        [
            Department(code=code, name_zh=code, name_en=code, parent=parent, level="unit", on_platform=True)
            for code, parent in rows.items()
        ],
    )
    made.put_channel(conn)
    made.put_rules(
        conn,
        made.rule("west", area_kind="grid", area_code="w"),
        made.rule("east", area_kind="grid", area_code="e"),
    )


def _components(conn: Connection, city: City) -> None:
    """One of each subclass at every mark; those in the west are owned by `west`."""
    for subclass, visibility in SUBCLASSES.items():
        set_visibility(conn, subclass, visibility)
    for mark in (*WEST, *EAST):
        half = "west" if mark in WEST else "east"
        for subclass in SUBCLASSES:
            made.put_component(conn, city, f"{mark}-{subclass}", subclass, TOWN.point(mark), owner=half)


def _reports(conn: Connection, city: City) -> None:
    """One at every mark, with somebody's name, phone and own words."""
    person = {"reporter_name": NAME, "reporter_phone": PHONE, "description": WORDS}
    take_in(conn, city, [made.report(f"report-{mark}", TOWN.lonlat(mark), **person) for mark in (*WEST, *EAST)])
