"""Tables of rules: replaced by files, changed by hand, each time a revision; checked as a whole."""

from datetime import date
from typing import Any

import pytest

from gridsvc.casework import matrix
from gridsvc.casework.intake import find_report, take_one
from gridsvc.casework.matrix_checking import check_matrix
from gridsvc.casework.matrix_looking import RuleFilter, compare_revisions, revisions_page, rules_page
from gridsvc.errors import ConflictError, FileError, InputError, NotFoundError
from gridsvc.store import duties
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.casework.matrix import DISTRICT, TOWN, build, given, rows


@pytest.fixture
def town(conn: Connection) -> City:
    return build(conn)


def load(conn: Connection, town: City, *cells: dict[str, str], **how: Any) -> matrix.Imported:
    how = {"of_lanes": False, "table": "duties.csv", **how}
    return matrix.import_rules(conn, town, "matrix.xlsx", rows(*cells), **how)


def listed(conn: Connection, **chosen: Any) -> list[dict[str, Any]]:
    found = rules_page(conn, RuleFilter(**chosen))["rules"]
    assert isinstance(found, list)
    return found


def revision(conn: Connection, table: str = "duties.csv") -> int:
    return int(rules_page(conn, RuleFilter())["tables"][table])


def test_a_table_comes_in_with_the_words_that_people_use(conn: Connection, town: City) -> None:
    done = load(
        conn, town,
        {"rule": "R1", "kind": "事件", "class_code": "01", "lead": "WEST"},
        {"kind": "事件", "subclass_code": "0110", "area_kind": "区", "area_code": DISTRICT, "lane": "执法处置",
         "lead": "west", "co_operating": "east；owner", "supervising": "bureau", "level": "街道", "priority": "5",
         "valid_from": "2026/1/1", "valid_to": "2026年12月31日", "source": "第三条"},
    )  # fmt: skip
    assert (done.added, done.removed, done.unchanged, done.applied, done.problems) == (2, 0, 0, True, [])
    first, second = listed(conn)
    assert (first["rule"], first["class_code"], first["subclass_code"], first["lane"]) == (
        "R1", "01", None, "dispatched",
    )  # fmt: skip
    assert {name: second[name] for name in ("area_kind", "area_code", "lane", "co_operating", "level", "valid_to")} == {
        "area_kind": "district", "area_code": DISTRICT, "lane": "enforcement", "co_operating": ("east", "owner"),
        "level": "subdistrict", "valid_to": date(2026, 12, 31),
    }  # fmt: skip
    again = load(conn, town, given("east"), {"rule": "R1", "kind": "event", "class_code": "01", "lead": "west"})
    assert (again.added, again.removed, again.unchanged, again.revision) == (1, 1, 1, done.revision + 1)
    assert (
        load(conn, town, {"rule": "R1", "kind": "event", "class_code": "01", "lead": "west"}, given("east")).added == 0
    )


@pytest.mark.parametrize(
    ("cells", "en"),
    [
        (given("nobody"), "lead: no department is called 'nobody'"),
        (given(""), "lead names one department"),
        (given(kind="thing"), "kind 'thing' is not known; choose one of: component, event"),
        (given(subclass_code="0999"), "event subclass '0999' is not in the catalogue"),
        (given(subclass_code=""), "neither a class nor a subclass"),
        (given(class_code="02"), "subclass 0110 is not of class 02"),
        (given(area_kind="park", area_code="x"), "area kind 'park' is not known"),
        (given(area_kind="grid"), "area_kind and area_code go together"),
        (given(area_kind="grid", area_code="n"), "no grid 'n' is in force"),
        (given(lane="fast"), "lane 'fast' is not known"),
        (given(level="moon"), "level 'moon' is not known"),
        (given(priority="high"), "priority 'high' is no whole number"),
        (given(valid_from="2026-02-01", valid_to="2026-01-01"), "it ends before it begins"),
        (given(valid_from="soon"), "valid_from 'soon' is no day"),
    ],
)
def test_a_file_with_a_wrong_row_changes_nothing(conn: Connection, town: City, cells: dict[str, str], en: str) -> None:
    with pytest.raises(FileError, match=r"nothing was changed, 1 things are wrong: row 3: ") as error:
        load(conn, town, given(), cells)
    assert en in str(error.value)
    assert "第 3 行" in error.value.zh
    tried = load(conn, town, given(), cells, dry_run=True)
    assert ([one.row for one in tried.problems], tried.applied) == ([3], False)
    assert listed(conn) == []


