"""`gridsvc areas`: every deed as a draft, its preview, putting it in force now or later, history, taking back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely

from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection, connect
from tests.areas.desk import COMMUNITY, TOWN, put_desk, put_lamp, unit
from tests.cli.commands import Gridsvc
from tests.sketch import frame


@pytest.fixture
def desk(database: str) -> Iterator[Connection]:
    """Committed, and taken away again."""
    with connect(database) as conn:
        put_desk(conn, the_city(conn))
        yield conn
        conn.execute("TRUNCATE component, area, area_revision, area_draft, area_kind RESTART IDENTITY CASCADE")


def codes(desk: Connection, kind: str = "unit_grid") -> list[str]:
    return [row[0] for row in desk.execute("SELECT code FROM area WHERE kind = %s AND current ORDER BY code", [kind])]


def test_the_whole_way(gridsvc: Gridsvc, desk: Connection) -> None:
    put_lamp(desk, the_city(desk), "1")
    made = gridsvc("areas", "merge", "unit_grid", unit(1), unit(2))
    assert made.out == "draft 5 of unit_grid: 3 areas; `gridsvc areas preview 5` shows what changes\n"
    assert "draft 5: merge, 3 unit_grid" in gridsvc("areas", "list").out
    told = gridsvc("areas", "preview", 5).out.splitlines()
    assert told == [
        "unit_grid: 1 begin, 2 end, 0 change shape",
        "components: 1 of 1 change areas, 0 come to lie on an edge",
        "open cases: 0 change areas, 0 would have another department",
        "duties: 0 rules name areas that end; accounts: 0; people on duty: 0",
    ]
    assert gridsvc("areas", "preview", 5, "--json").json["kinds"][0]["end"] == [unit(1), unit(2)]
    done = gridsvc("areas", "apply", 5)
    assert done.out == "draft 5 is in force as revision 5: 3 areas changed, 1 components changed areas\n"
    assert unit(9) in codes(desk)
    assert gridsvc("areas", "history").out.splitlines()[0].startswith("revision 5: merge unit_grid, 1 begun, 2 ended")
    assert gridsvc("areas", "reverse", 5).code == 0
    assert gridsvc("areas", "apply", 6, "--cases", "keep").code == 0
    assert codes(desk) == [unit(n) for n in range(1, 9)]


def test_a_day_to_come_is_kept_and_called_off(gridsvc: Gridsvc, desk: Connection) -> None:
    gridsvc("areas", "split", "unit_grid", unit(1), "--parts", 2)
    late = gridsvc("areas", "apply", 5, "--at", "2020-01-01")
    assert late.code == 1
    assert "areas cannot change in the past (2020-01-01 00:00 CST)" in late.err
    done = gridsvc("areas", "apply", 5, "--at", "2099-01-01")
    assert done.out.startswith("draft 5 will be in force from 2099-01-01 00:00 CST as revision 5: 3 areas changed")
    assert codes(desk) == [unit(n) for n in range(1, 9)]
    assert "(yet to come)" in gridsvc("areas", "history").out
    assert gridsvc("areas", "call-off", 5).out == "revision 5 will not come\n"
    assert "(called off)" in gridsvc("areas", "history").out
    assert gridsvc("areas", "call-off", 5).code == 1


def test_grids_are_drawn_along_a_file_of_streets(gridsvc: Gridsvc, desk: Connection, tmp_path: Path) -> None:
    streets = tmp_path / "streets.geojson"
    frame([TOWN.line("fj"), TOWN.line("cm")]).to_crs(4326).to_file(streets)
    made = gridsvc("areas", "draft", "--within", COMMUNITY, "--lines", streets, "--json").json
    assert (made["deed"], made["kind"]) == ("draw", "unit_grid")
    drawn = desk.execute("SELECT geom FROM area_draft_row WHERE draft_id = %s AND geom IS NOT NULL", [made["id"]])
    shapes = shapely.from_wkb([row[0] for row in drawn])
    assert not shapely.crosses(TOWN.line("fj"), shapes).any()
    assert gridsvc("areas", "drop", made["id"]).out == f"draft {made['id']} is gone\n"
    assert gridsvc("areas", "drop", made["id"]).code == 1
    polygons = tmp_path / "blocks.geojson"
    frame([TOWN.polygon("abgf")]).to_file(polygons)
    said = gridsvc("areas", "draft", "--lines", polygons)
    assert (said.code, said.err) == (1, "gridsvc: blocks.geojson: it holds no LineString\n")


def test_the_other_deeds(gridsvc: Gridsvc, desk: Connection) -> None:
    assert gridsvc("areas", "retire", "unit_grid", unit(8)).code == 0
    assert gridsvc("areas", "renumber", "unit_grid", "--within", COMMUNITY).code == 0
    split = gridsvc("areas", "split", "responsibility_grid", "--into", "sub_grid", "--by", "components", "--json").json
    assert (split["areas"], split["note"]) == (4, "1 responsibility_grid → 4 sub_grid, components")
    aligned = gridsvc("areas", "realign", "patrol_grid", "--to", "unit_grid")
    assert (aligned.code, aligned.err) == (1, "gridsvc: this changes no area of patrol_grid\n")
    assert len(codes(desk)) == 8
