"""Rosters: a file replaces those of the areas that it names, whole or not at all, and what was stays as history."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gridsvc.areas.roster_looking import check_rosters, looked, roster_page
from gridsvc.areas.rosters import Replaced, replace_rosters
from gridsvc.errors import FileError, InputError
from gridsvc.store import rosters
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests.areas.rosters import Row, full, put_grids, row, use_loudi
from tests.files.exported import recorded

JUNE, JULY, AUGUST = (datetime(2026, month, 1, tzinfo=UTC) for month in (6, 7, 8))
Entry = tuple[str, str, str]


@pytest.fixture
def grids(conn: Connection, town: City) -> Connection:
    put_grids(conn, town)
    return conn


def replace(conn: Connection, town: City, *rows: Row, at: datetime = JUNE, **given: Any) -> Replaced:
    return replace_rosters(conn, town, "roster.xlsx", rows, at=at, **given)


def people(conn: Connection, at: datetime, kind: str = "responsibility_grid") -> list[Entry]:
    found = roster_page(conn, looked(conn, kind, at=at), limit=None)["entries"]
    return sorted((one["area_code"], one["post"], one["person"]) for one in found)


def wrong(conn: Connection, town: City, *rows: Row, **given: Any) -> list[tuple[int, str, str]]:
    """Row, English and Chinese of all that is wrong; it is refused and leaves nothing."""
    before = people(conn, JULY)
    with pytest.raises(FileError, match=r"roster\.xlsx: nothing was changed"):
        replace(conn, town, *rows, **given)
    found = replace(conn, town, *rows, dry_run=True, **given)
    assert not found.applied
    assert people(conn, JULY) == before
    return [(one.row, one.en, one.zh) for one in found.problems]


def test_who_is_on_duty_when(grids: Connection, town: City) -> None:
    done = replace(grids, town, *full("G1"))
    assert (done.rows, done.areas, done.added, done.ended, done.applied) == (9, 1, 9, 0, True)
    assert people(grids, JUNE - timedelta(1)) == []
    assert len(people(grids, JUNE)) == 9
    first = roster_page(grids, looked(grids, area_code="G1", at=JUNE), limit=1)
    assert first["total"] == 9
    assert first["entries"][0] | {"post_zh": "网格长", "phone": "1G1", "valid_from": JUNE} == first["entries"][0]


def test_a_file_replaces_the_areas_that_it_names_and_no_others(grids: Connection, town: City) -> None:
    replace(grids, town, *full("G1"), *full("G2", 11))
    done = replace(grids, town, row(person="新长"), at=JULY)
    assert (done.areas, done.added, done.ended, done.unchanged) == (1, 1, 9, 0)
    assert people(grids, JULY)[0] == ("G1", "head", "新长")
    assert len(people(grids, JULY)) == 10
    assert len(people(grids, JULY - timedelta(seconds=1))) == 18, "what was stays"


def test_the_whole_kind_but_no_other_kind(grids: Connection, town: City) -> None:
    replace(grids, town, *full("G1"), *full("G2", 11), row(20, area_kind="patrol_grid", area_code="P1", post="监督员"))
    done = replace(grids, town, row(person="新长"), at=JULY, whole=True)
    assert (done.areas, done.ended) == (2, 18)
    assert people(grids, JULY) == [("G1", "head", "新长")]
    assert people(grids, JULY, "patrol_grid") == [("P1", "inspector", "张三")]


def test_who_stays_is_left_alone(grids: Connection, town: City) -> None:
    replace(grids, town, *full("G1"))
    before = rosters.entries_of(grids, "responsibility_grid", ["G1"], JUNE)
    done = replace(grids, town, *full("G1"), at=JULY)
    assert (done.added, done.ended, done.unchanged) == (0, 0, 9)
    changed = [*full("G1")[:-1], row(10, post="member", service="物业", person="G1物业", phone="9")]
    done = replace(grids, town, *changed, at=AUGUST)
    assert (done.added, done.ended, done.unchanged) == (1, 1, 8)
    kept = {entry.id for entry in rosters.entries_of(grids, "responsibility_grid", ["G1"], AUGUST)}
    assert len(kept & {entry.id for entry in before}) == 8


def test_days_are_those_of_the_city_and_the_last_is_included(grids: Connection, town: City) -> None:
    rows = row(valid_from="2026/6/15", valid_to="2026年6月30日"), row(3, person="李四", valid_from="2026-07-01")
    replace(grids, town, *rows)
    assert people(grids, datetime(2026, 6, 14, 15, 59, tzinfo=UTC)) == []
    assert people(grids, datetime(2026, 6, 14, 16, tzinfo=UTC)) == [("G1", "head", "张三")]
    assert people(grids, datetime(2026, 6, 30, 15, 59, tzinfo=UTC)) == [("G1", "head", "张三")]
    assert people(grids, datetime(2026, 6, 30, 16, tzinfo=UTC)) == [("G1", "head", "李四")]
    assert replace(grids, town, *rows).unchanged == 2


def test_the_past_is_not_rewritten(grids: Connection, town: City) -> None:
    assert replace(grids, town, row(valid_from="2020-01-01")).later == 0
    assert people(grids, datetime(2021, 1, 1, tzinfo=UTC)) == [("G1", "head", "张三")], "there was nobody before"
    assert replace(grids, town, row(person="李四", valid_from="2020-01-01"), at=JULY).later == 1
    assert people(grids, datetime(2021, 1, 1, tzinfo=UTC)) == [("G1", "head", "张三")]
    assert people(grids, JULY) == [("G1", "head", "李四")]


def test_who_was_yet_to_come_never_counts_when_replaced(grids: Connection, town: City) -> None:
    replace(grids, town, row(valid_from="2026-08-01"))
    assert replace(grids, town, row(person="李四"), at=JULY).ended == 1
    assert people(grids, AUGUST + timedelta(1)) == [("G1", "head", "李四")]


@pytest.mark.parametrize(("cells", "en", "zh"), [
    ({"area_code": "G11"}, "no responsibility_grid 'G11' is in force; the nearest is G1", "最接近的是 G1"),
    ({"area_code": "西区"}, "no responsibility_grid '西区' is in force", "没有编码为“西区”的现行区域"),
    ({"area_code": ""}, "area_code is empty", "“区域编码”为空"),
    ({"area_kind": "village"}, "kind of area with a team template 'village' is not known; choose one of: patrol_grid",
     "没有这样的区域类型：“village”"),
    ({"area_kind": ""}, "kind of area with a team template '' is not known", "没有这样的区域类型"),
    ({"post": "局长"}, "post of jinta for responsibility_grid '局长' is not known; choose one of: head, deputy, member",
     "没有这样的岗位：“局长”。可选：网格长、副网格长、网格员"),
    ({"post": "member", "service": "消防"}, "service of a member '消防' is not known; choose one of: urban_management",
     "没有这样的服务：“消防”。可选：城管、市政"),
    ({"post": "member"}, "service of a member '' is not known", "没有这样的服务"),
    ({"service": "环卫"}, "service of a head '环卫' is not known", "没有这样的服务"),
    ({"person": " "}, "person is empty", "“姓名”为空"),
    ({"person": "张\x07三"}, "person is longer than 200 characters, or holds some that cannot be shown", "不可显示"),
    ({"phone": "1" * 201}, "phone is longer than 200 characters", "“电话”超过 200 个字符"),
    ({"department": "没有局"}, "no department is called '没有局'", "没有部门“没有局”"),
    ({"account": "li"}, "no account is called 'li'", "没有账号“li”"),
    ({"account": "a b"}, "no account is called 'a b'", "没有账号"),
    ({"valid_from": "soon"}, "valid_from 'soon' is no day such as 2026-03-01", "不是日期"),
    ({"valid_from": "2026-08-02", "valid_to": "2026-08-01"}, "it ends before it begins", "早于开始日期"),
    ({"valid_to": "2026-05-31"}, "it ended already, on 2026-05-31", "已于 2026-05-31 结束"),
])  # fmt: skip
def test_what_is_wrong_with_a_row(grids: Connection, town: City, cells: dict[str, str], en: str, zh: str) -> None:
    cells = {name: text.strip() for name, text in cells.items()}
    ((number, told, told_zh),) = wrong(grids, town, row(2, area_code="G2", person="好人"), row(3, **cells))
    assert number == 3
    assert told.startswith(en)
    assert zh in told_zh


def test_all_that_is_wrong_is_told_in_the_order_of_the_file(grids: Connection, town: City) -> None:
    rows = row(2), row(3, area_code="G3", post="x", department="y"), row(4), row(5, area_code="G2", person="")
    assert [number for number, *_ in wrong(grids, town, *rows)] == [3, 3, 3, 4, 5]


def test_only_so_many_are_told_in_one_error(grids: Connection, town: City) -> None:
    with pytest.raises(FileError, match=r"30 things are wrong: row 2: .*; and 10 more"):
        replace(grids, town, *(row(n, area_code="nowhere") for n in range(2, 32)))


def test_a_person_twice_on_a_post(grids: Connection, town: City) -> None:
    member = {"post": "member", "service": "环卫"}
    (told,) = wrong(grids, town, row(2, **member), row(3, **member))
    assert told[0] == 3
    assert told[1].startswith("张三 is member sanitation of G1 already (row 2)")
    assert "第 2 行" in told[2]
    replace(grids, town, row(2, **member), row(3, post="member", service="园林"))


def test_two_heads(grids: Connection, town: City) -> None:
    (told,) = wrong(grids, town, row(2), row(3, person="李四"))
    assert told[:2] == (3, "G1 has two with the post head: 张三 (row 2) and 李四")


def test_a_head_of_two_grids(grids: Connection, town: City) -> None:
    (told,) = wrong(grids, town, row(2), row(3, area_code="G2"))
    assert told[1].startswith("张三 is head of G1 too (row 2), and the template allows one")
    replace(grids, town, row(area_code="G2"))
    (told,) = wrong(grids, town, row(2), at=JULY)
    assert told[1].startswith("张三 is head of G2 too, and"), "one in force counts too"
    replace(grids, town, row(2), at=JULY, whole=True)


def test_where_the_template_allows_it_one_heads_several(grids: Connection, town: City) -> None:
    sub = {"area_kind": "子网格"}
    assert replace(grids, town, row(2, **sub, area_code="G1-1"), row(3, **sub, area_code="G1-2")).added == 2


def test_words_departments_and_accounts(grids: Connection, town: City) -> None:
    replace(grids, town, row(area_kind=" 责任网格 ", post="Grid Head", department="hw", account="ZHANG"))
    (entry,) = rosters.entries_of(grids, "responsibility_grid", ["G1"], JUNE)
    assert (entry.post, entry.department, entry.account, entry.source) == ("head", "HW", "zhang", "roster.xlsx")
    replace(grids, town, Row(2, {"area_code": "P1", "post": "监督员", "person": "王五"}), kind="patrol_grid")
    assert people(grids, JUNE, "patrol_grid") == [("P1", "inspector", "王五")]
    with pytest.raises(InputError, match="area kind 'park' is not known"):
        replace(grids, town, kind="park")


def test_what_is_done_is_recorded_without_names(grids: Connection, town: City) -> None:
    replace(grids, town, row())
    found = recorded(grids)
    assert found["action"] == "roster.import"
    assert found["after"] == {"file": "roster.xlsx", "areas": 1, "added": 1, "ended": 0, "unchanged": 0}


def checked(conn: Connection, kind: str = "responsibility_grid", **given: Any) -> dict[str, Any]:
    (found,) = check_rosters(conn, looked(conn, kind, at=JUNE), **given)
    return found


def test_what_is_missing_per_grid(grids: Connection, town: City) -> None:
    replace(grids, town, *full("G1")[:-2], row(8, post="副网格长", person="副"))
    found = checked(grids)
    assert {name: found[name] for name in ("areas", "complete", "without_anybody", "people")} == {
        "areas": 2, "complete": 0, "without_anybody": 1, "people": 8,
    }  # fmt: skip
    first, second = found["incomplete"]
    assert (first["code"], [(gap["service_zh"], gap["count"]) for gap in first["missing"]]) == (
        "G1", [("燃气", 1), ("物业", 1)],
    )  # fmt: skip
    assert (second["code"], second["people"], len(second["missing"])) == ("G2", 0, 9)
    assert {(gap["service_zh"], gap["count"]) for gap in found["missing"]} >= {("物业", 2), ("环卫", 1)}
    assert checked(grids, limit=1, offset=1)["incomplete"] == [second]
    assert [one["kind"] for one in check_rosters(grids, looked(grids))] == [
        "patrol_grid", "responsibility_grid", "sub_grid",
    ]  # fmt: skip


def test_another_template_finds_other_people_missing_and_too_many(grids: Connection, town: City) -> None:
    replace(grids, town, *full("G1"), *full("G2", 11))
    assert checked(grids)["complete"] == 2
    use_loudi(grids)
    found = checked(grids)
    assert found["complete"] == 0
    assert found["missing"][0] | {"post": "coordinator", "count": 6} == found["missing"][0]
    assert sum(gap["count"] for gap in found["surplus"]) == 16


def test_people_of_areas_that_are_gone_are_told_of(grids: Connection, town: City) -> None:
    replace(grids, town, *full("G1"))
    grids.execute("UPDATE area SET valid_to = '2026-06-15' WHERE code = 'G1'")
    (found,) = check_rosters(grids, looked(grids, "responsibility_grid", at=JULY))
    assert found["not_in_force"] == ["G1"]
    assert found["areas"] == 1
