"""Who did what: one row a command, sealed in a chain, and every way of tampering is found."""

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from gridsvc.access.retention import erase_payloads
from gridsvc.access.sealing import LOT, faults, keep_head, kept_head, seal_waiting
from gridsvc.access.work import seal_now
from gridsvc.domain.audit import Head
from gridsvc.errors import SetupError
from gridsvc.store import audit
from gridsvc.store.connection import Connection, connect, open_pool
from tests.database import as_service

Cloned = Callable[[str], "contextmanager[str]"]


@pytest.fixture(autouse=True)
def empty(conn: Connection) -> None:
    """What the set-up of the town recorded is not what is looked at here."""
    mighty(conn, "TRUNCATE audit, audit_payload, audit_unsealed, audit_seal")


@pytest.fixture
def chain(conn: Connection) -> Connection:
    """Five sealed rows, the third of which tells who and what, and one that waits."""
    conn.execute("SELECT set_config('gridsvc.name', 'li', true), set_config('gridsvc.address', '192.0.2.7', true)")
    for n in range(1, 6):
        audit.record(conn, "test.change", f"thing {n}", before={"n": n - 1} if n == 3 else None, after={"n": n})
    seal_waiting(conn)
    audit.record(conn, "test.change", "thing 6")
    return conn


def mighty(conn: Connection, statement: str) -> None:
    """As somebody who owns the database and stops at nothing."""
    conn.execute("SET LOCAL session_replication_role = replica")
    conn.execute(statement)  # type: ignore[call-overload]
    conn.execute("SET LOCAL session_replication_role = origin")


def test_a_row_tells_who_what_and_from_where_but_names_nobody(chain: Connection) -> None:
    row = chain.execute("SELECT to_jsonb(audit)::text, payload FROM audit JOIN audit_payload ON id = audit_id"
                        " WHERE thing = 'thing 3'").fetchone()  # fmt: skip
    assert row
    assert row[1] == {"name": "li", "address": "192.0.2.7", "before": {"n": 2}, "after": {"n": 3}}
    assert "192.0.2.7" not in row[0]
    assert '"li"' not in row[0]


def test_the_same_payload_has_another_hash_each_time(conn: Connection) -> None:
    audit.record(conn, "a", "b", after={"x": 1})
    audit.record(conn, "a", "b", after={"x": 1})
    assert conn.execute("SELECT count(DISTINCT payload_hash) FROM audit").fetchone() == (2,)


def test_a_whole_chain_has_no_faults(chain: Connection) -> None:
    assert list(faults(chain, None)) == []
    head = seal_waiting(chain)
    assert head is not None
    assert head.position == 6
    assert list(faults(chain, head)) == []
    assert seal_waiting(chain) is None


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit SET action = 'test.nothing' WHERE thing = 'thing 3'", ["row {3}, sealed as 3, or the seal"]),
        ("UPDATE audit SET account_id = 7 WHERE thing = 'thing 1'", ["row {1}, sealed as 1, or the seal"]),
        ("UPDATE audit SET at = at + interval '1 us' WHERE thing = 'thing 5'", ["row {5}, sealed as 5, or the seal"]),
        ("DELETE FROM audit WHERE thing = 'thing 2'", ["row {2}, sealed as 2, was deleted"]),
        ("DELETE FROM audit_seal WHERE position = 2",
         ["seals 2 to 2 are missing", "row {3}, sealed as 3", "row {2} was never sealed"]),
        ("UPDATE audit_seal SET hash = sha256('x') WHERE position = 5", ["row {5}, sealed as 5, or the seal"]),
        ("UPDATE audit_payload SET payload = '{{\"after\": 1}}' WHERE audit_id = {3}", ["the payload of row {3} was"]),
        ("DELETE FROM audit_payload WHERE audit_id = {4}", ["the payload of row {4} was deleted, and not by"]),
        ("DELETE FROM audit_unsealed", ["row {6} was never sealed"]),
    ],
)  # fmt: skip
def test_tampering_is_found(chain: Connection, statement: str, found: list[str]) -> None:
    first = chain.execute("SELECT min(id) - 1 FROM audit").fetchone()
    assert first
    ids = [first[0] + n for n in range(8)]
    mighty(chain, statement.format(*ids))
    said = list(faults(chain, None))
    assert len(said) == len(found), said
    for text, start in zip(said, found, strict=True):
        assert text.startswith(start.format(*ids)), said


