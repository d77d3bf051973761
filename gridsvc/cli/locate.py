"""`gridsvc locate`: in which areas the points of a file lie."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from gridsvc.areas.locating import Asked, locating
from gridsvc.cli.context import moment_of, opened
from gridsvc.cli.output import Json, progress_bar, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.domain.datum import TO_WGS84
from gridsvc.errors import InputError, one_of
from gridsvc.files.points import form_of_points, reading, writing
from gridsvc.store import areas, casework
from gridsvc.store.connection import Connection
from gridsvc.store.locating import grid_index


def locate(
    file: Annotated[Path, typer.Argument(help="CSV, Parquet, GeoParquet or a stream of Arrow (.arrows), of any size.")],
    to: Annotated[Path | None, typer.Option(help="File to write; NAME-located beside it if not said.")] = None,
    x: Annotated[
        str | None, typer.Option(help="Column of longitudes or eastings; by its usual names if not said.")
    ] = None,
    y: Annotated[str | None, typer.Option(help="Column of latitudes or northings.")] = None,
    crs: Annotated[
        str | None, typer.Option(help="EPSG:n of the coordinates; WGS 84 or the file's own if not said.")
    ] = None,
    datum: Annotated[str | None, typer.Option(help=f"Of shifted degrees: {' or '.join(TO_WGS84)}.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind of area; may be repeated.")] = None,
    distances: Annotated[
        bool, typer.Option("--distances", help="Metres to the nearest edge of each area too.")
    ] = False,
    at: Annotated[
        datetime | None, typer.Option(help="Areas in force at this time, in the city's; today's if not said.")
    ] = None,
    revision: Annotated[int | None, typer.Option(help="Areas as this revision left them.")] = None,
    encoding: Annotated[str, typer.Option(help="Of a CSV file, such as gb18030.")] = "utf-8",
    as_json: Json = False,
) -> None:
    """Write the rows again with columns for each kind of area: its code, whether on an edge, whether areas overlap.

    Every row is kept, in its order; `location_note` says what is odd about a place.
    """
    target = to or file.with_name(f"{file.stem}-located{file.suffix}")
    if target.resolve() == file.resolve():
        raise InputError(f"{target} is the file that is read: say another one")
    form_of_points(target)
    asked = Asked(x=x, y=y, crs=crs, datum=datum, distances=distances)
    with reading(file, encoding) as table, opened(Settings(), Right.LOCATE_MANY, as_system=True) as (conn, city):
        when = areas.AsOf(at=moment_of(at, city), revision=revision)
        with conn.transaction():
            casework.keep_areas(conn)
            index = grid_index(conn, areas.known(conn, when), _kinds(conn, kind))
        found = locating(index, city.srid, table, asked)
        with writing(target, found.schema) as write, progress_bar() as bar:
            task = bar.add_task("located", total=table.rows)
            for lot in found.lots:
                write(lot)
                bar.advance(task, lot.num_rows)
    tally = found.tally
    line = (
        f"{target}: {tally.rows:,} rows, of these {tally.outside:,} outside every area, {tally.swapped:,} with swapped "
        f"coordinates, {tally.no_place:,} without a place"
    )
    show({"file": target, **vars(tally)}, line, as_json)


def _kinds(conn: Connection, wanted: list[str] | None) -> list[str]:
    known = [kind.kind for kind in areas.kinds_in_use(conn)]
    for kind in wanted or ():
        if kind not in known:
            raise one_of("area kind in use", kind, known)
    return list(dict.fromkeys(wanted)) if wanted else known
