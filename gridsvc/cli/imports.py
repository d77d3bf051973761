"""`gridsvc import`: the whole way of a file in one go, or up to its check."""

from pathlib import Path
from typing import Annotated

import typer

from gridsvc.cli.context import opened
from gridsvc.cli.desk import watched
from gridsvc.cli.output import Json, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import InputError
from gridsvc.ingest.check import Checked, check_batch
from gridsvc.ingest.desk import Desk, decide, receive
from gridsvc.ingest.layers import Layer, find_layer, with_choices
from gridsvc.ingest.pipeline import holding, import_file
from gridsvc.ingest.promote import Promoted
from gridsvc.jobs.desk import desk_of
from gridsvc.store import areas, batches
from gridsvc.store.city import subclasses
from gridsvc.store.connection import Connection


def import_layer(
    file: Annotated[
        Path,
        typer.Argument(
            help="Zipped or loose shapefile, a survey of many in one zip, GeoPackage, GeoJSON, zipped File "
            "Geodatabase, CSV or .xlsx with coordinates."
        ),
    ],
    layer: Annotated[
        str,
        typer.Option(help="What it is: a named layer, an area kind, `components`, or a component subclass code."),
    ],
    source_layer: Annotated[str | None, typer.Option(help="Layer inside the file, where it holds several.")] = None,
    subclass: Annotated[str | None, typer.Option(help="Component subclass of every feature.")] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="TARGET=COLUMN, for example code=ObjID; may be repeated.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the attribute table, whatever the file says.")] = None,
    crs: Annotated[str | None, typer.Option(help="EPSG:n, WKT or PROJ string, whatever the file says.")] = None,
    turn: Annotated[
        str | None, typer.Option(help="What was done to the coordinates: swapped, feet, us-feet, gcj02 or bd09.")
    ] = None,
    gone: Annotated[
        str, typer.Option(help="Components in the file's scope that it lacks: `keep` them, or `retire` them.")
    ] = "keep",
    check_only: Annotated[
        bool, typer.Option("--check-only", help="Stop before promotion; `gridsvc batch promote` goes on.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Import a layer: components go into the inventory, areas become a draft. Nothing is written if a check fails."""
    settings = Settings()
    with opened(settings, Right.IMPORT_DATA, as_system=True) as (conn, city):
        found = find_layer(layer, batches.layers(conn), areas.kinds(conn), subclasses(conn))
        chosen = with_choices(found, _fields(field or []), subclass, source_layer, encoding, crs, turn)
        with watched(desk_of(settings, city)) as desk:
            if check_only:
                batch_id, checked = _checked(conn, desk, file, chosen, gone)
                show({"batch_id": batch_id, **checked.counts}, _checked_line(file, batch_id, checked), as_json)
                return
            done = import_file(conn, desk, file, chosen, gone=gone)
    show(done, promoted_line(file.name, done), as_json)


def _checked(conn: Connection, desk: Desk, file: Path, layer: Layer, gone: str) -> tuple[int, Checked]:
    batch_id = receive(conn, desk, file)
    with holding(conn, batch_id):
        decide(conn, desk, batch_id, layer, gone=gone)
        return batch_id, check_batch(conn, desk, batch_id)


def _fields(given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    wrong = [name for name, sign, source in pairs if not (name and sign and source)]
    if wrong:
        raise InputError(f"--field {wrong[0]!r}: write TARGET=COLUMN, for example code=ObjID")
    return {name: source for name, _, source in pairs}


def _checked_line(file: Path, batch_id: int, checked: Checked) -> str:
    changes = ", ".join(f"{count:,} {name}" for name, count in checked.counts["changes"].items() if count)
    findings = ", ".join(f"{count:,} {name}" for name, count in checked.counts["findings"].items()) or "nothing"
    return (
        f"{file.name}: batch {batch_id}, {checked.read:,} read; found: {findings}; {changes or 'an area layer'}; "
        f"`gridsvc batch show {batch_id}`, `gridsvc batch promote {batch_id}`"
    )


def promoted_line(file_name: str, done: Promoted) -> str:
    if done.draft_id is not None:
        return (
            f"{file_name}: {done.areas} areas became draft {done.draft_id} of {done.layer}; "
            f"`gridsvc areas apply {done.draft_id}` puts it in force (batch {done.batch_id})"
        )
    if done.nothing_to_do:
        return f"{file_name}: nothing to do, {done.unchanged:,} components are unchanged (batch {done.batch_id})"
    left = done.set_aside + done.ambiguous
    parts = [
        f"{done.added:,} components added as batch {done.batch_id}",
        *([f"{done.changed:,} changed"] if done.changed else []),
        *([f"{done.unchanged:,} unchanged"] if done.unchanged else []),
        *([f"{done.retired:,} retired"] if done.retired else []),
        *([f"{done.gone:,} of the store are not in the file and were kept"] if done.gone > done.retired else []),
        f"{done.issued:,} codes issued",
        *([f"{left:,} set aside (`gridsvc batch show {done.batch_id}`)"] if left else []),
    ]
    return f"{file_name}: {', '.join(parts)}"
