"""Passwords, locks, codes and the ends of sessions."""

import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg_pool import ConnectionPool

from gridsvc.access import passwords, totp
from gridsvc.access.signing_in import MOST_FAILURES, REFUSED, Rules, sign_in
from gridsvc.domain.access import Right, Role, account_name, check_password, roles_of
from gridsvc.errors import InputError, TooManyError, UnauthenticatedError
from gridsvc.store import credentials
from gridsvc.store.callers import Origin, SessionToken, as_caller
from gridsvc.store.connection import Connection, connect, open_pool
from tests.accounts import PASSWORD, put_account, put_session
from tests.database import as_service

HERE = Origin(source="web", address="192.0.2.1", request_id="r")
RULES = Rules(hours=12, demo=False)
Pool = ConnectionPool[Connection]


@pytest.fixture(scope="module")
def pool(database: str) -> Iterator[Pool]:
    with connect(database) as conn:
        put_account(conn, "known", Role.ANALYST, whole_city=True, password=PASSWORD)
        put_account(conn, "no-password", Role.ANALYST, whole_city=True)
        put_account(conn, "gone", Role.ANALYST, whole_city=True, password=PASSWORD)
        conn.execute("UPDATE account SET disabled_at = now() WHERE name = 'gone'")
        put_account(conn, "only-demo", Role.ANALYST, whole_city=True, password=PASSWORD, demo=True)
    found = open_pool(as_service(database), 8)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def unlocked(database: str, pool: Pool) -> None:
    del pool
    with connect(database) as conn:
        conn.execute("DELETE FROM sign_in_failure")


def attempt(pool: Pool, name: str, password: str = "wrong password", code: str = "") -> str:
    return sign_in(pool, HERE, RULES, name, password, code, None)


NOBODY = ["known", "unknown", "no-password", "gone", "only-demo", "", "no name at all"]


@pytest.mark.parametrize("name", NOBODY)
def test_whoever_may_not_is_told_the_same(pool: Pool, name: str) -> None:
    password = PASSWORD if name in ("gone", "only-demo") else "wrong password"
    with pytest.raises(UnauthenticatedError) as caught:
        attempt(pool, name, password)
    assert str(caught.value) == REFUSED


def test_whoever_may_not_waits_the_same(pool: Pool, database: str) -> None:
    """A known name, an unknown one, one without a password and a disabled one differ by less than a quarter."""

    def seconds(name: str) -> float:
        begun = time.perf_counter()
        with pytest.raises(UnauthenticatedError):
            attempt(pool, name)
        return time.perf_counter() - begun

    names = NOBODY[:4]
    least = dict.fromkeys(names, math.inf)
    for _ in range(5):  # what else the machine does only adds, and not every time
        for name in [*names] * 8:
            least[name] = min(least[name], seconds(name))
        if max(least.values()) < 1.25 * min(least.values()):
            break
        with connect(database) as conn:
            conn.execute("DELETE FROM sign_in_failure")  # or the names would be locked
    assert max(least.values()) < 1.25 * min(least.values()), least
    assert min(least.values()) > 0.01, "a hash was computed"


def test_attempts_at_the_same_moment_do_not_pass_the_lock_together(pool: Pool) -> None:
    def result(_: int) -> type[Exception]:
        try:
            attempt(pool, "known")
        except (UnauthenticatedError, TooManyError) as error:
            return type(error)
        raise AssertionError("it was let in")

    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(result, range(3 * MOST_FAILURES)))
    assert found.count(UnauthenticatedError) == MOST_FAILURES
    with pytest.raises(TooManyError) as caught:
        attempt(pool, "KNOWN ", PASSWORD)
    assert 800 < caught.value.seconds <= 900


def test_a_lock_ends_and_success_forgets_failures(pool: Pool, database: str) -> None:
    for _ in range(MOST_FAILURES - 1):
        with pytest.raises(UnauthenticatedError):
            attempt(pool, "known")
    assert attempt(pool, "known", PASSWORD)
    with connect(database) as conn:
        assert conn.execute("SELECT count(*) FROM sign_in_failure").fetchone() == (0,)
    for _ in range(MOST_FAILURES):
        with pytest.raises(UnauthenticatedError):
            attempt(pool, "known")
    with connect(database) as conn:
        conn.execute(
            "UPDATE sign_in_failure SET locked_until = now() - interval '1 s', last_at = now() - interval '1 h'"
        )
    assert attempt(pool, "known", PASSWORD)


def test_old_failures_do_not_add_up(pool: Pool, database: str) -> None:
    for _ in range(2 * MOST_FAILURES):
        with pytest.raises(UnauthenticatedError):
            attempt(pool, "known")
        with connect(database) as conn:
            conn.execute("UPDATE sign_in_failure SET last_at = last_at - interval '16 minutes'")


