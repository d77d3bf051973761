"""Words of channels: what waits for them, what they mean, and reports that are routed again."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gridsvc.casework.intake import find_report, take_in
from gridsvc.casework.taxonomy import import_words, map_word, route_waiting, todo, words_page
from gridsvc.domain.reports import Report
from gridsvc.errors import FileError, InputError, NotFoundError
from gridsvc.store import cases, channels, duplicates, taxonomies
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.taxonomies import Word
from tests import made
from tests.casework.matrix import TOWN, build, rows


@pytest.fixture
def town(conn: Connection) -> City:
    town = build(conn)
    made.put_channel(conn, "app", confirmed=False)
    made.put_rules(conn, made.rule("west", area_kind="grid", area_code="w"))
    return town


def put(conn: Connection, town: City, **counts: int) -> list[Report]:
    """Reports of words of the hotline, in the west."""
    about = {"kind": None, "subclass_code": None}
    reports = [
        made.report(f"{word} {n}", TOWN.lonlat("1"), category=word, **about)
        for word, count in counts.items()
        for n in range(count)
    ]
    take_in(conn, town, reports)
    return reports


def means(category: str, subclass: str | None = "0110", **given: str) -> Word:
    kind = "event" if subclass else None
    about = {"channel": "hotline", "name_zh": "", "name_en": "", **given}
    return Word(category=category, kind=kind, subclass_code=subclass, **about)


TREE = rows(
    {"channel": "hotline", "category": "ENV", "name_zh": "环境卫生"},
    {"channel": "hotline", "category": "ENV-1", "name_zh": "垃圾", "parent_category": "ENV"},
    {"channel": "hotline", "category": "ENV-1-2", "name_zh": "堆积", "parent_category": "ENV-1"},
    {"channel": "hotline", "category": "ENV-1-3", "parent_category": "ENV-1", "kind": "事件", "subclass_code": "0110"},
)


def test_what_waits_is_told_by_count_under_its_topmost_word(conn: Connection, town: City) -> None:
    assert import_words(conn, "分类.xlsx", TREE).added == 4
    put(conn, town, **{"ENV-1-2": 3, "ENV-1": 1, "NOISE": 2, "ENV-1-3": 5})
    take_in(conn, town, [made.report("odd", TOWN.lonlat("1"), subclass_code="0999")])
    found = todo(conn)
    assert found["reports"] == 6
    assert [(group["category"], group["name_zh"], group["reports"]) for group in found["groups"]] == [
        ("ENV", "环境卫生", 4), ("NOISE", None, 2),
    ]  # fmt: skip
    assert [(one["category"], one["reports"], one["above"]) for one in found["groups"][0]["categories"]] == [
        ("ENV-1-2", 3, ["ENV", "ENV-1"]), ("ENV-1", 1, ["ENV"]),
    ]  # fmt: skip
    assert [(one["subclass_code"], one["reports"]) for one in found["unknown"]] == [("0999", 1)]
    assert todo(conn, "app")["groups"] == []


def test_reports_that_waited_are_routed_again_once_their_word_is_mapped(conn: Connection, town: City) -> None:
    reports = put(conn, town, NOISE=3, SMELL=1)
    with pytest.raises(NotFoundError, match="the word 'NOISE' of hotline is not mapped yet"):
        route_waiting(conn, town, "hotline", "NOISE")
    map_word(conn, means("NOISE"))
    assert [one["mapped"] for group in todo(conn)["groups"] for one in group["categories"]] == [True, False]
    done = route_waiting(conn, town, "hotline")
    assert (done.read, done.registered, done.manual) == (3, 3, {})
    found = [find_report(conn, report.id) or {} for report in reports]
    assert [(one["lead"], one["subclass_code"], one["case_state"]) for one in found] == [
        *[("west", "0110", "dispatched")] * 3, (None, None, None),
    ]  # fmt: skip
    assert found[0]["explanation"]["category"] == "NOISE"
    assert route_waiting(conn, town, "hotline").read == 0
    assert todo(conn)["reports"] == 1


def test_what_is_rejected_waits_no_more(conn: Connection, town: City) -> None:
    put(conn, town, NOISE=2)
    take_in(conn, town, [made.report("odd", TOWN.lonlat("1"), subclass_code="0999")])
    conn.execute("UPDATE report SET state = 'rejected' WHERE external_id IN ('odd', 'NOISE 0')")
    found = todo(conn)
    assert (found["reports"], found["unknown"]) == (1, [])
    map_word(conn, means("NOISE"))
    assert route_waiting(conn, town, "hotline").read == 1


def test_turns_are_taken_before_any_report_is_locked(conn: Connection, town: City, monkeypatch: Any) -> None:
    """Whoever takes in reports does so too: else the two would wait for one another."""
    channels.declare_channels(conn, [replace(channels.channels(conn)["hotline"], folds=True)])
    put(conn, town, LITTER=1)
    map_word(conn, means("LITTER"))
    asked: list[str] = []
    for module, name in ((duplicates, "take_turns"), (cases, "lock_report"), (taxonomies, "set_subjects")):
        monkeypatch.setattr(module, name, _noted(asked, name, getattr(module, name)))
    assert route_waiting(conn, town, "hotline").read == 1
    assert asked[0] == "take_turns"
    assert "lock_report" in asked


def _noted(asked: list[str], name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*given: Any, **named: Any) -> Any:
        asked.append(name)
        return call(*given, **named)

    return noted


def test_a_mapping_that_changes_leaves_what_is_registered(conn: Connection, town: City) -> None:
    map_word(conn, means("NOISE"))
    (report,) = put(conn, town, NOISE=1)
    map_word(conn, means("NOISE", "0111"))
    assert route_waiting(conn, town, "hotline", "NOISE").read == 0
    assert (find_report(conn, report.id) or {})["subclass_code"] == "0110"
    map_word(conn, means("NOISE", None))
    (later,) = put(conn, town, NOISE=2)[1:]
    assert (find_report(conn, later.id) or {})["manual_reason"] == "unmapped"


@pytest.mark.usefixtures("town")
def test_names_stay_and_wrong_words_are_refused(conn: Connection) -> None:
    import_words(conn, "分类.xlsx", TREE)
    now = map_word(conn, means("ENV-1-2"))
    assert (now.name_zh, now.parent_category) == ("堆积", "ENV-1")
    found = words_page(conn, "hotline")
    assert (found["total"], found["mapped"]) == (4, 2)
    for wrong, message in (
        (means("X", "0999"), "event subclass '0999' is not known"),
        (means("X", channel="fax"), "channel 'fax' is not known"),
        (means("X", parent_category="Y"), "its parent Y is not a word of the channel"),
        (means("ENV", parent_category="ENV-1-2"), "ENV stands above itself"),
    ):
        with pytest.raises(InputError, match=message):
            map_word(conn, wrong)


@pytest.mark.usefixtures("town")
def test_a_file_with_a_wrong_row_changes_nothing(conn: Connection) -> None:
    bad = rows(
        {"channel": "hotline", "category": "A", "kind": "event", "subclass_code": "0999"},
        {"channel": "fax", "category": "B"},
        {"channel": "hotline", "category": "C", "parent_category": "Z"},
        {"channel": "hotline", "category": "D"},
        {"channel": "hotline", "category": "D"},
    )
    with pytest.raises(FileError, match="nothing was changed") as error:
        import_words(conn, "分类.xlsx", bad)
    for words in ("row 2: event subclass '0999'", "row 3: channel 'fax'", "row 4: its parent Z", "row 6: D stands"):
        assert words in str(error.value)
    assert words_page(conn, None)["total"] == 0
