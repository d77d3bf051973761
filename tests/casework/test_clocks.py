"""When a problem is due by what the database holds of limits and working time."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from gridsvc.casework.clocks import Due, when_due
from gridsvc.domain.calendar import CalendarDay, read_hours
from gridsvc.domain.limits import Stage
from gridsvc.errors import InputError, NotFoundError
from gridsvc.store import clocks
from gridsvc.store.city import City
from gridsvc.store.clocks import Decided
from gridsvc.store.connection import Connection
from tests.domain.minutes import known_until_2026


@pytest.fixture(autouse=True)
def late_in_2026(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(clocks.HOLIDAYS, "cn", known_until_2026)


RATTLES = "盖板松动作响或翻起"


def ask(conn: Connection, city: City, condition: str | None = RATTLES, begin: str = "2026-02-13 16:00") -> Due:
    at = datetime.fromisoformat(begin).replace(tzinfo=ZoneInfo(city.time_zone))
    return when_due(conn, city, "component", "0101", condition, at)


def text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def test_two_working_days_over_spring_festival(conn: Connection, town: City) -> None:
    found = ask(conn, town)
    assert found.due_at.isoformat() == "2026-02-24T16:00:00+08:00"
    assert [(text(begin), text(end)) for begin, end in found.spans] == [
        ("2026-02-13 16:00", "2026-02-13 18:00"), ("2026-02-14 08:00", "2026-02-14 12:00"),
        ("2026-02-14 14:00", "2026-02-14 18:00"), ("2026-02-24 08:00", "2026-02-24 12:00"),
        ("2026-02-24 14:00", "2026-02-24 16:00"),
    ]  # fmt: skip
    first, *rest = found.special_days
    assert (first.name_zh, first.workday, len(rest)) == ("春节调休", True, 9)
    assert text(found.stages[Stage.ACCEPT]) == "2026-02-13 16:15"
    assert found.told(zh=True) == (
        "上水井盖，盖板松动作响或翻起：2026-02-13 16:00 起 2 个工作日，应于 2026-02-24 16:00 前完成"
    )
    assert found.told(zh=False).endswith("2 working days from 2026-02-13 16:00 are due at 2026-02-24 16:00")


def test_without_a_condition_the_shortest_limit_runs_at_once(conn: Connection, town: City) -> None:
    found = ask(conn, town, None, "2026-02-17 23:00")
    assert found.due_at.isoformat() == "2026-02-18T01:00:00+08:00"
    assert found.as_json()["limit"]["provisional"]
    assert found.special_days == []
    assert text(found.stages[Stage.CONFIRM]) == "2026-02-17 23:30"
    assert "按最短时限暂定" in found.told(zh=True)
    assert "provisional" in found.told(zh=False)


def test_the_city_decides_profile_days_hours_and_stages(conn: Connection, town: City) -> None:
    assert ask(conn, town).profile == "default"
    clocks.decide(conn, Decided(profile="yuncheng"), {Stage.ACCEPT: 60})
    clocks.set_week(conn, dict.fromkeys(range(1, 6), read_hours("09:00-17:00")))
    closed = CalendarDay(day=date(2026, 2, 14), workday=False, name_zh="停工", name_en="Closed")
    half = CalendarDay(day=date(2026, 2, 24), workday=True, name_zh="半天", name_en="Half", hours=((540, 720),))
    clocks.replace_days(conn, [closed, half], [])
    found = ask(conn, town)
    assert found.profile == "yuncheng"
    assert text(found.due_at) == "2026-02-25 16:00"
    assert {one.name_en for one in found.special_days} == {"Closed", "Half", "Spring Festival"}
    assert text(found.stages[Stage.ACCEPT]) == "2026-02-13 17:00"
    assert text(found.stages[Stage.DISPATCH]) == "2026-02-13 16:15"
    assert list(clocks.clocks(conn, town)[0].days.values()) == [closed, half]


def test_a_profile_that_lacks_a_subclass_falls_back_and_says_so(conn: Connection, town: City) -> None:
    clocks.decide(conn, Decided(profile="yuncheng"), {})
    row = conn.execute(
        "SELECT kind, subclass_code FROM catalogue_subclass WHERE NOT EXISTS (SELECT FROM time_limit t"
        " WHERE t.profile = 'yuncheng' AND (t.kind, t.subclass_code) = (catalogue_subclass.kind,"
        " catalogue_subclass.subclass_code)) LIMIT 1"
    ).fetchone()
    assert row
    at = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo(town.time_zone))
    assert when_due(conn, town, *row, None, at).profile == "default"


def test_a_year_without_official_days_is_refused_until_the_city_has_its_days(conn: Connection, town: City) -> None:
    with pytest.raises(InputError, match="of 2027 are not known"):
        ask(conn, town, begin="2026-12-31 16:00")
    new_year = CalendarDay(day=date(2027, 1, 1), workday=False, name_zh="元旦", name_en="New Year")
    clocks.replace_days(conn, [new_year], [])
    with pytest.raises(InputError, match="of 2027 are not known"):
        ask(conn, town, begin="2026-12-31 16:00")
    clocks.replace_days(conn, [new_year], [2027])
    assert text(ask(conn, town, begin="2026-12-31 16:00").due_at) == "2027-01-05 16:00"
    clocks.decide(conn, Decided(holidays="own"), {})
    with pytest.raises(InputError, match="of 2026 are not known"):
        ask(conn, town, begin="2026-12-31 16:00")


def test_what_is_not_there_is_named(conn: Connection, town: City) -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo(town.time_zone))
    with pytest.raises(NotFoundError, match="component subclass '9999' is not in the catalogue"):
        when_due(conn, town, "component", "9999", None, at)
    with pytest.raises(InputError, match="kind 'tree' is not known"):
        when_due(conn, town, "tree", "0101", None, at)
    with pytest.raises(InputError, match="condition 'fine' is not known; choose one of: 盖板丢失"):
        ask(conn, town, "fine")
    with pytest.raises(InputError, match="is not between 1970 and 2200"):
        ask(conn, town, begin="1900-01-01 00:00")
