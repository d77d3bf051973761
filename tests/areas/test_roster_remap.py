"""Areas that are retired hand their people on to those that succeed them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridsvc.domain.areas import AreaKind
from gridsvc.store import areas, rosters
from gridsvc.store.connection import Connection
from gridsvc.store.rosters import NewEntry

BEGIN, CHANGE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
BEFORE = CHANGE - timedelta(seconds=1)
KIND = "grid"


@pytest.fixture
def grids(conn: Connection) -> Connection:
    areas.declare_kinds(conn, [AreaKind(kind=KIND, name_zh="网格", name_en="Grid", must_tile=True)])
    return conn


def entry(code: str, person: str, **given: object) -> NewEntry:
    usual = {"area_kind": KIND, "area_code": code, "post": "member", "service": "", "person": person, "phone": None,
             "department": None, "account": None, "valid_from": BEGIN, "valid_to": None, "source": "test"}  # fmt: skip
    return NewEntry(**{**usual, **given})  # type: ignore[arg-type]


def put(conn: Connection, **people: str) -> None:
    """One letter a person, by code of the area."""
    rosters.add_entries(conn, [entry(code, person) for code, letters in people.items() for person in letters])


def at(conn: Connection, moment: datetime) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for row in rosters.page(conn, kind=KIND, area_code=None, at=moment, limit=None):
        found.setdefault(row["area_code"], []).append(row["person"])
    return {code: "".join(sorted(people)) for code, people in found.items()}


@pytest.mark.parametrize(("successors", "after", "touched"), [
    ({"A": ["C"]}, {"B": "xy", "C": "hx"}, 4),
    ({"A": ["C", "D"]}, {"B": "xy", "C": "hx", "D": "hx"}, 6),
    ({"A": ["C"], "B": ["C"]}, {"C": "hxy"}, 7),
    ({"A": ["B"]}, {"B": "hxy"}, 3),
    ({"A": []}, {"B": "xy"}, 2),
    ({"A": ["A", "C"]}, {"A": "hx", "B": "xy", "C": "hx"}, 2),
    ({"A": ["B"], "B": ["A"]}, {"A": "xy", "B": "hx"}, 8),
    ({"Z": ["C"]}, {"A": "hx", "B": "xy"}, 0),
    ({}, {"A": "hx", "B": "xy"}, 0),
])  # fmt: skip
def test_where_people_go(
    grids: Connection, successors: Mapping[str, Sequence[str]], after: dict[str, str], touched: int
) -> None:
    put(grids, A="hx", B="xy")
    assert rosters.remap(grids, KIND, successors, CHANGE) == touched
    assert at(grids, BEFORE) == {"A": "hx", "B": "xy"}, "what was stays"
    assert at(grids, CHANGE) == after


def test_other_kinds_stay(grids: Connection) -> None:
    areas.declare_kinds(grids, [AreaKind(kind="block", name_zh="街区", name_en="Block", must_tile=True)])
    put(grids, A="h")
    rosters.add_entries(grids, [entry("A", "b", area_kind="block")])
    rosters.remap(grids, KIND, {"A": ["B"]}, CHANGE)
    assert [(e.area_code, e.person) for e in rosters.entries_of(grids, "block", None, CHANGE)] == [("A", "b")]


def test_a_term_is_kept_and_who_is_yet_to_begin_begins_then(grids: Connection) -> None:
    later, end = CHANGE + timedelta(days=10), CHANGE + timedelta(days=20)
    rosters.add_entries(grids, [
        entry("A", "x", valid_to=end, phone="1", post="head"), entry("A", "y", valid_from=later),
        entry("A", "z", valid_to=BEFORE),
    ])  # fmt: skip
    assert rosters.remap(grids, KIND, {"A": ["B"]}, CHANGE) == 4
    found = rosters.entries_of(grids, KIND, ["B"], CHANGE)
    assert [(e.person, e.post, e.phone, e.valid_from, e.valid_to) for e in found] == [
        ("x", "head", "1", CHANGE, end), ("y", "member", None, later, None),
    ]  # fmt: skip
    assert rosters.entries_of(grids, KIND, ["A"], CHANGE) == []
    assert at(grids, later) == {"B": "xy"}


def test_entries_of_areas_for_a_preview(grids: Connection) -> None:
    put(grids, A="h", B="x", C="y")
    assert [(e.area_code, e.person) for e in rosters.entries_of(grids, KIND, ["C", "A"])] == [("A", "h"), ("C", "y")]
    assert len(rosters.entries_of(grids, KIND, None)) == 3
    assert rosters.entries_of(grids, KIND, []) == []


CODES = "ABCD"
PEOPLE = st.dictionaries(st.sampled_from(CODES), st.text("hxyz", max_size=3).map(lambda s: "".join(sorted(set(s)))))
SUCCESSORS = st.dictionaries(st.sampled_from(CODES), st.lists(st.sampled_from(CODES + "EF"), unique=True, max_size=3))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=PEOPLE, successors=SUCCESSORS)
def test_nobody_is_lost_nobody_comes_twice(
    grids: Connection, people: dict[str, str], successors: dict[str, list[str]]
) -> None:
    """Everybody of a retired area is in all of its successors, and areas have nobody else than before."""
    with grids.transaction(force_rollback=True):
        put(grids, **people)
        rosters.remap(grids, KIND, successors, CHANGE)
        expected = {code: set(letters) for code, letters in people.items() if code not in successors}
        for code, each in successors.items():
            for successor in each:
                expected.setdefault(successor, set()).update(people.get(code, ""))
        assert at(grids, CHANGE) == {code: "".join(sorted(found)) for code, found in expected.items() if found}
        assert at(grids, BEFORE) == {code: letters for code, letters in people.items() if letters}


def test_what_was_cannot_be_rewritten_or_deleted(grids: Connection) -> None:
    put(grids, A="h")
    grids.execute("SET LOCAL ROLE gridsvc_system")
    for statement in ("DELETE FROM roster_entry", "UPDATE roster_entry SET post = 'x'",
                      "UPDATE roster_entry SET valid_from = now()"):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege), grids.transaction():
            grids.execute(statement)
    rosters.remap(grids, KIND, {"A": ["B"]}, CHANGE)
    assert at(grids, CHANGE) == {"B": "h"}
