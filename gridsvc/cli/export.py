"""`gridsvc export`: what one may see, as a file."""

from pathlib import Path
from typing import Annotated

import typer

from gridsvc.cli.context import opened
from gridsvc.cli.files import write_lines
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.inventory import listing

app = typer.Typer(help="Files of what the account may see.", no_args_is_help=True)


@app.command()
def components(
    file: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    bbox: Annotated[str | None, typer.Option(help="west,south,east,north in degrees; everywhere if not said.")] = None,
    subclass: Annotated[str | None, typer.Option(help="Only this component subclass.")] = None,
) -> None:
    """Live components as CSV. That they were taken out is recorded."""
    with opened(Settings(), Right.EXPORT) as (conn, city):
        found = listing.chosen(conn, city, bbox, subclass)
        listing.record_export(conn, city, found)
        write_lines(file, listing.lines(conn, city, found))
    typer.echo(f"{file}")
