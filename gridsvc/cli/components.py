"""`gridsvc component`: one component by hand, checked and versioned as an import is."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gridsvc.casework.ownership import COLUMNS, NEEDED, ownership_page, read_owners
from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, plain_line, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import InputError
from gridsvc.ingest import by_hand
from gridsvc.ingest.by_hand import EDITED, Changes, Edited, Place
from gridsvc.ingest.by_hand_check import WGS84
from gridsvc.ingest.headed import read_headed
from gridsvc.ingest.written_shapes import shape_from_text
from gridsvc.inventory.component import component, history
from gridsvc.jobs.ownership import confirm_owners

app = typer.Typer(help="One component by hand.", no_args_is_help=True)
Code = Annotated[str, typer.Argument(help="Code of the component.")]
Version = Annotated[int, typer.Option(min=1, help="In which `show` printed it: refused if it was changed since.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", help=f"NAME=VALUE, an empty value takes it away; may be repeated. {', '.join(EDITED)}."),
]
Attributes = Annotated[list[str] | None, typer.Option("--attribute", help="NAME=VALUE of any other attribute.")]
At = Annotated[str | None, typer.Option(help="Where it is: LON,LAT, or WKT or GeoJSON.")]
Crs = Annotated[str, typer.Option(help="Of --at: EPSG code, WKT or PROJ string; east first.")]
Accept = Annotated[bool, typer.Option(help="Save although the checks warn.")]
Reason = Annotated[str, typer.Option(help="Why, for its history.")]


@app.command()
def add(
    at: Annotated[str, typer.Option(help="Where it is: LON,LAT, or WKT or GeoJSON.")],
    sets: Sets = None,
    attribute: Attributes = None,
    code: Annotated[str | None, typer.Option(help="The next one of its series if not said.")] = None,
    crs: Crs = WGS84,
    accept_warnings: Accept = False,
    reason: Reason = "",
    as_json: Json = False,
) -> None:
    """Add a component; `--set subclass=…` is needed."""
    given = _changes(sets, attribute, at, crs)
    with opened(Settings(), Right.IMPORT_DATA, as_system=True) as (conn, city):
        done = by_hand.add(conn, city, given, code, accept_warnings=accept_warnings, reason=reason)
    _tell(done, "added", as_json)


@app.command("show")
def show_one(code: Code, as_json: Json = False) -> None:
    """What a component is, and its history, newest first."""
    with opened(Settings(), Right.IMPORT_DATA, as_system=True) as (conn, city):
        found, steps = component(conn, code), history(conn, city, code)
    lines = [f"{code}: version {found['version']}, subclass {found['subclass_code']}, {found['state']}"]
    lines += [f"  {name} {found[name]}" for name in ("authority", "owner", "maintainer", "position") if found[name]]
    lines += [f"  {name} {value}" for name, value in found["attributes"].items()]
    lines += [f"  in {area['kind']} {area['code']}" for area in found["areas"]]
    lines += [_step(step) for step in steps]
    show({**found, "history": steps}, "\n".join(map(plain_line, lines)), as_json)


@app.command()
def correct(
    code: Code,
    version: Version,
    sets: Sets = None,
    attribute: Attributes = None,
    at: At = None,
    crs: Crs = WGS84,
    accept_warnings: Accept = False,
    reason: Reason = "",
    as_json: Json = False,
) -> None:
    """Correct or move a component; what is not named stays as it is."""
    changes = _changes(sets, attribute, at, crs)
    with opened(Settings(), Right.IMPORT_DATA, as_system=True) as (conn, city):
        done = by_hand.correct(conn, city, code, version, changes, accept_warnings=accept_warnings, reason=reason)
    _tell(done, "corrected", as_json)


@app.command()
def retire(
    code: Code,
    version: Version,
    reason: Annotated[str, typer.Option(help="Why it is not there any more.")],
    as_json: Json = False,
) -> None:
    """Say that a component is not there any more; it stays in the store as removed."""
    with opened(Settings(), Right.IMPORT_DATA, as_system=True) as (conn, city):
        done = by_hand.retire(conn, city, code, version, reason)
    _tell(done, "retired", as_json)


def _changes(sets: list[str] | None, attributes: list[str] | None, at: str | None, crs: str) -> Changes:
    fields = {name: value or None for name, value in map(_pair, sets or [])}
    others = {name: value or None for name, value in map(_pair, attributes or [])}
    return Changes(fields=fields, attributes=others, place=_place(at, crs) if at else None)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise InputError(f"{text!r}: write NAME=VALUE")
    return name.strip(), value


def _place(at: str, crs: str) -> Place:
    numbers = at.split(",")
    try:
        point = [float(number) for number in numbers]
    except ValueError:
        return Place(shape=shape_from_text(at), crs=crs)
    if len(point) != 2:
        raise InputError(f"--at {at!r}: write LON,LAT, or WKT or GeoJSON")
    return Place(shape=shape_from_text(f"POINT ({point[0]!r} {point[1]!r})"), crs=crs)


def _tell(done: Edited, what: str, as_json: bool) -> None:
    """Exit code 1 where warnings wait to be accepted."""
    warnings = [f"  {one.severity}: {one.message}" for one in done.warnings]
    if done.saved:
        line = f"{done.code}: {what} as batch {done.batch_id}, version {done.version} ({', '.join(done.changed)})"
    elif warnings:
        line = "nothing was saved; look at this, and say --accept-warnings if it is right:"
    else:
        line = f"{done.code}: nothing differs, so nothing was saved"
    shown: dict[str, Any] = {**vars(done), "saved": done.saved, "warnings": [one.message for one in done.warnings]}
    show(shown, "\n".join(map(plain_line, [line, *warnings])), as_json)
    if warnings and not done.saved:
        raise typer.Exit(1)


def _step(step: dict[str, Any]) -> str:
    fields = ", ".join(one["field"] for one in step["changes"])
    moved = f", moved {step['moved_m']} m" if step["moved_m"] else ""
    who = f" by {step['batch']['account']}" if step["batch"]["account"] else ""
    why = f": {step['batch']['reason']}" if step["batch"]["reason"] else ""
    return (
        f"{step['at']:%Y-%m-%d %H:%M}  {step['event'].replace('_', ' ')} (batch {step['batch']['id']}{who})"
        f"{f' {fields}' if fields else ''}{moved}{why}"
    )


@app.command("ownership")
def ownership(
    confirm: Annotated[
        Path | None, typer.Option(help="CSV or Excel with the columns component_code and owner: these are confirmed.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Components whose owner nobody knows though reports came for them; or confirm owners that were found (确权)."""
    with opened(Settings(), Right.IMPORT_DATA, as_system=True) as (conn, city):
        if confirm is not None:
            rows = read_headed(confirm, confirm.name, COLUMNS, NEEDED)
            done = confirm_owners(conn, city, read_owners(conn, confirm.name, rows))
            show(done, f"{done.confirmed} confirmed, {done.unchanged} had that owner already", as_json)
            return
        found = ownership_page(conn)
    lines = [f"{one['component_code']}  {one['reports']} reports" for one in found["components"]]
    show(found, "\n".join([*map(plain_line, lines), f"{found['total']} components"]), as_json)
