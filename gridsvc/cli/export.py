"""`gridsvc export`: what one may see, as a file."""

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from gridsvc.areas.export import areas_layer, chosen_areas
from gridsvc.cli.context import moment_of, opened
from gridsvc.cli.files import write_lines
from gridsvc.cli.output import plain_line
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import InputError
from gridsvc.files import ENCODINGS, FORMS, RowLayer, Written, form_of, write
from gridsvc.inventory import listing
from gridsvc.inventory.export import components_layer
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

app = typer.Typer(help="Files of what the account may see.", no_args_is_help=True)

Form = Annotated[str | None, typer.Option(help=f"One of: {', '.join(FORMS)}; the file's ending if not said.")]
Encoding = Annotated[str, typer.Option(help=f"Of a shapefile's table: {' or '.join(ENCODINGS)}.")]
Crs = Annotated[
    str | None,
    typer.Option(help="EPSG:n; if not said the city's for shapefile and GeoPackage, degrees (WGS 84) for the others."),
]
PLAIN_ENDING = ".csv"


@app.command()
def components(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    bbox: Annotated[str | None, typer.Option(help="west,south,east,north in degrees; everywhere if not said.")] = None,
    subclass: Annotated[str | None, typer.Option(help="Only this component subclass.")] = None,
    form: Form = None,
    encoding: Encoding = ENCODINGS[0],
    area: Annotated[list[str] | None, typer.Option(help="KIND:CODE; only in this area; may be repeated.")] = None,
    retired: Annotated[bool, typer.Option("--retired", help="Removed and abandoned ones too.")] = False,
    national_codes: Annotated[
        bool, typer.Option("--national-codes", help="Subclasses as GB/T 30428.2 numbers them, where it does.")
    ] = False,
    crs: Crs = None,
) -> None:
    """Components as a file, with columns after GB/T 30428.2. That they were taken out is recorded.

    A file that ends with .csv, without --form and the options after it: a plain table with this system's own names.
    """
    plain = not (form or area or retired or national_codes or crs) and file.suffix.lower() == PLAIN_ENDING
    if plain:
        _plain(file, bbox, subclass)
        return
    found_form = form_of(file, form)

    def layer(conn: Connection, city: City, folder: Path) -> RowLayer:
        found = listing.selected(conn, city, bbox, subclass, within=area or (), retired=retired)
        return components_layer(conn, city, found, folder, national_codes=national_codes)

    _write(file, found_form, layer, encoding, crs)


@app.command()
def areas(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    kind: Annotated[str, typer.Option(help="The kind of area, such as unit_grid.")],
    form: Form = None,
    encoding: Encoding = ENCODINGS[0],
    revision: Annotated[int | None, typer.Option(help="As this revision left them; today's if not said.")] = None,
    at: Annotated[datetime | None, typer.Option(help="Those in force at this time, in the city's.")] = None,
    crs: Crs = None,
) -> None:
    """Areas of a kind as a file. That they were taken out is recorded."""
    found_form = form_of(file, form)

    def layer(conn: Connection, city: City, folder: Path) -> RowLayer:
        return areas_layer(conn, city, chosen_areas(conn, kind, revision, moment_of(at, city)), folder)

    _write(file, found_form, layer, encoding, crs)


def _plain(file: Path, bbox: str | None, subclass: str | None) -> None:
    with opened(Settings(), Right.EXPORT) as (conn, city):
        found = listing.chosen(conn, city, bbox, subclass)
        listing.record_export(conn, city, found)
        write_lines(file, listing.lines(conn, city, found))
    typer.echo(f"{file}")


def _write(
    file: Path, form: str, layer: Callable[[Connection, City, Path], RowLayer], encoding: str, crs: str | None
) -> None:
    """The transaction, with the record that something is taken out, ends before the file is there."""
    target = file.resolve()
    if target.exists() and not target.is_file():
        raise InputError(f"{file} is not a file that could be written to")
    with tempfile.TemporaryDirectory(prefix="gridsvc-export-") as folder:
        with opened(Settings(), Right.EXPORT) as (conn, city), conn.transaction():
            found = layer(conn, city, Path(folder))
        written = write(found, target, form, encoding=encoding, crs=crs)
    _tell(file, found, written)


def _tell(file: Path, layer: RowLayer, written: Written) -> None:
    typer.echo(f"{file}: {len(layer)} {layer.name}")
    for note in written.notes:
        typer.echo(plain_line(f"  {note.column}: {note.en}"))
