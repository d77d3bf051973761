"""`gridsvc due` and `gridsvc calendar`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gridsvc.store import clocks
from gridsvc.store.connection import connect
from tests.cli.commands import Gridsvc
from tests.domain.minutes import known_until_2026

ASKED = ("due", "--kind", "component", "--subclass", "0101", "--at", "2026-02-13 16:00")
DAYS = (
    "day,type,name_zh,name_en,hours\n2027-01-01,holiday,元旦,New Year,\n2027-01-02,workday,补班,Make-up,09:00-12:00\n"
)


@pytest.fixture(autouse=True)
def late_in_2026(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(clocks.HOLIDAYS, "cn", known_until_2026)


@pytest.fixture
def days(database: str, tmp_path: Path) -> Iterator[Path]:
    """A calendar of 2027; what was loaded of it is taken away again."""
    file = tmp_path / "days.csv"
    file.write_text(DAYS, encoding="utf-8")
    yield file
    with connect(database) as conn:
        conn.execute("TRUNCATE calendar_day, calendar_year")


def test_due_and_why(gridsvc: Gridsvc) -> None:
    said = gridsvc(*ASKED, "--condition", "rattling").out.splitlines()
    assert said[0] == "due 2026-02-24 16:00 CST"
    assert said[1].endswith(
        "Rattling or tilting cover: 2 working days from 2026-02-13 16:00 are due at 2026-02-24 16:00"
    )
    assert said[3] == "  limit of profile default (city-table:yuncheng); closed when: 更换或修复"
    assert said[4] == "  runs 2026-02-13 16:00 to 18:00"
    assert "  2026-02-14 workday: make-up for Spring Festival 春节调休" in said
    assert said[-1] == (
        "  stages: accept 2026-02-13 16:15, dispatch 2026-02-13 16:15, confirm 2026-02-13 16:30, "
        "register 2026-02-13 16:15, verify 2026-02-13 16:30"
    )
    found = gridsvc(*ASKED, "--json").json
    assert (found["due_at"], found["limit"]["provisional"]) == ("2026-02-13T18:00:00+08:00", True)


def test_what_is_wrong_is_told(gridsvc: Gridsvc) -> None:
    said = gridsvc(*ASKED, "--condition", "cover")
    assert said.code == 1
    assert "condition 'cover' is not known; choose one of: 盖板丢失、错位或裂开，有安全风险 (Cover missing" in said.err
    late = gridsvc(*ASKED[:-1], "2027-03-01 09:00", "--condition", "rattling")
    assert late.code == 1
    assert "the holidays and make-up workdays of 2027 are not known" in late.err


def test_the_days_of_a_year_are_loaded_and_shown(gridsvc: Gridsvc, days: Path) -> None:
    assert gridsvc("calendar", "load", days, "--whole-year", "2027").out == "2027: 2 days\n"
    assert gridsvc("calendar", "show", "2027").out.splitlines() == [
        "1: 08:00-12:00 14:00-18:00", "2: 08:00-12:00 14:00-18:00", "3: 08:00-12:00 14:00-18:00",
        "4: 08:00-12:00 14:00-18:00", "5: 08:00-12:00 14:00-18:00",
        "2027-01-01 holiday: New Year 元旦", "2027-01-02 workday: Make-up 补班",
    ]  # fmt: skip
    asked = (*ASKED[:-1], "2026-12-31 17:00", "--condition", "rattling")
    assert gridsvc(*asked).out.startswith("due 2027-01-04 17:00 CST"), "on the second no more than three hours"
    gridsvc("calendar", "load", days)
    assert gridsvc(*asked).code == 1, "no longer called whole"
    assert len(gridsvc("calendar", "show", "2026", "--json").json["days"]) == 39


@pytest.mark.parametrize(("old", "new", "cause"), [
    ("2027-01-02", "2027-01-01", "line 3: the same thing stands at line 2 already"),
    ("workday", "work", "line 3: the type 'work' of 2027-01-02 is neither holiday nor workday"),
    ("09:00-12:00", "12:00-09:00", "line 3: hours 12:00-09:00: each span begins"),
    ("元旦", "", "line 2: 2027-01-01 has no name_zh or no name_en"),
    ("New Year,", "New Year,08:00-09:00", "line 2: 2027-01-01: hours are given for a workday"),
    ("2027-01-01", "1869-01-01", "line 2: the day 1869-01-01 is not between 1970 and 2199"),
    ("2027-01-01,holiday", "2026-01-01,holiday", "the year 2027 is called whole but has no holiday here"),
    ("type", "kind", "the column 'type' is missing"),
])  # fmt: skip
def test_slips_in_a_calendar_are_named(gridsvc: Gridsvc, days: Path, old: str, new: str, cause: str) -> None:
    days.write_text(DAYS.replace(old, new), encoding="utf-8")
    said = gridsvc("calendar", "load", days, "--whole-year", "2027")
    assert (said.code, said.out) == (1, "")
    assert f"days.csv: {cause}" in said.err
