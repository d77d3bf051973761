"""Excel workbooks: the header is found wherever it stands, and codes that Excel rounded are refused by their cell."""

import datetime
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely

from gridsvc.errors import FileError
from gridsvc.ingest.sources import Limits
from gridsvc.ingest.sources.headers import header_of
from tests.ingest.sources.made import looked, packed, rows, workbook

HEADER = ["编号", "名称", "经度", "纬度"]
LAMP = ["0101", "路灯", 104.7, 31.4]


def refused(file: Path, limits: Limits | None = None) -> str:
    with pytest.raises(FileError) as caught:
        looked(file, limits or Limits())
    assert "\n" not in str(caught.value)
    assert caught.value.zh.startswith(file.name)
    return str(caught.value)


def test_sheets_are_layers(tmp_path: Path) -> None:
    file = workbook(tmp_path / "x.xlsx", 灯=[HEADER, LAMP, ["0102", "路灯", None, None]], 箱=[HEADER, LAMP], 空=[])
    found = looked(file)
    assert (found.kind, [layer.name for layer in found.layers]) == ("xlsx", ["灯", "箱"])
    assert found.layers[0].geometry_types == {"Point": 1, "none": 1}
    assert [(field.name, field.type) for field in found.layers[0].fields] == [
        ("编号", "text"), ("名称", "text"), ("经度", "real"), ("纬度", "real"),
    ]  # fmt: skip
    assert any("sheets without a table were not read: 空" in note.en for note in found.notes)
    first = rows(file, layers=("灯",))[0]
    assert (first["编号"], shapely.from_wkb(first["(geometry)"])) == ("0101", shapely.Point(104.7, 31.4))


def test_cells_become_the_text_that_people_see(tmp_path: Path) -> None:
    line = [12, 12.5, 12.0, True, datetime.datetime(2020, 1, 2), datetime.datetime(2020, 1, 2, 3, 4), 1, 2]
    file = workbook(tmp_path / "x.xlsx", s=[["a", "b", "c", "d", "e", "f", "x", "y"], line])
    assert list(rows(file)[0].values())[:6] == ["12", "12.5", "12", "true", "2020-01-02", "2020-01-02T03:04:00"]
    (layer,) = looked(file).layers
    assert [field.type for field in layer.fields] == [
        "integer", "real", "integer", "bool", "date", "datetime", "integer", "integer",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "names", "first_row"),
    [
        pytest.param([HEADER, LAMP], HEADER, 1, id="plain"),
        pytest.param([["部件普查表"], [], HEADER, LAMP], HEADER, 3, id="title"),
        pytest.param([["部件普查表"], ["填表人", "张三"], HEADER, LAMP], HEADER, 3, id="title-and-author"),
        pytest.param(
            [["编号", "名称", "坐标", None], [None, None, "经度", "纬度"], LAMP], HEADER, 2, id="merged-group"
        ),
        pytest.param(
            [["编号", "权属单位", None, "养护单位", None, "X", "Y"], [None, "名称", "代码", "名称", "代码", None, None],
             ["1", "a", "b", "c", "d", 1, 2]],
            ["编号", "权属单位 名称", "权属单位 代码", "养护单位 名称", "养护单位 代码", "X", "Y"], 2, id="equal-names",
        ),
        pytest.param([HEADER, ["L1", "路灯", None, None], LAMP], HEADER, 1, id="first-row-without-place"),
        pytest.param([["编号", None, "经度", "纬度"], LAMP], ["编号", "column 2", "经度", "纬度"], 1, id="no-name"),
        pytest.param([["a", "b"], [1, 2]], ["a", "b"], 1, id="no-coordinates"),
        pytest.param([["code", "geometry"], ["A", "POINT (1 2)"]], ["code", "geometry"], 1, id="wkt"),
    ],
)  # fmt: skip
def test_where_the_header_is(lines: Sequence[Sequence[Any]], names: list[str], first_row: int) -> None:
    found = header_of(lines)
    assert found is not None
    assert (found.names, found.first_row) == (names, first_row)


@pytest.mark.parametrize("lines", [[], [["only a title"]], [HEADER]])
def test_sheets_without_a_table(lines: Sequence[Sequence[Any]]) -> None:
    assert header_of(lines) is None


def test_merged_cells_and_titles_in_a_real_workbook(tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "x.xlsx",
        s=[["普查表"], ["编号", "坐标", None], [None, "北坐标", "东坐标"], ["A", 3_482_115.6, 477_916.3]],
    )
    (row,) = rows(file)
    assert (row["编号"], shapely.from_wkb(row["(geometry)"])) == ("A", shapely.Point(477_916.3, 3_482_115.6))


@pytest.mark.parametrize(
    ("code", "cell"),
    [(5107030101000000, "cell A3 holds 5107030101000000"), (5.107030101e15, "cell A3 holds 5107030101000000"),
     ("5.10703E+15", "column '编号', line 3 holds 5.10703E+15"), (510703010100000123456, "cell A3 holds 5.107")],
)  # fmt: skip
def test_rounded_codes_are_refused_by_their_cell(tmp_path: Path, code: Any, cell: str) -> None:
    file = workbook(tmp_path / "x.xlsx", s=[HEADER, LAMP, [code, *LAMP[1:]]])
    assert cell in refused(file)


