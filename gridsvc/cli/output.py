"""How commands print: lines for people, JSON for programs."""

import dataclasses
import json
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def show(result: Any, line: str, as_json: bool) -> None:
    typer.echo(json.dumps(result, default=plain, ensure_ascii=False, indent=2) if as_json else line)


def show_imported(done: Any, counts: str, as_json: bool) -> None:
    """What a file brought in or would bring in (`applied`), with its `problems`; exit code 1 if there are any."""
    would = "" if done.applied else "nothing was changed; would be: "
    wrong = f"; {len(done.problems)} things are wrong" if done.problems else ""
    rows = [plain_line(f"  row {one.row}: {one.en}") for one in done.problems]
    show(done, "\n".join([f"{would}{counts}{wrong}", *rows]), as_json)
    if done.problems:
        raise typer.Exit(1)


def step(what: str, figures: str, seconds: float) -> None:
    """One line of what was done: the thing, its figures, its time."""
    typer.echo(f"  {what:<12}{figures}  ({seconds:.1f} s)")


def progress_bar() -> Progress:
    """On a terminal; elsewhere nothing is shown, the lines of the result say enough."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def plain_line(text: str) -> str:
    """Without control characters, which could steer the terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)


def plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (Path, UUID)):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be shown as JSON")
