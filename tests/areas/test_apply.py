"""A draft becomes a revision: the old areas end where the new begin, and the inventory follows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from gridsvc.areas.apply import ALWAYS, apply_draft
from gridsvc.casework.intake import take_in
from gridsvc.errors import ConflictError, InputError, NotFoundError
from gridsvc.maps.figures import statistics_by
from gridsvc.maps.reports import Chosen, draw_grid
from gridsvc.store import areas, components, drafts, statistics
from gridsvc.store.areas import AsOf
from gridsvc.store.casework import ReportFilter
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.locating import SqlLocator
from tests import made
from tests.sketch import Sketch

TOWN = Sketch(
    """
    a . b . c . d
    . 1 . 2 . 3 .
    e . f . g . h
    """,
    step=100,
)
GRID = made.kind("responsibility_grid")
WEST_EAST = {"W": TOWN.polygon("acge"), "E": TOWN.polygon("cdhg")}
MOVED = {"W": TOWN.polygon("abfe"), "E": TOWN.polygon("bdhf")}


def draft(conn: Connection, city: City, shapes: dict[str, object], kind: str = GRID.kind) -> int:
    draft_id = drafts.add_draft(conn, kind, None, "test")
    drafts.fill_draft(conn, draft_id, city.srid, [(code, code, code, None, shape) for code, shape in shapes.items()])
    return draft_id


def grid_at(conn: Connection, city: City, mark: str, at: datetime) -> str | None:
    x, y = TOWN.xy(mark)
    location = SqlLocator(conn, city.srid).locate(np.array([x]), np.array([y]), [at])[0]
    return location.hits[GRID.kind].code if GRID.kind in location.hits else None


def put_component(conn: Connection, mark: str) -> int:
    conn.execute(
        "INSERT INTO import_batch (layer, target, file_name, sha256, state)"
        " VALUES ('l', 'components', 'f', 'h', 'promoted')"
    )
    x, y = TOWN.xy(mark)
    row = conn.execute(
        "INSERT INTO component (component_code, code_scheme, subclass_code, state, batch_id, geom)"
        " SELECT %s, 'x', '0599', 'intact', max(id), ST_SetSRID(ST_MakePoint(%s, %s), 4544) FROM import_batch"
        " RETURNING id",
        [f"C{mark}", x, y],
    ).fetchone()
    assert row is not None
    return int(row[0])


def grid_of(conn: Connection, component: int) -> list[str]:
    rows = conn.execute("SELECT code FROM area, component c WHERE area.id = ANY(c.area_ids) AND c.id = %s", [component])
    return [code for (code,) in rows]


def test_the_first_areas_count_since_ever(conn: Connection, town: City) -> None:
    areas.declare_kinds(conn, [GRID])
    done = apply_draft(conn, draft(conn, town, WEST_EAST))
    assert (done.revision, done.areas, done.kind) == (1, 2, GRID.kind)
    assert grid_at(conn, town, "2", ALWAYS) == "W"


def test_new_areas_end_the_old_ones_and_an_older_time_still_finds_them(conn: Connection, town: City) -> None:
    made.put_areas(conn, town, GRID, WEST_EAST)
    change = datetime.now(UTC) - timedelta(days=2)
    done = apply_draft(conn, draft(conn, town, MOVED), change)
    assert done.revision == 2
    assert grid_at(conn, town, "2", change - timedelta(seconds=1)) == "W"
    assert grid_at(conn, town, "2", change) == "E"
    rows = conn.execute("SELECT code, valid_from, valid_to, revision FROM area ORDER BY id").fetchall()
    assert rows[:2] == [("W", ALWAYS, change, 1), ("E", ALWAYS, change, 1)]
    assert rows[2:] == [("W", change, None, 2), ("E", change, None, 2)]


def test_components_get_the_new_areas(conn: Connection, town: City) -> None:
    first, middle = put_component(conn, "1"), put_component(conn, "2")
    assert apply_town(conn, town, WEST_EAST) == 2
    assert (grid_of(conn, first), grid_of(conn, middle)) == (["W"], ["W"])
    assert apply_town(conn, town, MOVED) == 2
    assert (grid_of(conn, first), grid_of(conn, middle)) == (["W"], ["E"])
    assert apply_town(conn, town, {"E": TOWN.polygon("bdhf")}) == 1  # E stays the area that it is
    assert (grid_of(conn, first), grid_of(conn, middle)) == ([], ["E"])


def apply_town(conn: Connection, town: City, shapes: dict[str, object]) -> int:
    areas.declare_kinds(conn, [GRID])
    return apply_draft(conn, draft(conn, town, shapes)).reassigned


def test_a_draft_cannot_be_applied_twice(conn: Connection, town: City) -> None:
    areas.declare_kinds(conn, [GRID])
    once = draft(conn, town, WEST_EAST)
    apply_draft(conn, once)
    with pytest.raises(ConflictError, match=rf"draft {once} was applied already, as revision 1"):
        apply_draft(conn, once)


def test_a_draft_from_before_another_change_is_refused(conn: Connection, town: City) -> None:
    made.put_areas(conn, town, GRID, WEST_EAST)
    early = draft(conn, town, MOVED)
    made.put_areas(conn, town, made.kind("block"), {"B": TOWN.polygon("adhe")})
    apply_draft(conn, draft(conn, town, MOVED))
    before = components.current_checksum(conn)
    with pytest.raises(ConflictError, match="made at revision 1, but revision 3 changed responsibility_grid since"):
        apply_draft(conn, early)
    assert components.current_checksum(conn) == before


def test_a_draft_from_before_its_parents_changed_is_refused(conn: Connection, town: City) -> None:
    made.put_areas(conn, town, GRID, WEST_EAST)
    areas.declare_kinds(conn, [made.kind("sub_grid", parent=GRID.kind)])
    parts = draft(conn, town, {"W-1": TOWN.polygon("acge")}, "sub_grid")
    apply_draft(conn, draft(conn, town, MOVED))
    with pytest.raises(ConflictError, match="revision 2 changed responsibility_grid since"):
        apply_draft(conn, parts)


def test_other_drafts_do_not_stand_in_the_way(conn: Connection, town: City) -> None:
    areas.declare_kinds(conn, [GRID])
    grids = draft(conn, town, WEST_EAST)
    made.put_areas(conn, town, made.kind("block"), {"B": TOWN.polygon("adhe")})
    assert apply_draft(conn, grids).revision == 2


def test_drafts_that_cannot_be_applied(conn: Connection, town: City) -> None:
    areas.declare_kinds(conn, [GRID])
    with pytest.raises(NotFoundError, match="draft 999999 does not exist; `gridsvc areas list`"):
        apply_draft(conn, 999_999)
    with pytest.raises(InputError, match="holds no areas"):
        apply_draft(conn, draft(conn, town, {}))
    change = datetime.now(UTC) - timedelta(days=2)
    apply_draft(conn, draft(conn, town, WEST_EAST), change)
    with pytest.raises(InputError, match="the responsibility_grid areas that it replaces count from"):
        apply_draft(conn, draft(conn, town, MOVED), change)


def counts(conn: Connection, city: City, **when: Any) -> dict[str, int]:
    """Reports by the areas of the map, which are those of the statistics."""
    rows = statistics.area_counts(conn, ReportFilter(), GRID.kind, AsOf(**when))
    found = {row["code"]: int(row["count"]) for row in rows}
    told = statistics_by(conn, city, Chosen(when=AsOf(**when)), "area", GRID.kind)["rows"]
    assert {row["key"]: row["reports"] for row in told} == {code: n for code, n in found.items() if n}
    return found


def test_maps_count_reports_by_the_areas_that_hold_them_today(conn: Connection, town: City) -> None:
    made.put_areas(conn, town, GRID, WEST_EAST)
    made.put_channel(conn)
    reports = [made.report(f"{mark}{n}", TOWN.lonlat(mark)) for mark in "123" for n in range(int(mark))]
    take_in(conn, town, [*reports, made.report("nowhere")])
    assert counts(conn, town) == {"W": 3, "E": 3}
    apply_draft(conn, draft(conn, town, MOVED))
    assert counts(conn, town) == {"W": 1, "E": 5}
    apply_draft(conn, draft(conn, town, {"all": TOWN.polygon("adhe")}))
    assert counts(conn, town) == {"all": 6}
    for revision, expected in enumerate([{"W": 3, "E": 3}, {"W": 1, "E": 5}, {"all": 6}], start=1):
        assert counts(conn, town, revision=revision) == expected
    assert counts(conn, town, at=ALWAYS) == {"W": 3, "E": 3}
    own = "SELECT DISTINCT valid_to IS NULL FROM area, report WHERE area.id = ANY(report.area_ids)"
    assert conn.execute(own).fetchall() == [(False,)]


def test_a_report_of_old_comes_into_the_areas_of_today(conn: Connection, town: City) -> None:
    made.put_areas(conn, town, GRID, WEST_EAST)
    made.put_channel(conn)
    apply_draft(conn, draft(conn, town, MOVED), made.NOON + timedelta(days=1))
    take_in(conn, town, [made.report("old", TOWN.lonlat("2")), made.report("nowhere")])
    assert counts(conn, town) == {"W": 0, "E": 1}
    then = conn.execute("SELECT code FROM area, report WHERE area.id = ANY(report.area_ids)").fetchall()
    assert then == [("W",)]


def test_a_map_of_another_time_draws_its_areas_and_says_so(conn: Connection, town: City) -> None:
    made.put_areas(conn, town, GRID, WEST_EAST)
    apply_draft(conn, draft(conn, town, {"all": TOWN.polygon("adhe")}), made.NOON)

    def drawn(**when: Any) -> str:
        return draw_grid(conn, town, Chosen(by=GRID.kind, when=AsOf(**when)), "en")

    old, new = drawn(revision=1), drawn()
    assert ("Area W" in old, "Area W" in new, "Areas revision 1" in old) == (True, False, True)
    dated = drawn(at=made.NOON - timedelta(days=1))
    assert ("Area W" in dated, "Areas of 2026-05-31 12:00" in dated) == (True, True)
    with pytest.raises(NotFoundError, match="areas have no revision 9"):
        drawn(revision=9)
    with pytest.raises(InputError, match="at and revision go with by=area"):
        statistics_by(conn, town, Chosen(when=AsOf(revision=1)), "day", None)
