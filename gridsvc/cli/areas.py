"""`gridsvc areas`: drafts of areas, what they would change, and putting them in force."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gridsvc.areas.apply import call_off
from gridsvc.areas.drafting import merging, realigning, splitting, unit_grids
from gridsvc.areas.drafting.making import AREA, WEIGHTS
from gridsvc.areas.preview import as_json as preview_as_json
from gridsvc.cli.areas_check import check_areas
from gridsvc.cli.context import moment_of, opened
from gridsvc.cli.output import Json, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.domain.drawing import TARGET
from gridsvc.errors import NotFoundError
from gridsvc.files.shapes import shapes_of
from gridsvc.jobs.areas import preview_draft, put_in_force
from gridsvc.store import areas, audit, drafts

app = typer.Typer(help="Areas: drafts, what they would change, applying them.", no_args_is_help=True)
app.command("check")(check_areas)
Kind = Annotated[str, typer.Argument(help="Area kind, such as unit_grid.")]
Codes = Annotated[list[str], typer.Argument(help="Codes of areas.")]
Within = Annotated[list[str] | None, typer.Option(help="Only in this parent; may be repeated.")]
DraftId = Annotated[int, typer.Argument(help="Number of the draft.")]


@app.command("list")
def list_kinds(as_json: Json = False) -> None:
    """Kinds of area, how many are in force, and drafts that wait."""
    with opened(Settings(), Right.CHANGE_AREAS) as (conn, _):
        kinds = {kind.kind: areas.area_count(conn, kind.kind) for kind in areas.kinds(conn)}
        waiting = [draft for draft in drafts.drafts(conn) if draft.applied_revision is None]
    lines = [f"{kind:<22}{count:>8}" for kind, count in kinds.items()]
    lines += [f"draft {draft.id}: {draft.deed}, {draft.areas} {draft.kind}, {draft.note}" for draft in waiting]
    show({"kinds": kinds, "drafts": waiting}, "\n".join(lines), as_json)


@app.command()
def history(
    limit: Annotated[int, typer.Option(help="At most so many, newest first.")] = 50, as_json: Json = False
) -> None:
    """Revisions: what changed the areas, and when."""
    with opened(Settings(), Right.CHANGE_AREAS) as (conn, _):
        found = drafts.revisions(conn, limit=limit, offset=0)
    lines = [
        f"revision {row['revision']}: {row['deed']} {row['kind']}, {row['made']} begun, {row['ended']} ended, from "
        f"{row['valid_from']:%Y-%m-%d %H:%M %Z}{_standing(row)}; {row['note']}"
        for row in found
    ]
    show(found, "\n".join(lines) or "no revision yet", as_json)


@app.command()
def draft(
    kind: Annotated[str, typer.Argument(help="Area kind to draw.")] = "unit_grid",
    within: Within = None,
    target: Annotated[float, typer.Option(help="Square metres of a grid, about.")] = TARGET,
    lines: Annotated[Path | None, typer.Option(help="Map file of lines to cut along: roads, rivers, walls.")] = None,
    buildings: Annotated[Path | None, typer.Option(help="Map file of polygons that are not cut.")] = None,
    as_json: Json = False,
) -> None:
    """Draw grids anew in their parents, covering them exactly, numbered west to east and north to south."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, city):
        made = unit_grids.draft_grids(
            conn, city, kind=kind, within=within, target_m2=target,
            lines=shapes_of(lines, city.srid, ("LineString",)) if lines else (),
            keep_whole=shapes_of(buildings, city.srid, ("Polygon",)) if buildings else (),
        )  # fmt: skip
        _show(conn, made, as_json)


@app.command()
def split(
    kind: Annotated[str, typer.Argument(help="Area kind to divide, such as responsibility_grid.")],
    codes: Annotated[list[str] | None, typer.Argument(help="Codes of areas; all if not said.")] = None,
    into: Annotated[
        str | None,
        typer.Option(help="Area kind of the parts: sub_grid for a whole kind; else they take the place of the areas."),
    ] = None,
    parts: Annotated[int, typer.Option(help="How many parts.")] = 4,
    by: Annotated[str, typer.Option(help=f"What they are balanced by: {', '.join(WEIGHTS)}.")] = AREA,
    as_json: Json = False,
) -> None:
    """Divide areas into balanced parts, made of whole unit grids where there are any."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, city):
        into = into if into or codes else "sub_grid"
        _show(conn, splitting.split_areas(conn, city, kind, into=into, codes=codes, parts=parts, by=by), as_json)


@app.command()
def merge(
    kind: Kind,
    codes: Codes,
    code: Annotated[str | None, typer.Option(help="Of the new area; the next one if not said.")] = None,
    name: Annotated[str | None, typer.Option(help="Of the new area.")] = None,
    as_json: Json = False,
) -> None:
    """Make one area of several that touch."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, city):
        _show(conn, merging.merge_areas(conn, city, kind, codes, code=code, name=name), as_json)


