"""A small town to ask about: two grids, one litter department each, 25 reports."""

from datetime import timedelta

from gridsvc.casework.intake import take_in
from gridsvc.domain.reports import Report
from gridsvc.store import channels
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests import made
from tests.sketch import Sketch

TOWN = Sketch(
    """
    a . . b . . c
    . 1 . . . 2 .
    . . . . . . .
    d . . e . . f . 9
""",
    step=100,
)
REPORTS = 25
"""10 in the west, 10 in the east, 3 outside, 1 without a place, 1 of a category that is not mapped."""


def build(database: str) -> None:
    with connect(database) as conn, conn.transaction():
        town = the_city(conn)
        made.put_areas(conn, town, made.kind("grid"), {"w": TOWN.polygon("abed"), "e": TOWN.polygon("bcfe")})
        made.put_departments(conn, "west", "east")
        made.put_channel(conn)
        made.put_channel(conn, "public", confirmed=False)
        made.put_rules(
            conn,
            made.rule("west", area_kind="grid", area_code="w"),
            made.rule("east", area_kind="grid", area_code="e"),
        )
        words = {"channel": "hotline", "category": "LITTER", "name_zh": "垃圾", "name_en": "Litter"}
        channels.declare_categories(conn, [{**words, "kind": "event", "subclass_code": "0110"}])
        take_in(conn, town, reports())


def reports() -> list[Report]:
    """Every second one in the west is closed; the last in the east came by the channel that does not confirm."""
    west = [
        made.report(f"w{n}", TOWN.lonlat("1"), reported_at=made.NOON + timedelta(days=n),
                    closed_at=made.NOON + timedelta(days=30) if n % 2 else None)
        for n in range(10)
    ]  # fmt: skip
    east = [made.report(f"e{n}", TOWN.lonlat("2"), channel="public" if n == 9 else "hotline") for n in range(10)]
    outside = [made.report(f"o{n}", TOWN.lonlat("9")) for n in range(3)]
    unmapped = made.report("u", TOWN.lonlat("1"), kind=None, subclass_code=None, category="NEVER HEARD OF")
    return [*west, *east, *outside, made.report("n"), unmapped]
