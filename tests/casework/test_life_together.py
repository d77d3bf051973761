"""Many people move the same cases at once: every step legal, none lost, none doubled."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from psycopg_pool import ConnectionPool

from gridsvc.casework.intake import take_in
from gridsvc.casework.life import move_case
from gridsvc.casework.life_looking import show_case
from gridsvc.domain.case_states import CASE_MOVES
from gridsvc.domain.cases import Asked
from gridsvc.errors import ForbiddenError, InputError, NotFoundError, StaleError
from gridsvc.jobs.seconds import every_second
from gridsvc.store import cases
from gridsvc.store.accounts import account_by_name
from gridsvc.store.callers import ApiToken, Origin, as_caller
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect, open_pool
from tests import made
from tests.accounts import put_token
from tests.casework.lives import PEOPLE, TOWN, build
from tests.database import as_service
from tests.domain.lives import GIVEN
from tests.soak import Outcome, keep

HERE = Origin(source="api", address="", request_id="")
MOVERS = sorted(set(PEOPLE) - {"analyst"})


@dataclass
class Crowd:
    """What the threads share."""

    pool: ConnectionPool[Connection]
    city: City
    tokens: dict[str, str]
    cases: list[int]
    made: Counter[int] = field(default_factory=Counter)
    """Moves that succeeded, by case."""
    stale: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@pytest.fixture(scope="module")
def tokens(database: str) -> dict[str, str]:
    with connect(database) as conn, conn.transaction():
        build(conn, the_city(conn))
        known = {name: account_by_name(conn, name) for name in MOVERS}
        return {name: put_token(conn, account.id) for name, account in known.items() if account}


@pytest.fixture
def pool(database: str) -> Iterator[ConnectionPool[Connection]]:
    found = open_pool(as_service(database), 16)
    found.timeout = 60.0
    yield found
    found.close()


def put_cases(database: str, number: int, name: str) -> list[int]:
    with connect(database) as conn, conn.transaction():
        now = datetime.now(UTC)
        reports = [made.report(f"{name}-{n}", TOWN.lonlat("1"), reported_at=now) for n in range(number)]
        take_in(conn, the_city(conn), reports)
        rows = conn.execute("SELECT id FROM cases WHERE report_id = ANY(%s)", [[report.id for report in reports]])
        return [row[0] for row in rows]


def move_about(crowd: Crowd, seed: int, times: int) -> None:
    """Look at a case as somebody, then move it as if nobody else did."""
    chance = random.Random(seed)
    for _ in range(times):
        name, case = chance.choice(MOVERS), chance.choice(crowd.cases)
        token = ApiToken(token=crowd.tokens[name].encode())
        with as_caller(crowd.pool, token, HERE, demo=False) as (conn, caller):
            try:
                shown = show_case(conn, caller, case)
            except NotFoundError:
                continue
        names = [move["move"] for move in shown["moves"] if move["move"] not in ("void", "split", "close_by_notice")]
        if names:
            _move(crowd, token, case, chance.choice(names), shown["version"], chance)


def _move(crowd: Crowd, token: ApiToken, case: int, move: str, version: int, chance: random.Random) -> None:
    given = {need.value: GIVEN[need] for need in CASE_MOVES.named(move).needs}
    if "into" in given:
        given["into"] = chance.choice(crowd.cases)
    try:
        with as_caller(crowd.pool, token, HERE, demo=False) as (conn, caller):
            move_case(conn, crowd.city, caller, case, Asked(move=move, given=given), version)
    except StaleError:
        with crowd.lock:
            crowd.stale += 1
    except (InputError, ForbiddenError):
        return
    else:
        with crowd.lock:
            crowd.made[case] += 1
            if "into" in given:
                crowd.made[given["into"]] += 1


def storm(database: str, crowd: Crowd, threads: int, times: int) -> None:
    with ThreadPoolExecutor(threads) as crew:
        for done in [crew.submit(move_about, crowd, seed, times) for seed in range(threads)]:
            done.result()
    with connect(database) as conn:
        for case in cases.lock_cases(conn, crowd.cases):
            found = cases.case_steps(conn, case.id)
            assert [step["step"] for step in found] == list(range(1, case.version + 1))
            assert len(found) == 2 + crowd.made[case.id]
            assert found[-1]["state"] == case.state
            for before, step in pairwise(found):
                assert before["state"] in CASE_MOVES.named(step["move"]).sources
                assert before["at"] <= step["at"]


def test_a_few_move_the_same_cases(database: str, tokens: dict[str, str], pool: ConnectionPool[Connection]) -> None:
    with connect(database) as conn:
        city = the_city(conn)
    crowd = Crowd(pool=pool, city=city, tokens=tokens, cases=put_cases(database, 5, "few"))
    storm(database, crowd, threads=8, times=25)
    assert crowd.stale > 0
    assert sum(crowd.made.values()) > 40


def test_the_service_warns_by_itself(database: str, tokens: dict[str, str], pool: ConnectionPool[Connection]) -> None:
    del tokens  # the town is built with them
    (case,) = put_cases(database, 1, "warned")
    with connect(database) as conn:
        conn.execute("UPDATE cases SET due_at = now() + interval '5 minutes' WHERE id = %s", [case])
        every_second(pool)
        every_second(pool)
        assert [step["move"] for step in cases.case_steps(conn, case)] == ["register", "dispatch", "warn"]
        row = conn.execute("SELECT count(*) FROM audit WHERE action = 'case.warn' AND account_id IS NULL").fetchone()
        assert row == (1,)


@pytest.mark.soak
def test_fifty_move_the_same_five_hundred(
    database: str, tokens: dict[str, str], pool: ConnectionPool[Connection]
) -> None:
    with connect(database) as conn:
        city = the_city(conn)
    crowd = Crowd(pool=pool, city=city, tokens=tokens, cases=put_cases(database, 500, "many"))
    storm(database, crowd, threads=50, times=100)
    moves = sum(crowd.made.values())
    found = f"{moves:,} moves, {crowd.stale} told that somebody was quicker; every step legal, none lost, none doubled"
    keep(Outcome(trial="50 threads move the same 500 cases", found=found, bar="> 1,000 moves", held=moves > 1_000))
    assert moves > 1_000
