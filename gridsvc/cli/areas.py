"""`gridsvc areas`: drafts of areas, and putting them in force."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from gridsvc.areas.apply import apply_draft
from gridsvc.areas.split import split_kind
from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.store import areas, drafts

app = typer.Typer(help="Areas: drafts, splitting, applying.", no_args_is_help=True)


@app.command("list")
def list_kinds(as_json: Json = False) -> None:
    """Kinds of area, how many are in force, and drafts that wait."""
    with opened(Settings(), Right.CHANGE_AREAS) as (conn, _):
        kinds = {kind.kind: areas.area_count(conn, kind.kind) for kind in areas.kinds(conn)}
        waiting = [draft for draft in drafts.drafts(conn) if draft.applied_revision is None]
    lines = [f"{kind:<22}{count:>8}" for kind, count in kinds.items()]
    lines += [f"draft {draft.id}: {draft.areas} {draft.kind}, {draft.note}" for draft in waiting]
    show({"kinds": kinds, "drafts": waiting}, "\n".join(lines), as_json)


@app.command()
def split(
    parent: Annotated[str, typer.Argument(help="Area kind to divide, such as responsibility_grid.")],
    into: Annotated[str, typer.Option(help="Area kind of the parts.")] = "sub_grid",
    parts: Annotated[int, typer.Option(help="How many parts of nearly equal area.")] = 4,
    as_json: Json = False,
) -> None:
    """Divide every area of a kind; the result is a draft."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, city):
        draft = split_kind(conn, city, parent, into, parts)
    show({"draft": draft}, f"draft {draft} of {into}; `gridsvc areas apply {draft}` puts it in force", as_json)


@app.command()
def apply(
    draft: Annotated[int, typer.Argument(help="Number of the draft.")],
    at: Annotated[
        datetime | None, typer.Option(help="From when it counts, in the city's time; now if not said.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Put a draft in force: its areas replace those of its kind, components get their new areas."""
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, city):
        done = apply_draft(conn, draft, at.replace(tzinfo=ZoneInfo(city.time_zone)) if at else None)
    line = (
        f"draft {draft} is in force as revision {done.revision}: {done.areas} {done.kind}, "
        f"{done.reassigned} components changed areas"
    )
    show(done, line, as_json)
