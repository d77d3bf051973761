"""Figures of GB/T 30428.4: of a small set, computed by hand; of lives at random, by a slow reference."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gridsvc.casework.figures import Question, ask, figures_layer
from gridsvc.domain.figures import FIGURES, periods
from gridsvc.errors import InputError
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.figures import Cut, figures
from tests import made
from tests.casework.timelines import GIVEN, ZONE, Life, june, put_lives

JUNE = (date(2026, 6, 1), date(2026, 6, 30))
AFTERWARDS = datetime(2026, 7, 5, 4, tzinfo=UTC)
Told = dict[str, tuple[int, int]]
"""Numerator and denominator by figure; those with no denominator left out."""


@pytest.fixture
def ready(conn: Connection) -> Connection:
    made.put_departments(conn, "west", "east")
    made.put_channel(conn)
    return conn


def told(conn: Connection, town: City, days: tuple[date, date] = JUNE, **cut: Any) -> dict[str | None, Told]:
    answer = ask(conn, town, Question(cut=Cut(**cut), first=days[0], last=days[1]), AFTERWARDS)
    return {
        row["key"]: {
            name: (one["numerator"], one["denominator"])
            for name, one in row["figures"].items()
            if one.get("denominator")
        }
        for row in answer.as_json()["rows"]
    }


def small_set() -> list[Life]:
    """Each case over June; `R` registered and dispatched to the west, `d` disposed, `C` closed, `|` its limit.

                            May   1    5    10   15   20   25   30  July
     1  in time                   R    dC  |
     2  late                      R        | dC
     3  overdue and open          R                   |
     4  not yet due                                       R        |  (neither due nor finished in June)
     5  early, limit later    RdC    |                                (finished in May, its limit in June)
     6  suspended                 R ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
     7  on the backlog            R ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
     8  voided                    R x      |
     9  wrong body                RrR(east)dC |
    10  rework                    R    df  | dC                       (late: the first limit keeps running)
    11  extended                  R   +    | dC  |
    12  failed in July                                    R   d|    f (disposed when June ended)
    13  by notice                 R    C   |                          (closing stands for disposal)
    14  self-handled              R dC     |
    15  without a limit           R    dC
    16  gap: for a person         r
    17  confirmed in time, 18 too late, 19 not yet due, and no case
    """
    begin, note = june(1.5), {"note": "because"}

    def life(at: datetime = begin, **given: Any) -> Life:
        return Life(at).register(at, **given)

    return [
        life().dispose(june(6)).close(june(7)),
        life().dispose(june(12)).close(june(13)),
        life(days=20),
        life(june(25), days=10),
        life(june(27, 5), days=8).dispose(june(29, 5)).close(june(30, 5)),
        life().move("suspend", june(3), **note),
        life().move("put_on_backlog", june(3), **note, review_at=GIVEN["review_at"]),
        life().move("void", june(3), **note),
        life().move("return", begin + timedelta(minutes=9), **note)
        .move("redispatch", june(2), department="east", **note).dispose(june(8)).close(june(9)),
        life().dispose(june(6)).move("ask_verification", june(7)).move("fail", june(7), **note)
        .move("begin", june(8)).move("dispose", june(12), **note).close(june(13)),
        life().move("accept", june(2))
        .move("ask_extension", june(4), limit={"value": 8, "unit": "natural_days"}, **note).move("extend", june(5))
        .move("begin", june(6)).move("dispose", june(14), **note).close(june(15)),
        life(june(24), days=5).dispose(june(28)).move("ask_verification", june(2, 7)).move("fail", june(2, 7), **note),
        life().move("accept", june(2)).move("close_by_notice", june(6), **note),
        life(lane="self").move("self_dispose", june(3), photos_before=["1"], photos_after=["2"])
        .move("close_self", june(4)),
        life(days=None).dispose(june(6)).close(june(7)),
        Life(begin, manual_reason="gap", register_due_at=june(1.6)),
        Life(begin, confirm_due_at=june(1.6), confirmed_at=june(1.6)),
        Life(begin, confirm_due_at=june(1.6), confirmed_at=june(1.7)),
        Life(june(30.9), confirm_due_at=june(1.4, 7)),
    ]  # fmt: skip


def test_figures_of_a_small_set_are_those_computed_by_hand(ready: Connection, town: City) -> None:
    put_lives(ready, small_set())
    assert told(ready, town)["all"] == {
        "disposal": (9, 10),  # 1 2 5 9 10 11 12 13 15, and 3
        "disposal_in_time": (6, 9),  # 1 5 9 11 12 13; 2 and 10 were late, 15 has no limit
        "closing": (8, 10),  # all of these but 3 and 12
        "closing_in_time": (5, 9),  # 1 5 9 11 13
        "rework": (1, 10),  # 10; 12 failed in July
        "extension": (1, 10),
        "overdue_open": (1, 10),
        "correct_dispatch": (13, 14),  # one each but for 5 (May) and 14 (nobody); 9 has two, the first of them wrong
        "first_dispatch": (12, 13),
        "return": (1, 14),
        "confirm_in_time": (1, 2),
        "register_in_time": (14, 15),  # at once by the service, but for 5 (May); 16 waits
        "dispatch_in_time": (13, 14),  # at once by the service; 9 waited a night for its second
        "accept_in_time": (1, 14),  # until 14:15, or 8:15; 9 was given back within nine minutes
        "verify_in_time": (4, 8),  # 1 10 11 15 until Monday 8:30; not 2, 9, 10 again, 12
        "valid_reports": (14, 18),  # not 16 to 19; 5 is of May
        "automatic": (17, 18),
        "self_disposal": (1, 1),
        "self_in_time": (1, 1),
    }


def test_figures_of_departments_count_what_each_had_when_the_period_ended(ready: Connection, town: City) -> None:
    put_lives(ready, small_set())
    found = told(ready, town, by="department")
    assert found["west"]["disposal"] == (8, 9)
    assert found["east"]["disposal"] == (1, 1)
    assert (found["west"]["return"], found["east"]["return"]) == ((1, 13), (0, 1))
    assert told(ready, town, department="east") == {"all": {**found["east"]}}
    assert told(ready, town, by="lane")["self"].keys() == {
        "self_disposal",
        "self_in_time",
        "register_in_time",
        "valid_reports",
        "automatic",
    }
    assert told(ready, town, by="subclass") == {"event 0110": told(ready, town)["all"]}


def test_a_case_counts_where_its_limit_falls_and_where_it_was_finished(ready: Connection, town: City) -> None:
    """Case 5: finished in May, its limit in June; case 4: its limit of 5 July has passed since midnight."""
    put_lives(ready, small_set())
    days = (date(2026, 5, 1), date(2026, 12, 31))
    answer = ask(ready, town, Question(cut=Cut(), first=days[0], last=days[1], every="month"), AFTERWARDS).as_json()
    assert [(row["from"].month, row["figures"]["disposal"]["value"]) for row in answer["rows"]] == [
        (5, 1.0), (6, 0.9), (7, 0.0),
    ]  # fmt: skip
    assert answer["rows"][0]["figures"]["overdue_open"] == {"numerator": 0, "denominator": 1, "value": 0.0}
    assert answer["rows"][0]["figures"]["return"] == {"numerator": 0, "denominator": 1, "value": 0.0}
    assert answer["rows"][0]["figures"]["rework"]["value"] == 0.0
    assert answer["rows"][2]["figures"]["correct_dispatch"] == {"numerator": 0, "denominator": 0, "value": None}


def test_a_limit_that_moves_later_leaves_a_period_that_is_over_alone(ready: Connection, town: City) -> None:
    """Due on 26 June, extended on 2 July to the 4th, disposed of on the 3rd: overdue in June, in time in July."""
    life = Life(june(1)).register(june(1), days=25).move("accept", june(2))
    life.move("ask_extension", june(3), limit={"value": 8, "unit": "natural_days"}, note="because")
    put_lives(
        ready, [life.move("extend", june(2, 7)).move("begin", june(3, 7)).move("dispose", june(3.1, 7), note="!")]
    )
    found = told(ready, town)["all"]
    assert (found["disposal"], found["overdue_open"], found["disposal_in_time"]) == ((0, 1), (1, 1), (0, 1))
    july = told(ready, town, (date(2026, 7, 1), date(2026, 7, 31)))["all"]
    assert (july["disposal"], july["overdue_open"], july["disposal_in_time"]) == ((1, 1), (0, 1), (1, 1))


def put_link(conn: Connection, life: Life, root: Life, at: datetime) -> None:
    conn.execute(
        "WITH linked AS (UPDATE report SET state = 'linked', linked_to = %(root)s"
        " WHERE reported_at = %(reported)s AND id <> %(root)s RETURNING id)"
        " INSERT INTO report_duplicate (report_id, of_report_id, by, minutes, state, at)"
        " SELECT id, %(root)s, 'desk', 0, 'linked', %(at)s FROM linked",
        {"root": root.case.report_id if root.case else None, "reported": life.reported_at, "at": at},
    )


def test_what_was_linked_is_as_valid_as_its_root_and_has_not_to_be_confirmed(ready: Connection, town: City) -> None:
    """Linked in June before and after it was to be confirmed, and only in July."""
    root = Life(june(1)).register(june(1))
    early, late, later = (Life(june(2 + n), confirm_due_at=june(4)) for n in range(3))
    later.confirm_due_at = june(10)
    put_lives(ready, [root, early, late, later])
    for life, at in ((early, june(3)), (late, june(5)), (later, june(2, 7))):
        put_link(ready, life, root, at)
    found = told(ready, town)["all"]
    assert (found["valid_reports"], found["confirm_in_time"]) == ((3, 4), (0, 2))
    assert told(ready, town, by="lane")["dispatched"]["valid_reports"] == (3, 4)
    assert told(ready, town, by="department")["west"]["valid_reports"] == (3, 4)


@pytest.mark.parametrize("move", ["confirm", "deny", "reject"])
def test_whoever_finds_a_report_untrue_has_confirmed_in_time(ready: Connection, town: City, move: str) -> None:
    put_lives(ready, [Life(june(1), confirm_due_at=june(2), confirmed_at=june(2), confirmed_by=move)])
    assert told(ready, town)["all"]["confirm_in_time"] == (1, 1)


def test_times_are_told_as_median_and_percentile(ready: Connection, town: City) -> None:
    put_lives(ready, [Life(june(1)).register(june(1)).dispose(june(1 + n)).close(june(9)) for n in (1, 2, 3, 6)])
    answer = ask(ready, town, Question(cut=Cut(), first=JUNE[0], last=JUNE[1]), AFTERWARDS).as_json()
    figures = answer["rows"][0]["figures"]
    assert figures["report_to_disposed"] == {"count": 4, "median": 2.5 * 1440, "p90": 7344.0}
    assert figures["report_to_accepted"] == {"count": 4, "median": 2.5 * 1440 - 120, "p90": 7224.0}


def put_whistle(conn: Connection, at: datetime, **arrived_after: int | None) -> None:
    """Due within 30 minutes; `arrived_after`: minutes, by department."""
    calls = arrived_after or {"west": 10}
    row: Any = conn.execute(
        "INSERT INTO whistle (id, reason, whistler, at, minutes, due_at, departments, geom)"
        " SELECT gen_random_uuid(), 'gas', 'test', %s, 30, %s, '{}', ST_SetSRID(ST_MakePoint(0, 0), srid) FROM city"
        " RETURNING id",
        (at, at + timedelta(minutes=30)),
    ).fetchone()
    for code, minutes in calls.items():
        conn.execute(
            "INSERT INTO whistle_call (whistle_id, department, arrived_at) VALUES (%s, %s, %s)",
            (row[0], code, None if minutes is None else at + timedelta(minutes=minutes)),
        )


def test_figures_of_whistles(ready: Connection, town: City) -> None:
    """On 2 June west comes in time and east never; on the 3rd both, east late; the last limit is already of July."""
    put_whistle(ready, june(2), west=10, east=None)
    put_whistle(ready, june(3), west=30, east=31)
    put_whistle(ready, june(30) + timedelta(hours=23, minutes=45), west=20, east=None)
    found = told(ready, town, by="department")
    assert (found["west"], found["east"]) == ({"whistle_in_time": (2, 2)}, {"whistle_in_time": (0, 2)})
    answer = ask(ready, town, Question(cut=Cut(), first=JUNE[0], last=JUNE[1]), AFTERWARDS).as_json()
    assert answer["rows"][0]["figures"]["whistle_to_arrival"] == {"count": 3, "median": 30.0, "p90": 30.8}
    july = told(ready, town, (date(2026, 7, 1), date(2026, 7, 31)))
    assert july["all"] == {"whistle_in_time": (1, 2)}
    assert told(ready, town, by="lane") == {None: {"whistle_in_time": (2, 4)}}
    assert told(ready, town, lane="self") == {}


def test_rules_that_send_to_the_wrong_body_are_found(ready: Connection, town: City) -> None:
    back = {"note": "not ours"}
    lives = [Life(june(1), rule="R1").register(june(1)) for _ in range(3)]
    lives[0].move("return", june(1), **back)
    lives += [Life(june(1), rule="R2").register(june(1)).move("redispatch", june(2), department="east", **back)]
    put_lives(ready, lives)
    found = told(ready, town, by="rule")
    assert (found["R1"]["return"], found["R2"]["return"]) == ((1, 3), (0, 2))
    assert (found["R1"]["first_dispatch"], found["R2"]["first_dispatch"]) == ((2, 3), (0, 1))


def test_every_figure_has_its_words_and_is_counted_somewhere(ready: Connection) -> None:
    lives = small_set()
    put_lives(ready, lives)
    put_whistle(ready, june(2))
    names = {one.figure for one in figures(ready, Cut(), periods(*JUNE, None, ZONE, AFTERWARDS))}
    assert names == {figure.name for figure in FIGURES}


@pytest.mark.parametrize(
    ("cut", "days", "every", "words"),
    [
        ({"by": "street"}, JUNE, None, "by 'street' is not known; choose one of: all, department"),
        ({"by": "area", "area_kind": "moon"}, JUNE, None, "area_kind 'moon' is not known"),
        ({"area_kind": "grid"}, JUNE, None, "area_kind goes with by=area"),
        ({"department": "moon"}, JUNE, None, "there is no department 'moon'"),
        ({"lane": "fast"}, JUNE, None, "lane 'fast' is not known"),
        ({"kind": "thing"}, JUNE, None, "kind 'thing' is not known"),
        ({"subclass_code": "0110"}, JUNE, None, "a subclass_code goes with its kind"),
        ({"kind": "event", "subclass_code": "9"}, JUNE, None, "event subclass '9' is not in the catalogue"),
        ({}, JUNE, "hour", "every 'hour' is not known"),
        ({}, (JUNE[1], JUNE[0]), None, "the last day 2026-06-01 is before the first day 2026-06-30"),
        ({}, (date(2026, 8, 1), date(2026, 8, 2)), None, "the first day 2026-08-01 is yet to come"),
        ({}, (date(2020, 1, 1), JUNE[1]), "day", "more than 400 periods"),
    ],
)
def test_what_cannot_be_asked_is_told(
    conn: Connection, town: City, cut: dict[str, str], days: tuple[date, date], every: str | None, words: str
) -> None:
    with pytest.raises(InputError, match=words) as error:
        ask(conn, town, Question(cut=Cut(**cut), first=days[0], last=days[1], every=every), AFTERWARDS)
    assert error.value.zh


def test_periods_are_cut_at_their_own_ends_in_the_time_of_the_city() -> None:
    now = datetime(2026, 7, 1, 20, tzinfo=UTC)  # 4 o'clock of the second in Shanghai
    found = periods(date(2026, 6, 24), date(2026, 7, 31), "week", ZONE, now)
    assert [(one.first.day, one.last.day) for one in found] == [(24, 28), (29, 5)]
    assert found[0].begin == datetime(2026, 6, 23, 16, tzinfo=UTC)
    assert found[1].until == now
    months = periods(date(2025, 12, 31), date(2026, 3, 1), "month", ZONE, now)
    assert [(one.first.isoformat(), one.last.isoformat()) for one in months] == [
        ("2025-12-31", "2025-12-31"), ("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-02-28"),
        ("2026-03-01", "2026-03-01"),
    ]  # fmt: skip
    assert [one.last.year for one in periods(date(2024, 2, 29), date(2026, 3, 1), "year", ZONE, now)] == [
        2024,
        2025,
        2026,
    ]


def test_a_file_has_one_row_for_each_figure(ready: Connection, town: City) -> None:
    put_lives(ready, small_set())
    answer = ask(ready, town, Question(cut=Cut(by="department"), first=JUNE[0], last=JUNE[1]), AFTERWARDS)
    layer = figures_layer(ready, town, answer)
    rows = [
        dict(zip(layer.columns, row, strict=True))
        for row in zip(*(c.to_pylist() for c in layer.columns.values()), strict=True)
    ]
    assert len(rows) == 3 * len(FIGURES)
    (row,) = [row for row in rows if row["代码"] == "west" and row["指标"] == "处置率"]
    assert (row["分子"], row["分母"], row["比率（%）"], row["公式"]) == (8, 9, 88.89, "处置数 / 应处置数")
