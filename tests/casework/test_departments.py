"""The tree of departments, changed by hand and by file; and departments that retire."""

from datetime import date, timedelta

import pytest

from gridsvc.casework.departments import import_departments, lines_of, put_department, retire, tree
from gridsvc.casework.intake import find_report, take_one
from gridsvc.casework.live_rules import LiveRules
from gridsvc.casework.replaying import replay
from gridsvc.domain.cases import Tree
from gridsvc.domain.departments import Department
from gridsvc.domain.explaining import in_words
from gridsvc.errors import ConflictError, FileError, InputError, NotFoundError
from gridsvc.store import city
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.casework.matrix import TOWN, build, rows


@pytest.fixture
def town(conn: Connection) -> City:
    return build(conn)


def department(code: str, parent: str | None = None, **given: object) -> Department:
    about = {"name_zh": code, "name_en": code, "level": "unit", "on_platform": True, **given}
    return Department(code=code, parent=parent, **about)  # type: ignore[arg-type]


LATER = date(2030, 1, 1)


@pytest.mark.usefixtures("town")
def test_departments_are_added_renamed_and_moved(conn: Connection) -> None:
    assert put_department(conn, department("head", level="city"))
    for code in ("west", "east"):
        assert not put_department(conn, department(code, "head", name_zh=f"{code}局"))
    assert put_department(conn, department("firm", "west", on_platform=False))
    told = lines_of(tree(conn))
    assert told[told.index("head head (city)"):][:4] == [
        "head head (city)", "  east east局 (unit)", "  west west局 (unit)", "    firm firm (unit, off the platform)",
    ]  # fmt: skip
    put_department(conn, department("firm", "east", on_platform=False))
    assert "    firm firm (unit, off the platform)" in lines_of(tree(conn))


@pytest.mark.usefixtures("town")
def test_the_tree_stays_a_tree(conn: Connection) -> None:
    put_department(conn, department("west", "east"))
    for parent, message in (("west", "stands above itself"), ("nowhere", "its parent nowhere does not exist")):
        with pytest.raises(InputError, match=message):
            put_department(conn, department("east", parent))
    retire(conn, "owner", LATER)
    with pytest.raises(InputError, match="its parent owner has retired"):
        put_department(conn, department("east", "owner"))


def test_a_department_that_is_named_does_not_retire_unseen(conn: Connection, town: City) -> None:
    made.put_rules(
        conn, made.rule("west", name="R1"), made.rule("east", subclass_code="0111", valid_to=date(2029, 1, 1))
    )
    take_one(conn, town, made.report("1", TOWN.lonlat("1")))
    made.put_component(conn, town, "lamp", "0111", TOWN.point("1"), owner="west")
    tried = retire(conn, "west", LATER, dry_run=True)
    assert (tried.rules, tried.open_cases, tried.components, tried.applied) == (["R1 (duties.csv)"], 1, 1, False)
    with pytest.raises(ConflictError, match=r"1 rules name it and it leads 1 open cases \(R1 \(duties.csv\)\)"):
        retire(conn, "west", LATER)
    assert not any("retired" in line for line in lines_of(tree(conn)))
    assert retire(conn, "west", LATER, even_so=True).applied
    assert "west west (unit, retired 2030-01-01)" in lines_of(tree(conn))
    retire(conn, "west", None)
    assert "west west (unit)" in lines_of(tree(conn))
    assert retire(conn, "east", LATER).rules == []  # its only rule ends before
    put_department(conn, department("firm", "bureau"))
    with pytest.raises(ConflictError, match=r"1 stand below it \(firm\)"):
        retire(conn, "bureau", LATER, even_so=True)
    with pytest.raises(NotFoundError):
        retire(conn, "nowhere", LATER)


def test_reports_after_a_department_retired_wait_for_a_person(conn: Connection, town: City) -> None:
    """Also where the rules were read before that day, and when the decision is replayed."""
    made.put_rules(conn, made.rule("west", name="R1"))
    retire(conn, "west", date(2026, 6, 2), even_so=True)
    held = LiveRules()
    for day, reason in ((0, None), (1, "retired")):
        report = made.report(str(day), TOWN.lonlat("1"), reported_at=made.NOON + timedelta(days=day))
        take_one(conn, town, report, rules=held)
        found = find_report(conn, report.id)
        assert found is not None
        assert (found["lead"], found["manual_reason"]) == (None if reason else "west", reason)
        assert replay(conn, town, report.id).same
    assert "需人工处理：规则指定的部门已撤销。" in in_words(found["explanation"])["zh"]


@pytest.mark.usefixtures("town")
def test_nobody_dispatches_to_a_department_that_has_retired(conn: Connection) -> None:
    retire(conn, "west", date(2026, 6, 2))
    known = Tree(city.departments(conn))
    known.check_takes_orders("west", date(2026, 6, 1))
    with pytest.raises(InputError, match="department west retired on 2026-06-02") as error:
        known.check_takes_orders("west", date(2026, 6, 2))
    assert error.value.zh
    with pytest.raises(InputError) as unknown:
        known.check_takes_orders("moon", date(2026, 6, 2))
    assert "west" not in str(unknown.value)


@pytest.mark.usefixtures("town")
def test_a_file_adds_and_changes_all_or_nothing(conn: Connection) -> None:
    good = rows(
        {"code": "SW-1", "name_zh": "供水一所", "parent": "市水利局", "level": "单位", "on_platform": "否"},
        {"code": "SW", "name_zh": "市水利局", "parent": "", "level": "市级"},
        {"code": "west", "name_zh": "城西所", "level": "街道", "retired_on": "2030/1/1"},
    )
    done = import_departments(conn, "部门.xlsx", good)
    assert (done.added, done.changed, done.unchanged) == (2, 1, 0)
    told = lines_of(tree(conn))
    assert told[told.index("SW 市水利局 (city)") + 1] == "  SW-1 供水一所 (unit, off the platform)"
    assert "west 城西所 (subdistrict, retired 2030-01-01)" in told
    again = import_departments(conn, "部门.xlsx", good)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)
    bad = rows(
        {"code": "A", "name_zh": "a", "parent": "B", "level": "unit"},
        {"code": "B", "name_zh": "b", "parent": "A", "level": "unit"},
        {"code": "C", "name_zh": "", "parent": "nowhere", "level": "moon", "on_platform": "perhaps"},
        {"code": "B", "name_zh": "b", "level": "unit"},
    )
    with pytest.raises(FileError, match="nothing was changed") as error:
        import_departments(conn, "部门.xlsx", bad)
    for words in ("no department is called 'nowhere'", "level 'moon'", "name_zh is empty", "on_platform 'perhaps'"):
        assert words in str(error.value)
    loop = import_departments(conn, "部门.xlsx", bad[:2], dry_run=True)
    assert [one.en for one in loop.problems] == ["department A: stands above itself by way of A"]
    assert "A" not in {line.split()[0] for line in lines_of(tree(conn))}
