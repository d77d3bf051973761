"""The record of who did what, as a page."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from html import unescape
from uuid import uuid4

import httpx
import pytest

from gridsvc.domain.access import Role
from gridsvc.store import audit
from gridsvc.store.connection import connect
from gridsvc.web.audit import Change, changes
from tests.accounts import PASSWORD, put_account
from tests.service import running
from tests.web.browsing import signed_in, told, visiting

HOSTILE = "<script>alert(1)</script>\"'{{ 7 * 7 }}"


@pytest.fixture(scope="module")
def host(database: str) -> Iterator[str]:
    with connect(database) as conn:
        put_account(conn, "boss", Role.ADMINISTRATOR, password=PASSWORD)
        put_account(conn, "clerk", Role.INTAKE_CLERK, password=PASSWORD)
        for number in range(205):
            audit.record(conn, "trial.run", f"trial {number}", after={"number": number})
        before, after = {"title": "old", "kept": ["a", "b"]}, {"title": HOSTILE, "kept": ["a", "b"], "on": True}
        audit.record(conn, "trial.change", HOSTILE, before=before, after=after)
    with running(database) as found:
        yield found


@pytest.fixture
def boss(host: str) -> Iterator[httpx.Client]:
    with signed_in(host, "boss") as browser:
        yield browser


def rows(page: httpx.Response) -> int:
    return page.text.count('<td class="told"')


def test_a_hundred_rows_a_page_newest_first(boss: httpx.Client) -> None:
    first, last = boss.get("/audit?action=trial.run"), boss.get("/audit?action=trial.run&page=3&lang=en")
    assert (rows(first), rows(last)) == (100, 5)
    assert "共 205 条记录" in first.text
    assert "Rows: 205" in last.text
    assert first.text.index("trial 204") < first.text.index("trial 105")
    assert 'href="/audit?action=trial.run&amp;page=2&amp;lang=zh"' in first.text
    assert "Page 3 of 3" in last.text
    assert rows(boss.get("/audit?action=nothing")) == 0


def test_what_changed_is_told_and_escaped(boss: httpx.Client) -> None:
    page = boss.get("/audit?action=trial.change").text
    assert "<script" not in page
    assert HOSTILE in unescape(page)
    assert "<del>old</del> → <ins>" in page
    assert '<span class="same">a, b</span>' in page
    assert "<dt>on</dt><dd>true</dd>" in page
    assert "<dt>名称</dt>" in page


def test_rows_of_one_account(boss: httpx.Client, database: str) -> None:
    with connect(database) as conn:
        account_id = put_account(conn, "boss")
    page = boss.get(f"/audit?account={account_id}&action=sign_in")
    assert rows(page) >= 1
    assert "<small>sign_in</small>" in page.text
    assert "登录" in page.text
    assert rows(boss.get("/audit?account=424242")) == 0


def test_days_are_those_of_the_city(boss: httpx.Client, database: str) -> None:
    with connect(database) as conn:
        ((at,),) = conn.execute("SELECT at FROM audit WHERE action = 'trial.change'").fetchall()
    today = (at.astimezone(UTC) + timedelta(hours=8)).date()
    asked = {"action": "trial.change", "from": today.isoformat(), "to": today.isoformat()}
    page = boss.get("/audit", params=asked)
    yesterday = (today - timedelta(days=1)).isoformat()
    assert rows(page) == 1
    assert rows(boss.get("/audit", params={"action": "trial.change", "to": yesterday})) == 0
    export = unescape(page.text.split('href="/api/v1/audit/export?')[1].split('"')[0])
    assert f"from={today}T00%3A00%3A00%2B08%3A00" in export
    lines = boss.get(f"/api/v1/audit/export?{export}").text.splitlines()
    assert len(lines) == 2
    assert "trial.change" in lines[1]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"from": "yesterday"}, "'yesterday' is not a day such as 2016-07-08"),
        ({"from": "2026-06-02", "to": "2026-06-01"}, "is before the first day"),
        ({"to": "9999-12-31"}, "is not between 1970 and 2200"),
        ({"account": "boss"}, "'boss' is not the number of an account"),
        ({"account": "9" * 30}, "is not the number of an account"),
        ({"account": HOSTILE}, "is not the number of an account"),
    ],
)
def test_a_filter_that_cannot_be_is_explained(boss: httpx.Client, asked: dict[str, str], message: str) -> None:
    page = boss.get("/audit", params={**asked, "lang": "en"})
    assert page.status_code == 422
    assert message in told(page)
    assert "<script" not in page.text
    assert "/export" not in page.text


def test_the_record_is_for_those_who_may_read_it(host: str) -> None:
    with signed_in(host, "clerk") as browser:
        assert browser.get("/audit").status_code == 403
    with visiting(host) as browser:
        assert browser.get("/audit?lang=en").headers["location"] == "/sign-in?next=%2Faudit%3Flang%3Den&lang=en"


@pytest.mark.parametrize(
    ("payload", "told_as"),
    [
        ({}, []),
        ({"name": "x"}, []),
        ({"before": {"a": []}}, [Change(name="a", before="–")]),
        ({"after": {"a": None, "b": {"字": 1}}}, [Change(name="a", after="–"), Change(name="b", after='{"字": 1}')]),
        ({"before": {"a": 1}, "after": {"a": 2}}, [Change(name="a", before="1", after="2")]),
        ({"before": {"roles": 1}, "after": {"roles": 1}}, [Change(name="Roles", before="1", after="1", same=True)]),
        ({"after": "a word"}, [Change(name="", after="a word")]),
        ({"after": [1, 2]}, [Change(name="", after="1, 2")]),
        ({"after": {"a": "x" * 201}}, [Change(name="a", after="x" * 200 + "… (201 characters)")]),
        ({"after": {"a": list(range(1_000))}}, [Change(name="a", after="0, 1, 2, 3, 4, … (1,000 in all)")]),
    ],
)
def test_payloads_in_words(payload: dict[str, object], told_as: list[Change]) -> None:
    assert changes(payload, "en") == told_as


def test_a_row_stays_short_whatever_was_recorded(boss: httpx.Client, database: str) -> None:
    many = [str(uuid4()) for _ in range(5_000)]
    with connect(database) as conn:
        after = {"reports": many, "why": "word " * 1_000, "deep": dict.fromkeys("abc", many)}
        audit.record(conn, "trial.long", "t" * 5_000, after={**after, **{f"field {n}": n for n in range(500)}})
    page = boss.get("/audit?action=trial.long").text
    assert len(page) < 12_000
    assert many[4] in page
    assert many[5] not in page.split("deep")[0]
    for text in ("…（共 5,000 项）", "…（共 5,000 字）", "…（共 503 项）"):
        assert text in page


def test_things_and_sources_are_named_and_accounts_are_led_to(boss: httpx.Client, database: str) -> None:
    with connect(database) as conn:
        account_id = put_account(conn, "boss")
    page, en = (boss.get(f"/audit?account={account_id}&action=sign_in&lang={lang}").text for lang in ("zh", "en"))
    assert f'<a href="/accounts/{account_id}?lang=zh">账号 {account_id}</a>' in page
    assert "<small>网页 · " in page
    assert "<small>web · " in en
    assert f">account {account_id}</a>" in en
