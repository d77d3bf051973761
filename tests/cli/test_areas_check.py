"""`gridsvc areas check`: a table on the terminal, a file of findings, JSON, and what a draft would leave."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyogrio
import pytest
import shapely

from gridsvc.store import drafts
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection, connect
from tests.areas.desk import COMMUNITY, TOWN, UNITS, put, put_desk, unit
from tests.cli.commands import Gridsvc
from tests.files.exported import recorded


@pytest.fixture
def gap(database: str) -> Iterator[Connection]:
    """A town whose second unit grid is missing, committed and taken away again."""
    with connect(database) as conn:
        city = the_city(conn)
        put_desk(conn, city)
        rest = {code: (COMMUNITY, shape) for code, shape in UNITS.items() if code != unit(2)}
        put(conn, city, "unit_grid", rest)
        conn.commit()
        yield conn
        conn.rollback()
        conn.execute("TRUNCATE area, area_revision, area_draft, area_kind RESTART IDENTITY CASCADE")


@pytest.mark.usefixtures("gap")
def test_a_table_by_rule(gridsvc: Gridsvc) -> None:
    said = gridsvc("areas", "check")
    lines = said.out.splitlines()
    assert said.code == 1
    assert lines[0] == "community: 1 areas; nothing found"
    assert "unit_grid: 7 areas; error 1, note 1" in lines
    error, note = lines[-2:]
    assert error.startswith(f"  error    tile_missing          1  an area is missing in community {COMMUNITY}, beside ")
    assert note.startswith("  note     size_spread           1  unit grids: 10,000 m² in the median")
    assert gridsvc("areas", "check", "patrol_grid").code == 0


@pytest.mark.usefixtures("gap")
def test_as_json(gridsvc: Gridsvc) -> None:
    (found,) = gridsvc("areas", "check", "unit_grid", "--json").json
    assert (found["kind"], found["areas"], found["severities"]) == ("unit_grid", 7, {"error": 1, "note": 1})
    assert [(one["rule"], one["count"], one["codes"]) for one in found["rules"]] == [
        ("tile_missing", 1, []), ("size_spread", 1, []),
    ]  # fmt: skip
    place = shapely.from_geojson(json.dumps(found["findings"][0]["geometry"]))
    assert place.contains(shapely.Point(*TOWN.lonlat("2")))


def test_a_draft_mends_it(gridsvc: Gridsvc, gap: Connection) -> None:
    draft = drafts.add_draft(gap, "unit_grid", None, "mends", deed="redraw", whole=False)
    grown = [(unit(1), "", "", COMMUNITY, TOWN.polygon("abchgf"))]
    drafts.fill_draft(gap, draft, the_city(gap).srid, grown)
    gap.commit()
    mended = gridsvc("areas", "check", "unit_grid", "--draft", draft)
    assert (mended.code, mended.out.splitlines()[0]) == (0, "unit_grid: 7 areas; note 1")
    assert gridsvc("areas", "check", "unit_grid").code == 1
    unknown = gridsvc("areas", "check", "--draft", 999)
    assert (unknown.code, unknown.err) == (
        1, "gridsvc: draft 999 does not exist; `gridsvc areas list` shows those that wait\n",
    )  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "xlsx", "gpkg", "geojson"])
def test_a_file_with_a_row_for_each_finding(gridsvc: Gridsvc, gap: Connection, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"report.{form}"
    assert gridsvc("areas", "check", "--to", file).code == 1
    first = _rows(file)[0]
    assert (first["kind"], first["rule"], first["severity"]) == ("unit_grid", "tile_missing", "error")
    assert first["title_zh"] == "须铺满的区域没有缺失"
    assert (first["hint_zh"], first["hint_en"]) == ("请补上缺失的区域。", "Add the missing area.")
    assert f"{COMMUNITY} 内" in first["message_zh"]
    assert "an area is missing" in first["message_en"]
    lon, lat = TOWN.lonlat("2")
    assert (float(first["lon"]), float(first["lat"])) == pytest.approx((lon, lat), abs=0.0003)
    taken_out = recorded(gap)
    assert taken_out["action"] == "export.area_findings"
    assert taken_out["after"]["rows"] == 2


def _rows(file: Path) -> list[dict[str, str]]:
    if file.suffix == ".csv":
        return list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))
    if file.suffix == ".xlsx":
        head, *rows = openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True)
        return [dict(zip(map(str, head), map(str, row), strict=True)) for row in rows]
    frame = pyogrio.read_dataframe(file)
    assert frame.geometry[0].area > 0
    assert frame.geometry[1] is None
    return [dict(row) for row in frame.drop(columns="geometry").to_dict("records")]


@pytest.mark.usefixtures("gap")
def test_a_file_of_another_form_is_refused(gridsvc: Gridsvc, tmp_path: Path) -> None:
    said = gridsvc("areas", "check", "--to", tmp_path / "report.zip")
    assert (said.code, list(tmp_path.glob("report*"))) == (1, [])
    assert "'shapefile' is not known; choose one of: csv, xlsx, gpkg, geojson" in said.err


def test_before_there_are_areas(gridsvc: Gridsvc) -> None:
    assert gridsvc("areas", "check").out == "no areas yet\n"
