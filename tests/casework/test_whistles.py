"""Whistles: who calls whom where, who comes, what is refused and leaves nothing behind."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from gridsvc.casework import whistle_blowing, whistles
from gridsvc.casework.whistle_blowing import Blow
from gridsvc.casework.whistles import Arrival
from gridsvc.errors import ConflictError, ForbiddenError, GridsvcError, InputError, NotFoundError
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.whistles import WhistleFilter
from tests import made
from tests.casework.lives import TOWN, become, build, owner_again, put_case

PLACE = dict(zip(("lon", "lat"), TOWN.lonlat("1"), strict=True))
OUTSIDE = dict(zip(("lon", "lat"), TOWN.lonlat("9"), strict=True))


@pytest.fixture
def ready(conn: Connection, town: City) -> Iterator[Connection]:
    build(conn, town)
    yield conn
    owner_again(conn)


def blow(conn: Connection, town: City, who: str = "dispatcher", **given: Any) -> UUID:
    caller = become(conn, who)
    place = {} if {"lon", "case_id"} & given.keys() else PLACE
    asked = Blow(**{"id": uuid4(), "departments": ["street", "other"], "reason": "gas", **place, **given})
    whistle_blowing.blow(conn, town, caller, asked)
    return asked.id


def arrive(conn: Connection, town: City, whistle: UUID, who: str, at: datetime | None = None, mark: str = "1") -> None:
    lon, lat = TOWN.lonlat(mark)
    there = Arrival(lon=lon, lat=lat, at=at)
    whistles.arrive(conn, town, become(conn, who), whistle, who, there)


def rows(conn: Connection, table: str) -> int:
    owner_again(conn)
    found = conn.execute(psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(table))).fetchone()
    assert found
    return int(found[0])


def test_called_answered_arrived_done_closed(ready: Connection, town: City) -> None:
    case = put_case(ready, town)
    whistle = blow(ready, town, case_id=case, minutes=20)
    whistles.answer(ready, become(ready, "street"), whistle, "street", "coming")
    arrive(ready, town, whistle, "street")
    arrive(ready, town, whistle, "other", mark="2")
    whistles.report(ready, become(ready, "street"), whistle, "street", "closed the valve")
    whistles.close(ready, town, become(ready, "leader"), whistle, "leak stopped")
    found = whistles.show(ready, whistle)
    assert found["due_at"] == (found["at"] + timedelta(minutes=20)).replace(second=0, microsecond=0)
    assert (found["case_id"], found["whistler"], found["outcome"]) == (case, "dispatcher", "leak stopped")
    assert [(s["move"], s["actor"], s["department"]) for s in found["steps"]] == [
        ("blow", "dispatcher", None), ("answer", "street", "street"), ("arrive", "street", "street"),
        ("arrive", "other", "other"), ("report", "street", "street"), ("close", "leader", None),
    ]  # fmt: skip
    calls = {call["department"]: call for call in found["calls"]}
    assert calls["street"]["distance_m"] == pytest.approx(0, abs=0.01)
    assert calls["other"]["distance_m"] == pytest.approx(40, abs=0.01)  # four columns of ten metres
    assert (calls["street"]["outcome"], calls["other"]["answered_at"] is None) == ("closed the valve", False)
    assert not any(call["overdue"] for call in calls.values())
    owner_again(ready)
    noted = ready.execute("SELECT actor, note FROM case_step WHERE case_id = %s AND move = 'whistle'", [case])
    assert [(actor, note.split(" / ")[0]) for actor, note in noted] == [
        ("dispatcher", "吹哨 street、other"), ("leader", "吹哨结束"),
    ]  # fmt: skip
    deeds = ready.execute("SELECT action FROM audit WHERE action LIKE 'whistle.%%' ORDER BY id").fetchall()
    assert [action for (action,) in deeds] == [
        f"whistle.{move}" for move in ("blow", "answer", "arrive", "arrive", "report", "close")
    ]


def test_the_same_whistle_sent_again_is_one(ready: Connection, town: City) -> None:
    whistle = blow(ready, town)
    assert blow(ready, town, id=whistle) == whistle
    with pytest.raises(ConflictError, match="exists already and says something else"):
        blow(ready, town, id=whistle, reason="fire")
    assert (rows(ready, "whistle"), rows(ready, "whistle_call"), rows(ready, "whistle_step")) == (1, 2, 1)


def test_the_city_says_how_long_a_response_may_take(ready: Connection, town: City) -> None:
    usual = whistles.show(ready, blow(ready, town))
    assert usual["minutes"] == 30
    owner_again(ready)
    ready.execute(
        "INSERT INTO clock_rules VALUES (1, 'default', 'cn', 'first_limit', 120, 10, 60, 45)"
        " ON CONFLICT (id) DO UPDATE SET whistle_minutes = 45"
    )
    assert whistles.show(ready, blow(ready, town))["minutes"] == 45


def test_whoever_does_not_come_in_time_is_overdue_until_it_is_closed(ready: Connection, town: City) -> None:
    whistle, other = blow(ready, town), blow(ready, town, departments=["other"])
    arrive(ready, town, whistle, "street")
    owner_again(ready)
    ready.execute("UPDATE whistle SET due_at = due_at - interval '2 hours', at = at - interval '3 hours'")
    late = {call["department"]: call["overdue"] for call in whistles.show(ready, whistle)["calls"]}
    assert late == {"street": True, "other": True}
    overdue = WhistleFilter(overdue=True)
    assert whistles.list_whistles(ready, overdue, limit=10, offset=0)["total"] == 2
    arrive(ready, town, other, "other")
    assert whistles.list_whistles(ready, overdue, limit=10, offset=0)["total"] == 1
    arrive(ready, town, whistle, "other", at=datetime.now(UTC) - timedelta(hours=2, minutes=40))
    late = {call["department"]: call["overdue"] for call in whistles.show(ready, whistle)["calls"]}
    assert late == {"street": True, "other": False}


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"departments": ["nowhere"]}, InputError, "department 'nowhere' is not known"),
        ({"departments": []}, InputError, "a whistle calls 1 to 20 departments, not 0"),
        ({"departments": ["street", "street"]}, InputError, "named twice: street"),
        ({"departments": ["paper"]}, InputError, "department paper takes no orders in the system"),
        ({"reason": "  "}, InputError, "say why"),
        ({"minutes": 0}, InputError, "a limit of 0 urgent_minutes"),
        (OUTSIDE, InputError, "lies outside the city"),
        ({"lon": 999.0, "lat": 1.0}, InputError, "is not on the earth"),
        ({"lon": 1.0}, InputError, "needs lon and lat, or a case_id"),
        ({"case_id": 10**9}, NotFoundError, "case 1000000000 does not exist"),
    ],
)
def test_a_whistle_that_cannot_be_blown_leaves_nothing(
    ready: Connection, town: City, given: dict[str, Any], error: type[GridsvcError], words: str
) -> None:
    made.put_departments(ready, "paper")
    ready.execute("UPDATE department SET on_platform = false WHERE code = 'paper'")
    with pytest.raises(error, match=words) as raised:
        blow(ready, town, **given)
    assert raised.value.zh
    assert (rows(ready, "whistle"), rows(ready, "whistle_step")) == (0, 0)


def test_arrivals_that_cannot_be_and_whistles_that_are_over(ready: Connection, town: City) -> None:
    whistle = blow(ready, town)
    now = datetime.now(UTC)
    with pytest.raises(InputError, match="before the whistle of"):
        arrive(ready, town, whistle, "street", at=now - timedelta(hours=1))
    with pytest.raises(InputError, match="is yet to come"):
        arrive(ready, town, whistle, "street", at=now + timedelta(hours=1))
    with pytest.raises(InputError, match="street has not arrived yet"):
        whistles.report(ready, become(ready, "street"), whistle, "street", "done")
    arrive(ready, town, whistle, "street")
    with pytest.raises(InputError, match="street has arrived already"):
        arrive(ready, town, whistle, "street")
    with pytest.raises(InputError, match="street has answered already"):
        whistles.answer(ready, become(ready, "street"), whistle, "street")
    with pytest.raises(ForbiddenError, match="not arrived yet: other; until then only dispatcher"):
        whistles.close(ready, town, become(ready, "leader"), whistle, "enough")
    whistles.close(ready, town, become(ready, "dispatcher"), whistle, "false alarm")
    with pytest.raises(InputError, match="was closed at"):
        arrive(ready, town, whistle, "other")
    with pytest.raises(InputError, match="was closed at"):
        whistles.close(ready, town, become(ready, "dispatcher"), whistle, "again")
    assert rows(ready, "whistle_step") == 3


def test_who_may_call_come_and_see(ready: Connection, town: City) -> None:
    with pytest.raises(ForbiddenError, match="outside of the caller's areas of duty"):
        blow(ready, town, "easterner")
    theirs, not_theirs = put_case(ready, town, "east", "2"), put_case(ready, town, "west", "1")
    with pytest.raises(ForbiddenError, match="the place lies outside of the caller's areas of duty"):
        blow(ready, town, "easterner", case_id=theirs, **PLACE)
    with pytest.raises(NotFoundError, match=f"case {not_theirs} does not exist"):
        blow(ready, town, "easterner", case_id=not_theirs, **dict(zip(("lon", "lat"), TOWN.lonlat("2"), strict=True)))
    for name in ("analyst", "street"):
        with pytest.raises(ForbiddenError, match="work_cases is needed"):
            blow(ready, town, name)
    whistle = blow(ready, town, departments=["street"])
    for name in ("owner", "other", "easterner"):  # below it, beside it, elsewhere
        with pytest.raises(NotFoundError):
            whistles.answer(ready, become(ready, name), whistle, "street")
        assert whistles.list_whistles(ready, WhistleFilter(), limit=9, offset=0) == {"total": 0, "whistles": []}
    with pytest.raises(InputError, match="does not call district, but street"):
        whistles.answer(ready, become(ready, "district"), whistle, "district")
    with pytest.raises(ForbiddenError, match="account street does not act for department other"):
        whistles.answer(ready, become(ready, "street"), whistle, "other")
    whistles.answer(ready, become(ready, "district"), whistle, "street")  # it stands above
    for name in ("street", "district", "analyst"):
        become(ready, name)
        assert whistles.show(ready, whistle)["reason"] == "gas"
    owner_again(ready)
    with ready.transaction(force_rollback=True), pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        ready.execute("DELETE FROM whistle_step")
