"""`gridsvc map`: maps as files that open with no network."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from gridsvc.cli.context import moment_of, opened
from gridsvc.cli.files import write_text
from gridsvc.cli.output import Json, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import one_of
from gridsvc.maps.reports import CELL, Chosen, draw_grid, draw_heat, grid_kind
from gridsvc.store import audit
from gridsvc.store.areas import AsOf

app = typer.Typer(help="Maps as files.", no_args_is_help=True)

Output = Annotated[Path, typer.Option("--output", "-o", help="The HTML file to write.")]
Kind = Annotated[str | None, typer.Option(help="component or event; both if not said.")]
Subclass = Annotated[str | None, typer.Option(help="Subclass of that kind.")]
First = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, city's time.")]
Last = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, city's time.")]
At = Annotated[datetime | None, typer.Option(help="Areas in force at this time, in the city's; today's if not said.")]
Revision = Annotated[int | None, typer.Option(help="Areas as this revision left them.")]
Lang = Annotated[str, typer.Option(help="Language that the map starts in: zh or en.")]


@app.command()
def heat(
    output: Output = Path("out/heatmap.html"),
    by: Annotated[str, typer.Option(help="cell, or an area kind.")] = CELL,
    kind: Kind = None,
    subclass: Subclass = None,
    first: First = None,
    last: Last = None,
    at: At = None,
    revision: Revision = None,
    lang: Lang = "zh",
    as_json: Json = False,
) -> None:
    """Where reports come from: counts by fine cell or by area."""
    with opened(Settings(), Right.EXPORT) as (conn, city):
        when = AsOf(at=moment_of(at, city), revision=revision)
        html = draw_heat(conn, city, _chosen(by, kind, subclass, first, last, when), _lang(lang))
        audit.record(conn, "export.map", "heat map", after={"by": by, "kind": kind, "subclass": subclass})
    write_text(output, html)
    show({"file": output, "bytes": len(html.encode())}, f"{output} ({len(html.encode()) / 1e6:.2f} MB)", as_json)


@app.command()
def grid(
    output: Output = Path("out/gridmap.html"),
    by: Annotated[str | None, typer.Option(help="Area kind; the city's usual one if not said.")] = None,
    kind: Kind = None,
    subclass: Subclass = None,
    first: First = None,
    last: Last = None,
    at: At = None,
    revision: Revision = None,
    lang: Lang = "zh",
    as_json: Json = False,
) -> None:
    """Areas coloured by their open reports."""
    with opened(Settings(), Right.EXPORT) as (conn, city):
        when = AsOf(at=moment_of(at, city), revision=revision)
        chosen = _chosen(by or grid_kind(conn, city), kind, subclass, first, last, when)
        html = draw_grid(conn, city, chosen, _lang(lang))
        audit.record(conn, "export.map", "grid map", after={"by": chosen.by, "kind": kind, "subclass": subclass})
    write_text(output, html)
    show({"file": output, "bytes": len(html.encode())}, f"{output} ({len(html.encode()) / 1e6:.2f} MB)", as_json)


def _chosen(
    by: str, kind: str | None, subclass: str | None, first: datetime | None, last: datetime | None, when: AsOf
) -> Chosen:
    return Chosen(
        by=by,
        kind=kind,
        subclass_code=subclass,
        first_day=first.date() if first else None,
        last_day=last.date() if last else None,
        when=when,
    )


def _lang(lang: str) -> str:
    if lang not in ("zh", "en"):
        raise one_of("language", lang, ["zh", "en"])
    return lang
