"""A town in which cases live: patrol grids with inspectors, a tree of departments, somebody for every role."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from gridsvc.casework.intake import take_in
from gridsvc.casework.life import move_case
from gridsvc.casework.life_reports import move_report
from gridsvc.domain.access import Role
from gridsvc.domain.case_states import CASE_MOVES
from gridsvc.domain.cases import Asked
from gridsvc.domain.departments import Department
from gridsvc.store import city as store
from gridsvc.store import rosters
from gridsvc.store.callers import Caller, name_caller, take_role
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.permissions import CALLER
from gridsvc.store.rosters import NewEntry
from tests import made
from tests.accounts import put_account
from tests.domain.lives import GIVEN, PARENTS
from tests.sketch import Sketch

TOWN = Sketch("""
    a . . b . . c
    . 1 . . . 2 .
    . . . . . . .
    d . . e . . f . 9
""")
PEOPLE: dict[str, tuple[Role, str | None]] = {
    "clerk": (Role.INTAKE_CLERK, None), "leader": (Role.SHIFT_LEADER, None), "dispatcher": (Role.DISPATCHER, None),
    "inspector": (Role.INSPECTOR, None), "second": (Role.INSPECTOR, None), "member": (Role.GRID_MEMBER, "street"),
    "analyst": (Role.ANALYST, None),
    **{code: (Role.DEPARTMENT_HANDLER, code) for code in PARENTS},
}  # fmt: skip
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def build(conn: Connection, town: City) -> None:
    """Litter (0110) in W is the district's; in E of another department in the lane of the grid; `inspector` walks W."""
    kind = made.kind("patrol_grid")
    made.put_areas(conn, town, kind, {"W": TOWN.polygon("abed"), "E": TOWN.polygon("bcfe")})
    store.declare_departments(
        conn,
        [
            Department(code=code, name_zh=code, name_en=code, parent=parent, level="unit", on_platform=True)
            for code, parent in PARENTS.items()
        ],
    )
    made.put_channel(conn)
    made.put_channel(conn, "app", confirmed=False)
    made.put_rules(
        conn,
        made.rule("district", area_kind="patrol_grid", area_code="W"),
        made.rule("other", area_kind="patrol_grid", area_code="E"),
    )
    for name, (role, department) in PEOPLE.items():
        put_account(conn, name, role, department=department, whole_city=role is not Role.DEPARTMENT_HANDLER)
    put_account(conn, "easterner", Role.INSPECTOR, areas=("patrol_grid:E",))
    rosters.add_entries(conn, [_walks("inspector", "W")])


def _walks(account: str, code: str) -> NewEntry:
    return NewEntry(
        area_kind="patrol_grid", area_code=code, post="inspector", service="", person=account, phone=None,
        department=None, account=account, valid_from=LONG_AGO, valid_to=None, source="test",
    )  # fmt: skip


def become(conn: Connection, name: str) -> Caller:
    """The connection is this account's from here on."""
    conn.execute("RESET ROLE")
    caller = name_caller(conn, name, "", "")
    take_role(conn, CALLER)
    return caller


def owner_again(conn: Connection) -> None:
    conn.execute("RESET ROLE")


def put_case(conn: Connection, town: City, external_id: str = "a", mark: str = "1", **given: Any) -> int:
    """An open case at a mark; its number."""
    owner_again(conn)
    now = datetime.now(UTC)
    report = made.report(external_id, TOWN.lonlat(mark), **{"reported_at": now, **given})
    taken = take_in(conn, town, [report])
    assert taken.registered == 1, taken
    row = conn.execute("SELECT id FROM cases WHERE report_id = %s", [report.id]).fetchone()
    assert row is not None
    return int(row[0])


def put_report(conn: Connection, town: City, external_id: str = "a", mark: str | None = "1", **given: Any) -> UUID:
    """By a channel that does not confirm."""
    owner_again(conn)
    place = TOWN.lonlat(mark) if mark else None
    report = made.report(external_id, place, channel="app", reported_at=datetime.now(UTC), **given)
    take_in(conn, town, [report])
    return report.id


def version_of(conn: Connection, case_id: int) -> int:
    row = conn.execute("SELECT version FROM cases WHERE id = %s", [case_id]).fetchone()
    assert row is not None
    return int(row[0])


def state_of(conn: Connection, case_id: int) -> tuple[str, str | None]:
    """State and department."""
    row = conn.execute("SELECT state, department FROM cases WHERE id = %s", [case_id]).fetchone()
    assert row is not None
    return row[0], row[1]


def put_photo(conn: Connection, case_id: int) -> UUID:
    owner_again(conn)
    row = conn.execute(
        "INSERT INTO photo (report_id, shared_sha256, original_type)"
        " SELECT report_id, %s, 'image/jpeg' FROM cases WHERE id = %s RETURNING id",
        [uuid4().hex, case_id],
    ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


def go(conn: Connection, town: City, case_id: int, move: str, who: str, **given: Any) -> None:
    """By somebody who has seen everything so far."""
    owner_again(conn)
    version = given.pop("version", None) or version_of(conn, case_id)
    needs = {need.value: GIVEN[need] for need in CASE_MOVES.named(move).needs}
    caller = become(conn, who)
    move_case(conn, town, caller, case_id, Asked(move=move, given={**needs, **given}), version)


def go_report(conn: Connection, town: City, report_id: UUID, move: str, who: str, **given: Any) -> None:
    owner_again(conn)
    row = conn.execute("SELECT count(*) FROM report_step WHERE report_id = %s", [report_id]).fetchone()
    assert row is not None
    version = given.pop("version", row[0])
    caller = become(conn, who)
    move_report(conn, town, caller, report_id, Asked(move=move, given=given), version)
