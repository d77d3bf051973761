"""What attackers tried: each of these worked once."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from gridsvc.access import tokens
from gridsvc.access.retention import erase, set_rule
from gridsvc.access.sealing import kept_head
from gridsvc.access.work import seal_now
from gridsvc.api.limits import Limits
from gridsvc.casework.files import Columns, import_reports
from gridsvc.casework.intake import take_in
from gridsvc.casework.photos import add_photo, looked_at
from gridsvc.cli.load import initialise
from gridsvc.config import Settings
from gridsvc.domain.access import Right, Role, account_name
from gridsvc.errors import InputError, SetupError, TooManyError
from gridsvc.localdb import Addresses
from gridsvc.store import audit, credentials, migrate, permissions, retention
from gridsvc.store.callers import Caller
from gridsvc.store.city import City
from gridsvc.store.connection import Connection, connect, open_pool
from tests import made
from tests.access import town
from tests.access.test_photos import photo
from tests.accounts import put_account
from tests.database import TOWN, as_service, drop, run
from tests.service import asking, running
from tests.sketch import SRID

Cloned = Callable[[str], "contextmanager[str]"]


# The record


def test_a_chain_that_was_cut_does_not_hide_behind_new_rows(cloned: Cloned, tmp_path: Path) -> None:
    with cloned("attack_cut") as url, connect(url) as conn:
        pool = open_pool(as_service(url), 1)
        try:
            for n in range(9):
                audit.record(conn, "deed", str(n))
            seal_now(pool, tmp_path)
            kept = kept_head(tmp_path)
            with conn.transaction():
                conn.execute("SET LOCAL session_replication_role = replica")
                conn.execute("DELETE FROM audit_seal WHERE position > 4")
                conn.execute("DELETE FROM audit_payload WHERE audit_id IN (SELECT id FROM audit WHERE thing >= '4')")
                conn.execute("DELETE FROM audit WHERE thing >= '4'")
            for n in range(20):
                audit.record(conn, "later", str(n))
            seal_now(pool, tmp_path)
            assert kept_head(tmp_path) == kept, "the head outside is not replaced by one that does not follow it"
        finally:
            pool.close()


def test_payloads_cannot_be_erased_under_a_false_row(conn: Connection) -> None:
    audit.record(conn, "deed", "a")
    for statement in ("DELETE FROM audit_payload", "SELECT audit_record('audit.erase', 'row 9', NULL, NULL)",
                      "SELECT audit_write('audit.erase', 'row 9', NULL, NULL)"):  # fmt: skip
        with conn.transaction(force_rollback=True):
            conn.execute("SET LOCAL ROLE gridsvc_system")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement)  # type: ignore[call-overload]


@pytest.mark.parametrize(("harm", "found"), [
    ("INSERT INTO role_right VALUES ('public', 'see_sensitive')", "role public has the right see_sensitive"),
    ("DELETE FROM role_right WHERE role = 'analyst'", "role analyst lacks the right export"),
    ("CREATE POLICY more ON component FOR SELECT TO gridsvc_caller USING (true)", "not ours: component: more"),
    ("ALTER TABLE audit DISABLE TRIGGER append_only", "switched off: audit: append_only"),
])  # fmt: skip
def test_changed_permissions_are_found(conn: Connection, harm: str, found: str) -> None:
    assert permissions.tampered(conn) == []
    conn.execute(harm)  # type: ignore[call-overload]
    assert found in "; ".join(permissions.tampered(conn))


# Other cities on the same server, and older releases


def test_a_copy_that_is_open_to_all_services_is_refused(server: str, cloned: Cloned) -> None:
    with cloned("attack_copy") as url, connect(url) as conn:
        name = conn.info.dbname
        run(server, f'GRANT CONNECT ON DATABASE "{name}" TO PUBLIC')
        with connect(as_service(url)) as service, pytest.raises(SetupError, match="was it copied or restored"):
            permissions.check_service_role(service)


def test_an_upgrade_erases_nothing_and_opens_nothing(server: str) -> None:
    url = make_conninfo(server, dbname="gridsvc_test_upgrade")
    try:
        run(server, 'CREATE DATABASE "gridsvc_test_upgrade" TEMPLATE template0')
        with connect(url) as conn:
            for extension in ("postgis", "btree_gist"):
                conn.execute(f"CREATE EXTENSION {extension}")  # type: ignore[call-overload]
        migrate.upgrade(url, SRID, "0001")
        with connect(url) as conn:
            conn.execute("INSERT INTO city VALUES (1, 'a', 'a', %s, '510799', 'Asia/Shanghai', NULL, true)", (SRID,))
            conn.execute("INSERT INTO channel VALUES ('public', '本市', 'Ours', true)")
            conn.execute("INSERT INTO department VALUES ('d', 'd', 'd', NULL, 'unit', true)")
            conn.execute("INSERT INTO report (id, channel, external_id, reported_at, state, description)"
                         " VALUES (gen_random_uuid(), 'public', 'x', '2001-01-01', 'reported', 'words')")  # fmt: skip
            conn.execute("INSERT INTO routing_decision (report_id, lead, supervising, area_revision, duty_revision,"
                         " inventory_batch) SELECT id, 'd', '{s}', 0, 0, 0 FROM report")  # fmt: skip
            conn.execute("INSERT INTO import_batch (layer, target, file_name, sha256, state)"
                         " VALUES ('c', 'components', 'f', 'x', 'promoted')")  # fmt: skip
            conn.execute(
                "INSERT INTO component (component_code, code_scheme, subclass_code, state, batch_id, geom)"
                " SELECT '1', 'x', '0150', 'intact', 1, ST_SetSRID(ST_MakePoint(0, 0), %s)",
                (SRID,),
            )
        initialise(TOWN, Addresses(admin_url=url, database_url=as_service(url)))
        with connect(url) as conn:
            assert retention.rules(conn) == {}
            assert conn.execute("SELECT name_en, confirmed, open_to_public FROM channel").fetchall() == [
                ("Ours", True, False)
            ]
            assert conn.execute("SELECT departments, description FROM report").fetchone() == (["d", "s"], "words")
            assert conn.execute("SELECT visibility FROM component").fetchone() == (2,)
    finally:
        drop(server, "gridsvc_test_upgrade")


# Personal data that come back


@pytest.fixture
def anonymised(conn: Connection, town: City, tmp_path: Path) -> Connection:
    """An old report that lost what is personal."""
    made.put_departments(conn, "d")
    made.put_channel(conn)
    take_in(conn, town, [made.report("r", description="words")])
    set_rule(conn, "reported", 1)
    conn.execute("UPDATE report SET reported_at = now() - interval '9 days'")
    assert erase(conn, tmp_path, tmp_path).reports == 1
    return conn


def test_words_do_not_come_back_with_a_repeat(anonymised: Connection, town: City) -> None:
    take_in(anonymised, town, [made.report("r", description="words", address="here")])
    found = anonymised.execute("SELECT differs FROM report_repeat").fetchone()
    assert found
    assert (found[0].get("description"), found[0]["address"]) == (None, "here")
    assert anonymised.execute("SELECT description FROM report").fetchone() == (None,)


def test_no_original_picture_is_kept_of_an_old_report(anonymised: Connection, tmp_path: Path) -> None:
    found = anonymised.execute("SELECT id FROM report").fetchone()
    assert found
    add_photo(anonymised, found[0], looked_at(photo()), tmp_path)
    assert anonymised.execute("SELECT original_sha256 FROM photo").fetchone() == (None,)


def test_files_of_reports_go_with_the_last_of_them(conn: Connection, town: City, tmp_path: Path) -> None:
    made.put_channel(conn)
    set_rule(conn, "reported", 365)
    file, uploads = tmp_path / "calls.csv", tmp_path / "uploads"
    columns = Columns(
        channel="hotline", fields={name: name for name in ("external_id", "reported_at", "reporter_phone")}
    )
    file.write_text("external_id,reported_at,reporter_phone\na,2001-01-01T00:00:00Z,139\nb,2001-01-02T00:00:00Z,138\n")
    import_reports(conn, town, file, columns, uploads)
    conn.execute("UPDATE report SET reported_at = now() WHERE external_id = 'b'")
    erase(conn, tmp_path, uploads)
    assert len(list(uploads.rglob("*.csv"))) == 1, "one of its reports is young"
    conn.execute("UPDATE report SET reported_at = '2001-01-01'")
    erase(conn, tmp_path, uploads)
    assert list(uploads.rglob("*.csv")) == []


# Availability


@pytest.fixture(scope="module")
def built(database: str) -> dict[str, str | None]:
    return town.build(database)


def stalled(host: str, head: str) -> socket.socket:
    """A request that stops in the middle."""
    address, _, port = host.partition(":")
    line = socket.create_connection((address, int(port)))
    line.sendall(head.encode())
    return line


def test_slow_uploads_keep_no_connection(database: str, built: dict[str, str | None]) -> None:
    with running(database, pool_size=2) as host, asking(host) as client:
        head = (
            f"POST /api/v1/reports/00000000-0000-0000-0000-000000000000/photos HTTP/1.1\r\nHost: {host}\r\n"
            f"Authorization: Bearer {built['inspector-west']}\r\nContent-Type: image/jpeg\r\n"
            "Content-Length: 900000\r\n\r\nabc"
        )
        lines = [stalled(host, head) for _ in range(6)]
        time.sleep(0.5)
        assert client.get("/ready").status_code == 200
        for line in lines:
            line.close()


def test_slow_readers_of_files_keep_no_connection(database: str, built: dict[str, str | None]) -> None:
    with connect(database) as conn:
        conn.execute("UPDATE component SET position = repeat('x', 3000000) WHERE component_code = '1-0101'")
    try:
        with running(database, pool_size=2) as host, asking(host) as client:
            bearer = f"Authorization: Bearer {built['gis_staff']}"
            head = f"GET /api/v1/components/export HTTP/1.1\r\nHost: {host}\r\n{bearer}\r\n\r\n"
            lines = [stalled(host, head) for _ in range(6)]
            time.sleep(1.5)
            assert client.get("/ready").status_code == 200
            for line in lines:
                line.close()
    finally:
        with connect(database) as conn:
            conn.execute("UPDATE component SET position = NULL")


@pytest.mark.parametrize("body", [
    "{" + ",".join(f'"{n}":0' for n in range(12_000)) + "}", "[" * 60_000, '{"channel": {"a": ' * 5_000,
])  # fmt: skip
def test_a_body_of_nonsense_is_answered_soon_and_shortly(
    database: str, built: dict[str, str | None], body: str
) -> None:
    del built
    with running(database) as host, asking(host) as client:
        client.get("/health")
        begun = time.perf_counter()
        answer = client.post("/api/v1/reports", content=body, headers={"content-type": "application/json"})
        assert time.perf_counter() - begun < 1.5
        assert (answer.status_code, len(answer.content) < 10_000) == (422, True)
        large = client.post("/api/v1/reports", content=body * 20, headers={"content-type": "application/json"})
        assert large.status_code == 413


def test_made_up_devices_fill_no_memory_once_their_address_is_refused() -> None:
    limits = Limits(Settings(anonymous_reports_per_hour=2))
    for n in range(50):
        with suppress(TooManyError):
            limits.anonymous_report("192.0.2.1", f"device {n}" * 1_000)
    stored = limits._limiter.storage.events  # type: ignore[attr-defined]
    assert len([key for key in stored if "devices" in key]) == 2
    assert max(map(len, stored)) < 200


# Accounts


def caller(conn: Connection, account_id: int, *rights: Right) -> Caller:
    del conn
    return Caller(account_id=account_id, name="x", roles=[], rights=[right.value for right in rights])


def test_no_token_administers_accounts(database: str) -> None:
    with connect(database) as conn, conn.transaction(force_rollback=True):
        account = put_account(conn, "boss", Role.ADMINISTRATOR, whole_city=True)
        who = caller(conn, account, Right.MANAGE_ACCOUNTS, Right.READ_AUDIT)
        with pytest.raises(InputError, match="'manage_accounts' is not known"):
            tokens.add_token(conn, who, "t", ["manage_accounts"], 1)
        credentials.add_api_token(conn, account, "t", b"t", ["manage_accounts", "read_audit"], 1)
        found = conn.execute("SELECT rights FROM begin_token('t', false, '', '', '')").fetchone()
        assert found == (["read_audit"],)


def test_a_right_brings_along_what_it_shows_nothing_without(conn: Connection) -> None:
    account = put_account(conn, "exporter", Role.ANALYST, whole_city=True)
    who = caller(conn, account, Right.EXPORT, Right.SEE_DETAILS, Right.SEE_REPORTS)
    tokens.add_token(conn, who, "t", ["export"], 1)
    assert credentials.api_tokens(conn, account)[0]["scopes"] == ["export", "see_details"]


def test_a_lost_race_of_codes_leaves_nothing_half_on(conn: Connection) -> None:
    account = put_account(conn, "racer", Role.ANALYST, whole_city=True, password="correct horse battery")
    credentials.offer_totp(conn, account, "ABCDEFGH")
    credentials.clear_totp(conn, account)
    assert not credentials.use_totp_step(conn, account, 7)
    assert credentials.totp(conn, account) == (None, False)


def test_full_width_names_are_the_same_names() -> None:
    assert account_name("ＡＤＭＩＮ") == account_name("admin")


def test_a_name_in_the_exported_record_is_no_formula(conn: Connection) -> None:
    conn.execute("SELECT set_config('gridsvc.name', '=1+1', true)")
    audit.record(conn, "deed", "a")
    text = b"".join(audit.audit_csv(conn, audit.AuditFilter(action="deed"))).decode("utf-8-sig")
    assert ",'=1+1," in text


# What repeats, hosts and slashes tell


@pytest.fixture(scope="module")
def asked(database: str, built: dict[str, str | None]) -> Iterator[dict[str, httpx.Client]]:
    with running(database) as host:
        clients = {name: asking(host, token) for name, token in built.items()}
        yield clients
        for client in clients.values():
            client.close()


def test_a_repeat_confirms_no_guess_of_somebodys_words(asked: dict[str, httpx.Client]) -> None:
    report: dict[str, Any] = {
        "channel": "public", "external_id": "guess", "reported_at": "2026-06-01T12:00:00Z", "kind": "event",
        "subclass_code": "0110", "description": "my secret",
    }  # fmt: skip
    assert asked["public"].post("/api/v1/reports", json=report).status_code == 201
    again = asked["analyst"].post("/api/v1/reports", json={**report, "description": "a guess"})
    assert (again.status_code, again.json()["differs"], again.json()["description"]) == (200, None, None)
    worker = asked["dispatcher"].post("/api/v1/reports", json={**report, "description": "a guess"})
    assert worker.json()["differs"] == {"description": "a guess"}


def test_no_redirect_repeats_a_host_that_was_made_up(asked: dict[str, httpx.Client]) -> None:
    answer = asked["public"].get("/account/", headers={"host": "evil.example"})
    assert (answer.status_code, "evil" in str(answer.headers)) == (404, False)


def test_every_method_of_a_path_is_named(asked: dict[str, httpx.Client]) -> None:
    answer = asked["public"].delete("/api/v1/reports")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
