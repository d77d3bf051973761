"""The desk of imports, as the settings make it."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gridsvc.ingest.desk import Desk


@contextmanager
def watched(desk: Desk) -> Iterator[Desk]:
    """The desk with a bar on a terminal; elsewhere the lines of the result say enough."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield desk
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("read", total=None)
        yield desk.watched_by(lambda step, done: bar.update(task, description=step, completed=done))
