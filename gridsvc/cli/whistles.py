"""`gridsvc whistle`: departments asked to come to a place, and whether they came."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from gridsvc.casework import whistles
from gridsvc.casework.whistle_blowing import Blow
from gridsvc.casework.whistle_blowing import blow as blow_whistle
from gridsvc.casework.whistles import Arrival
from gridsvc.cli.context import moment_of, named, opened
from gridsvc.cli.output import Json, plain_line, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.store.whistles import WhistleFilter

app = typer.Typer(help="Whistles: ask departments to come to a place, and see who came.", no_args_is_help=True)

Which = Annotated[UUID, typer.Argument(help="Id of the whistle.")]
Department = Annotated[str, typer.Argument(help="Code of a department that was called.")]


@app.command()
def blow(
    department: Annotated[list[str], typer.Option(help="Code of a department to come; may be repeated.")],
    reason: Annotated[str, typer.Option(help="Why; everybody who sees the whistle reads it.")],
    lon: Annotated[float | None, typer.Option(help="Longitude in degrees, WGS 84.")] = None,
    lat: Annotated[float | None, typer.Option(help="Latitude in degrees, WGS 84.")] = None,
    case: Annotated[int | None, typer.Option(help="Where this case lies, instead of a place.")] = None,
    minutes: Annotated[int | None, typer.Option(help="In which to arrive; as the city says if not said.")] = None,
    as_json: Json = False,
) -> None:
    """Ask departments to come to a place, or to where a case lies."""
    asked = Blow(
        id=uuid4(), departments=department, reason=reason, lon=lon, lat=lat, case_id=case, minutes=minutes
    )  # fmt: skip
    with named(Settings(), Right.WORK_CASES) as (conn, city, caller):
        blow_whistle(conn, city, caller, asked)
        found = whistles.show(conn, asked.id)
    show(found, _told(found), as_json)


@app.command("list")
def list_them(
    open_ones: Annotated[
        bool | None, typer.Option("--open/--closed", help="Only open ones, or only closed ones.")
    ] = None,
    case: Annotated[int | None, typer.Option(help="Only of this case.")] = None,
    department: Annotated[str | None, typer.Option(help="Only those that call this department.")] = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only open ones to which somebody has not come in time.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="To leave out first.")] = 0,
    as_json: Json = False,
) -> None:
    """List whistles, newest first."""
    chosen = WhistleFilter(open=open_ones, case_id=case, department=department, overdue=overdue)
    with opened(Settings(), Right.SEE_REPORTS) as (conn, _):
        found = whistles.list_whistles(conn, chosen, limit=limit, offset=offset)
    lines = [*map(_told, found["whistles"]), f"{len(found['whistles'])} of {found['total']:,}"]
    show(found, "\n".join(lines), as_json)


@app.command("show")
def show_one(whistle: Which, as_json: Json = False) -> None:
    """Show who was called, who came, and all that happened."""
    with opened(Settings(), Right.SEE_REPORTS) as (conn, _):
        found = whistles.show(conn, whistle)
    show(found, _told(found), as_json)


@app.command()
def answer(
    whistle: Which,
    department: Department,
    note: Annotated[str | None, typer.Option(help="What to say.")] = None,
    as_json: Json = False,
) -> None:
    """Say that a department comes."""
    with named(Settings(), Right.DISPOSE) as (conn, _, caller):
        whistles.answer(conn, caller, whistle, department, note)
        found = whistles.show(conn, whistle)
    show(found, _told(found), as_json)


@app.command()
def arrive(
    whistle: Which,
    department: Department,
    lon: Annotated[float, typer.Option(help="Longitude in degrees, WGS 84.")],
    lat: Annotated[float, typer.Option(help="Latitude in degrees, WGS 84.")],
    at: Annotated[datetime | None, typer.Option(help="When, in the city's time; now if not said.")] = None,
    note: Annotated[str | None, typer.Option(help="What to say.")] = None,
    as_json: Json = False,
) -> None:
    """Say that somebody of a department is there."""
    with named(Settings(), Right.DISPOSE) as (conn, city, caller):
        there = Arrival(lon=lon, lat=lat, at=moment_of(at, city), note=note)
        whistles.arrive(conn, city, caller, whistle, department, there)
        found = whistles.show(conn, whistle)
    show(found, _told(found), as_json)


@app.command()
def report(
    whistle: Which,
    department: Department,
    outcome: Annotated[str, typer.Option(help="What it did.")],
    as_json: Json = False,
) -> None:
    """Say what a department did there."""
    with named(Settings(), Right.DISPOSE) as (conn, _, caller):
        whistles.report(conn, caller, whistle, department, outcome)
        found = whistles.show(conn, whistle)
    show(found, _told(found), as_json)


@app.command()
def close(
    whistle: Which,
    outcome: Annotated[str, typer.Option(help="How it ended, or why although not all have arrived.")],
    as_json: Json = False,
) -> None:
    """Close a whistle."""
    with named(Settings(), Right.WORK_CASES) as (conn, city, caller):
        whistles.close(conn, city, caller, whistle, outcome)
        found = whistles.show(conn, whistle)
    show(found, _told(found), as_json)


def _told(one: dict[str, Any]) -> str:
    end = f"closed: {one['outcome']}" if one["closed_at"] else "open"
    case = f", case {one['case_id']}" if one["case_id"] else ""
    head = f"{one['id']}  {one['at']:%Y-%m-%d %H:%M %Z} by {one['whistler']}{case}, {end}: {one['reason']}"
    calls = [f"  {call['department']:<8} {call['name_en']} {call['name_zh']}: {_came(call)}" for call in one["calls"]]
    return "\n".join(map(plain_line, [head, *calls]))


def _came(call: dict[str, Any]) -> str:
    late = ", overdue" if call["overdue"] else ""
    if call["arrived_at"]:
        return f"arrived after {call['minutes_to_arrival']:.0f} min, {call['distance_m']:.0f} m from the place{late}"
    return ("answered" if call["answered_at"] else "no answer") + late
