"""`gridsvc figures`: how well departments, areas and posts do."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gridsvc.casework.figures import LANGUAGES, NAMED, Answer, Question, ask, figures_layer
from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, plain_line, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import InputError
from gridsvc.files import form_of, write
from gridsvc.store.figures import Cut

FORMS = ("csv", "xlsx")


def figures(
    by: Annotated[str, typer.Option(help="all, department, area (with --area-kind), subclass, lane or rule.")] = "all",
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First day; the first of this month if not said."),
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included; today if not said.")
    ] = None,
    every: Annotated[str | None, typer.Option(help="One row for each day, week, month or year.")] = None,
    area_kind: Annotated[str | None, typer.Option(help="With --by area or --area.")] = None,
    area: Annotated[str | None, typer.Option(help="Only the area of this code.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only component or event.")] = None,
    subclass: Annotated[str | None, typer.Option(help="Only this subclass of the kind.")] = None,
    lane: Annotated[str | None, typer.Option(help="Only self, dispatched or enforcement.")] = None,
    department: Annotated[str | None, typer.Option(help="Only this department.")] = None,
    file: Annotated[Path | None, typer.Option(help="Write them to this file, .csv or .xlsx.")] = None,
    lang: Annotated[str, typer.Option(help=f"Of the file: {' or '.join(LANGUAGES)}.")] = LANGUAGES[0],
    as_json: Json = False,
) -> None:
    """Figures of GB/T 30428.4: disposal, closing, rework, dispatch and the like, each of what was due."""
    cut = Cut(
        by=by, area_kind=area_kind, area_code=area, kind=kind, subclass_code=subclass, lane=lane, department=department
    )
    question = Question(
        cut=cut, first=first.date() if first else None, last=last.date() if last else None, every=every
    )  # fmt: skip
    if file is not None:
        _write(question, file, lang)
        return
    with opened(Settings(), Right.SEE_REPORTS) as (conn, city):
        answer = ask(conn, city, question)
    show(answer.as_json(), "\n".join(map(plain_line, _lines(answer))) or "nothing was due", as_json)


def _write(question: Question, file: Path, lang: str) -> None:
    form = form_of(file)
    if form not in FORMS:
        raise InputError(f"figures are written as .csv or .xlsx, not {file.suffix}")
    with opened(Settings(), Right.EXPORT) as (conn, city), conn.transaction():
        layer = figures_layer(conn, city, ask(conn, city, question), lang)
    write(layer, file.resolve(), form, coordinates=False)
    typer.echo(f"{file}: {len(layer)} figures")


def _lines(answer: Answer) -> list[str]:
    lines = []
    for row in answer.as_json()["rows"]:
        lines.append(f"{row['key'] or ''} {row['name_en']} {row['name_zh']}, {row['from']} to {row['to']}".strip())
        lines += [f"  {NAMED[name].en}: {_told(one)}" for name, one in row["figures"].items() if _says(one)]
    return lines


def _says(one: dict[str, Any]) -> bool:
    return bool(one.get("denominator") or one.get("count"))


def _told(one: dict[str, Any]) -> str:
    if "value" in one:
        return f"{one['value']:.1%} ({one['numerator']} of {one['denominator']})"
    return f"median {one['median']:,} min, 90 % within {one['p90']:,} min ({one['count']})"
