"""`gridsvc audit`, `gridsvc retention`, `gridsvc visibility`: who did what, what is erased when, who sees what."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from gridsvc.access import reading, retention, visibility
from gridsvc.cli.context import opened
from gridsvc.cli.files import write_lines
from gridsvc.cli.output import Json, plain_line, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.domain.reports import days_between
from gridsvc.errors import InputError
from gridsvc.store.audit import AuditFilter
from gridsvc.store.city import City
from gridsvc.store.retention import reports_due_total, rules

audit = typer.Typer(help="Who did what, when and from where.", no_args_is_help=True)
keep = typer.Typer(help="How long personal data are kept.", no_args_is_help=True)
seen = typer.Typer(help="How visible component subclasses are.", no_args_is_help=True)

FOR_GOOD = "for-good"
Action = Annotated[str | None, typer.Option(help="How the action begins, such as sign_in or account.")]
First = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, city's time.")]
Last = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, city's time.")]


@audit.command("list")
def list_rows(
    action: Action = None,
    first: First = None,
    last: Last = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many rows.")] = 50,
    as_json: Json = False,
) -> None:
    """The newest rows."""
    with opened(Settings(), Right.READ_AUDIT, as_system=True) as (conn, city):
        total, rows = reading.page(conn, _chosen(city, action, first, last), limit=limit, offset=0)
    lines = [
        f"{row['at']:%Y-%m-%d %H:%M:%S}Z {(row['payload'] or {}).get('name', '–'):<16} {row['source']:<8}"
        f"{row['action']:<20} {plain_line(row['thing'])}"
        for row in rows
    ]
    if total > len(rows):
        lines.append(f"these are the newest {len(rows)} of {total:,}")
    show({"total": total, "rows": rows}, "\n".join(lines) or "nothing was done yet", as_json)


@audit.command("export")
def export_rows(
    file: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    action: Action = None,
    first: First = None,
    last: Last = None,
) -> None:
    """All rows as CSV, oldest first. That they were taken out is recorded."""
    with opened(Settings(), Right.READ_AUDIT, as_system=True) as (conn, city):
        chosen = _chosen(city, action, first, last)
        reading.record_export(conn, chosen)
        write_lines(file, reading.lines(conn, chosen))
    typer.echo(f"{file}")


@keep.command("list")
def list_rules(as_json: Json = False) -> None:
    """For how many days after its closing (or its report) a report's personal data are kept, by state."""
    with opened(Settings(), Right.ERASE, as_system=True) as (conn, _):
        found = rules(conn)
    lines = [f"{state:<12} {found.get(state, FOR_GOOD)}" for state in retention.STATES]
    show(found, "\n".join(lines), as_json)


@keep.command("set")
def set_rule(
    state: Annotated[str, typer.Argument(help=f"One of {', '.join(retention.STATES)}.")],
    days: Annotated[str, typer.Argument(help=f"Days, or `{FOR_GOOD}`.")],
    as_json: Json = False,
) -> None:
    """Keep them so long. What is older already is erased by the next run, and does not come back."""
    if days != FOR_GOOD and not days.isdecimal():
        raise InputError(f"{days!r} is not a number of days, nor {FOR_GOOD}")
    chosen = None if days == FOR_GOOD else int(days)
    with opened(Settings(), Right.ERASE, as_system=True) as (conn, _), conn.transaction():
        retention.set_rule(conn, state, chosen)
        due = reports_due_total(conn)
    line = f"{state}: {days if chosen is None else f'{days} days'}; {due} reports are due for the next run"
    show({"state": state, "days": chosen, "due": due}, line, as_json)


@keep.command("run")
def run(as_json: Json = False) -> None:
    """Erase now what the rules say; the service does it once a day."""
    settings = Settings()
    with opened(settings, Right.ERASE, as_system=True) as (conn, _):
        done = retention.erase(conn, settings.photos, settings.uploads)
    line = (
        f"{done.reports} reports anonymised, {done.files} files of pictures deleted, {done.rosters} entries of rosters "
        "without their people"
    )
    show(done, line + (", old payloads of the audit erased" if done.payloads else ""), as_json)


@seen.command("list")
def list_visibilities(as_json: Json = False) -> None:
    """Component subclasses that the public sees, and sensitive ones; all others are for staff."""
    with opened(Settings(), Right.SEE_DETAILS) as (conn, _):
        found = visibility.visibilities(conn)
    show(found, "\n".join(f"{code}  {name}" for code, name in found.items()) or "all are for staff", as_json)


@seen.command("set")
def set_visibility(
    subclass: Annotated[str, typer.Argument(help="Code of the component subclass.")],
    name: Annotated[str, typer.Argument(help="public, staff or sensitive.")],
    as_json: Json = False,
) -> None:
    """Let everybody, staff, or only some roles see the components of a subclass. It counts at once."""
    with opened(Settings(), Right.SET_VISIBILITY, as_system=True) as (conn, _), conn.transaction():
        visibility.set_visibility(conn, subclass, name)
    show({"subclass_code": subclass, "visibility": name}, f"{subclass} is {name}", as_json)


def _chosen(city: City, action: str | None, first: datetime | None, last: datetime | None) -> AuditFilter:
    days = (first.date() if first else None, last.date() if last else None)
    begin, end = days_between(*days, ZoneInfo(city.time_zone))
    return AuditFilter(action=action, from_time=begin, to_time=end)
