"""`gridsvc cases` and `gridsvc reports move`: the same moves by command."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gridsvc.casework.intake import take_in
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection, connect
from tests import made
from tests.accounts import CHIEF, put_account
from tests.casework.lives import TOWN, build
from tests.cli.commands import Gridsvc


@pytest.fixture(scope="module")
def lives(database: str) -> Iterator[Connection]:
    """A town with a case, committed."""
    with connect(database) as conn:
        with conn.transaction():
            build(conn, the_city(conn))
            put_account(conn, "chief", *CHIEF, whole_city=True)
        yield conn


def put_case(conn: Connection, external_id: str, channel: str = "hotline") -> str:
    """Number of the case, or id of the report that has none yet."""
    report = made.report(external_id, TOWN.lonlat("1"), channel=channel, reported_at=datetime.now(UTC))
    with conn.transaction():
        take_in(conn, the_city(conn), [report])
    row = conn.execute("SELECT id FROM cases WHERE report_id = %s", [report.id]).fetchone()
    return str(row[0] if row else report.id)


def test_moved_and_looked_at(gridsvc: Gridsvc, lives: Connection) -> None:
    case = put_case(lives, "a")
    said = gridsvc("--as", "district", "cases", "move", case, "accept", "--version", 2)
    assert (said.code, said.out.splitlines()[0]) == (
        0, f"case {case}: accepted, dispatched, with district; version 3",
    )  # fmt: skip
    late = gridsvc("--as", "chief", "cases", "move", case, "suspend", "--version", 2, "--note", "wait")
    assert (late.code, "accept by district" in late.err) == (1, True)
    given = ("--given", "review_at=2031-01-01T08:00", "--note", "no money")
    held = gridsvc("--as", "chief", "cases", "move", case, "put_on_backlog", "--version", 3, *given, "--json")
    assert (held.json["state"], held.json["review_at"]) == ("backlog", "2031-01-01T00:00:00+00:00")
    shown = gridsvc("--as", "chief", "cases", "show", case)
    assert "possible: " in shown.out
    assert "take_up" in shown.out
    assert gridsvc("--as", "chief", "cases", "list", "--review-due").out == "0 of 0\n"
    lives.execute(
        "UPDATE cases SET review_at = '2026-07-08 08:00Z', statutory_due = '2026-07-09' WHERE id = %s", [case]
    )
    listed = gridsvc("--as", "chief", "cases", "list", "--review-due").out
    assert "to be reviewed 2026-07-08 08:00Z  by law overdue since 2026-07-09" in listed


def test_confirmed_by_command(gridsvc: Gridsvc, lives: Connection) -> None:
    report = put_case(lives, "public", "app")
    listed = gridsvc("--as", "chief", "reports", "to-confirm")
    assert f"{report}  event 0110  by inspector" in listed.out
    said = gridsvc("--as", "inspector", "reports", "move", report, "confirm", "--version", 1)
    assert (said.code, f"report {report}: registered" in said.out) == (0, True)
    assert "possible: " in gridsvc("--as", "chief", "reports", "show", report).out


def test_lists_and_tables(gridsvc: Gridsvc, lives: Connection) -> None:
    case = put_case(lives, "listed")
    found = gridsvc(
        "--as", "chief", "cases", "list", "--area", "patrol_grid:W", "--subclass", "event:0110", "--json"
    ).json
    assert case in {str(one["id"]) for one in found["cases"]}
    assert "of " in gridsvc("--as", "chief", "cases", "list", "--mine", "--limit", 1).out
    assert (
        "  accept             签收: dispatched → accepted, by department_handler"
        in gridsvc("--as", "chief", "cases", "moves").out.splitlines()
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("list", "--area", "W"), "--area 'W': write KIND:CODE"),
        (("list", "--state", "flying"), "state 'flying' is not known"),
        (("move", "1", "extend", "--version", "2", "--given", "limit=soon"), "write a number and a unit, such as"),
        (("move", "1", "extend", "--version", "2", "--given", "colour=red"), "what a move takes 'colour' is not known"),
        (("show", "999999"), "case 999999 does not exist"),
    ],
)
def test_what_is_wrong_is_said(gridsvc: Gridsvc, lives: Connection, arguments: tuple[str, ...], says: str) -> None:
    put_case(lives, "wrong")
    said = gridsvc("--as", "chief", "cases", *arguments)
    assert (said.code, says in said.err) == (1, True), said.err


def test_guides_are_shown_with_the_case(gridsvc: Gridsvc, lives: Connection, tmp_path: Path) -> None:
    case = put_case(lives, "guided")
    file = tmp_path / "guides.csv"
    file.write_text("kind,subclass_code,text_zh,text_en,source\nevent,0110,清扫,sweep,city rule 7\n", encoding="utf-8")
    assert gridsvc("--as", "chief", "cases", "guides", file).out == "1 guides\n"
    shown = gridsvc("--as", "chief", "cases", "show", case, "--json").json
    assert shown["guide"] == {"text_zh": "清扫", "text_en": "sweep", "source": "city rule 7"}
    file.write_text("kind,subclass_code,text_zh,text_en,source\nevent,9999,清扫,sweep,city rule 7\n", encoding="utf-8")
    wrong = gridsvc("--as", "chief", "cases", "guides", file)
    assert (wrong.code, "line 2" in wrong.err, "'9999' is not in the catalogue" in wrong.err) == (1, True, True)


def test_due_times_are_told_anew(gridsvc: Gridsvc, lives: Connection) -> None:
    case = put_case(lives, "untold")
    lives.execute("UPDATE cases SET due_at = NULL, clock = NULL, due_reason = 'no limit' WHERE id = %s", [case])
    said = gridsvc("--as", "chief", "cases", "clocks", "--json")
    assert said.json == {"told": 1, "left": 0}
    assert lives.execute("SELECT due_at IS NOT NULL FROM cases WHERE id = %s", [case]).fetchone() == (True,)
