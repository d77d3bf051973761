"""`gridsvc places`."""

from pathlib import Path
from typing import Annotated

import typer

from gridsvc.casework.places import as_json as told
from gridsvc.casework.places import find_places
from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, plain_line, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import InputError
from gridsvc.ingest.place_layers import PlaceFile, go_back, load_places
from gridsvc.store.places import PlaceLayer, layers

app = typer.Typer(help="Addresses, names of places and roads.", no_args_is_help=True)


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="A map file or table, as `gridsvc import` reads them.")],
    layer: Annotated[str, typer.Option(help="Its name; a layer of that name is replaced as a whole.")],
    kind: Annotated[str, typer.Option(help="address, place or road.")],
    columns: Annotated[str, typer.Option(help="FIELD=COLUMN,…: name_zh, name_en, or road and number of addresses.")],
    crs: Annotated[str | None, typer.Option(help="EPSG:n, WKT or PROJ string, whatever the file says.")] = None,
    turn: Annotated[str, typer.Option(help="What was done to coordinates: swapped, feet, us-feet, gcj02, bd09.")] = "",
    encoding: Annotated[str | None, typer.Option(help="Of the attribute table, whatever the file says.")] = None,
    as_json: Json = False,
) -> None:
    """Load a layer of addresses, names of places or roads. What has no name or place is left out and counted."""
    given = PlaceFile(layer=layer, kind=kind, columns=_columns(columns), crs=crs, turn=turn, encoding=encoding)
    with opened(Settings(), Right.IMPORT_DATA, as_system=True) as (conn, city):
        done, new = load_places(conn, city, file, given)
    show(done, layer_line(done) if new else f"{layer}: {file.name} is there already", as_json)


@app.command()
def rollback(layer: Annotated[str, typer.Argument(help="Name of the layer.")], as_json: Json = False) -> None:
    """Go back to the file that a layer had before."""
    with opened(Settings(), Right.IMPORT_DATA, as_system=True) as (conn, _):
        done = go_back(conn, layer)
    show(done, layer_line(done), as_json)


@app.command("layers")
def list_layers(as_json: Json = False) -> None:
    """The layers, and what was left out of their files."""
    with opened(Settings(), Right.SEE_REPORTS) as (conn, _):
        found = layers(conn)
    show(found, "\n".join(map(layer_line, found)) or "no layers yet", as_json)


@app.command()
def find(
    text: Annotated[str, typer.Argument(help="An address or a name, Chinese or English.")],
    as_json: Json = False,
) -> None:
    """Where an address may be, likeliest first, with the source of each."""
    with opened(Settings(), Right.SEE_REPORTS) as (conn, city):
        found = told(city, find_places(conn, city, text))
    lines = [
        f"{one['score']:.2f} {one['kind']:<8} {one['name']}  {one['lon']:.6f} {one['lat']:.6f}  {one['layer']}"
        + (f" ({one['note_zh']} / {one['note_en']})" if one["note_en"] else "")
        for one in found["candidates"]
    ]
    head = "certain" if found["certain"] else "nothing is certain" if lines else "nothing is called like that"
    show(found, "\n".join(map(plain_line, [*lines, head])), as_json)


def layer_line(layer: PlaceLayer) -> str:
    left = ", ".join(f"{count:,} {name}" for name, count in layer.set_aside.items())
    return plain_line(f"{layer.layer}: {layer.places:,} of kind {layer.kind} from {layer.file_name} ({left})")


def _columns(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    for name, sign, source in pairs:
        if not (name and sign and source):
            raise InputError(f"--columns {name!r}: write FIELD=COLUMN, for example name_zh=NAME")
    return {name.strip(): source.strip() for name, _, source in pairs}
