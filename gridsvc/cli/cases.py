"""`gridsvc cases` and `gridsvc reports show|move`: looking at cases and moving them."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from gridsvc.casework.life import move_case
from gridsvc.casework.life_clocks import tell_when_due
from gridsvc.casework.life_looking import confirmations, list_cases, moves, show_case, show_report
from gridsvc.casework.life_reports import move_report
from gridsvc.cli.context import named, opened
from gridsvc.cli.moves import asked_for
from gridsvc.cli.output import Json, plain_line, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.domain.report_states import WAITING
from gridsvc.domain.reports import days_between
from gridsvc.errors import InputError
from gridsvc.ingest.guides import load_guides
from gridsvc.store.cases import CaseFilter
from gridsvc.store.city import City

app = typer.Typer(help="Cases: look at them, and move them.", no_args_is_help=True)

First = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Registered on this day or later.")
]
Last = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Registered on this day or before.")]
Given = Annotated[
    list[str] | None,
    typer.Option(help="What the move needs, as NAME=VALUE, such as department=D01; may be repeated."),
]
Version = Annotated[int, typer.Option(help="Number of the last step that you saw; `show` tells it.")]
Note = Annotated[str | None, typer.Option(help="Why.")]


@app.command("list")
def list_them(
    state: Annotated[list[str] | None, typer.Option(help="Only in this state; may be repeated.")] = None,
    lane: Annotated[str | None, typer.Option(help="self, dispatched or enforcement.")] = None,
    department: Annotated[str | None, typer.Option(help="That has it, or leads.")] = None,
    subclass: Annotated[str | None, typer.Option(help="Kind and code, such as event:0110.")] = None,
    area: Annotated[str | None, typer.Option(help="Kind and code, such as community:1A.")] = None,
    first: First = None,
    last: Last = None,
    overdue: Annotated[bool | None, typer.Option(help="Only open ones that are overdue, or only the others.")] = None,
    review_due: Annotated[
        bool, typer.Option("--review-due", help="Only those on the backlog that are to be reviewed by now.")
    ] = False,
    mine: Annotated[bool, typer.Option("--mine", help="Only open ones that the account works on.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many rows.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="Rows to leave out first.")] = 0,
    as_json: Json = False,
) -> None:
    """List cases, newest first."""
    kinds, areas = _pair(subclass, "subclass"), _pair(area, "area")
    with opened(Settings(), Right.SEE_REPORTS) as (conn, city):
        begin, end = _days(city, first, last)
        chosen = CaseFilter(
            states=state or None, lane=lane, department=department, kind=kinds[0], subclass_code=kinds[1],
            area_kind=areas[0], area_code=areas[1], from_time=begin, to_time=end, overdue=overdue,
            review_due=review_due, mine=mine,
        )  # fmt: skip
        found = list_cases(conn, chosen, limit=limit, offset=offset)
    lines = [_line(one) for one in found["cases"]]
    lines.append(f"{len(found['cases'])} of {found['total']:,}")
    show(found, "\n".join(map(plain_line, lines)), as_json)


@app.command("show")
def show_one(case: Annotated[int, typer.Argument(help="Number of the case.")], as_json: Json = False) -> None:
    """Show a case: what happened, with whom it is, when it is due, and what may be done next."""
    with named(Settings(), Right.SEE_REPORTS) as (conn, _, caller):
        found = show_case(conn, caller, case)
    show(found, _told(found), as_json)


@app.command("move")
def move_one(
    case: Annotated[int, typer.Argument(help="Number of the case.")],
    move: Annotated[str, typer.Argument(help="`gridsvc cases moves` lists them.")],
    version: Version,
    note: Note = None,
    given: Given = None,
    as_json: Json = False,
) -> None:
    """Move a case, as the account that --as names."""
    with named(Settings(), Right.SEE_REPORTS) as (conn, city, caller):
        move_case(conn, city, caller, case, asked_for(move, note, given or [], city), version)
        found = show_case(conn, caller, case)
    show(found, _told(found), as_json)


@app.command("moves")
def list_moves(as_json: Json = False) -> None:
    """List the moves of reports and of cases: from where to where, who may, what they need."""
    found = moves()
    lines = []
    for what, table in found.items():
        lines.append(what)
        lines += map(_told_move, table["moves"])
    show(found, "\n".join(lines), as_json)


@app.command("clocks")
def clocks(as_json: Json = False) -> None:
    """Tell anew when open cases are due of which it could not be told: after a calendar or limits were loaded."""
    with opened(Settings(), Right.IMPORT_DATA, as_system=True) as (conn, city):
        told, left = tell_when_due(conn, city)
    show(
        {"told": told, "left": left}, f"{told} cases are due now at a time that is known, of {left} it is not", as_json
    )


@app.command("guides")
def guides(
    file: Annotated[Path, typer.Argument(help="CSV: kind,subclass_code,text_zh,text_en,source.")], as_json: Json = False
) -> None:
    """Replace the guides of disposal, which are shown with each case."""
    with opened(Settings(), Right.IMPORT_DATA, as_system=True) as (conn, _), conn.transaction():
        number = load_guides(conn, file)
    show({"guides": number}, f"{number} guides", as_json)


def show_report_of(report: Annotated[UUID, typer.Argument(help="Id of the report.")], as_json: Json = False) -> None:
    """Show a report, what happened to it, and what may be done next."""
    with named(Settings(), Right.SEE_REPORTS) as (conn, _, caller):
        found = show_report(conn, caller, report)
    show(found, _told_report(found), as_json)


def move_report_of(
    report: Annotated[UUID, typer.Argument(help="Id of the report.")],
    move: Annotated[str, typer.Argument(help="`gridsvc cases moves` lists them.")],
    version: Version,
    note: Note = None,
    given: Given = None,
    as_json: Json = False,
) -> None:
    """Confirm, reject or register a report, or decide by hand, as the account that --as names."""
    with named(Settings(), Right.SEE_REPORTS) as (conn, city, caller):
        move_report(conn, city, caller, report, asked_for(move, note, given or [], city), version)
        found = show_report(conn, caller, report)
    show(found, _told_report(found), as_json)


def to_confirm(
    whose: Annotated[str, typer.Option(help="mine, nobodys or all.")] = "all",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many rows.")] = 50,
    as_json: Json = False,
) -> None:
    """List reports that wait for confirmation, the most pressing first."""
    if whose not in ("mine", "nobodys", "all"):
        raise InputError(f"--whose {whose}: write mine, nobodys or all")
    with named(Settings(), Right.SEE_REPORTS) as (conn, _, caller):
        found = confirmations(conn, caller, whose, limit=limit, offset=0)
    lines = [
        f"{one['id']}  {one['kind']} {one['subclass_code']}  by {one['confirmer'] or 'nobody on duty'}, "
        f"until {_time(one['confirm_due_at'])}"
        for one in found["reports"]
    ]
    show(found, "\n".join(map(plain_line, [*lines, f"{len(lines)} of {found['total']:,}"])), as_json)


def _told_move(move: dict[str, Any]) -> str:
    needs = f", needs {', '.join(move['needs'])}" if move["needs"] else ""
    way = f"{', '.join(move['from'])} → {move['to']}"
    return f"  {move['move']:<18} {move['name_zh']}: {way}, by {', '.join(move['who'])}{needs}"


def _pair(text: str | None, what: str) -> tuple[str | None, str | None]:
    if text is None:
        return None, None
    kind, sign, code = text.partition(":")
    if not (kind and sign and code):
        raise InputError(f"--{what} {text!r}: write KIND:CODE")
    return kind, code


def _days(city: City, first: datetime | None, last: datetime | None) -> tuple[datetime | None, datetime | None]:
    days = (first.date() if first else None, last.date() if last else None)
    return days_between(*days, ZoneInfo(city.time_zone))


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z" if at else "–"


def _line(one: dict[str, Any]) -> str:
    due = "overdue since" if one["overdue"] else "due"
    return (
        f"{one['id']:>8} {one['state']:<13} {one['lane']:<11} {one['department'] or one['lead']:<12} "
        f"{one['kind']} {one['subclass_code']}  {due} {_time(one['due_at'])}{_also_due(one)}"
    )


def _also_due(one: dict[str, Any]) -> str:
    """What else has its day: the backlog's review, and enforcement by law."""
    law = "by law overdue since" if one["statutory_overdue"] else "by law due"
    review = f"  to be reviewed {_time(one['review_at'])}" if one["review_at"] else ""
    return review + (f"  {law} {one['statutory_due']}" if one["statutory_due"] else "")