def test_a_rule_that_repeats_another_is_refused(conn: Connection, town: City) -> None:
    tried = load(
        conn, town, given(), given(valid_to="2026-01-01"), given(rule="A"), given("east", rule="A"), dry_run=True
    )
    assert {(one.row, one.en) for one in tried.problems} >= {
        (3, "it says the same as row 2"), (4, "two rows have the rule id A"), (5, "two rows have the rule id A"),
    }  # fmt: skip
    apart = [given(valid_to="2025-12-31"), given(valid_from="2026-01-01")]
    assert load(conn, town, *apart).added == 2


def test_rules_are_added_changed_and_removed_by_hand(conn: Connection, town: City) -> None:
    load(conn, town, given(rule="R1"), given("east", area_kind="grid", area_code="e", rule="R2"))
    start = revision(conn)
    added = matrix.add_rule(conn, town, "duties.csv", given("owner", priority="3"), of_lanes=False, base=start)
    assert (added.revision, len(listed(conn))) == (start + 1, 3)
    second = listed(conn)[1]
    changed = matrix.change_rule(
        conn, town, second["id"], {"lead": "bureau", "level": "district"}, of_lanes=False, base=added.revision
    )
    now = next(rule for rule in listed(conn) if rule["id"] == changed.rule)
    assert (now["rule"], now["lead"], now["area_code"], now["level"]) == ("R2", "bureau", "e", "district")
    gone = matrix.remove_rule(conn, listed(conn)[0]["id"], of_lanes=False, base=changed.revision, reason="merged")
    assert [rule["lead"] for rule in listed(conn)] == ["bureau", "owner"]
    assert [rule["lead"] for rule in listed(conn, revision=start)] == ["west", "east"]
    told = revisions_page(conn, "duties.csv", limit=9, offset=0)
    assert [(one["revision"], one["duties"], one["reason"]) for one in told["revisions"]][:2] == [
        (gone.revision, 2, "merged"), (changed.revision, 3, None),
    ]  # fmt: skip
    compared = compare_revisions(conn, "duties.csv", start, gone.revision)
    assert ({rule["lead"] for rule in compared["added"]}, {rule["lead"] for rule in compared["removed"]}) == (
        {"bureau", "owner"}, {"west", "east"},
    )  # fmt: skip


def test_two_who_change_a_table_do_not_overrule_one_another(conn: Connection, town: City) -> None:
    load(conn, town, given(rule="R1"))
    (rule,), base = listed(conn), revision(conn)
    matrix.change_rule(conn, town, rule["id"], {"lead": "east"}, of_lanes=False, base=base)
    for change in (
        lambda: matrix.change_rule(conn, town, rule["id"], {"lead": "owner"}, of_lanes=False, base=base),
        lambda: matrix.remove_rule(conn, rule["id"], of_lanes=False, base=base),
        lambda: matrix.add_rule(conn, town, "duties.csv", given("owner"), of_lanes=False, base=base),
        lambda: load(conn, town, given("owner"), base=base),
    ):
        with pytest.raises(
            ConflictError, match=r"you looked at \d+; changed meanwhile: 1 rules gone .*\(R1\)"
        ) as error:
            change()
        assert "请重新打开" in error.value.zh
    assert [one["lead"] for one in listed(conn)] == ["east"]
    with pytest.raises(NotFoundError, match="is of revision"):
        matrix.remove_rule(conn, rule["id"], of_lanes=False, base=revision(conn))


