"""CSV and Excel: places as columns, codes as text, nothing that a spreadsheet would run."""

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely

from gridsvc.errors import InputError, SetupError
from gridsvc.files import OutLayer, excel, write
from tests.files.made import TOWN, layer, points

FORMULAS = ["=1+1", "+1", "-1", "@x", "\ttab", "\rreturn", "#N/A", "safe", "'=1", "''-1"]


def rows_of(of: OutLayer, folder: Path, **given: Any) -> list[dict[str, str]]:
    content = write(of, folder / "out.csv", "csv", **given).path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet_of(of: OutLayer, folder: Path, **given: Any) -> Any:
    book = openpyxl.load_workbook(write(of, folder / "out.xlsx", "xlsx", **given).path)
    return book[book.sheetnames[0]]


def test_csv_says_the_place_in_degrees_and_the_shape(tmp_path: Path) -> None:
    shapes = [TOWN.point("1"), TOWN.line("12"), None]
    found = rows_of(layer(shapes, ObjID=["01", "02", "03"], n=[1, None, 3]), tmp_path)
    assert list(found[0]) == ["ObjID", "n", "lon", "lat", "wkt"]
    assert [row["ObjID"] for row in found] == ["01", "02", "03"]
    assert [row["n"] for row in found] == ["1", "", "3"]
    assert (float(found[0]["lon"]), float(found[0]["lat"])) == pytest.approx(TOWN.lonlat("1"), abs=1e-9)
    line = shapely.get_coordinates(shapely.from_wkt(found[1]["wkt"]))
    assert line.ravel().tolist() == pytest.approx([*TOWN.lonlat("1"), *TOWN.lonlat("2")], abs=1e-9)
    assert [found[2][name] for name in ("lon", "lat", "wkt")] == ["", "", ""]


def test_csv_in_another_crs_says_east_and_north(tmp_path: Path) -> None:
    (row,) = rows_of(layer(points("1"), a=["x"]), tmp_path, crs="EPSG:4544")
    assert list(row) == ["a", "x", "y", "wkt"]
    assert (float(row["x"]), float(row["y"])) == TOWN.xy("1")


def test_csv_without_coordinates(tmp_path: Path) -> None:
    assert rows_of(layer(points("1"), a=["x"]), tmp_path, coordinates=False) == [{"a": "x"}]


def test_a_column_that_is_called_as_a_coordinate_gives_way(tmp_path: Path) -> None:
    of = layer(points("1"), lon=["somewhere"], Wkt=["text"])
    (row,) = rows_of(of, tmp_path)
    assert (row["lon_1"], row["Wkt_1"]) == ("somewhere", "text")
    assert row["wkt"].startswith("POINT (104.")
    assert [note.column for note in write(of, tmp_path / "o.csv", "csv").notes] == ["lon_1", "Wkt_1"]


def test_no_cell_of_a_csv_file_is_a_formula(tmp_path: Path) -> None:
    of = layer(points("1" * 10), **{"=head": FORMULAS, "n": [-1] * 10})
    found = rows_of(of, tmp_path)
    assert next(iter(found[0])) == "'=head"
    texts = [row["'=head"] for row in found]
    assert texts == ["'=1+1", "'+1", "'-1", "'@x", "'\ttab", "'\rreturn", "#N/A", "safe", "''=1", "'''-1"]
    assert {row["n"] for row in found} == {"-1"}


def test_texts_with_commas_quotes_and_lines_come_back(tmp_path: Path) -> None:
    texts = ['a,"b"', "two\nlines", "", "中文，“引号”"]
    assert [row["t"] for row in rows_of(layer(points("1231"), t=texts), tmp_path)] == texts


def test_no_cell_of_an_excel_file_is_a_formula_or_an_error(tmp_path: Path) -> None:
    sheet = sheet_of(layer(points("1" * 10), **{"=head": FORMULAS}), tmp_path)
    assert sheet["A1"].value == "=head"
    cells = [row[0] for row in sheet.iter_rows()]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert [cell.value.strip() for cell in cells[1:]] == [text.strip() for text in FORMULAS]


def test_codes_are_text_in_excel_and_numbers_are_numbers(tmp_path: Path) -> None:
    sheet = sheet_of(
        layer(points("12"), ObjID=["0001030100000001", "2"], n=[7, 2**53], f=[0.5, float("nan")], yes=[True, None]),
        tmp_path,
    )
    assert [cell.value for cell in sheet[1]] == ["ObjID", "n", "f", "yes", "lon", "lat", "wkt"]
    assert [cell.value for cell in sheet[2]][:4] == ["0001030100000001", 7, 0.5, True]
    assert [cell.value for cell in sheet[3]][:4] == ["2", "9007199254740992", None, None]
    assert sheet["E2"].value == pytest.approx(TOWN.lonlat("1")[0], abs=1e-9)


def test_the_head_stays_in_view_and_columns_are_wide_enough(tmp_path: Path) -> None:
    sheet = sheet_of(layer(points("12"), 名称=["很长很长很长的名称", "x"], n=[1, 2]), tmp_path)
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].width >= 18
    assert sheet["A1"].font.bold


def test_what_excel_cannot_hold_is_noted_in_the_file(tmp_path: Path) -> None:
    curve = TOWN.point("1").buffer(5, quad_segs=1_000)
    of = layer([curve, TOWN.point("2"), TOWN.point("3")], t=["a\x01b", "x" * 40_000, "fine"])
    written = write(of, tmp_path / "out.xlsx", "xlsx")
    book = openpyxl.load_workbook(written.path)
    sheet = book["部件"]
    assert [sheet[f"A{row}"].value for row in (2, 3, 4)] == ["a\ufffdb", "x" * 32_767, "fine"]
    assert sheet["D2"].value is None
    said = [[cell.value for cell in row] for row in book["说明 notes"].iter_rows()]
    assert [row[0] for row in said] == ["t", "t", "wkt"] == [note.column for note in written.notes]
    assert said[2][1] == "1 个图形的 WKT 超过 32767 个字符，单元格留空；请改用 GeoPackage"


def test_more_rows_than_a_sheet_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MOST_ROWS", 1)
    with pytest.raises(InputError, match="choose less, or CSV or GeoPackage"):
        write(layer(points("12"), a=["x", "y"]), tmp_path / "out.xlsx", "xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_layer_without_rows_is_a_head(tmp_path: Path) -> None:
    of = layer([], n=[])
    empty = OutLayer(name="x/y", columns={"n": of.columns["n"].cast("int64")}, geometry=of.geometry, srid=4544)
    assert rows_of(empty, tmp_path) == []
    assert [cell.value for cell in sheet_of(empty, tmp_path)[1]] == ["n", "lon", "lat", "wkt"]


def test_a_place_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="cannot be written"):
        write(layer(points("1"), a=["x"]), tmp_path / "file" / "out.csv", "csv")
