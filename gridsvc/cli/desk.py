"""The desk of imports, as the settings make it."""

from collections.abc import Iterator
from contextlib import contextmanager

from gridsvc.cli.output import progress_bar
from gridsvc.ingest.desk import Desk


@contextmanager
def watched(desk: Desk) -> Iterator[Desk]:
    """The desk with a bar."""
    with progress_bar() as bar:
        task = bar.add_task("read", total=None)
        yield desk.watched_by(lambda step, done: bar.update(task, description=step, completed=done))
