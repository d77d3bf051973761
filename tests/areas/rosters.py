"""A town of two responsibility grids, four sub-grids and a patrol grid, and rosters for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridsvc.domain.areas import AreaKind
from gridsvc.store import areas, drafts
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.rosters import use_team
from tests import made
from tests.accounts import put_account
from tests.sketch import Sketch

TOWN = Sketch(
    """
    a . . b . . c
    g . . h . . i
    d . . e . . f
    """
)
GRIDS = {"G1": "abed", "G2": "bcfe"}
SUB_GRIDS = {"G1-1": "abhg", "G1-2": "ghed", "G2-1": "bcih", "G2-2": "hife"}
SERVICES = ("城管", "市政", "环卫", "园林", "水务", "供电", "燃气", "物业")
GRID = {"area_kind": "responsibility_grid", "area_code": "G1"}


@dataclass(frozen=True)
class Row:
    """As a file's reader gives it."""

    number: int
    cells: Mapping[str, str]


def put_grids(conn: Connection, town: City) -> None:
    """Responsibility grids, sub-grids below them, and one patrol grid; a department and an account.

    Who asks sees all of them.
    """
    kinds = {"responsibility_grid": ("责任网格", None), "sub_grid": ("子网格", "responsibility_grid"),
             "patrol_grid": ("监督员责任网格", None)}  # fmt: skip
    areas.declare_kinds(conn, [
        AreaKind(kind=kind, name_zh=zh, name_en=kind.replace("_", " "), parent=parent, must_tile=True)
        for kind, (zh, parent) in kinds.items()
    ])  # fmt: skip
    put(conn, town, "responsibility_grid", {code: (None, corners) for code, corners in GRIDS.items()})
    put(conn, town, "sub_grid", {code: (code[:2], corners) for code, corners in SUB_GRIDS.items()})
    put(conn, town, "patrol_grid", {"P1": (None, "acfd")})
    made.put_departments(conn, "HW")
    put_account(conn, "zhang", "grid_head", whole_city=True)
    conn.execute("SELECT set_config('gridsvc.whole_city', 'yes', true)")


def put(conn: Connection, town: City, kind: str, shapes: Mapping[str, tuple[str | None, str]]) -> None:
    draft = drafts.add_draft(conn, kind, None, "test")
    rows = [(code, code, code, parent, TOWN.polygon(corners)) for code, (parent, corners) in shapes.items()]
    drafts.fill_draft(conn, draft, town.srid, rows)
    made.apply_draft(conn, draft, made.ALWAYS)


def row(number: int = 2, **cells: Any) -> Row:
    return Row(number, {"post": "head", "person": "张三", **GRID, **cells})


def full(code: str = "G1", begin: int = 2) -> list[Row]:
    """A head and eight members."""
    rows = [row(begin, area_code=code, person=f"{code}长", phone=f"1{code}")]
    return rows + [
        row(begin + n, area_code=code, post="网格员", service=service, person=f"{code}{service}")
        for n, service in enumerate(SERVICES, start=1)
    ]


def use_loudi(conn: Connection) -> None:
    use_team(conn, "responsibility_grid", "loudi")
