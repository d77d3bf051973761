"""`gridsvc due`: when a problem is due, and why. `gridsvc calendar`: the city's own days."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from gridsvc.casework.clocks import Due, when_due
from gridsvc.cli.context import moment_of, opened
from gridsvc.cli.output import Json, plain_line, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.domain.calendar import Span, next_day, write_hours
from gridsvc.ingest.calendar import FIRST_YEAR, LAST_YEAR, load_calendar
from gridsvc.store import clocks
from gridsvc.store.setup import one_at_a_time

app = typer.Typer(help="The working calendar: holidays, make-up workdays, the city's own days.", no_args_is_help=True)


def due(
    kind: Annotated[str, typer.Option(help="component or event.")],
    subclass: Annotated[str, typer.Option(help="Code of the subclass in the catalogue, such as 0101.")],
    condition: Annotated[
        str | None, typer.Option(help="In Chinese or English, or a part; the shortest limit if not said.")
    ] = None,
    at: Annotated[datetime | None, typer.Option(help="When it begins, in the city's time; now if not said.")] = None,
    as_json: Json = False,
) -> None:
    """Say when a problem is due: the limit of its condition, and the working time until then."""
    with opened(Settings(), Right.SEE_DETAILS) as (conn, city):
        found = when_due(conn, city, kind, subclass, condition, moment_of(at, city) or datetime.now(UTC))
    show(found.as_json(), _told(found), as_json)


def _told(found: Due) -> str:
    limit = found.chosen.limit
    lines = [
        f"due {found.due_at:%Y-%m-%d %H:%M %Z}",
        f"  {found.told(zh=False)}",
        f"  {found.told(zh=True)}",
        f"  limit of profile {found.profile} ({limit.source}); closed when: {limit.closing_zh}",
        *(f"  runs {_span(span)}" for span in found.spans),
        *(f"  {d.day} {'workday' if d.workday else 'holiday'}: {d.name_en} {d.name_zh}" for d in found.special_days),
        "  stages: " + ", ".join(f"{stage.value} {at:%Y-%m-%d %H:%M}" for stage, at in found.stages.items()),
    ]
    return "\n".join(map(plain_line, lines))


def _span(span: Span) -> str:
    begin, end = span
    return (
        f"{begin:%Y-%m-%d %H:%M} to {end:%H:%M}"
        if begin.date() == end.date()
        else f"{begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
    )


@app.command("load")
def load(
    file: Annotated[Path, typer.Argument(help="CSV: day,type (holiday or workday),name_zh,name_en,hours.")],
    whole_year: Annotated[
        list[int] | None,
        typer.Option(min=FIRST_YEAR, max=LAST_YEAR, help="The file holds all days of this year; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Replace the city's own days in the years that a file names."""
    with opened(Settings(), Right.IMPORT_DATA, as_system=True) as (conn, _), one_at_a_time(conn), conn.transaction():
        found = load_calendar(conn, file, whole_year or [])
    show(dict(found), "; ".join(f"{year}: {days} days" for year, days in sorted(found.items())), as_json)


@app.command("show")
def show_year(
    year: Annotated[int, typer.Argument(min=FIRST_YEAR, max=LAST_YEAR)],
    as_json: Json = False,
) -> None:
    """List the days of a year that are not as their weekday, and the hours of the week."""
    with opened(Settings(), Right.SEE_DETAILS) as (conn, city):
        calendar, _ = clocks.clocks(conn, city)
    days = []
    day = date(year, 1, 1)
    while day.year == year:
        if decided := calendar.decided(day):
            days.append(decided)
        day = next_day(day)
    week = {n: write_hours(hours) for n, hours in sorted(calendar.week.items())}
    lines = [f"{n}: {hours}" for n, hours in week.items()]
    lines += [f"{d.day} {'workday' if d.workday else 'holiday'}: {d.name_en} {d.name_zh}" for d in days]
    show({"week": week, "days": days}, "\n".join(map(plain_line, lines)), as_json)
