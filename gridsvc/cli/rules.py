"""`gridsvc rules`: who is responsible for what, and in which lane."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gridsvc.casework.matrix import import_rules
from gridsvc.casework.matrix_checking import check_matrix
from gridsvc.casework.matrix_looking import LANGUAGES, RuleFilter, revisions_page, rules_layer, rules_page
from gridsvc.casework.matrix_words import columns, needed
from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, plain_line, show, show_imported
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import InputError
from gridsvc.files import form_of, write
from gridsvc.ingest.headed import read_headed

app = typer.Typer(help="Rules of duty and of lanes: who is responsible for what.", no_args_is_help=True)

Lanes = Annotated[bool, typer.Option("--lanes", help="Rules of lanes, not of duty.")]
Table = Annotated[str | None, typer.Option(help="Only this table, such as duties.csv.")]
Revision = Annotated[int | None, typer.Option(help="As this revision left the tables.")]
FORMS = ("csv", "xlsx")


@app.command("list")
def list_rules(lanes: Lanes = False, table: Table = None, revision: Revision = None, as_json: Json = False) -> None:
    """All rules, as they are or as a revision left them."""
    with opened(Settings(), Right.SEE_DETAILS) as (conn, _):
        found = rules_page(conn, RuleFilter(of_lanes=lanes, table=table, revision=revision))
    show(found, "\n".join(plain_line(_line(rule)) for rule in found["rules"]) or "no rules", as_json)


def _line(rule: dict[str, Any]) -> str:
    area = f"{rule['area_kind']} {rule['area_code']}" if rule["area_kind"] else "whole city"
    about = f"{rule['kind']} {rule['subclass_code'] or rule['class_code']}"
    who = f"  {rule['lead']}" if "lead" in rule else ""
    return f"{rule['id']:>6} {rule['rule'] or '':<8} {about:<15} {area:<32} {rule['lane']}{who}"


@app.command()
def check(
    what: Annotated[str | None, typer.Option(help="Only findings of this sort, such as hole.")] = None,
    lang: Annotated[str, typer.Option(help=f"Of the sentences: {' or '.join(LANGUAGES)}.")] = "en",
    as_json: Json = False,
) -> None:
    """All that is wrong with the rules: nobody, contradictions, rules that never win, what is not there any more.

    Exit code 1 if rules contradict one another or name what is not there.
    """
    with opened(Settings(), Right.EDIT_RULES, as_system=True) as (conn, city):
        found = check_matrix(conn, city, what=what)
    name = "message_zh" if lang == "zh" else "message"
    lines = [f"{one['severity']}: {one[name]}" for one in found.findings]
    lines.append(", ".join(f"{count} {each}" for each, count in found.counts.items()) or "nothing is wrong")
    show(found, "\n".join(map(plain_line, lines)), as_json)
    if found.errors:
        raise typer.Exit(1)


@app.command()
def revisions(table: Table = None, limit: int = 20, as_json: Json = False) -> None:
    """What changed the rules, newest first."""
    with opened(Settings(), Right.SEE_DETAILS) as (conn, _):
        found = revisions_page(conn, table, limit=limit, offset=0)
    lines = [
        f"{one['revision']:>5} {one['loaded_at']:%Y-%m-%d %H:%M}Z {one['origin']:<24} "
        f"{one['duties'] + one['lanes']} rules  {one['reason'] or ''}"
        for one in found["revisions"]
    ]
    show(found, "\n".join(map(plain_line, lines)) or "no rules were loaded yet", as_json)


@app.command("load")
def load(
    file: Annotated[Path, typer.Argument(help="CSV or Excel, with Chinese or English headings.")],
    lanes: Lanes = False,
    table: Annotated[str | None, typer.Option(help="The table it replaces; called as the file if not said.")] = None,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would happen, and all that is wrong.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Replace a table of rules by a file; nothing is changed if anything in it is wrong."""
    with opened(Settings(), Right.EDIT_RULES, as_system=True) as (conn, city):
        rows = read_headed(file, file.name, columns(of_lanes=lanes), needed(of_lanes=lanes))
        done = import_rules(
            conn, city, file.name, rows, of_lanes=lanes, table=table, dry_run=dry_run, reason=reason
        )  # fmt: skip
    show_imported(
        done, f"{done.table}: {done.added} added, {done.removed} removed, {done.unchanged} unchanged", as_json
    )


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The file to write, .xlsx or .csv; it can be loaded again.")],
    lanes: Lanes = False,
    table: Table = None,
    revision: Revision = None,
    lang: Annotated[str, typer.Option(help=f"Of headings and words: {' or '.join(LANGUAGES)}.")] = LANGUAGES[0],
) -> None:
    """Rules as a file. That they were taken out is recorded."""
    form = form_of(file)
    if form not in FORMS:
        raise InputError(f"rules are written as .xlsx or .csv, not {file.suffix}")
    with opened(Settings(), Right.EXPORT) as (conn, city), conn.transaction():
        layer = rules_layer(conn, city, RuleFilter(of_lanes=lanes, table=table, revision=revision), lang)
    write(layer, file.resolve(), form, coordinates=False)
    typer.echo(f"{file}: {len(layer)} rules")
