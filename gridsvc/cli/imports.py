"""`gridsvc import`."""

from pathlib import Path
from typing import Annotated

import typer

from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import InputError
from gridsvc.ingest.layers import find_layer, with_choices
from gridsvc.ingest.pipeline import Imported, import_file
from gridsvc.store import areas, batches
from gridsvc.store.city import subclasses


def import_layer(
    file: Annotated[Path, typer.Argument(help="Zipped or loose shapefile, GeoPackage or GeoJSON.")],
    layer: Annotated[
        str,
        typer.Option(help="What it is: a named layer, an area kind, `components`, or a component subclass code."),
    ],
    source_layer: Annotated[str | None, typer.Option(help="Layer inside the file, where it holds several.")] = None,
    subclass: Annotated[str | None, typer.Option(help="Component subclass of every feature.")] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="TARGET=COLUMN, for example code=ObjID; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Import a layer: components are promoted at once, areas become a draft."""
    settings = Settings()
    with opened(settings, Right.IMPORT_DATA, as_system=True) as (conn, city):
        found = find_layer(layer, batches.layers(conn), areas.kinds(conn), subclasses(conn))
        chosen = with_choices(found, _fields(field or []), subclass, source_layer)
        done = import_file(conn, city, file, chosen, settings.uploads)
    show(done, _line(file, done), as_json)


def _fields(given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    wrong = [name for name, sign, source in pairs if not (name and sign and source)]
    if wrong:
        raise InputError(f"--field {wrong[0]!r}: write TARGET=COLUMN, for example code=ObjID")
    return {name: source for name, _, source in pairs}


def _line(file: Path, done: Imported) -> str:
    if done.draft_id is not None:
        return (
            f"{file.name}: {done.promoted} areas became draft {done.draft_id} of {done.layer}; "
            f"`gridsvc areas apply {done.draft_id}` puts it in force (batch {done.batch_id})"
        )
    aside = f", {done.set_aside} set aside (`gridsvc batch show {done.batch_id}`)" if done.set_aside else ""
    return (
        f"{file.name}: {done.promoted} components promoted as batch {done.batch_id}, {done.issued} codes issued{aside}"
    )
