"""`gridsvc departments`: the tree of departments."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from gridsvc.casework.departments import Retired, import_departments, lines_of, retire, tree
from gridsvc.casework.departments_reading import COLUMNS, NEEDED
from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, plain_line, show, show_imported
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.ingest.headed import read_headed

app = typer.Typer(help="Departments: a tree from the city down.", no_args_is_help=True)


@app.command("list")
def list_departments(as_json: Json = False) -> None:
    """The tree: who works in the system, who is retired."""
    with opened(Settings(), Right.SEE_DETAILS) as (conn, _):
        found = tree(conn)
    show(found, "\n".join(map(plain_line, lines_of(found))) or "no departments", as_json)


@app.command("load")
def load(
    file: Annotated[Path, typer.Argument(help="CSV or Excel, with Chinese or English headings.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would happen, and all that is wrong.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add and change the departments of a file; nothing is changed if anything in it is wrong."""
    with opened(Settings(), Right.EDIT_RULES, as_system=True) as (conn, _):
        done = import_departments(conn, file.name, read_headed(file, file.name, COLUMNS, NEEDED), dry_run=dry_run)
    show_imported(done, f"{done.added} added, {done.changed} changed, {done.unchanged} unchanged", as_json)


@app.command("retire")
def retire_one(
    code: Annotated[str, typer.Argument(help="Code of the department.")],
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day without it; today if not said.")
    ] = None,
    back: Annotated[bool, typer.Option("--back", help="Take the retirement back.")] = False,
    even_so: Annotated[bool, typer.Option("--even-so", help="Though rules or open cases name it.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what names it.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    as_json: Json = False,
) -> None:
    """From a day on there is no such department. Refused while rules or open cases name it, or others are below it."""
    with opened(Settings(), Right.EDIT_RULES, as_system=True) as (conn, city):
        today = datetime.now(UTC).astimezone(ZoneInfo(city.time_zone)).date()
        day = None if back else on.date() if on else today
        done = retire(conn, code, day, even_so=even_so, dry_run=dry_run, reason=reason)
    show(done, plain_line(_told(done)), as_json)


def _told(done: Retired) -> str:
    would = "" if done.applied else "nothing was changed; would be: "
    since = f"retired on {done.retired_on}" if done.retired_on else "not retired"
    rules = f": {', '.join(done.rules)}" if done.rules else ""
    return (
        f"{would}{done.code} is {since}; {done.open_cases} open cases, {done.components} components, "
        f"{done.accounts} accounts and {len(done.rules)} rules name it{rules}"
    )
