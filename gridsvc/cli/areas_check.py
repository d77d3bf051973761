"""`gridsvc areas check`: gaps, overlaps and whatever else is wrong with areas, on the terminal and as a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, plain_line, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import one_of
from gridsvc.files import form_of, write
from gridsvc.ingest.standing import Report
from gridsvc.ingest.standing_report import FIRST, FORMS, as_json, by_rule, findings_layer
from gridsvc.jobs.areas_check import check, record_export


def check_areas(
    kinds: Annotated[
        list[str] | None,
        typer.Argument(help="Area kinds, such as unit_grid; all in use, or all that a draft concerns."),
    ] = None,
    draft: Annotated[int | None, typer.Option(help="As this draft would leave the areas.")] = None,
    to: Annotated[
        Path | None, typer.Option(help=f"File to write, a row per finding; one of {', '.join(FORMS)}.")
    ] = None,
    json: Json = False,
) -> None:
    """Gaps, overlaps, slivers, wrong codes and parents, odd sizes. Exit code 1 if there are errors."""
    form = _form(to) if to else None
    with opened(Settings(), Right.CHANGE_AREAS, as_system=True) as (conn, city), conn.transaction():
        reports = check(conn, city, kinds or (), draft)
        if form:
            record_export(conn, reports, draft)
    if to and form:
        write(findings_layer(reports, city.srid, form), to.resolve(), form)
    lines = [plain_line(line) for report in reports for line in _lines(report)]
    show([as_json(report, city.srid) for report in reports], "\n".join(lines) or "no areas yet", json)
    raise typer.Exit(1 if any("error" in report.severities for report in reports) else 0)


def _form(file: Path) -> str:
    form = form_of(file)
    if form not in FORMS:
        raise one_of("form of a file of findings", form, list(FORMS), zh="检查结果的文件格式")
    return form


def _lines(report: Report) -> Iterator[str]:
    found = [f"{severity} {count:,}" for severity, count in report.severities.items()]
    yield f"{report.kind}: {report.areas:,} areas; {', '.join(found) or 'nothing found'}"
    for one in by_rule(report):
        codes = ", ".join(one["codes"]) + (", …" if one["count"] > FIRST else "")
        example = codes if one["codes"] else one["message"]
        yield f"  {one['severity']:<8} {one['rule']:<16} {one['count']:>6,}  {example}"
