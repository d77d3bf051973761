"""The worker: takes steps of imports out of the queue and does them, in a process of its own beside the service."""

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psycopg
from procrastinate.exceptions import ConnectorException
from psycopg_pool import PoolTimeout

from gridsvc.jobs import queue, tasks
from gridsvc.jobs.tasks import SITE, Site
from gridsvc.store.jobs import PATIENCE, QUEUE

AT_ONCE = 2
"""Steps done at the same time: a small file need not wait for a large one."""
TO_FINISH = 2.0
"""Seconds that a step may go on when the worker is told to stop; then it is stopped, and begins again later."""
TO_END = 10.0
"""Seconds after which a worker that was told to stop is killed."""
SIGN_OF_LIFE = 2.0
AGAIN = 2.0
"""Seconds before a worker, or its connection, is begun anew."""
logger = logging.getLogger("gridsvc.jobs")
Prepare = Callable[[], None]
"""Called in the new process first: it must be a function of a module."""


def run(site: Site, stop: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGINT)) -> None:
    """Work until one of these signals. A database that does not answer is asked again."""
    asyncio.run(_until_told(site, stop))


@contextmanager
def beside(site: Site, prepare: Prepare) -> Iterator[None]:
    """A worker in a process of its own while the block runs: begun anew if it dies, ended with this process."""
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(site, prepare, over), daemon=True, name="worker's keeper")
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join(timeout=TO_END + AGAIN)


async def _until_told(site: Site, stop: Sequence[signal.Signals]) -> None:
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in stop:
        loop.add_signal_handler(number, told.set)
    while not told.is_set():
        try:
            await _work(site, told)
        except (ConnectorException, PoolTimeout, psycopg.Error) as error:
            logger.error("the queue cannot be reached: %s", type(error).__name__)
        if not told.is_set():
            await _wait(told, AGAIN)


async def _work(site: Site, told: asyncio.Event) -> None:
    """Until told to stop, or until the connection breaks."""
    app = queue.worker_app(site.address)
    tasks.register(app)
    async with app.open_async():
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE], concurrency=AT_ONCE, shutdown_graceful_timeout=TO_FINISH, delete_jobs="always",
                abort_job_polling_interval=1.0, fetch_job_polling_interval=2.0, install_signal_handlers=False,
                update_heartbeat_interval=SIGN_OF_LIFE, stalled_worker_timeout=PATIENCE,
                additional_context={SITE: site},
            )
        )  # fmt: skip
        waiting = asyncio.create_task(told.wait())
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        working.cancel()  # it ends what it does first
        try:
            await working
        except asyncio.CancelledError:
            return


async def _wait(told: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(told.wait(), seconds)
    except TimeoutError:
        return


def _keep(site: Site, prepare: Prepare, over: threading.Event) -> None:
    while not over.is_set():
        process = multiprocessing.get_context("spawn").Process(target=_alone, args=(site, prepare), name="gridsvc-work")
        process.start()
        while process.is_alive() and not over.wait(0.1):
            pass
        if process.is_alive():
            process.terminate()
            process.join(TO_END)
            process.kill()
            process.join()
        elif not over.wait(AGAIN):
            logger.error("the worker ended with %s; another one is begun", process.exitcode)


def _alone(site: Site, prepare: Prepare) -> None:
    """In the worker's own process. Ctrl+C is for the service, which then ends the worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare()
    threading.Thread(target=_end_with_parent, daemon=True, name="parent's end").start()
    run(site, (signal.SIGTERM,))


def _end_with_parent() -> None:
    """The service may be killed without a word: its worker ends as if it had been told to."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(TO_END)
    os._exit(1)
