"""Personal data go when their time has come, and nothing else does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gridsvc.access.retention import FIRST_RULES, erase, set_rule
from gridsvc.casework.intake import take_in
from gridsvc.domain.areas import AreaKind
from gridsvc.errors import InputError
from gridsvc.store import photos, retention, rosters
from gridsvc.store.areas import declare_kinds
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.rosters import NewEntry
from tests import made
from tests.sketch import Sketch

SQUARE = Sketch(
    """
    a . b
    . 1 .
    d . c
""",
    step=100,
)
NOW = datetime.now(UTC)
PERSON = {"reporter_name": "Li", "reporter_phone": "139", "description": "I am Li"}


@pytest.fixture
def ready(conn: Connection, town: City) -> Connection:
    del town
    made.put_departments(conn, "d")
    made.put_channel(conn)
    made.put_channel(conn, "public", confirmed=False)
    made.put_rules(conn, made.rule("d"))
    return conn


def put(conn: Connection, city: City, name: str, age: int, *, closed: bool, channel: str = "hotline") -> None:
    """A report whose case was closed, or that was reported, `age` days ago."""
    then = NOW - timedelta(days=age)
    given: dict[str, Any] = (
        {"closed_at": then, "reported_at": then - timedelta(days=1)} if closed else {"reported_at": then}
    )
    take_in(conn, city, [made.report(name, channel=channel, recorded={"department": "d"}, **PERSON, **given)])


def personal(conn: Connection) -> dict[str, bool]:
    """Whether anything personal is left, by report."""
    rows = conn.execute(
        "SELECT external_id, description IS NOT NULL OR reporter IS NOT NULL"
        "  FROM report LEFT JOIN reporter ON report_id = report.id"
    )
    return dict(rows.fetchall())


def test_first_rules(conn: Connection) -> None:
    assert retention.rules(conn) == FIRST_RULES


def test_only_what_is_old_enough_goes(ready: Connection, town: City, tmp_path: Path) -> None:
    set_rule(ready, "reported", 30)
    put(ready, town, "young", 29, closed=False)
    put(ready, town, "old", 31, closed=False)
    done = erase(ready, tmp_path, tmp_path / "uploads")
    assert (done.reports, personal(ready)) == (1, {"young": True, "old": False})
    assert erase(ready, tmp_path, tmp_path / "uploads").reports == 0
    kept = ready.execute("SELECT kind, subclass_code, state, anonymised_at IS NOT NULL FROM report"
                         " WHERE external_id = 'old'").fetchone()  # fmt: skip
    assert kept == ("event", "0110", "reported", True)
    row = ready.execute("SELECT thing FROM audit WHERE action = 'report.anonymise'").fetchall()
    assert row == [("1 reports",)]


def test_a_state_without_a_rule_is_kept_for_good(ready: Connection, town: City, tmp_path: Path) -> None:
    set_rule(ready, "reported", None)
    put(ready, town, "ancient", 9_000, closed=False)
    assert erase(ready, tmp_path, tmp_path / "uploads").reports == 0


def test_rules_follow_the_state_of_the_case(ready: Connection, town: City, tmp_path: Path) -> None:
    made.put_areas(ready, town, made.kind("grid"), {"g": SQUARE.polygon("abcd")})
    then = NOW - timedelta(days=100)
    closed = {"closed_at": then, "reported_at": then - timedelta(days=1)}
    take_in(ready, town, [made.report("closed", SQUARE.lonlat("1"), **PERSON, **closed),
                         made.report("open", SQUARE.lonlat("1"), reported_at=then, **PERSON)])  # fmt: skip
    set_rule(ready, "closed", 90)
    assert erase(ready, tmp_path, tmp_path / "uploads").reports == 1
    assert personal(ready) == {"closed": False, "open": True}


def test_what_a_repeat_told_goes_too(ready: Connection, town: City, tmp_path: Path) -> None:
    set_rule(ready, "reported", 30)
    for words in ("first", "second"):
        report = made.report("r", reported_at=NOW - timedelta(days=40), description=words)
        take_in(ready, town, [report])
    erase(ready, tmp_path, tmp_path / "uploads")
    assert ready.execute("SELECT differs FROM report_repeat").fetchall() == [({},)]


def test_original_pictures_go_and_files_that_nobody_names(ready: Connection, town: City, tmp_path: Path,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    set_rule(ready, "reported", 30)
    put(ready, town, "r", 40, closed=False)
    original, shared = photos.keep(b"original", tmp_path), photos.keep(b"shared", tmp_path)
    orphan = photos.keep(b"of a transaction that failed", tmp_path)
    found = ready.execute("SELECT id FROM report").fetchone()
    assert found
    photos.add_photo(ready, found[0], original, shared, "image/jpeg")
    assert erase(ready, tmp_path, tmp_path / "uploads").files == 0, (
        "files may belong to a transaction that is not over yet"
    )
    monkeypatch.setattr(photos, "YOUNG", -1.0)
    assert erase(ready, tmp_path, tmp_path / "uploads").files == 2
    assert photos.content(shared, tmp_path) == b"shared"
    assert not list(tmp_path.glob(f"*/{original}"))
    assert not list(tmp_path.glob(f"*/{orphan}"))


@pytest.mark.parametrize(("state", "days", "detail"), [
    ("nowhere", 30, "state 'nowhere' is not known"), ("closed", 0, "0 days are not between 1 and 36500"),
    ("audit", 179, "179 days are not between 180 and 36500"), ("closed", 40_000, "are not between"),
])  # fmt: skip
def test_bad_rules_are_refused(conn: Connection, state: str, days: int, detail: str) -> None:
    with pytest.raises(InputError, match=detail):
        set_rule(conn, state, days)
    assert retention.rules(conn) == FIRST_RULES


def test_who_held_a_post_long_ago_is_forgotten_and_the_post_is_not(ready: Connection, tmp_path: Path) -> None:
    declare_kinds(ready, [AreaKind(kind="grid", name_zh="网格", name_en="Grid", must_tile=True)])
    ends = {"old": timedelta(days=-31), "new": timedelta(days=-29), "present": None}
    now = datetime.now(UTC)
    rosters.add_entries(ready, [
        NewEntry(area_kind="grid", area_code="g", post="head", service="", person=person, phone="1", department=None,
                 account=None, valid_from=now - timedelta(days=99), valid_to=end and now + end, source="test")
        for person, end in ends.items()
    ])  # fmt: skip
    set_rule(ready, "roster", 30)
    assert erase(ready, tmp_path, tmp_path / "uploads").rosters == 1
    assert erase(ready, tmp_path, tmp_path / "uploads").rosters == 0
    found = ready.execute("SELECT person, phone, post FROM roster_entry ORDER BY id").fetchall()
    assert found == [("", None, "head"), ("new", "1", "head"), ("present", "1", "head")]
    set_rule(ready, "roster", None)
    assert erase(ready, tmp_path, tmp_path / "uploads").rosters == 0