def _told(found: dict[str, Any]) -> str:
    why = f" ({found['due_reason']})" if found["due_reason"] else " (provisional)" if found["due_provisional"] else ""
    lines = [
        f"case {found['id']}: {found['state']}, {found['lane']}, with {found['department'] or 'no department'}; "
        f"version {found['version']}",
        f"  due {_time(found['due_at'])}{why}; condition {found['condition'] or 'not said'}",
        *(f"  next: {found['stage']} until {_time(found['stage_due_at'])}" for _ in [0] if found["stage"]),
        *map(_step, found["steps"]),
        f"  possible: {', '.join(move['move'] for move in found['moves']) or 'nothing'}",
    ]
    return "\n".join(map(plain_line, lines))


def _waits(report: dict[str, Any]) -> bool:
    """For a person, who is to register or reject it."""
    return report["register_due_at"] is not None and report["state"] in WAITING


def _told_report(found: dict[str, Any]) -> str:
    lines = [
        f"report {found['id']}: {found['state']}; version {found['version']}",
        *([f"  manual desk: {found['manual_reason']}"] if found["manual_reason"] else []),
        *([f"  to be registered or rejected until {_time(found['register_due_at'])}"] if _waits(found) else []),
        *([f"  case {found['case_id']}: {found['case_state']}"] if found["case_id"] else []),
        *map(_step, found["steps"]),
        f"  possible: {', '.join(move['move'] for move in found['moves']) or 'nothing'}",
    ]
    return "\n".join(map(plain_line, lines))


def _step(step: dict[str, Any]) -> str:
    return f"  {step['step']:>3} {_time(step['at'])} {step['move']:<17} {step['actor']:<12} {step['note'] or ''}"
