"""`gridsvc roster`: in, out and in again; what is missing; templates."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from gridsvc.store import rosters
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection, connect
from tests.areas.rosters import SERVICES, put_grids
from tests.cli.commands import Gridsvc

ROSTER = "网格类型,网格编码,岗位,服务,姓名,联系电话,部门,账号,开始日期,结束日期\n" + "".join(
    f"责任网格,{code},{post},{service},{person},{phone},HW,{account},2026-01-01,\n"
    for code in ("G1", "G2")
    for post, service, person, phone, account in [
        ("网格长", "", f"{code}长", f"+86 {code}", "zhang" if code == "G1" else ""),
        *[("网格员", service, f"=员{n}", "", "") for n, service in enumerate(SERVICES)],
    ]
)


@pytest.fixture
def grids(database: str) -> Iterator[Connection]:
    """Committed, and taken away again."""
    with connect(database) as conn:
        put_grids(conn, the_city(conn))
        yield conn
        conn.execute("TRUNCATE roster_entry, area, area_revision, area_draft, area_kind RESTART IDENTITY CASCADE")
        conn.execute("UPDATE team_use SET template = 'jinta' WHERE area_kind = 'responsibility_grid'")


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    file = tmp_path / "花名册.csv"
    file.write_bytes(ROSTER.encode("gbk"))
    return file


def entries(conn: Connection) -> list[dict[str, Any]]:
    found = rosters.entries_of(conn, "responsibility_grid", None)
    return [{name: text for name, text in vars(one).items() if name not in ("id", "source")} for one in found]


def test_in_and_looked_at(gridsvc: Gridsvc, grids: Connection, roster: Path) -> None:
    tried = gridsvc("roster", "import", roster, "--dry-run")
    assert (tried.code, tried.out) == (
        0, "nothing was changed; would be: 2 areas, 18 entries added, 0 ended, 0 unchanged\n",
    )  # fmt: skip
    assert entries(grids) == []
    assert gridsvc("roster", "import", roster).out == "2 areas, 18 entries added, 0 ended, 0 unchanged\n"
    listed = gridsvc("roster", "list", "--area", "G1").out.splitlines()
    assert len(listed) == 9
    assert listed[0].split() == ["responsibility_grid", "G1", "网格长", "G1长", "+86", "G1"]
    assert len(gridsvc("roster", "list", "--at", "2026-01-01", "--json").json["entries"]) == 18
    assert gridsvc("roster", "list", "--at", "2025-12-31").out == "nobody\n"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["out.xlsx", "out.csv"])
def test_out_and_in_again(
    gridsvc: Gridsvc, grids: Connection, roster: Path, tmp_path: Path, name: str, lang: str
) -> None:
    gridsvc("roster", "import", roster)
    before = entries(grids)
    out = tmp_path / name
    assert gridsvc("roster", "export", out, "--lang", lang).out == f"{out}: 18 entries\n"
    assert gridsvc("roster", "import", out).out == "2 areas, 0 entries added, 0 ended, 18 unchanged\n"
    grids.execute("TRUNCATE roster_entry")
    assert gridsvc("roster", "import", out).code == 0
    assert entries(grids) == before


@pytest.mark.usefixtures("grids")
def test_a_workbook_is_in_chinese_with_text_cells(gridsvc: Gridsvc, roster: Path, tmp_path: Path) -> None:
    gridsvc("roster", "import", roster)
    gridsvc("roster", "export", tmp_path / "out.xlsx", "--kind", "responsibility_grid")
    first, second, *_ = openpyxl.load_workbook(tmp_path / "out.xlsx").active.iter_rows(values_only=True)
    assert first == ("区域类型", "区域编码", "岗位", "服务", "姓名", "电话", "部门", "账号", "开始日期", "结束日期")
    assert second == ("责任网格", "G1", "网格长", None, "G1长", "+86 G1", "HW", "zhang", "2026-01-01", None)


def test_what_is_wrong_is_told_and_nothing_changes(gridsvc: Gridsvc, grids: Connection, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("code,post,name\nG1,head,Li\nG9,head,Wang\n", encoding="utf-8")
    said = gridsvc("roster", "import", bad, "--kind", "responsibility_grid")
    assert said.code == 1
    assert (
        "bad.csv: nothing was changed, 1 things are wrong: row 3: no responsibility_grid 'G9' is in force" in said.err
    )
    tried = gridsvc("roster", "import", bad, "--kind", "responsibility_grid", "--dry-run", "--json")
    assert tried.code == 1
    assert [one["row"] for one in tried.json["problems"]] == [3]
    assert entries(grids) == []
    assert "a roster is written as .xlsx or .csv" in gridsvc("roster", "export", "x.gpkg").err
    assert "give a CSV file or an Excel workbook" in gridsvc("roster", "import", "x.gpkg").err


@pytest.mark.usefixtures("grids")
def test_what_is_missing(gridsvc: Gridsvc, roster: Path) -> None:
    roster.write_text(ROSTER.rsplit("责任网格", 2)[0], encoding="utf-8")
    gridsvc("roster", "import", roster)
    said = gridsvc("roster", "check", "--kind", "responsibility_grid").out.splitlines()
    assert said == [
        "responsibility_grid (jinta): 1 of 2 complete, 0 without anybody, 16 people",
        "  G2 -1 网格员 燃气, -1 网格员 物业",
    ]
    assert gridsvc("roster", "check", "--json").json[0]["without_anybody"] == 1


@pytest.mark.usefixtures("grids")
def test_templates(gridsvc: Gridsvc) -> None:
    listed = gridsvc("roster", "templates")
    assert "responsibility_grid: jinta" in listed.out
    assert "  3..3 协调员" in listed.out
    assert "  0.. 共建单位人员" in listed.out
    assert gridsvc("roster", "use", "responsibility_grid", "loudi").out == "loudi holds for responsibility_grid\n"
    assert gridsvc("roster", "templates", "--json").json["in_use"]["responsibility_grid"] == "loudi"
    assert "team template 'x' is not known" in gridsvc("roster", "use", "responsibility_grid", "x").err
    assert "area kind 'x' is not known" in gridsvc("roster", "use", "x", "loudi").err
