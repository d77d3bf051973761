"""Findings as a file for the surveyor: what is wrong, where, and what to do, in both languages."""

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest
import shapely

from gridsvc.domain.findings import Finding
from gridsvc.errors import InputError
from gridsvc.ingest.findings_file import HEADS, write_findings
from gridsvc.ingest.rules import RULES
from tests.sketch import SRID, Sketch

TOWN = Sketch(
    """
    a . . b
    . 1 . .
    d . . e
    """
)
BOW_TIE = TOWN.polygon("aebd")
RULE = RULES[0]
FINDINGS = [
    Finding(rule=RULE.name, severity="error", layer="0599", feature=3, code="0001030100000001", message="twice",
            message_zh="重复", hint="keep one", hint_zh="保留一个", geom=TOWN.point("1")),
    Finding(rule="reading", severity="note", message="=cmd|' /C calc'!A0"),
    Finding(rule="validity", severity="repaired", layer="x", feature=4, message="crosses itself", geom=BOW_TIE),
    Finding(rule="gap", severity="warning", message="a gap", geom=TOWN.line("de")),
]  # fmt: skip


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))


def test_a_table_in_chinese(tmp_path: Path) -> None:
    rows = rows_of(write_findings(FINDINGS, tmp_path / "f.csv", "csv", SRID).path)
    lon, lat = TOWN.lonlat("1")
    assert rows[0] == {
        "序号": "1", "级别": "错误", "检查项": RULE.title_zh, "图层": "0599", "要素序号": "3",
        "编码": "0001030100000001", "问题": "重复", "处理建议": "保留一个", "X": "470010", "Y": "3479990",
        "经度": f"{lon:.8f}", "纬度": f"{lat:.8f}",
    }  # fmt: skip
    assert [row["级别"] for row in rows] == ["错误", "提示", "已修复", "警告"]
    assert [row["序号"] for row in rows] == ["1", "2", "3", "4"]
    assert rows[1]["问题"] == "'=cmd|' /C calc'!A0"
    assert [rows[1][name] for name in ("图层", "要素序号", "编码", "X", "Y", "经度", "纬度")] == [""] * 7


def test_a_table_in_english(tmp_path: Path) -> None:
    row = rows_of(write_findings(FINDINGS, tmp_path / "f.csv", "csv", SRID, "en").path)[0]
    assert tuple(row) == HEADS["en"]
    assert (row["severity"], row["rule"], row["message"], row["hint"]) == ("error", RULE.title, "twice", "keep one")


def test_a_sheet(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_findings(FINDINGS, tmp_path / "f.xlsx", "xlsx", SRID).path)
    sheet = book["检查结果"]
    assert tuple(cell.value for cell in sheet[1]) == HEADS["zh"]
    assert (sheet["F2"].value, sheet["F2"].data_type, sheet["I2"].value) == ("0001030100000001", "s", 470_010)
    assert (sheet["G3"].value, sheet["G3"].data_type) == ("=cmd|' /C calc'!A0", "s")


def test_a_geopackage_with_what_is_wrong_as_it_is(tmp_path: Path) -> None:
    found: Any = pyogrio.read_dataframe(write_findings(FINDINGS, tmp_path / "f.gpkg", "gpkg", SRID, "en").path)
    assert found.crs.to_epsg() == SRID
    assert found["number"].tolist() == [1, 2, 3, 4]
    assert [shape and shape.geom_type for shape in found.geometry] == ["Point", None, "Polygon", "LineString"]
    assert not found.geometry[2].is_valid
    assert shapely.equals_exact(found.geometry[2], BOW_TIE)
    assert shapely.distance(shapely.Point(found["x"][2], found["y"][2]), BOW_TIE.envelope) == 0


def test_no_findings_are_a_head(tmp_path: Path) -> None:
    assert rows_of(write_findings([], tmp_path / "f.csv", "csv", SRID).path) == []
    assert len(pyogrio.read_dataframe(write_findings(iter([]), tmp_path / "f.gpkg", "gpkg", SRID).path)) == 0


@pytest.mark.parametrize(("form", "language", "cause"), [
    ("geojson", "zh", "form of a file of findings 'geojson' is not known"), ("csv", "fr", "language 'fr' is not known"),
])  # fmt: skip
def test_other_forms_and_languages_are_refused(tmp_path: Path, form: str, language: str, cause: str) -> None:
    with pytest.raises(InputError, match=cause):
        write_findings(FINDINGS, tmp_path / "f", form, SRID, language)
    assert list(tmp_path.iterdir()) == []


def test_empty_shapes_and_many_findings(tmp_path: Path) -> None:
    empty = Finding(rule="empty", severity="error", message="empty", geom=shapely.Point())
    rows = rows_of(write_findings([empty] * 25_000, tmp_path / "f.csv", "csv", SRID).path)
    assert (len(rows), rows[-1]["序号"], rows[-1]["X"]) == (25_000, "25000", "")
