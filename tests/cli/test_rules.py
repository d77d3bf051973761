"""`gridsvc rules`, `departments`, `taxonomies` and `route replay`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gridsvc.casework.intake import take_in
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection, connect
from tests import made
from tests.casework.matrix import TOWN, build
from tests.cli.commands import Gridsvc

MATRIX = "规则编号,问题类型,小类,牵头部门,优先级\nR1,事件,0110,west,1\nR2,事件,0110,east,2\nR3,事件,0111,west,\n"


@pytest.fixture
def town(database: str) -> Iterator[Connection]:
    """Committed, and taken away again."""
    with connect(database) as conn:
        with conn.transaction():
            build(conn)
        yield conn
        conn.execute(
            "TRUNCATE report, duty_rule, lane_rule, duty_revision, channel_category, channel, department, area,"
            " area_revision, area_draft, area_kind RESTART IDENTITY CASCADE"
        )


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    file = tmp_path / "职责.csv"
    file.write_bytes(MATRIX.encode("gbk"))
    return file


@pytest.mark.usefixtures("town")
def test_rules_are_loaded_checked_and_exported(gridsvc: Gridsvc, matrix: Path, tmp_path: Path) -> None:
    tried = gridsvc("rules", "load", matrix, "--table", "duties.csv", "--dry-run")
    assert tried.out == "nothing was changed; would be: duties.csv: 3 added, 0 removed, 0 unchanged\n"
    assert gridsvc("rules", "list").out == "no rules\n"
    assert (
        gridsvc("rules", "load", matrix, "--table", "duties.csv").out == "duties.csv: 3 added, 0 removed, 0 unchanged\n"
    )
    listed = [line.split() for line in gridsvc("rules", "list").out.splitlines()]
    assert listed[0][1:] == ["R1", "event", "0110", "whole", "city", "dispatched", "west"]
    checked = gridsvc("rules", "check", "--what", "shadowed")
    assert checked.code == 0
    assert checked.out.startswith("warning: rule R1 (0110 ")
    assert "R2 (0110 " in checked.out.splitlines()[0]
    assert gridsvc("rules", "check", "--lang", "zh").out.startswith("warning: 部件 01")
    out = tmp_path / "out.xlsx"
    assert gridsvc("rules", "export", out).out == f"{out}: 3 rules\n"
    assert gridsvc("rules", "load", out, "--table", "duties.csv").out == "duties.csv: 0 added, 0 removed, 3 unchanged\n"
    assert "3 rules" in gridsvc("rules", "revisions").out
    assert "rules are written as .xlsx or .csv" in gridsvc("rules", "export", "x.gpkg").err
    matrix.write_text(MATRIX.replace("0111", "0999"), encoding="utf-8")
    wrong = gridsvc("rules", "load", matrix, "--dry-run")
    assert (wrong.code, "row 4: event subclass '0999' is not in the catalogue" in wrong.out) == (1, True)


@pytest.mark.usefixtures("town")
def test_departments_are_listed_loaded_and_retired(gridsvc: Gridsvc, matrix: Path, tmp_path: Path) -> None:
    gridsvc("rules", "load", matrix)
    file = tmp_path / "d.csv"
    file.write_text("code,name,level,parent\nnew,新局,district,west\n", encoding="utf-8")
    assert gridsvc("departments", "load", file).out == "1 added, 0 changed, 0 unchanged\n"
    assert "west west (unit)\n  new 新局 (district)" in gridsvc("departments", "list").out
    refused = gridsvc("departments", "retire", "east", "--on", "2030-01-01")
    assert (refused.code, "1 rules name it" in refused.err) == (1, True)
    done = gridsvc("departments", "retire", "east", "--on", "2030-01-01", "--even-so")
    assert done.out.startswith(
        "east is retired on 2030-01-01; 0 open cases, 0 components, 0 accounts and 1 rules name it"
    )
    assert gridsvc("departments", "retire", "east", "--back").out.startswith("east is not retired")


def test_words_are_mapped_and_decisions_replayed(gridsvc: Gridsvc, town: Connection, matrix: Path) -> None:
    gridsvc("rules", "load", matrix)
    about = {"kind": None, "subclass_code": None, "category": "NOISE"}
    with town.transaction():
        take_in(town, the_city(town), [made.report("1", TOWN.lonlat("1"), **about)])
    assert gridsvc("taxonomies", "todo").out.splitlines()[0] == "     1  hotline NOISE "
    assert gridsvc("taxonomies", "map", "hotline", "NOISE", "event", "0110").out == "hotline NOISE means event 0110\n"
    assert gridsvc("taxonomies", "route", "hotline").out == "1 routed again, 1 registered, 0 at the manual desk\n"
    assert gridsvc("taxonomies", "todo").out == "no report waits for a word to be mapped\n"
    assert gridsvc("taxonomies", "list").out.splitlines()[-1] == "1 of 1 are mapped"
    (report,) = town.execute("SELECT id FROM report").fetchone() or (None,)
    matrix.write_text(MATRIX.replace("R2,事件,0110,east", "R2,事件,0110,owner"), encoding="utf-8")
    gridsvc("rules", "load", matrix)
    replayed = gridsvc("route", "replay", report)
    assert (replayed.code, replayed.out.splitlines()[-1]) == (0, "the same answer")
