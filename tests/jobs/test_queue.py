"""Steps of imports in the queue: asked for, done, refused, cancelled."""

import hashlib
import json
from collections.abc import Callable

import psycopg
import pytest
from procrastinate.schema import SchemaManager

from gridsvc import resources
from gridsvc.errors import ConflictError, InputError
from gridsvc.store import batches, permissions
from gridsvc.store.connection import connect
from tests.accounts import put_account
from tests.database import as_service
from tests.jobs import steps
from tests.jobs.conftest import Queue


def test_a_step_waits_and_is_then_done_as_the_account_that_asked_for_it(queue: Queue) -> None:
    batch = queue.batch()
    work = queue.ask(batch)
    assert (work["step"], work["state"], work["done"]) == ("check", "waiting", 0)
    with queue.working(steps.writing):
        queue.until(batch, "done")
    assert queue.found(batch)["state"] == "checked"
    with queue.transaction() as conn:
        row = conn.execute(
            "SELECT account.name, source, request_id, payload FROM audit JOIN audit_payload ON audit_id = audit.id"
            " JOIN account ON account.id = account_id WHERE action = 'import.test' ORDER BY audit.id DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    assert row[:3] == ("gis", "web", "r-1")
    assert row[3]["address"] == "192.0.2.7"


def test_progress_is_seen_while_it_works(queue: Queue) -> None:
    batch = queue.batch()
    queue.ask(batch)
    with queue.working(steps.counting):
        queue.until(batch, "working")
        done = [0]
        while len(set(done)) < 3:
            assert len(done) < 500
            work = queue.until(batch, "working")
            done.append(work["done"])
        assert work["phase"] == "check"
        assert done == sorted(done)
        queue.cancel(batch)


def test_an_error_of_a_step_is_kept_in_both_languages(queue: Queue) -> None:
    batch = queue.batch()
    queue.ask(batch)
    with queue.working(steps.refusing):
        queue.until(batch, "failed")
        found = queue.found(batch)
        assert (found["state"], found["error"], found["error_zh"]) == ("received", "the file is wrong", "文件有误")
        assert queue.ask(batch)["state"] == "waiting"
        assert queue.found(batch)["error"] == ""


def test_what_nobody_foresaw_is_said_to_be_unexpected(queue: Queue) -> None:
    batch = queue.batch()
    queue.ask(batch)
    with queue.working(steps.falling_over):
        queue.until(batch, "failed")
    assert "an unexpected error" in queue.found(batch)["error"]
    assert "意外错误" in queue.found(batch)["error_zh"]


@pytest.mark.parametrize(
    ("change", "said", "said_zh"),
    [
        ("UPDATE account SET disabled_at = now() WHERE name = %s", "was disabled meanwhile", "已停用"),
        (
            "DELETE FROM account_role USING account WHERE account_id = account.id AND name = %s",
            "the right import_data is needed",
            "没有所需的权限",
        ),
    ],
)
def test_rights_are_those_of_the_moment_it_is_done(queue: Queue, change: str, said: str, said_zh: str) -> None:
    name, batch = f"gone-{len(said)}", queue.batch()
    with queue.transaction() as conn:
        put_account(conn, name, "gis_staff", whole_city=True)
    queue.ask(batch, account=name)
    with queue.transaction() as conn:
        conn.execute(change, (name,))  # type: ignore[call-overload]
    with queue.working(steps.writing):
        queue.until(batch, "failed")
    assert said in queue.found(batch)["error"]
    assert said_zh in queue.found(batch)["error_zh"]
    assert queue.found(batch)["state"] == "received"


def test_a_batch_has_one_step_at_a_time(queue: Queue) -> None:
    batch, other = queue.batch(), queue.batch()
    queue.ask(batch)
    with pytest.raises(ConflictError, match="is being worked on") as caught:
        queue.ask(batch)
    assert "正在处理中" in caught.value.zh
    queue.ask(other)


def test_a_batch_that_a_command_line_has_in_hand_is_left_to_it(queue: Queue) -> None:
    batch = queue.batch()
    with connect(queue.database) as conn:
        assert batches.hold(conn, batch)
        with pytest.raises(ConflictError, match="is being worked on"):
            queue.ask(batch)
    queue.ask(batch)


@pytest.mark.parametrize(
    ("state", "step"),
    [("checked", "inspect"), ("inspected", "promote"), ("checked", "rollback"), ("promoted", "check")],
)
def test_a_step_that_does_not_follow_is_refused_at_once(queue: Queue, state: str, step: str) -> None:
    batch = queue.batch()
    with queue.transaction() as conn:
        conn.execute("UPDATE import_batch SET state = %s WHERE id = %s", (state, batch))
    with pytest.raises(ConflictError, match=f"batch {batch} is {state}; the step {step} begins with"):
        queue.ask(batch, step)
    with pytest.raises(InputError, match="step 'dance' is not known"):
        queue.ask(batch, "dance")


def test_what_waits_can_be_cancelled(queue: Queue) -> None:
    batch = queue.batch()
    queue.ask(batch)
    assert queue.cancel(batch)["state"] == "cancelled"
    with pytest.raises(ConflictError, match="nothing is at work"):
        queue.cancel(batch)
    with queue.working(steps.writing):
        queue.ask(other := queue.batch())
        queue.until(other, "done")
    assert queue.found(batch)["state"] == "received"
    with queue.transaction() as conn:
        (said,) = conn.execute("SELECT thing FROM audit WHERE action = 'import.cancel' ORDER BY id DESC LIMIT 1")
    assert said == (f"batch {batch}",)


@pytest.mark.parametrize("prepare", [steps.counting, steps.waiting_for_database])
def test_what_runs_is_stopped_and_the_batch_stands_as_before(queue: Queue, prepare: Callable[[], None]) -> None:
    batch = queue.batch()
    before = queue.found(batch)
    queue.ask(batch)
    with queue.working(prepare):
        queue.until(batch, "working")
        assert queue.cancel(batch)["stopping"]
        queue.until(batch, "cancelled", seconds=8)
        queue.ask(batch)
        queue.until(batch, "working")
        queue.cancel(batch)
        queue.until(batch, "cancelled", seconds=8)
    after = queue.found(batch)
    assert {**after, "work": {}} == {**before, "work": {}}
    with queue.transaction() as conn:
        assert batches.findings_of(conn, batch) == []


def test_what_jobs_are_told_is_for_the_system_alone(queue: Queue) -> None:
    queue.ask(queue.batch())
    look = "SELECT args FROM procrastinate.procrastinate_jobs"
    with connect(as_service(queue.database)) as conn:
        assert permissions.own_rights(conn) == permissions.open_tables(conn) == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(look)
        conn.execute("SET ROLE gridsvc_caller")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(look)
        conn.execute("RESET ROLE")
        conn.execute("SET ROLE gridsvc_system")
        assert json.dumps(conn.execute(look).fetchall()).count("192.0.2.7") >= 1


def test_the_library_has_the_schema_that_the_migrations_make() -> None:
    """Otherwise a migration has to apply what the library's release changed in it."""
    found = hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest()
    assert found in (resources.folder("migrations") / "versions" / "0004_jobs.py").read_text()