def test_a_code_works_once_even_at_the_same_moment(pool: Pool, database: str) -> None:
    with connect(database) as conn:
        account = put_account(conn, "careful", Role.ANALYST, whole_city=True, password=PASSWORD)
        secret = totp.offer(conn, account)
        assert totp.offer(conn, account) == secret
        codes = pyotp.TOTP(secret)
        totp.switch_on(conn, account, codes.at(int(time.time()) - 30))
    code = codes.now()

    def entered(_: int) -> bool:
        try:
            return bool(attempt(pool, "careful", PASSWORD, code))
        except UnauthenticatedError:
            return False

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(entered, range(6))) == 1
    with pytest.raises(UnauthenticatedError):
        attempt(pool, "careful", PASSWORD)
    with pytest.raises(UnauthenticatedError):
        attempt(pool, "careful", PASSWORD, codes.at(int(time.time()) - 300))


@pytest.mark.parametrize(("change", "counts"), [
    ("UPDATE session SET seen_at = now() - interval '29 minutes'", True),
    ("UPDATE session SET seen_at = now() - interval '31 minutes'", False),
    ("UPDATE session SET expires_at = now() + interval '1 minute'", True),
    ("UPDATE session SET expires_at = now() - interval '1 s'", False),
])  # fmt: skip
def test_a_session_ends_when_idle_and_at_its_end(pool: Pool, database: str, change: str, counts: bool) -> None:
    with connect(database) as conn:
        account = put_account(conn, "known")
        token, csrf = put_session(conn, account)
        conn.execute(change)  # type: ignore[call-overload]
    session = SessionToken(token=token.encode(), idle_minutes=30)
    with as_caller(pool, session, HERE, demo=False) as (_, caller):
        assert (caller.account_id, caller.csrf) == ((account, csrf) if counts else (None, None))
        assert caller.may(Right.SEE_REPORTS) == counts


def test_asking_keeps_a_session_alive(pool: Pool, database: str) -> None:
    with connect(database) as conn:
        token, _ = put_session(conn, put_account(conn, "known"))
        conn.execute("UPDATE session SET seen_at = now() - interval '20 minutes'")
        with as_caller(pool, SessionToken(token=token.encode(), idle_minutes=30), HERE, demo=False):
            pass
        seen = conn.execute("SELECT now() - seen_at < interval '5 s' FROM session WHERE token_hash = sha256(%s)",
                            (token.encode(),)).fetchone()  # fmt: skip
    assert seen == (True,)


def test_secrets_are_kept_as_hashes(database: str, pool: Pool) -> None:
    token = attempt(pool, "known", PASSWORD)
    with connect(database) as conn:
        text = "".join(
            str(row) for table in ("session", "credential", "account", "audit_payload")
            for row in conn.execute(f"SELECT to_jsonb({table})::text FROM {table}")  # type: ignore[arg-type]  # noqa: S608
        )  # fmt: skip
        assert token not in text
        assert PASSWORD not in text
        assert "$argon2id$" in text
        assert "argon2" not in repr(credentials.credential(conn, "known"))


def test_a_hash_of_weaker_parameters_is_made_anew(database: str, pool: Pool) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8_192).hash(PASSWORD)
    with connect(database) as conn:
        account = put_account(conn, "weak", Role.ANALYST, whole_city=True)
        credentials.set_password(conn, account, weak, must_change=False)
        assert attempt(pool, "weak", PASSWORD)
        found = credentials.credential(conn, "weak")
    assert found
    assert found.password_hash
    assert found.password_hash != weak
    assert not passwords.outdated(found.password_hash)


@pytest.mark.parametrize(("password", "detail"), [
    ("short", "12 to 128 characters"), ("x" * 129, "12 to 128 characters"), ("aaaaaaaaaaaaaaaa", "5 different"),
    ("wang-wang-wa", "more than the name"),
])  # fmt: skip
def test_weak_passwords_are_refused(password: str, detail: str) -> None:
    with pytest.raises(InputError, match=detail):
        check_password(password, "wang")


def test_good_passwords_are_taken() -> None:
    for password in (passwords.made_up(), "correct horse battery", "一二三四五六七八九十甲乙"):
        check_password(password, "wang")
    assert len({passwords.made_up() for _ in range(100)}) == 100


QUIET = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUIET
@given(st.text(max_size=80))
def test_a_name_has_one_spelling(text: str) -> None:
    try:
        name = account_name(text)
    except InputError:
        return
    assert account_name(name) == account_name(f"  {name}\t") == name
    assert not any(c.isspace() for c in name)


@QUIET
@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20))
def test_no_cell_begins_as_a_formula(conn: Connection, text: str) -> None:
    found = conn.execute("SELECT safe_cell(%s)", (text,)).fetchone()
    assert found
    assert found[0] in (text, f"'{text}")
    assert not found[0].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_unknown_roles_are_refused() -> None:
    assert roles_of(["inspector", "administrator", "inspector"]) == [Role.ADMINISTRATOR, Role.INSPECTOR]
    with pytest.raises(InputError, match="role 'king' is not known"):
        roles_of(["king"])
