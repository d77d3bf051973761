"""Damaged files, and what the check says of each: rule, severity, feature and place, and nothing else."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gridsvc.domain.findings import Finding
from gridsvc.errors import FileError
from gridsvc.ingest import staging
from gridsvc.ingest.check import check_batch
from gridsvc.ingest.desk import Desk, decide, receive
from gridsvc.ingest.layers import Layer
from gridsvc.store import areas, batches
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.ingest.damage import Make
from tests.ingest.damaged import GRID, NEXT_GRID, Damaged, Expected
from tests.ingest.damaged_areas import (
    CODES,
    EAST,
    FAULTS,
    GRIDS,
    HALVES,
    KILOMETRES,
    LAMPS_OF_GRIDS,
    WEST,
    WIDE,
    kilometres,
    lamps_of_grids,
    moved,
    of_grids,
    shifted,
)
from tests.ingest.damaged_files import NAMES, PLACED, READ, REFUSED, Refused, shapefile
from tests.ingest.damaged_rows import SHAPES, TEXTS
from tests.ingest.layers import TOWN, desk

UNIT_GRID = made.kind("unit_grid", code_scheme="unit_grid", parent="community", specificity=40)
GRAVE = ("error", "warning", "repaired")
TOWN_FILES = [TEXTS, SHAPES, *READ]


@pytest.fixture
def mapped(ready: Connection, town: City) -> Connection:
    """The town with two unit grids and a department."""
    grids = {GRID: TOWN.polygon("abed"), NEXT_GRID: TOWN.polygon("bcfe")}
    made.put_areas(ready, town, made.kind("unit_grid", code_scheme="unit_grid", specificity=40), grids)
    made.put_departments(ready, "LIGHT")
    return ready


def checked(conn: Connection, at: Desk, folder: Path, make: Make, layer: Layer) -> int:
    """The number of the batch."""
    folder.mkdir(exist_ok=True)
    batch_id = receive(conn, at, make(folder))
    decide(conn, at, batch_id, layer)
    check_batch(conn, at, batch_id)
    return batch_id


def findings(conn: Connection, city: City, folder: Path, make: Make, layer: Layer) -> list[Finding]:
    """All that a check finds, whether or not the file could be promoted."""
    return batches.findings_of(conn, checked(conn, desk(city, folder), folder, make, layer))


def staged(conn: Connection, city: City, folder: Path, make: Make, layer: Layer) -> Any:
    """The rows as they would be promoted."""
    at = desk(city, folder)
    return staging.rows(at.folder(checked(conn, at, folder, make, layer)))


def answers(finding: Finding, expected: Expected) -> bool:
    same = (finding.rule, finding.severity, finding.feature) == (expected.rule, expected.severity, expected.feature)
    return same and expected.words in finding.message and bool(finding.message_zh)


def assert_found(found: list[Finding], case: Damaged) -> None:
    told = "\n".join(f"{one.severity} {one.rule} {one.feature}: {one.message}" for one in found)
    for expected in case.found:
        matching = [one for one in found if answers(one, expected)]
        assert matching, f"{expected.damage}: {expected}\n{told}"
        if expected.near is not None:
            assert matching[0].geom is not None, expected.damage
            assert matching[0].geom.distance(expected.near) < 1, expected.damage
    beyond = [one for one in found if one.severity in GRAVE and not any(answers(one, each) for each in case.found)]
    assert beyond == [], told


@pytest.mark.parametrize("case", TOWN_FILES, ids=lambda case: case.name)
def test_each_damage_is_found_and_nothing_else(mapped: Connection, town: City, tmp_path: Path, case: Damaged) -> None:
    assert_found(findings(mapped, town, tmp_path, case.make, case.layer), case)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.damage)
def test_a_file_is_refused_that_says_too_little(ready: Connection, town: City, tmp_path: Path, case: Refused) -> None:
    with pytest.raises(FileError, match=case.words) as caught:
        findings(ready, town, tmp_path, case.make, case.layer)
    assert caught.value.zh


@pytest.fixture
def halves(ready: Connection, town: City) -> Connection:
    """The town with two communities, and a kind of unit grids in them of which none is in force."""
    communities = {WEST: TOWN.polygon("abed"), EAST: TOWN.polygon("bcfe")}
    made.put_areas(ready, town, made.kind("community", code_scheme="community", specificity=35), communities)
    areas.declare_kinds(ready, [UNIT_GRID])
    return ready


@pytest.mark.parametrize("case", [CODES, FAULTS], ids=lambda case: case.name)
def test_each_fault_of_areas_is_found(halves: Connection, town: City, tmp_path: Path, case: Damaged) -> None:
    assert_found(findings(halves, town, tmp_path, case.make, case.layer), case)


def test_a_grid_whose_parent_no_column_tells_is_in_that_of_its_code(
    halves: Connection, town: City, tmp_path: Path
) -> None:
    drawn = of_grids("grids", (), {3: {"CODE": "510703009009003"}, 4: {"CODE": "X1"}})
    found = findings(halves, town, tmp_path, drawn.make, replace(GRIDS, fields={"code": "CODE"}))
    errors = [(one.rule, one.feature) for one in found if one.severity == "error"]
    assert errors == [("code_scheme", 4), ("parent_named", 4), ("parent_exists", 3)]
    (note,) = [one for one in found if "the first 12 digits of the code" in one.message]
    assert (note.rule, note.severity) == ("reading", "note")
    assert "前 12 位" in note.message_zh


@pytest.fixture
def wide(conn: Connection, town: City) -> Connection:
    """A city of 4 km by 4 km: a district, and two communities."""
    district = {"510703": WIDE.polygon("acfd")}
    made.put_areas(conn, town, made.kind("district", code_scheme="district"), district)
    made.put_areas(conn, town, made.kind("community", code_scheme="community", specificity=35), HALVES)
    areas.declare_kinds(conn, [UNIT_GRID])
    return conn


def shift_in(found: list[Finding]) -> list[tuple[str, str, str]]:
    return [(one.rule, one.severity, one.message) for one in found if one.rule.startswith("datum_shift")]


@pytest.mark.parametrize(("turn", "name"), [("gcj02", "GCJ-02 (AMap, Tencent)"), ("bd09", "BD-09 (Baidu)")])
def test_areas_from_map_apps_are_named(wide: Connection, town: City, tmp_path: Path, turn: str, name: str) -> None:
    drawn = kilometres(shifted(list(KILOMETRES.values()), turn))
    ((rule, severity, message),) = shift_in(findings(wide, town, tmp_path, drawn, GRIDS))
    assert (rule, severity) == ("datum_shift", "warning")
    assert f"as {name} shifts them" in message
    assert "from those of their parents, and 0" in message
    back = replace(GRIDS, turn=turn)
    assert shift_in(findings(wide, town, tmp_path / "again", drawn, back)) == []


def test_areas_are_held_against_those_in_force(wide: Connection, town: City, tmp_path: Path) -> None:
    made.put_areas(wide, town, UNIT_GRID, KILOMETRES)
    drawn = kilometres(shifted(list(KILOMETRES.values()), "gcj02"))
    ((rule, _, message),) = shift_in(findings(wide, town, tmp_path, drawn, GRIDS))
    assert rule == "datum_shift"
    assert "from those in force" in message


@pytest.mark.parametrize("turn", ["gcj02", "bd09"])
def test_components_from_map_apps_are_named(wide: Connection, town: City, tmp_path: Path, turn: str) -> None:
    made.put_areas(wide, town, UNIT_GRID, KILOMETRES)
    drawn = lamps_of_grids(lambda shapes: shifted(shapes, turn))
    ((rule, severity, message),) = shift_in(findings(wide, town, tmp_path, drawn, LAMPS_OF_GRIDS))
    assert (rule, severity) == ("datum_shift_points", "warning")
    assert "most of the 64 looked at are in the unit grid that they name" in message
    back = replace(LAMPS_OF_GRIDS, turn=turn)
    assert shift_in(findings(wide, town, tmp_path / "again", drawn, back)) == []


def test_what_stands_half_a_kilometre_off_for_another_reason_is_not_called_shifted(
    wide: Connection, town: City, tmp_path: Path
) -> None:
    made.put_areas(wide, town, UNIT_GRID, KILOMETRES)
    off = [
        *findings(wide, town, tmp_path, kilometres(moved(list(KILOMETRES.values()), 520)), GRIDS),
        *findings(wide, town, tmp_path / "lamps", lamps_of_grids(lambda shapes: moved(shapes, -520)), LAMPS_OF_GRIDS),
    ]
    assert shift_in(off) == []
    assert {one.rule for one in off} >= {"parent_right", "grid_holds"}


def test_texts_are_read_in_the_encoding_that_their_bytes_are_in(ready: Connection, town: City, tmp_path: Path) -> None:
    for case in READ:
        if case.reads:
            rows = staged(ready, town, tmp_path / case.name, case.make, case.layer)
            assert tuple(rows["position"].to_pylist()) == case.reads, case.name


def test_a_character_cut_at_the_width_of_its_column_is_left_out(ready: Connection, town: City, tmp_path: Path) -> None:
    cut = [name.encode()[:10] for name in NAMES]
    make = shapefile(cut, cpg="UTF-8", fields=[(b"NAME", "C", 10, 0)])
    rows = staged(ready, town, tmp_path, make, PLACED)
    assert rows["position"].to_pylist() == [name[:3] for name in NAMES]


def test_there_are_damages_of_many_kinds() -> None:
    found = [expected.damage for case in (*TOWN_FILES, CODES, FAULTS) for expected in case.found]
    kinds = {*found, *(case.damage for case in REFUSED)}
    assert len(kinds) >= 60
