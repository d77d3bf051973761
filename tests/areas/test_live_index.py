"""The index that a service holds: it follows the revisions, and nobody is answered from an old one."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from gridsvc.areas import live_index
from gridsvc.areas.apply import apply_draft
from gridsvc.areas.live_index import LiveIndex
from gridsvc.casework.intake import take_in
from gridsvc.domain.grid_index import GridIndex
from gridsvc.store import drafts
from gridsvc.store.areas import AsOf
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect
from gridsvc.store.locating import IndexLocator, SqlLocator, grid_index, locator
from tests import made
from tests.database import as_service
from tests.service import asking, running
from tests.sketch import Sketch

TOWN = Sketch(
    """
    a . b . c
    . 1 . 2 .
    d . e . f
    """,
    step=100,
)
GRID, WARD = made.kind("grid"), made.kind("ward")
OLD = {"w": TOWN.polygon("abed"), "e": TOWN.polygon("bcfe")}
NEW = {"all": TOWN.polygon("acfd")}
Cloned = Callable[[str], "contextmanager[str]"]


@pytest.fixture
def city_of_two(cloned: Cloned, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of its own, for areas are committed."""
    with cloned(f"live_{abs(hash(request.node.name))}") as url:
        put(url, OLD)
        yield url


def put(url: str, shapes: dict[str, Any], kind: Any = GRID, **given: Any) -> int:
    with connect(url) as conn, conn.transaction():
        return made.put_areas(conn, the_city(conn), kind, shapes, **given)


def put_dated(url: str, shapes: dict[str, Any], begin: datetime) -> int:
    """As a draft that is applied with a date to come."""
    with connect(url) as conn, conn.transaction():
        draft_id = drafts.add_draft(conn, GRID.kind, None, "test")
        drafts.fill_draft(conn, draft_id, the_city(conn).srid, [(c, c, c, None, shape) for c, shape in shapes.items()])
        return apply_draft(conn, draft_id, begin).revision


@contextmanager
def followed(url: str) -> Iterator[LiveIndex]:
    live = LiveIndex(as_service(url))
    with live.following():
        until(lambda: live.now() is not None)
        yield live


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


def code(index: Any, mark: str = "2") -> str:
    assert index is not None
    return str(index.at(*TOWN.xy(mark)).hits["grid"].code)


def revision_of(live: LiveIndex) -> int:
    index = live.now()
    return index.revision if index else 0


def test_a_new_revision_is_followed(city_of_two: str) -> None:
    with followed(city_of_two) as live:
        old = live.now()
        assert (revision_of(live), code(old)) == (1, "e")
        revision = put(city_of_two, NEW, valid_from=made.NOON)
        until(lambda: revision_of(live) == revision)
        assert (code(live.now()), code(old)) == ("all", "e")
        assert live.seen(1) is None
        assert live.seen(revision) is live.now()


def test_two_services_follow_one_database(city_of_two: str) -> None:
    with followed(city_of_two) as one, followed(city_of_two) as two:
        revision = put(city_of_two, NEW, valid_from=made.NOON)
        until(lambda: revision_of(one) == revision_of(two) == revision)
        assert code(one.now()) == code(two.now()) == "all"


def test_what_did_not_change_is_not_made_again(city_of_two: str) -> None:
    with followed(city_of_two) as live:
        old = live.now()
        revision = put(city_of_two, NEW, WARD)
        until(lambda: revision_of(live) == revision)
        new = live.now()
        assert old is not None
        assert new is not None
        assert new.kinds["grid"] is old.kinds["grid"]
        assert new.kinds.keys() == {"grid", "ward"}


def test_a_connection_that_is_killed_is_made_anew_and_misses_nothing(city_of_two: str) -> None:
    with followed(city_of_two) as live, connect(city_of_two) as owner:
        for number in range(3):
            kill_listeners(owner)
            revision = put(city_of_two, NEW if number % 2 == 0 else OLD, valid_from=made.NOON + timedelta(days=number))
            until(lambda revision=revision: revision_of(live) == revision)  # type: ignore[misc]
        assert code(live.now()) == "all"


def kill_listeners(owner: Connection) -> None:
    killed = owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%gridsvc_areas%'"
        "    OR datname = current_database() AND pid <> pg_backend_pid() AND usename = 'gridsvc_test_service'"
    ).fetchall()
    assert killed


def test_it_ends_at_once(city_of_two: str) -> None:
    with followed(city_of_two):
        begun = time.monotonic()
    assert time.monotonic() - begun < 2


def test_dated_areas_come_at_their_time(city_of_two: str) -> None:
    begin = datetime.now(UTC) + timedelta(seconds=4)
    with followed(city_of_two) as live:
        revision = put_dated(city_of_two, NEW, begin)
        until(lambda: revision_of(live) == revision)
        before = live.now()
        assert before is not None
        assert (before.until, code(before)) == (begin, "e")
        after = live.seen(revision, AsOf(at=begin))
        assert (code(after), before.covers(begin)) == ("all", False)
        until(lambda: datetime.now(UTC) > begin)
        assert code(live.now()) == "all"


