"""`gridsvc taxonomies`: what the words of channels mean."""

from pathlib import Path
from typing import Annotated

import typer

from gridsvc.casework import taxonomy
from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, plain_line, show, show_imported
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.ingest.headed import read_headed
from gridsvc.store.taxonomies import Word

app = typer.Typer(help="Words of channels: which component or event each means.", no_args_is_help=True)

Channel = Annotated[str | None, typer.Option(help="Only the words of this channel.")]


@app.command("list")
def list_words(channel: Channel = None, as_json: Json = False) -> None:
    """All words, mapped or not."""
    with opened(Settings(), Right.SEE_DETAILS) as (conn, _):
        found = taxonomy.words_page(conn, channel)
    lines = [
        f"{one['channel']:<12} {one['category']:<16} {one['kind'] or '–'} {one['subclass_code'] or ''} {one['name_zh']}"
        for one in found["categories"]
    ]
    show(found, "\n".join([*map(plain_line, lines), f"{found['mapped']} of {found['total']} are mapped"]), as_json)


@app.command()
def todo(channel: Channel = None, as_json: Json = False) -> None:
    """Words that nobody has mapped yet, by how many reports wait for them."""
    with opened(Settings(), Right.EDIT_RULES, as_system=True) as (conn, _):
        found = taxonomy.todo(conn, channel)
    lines = []
    for group in found["groups"]:
        lines.append(f"{group['reports']:>6}  {group['channel']} {group['category']} {group['name_zh'] or ''}")
        lines += [
            f"{one['reports']:>10}  {one['category']} {one['name_zh'] or ''}, newest {one['newest']:%Y-%m-%d}"
            + (", mapped: route them again" if one["mapped"] else "")
            for one in group["categories"]
        ]
    lines += [
        f"{one['reports']:>6}  {one['channel']}: {one['kind']} {one['subclass_code']} is not in the catalogue"
        for one in found["unknown"]
    ]
    show(found, "\n".join(map(plain_line, lines)) or "no report waits for a word to be mapped", as_json)


@app.command("map")
def map_word(
    channel: Annotated[str, typer.Argument(help="The channel.")],
    category: Annotated[str, typer.Argument(help="Its word.")],
    kind: Annotated[str, typer.Argument(help="component or event.")],
    subclass: Annotated[str, typer.Argument(help="Code of the subclass.")],
    as_json: Json = False,
) -> None:
    """Say what a word means from now on."""
    given = Word(channel=channel, category=category, name_zh="", name_en="", kind=kind, subclass_code=subclass)
    with opened(Settings(), Right.EDIT_RULES, as_system=True) as (conn, _):
        done = taxonomy.map_word(conn, given)
    show(done, f"{channel} {category} means {kind} {subclass}", as_json)


@app.command("load")
def load(
    file: Annotated[Path, typer.Argument(help="CSV or Excel, with Chinese or English headings.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would happen, and all that is wrong.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add and change the words of a file; nothing is changed if anything in it is wrong."""
    with opened(Settings(), Right.EDIT_RULES, as_system=True) as (conn, _):
        rows = read_headed(file, file.name, taxonomy.COLUMNS, taxonomy.NEEDED)
        done = taxonomy.import_words(conn, file.name, rows, dry_run=dry_run)
    show_imported(done, f"{done.added} added, {done.changed} changed, {done.unchanged} unchanged", as_json)


@app.command("route")
def route_waiting(
    channel: Annotated[str, typer.Argument(help="The channel.")],
    category: Annotated[str | None, typer.Option(help="Only this word of it.")] = None,
    as_json: Json = False,
) -> None:
    """Route the reports again that waited for a word which is mapped by now; registered ones are left alone."""
    with opened(Settings(), Right.EDIT_RULES, as_system=True) as (conn, city):
        done = taxonomy.route_waiting(conn, city, channel, category)
    line = f"{done.read} routed again, {done.registered} registered, {sum(done.manual.values())} at the manual desk"
    show(vars(done), line, as_json)
