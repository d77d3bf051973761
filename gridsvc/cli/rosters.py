"""`gridsvc roster`: who is on duty in which area."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from gridsvc.areas.roster_looking import (
    LANGUAGES,
    Looked,
    check_rosters,
    looked,
    roster_layer,
    roster_page,
    templates,
    use_template,
)
from gridsvc.areas.roster_words import COLUMNS, NEEDED
from gridsvc.areas.rosters import Replaced, replace_rosters
from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, plain_line, show, show_imported
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import InputError
from gridsvc.files import form_of, write
from gridsvc.ingest.headed import read_headed
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

app = typer.Typer(help="Rosters: who is on duty in which area, and what is missing.", no_args_is_help=True)

Kind = Annotated[str | None, typer.Option(help="Only this kind of area, such as responsibility_grid.")]
Area = Annotated[str | None, typer.Option(help="Only the area of this code.")]
At = Annotated[datetime | None, typer.Option(help="At this time, in the city's time; now if not said.")]
FORMS = ("csv", "xlsx")


@app.command("import")
def bring_in(
    file: Annotated[Path, typer.Argument(help="CSV or Excel, with Chinese or English headings.")],
    kind: Annotated[str | None, typer.Option(help="Kind of area of the rows that name none.")] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Areas of these kinds that the file does not name lose their rosters.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would happen, and all that is wrong.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Replace the rosters of the areas that a file names; nothing is changed if anything in it is wrong."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, city):
        rows = read_headed(file, file.name, COLUMNS, NEEDED)
        done = replace_rosters(conn, city, file.name, rows, kind=kind, whole=whole, dry_run=dry_run)
    show_imported(done, _counts(done), as_json)


def _counts(done: Replaced) -> str:
    later = f", {done.later} of them begin now and not as the file says, since the past stays" if done.later else ""
    return f"{done.areas} areas, {done.added} entries added{later}, {done.ended} ended, {done.unchanged} unchanged"


@app.command("list")
def list_entries(kind: Kind = None, area: Area = None, at: At = None, as_json: Json = False) -> None:
    """Who is on duty."""
    with opened(Settings(), Right.SEE_DETAILS) as (conn, city):
        found = roster_page(conn, _asked(conn, city, kind, area, at), limit=None)
    lines = [
        plain_line(f"{one['area_kind']} {one['area_code']:<16} {_post(one)}  {one['person']}  {one['phone'] or ''}")
        for one in found["entries"]
    ]
    show(found, "\n".join(lines) or "nobody", as_json)


@app.command()
def check(kind: Kind = None, area: Area = None, at: At = None, as_json: Json = False) -> None:
    """What is missing in which area, by the team template of its kind."""
    with opened(Settings(), Right.SEE_DETAILS) as (conn, city):
        found = check_rosters(conn, _asked(conn, city, kind, area, at))
    lines = [line for each in found for line in _lines(each)]
    show(found, "\n".join(map(plain_line, lines)) or "no kind of area has a team template", as_json)


def _lines(each: dict[str, Any]) -> list[str]:
    head = (
        f"{each['kind']} ({each['template']}): {each['complete']} of {each['areas']} complete, "
        f"{each['without_anybody']} without anybody, {each['people']} people"
    )
    gone = [f"  entries of areas not in force: {', '.join(each['not_in_force'])}"] if each["not_in_force"] else []
    return [head, *gone, *(f"  {one['code']} {_gaps(one)}" for one in each["incomplete"])]


def _gaps(one: dict[str, Any]) -> str:
    missing = [f"-{gap['count']} {_post(gap)}" for gap in one["missing"]]
    return ", ".join([*missing, *(f"+{gap['count']} {_post(gap)}" for gap in one["surplus"])])


def _post(one: dict[str, Any]) -> str:
    return f"{one['post_zh']} {one['service_zh']}".strip()


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The file to write, .xlsx or .csv; it can be brought in again.")],
    kind: Kind = None,
    area: Area = None,
    at: At = None,
    lang: Annotated[str, typer.Option(help=f"Of headings and words: {' or '.join(LANGUAGES)}.")] = LANGUAGES[0],
) -> None:
    """Rosters as a file. That they were taken out is recorded."""
    form = form_of(file)
    if form not in FORMS:
        raise InputError(f"a roster is written as .xlsx or .csv, not {file.suffix}")
    with opened(Settings(), Right.EXPORT) as (conn, city), conn.transaction():
        layer = roster_layer(conn, city, _asked(conn, city, kind, area, at), lang)
    write(layer, file.resolve(), form, coordinates=False)
    typer.echo(f"{file}: {len(layer)} entries")


@app.command("templates")
def list_templates(as_json: Json = False) -> None:
    """Team templates, their posts, and for which kinds of area they hold."""
    with opened(Settings(), Right.SEE_DETAILS) as (conn, _):
        found = templates(conn)
    lines = [f"{kind}: {template}" for kind, template in found["in_use"].items()]
    for team in found["templates"]:
        lines.append(f"{team.template} ({team.name_zh}, {team.name_en})")
        lines += [f"  {post.least}..{'' if post.most is None else post.most} {post.name(0)}" for post in team.posts]
    as_data = {**found, "templates": [asdict(team) for team in found["templates"]]}
    show(as_data, "\n".join(lines), as_json)


@app.command()
def use(
    kind: Annotated[str, typer.Argument(help="Kind of area, such as responsibility_grid.")],
    template: Annotated[str, typer.Argument(help="Code of the template; `gridsvc roster templates` lists them.")],
    as_json: Json = False,
) -> None:
    """Say which team template holds for a kind of area."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, _), conn.transaction():
        use_template(conn, kind, template)
    show({"kind": kind, "template": template}, f"{template} holds for {kind}", as_json)


def _asked(conn: Connection, city: City, kind: str | None, area: str | None, at: datetime | None) -> Looked:
    return looked(conn, kind, area, at.replace(tzinfo=ZoneInfo(city.time_zone)) if at else None)