def test_a_wrong_change_changes_nothing(conn: Connection, town: City) -> None:
    load(conn, town, given(rule="R1"), given("east", rule="R2"))
    first, base = listed(conn)[0], revision(conn)
    for wrong, error in (
        ({"lead": "nobody", "lane": "fast"}, InputError), ({"lead": "east", "rule": "R3"}, ConflictError),
        ({"rule": "R2"}, ConflictError),
    ):  # fmt: skip
        with pytest.raises(error):
            matrix.change_rule(conn, town, first["id"], wrong, of_lanes=False, base=base)
    with pytest.raises(ConflictError, match="holds duties"):
        matrix.add_rule(conn, town, "duties.csv", {"kind": "event"}, of_lanes=True, base=None)
    assert revision(conn) == base


def test_rules_of_lanes_have_tables_of_their_own(conn: Connection, town: City) -> None:
    done = load(
        conn, town, {"kind": "event", "subclass_code": "0110", "lane": "自行处置"}, of_lanes=True, table="lanes.csv"
    )
    (rule,) = listed(conn, of_lanes=True)
    assert (rule["lane"], rule["revision"], listed(conn)) == ("self", done.revision, [])
    changed = matrix.change_rule(conn, town, rule["id"], {"lane": "enforcement"}, of_lanes=True, base=done.revision)
    assert [one["lane"] for one in listed(conn, of_lanes=True)] == ["enforcement"]
    matrix.remove_rule(conn, changed.rule or 0, of_lanes=True, base=changed.revision)
    assert listed(conn, of_lanes=True) == []


def test_what_was_changed_decides_and_what_decided_stays(conn: Connection, town: City) -> None:
    load(conn, town, given())
    before = take_one(conn, town, made.report("1", TOWN.lonlat("1")))
    matrix.change_rule(conn, town, listed(conn)[0]["id"], {"lead": "east"}, of_lanes=False, base=revision(conn))
    after = take_one(conn, town, made.report("2", TOWN.lonlat("1")))
    leads = [(find_report(conn, one.id) or {})["lead"] for one in (before, after)]
    assert leads == ["west", "east"]


def test_a_city_loaded_again_leaves_what_was_changed_by_hand(conn: Connection, town: City) -> None:
    made.put_rules(conn, made.rule("west"))
    matrix.change_rule(conn, town, listed(conn)[0]["id"], {"lead": "east"}, of_lanes=False, base=revision(conn))
    made.put_rules(conn, made.rule("west"))
    assert [one["lead"] for one in listed(conn)] == ["east"]
    made.put_rules(conn, made.rule("owner"))
    assert [one.lead for one in duties.duty_rules(conn)] == ["owner"]


def test_the_matrix_is_checked_and_told_in_both_languages(conn: Connection, town: City) -> None:
    every = [given(subclass_code="", class_code=f"0{n}") for n in range(1, 7)]
    every += [given(kind="component", subclass_code="", class_code=f"0{n}") for n in range(1, 6)]
    load(conn, town, *every)
    assert check_matrix(conn, town).counts == {}
    load(
        conn, town, *every[1:], given("west", area_kind="grid", area_code="w", rule="W1"),
        given("east", area_kind="grid", area_code="w", rule="W2"), given("owner", subclass_code="0201", lane="self"),
    )  # fmt: skip
    found = check_matrix(conn, town)
    assert found.counts == {"contradiction": 1, "hole": 2, "shadowed": 1}
    clash, *holes, shadowed = found.findings
    assert clash["message"].startswith("rule W1 (0110 ")
    assert "grid w Area w" in clash["message"]
    assert clash["message_zh"].endswith("grid w w区")
    assert [(hole["areas"], len(hole["subclasses"]) > 1) for hole in holes] == [
        ([[{"kind": "grid", "code": "e"}]], False), ([], True),
    ]  # fmt: skip
    assert "the lane is dispatched" in shadowed["message"]
    assert [one["what"] for one in check_matrix(conn, town, what="hole").findings] == ["hole", "hole"]
    with pytest.raises(InputError, match="finding 'x' is not known"):
        check_matrix(conn, town, what="x")
