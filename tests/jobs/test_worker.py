"""The worker as a process: told to stop, killed, left alone, cut off from the database."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from gridsvc.store import jobs
from tests.jobs import steps
from tests.jobs.conftest import Queue, worker_process


def test_what_waits_is_done_when_a_worker_comes(queue: Queue) -> None:
    batch = queue.batch()
    queue.ask(batch)
    time.sleep(0.5)
    assert queue.work(batch)["state"] == "waiting"
    with queue.working(steps.writing):
        queue.until(batch, "done")


def test_a_step_at_work_says_for_how_long_it_has_been(queue: Queue) -> None:
    batch = queue.batch()
    queue.ask(batch)
    assert queue.work(batch)["seconds"] is None
    with queue.working(steps.counting):
        queue.until(batch, "working")
        time.sleep(1.6)
        assert 1 <= queue.work(batch)["seconds"] <= 20
        assert "begun" not in queue.work(batch)
        queue.cancel(batch)
        queue.until(batch, "cancelled")
    assert queue.work(batch)["seconds"] is None


def test_a_step_whose_worker_was_killed_is_lost_and_can_be_asked_for_again(queue: Queue) -> None:
    batch = queue.batch()
    before = queue.found(batch)
    queue.ask(batch)
    with queue.working(steps.counting):
        queue.until(batch, "working")
        worker_process().kill()
        queue.until(batch, "lost", seconds=12)
        assert queue.found(batch)["counts"] == before["counts"]
        queue.ask(batch)
        queue.until(batch, "working")
        queue.cancel(batch)
        queue.until(batch, "cancelled")
    with queue.working(steps.writing):
        queue.ask(batch)
        queue.until(batch, "done")


def test_a_lost_step_can_be_cleared_away(queue: Queue) -> None:
    batch = queue.batch()
    queue.ask(batch)
    with queue.working(steps.waiting_for_database):
        queue.until(batch, "working")
        worker_process().kill()
    queue.until(batch, "lost", seconds=12)
    assert queue.cancel(batch)["state"] == "cancelled"


def test_a_step_that_the_end_of_the_service_cut_short_begins_again_with_the_next(queue: Queue) -> None:
    batch = queue.batch()
    queue.ask(batch)
    begun = time.monotonic()
    with queue.working(steps.counting):
        queue.until(batch, "working")
        begun = time.monotonic()
    assert time.monotonic() - begun < 9
    assert queue.work(batch)["state"] == "waiting"
    with queue.working(steps.writing):
        queue.until(batch, "done")


def test_a_promotion_that_was_made_before_its_worker_died_is_done(queue: Queue) -> None:
    batch = queue.batch()
    with queue.transaction() as conn:
        conn.execute("UPDATE import_batch SET state = 'checked' WHERE id = %s", (batch,))
    queue.ask(batch, "promote")
    with queue.transaction() as conn:
        conn.execute("SET LOCAL search_path = procrastinate, public")
        conn.execute("DELETE FROM procrastinate_jobs")
    assert queue.work(batch)["state"] == "lost"
    with queue.transaction() as conn:
        conn.execute("UPDATE import_batch SET state = 'promoted' WHERE id = %s", (batch,))
    assert queue.work(batch)["state"] == "done"


def test_a_worker_that_lost_its_connections_goes_on(queue: Queue) -> None:
    batch = queue.batch()
    with queue.working(steps.writing):
        queue.ask(first := queue.batch())
        queue.until(first, "done")
        with queue.transaction() as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        queue.ask(batch)
        queue.until(batch, "done")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_the_worker_ends_with_a_service_that_is_killed(queue: Queue, tmp_path: Path) -> None:
    service = tmp_path / "service.py"
    service.write_text(
        textwrap.dedent(
            f"""
            import time
            from pathlib import Path
            from gridsvc.config import Settings
            from gridsvc.jobs import worker
            from gridsvc.jobs.tasks import Site
            from tests.jobs import steps

            if __name__ == "__main__":
                settings = Settings(data_folder=Path({str(tmp_path)!r}))
                site = Site(address={queue.site.address!r}, settings=settings, demo=False)
                with worker.beside(site, steps.counting):
                    time.sleep(60)
            """
        )
    )
    batch = queue.batch()
    queue.ask(batch)
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, str(service)], env={**os.environ, "PYTHONPATH": str(root)}) as process:
        queue.until(batch, "working")
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
    assert psutil.wait_procs(children, timeout=12)[1] == []
    assert queue.until(batch, "waiting", "lost", seconds=10)["state"] == "waiting"


def test_a_lost_step_does_not_stand_in_the_way_of_what_waits_behind_it(queue: Queue) -> None:
    """As if it had been lost just when the next one was asked for."""
    batch = queue.batch()
    queue.ask(batch)
    with queue.transaction() as conn:
        conn.execute("SET LOCAL search_path = procrastinate, public")
        conn.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        conn.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)"
            " SELECT queue_name, task_name, lock, queueing_lock, args FROM procrastinate_jobs"
        )
    assert queue.work(batch)["state"] == "waiting"
    with queue.transaction() as conn:
        jobs.bury_lost(conn)
    with queue.working(steps.writing):
        queue.until(batch, "done")
