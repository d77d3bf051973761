"""Accounts over HTTP, as an administrator manages them."""

from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from gridsvc.domain.access import Role
from gridsvc.store import accounts
from gridsvc.store.accounts import Account
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests import made
from tests.accounts import PASSWORD, put_account, put_token
from tests.service import asking, running
from tests.sketch import Sketch
from tests.web.browsing import in_english, me, secret, send, sign_in, signed_in, told, visiting

HOSTILE = "<script>alert(1)</script>\"'{{ 7 * 7 }}"
SQUARE = Sketch(
    """
    a . b
    . . .
    d . c
""",
    step=100,
)


@pytest.fixture(scope="module")
def filled(database: str) -> str:
    with connect(database) as conn, conn.transaction():
        made.put_areas(conn, the_city(conn), made.kind("grid"), {"w": SQUARE.polygon("abcd")})
        made.put_departments(conn, "parks")
        put_account(conn, "boss", Role.ADMINISTRATOR, password=PASSWORD)
    return database


@pytest.fixture(scope="module")
def host(filled: str) -> Iterator[str]:
    with running(filled, sign_ins_per_address=10_000) as found:
        yield found


@pytest.fixture
def boss(host: str) -> Iterator[httpx.Client]:
    with signed_in(host, "boss") as browser:
        yield browser


def known(database: str, name: str) -> Account:
    with connect(database) as conn:
        found = accounts.account_by_name(conn, name)
    assert found is not None
    return found


def add(boss: httpx.Client, name: str, **given: object) -> httpx.Response:
    return send(boss, "/accounts/new", name=name, **{"display_name": "某人", "roles": ["inspector"], **given})


def test_an_account_is_made_with_a_password_that_is_shown_once(boss: httpx.Client, host: str, filled: str) -> None:
    given = {
        "display_name": "李四", "roles": ["grid_head", "department_handler"], "department": "parks",
        "areas": " grid:w \r\n\r\n",
    }  # fmt: skip
    answer = add(boss, " LiSi ", **given)
    assert answer.status_code == 200
    password = secret(answer, "password")
    account = known(filled, "lisi")
    assert (account.display_name, account.department, account.whole_city) == ("李四", "parks", False)
    assert (account.roles, account.areas) == (["department_handler", "grid_head"], ["grid:w"])
    assert password not in boss.get(f"/accounts/{account.id}").text
    with signed_in(host, "lisi", password) as browser:
        assert browser.get("/").headers["location"] == "/account?lang=zh"


@pytest.mark.parametrize(
    ("given", "status", "message"),
    [
        ({"name": ""}, 422, "an account's name has 1 to 60 characters"),
        ({"name": "two words"}, 422, "no spaces"),
        ({"name": "BOSS"}, 409, "account boss exists already"),
        ({"display_name": " "}, 422, "a person's name has 1 to 100 characters"),
        ({"roles": ["emperor"]}, 422, "role 'emperor' is not known"),
        ({"roles": ["department_handler"]}, 422, "a department handler needs a department"),
        ({"department": "navy"}, 422, "department 'navy' is not known"),
        ({"areas": "grid:w\ngrid:nowhere"}, 422, "area grid:nowhere is not in force"),
        ({"areas": HOSTILE}, 422, "is not in force"),
        ({"display_name": HOSTILE, "name": "a b" + HOSTILE, "roles": [HOSTILE], "department": HOSTILE}, 422, ""),
    ],
)
def test_an_account_that_cannot_be_is_explained_and_the_form_kept(
    boss: httpx.Client, filled: str, given: dict[str, object], status: int, message: str
) -> None:
    fields = {"name": "never", "display_name": "某人", **given}
    answer = add(in_english(boss), str(fields.pop("name")), **fields)
    assert answer.status_code == status
    assert message in told(answer)
    assert "<script" not in answer.text
    assert f'name="display_name" value="{fields["display_name"]}"' in unescape(answer.text)
    with connect(filled) as conn:
        assert accounts.account_by_name(conn, "never") is None


def test_a_role_that_is_taken_away_counts_with_the_very_next_request(
    boss: httpx.Client, host: str, filled: str
) -> None:
    with connect(filled) as conn:
        account_id = put_account(conn, "deputy", Role.ADMINISTRATOR, password=PASSWORD)
    with signed_in(host, "deputy") as browser:
        assert browser.get("/accounts").status_code == 200
        answer = send(boss, f"/accounts/{account_id}", display_name="Deputy", roles=["analyst"], whole_city="yes")
        assert answer.headers["location"] == f"/accounts/{account_id}?done=changed&lang=zh"
        assert browser.get("/accounts").status_code == 403
        assert browser.get("/").status_code == 200
        assert send(browser, "/accounts/new", name="x").status_code == 403
    assert "已保存" in boss.get(answer.headers["location"]).text
    assert known(filled, "deputy").whole_city