def test_dated_areas_of_another_day_are_not_held_yet(city_of_two: str) -> None:
    begin = datetime.now(UTC) + timedelta(days=4)
    revision = put_dated(city_of_two, NEW, begin)
    with followed(city_of_two) as live:
        assert code(live.seen(revision)) == "e"
        assert live.seen(revision, AsOf(at=begin)) is None
        with connect(city_of_two) as conn, conn.transaction():
            made_now = live.as_of(conn, AsOf(at=begin))
            assert code(made_now) == "all"
            assert live.as_of(conn, AsOf(at=begin + timedelta(days=1))) is made_now


def test_as_a_revision_left_them(city_of_two: str) -> None:
    put(city_of_two, NEW, valid_from=made.NOON)
    with followed(city_of_two) as live, connect(city_of_two) as conn, conn.transaction():
        assert live.seen(2, AsOf(revision=1)) is None
        found = [live.as_of(conn, AsOf(revision=revision)) for revision in (1, 2, 1)]
        assert [code(index) for index in found] == ["e", "all", "e"]
        assert found[0] is found[2]
        x, y = (np.array([value]) for value in TOWN.xy("2"))
        by_sql = SqlLocator(conn, the_city(conn).srid, 1).locate(x, y, [datetime.now(UTC)])
        assert by_sql[0].hits["grid"].code == "e"


def test_a_database_without_areas_has_an_index_too(cloned: Cloned) -> None:
    with cloned("live_empty") as url, followed(url) as live:
        index = live.now()
        assert index is not None
        assert (index.revision, index.at(*TOWN.xy("1")).hits) == (0, {})
        revision = put(url, OLD)
        until(lambda: revision_of(live) == revision)


# Who writes


def test_nobody_writes_by_an_old_index(city_of_two: str) -> None:
    """As if the notice had not come yet."""
    with connect(city_of_two) as conn:
        old = live_of(conn)
        put(city_of_two, NEW, valid_from=made.NOON - timedelta(days=1))
        with conn.transaction():
            town = ready(conn)
            take_in(conn, town, [made.report("r", TOWN.lonlat("2"))], index=old)
            row = conn.execute(
                "SELECT explanation->'areas'->0->>'code', area_revision FROM routing_decision"
            ).fetchone()
        assert row == ("all", 2)


def test_a_new_index_says_what_postgis_says(conn: Connection, town: City, monkeypatch: pytest.MonkeyPatch) -> None:
    made.put_areas(conn, town, GRID, OLD)
    made.put_areas(conn, town, GRID, NEW, valid_from=made.NOON)
    ready(conn)
    reports = [
        made.report(f"{by}{n}", place, reported_at=at)
        for by in "sp"
        for n, (place, at) in enumerate(
            [(TOWN.lonlat("2"), made.NOON), (TOWN.lonlat("2"), made.NOON - timedelta(days=1)), (None, made.NOON)]
        )
    ]
    take_in(conn, town, reports[:3])
    used: list[bool] = []
    monkeypatch.setattr(IndexLocator, "_parted", watched(IndexLocator._parted, used))
    take_in(conn, town, reports[3:], index=live_of(conn))
    assert used
    rows = conn.execute(
        "SELECT explanation->'areas', explanation->'outside', current_area_ids FROM routing_decision"
        "  JOIN report ON report.id = report_id ORDER BY external_id"
    ).fetchall()
    assert rows[:3] == rows[3:]
    assert [area["code"] for row in rows[:2] for area in row[0]] == ["all", "e"]


def watched(function: Any, called: list[bool]) -> Any:
    def call(*given: Any) -> Any:
        called.append(True)
        return function(*given)

    return call


def live_of(conn: Connection) -> GridIndex:

    return grid_index(conn)


def ready(conn: Connection) -> City:
    made.put_departments(conn, "lead")
    made.put_channel(conn)
    made.put_rules(conn, made.rule("lead"))
    return the_city(conn)


def test_the_index_is_used_for_its_own_revision_only(conn: Connection, town: City) -> None:
    made.put_areas(conn, town, GRID, OLD)
    index = live_of(conn)
    assert isinstance(locator(conn, town.srid, index, 1), IndexLocator)
    assert isinstance(locator(conn, town.srid, index, 2), SqlLocator)
    assert isinstance(locator(conn, town.srid, None, 1), SqlLocator)


# As a service


def test_answers_are_of_the_new_revision_as_soon_as_there_is_one(
    city_of_two: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer after the commit is right, though making the index takes its time; both services follow."""
    lon, lat = TOWN.lonlat("2")
    with ExitStack() as both:
        clients = [both.enter_context(asking(both.enter_context(running(city_of_two)))) for _ in range(2)]
        for client in clients:
            until(lambda client=client: client.get("/ready").json()["index_revision"] == 1)  # type: ignore[misc]
        monkeypatch.setattr(live_index, "grid_index", slow(live_index.grid_index))
        for number in range(6):
            revision = put(city_of_two, [NEW, OLD][number % 2], valid_from=made.NOON + timedelta(hours=number))
            for client in clients:
                answer = client.get("/api/v1/locate", params={"lon": lon, "lat": lat}).json()
                assert [area["code"] for area in answer["areas"]] == [["all"], ["e"]][number % 2]
                assert client.get("/ready").json()["area_revision"] == revision
        for client in clients:
            until(lambda client=client: client.get("/ready").json()["index_revision"] == revision)  # type: ignore[misc]


def slow(function: Any) -> Any:
    def call(*given: Any, **named: Any) -> Any:
        time.sleep(0.3)
        return function(*given, **named)

    return call
