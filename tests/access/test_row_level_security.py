"""What the database itself lets a caller see, whatever the application asks."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql

from gridsvc.domain.access import ROLE_RIGHTS, Right
from gridsvc.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from gridsvc.store import permissions, plans
from gridsvc.store.callers import ApiToken, Caller, Origin, act_for_good, acting, as_caller, as_service, name_caller
from gridsvc.store.connection import Connection, connect, open_pool
from gridsvc.store.permissions import CALLER
from gridsvc.store.setup import check_schema
from tests.access import town
from tests.access.town import EAST, TOWN, WEST
from tests.accounts import put_account, put_token
from tests.database import as_service as as_service_role
from tests.sketch import SRID

HERE = Origin(source="api", address="192.0.2.1", request_id="r")


@pytest.fixture(scope="module")
def tokens(database: str) -> dict[str, str | None]:
    return town.build(database)


@contextmanager
def seen_by(database: str, tokens: dict[str, str | None], name: str) -> Iterator[tuple[Connection, Caller]]:
    """A transaction as an account of the town."""
    token = tokens[name]
    pool = open_pool(as_service_role(database), 2)
    try:
        credentials = ApiToken(token=token.encode()) if token else None
        with as_caller(pool, credentials, HERE, demo=False) as found:
            yield found
    finally:
        pool.close()


def codes(conn: Connection) -> set[str]:
    return {row[0] for row in conn.execute("SELECT component_code FROM component")}


def those(marks: tuple[str, ...], *subclasses: str) -> set[str]:
    return {f"{mark}-{subclass}" for mark in marks for subclass in subclasses}


EVERYWHERE = (*WEST, *EAST)
ALL = ("0101", "0301", "0150")
COMPONENTS = {
    "public": those(EVERYWHERE, "0301"),
    "nobody": those(EVERYWHERE, "0301"),
    "administrator": those(EVERYWHERE, *ALL),
    "gis_staff": those(EVERYWHERE, *ALL),
    "dispatcher": those(EVERYWHERE, *ALL),
    "shift_leader": those(EVERYWHERE, *ALL),
    "intake_clerk": those(EVERYWHERE, "0101", "0301"),
    "analyst": those(EVERYWHERE, "0101", "0301"),
    "inspector-west": those(WEST, "0101") | those(EVERYWHERE, "0301"),
    "inspector-east": those(EAST, "0101") | those(EVERYWHERE, "0301"),
    "gis-west": those(WEST, "0101", "0150") | those(EVERYWHERE, "0301"),
    "handler-west": those(WEST, "0101") | those(EVERYWHERE, "0301"),
    "handler-head": those(EVERYWHERE, "0101", "0301"),
}
REPORTS = {
    "public": (), "nobody": (), "administrator": EVERYWHERE, "analyst": EVERYWHERE, "inspector-west": WEST,
    "analyst-east": EAST, "handler-west": WEST, "handler-head": EVERYWHERE, "gis-west": WEST,
}  # fmt: skip
PEOPLE = {
    "public": (), "nobody": (), "administrator": (), "analyst": (), "gis_staff": (), "inspector-west": WEST,
    "handler-west": WEST, "handler-head": EVERYWHERE, "dispatcher": EVERYWHERE, "analyst-east": (),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPONENTS)
def test_components(database: str, tokens: dict[str, str | None], name: str) -> None:
    with seen_by(database, tokens, name) as (conn, _):
        assert codes(conn) == COMPONENTS[name]


@pytest.mark.parametrize("name", REPORTS)
def test_reports_and_what_hangs_on_them(database: str, tokens: dict[str, str | None], name: str) -> None:
    with seen_by(database, tokens, name) as (conn, _):
        found = {row[0] for row in conn.execute("SELECT external_id FROM report")}
        assert found == {f"report-{mark}" for mark in REPORTS[name]}
        for table in ("cases", "routing_decision"):
            rows = conn.execute(sql.SQL("SELECT external_id FROM {} JOIN report ON report.id = report_id").format(
                sql.Identifier(table)))  # fmt: skip
            assert {row[0] for row in rows} == found, table
            total = conn.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
            assert total == (len(found),), table
        assert conn.execute("SELECT count(DISTINCT case_id) FROM case_step").fetchone() == (len(found),)


@pytest.mark.parametrize("name", PEOPLE)
def test_who_reported_is_for_those_who_work_on_it(database: str, tokens: dict[str, str | None], name: str) -> None:
    with seen_by(database, tokens, name) as (conn, _):
        expected = len(PEOPLE[name])
        assert conn.execute("SELECT count(*) FROM reporter").fetchone() == (expected,)
        assert conn.execute("SELECT count(description) FROM report_seen").fetchone() == (expected,)


def test_the_public_sees_a_component_without_its_details(database: str, tokens: dict[str, str | None]) -> None:
    details = "SELECT DISTINCT owner, attributes FROM component_seen"
    with seen_by(database, tokens, "public") as (conn, _):
        assert conn.execute(details).fetchall() == [(None, None)]
    with seen_by(database, tokens, "inspector-west") as (conn, _):
        assert {row[0] for row in conn.execute(details)} == {"west", "east"}


def test_nobody_sees_nothing(database: str, tokens: dict[str, str | None]) -> None:
    """A transaction that forgot to say who asks."""
    del tokens
    with connect(as_service_role(database)) as conn, conn.transaction():
        conn.execute("SET LOCAL ROLE gridsvc_caller")
        assert codes(conn) == set()
        for table in ("report", "cases", "reporter", "import_batch", "photo", "component_photo"):
            assert conn.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone() == (0,)


def test_an_identity_ends_with_its_transaction(database: str, tokens: dict[str, str | None]) -> None:
    pool = open_pool(as_service_role(database), 1)
    try:
        token = tokens["administrator"]
        assert token
        with as_caller(pool, ApiToken(token=token.encode()), HERE, demo=False) as (conn, _):
            assert len(codes(conn)) == 12
        with pool.connection() as conn:
            assert conn.execute("SELECT current_user = session_user").fetchone() == (True,)
            kept = conn.execute(
                "SELECT current_setting('gridsvc.' || name, true)"
                "  FROM unnest('{account,rights,areas,whole_city}'::text[]) AS name"
            ).fetchall()
            assert {row[0] for row in kept} <= {None, ""}
        with as_caller(pool, None, HERE, demo=False) as (conn, _):
            assert codes(conn) == COMPONENTS["public"]
    finally:
        pool.close()


@pytest.mark.parametrize("table", [
    "account", "credential", "session", "api_token", "audit", "audit_payload", "audit_seal", "sign_in_failure",
    "account_role", "component_version",
])  # fmt: skip
def test_no_caller_reads_the_tables_of_the_system(database: str, tokens: dict[str, str | None], table: str) -> None:
    with seen_by(database, tokens, "administrator") as (conn, _), pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(sql.SQL("SELECT FROM {}").format(sql.Identifier(table)))


@pytest.mark.parametrize("statement", [
    "INSERT INTO subclass_visibility VALUES ('0102', 0)", "UPDATE component SET owner = 'me'", "DELETE FROM report",
    "UPDATE city SET name_en = 'mine'", "INSERT INTO role_right VALUES ('public', 'read_audit')",
    "TRUNCATE report CASCADE",
    "DROP POLICY seen ON component", "SET ROLE postgres", "ALTER TABLE component DISABLE ROW LEVEL SECURITY",
])  # fmt: skip
def test_no_caller_writes(database: str, tokens: dict[str, str | None], statement: str) -> None:
    with seen_by(database, tokens, "administrator") as (conn, _), pytest.raises(psycopg.Error):
        conn.execute(statement)  # type: ignore[call-overload]


def test_the_system_acts_only_for_those_who_may(database: str, tokens: dict[str, str | None]) -> None:
    with seen_by(database, tokens, "inspector-west") as (conn, _):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="the right import_data is needed"), \
                conn.transaction(), acting(conn, Right.IMPORT_DATA):  # fmt: skip
            raise AssertionError("it acted")
        with acting(conn, Right.TAKE_IN):
            assert len(codes(conn)) == 12
        assert codes(conn) == COMPONENTS["inspector-west"]


def test_even_the_system_deletes_no_batch(database: str, tokens: dict[str, str | None]) -> None:
    with seen_by(database, tokens, "administrator") as (conn, _), acting(conn, Right.IMPORT_DATA), \
            pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():  # fmt: skip
        conn.execute("DELETE FROM import_batch")


def test_even_the_system_does_not_change_the_record(database: str, tokens: dict[str, str | None]) -> None:
    with seen_by(database, tokens, "administrator") as (conn, _), acting(conn, Right.READ_AUDIT):
        for statement in ("UPDATE audit SET action = 'x'", "DELETE FROM audit", "INSERT INTO audit_unsealed VALUES (1)",
                          "UPDATE audit_seal SET hash = ''", "UPDATE audit_payload SET payload = '{}'"):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                conn.execute(statement)  # type: ignore[call-overload]


def test_areas_of_duty_follow_the_areas_in_force(database: str, tokens: dict[str, str | None]) -> None:
    """By code: once the west is gone, whoever had it sees only what the public does; nothing else is given instead."""
    with connect(database) as owner, owner.transaction(force_rollback=True):
        owner.execute("UPDATE area SET valid_to = now(), current = false WHERE code = 'w'")
        found = owner.execute("SELECT id FROM account WHERE name = 'inspector-west'").fetchone()
        assert found
        owner.execute("SELECT begin_account(%s, NULL, false, '', '', '', true)", found)
        assert owner.execute("SELECT caller_areas()").fetchone() == ([],)
    del tokens


def test_a_scope_of_a_token_limits_what_it_may(database: str, tokens: dict[str, str | None]) -> None:
    with connect(database) as conn:
        account_id = put_account(conn, "dispatcher")
        scoped = {**tokens, "few": put_token(conn, account_id, "see_details", "read_audit")}
    with seen_by(database, scoped, "few") as (conn, caller):
        assert caller.rights == ["see_details"]
        assert codes(conn) == those(EVERYWHERE, "0101", "0301")
        assert conn.execute("SELECT count(*) FROM report").fetchone() == (0,)


@pytest.mark.parametrize("change", [
    "UPDATE api_token SET expires_at = now() - interval '1 s'", "UPDATE api_token SET revoked_at = now()",
    "UPDATE account SET disabled_at = now()", "UPDATE account SET demo = true",
])  # fmt: skip
def test_a_token_that_does_not_count_is_nobody(database: str, change: str) -> None:
    with connect(database) as conn:
        token = put_token(conn, put_account(conn, "passing", "analyst", whole_city=True))
        kept = conn.execute("SELECT to_jsonb(account) FROM account WHERE name = 'passing'").fetchone()
        where = " WHERE account_id = (SELECT id FROM account WHERE name = 'passing')"
        conn.execute(change + (where if "api_token" in change else " WHERE name = 'passing'"))  # type: ignore[arg-type]
    with pytest.raises(UnauthenticatedError), seen_by(database, {"passing": token}, "passing"):
        pass
    with connect(database) as conn:
        assert kept
        conn.execute("UPDATE account SET disabled_at = NULL, demo = false WHERE name = 'passing'")


def test_a_role_that_is_taken_away_is_gone_with_the_next_transaction(
    database: str, tokens: dict[str, str | None]
) -> None:
    with connect(database) as conn:
        account_id = put_account(conn, "leaving", "dispatcher", whole_city=True)
        own = {"leaving": put_token(conn, account_id)}
        with seen_by(database, own, "leaving") as (seen, _):
            assert len(codes(seen)) == 12
        conn.execute("DELETE FROM account_role WHERE account_id = %s", (account_id,))
        with seen_by(database, own, "leaving") as (seen, caller):
            assert (codes(seen), caller.rights) == (COMPONENTS["public"], ["send_report"])
    del tokens


def test_visibility_counts_at_once(database: str, tokens: dict[str, str | None]) -> None:
    with connect(database) as conn:
        conn.execute("UPDATE subclass_visibility SET visibility = 2 WHERE subclass_code = '0301'")
        try:
            with seen_by(database, tokens, "public") as (seen, _):
                assert codes(seen) == set()
            with seen_by(database, tokens, "inspector-west") as (seen, _):
                assert codes(seen) == those(WEST, "0101")
        finally:
            conn.execute("UPDATE subclass_visibility SET visibility = 0 WHERE subclass_code = '0301'")
        conn.execute("UPDATE component SET visibility = 0 WHERE subclass_code = '0150'")
        with seen_by(database, tokens, "public") as (seen, _):
            assert codes(seen) == COMPONENTS["public"]


def test_plans_use_the_spatial_index(database: str, tokens: dict[str, str | None]) -> None:
    x, y = TOWN.xy("1")
    for name in ("administrator", "inspector-west", "handler-west", "public"):
        with seen_by(database, tokens, name) as (conn, _):
            for query, plan in plans.plans(conn, SRID, x, y):
                assert plans.uses_index(plan), f"{name}, {query}:\n{plan}"


def test_the_check_of_plans_can_fail(database: str, tokens: dict[str, str | None]) -> None:
    """Without the mark the policy keeps the index from being used, which is what the check is for."""
    x, y = TOWN.xy("1")
    with connect(database) as conn:
        conn.execute("ALTER FUNCTION geometry_overlaps(geometry, geometry) NOT LEAKPROOF")
        try:
            with seen_by(database, tokens, "inspector-west") as (seen, _):
                bad = [name for name, plan in plans.plans(seen, SRID, x, y) if not plans.uses_index(plan)]
        finally:
            conn.execute("ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF")
    assert "components_total" in bad


def test_tables_without_policies_are_those_that_everybody_may_know(conn: Connection) -> None:
    assert permissions.open_tables(conn) == []
    conn.execute("CREATE TABLE leak (secret text)")
    conn.execute("GRANT SELECT ON leak TO gridsvc_caller")
    assert permissions.open_tables(conn) == ["table leak has no row-level security, and callers may read it"]


def test_the_rights_in_the_database_are_those_of_the_code(conn: Connection) -> None:
    found: dict[str, set[str]] = {}
    for role, right in conn.execute("SELECT role, right_name FROM role_right"):
        found.setdefault(role, set()).add(right)
    assert found == {role: {right.value for right in rights} for role, rights in ROLE_RIGHTS.items()}


def test_permissions_of_another_release_are_refused(conn: Connection) -> None:
    check_schema(conn)
    conn.execute("UPDATE permission_version SET checksum = 'x'")
    with pytest.raises(Exception, match="the permissions of another release: run `gridsvc init`"):
        check_schema(conn)


def test_the_command_line_acts_as_an_account(database: str, tokens: dict[str, str | None]) -> None:
    del tokens
    with connect(as_service_role(database)) as conn:
        caller = name_caller(conn, "inspector-west", "local", "r")
        with pytest.raises(ForbiddenError, match="the right import_data is needed"):
            act_for_good(conn, caller, Right.IMPORT_DATA, as_system=True)
        act_for_good(conn, caller, Right.SEE_DETAILS, as_system=False)
        assert codes(conn) == COMPONENTS["inspector-west"]
        assert conn.execute("SELECT current_user").fetchone() == (CALLER,)
    with connect(as_service_role(database)) as conn, pytest.raises(NotFoundError, match="--as"):
        name_caller(conn, "no-such", "local", "r")


def test_the_service_itself_has_no_rights_of_a_caller(database: str) -> None:
    pool = open_pool(as_service_role(database), 1)
    try:
        with as_service(pool, HERE) as conn:
            assert conn.execute("SELECT caller_may('read_audit'), caller_clearance()").fetchone() == (False, -1)
    finally:
        pool.close()
