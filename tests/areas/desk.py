"""A town for the grid desk: a community of unit grids, grids made of them, duties, reports and people."""

from typing import Any

from gridsvc.areas.apply import apply_draft
from gridsvc.casework.intake import take_in
from gridsvc.store import areas, drafts
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.sketch import Sketch

TOWN = Sketch(
    """
    a . b . c . d . e
    . 1 . 2 . 3 . 4 .
    f . g . h . i . j
    . 5 . 6 . 7 . 8 .
    k . l . m . n . o
    """,
    step=50,
)
COMMUNITY = "510799001001"
UNITS = {
    f"{COMMUNITY}00{n}": TOWN.polygon(corners)
    for n, corners in enumerate(("abgf", "bchg", "cdih", "deji", "fglk", "ghml", "hinm", "ijon"), start=1)
}
WEST, EAST = TOWN.polygon("achmkf"), TOWN.polygon("cejomh")
KINDS = {
    "community": made.kind("community", code_scheme="community", specificity=30),
    "unit_grid": made.kind("unit_grid", parent="community", code_scheme="unit_grid", specificity=60),
    "patrol_grid": made.kind("patrol_grid", made_of="unit_grid", must_tile=False, specificity=50),
    "responsibility_grid": made.kind("responsibility_grid", must_tile=False, specificity=40),
    "sub_grid": made.kind(
        "sub_grid", parent="responsibility_grid", made_of="unit_grid", must_tile=False, specificity=45
    ),
}


def unit(n: int) -> str:
    return f"{COMMUNITY}{n:03d}"


def put_desk(conn: Connection, town: City) -> None:
    """A community of eight unit grids in two rows, two patrol grids and one responsibility grid."""
    areas.declare_kinds(conn, KINDS.values())
    put(conn, town, "community", {COMMUNITY: (None, TOWN.polygon("aeok"))})
    put(conn, town, "unit_grid", {code: (COMMUNITY, shape) for code, shape in UNITS.items()})
    put(conn, town, "patrol_grid", {"W": (None, WEST), "E": (None, EAST)})
    put(conn, town, "responsibility_grid", {"Z1": (None, TOWN.polygon("aeok"))})


def put(conn: Connection, town: City, kind: str, shapes: dict[str, tuple[str | None, Any]]) -> None:
    draft = drafts.add_draft(conn, kind, None, "test")
    drafts.fill_draft(
        conn, draft, town.srid, [(c, f"{c}区", c, parent, shape) for c, (parent, shape) in shapes.items()]
    )
    apply_draft(conn, draft)


def put_duties(conn: Connection, **leads: str) -> None:
    """Event 0110 in the patrol grids W and E is done by these departments."""
    made.put_departments(conn, *sorted(set(leads.values())))
    rules = [made.rule(lead, area_kind="patrol_grid", area_code=code) for code, lead in leads.items()]
    made.put_rules(conn, *rules)


def put_case(conn: Connection, town: City, mark: str) -> int:
    """An open case at a mark; its number."""
    taken = take_in(conn, town, [made.report(mark, TOWN.lonlat(mark))])
    assert taken.registered == 1, taken
    row = conn.execute("SELECT max(id) FROM cases").fetchone()
    assert row is not None
    return int(row[0])


def lead_of(conn: Connection, case_id: int) -> str:
    row = conn.execute("SELECT lead FROM cases WHERE id = %s", [case_id]).fetchone()
    assert row is not None
    return str(row[0])


def steps_of(conn: Connection, case_id: int) -> list[tuple[str, str]]:
    return conn.execute("SELECT state, note FROM case_step WHERE case_id = %s ORDER BY step", [case_id]).fetchall()


def codes(conn: Connection, kind: str) -> list[str]:
    return [area.code for area in areas.areas_in_force(conn, kind)]


def put_lamp(conn: Connection, town: City, mark: str) -> None:
    made.put_component(conn, town, f"L{mark}", "0599", TOWN.point(mark))


def areas_of_lamp(conn: Connection, mark: str) -> set[str]:
    rows = conn.execute(
        "SELECT area.code FROM component JOIN area ON area.id = ANY(area_ids) WHERE component_code = %s", [f"L{mark}"]
    )
    return {code for (code,) in rows}


def move_border(conn: Connection, town: City) -> int:
    """A draft that gives unit grids 3 and 7 to the patrol grid in the west."""
    draft = drafts.add_draft(conn, "patrol_grid", None, "border", deed="draw", whole=False)
    moved = {"W": TOWN.polygon("adinkf"), "E": TOWN.polygon("dejoni")}
    drafts.fill_draft(conn, draft, town.srid, [(c, f"{c}区", c, None, shape) for c, shape in moved.items()])
    return draft
