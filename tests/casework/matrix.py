"""A town of two grids in one district, five departments, and rules by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection
from tests import made
from tests.sketch import Sketch

TOWN = Sketch("""
    a . . . b . . . c
    . 1 . . . . . 2 .
    . . . . . . . . .
    d . . . e . . . f
""")


DISTRICT = "510799"


@dataclass(frozen=True)
class Row:
    """As a file's reader gives it."""

    number: int
    cells: Mapping[str, str]


def rows(*cells: dict[str, str]) -> list[Row]:
    """Numbered as in a file with a header."""
    return [Row(number=n, cells=each) for n, each in enumerate(cells, start=2)]


def given(lead: str = "west", **cells: str) -> dict[str, str]:
    """A duty for event 0110 in the whole city, as a row says it, unless something else is said."""
    return {"kind": "event", "subclass_code": "0110", "lead": lead, **cells}


def build(conn: Connection) -> City:
    town = the_city(conn)
    district = made.kind("district", specificity=10, name_zh="区")
    made.put_areas(conn, town, district, {DISTRICT: TOWN.polygon("acfd")})
    grids: dict[str, Any] = {"w": TOWN.polygon("abed"), "e": TOWN.polygon("bcfe")}
    made.put_areas(conn, town, made.kind("grid", specificity=30), grids)
    made.put_departments(conn, "west", "east", "owner", "bureau", "fallback")
    made.put_channel(conn)
    return town