def test_a_chain_that_was_forged_anew_is_found_by_what_stands_outside(chain: Connection) -> None:
    """Whoever can write the database can make a chain that holds; the head outside of it does not match."""
    outside = audit.head(chain)
    mighty(chain, "UPDATE audit SET thing = 'forged' WHERE thing = 'thing 2'")
    mighty(chain, "DELETE FROM audit_seal")
    mighty(chain, "INSERT INTO audit_unsealed SELECT id FROM audit ON CONFLICT DO NOTHING")
    seal_waiting(chain)
    assert list(faults(chain, None)) == []
    assert list(faults(chain, outside)) == ["seal 5 is not the one that was written outside of the database"]


def test_a_chain_that_was_cut_at_its_end_is_found(chain: Connection) -> None:
    outside = audit.head(chain)
    mighty(chain, "DELETE FROM audit_seal WHERE position = 5")
    mighty(chain, "DELETE FROM audit_payload WHERE audit_id = (SELECT id FROM audit WHERE thing = 'thing 5')")
    mighty(chain, "DELETE FROM audit WHERE thing IN ('thing 5')")
    assert list(faults(chain, outside))[:1] == ["the chain ends at 4, but seal 5 was written outside of the database"]


@pytest.mark.parametrize("statement", ["UPDATE audit SET action = ''", "DELETE FROM audit", "TRUNCATE audit CASCADE",
                                       "DELETE FROM audit_seal", "UPDATE audit_payload SET salt = ''"])  # fmt: skip
def test_even_the_owner_must_want_it(chain: Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"), chain.transaction():
        chain.execute(statement)  # type: ignore[call-overload]


def test_payloads_go_by_retention_and_the_chain_stays_whole(chain: Connection) -> None:
    mighty(chain, "UPDATE audit SET at = now() - interval '4 years' WHERE thing IN ('thing 1', 'thing 2')")
    mighty(chain, "DELETE FROM audit_seal")
    mighty(chain, "INSERT INTO audit_unsealed SELECT id FROM audit ON CONFLICT DO NOTHING")
    seal_waiting(chain)
    assert erase_payloads(chain)
    assert chain.execute("SELECT count(*) FROM audit_payload").fetchone() == (5,)
    assert not erase_payloads(chain)
    seal_waiting(chain)
    assert list(faults(chain, None)) == []


def test_more_rows_than_a_lot_are_sealed_in_order(conn: Connection) -> None:
    conn.execute("SELECT audit_record('a', n::text, NULL, NULL) FROM generate_series(1, %s) AS n", (LOT + 5,))
    heads = [seal_waiting(conn), seal_waiting(conn), seal_waiting(conn)]
    assert [head and head.position for head in heads] == [LOT, LOT + 5, None]
    assert list(faults(conn, heads[1])) == []


def test_rows_of_transactions_that_end_later_are_sealed_later(cloned: Cloned) -> None:
    """A row with a lower number that is committed after one with a higher number is not passed over."""
    with cloned("audit_late") as url, connect(url) as slow, connect(url) as quick:
        with slow.transaction():
            audit.record(slow, "slow", "a")
            audit.record(quick, "quick", "b")
            with quick.transaction():
                assert seal_waiting(quick) is not None
        with quick.transaction():
            assert seal_waiting(quick) is not None
            actions = [link.row.action for link in audit.chain(quick) if link.row]
            assert actions == ["city.init", "quick", "slow"]
            assert list(faults(quick, None)) == []


def test_two_sealers_do_not_wait_for_one_another(cloned: Cloned) -> None:
    with cloned("audit_two") as url, connect(url) as one, connect(url) as other:
        audit.record(one, "a", "b")
        with one.transaction():
            assert seal_waiting(one) is not None
            other.execute("SET lock_timeout = '1s'")
            with other.transaction():
                assert seal_waiting(other) is None
                audit.record(other, "c", "nobody waits for the chain")


def test_the_head_is_kept_outside_of_the_database(cloned: Cloned, tmp_path: Path) -> None:
    with cloned("audit_head") as url, connect(url) as conn:
        pool = open_pool(as_service(url), 1)
        try:
            audit.record(conn, "a", "b")
            seal_now(pool, tmp_path)
            assert kept_head(tmp_path) == audit.head(conn)
            assert ((tmp_path / "audit-head.json").stat().st_mode & 0o777) == 0o600
        finally:
            pool.close()


def test_an_older_head_never_replaces_a_newer(tmp_path: Path) -> None:
    keep_head(Head(position=7, hash=b"7"), tmp_path)
    keep_head(Head(position=6, hash=b"6"), tmp_path)
    assert kept_head(tmp_path) == Head(position=7, hash=b"7")
    (tmp_path / "audit-head.json").write_text("{")
    with pytest.raises(SetupError, match="is damaged"):
        kept_head(tmp_path)