@app.command()
def retire(kind: Kind, codes: Codes, as_json: Json = False) -> None:
    """End areas without anything in their place."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, city):
        _show(conn, merging.retire_areas(conn, city, kind, codes), as_json)


@app.command()
def renumber(kind: Kind, within: Within = None, as_json: Json = False) -> None:
    """Give areas new codes in reading order; the old codes are not used again."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, city):
        _show(conn, unit_grids.renumber(conn, city, kind, within), as_json)


@app.command()
def realign(
    kind: Kind,
    to: Annotated[str, typer.Option(help="Area kind whose borders count.")],
    tolerance: Annotated[float, typer.Option(help="Metres that an edge may move.")] = 5.0,
    as_json: Json = False,
) -> None:
    """Move edges of a kind onto the borders of another; what cannot be moved is listed."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, city):
        _show(conn, realigning.realign(conn, city, kind, to, tolerance), as_json)


@app.command()
def reverse(revision: Annotated[int, typer.Argument(help="Revision to take back.")], as_json: Json = False) -> None:
    """Take back what a revision changed; the areas that it ended come back with their codes."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, _):
        _show(conn, merging.reverse(conn, revision), as_json)


@app.command("call-off")
def call_off_revision(
    revision: Annotated[int, typer.Argument(help="Revision that is yet to come.")], as_json: Json = False
) -> None:
    """Call off a revision whose time has not come."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, _):
        call_off(conn, revision)
    show({"revision": revision}, f"revision {revision} will not come", as_json)


@app.command()
def preview(draft: DraftId, as_json: Json = False) -> None:
    """What a draft would change: areas, components, open cases, duties, accounts; nothing is changed."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, city):
        found = preview_as_json(preview_draft(conn, city, draft))
    show(found, "\n".join(_told(found)), as_json)
    raise typer.Exit(1 if found["errors"] else 0)


@app.command()
def drop(draft: DraftId, as_json: Json = False) -> None:
    """Throw a draft away that is not in force."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, _), conn.transaction():
        found = drafts.find_draft(conn, draft)
        if found is None or found.applied_revision is not None:
            raise NotFoundError(f"no draft {draft} waits", zh=f"没有待生效的草案 {draft}")
        drafts.drop_draft(conn, draft)
        audit.record(conn, "areas.drop", f"draft {draft}", before={"kind": found.kind, "note": found.note})
    show({"draft": draft}, f"draft {draft} is gone", as_json)


@app.command()
def apply(
    draft: DraftId,
    at: Annotated[
        datetime | None, typer.Option(help="From when it counts, in the city's time; now if not said.")
    ] = None,
    cases: Annotated[
        str, typer.Option(help="Open cases that another department would have: reroute or keep.")
    ] = "reroute",
    as_json: Json = False,
) -> None:
    """Put a draft in force, now or at a time to come; components, cases, duties and areas of duty follow."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, city):
        done = put_in_force(conn, draft, moment_of(at, city), cases=cases)
    when = "is in force" if done.begun else f"will be in force from {done.valid_from:%Y-%m-%d %H:%M %Z}"
    line = (
        f"draft {draft} {when} as revision {done.revision}: {done.changed} areas changed, "
        f"{done.reassigned} components changed areas"
    )
    show(done, line, as_json)


def _standing(row: dict[str, Any]) -> str:
    return " (called off)" if row["called_off_at"] else "" if row["began_at"] else " (yet to come)"


def _show(conn: Any, draft_id: int, as_json: bool) -> None:
    made = drafts.the_draft(conn, draft_id)
    lines = [
        f"draft {made.id} of {made.kind}: {made.areas} areas; `gridsvc areas preview {made.id}` shows what changes"
    ]
    lines += [f"  {remark['en']}" for remark in made.remarks]
    show({"draft": made.id, **asdict(made)}, "\n".join(lines), as_json)


def _told(found: dict[str, Any]) -> list[str]:
    """A line for each thing that changes."""
    components, cases = found["components"], found["cases"]
    lines = [
        f"{kind['kind']}: {len(kind['begin'])} begin, {len(kind['end'])} end, {len(kind['change'])} change shape"
        + (f", {kind['redrawn']} of these drawn anew" if kind["redrawn"] else "")
        for kind in found["kinds"]
    ]
    lines.append(
        f"components: {components['moved']:,} of {components['looked_at']:,} change areas, "
        f"{components['ambiguous']:,} come to lie on an edge"
    )
    lines.append(f"open cases: {cases['moved']} change areas, {cases['to_others']} would have another department")
    lines.append(
        f"duties: {len(found['duties'])} rules name areas that end; accounts: {found['accounts']['count']}; "
        f"people on duty: {found['rosters']['count']}"
    )
    lines += [f"cannot be applied: {error['en']}" for error in found["errors"]]
    return lines
