"""`gridsvc route simulate`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from gridsvc.casework.simulate import Simulated, Trial, simulate
from gridsvc.casework.simulate_files import moves_layer
from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, show
from gridsvc.cli.reports import First, Last, days_of
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.domain.duties import DutyRule, LaneRule
from gridsvc.files import form_of, write
from gridsvc.ingest.tables import read_duties, read_lanes
from gridsvc.jobs.simulating import other_areas
from gridsvc.store.callers import may
from gridsvc.store.connection import Connection

AnyRule = TypeVar("AnyRule", DutyRule, LaneRule)
Tables = Annotated[list[Path] | None, typer.Option(help="Table of rules to try, CSV; may be repeated.")]
MOST = 20
"""Lines of a table on a terminal; it says how many there are."""


def simulate_rules(
    channel: Annotated[str | None, typer.Option(help="Whose reports are routed again; else all.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="Tables in force to leave out; may be repeated.")] = None,
    duties: Tables = None,
    lanes: Tables = None,
    alone: Annotated[bool, typer.Option("--alone", help="Only the tables to try, none of those in force.")] = False,
    revision: Annotated[int | None, typer.Option(help="In the areas as this revision leaves them.")] = None,
    draft: Annotated[int | None, typer.Option(help="In the areas as this draft would leave them.")] = None,
    moves: Annotated[Path | None, typer.Option(help="File of all that would move: .csv, .xlsx, .gpkg …")] = None,
    first: First = None,
    last: Last = None,
    as_json: Json = False,
) -> None:
    """Route stored reports again by other rules or in other areas: what would move. Nothing is written."""
    right = Right.SEE_REPORTS if draft is None else Right.CHANGE_AREAS
    with opened(Settings(), right, as_system=draft is not None) as (conn, city):
        chosen = days_of(city, first, last)
        rules, lane_rules = _read(conn, read_duties, duties or []), _read(conn, read_lanes, lanes or [])
        with other_areas(conn, city, revision=revision, draft=draft) as areas:
            trial = Trial(without=without or [], alone=alone, duties=rules, lanes=lane_rules, areas=areas)
            clearance = may(conn, Right.SEE_SENSITIVE)
            found = simulate(conn, city, channel, chosen, trial, clearance=clearance)
    if moves:
        write(moves_layer(found, city.srid), moves.resolve(), form_of(moves))
    show(found.as_json(), _told(found), as_json)


def _read(conn: Connection, read: Callable[[Connection, Path], list[AnyRule]], files: Sequence[Path]) -> list[AnyRule]:
    return [replace(rule, origin=file.name) for file in files for rule in read(conn, file)]


def _told(found: Simulated) -> str:
    def share(part: int, whole: int) -> str:
        return f"{part} of {whole} ({part / whole:.2%})" if whole else "none"

    lines = [
        f"routed automatically        {share(found.automatic, found.reports)}",
        f"to the recorded department  {share(found.agree, found.compared)}",
        f"would move                  {share(len(found.moved), found.reports)}",
    ]
    lines += [f"not decided anew            {found.unsure}: their place is not exact"] if found.unsure else []
    lines += [f"not for you to see          {found.withheld}: about sensitive components"] if found.withheld else []
    lines += [f"manual desk: {reason:<14} {count}" for reason, count in found.manual.most_common()]
    lines += [f"  category {category:<12} {count}" for category, count in found.manual_categories.most_common()]
    lines += [f"recorded {was}, routed {now}: {count}" for (was, now), count in found.wrong.most_common()]
    lines += [f"{count:>7}  {was} → {now}" for (was, now), count in found.moves.most_common(MOST)]
    more = len(found.moves) - MOST
    return "\n".join([*lines, f"         and {more} more pairs: --json or --moves"] if more > 0 else lines)