def test_long_codes_as_text_are_welcome(tmp_path: Path) -> None:
    file = workbook(tmp_path / "x.xlsx", s=[HEADER, ["5107030101000001", *LAMP[1:]]])
    assert rows(file)[0]["编号"] == "5107030101000001"


def test_workbooks_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "an old .xls workbook or locked with a password" in refused(tmp_path / "a.xlsx")
    (tmp_path / "b.xlsx").write_text("text")
    assert "not a complete zip archive" in refused(tmp_path / "b.xlsx")
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert "it holds no workbook" in refused(tmp_path / "c.xlsx")
    with zipfile.ZipFile(tmp_path / "d.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert "d.xlsx: its workbook is damaged" in refused(tmp_path / "d.xlsx")


def replaced(file: Path, part: str, content: bytes) -> Path:
    with zipfile.ZipFile(file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, was in {**entries, part: content}.items():
            archive.writestr(name, content if name == part else was)
    return file


def test_a_bomb_among_the_shared_strings(tmp_path: Path) -> None:
    file = workbook(tmp_path / "x.xlsx", s=[HEADER, LAMP])
    assert "times its size" in refused(replaced(file, "xl/sharedStrings.xml", b"<t>" + bytes(100 << 20)))


def test_entities_that_grow(tmp_path: Path) -> None:
    file = workbook(tmp_path / "x.xlsx", s=[HEADER, LAMP])
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    assert "xl/sharedStrings.xml defines a document type" in refused(replaced(file, "xl/sharedStrings.xml", bomb))


def test_macros_and_links_are_not_followed(tmp_path: Path) -> None:
    file = workbook(tmp_path / "x.xlsx", s=[HEADER, LAMP])
    replaced(file, "xl/vbaProject.bin", b"\xd0\xcf")
    replaced(file, "xl/externalLinks/externalLink1.xml", b"<externalLink/>")
    found = looked(file)
    assert found.layers[0].count == 1
    assert any("macros and links to other workbooks in it are not followed" in note.en for note in found.notes)


def test_a_sheet_that_lies_about_its_size(tmp_path: Path) -> None:
    file = workbook(tmp_path / "x.xlsx", s=[HEADER, LAMP])
    with zipfile.ZipFile(file) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    file = replaced(file, "xl/worksheets/sheet1.xml", sheet.replace(b'ref="A1:D2"', b'ref="A1:XFD1048576"'))
    assert looked(file).layers[0].count == 1


def test_a_formula_that_was_never_computed_is_no_empty_cell(tmp_path: Path) -> None:
    lines = [HEADER, ['="01"&"01"', "路灯", 104.7, 31.4]]
    assert "cell A2 holds a formula that was never computed" in refused(workbook(tmp_path / "x.xlsx", S=lines))


def test_the_value_of_a_formula_is_read_an_empty_text_too(tmp_path: Path) -> None:
    file = workbook(tmp_path / "x.xlsx", S=[HEADER, ["=1", "=2", 104.7, 31.4]])
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    sheet = sheet.replace(b'<c r="A2"><f>1</f><v />', b'<c r="A2" t="str"><f>1</f><v>0101</v>')
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b'<c r="B2"><f>2</f><v />', b'<c r="B2" t="str"><f>2</f><v></v>')
    (row,) = rows(packed(file, parts))
    assert (row["编号"], row["名称"]) == ("0101", None)


def test_a_document_type_hides_neither_behind_blanks_nor_in_utf_16(tmp_path: Path) -> None:
    file = workbook(tmp_path / "x.xlsx", S=[HEADER, LAMP])
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    kind = '<!DOCTYPE a [<!ENTITY b "b">]>'
    for hidden in ((" " * (3 << 19) + kind + sheet).encode(), (kind + sheet).encode("utf-16")):
        packed(file, {**parts, "xl/worksheets/sheet1.xml": hidden})
        assert "defines a document type" in refused(file)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_damaged_workbook_does_not_say_where_it_lies(tmp_path: Path, part: str) -> None:
    file = workbook(tmp_path / "x.xlsx", S=[HEADER, LAMP])
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    said = refused(packed(file, {**parts, part: b" <?xml version='1.0'?>"}))
    assert "its workbook is damaged" in said
    assert "/" not in said.split("damaged")[1]


def test_zeros_that_a_number_format_shows_are_kept(tmp_path: Path) -> None:
    file = workbook(tmp_path / "x.xlsx", 灯=[HEADER, [12, 1234.0, 104.7, 31.4], [1.5, 0, 104.7, 31.4]])
    book = openpyxl.load_workbook(file)
    for line in book["灯"].iter_rows(min_row=2, max_col=2):
        line[0].number_format, line[1].number_format = "0000", "000000;@"
    book.save(file)
    assert [(row["编号"], row["名称"]) for row in rows(file)] == [("0012", "001234"), ("1.5", "000000")]
