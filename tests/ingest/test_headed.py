"""Tables without places: the header is found by its words, in CSV of any encoding and in workbooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from gridsvc.errors import FileError
from gridsvc.ingest.headed import HeadedRow, read_headed

WORDS = {"code": ("编码",), "person": ("姓名", "name"), "phone": ("电话",)}


def read(file: Path, **given: Any) -> list[HeadedRow]:
    return read_headed(file, file.name, WORDS, ("code", "person"), **given)


def cells(rows: Sequence[HeadedRow]) -> list[tuple[int, dict[str, str]]]:
    return [(row.number, dict(row.cells)) for row in rows]


def workbook(file: Path, **sheets: Sequence[Sequence[Any]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(file)
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_csv_of_any_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "r.csv"
    text = "编码,姓名,备注\nG1,张三丰,好\n,,\nG2, 李四 ,\n"
    file.write_bytes(text.encode(encoding))
    assert cells(read(file)) == [(2, {"code": "G1", "person": "张三丰"}), (4, {"code": "G2", "person": "李四"})]


def test_english_words_other_delimiters_and_titles(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("Roster of 2026;;\nCODE; Name ;电话(手机)\nG1;Li;'+86 1\n", encoding="utf-8")
    assert cells(read(file)) == [(3, {"code": "G1", "person": "Li", "phone": "+86 1"})]


def test_a_workbook_with_titles_gaps_numbers_and_a_sheet_that_is_no_roster(tmp_path: Path) -> None:
    rows = [["花名册"], [], ["编码", "姓名", "电话"], [510703001001001, "张三", None], [], ["G2", "李四", 13800000000]]
    file = workbook(tmp_path / "r.xlsx", 网格=rows, 说明=[["第一", "第二"], ["a", "b"]])
    assert cells(read(file)) == [
        (4, {"code": "510703001001001", "person": "张三", "phone": ""}),
        (6, {"code": "G2", "person": "李四", "phone": "13800000000"}),
    ]  # fmt: skip


def test_sheets_with_rosters_are_read_one_after_the_other(tmp_path: Path) -> None:
    head = ["编码", "姓名"]
    found = read(workbook(tmp_path / "r.xlsx", 一=[head, ["G1", "a"]], 二=[head, ["G2", "b"]]))
    assert [(row.sheet, row.cells["code"]) for row in found] == [("一", "G1"), ("二", "G2")]


@pytest.mark.parametrize(("name", "text", "cause", "zh"), [
    ("r.csv", "编码,电话\nG1,1\n", r"no column person \(or: 姓名, name\); its columns are: 编码, 电话", "缺少列“姓名”"),
    ("r.csv", "编码,姓名,name\nG1,a,b\n", "two columns mean the same: 姓名, name", "有两个含义相同的列"),
    ("r.csv", "编码,姓名\n", "it holds no features", "没有要素"),
    ("r.csv", "编码,姓名\n,\n", "it has a header and no rows", "只有表头"),
    ("r.csv", "编码,姓名\nG1,a,b\n", "line 2 has 3 values where the header has 2", "第 2 行有 3 个值"),
    ("r.csv", "编码,姓名\n5.10703E+14,a\n", "5.10703E", "5.10703E"),
    ("r.xlsx", "编码,姓名\nG1,a\n", "r.xlsx", "r.xlsx"),
    ("r.gpkg", "x", r"give a CSV file or an Excel workbook \(.xlsx\)", "请提供 CSV 或 Excel"),
])  # fmt: skip
def test_files_that_cannot_be_read(tmp_path: Path, name: str, text: str, cause: str, zh: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=cause) as caught:
        read(file)
    assert zh in caught.value.zh