def test_a_disabled_account_is_out_at_once_and_back_when_enabled(boss: httpx.Client, host: str, filled: str) -> None:
    with connect(filled) as conn:
        account_id = put_account(conn, "walker", "inspector", password=PASSWORD)
        token = put_token(conn, account_id)
    with signed_in(host, "walker") as browser:
        assert send(boss, f"/accounts/{account_id}/disable").status_code == 303
        assert me(browser) is None
    with asking(host, token) as program:
        assert program.get("/api/v1/account").status_code == 401
    again = send(boss, f"/accounts/{account_id}/disable?lang=en")
    assert (again.status_code, told(again)) == (409, "account walker is disabled already")
    assert send(boss, f"/accounts/{account_id}/reset").status_code == 409
    assert send(boss, f"/accounts/{account_id}/enable").status_code == 303
    assert send(boss, f"/accounts/{account_id}/enable").status_code == 409
    with signed_in(host, "walker") as browser:
        assert me(browser) == "walker"


def test_a_reset_shows_a_new_password_and_ends_sessions(boss: httpx.Client, host: str, filled: str) -> None:
    with connect(filled) as conn:
        account_id = put_account(conn, "forgetful", "inspector", password=PASSWORD)
    with signed_in(host, "forgetful") as browser:
        password = secret(send(boss, f"/accounts/{account_id}/reset"), "password")
        assert me(browser) is None
    with visiting(host) as browser:
        assert sign_in(browser, "forgetful", PASSWORD).status_code == 401
        assert sign_in(browser, "forgetful", password).status_code == 303


def test_the_last_administrator_stays_one(boss: httpx.Client, filled: str) -> None:
    account = known(filled, "boss")
    answer = send(boss, f"/accounts/{account.id}?lang=en", display_name="Changed", roles=["analyst"])
    assert answer.status_code == 409
    assert "boss is the last administrator" in told(answer)
    assert 'value="Changed"' in answer.text
    assert known(filled, "boss") == account
    assert send(boss, f"/accounts/{account.id}/disable").status_code == 409
    assert known(filled, "boss").disabled_at is None
    assert boss.get("/accounts").status_code == 200


@pytest.mark.parametrize("account", ["999999", str(2**63), "9" * 40, "abc", "-1"])
def test_an_unknown_account_is_not_found(boss: httpx.Client, account: str) -> None:
    assert boss.get(f"/accounts/{account}").status_code == 404
    for deed in ("", "/disable", "/enable", "/reset"):
        answer = send(boss, f"/accounts/{account}{deed}", display_name="x")
        assert answer.status_code == 404
        assert "<!DOCTYPE html>" in answer.text


def test_the_list_is_searched_and_turned_over(boss: httpx.Client, filled: str) -> None:
    with connect(filled) as conn:
        for number in range(101):
            put_account(conn, f"many{number:03d}", "inspector")
        conn.execute("UPDATE account SET display_name = %s WHERE name = 'many000'", (HOSTILE,))
    first, last = boss.get("/accounts?search=MANY").text, boss.get("/accounts?search=many&page=3").text
    assert "共 101 个账号" in first
    assert first.count('class="title"') == 50
    assert 'href="/accounts?search=many&amp;page=2&amp;lang=zh"' in first.replace("MANY", "many")
    assert "第 3 页，共 3 页" in last
    assert last.count('class="title"') == 1
    assert boss.get("/accounts?search=many&page=999").text == last
    assert "<script" not in first
    assert "没有符合条件的账号" in boss.get("/accounts?search=%25").text
    assert HOSTILE in unescape(boss.get("/accounts", params={"search": HOSTILE}).text)


def test_the_list_shows_roles_departments_and_states(boss: httpx.Client, filled: str) -> None:
    with connect(filled) as conn:
        put_account(conn, "shown", "department_handler", department="parks", areas=("grid:w",), demo=True)
    zh, en = (boss.get(f"/accounts?search=shown&lang={lang}").text for lang in ("zh", "en"))
    for text in ("处置部门人员", "parks", "grid:w", "在用", "演示账号"):
        assert text in zh
    for text in ("Department handler", "Enabled", "Demo"):
        assert text in en


def test_accounts_are_for_those_who_manage_them(host: str, filled: str) -> None:
    with connect(filled) as conn:
        account_id = put_account(conn, "curious", Role.GIS_STAFF, password=PASSWORD)
    with signed_in(host, "curious") as browser:
        for path in ("/accounts", "/accounts/new", f"/accounts/{account_id}"):
            assert browser.get(path).status_code == 403
        for path in ("/accounts/new", f"/accounts/{account_id}", f"/accounts/{account_id}/reset"):
            assert send(browser, path, display_name="x", roles=["administrator"]).status_code == 403
    with visiting(host) as browser:
        assert browser.get("/accounts").headers["location"] == "/sign-in?next=%2Faccounts"
        assert browser.post("/accounts/new").status_code == 401
    assert known(filled, "curious").roles == ["gis_staff"]
