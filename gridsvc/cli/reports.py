"""`gridsvc reports` and `gridsvc route`."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from gridsvc.casework.files import FIELDS, Columns, header, import_reports
from gridsvc.casework.regression import compare
from gridsvc.casework.replaying import replay
from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.domain.reports import days_between
from gridsvc.errors import InputError
from gridsvc.store.casework import ReportFilter
from gridsvc.store.city import City
from gridsvc.store.matching import matches_by_subclass

app = typer.Typer(help="Reports of problems.", no_args_is_help=True)
route = typer.Typer(help="Routing rules.", no_args_is_help=True)

First = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, city's time.")]
Last = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, city's time.")]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8, gzipped or not.")],
    channel: Annotated[str, typer.Option(help="The channel that the reports came by.")],
    field: Annotated[
        list[str] | None, typer.Option(help="FIELD=COLUMN where the names differ; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take in reports: each is stored once, located and routed. All rows of the file or none."""
    settings = Settings()
    with opened(settings, Right.IMPORT_REPORTS, as_system=True) as (conn, city):
        columns = Columns(channel=channel, fields=_fields(file, field or []))
        batch, taken = import_reports(conn, city, file, columns, settings.uploads)
    manual = sum(taken.manual.values())
    line = (
        f"{file.name}: {taken.new} new, {taken.repeated} repeated; {taken.new - manual} routed automatically, "
        f"{manual} at the manual desk (batch {batch})"
    )
    if taken.unknown_conditions:
        line += f"; {taken.unknown_conditions} with a condition that their subclass has not"
    show({"batch": batch, **vars(taken)}, line, as_json)


@route.command("compare")
def compare_with_record(
    channel: Annotated[str, typer.Option(help="Whose reports are compared.")],
    kind: Annotated[str, typer.Option(help="Area kind that the channel recorded.")] = "subdistrict",
    first: First = None,
    last: Last = None,
    as_json: Json = False,
) -> None:
    """Compare located areas with those that the channel itself recorded, and list every difference."""
    with opened(Settings(), Right.SEE_REPORTS) as (conn, city):
        found = compare(conn, channel, kind, days_of(city, first, last))
    share = f"{found.same / found.compared:.2%}" if found.compared else "nothing to compare"
    lines = [
        f"{found.same} of {found.compared} the same ({share}), {found.not_recorded} not recorded, "
        f"{found.not_located} not located"
    ]
    lines += [f"{len(rows):>5}  {reason}" for reason, rows in found.differences.items()]
    for reason, rows in found.differences.items():
        lines.append(f"\n{reason}")
        lines += [
            f"  {row['external_id']:<14} {row['located']} (recorded {row['recorded']}), "
            f"{row['edge_distance']:.3f} m from the edge, {row['lon']:.6f} {row['lat']:.6f} {row['address'] or ''}"
            for row in rows
        ]
    show(found, "\n".join(lines), as_json)


@route.command("matches")
def matches(
    channel: Annotated[str | None, typer.Option(help="Whose reports are counted; else all.")] = None,
    first: First = None,
    last: Last = None,
    as_json: Json = False,
) -> None:
    """Say how many reports about components have one in reach, by subclass, and how far off it stands."""
    with opened(Settings(), Right.SEE_REPORTS) as (conn, city):
        found = matches_by_subclass(conn, channel, days_of(city, first, last))
    lines = ["subclass  reports     near  certain   median      90 %  farthest  within"]
    lines += [
        f"{one['subclass_code']:<8} {one['reports']:>8,} {one['near']:>8,} {one['certain']:>8,}"
        f"{_metres(one['median_m'])}{_metres(one['p90_m'])}{_metres(one['farthest_m'])}{_metres(one['widest_m'])}"
        f"  {one['subclass_en'] or ''}"
        for one in found
    ]
    show(found, "\n".join(lines if found else ["no placed reports about components"]), as_json)


@route.command("replay")
def replay_report(
    report: Annotated[UUID, typer.Argument(help="Id of the report.")],
    as_json: Json = False,
) -> None:
    """Decide a report again from what was known then, by the rules as they were. Exit code 1 if the answer differs."""
    with opened(Settings(), Right.SEE_REPORTS) as (conn, city):
        done = replay(conn, city, report)
    lines = [f"areas of revision {done.area_revision}, rules of revision {done.duty_revision}, of {done.day}"]
    lines += [f"{name}: stored {was['stored']}, now {was['replayed']}" for name, was in done.differs.items()]
    show({**asdict(done), "same": done.same}, "\n".join([*lines, *(["the same answer"] if done.same else [])]), as_json)
    if not done.same:
        raise typer.Exit(1)


def _metres(distance: float | None) -> str:
    return "        –" if distance is None else f"{distance:>7.1f} m"


def _fields(file: Path, given: list[str]) -> dict[str, str]:
    """Columns named as the fields are taken as they are; `--field` names the others."""
    pairs = [text.partition("=") for text in given]
    wrong = [text for text, sign, source in pairs if not (text and sign and source)]
    if wrong:
        raise InputError(f"--field {wrong[0]!r}: write FIELD=COLUMN, for example lon=GEOM_LON")
    named = {name: source for name, _, source in pairs}
    return {**{name: name for name in header(file) if name in FIELDS}, **named}


def days_of(city: City, first: datetime | None, last: datetime | None) -> ReportFilter:
    days = (first.date() if first else None, last.date() if last else None)
    begin, end = days_between(*days, ZoneInfo(city.time_zone))
    return ReportFilter(from_time=begin, to_time=end)
